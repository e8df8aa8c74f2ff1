"""A definition in words, Swedish and English: who, when, what a deadline does, what a rule holds.

Words of the office (LABELS): a step, a condition, a reminder. No names of code but where a
function has no other words; then they are English and marked so (`Said.english_only`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from engine.catalogue import Catalogue
from engine.declare.wording import template_words
from engine.definition import Definition
from engine.refusals import Refusal, explained, refusals
from engine.role_words import ROLES
from engine.vocabulary import (
    CASE,
    AnsweredBy,
    AtMostOnce,
    AtOnce,
    Budget,
    Deadline,
    ExactlyOnce,
    Figure,
    Fire,
    HandOver,
    HoldsNoPlace,
    Moment,
    NeverAfter,
    NoConflict,
    NotTogether,
    Occurs,
    OnDay,
    Person,
    Precedes,
    Relates,
    Rule,
    Rung,
    Side,
    Text,
    Transition,
    Unit,
    Who,
)

UNITS: Final[Mapping[Unit, tuple[Text, Text]]] = {
    Unit.WORKING_DAYS: (Text("arbetsdag", "working day"), Text("arbetsdagar", "working days")),
    Unit.DAYS: (Text("dag", "day"), Text("dagar", "days")),
    Unit.WEEKS: (Text("vecka", "week"), Text("veckor", "weeks")),
    Unit.MONTHS: (Text("månad", "month"), Text("månader", "months")),
}

WHOEVER_HAS_IT: Final = Text("den som har ärendet", "whoever has the case")
WORKED_OUT: Final = Text("en dag som räknas fram ur ärendets uppgifter", "a day worked out from the case’s facts")
OR: Final = Text("eller", "or")
AND: Final = Text("och", "and")


@dataclass(frozen=True, slots=True)
class Said:
    """Words in both languages. With `english_only` the Swedish is the English: mark it as such on a page."""

    text: Text
    english_only: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition of a step: what it says when it is not met, and what it is for (English, from the source).

    `with_fields` is true where it can only be judged when the form is filled in.
    """

    name: str
    refusals: tuple[Refusal, ...]
    explained: str
    with_fields: bool

    @property
    def said(self) -> Said:
        """The condition in one text: its first refusal, else what it is for."""
        if self.refusals:
            return Said(self.refusals[0].message)
        return Said(Text(self.explained, self.explained), english_only=True)


def joined(texts: Iterable[Text], word: Text = OR) -> Text:
    """Join texts as a list in words: "a, b eller c". None given: blank."""
    found = tuple(texts)
    return Text(_list([text.sv for text in found], word.sv), _list([text.en for text in found], word.en))


def _list(words: list[str], last: str) -> str:
    return f" {last} ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def span(count: int, unit: Unit) -> Text:
    """Say a span of time: "3 arbetsdagar", "1 week"."""
    one, many = UNITS[unit]
    word = one if count == 1 else many
    return Text(f"{count} {word.sv}", f"{count} {word.en}")


def sentence(text: Text) -> Text:
    """Begin with a capital and end with a full stop."""
    return Text(*(f"{words[:1].upper()}{words[1:]}." for words in (text.sv, text.en)))


