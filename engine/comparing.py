"""Two definitions of a workflow, side by side in words: what was added, removed or changed.

Everything the hash of a definition covers is compared, and labels too. What has no words of its
own (the inside of a condition) is compared by its source and said to be rewritten.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from engine.catalogue import Catalogue
from engine.definition import Definition
from engine.fingerprint import without_words
from engine.proofs import in_words
from engine.refusals import behaviour
from engine.role_words import ROLES
from engine.schemas import schema_of
from engine.ties import towards
from engine.vocabulary import Deadline, Role, State, Text, Transition
from engine.wording import AND, Said, Wording, joined


class Part(StrEnum):
    """What of a definition differs."""

    STATES = "states"
    STEPS = "steps"
    DEADLINES = "deadlines"
    ROLES = "roles"
    RULES = "rules"
    FACTS = "facts"
    FIGURES = "figures"
    REST = "rest"


class Change(StrEnum):
    """In which way it differs."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Detail:
    """One thing that reads otherwise. None: it says nothing. Where both say the same, the inside was rewritten."""

    what: Text
    before: Said | None
    after: Said | None


@dataclass(frozen=True, slots=True)
class Difference:
    """A state, step, deadline, role, rule, fact or figure that is not as it was."""

    part: Part
    name: str
    label: Text
    change: Change
    details: tuple[Detail, ...]


@dataclass(frozen=True, slots=True)
class _Aspect:
    """One thing told of a part: in words, and as a value that is equal where nothing differs."""

    what: Text
    said: Said | None
    value: Any


@dataclass(frozen=True, slots=True)
class _Told:
    label: Text
    aspects: tuple[_Aspect, ...]


YES: Final = Text("ja", "yes")
NO: Final = Text("nej", "no")


def differences(before: Definition, after: Definition, catalogue: Catalogue) -> tuple[Difference, ...]:
    """Tell the differences part by part, in the order of the newer definition, what was removed last."""
    one, other = Wording(before, catalogue), Wording(after, catalogue)
    return tuple(each for part, tell in PARTS.items() for each in _compared(part, dict(tell(one)), dict(tell(other))))


def _compared(part: Part, before: Mapping[str, _Told], after: Mapping[str, _Told]) -> Iterator[Difference]:
    for name, told in after.items():
        if name not in before:
            yield Difference(part, name, told.label, Change.ADDED, tuple(_details((), told.aspects)))
            continue
        details = tuple(_details(before[name].aspects, told.aspects))
        if details:
            yield Difference(part, name, told.label, Change.CHANGED, details)
    for name, told in before.items():
        if name not in after:
            yield Difference(part, name, told.label, Change.REMOVED, tuple(_details(told.aspects, ())))


def _details(before: Iterable[_Aspect], after: Iterable[_Aspect]) -> Iterator[Detail]:
    was, now = {each.what.en: each for each in before}, {each.what.en: each for each in after}
    for what in dict.fromkeys((*now, *was)):
        one, other = was.get(what), now.get(what)
        shown = other or one
        if shown is not None and (one is None or other is None or one.value != other.value):
            detail = Detail(shown.what, one.said if one else None, other.said if other else None)
            # What says nothing on either side is only worth telling where its inside differs.
            if detail.before or detail.after or (one and other):
                yield detail


def _aspect(sv: str, en: str, said: Text | None, value: Any = None) -> _Aspect:
    text = Said(said) if said is not None and said.en else None
    return _Aspect(Text(sv, en), text, value if value is not None else (said.sv, said.en) if said else None)


def _yes_no(sv: str, en: str, holds: bool) -> _Aspect:  # noqa: FBT001 - it is what is told, not an option
    return _aspect(sv, en, YES if holds else NO)


def _states(words: Wording) -> Iterator[tuple[str, _Told]]:
    for state in words.definition.workflow.states:
        yield state.name, _Told(state.label, tuple(_of_state(words, state)))


