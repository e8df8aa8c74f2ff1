"""A process as a page of the office's handbook: who takes part, its states, steps, deadlines and rules in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup

from engine.definition import Definition
from engine.diagram import Language, svg
from engine.vocabulary import Deadline, Role, State, Text, Transition
from engine.wording import AND, Condition, Said, Wording, joined, sentence
from service.pages.forms import asked_of, declares

NOTED = Text("antecknas, ärendet står kvar", "noted, the case stays")


@dataclass(frozen=True, slots=True)
class Part:
    """Somebody who takes part: how many states wait for the role, how many steps it takes, whether it is told."""

    role: Role
    opens: bool
    states: int
    steps: int
    told: bool


@dataclass(frozen=True, slots=True)
class Offered:
    """A step as a state offers it; `mark` is the place of its whole description on the page."""

    mark: str
    label: Text
    to: Text
    by: Text


@dataclass(frozen=True, slots=True)
class StatePage:
    """A state. `runs` and `rests` are the deadlines that do so in it."""

    name: str
    label: Text
    waits_for: Text | None
    because: Text | None
    subject_reads: Text | None
    runs: tuple[Text, ...]
    rests: tuple[Text, ...]
    final: bool
    reopens_to: Text | None
    holds_place: bool
    steps: tuple[Offered, ...]


@dataclass(frozen=True, slots=True)
class StepPage:
    """A step with all that belongs to it; `mark` is its place on the page."""

    mark: str
    label: Text
    sources: tuple[Text, ...]
    to: Text
    by: Text
    by_clock: bool
    conditions: tuple[Condition, ...]
    asks: tuple[Text, ...]
    reason: bool
    declares: bool
    not_by: tuple[Text, ...]
    tells: Text
    answers: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class DeadlinePage:
    """A deadline: when it is due, what happens on the way, and where it runs."""

    name: str
    label: Text
    due: Said
    ladder: tuple[Text, ...]
    runs: Text


@dataclass(frozen=True, slots=True)
class MilestonePage:
    """Something a case is seen to wait for, and who gives it."""

    label: Text
    by: Text | None


@dataclass(frozen=True, slots=True)
class Handbook:
    """The whole page of a definition."""

    parts: tuple[Part, ...]
    states: tuple[StatePage, ...]
    steps: tuple[StepPage, ...]
    deadlines: tuple[DeadlinePage, ...]
    rules: tuple[Text, ...]
    milestones: tuple[MilestonePage, ...]


def handbook(words: Wording) -> Handbook:
    """Put the page of a definition together."""
    definition, workflow = words.definition, words.definition.workflow
    return Handbook(
        parts=tuple(_parts(definition)),
        states=tuple(state_page(words, state) for state in workflow.states),
        steps=tuple(_step(words, step) for step in _in_order(definition)),
        deadlines=tuple(deadline_page(words, deadline) for deadline in workflow.deadlines),
        rules=tuple(words.rule(rule) for rule in workflow.rules),
        milestones=tuple(
            MilestonePage(each.label, None if each.who is None else words.who(each.who)) for each in workflow.milestones
        ),
    )


@dataclass(frozen=True, slots=True)
class _Drawing:
    """A definition that counts as the same as any other: its hash stands beside it in the key."""

    definition: Definition

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Drawing)

    def __hash__(self) -> int:
        return 0


def drawn(definition: Definition, language: Language) -> Markup:
    """The drawing of a process, without a style sheet: the pages have its rules."""
    return _drawn(definition.hash, definition.version, language, _Drawing(definition))


# Laying out takes longer than all the rest of a page.
@lru_cache(maxsize=64)
def _drawn(_hash: str, _version: int, language: Language, drawing: _Drawing) -> Markup:
    return Markup(svg(drawing.definition, language, styled=False))  # noqa: S704 - every text in it is escaped


def _parts(definition: Definition) -> Iterable[Part]:
    """Everybody named in a process, in the order of the roles."""
    workflow = definition.workflow
    opens = {who.role for who in workflow.openers}
    waited_for = [state.owner_role.role for state in workflow.states if state.owner_role]
    takes = [role for step in workflow.transitions for role in {who.role for who in step.who}]
    addressees = [tell.whom for step in workflow.transitions for tell in step.tells]
    addressees += [whom for each in workflow.deadlines for rung in each.ladder for whom in rung.whom]
    told = {getattr(whom, "role", None) for whom in addressees}
    for role in Role:
        part = Part(role, role in opens, waited_for.count(role), takes.count(role), role in told)
        if part.opens or part.states or part.steps or part.told:
            yield part


def state_page(words: Wording, state: State) -> StatePage:
    """A state in words, with the steps it offers."""
    deadlines = words.definition.workflow.deadlines
    return StatePage(
        name=state.name,
        label=state.label,
        waits_for=words.who(state.owner_role) if state.owner_role else None,
        because=state.waits_because,
        subject_reads=state.subject_label,
        runs=tuple(each.label for each in deadlines if state.name in each.runs_in),
        rests=tuple(each.label for each in deadlines if each.name in state.pauses),
        final=state.final,
        reopens_to=words.state(state.reopens_to) if state.reopens_to else None,
        holds_place=state.holds_place,
        steps=tuple(_offered(words, step) for step in words.definition.offered[state.name]),
    )


def _offered(words: Wording, step: Transition) -> Offered:
    return Offered(_mark(words.definition, step), step.label, _target(words, step), joined(map(words.who, step.who)))


def _target(words: Wording, step: Transition) -> Text:
    return NOTED if step.recorded else words.state(step.to)


def _mark(definition: Definition, step: Transition) -> str:
    """Name the place of a step on the page; those of one name are numbered."""
    alike = definition.by_trigger[step.trigger]
    place = next(number for number, each in enumerate(alike) if each is step)
    return f"step-{step.trigger}" + (f"-{place + 1}" if place else "")


def _in_order(definition: Definition) -> tuple[Transition, ...]:
    """Every step once, where the process first offers it."""
    offered = (step for state in definition.workflow.states for step in definition.offered[state.name])
    return tuple({_mark(definition, step): step for step in (*offered, *definition.workflow.transitions)}.values())


def _step(words: Wording, step: Transition) -> StepPage:
    workflow, definition = words.definition.workflow, words.definition
    return StepPage(
        mark=_mark(definition, step),
        label=step.label,
        sources=tuple(state.label for state in workflow.states if step in definition.offered[state.name]),
        to=_target(words, step),
        by=joined(map(words.who, step.who)),
        by_clock=any(who.role is Role.CLOCK for who in step.who),
        conditions=words.conditions(step),
        asks=tuple(field.label for field in asked_of(step.form)),
        reason=step.reason_required,
        declares=declares(step.form),
        not_by=tuple(words.step(name) for name in step.not_by),
        tells=_told(words, step),
        answers=tuple(each.label for each in workflow.deadlines if step.trigger in each.answers),
    )


def _told(words: Wording, step: Transition) -> Text:
    """Who is told of a step, each once."""
    return joined(dict.fromkeys(words.whom(tell.whom) for tell in step.tells), AND)


def deadline_page(words: Wording, deadline: Deadline) -> DeadlinePage:
    """A deadline in words, its ladder a sentence a step."""
    ladder = tuple(sentence(words.rung(deadline, rung)) for rung in deadline.ladder)
    return DeadlinePage(deadline.name, deadline.label, words.due(deadline), ladder, words.runs(deadline))
