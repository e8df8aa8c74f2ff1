"""Which other cases a step may read, told from the source of its functions.

One snapshot read fills the View before anything is judged, so what a guard will ask of its
case's relations must be known without running it. Names are read off the source: the texts
in `view.related("reviews")`, `view.linked("agreement")` and `agreement.ask("allows", …)`. A
name that is not written out there counts as every name.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import partial
from itertools import chain
from types import FunctionType
from typing import Any, Final

from engine.sources import Source, called
from engine.vocabulary import Text, Workflow

ANY: Final = "*"
"""Stands for every name, where one is asked for by something else than a text."""

OPENED: Final = ""
"""In place of a trigger: what is read when a case is opened."""

ASKED_BY: Final = {
    "related": "relations",
    "linked": "relations",
    "ask": "questions",
    "answer": "questions",
    "figure": "figures",
}
"""By which method of the View what is asked for."""

OF_THE_TRANSITION: Final = frozenset({"transitions", "guards", "tells"})

# Looked for first: most of what a declaration holds are words and names.
INDIVISIBLE: Final = (str, int, Text, type)
"""What holds no functions."""


@dataclass(frozen=True, slots=True)
class Reads:
    """What functions ask for: names of links and relations, of questions, of figures."""

    relations: frozenset[str] = frozenset()
    questions: frozenset[str] = frozenset()
    figures: frozenset[str] = frozenset()

    def __or__(self, other: Reads) -> Reads:
        return Reads(
            self.relations | other.relations,
            self.questions | other.questions,
            self.figures | other.figures,
        )


def reads(workflow: Workflow, source: Source) -> Mapping[str, Reads]:
    """Tell what a step of each trigger reads, and under OPENED what opening a case reads.

    Every step may begin any deadline, take a place and change the title, so what those
    functions read counts for each. Questions count where they are asked.
    """
    wide = [
        getattr(workflow, part.name)
        for part in fields(workflow)
        if part.name not in OF_THE_TRANSITION | {"questions", "offers"}
    ]
    common = _asked(wide, source)
    found = {OPENED: common | _asked((workflow.guards, workflow.tells), source)}
    for transition in workflow.transitions:
        already = found.get(transition.trigger, common)
        found[transition.trigger] = already | _asked(transition, source)
    return found


def answers(workflow: Workflow, source: Source) -> Mapping[str, Reads]:
    """Tell what answering each question reads, and under OPENED what counting places reads."""
    found = {name: _asked(answer, source) for name, answer in workflow.questions.items()}
    return {**found, OPENED: _asked(workflow.offers, source)}


def _asked(value: object, source: Source) -> Reads:
    """Collect what all functions in a declared value ask, and what those call in file and vocabulary."""
    roots = [passage for named in functions_in(value) for passage in source.passages_of(named)]
    # Words are walked too: a refusal may name the title of the agreement it is about.
    named = chain.from_iterable(source.closure(roots, words=True).values())
    asked: dict[str, set[str]] = {kind: set() for kind in set(ASKED_BY.values())}
    for call in (call for passage in (*roots, *named) for call in passage.calls):
        kind = ASKED_BY.get(called(call)) if isinstance(call.func, ast.Attribute) else None
        if kind is not None:
            asked[kind].add(_name_asked(call))
    return Reads(**{kind: frozenset(names) for kind, names in asked.items()})


def _name_asked(call: ast.Call) -> str:
    """Read the first argument of a call where it is a text, else ANY."""
    first = call.args[0] if call.args else None
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        return first.value
    return ANY


def functions_in(value: object) -> Iterator[Callable[..., Any]]:
    """Give every function a declared value holds, however deep, in no order to rely on."""
    waiting = [value]
    while waiting:
        held = waiting.pop()
        if isinstance(held, FunctionType):
            yield held
        waiting.extend(_inside(held))


def _inside(value: object) -> Iterable[object]:
    """Give what a declared value is made of; nothing for words, names and classes."""
    if isinstance(value, INDIVISIBLE):
        return ()
    if isinstance(value, tuple | list | set | frozenset):
        return value
    if isinstance(value, FunctionType):
        contents = (cell.cell_contents for cell in value.__closure__ or ())
        return [content for content in contents if content is not value]
    if isinstance(value, partial):
        return (value.func, value.args, tuple(value.keywords.values()))
    if isinstance(value, Mapping):
        return value.values()
    return [getattr(value, part.name) for part in fields(value)] if is_dataclass(value) else ()
