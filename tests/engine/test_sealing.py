"""Sealing: the tree over all events, checkpoints that never contradict each other, and what a check finds."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from adapters.signing import open_checkpoint
from engine import seal_batches
from engine.canonical import chain, micros
from engine.errors import SealFailed
from engine.merkle import leaf_hash, verify_consistency, verify_inclusion
from engine.sealing import Sealing, text_of
from engine.store.store import Store
from engine.tables import Table
from tests.engine.another_tree import AnotherTree
from tests.engine.house import INSTITUTION
from tests.engine.lives import lived
from tests.engine.sealed_office import SEALS, Office, Shelf, office_in


@pytest.fixture
def office(sqlite_url: str, tmp_path: Path) -> Iterator[Office]:
    with lived(sqlite_url) as life:
        yield office_in(life, tmp_path)


@pytest.fixture
def on_both(database_url: str, tmp_path: Path) -> Iterator[Office]:
    with lived(database_url) as life:
        yield office_in(life, tmp_path)


# Sealing.


def test_a_checkpoint_holds_every_event_and_another_hands_tree_has_its_root(on_both: Office) -> None:
    made = on_both.seal()
    entries = on_both.entries()
    assert (made.size, made.root) == (len(entries), AnotherTree(entries).root())
    assert made.note.startswith(text_of("x.se/fardplan", made.size, made.root) + "\n")
    assert replace(open_checkpoint(made.note, [on_both.signer.key()]), at=made.at) == made


def test_sealing_again_changes_nothing(on_both: Office) -> None:
    on_both.seal()
    before = on_both.life.house.dump()
    assert on_both.sealing.seal(INSTITUTION).events == on_both.sealing.seal(INSTITUTION, sweep=True).events == 0
    assert on_both.life.house.dump() == before


def test_what_is_new_goes_to_the_end_and_the_old_tree_is_its_beginning(on_both: Office) -> None:
    first = on_both.seal()
    runs = list(on_both.sealing.runs(INSTITUTION, size=first.size))
    on_both.comment("one")
    on_both.comment("two")
    on_both.comment("three", on_both.life.report)
    second = on_both.seal()
    grown = list(on_both.sealing.runs(INSTITUTION, size=second.size))
    assert grown[: len(runs)] == runs
    added = [(run.case, run.count, run.first_leaf) for run in grown[len(runs) :]]
    comments = sorted([(on_both.life.stay, 2), (on_both.life.report, 1)])
    assert added == [(*comments[0], first.size), (*comments[1], first.size + comments[0][1])]
    proof = on_both.sealing.consistency(INSTITUTION, first.size, second.size)
    assert verify_consistency(first.size, first.root, second.size, second.root, proof)
    assert on_both.wrong(first, second) is None


def test_runs_can_be_read_as_they_were_at_any_size(office: Office) -> None:
    made = office.seal()
    for size in range(made.size + 1):
        runs = list(office.sealing.runs(INSTITUTION, size=size))
        assert sum(run.count for run in runs) == size
        assert office.sealing.prover(INSTITUTION, size).root() == AnotherTree(office.entries()[:size]).root()


def test_every_event_of_a_case_can_be_proved_to_be_in_the_tree(office: Office) -> None:
    office.seal()
    office.comment()
    made = office.seal()
    proofs = office.sealing.prove_case(INSTITUTION, office.life.stay, size=made.size)
    assert [(each.sequence, each.hash) for each in proofs] == [
        (row["sequence"], row["hash"]) for row in office.life.house.events(office.life.stay)
    ]
    for each in proofs:
        entry = leaf_hash(bytes.fromhex(each.hash))
        assert verify_inclusion(entry, each.leaf, made.size, each.hashes, made.root)


def test_many_events_are_sealed_in_several_transactions(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seal_batches, "BATCH", 10)
    told: list[tuple[int, int]] = []
    made = office.seal(told=lambda done, total: told.append((done, total)))
    sizes = [each.size for each in office.sealing.checkpoints(INSTITUTION)]
    assert len(sizes) > 1
    assert sizes == sorted((done for done, _ in told), reverse=True)
    assert made.size == len(office.entries())
    assert office.wrong(*office.sealing.checkpoints(INSTITUTION)) is None


def test_an_event_from_long_before_the_last_is_found_by_a_sweep(office: Office) -> None:
    office.seal()
    office.life.house.clock.at -= timedelta(days=100)
    office.life.house.open()  # in a case of its own: within one no time goes back
    assert (office.sealing.waiting(INSTITUTION), office.sealing.seal(INSTITUTION).events) == (0, 0)
    assert office.sealing.seal(INSTITUTION, sweep=True).events == 1
    assert office.wrong() is None


def test_an_event_whose_commit_came_late_is_found_within_a_day(office: Office) -> None:
    office.seal()
    office.life.house.clock.at -= timedelta(hours=23)
    office.life.house.open()  # in a case of its own: within one no time goes back
    assert office.sealing.waiting(INSTITUTION) == 1
    assert office.sealing.seal(INSTITUTION).events == 1


def test_without_a_key_nothing_is_sealed(office: Office) -> None:
    office.signer.path.unlink()
    before = office.life.house.dump()
    with pytest.raises(SealFailed, match="there is no key"):
        office.sealing.seal(INSTITUTION)
    assert office.life.house.dump() == before


def test_an_event_that_does_not_hold_together_is_left_out_and_named_and_others_are_sealed(office: Office) -> None:
    life = office.life
    life.change("event", {"previous": "ab" * 32}, case_id=life.stay, sequence=5)
    done = office.sealing.seal(INSTITUTION)
    (wrong,) = done.wrong
    assert (wrong.case, wrong.sequence) == (life.stay, 5)
    assert f"case {life.house.case(life.stay).number}, event 5" in wrong.words
    left_out = len(life.house.events(life.stay)) - 4
    assert done.events == len(office.entries()) - left_out
    assert [run.count for run in office.sealing.runs_of(INSTITUTION, life.stay, size=done.events)] == [4]


def test_what_follows_a_sealed_event_that_was_replaced_is_not_sealed(office: Office) -> None:
    office.seal()
    last = office.life.house.case(office.life.stay).version
    office.comment()
    office.life.change("event", {"hash": "ab" * 32}, case_id=office.life.stay, sequence=last)
    done = office.sealing.seal(INSTITUTION)
    assert (done.events, [(each.case, each.sequence) for each in done.wrong]) == (0, [(office.life.stay, last + 1)])


def test_nothing_is_signed_over_a_stored_tree_that_is_not_the_one_signed_last(office: Office) -> None:
    office.seal()
    office.comment()
    life = office.life
    (tile,) = life.house.rows("seal_tile")
    for hashes, said in ((b"\xff" + tile["hashes"][1:], "signed last"), (tile["hashes"][:-1], "damaged")):
        life.change("seal_tile", {"hashes": hashes}, number=0)
        before = life.house.dump()
        with pytest.raises(SealFailed, match=said):
            office.sealing.seal(INSTITUTION)
        assert life.house.dump() == before


def test_nothing_is_signed_that_contradicts_what_was_sent_out_before_the_database_was_put_back(office: Office) -> None:
    office.seal()
    office.sealing.publish(INSTITUTION)
    office.forget_seals()
    office.comment()
    with pytest.raises(SealFailed, match="shelf holds a checkpoint of"):
        office.sealing.seal(INSTITUTION)
    assert office.seals() == {name: [] for name in SEALS}


def test_a_signature_that_fails_leaves_nothing_behind(office: Office) -> None:
    office.signer.path.write_text("no key any more")
    with pytest.raises(SealFailed, match="cannot be read"):
        office.sealing.seal(INSTITUTION)
    assert office.seals() == {name: [] for name in SEALS}


# Several processes.


def test_of_two_that_seal_at_once_one_gives_way_and_signs_nothing(on_both: Office, tmp_path: Path) -> None:
    with closing(Store(on_both.life.house.store.url.render_as_string(hide_password=False))) as store:
        quicker = replace(on_both.sealing, store=store)

        class Overtaken(Sealing):
            """Another process seals the same events, once this one has read them."""

            def _gather(self, institution: str, cases: list[str]) -> Any:
                found = super()._gather(institution, cases)
                quicker.seal(institution)
                return found

        signed = on_both.signer.sign
        slower = Overtaken(on_both.life.house.store, on_both.life.house.clock, on_both.signer, ())
        done = slower.seal(INSTITUTION)
        assert done.events == 0
        assert done.checkpoint == quicker.latest(INSTITUTION)
        assert signed("x\n") == on_both.signer.sign("x\n")
    assert len(on_both.sealing.checkpoints(INSTITUTION)) == 1
    assert on_both.wrong() is None


def test_many_that_seal_while_cases_go_on_make_one_tree(on_both: Office) -> None:
    url = on_both.life.house.store.url.render_as_string(hide_password=False)
    going, failed = threading.Event(), []

    def work() -> None:
        with closing(Store(url)) as store:
            mine = replace(on_both.sealing, store=store)
            try:
                while not going.is_set():
                    mine.seal(INSTITUTION)
            except Exception as error:  # noqa: BLE001 - whatever it is, the test says so
                failed.append(error)

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for number in range(12):
        on_both.comment(f"note {number}")
    going.set()
    for worker in workers:
        worker.join()
    made = on_both.seal(sweep=True)
    assert failed == []
    assert made.size == len(on_both.entries())
    assert on_both.wrong(*on_both.sealing.checkpoints(INSTITUTION)) is None


# Publishing.


def test_each_checkpoint_is_put_into_a_place_once(office: Office) -> None:
    first = office.seal()
    assert [(sent.place, sent.size, sent.error) for sent in office.sealing.publish(INSTITUTION)] == [
        ("shelf", first.size, None)
    ]
    office.comment()
    second = office.seal()
    office.sealing.publish(INSTITUTION)
    office.sealing.publish(INSTITUTION)
    assert office.shelf.kept == [first, second]
    at = micros(office.life.house.clock.at)
    assert office.sealing.sent(INSTITUTION, [first.size, second.size]) == {
        first.size: (("shelf", at),),
        second.size: (("shelf", at),),
    }


def test_what_was_not_published_when_a_process_died_is_published_by_the_next(office: Office) -> None:
    made = office.seal()
    after_the_crash = replace(office.sealing)
    assert after_the_crash.seal(INSTITUTION).events == 0
    after_the_crash.publish(INSTITUTION)
    assert office.shelf.kept == [made]


def test_a_place_that_fails_gets_the_checkpoint_later_and_others_now(office: Office) -> None:
    other = Shelf("other")
    sealing = replace(office.sealing, places=(office.shelf, other))
    made = office.seal()
    office.shelf.failing = True
    told = [(sent.place, sent.error) for sent in sealing.publish(INSTITUTION)]
    assert told == [("shelf", "the shelf is full"), ("other", None)]
    office.shelf.failing = False
    sealing.publish(INSTITUTION)
    assert (office.shelf.kept, other.kept) == ([made], [made])


def test_a_place_that_wants_pauses_gets_the_newest_alone(office: Office) -> None:
    daily = Shelf("daily", 86_400)
    sealing = replace(office.sealing, places=(daily,))
    first = office.seal()
    sealing.publish(INSTITUTION)
    for _ in range(2):
        office.comment()
        office.seal()
        sealing.publish(INSTITUTION)
    assert daily.kept == [first]
    office.life.house.clock.at += timedelta(days=1)
    sealing.publish(INSTITUTION)
    sealing.publish(INSTITUTION)
    assert daily.kept == [first, office.sealing.latest(INSTITUTION)]


# What it costs.


def statements(office: Office, work: Callable[[], object]) -> list[str]:
    """The statements that some work takes."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    engine = office.life.house.store.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        work()
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
    return [each for each in seen if not each.startswith("BEGIN")]


