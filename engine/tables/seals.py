"""The tables of the seals: the tree over all events, and what was signed of it."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Text
from sqlmodel import Field

from engine.tables.base import Table, instant


class SealTile(Table, table=True):
    """At most 256 hashes of the tree, one after another (`engine.tiles`)."""

    __tablename__ = "seal_tile"

    institution: str = Field(primary_key=True)
    level: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    number: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    hashes: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class SealRun(Table, table=True):
    """Which leaves some events of a case are: those that were sealed together stand side by side."""

    __tablename__ = "seal_run"
    __table_args__ = (Index("ix_seal_run_leaf", "institution", "first_leaf"),)

    institution: str = Field(primary_key=True)
    case_id: str = Field(primary_key=True)
    first_sequence: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    last_sequence: int = instant()
    first_leaf: int = instant()


class CheckpointRecord(Table, table=True):
    """What was signed: so many leaves, this root. `through` is the latest instant of an event below it.

    Each names the size of the one before, once: of two processes that seal at the same
    moment, one finds the name taken and gives way.
    """

    __tablename__ = "checkpoint"
    __table_args__ = (Index("uq_checkpoint_previous", "institution", "previous", unique=True),)

    institution: str = Field(primary_key=True)
    size: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    previous: int = instant()
    root: str
    note: str = Field(sa_column=Column(Text, nullable=False))
    at: int = instant()
    through: int = instant()


class CheckpointSent(Table, table=True):
    """That a checkpoint went to a place outside the database, and when."""

    __tablename__ = "checkpoint_sent"

    institution: str = Field(primary_key=True)
    place: str = Field(primary_key=True)
    size: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    at: int = instant()
