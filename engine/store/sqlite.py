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
from functools import lru_cache
from typing import Any

from engine.errors import Busy, Full
from engine.model import Case, Decision, Done
from engine.parts import in_parts
from engine.store.ledger import (
    CASE_FIELDS,
    DEADLINE_FIELDS,
    EVENT_FIELDS,
    OUTBOX_FIELDS,
    Plan,
    Reading,
    Readings,
    Reverse,
    read_case,
    read_deadline,
)
from engine.store.merged import Merged, merged
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

SLICE = 400
"""How many cases one statement names, so that a large batch has few shapes and no more values than are allowed."""


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
MOVING = ("facts", "acts", "version", "head", "updated_at")
"""Columns of a case's row that are written at every step."""
STEADY = (
    "definition", "state", "unit", "assignee", "subject", "title", "search", "closed_at", "due_at", "missed_at",
    "partner",
)  # fmt: skip
"""Those that most steps leave as they are, and that stand in indexes or are watched by triggers."""
DELETE_LINK = "DELETE FROM link WHERE institution = ? AND from_case = ? AND name = ? AND to_case = ?"
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


# Nearly all are "[]" or "{}". What is read is made into tuples at once, so that one value serves all. Of the others
# some ninety a minute come anew under load: 4,096 kept, 1.6 MiB, were full after three quarters of an hour.
_short = lru_cache(maxsize=256)(json.loads)


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


@lru_cache(maxsize=256)
def _update(changed: tuple[str, ...]) -> str:
    """The statement that writes a case's row where these columns change.

    SQLite writes anew each index that a column named in the statement stands in, whether its
    value changes or not: naming those that change alone took a row from 75 to 25 µs.
    """
    return f"UPDATE case_record SET {', '.join(f'{name} = ?' for name in changed)} WHERE institution = ? AND id = ?"


def _moving(case: Case) -> tuple[Any, ...]:
    """A case as the columns of MOVING."""
    row = case_values(case, case.number)
    return row[11:15] + row[16:17]


def _steady(case: Case) -> tuple[Any, ...]:
    """A case as the columns of STEADY."""
    due_at, missed_at, partner = derived_values(case)[1:]
    return (
        case.definition, case.state, case.unit, case.assignee, case.subject, case.title, case.search,
        case.closed_at, due_at, missed_at, partner,
    )  # fmt: skip


