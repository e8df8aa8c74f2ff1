"""The rows of the doctor: its findings, and how far its regular look has come.

Instants are UTC microseconds of the machine's clock, but for `changed_at`, which is the office's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace

import sqlalchemy as sa

from engine.scope import Scope
from engine.store.doctor_rows import Stretch
from engine.store.scope import case_table, readable
from engine.store.store import Store
from engine.tables import DoctorRound, FindingRecord, table_of

_finding = table_of(FindingRecord)
_round = table_of(DoctorRound)
_case = case_table
_KEY = ("institution", "case_id", "check_name", "about")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that cannot be: what check found it of which case, about which thing in it, and what was seen."""

    case: str
    check: str
    promise: str
    about: str
    what: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A finding as it is kept. `number` is None where the case has no row, or is not the reader's to read."""

    finding: Finding
    number: str | None
    found_at: int
    seen_at: int
    closed_at: int | None


@dataclass(frozen=True, slots=True)
class Position:
    """How far the regular look has come, as `engine.tables.findings` says."""

    institution: str
    next_at: int = 0
    changed_at: int = 0
    changed_id: str = ""
    after_case: str = ""
    after_party: str = ""
    after_key: str = ""
    alive_since: int | None = None
    looked_at: int | None = None
    whole_at: int | None = None


# Findings.

_NOTE = sa.text(
    "INSERT INTO finding (institution, case_id, check_name, about, promise, what, found_at, seen_at, closed_at) "
    "VALUES (:institution, :case, :check, :about, :promise, :what, :at, :at, NULL) "
    "ON CONFLICT (institution, case_id, check_name, about) DO UPDATE SET promise = excluded.promise, "
    "what = excluded.what, seen_at = excluded.seen_at, closed_at = NULL, "
    "found_at = CASE WHEN finding.closed_at IS NULL THEN finding.found_at ELSE excluded.found_at END"
)
_CLOSE = sa.text(
    "UPDATE finding SET closed_at = :at WHERE institution = :institution AND case_id = :case "
    "AND check_name = :check AND about = :about"
)


def note(
    store: Store, stretch: Stretch, found: Collection[Finding], *, checks: Collection[str], at: int
) -> int:
    """Note what these checks found in a stretch, and close what they had found there and did not find again.

    How many were closed. Nothing is written where nothing was found and nothing is open.
    """
    with store.reads() as connection:
        mine = (_finding.c.check_name.in_(sorted(checks)), stretch.holds(_finding.c.case_id))
        known = _open(connection, stretch.institution, *mine)
    return note_these(store, stretch.institution, found, known=known, at=at)


def note_these(
    store: Store, institution: str, found: Collection[Finding], *, known: Iterable[Finding], at: int
) -> int:
    """Note findings, and close those of the `known` that are not among them; how many were closed."""
    now = {(each.case, each.check, each.about) for each in found}
    over = [each for each in known if (each.case, each.check, each.about) not in now]
    if found or over:
        with store.writes(beside=True) as connection:
            _each(connection, _NOTE, institution, found, at)
            _each(connection, _CLOSE, institution, over, at)
    return len(over)


def _each(
    connection: sa.Connection, statement: sa.TextClause, institution: str, which: Iterable[Finding], at: int
) -> None:
    rows = [{**asdict(each), "institution": institution, "at": at} for each in which]
    if rows:
        connection.execute(statement, rows)


def open_ones(store: Store, institution: str, *, check: str | None = None, limit: int) -> list[Finding]:
    """What is open, those seen longest ago first; of one check, where it is named."""
    mine = () if check is None else (_finding.c.check_name == check,)
    with store.reads() as connection:
        return _open(connection, institution, *mine, limit=limit)


def _open(
    connection: sa.Connection, institution: str, *which: sa.ColumnElement[bool], limit: int | None = None
) -> list[Finding]:
    columns = (_finding.c[name] for name in ("case_id", "check_name", "promise", "about", "what"))
    query = sa.select(*columns).where(_finding.c.institution == institution, _finding.c.closed_at.is_(None), *which)
    query = query.order_by(_finding.c.seen_at, *(_finding.c[name] for name in _KEY)).limit(limit)
    return [Finding(*row) for row in connection.execute(query)]


def shown(connection: sa.Connection, scope: Scope, *, closed: bool, limit: int) -> list[Kept]:
    """What is open by check and case, or what was closed, the newest first.

    A case's number is told where the person may read it.
    """
    own = ("case_id", "check_name", "promise", "about", "what")
    times = ("found_at", "seen_at", "closed_at")
    query = (
        sa.select(*(_finding.c[name] for name in own), _case.c.number, *(_finding.c[name] for name in times))
        .select_from(_finding.outerjoin(_case, sa.and_(readable(scope), _case.c.id == _finding.c.case_id)))
        .where(_finding.c.institution == scope.institution)
    )
    if closed:
        query = query.where(_finding.c.closed_at.is_not(None)).order_by(_finding.c.closed_at.desc(), _finding.c.case_id)
    else:
        query = query.where(_finding.c.closed_at.is_(None))
        query = query.order_by(_finding.c.check_name, _finding.c.found_at, _finding.c.case_id, _finding.c.about)
    rows = connection.execute(query.limit(limit))
    return [Kept(Finding(*row[:5]), row.number, row.found_at, row.seen_at, row.closed_at) for row in rows]


def counted(store: Store, institution: str | None = None) -> Mapping[str, int]:
    """How many cases have something open, by promise; without an institution, in all of them."""
    pairs = sa.select(_finding.c.promise, _finding.c.institution, _finding.c.case_id).distinct()
    pairs = pairs.where(_finding.c.closed_at.is_(None))
    if institution is not None:
        pairs = pairs.where(_finding.c.institution == institution)
    some = pairs.subquery("broken")
    query = sa.select(some.c.promise, sa.func.count()).group_by(some.c.promise)
    with store.reads() as connection:
        return {row[0]: row[1] for row in connection.execute(query)}


# The regular look.


def position(store: Store, institution: str) -> Position:
    """How far the regular look has come; the beginning where there was none."""
    columns = (_round.c[field.name] for field in fields(Position))
    query = sa.select(*columns).where(_round.c.institution == institution)
    with store.reads() as connection:
        row = connection.execute(query).first()
    return Position(*row) if row else Position(institution)


def claim(store: Store, institution: str, *, now: int, until: int) -> Position | None:
    """Take the next look until an instant, if it is due and nobody else has taken it; None else."""
    was = position(store, institution)
    if was.next_at > now:
        return None
    values = asdict(replace(was, next_at=now))
    beginning = sa.text(
        f"INSERT INTO doctor_round ({', '.join(values)}) VALUES ({', '.join(f':{name}' for name in values)}) "
        "ON CONFLICT (institution) DO NOTHING"
    )
    mine = (_round.c.institution == institution, _round.c.next_at <= now)
    with store.writes(beside=True) as connection:
        connection.execute(beginning, values)
        taken = connection.execute(_round.update().where(*mine).values(next_at=until)).rowcount
    return was if taken else None


def put_back(store: Store, position: Position) -> None:
    """Note how far the look has come, and when the next is due."""
    with store.writes(beside=True) as connection:
        mine = _round.c.institution == position.institution
        connection.execute(_round.update().where(mine).values(asdict(position)))


def case_ids(found: Sequence[Finding]) -> tuple[str, ...]:
    """The cases of findings, each once."""
    return tuple(dict.fromkeys(each.case for each in found))
