"""The ledger's contract, kept alike on both databases: versions, numbers, keys, and failing alone."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any

import psycopg
import pytest

from engine.errors import BadFields
from engine.model import Done, Key, Open, Owed, Request, Take
from tests.engine.house import INSTITUTION, STINA, House, open_house
from tests.engine.made_by_hand import a_case, a_decision, a_row, an_event, read, written


class Stopped(Exception):
    """Something that goes wrong in the midst of a transaction."""


def stop() -> None:
    raise Stopped


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    with open_house(database_url) as made:
        yield made


# Versions.


@pytest.mark.parametrize(
    "stale",
    [
        {"seen": {"c1": 2, "c2": 1}},
        {"seen": {"c1": 1, "c2": 2}},
        {"seen": {"c1": 1, "c3": 1}},
        {"organisation_version": 7},
        {"organisation_version": 9},
    ],
    ids=["the case", "a linked case", "a case that is gone", "an older organisation", "a newer one"],
)
def test_what_was_decided_over_something_else_writes_nothing(house: House, stale: dict[str, Any]) -> None:
    written(house, a_decision(a_case("c1"), a_case("c2"), linked=(("c1", "friend", "c2"),)))
    before = house.dump()
    decision = a_decision(
        a_case("c1", version=2),
        opened=False,
        owed=(Owed("o1", "c1", 2, "mail", "person:ann", "reminder", 1, grouped=False),),
        deadlines=(("c1", a_row()),),
        linked=(("c1", "friend", "c1"),),
        unlinked=(("c1", "friend", "c2"),),
        person=("p1", STINA),
        key=Key("k", "f"),
    )
    assert written(house, replace(decision, **stale)) is None
    assert house.dump() == before
    assert written(house, replace(decision, seen={"c1": 1, "c2": 1})) is not None


def test_a_stale_opening_uses_up_no_number(house: House) -> None:
    assert written(house, a_decision(a_case(), organisation_version=1)) is None
    assert written(house, a_decision(a_case())) == {"c1": "STA-2026-0001"}


# Numbers, keys, savepoints.


def test_numbers_are_gapless_in_each_series_and_several_in_one_step(house: House) -> None:
    names = ("STA-2026", "REP-2026", "STA-2026", "STA-2027")
    cases = [a_case(f"c{n}", number=series) for n, series in enumerate(names)]
    assert written(house, a_decision(*cases)) == {
        "c0": "STA-2026-0001", "c1": "REP-2026-0001", "c2": "STA-2026-0002", "c3": "STA-2027-0001",
    }  # fmt: skip
    assert written(house, a_decision(a_case("c9"))) == {"c9": "STA-2026-0003"}


def test_numbers_grow_past_four_digits(house: House) -> None:
    written(house, a_decision(a_case("c0")))
    with house.store.writes() as connection:
        connection.exec_driver_sql("UPDATE number_series SET last = 9999")
    assert written(house, a_decision(a_case("c1"))) == {"c1": "STA-2026-10000"}


def test_a_key_is_remembered_with_what_it_led_to(house: House) -> None:
    written(house, a_decision(a_case(), key=Key("k", "f")))
    done = read(house, party="ann", key="k").done
    assert done == Done(fingerprint="f", case="c1", sequence=1)
    assert read(house, party="arne", key="k").done is None


def test_a_savepoint_fails_alone(house: House) -> None:
    with house.store.transaction() as ledger:
        with ledger.savepoint():
            ledger.write(a_decision(a_case("c1")))
        with suppress(Stopped), ledger.savepoint():
            ledger.write(a_decision(a_case("c2")))
            stop()
        with ledger.savepoint():
            ledger.write(a_decision(a_case("c3")))
    assert [row["number"] for row in house.rows("case_record")] == ["STA-2026-0001", "STA-2026-0002"]


def test_a_savepoint_that_succeeds_is_undone_with_its_transaction(house: House) -> None:
    before = house.dump()
    with suppress(Stopped), house.store.transaction() as ledger:
        with ledger.savepoint():
            ledger.write(a_decision(a_case()))
        stop()
    assert house.dump() == before


def test_a_savepoint_goes_on_after_an_error_of_the_database_itself(house: House) -> None:
    with house.store.transaction() as ledger:
        nobodys: Any = {"party": None}
        with pytest.raises((sqlite3.IntegrityError, psycopg.IntegrityError)), ledger.savepoint():
            ledger.write(a_decision(a_case(), events=(an_event(a_case(), **nobodys),)))
        ledger.write(a_decision(a_case()))
    assert len(house.rows("case_record")) == 1


def test_many_steps_may_share_a_transaction_each_alone_in_its_failure(house: House) -> None:
    stay, other = house.open(), house.open()
    asked = [Take("propose", {}), Take("propose", {"note": "x"})]
    with house.store.transaction() as ledger:
        with pytest.raises(BadFields):
            house.cases.step_in(ledger, Request(INSTITUTION, asked[0], "ann", case=stay))
        house.cases.step_in(ledger, Request(INSTITUTION, asked[1], "ann", case=other))
    assert [house.case(case).state for case in (stay, other)] == ["asked", "proposed"]


def test_a_ledger_works_on_a_connection_it_is_handed(house: House) -> None:
    with suppress(Stopped), house.store.writes() as connection:
        opened = Request(INSTITUTION, Open("stay", "a", STINA, {}), "ann")
        house.cases.step_in(house.store.ledger_on(connection), opened)
        stop()
    assert house.rows("case_record") == house.rows("event") == house.rows("person") == []
    with house.store.writes() as connection:
        house.cases.step_in(house.store.ledger_on(connection), opened)
    assert [row["number"] for row in house.rows("case_record")] == ["STA-2026-0001"]


def test_the_organisation_comes_with_its_version_and_only_what_is_in_force(house: House) -> None:
    house.away("ann", substitute="arne", starts_on=date(2027, 1, 1), weekdays="0,4")
    with house.store.writes() as connection:
        connection.exec_driver_sql("UPDATE membership SET until_version = 5 WHERE person = 'bea'")
    with house.store.step() as ledger:
        found = house.cases.organisation(ledger, INSTITUTION, 9)
    assert (found.version, sorted(found.units)) == (9, ["a", "b", "x.se"])
    assert "bea" not in {held.person for held in found.memberships}
    (absence,) = found.absences
    assert (absence.span.starts_on, absence.weekdays, absence.substitute) == (
        date(2027, 1, 1), frozenset({0, 4}), "arne",
    )  # fmt: skip
