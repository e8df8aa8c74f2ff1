"""What the API takes: write models, strict, with no field that is not known."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints, model_validator

from engine.notes import MOST_TOLD
from service.shapes import MOST_WORDS, Day

Short = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Long = Annotated[str, StringConstraints(max_length=4000)]
Values = dict[str, JsonValue]
Recipient = Annotated[str, StringConstraints(max_length=200, pattern=r"^(person|unit|partner):\S")]

MOST_LINKS = 20
"""More ties than any case is opened with; each is looked up."""


class Body(BaseModel):
    """What all bodies share: nothing is guessed, nothing unknown is passed over."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class NewSubject(Body):
    """A student or member of staff, known already or not."""

    name: Short
    email: Annotated[str, StringConstraints(min_length=3, max_length=254)]
    language: Literal["sv", "en"] = "sv"


class NewCase(Body):
    """A case to be opened. Units are named by code, people and cases by id."""

    workflow: Short
    unit: Short
    subject: Short | NewSubject | None = None
    facts: Values = Field(default_factory=dict)
    links: Annotated[dict[str, Short], Field(max_length=MOST_LINKS)] = Field(default_factory=dict)


class Step(Body):
    """A trigger with its fields. `evidence` is needed with `on_behalf_of`."""

    trigger: Short
    fields: Values = Field(default_factory=dict)
    reason: Long | None = None
    comment: Long | None = None
    on_behalf_of: Literal["student", "partner"] | None = None
    evidence: Long | None = None


class Correction(Body):
    """Facts put right, and why."""

    facts: Values
    reason: Long


class NewLink(Body):
    """A link to another case."""

    name: Short
    case: Short


class Assignment(Body):
    """Whose case it is; null gives it back."""

    person: Short | None


class NewComment(Body):
    """A text to be noted on the case, and whom to tell of it: `person:ID`, `unit:CODE` or `partner:ID`."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=4000, pattern=r"\S")]
    to: Annotated[list[Recipient], Field(max_length=MOST_TOLD)] = Field(default_factory=list)


class CaseAndVersion(Body):
    """A case in the version that was read."""

    id: Short
    version: int | None = None


OneOrMore = Short | Annotated[list[Short], Field(max_length=MOST_WORDS)]


class Filter(Body):
    """What `GET /cases` narrows a list to, as the choice of cases for a bulk step."""

    workflow: OneOrMore | None = None
    state: OneOrMore | None = None
    unit: OneOrMore | None = None
    assignee: Short | None = None
    overdue: bool | None = None
    due_before: Day | None = None
    q: Short | None = None


class BulkSteps(Step):
    """One step for many cases: those listed, or those a filter finds. Each is a step of its own."""

    cases: Annotated[list[CaseAndVersion], Field(max_length=500)] | None = None
    filter: Filter | None = None
    dry_run: bool = False

    @model_validator(mode="after")
    def _one_choice(self) -> Self:
        if (self.cases is None) == (self.filter is None):
            raise ValueError("ange antingen cases eller filter / give either cases or filter")
        return self


class BulkCases(Body):
    """Many cases to be opened, each on its own."""

    cases: Annotated[list[NewCase], Field(max_length=500)]
    dry_run: bool = False


class SetClock(Body):
    """Where the test clock is to stand: RFC 3339, with its offset from UTC."""

    now: Annotated[str, StringConstraints(max_length=40)] = Field(examples=["2027-01-11T09:00:00+01:00"])


def as_tuple(value: Any) -> tuple[str, ...]:
    """One word or several, as the engine takes them."""
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)
