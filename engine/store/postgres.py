"""The ledger on PostgreSQL: one statement to read, one to write.

Round trips, not the disk, are the cost there (two a step, linked cases included). In
READ COMMITTED the one writing statement locks every case it has seen in id order and
compares its version after the wait, so a slower step finds nothing to write.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
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
from engine.store.rows import (
    ORGANISATION_TABLES,
    case_values,
    deadline_values,
    event_values,
    outbox_values,
)

_LINKS = "SELECT to_case AS id FROM link WHERE institution = %(institution)s AND from_case = r.id"
_FORWARD = f"""
WITH RECURSIVE reach(id, depth) AS (
  SELECT id, 0 FROM unnest(%(cases)s::text[]) AS start(id)
  UNION
  SELECT n.id, r.depth + 1 FROM reach r CROSS JOIN LATERAL ({_LINKS}) n WHERE r.depth < 2
), found AS (SELECT DISTINCT id FROM reach)
"""
_BOTH_WAYS = f"""
WITH RECURSIVE wanted AS (
  SELECT * FROM json_to_recordset(%(reverse)s::json)
    AS w(owner text, workflow text, link text, states json)
), reach(id, depth) AS (
  SELECT id, 0 FROM unnest(%(cases)s::text[]) AS start(id)
  UNION
  SELECT n.id, r.depth + 1 FROM reach r CROSS JOIN LATERAL (
    {_LINKS}
    UNION ALL
    SELECT c.id FROM case_record p
      JOIN wanted w ON w.owner = p.workflow
      JOIN link l ON l.institution = p.institution AND l.to_case = p.id AND l.name = w.link
      JOIN case_record c ON c.institution = l.institution AND c.id = l.from_case
    WHERE p.institution = %(institution)s AND p.id = r.id AND c.workflow = w.workflow
      AND CASE WHEN json_array_length(w.states) = 0 THEN c.closed_at IS NULL
          ELSE c.state IN (SELECT json_array_elements_text(w.states)) END
    UNION ALL
    SELECT c.id FROM case_record p
      JOIN wanted w ON w.owner = p.workflow AND w.link IS NULL
      JOIN case_record c ON c.institution = p.institution AND c.subject = p.subject
    WHERE p.institution = %(institution)s AND p.id = r.id AND c.workflow = w.workflow
      AND c.id <> p.id
      AND CASE WHEN json_array_length(w.states) = 0 THEN c.closed_at IS NULL
          ELSE c.state IN (SELECT json_array_elements_text(w.states)) END
  ) n WHERE r.depth < 3
), found AS (SELECT DISTINCT id FROM reach)
"""
_READ = """
SELECT
  (SELECT version FROM organisation WHERE institution = %(institution)s),
  (SELECT json_agg(c) FROM case_record c
    WHERE c.institution = %(institution)s AND c.id IN (SELECT id FROM found)),
  (SELECT json_agg(json_build_array(l.from_case, l.name, l.to_case)
      ORDER BY l.sequence, l.name, l.to_case) FROM link l
    WHERE l.institution = %(institution)s AND l.from_case IN (SELECT id FROM found)),
  (SELECT json_agg(d) FROM deadline d
    WHERE d.institution = %(institution)s AND d.case_id IN (SELECT id FROM found)
      AND d.ended_at IS NULL)
