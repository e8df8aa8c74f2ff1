"""Values the office writes in one way everywhere, with the bounds a client can read off the schema."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints, WithJsonSchema

from engine.vocabulary.words import Text

AcademicYear = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}/([0-9]{2}|[0-9]{4})$")]
"""An academic year, told by the calendar year in which it begins: 2027/28 or 2027/2028."""

FieldCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{2,4}$")]
"""An ISCED-F 2013 code: broad (2 digits), narrow (3) or detailed field (4)."""

HALF = Decimal("0.5")

# Pydantic writes a text beside the number as "any string"; these say which.
Credits = Annotated[
    Decimal,
    Field(ge=0, le=600, multiple_of=HALF),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "minimum": 0, "maximum": 600, "multipleOf": 0.5},
                {"type": "string", "pattern": r"^[1-5]?[0-9]{1,2}(\.[05])?$"},
            ]
        }
    ),
]
"""A sum of ECTS credits (högskolepoäng), in halves."""

CourseCredits = Annotated[
    Decimal,
    Field(ge=HALF, le=120, multiple_of=HALF),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "minimum": 0.5, "maximum": 120, "multipleOf": 0.5},
                {"type": "string", "pattern": r"^[1-9][0-9]?(\.[05]0*)?$"},
            ]
        }
    ),
]
"""ECTS credits of one course, in halves."""


class Proficiency(StrEnum):
    """Common European Framework of Reference for Languages. The levels compare as they are spelt."""

    A1 = "A1"
    A2 = "A2"
    B1 = "B1"
    B2 = "B2"
    C1 = "C1"
    C2 = "C2"


class Signer(StrEnum):
    """The three who sign a learning agreement."""

    STUDENT = "student"
    SENDING = "sending"
    RECEIVING = "receiving"


SIGNERS = {
    Signer.STUDENT: Text("studenten", "the student"),
    Signer.SENDING: Text("hemuniversitetet", "the sending university"),
    Signer.RECEIVING: Text("värduniversitetet", "the receiving university"),
}


def missing_signers(signed: Iterable[Signer]) -> Text:
    """Name who of the three has not signed, in both languages; blank where all have."""
    have = set(signed)
    missing = [words for signer, words in SIGNERS.items() if signer not in have]
    return Text(", ".join(each.sv for each in missing), ", ".join(each.en for each in missing))