@dataclass(frozen=True)
class Wording:
    """Says one definition. `figures` are a unit's settings for it, over its defaults."""

    definition: Definition
    catalogue: Catalogue
    figures: Mapping[str, Any] = field(default_factory=dict)

    # Who.

    def who(self, who: Who) -> Text:
        """Say a role, and where it is held if not in the case's own unit."""
        role, place = ROLES[who.role], self.where(who)
        return role if place is None else Text(f"{role.sv} {place.sv}", f"{role.en} {place.en}")

    def where(self, who: Who) -> Text | None:
        """Say in which unit a role is held; None: in the case's own."""
        if who.where == CASE:
            return None
        linked = next((link.workflow for link in self.definition.workflow.links if link.name == who.where), "")
        if linked not in self.catalogue.names:
            return Text("i det kopplade ärendets enhet", "in the linked case’s unit")
        label = self.catalogue.current(linked).workflow.label
        return Text(f"i enheten för det kopplade ärendet ({label.sv})", f"in the unit of the linked case ({label.en})")

    def whom(self, whom: Who | Person) -> Text:
        """Say an addressee."""
        return WHOEVER_HAS_IT if isinstance(whom, Person) else self.who(whom)

    # What.

    def state(self, name: str) -> Text:
        """Say a state; one there is none of by its name."""
        state = self.definition.states.get(name)
        return state.label if state else Text(name, name)

    def step(self, trigger: str) -> Text:
        """Say a step; one there is none of by its name."""
        steps = self.definition.by_trigger.get(trigger)
        return steps[0].label if steps else Text(trigger, trigger)

    def fact(self, name: str) -> Text | None:
        """Say a fact by the title it is declared with ("svenska / English"); None where there is none."""
        declared = self.definition.workflow.facts.model_fields.get(name)
        if declared is None or not declared.title:
            return None
        sv, _, en = declared.title.partition(" / ")
        return Text(sv, en or sv)

    def quoted(self, triggers: Iterable[str]) -> Text:
        """Say some steps as alternatives, in quotation marks."""
        steps = [self.step(trigger) for trigger in triggers]
        return joined(Text(f"”{step.sv}”", f"“{step.en}”") for step in steps)

    def _states(self, names: Iterable[str]) -> Text:
        states = [self.state(name) for name in names]
        return joined(Text(f"”{state.sv}”", f"“{state.en}”") for state in states)

    def count(self, count: int | Figure) -> int:
        """Give a number, as the unit has set it where it may."""
        return int(self.figures.get(count.name, count.default)) if isinstance(count, Figure) else count

    # When.

    def due(self, deadline: Deadline) -> Said:
        """Say when a deadline is due: "3 arbetsdagar", or which day."""
        match deadline.due:
            case Budget(count, unit):
                return Said(span(self.count(count), unit))
            case OnDay(day):
                return self._day(day)
            case AtOnce():
                return Said(Text("genast", "at once"))

    def _day(self, day: Callable[..., Any]) -> Said:
        """Say a day: the fact it is read from, so far off; else what the function says of itself."""
        name = str(getattr(day, "__name__", ""))
        read_from, *offsets = name.split("_and_")
        facts = [self.fact(each) for each in read_from.split("_or_")]
        known = [each for each in facts if each is not None]
        if not known or len(known) < len(facts):
            what = explained(day)
            return Said(Text(what, what), english_only=True)
        first = joined(Text(f"”{each.sv}”", f"“{each.en}”") for each in known)
        for offset in offsets:
            first = self._offset(offset, first)
        return Said(first)

    def _offset(self, written: str, day: Text) -> Text:
        """Say how far off a day lies: so many days or weeks, or as many as a setting says."""
        name = written.removeprefix("-")
        figure = self.figures.get(name, self.definition.figures.get(name))
        count = figure if figure is not None else next(iter(re.findall(r"[0-9]+", name)), 0)
        many = span(int(count), Unit.WEEKS if "weeks" in name else Unit.DAYS)
        if written.startswith("-"):
            return Text(f"{many.sv} före {day.sv}", f"{many.en} before {day.en}")
        return Text(f"{many.sv} efter {day.sv}", f"{many.en} after {day.en}")

    def moment(self, moment: Moment, deadline: Deadline) -> Text:
        """Say when a step of a ladder is taken: "efter 2 arbetsdagar"."""
        count = self.count(moment.count)
        if isinstance(deadline.due, AtOnce):
            return Text("genast", "at once")
        if moment.side is Side.USED:
            many = span(count, deadline.due.unit if isinstance(deadline.due, Budget) else moment.unit)
            return Text(f"efter {many.sv}", f"after {many.en}")
        many = span(count, moment.unit)
        if moment.side is Side.BEFORE:
            early = Text(f"{many.sv} före sista dagen", f"{many.en} before the last day")
            return early if count else Text("på sista dagen", "on the last day")
        if moment.side is Side.AFTER and count:
            return Text(f"{many.sv} efter sista dagen", f"{many.en} after the last day")
        return Text("när sista dagen har gått", "when the last day has passed")

    def rung(self, deadline: Deadline, rung: Rung) -> Text:
        """Say what happens on the way, and when: "efter 2 arbetsdagar påminns granskaren"."""
        when, does = self.moment(rung.at, deadline), self._deed(deadline, rung)
        return Text(f"{when.sv} {does.sv}", f"{when.en} {does.en}")

    def _deed(self, deadline: Deadline, rung: Rung) -> Text:
        if isinstance(rung.does, Fire):
            step = self.step(rung.does.trigger)
            return Text(f"tar klockan steget ”{step.sv}”", f"the clock takes the step “{step.en}”")
        if isinstance(rung.does, HandOver):
            to = joined(ROLES[role] for role in rung.does.to)
            sv = f"lämnas ärendet över till ersättaren, annars till {to.sv}"
            return Text(sv, f"the case is handed over to the substitute, else to {to.en}")
        told = joined((self.whom(whom) for whom in rung.whom), AND)
        # Who has the work is reminded of it; others are only told.
        if all(self._owes(deadline, whom) for whom in rung.whom):
            are = "are" if len(rung.whom) > 1 else "is"
            return Text(f"påminns {told.sv}", f"{told.en} {are} reminded")
        return Text(f"får {told.sv} veta det", f"{told.en} {'are' if len(rung.whom) > 1 else 'is'} told")

    def _owes(self, deadline: Deadline, whom: Who | Person) -> bool:
        owners = {self.definition.states[name].owner_role for name in deadline.runs_in}
        return isinstance(whom, Person) or whom.role in {owner.role for owner in owners if owner}

    def deadline(self, deadline: Deadline) -> Text:
        """Say a whole deadline: when it is due, and what happens on the way and after."""
        rungs = [self.rung(deadline, rung) for rung in deadline.ladder]
        due = self.due(deadline)
        # What happens at once says so itself; a day that only code can tell is not told in a sentence.
        first = due.text if not due.english_only else WORKED_OUT
        parts = rungs if isinstance(deadline.due, AtOnce) and rungs else [first, *rungs]
        return sentence(Text("; ".join(part.sv for part in parts), "; ".join(part.en for part in parts)))

    def runs(self, deadline: Deadline) -> Text:
        """Say where a deadline runs, where it rests, and what meets it."""
        runs, met = self._states(deadline.runs_in), self.quoted(deadline.answers)
        pausing = [state.name for state in self.definition.workflow.states if deadline.name in state.pauses]
        sv, en = [f"löper i {runs.sv}"], [f"runs in {runs.en}"]
        if pausing:
            rests = self._states(pausing)
            sv, en = [*sv, f"vilar i {rests.sv}"], [*en, f"rests in {rests.en}"]
        if deadline.answers:
            sv, en = [*sv, f"möts av {met.sv}"], [*en, f"is met by {met.en}"]
        return sentence(Text("; ".join(sv), "; ".join(en)))

    # Under which conditions.

    def rule(self, rule: Rule) -> Text:
        """Say what holds on every path."""
        match rule:
            case Precedes(first, then):
                one, other = self.quoted(first), self.quoted((then,))
                said = Text(f"{one.sv} kommer före {other.sv}", f"{one.en} comes before {other.en}")
            case AnsweredBy(asked, answers):
                one, other = self.quoted((asked,)), self.quoted(answers)
                said = Text(f"efter {one.sv} följer {other.sv}", f"{one.en} is followed by {other.en}")
            case NeverAfter(first, then):
                one, other = self.quoted((first,)), self.quoted((then,))
                said = Text(f"efter {one.sv} görs aldrig {other.sv}", f"after {one.en} there is never {other.en}")
            case NotTogether(first, second):
                one, other = self.quoted((first,)), self.quoted((second,))
                said = Text(
                    f"{one.sv} och {other.sv} görs aldrig i samma ärende",
                    f"{one.en} and {other.en} never happen in the same case",
                )
            case Occurs() | Relates():
                said = template_words(rule, self.quoted)
            case _:
                said = self._of_one(rule)
        return sentence(said)

    def _of_one(self, rule: AtMostOnce | ExactlyOnce | HoldsNoPlace) -> Text:
        match rule:
            case AtMostOnce(trigger):
                step = self.quoted((trigger,))
                return Text(f"{step.sv} görs högst en gång", f"{step.en} happens at most once")
            case ExactlyOnce(trigger):
                step = self.quoted((trigger,))
                return Text(f"{step.sv} görs precis en gång", f"{step.en} happens exactly once")
            case HoldsNoPlace(states):
                ends = self._states(states)
                return Text(
                    f"ett ärende som slutar i {ends.sv} har ingen plats",
                    f"a case that ends in {ends.en} holds no place",
                )

    def conditions(self, step: Transition) -> tuple[Condition, ...]:
        """Say what must hold before a step is taken, in the order it is judged."""
        judged = [(guard, False) for guard in step.guards] + [(guard, True) for guard in step.field_guards]
        return tuple(
            Condition(
                name=str(getattr(guard, "__name__", "")),
                refusals=refusals(guard, self.definition, self.catalogue),
                explained=explained(guard),
                with_fields=with_fields,
            )
            for guard, with_fields in judged
        )


def declares_no_conflict(step: Transition) -> bool:
    """Tell whether a step asks for a declaration of no conflict of interest (jäv)."""
    return issubclass(step.form, NoConflict)