def grow(office: Office, events: int) -> None:
    """Write many events of one case around the engine, each a copy of its first with another chain."""
    life = office.life
    written = life.house.events(life.report)
    first, head, last = written[0], written[-1]["hash"], written[-1]["sequence"]
    rows = []
    for number in range(last + 1, last + 1 + events):
        rows.append({**first, "sequence": number, "previous": head, "hash": chain(first["body"], head)})
        head = rows[-1]["hash"]
    if rows:
        with life.house.store.writes() as connection:
            connection.execute(sa.insert(Table.metadata.tables["event"]), rows)
        life.change("case_record", {"version": last + events, "head": head}, id=life.report)


def test_sealing_one_event_costs_no_more_statements_when_the_tree_is_large(office: Office) -> None:
    costs, bytes_ = [], []
    for events in (0, 600):
        grow(office, events)
        office.seal(sweep=True)
        before = sum(len(row["hashes"]) for row in office.life.house.rows("seal_tile"))
        office.comment()
        costs.append(len(statements(office, office.seal)))
        bytes_.append(sum(len(row["hashes"]) for row in office.life.house.rows("seal_tile")) - before)
    assert bytes_ == [32, 32]
    assert costs[1] <= costs[0] + 2 <= 20


def test_what_is_stored_of_a_seal_is_a_hash_an_event_and_a_run_a_case(office: Office) -> None:
    grow(office, 600)
    made = office.seal(sweep=True)
    tiles = office.life.house.rows("seal_tile")
    assert [(row["level"], row["number"]) for row in tiles] == [(0, 0), (0, 1), (0, 2), (1, 0)]
    assert sum(len(row["hashes"]) for row in tiles) == 32 * (made.size + 2)
    assert len(office.life.house.rows("seal_run")) == 3
    proof = office.sealing.prover(INSTITUTION, made.size).inclusion(0)
    assert len(proof) <= (made.size - 1).bit_length()


def test_proving_a_case_reads_a_bounded_number_of_tiles(office: Office) -> None:
    grow(office, 600)
    made = office.seal(sweep=True)
    read = statements(office, lambda: office.sealing.prove_case(INSTITUTION, office.life.contract, size=made.size))
    assert len(read) <= 8
