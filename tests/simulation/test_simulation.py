"""A minute of the simulation; `make simulate` plays as many lives as one has time for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from engine import climbing, outbox
from engine.store.owed_rows import Sent
from engine.store.sqlite import SqliteLedger
from tests.simulation.truth import Broken
from tests.simulation.world import life, template

LIVES = 30
STEPS = 50
FAULTS = (
    "died before commit", "died after commit", "died before delivery", "died after delivery", "database held",
    "disk full", "clock jumps back", "clock jumps forth", "channel fails", "channel lies", "request comes twice",
)  # fmt: skip


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return template(tmp_path_factory.mktemp("office"))


def test_whatever_breaks_every_promise_holds(office: Path, tmp_path: Path) -> None:
    worlds = [life(seed, STEPS, office, tmp_path) for seed in range(1, LIVES + 1)]
    assert sum(world.truth.transitions for world in worlds) > 10 * LIVES
    for fault in FAULTS:
        assert any(world.seen[fault] for world in worlds), f"no life met this: {fault}"


def test_a_seed_plays_the_same_life_again(office: Path, tmp_path: Path) -> None:
    first, second = (life(7, STEPS, office, tmp_path) for _ in range(2))
    assert first.trace.digest() == second.trace.digest()
    assert first.seen == second.seen
    assert first.truth.transitions == second.truth.transitions


def forget_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    def none_was_done(_self: SqliteLedger, _plan: Any) -> None:
        return None

    def nothing_kept(_self: SqliteLedger, statement: str, rows: Any) -> None:
        if rows and "INTO idempotency" not in statement:
            _self._many(statement, rows)

    monkeypatch.setattr(SqliteLedger, "_done", none_was_done)
    monkeypatch.setattr(SqliteLedger, "_each", nothing_kept)


def forget_what_fired(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(climbing, "note_fired", lambda *_: None)


def call_what_failed_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    def mark(batch: Any, rows: Any, _failure: Any) -> None:
        batch._sent.extend(Sent(row, rows[0].id) for row in rows)

    monkeypatch.setattr(outbox._Batch, "_failed", mark)


@pytest.mark.parametrize(
    ("fault", "promise"), [(forget_keys, "once"), (forget_what_fired, "rung"), (call_what_failed_sent, "owed")]
)
def test_a_promise_that_is_not_kept_is_noticed(
    office: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    fault: Callable[[pytest.MonkeyPatch], None],
    promise: str,
) -> None:
    fault(monkeypatch)
    with pytest.raises(Broken, match=f": {promise}: "):
        _play(range(1, 4 * LIVES), office, tmp_path)


def _play(seeds: Iterable[int], office: Path, folder: Path) -> None:
    for seed in seeds:
        life(seed, STEPS, office, folder)
