"""What a transition asks for, and what a case knows: pydantic models with strict edges."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
"""One line of text, 1 to 200 characters."""

Prose = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
"""Running text, 1 to 4,000 characters."""

Identifier = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
"""The id of a person, partner or case: a UUID as 36 characters."""

UnitCode = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
"""The code of a unit, as the office writes it."""


def known(title: str) -> Any:
    """Declare a fact or field that may be left out. `title` is "svenska / English"."""
    return Field(default=None, title=title)


class Part(BaseModel):
    """One value among the facts, or in a form, that has parts of its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Form(BaseModel):
    """The fields a transition asks for. Page form and JSON Schema come from it.

    A field named like a fact is written to that fact; the others are kept in the
    event's detail only. Its own checks give 422.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")


class NoFields(Form):
    """Asks for nothing."""


class Facts(BaseModel):
    """What a case knows. Each workflow extends it with its own facts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    registration_number: Line | None = known("Diarienummer / Registration number")


class NoConflict(Form):
    """Asked of whoever ranks, finds, recognises or signs: no conflict of interest.

    Source: Förvaltningslagen (2017:900), 16 §, jäv.
    """

    no_conflict_of_interest: Literal[True] = Field(
        title="Jag är inte jävig / I have no conflict of interest"
    )


class DecisionForm(NoConflict):
    """Asked of whoever decides in a matter: who presented it, and how the person is told.

    Who decided and when stand in the event itself.
    Source: Förvaltningslagen (2017:900), 31 § (what a decision must document), 33 § (telling).
    """

    presented_by: Line | None = known("Föredragande / Presented by")
    told_on: date | None = known("Meddelat den / Told on")
    told_how: Line | None = known("Meddelat genom / Told by")


FactsT = TypeVar("FactsT", bound=Facts, covariant=True)
FormT = TypeVar("FormT", bound=Form, covariant=True)
