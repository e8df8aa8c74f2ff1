"""The ledger on SQLite: plain statements inside one BEGIN IMMEDIATE.

The transaction holds the write lock from its start, so what was read cannot change
before it is written; the version checks are made all the same, for a decision may have
been taken over a snapshot of another transaction.
"""

from __future__ import annotations

import itertools
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from engine.model import Case, Decision, Done
from engine.store.ledger import (
    CASE_FIELDS,
    DEADLINE_FIELDS,
    EVENT_FIELDS,
    OUTBOX_FIELDS,
    Plan,
    Reading,
    Reverse,
    read_case,
    read_deadline,
)
from engine.store.rows import (
    DERIVED_FIELDS,
    NOBODYS_CONCERN,
    ORGANISATION_TABLES,
    case_values,
    deadline_values,
    derived_values,
    event_values,
    outbox_values,
)

DEEPEST = 3


def _insert(table: str, fields: Sequence[str], *, tail: str = "") -> str:
    names = ", ".join(f'"{name}"' for name in fields)
    marks = ", ".join("?" * len(fields))
    # Table and column names are this module's own constants; values are bound.
    return f"INSERT INTO {table} ({names}) VALUES ({marks}) {tail}"


_KEPT = ("institution", "case_id", "name", "since")
_UPSERT = "ON CONFLICT (institution, case_id, name, since) DO UPDATE SET " + ", ".join(
    f"{name} = excluded.{name}" for name in DEADLINE_FIELDS if name not in _KEPT
)
INSERT_CASE = _insert("case_record", (*CASE_FIELDS, *DERIVED_FIELDS))
INSERT_EVENT = _insert("event", EVENT_FIELDS)
INSERT_OUTBOX = _insert("outbox", OUTBOX_FIELDS)
UPSERT_DEADLINE = _insert("deadline", DEADLINE_FIELDS, tail=_UPSERT)
INSERT_DETAIL = _insert("event_detail", ("institution", "case_id", "sequence", "detail", "nonce"))
INSERT_LINK = _insert("link", ("institution", "from_case", "name", "to_case", "sequence"))
INSERT_PERSON = _insert("person", ("institution", "id", "name", "email", "language", "created_at"))
INSERT_KEY = _insert("idempotency", ("institution", "party", "key", "fingerprint", "case_id", "sequence", "at"))
UPDATE_CASE = (
    "UPDATE case_record SET definition = ?, state = ?, unit = ?, assignee = ?, subject = ?, "
    "title = ?, search = ?, facts = ?, acts = ?, version = ?, head = ?, updated_at = ?, "
    "closed_at = ?, entered_at = CASE WHEN state = ? THEN entered_at ELSE ? END, due_at = ?, "
    "missed_at = ?, partner = ? WHERE institution = ? AND id = ? AND version = ?"
)
ERASE_CASE = (
    *(
        f"DELETE FROM {table} WHERE institution = ? AND case_id = ?"
        for table in ("event_detail", "form_draft", "follow_up_day", "case_reading", "case_presence")
    ),
    "DELETE FROM outbox WHERE institution = ? AND case_id = ? AND state <> 'sent'",
    "UPDATE outbox SET last_error = NULL WHERE institution = ? AND case_id = ? AND last_error IS NOT NULL",
    # The case's own event is written by now, so every case of theirs is asked alike.
    f"""UPDATE person SET name = NULL, email = NULL WHERE institution = ? AND id =
    (SELECT subject FROM case_record c WHERE c.institution = person.institution AND c.id = ?)
    AND {NOBODYS_CONCERN}""",
)
NEXT_NUMBER = (
    "INSERT INTO number_series (institution, series, last) VALUES (?, ?, 1) "
    "ON CONFLICT (institution, series) DO UPDATE SET last = last + 1 RETURNING last"
)


def _relation(plan: Plan, edge: Sequence[str], reverse: Reverse) -> tuple[str, tuple[str, ...]]:
    """The statement that finds one relation from some cases, and what it is to be bound to."""
    if reverse.link is not None:
        tie = (
            "JOIN link l ON l.institution = p.institution AND l.to_case = p.id AND l.name = ? "
            "JOIN case_record c ON c.institution = l.institution AND c.id = l.from_case"
        )
        named: tuple[str, ...] = (reverse.link,)
    else:
        tie, named = "JOIN case_record c ON c.institution = p.institution AND c.subject = p.subject", ()
    marks, states = ", ".join("?" * len(edge)), ", ".join("?" * len(reverse.states))
    which = f"c.state IN ({states})" if reverse.states else "c.closed_at IS NULL"
    statement = (
        f"SELECT c.id FROM case_record p {tie} WHERE p.institution = ? AND p.id IN ({marks}) "
        f"AND p.workflow = ? AND c.workflow = ? AND c.id <> p.id AND {which}"
    )
    return statement, (*named, plan.institution, *edge, reverse.owner, reverse.workflow, *reverse.states)


