"""The outbox: at least once, never by two at a time, ever more patiently, and visible when it gives up."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from adapters.memory import MemoryChannel
from adapters.system import NothingStandsThere
from engine.canonical import instant, micros
from engine.errors import DeliveryFailed
from engine.outbox import ATTEMPTS, FIRST_PAUSE, LEASE, LONGEST_PAUSE, Outbox
from engine.ports import Message, Seams
from engine.store.owed_rows import OwedRow
from engine.store.store import Store
from engine.tables import OutboxRecord, table_of
from tests.engine.house import MONDAY, StillClock, local
from tests.engine.posts import NoJitter

OUTBOX = table_of(OutboxRecord)
TOMORROW = local("2026-12-22 07:30")


class PlainRenderer:
    """Writes the rows' templates; a template named "fault" cannot be written, "nowhere" has no address."""

    def look_up(self, rows: Sequence[OwedRow], now: datetime) -> PlainRenderer:
        return self

    def write(self, rows: Sequence[OwedRow]) -> Message | None:
        words = " ".join(row.template for row in rows)
        if "fault" in words:
            raise KeyError(words)
        if "nowhere" in words:
            raise DeliveryFailed("no address", permanent=True)
        address, written = rows[0].recipient.partition(":")[2], instant(rows[0].created_at)
        return Message(rows[0].id, "x.se", "", address, "", "us@x.se", words, words, "sv", written)

    def next_day(self, row: OwedRow) -> int:
        return micros(TOMORROW)


class Crash(BaseException):
    """The process ends here."""


@dataclass
class CrashingSeams:
    """Ends the process when a place is passed, once."""

    at: str
    crashed: bool = False

    def pass_by(self, name: str) -> None:
        if name == self.at and not self.crashed:
            self.crashed = True
            raise Crash


@dataclass
class Node:
    """One process that delivers, and hands to put rows in."""

    store: Store
    clock: StillClock = field(default_factory=lambda: StillClock(MONDAY))
    channel: MemoryChannel = field(default_factory=MemoryChannel)
    seams: Seams = field(default_factory=NothingStandsThere)

    @property
    def outbox(self) -> Outbox:
        return Outbox(self.store, self.clock, self.channel, PlainRenderer(), NoJitter(), self.seams)

    def owe(self, key: str, template: str = "hello", to: str = "ann", *, grouped: bool = False) -> None:
        row = {
            "institution": "x.se", "id": key, "case_id": "case", "sequence": 1, "channel": "mail",
            "recipient": f"person:{to}@x.se", "template": template, "grouped": grouped,
            "attempts": 0, "state": "waiting", "not_before": micros(MONDAY),
            "next_try": micros(MONDAY), "created_at": micros(MONDAY),
        }  # fmt: skip
        with self.store.writes() as connection:
            connection.execute(sa.insert(OUTBOX).values(**row))

    def row(self, key: str) -> dict[str, Any]:
        with self.store.reads() as connection:
            found = connection.execute(sa.select(OUTBOX).where(OUTBOX.c.id == key)).one()
        return dict(found._mapping)

    def sent(self) -> list[str]:
        return [message.text for message in self.channel.messages]

    def later(self, pause: timedelta) -> None:
        self.clock.at += pause


@contextmanager
def open_node(url: str, seams: Seams | None = None) -> Iterator[Node]:
    with closing(Store(url)) as store:
        yield Node(store, seams=seams or NothingStandsThere())


def test_what_is_owed_goes_out_once(database_url: str) -> None:
    with open_node(database_url) as node:
        node.owe("k1")
        assert (node.outbox.deliver(), node.outbox.deliver()) == (1, 0)
        row = node.row("k1")
        assert (node.sent(), row["state"], row["sent_at"]) == (["hello"], "sent", micros(MONDAY))


def test_nothing_goes_out_before_its_time(sqlite_url: str) -> None:
    with open_node(sqlite_url) as node:
        node.owe("k1")
        node.clock.at = MONDAY - timedelta(microseconds=1)
        assert (node.outbox.deliver_all(), node.outbox.oldest_waiting()) == (0, None)
        node.clock.at = MONDAY
        assert node.outbox.oldest_waiting() == micros(MONDAY)


def test_pauses_grow_until_six_hours_and_then_the_letter_is_dead(sqlite_url: str) -> None:
    with open_node(sqlite_url) as node:
        node.owe("k1")
        node.channel.fail_next(ATTEMPTS)
        pauses = []
        for _ in range(ATTEMPTS):
            node.outbox.deliver()
            pauses.append(instant(node.row("k1")["next_try"]) - node.clock.at)
            node.later(pauses[-1])
        assert pauses[:4] == [FIRST_PAUSE * 2**n for n in range(4)]
        assert pauses == sorted(pauses)
        assert pauses[-1] == LONGEST_PAUSE
        row = node.row("k1")
        assert (row["state"], row["attempts"], node.sent()) == ("dead", ATTEMPTS, [])
        assert row["last_error"] == "the channel is down"


def test_a_failed_message_is_not_tried_before_its_pause_is_over(database_url: str) -> None:
    with open_node(database_url) as node:
        node.owe("k1")
        node.channel.fail_next()
        assert node.outbox.deliver_all() == 0
        node.later(FIRST_PAUSE - timedelta(microseconds=1))
        assert node.outbox.deliver_all() == 0
        node.later(timedelta(microseconds=1))
        assert node.outbox.deliver_all() == 1


def test_a_refusal_for_good_is_dead_at_once(database_url: str) -> None:
    with open_node(database_url) as node:
        node.owe("k1")
        node.owe("k2", "nowhere")
        node.channel.fail_next(permanent=True)
        node.outbox.deliver_all()
        assert [node.row(key)["state"] for key in ("k1", "k2")] == ["dead", "dead"]


