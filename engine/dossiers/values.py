"""What an audit folder is made of. Instants are UTC microseconds, days are local."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from engine.model import Case
from engine.store.audit_rows import Reading
from engine.store.event_rows import Written
from engine.vocabulary import AuditFolder, Paper


class Standing(StrEnum):
    """How it is with one paper of the folder."""

    PRESENT = "present"
    AFTER = "after_the_fact"
    MISSING = "missing"
    ERASED = "erased"
    ELSEWHERE = "elsewhere"
    NOT_YET = "not_yet"
    NEVER = "never"
    NOT_ASKED = "not_asked"


FAULTS = frozenset({Standing.AFTER, Standing.MISSING})
"""What an auditor will ask about."""


class Why(StrEnum):
    """In what way something came after what it should precede."""

    RECORDED = "recorded"
    DATED = "dated"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Evidence:
    """An event that something rests on: of which case (its number), where in its history, when, and its hash."""

    case: str
    sequence: int
    at: int
    hash: str


@dataclass(frozen=True, slots=True)
class Limit:
    """What a paper should precede: the end of a day, or an event. `case` is the number of the event's case."""

    day: date | None = None
    at: int | None = None
    case: str | None = None
    sequence: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """How it is with a paper.

    `lacks` names the facts, the parties, or (`step`, `notice`) what else is not there.
    `shown` are the facts to show, of the case named by `of` where that is another.
    """

    paper: Paper
    standing: Standing
    evidence: tuple[Evidence, ...] = ()
    lacks: tuple[str, ...] = ()
    limit: Limit | None = None
    why: tuple[Why, ...] = ()
    shown: Mapping[str, Any] | None = None
    of: str | None = None
    attended_days: int | None = None
    planned_days: int | None = None


@dataclass(frozen=True, slots=True)
class Application:
    """An application of the same call. `number` is None where whoever reads may not read that case."""

    place: int
    number: str | None
    own: bool
    state: str
    definition: str
    ranks: Mapping[str, Any]
    ranked_at: int | None


@dataclass(frozen=True, slots=True)
class Ranked:
    """The step that ranked an application first."""

    case: str
    number: str
    sequence: int
    at: int


@dataclass(frozen=True, slots=True)
class Sent:
    """A message owed by an event: to whom, and when it went out (None: it has not)."""

    case: str
    sequence: int
    recipient: str
    template: str
    sent_at: int | None


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision: its event, and the messages that told of it."""

    event: Written
    sent: tuple[Sent, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """A case with its whole history, oldest first."""

    case: Case
    events: tuple[Written, ...]


@dataclass(frozen=True, slots=True)
class ReadBy:
    """Who has read the case: everybody's readings, or those of the one person who is told of their own alone."""

    readings: tuple[Reading, ...]
    alone: str | None = None


@dataclass(frozen=True, slots=True)
class Dossier:
    """An audit folder: the case, its papers, and all that stands beside them."""

    subject: Subject
    folder: AuditFolder
    findings: tuple[Finding, ...]
    linked: Mapping[str, Case]
    applications: tuple[Application, ...]
    decisions: tuple[Decided, ...]
    read_by: ReadBy

    @property
    def case(self) -> Case:
        """The case it is about."""
        return self.subject.case

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The readings that are told, the oldest first."""
        return tuple(sorted(self.read_by.readings, key=lambda each: (each.day, each.person)))

    @property
    def corrections(self) -> tuple[Written, ...]:
        """The events that put facts right."""
        return tuple(event for event in self.subject.events if event.body.get("kind") == "corrected")

    def count(self, standing: Standing) -> int:
        """How many papers stand so."""
        return sum(finding.standing is standing for finding in self.findings)

    @property
    def faults(self) -> int:
        """How many papers are missing or came after the fact."""
        return sum(finding.standing in FAULTS for finding in self.findings)
