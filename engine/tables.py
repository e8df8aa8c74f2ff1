"""The tables, declared. `institution` (the tenant) leads every key, unique rule and hot index.

Instants are UTC microseconds in a BIGINT, days are dates, JSON is text in the
database's own JSON type. Alembic migrates them (`engine/migrations`); a test compares
the migrated schema with this one, partial indexes included.
"""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from sqlalchemy import JSON, BigInteger, Column, Date, Index, LargeBinary, MetaData, Text, text
from sqlalchemy import Table as CoreTable
from sqlmodel import Field, SQLModel


class Table(SQLModel):
    """What all tables share: one set of metadata of their own."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def _instant(*, nullable: bool = False) -> Any:
    return Field(sa_column=Column(BigInteger, nullable=nullable))


def _json(default: str) -> Any:
    return Field(sa_column=Column(JSON, nullable=False, server_default=default))


class CaseRecord(Table, table=True):
    """A case as it now is."""

    __tablename__ = "case_record"
    __table_args__ = (
        Index("uq_case_record_number", "institution", "number", unique=True),
        Index("ix_case_record_worklist", "institution", "workflow", "state", "unit"),
        Index("ix_case_record_assignee", "institution", "assignee", "workflow"),
        Index("ix_case_record_unit", "institution", "unit"),
        Index("ix_case_record_subject", "institution", "subject"),
        Index("ix_case_record_opened", "institution", "opened_at", "id"),
        Index("ix_case_record_updated", "institution", "updated_at", "id"),
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
    facts: dict[str, Any] = _json("{}")
    acts: dict[str, Any] = _json("{}")
    version: int = _instant()
    head: str
    opened_at: int = _instant()
    updated_at: int = _instant()
    closed_at: int | None = _instant(nullable=True)


class Event(Table, table=True):
    """A fact that happened. The columns are copies of the body, which is what is hashed."""

    __tablename__ = "event"
    __table_args__ = (Index("ix_event_at", "institution", "at"),)

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
    at: int = _instant()
    definition: str
    cause_case: str | None = None
    cause_sequence: int | None = _instant(nullable=True)
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    previous: str
    hash: str


class EventDetail(Table, table=True):
    """What may be erased of an event: what changed, reasons, comments; and the blinding nonce."""

    __tablename__ = "event_detail"

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
    started_at: int = _instant()
    ledger: list[Any] = _json("[]")
    due_on: date | None = Field(default=None, sa_column=Column(Date, nullable=True))
    due_at: int | None = _instant(nullable=True)
    fired: list[Any] = _json("[]")
    next_rung: str | None = None
    acts_at: int | None = _instant(nullable=True)
    ended_at: int | None = _instant(nullable=True)


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
        Index("ix_outbox_recipient", "institution", "recipient", "sent_at"),
    )

    institution: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    case_id: str
    sequence: int = _instant()
    channel: str
    recipient: str
    template: str
    deadline: str | None = None
    grouped: bool = False
    not_before: int = _instant()
    attempts: int = 0
    next_try: int = _instant()
    lease_until: int | None = _instant(nullable=True)
    state: str = "waiting"
    last_error: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    created_at: int = _instant()
    sent_at: int | None = _instant(nullable=True)
    sent_with: str | None = None


class DefinitionRecord(Table, table=True):
    """Every definition ever used, by hash."""

    __tablename__ = "definition"

    institution: str = Field(primary_key=True)
    hash: str = Field(primary_key=True)
    name: str
    version: int
    source: str = Field(sa_column=Column(Text, nullable=False))
    first_used_at: int = _instant()


class LinkRecord(Table, table=True):
    """A named tie from a case to another."""

    __tablename__ = "link"
    __table_args__ = (Index("ix_link_to", "institution", "to_case", "name"),)

    institution: str = Field(primary_key=True)
    from_case: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    to_case: str = Field(primary_key=True)
    sequence: int = _instant()


class OrganisationRecord(Table, table=True):
    """An institution and the version of its rights, units and calendar."""

    __tablename__ = "organisation"

    institution: str = Field(primary_key=True)
    version: int = _instant()


class OrganisationChange(Table, table=True):
    """Who changed rights, units or the calendar, when and what kind of thing."""

    __tablename__ = "organisation_change"

    institution: str = Field(primary_key=True)
    version: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    at: int = _instant()
    by: str
    what: str = Field(sa_column=Column(Text, nullable=False))


class Versioned(Table):
    """A row of the organisation: true from one version of it until another."""

    institution: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    since_version: int = Field(sa_type=BigInteger)
    until_version: int | None = Field(default=None, sa_type=BigInteger)


class UnitRecord(Versioned, table=True):
    """A unit of the institution."""

    __tablename__ = "unit"

    code: str
    name_sv: str
    name_en: str
    parent: str | None = None
    mailbox: str | None = None
    settings: dict[str, Any] = _json("{}")


class MembershipRecord(Versioned, table=True):
    """A role held in a unit."""

    __tablename__ = "membership"

    person: str
    role: str
    unit: str
    starts_on: date | None = None
    ends_on: date | None = None


class MandateRecord(Versioned, table=True):
    """A mandate to sign or decide for a unit."""

    __tablename__ = "mandate"

    person: str
    kind: str
    unit: str
    starts_on: date | None = None
    ends_on: date | None = None


class AbsenceRecord(Versioned, table=True):
    """Somebody is away, or does not work on some weekdays."""

    __tablename__ = "absence"

    person: str
    starts_on: date | None = None
    ends_on: date | None = None
    weekdays: str | None = None
    substitute: str | None = None


class ClosingDayRecord(Versioned, table=True):
    """A day on which a unit is closed."""

    __tablename__ = "closing_day"

    unit: str
    day: date
    name: str = ""


class PersonRecord(Table, table=True):
    """A person: student or staff. Erasable."""

    __tablename__ = "person"
    __table_args__ = (Index("uq_person_email", "institution", "email", unique=True),)

    institution: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    name: str | None = None
    email: str | None = None
    language: str = "sv"
    created_at: int = _instant()


class PartnerRecord(Table, table=True):
    """The register of institutions."""

    __tablename__ = "partner"
    __table_args__ = (
        Index("ix_partner_erasmus_code", "institution", "erasmus_code"),
        Index("ix_partner_pic", "institution", "pic"),
        Index("ix_partner_name", "institution", "folded_name"),
    )

    institution: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    name: str = Field(sa_column=Column(Text, nullable=False))
    folded_name: str = Field(sa_column=Column(Text, nullable=False))
    erasmus_code: str | None = None
    pic: str | None = None
    oid: str | None = None
    city: str | None = None
    country: str | None = None
    website: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    email: str | None = None
    language: str = "en"
    charter_from: date | None = None
    charter_to: date | None = None


class TokenRecord(Table, table=True):
    """An access token, as its hash."""

    __tablename__ = "token"

    hash: str = Field(primary_key=True)
    institution: str
    person: str
    label: str = ""
    created_at: int = _instant()
    expires_at: int | None = _instant(nullable=True)
    revoked_at: int | None = _instant(nullable=True)
    last_used_on: date | None = None


class IdempotencyRecord(Table, table=True):
    """What a key led to: case and sequence, not the reply."""

    __tablename__ = "idempotency"

    institution: str = Field(primary_key=True)
    party: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    fingerprint: str
    case_id: str
    sequence: int = _instant()
    at: int = _instant()


class NaturalKey(Table, table=True):
    """By what an import knows a row again, and what it said the last time."""

    __tablename__ = "natural_key"

    institution: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    target: str
    fingerprint: str


class NumberSeries(Table, table=True):
    """The last number given in a series such as OUT-2027."""

    __tablename__ = "number_series"

    institution: str = Field(primary_key=True)
    series: str = Field(primary_key=True)
    last: int = _instant()


class TestClockRecord(Table, table=True):
    """The instant at which the test clock stands."""

    __tablename__ = "test_clock"

    id: int = Field(primary_key=True)
    now: int = _instant()


class Heartbeat(Table, table=True):
    """When something that must happen regularly last happened."""

    __tablename__ = "heartbeat"

    name: str = Field(primary_key=True)
    at: int = _instant()


def table_of(model: type[Table]) -> CoreTable:
    """The Core table of a declared one, to write statements with."""
    return cast("CoreTable", model.__table__)  # type: ignore[attr-defined]  # set by the metaclass
