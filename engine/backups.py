"""Makes a backup of the whole database while it is in use, and puts one back into an empty database.

Beside a backup lies a note as JSON: when it was made, of which schema, what it holds, and the SHA-256 of the file.
Neither needs the workflow files, so a backup can be made of a database that this release would not start on.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from engine.canonical import instant, micros
from engine.store import backup_sqlite
from engine.store.admission import known
from engine.store.backup_rows import BackupFailed, Held
from engine.store.migrate import upgrade
from engine.store.ready import file_of

FORMAT: Final = 1
PGDUMP: Final = b"PGDMP"
"""How a file of pg_dump's own format begins."""
SQLITE: Final = "sqlite"
POSTGRESQL: Final = "postgresql"


@dataclass(frozen=True, slots=True)
class Note:
    """What is told of a backup. Instants are RFC 3339 in UTC; `newest_event` is None where there is no event."""

    format: int
    database: str
    taken_at: str
    schema: str
    cases: int
    events: int
    newest_event: str | None
    bytes: int
    sha256: str


def make(url: str, to: Path, *, now: datetime) -> Note:
    """Write a backup and the note beside it, and check both. Raises BackupFailed; then neither is there."""
    if not to.parent.is_dir():
        raise BackupFailed(f"there is no folder {to.parent}; make it first, best on another machine's disk")
    if not to.name:
        raise BackupFailed(f"{to} is a folder; name a file in it")
    for path in (to, note_of(to)):
        if path.exists():
            raise BackupFailed(f"{path} is there already; nothing is written over. Give a new name")
    draft = to.with_name(f"{to.name}.part")
    try:
        kind, found = _save(url, draft)
        note = _noted(draft, kind, found, now)
        _to_disk(draft)
        draft.replace(to)
        _write_note(note, to)
    except OSError as error:
        raise BackupFailed(f"{error.filename or to} cannot be written: {error.strerror}") from error
    finally:
        draft.unlink(missing_ok=True)
    return note


def _write_note(note: Note, of: Path) -> None:
    """Lay the note beside a backup. Where it cannot be written, the backup goes too: it says when it was made."""
    try:
        note_of(of).write_text(json.dumps(asdict(note), indent=2) + "\n", "utf-8")
        _to_disk(note_of(of))
    except OSError:
        for path in (of, note_of(of)):
            path.unlink(missing_ok=True)
        raise


def note_of(file: Path) -> Path:
    """Where the note about a backup lies."""
    return file.with_name(f"{file.name}.json")


def _save(url: str, draft: Path) -> tuple[str, Held]:
    if url.startswith(SQLITE):
        source = file_of(url)
        if source is None or not source.exists():
            raise BackupFailed(f"there is no database file {source}")
        backup_sqlite.save(source, draft)
        return SQLITE, backup_sqlite.check(draft)
    # Imported here: who keeps a SQLite file reads no driver of PostgreSQL in.
    from engine.store import backup_postgresql  # noqa: PLC0415

    return POSTGRESQL, backup_postgresql.save(url, draft)


def _noted(file: Path, kind: str, found: Held, now: datetime) -> Note:
    newest = None if found.newest_event is None else _written(instant(found.newest_event))
    return Note(
        FORMAT, kind, _written(now), found.schema, found.cases, found.events, newest,
        file.stat().st_size, _sha256(file),
    )  # fmt: skip


def put_back(url: str, source: Path, *, now: datetime) -> Note:
    """Check a backup and put it into an empty database; what was put back. The restore is then to be finished.

    Raises BackupFailed, NotEmpty, DatabaseInUse; nothing was changed then.
    """
    kind = _kind(source)
    if kind != (SQLITE if url.startswith(SQLITE) else POSTGRESQL):
        raise BackupFailed(f"{source} is a backup of {kind}, and FARDPLAN_DATABASE_URL names another kind of database")
    note = _read_note(source, kind)
    if note.schema > known():
        raise BackupFailed(
            f"{source} has schema {note.schema}, newer than this release knows ({known()}): "
            "install the release it was made with"
        )
    times = {"backup_at": micros(datetime.fromisoformat(note.taken_at)), "begun_at": micros(now)}
    if kind == SQLITE:
        target = file_of(url)
        if target is None:
            raise BackupFailed("FARDPLAN_DATABASE_URL names no file")
        backup_sqlite.refuse_full_file(target)
        try:
            backup_sqlite.put_back(source, target, **times)
        except OSError as error:
            raise BackupFailed(f"{target} cannot be written: {error.strerror}") from error
        return note
    from engine.store import backup_postgresql  # noqa: PLC0415 - as above

    backup_postgresql.refuse_full_database(url)
    backup_postgresql.put_back(url, source, **times)
    upgrade(url)
    return note


def _kind(source: Path) -> str:
    try:
        with source.open("rb") as file:
            begins = file.read(16)
    except OSError as error:
        raise BackupFailed(f"{source} cannot be read: {error.strerror}") from error
    if begins == backup_sqlite.MAGIC:
        return SQLITE
    if begins.startswith(PGDUMP):
        return POSTGRESQL
    raise BackupFailed(f"{source} is no backup of Färdplan")


def _read_note(source: Path, kind: str) -> Note:
    """The note beside a backup, which must be about this very file; without one, what the file itself tells."""
    found = backup_sqlite.check(source) if kind == SQLITE else None
    try:
        note = Note(**json.loads(note_of(source).read_text("utf-8")))
    except FileNotFoundError:
        return _unnoted(source, kind, found)
    except (OSError, ValueError, TypeError) as error:
        raise BackupFailed(f"{note_of(source)} cannot be read: {error}") from error
    if note.sha256 != _sha256(source):
        raise BackupFailed(f"{source} is not the file that {note_of(source).name} was written about: it has changed")
    return note


def _unnoted(source: Path, kind: str, found: Held | None) -> Note:
    if found is None:
        raise BackupFailed(
            f"{note_of(source)} is missing: it says when the backup was made. Put it beside the backup again"
        )
    # Nothing in it is younger than the file.
    return _noted(source, kind, found, datetime.fromtimestamp(source.stat().st_mtime, UTC))


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _to_disk(file: Path) -> None:
    with file.open("rb") as opened:
        os.fsync(opened.fileno())


def _written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