def _of_state(words: Wording, state: State) -> Iterator[_Aspect]:
    names = {each.name: each.label for each in words.definition.workflow.deadlines}
    yield _aspect("benämning", "label", state.label)
    yield _aspect("väntar på", "waits for", words.who(state.owner_role) if state.owner_role else None)
    yield _yes_no("slutläge", "end", state.final)
    yield _yes_no("håller en plats", "holds a place", state.holds_place)
    yield _aspect("vilande tider", "resting deadlines", joined((names[name] for name in state.pauses), AND))
    yield _aspect("öppnas åter till", "reopens to", words.state(state.reopens_to) if state.reopens_to else None)
    yield _aspect("får vänta därför att", "may wait because", state.waits_because)
    yield _aspect("studenten eller partnern läser", "the student or partner reads", state.subject_label)


def _steps(words: Wording) -> Iterator[tuple[str, _Told]]:
    for trigger, steps in words.definition.by_trigger.items():
        aspects = [aspect for step in steps for aspect in _of_step(words, step, _apart(words, step, steps))]
        yield trigger, _Told(steps[0].label, tuple(aspects))


def _apart(words: Wording, step: Transition, steps: tuple[Transition, ...]) -> Text:
    """Tell steps of one name apart by where they lead, or else by where they begin."""
    if len(steps) == 1:
        return Text("", "")
    target = Text("antecknas", "noted") if step.recorded else words.state(step.to)
    alike = [each for each in steps if each.to == step.to]
    from_ = words.state(step.sources[0]) if len(alike) > 1 else Text("", "")
    return Text(f" ({from_.sv}→{target.sv})", f" ({from_.en}→{target.en})")


def _of_step(words: Wording, step: Transition, apart: Text) -> Iterator[_Aspect]:
    def named(sv: str, en: str, said: Text | None, value: Any = None) -> _Aspect:
        return _aspect(f"{sv}{apart.sv}", f"{en}{apart.en}", said, value)

    to = Text("antecknas, ärendet står kvar", "noted, the case stays") if step.recorded else words.state(step.to)
    yield named("benämning", "label", step.label)
    yield named("från", "from", joined(map(words.state, step.sources)), sorted(step.sources))
    yield named("till", "to", to, step.to)
    yield named("görs av", "done by", joined(map(words.who, step.who)))
    yield named("kräver motivering", "needs a reason", YES if step.reason_required else NO)
    yield named("inte av den som gjorde", "not by who did", joined(map(words.step, step.not_by)), step.not_by)
    yield named("uppgifter", "fields", joined(_titles(step), AND), without_words(schema_of(step.form)))
    yield named("meddelar", "tells", joined((words.whom(tell.whom) for tell in step.tells), AND), _inside(step.tells))
    yield named(
        "för med sig", "brings about", _follows(words, step), _inside(step.follow_ups, step.opens, step.relinks)
    )
    yield named("tilldelning", "assignment", None, step.assigns.value)
    yield named("noterar", "notes", None, _inside(step.sets))
    for condition, guard in zip(words.conditions(step), (*step.guards, *step.field_guards), strict=True):
        said = condition.said
        what = Text(f"villkor {condition.name}{apart.sv}", f"condition {condition.name}{apart.en}")
        yield _Aspect(what, said, (said.text.en, condition.with_fields, _inside(guard)))


def _titles(step: Transition) -> Iterator[Text]:
    for name, declared in step.form.model_fields.items():
        sv, _, en = (declared.title or name).partition(" / ")
        yield Text(sv, en or sv)


def _follows(words: Wording, step: Transition) -> Text:
    """Say what the step does in other cases."""
    workflow, catalogue = words.definition.workflow, words.catalogue
    others = [
        Wording(catalogue.current(name), catalogue).step(follow.trigger)
        for follow in step.follow_ups
        for name in towards(workflow, follow.along)
        if name in catalogue.names
    ]
    opened = [
        catalogue.current(each.workflow).workflow.label for each in step.opens if each.workflow in catalogue.names
    ]
    return joined((*others, *(Text(f"ny {label.sv}", f"new {label.en}") for label in opened)), AND)


def _inside(*values: object) -> Any:
    """Give what declared values and the functions in them do, so that it can be compared."""
    return behaviour(values)


def _deadlines(words: Wording) -> Iterator[tuple[str, _Told]]:
    for deadline in words.definition.workflow.deadlines:
        yield deadline.name, _Told(deadline.label, tuple(_of_deadline(words, deadline)))


