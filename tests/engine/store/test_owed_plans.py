"""What is owed is leased, and asked for by whom it goes to, without reading all that was ever sent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from engine.store import owed_rows, waits
from engine.store.store import Store
from engine.tables import OutboxRecord, table_of
from tests.engine.store.plans import Watched, reads_whole

INSTITUTION = "u.example"
SOON = 10


def owed(number: int, *, grouped: bool) -> dict[str, object]:
    return {
        "institution": INSTITUTION, "id": f"o{number:04d}", "case_id": f"c{number}", "sequence": 1, "channel": "mail",
        "recipient": f"p{number % 7}", "template": "due", "deadline": None, "grouped": grouped, "not_before": 1,
        "attempts": 0, "next_try": 1, "state": "waiting", "created_at": 1,
    }  # fmt: skip


@pytest.fixture
def watched(database_url: str) -> Iterator[Watched]:
    store = Store(database_url, durable=False)
    rows = [owed(number, grouped=number % 10 == 0) for number in range(500)]
    with store.writes() as connection:
        connection.execute(sa.insert(table_of(OutboxRecord)), rows)
        if not store.sqlite:  # which is told by the migration what to expect
            connection.exec_driver_sql("ANALYZE outbox")
    yield Watched(store)
    store.close()


def test_leasing_and_asking_who_was_told_follow_indexes(watched: Watched) -> None:
    leased = owed_rows.lease(watched.store, now=SOON, until=20, limit=50)
    owed_rows.told_since(watched.store, leased, since=0)

    plans = list(watched.plans())
    assert [plan for plan in plans if reads_whole(plan)] == []
    (told,) = (plan for plan in plans if "ix_outbox_waiting" not in plan and "outbox" in plan)
    assert "ix_outbox_recipient" in told


def test_what_else_a_person_is_to_get_is_found_by_the_index_of_grouped_messages(watched: Watched) -> None:
    owed_rows.lease(watched.store, now=SOON, until=20, limit=50)

    (due, *_) = (plan for plan in watched.plans() if "ix_outbox_waiting" in plan)
    assert "ix_outbox_recipient" in due


def test_the_index_holds_grouped_messages_alone(watched: Watched) -> None:
    rest = owed_rows.lease(watched.store, now=SOON, until=20, limit=1)

    assert {row.recipient for row in rest} == {"p0"}
    assert len(rest) == len([number for number in range(0, 500, 10) if number % 7 == 0])


def test_the_messages_of_some_cases_are_found_by_their_index(watched: Watched) -> None:
    with watched.store.reads() as connection:
        found = waits.told(connection, INSTITUTION, ["c1", "c2"], "due")

    assert found == {("c1", "p1"): 1, ("c2", "p2"): 1}
    (plan,) = watched.plans()
    assert "ix_outbox_case" in plan
