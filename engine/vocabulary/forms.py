"""What a transition asks for, and what a case knows: pydantic models with strict edges."""

from __future__ import annotations

from datetime import date
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, create_model

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


def asks(facts: type[Facts], *needed: str, may: tuple[str, ...] = ()) -> type[Form]:
    """Make a form that asks for facts just as they are declared: some `needed`, others that `may` be left out."""
    name = "".join(part.capitalize() for fact in (*needed, *may) for part in fact.split("_"))
    fields: dict[str, Any] = {
        fact: (_known_type_of(facts, fact), Field(title=facts.model_fields[fact].title)) for fact in needed
    }
    fields |= {fact: (_type_of(facts, fact), facts.model_fields[fact]) for fact in may}
    return create_model(f"{name}Form", __base__=Form, **fields)


def _type_of(facts: type[Facts], fact: str) -> Any:
    """Give a fact's type, with its bounds."""
    declared = facts.model_fields[fact]
    bounded: Any = declared.annotation
    for bound in declared.metadata:
        bounded = Annotated[bounded, bound]
    return bounded


def _known_type_of(facts: type[Facts], fact: str) -> Any:
    """Give the type a fact has once it is known: without None."""
    kind = _type_of(facts, fact)
    if get_origin(kind) not in {Union, UnionType}:
        return kind
    known_kinds = tuple(each for each in get_args(kind) if each is not NoneType)
    return Union[known_kinds]  # noqa: UP007 - the kinds are only known here


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
