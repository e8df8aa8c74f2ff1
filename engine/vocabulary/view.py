"""What a decision sees: one frozen value, filled by one read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Generic, Protocol

from engine.vocabulary.forms import FactsT, FormT
from engine.vocabulary.words import Answer, Role


class WorkingDays(Protocol):
    """The unit's calendar, as guards may use it. Days are local."""

    def is_working_day(self, day: date) -> bool: ...
    def next_working_day(self, day: date) -> date: ...
    def previous_working_day(self, day: date) -> date: ...
    def add_working_days(self, day: date, count: int) -> date: ...
    def working_days_between(self, start: date, end: date) -> int: ...


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: a person's id (None for the clock), and the role it is done in.

    `on_behalf_of` is "student" or "partner" where staff enter what those parties did.
    """

    person: str | None
    role: Role | None
    on_behalf_of: Role | None = None


@dataclass(frozen=True, slots=True)
class View(Generic[FactsT, FormT]):
    """One case as it was before the step, and all that bears on it.

    `fields` is None while actions are only listed. `today` is the local day.
    `figures` are the unit's settings for this workflow. `done_by` names, for each
    trigger that matters to a four-eyes rule, the persons who did it, oldest first.
    """

    id: str
    number: str
    workflow: str
    state: str
    unit: str
    assignee: str | None
    subject: str | None
    version: int
    opened_on: date
    facts: FactsT
    today: date
    actor: Actor
    calendar: WorkingDays
    figures: Mapping[str, Any]
    done_by: Mapping[str, tuple[str, ...]]
    related: Callable[[str], tuple[View[Any, Any], ...]] = field(repr=False, compare=False)
    answer: Callable[[str, Any], Answer] = field(repr=False, compare=False)
    given: FormT | None = None
    mandates: tuple[str, ...] = ()

    @property
    def fields(self) -> FormT:
        """What was sent. Only guards over fields, `sets` and follow-ups may ask."""
        if self.given is None:
            raise LookupError("the fields are not known while actions are listed")
        return self.given

    def linked(self, name: str) -> View[Any, Any] | None:
        """The one case linked under `name`, or None."""
        found = self.related(name)
        return found[0] if found else None

    def ask(self, question: str, about: Any) -> Answer:
        """Put a question to this case's own workflow (its `questions`)."""
        return self.answer(question, about)

    def figure(self, name: str) -> Any:
        """The unit's setting for this workflow, or the default the workflow declares."""
        return self.figures[name]
