"""The two statements of a step on PostgreSQL: prepared once, found by key, and the same for one row as for several."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from engine.model import Decision, Key, NewPerson, Owed, Status
from engine.store.postgres import PostgresLedger
from tests.engine.house import House, open_house
from tests.engine.lock_waits import until_it_waits
from tests.engine.made_by_hand import ODD, a_case, a_decision, a_row, written

HELD = "WITH held"
"""How the writing statement begins."""
LARGE = "case_record|deadline|event|event_detail|outbox|link"


@pytest.fixture
def house(postgresql_url: str) -> Iterator[House]:
    with open_house(postgresql_url) as made:
        yield made


def asked(house: House, statement: str, *values: Any) -> list[Any]:
    """What the one connection of the steps answers."""
    with house.store.asks() as driver:
        found: list[Any] = driver.execute(statement, values).fetchall()
        return found


def prepared(house: House) -> list[str]:
    rows = asked(house, "SELECT statement FROM pg_prepared_statements WHERE statement LIKE %s", "%WITH %held%")
    return [row[0] for row in rows]


def plan(house: House, statement: str) -> str:
    """How the server runs a statement of a step, whatever it is bound to."""
    return "\n".join(row[0] for row in asked(house, f"EXPLAIN (GENERIC_PLAN) {statement}"))


def moved(version: int, **changes: Any) -> Decision:
    """The next step of the case made by hand, which looks at no other."""
    return a_decision(a_case(version=version, number="STA-2026-0001", **changes), opened=False)


def both_forms(house: House, *decisions: Decision) -> list[dict[str, list[str]]]:
    """All tables after the decisions were written one by one, and after they were written at once; then undone."""
    found = []
    for together in (False, True):
        with house.store.transaction() as ledger:
            assert isinstance(ledger, PostgresLedger)
            for some in [decisions] if together else [(each,) for each in decisions]:
                assert ledger.write_together(some) is not None
            found.append(_all(ledger))
            ledger._connection.rollback()
    return found


def _all(ledger: PostgresLedger) -> dict[str, list[str]]:
    """Every row of the tables a step writes, as text."""
    tables = (*LARGE.split("|"), "person", "idempotency", "number_series")
    ask = "SELECT t::text FROM {} t ORDER BY 1"
    return {table: [row[0] for row in ledger._connection.execute(ask.format(table)).fetchall()] for table in tables}


# How it is asked.


def test_a_step_is_prepared_from_the_first_time_on_and_never_planned_for_its_values(house: House) -> None:
    stay = house.open()
    for _ in range(3):
        house.take(stay, "take")
        house.take(stay, "release")
    rows = asked(house, "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement ~ 'WITH '")
    assert len(rows) >= 3
    assert all(generic > 0 and custom == 0 for generic, custom in rows)


def test_one_statement_serves_whatever_a_step_writes_into_the_same_tables(house: House) -> None:
    written(house, a_decision(a_case()))
    before = prepared(house)
    steps: list[dict[str, Any]] = [
        {}, {"closed_at": 5, "assignee": None}, {"updated_at": 2**60, "facts": {}}, {"title": ODD, "subject": None},
    ]  # fmt: skip
    for version, changes in enumerate(steps, 2):
        assert written(house, moved(version, **changes)) == {}
    assert len(prepared(house)) == len(before) + 1


def test_a_step_on_one_case_sends_its_rows_value_by_value(house: House) -> None:
    stay = house.open()
    before = prepared(house)
    house.take(stay, "take")
    (statement,) = set(prepared(house)) - set(before)
    assert "json_to_recordset" not in statement
    assert "UPDATE" in statement[: statement.index("ok AS")]


def test_all_a_step_looks_at_and_writes_is_found_by_its_key(house: House) -> None:
    contract = house.contract(places=50)
    for _ in range(6):
        house.stay_in("offered", contract)
    asked_so_far = asked(house, "SELECT statement FROM pg_prepared_statements WHERE statement ~ 'WITH '")
    assert len(asked_so_far) >= 4
    for (statement,) in asked_so_far:
        shown = plan(house, statement)
        assert not re.search(rf"Seq Scan on ({LARGE})\b", shown), shown
        # By the institution alone all it has would be read.
        alone = r"(pk|ix)_(case_record|event|deadline)\w* on [^\n]*\n\s*Index Cond: \(\(institution\)::text = \$\d+\)\n"
        assert not re.search(alone, shown), shown


# One row and several are the same to whoever reads them.


def test_cases_opened_together_are_stored_as_one_by_one(house: House) -> None:
    who = NewPerson(ODD, "å@x.se", "sv")
    one = a_decision(a_case("c1"), deadlines=(("c1", a_row()),), person=("p1", who), key=Key("k", "f"))
    other = a_decision(
        a_case("c2", facts={"z": [ODD, None, 0.5]}, assignee=None, closed_at=3),
        deadlines=(("c2", a_row(status=Status.PAUSED, ledger=((1, None),), due_on=None, due_at=None)),),
        owed=(Owed("o1", "c2", 1, "mail", "person:ann", "reminder", 7, grouped=True, deadline="answer"),),
        person=("p2", replace(who, email="ö@x.se")),
        key=Key("k2", "f"),
    )
    first, second = both_forms(house, one, other)
    assert first == second
    assert [len(first[table]) for table in ("case_record", "event", "deadline", "person", "idempotency")] == [2] * 5


def test_cases_changed_together_are_stored_as_one_by_one(house: House) -> None:
    written(house, a_decision(a_case("c1"), a_case("c2"), linked=(("c1", "friend", "c2"),)))
    changes = {"facts": {}, "search": ODD, "closed_at": 9, "number": "STA-2026-0001"}
    one = a_decision(a_case("c1", version=2, **changes), opened=False, linked=(("c1", "next", "c2"),))
    other = a_decision(a_case("c2", version=2, state="away", unit="b", number="STA-2026-0002"), opened=False)
    first, second = both_forms(house, one, other)
    assert first == second


def test_two_steps_of_one_case_are_written_at_once_as_one_after_the_other(house: House) -> None:
    written(house, a_decision(a_case()))
    first, second = both_forms(house, moved(2), moved(3, title="t"))
    assert first == second
    assert len(first["event"]) == 3


def test_a_case_that_was_only_looked_at_is_checked_where_another_is_written(house: House) -> None:
    written(house, a_decision(a_case("c1"), a_case("c2")))
    step = moved(2)
    assert written(house, replace(step, seen={"c1": 1, "c2": 2})) is None
    assert written(house, replace(step, seen={"c1": 1, "c2": 1})) == {}
    assert house.case("c1").version == 2


def test_a_step_over_an_organisation_that_has_changed_since_writes_nothing(house: House) -> None:
    written(house, a_decision(a_case()))
    assert written(house, replace(moved(2), organisation_version=7)) is None
    assert house.case("c1").version == 1
    assert written(house, moved(2)) == {}


@pytest.mark.parametrize("seen", [{"c1": 1}, {"c1": 1, "c2": 1}], ids=["alone", "with another"])
def test_a_step_that_waited_for_another_of_its_case_writes_nothing(house: House, seen: dict[str, int]) -> None:
    written(house, a_decision(a_case("c1"), a_case("c2")))
    later = replace(moved(2, title="later"), seen=seen)
    with ThreadPoolExecutor(1) as pool, house.store.transaction() as ledger:
        assert ledger.write(moved(2)) == {}
        waiting = pool.submit(written, house, later)
        until_it_waits(house, waiting)
        assert isinstance(ledger, PostgresLedger)
        ledger._connection.commit()
        assert waiting.result() is None
    assert (house.case("c1").version, house.case("c1").title) == (2, ODD)
