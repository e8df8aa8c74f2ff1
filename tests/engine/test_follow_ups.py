"""Days on which somebody wants to look at a case again: their own, and no part of the case; on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from engine.errors import BadFields, GuardRefused
from engine.follow_ups import LONGEST_AHEAD, LONGEST_NOTE, FollowedCase, FollowUp, FollowUps
from engine.model import IMPORT_PARTY, Erase, ErasureReason
from tests.engine.house import INSTITUTION, House, open_house

TODAY = date(2026, 12, 21)
SOON = date(2026, 12, 28)


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    with open_house(database_url) as opened:
        yield opened


def put(house: House, case: str, *, person: str = "ann", on_day: date = SOON, note: str = "") -> None:
    follow_ups = FollowUps(house.store)
    follow_ups.set(INSTITUTION, person, case, on_day=on_day, note=note, today=TODAY, now=1)


def test_a_day_is_kept_with_its_note_and_may_be_changed(house: House) -> None:
    case = house.open()
    put(house, case, note="  Ring partnern ")
    put(house, case, on_day=TODAY, note="Ring i dag")
    assert FollowUps(house.store).of(INSTITUTION, "ann", case) == FollowUp(TODAY, "Ring i dag")


def test_it_is_nobody_else_s(house: House) -> None:
    case = house.open()
    put(house, case)
    assert FollowUps(house.store).of(INSTITUTION, "arne", case) is None
    assert FollowUps(house.store).listed(INSTITUTION, "arne") == ()


def test_it_changes_nothing_of_the_case(house: House) -> None:
    case = house.open()
    before = house.case(case)
    put(house, case)
    assert house.case(case) == before


def test_those_until_a_day_are_listed_the_soonest_first(house: House) -> None:
    later, sooner, last = (house.open() for _ in range(3))
    put(house, later, on_day=SOON)
    put(house, sooner, on_day=TODAY)
    put(house, last, on_day=date(2027, 2, 1))

    listed = FollowUps(house.store).listed(INSTITUTION, "ann", until=SOON)
    assert [each.case for each in listed] == [sooner, later]
    found = house.case(sooner)
    assert listed[0] == FollowedCase(sooner, found.number, found.title, TODAY, "")
    assert len(FollowUps(house.store).listed(INSTITUTION, "ann")) == 3


def test_it_is_forgotten_when_asked(house: House) -> None:
    case = house.open()
    put(house, case)
    FollowUps(house.store).clear(INSTITUTION, "ann", case)
    assert FollowUps(house.store).of(INSTITUTION, "ann", case) is None


def erased(house: House) -> str:
    """A case about which two had noted something, withdrawn and erased."""
    case = house.open()
    for person in ("ann", "arne"):
        put(house, case, person=person, note="Ring Stina, 070-1234567")
    house.take(case, "withdraw")
    house.ask(Erase(ErasureReason.RETENTION), IMPORT_PARTY, case)
    return case


def test_erasing_a_case_takes_everybody_s_notes_about_it_along(house: House) -> None:
    other = house.open()
    put(house, other)
    erased(house)
    assert [row["case_id"] for row in house.rows("follow_up_day")] == [other]


def test_nothing_new_is_noted_about_an_erased_case(house: House) -> None:
    case = erased(house)
    with pytest.raises(GuardRefused) as raised:
        put(house, case, note="Stina")
    assert [reason.code for reason in raised.value.reasons] == ["erased"]
    assert house.rows("follow_up_day") == []
    FollowUps(house.store).clear(INSTITUTION, "ann", case)


@pytest.mark.parametrize("day", [TODAY - timedelta(days=1), TODAY + LONGEST_AHEAD + timedelta(days=1)])
def test_a_day_gone_by_or_far_off_is_refused(house: House, day: date) -> None:
    with pytest.raises(BadFields) as raised:
        put(house, house.open(), on_day=day)
    assert [reason.code for reason in raised.value.reasons] == ["field:on_day"]


def test_a_note_too_long_is_refused(house: House) -> None:
    with pytest.raises(BadFields) as raised:
        put(house, house.open(), note="å" * (LONGEST_NOTE + 1))
    assert [reason.code for reason in raised.value.reasons] == ["field:note"]
