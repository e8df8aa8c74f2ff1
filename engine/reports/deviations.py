"""Deviations, and who allowed them.

What counts follows from the declarations and from the kind of the event, never from a list of names:
a step whose form asks for a deviation; an officer's step with a reason that lets later conditions
through or cuts the way to an end short; an exemption under a mandate; a correction; a decision
changed; something done for somebody else. What follows from another case's step is that step's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final, get_args

from pydantic import BaseModel

from engine.catalogue import Catalogue
from engine.definition import Definition
from engine.model import Kind
from engine.paging import Page
from engine.reports import steps
from engine.reports.shape import DETAIL_ERASED, Code, Column, Line, Question, Report, Value
from engine.reports.steps import BY, HEAD
from engine.store.report_rows import Told
from engine.vocabulary import RECONSIDER, Role, Text, Transition
from engine.wording import Wording

DEVIATION: Final = "deviation"
"""The field by which a form says in what a step deviates."""

EXEMPTION: Final = {"reason", "mandate"}
"""What a part of a form says of an exemption (undantag): its reason, and the mandate it was made under."""


class Set(StrEnum):
    """What kind of deviation it is."""

    DEVIATION = "deviation"
    SET_ASIDE = "set_aside"
    EXEMPTED = "exempted"
    CORRECTED = "corrected"
    RECONSIDERED = "reconsidered"
    ON_BEHALF = "on_behalf"


WORDS: Final = {
    Set.DEVIATION: Text("avvikelse", "deviation"),
    Set.SET_ASIDE: Text("undantag från en regel", "rule set aside"),
    Set.EXEMPTED: Text("undantag med mandat", "exemption under a mandate"),
    Set.CORRECTED: Text("rättelse", "correction"),
    Set.RECONSIDERED: Text("omprövning", "decision reconsidered"),
    Set.ON_BEHALF: Text("för någon annans räkning", "on somebody’s behalf"),
}


def asks_for_deviation(step: Transition) -> bool:
    """Tell whether the form asks in what the step deviates."""
    return DEVIATION in step.form.model_fields


def sets_aside(definition: Definition, step: Transition) -> bool:
    """Tell whether an officer lets a rule rest, by a reason: nothing moves, or the case ends earlier than others do."""
    if not step.reason_required or step.trigger == RECONSIDER or {who.role for who in step.who} != {Role.OFFICER}:
        return False
    if step.recorded:
        return True
    others = [each for each in definition.workflow.transitions if each.to == step.to and each.trigger != step.trigger]
    # An end that only this step reaches is an end of its own, and no short cut to another.
    return definition.states[step.to].final and bool(others)


def may_exempt(step: Transition) -> bool:
    """Tell whether a part of the form can hold an exemption under a mandate."""
    return any(set(part.model_fields) >= EXEMPTION for part in _parts(step.form))


def _parts(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for field in model.model_fields.values():
        for kind in _models(field.annotation):
            yield kind
            yield from _parts(kind)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for each in get_args(annotation):
        yield from _models(each)


def lines(question: Question, cursor: str | None, limit: int) -> Page[Line]:
    """A page of the report."""
    wanted = question.wanted(
        kinds=(Kind.CORRECTED, Kind.REOPENED), steps=_steps(question.cases.catalogue), for_others=True
    )

    def judge(rows: Sequence[Told]) -> list[Line | None]:
        return [_line(question, row) for row in rows]

    return steps.walk(question, wanted, judge, cursor, limit)


def _steps(catalogue: Catalogue) -> tuple[tuple[str, str], ...]:
    aside = {
        (name, step.trigger)
        for name in catalogue.names
        for definition in catalogue.versions(name)
        for step in definition.workflow.transitions
        if sets_aside(definition, step)
    }
    return (*sorted(aside), *steps.named(catalogue, lambda step: asks_for_deviation(step) or may_exempt(step)))


def _line(question: Question, row: Told) -> Line | None:
    kinds = tuple(_kinds(question.cases.catalogue, row)) if row.cause is None else ()
    if not kinds or question.filter.kind not in {None, *kinds}:
        return None
    values = steps.head(question, row) | steps.by(row)
    values |= {
        "kind": tuple(WORDS[kind] for kind in kinds),
        "for": Role(row.on_behalf_of) if row.on_behalf_of else None,
        "what": _what(question, row, kinds),
        "reason": steps.detail_value(row, "reason"),
        "evidence": steps.detail_value(row, "evidence"),
    }
    return Line(values, (steps.ref(row),))


def _kinds(catalogue: Catalogue, row: Told) -> Iterator[Set]:
    definition, step = steps.definition_of(catalogue, row), steps.step_of(catalogue, row)
    if step is not None and definition is not None:
        if asks_for_deviation(step):
            yield Set.DEVIATION
        elif sets_aside(definition, step):
            yield Set.SET_ASIDE
        # Of an erased assessment nobody can say any more whether it held an exemption.
        if may_exempt(step) and (row.erased or any(_exemptions(steps.fields_of(row)))):
            yield Set.EXEMPTED
    if row.kind == Kind.CORRECTED:
        yield Set.CORRECTED
    if row.kind == Kind.REOPENED:
        yield Set.RECONSIDERED
    if row.on_behalf_of is not None:
        yield Set.ON_BEHALF


def _exemptions(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, dict):
        if all(value.get(name) for name in EXEMPTION):
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _exemptions(each)


def _what(question: Question, row: Told, kinds: tuple[Set, ...]) -> Value:
    """In what it deviates: the code, the exemptions with their mandates, or the facts that were put right."""
    if row.erased:
        return DETAIL_ERASED
    fields = steps.fields_of(row)
    if Set.DEVIATION in kinds:
        return _code(question, row)
    if Set.EXEMPTED in kinds:
        said = "; ".join(_said(each) for each in _exemptions(fields))
        return Text(said, said)
    if Set.CORRECTED in kinds:
        return _facts(question, row, fields)
    return None


def _code(question: Question, row: Told) -> Value:
    """The deviation's code: as sent, else as the form has it where nothing else is said."""
    step = steps.step_of(question.cases.catalogue, row)
    if step is None:
        return None
    declared = step.form.model_fields[DEVIATION]
    given = steps.fields_of(row).get(DEVIATION, declared.default)
    kind = next((each for each in (declared.annotation, *get_args(declared.annotation)) if isinstance(each, type)), str)
    return Code(kind.__name__, str(given)) if isinstance(given, str) else None