def test_a_dead_letter_can_be_sent_again_and_asking_twice_does_no_harm(database_url: str) -> None:
    with open_node(database_url) as node:
        node.owe("k1")
        node.channel.fail_next(permanent=True)
        node.outbox.deliver_all()
        assert node.outbox.retry("x.se", "k1")
        node.outbox.deliver_all()
        assert node.outbox.retry("x.se", "k1")
        assert (node.outbox.deliver_all(), node.sent(), node.row("k1")["state"]) == (0, ["hello"], "sent")


def test_a_letter_nobody_knows_cannot_be_sent_again(sqlite_url: str) -> None:
    with open_node(sqlite_url) as node:
        node.owe("k1")
        assert not node.outbox.retry("x.se", "k2")
        assert not node.outbox.retry("y.se", "k1")


def test_a_message_that_cannot_be_written_holds_up_no_other(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with open_node(database_url) as node:
        node.owe("k1", "fault")
        node.owe("k2")
        with caplog.at_level(logging.ERROR):
            assert node.outbox.deliver_all() == 1
        row = node.row("k1")
        assert (row["state"], row["attempts"], node.sent()) == ("waiting", 1, ["hello"])
        assert [record.message for record in caplog.records] == ["message_not_written"]


def test_one_person_gets_what_is_grouped_in_one_mail(database_url: str) -> None:
    with open_node(database_url) as node:
        for number in range(3):
            node.owe(f"a{number}", f"late{number}", grouped=True)
        node.owe("b", "other", to="bea", grouped=True)
        node.owe("c", "at-once")
        assert node.outbox.deliver_all() == 3
        assert sorted(node.sent()) == ["at-once", "late0 late1 late2", "other"]
        assert {node.row(f"a{n}")["sent_with"] for n in range(3)} == {"a0"}


def test_a_group_is_not_parted_by_how_much_is_taken_at_a_time(database_url: str) -> None:
    with open_node(database_url) as node:
        for number in range(5):
            node.owe(f"a{number}", "late", grouped=True)
        assert node.outbox.deliver(limit=2) == 1
        assert node.sent() == ["late late late late late"]


def test_a_second_grouped_mail_waits_for_the_next_day(database_url: str) -> None:
    with open_node(database_url) as node:
        node.owe("a1", "first", grouped=True)
        node.outbox.deliver_all()
        node.owe("a2", "second", grouped=True)
        assert node.outbox.deliver_all() == 0
        assert node.row("a2")["next_try"] == micros(TOMORROW)
        node.clock.at = TOMORROW
        assert (node.outbox.deliver_all(), node.sent()) == (1, ["first", "second"])


def test_what_is_told_at_once_does_not_wait_for_the_day(sqlite_url: str) -> None:
    with open_node(sqlite_url) as node:
        node.owe("a1", "late", grouped=True)
        node.outbox.deliver_all()
        node.owe("a2", "news")
        assert (node.outbox.deliver_all(), node.sent()) == (1, ["late", "news"])


def test_more_than_one_handful_is_delivered_though_the_first_of_them_fail(sqlite_url: str) -> None:
    with open_node(sqlite_url) as node:
        for number in range(210):
            node.owe(f"k{number:03d}")
        node.channel.fail_next(105)
        assert node.outbox.deliver_all() == 105


@pytest.mark.parametrize(("where", "times"), [("before_delivery", 1), ("after_delivery", 2)])
def test_after_a_crash_the_message_goes_again_under_the_same_key(
    database_url: str, where: str, times: int
) -> None:
    with open_node(database_url, CrashingSeams(where)) as node:
        node.owe("k1")
        with pytest.raises(Crash):
            node.outbox.deliver_all()
        node.later(LEASE - timedelta(microseconds=1))
        assert node.outbox.deliver_all() == 0
        node.later(timedelta(microseconds=1))
        assert node.outbox.deliver_all() == 1
        assert [message.key for message in node.channel.messages] == ["k1"] * times


def test_while_one_node_has_a_persons_mail_in_hand_no_other_writes_to_that_person(database_url: str) -> None:
    with open_node(database_url, CrashingSeams("before_delivery")) as node:
        node.owe("a1", "first", grouped=True)
        with pytest.raises(Crash):
            node.outbox.deliver_all()
        node.owe("a2", "second", grouped=True)
        assert node.outbox.deliver_all() == 0
        node.later(LEASE)
        assert (node.outbox.deliver_all(), node.sent()) == (1, ["first second"])


def test_a_row_under_lease_may_be_sent_when_the_lease_ends(sqlite_url: str) -> None:
    with open_node(sqlite_url, CrashingSeams("before_delivery")) as node:
        node.owe("k1")
        with pytest.raises(Crash):
            node.outbox.deliver_all()
        now, ends = micros(MONDAY), micros(MONDAY + LEASE)
        asked = [(now, ends), (now, ends - 1), (ends, ends + 1)]
        assert [node.outbox.next_stop(after=a, until=u) for a, u in asked] == [ends, None, None]


def test_nodes_that_deliver_at_once_send_no_row_twice(database_url: str) -> None:
    with open_node(database_url) as node:
        for number in range(60):
            node.owe(f"k{number:02d}", f"text{number:02d}")
            node.owe(f"g{number:02d}", "late", to=f"p{number % 5}", grouped=True)
        nodes = [Node(node.store, channel=node.channel) for _ in range(4)]
        with ThreadPoolExecutor(4) as pool:
            sent = sum(pool.map(lambda each: each.outbox.deliver_all(), nodes))
        assert sent == 65
        assert sorted(node.sent())[:5] == [" ".join(["late"] * 12)] * 5
        assert sorted(node.sent())[5:] == [f"text{number:02d}" for number in range(60)]
