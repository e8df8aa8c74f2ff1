"""Who is told, and when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from engine.canonical import micros
from tests.engine.house import House, local, open_house

PARTNER = "00000000-0000-4000-8000-000000000777"


@pytest.fixture
def house(sqlite_url: str) -> Iterator[House]:
    with open_house(sqlite_url) as made:
        yield made


def owed(house: House, template: str) -> dict[str, int]:
    """Messages of one kind: recipient and the instant before which they do not go."""
    return {row["recipient"]: row["not_before"] for row in house.rows("outbox", template=template)}


def at(text: str) -> int:
    return micros(local(text))


# What a step tells.


def test_what_a_step_tells_goes_at_once_even_at_night(house: House) -> None:
    house.clock.at = local("2026-12-25 03:00")
    house.open()
    assert owed(house, "welcome") == {f"person:{who}": at("2026-12-25 03:00") for who in ("ann", "arne")}
    assert [row["grouped"] for row in house.rows("outbox")] == [False, False]


def test_the_nearest_holders_are_told_and_not_those_above(house: House) -> None:
    house.member("clara", "coordinator", "x.se")
    house.open()
    assert set(owed(house, "welcome")) == {"person:ann", "person:arne"}


def test_those_above_are_told_where_the_unit_has_nobody(house: House) -> None:
    house.member("clara", "coordinator", "x.se")
    house.open(by="clara", unit="x.se")
    assert set(owed(house, "welcome")) == {"person:clara"}


def test_who_is_on_leave_is_told_through_the_substitute(house: House) -> None:
    house.away("ann", substitute="hedda", starts_on=date(2026, 12, 21), ends_on=date(2026, 12, 21))
    house.open()
    assert set(owed(house, "welcome")) == {"person:arne", "person:hedda"}


def test_who_is_on_leave_without_a_substitute_is_left_out(house: House) -> None:
    house.away("ann", starts_on=date(2026, 12, 21))
    house.open()
    assert set(owed(house, "welcome")) == {"person:arne"}


def test_the_units_mailbox_is_told_where_nobody_is_there(house: House) -> None:
    for person in ("ann", "arne"):
        house.away(person, starts_on=date(2026, 12, 21))
    house.open()
    assert set(owed(house, "welcome")) == {"unit:a"}


def test_a_weekly_pattern_is_no_leave(house: House) -> None:
    house.away("ann", substitute="hedda", weekdays="0")
    house.open()
    assert set(owed(house, "welcome")) == {"person:ann", "person:arne"}


def test_the_student_is_the_subject_and_the_partner_the_one_the_case_names(house: House) -> None:
    stay = house.stay_in("offered", house.contract(), partner_id=PARTNER)
    assert set(owed(house, "offered")) == {f"person:{house.case(stay).subject}"}
    assert set(owed(house, "partner_told")) == {f"partner:{PARTNER}"}


def test_the_unit_is_told_where_no_partner_is_known(house: House) -> None:
    house.stay_in("offered", house.contract())
    assert set(owed(house, "partner_told")) == {"unit:a"}


# What a rung tells.


@pytest.mark.parametrize(
    ("fires", "window"),
    [
        ("2026-12-24 00:00", "2026-12-28 07:30"),
        ("2026-12-28 07:29", "2026-12-28 07:30"),
        ("2026-12-28 11:00", "2026-12-28 11:00"),
        ("2026-12-28 16:00", "2026-12-29 07:30"),
    ],
)
def test_what_a_rung_tells_waits_for_the_working_window(house: House, fires: str, window: str) -> None:
    stay = house.open()
    house.climb(stay, at=local(fires))
    assert owed(house, "reminder") == {f"person:{who}": at(window) for who in ("ann", "arne")}
    rows = house.rows("outbox", template="reminder")
    assert {(row["grouped"], row["deadline"]) for row in rows} == {(True, "answer")}


def test_it_waits_for_the_recipients_own_working_day(house: House) -> None:
    house.away("ann", weekdays="0,1")
    stay = house.open()
    house.climb(stay, at=local("2026-12-28 11:00"))
    assert owed(house, "reminder") == {"person:ann": at("2026-12-30 07:30"), "person:arne": at("2026-12-28 11:00")}


def test_the_assignee_is_reminded_and_nobody_else(house: House) -> None:
    stay = house.open()
    house.take(stay, "take", by="arne")
    house.climb(stay, at=local("2026-12-28 11:00"))
    assert set(owed(house, "reminder")) == {"person:arne"}


def test_the_substitute_is_reminded_while_the_assignee_is_on_leave(house: House) -> None:
    stay = house.open()
    house.take(stay, "take", by="arne")
    house.away("arne", substitute="ann", starts_on=date(2026, 12, 24), ends_on=date(2027, 1, 10))
    house.climb(stay, at=local("2026-12-28 11:00"))
    assert owed(house, "reminder") == {"person:ann": at("2026-12-28 11:00")}


def test_an_escalation_goes_to_the_role_and_names_its_deadline(house: House) -> None:
    stay = house.open()
    for _ in range(2):
        house.climb(stay, at=local("2026-12-29 08:00"))
    assert owed(house, "escalation") == {"person:hedda": at("2026-12-29 08:00")}


def test_no_message_has_the_same_key_as_another(house: House) -> None:
    house.stay_in("away", house.contract())
    house.stay_in("offered", house.contract())
    keys = [row["id"] for row in house.rows("outbox")]
    assert len(keys) == len(set(keys)) > 6
    assert {len(key) for key in keys} == {36}


def test_a_refused_step_owes_nothing(house: House) -> None:
    stay = house.stay_in("waiting", house.contract(places=0))
    before = house.rows("outbox")
    with pytest.raises(Exception, match="No place"):
        house.take(stay, "offer", by="olle")
    assert house.rows("outbox") == before
