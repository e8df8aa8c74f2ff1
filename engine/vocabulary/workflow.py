"""A whole process, declared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.vocabulary.deadlines import Deadline
from engine.vocabulary.dossier import AuditFolder
from engine.vocabulary.forms import Facts
from engine.vocabulary.milestones import Milestone
from engine.vocabulary.people import Who, as_who
from engine.vocabulary.rules import Rule
from engine.vocabulary.states import State
from engine.vocabulary.stay import Stay
from engine.vocabulary.steps import AnyView, Guard, Tell, Transition
from engine.vocabulary.words import Answer, Role, Text


@dataclass(frozen=True, slots=True)
class Link:
    """A named tie from a case to one case of another workflow."""

    name: str
    workflow: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Related:
    """Cases that can be found from this one, other than by its own links.

    By `link`: those of `workflow` that link to this case under that name. Without
    `link`: those of `workflow` about the same subject. Only open ones, or those in
    `states`. `order` sorts them; without it they come in the order they were opened.
    """

    name: str
    workflow: str
    link: str | None = None
    states: tuple[str, ...] = ()
    order: Callable[[AnyView], Any] | None = None


@dataclass(frozen=True, slots=True)
class Holds:
    """A case of this workflow may hold a place under the agreement linked as `link`.

    `stay` tells what the place is for, or None while that is not yet known.
    """

    link: str
    stay: Callable[[AnyView], Stay | None]


@dataclass(frozen=True, slots=True)
class Offers:
    """A case of this workflow gives places to others.

    `row_for` names the row of the agreement a stay counts against, or None where no row
    allows it. `left` counts the semesters left in a row and academic year. `when_freed`
    names the deadline that starts, due at once, when a place is freed. The facts hold
    the places taken as `held` (a tuple of `Held`), which only the engine writes.
    """

    row_for: Callable[[AnyView, Stay], str | None]
    left: Callable[[AnyView, str, str], int]
    when_freed: str | None = None


@dataclass(frozen=True, slots=True)
class MessageText:
    """A text owed to somebody, with placeholders in braces.

    Known placeholders: number, title, state, unit, name, due_on, days_late, url,
    assignee, reason, partner. Rendered in the recipient's language when delivered.
    """

    name: str
    subject: Text
    body: Text


@dataclass(frozen=True, slots=True)
class Migration:
    """How open cases of an older version are carried over: old state to new state."""

    from_version: int
    states: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Workflow:
    """One process: states, transitions, deadlines, rules; forms, facts and guards beside them.

    `prefix` starts the number of each case (`REV-2027-0012`). `title` and `search`
    build the words by which a case is shown and found. `opened_by` says who may open
    one by hand; `guards` are judged against the new case, `tells` is owed when it is
    open. `protected` names facts that a correction may not touch. `partner` gives the
    id of the partner institution a message to PARTNER goes to. `registers_in` names
    states in which an import may open a matter that is already under way. `milestones`
    are what a case is seen to wait for, in the order of the process; `dossier` is what
    belongs in its audit folder.
    """

    name: str
    version: int
    label: Text
    purpose: Text
    prefix: str
    facts: type[Facts]
    initial: str
    opened_by: tuple[Role | Who, ...]
    states: tuple[State, ...]
    transitions: tuple[Transition, ...]
    deadlines: tuple[Deadline, ...]
    messages: tuple[MessageText, ...]
    title: Callable[[AnyView], str]
    needs_subject: bool = True
    guards: tuple[Guard, ...] = ()
    tells: tuple[Tell, ...] = ()
    rules: tuple[Rule, ...] = ()
    links: tuple[Link, ...] = ()
    related: tuple[Related, ...] = ()
    questions: Mapping[str, Callable[[AnyView, Any], Answer]] = field(default_factory=dict)
    holds: Holds | None = None
    offers: Offers | None = None
    figures: Mapping[str, Any] = field(default_factory=dict)
    protected: tuple[str, ...] = ()
    corrected_by: tuple[Role | Who, ...] = (Role.OFFICER,)
    partner: Callable[[AnyView], str | None] | None = None
    migrations: tuple[Migration, ...] = ()
    registers_in: tuple[str, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    dossier: AuditFolder | None = None

    @property
    def openers(self) -> tuple[Who, ...]:
        """Who may open a case by hand."""
        return tuple(as_who(spec) for spec in self.opened_by)
