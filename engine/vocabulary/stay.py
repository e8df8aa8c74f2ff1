"""A stay and a place: what an agreement is asked about by the cases under it."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Direction(StrEnum):
    """Seen from the home university."""

    OUTGOING = "outgoing"
    INCOMING = "incoming"


class Level(StrEnum):
    """Cycle of study (European Qualifications Framework 6, 7, 8)."""

    BACHELOR = "bachelor"
    MASTER = "master"
    DOCTORAL = "doctoral"


class Stay(BaseModel):
    """A stay as an agreement needs to know it. Days are local; `field` is an ISCED-F 2013 code."""

    model_config = ConfigDict(frozen=True)

    direction: Direction
    starts_on: date
    ends_on: date
    academic_year: str
    semesters: int
    level: Level
    field: str | None = None


class Held(BaseModel):
    """A place held under an agreement: by which case, of which row, in which academic year."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    case: str
    row: str
    academic_year: str
    semesters: int
