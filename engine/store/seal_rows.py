"""The rows of the seals: what is not sealed yet, tiles and runs of the tree, checkpoints and where they went."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from engine.parts import in_parts
from engine.tables import CaseRecord, CheckpointRecord, CheckpointSent, Event, SealRun, SealTile, table_of

_case = table_of(CaseRecord)
_checkpoint = table_of(CheckpointRecord)
_event = table_of(Event)
_run = table_of(SealRun)
_sent = table_of(CheckpointSent)
_tile = table_of(SealTile)

CHUNK = 5_000
"""How many ids go into one statement; both databases take more."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint as it is stored. `root` is hex; `through` the latest instant of an event below it."""

    size: int
    previous: int
    root: str
    note: str
    at: int
    through: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case with events that are not sealed: up to which sequence it is, and how far it goes."""

    case: str
    sealed: int
    last: int


@dataclass(frozen=True, slots=True)
class Fresh:
    """An event that is not sealed, or the last of its case that is: that of the sequence `sealed`."""

    case: str
    sealed: int
    sequence: int
    at: int
    body: bytes
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Run:
    """Some events of a case that stand side by side in the tree, from `first_leaf` on."""

    case: str
    first_sequence: int
    last_sequence: int
    first_leaf: int

    @property
    def count(self) -> int:
        """How many events they are."""
        return self.last_sequence - self.first_sequence + 1


@dataclass(frozen=True, slots=True)
class Sealed:
    """An event where the tree says that one is; `sequence` is None where it is gone."""

    run: Run
    sequence: int | None
    body: bytes
    previous: str
    hash: str


def steady(connection: sa.Connection) -> None:
    """Let all that is read on a fresh connection be of one instant; on SQLite it always is."""
    if connection.dialect.name == "postgresql":
        connection.execution_options(isolation_level="REPEATABLE READ")


# What is not sealed yet.


def _sealed_of(institution: str, case: sa.ColumnElement[str]) -> sa.ColumnElement[int]:
    found = sa.select(sa.func.max(_run.c.last_sequence)).where(
        _run.c.institution == institution, _run.c.case_id == case
    )
    return sa.func.coalesce(found.scalar_subquery(), 0)


def waiting(connection: sa.Connection, institution: str, *, since: int | None) -> list[Waiting]:
    """The cases with events that are not sealed, by id.

    With `since`, those to which something happened from that instant on: this costs what happened
    since. Without, every case is looked at.
    """
    if since is None:
        last = sa.select(_case.c.id.label("case"), _case.c.version.label("last")).where(
            _case.c.institution == institution
        )
    else:
        last = (
            sa.select(_event.c.case_id.label("case"), sa.func.max(_event.c.sequence).label("last"))
            .where(_event.c.institution == institution, _event.c.at >= since)
            .group_by(_event.c.case_id)
        )
    found = last.subquery("found")
    both = sa.select(found.c.case, _sealed_of(institution, found.c.case).label("sealed"), found.c.last).subquery("both")
    rows = connection.execute(sa.select(both).where(both.c.last > both.c.sealed))
    # Sorted here: databases sort text by the rules of a language, and the order decides the tree.
    return sorted((Waiting(*row) for row in rows), key=lambda each: each.case)


def fresh(connection: sa.Connection, institution: str, cases: Sequence[str]) -> list[Fresh]:
    """The events of some cases that are not sealed, by case and sequence, each case led by its last sealed one."""
    sealed = _sealed_of(institution, _event.c.case_id)
    names = ("sequence", "at", "body", "previous", "hash")
    found = []
    for some in in_parts(cases, CHUNK):
        # How far a case is sealed is read with its events, so that both are of one instant.
        query = sa.select(_event.c.case_id, sealed, *(_event.c[name] for name in names)).where(
            _event.c.institution == institution,
            _event.c.case_id.in_(some),
            _event.c.sequence >= sealed,
        )
        for case, upto, sequence, when, body, previous, hashed in connection.execute(query):
            found.append(Fresh(case, upto, sequence, when, bytes(body), previous, hashed))
    return sorted(found, key=lambda each: (each.case, each.sequence))


def hashes(connection: sa.Connection, institution: str, case: str) -> dict[int, str]:
    """The chain hashes of a case's events, by sequence."""
    query = sa.select(_event.c.sequence, _event.c.hash).where(
        _event.c.institution == institution, _event.c.case_id == case
    )
    return {row.sequence: row.hash for row in connection.execute(query)}


