"""The values the engine works with: cases, their deadlines, requests, decisions.

Instants are UTC microseconds since 1970-01-01 (int), days are local dates, ids are
UUIDs as 36 characters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum
from operator import attrgetter
from typing import Any, TypeAlias

from engine.organisation import Organisation
from engine.vocabulary import Reason, Role

CLOCK_PARTY = "clock"
"""How the clock is named as the party of an event."""

IMPORT_PARTY = "import"
"""How a file that was read in is named as the party of an event."""


class Kind(StrEnum):
    """What an event is. Past tense: it happened."""

    OPENED = "opened"
    MOVED = "moved"
    RECORDED = "recorded"
    CORRECTED = "corrected"
    COMMENTED = "commented"
    ASSIGNED = "assigned"
    LINKED = "linked"
    RUNG_FIRED = "rung_fired"
    DEADLINE_CHANGED = "deadline_changed"
    PLACE_TAKEN = "place_taken"
    PLACE_FREED = "place_freed"
    REOPENED = "reopened"
    MIGRATED = "migrated"
    ERASED = "erased"
    RESTORED = "restored"


class Status(StrEnum):
    """How a deadline stands. A missed one stays missed when it is answered late."""

    RUNNING = "running"
    PAUSED = "paused"
    MISSED = "missed"
    MET = "met"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class DeadlineRow:
    """One running of one deadline of one case.

    `since` is the sequence of the event that started it. `ledger` lists pauses as
    (from, to) instants; the last `to` is None while it rests. `fired` names the rungs
    that are done or were passed by at the start. `acts_at` is the instant of
    `next_rung`; both are None while it rests, has ended, or has climbed its ladder.
    """

    name: str
    since: int
    status: Status
    started_at: int
    ledger: tuple[tuple[int, int | None], ...] = ()
    due_on: date | None = None
    due_at: int | None = None
    fired: tuple[str, ...] = ()
    next_rung: str | None = None
    acts_at: int | None = None
    ended_at: int | None = None

    @property
    def open(self) -> bool:
        """Whether it still runs, rests, or climbs its ladder."""
        return self.ended_at is None

    @property
    def resting(self) -> bool:
        """Whether a pause has begun and not ended."""
        return bool(self.ledger) and self.ledger[-1][1] is None


@dataclass(frozen=True, slots=True)
class Case:
    """A case as stored. `facts` are the workflow's facts as JSON values, all keys present.

    `links` are (name, case id) in the order they were made. `acts` names, for each
    trigger a four-eyes rule watches, the persons who did it, oldest first. `deadlines`
    holds the open ones only. `head` is the hash of the last event.
    """

    institution: str
    id: str
    number: str
    workflow: str
    definition: str
    state: str
    unit: str
    assignee: str | None
    subject: str | None
    title: str
    search: str
    facts: Mapping[str, Any]
    acts: Mapping[str, tuple[str, ...]]
    version: int
    head: str
    opened_at: int
    updated_at: int
    closed_at: int | None
    links: tuple[tuple[str, str], ...] = ()
    deadlines: tuple[DeadlineRow, ...] = ()

    @property
    def erased(self) -> bool:
        """Whether the facts were erased: every workflow's facts have at least one key (`vocabulary.Facts`)."""
        return not self.facts

    def link(self, name: str) -> str | None:
        """The id of the case linked under `name`, the newest where there are several."""
        return next((to for tie, to in reversed(self.links) if tie == name), None)

    def but(self, **changes: Any) -> Case:
        """The case with some fields changed: `dataclasses.replace` at 0.6 of its cost, five times in each step."""
        values = list(_values_of(self))
        for name, value in changes.items():
            values[_PLACE_OF[name]] = value
        return Case(*values)


