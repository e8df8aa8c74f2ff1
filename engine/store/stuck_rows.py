"""The rows of rungs that could not be fired: read at each tick, written where one fails or goes well at last."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

import sqlalchemy as sa

from engine.scope import Scope
from engine.store.due_rows import Due
from engine.store.scope import readable
from engine.store.store import Session, Store
from engine.tables import CaseRecord, DeadlineRecord, StuckRung, table_of

_stuck = table_of(StuckRung)
_case = table_of(CaseRecord)
_deadline = table_of(DeadlineRecord)


def _still() -> sa.ColumnElement[bool]:
    """Whether the deadline still waits for that very rung: a case that a step has led on is held up no more."""
    return sa.exists().where(
        _deadline.c.institution == _stuck.c.institution,
        _deadline.c.case_id == _stuck.c.case_id,
        _deadline.c.name == _stuck.c.deadline,
        _deadline.c.since == _stuck.c.since,
        _deadline.c.next_rung == _stuck.c.rung,
        _deadline.c.acts_at.is_not(None),
    )


# Asked at each tick, and so of the driver.
_READ = str(sa.select(_stuck.c.case_id, _stuck.c.attempts, _stuck.c.first_at, _stuck.c.next_try).where(_still()))
_PUT = sa.text(
    "INSERT INTO stuck_rung (institution, case_id, deadline, since, rung, attempts, first_at, next_try, fault) "
    "VALUES (:institution, :case, :deadline, :since, :rung, :attempts, :first_at, :next_try, :fault) "
    "ON CONFLICT (institution, case_id) DO UPDATE SET deadline = excluded.deadline, since = excluded.since, "
    "rung = excluded.rung, attempts = excluded.attempts, first_at = excluded.first_at, "
    "next_try = excluded.next_try, fault = excluded.fault"
)


@dataclass(frozen=True, slots=True)
class Tried:
    """How often a case's rung was tried in vain. Instants are UTC microseconds."""

    attempts: int
    first_at: int
    next_try: int


@dataclass(frozen=True, slots=True)
class StuckLine:
    """A rung that holds its case up, as a list shows it. Instants are UTC microseconds."""

    case: str
    number: str
    workflow: str
    deadline: str
    rung: str
    attempts: int
    first_at: int
    next_try: int
    fault: str


def read(store: Store) -> dict[str, Tried]:
    """What holds cases up in any institution, by case: mostly nothing."""
    with store.asks() as connection:
        return {case: Tried(*tried) for case, *tried in connection.execute(_READ).fetchall()}


def put(connection: Session, due: Due, tried: Tried, fault: str) -> None:
    """Keep that a rung could not be fired."""
    connection.execute(_PUT, {**due._asdict(), **asdict(tried), "fault": fault})


def forget(connection: Session, cases: Iterable[Due]) -> None:
    """Forget what was stuck in these cases: their rungs have been fired."""
    for due in cases:
        mine = (_stuck.c.institution == due.institution, _stuck.c.case_id == due.case)
        connection.execute(_stuck.delete().where(*mine))


def listed(store: Store, institution: str, scope: Scope | None = None) -> Sequence[StuckLine]:
    """What holds cases of the institution up now, the longest first; what was overtaken by a step is left out.

    With `scope`, of readable cases only.
    """
    query = (
        sa.select(
            _case.c.id, _case.c.number, _case.c.workflow, _stuck.c.deadline, _stuck.c.rung, _stuck.c.attempts,
            _stuck.c.first_at, _stuck.c.next_try, _stuck.c.fault,
        )
        .join_from(_stuck, _case, (_case.c.institution == _stuck.c.institution) & (_case.c.id == _stuck.c.case_id))
        .where(_stuck.c.institution == institution, _still())
        .where(*([] if scope is None else [readable(scope)]))
        .order_by(_stuck.c.first_at, _case.c.id)
    )  # fmt: skip
    with store.reads() as connection:
        return [StuckLine(*row) for row in connection.execute(query)]


def count(store: Store) -> int:
    """How many cases are held up, in any institution."""
    with store.reads() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(_stuck).where(_still())).scalar_one())


def wake(store: Store, institution: str, case: str, *, now: int, scope: Scope | None = None) -> bool:
    """Let a rung be tried again from an instant; False where none of the case is stuck, or `scope` leaves it out."""
    mine = (_stuck.c.institution == institution, _stuck.c.case_id == case)
    woken = _stuck.update().where(*mine).values(next_try=now)
    if scope is not None:
        woken = woken.where(_stuck.c.case_id.in_(sa.select(_case.c.id).where(readable(scope))))
    with store.writes() as connection:
        return connection.execute(woken).rowcount > 0


def tidy(store: Store) -> int:
    """Forget what a step has overtaken; how many there were. No write is opened where there is none."""
    with store.reads() as connection:
        if connection.execute(sa.select(_stuck.c.case_id).where(~_still()).limit(1)).first() is None:
            return 0
    with store.writes() as connection:
        return connection.execute(_stuck.delete().where(~_still())).rowcount
