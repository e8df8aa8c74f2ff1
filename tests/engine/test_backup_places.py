"""Where a backup cannot be written, or cannot be put back: it is told, and nothing is left half done."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from engine import backups
from engine.backups import note_of
from engine.store.backup_rows import BackupFailed
from engine.store.migrate import upgrade
from tests.engine.house import MONDAY


def a_database(file: Path, unit: str) -> str:
    url = f"sqlite:///{file}"
    upgrade(url)
    with closing(sqlite3.connect(file)) as opened, opened:
        opened.executemany(
            "INSERT INTO heartbeat (name, at) VALUES (?, ?)", [(f"{unit}-{n:04d}" + "x" * 40, n) for n in range(2000)]
        )
    return url


def names(file: Path) -> set[str]:
    with closing(sqlite3.connect(file)) as opened:
        assert opened.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return {row[0].partition("-")[0] for row in opened.execute("SELECT name FROM heartbeat WHERE name LIKE '%-%'")}


def leave_a_journal(of: Path, beside: Path) -> None:
    """The journal that a process leaves beside a file as it dies in the middle of a change."""
    with closing(sqlite3.connect(of, isolation_level=None)) as opened:
        opened.execute("PRAGMA journal_mode = DELETE")
        opened.execute("PRAGMA cache_size = 1")
        opened.execute("BEGIN")
        opened.execute("UPDATE heartbeat SET name = name || 'y'")
        shutil.copyfile(f"{of}-journal", beside)


def test_what_a_restore_that_died_left_behind_does_not_get_into_the_next(tmp_path: Path) -> None:
    backups.make(a_database(tmp_path / "good.db", "good"), tmp_path / "b", now=MONDAY)
    a_database(tmp_path / "other.db", "other")
    leave_a_journal(tmp_path / "other.db", tmp_path / "new.db.restoring-journal")
    backups.put_back(f"sqlite:///{tmp_path / 'new.db'}", tmp_path / "b", now=MONDAY)
    assert names(tmp_path / "new.db") == {"good"}
    assert list(tmp_path.glob("new.db.restoring*")) == []


def test_a_backup_whose_note_cannot_be_written_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = a_database(tmp_path / "a.db", "a")
    write = Path.write_text

    def full(path: Path, *given: Any) -> int:
        write(path, "{")
        raise OSError(28, "No space left on device", str(path), *given[2:])

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(BackupFailed, match="No space left on device"):
        backups.make(url, tmp_path / "b", now=MONDAY)
    assert list(tmp_path.glob("b*")) == []


def test_a_folder_is_no_name_for_a_backup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BackupFailed, match="is a folder"):
        backups.make(a_database(tmp_path / "a.db", "a"), Path(), now=MONDAY)


def test_a_place_that_cannot_take_a_backup_is_told(tmp_path: Path) -> None:
    backups.make(a_database(tmp_path / "a.db", "a"), tmp_path / "b", now=MONDAY)
    (tmp_path / "text").write_text("this is no database, whatever it is called", "utf-8")
    for place in ("nowhere/x.db", "text", ""):
        with pytest.raises(BackupFailed, match="cannot"):
            backups.put_back(f"sqlite:///{tmp_path / place}", tmp_path / "b", now=MONDAY)
    assert (tmp_path / "text").read_text("utf-8").startswith("this is no database")
    assert note_of(tmp_path / "b").exists()