def _said(exemption: Mapping[str, Any]) -> str:
    words = [str(exemption[name]) for name in ("name", "reason") if exemption.get(name)]
    return f"{': '.join(words)} ({exemption['mandate']})"


def _facts(question: Question, row: Told, fields: Mapping[str, Any]) -> Value:
    definition = steps.definition_of(question.cases.catalogue, row)
    if definition is None:
        return ", ".join(sorted(fields))
    words = Wording(definition, question.cases.catalogue)
    return tuple(words.fact(name) or Text(name, name) for name in sorted(fields))


REPORT: Final = Report(
    name="deviations",
    label=Text("Avvikelser och vem som medgav dem", "Deviations and who allowed them"),
    about=Text(
        "Steg vars formulär frågar i vad man avviker; steg som bara International Office tar, med skäl, och som låter"
        " en regel vila eller avslutar ärendet i förtid; undantag med mandat; rättelser; omprövningar; det som"
        " gjorts för någon annans räkning. Det som bara följer av ett annat ärendes steg räknas där.",
        "Steps whose form asks in what one deviates; steps the International Office alone takes, with a reason, that"
        " let a rule rest or end the case early; exemptions under a mandate; corrections; reconsidered decisions;"
        " what was done on somebody’s behalf. What only follows from another case’s step counts there.",
    ),
    columns=(
        *HEAD,
        Column("kind", Text("Slag", "Kind")),
        *BY,
        Column("for", Text("För", "For"), under="by"),
        Column("what", Text("Vad", "What")),
        Column("reason", Text("Skäl", "Reason")),
        Column("evidence", Text("Underlag", "Evidence"), under="reason"),
    ),
    lines=lines,
    kinds={kind.value: words for kind, words in WORDS.items()},
)