"""
_DONE = """, (SELECT json_build_array(fingerprint, case_id, sequence) FROM idempotency
    WHERE institution = %(institution)s AND party = %(party)s AND key = %(key)s)"""
_PEOPLE = """,
  (SELECT id FROM person WHERE institution = %(institution)s AND email = %(email)s),
  (SELECT count(*) FROM person WHERE institution = %(institution)s AND id = %(subject)s)"""
_WORKLOAD = """,
  (SELECT json_object_agg(assignee, open) FROM (
     SELECT assignee, count(*) AS open FROM case_record
     WHERE institution = %(institution)s AND workflow = %(workload)s
       AND assignee IS NOT NULL AND closed_at IS NULL GROUP BY assignee) AS load)"""


@lru_cache
def reading(*, both_ways: bool, key: bool, people: bool, workload: bool) -> str:
    """The reading statement for what a plan asks; few shapes, so that each is prepared once."""
    return "".join(
        (
            _BOTH_WAYS if both_ways else _FORWARD,
            _READ,
            _DONE if key else ", NULL",
            _PEOPLE if people else ", NULL, 0",
            _WORKLOAD if workload else ", NULL",
        )
    )


_TYPES: Mapping[str, str] = {
    "version": "bigint", "opened_at": "bigint", "updated_at": "bigint", "closed_at": "bigint",
    "facts": "json", "acts": "json", "sequence": "bigint", "at": "bigint",
    "cause_sequence": "bigint", "since": "bigint", "started_at": "bigint", "ledger": "json",
    "fired": "json", "due_on": "date", "due_at": "bigint", "acts_at": "bigint",
    "ended_at": "bigint", "grouped": "boolean", "not_before": "bigint", "attempts": "integer",
    "next_try": "bigint", "created_at": "bigint",
}  # fmt: skip


def _columns(fields: Sequence[str], **others: str) -> str:
    return ", ".join(f'"{f}" {others.get(f, _TYPES.get(f, "text"))}' for f in fields)


def _names(fields: Sequence[str]) -> str:
    return ", ".join(f'"{field}"' for field in fields)


_HELD = """
WITH held AS (
  SELECT c.id FROM case_record c
    JOIN unnest(%(seen)s::text[], %(versions)s::bigint[]) AS s(id, version)
      ON c.id = s.id AND c.version = s.version
  WHERE c.institution = %(institution)s ORDER BY c.id FOR NO KEY UPDATE OF c
), ok AS MATERIALIZED (
  SELECT (SELECT count(*) FROM held) = cardinality(%(seen)s::text[])
    AND coalesce((SELECT version FROM organisation WHERE institution = %(institution)s), 0)
      = %(organisation)s AS ok
)"""
_NUMBER = "w.number || '-' || lpad(n::text, greatest(4, length(n::text)), '0')"
_IF_OK = "WHERE (SELECT ok FROM ok)"
_CHANGED = (
    "definition", "state", "unit", "assignee", "subject", "title", "search", "facts", "acts",
    "version", "head", "updated_at", "closed_at",
)  # fmt: skip
_PARTS: Mapping[str, str] = {
    "changed": f"""changed AS (
  UPDATE case_record c SET {", ".join(f"{f} = n.{f}" for f in _CHANGED)}
  FROM json_to_recordset(%(changed)s::json) AS n({_columns(("id", *_CHANGED))})
  WHERE c.institution = %(institution)s AND c.id = n.id AND (SELECT ok FROM ok) RETURNING c.id
)""",
    "opened": f"""wanted AS (
  SELECT * FROM json_to_recordset(%(opened)s::json) AS n({_columns(CASE_FIELDS)}, nth bigint)
), numbered AS (
  INSERT INTO number_series (institution, series, last)
  SELECT institution, number, count(*) FROM wanted {_IF_OK} GROUP BY institution, number
  ON CONFLICT (institution, series) DO UPDATE SET last = number_series.last + excluded.last
  RETURNING series, last
), born AS (
  INSERT INTO case_record ({_names(CASE_FIELDS)})
  SELECT {", ".join(_NUMBER if f == "number" else f'w."{f}"' for f in CASE_FIELDS)}
  FROM (SELECT w.*, s.last - count(*) OVER (PARTITION BY w.number) + w.nth AS n
        FROM wanted w JOIN numbered s ON s.series = w.number) w
  RETURNING id, number
)""",
    "events": f"""events AS (
  INSERT INTO event ({_names(EVENT_FIELDS)})
  SELECT {", ".join("convert_to(body, 'UTF8')" if f == "body" else f'"{f}"' for f in EVENT_FIELDS)}
  FROM json_to_recordset(%(events)s::json) AS n({_columns(EVENT_FIELDS)}) {_IF_OK}
)""",
    "details": f"""details AS (
  INSERT INTO event_detail (institution, case_id, sequence, detail, nonce)
  SELECT %(institution)s, case_id, sequence, convert_to(detail, 'UTF8'), decode(nonce, 'hex')
  FROM json_to_recordset(%(details)s::json)
    AS n(case_id text, sequence bigint, detail text, nonce text) {_IF_OK}
)""",
    "deadlines": f"""deadlines AS (
  INSERT INTO deadline ({_names(DEADLINE_FIELDS)})
  SELECT {_names(DEADLINE_FIELDS)}
  FROM json_to_recordset(%(deadlines)s::json) AS n({_columns(DEADLINE_FIELDS)}) {_IF_OK}
  ON CONFLICT (institution, case_id, name, since) DO UPDATE SET
    {", ".join(f"{f} = excluded.{f}" for f in DEADLINE_FIELDS if f not in ("institution", "case_id", "name", "since"))}
)""",
    "owed": f"""owed AS (
  INSERT INTO outbox ({_names(OUTBOX_FIELDS)})
  SELECT {_names(OUTBOX_FIELDS)}
  FROM json_to_recordset(%(owed)s::json) AS n({_columns(OUTBOX_FIELDS)}) {_IF_OK}
)""",
    "unlinked": """untied AS (
  DELETE FROM link l USING json_to_recordset(%(unlinked)s::json)
    AS n(from_case text, name text, to_case text)
  WHERE l.institution = %(institution)s AND l.from_case = n.from_case AND l.name = n.name
    AND l.to_case = n.to_case AND (SELECT ok FROM ok)
)""",
    "linked": f"""tied AS (
  INSERT INTO link (institution, from_case, name, to_case, sequence)
  SELECT %(institution)s, from_case, name, to_case, sequence
  FROM json_to_recordset(%(linked)s::json)
    AS n(from_case text, name text, to_case text, sequence bigint) {_IF_OK}
)""",
    "person": f"""people AS (
  INSERT INTO person (institution, id, name, email, language, created_at)
  SELECT %(institution)s, id, name, email, language, %(now)s
  FROM json_to_recordset(%(person)s::json) AS n(id text, name text, email text, language text)
  {_IF_OK}
)""",
    "key": f"""keyed AS (
  INSERT INTO idempotency (institution, party, key, fingerprint, case_id, sequence, at)
  SELECT %(institution)s, party, key, fingerprint, case_id, sequence, %(now)s
  FROM json_to_recordset(%(key)s::json)
    AS n(party text, key text, fingerprint text, case_id text, sequence bigint) {_IF_OK}
)""",
}


@lru_cache
def writing(parts: tuple[str, ...]) -> str:
    """The writing statement for the parts a decision has; few shapes, each prepared once."""
    numbers = "(SELECT json_object_agg(id, number) FROM born)" if "opened" in parts else "NULL"
    return ",\n".join((_HELD, *(_PARTS[p] for p in parts))) + f"\nSELECT ok, {numbers} FROM ok"


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
        }
        row = self._connection.execute(statement, asked).fetchone()
        version, cases, links, deadlines, done, known, subjects, workload = row or (None,) * 8
        return Reading(
            organisation_version=version or 0,
            cases=_cases(cases or (), links or (), deadlines or ()),
            done=Done(*done) if done else None,
            known=known,
            subject_exists=plan.subject is None or bool(subjects),
            workload=workload or {},
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
        if case.id in decision.opened:
            nth[case.number] = nth.get(case.number, 0) + 1
            opened.append({**row, "nth": nth[case.number]})
        else:
            changed.append({name: row[name] for name in ("id", *_CHANGED)})
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