_PLACE_OF = {field.name: place for place, field in enumerate(fields(Case))}
_values_of = attrgetter(*_PLACE_OF)


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A subject named by name and mail address, who may or may not be known already."""

    name: str
    email: str
    language: str


@dataclass(frozen=True, slots=True)
class Open:
    """Asks for a new case. `subject` is a person's id, or who it is.

    `state` is given by an import only, for a matter that is already under way; the
    workflow names the states it may enter so.
    """

    workflow: str
    unit: str
    subject: str | NewPerson | None
    facts: Mapping[str, Any]
    links: tuple[tuple[str, str], ...] = ()
    state: str | None = None
    evidence: str | None = None


@dataclass(frozen=True, slots=True)
class Take:
    """Asks for a step: a trigger with its fields."""

    trigger: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    reason: str | None = None
    comment: str | None = None
    on_behalf_of: Role | None = None
    evidence: str | None = None


@dataclass(frozen=True, slots=True)
class Climb:
    """Asks, as the clock, for the rung of a deadline that is due, in a case of `workflow`."""

    workflow: str
    deadline: str
    since: int
    rung: str


@dataclass(frozen=True, slots=True)
class Recount:
    """Asks, as the clock, to work out open deadlines anew after the calendar has changed."""


@dataclass(frozen=True, slots=True)
class Correct:
    """Asks to put facts right, with a reason."""

    facts: Mapping[str, Any]
    reason: str


@dataclass(frozen=True, slots=True)
class Comment:
    """Asks to note a text on the case, and to tell whom it names of it.

    `to` names each as `person:ID`, `unit:CODE` or `partner:ID`; only those whom
    `engine.telling.addressees` gives may be told.
    """

    text: str
    to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Assign:
    """Asks to make somebody the assignee, or nobody."""

    person: str | None


@dataclass(frozen=True, slots=True)
class Tie:
    """Asks to link the case to another."""

    name: str
    case: str


class ErasureReason(StrEnum):
    """Why details are erased: a code, for it stays in the history for ever and names nobody."""

    RETENTION = "retention_over"
    REQUEST = "data_subject_request"
    MISTAKE = "registered_by_mistake"


@dataclass(frozen=True, slots=True)
class Erase:
    """Asks to erase all details of a closed case, and its facts. What happened, and when, remains."""

    why: ErasureReason


@dataclass(frozen=True, slots=True)
class Migrate:
    """Asks to carry an open case over to the current definition of its workflow."""


@dataclass(frozen=True, slots=True)
class Restore:
    """Asks to note that the database was put back as it stood at an instant, when its backup was made."""

    backup_at: int


AskKind: TypeAlias = type[Take | Correct | Comment | Assign | Tie]
"""What may be asked of a case that is there."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Asks for something that could not be read; `reasons` say why.

    It is judged as far as any request (visible, key, version, and as far as `kind` and
    `trigger` are known: role and state) and then refused, so that a careless body hides no
    other answer.
    """

    reasons: tuple[Reason, ...]
    kind: AskKind | None = None
    trigger: str | None = None


Ask: TypeAlias = (
    Open | Take | Climb | Recount | Correct | Comment | Assign | Tie | Erase | Migrate | Restore | Unreadable
)


@dataclass(frozen=True, slots=True)
class Key:
    """An idempotency key, and the fingerprint of the request it came with."""

    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Request:
    """Somebody asks something of a case.

    `party` is a person's id, "clock", or "import" (a file read by whoever runs the
    installation). `expected` is the version the asker has seen; None where the call
    needs none, or, with `must_expect`, where the asker left it out. `shown` asks for the
    case to be shown to the asker afterwards: all that this takes is read with the step.
    """

    institution: str
    ask: Ask
    party: str
    case: str | None = None
    expected: int | None = None
    key: Key | None = None
    must_expect: bool = False
    shown: bool = False

    @property
    def person(self) -> str | None:
        """The person who asks, or None."""
        return None if self.party in {CLOCK_PARTY, IMPORT_PARTY} else self.party


@dataclass(frozen=True, slots=True)
class Done:
    """What an idempotency key led to."""

    fingerprint: str
    case: str
    sequence: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything one decision reads, as of one instant.

    `cases` holds the case itself and every case it may read or move, by id.
    `workload` counts open cases of the workflow by assignee (only for a rung that
    hands over). `known` is the id of the person a `NewPerson` turned out to be.
    `detailed` are the sequences of the case's own events whose details are there, rising
    (only where details are to be erased).
    """

    now: int
    organisation: Organisation
    cases: Mapping[str, Case]
    done: Done | None = None
    workload: Mapping[str, int] = field(default_factory=dict)
    known: str | None = None
    subject_exists: bool = True
    detailed: tuple[int, ...] = ()


def after(cases: Iterable[Case], now: int) -> int:
    """The instant of a step that is decided on these cases: never before what it is decided on.

    Where the clocks of two nodes differ, the slower would else let time go back in a history.
    """
    return max((case.updated_at for case in cases if case.updated_at > now), default=now)


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to be written, with the columns that copy its body."""

    institution: str
    case: str
    sequence: int
    kind: Kind
    trigger: str | None
    from_state: str | None
    to_state: str
    party: str
    on_behalf_of: str | None
    role: str | None
    at: int
    definition: str
    cause_case: str | None
    cause_sequence: int | None
    body: bytes
    previous: str
    hash: str
    detail: bytes | None
    nonce: bytes | None


@dataclass(frozen=True, slots=True)
class Owed:
    """A message owed. `recipient` is `person:ID`, `unit:CODE` or `partner:ID`.

    `deadline` names the deadline a rung's message is about. `grouped` ones wait for
    the recipient's working window and go out in one mail a person a day.
    """

    id: str
    case: str
    sequence: int
    channel: str
    recipient: str
    template: str
    not_before: int
    grouped: bool
    deadline: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be written, if every version in `seen` still holds.

    `cases` are the touched cases as they will be; `opened` names those that are new.
    `unlinked` are (case, name, to) ties that end. Of the cases in `erased` everything goes
    that the history does not need: details, drafts, who read them, what was not yet sent;
    and the name of the person they are about, once no other case of theirs is left.
    `left` is the snapshot as the step leaves it, where that is asked for and known.
    """

    institution: str
    seen: Mapping[str, int]
    organisation_version: int
    case: str
    sequence: int
    cases: tuple[Case, ...]
    opened: frozenset[str]
    events: tuple[NewEvent, ...]
    deadlines: tuple[tuple[str, DeadlineRow], ...]
    owed: tuple[Owed, ...]
    linked: tuple[tuple[str, str, str], ...]
    unlinked: tuple[tuple[str, str, str], ...]
    person: tuple[str, NewPerson] | None
    key: Key | None
    by: str
    now: int
    erased: tuple[str, ...] = ()
    left: Snapshot | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a step led to: the case as it now is, and the event that says so.

    `replayed` is true where an idempotency key had already done it; then `case` is
    None and the caller reads the case as of that event. `left` is what the step was decided
    on, as it left it; None where that is not asked for, or more than the case has changed.
    """

    case_id: str
    sequence: int
    case: Case | None
    event: NewEvent | None
    replayed: bool = False
    left: Snapshot | None = field(default=None, repr=False, compare=False)
