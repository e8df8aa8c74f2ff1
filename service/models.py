"""What the API sends: read models. Field by field the contract of DESIGN 8."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from engine.model import Kind, Status
from engine.vocabulary import Reason, Role, Text
from engine.waiting import Standing, What


class Read(BaseModel):
    """What all answers share."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)


class Words(Read):
    """A text in both languages."""

    sv: str
    en: str


class ReasonRead(Read):
    """Why something cannot be done: a stable code, words, who can help, and from when."""

    code: str
    message: Words
    who_can: Role | None
    from_date: date | None


class Problem(Read):
    """What was refused and why (RFC 9457). What does not apply is left out."""

    type: str = Field(examples=["urn:fardplan:problem:guard_refused"])
    title: str
    status: int
    detail: str
    code: str
    current_state: str | None = None
    reasons: list[ReasonRead] | None = None
    request_id: str | None = None


class DefinitionRead(Read):
    """Which definition a case is under."""

    version: int
    hash: str


class NextRung(Read):
    """What happens next on a deadline's ladder, and when."""

    name: str
    at: datetime


class DeadlineRead(Read):
    """The newest running of a deadline of a case. While it rests no due date is shown."""

    name: str
    status: Status
    due_at: datetime | None
    due_on: date | None
    next_rung: NextRung | None


class ActionRead(Read):
    """A transition that leaves, or is recorded in, the present state, judged for the caller."""

    trigger: str
    label: Words
    to: str
    possible: bool
    reasons: list[ReasonRead]
    fields: dict[str, Any] = Field(description="JSON Schema of `fields` in the step.")
    href: str
    reason_required: bool
    on_behalf_of: Role | None = Field(
        description="For whom the caller would enter this (`student` or `partner`); evidence is then needed."
    )


class CaseSummary(Read):
    """A case without what the caller may do."""

    id: str
    number: str
    registration_number: str | None
    workflow: str
    definition: DefinitionRead
    state: str
    label: Words
    final: bool
    unit: str
    assignee: str | None
    subject: str | None
    title: str
    facts: dict[str, Any]
    links: dict[str, list[str]]
    version: int
    opened_at: datetime
    updated_at: datetime
    deadlines: list[DeadlineRead]


class CaseRead(CaseSummary):
    """A case, and what the caller may do now. Of a case as it was, nothing."""

    actions: list[ActionRead]


class Cause(Read):
    """The event in another case that led to this one."""

    case: str
    sequence: int


class EventRead(Read):
    """A fact that happened. What does not apply is null."""

    sequence: int
    kind: Kind
    trigger: str | None
    from_: str | None = Field(alias="from")
    to: str
    party: str = Field(description="A person's id, `clock` or `import`.")
    on_behalf_of: Role | None
    role: Role | None
    at: datetime
    deadline: str | None
    rung: str | None
    due_at: datetime | None
    cause: Cause | None
    detail: dict[str, Any] | None = Field(description="What changed and why; null where it was erased.")
    hash: str


class StepRead(Read):
    """What a step led to: the case after it, and the event that says so."""

    case: CaseRead
    event: EventRead


class CasePage(Read):
    """A page of cases."""

    items: list[CaseSummary]
    next_cursor: str | None


class EventPage(Read):
    """A page of a history, oldest first."""

    items: list[EventRead]
    next_cursor: str | None


class FirstWrong(Read):
    """The first event at which something does not agree (0: the case itself), and what."""

    sequence: int
    what: str


class Verification(Read):
    """What replaying a case's history found."""

    ok: bool
    events: int
    without_detail: int
    first_wrong: FirstWrong | None


class BulkOutcome(Read):
    """What became of one case: an event, or a problem. In a dry run there is no event."""

    case: str | None
    status: int
    event: EventRead | None = None
    problem: Problem | None = None


class BulkRead(Read):
    """What became of each case, in the order asked."""

    outcomes: list[BulkOutcome]


class AwaitedRead(Read):
    """On whom it waits: a role, and the people who now hold it, else a unit's mailbox or the partner."""

    role: Role | None
    people: list[str]
    unit: str | None
    partner: str | None
    recipients: list[str] = Field(description="The same as a comment's `to` takes them.")


class WaitingRead(Read):
    """One thing that is waited for, in this case or in one tied to it.

    Of a tied case the caller may not read, only its id and the role waited for are told.
    """

    what: What = Field(description="The case's own `state`, a `milestone` of its process, or a linked `case`.")
    name: str = Field(description="Of the state, the milestone or the link.")
    label: Words
    state: Words | None = Field(description="Where the case stands in which it is waited for.")
    whom: AwaitedRead
    case: str
    number: str | None
    title: str | None
    deadline: Words | None
    since: datetime
    due_on: date | None
    overdue: bool
    chased_at: datetime | None = Field(description="When a comment last told whom it waits for.")


class MarkRead(Read):
    """A milestone: `done` (there, or asked for no more), `waiting`, or `later`."""

    name: str
    label: Words
    standing: Standing


class WaitsRead(Read):
    """Everything a case waits for, and its checklist in the order of the process."""

    items: list[WaitingRead]
    milestones: list[MarkRead]


class OwedDeadlineRead(DeadlineRead):
    """A deadline in a worklist, with what is shown of its case."""

    case: str
    number: str
    title: str
    workflow: str
    state: str
    unit: str
    assignee: str | None
    label: Words


class DeadlinePage(Read):
    """A page of deadlines, the soonest due first."""

    items: list[OwedDeadlineRead]
    next_cursor: str | None


class OutboxRead(Read):
    """A message owed or sent. Its text is written when it goes out and is not kept."""

    id: str
    case: str
    sequence: int
    channel: str
    recipient: str = Field(description="`person:ID`, `unit:CODE` or `partner:ID`.")
    template: str
    deadline: str | None
    state: str
    attempts: int
    not_before: datetime
    next_try: datetime
    last_error: str | None
    created_at: datetime
    sent_at: datetime | None


class OutboxPage(Read):
    """A page of messages, newest first."""

    items: list[OutboxRead]
    next_cursor: str | None


class RoleRead(Read):
    """A role held in a unit over local days, both included; null is open."""

    role: Role
    unit: str
    starts_on: date | None
    ends_on: date | None


class PersonRead(Read):
    """Somebody with a role, and what they hold today."""

    id: str
    name: str | None
    email: str | None
    roles: list[RoleRead]


class Me(PersonRead):
    """The caller."""

    language: str


class PersonPage(Read):
    """A page of people, by name."""

    items: list[PersonRead]
    next_cursor: str | None


class UnitRead(Read):
    """A unit; the root has no parent."""

    code: str
    name: Words
    parent: str | None
    mailbox: str | None


class UnitList(Read):
    """All units, each after its parent."""

    items: list[UnitRead]
    next_cursor: str | None = None


class ClockRead(Read):
    """Where the test clock stands."""

    now: datetime


class ClockMoved(ClockRead):
    """Where the test clock stands after a move, and how many rungs fired on the way."""

    fired: int


def words(text: Text) -> Words:
    """A text as the API sends it."""
    return Words(sv=text.sv, en=text.en)


def reason_read(reason: Reason) -> ReasonRead:
    """A reason as the API sends it."""
    return ReasonRead(
        code=reason.code, message=words(reason.message), who_can=reason.who_can, from_date=reason.from_date
    )
