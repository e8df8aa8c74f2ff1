"""The tables of cases: what they are, what happened to them, what is owed by them."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Column, Date, Index, LargeBinary, Text, text
from sqlmodel import Field

from engine.tables.base import UNDER_ITS_KEY, Table, instant, json_column

OPEN_WORK = (
    "institution", "workflow", "state", "unit", "assignee", "due_at", "missed_at", "entered_at",
    "opened_at", "id", "closed_at",
)  # fmt: skip


class CaseRecord(Table, table=True):
    """A case as it now is.

    The last four columns are worked out of the rest when the row is written, so that lists
    need not look for them: when its present state was entered, the earliest instant by
    which something is owed (of deadlines that do not rest), the earliest of those missed
    and unanswered, and the partner its own facts name.
    """

    __tablename__ = "case_record"
    __table_args__ = (
        Index("uq_case_record_number", "institution", "number", unique=True),
        Index("ix_case_record_worklist", "institution", "workflow", "state", "unit"),
        # Holds all that lists of open work narrow, order and count by: they read this index alone.
        # Cases are open for a while and closed for ever, so it stays small as the years go by.
        Index(
            "ix_case_record_open",
            *OPEN_WORK,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        # Whoever came into a state first, and by whom what is late is to be answered.
        Index(
            "ix_case_record_standing",
            "institution",
            "workflow",
            "state",
            "entered_at",
            "id",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index(
            "ix_case_record_overdue",
            *("institution", "workflow", "state", "unit", "assignee", "missed_at", "closed_at", "id"),
            sqlite_where=text("missed_at IS NOT NULL AND closed_at IS NULL"),
            postgresql_where=text("missed_at IS NOT NULL AND closed_at IS NULL"),
        ),
        # What is open lies together, and beside it what somebody had in hand once.
        Index(
            "ix_case_record_assigned",
            *("institution", "assignee", "closed_at", "workflow", "state", "unit", "id"),
            sqlite_where=text("assignee IS NOT NULL"),
            postgresql_where=text("assignee IS NOT NULL"),
        ),
        Index("ix_case_record_unit", "institution", "unit", "id"),
        Index(
            "ix_case_record_partner",
            "institution",
            "partner",
            sqlite_where=text("partner IS NOT NULL"),
            postgresql_where=text("partner IS NOT NULL"),
        ),
        Index("ix_case_record_subject", "institution", "subject"),
        Index("ix_case_record_opened", "institution", "opened_at", "id"),
        Index("ix_case_record_updated", "institution", "updated_at", "id"),
        Index("ix_case_record_workflow_opened", "institution", "workflow", "opened_at", "id"),
        Index("ix_case_record_workflow_updated", "institution", "workflow", "updated_at", "id"),
        Index(
            "ix_case_record_due",
            "institution",
            "due_at",
            "id",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    institution: str = Field(primary_key=True)
    id: str = Field(primary_key=True, max_length=36)
    number: str
    workflow: str
    definition: str
    state: str
    unit: str
    assignee: str | None = None
    subject: str | None = None
    title: str = Field(sa_column=Column(Text, nullable=False))
    search: str = Field(sa_column=Column(Text, nullable=False))
    facts: dict[str, Any] = json_column("{}")
    acts: dict[str, Any] = json_column("{}")
    version: int = instant()
    head: str
    opened_at: int = instant()
    updated_at: int = instant()
    closed_at: int | None = instant(nullable=True)
    entered_at: int = instant()
    due_at: int | None = instant(nullable=True)
    missed_at: int | None = instant(nullable=True)
    partner: str | None = None


class Event(Table, table=True):
    """A fact that happened. The columns are copies of the body, which is what is hashed."""

    __tablename__ = "event"
    __table_args__ = (Index("ix_event_at", "institution", "at", "case_id", "sequence"),)

    institution: str = Field(primary_key=True)
    case_id: str = Field(primary_key=True)
    sequence: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    kind: str
    trigger: str | None = None
    from_state: str | None = None
    to_state: str
    party: str
    on_behalf_of: str | None = None
    role: str | None = None
    at: int = instant()
    definition: str
    cause_case: str | None = None
    cause_sequence: int | None = instant(nullable=True)
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    previous: str
    hash: str


class EventDetail(Table, table=True):
    """What may be erased of an event: what changed, reasons, comments; and the blinding nonce."""

    __tablename__ = "event_detail"
    __table_args__ = UNDER_ITS_KEY

    institution: str = Field(primary_key=True)
    case_id: str = Field(primary_key=True)
    sequence: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    detail: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    nonce: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class DeadlineRecord(Table, table=True):
    """One running of one deadline."""

    __tablename__ = "deadline"
    __table_args__ = (
        # The tick reads this index alone; its cost grows with what is due, not with what is open.
        Index(
            "ix_deadline_acts",
            "acts_at",
            "institution",
            "case_id",
            sqlite_where=text("acts_at IS NOT NULL"),
            postgresql_where=text("acts_at IS NOT NULL"),
        ),
        Index(
            "ix_deadline_open",
            "institution",
            "due_on",
            "case_id",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    institution: str = Field(primary_key=True)
    case_id: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    since: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    status: str
    started_at: int = instant()
    ledger: list[Any] = json_column("[]")
    due_on: date | None = Field(default=None, sa_column=Column(Date, nullable=True))
    due_at: int | None = instant(nullable=True)
    fired: list[Any] = json_column("[]")
    next_rung: str | None = None
    acts_at: int | None = instant(nullable=True)
    ended_at: int | None = instant(nullable=True)


class OutboxRecord(Table, table=True):
    """A message owed. States: waiting, sent, dead."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_waiting",
            "next_try",
            "institution",
            "id",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("ix_outbox_case", "institution", "case_id"),
        # Only of grouped messages is it asked what else somebody is to get, or has had.
        Index(
            "ix_outbox_recipient",
            "institution",
            "recipient",
            "sent_at",
            sqlite_where=text("grouped IS 1"),
            postgresql_where=text("grouped IS TRUE"),
        ),
        UNDER_ITS_KEY,
    )

    institution: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    case_id: str
    sequence: int = instant()
    channel: str
    recipient: str
    template: str
    deadline: str | None = None
    grouped: bool = False
    not_before: int = instant()
    attempts: int = 0
    next_try: int = instant()
    lease_until: int | None = instant(nullable=True)
    state: str = "waiting"
    last_error: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    created_at: int = instant()
    sent_at: int | None = instant(nullable=True)
    sent_with: str | None = None


class LinkRecord(Table, table=True):
    """A named tie from a case to another."""

    __tablename__ = "link"
    __table_args__ = (Index("ix_link_to", "institution", "to_case", "name"),)

    institution: str = Field(primary_key=True)
    from_case: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    to_case: str = Field(primary_key=True)
    sequence: int = instant()


class DefinitionRecord(Table, table=True):
    """Every definition ever used, by hash."""

    __tablename__ = "definition"

    institution: str = Field(primary_key=True)
    hash: str = Field(primary_key=True)
    name: str
    version: int
    source: str = Field(sa_column=Column(Text, nullable=False))
    first_used_at: int = instant()


class IdempotencyRecord(Table, table=True):
    """What a key led to: case and sequence, not the reply."""

    __tablename__ = "idempotency"
    __table_args__ = UNDER_ITS_KEY

    institution: str = Field(primary_key=True)
    party: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    fingerprint: str
    case_id: str
    sequence: int = instant()
    at: int = instant()


class NumberSeries(Table, table=True):
    """The last number given in a series such as OUT-2027."""

    __tablename__ = "number_series"

    institution: str = Field(primary_key=True)
    series: str = Field(primary_key=True)
    last: int = instant()
