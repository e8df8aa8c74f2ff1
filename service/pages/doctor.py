"""For auditors and administrators: cases that should be impossible, why, and what to do about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from engine.doctor.checks import BY_NAME
from engine.doctor.shape import Check
from engine.store.finding_rows import Kept
from engine.vocabulary import Role
from service.pages.visiting import Visiting

router = APIRouter(prefix="/audit/doctor", include_in_schema=False)

PAGE: Final = 200
"""So many open findings are shown; the command has all."""

CLOSED: Final = 20


@dataclass(frozen=True, slots=True)
class Group:
    """What one check has found."""

    check: Check
    lines: tuple[Kept, ...]


@router.get("")
def doctor(visit: Visiting) -> Response:
    """Show what was found and still holds, by check, and what was found last and holds no longer."""
    visit.must_hold(Role.AUDITOR, Role.ADMIN)
    ward = visit.house.doctor.ward(visit.organisation, visit.person, visit.now, most=PAGE + 1, closed=CLOSED)
    return visit.page(
        "audit_doctor.html",
        groups=_groups(ward.open[:PAGE]),
        more=len(ward.open) > PAGE,
        most=PAGE,
        closed=[(BY_NAME[each.finding.check], each) for each in ward.closed if each.finding.check in BY_NAME],
        looked_at=ward.looked_at,
        whole_at=ward.whole_at,
    )


def _groups(found: Sequence[Kept]) -> list[Group]:
    """By check, as they come; of a check that is no more nothing is shown, for nobody could say what it means."""
    return [
        Group(BY_NAME[name], tuple(lines))
        for name, lines in groupby(found, key=lambda each: each.finding.check)
        if name in BY_NAME
    ]
