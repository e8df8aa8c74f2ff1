"""The ledger on PostgreSQL: one statement to read, one to write.

Round trips, not the disk, are the cost there (two a step, linked cases included). In
READ COMMITTED the one writing statement locks every case it has seen in id order and
compares its version after the wait, so a slower step finds nothing to write.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import errors

from engine.errors import Busy
from engine.model import Decision, Done, NewEvent
from engine.store.ledger import (
    CASE_FIELDS,
    DEADLINE_FIELDS,
    EVENT_FIELDS,
    OUTBOX_FIELDS,
    Plan,
    Reading,
    read_case,
    read_deadline,
)
from engine.store.postgres_sql import CHANGED, reading, writing
from engine.store.rows import (
    DERIVED_FIELDS,
    ORGANISATION_TABLES,
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

    def read(self, plan: Plan) -> Reading:
        """Read everything the plan names, in one round trip."""
        people = plan.email is not None or plan.subject is not None
        statement = reading(
            both_ways=bool(plan.reverse),
            key=plan.key is not None,
            people=people,
            workload=plan.workload is not None,
            detailed=plan.detailed is not None,
        )
        asked = {
            "institution": plan.institution,
            "cases": list(plan.cases),
            "reverse": _dumps(
                [
                    {"owner": r.owner, "workflow": r.workflow, "link": r.link, "states": r.states}
                    for r in plan.reverse
                ]
            ),
            "party": plan.party,
            "key": plan.key,
            "email": plan.email,
            "subject": plan.subject,
            "workload": plan.workload,
            "detailed": plan.detailed,
        }
        row = self._connection.execute(statement, asked).fetchone()
        version, cases, links, deadlines, done, known, subjects, workload, detailed = row or (None,) * 9
        return Reading(
            organisation_version=version or 0,
            cases=_cases(cases or (), links or (), deadlines or ()),
            done=Done(*done) if done else None,
            known=known,
            subject_exists=plan.subject is None or bool(subjects),
            workload=workload or {},
            detailed=tuple(detailed or ()),
        )

    def write(self, decision: Decision) -> Mapping[str, str] | None:
        """Check every version seen and write all of the decision, in one round trip."""
        parts = {name: rows for name, rows in _written(decision).items() if rows}
        bound: dict[str, Any] = {
            "institution": decision.institution,
            "seen": list(decision.seen),
            "versions": list(decision.seen.values()),
            "organisation": decision.organisation_version,
            "now": decision.now,
            **{name: _dumps(rows) for name, rows in parts.items()},
        }
        try:
            row = self._connection.execute(writing(tuple(parts)), bound).fetchone()
        except (errors.UniqueViolation, errors.DeadlockDetected, errors.SerializationFailure) as error:
            # Somebody opened, keyed or numbered the same at the same instant: decide again. Inside
            # a transaction that takes the savepoint first, for until then nothing can be read.
            if self._connection.info.transaction_status == psycopg.pq.TransactionStatus.INERROR:
                raise Busy(f"the step collided with another: {error.sqlstate}") from error
            return None
        if row is None or not row[0]:
            return None
        return row[1] or {}

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


_RAW_JSON = ("facts", "acts", "ledger", "fired")


def _row(fields: Sequence[str], values: Sequence[Any]) -> dict[str, Any]:
    """Pair columns with values; JSON columns stay JSON inside the parameter."""
    row = dict(zip(fields, values, strict=True))
    for name in _RAW_JSON:
        if name in row:
            row[name] = json.loads(row[name])
    return row


def _event(event: NewEvent) -> dict[str, Any]:
    row = dict(zip(EVENT_FIELDS, event_values(event), strict=True))
    row["body"] = event.body.decode()
    return row


def _written(decision: Decision) -> dict[str, list[dict[str, Any]]]:
    """Everything a decision writes, as rows for the parts of the statement."""
    institution, now = decision.institution, decision.now
    nth: dict[str, int] = {}
    opened, changed = [], []
    for case in decision.cases:
        row = _row(CASE_FIELDS, case_values(case, case.number))
        row.update(zip(DERIVED_FIELDS, derived_values(case), strict=True))
        if case.id in decision.opened:
            nth[case.number] = nth.get(case.number, 0) + 1
            opened.append({**row, "nth": nth[case.number]})
        else:
            changed.append({name: row[name] for name in ("id", *CHANGED)})
    sequences = {event.case: event.sequence for event in decision.events}
    key, person = decision.key, decision.person
    return {
        "changed": changed,
        "opened": opened,
        "events": [_event(event) for event in decision.events],
        "details": [
            {
                "case_id": e.case,
                "sequence": e.sequence,
                "detail": e.detail.decode(),
                "nonce": (e.nonce or b"").hex(),
            }
            for e in decision.events
            if e.detail is not None
        ],
        "deadlines": [
            _row(DEADLINE_FIELDS, deadline_values(institution, case, row))
            for case, row in decision.deadlines
        ],
        "owed": [
            dict(zip(OUTBOX_FIELDS, outbox_values(institution, owed, now), strict=True))
            for owed in decision.owed
        ],
        "erased": [{"case_id": case} for case in decision.erased],
        "unlinked": [
            {"from_case": case, "name": name, "to_case": to}
            for case, name, to in decision.unlinked
        ],
        "linked": [
            {"from_case": case, "name": name, "to_case": to, "sequence": sequences[case]}
            for case, name, to in decision.linked
        ],
        "person": [
            {
                "id": person[0],
                "name": person[1].name,
                "email": person[1].email,
                "language": person[1].language,
            }
        ]
        if person
        else [],
        "key": [
            {
                "party": decision.by,
                "key": key.key,
                "fingerprint": key.fingerprint,
                "case_id": decision.case,
                "sequence": decision.sequence,
            }
        ]
        if key
        else [],
    }