# The tree.


def tiles(
    connection: sa.Connection, institution: str, wanted: Collection[tuple[int, int]]
) -> dict[tuple[int, int], bytes]:
    """Tiles by (level, number); those that are not there are left out."""
    if not wanted:
        return {}
    meant = sa.tuple_(_tile.c.level, _tile.c.number).in_(list(wanted))
    query = sa.select(_tile.c.level, _tile.c.number, _tile.c.hashes).where(_tile.c.institution == institution, meant)
    return {(row.level, row.number): bytes(row.hashes) for row in connection.execute(query)}


def all_tiles(connection: sa.Connection, institution: str) -> int:
    """How many tiles there are."""
    return connection.execute(
        sa.select(sa.func.count()).select_from(_tile).where(_tile.c.institution == institution)
    ).scalar_one()


_PUT = sa.text(
    "INSERT INTO seal_tile (institution, level, number, hashes) VALUES (:institution, :level, :number, :hashes) "
    "ON CONFLICT (institution, level, number) DO UPDATE SET hashes = excluded.hashes"
)


def put_tiles(connection: sa.Connection, institution: str, made: Mapping[tuple[int, int], bytes]) -> None:
    """Write tiles; an unfinished one is replaced by what it has grown to."""
    rows = [
        {"institution": institution, "level": level, "number": number, "hashes": hashes}
        for (level, number), hashes in made.items()
    ]
    connection.execute(_PUT, rows)


def put_runs(connection: sa.Connection, institution: str, made: Iterable[Run]) -> None:
    """Write runs."""
    rows = [
        {
            "institution": institution,
            "case_id": run.case,
            "first_sequence": run.first_sequence,
            "last_sequence": run.last_sequence,
            "first_leaf": run.first_leaf,
        }
        for run in made
    ]
    connection.execute(_run.insert(), rows)


_RUN = (_run.c.case_id, _run.c.first_sequence, _run.c.last_sequence, _run.c.first_leaf)


def runs(connection: sa.Connection, institution: str, *, case: str | None = None) -> Iterator[Run]:
    """The runs, of one case or of all, in the order of the tree; as they are read."""
    query = sa.select(*_RUN).where(_run.c.institution == institution).order_by(_run.c.first_leaf)
    if case is not None:
        query = query.where(_run.c.case_id == case)
    return (Run(*row) for row in connection.execute(query.execution_options(yield_per=1000)))


def sealed_events(connection: sa.Connection, institution: str) -> Iterator[Sealed]:
    """Every event that the runs name, in the order of the tree; a run without any is named once."""
    query = (
        sa.select(*_RUN, _event.c.sequence, _event.c.body, _event.c.previous, _event.c.hash)
        .outerjoin_from(
            _run,
            _event,
            (_event.c.institution == _run.c.institution)
            & (_event.c.case_id == _run.c.case_id)
            & _event.c.sequence.between(_run.c.first_sequence, _run.c.last_sequence),
        )
        .where(_run.c.institution == institution)
        .order_by(_run.c.first_leaf, _event.c.sequence)
        .execution_options(yield_per=1000)
    )
    for *run, sequence, body, previous, hashed in connection.execute(query):
        yield Sealed(Run(*run), sequence, bytes(body or b""), previous or "", hashed or "")


# Checkpoints.

_SIGNED = tuple(_checkpoint.c[name] for name in Signed.__dataclass_fields__)


