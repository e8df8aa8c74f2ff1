"""Backs a SQLite database up while others work with it, and puts a backup back.

The copy is made by SQLite's own backup, which sees the database as of one instant and stops no writer
(https://www.sqlite.org/backup.html). What is put back is prepared beside its place, with the mark that says so,
and then goes in as one transaction.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from engine.store.admission import STOP_FIRST, DatabaseInUse
from engine.store.backup_rows import BackupFailed, Held, held, marks, refuse_full
from engine.store.migrate import upgrade

MAGIC = b"SQLite format 3\x00"
"""How such a file begins."""


def save(source: Path, to: Path) -> None:
    """Copy a database, as of now, into a new file that needs no other beside it."""
    try:
        with closing(sqlite3.connect(source, timeout=20)) as live, closing(sqlite3.connect(to)) as copy:
            live.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        raise BackupFailed(f"the backup was not made: {error}") from error


def check(file: Path) -> Held:
    """What a backup holds. Raises BackupFailed where it is damaged, or no database of ours."""
    try:
        with closing(sqlite3.connect(f"file:{quote(str(file))}?mode=ro&immutable=1", uri=True)) as copy:
            found = [row[0] for row in copy.execute("PRAGMA integrity_check")]
            if found != ["ok"]:
                raise BackupFailed(f"{file} is damaged: {found[0]}")
            return held(copy)
    except sqlite3.DatabaseError as error:
        raise BackupFailed(f"{file} is no database of Färdplan, or is damaged: {error}") from error


def refuse_full_file(target: Path) -> None:
    """Raise NotEmpty where the file is a database that holds something."""
    if not target.exists():
        return
    try:
        with closing(sqlite3.connect(target, timeout=20)) as connection:
            found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            refuse_full(connection, frozenset(row[0] for row in found))
    except sqlite3.Error as error:
        raise BackupFailed(f"{target} cannot take a backup: {error}") from error


def put_back(source: Path, target: Path, *, backup_at: int, begun_at: int) -> None:
    """Put a backup where an empty database is, or none; marked, and in the newest schema."""
    with _draft(target) as draft:
        shutil.copyfile(source, draft)
        upgrade(f"sqlite:///{draft}")
        with closing(sqlite3.connect(draft)) as prepared, prepared:
            for statement in marks(backup_at=backup_at, begun_at=begun_at):
                prepared.execute(statement)
        _into(draft, target)


@contextmanager
def _draft(target: Path) -> Iterator[Path]:
    """A file beside another, which goes at the end with whatever SQLite laid beside it."""
    draft = target.with_name(f"{target.name}.restoring")
    try:
        # All of one that was broken off: SQLite would put its journal into the new one.
        _remove(draft)
        yield draft
    finally:
        _remove(draft)


def _remove(draft: Path) -> None:
    for end in ("", "-wal", "-shm", "-journal"):
        draft.with_name(draft.name + end).unlink(missing_ok=True)


def _into(draft: Path, target: Path) -> None:
    with closing(sqlite3.connect(draft)) as prepared, closing(sqlite3.connect(target, timeout=20)) as place:
        try:
            prepared.backup(place)
        except sqlite3.OperationalError as error:
            raise DatabaseInUse(f"{target} cannot be written ({error}): {STOP_FIRST}") from error
