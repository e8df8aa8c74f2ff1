"""A look is one process's, and what it found is one institution's."""

from __future__ import annotations

import pytest

from engine.canonical import micros
from engine.organisation import Organisation
from engine.store import finding_rows
from engine.store.doctor_rows import Stretch
from engine.store.finding_rows import Finding
from tests.engine.doctor.wards import Ward
from tests.engine.house import INSTITUTION

ELSEWHERE = "y.se"


def test_of_two_who_take_a_look_at_one_instant_one_looks(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both have read that it is due before either takes it."""
    store, now = ward.life.house.store, micros(ward.wall.at)
    due = finding_rows.position(store, INSTITUTION)
    monkeypatch.setattr(finding_rows, "position", lambda *_: due)
    taken = [finding_rows.claim(store, INSTITUTION, now=now, until=now + 1) for _ in range(2)]
    assert taken == [due, None]


def organisation(institution: str) -> Organisation:
    return Organisation(institution, 1, {}, (), (), (), {})


def test_what_was_found_in_another_institution_is_not_shown(ward: Ward) -> None:
    store, now = ward.life.house.store, micros(ward.wall.at)
    wrong = Finding(ward.life.stay, "row", "replay", "state", "stored=a history=b")
    finding_rows.note(store, Stretch(ELSEWHERE, (ward.life.stay,)), [wrong], checks=["row"], at=now)

    def shown(institution: str) -> list[Finding]:
        found = ward.doctor.ward(organisation(institution), "ada", now, most=9, closed=9)
        return [kept.finding for kept in found.open]

    assert (shown(ELSEWHERE), shown(INSTITUTION)) == ([wrong], [])
    assert finding_rows.counted(store, INSTITUTION) == {}
