"""A minute of the simulation; `make simulate` plays as many lives as one has time for."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine import climbing, outbox
from engine.model import Done
from engine.store.ledger import Plan
from engine.store.owed_rows import Sent
from engine.store.sqlite import SqliteLedger
from tests.simulation import playing
from tests.simulation.playing import Lived, lives
from tests.simulation.regressions import KEPT, Found
from tests.simulation.sittings import Sitting, append, in_all, kept
from tests.simulation.truth import Broken
from tests.simulation.world import life, template

LIVES = 8
STEPS = 100
SHORT = 25
FAULTS = (
    "died before commit", "died after commit", "died before delivery", "died after delivery", "database held",
    "database gone", "disk full", "clock jumps back", "clock jumps forth", "channel fails", "channel lies",
    "channel is slow", "message carried twice", "request comes twice", "request comes again", "requests change order",
    "stale read", "asked across institutions", "key used for something else", "rights change", "upgraded",
)  # fmt: skip

Patch = pytest.MonkeyPatch


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return template(tmp_path_factory.mktemp("office"))


def test_whatever_breaks_every_promise_holds(office: Path, tmp_path: Path) -> None:
    seen: Counter[str] = Counter()
    transitions = 0
    for seed in range(1, LIVES + 1):
        world = life(seed, STEPS, office, tmp_path)
        seen.update(world.seen)
        transitions += world.truth.transitions
    assert transitions > 200 * LIVES
    assert [fault for fault in FAULTS if not seen[fault]] == []


@pytest.mark.parametrize("found", KEPT, ids=lambda found: f"seed {found.seed}")
def test_what_a_life_once_found_it_does_not_find_again(found: Found, office: Path, tmp_path: Path) -> None:
    assert life(found.seed, found.steps, office, tmp_path).truth.transitions > 0


def test_a_life_that_stands_still_is_told_with_its_seed(office: Path, tmp_path: Path, monkeypatch: Patch) -> None:
    monkeypatch.setattr(playing, "LONGEST", 1)
    held = threading.Lock()
    held.acquire()
    monkeypatch.setattr(playing, "life", lambda *_: held.acquire())
    (lived,) = lives([5], SHORT, office, tmp_path)
    assert lived.broken
    assert ("seed 5" in lived.broken, "stands still" in lived.broken) == (True, True)


def test_a_seed_plays_the_same_life_again(office: Path, tmp_path: Path) -> None:
    first, second = (life(7, SHORT, office, tmp_path) for _ in range(2))
    assert first.digest == second.digest
    assert first.seen == second.seen


def test_other_processes_that_walk_sets_in_another_order_play_the_same_lives(
    office: Path, tmp_path: Path, monkeypatch: Patch
) -> None:
    here = [*lives(range(1, 3), SHORT, office, tmp_path)]
    monkeypatch.setenv("PYTHONHASHSEED", "3")
    there = [*lives(range(1, 3), SHORT, office, tmp_path, processes=2)]
    assert [each.broken for each in there] == [None, None]
    assert [each.digest for each in here] == [each.digest for each in there]


def test_sittings_add_up_and_a_life_counts_once(tmp_path: Path) -> None:
    path = tmp_path / "build" / "simulation.json"
    for seeds in ((1, 2), (2, 3)):
        sitting = Sitting(steps=10, commit="c")
        for seed in seeds:
            sitting.add(Lived(seed, 100, Counter({"disk full": 1}), "d", 0.5))
        append(path, sitting)
    assert sum((each.seen for each in kept(path)), Counter()) == {"disk full": 4}
    assert in_all(kept(path)).startswith("in all: 2 sittings, 3 different lives, 400 transitions, 2 s")


# A safeguard is taken out, and it must be noticed.


def forget_keys(monkeypatch: Patch) -> None:
    def none_was_done(_self: SqliteLedger, _plan: Any) -> None:
        return None

    def nothing_kept(_self: SqliteLedger, statement: str, rows: Any) -> None:
        if rows and "INTO idempotency" not in statement:
            _self._many(statement, rows)

    monkeypatch.setattr(SqliteLedger, "_done", none_was_done)
    monkeypatch.setattr(SqliteLedger, "_each", nothing_kept)


def forget_what_fired(monkeypatch: Patch) -> None:
    monkeypatch.setattr(climbing, "note_fired", lambda *_: None)


def call_what_failed_sent(monkeypatch: Patch) -> None:
    def mark(batch: Any, rows: Any, _failure: Any) -> None:
        batch._sent.extend(Sent(row, rows[0].id) for row in rows)

    monkeypatch.setattr(outbox._Batch, "_failed", mark)


def believe_every_version(monkeypatch: Patch) -> None:
    monkeypatch.setattr(SqliteLedger, "_holds", lambda *_: True)


def forget_the_institution_of_a_key(monkeypatch: Patch) -> None:
    def done(self: SqliteLedger, plan: Plan) -> Done | None:
        query = "SELECT fingerprint, case_id, sequence FROM idempotency WHERE party = ? AND key = ?"
        row = self._run(query, (plan.party, plan.key)).fetchone()
        return Done(*row) if row else None

    monkeypatch.setattr(SqliteLedger, "_done", done)


def forget_the_institution_of_a_letter(monkeypatch: Patch) -> None:
    def together(rows: Any) -> list[Any]:
        groups: dict[str, list[Any]] = {}
        for row in rows:
            groups.setdefault(row.recipient if row.grouped else row.id, []).append(row)
        return [*groups.values()]

    monkeypatch.setattr(outbox, "_grouped", together)


@pytest.mark.parametrize(
    ("fault", "promise"),
    [
        (forget_keys, "once"),
        (forget_what_fired, "rung"),
        (call_what_failed_sent, "owed"),
        (believe_every_version, "refused"),
        (forget_the_institution_of_a_key, "apart"),
        (forget_the_institution_of_a_letter, "apart"),
    ],
)
def test_a_promise_that_is_not_kept_is_noticed(
    office: Path, tmp_path: Path, monkeypatch: Patch, fault: Callable[[Patch], None], promise: str
) -> None:
    fault(monkeypatch)
    with pytest.raises(Broken, match=f": {promise}: "):
        _play_on(office, tmp_path)


def _play_on(office: Path, folder: Path) -> None:
    for seed in range(1, 4 * LIVES):
        life(seed, STEPS // 2, office, folder)
