"""A database that fails while messages are looked up: no failed delivery of any, and no turn without end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import psycopg
import pytest
import sqlalchemy as sa

from engine.errors import Busy
from engine.outbox import LEASE, TURN_SECONDS
from engine.store.admission import DatabaseNotReady
from engine.store.owed_rows import OwedRow
from tests.engine.test_outbox import PlainRenderer, open_node
from tests.engine.test_outbox_batches import Poisoned, SlowChannel, keys_of, outbox_of, owe, states


def timed_out() -> Exception:
    return sa.exc.OperationalError("SELECT", {}, psycopg.OperationalError("connection timeout expired"))


@dataclass
class Troubled(Poisoned):
    """At some look-ups, counted from the first, something fails; each takes some seconds of a channel's stopwatch."""

    channel: SlowChannel = field(default_factory=SlowChannel)
    seconds: float = 0.0
    fails: dict[int, Callable[[], Exception]] = field(default_factory=dict)

    def look_up(self, rows: Sequence[OwedRow], now: datetime) -> PlainRenderer:
        self.channel.passed += self.seconds
        if len(self.asked) + 1 in self.fails:
            self.asked.append(len(rows))
            failure = self.fails[len(self.asked)]
            raise failure()
        return super().look_up(rows, now)


@pytest.mark.parametrize("failure", [timed_out, Busy, DatabaseNotReady])
def test_a_database_that_fails_at_a_look_up_is_asked_once_and_no_delivery_has_failed(
    database_url: str, failure: Callable[[], Exception]
) -> None:
    with open_node(database_url) as node:
        keys, channel = owe(node, 40), SlowChannel()
        renderer = Troubled(fails={1: failure})
        with pytest.raises(type(failure())):
            outbox_of(node, channel, renderer).deliver()
        assert (renderer.asked, states(node)) == ([40], {"waiting": 40})
        assert {node.row(key)["attempts"] for key in keys} == {0}
        node.later(LEASE)
        assert outbox_of(node, channel, renderer).deliver() == 40
        assert keys_of(channel) == keys


def test_what_went_out_before_the_database_failed_is_marked_and_goes_out_once(database_url: str) -> None:
    with open_node(database_url) as node:
        keys, channel = [*owe(node, 3), "k003"], SlowChannel()
        node.owe("k003", "poison")
        with pytest.raises(sa.exc.OperationalError):
            outbox_of(node, channel, Troubled(fails={3: timed_out})).deliver()
        assert (keys_of(channel), states(node)) == (keys[:2], {"sent": 2, "waiting": 2})
        node.later(LEASE)
        outbox_of(node, channel).deliver_all()
        assert keys_of(channel) == keys


def test_after_a_look_up_longer_than_a_turn_one_message_goes_and_the_rest_goes_back(database_url: str) -> None:
    with open_node(database_url) as node:
        owe(node, 3)
        channel = SlowChannel()
        assert outbox_of(node, channel, Troubled(channel=channel, seconds=2 * TURN_SECONDS)).deliver() == 1
        assert [node.row(key)["lease_until"] for key in ("k001", "k002")] == [None, None]
        assert outbox_of(node, channel).deliver() == 2
        assert keys_of(channel) == ["k000", "k001", "k002"]


def test_looking_for_what_cannot_be_looked_up_ends_with_the_turn(sqlite_url: str) -> None:
    with open_node(sqlite_url) as node:
        keys, channel = owe(node, 64, "poison"), SlowChannel()
        renderer = Troubled(channel=channel, seconds=TURN_SECONDS)
        assert outbox_of(node, channel, renderer).deliver() == 0
        assert renderer.asked == [64, 32, 16, 8, 4, 2, 1]
        assert [node.row(key)["attempts"] for key in keys] == [1] + [0] * 63
