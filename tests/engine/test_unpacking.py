"""An export is read back into an empty store, and its histories replay there without the database they came from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.canonical import canonical
from engine.replay import Replay
from engine.store import registers
from engine.store.event_rows import all_events
from engine.store.migrate import upgrade
from engine.store.store import Store
from engine.store.unpacking_rows import organisation_rows
from engine.unpacking import NoExport, Unpacked, unpack
from tests.engine.house import CATALOGUE, INSTITUTION
from tests.engine.lives import Life, lived

HEADER = {"fardplan": "history/1", "institution": INSTITUTION}


def line(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"


def exported(life: Life) -> Iterator[bytes]:
    """What of an export a replay needs, straight from the tables."""
    yield line(HEADER)
    for name, row in organisation_rows(life.house.store, INSTITUTION):
        yield line({"organisation": {"table": name, "row": row}})
    with life.house.store.reads() as connection:
        for event in all_events(connection, INSTITUTION):
            yield line({"hash": event.hash, "previous": event.previous, "body": json.loads(event.raw)})
            if event.detail is not None and event.nonce is not None:
                yield line({"nonce": event.nonce.hex(), "detail": json.loads(event.detail)})
    for row in life.house.rows("case_record"):
        yield line({"head": {"case": row["id"], "number": row["number"]}})
    yield line({"manifest": "signed elsewhere"})


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path / 'unpacked.db'}"
    upgrade(url)
    store = Store(url, durable=False)
    yield store
    store.close()


def replayed(store: Store, found: Unpacked) -> dict[str, str | None]:
    """What a replay finds first wrong with each case."""

    def at(institution: str, version: int) -> Any:
        with store.reads() as connection:
            return registers.at_version(connection, institution, version)

    replay = Replay(store, CATALOGUE, at)
    verdicts = list(replay.these(found.institution, list(replay.cases(found.institution)), 10_000))
    assert len(verdicts) == found.cases
    return {each.case: each.first_wrong.what if each.first_wrong else None for each in verdicts}


def test_histories_replay_without_their_database(database_url: str, empty: Store) -> None:
    with lived(database_url) as life:
        lines = list(exported(life))
        found = unpack(lines, empty)

        assert found.events == len(life.house.rows("event"))
        assert replayed(empty, found) == dict.fromkeys((life.contract, life.stay, life.report))


def test_bytes_and_hashes_are_taken_over_as_they_are(sqlite_url: str, empty: Store) -> None:
    with lived(sqlite_url) as life:
        unpack(exported(life), empty)
        with life.house.store.reads() as there, empty.reads() as here:
            assert [(e.raw, e.hash, e.detail) for e in all_events(here, INSTITUTION)] == [
                (e.raw, e.hash, e.detail) for e in all_events(there, INSTITUTION)
            ]


def test_what_was_changed_in_an_export_is_found_by_replaying_it(sqlite_url: str, empty: Store) -> None:
    with lived(sqlite_url) as life:
        lines = [text.replace(b"more words", b"no words") for text in exported(life)]
        found = unpack(lines, empty)

        assert replayed(empty, found)[life.stay] == "the detail is not the one that was committed to"


def test_many_events_are_written_as_they_come(sqlite_url: str, empty: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.unpacking.AT_ONCE", 3)
    heard: list[int] = []
    with lived(sqlite_url) as life:
        found = unpack(exported(life), empty, heard.append)

        assert heard == sorted(heard)
        assert len(heard) > 3
        assert replayed(empty, found)[life.stay] is None


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([], "the file is empty"),
        ([b"not json\n"], "line 1 is not a line of an export"),
        ([line({"fardplan": "history/9", "institution": "x"})], "line 1"),
        ([line(HEADER), b"[]\n"], "line 2"),
        ([line(HEADER), line({"strange": 1})], "line 2"),
        ([line(HEADER), line({"hash": "x", "previous": "y", "body": {}})], "line 2"),
        ([line(HEADER), line({"nonce": "00", "detail": {}})], "line 2 is not a line of an export (IndexError)"),
        ([line(HEADER), line({"hash": "", "previous": "", "body": canonical({}).decode()})], "line 2"),
    ],
)
def test_a_file_that_is_no_export_is_refused_by_line(empty: Store, lines: list[bytes], words: str) -> None:
    with pytest.raises(NoExport, match=words.replace("(", r"\(").replace(")", r"\)")):
        unpack(lines, empty)


@pytest.mark.parametrize(
    "told",
    [
        {"organisation": {"table": "person", "row": {"id": "x"}}},
        {"organisation": {"table": ["unit"], "row": {"id": "x"}}},
        {"organisation": {"table": "unit", "row": ["id", "x"]}},
        {"organisation": {"table": "closing_day", "row": {"id": "x", "day": 20270318}}},
        {"head": {"case": ["x"], "number": "OUT-1"}},
    ],
    ids=["of no table", "a list as its table", "a list as its row", "a number as its day", "of a list as a case"],
)
def test_a_row_that_cannot_be_kept_is_refused(empty: Store, told: dict[str, Any]) -> None:
    with pytest.raises(NoExport, match="a row of the organisation or a history cannot be kept"):
        unpack([line(HEADER), line(told)], empty)
