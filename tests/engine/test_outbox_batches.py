"""Batches: many messages a commit, no more doubled by a crash than was said, none lost, and nobody waits for long."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.memory import MemoryChannel
from engine.canonical import micros
from engine.errors import DeliveryFailed
from engine.outbox import BATCH, FIRST_PAUSE, LEASE, MARK_SECONDS, TURN_SECONDS, Outbox
from engine.ports import Message
from engine.store import owed_rows
from engine.store.owed_rows import OwedRow, Unsent
from engine.store.store import Store
from tests.databases import Databases
from tests.engine.house import MONDAY
from tests.engine.posts import NoJitter
from tests.engine.test_outbox import OUTBOX, TOMORROW, Crash, Node, PlainRenderer, open_node

PER_MARK = 5
"""How many messages go out before they are marked, where each takes EACH_TAKES seconds."""

EACH_TAKES = MARK_SECONDS / (PER_MARK - 0.5)


@dataclass
class SlowChannel(MemoryChannel):
    """Takes some seconds for each message, by a stopwatch of its own; at and after some of them something happens."""

    seconds: float = 0.0
    at: dict[int, Callable[[], object]] = field(default_factory=dict)
    after: dict[int, Callable[[], object]] = field(default_factory=dict)
    passed: float = 0.0

    def __post_init__(self) -> None:
        super().__init__()

    def stopwatch(self) -> float:
        return self.passed

    def deliver(self, message: Message) -> None:
        self.passed += self.seconds
        self.at.pop(len(self.messages) + 1, lambda: None)()
        super().deliver(message)
        self.after.pop(len(self.messages), lambda: None)()


@dataclass
class Poisoned(PlainRenderer):
    """Cannot look up a row whose template is "poison"; counts how often it is asked."""

    asked: list[int] = field(default_factory=list)

    def look_up(self, rows: Sequence[OwedRow], now: datetime) -> PlainRenderer:
        self.asked.append(len(rows))
        if any(row.template == "poison" for row in rows):
            raise KeyError("poison")
        return self


def outbox_of(node: Node, channel: SlowChannel, renderer: PlainRenderer | None = None) -> Outbox:
    renderer = renderer or PlainRenderer()
    return Outbox(node.store, node.clock, channel, renderer, NoJitter(), node.seams, stopwatch=channel.stopwatch)


def owe(node: Node, count: int, template: str = "hello") -> list[str]:
    keys = [f"k{number:03d}" for number in range(count)]
    for key in keys:
        node.owe(key, template)
    return keys


def states(node: Node) -> Counter[str]:
    with node.store.reads() as connection:
        return Counter(connection.execute(sa.select(OUTBOX.c.state)).scalars())


def keys_of(channel: MemoryChannel) -> list[str]:
    return [message.key for message in channel.messages]


def crash() -> None:
    raise Crash


def break_down() -> None:
    raise RuntimeError("a fault of the channel's own")


@contextmanager
def statements(store: Store) -> Iterator[list[str]]:
    """What is asked of the database and where transactions end, `COMMIT` among them."""
    said: list[str] = []

    def heard(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        said.append(statement)

    def committed(_connection: Any) -> None:
        said.append("COMMIT")

    sa.event.listen(store.engine, "before_cursor_execute", heard)
    sa.event.listen(store.engine, "commit", committed)
    try:
        yield said
    finally:
        sa.event.remove(store.engine, "before_cursor_execute", heard)
        sa.event.remove(store.engine, "commit", committed)


@pytest.mark.parametrize("grouped", [False, True])
def test_a_hundred_messages_take_no_more_statements_and_commits_than_one(database_url: str, grouped: bool) -> None:
    counted = []
    with open_node(database_url) as node:
        for count in (1, 10, 100):
            for number in range(count):
                node.owe(f"k{count}-{number}", to=f"p{count}-{number}", grouped=grouped)
            with statements(node.store) as said:
                assert outbox_of(node, SlowChannel()).deliver(limit=count) == count
            counted.append(len(said))
            assert said.count("COMMIT") == 2  # one to lease, one to mark
    assert len(set(counted)) == 1


def test_one_message_that_fails_in_mid_batch_fails_alone(database_url: str) -> None:
    with open_node(database_url) as node:
        owe(node, 20)
        channel = SlowChannel()
        channel.at[11] = channel.fail_next
        assert outbox_of(node, channel).deliver_all() == 19
        assert states(node) == {"sent": 19, "waiting": 1}
        assert (node.row("k010")["attempts"], node.row("k010")["next_try"]) == (1, micros(MONDAY + FIRST_PAUSE))


def test_a_fault_of_the_channels_own_holds_up_no_other(database_url: str, caplog: pytest.LogCaptureFixture) -> None:
    with open_node(database_url) as node:
        owe(node, 5)
        with caplog.at_level(logging.ERROR):
            assert outbox_of(node, SlowChannel(at={3: break_down})).deliver_all() == 4
        assert (states(node), node.row("k002")["attempts"]) == ({"sent": 4, "waiting": 1}, 1)
        assert [record.message for record in caplog.records] == ["message_not_delivered"]


def test_one_that_cannot_be_looked_up_is_found_and_the_others_go(
    sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with open_node(sqlite_url) as node, caplog.at_level(logging.ERROR):
        owe(node, 63)
        node.owe("k0305", "poison")
        channel, renderer = SlowChannel(), Poisoned()
        assert outbox_of(node, channel, renderer).deliver_all() == 63
        assert (node.row("k0305")["attempts"], states(node)) == (1, {"sent": 63, "waiting": 1})
        # Half by half: the whole, then two of each half size.
        assert sorted(renderer.asked, reverse=True) == [64, 32, 32, 16, 16, 8, 8, 4, 4, 2, 2, 1, 1]
        assert [record.message for record in caplog.records] == ["message_not_written"]


def test_what_is_told_at_once_and_what_waits_for_the_morrow_are_marked_together(database_url: str) -> None:
    with open_node(database_url) as node:
        node.owe("a1", "first", to="ann", grouped=True)
        node.outbox.deliver_all()
        for number in range(3):
            node.owe(f"b{number}", "late", to="bea", grouped=True)
        node.owe("a2", "second", to="ann", grouped=True)
        node.owe("c", "news", to="ann")
        assert node.outbox.deliver_all() == 2
        assert (node.row("a2")["next_try"], node.row("a2")["lease_until"]) == (micros(TOMORROW), None)
        assert sorted(node.sent()) == ["first", "late late late", "news"]


@pytest.mark.parametrize("after", [1, PER_MARK - 1, PER_MARK, 3 * PER_MARK + 2])
def test_a_crash_doubles_no_more_than_goes_out_before_the_next_mark(database_url: str, after: int) -> None:
    with open_node(database_url) as node:
        keys = owe(node, 20)
        channel = SlowChannel(seconds=EACH_TAKES, after={after: crash})
        with pytest.raises(Crash):
            outbox_of(node, channel).deliver_all()
        unmarked = [key for key in keys_of(channel) if node.row(key)["state"] == "waiting"]
        assert unmarked == keys[(after - 1) // PER_MARK * PER_MARK : after]
        node.later(LEASE)
        outbox_of(node, channel).deliver_all()
        sent = Counter(keys_of(channel))
        assert (sorted(sent), sorted(key for key in keys if sent[key] == 2)) == (keys, unmarked)


def test_a_quick_channel_is_marked_once_a_batch(sqlite_url: str) -> None:
    with open_node(sqlite_url) as node:
        owe(node, 30)
        with statements(node.store) as said:
            outbox_of(node, SlowChannel()).deliver(limit=30)
        assert len([each for each in said if each.startswith("UPDATE outbox SET state")]) == 1


def test_a_slow_channel_is_marked_every_few_messages(sqlite_url: str) -> None:
    with open_node(sqlite_url) as node:
        owe(node, 30)
        with statements(node.store) as said:
            outbox_of(node, SlowChannel(seconds=EACH_TAKES)).deliver(limit=30)
        assert len([each for each in said if each.startswith("UPDATE outbox SET state")]) == 30 // PER_MARK


def test_when_the_turn_is_over_the_rest_goes_back_at_once(database_url: str) -> None:
    with open_node(database_url) as node:
        owe(node, 10)
        slow = SlowChannel(seconds=TURN_SECONDS / 4)
        assert outbox_of(node, slow).deliver() == 4
        assert (states(node), node.row("k009")["lease_until"]) == ({"sent": 4, "waiting": 6}, None)
        # Another node needs not wait for a lease to end.
        assert outbox_of(node, SlowChannel()).deliver() == 6
        assert node.row("k009")["attempts"] == 0


def test_a_channel_slower_than_a_turn_gets_on_all_the_same(sqlite_url: str) -> None:
    with open_node(sqlite_url) as node:
        owe(node, 3)
        slow = SlowChannel(seconds=2 * TURN_SECONDS)
        assert outbox_of(node, slow).deliver_all() == 3
        assert keys_of(slow) == ["k000", "k001", "k002"]


def test_a_turn_takes_batch_after_batch(sqlite_url: str) -> None:
    with open_node(sqlite_url) as node:
        node.owe("k")
        blank = node.row("k")
        with node.store.writes() as connection:
            connection.execute(sa.insert(OUTBOX), [{**blank, "id": f"k{n:04d}"} for n in range(BATCH + 20)])
        assert outbox_of(node, SlowChannel()).deliver() == BATCH + 21


def test_no_other_node_sends_what_is_in_hand(database_url: str) -> None:
    with open_node(database_url) as node:
        owe(node, 10)
        meanwhile = []
        channel = SlowChannel(at={5: lambda: meanwhile.append(node.outbox.deliver())})
        assert (outbox_of(node, channel).deliver_all(), meanwhile, node.sent()) == (10, [0], [])


def test_what_another_node_has_sent_is_not_taken_back_by_a_late_failure(database_url: str) -> None:
    with open_node(database_url) as node:
        owe(node, 2)
        other = SlowChannel()

        def lose_the_lease() -> None:
            node.later(LEASE)
            outbox_of(node, other).deliver_all()
            raise DeliveryFailed("too late", permanent=True)

        channel = SlowChannel(at={1: lose_the_lease})
        outbox_of(node, channel).deliver_all()
        assert (states(node), keys_of(other)) == ({"sent": 2}, ["k000", "k001"])


def test_what_another_node_has_in_hand_is_not_given_back(database_url: str) -> None:
    with open_node(database_url) as node:
        owe(node, 1)
        first, second = micros(MONDAY + LEASE), micros(MONDAY + 2 * LEASE)
        (row,) = owed_rows.lease(node.store, now=micros(MONDAY), until=first, limit=1)
        assert len(owed_rows.lease(node.store, now=first, until=second, limit=1)) == 1
        owed_rows.mark(node.store, [], [Unsent(row, "waiting", 0, row.next_try)], at=first, lease=first)
        assert node.row("k000")["lease_until"] == second


def test_a_row_that_is_being_marked_is_passed_over(postgresql_url: str) -> None:
    with open_node(postgresql_url) as node:
        owe(node, 3)
        node.outbox._lease(3)
        node.later(LEASE)  # the lease is over, and only now its holder marks
        with node.store.writes() as connection:
            connection.execute(OUTBOX.update().where(OUTBOX.c.id == "k001").values(state="sent"))
            until = micros(node.clock.at + LEASE)
            taken = owed_rows.lease(node.store, now=micros(node.clock.at), until=until, limit=3)
        assert [row.id for row in taken] == ["k000", "k002"]


def test_workers_at_once_share_the_work_and_send_nothing_twice(database_url: str) -> None:
    with open_node(database_url) as node:
        keys = owe(node, 120)
        channel = SlowChannel(seconds=TURN_SECONDS / 8)
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: outbox_of(node, channel).deliver_all(), range(4)))
        assert (sorted(keys_of(channel)), states(node)) == (keys, {"sent": 120})


def test_no_statement_walks_through_the_outbox(sqlite_url: str) -> None:
    with open_node(sqlite_url) as node:
        node.owe("a", grouped=True)
        node.owe("b")
        with statements(node.store) as said:
            node.outbox.deliver_all()
        asked = [each for each in said if "outbox" in each]
        with node.store.engine.connect() as connection:
            plans = [plan(connection, each) for each in asked]
        assert len(plans) >= 5
        walked = [line for lines in plans for line in lines if line.startswith("SCAN")]
        assert set(walked) <= {"SCAN due"}


def test_postgresql_reads_no_more_of_the_outbox_than_is_due(postgresql_url: str) -> None:
    with open_node(postgresql_url) as node:
        node.owe("k", grouped=True)
        node.owe("s")
        copies(node.store, 20_000, {"id": "'s' || n", "state": "'sent'", "sent_at": "n"})
        copies(node.store, BATCH, {"id": "'w' || n"})
        found: list[str] = []

        def explain(connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, _many: bool) -> None:
            if "outbox" in statement:
                beside = connection.connection.driver_connection.cursor()
                found.extend(row[0] for row in beside.execute(f"EXPLAIN {statement}", values))

        sa.event.listen(node.store.engine, "before_cursor_execute", explain)
        assert outbox_of(node, SlowChannel()).deliver_all() == BATCH + 2
        assert len([line for line in found if "Update on outbox" in line]) >= 3
        assert [line for line in found if "Seq Scan" in line] == []


def copies(store: Store, count: int, made: dict[str, str]) -> None:
    """Copies of the row "s" with some columns made otherwise, and what the planner is to know of them."""
    names = [column.name for column in OUTBOX.columns]
    made = {"recipient": "'person:p' || mod(n, 300) || '@x.se'", **made}
    columns = ", ".join(made.get(name, name) for name in names)
    with store.writes() as connection:
        connection.exec_driver_sql(
            f"INSERT INTO outbox ({', '.join(names)}) "
            f"SELECT {columns} FROM outbox, generate_series(1, {count}) AS n WHERE id = 's'"
        )
        connection.exec_driver_sql("ANALYZE outbox")


def plan(connection: sa.Connection, statement: str) -> list[str]:
    """How SQLite goes about a statement, whatever its values are."""
    rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", (0,) * statement.count("?"))
    return [row[3] for row in rows]


@pytest.fixture(scope="module")
def template_url(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> str:
    return databases.sqlite(tmp_path_factory.mktemp("law") / "outbox.db")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    count=st.integers(1, 20),
    failing=st.sets(st.integers(1, 25)),
    dying=st.sets(st.integers(1, 25), max_size=3),
    part=st.integers(1, 12),
)
def test_whatever_fails_and_dies_everything_goes_out_and_little_goes_twice(
    template_url: str, count: int, failing: set[int], dying: set[int], part: int
) -> None:
    with open_node(template_url) as node:
        with node.store.writes() as connection:
            connection.execute(sa.delete(OUTBOX))
        keys, deaths = owe(node, count), 0
        channel = SlowChannel(seconds=MARK_SECONDS / (part - 0.5), after=dict.fromkeys(dying, crash))
        channel.at = dict.fromkeys(failing, channel.fail_next)
        while states(node)["waiting"]:
            try:
                outbox_of(node, channel).deliver_all()
            except Crash:
                deaths += 1
            node.later(max(LEASE, FIRST_PAUSE * 2))
        sent = Counter(keys_of(channel))
        assert sorted(sent) == keys
        assert sum(sent.values()) - count <= deaths * part


def test_what_a_persons_rest_adds_to_a_batch_is_looked_up_in_portions(sqlite_url: str) -> None:
    with open_node(sqlite_url) as node:
        node.owe("a", to="ann", grouped=True)
        node.owe("b", to="bea", grouped=True)
        first, second = node.row("a"), node.row("b")
        with node.store.writes() as connection:
            for blank in (first, second):
                rest = [{**blank, "id": f"{blank['id']}{n:04d}"} for n in range(BATCH)]
                connection.execute(sa.insert(OUTBOX), rest)
        renderer = Poisoned()
        assert outbox_of(node, SlowChannel(), renderer).deliver_all() == 2
        assert renderer.asked == [BATCH + 1, BATCH + 1]
