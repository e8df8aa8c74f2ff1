"""Units: names, place, mailbox, settings that differ from the process's own, closing days, who works there."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from fastapi import APIRouter
from starlette.responses import Response

from engine.administration import must_administer
from engine.changing import Change
from engine.people import wrong
from engine.vocabulary import Reason, Role
from service.pages.administering import change, needed_day
from service.pages.posting import Posted, Posting
from service.pages.visiting import Visit, Visiting
from service.problems import NotHere

router = APIRouter(prefix="/admin/units", include_in_schema=False)

SETTING: Final = "setting."

Row: TypeAlias = Mapping[str, Any]


@router.get("")
def units(visit: Visiting) -> Response:
    """List the units, each below the one it belongs to."""
    return _units(visit, (), {})


def _units(visit: Visit, reasons: tuple[Reason, ...], typed: dict[str, str]) -> Response:
    visit.must_hold(Role.ADMIN)
    organisation = visit.organisation
    order = sorted(organisation.units, key=lambda code: [*reversed(organisation.upwards(code))])
    rows = [(organisation.units[code], len(organisation.upwards(code)) - 1) for code in order]
    return visit.page("admin_units.html", 422 if reasons else 200, rows=rows, reasons=reasons, typed=typed)


@router.post("")
async def add(form: Posting) -> Response:
    """Add a unit."""
    code = form.one("code").strip()

    def work(visit: Visit, made: Change) -> None:
        if _known(made, code) is not None:
            raise wrong("code", "enheten finns redan.", "there is such a unit already.")
        must_administer(made, visit.person, form.one("parent") or visit.institution)
        made.unit(
            code,
            name_sv=form.one("name_sv"),
            name_en=form.one("name_en"),
            parent=form.one("parent") or None,
            mailbox=form.one("mailbox") or None,
        )

    return await change(form, "unit", work, back=lambda _: f"/admin/units/{code}", again=_units)


@router.get("/{code}")
def unit(visit: Visiting, code: str) -> Response:
    """Show a unit with everything that is settled there."""
    return _unit(visit, code, (), {})


def _unit(visit: Visit, code: str, reasons: tuple[Reason, ...], typed: dict[str, str]) -> Response:
    visit.must_hold(Role.ADMIN)
    organisation = visit.organisation
    found = organisation.units.get(code)
    if found is None:
        raise NotHere
    members = [each for each in organisation.memberships if each.unit == code]
    return visit.page(
        "admin_unit.html",
        422 if reasons else 200,
        unit=found,
        units=[each for each in organisation.units.values() if each.code != code],
        members=members,
        people=visit.house.directory.people(visit.institution, {each.person for each in members}),
        closing=sorted(organisation.closing_days.get(code, ())),
        figures=_figures(visit.house.directory.figures, organisation.settings(code), found.settings),
        reasons=reasons,
        typed=typed,
    )


def _figures(
    known: Mapping[str, Any], inherited: Mapping[str, Any], own: Mapping[str, Any]
) -> list[tuple[str, Any, Any, bool]]:
    """Each setting: its name, what the process says, what holds here, whether it is this unit's own."""
    return [(name, default, inherited.get(name, default), name in own) for name, default in sorted(known.items())]


def _known(made: Change, code: str) -> Row | None:
    """A unit as this very change finds it, or None: others may have changed it while this one waited for its turn."""
    return next(iter(made.rows.present("unit", code=code)), None)


async def _changed(form: Posted, code: str, what: str, work: Callable[[Visit, Change, Row], Any]) -> Response:
    """Change something about a unit, given as the change finds it, and show it again. Raises NotHere."""

    def checked(visit: Visit, made: Change) -> None:
        found = _known(made, code)
        if found is None:
            raise NotHere
        must_administer(made, visit.person, code)
        work(visit, made, found)

    return await change(
        form,
        what,
        checked,
        back=lambda _: f"/admin/units/{code}",
        again=lambda visit, reasons, typed: _unit(visit, code, reasons, typed),
    )


@router.post("/{code}")
async def put_right(form: Posting, code: str) -> Response:
    """Put names, place and mailbox right. A unit is moved by an admin of where it comes to lie."""

    def work(visit: Visit, made: Change, found: Row) -> None:
        parent = form.one("parent") or None
        if code != visit.institution and (parent or visit.institution) != found["parent"]:
            must_administer(made, visit.person, parent or visit.institution)
        made.unit(
            code,
            name_sv=form.one("name_sv"),
            name_en=form.one("name_en"),
            parent=parent,
            mailbox=form.one("mailbox") or None,
        )

    return await _changed(form, code, "unit", work)


@router.post("/{code}/settings")
async def settle(form: Posting, code: str) -> Response:
    """Settle what differs here from the process's own figures; an empty field takes what stands above."""

    def work(visit: Visit, made: Change, found: Row) -> None:
        known = visit.house.directory.figures
        kept = {name: value for name, value in found["settings"].items() if name not in known}
        given = {
            name: _value(name, form.one(SETTING + name).strip(), default)
            for name, default in known.items()
            if form.one(SETTING + name).strip()
        }
        made.unit(
            code,
            name_sv=found["name_sv"],
            name_en=found["name_en"],
            parent=found["parent"],
            mailbox=found["mailbox"],
            settings={**kept, **given},
        )

    return await _changed(form, code, "unit", work)


def _value(name: str, written: str, default: Any) -> Any:
    """A setting as it was typed, read as what its default is. Raises BadFields."""
    if isinstance(default, bool):
        if written not in {"true", "false"}:
            raise wrong(SETTING + name, "ska vara ja eller nej.", "must be yes or no.")
        return written == "true"
    if isinstance(default, int):
        if not written.isdecimal() or len(written) > 6:  # noqa: PLR2004 - days and counts are never so large
            raise wrong(SETTING + name, "ska vara ett heltal.", "must be a whole number.")
        return int(written)
    if isinstance(default, str):
        return written
    try:
        return json.loads(written)
    except (ValueError, RecursionError):
        raise wrong(SETTING + name, "går inte att läsa.", "cannot be read.") from None


@router.post("/{code}/closing-days")
async def close_day(form: Posting, code: str) -> Response:
    """Close the unit, and those below it, on a day; deadlines are worked out anew."""
    return await _changed(
        form,
        code,
        "closing days",
        lambda _, made, __: made.closing_day(code, needed_day(form, "day"), form.one("name")),
    )


@router.post("/{code}/closing-days/end")
async def reopen_day(form: Posting, code: str) -> Response:
    """Take a closing day back."""
    return await _changed(
        form, code, "closing days", lambda _, made, __: made.reopen_day(code, needed_day(form, "day"))
    )