class SqliteLedger:
    """A handed SQLite transaction. See `engine.store.ledger.Ledger`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._run = connection.execute
        self._many = connection.executemany
        # The cases as last read or written in this transaction, so that only what changes is written.
        self._read: dict[str, Case] = {}
        self._organisation = "", 0

    def read(self, plan: Plan) -> Reading:
        """Read everything the plan names."""
        return Reading(
            organisation_version=self._version(plan.institution),
            cases=self._cases(plan.institution, self._reach(plan)),
            done=self._done(plan),
            known=self._known(plan),
            subject_exists=self._subject_exists(plan),
            workload=self._workload(plan),
            detailed=self._detailed(plan),
        )

    def read_together(self, plans: Sequence[Plan]) -> Readings:
        """Read what the plans name: the cases of those that follow the same relations together."""
        institution = plans[0].institution
        groups: dict[tuple[Reverse, ...], list[str]] = {}
        for plan in plans:
            groups.setdefault(plan.reverse, []).extend(plan.cases)
        ids: dict[str, None] = {}
        for reverse, start in groups.items():
            ids.update(dict.fromkeys(self._reach(Plan(institution, tuple(start), reverse))))
        # A row asked for by its key costs no more alone than among others: here nothing goes over a wire.
        done = {(plan.party or "", plan.key): self._done(plan) for plan in plans if plan.key is not None}
        known = {plan.email: self._known(plan) for plan in plans if plan.email is not None}
        subjects = {plan.subject: plan for plan in plans if plan.subject is not None}
        workload = {plan.workload: plan for plan in plans if plan.workload is not None}
        detailed = {plan.detailed: plan for plan in plans if plan.detailed is not None}
        return Readings(
            organisation_version=self._version(institution),
            cases=self._cases(institution, list(ids)),
            done={key: found for key, found in done.items() if found is not None},
            known={email: person for email, person in known.items() if person is not None},
            subjects=frozenset(person for person, plan in subjects.items() if self._subject_exists(plan)),
            workload={workflow: self._workload(plan) for workflow, plan in workload.items()},
            detailed={case: self._detailed(plan) for case, plan in detailed.items()},
        )

    def _version(self, institution: str) -> int:
        version = self._version_now(institution)
        self._organisation = institution, version
        return version

    def _version_now(self, institution: str) -> int:
        row = self._run("SELECT version FROM organisation WHERE institution = ?", (institution,)).fetchone()
        return int(row[0]) if row else 0

    def _reach(self, plan: Plan) -> list[str]:
        """Follow links, and where the plan says so relations, breadth first."""
        found: dict[str, None] = dict.fromkeys(plan.cases)
        edge = list(found)
        for _ in range(plan.deepest):
            nearby = [case for some in in_parts(edge, SLICE) for case in self._nearby(plan, some)]
            edge = [case for case in dict.fromkeys(nearby) if case not in found]
            if not edge:
                break
            found.update(dict.fromkeys(edge))
        return list(found)

    def _nearby(self, plan: Plan, edge: Sequence[str]) -> Iterator[str]:
        """Give what these cases are linked to, and what the plan's relations find from them."""
        marks = ", ".join("?" * len(edge))
        linked = f"SELECT to_case FROM link WHERE institution = ? AND from_case IN ({marks})"
        yield from (row[0] for row in self._run(linked, (plan.institution, *edge)))
        if plan.reverse:
            # One statement, however many relations they are.
            parts, values = zip(*(_relation(plan, edge, reverse) for reverse in plan.reverse), strict=True)
            rows = self._run(" UNION ALL ".join(parts), tuple(itertools.chain.from_iterable(values)))
            yield from (row[0] for row in rows)

    def _cases(self, institution: str, ids: Sequence[str]) -> dict[str, Case]:
        cases: dict[str, Case] = {}
        for some in in_parts(ids, SLICE):
            cases.update(self._some_cases((institution, *some), ", ".join("?" * len(some))))
        self._read = dict(cases)
        return cases

    def _some_cases(self, values: tuple[str, ...], marks: str) -> Iterator[tuple[str, Case]]:
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
            read["ledger"], read["fired"] = _short(read["ledger"]), _short(read["fired"])
            deadlines.setdefault(read["case_id"], []).append(read_deadline(read))
        for row in self._run(
            f"SELECT {', '.join(CASE_FIELDS)} FROM case_record WHERE institution = ? AND id IN ({marks})",
            values,
        ):
            read = dict(zip(CASE_FIELDS, row, strict=True))
            read["facts"], read["acts"] = json.loads(read["facts"]), _short(read["acts"])
            case = read["id"]
            yield case, read_case(read, links.get(case, ()), deadlines.get(case, ()))

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
        return self._write(merged((decision,)))

    def write_together(self, decisions: Sequence[Decision]) -> Mapping[str, str] | None:
        """Check every version seen, then write all of the decisions."""
        try:
            return self._write(merged(decisions))
        except (sqlite3.IntegrityError, OverflowError) as error:
            raise Busy(f"one of {len(decisions)} steps cannot be written: {error}") from error

    def _write(self, together: Merged) -> Mapping[str, str] | None:
        if not self._holds(together):
            return None
        institution = together.institution
        self._each(INSERT_PERSON, [(institution, *person) for person in together.people])
        numbers = self._write_cases(together)
        self._each(INSERT_EVENT, [event_values(event) for event in together.events])
        details = [event for event in together.events if event.detail is not None]
        self._each(INSERT_DETAIL, [(e.institution, e.case, e.sequence, e.detail, e.nonce) for e in details])
        deadlines = together.deadlines.items()
        self._each(UPSERT_DEADLINE, [deadline_values(institution, key[0], row) for key, row in deadlines])
        self._each(INSERT_OUTBOX, [outbox_values(institution, owed, now) for owed, now in together.owed])
        self._each(DELETE_LINK, [(institution, *tie) for tie in together.unlinked])
        for statement in ERASE_CASE:
            self._each(statement, [(institution, case) for case in together.erased])
        self._each(INSERT_LINK, [(institution, *tie) for tie in together.linked])
        self._each(INSERT_KEY, [(institution, *key) for key in together.keys])
        return numbers

    def _each(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        if rows:
            self._many(statement, rows)

    def _holds(self, together: Merged) -> bool:
        read = self._read
        if self._organisation == (together.institution, together.organisation_version) and all(
            case in read and read[case].version == version for case, version in together.seen.items()
        ):
            # It was read, or written, in this very transaction, which nobody else writes beside.
            return True
        if self._version_now(together.institution) != together.organisation_version:
            return False
        found: dict[str, int] = {}
        for some in in_parts(list(together.seen), SLICE):
            marks = ", ".join("?" * len(some))
            statement = f"SELECT id, version FROM case_record WHERE institution = ? AND id IN ({marks})"
            found.update(self._run(statement, (together.institution, *some)).fetchall())
        return found == together.seen

    def _write_cases(self, together: Merged) -> dict[str, str]:
        numbers: dict[str, str] = {}
        for case in together.opened:
            last = self._run(NEXT_NUMBER, (case.institution, case.number)).fetchone()[0]
            numbers[case.id] = f"{case.number}-{last:04d}"
        opened = [(*case_values(case, numbers[case.id]), *derived_values(case)) for case in together.opened]
        self._each(INSERT_CASE, opened)
        self._update_cases(together)
        return numbers

    def _update_cases(self, together: Merged) -> None:
        updates: dict[str, list[tuple[Any, ...]]] = {}
        for case in together.changed.values():
            before, entered = self._read.get(case.id), together.entered.get(case.id)
            changed = list(zip(STEADY, _steady(case), strict=True))
            if before is not None:
                were = _steady(before)
                changed = [each for each, was in zip(changed, were, strict=True) if each[1] != was]
            if entered is not None:
                changed.append(("entered_at", entered))
            names = (*MOVING, *(name for name, _ in changed))
            values = (*_moving(case), *(value for _, value in changed), case.institution, case.id)
            updates.setdefault(_update(names), []).append(values)
            self._read[case.id] = case
        for statement, rows in updates.items():
            self._many(statement, rows)

    def lock(self, institution: str, cases: Sequence[str]) -> None:
        """Nothing to do: the transaction holds the one write lock already."""

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Let what is done inside fail alone."""
        # A full disk ends the whole transaction; a savepoint after that would be one of its own, and be kept.
        if not self._connection.in_transaction:
            raise Full
        self._run("SAVEPOINT step")
        try:
            yield
        except BaseException:
            self._read, self._organisation = {}, ("", 0)
            if self._connection.in_transaction:
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
