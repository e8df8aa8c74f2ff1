"""Finding what is due reads the index of deadlines alone; taking it in hand reads the cases taken, and no other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from engine.store import due_rows
from engine.store.due_rows import Due
from engine.store.store import Store
from tests.bench.ticking import INSTITUTION, filled

CASES = 3000
"""Enough for PostgreSQL to think of reading the table from end to end, and of joining by hash."""
WHOLE = re.compile(r"SCAN (d|deadline|c|case_record)\b|Seq Scan on (deadline|case_record)|Hash Join|Sort|TEMP B-TREE")


@dataclass
class Watched:
    """A driver's connection, and how the database answers each statement given to it."""

    driver: Any
    sqlite: bool
    plans: list[str] = field(default_factory=list)

    def execute(self, statement: str, parameters: Any) -> Any:
        explain = "EXPLAIN QUERY PLAN " if self.sqlite else "EXPLAIN "
        rows = self.driver.execute(explain + statement, parameters).fetchall()
        self.plans.append("\n".join(str(row[-1]) for row in rows))
        return self.driver.execute(statement, parameters)

    @property
    def as_core(self) -> Any:
        """Itself where a Core connection is asked for its driver's."""
        return SimpleNamespace(connection=SimpleNamespace(driver_connection=self))


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    with filled(database_url, CASES) as made:
        yield made


def due(number: int) -> Due:
    """Of the filled rows, the one that falls due a microsecond after `number`."""
    return Due(INSTITUTION, f"case-{number}", "answer", 1, "due")


def change(store: Store, statement: str) -> None:
    with store.writes() as connection:
        connection.exec_driver_sql(statement)


@contextmanager
def watched(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    """Every question of the store goes through one watched connection."""
    with store.asks() as driver:
        seen = Watched(driver, store.sqlite)

        @contextmanager
        def asks() -> Iterator[Watched]:
            yield seen

        monkeypatch.setattr(store, "asks", asks)
        yield seen


@pytest.mark.parametrize(("now", "size"), [(1, 1), (1, 1000), (1001, 1000), (CASES + 1, 1000)])
def test_what_is_due_is_found_in_the_order_of_its_index_and_no_table_is_read(
    store: Store, monkeypatch: pytest.MonkeyPatch, now: int, size: int
) -> None:
    with watched(store, monkeypatch) as seen:
        found = due_rows.find(store, now=now, size=size, passed_by=["case-1"])
    assert found == [due(number) for number in range(2, min(now, size + 2))]
    (plan,) = seen.plans
    assert "ix_deadline_acts" in plan
    assert WHOLE.search(plan) is None


def test_cases_are_taken_in_hand_by_their_key_alone(store: Store) -> None:
    asked = [due(number) for number in range(1, 201)]
    with store.writes() as connection:
        driver: Any = connection.connection.driver_connection
        seen = Watched(driver, store.sqlite)
        taken = due_rows.take(store, seen.as_core, asked)
    assert taken == {each.case: "eligibility_review" for each in asked}
    (plan,) = seen.plans
    assert "sqlite_autoindex_case_record_1" in plan if store.sqlite else "pk_case_record" in plan
    assert WHOLE.search(plan) is None


def test_of_a_case_only_the_oldest_rung_is_found(store: Store) -> None:
    change(store, "UPDATE deadline SET case_id = 'case-1', name = 'information' WHERE case_id = 'case-2'")
    found = due_rows.find(store, now=4, size=3, passed_by=())
    # Two of the three looked at are of one case.
    assert found == [due(1), due(3)]


def test_a_deadline_that_rests_is_not_found(store: Store) -> None:
    change(store, "UPDATE deadline SET acts_at = NULL WHERE case_id = 'case-1'")
    assert due_rows.find(store, now=3, size=10, passed_by=()) == [due(2)]


def test_what_was_fired_since_or_does_not_exist_is_not_taken_in_hand(store: Store) -> None:
    change(store, "UPDATE deadline SET next_rung = 'officer' WHERE case_id = 'case-1'")
    asked = [due(1), due(2)._replace(institution="elsewhere.example"), due(3)._replace(since=2), due(CASES + 1), due(4)]
    with store.writes() as connection:
        assert due_rows.take(store, connection, asked) == {"case-4": "eligibility_review"}


def test_of_two_workers_the_second_takes_what_the_first_has_not_and_waits_for_nothing(postgresql_url: str) -> None:
    with (
        filled(postgresql_url, 4) as store,
        store.writes() as first,
        store.writes() as second,
    ):
        one = due_rows.take(store, first, [due(1), due(3)])
        other = due_rows.take(store, second, [due(number) for number in (1, 2, 3, 4)])
    assert ([*one], [*other]) == (["case-1", "case-3"], ["case-2", "case-4"])


def test_what_is_due_is_found_while_its_case_is_in_hand(postgresql_url: str) -> None:
    with filled(postgresql_url, 4) as store, store.writes() as worker:
        due_rows.take(store, worker, [due(1)])
        assert due_rows.find(store, now=2, size=10, passed_by=()) == [due(1)]


def test_a_connection_that_the_server_has_ended_is_made_anew_before_it_is_asked(postgresql_url: str) -> None:
    with filled(postgresql_url, 4) as store:
        before = due_rows.find(store, now=3, size=10, passed_by=())
        change(
            store,
            # The second argument: how many milliseconds it may take until each has really ended.
            "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        assert due_rows.find(store, now=3, size=10, passed_by=()) == before
