"""The tables of the doctor: what was found impossible, and how far the regular look has come."""

from __future__ import annotations

from sqlalchemy import Column, Text
from sqlmodel import Field

from engine.tables.base import Table, instant


class FindingRecord(Table, table=True):
    """Something about a case that cannot be, from when it was found until it was no longer so.

    `about` names the thing within the case (a column, a deadline, a message), `what` what was
    seen of it; neither holds names, facts or what people wrote. Instants are the machine's.
    """

    __tablename__ = "finding"

    institution: str = Field(primary_key=True)
    case_id: str = Field(primary_key=True)
    check_name: str = Field(primary_key=True)
    about: str = Field(primary_key=True)
    promise: str
    what: str = Field(sa_column=Column(Text, nullable=False))
    found_at: int = instant()
    seen_at: int = instant()
    closed_at: int | None = instant(nullable=True)


class DoctorRound(Table, table=True):
    """How far the regular look has come, and when the next is due; whoever takes it puts that off.

    Changed cases are looked at from (`changed_at`, `changed_id`) on, by when they were changed;
    all of them by id from `after_case` on, and keys from (`after_party`, `after_key`) on.
    `alive_since` says since when workers were seen alive at every look.
    """

    __tablename__ = "doctor_round"

    institution: str = Field(primary_key=True)
    next_at: int = instant()
    changed_at: int = instant()
    changed_id: str
    after_case: str
    after_party: str
    after_key: str
    alive_since: int | None = instant(nullable=True)
    looked_at: int | None = instant(nullable=True)
    whole_at: int | None = instant(nullable=True)
