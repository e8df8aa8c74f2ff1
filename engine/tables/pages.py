"""The tables the staff pages need beside cases: who is signed in, what was begun, who looks and looked."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Column, Date, Index, Text
from sqlmodel import Field

from engine.tables.base import Table, instant, json_column


class SessionRecord(Table, table=True):
    """Somebody signed in with a browser. Only the hash of what the browser holds is kept."""

    __tablename__ = "session"
    __table_args__ = (Index("ix_session_person", "institution", "person"),)

    hash: str = Field(primary_key=True)
    institution: str
    person: str
    agent: str = ""
    created_at: int = instant()
    seen_at: int = instant()
    expires_at: int = instant()
    ended_at: int | None = instant(nullable=True)


class SignInLink(Table, table=True):
    """A link by which somebody may sign in once. Only its hash is kept.

    `person` is None where an address asked for one that nobody here has: the row counts
    for the limit and nothing else. `address` and `origin` are keyed hashes.
    """

    __tablename__ = "sign_in_link"
    __table_args__ = (
        Index("ix_sign_in_link_address", "institution", "address", "made_at"),
        Index("ix_sign_in_link_origin", "institution", "origin", "made_at"),
    )

    hash: str = Field(primary_key=True)
    institution: str
    person: str | None = None
    path: str = Field(default="/", sa_column=Column(Text, nullable=False))
    address: str = ""
    origin: str = ""
    made_at: int = instant()
    expires_at: int = instant()
    used_at: int | None = instant(nullable=True)


class SavedView(Table, table=True):
    """A list with its filters under a name: somebody's own, or a unit's where `unit` is given."""

    __tablename__ = "saved_view"
    __table_args__ = (Index("ix_saved_view_owner", "institution", "owner"),)

    institution: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    owner: str
    unit: str | None = None
    name: str
    page: str
    query: str = Field(sa_column=Column(Text, nullable=False))
    created_at: int = instant()


class FormDraft(Table, table=True):
    """What somebody has begun to write in a form about a case, and the version it was begun at."""

    __tablename__ = "form_draft"
    __table_args__ = (Index("ix_form_draft_case", "institution", "case_id"),)

    institution: str = Field(primary_key=True)
    person: str = Field(primary_key=True)
    case_id: str = Field(primary_key=True)
    form: str = Field(primary_key=True)
    version: int = instant()
    given: dict[str, Any] = json_column("{}")
    updated_at: int = instant()


class CaseReading(Table, table=True):
    """That somebody read a case on a local day: the first time, the last, and how often."""

    __tablename__ = "case_reading"
    __table_args__ = (
        Index("ix_case_reading_person", "institution", "person", "day"),
        Index("ix_case_reading_last", "institution", "last_at"),
    )

    institution: str = Field(primary_key=True)
    case_id: str = Field(primary_key=True)
    person: str = Field(primary_key=True)
    day: date = Field(sa_column=Column(Date, primary_key=True))
    first_at: int = instant()
    last_at: int = instant()
    count: int = 1


class CasePresence(Table, table=True):
    """That somebody has a case open: when their page last said so."""

    __tablename__ = "case_presence"

    institution: str = Field(primary_key=True)
    case_id: str = Field(primary_key=True)
    person: str = Field(primary_key=True)
    beat_at: int = instant()


class ReasonText(Table, table=True):
    """A reason kept for use again: somebody's own, or a unit's where `unit` is given."""

    __tablename__ = "reason_text"
    __table_args__ = (Index("ix_reason_text_owner", "institution", "owner"),)

    institution: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    owner: str
    unit: str | None = None
    name: str
    text_sv: str = Field(sa_column=Column(Text, nullable=False))
    text_en: str = Field(sa_column=Column(Text, nullable=False))
    created_at: int = instant()


class FollowUpDay(Table, table=True):
    """The day on which somebody wants to look at a case again; nobody else is told."""

    __tablename__ = "follow_up_day"
    __table_args__ = (Index("ix_follow_up_day_due", "institution", "person", "on_day"),)

    institution: str = Field(primary_key=True)
    person: str = Field(primary_key=True)
    case_id: str = Field(primary_key=True)
    on_day: date
    note: str = Field(default="", sa_column=Column(Text, nullable=False))
    created_at: int = instant()


class CalendarFeed(Table, table=True):
    """A secret address under which somebody's deadlines can be subscribed to. Only its hash is kept."""

    __tablename__ = "calendar_feed"
    __table_args__ = (Index("ix_calendar_feed_person", "institution", "person"),)

    hash: str = Field(primary_key=True)
    institution: str
    person: str
    name: str = ""
    query: str = Field(default="", sa_column=Column(Text, nullable=False))
    created_at: int = Field(sa_column=Column(BigInteger, nullable=False))
    revoked_at: int | None = instant(nullable=True)
