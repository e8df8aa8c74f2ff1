"""A backup that is not what it should be is told: as it is written, and before it is put back."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from engine import backups
from engine.backups import note_of
from engine.store import backup_postgresql, backup_sqlite
from engine.store.backup_rows import BackupFailed
from tests.engine.house import MONDAY
from tests.engine.posts import Post, open_post
from tests.engine.recovered import saved, tools_first
from tests.engine.store.test_derived import unmigrated


@pytest.fixture
def office(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Post]:
    tools_first(monkeypatch)
    with open_post(database_url) as post:
        for number in range(40):
            post.house.open(note=f"stay {number} " + "x" * 150)
        yield post


def damage(file: Path) -> None:
    """Let the last of a dump be missing, or a page of a database be spoilt that its beginning does not tell of."""
    raw = bytearray(file.read_bytes())
    if raw.startswith(backups.PGDUMP):
        file.write_bytes(raw[:-2000])
        return
    with closing(sqlite3.connect(file)) as opened:
        size = opened.execute("PRAGMA page_size").fetchone()[0]
        page = opened.execute("SELECT rootpage FROM sqlite_master WHERE name = 'event_detail'").fetchone()[0]
    raw[(page - 1) * size : page * size] = b"\xff" * size
    file.write_bytes(raw)


def damaging(then: Any) -> Any:
    """What writes a file, and a disk that keeps something else of it."""

    def done(*given: Any) -> Any:
        told = then(*given)
        for file in (each for each in given if isinstance(each, Path) and each.name.endswith(".part")):
            damage(file)
        return told

    return done


def test_a_backup_that_was_damaged_as_it_was_written_is_told_and_not_kept(
    office: Post, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup_sqlite, "save", damaging(backup_sqlite.save))
    run = backup_postgresql._run

    def dumped(command: Any, url: str | None) -> str:
        said = run(command, url)
        for word in (each for each in command if "--file=" in each and each.endswith(".part")):
            damage(Path(word.removeprefix("--file=")))
        return said

    monkeypatch.setattr(backup_postgresql, "_run", dumped)
    with pytest.raises(BackupFailed):
        saved(office, tmp_path / "b")
    assert list(tmp_path.glob("b*")) == []


def lose_in_an_index(file: Path, number: str) -> None:
    """Let every index name the case of this number by another, so that it is there and not found."""
    raw = file.read_bytes()
    with closing(sqlite3.connect(file)) as opened:
        size = opened.execute("PRAGMA page_size").fetchone()[0]
        found = opened.execute("SELECT rootpage FROM sqlite_master WHERE type = 'index' AND tbl_name = 'case_record'")
        roots = [row[0] - 1 for row in found]
    pages = [raw[at : at + size] for at in range(0, len(raw), size)]
    other = number[:-4] + "9999"
    file.write_bytes(
        b"".join(
            page.replace(number.encode(), other.encode()) if at in roots else page for at, page in enumerate(pages)
        )
    )


@pytest.mark.parametrize("how", ["a page", "an index"])
def test_what_is_damaged_is_told_though_the_note_is_lost(tmp_path: Path, sqlite_url: str, how: str) -> None:
    with open_post(sqlite_url) as post:
        number = post.house.case(post.house.open()).number
        saved(post, tmp_path / "b")
    note_of(tmp_path / "b").unlink()
    if how == "a page":
        damage(tmp_path / "b")
    else:
        lose_in_an_index(tmp_path / "b", number)
    with unmigrated(sqlite_url, tmp_path) as url, pytest.raises(BackupFailed, match="damaged"):
        backups.put_back(url, tmp_path / "b", now=MONDAY)


def test_a_file_that_was_changed_is_not_put_back_though_it_can_be_read(sqlite_url: str, tmp_path: Path) -> None:
    with open_post(sqlite_url) as post:
        post.house.open()
        saved(post, tmp_path / "b")
    with closing(sqlite3.connect(tmp_path / "b")) as somebody, somebody:
        somebody.execute("UPDATE case_record SET title = 'another'")
    told = json.loads(note_of(tmp_path / "b").read_text("utf-8"))["sha256"]
    assert told != hashlib.sha256((tmp_path / "b").read_bytes()).hexdigest()
    with unmigrated(sqlite_url, tmp_path) as url, pytest.raises(BackupFailed, match="it has changed"):
        backups.put_back(url, tmp_path / "b", now=MONDAY)
