"""Who held which right on a day, by the register as it stood then."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from engine.changing import Change
from tests.engine.reports.told import lines, said
from tests.journeys.office import INSTITUTION, Office

DAY = date(2027, 1, 11)


@contextmanager
def changed(office: Office, on: str) -> Iterator[Change]:
    """Change the organisation on a day."""
    office.move(f"{on} 09:00")
    with office.house.directory.change(INSTITUTION, by=office.ids["admin"], what="roles") as change:
        yield change


def held(office: Office, person: str, day: date | None = None, **narrowed: str) -> list[tuple[object, ...]]:
    found = lines(office, "rights", until=day, **narrowed)
    return [said(office, line, "what", "right", "unit") for line in found if said(office, line, "person") == person]


def test_a_role_and_a_mandate_stand_with_their_unit(office: Office) -> None:
    with changed(office, "2027-01-12") as change:
        change.mandate(office.ids["stat.head"], "sign_agreement", "STAT", starts_on=date(2027, 2, 1))
    assert held(office, "stat.head", date(2027, 1, 31)) == [("role", "head", "STAT")]
    assert held(office, "stat.head", date(2027, 2, 1)) == [
        ("role", "head", "STAT"), ("mandate", "sign agreement", "STAT"),
    ]  # fmt: skip


def test_what_was_noted_later_is_not_among_the_rights_of_an_earlier_day(desk: Office) -> None:
    with changed(desk, "2027-01-13") as change:
        change.member(desk.ids["stat.deputy"], "coordinator", "STAT", starts_on=date(2027, 1, 1))
    assert held(desk, "stat.deputy", date(2027, 1, 12)) == []
    assert held(desk, "stat.deputy", date(2027, 1, 13)) == [("role", "coordinator", "STAT")]


def test_a_right_taken_back_is_still_there_on_the_day_it_held(desk: Office) -> None:
    with changed(desk, "2027-01-12") as change:
        change.member(desk.ids["stat.deputy"], "coordinator", "STAT")
    with changed(desk, "2027-01-20") as change:
        change.withdraw_mandate(desk.ids["stat.signatory"], "sign_agreement", "STAT")
    assert ("mandate", "sign agreement", "STAT") in held(desk, "stat.signatory", date(2027, 1, 19))
    assert ("mandate", "sign agreement", "STAT") not in held(desk, "stat.signatory", date(2027, 1, 20))


def test_an_absence_stands_with_the_substitute_and_a_pattern_on_its_weekdays(desk: Office) -> None:
    with changed(desk, "2027-01-12") as change:
        change.absence(desk.ids["stat.reviewer"], weekdays=[4], substitute=desk.ids["stat.second"])
    friday = [line for line in lines(desk, "rights", until=date(2027, 1, 15)) if said(desk, line, "what") == "absence"]
    assert [said(desk, line, "person", "right", "substitute") for line in friday] == [
        ("stat.reviewer", ["Fridays"], "stat.second")
    ]
    assert ("absence", None, None) not in held(desk, "stat.reviewer", date(2027, 1, 14))


def test_a_line_names_the_change_it_rests_on_and_who_made_it(desk: Office) -> None:
    with changed(desk, "2027-01-12") as change:
        change.member(desk.ids["stat.deputy"], "coordinator", "STAT")
    version = desk.house.directory.organisation(INSTITUTION).version
    line = lines(desk, "rights", until=date(2027, 1, 12))[-1]
    found = next(
        each for each in lines(desk, "rights", until=date(2027, 1, 12)) if said(desk, each, "person") == "stat.deputy"
    )
    assert (found.version, said(desk, found, "noted_by")) == (version, "admin")
    assert line.events == ()


def test_a_unit_shows_those_below_and_above_it(desk: Office) -> None:
    found = lines(desk, "rights", unit="STAT")
    assert {said(desk, line, "unit") for line in found} == {"STAT", INSTITUTION}


def test_before_there_was_anything_nobody_held_anything(desk: Office) -> None:
    assert lines(desk, "rights", until=date(2020, 1, 1)) == []
