"""Messages looked up together: in as many statements as one, and worded as if each were alone."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from engine.canonical import micros
from engine.model import Case, Comment
from engine.outbox import TURN_SECONDS
from engine.store import owed_rows
from engine.store.owed_rows import OwedRow
from engine.store.store import Store
from engine.tables import Table
from engine.telling import partner_of
from engine.views import Lens
from tests.engine.house import MONDAY
from tests.engine.posts import Post, open_post
from tests.engine.test_outbox_batches import SlowChannel
from tests.engine.test_writing import PARTNER, TOLD

AROUND = ("BEGIN", "COMMIT", "ROLLBACK")


def leased(post: Post, limit: int = 1000) -> list[OwedRow]:
    """What is due, taken in hand for no time at all."""
    now = micros(post.house.clock.at)
    return owed_rows.lease(post.house.store, now=now, until=now, limit=limit)


def stays(post: Post, count: int) -> None:
    """So many stays that tell student, partner and staff, and a comment on each."""
    for number in range(count):
        case = post.house.stay_in("offered", post.house.contract(), partner_id=PARTNER, note=f"note {number}")
        post.house.ask(Comment(f"see {number}", ("person:hedda",)), "ann", case)


@pytest.fixture
def post(database_url: str) -> Iterator[Post]:
    with open_post(database_url, catalogue=TOLD) as made:
        made.put("partner", id=PARTNER, name="Keio", folded_name="keio", email="io@keio.example", language="en")
        yield made


@contextmanager
def asked_of(store: Store) -> Iterator[list[str]]:
    """Every statement, by Core and by the ledger alike."""
    asked: list[str] = []

    def note(statement: object) -> None:
        if not str(statement).startswith(AROUND):
            asked.append(str(statement))

    def traced(connection: Any, *_: Any) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.set_trace_callback(note)

    execute = psycopg.Cursor.execute

    def noted(cursor: Any, query: Any, *more: Any, **options: Any) -> Any:
        note(query)
        return execute(cursor, query, *more, **options)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(psycopg.Cursor, "execute", noted)
        sa.event.listen(store.engine, "checkout", traced)
        try:
            yield asked
        finally:
            sa.event.remove(store.engine, "checkout", traced)


def test_a_hundred_messages_are_looked_up_in_as_many_statements_as_one(post: Post) -> None:
    stays(post, 20)
    rows = leased(post)
    writer, counted = post.outbox.renderer, []
    writer.look_up(rows[:1], MONDAY)  # the organisation is read once
    for count in (1, 10, 100):
        with asked_of(post.house.store) as asked:
            letters = writer.look_up(rows[:count], MONDAY)
            written = [letters.write([row]) for row in rows[:count]]
        assert (len(written), None in written) == (count, False)
        counted.append(len(asked))
    assert counted[0] == counted[1] == counted[2] <= 12


def test_writing_asks_the_database_nothing(post: Post) -> None:
    stays(post, 3)
    rows = leased(post)
    letters = post.outbox.renderer.look_up(rows, MONDAY)
    with asked_of(post.house.store) as asked:
        for row in rows:
            letters.write([row])
            letters.next_day(row)
    assert asked == []


def test_a_message_reads_the_same_alone_and_among_others(post: Post) -> None:
    stays(post, 4)
    rows, writer = leased(post), post.outbox.renderer
    together = writer.look_up(rows, MONDAY)
    assert len({row.template for row in rows}) >= 4
    assert [together.write([row]) for row in rows] == [writer.look_up([row], MONDAY).write([row]) for row in rows]


def test_what_else_is_in_the_batch_is_not_seen_from_a_case(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    stays(post, 3)
    rows, seen = leased(post), dict[str, set[str]]()

    def watched(lens: Lens, case: Case) -> str | None:
        seen[case.id] = set(lens.cases)
        return partner_of(lens, case)

    monkeypatch.setattr("engine.writing.partner_of", watched)
    post.outbox.renderer.look_up(rows, MONDAY)
    assert len(seen) == 3
    assert seen == {case: {case, post.house.case(case).link("contract")} for case in seen}


def test_the_organisation_is_read_again_only_when_it_has_changed(post: Post) -> None:
    stays(post, 1)
    rows, writer = leased(post), post.outbox.renderer

    def units_read() -> bool:
        with asked_of(post.house.store) as asked:
            writer.look_up(rows, MONDAY)
        return any("FROM unit " in statement for statement in asked)

    assert [units_read(), units_read()] == [True, False]
    post.house.settings("a", language="en")
    assert [units_read(), units_read()] == [True, False]


def test_messages_of_several_institutions_are_written_from_their_own(post: Post) -> None:
    stays(post, 1)
    rows = leased(post)
    strange = [replace(row, institution="y.se") for row in rows]
    letters = post.outbox.renderer.look_up([*rows, *strange], MONDAY)
    assert [letters.write([row]) for row in strange] == [None] * len(strange)
    assert None not in [letters.write([row]) for row in rows]


def test_a_case_that_cannot_be_read_holds_up_its_own_messages_alone(
    post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    stays(post, 3)
    owing = {row.case for row in leased(post)}
    poisoned = max(owing)
    post.poison(poisoned)
    post.outbox.deliver_all()
    waiting = [row["case_id"] for row in post.house.rows("outbox", state="waiting")]
    assert set(waiting) == {poisoned}
    assert {record.message for record in caplog.records} == {"message_not_written", "delivery_failed"}


def test_what_is_erased_after_its_turn_was_over_does_not_go_out(post: Post) -> None:
    cases = [post.house.open() for _ in range(2)]
    post.outbox.deliver_all()
    for case in cases:
        post.house.ask(Comment("a secret", ("person:hedda",)), "ann", case)
    slow = SlowChannel(seconds=TURN_SECONDS)
    assert replace(post.outbox, channel=slow, stopwatch=slow.stopwatch).deliver() == 1
    with post.house.store.writes() as connection:
        connection.execute(sa.delete(Table.metadata.tables["event_detail"]))
    post.channel.messages.clear()
    post.outbox.deliver_all()
    assert (len(slow.messages), post.sent()) == (1, [])
