"""The ledger on PostgreSQL: one statement to read, one to write.

Round trips, not the disk, are the cost there (two a step, linked cases included). In
READ COMMITTED the one writing statement locks every case it has seen in id order and
compares its version after the wait, so a slower step finds nothing to write.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Sized
from contextlib import contextmanager, nullcontext
from typing import Any

import psycopg
from psycopg import errors

from engine.errors import Busy
from engine.model import Case, Decision, Done, NewEvent
from engine.store.ledger import (
    Plan,
    Reading,
    Readings,
    Reverse,
    read_case,
    read_deadline,
)
from engine.store.merged import Merged, merged
from engine.store.postgres_sql import READ_TOGETHER, reading
from engine.store.postgres_writing import FIELDS, writing
from engine.store.rows import (
    ORGANISATION_TABLES,
    Encode,
    as_it_is,
    case_values,
    deadline_values,
    derived_values,
    event_values,
    outbox_values,
)

_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class PostgresLedger:
    """A handed PostgreSQL connection, in a transaction or in autocommit. See `Ledger`."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._cursor = psycopg.RawCursor(connection)

    def read(self, plan: Plan) -> Reading:
        """Read everything the plan names, in one round trip."""
        people = plan.email is not None or plan.subject is not None
        single = len(plan.cases) == 1
        statement = reading(
            single=single,
            both_ways=bool(plan.reverse),
            key=plan.key is not None,
            people=people,
            workload=plan.workload is not None,
            detailed=plan.detailed is not None,
        )
        asked = {
            "institution": plan.institution,
            "cases": plan.cases[0] if single else _dumps(plan.cases),
            "reverse": _dumps([_wanted(each) for each in plan.reverse]),
            "party": plan.party,
            "key": plan.key,
            "email": plan.email,
            "subject": plan.subject,
            "workload": plan.workload,
            "detailed": plan.detailed,
        }
        found = self._row(statement.text, statement.bound(asked))
        version, cases, links, deadlines, done, known, subjects, workload, detailed = found
        return Reading(
            organisation_version=version or 0,
            cases=_cases(cases or (), links or (), deadlines or ()),
            done=Done(*done) if done else None,
            known=known,
            subject_exists=plan.subject is None or bool(subjects),
            workload=workload or {},
            detailed=tuple(detailed or ()),
        )

    def read_together(self, plans: Sequence[Plan]) -> Readings:
        """Read everything the plans name, in one round trip."""
        groups = {reverse: number for number, reverse in enumerate(dict.fromkeys(plan.reverse for plan in plans))}
        starts = dict.fromkeys((case, groups[plan.reverse]) for plan in plans for case in plan.cases)
        keys = {(plan.party, plan.key) for plan in plans if plan.key is not None}
        asked = {
            "institution": plans[0].institution,
            "cases": _dumps([{"id": case, "g": group} for case, group in starts]),
            "reverse": _dumps([_wanted(each, group) for reverse, group in groups.items() for each in reverse]),
            "keys": _dumps([{"party": party, "key": key} for party, key in keys]),
            "emails": _dumps(list({plan.email for plan in plans if plan.email is not None})),
            "subjects": _dumps(list({plan.subject for plan in plans if plan.subject is not None})),
            "workloads": _dumps(list({plan.workload for plan in plans if plan.workload is not None})),
            "detailed": _dumps(list({plan.detailed for plan in plans if plan.detailed is not None})),
        }
        found = self._row(READ_TOGETHER.text, READ_TOGETHER.bound(asked))
        version, cases, links, deadlines, done, known, subjects, workload, detailed = found
        return Readings(
            organisation_version=version or 0,
            cases=_cases(cases or (), links or (), deadlines or ()),
            done={(party, key): Done(*rest) for party, key, *rest in done or ()},
            known=known or {},
            subjects=frozenset(subjects or ()),
            workload={workflow: loads or {} for workflow, loads in (workload or {}).items()},
            detailed={case: tuple(sequences or ()) for case, sequences in (detailed or {}).items()},
        )

    def write(self, decision: Decision) -> Mapping[str, str] | None:
        """Check every version seen and write all of the decision, in one round trip."""
        try:
            return self._write(merged((decision,)))
        except (errors.UniqueViolation, errors.DeadlockDetected, errors.SerializationFailure) as error:
            # Somebody opened, keyed or numbered the same at the same instant: decide again. Inside
            # a transaction that takes the savepoint first, for until then nothing can be read.
            if self._in_error:
                raise Busy(f"the step collided with another: {error.sqlstate}") from error
            return None

    def write_together(self, decisions: Sequence[Decision]) -> Mapping[str, str] | None:
        """Check every version seen and write all of the decisions, in one round trip."""
        try:
            return self._write(merged(decisions))
        except (
            errors.IntegrityError, errors.DataError, errors.DeadlockDetected, errors.SerializationFailure
        ) as error:  # fmt: skip
            raise Busy(f"one of {len(decisions)} steps cannot be written: {error.sqlstate}") from error

    def _write(self, together: Merged) -> Mapping[str, str] | None:
        if not together.erased:
            return self._write_all(together)
        # What is erased with a case is what the statement sees as it begins. So whoever is writing about
        # the case just now comes first, and whoever begins after it learns that the case is erased.
        with self._connection.transaction() if self._connection.autocommit else nullcontext():
            self.lock(together.institution, [*together.seen])
            return self._write_all(together)

    def _write_all(self, together: Merged) -> Mapping[str, str] | None:
        written = _written(together)
        shape = tuple((part, len(rows) == 1) for part, rows in written)
        bound: list[Any] = [together.institution, str(together.organisation_version), str(len(together.seen))]
        for part, rows in written:
            bound += _plain(rows[0]) if len(rows) == 1 else (_as_json(FIELDS[part], rows),)
        held, numbers = self._row(writing(shape), bound)
        return (numbers or {}) if held else None

    def _row(self, text: str, bound: Sequence[Any]) -> tuple[Any, ...]:
        """The one row a statement gives."""
        # Prepared from its first use on: to plan one of these takes longer than to run it.
        row: tuple[Any, ...] = self._cursor.execute(text, bound, prepare=True).fetchone() or ()
        return row

    @property
    def _in_error(self) -> bool:
        return self._connection.info.transaction_status == psycopg.pq.TransactionStatus.INERROR

    def lock(self, institution: str, cases: Sequence[str]) -> None:
        """Hold these cases against others until the transaction ends, in id order."""
        self._connection.execute(
            "SELECT id FROM case_record WHERE institution = %s AND id = ANY(%s) "
            "ORDER BY id FOR NO KEY UPDATE",
            (institution, list(cases)),
        )

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Let what is done inside fail alone."""
        # Not `connection.transaction()`: as the first thing on a connection that would be a
        # transaction of its own, committed when it ends and not with the rest.
        self._connection.execute("SAVEPOINT step")
        try:
            yield
        except BaseException:
            if not self._connection.closed:
                self._connection.execute("ROLLBACK TO step")
                self._connection.execute("RELEASE step")
            raise
        self._connection.execute("RELEASE step")

    def organisation_rows(self, institution: str) -> Mapping[str, Any]:
        """The organisation as it now is, in one statement so that it is of one version."""
        tables = ", ".join(
            f"(SELECT json_agg(t ORDER BY since_version, id) FROM (SELECT {', '.join(fields)}, "
            f"since_version, id FROM {table} WHERE institution = %(institution)s "
            "AND until_version IS NULL) t)"
            for table, fields in ORGANISATION_TABLES.items()
        )
        row = self._connection.execute(
            "SELECT (SELECT version FROM organisation WHERE institution = %(institution)s), "
            + tables,
            {"institution": institution},
        ).fetchone()
        found = row or (0,) * (1 + len(ORGANISATION_TABLES))
        rows: dict[str, Any] = {"version": found[0] or 0}
        rows.update(zip(ORGANISATION_TABLES, (part or [] for part in found[1:]), strict=True))
        return rows


def _cases(
    cases: Sequence[Any], links: Sequence[Any], deadlines: Sequence[Any]
) -> dict[str, Any]:
    ties: dict[str, list[tuple[str, str]]] = {}
    for source, name, to in links:
        ties.setdefault(source, []).append((name, to))
    running: dict[str, list[Any]] = {}
    for row in deadlines:
        running.setdefault(row["case_id"], []).append(read_deadline(row))
    return {
        row["id"]: read_case(row, ties.get(row["id"], ()), running.get(row["id"], ()))
        for row in cases
    }


def _wanted(reverse: Reverse, group: int = 0) -> dict[str, Any]:
    return {
        "g": group, "owner": reverse.owner, "workflow": reverse.workflow,
        "link": reverse.link, "states": reverse.states,
    }  # fmt: skip


def _plain(row: Sequence[Any]) -> list[str | None]:
    """Values as text: so that a statement is prepared once, and not for each length of its numbers."""
    return [value if value is None or value.__class__ is str else str(value) for value in row]


def _as_json(fields: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    return _dumps([dict(zip(fields, row, strict=True)) for row in rows])


def _encoding(rows: Sized) -> Encode:
    """How JSON columns are encoded: where rows go in as JSON, they are a part of it."""
    return _dumps if len(rows) == 1 else as_it_is


def _written(together: Merged) -> list[tuple[str, list[tuple[Any, ...]]]]:
    """Everything some decisions write, as rows for the parts of the statement that have any; first what is checked."""
    institution = together.institution
    details = [event for event in together.events if event.detail is not None]
    encode = _encoding(together.deadlines)
    parts: dict[str, list[tuple[Any, ...]]] = {
        "opened": _opened(together.opened),
        "events": [_event(event) for event in together.events],
        "details": [_detail(event) for event in details],
        "deadlines": [deadline_values(institution, key[0], row, encode) for key, row in together.deadlines.items()],
        "owed": [outbox_values(institution, owed, now) for owed, now in together.owed],
        "erased": [(case,) for case in together.erased],
        "unlinked": [*together.unlinked],
        "linked": [*together.linked],
        "person": together.people,
        "key": together.keys,
    }
    return [*_checked(together), *((part, rows) for part, rows in parts.items() if rows)]


def _checked(together: Merged) -> list[tuple[str, list[tuple[Any, ...]]]]:
    """The versions seen, and the cases changed."""
    seen = [*together.seen.items()]
    encode = _encoding(together.changed)
    changed = [_changed(case, together.entered.get(case.id), encode) for case in together.changed.values()]
    if len(changed) == 1 and [*together.changed] == [*together.seen]:
        return [("alone", [(*changed[0], seen[0][1])])]
    return [("seen", seen), *([("changed", changed)] if changed else [])]


def _changed(case: Case, entered: int | None, encode: Encode) -> tuple[Any, ...]:
    """A case as its id and the columns of CHANGED."""
    row = case_values(case, case.number, encode)
    return row[1], *row[4:15], *row[16:], entered, *derived_values(case)[1:]


def _opened(cases: Sequence[Case]) -> list[tuple[Any, ...]]:
    """The cases opened, each with its place among those of its series."""
    places: Counter[str] = Counter()
    encode = _encoding(cases)
    rows = []
    for case in cases:
        places[case.number] += 1
        rows.append((*case_values(case, case.number, encode), *derived_values(case), places[case.number]))
    return rows


def _event(event: NewEvent) -> tuple[Any, ...]:
    """An event as the columns of EVENT_FIELDS, its body as text."""
    *row, body, previous, own = event_values(event)
    return *row, body.decode(), previous, own


def _detail(event: NewEvent) -> tuple[Any, ...]:
    return event.case, event.sequence, (event.detail or b"").decode(), (event.nonce or b"").hex()