class SqliteLedger:
    """A handed SQLite transaction. See `engine.store.ledger.Ledger`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._run = connection.execute
        self._many = connection.executemany

    def read(self, plan: Plan) -> Reading:
        """Read everything the plan names."""
        ids = self._reach(plan)
        return Reading(
            organisation_version=self._version(plan.institution),
            cases=self._cases(plan.institution, ids),
            done=self._done(plan),
            known=self._known(plan),
            subject_exists=self._subject_exists(plan),
            workload=self._workload(plan),
            detailed=self._detailed(plan),
        )

    def _version(self, institution: str) -> int:
        row = self._run("SELECT version FROM organisation WHERE institution = ?", (institution,)).fetchone()
        return int(row[0]) if row else 0

    def _reach(self, plan: Plan) -> list[str]:
        """Follow links, and where the plan says so relations, breadth first."""
        found: dict[str, None] = dict.fromkeys(plan.cases)
        edge = list(found)
        for _ in range(DEEPEST if plan.reverse else DEEPEST - 1):
            marks = ", ".join("?" * len(edge))
            nearby = [
                row[0]
                for row in self._run(
                    f"SELECT to_case FROM link WHERE institution = ? AND from_case IN ({marks})",
                    (plan.institution, *edge),
                )
            ]
            nearby += self._related(plan, edge)
            edge = [case for case in dict.fromkeys(nearby) if case not in found]
            if not edge:
                break
            found.update(dict.fromkeys(edge))
        return list(found)

    def _related(self, plan: Plan, edge: Sequence[str]) -> list[str]:
        """All that the plan's relations find from these cases, in one statement however many they are."""
        if not plan.reverse:
            return []
        parts, values = zip(*(_relation(plan, edge, reverse) for reverse in plan.reverse), strict=True)
        rows = self._run(" UNION ALL ".join(parts), tuple(itertools.chain.from_iterable(values)))
        return [row[0] for row in rows]

    def _cases(self, institution: str, ids: Sequence[str]) -> dict[str, Case]:
        if not ids:
            return {}
        marks, values = ", ".join("?" * len(ids)), (institution, *ids)
        links: dict[str, list[tuple[str, str]]] = {}
        for source, name, to in self._run(
            "SELECT from_case, name, to_case FROM link WHERE institution = ? "
            f"AND from_case IN ({marks}) ORDER BY sequence, name, to_case",
            values,
        ):
            links.setdefault(source, []).append((name, to))
        deadlines: dict[str, list[Any]] = {}
        for row in self._run(
            f"SELECT {', '.join(DEADLINE_FIELDS)} FROM deadline "
            f"WHERE institution = ? AND case_id IN ({marks}) AND ended_at IS NULL",
            values,
        ):
            read = dict(zip(DEADLINE_FIELDS, row, strict=True))
            read["ledger"], read["fired"] = json.loads(read["ledger"]), json.loads(read["fired"])
            deadlines.setdefault(read["case_id"], []).append(read_deadline(read))
        cases = {}
        for row in self._run(
            f"SELECT {', '.join(CASE_FIELDS)} FROM case_record WHERE institution = ? AND id IN ({marks})",
            values,
        ):
            read = dict(zip(CASE_FIELDS, row, strict=True))
            read["facts"], read["acts"] = json.loads(read["facts"]), json.loads(read["acts"])
            case = read["id"]
            cases[case] = read_case(read, links.get(case, ()), deadlines.get(case, ()))
        return cases

    def _done(self, plan: Plan) -> Done | None:
        if plan.key is None:
            return None
        row = self._run(
            "SELECT fingerprint, case_id, sequence FROM idempotency WHERE institution = ? AND party = ? AND key = ?",
            (plan.institution, plan.party, plan.key),
        ).fetchone()
        return Done(*row) if row else None

    def _known(self, plan: Plan) -> str | None:
        if plan.email is None:
            return None
        row = self._run(
            "SELECT id FROM person WHERE institution = ? AND email = ?",
            (plan.institution, plan.email),
        ).fetchone()
        return str(row[0]) if row else None

    def _subject_exists(self, plan: Plan) -> bool:
        return plan.subject is None or bool(
            self._run(
                "SELECT 1 FROM person WHERE institution = ? AND id = ?",
                (plan.institution, plan.subject),
            ).fetchone()
        )

    def _workload(self, plan: Plan) -> dict[str, int]:
        if plan.workload is None:
            return {}
        rows = self._run(
            "SELECT assignee, count(*) FROM case_record WHERE institution = ? AND workflow = ? "
            "AND assignee IS NOT NULL AND closed_at IS NULL GROUP BY assignee",
            (plan.institution, plan.workload),
        )
        return {row[0]: row[1] for row in rows}

    def _detailed(self, plan: Plan) -> tuple[int, ...]:
        if plan.detailed is None:
            return ()
        rows = self._run(
            "SELECT sequence FROM event_detail WHERE institution = ? AND case_id = ? ORDER BY sequence",
            (plan.institution, plan.detailed),
        )
        return tuple(row[0] for row in rows)

    def write(self, decision: Decision) -> Mapping[str, str] | None:
        """Check every version seen, then write all of the decision."""
        if not self._holds(decision):
            return None
        numbers = self._write_cases(decision)
        self._many(INSERT_EVENT, [event_values(event) for event in decision.events])
        self._many(
            INSERT_DETAIL,
            [(e.institution, e.case, e.sequence, e.detail, e.nonce) for e in decision.events if e.detail is not None],
        )
        institution = decision.institution
        if decision.deadlines:
            self._many(
                UPSERT_DEADLINE,
                [deadline_values(institution, case, row) for case, row in decision.deadlines],
            )
        if decision.owed:
            self._many(INSERT_OUTBOX, [outbox_values(institution, o, decision.now) for o in decision.owed])
        for case, name, to in decision.unlinked:
            self._run(
                "DELETE FROM link WHERE institution = ? AND from_case = ? AND name = ? AND to_case = ?",
                (institution, case, name, to),
            )
        for case in decision.erased:
            for statement in ERASE_CASE:
                self._run(statement, (institution, case))
        sequences = {event.case: event.sequence for event in decision.events}
        for case, name, to in decision.linked:
            self._run(INSERT_LINK, (institution, case, name, to, sequences[case]))
        if decision.key is not None:
            self._run(
                INSERT_KEY,
                (
                    institution, decision.by, decision.key.key, decision.key.fingerprint,
                    decision.case, decision.sequence, decision.now,
                ),
            )  # fmt: skip
        return numbers

    def _holds(self, decision: Decision) -> bool:
        if self._version(decision.institution) != decision.organisation_version:
            return False
        if not decision.seen:
            return True
        marks = ", ".join("?" * len(decision.seen))
        rows = self._run(
            f"SELECT id, version FROM case_record WHERE institution = ? AND id IN ({marks})",
            (decision.institution, *decision.seen),
        )
        return dict(rows.fetchall()) == dict(decision.seen)

    def _write_cases(self, decision: Decision) -> dict[str, str]:
        if decision.person is not None:
            person, who = decision.person
            self._run(
                INSERT_PERSON,
                (decision.institution, person, who.name, who.email, who.language, decision.now),
            )
        numbers: dict[str, str] = {}
        for case in decision.cases:
            if case.id in decision.opened:
                last = self._run(NEXT_NUMBER, (case.institution, case.number)).fetchone()[0]
                numbers[case.id] = f"{case.number}-{last:04d}"
                self._run(INSERT_CASE, (*case_values(case, numbers[case.id]), *derived_values(case)))
            else:
                kept = case_values(case, case.number)
                changed = dict(zip(CASE_FIELDS, kept, strict=True))
                self._run(
                    UPDATE_CASE,
                    (
                        changed["definition"], changed["state"], changed["unit"],
                        changed["assignee"], changed["subject"], changed["title"],
                        changed["search"], changed["facts"], changed["acts"],
                        changed["version"], changed["head"], changed["updated_at"],
                        changed["closed_at"], case.state, *derived_values(case),
                        case.institution, case.id, case.version - 1,
                    ),
                )  # fmt: skip
        return numbers

    def lock(self, institution: str, cases: Sequence[str]) -> None:
        """Nothing to do: the transaction holds the one write lock already."""

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Let what is done inside fail alone."""
        self._run("SAVEPOINT step")
        try:
            yield
        except BaseException:
            self._run("ROLLBACK TO step")
            self._run("RELEASE step")
            raise
        self._run("RELEASE step")

    def organisation_rows(self, institution: str) -> Mapping[str, Any]:
        """The organisation as it now is."""
        rows: dict[str, Any] = {"version": self._version(institution)}
        for table, fields in ORGANISATION_TABLES.items():
            names = ", ".join(fields)
            found = self._run(
                f"SELECT {names} FROM {table} WHERE institution = ? "
                "AND until_version IS NULL ORDER BY since_version, id",
                (institution,),
            )
            rows[table] = [dict(zip(fields, row, strict=True)) for row in found]
        return rows
