"""The tables of people, partners, tokens, and of what imports know again."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Boolean, Column, Index, Text, false
from sqlmodel import Field

from engine.tables.base import UNDER_ITS_KEY, Table, instant


class PersonRecord(Table, table=True):
    """A person: student or staff. Erasable."""

    __tablename__ = "person"
    __table_args__ = (Index("uq_person_email", "institution", "email", unique=True),)

    institution: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    name: str | None = None
    email: str | None = None
    language: str = "sv"
    created_at: int = instant()


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
    created_at: int = instant()
    expires_at: int | None = instant(nullable=True)
    revoked_at: int | None = instant(nullable=True)
    last_used_on: date | None = None
    reads_only: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))


class NaturalKey(Table, table=True):
    """By what an import knows a row again, and what it said the last time."""

    __tablename__ = "natural_key"
    __table_args__ = UNDER_ITS_KEY

    institution: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    target: str
    fingerprint: str