def _of_deadline(words: Wording, deadline: Deadline) -> Iterator[_Aspect]:
    due = words.due(deadline)
    yield _aspect("benämning", "label", deadline.label)
    yield _Aspect(Text("tid", "time"), due, (due.text.en, _inside(deadline.due)))
    # By names, so that a step or state that is only called otherwise makes no second difference here.
    rests = [state.name for state in words.definition.workflow.states if deadline.name in state.pauses]
    where = (deadline.runs_in, deadline.answers, rests)
    yield _aspect("löper och möts", "runs and is met", words.runs(deadline), where)
    yield _aspect(
        "löftet gäller",
        "a promise to",
        Text("oss själva", "ourselves") if deadline.internal else Text("andra", "others"),
    )
    yield _aspect("gäller bara ibland", "only sometimes", None, _inside(deadline.applies))
    for rung in deadline.ladder:
        yield _aspect(f"på vägen ({rung.name})", f"on the way ({rung.name})", words.rung(deadline, rung), _inside(rung))


def _roles(words: Wording) -> Iterator[tuple[str, _Told]]:
    workflow = words.definition.workflow
    for role in Role:
        may = dict.fromkeys(step.trigger for step in workflow.transitions for who in step.who if who.role is role)
        opens = any(who.role is role for who in workflow.openers)
        if may or opens:
            steps = _aspect("får göra", "may do", joined(map(words.step, may), AND), sorted(may))
            yield role.value, _Told(ROLES[role], (_yes_no("får öppna ärenden", "may open cases", opens), steps))


def _rules(words: Wording) -> Iterator[tuple[str, _Told]]:
    for rule in words.definition.workflow.rules:
        yield in_words(rule), _Told(words.rule(rule), ())


def _facts(words: Wording) -> Iterator[tuple[str, _Told]]:
    schema = schema_of(words.definition.workflow.facts)
    parts, needed = schema.get("properties", {}), schema.get("required", ())
    shared = without_words(schema.get("$defs", {}))
    for name, part in parts.items():
        title = words.fact(name) or Text(name, name)
        kind = json.dumps(without_words(part), sort_keys=True)
        # A fact of a kind that is declared apart differs when that kind does.
        apart = {key: value for key, value in shared.items() if f'#/$defs/{key}"' in kind}
        inside = _aspect("vad den får innehålla", "what it may hold", None, (kind, json.dumps(apart, sort_keys=True)))
        told = (_aspect("benämning", "title", title), _yes_no("krävs", "needed", name in needed), inside)
        yield name, _Told(title, told)


def _figures(words: Wording) -> Iterator[tuple[str, _Told]]:
    for name, value in sorted(words.definition.figures.items()):
        yield name, _Told(Text(name, name), (_aspect("värde", "value", Text(str(value), str(value)), repr(value)),))


def _rest(words: Wording) -> Iterator[tuple[str, _Told]]:
    """Tell what stands beside states, steps and deadlines: places, links, what others may ask."""
    workflow = words.definition.workflow
    told = {
        "places": (Text("Platser", "Places"), (workflow.holds, workflow.offers)),
        "links": (Text("Kopplingar", "Links"), (workflow.links, workflow.related)),
        "questions": (Text("Frågor från andra ärenden", "Questions from other cases"), (workflow.questions,)),
        "opening": (Text("När ett ärende öppnas", "When a case is opened"), (workflow.guards, workflow.tells)),
        "corrections": (Text("Rättelser", "Corrections"), (workflow.protected, workflow.corrected_by)),
    }
    for name, (label, values) in told.items():
        yield name, _Told(label, (_aspect("hur det fungerar", "how it works", None, _inside(values)),))


PARTS: Final[Mapping[Part, Callable[[Wording], Iterator[tuple[str, _Told]]]]] = {
    Part.STATES: _states,
    Part.STEPS: _steps,
    Part.DEADLINES: _deadlines,
    Part.ROLES: _roles,
    Part.RULES: _rules,
    Part.FACTS: _facts,
    Part.FIGURES: _figures,
    Part.REST: _rest,
}
