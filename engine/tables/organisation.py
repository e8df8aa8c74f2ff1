"""The tables of an organisation, whose rows are true from one version of it until another."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Column, Text
from sqlmodel import Field

from engine.tables.base import Table, instant, json_column


class OrganisationRecord(Table, table=True):
    """An institution and the version of its rights, units and calendar."""

    __tablename__ = "organisation"

    institution: str = Field(primary_key=True)
    version: int = instant()


class OrganisationChange(Table, table=True):
    """Who changed rights, units or the calendar, when and what kind of thing."""

    __tablename__ = "organisation_change"

    institution: str = Field(primary_key=True)
    version: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    at: int = instant()
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
    settings: dict[str, Any] = json_column("{}")


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