def latest(connection: sa.Connection, institution: str) -> Signed | None:
    """The checkpoint over most events."""
    return next(iter(checkpoints(connection, institution, limit=1)), None)


def at_size(connection: sa.Connection, institution: str, size: int) -> Signed | None:
    """The checkpoint over so many events."""
    query = sa.select(*_SIGNED).where(_checkpoint.c.institution == institution, _checkpoint.c.size == size)
    row = connection.execute(query).one_or_none()
    return Signed(*row) if row is not None else None


def checkpoints(
    connection: sa.Connection, institution: str, *, limit: int | None = None, below: int | None = None
) -> list[Signed]:
    """Checkpoints, the newest first; with `below`, those over fewer events."""
    query = sa.select(*_SIGNED).where(_checkpoint.c.institution == institution)
    if below is not None:
        query = query.where(_checkpoint.c.size < below)
    rows = connection.execute(query.order_by(_checkpoint.c.size.desc()).limit(limit))
    return [Signed(*row) for row in rows]


_CLAIM = sa.text(
    "INSERT INTO checkpoint (institution, size, previous, root, note, at, through) "
    "VALUES (:institution, :size, :previous, :root, '', :at, :through) ON CONFLICT DO NOTHING"
)


def claim(connection: sa.Connection, institution: str, made: Signed) -> bool:
    """Take the place after the checkpoint before; False where another process has taken it.

    The row stays without its note until `put_note`, in the same transaction.
    """
    values = {name: getattr(made, name) for name in Signed.__dataclass_fields__ if name != "note"}
    return connection.execute(_CLAIM, {"institution": institution, **values}).rowcount > 0


def put_note(connection: sa.Connection, institution: str, size: int, note: str) -> None:
    """Write a checkpoint's note."""
    mine = (_checkpoint.c.institution == institution) & (_checkpoint.c.size == size)
    connection.execute(_checkpoint.update().where(mine).values(note=note))


# Where they went.


def unsent(connection: sa.Connection, institution: str, place: str, *, limit: int) -> list[Signed]:
    """The checkpoints newer than the last that a place got, oldest first."""
    query = sa.select(*_SIGNED).where(
        _checkpoint.c.institution == institution, _checkpoint.c.size > _last_of(institution, place)
    )
    return [Signed(*row) for row in connection.execute(query.order_by(_checkpoint.c.size).limit(limit))]


def _last_of(institution: str, place: str) -> sa.ColumnElement[int]:
    found = sa.select(sa.func.max(_sent.c.size)).where(_sent.c.institution == institution, _sent.c.place == place)
    return sa.func.coalesce(found.scalar_subquery(), 0)


def last_sent_at(connection: sa.Connection, institution: str, place: str) -> int | None:
    """When a place last got a checkpoint."""
    query = sa.select(sa.func.max(_sent.c.at)).where(_sent.c.institution == institution, _sent.c.place == place)
    return connection.execute(query).scalar()


_NOTE_SENT = sa.text(
    "INSERT INTO checkpoint_sent (institution, place, size, at) VALUES (:institution, :place, :size, :at) "
    "ON CONFLICT DO NOTHING"
)


def note_sent(connection: sa.Connection, institution: str, place: str, size: int, at: int) -> None:
    """Note that a place got a checkpoint."""
    connection.execute(_NOTE_SENT, {"institution": institution, "place": place, "size": size, "at": at})


def sent(connection: sa.Connection, institution: str, sizes: Collection[int]) -> dict[int, tuple[tuple[str, int], ...]]:
    """Where some checkpoints went and when, as (place, instant), by size."""
    query = sa.select(_sent.c.size, _sent.c.place, _sent.c.at).where(
        _sent.c.institution == institution, _sent.c.size.in_(list(sizes))
    )
    found: dict[int, tuple[tuple[str, int], ...]] = {}
    for size, place, at in connection.execute(query.order_by(_sent.c.place)):
        found[size] = (*found.get(size, ()), (place, at))
    return found
