"""What a check of the seals finds, in the database and against checkpoints that were kept elsewhere."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from engine import seal_batches
from engine.merkle import verify_consistency
from engine.tables import Table
from tests.engine.house import INSTITUTION
from tests.engine.lives import Life, lived
from tests.engine.sealed_office import Office, office_in


@pytest.fixture
def office(sqlite_url: str, tmp_path: Path) -> Iterator[Office]:
    with lived(sqlite_url) as life:
        yield office_in(life, tmp_path)


@pytest.fixture
def on_both(database_url: str, tmp_path: Path) -> Iterator[Office]:
    with lived(database_url) as life:
        yield office_in(life, tmp_path)


# Checks.


def test_untouched_data_passes_at_every_size(on_both: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seal_batches, "BATCH", 7)
    on_both.seal()
    on_both.comment()
    on_both.seal()
    on_both.comment("not sealed yet")
    found = on_both.sealing.check(INSTITUTION, outside=on_both.sealing.checkpoints(INSTITUTION))
    assert (found.size, found.cases, found.wrong) == (len(on_both.entries()) - 1, 3, None)


def test_a_check_of_a_house_without_seals_finds_nothing(office: Office) -> None:
    found = office.sealing.check(INSTITUTION)
    assert (found.size, found.checkpoints, found.wrong) == (0, 0, None)


EVENT_HARMS: list[tuple[str, Callable[[Life, dict[str, Any]], None], str]] = [
    ("body", lambda life, at: life.change("event", {"body": b"{}"}, **at), "changed after it was written"),
    ("hash", lambda life, at: life.change("event", {"hash": "00" * 32}, **at), "changed after it was written"),
    ("previous", lambda life, at: life.change("event", {"previous": "11" * 32}, **at), "changed after it was written"),
    ("gone", lambda life, at: life.drop("event", **at), "is gone"),
    ("moved", lambda life, at: life.change("event", {"case_id": "elsewhere"}, **at), "is gone"),
    ("renumbered", lambda life, at: life.change("event", {"sequence": 99}, **at), "is gone"),
]


@contextmanager
def put_back(office: Office, *tables: str) -> Iterator[None]:
    """Whatever is done to some tables inside is undone at the end."""
    kept = {name: office.life.house.rows(name) for name in tables}
    yield
    with office.life.house.store.writes() as connection:
        for name, rows in kept.items():
            connection.execute(sa.delete(Table.metadata.tables[name]))
            connection.execute(sa.insert(Table.metadata.tables[name]), rows)


def test_harm_to_any_event_is_named_by_case_and_sequence(office: Office) -> None:
    office.seal()
    stay, last = office.life.stay, office.life.house.case(office.life.stay).version
    for name, harm, said in EVENT_HARMS:
        for sequence in (1, 4, last):
            with put_back(office, "event"):
                harm(office.life, {"case_id": stay, "sequence": sequence})
                found = office.wrong()
            assert found is not None, (name, sequence)
            assert (said in found[0], *found[1:]) == (True, stay, sequence), name
    assert office.wrong() is None


def test_a_case_whose_chain_was_made_anew_is_found_at_the_event_that_was_changed(office: Office) -> None:
    office.seal()
    office.life.forge(office.life.stay, 4, party="mallory")
    assert office.wrong() == ("this event is not the one that was sealed", office.life.stay, 4)


def flip(office: Office, table: str, column: str) -> None:
    row = office.life.house.rows(table)[0]
    office.life.change(table, {column: bytes([row[column][0] ^ 1]) + row[column][1:]}, number=row["number"])


def add_tile(office: Office) -> None:
    with office.life.house.store.writes() as connection:
        row = {"institution": INSTITUTION, "level": 1, "number": 0, "hashes": b"\x00" * 32}
        connection.execute(sa.insert(Table.metadata.tables["seal_tile"]).values(row))


def drop_last(office: Office) -> None:
    newest = office.sealing.latest(INSTITUTION)
    assert newest is not None
    office.life.drop("checkpoint", size=newest.size)


TREE_HARMS: dict[str, Callable[[Office], None]] = {
    "leaf": lambda office: flip(office, "seal_tile", "hashes"),
    "tile gone": lambda office: office.life.drop("seal_tile", number=0),
    "tile too many": add_tile,
    "run gone": lambda office: office.life.drop("seal_run", case_id=office.life.stay),
    "run longer": lambda office: office.life.change("seal_run", {"last_sequence": 99}, case_id=office.life.stay),
    "run moved": lambda office: office.life.change("seal_run", {"first_leaf": 999}, case_id=office.life.stay),
    "root": lambda office: office.life.change("checkpoint", {"root": "22" * 32}, previous=0),
    "note": lambda office: office.life.change("checkpoint", {"note": "x.se/fardplan\n1\nAAAA\n"}, previous=0),
    "size": lambda office: office.life.change("checkpoint", {"size": 1}, previous=0),
    "first gone": lambda office: office.life.drop("checkpoint", previous=0),
    "last gone": drop_last,
}


def test_harm_to_what_is_stored_of_the_seals_is_found(office: Office) -> None:
    office.seal()
    office.comment()
    office.seal()
    for name, harm in TREE_HARMS.items():
        with put_back(office, "seal_tile", "seal_run", "checkpoint"):
            harm(office)
            assert office.wrong() is not None, name
    assert office.wrong() is None


CHANGES = 150
"""How many random changes a run tries; each run has a seed of its own, which a failure names."""

SPOILT: dict[str, tuple[str, ...]] = {
    "event": ("body", "previous", "hash", "sequence", "case_id"),
    "seal_tile": ("hashes", "level", "number"),
    "seal_run": ("first_sequence", "last_sequence", "first_leaf", "case_id"),
    "checkpoint": ("size", "previous", "root"),
}


def spoil(value: Any, chance: random.Random) -> Any:
    """The value with one bit, digit or letter changed."""
    if isinstance(value, int):
        return value + chance.choice((-1, 1, 1000))
    at = chance.randrange(len(value))
    if isinstance(value, bytes):
        return value[:at] + bytes([value[at] ^ 1 << chance.randrange(8)]) + value[at + 1 :]
    return value[:at] + ("0" if value[at] != "0" else "1") + value[at + 1 :]


@pytest.mark.parametrize("seed", [20_261_122, random.SystemRandom().randrange(10**9)], ids=["kept", "new"])
def test_no_random_change_of_a_sealed_row_goes_unseen(
    office: Office, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seal_batches, "BATCH", 9)
    office.seal()
    chance = random.Random(seed)
    for _ in range(CHANGES):
        table, columns = chance.choice(list(SPOILT.items()))
        row = chance.choice(office.life.house.rows(table))
        column = chance.choice([*columns, None])
        key = {each.name: row[each.name] for each in Table.metadata.tables[table].primary_key}
        with put_back(office, table):
            try:
                if column is None:
                    office.life.drop(table, **key)
                else:
                    office.life.change(table, {column: spoil(row[column], chance)}, **key)
            except sa.exc.IntegrityError:
                continue  # the database itself would not have it
            found = office.wrong()
        assert found is not None, (seed, table, column, key)
        if table == "event":
            assert found[1:] == (row["case_id"], row["sequence"]), (seed, column)
    assert office.wrong() is None


# The whole truth, from outside the database.


def test_a_forgery_of_the_whole_log_is_found_by_the_checkpoint_that_was_sent_out(on_both: Office) -> None:
    sent_out = on_both.seal()
    on_both.life.forge(on_both.life.stay, 4, party="mallory")
    on_both.forget_seals()
    on_both.comment()
    forged = on_both.seal(sweep=True)
    assert on_both.wrong() is None
    proof = on_both.sealing.consistency(INSTITUTION, sent_out.size, forged.size)
    assert not verify_consistency(sent_out.size, sent_out.root, forged.size, forged.root, proof)
    found = on_both.sealing.check(INSTITUTION, outside=[sent_out]).wrong
    assert found is not None
    assert ("written anew" in found.what, found.size) == (True, sent_out.size)


def test_a_tail_that_was_cut_off_with_its_seals_is_found_by_the_checkpoint_that_was_sent_out(office: Office) -> None:
    first = office.seal()
    office.comment()
    sent_out = office.seal()
    last = office.life.house.case(office.life.stay).version
    office.forget_seals()
    office.life.drop("event_detail", case_id=office.life.stay, sequence=last)
    office.life.drop("event", case_id=office.life.stay, sequence=last)
    office.life.change("case_record", {"version": last - 1}, id=office.life.stay)
    assert office.seal() == first
    found = office.sealing.check(INSTITUTION, outside=[first, sent_out]).wrong
    assert found is not None
    assert ("the end is cut off" in found.what, found.size) == (True, sent_out.size)
