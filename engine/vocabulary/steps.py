"""The allowed steps between states, and what each brings about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

from engine.vocabulary.forms import Form, NoFields
from engine.vocabulary.people import Who, Whom, as_who, as_whom
from engine.vocabulary.view import View
from engine.vocabulary.words import Answer, Role, Text

AnyView: TypeAlias = View[Any, Any]
Guard: TypeAlias = Callable[[AnyView], Answer]
"""A pure function of the View that answers yes, or no because."""

RECORDED = "(recorded)"
"""The target of a transition to its own state: a fact is noted, nothing entered or left."""

RECONSIDER = "reconsider"
"""The one trigger that may leave a final state."""


class Assign(StrEnum):
    """What a step does to the assignee."""

    KEEP = "keep"
    ACTOR = "actor"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Tell:
    """A message owed when the step is done: which text, and to whom.

    `to` is a role (its nearest holders), STUDENT (the case's subject), PARTNER (the
    partner named by the case or its agreement) or ASSIGNEE. `when` holds the message
    back where it answers false.
    """

    message: str
    to: Role | Whom
    when: Callable[[AnyView], bool] | None = None

    @property
    def whom(self) -> Whom:
        """The addressee, a bare role read as held in the case's unit."""
        return as_whom(self.to)


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Moves a related case in the same step, under the rule's right.

    `along` names one of the case's own links, or one of the workflow's `related`
    names. `fields` gives what the other transition asks for. Where the other case
    refuses, the whole step is refused, unless `if_open`: then a case that is final, or
    whose state does not offer the trigger, is left alone. `when` leaves it out.
    """

    along: str
    trigger: str
    fields: Callable[[AnyView], Mapping[str, object]] | None = None
    if_open: bool = False
    when: Callable[[AnyView], bool] | None = None
    first_only: bool = False


@dataclass(frozen=True, slots=True)
class Opening:
    """A case to be opened by a step: in which unit, about whom, with which facts."""

    unit: str
    facts: Mapping[str, object]
    subject: str | None = None
    links: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Opens:
    """Opens cases of another workflow, each linked back to this one under `link`."""

    workflow: str
    link: str
    each: Callable[[AnyView], tuple[Opening, ...]]


@dataclass(frozen=True, slots=True)
class Relinks:
    """Moves the `link` of every related case under `along` from this case to another.

    `to` gives the id of the other case, which must be one of this step's linked cases.
    Places held under this case move along.
    """

    along: str
    link: str
    to: Callable[[AnyView], str | None]


@dataclass(frozen=True, slots=True)
class Transition:
    """One allowed step: from where, by whom, under which conditions, with what effect.

    `source` names a state or several. `to` is a state, or RECORDED. `by` lists who may
    do it. `form` is what it asks for. `guards` are judged whenever actions are listed;
    `field_guards` only when the fields are there. `not_by` names triggers whose actor
    may not take this step (four eyes, through substitutes too). `sets` gives changed
    facts beyond the form's own fields.
    """

    trigger: str
    label: Text
    source: str | tuple[str, ...]
    to: str
    by: tuple[Role | Who, ...]
    form: type[Form] = NoFields
    guards: tuple[Guard, ...] = ()
    field_guards: tuple[Guard, ...] = ()
    sets: Callable[[AnyView], Mapping[str, object]] | None = None
    not_by: tuple[str, ...] = ()
    reason_required: bool = False
    assigns: Assign = Assign.KEEP
    tells: tuple[Tell, ...] = ()
    follow_ups: tuple[FollowUp, ...] = ()
    opens: tuple[Opens, ...] = ()
    relinks: tuple[Relinks, ...] = ()

    @property
    def sources(self) -> tuple[str, ...]:
        """The states it leaves (or, recorded, stays in), in the order written."""
        return (self.source,) if isinstance(self.source, str) else self.source

    @property
    def who(self) -> tuple[Who, ...]:
        """Who may do it, bare roles read as held in the case's unit."""
        return tuple(as_who(spec) for spec in self.by)

    @property
    def recorded(self) -> bool:
        """Whether the case stays where it is."""
        return self.to == RECORDED

    def target(self, source: str) -> str:
        """The state the case is in after the step, when taken from `source`."""
        return source if self.recorded else self.to


