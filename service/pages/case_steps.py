"""What somebody can do with a case now: every step of its state, and of what is not possible why not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from engine.cases import Action
from engine.model import Case
from engine.rights import today
from engine.views import Lens
from engine.vocabulary import Reason, Role, Text, Transition, Who
from service.pages.saying import Speech
from service.pages.values import Reader

MANY: Final = 6
"""From more steps than these on they stand under headings."""

NAMED: Final = 3
"""How many holders of a role are named; an office has more, and one of them is enough."""

FORWARD: Final = Text("För ärendet vidare", "Move the case on")
NOTE: Final = Text("Anteckna", "Note something")
END: Final = Text("Avsluta ärendet", "Close the case")


@dataclass(frozen=True, slots=True)
class Why:
    """One reason why not: its words, who can help (in words, or blank), and from when."""

    words: str
    who: str
    from_day: date | None


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `to` is the state it leads to (None: nothing moves), `behalf` for whom it would be entered."""

    trigger: str
    label: Text
    to: Text | None
    possible: bool
    behalf: str
    who: str
    why: tuple[Why, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Steps under one heading (None: they are few)."""

    title: Text | None
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Steps:
    """What the reader's roles let them take, in groups; and what others can."""

    mine: tuple[Group, ...]
    others: tuple[Step, ...]

    @property
    def possible(self) -> bool:
        """Whether the reader can do anything now."""
        return any(step.possible for group in self.mine for step in group.steps)


@dataclass(frozen=True)
class Holders:
    """Finds who holds a role about a case, by the lens the case was read through."""

    lens: Lens
    case: Case

    def of(self, who: Who) -> tuple[str, ...]:
        """The ids of the nearest holders; of the student the case's subject."""
        if who.role is Role.STUDENT:
            return (self.case.subject,) if self.case.subject else ()
        unit = self.lens.unit_of(self.case, who.where)
        if unit is None:
            return ()
        return self.lens.organisation.nearest(who.role, unit, today(self.lens, unit))

    def words(self, who: Iterable[Who], reader: Reader) -> str:
        """Roles with the names of some who hold them: "granskare (Rut Granskare)"."""
        return reader.speech.either([_named(each, self.of(each), reader) for each in _roles(who)])


def _roles(who: Iterable[Who]) -> Iterable[Who]:
    """Each role once; a role held in two units is named for the first."""
    found: dict[Role, Who] = {}
    for each in who:
        found.setdefault(each.role, each)
    return found.values()


def _named(who: Who, people: tuple[str, ...], reader: Reader) -> str:
    role = reader.speech.role(who.role)
    names = [reader.named(each).words for each in people[:NAMED]]
    more = ["…"] if len(people) > NAMED else []
    return f"{role} ({', '.join([*names, *more])})" if names else role


def people_in(actions: Iterable[Action], holders: Holders) -> set[str]:
    """Everybody whose name `steps_of` will ask for."""
    asked = [who for action in actions for who in (*action.transition.who, *_helpers(action))]
    return {person for who in set(asked) for person in holders.of(who)[:NAMED]}


def _helpers(action: Action) -> Iterator[Who]:
    for reason in action.reasons:
        if reason.who_can is not None:
            yield _place_of(reason.who_can, action.transition)


def _place_of(role: Role, transition: Transition) -> Who:
    """Where a role that can help is held: as the step asks for it, else in the case's own unit."""
    return next((who for who in transition.who if who.role is role), Who(role))


def steps_of(
    actions: Iterable[Action], states: Mapping[str, Text], finals: frozenset[str], holders: Holders, reader: Reader
) -> Steps:
    """All steps of the present state, judged already; `states` are labels by name."""
    mine: list[tuple[Text, Step]] = []
    others: list[Step] = []
    for action in actions:
        step = _step(action, states, holders, reader)
        if action.actor is None:
            others.append(step)
        else:
            mine.append((_heading(action, finals), step))
    return Steps(tuple(_grouped(mine)), tuple(others))


def _heading(action: Action, finals: frozenset[str]) -> Text:
    if action.transition.recorded:
        return NOTE
    return END if action.to in finals else FORWARD


def _grouped(mine: list[tuple[Text, Step]]) -> Iterator[Group]:
    # Those that are possible come first; otherwise the order of the process holds.
    if len(mine) <= MANY:
        if mine:
            yield Group(None, tuple(sorted((step for _, step in mine), key=lambda step: not step.possible)))
        return
    for heading in (FORWARD, NOTE, END):
        steps = [step for under, step in mine if under is heading]
        if steps:
            yield Group(heading, tuple(sorted(steps, key=lambda step: not step.possible)))


def _step(action: Action, states: Mapping[str, Text], holders: Holders, reader: Reader) -> Step:
    transition, actor = action.transition, action.actor
    behalf = actor.on_behalf_of if actor else None
    return Step(
        trigger=transition.trigger,
        label=transition.label,
        to=None if transition.recorded else states[action.to],
        possible=action.possible,
        behalf=reader.speech.role(behalf) if behalf else "",
        who=holders.words(transition.who, reader),
        why=tuple(
            _why(reason, transition, holders, reader)
            for reason in action.reasons
            # Who can do it is said beside every step; the reason would only say it again.
            if reason.code != "not_your_role"
        ),
    )


def _why(reason: Reason, transition: Transition, holders: Holders, reader: Reader) -> Why:
    helper = _place_of(reason.who_can, transition) if reason.who_can else None
    return Why(
        words=reader.speech.text(reason.message),
        who=holders.words((helper,), reader) if helper else "",
        from_day=reason.from_date,
    )


def said(why: Why, speech: Speech) -> str:
    """A reason as one line of text."""
    who = speech.say("Kan hjälpa: {who}.", "Can help: {who}.", who=why.who) if why.who else ""
    since = speech.say("Från och med {day}.", "From {day}.", day=speech.day(why.from_day)) if why.from_day else ""
    return " ".join(part for part in (why.words, who, since) if part)
