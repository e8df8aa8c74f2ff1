"""The rungs that could not be fired: kept until they are, so that they are tried ever more seldom and seen."""

from __future__ import annotations

from sqlalchemy import Column, Text
from sqlmodel import Field

from engine.tables.base import Table, instant


class StuckRung(Table, table=True):
    """The rung that holds a case up, one a case: those after it wait for it.

    `fault` is a kind of error and a place in a file, or the codes of a refusal: nothing anybody wrote.
    """

    __tablename__ = "stuck_rung"

    institution: str = Field(primary_key=True)
    case_id: str = Field(primary_key=True)
    deadline: str
    since: int = instant()
    rung: str
    attempts: int
    first_at: int = instant()
    next_try: int = instant()
    fault: str = Field(sa_column=Column(Text, nullable=False))
