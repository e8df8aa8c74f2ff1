"""What a decision is read from and written to: one handed transaction.

A ledger opens no transaction of its own: it works inside the one it was given, so
that one transaction may carry many steps. On PostgreSQL a single step runs in
autocommit; its one statement is its transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from engine.model import Case, DeadlineRow, Decision, Done, Status


@dataclass(frozen=True, slots=True)
class Reverse:
    """Cases to be read that are found from another: by their link to it, or by its subject.

    `owner` is the workflow of the case they are found from; without `states`, open ones.
    """

    owner: str
    workflow: str
    link: str | None
    states: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What one decision must read. `cases` are where the reading starts.

    `detailed` names the case of which is read which events' details are there.
    """

    institution: str
    cases: tuple[str, ...]
    reverse: tuple[Reverse, ...] = ()
    party: str | None = None
    key: str | None = None
    email: str | None = None
    subject: str | None = None
    workload: str | None = None
    detailed: str | None = None

    @property
    def deepest(self) -> int:
        """How many steps it is from where the reading starts to the farthest case read."""
        return DEEPEST if self.reverse else DEEPEST - 1


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read: everything a snapshot holds but the organisation itself."""

    organisation_version: int
    cases: Mapping[str, Case]
    done: Done | None = None
    known: str | None = None
    subject_exists: bool = True
    workload: Mapping[str, int] = field(default_factory=dict)
    detailed: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Readings:
    """What was read for several plans of one institution together.

    `cases` holds what each plan reaches, and what they reach together. `done` is keyed by
    party and key, `known` by mail address, `workload` by workflow, `detailed` by case;
    `subjects` are the persons asked for who exist.
    """

    organisation_version: int
    cases: Mapping[str, Case]
    done: Mapping[tuple[str, str], Done]
    known: Mapping[str, str]
    subjects: frozenset[str]
    workload: Mapping[str, Mapping[str, int]]
    detailed: Mapping[str, tuple[int, ...]]


class Ledger(Protocol):
    """A handed transaction, on either database."""

    def read(self, plan: Plan) -> Reading:
        """Read everything at once. PostgreSQL: one round trip."""
        ...

    def read_together(self, plans: Sequence[Plan]) -> Readings:
        """Read for several plans of one institution at once. PostgreSQL: one round trip."""
        ...

    def write(self, decision: Decision) -> Mapping[str, str] | None:
        """Write everything if all that was seen still holds, else nothing (None).

        Gives the numbers of the cases opened, by id. PostgreSQL: one round trip. Raises Busy
        where it collided and the handed transaction must go back to its savepoint.
        """
        ...

    def write_together(self, decisions: Sequence[Decision]) -> Mapping[str, str] | None:
        """Write several decisions of one institution at once, in this order; as `write` otherwise.

        A later one may build on an earlier one, but not on a case that is opened here.
        Raises Busy, too, where one of them cannot be written: alone, each gets its own answer.
        """
        ...

    def lock(self, institution: str, cases: Sequence[str]) -> None:
        """Hold these cases against others until the transaction ends, in id order."""
        ...

    def savepoint(self) -> AbstractContextManager[None]:
        """Let what is done inside fail alone."""
        ...

    def organisation_rows(self, institution: str) -> Mapping[str, Any]:
        """The organisation as it now is: `version` and a list of rows per table."""
        ...


DEEPEST = 3
"""How far from the cases where the reading starts; one less where no relation is followed."""
DEADLINE_FIELDS = (
    "institution", "case_id", "name", "since", "status", "started_at", "ledger",
    "due_on", "due_at", "fired", "next_rung", "acts_at", "ended_at",
)  # fmt: skip
CASE_FIELDS = (
    "institution", "id", "number", "workflow", "definition", "state", "unit", "assignee",
    "subject", "title", "search", "facts", "acts", "version", "head", "opened_at",
    "updated_at", "closed_at",
)  # fmt: skip
EVENT_FIELDS = (
    "institution", "case_id", "sequence", "kind", "trigger", "from_state", "to_state",
    "party", "on_behalf_of", "role", "at", "definition", "cause_case", "cause_sequence",
    "body", "previous", "hash",
)  # fmt: skip
OUTBOX_FIELDS = (
    "institution", "id", "case_id", "sequence", "channel", "recipient", "template",
    "deadline", "grouped", "not_before", "attempts", "next_try", "state", "created_at",
)  # fmt: skip


def read_deadline(row: Mapping[str, Any]) -> DeadlineRow:
    """Make a deadline of a row whose JSON columns are read already."""
    due_on = row["due_on"]
    return DeadlineRow(
        name=row["name"],
        since=row["since"],
        status=Status(row["status"]),
        started_at=row["started_at"],
        ledger=tuple((pause[0], pause[1]) for pause in row["ledger"]),
        due_on=date.fromisoformat(due_on) if isinstance(due_on, str) else due_on,
        due_at=row["due_at"],
        fired=tuple(row["fired"]),
        next_rung=row["next_rung"],
        acts_at=row["acts_at"],
        ended_at=row["ended_at"],
    )


def read_case(
    row: Mapping[str, Any],
    links: Sequence[tuple[str, str]],
    deadlines: Sequence[DeadlineRow],
) -> Case:
    """Make a case of a row whose JSON columns are read already."""
    return Case(
        institution=row["institution"],
        id=row["id"],
        number=row["number"],
        workflow=row["workflow"],
        definition=row["definition"],
        state=row["state"],
        unit=row["unit"],
        assignee=row["assignee"],
        subject=row["subject"],
        title=row["title"],
        search=row["search"],
        facts=row["facts"],
        acts={trigger: tuple(people) for trigger, people in row["acts"].items()},
        version=row["version"],
        head=row["head"],
        opened_at=row["opened_at"],
        updated_at=row["updated_at"],
        closed_at=row["closed_at"],
        links=tuple((name, to) for name, to in links),
        deadlines=tuple(sorted(deadlines, key=lambda d: (d.name, d.since))),
    )
