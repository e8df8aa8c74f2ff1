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
    roots = [passage for named in _functions(value) for passage in source.passages_of(named)]
    # Words are walked too: a refusal may name the title of the agreement it is about.
    named = [node for nodes in source.closure(roots, words=True).values() for node in nodes]
    asked: dict[str, set[str]] = {kind: set() for kind in set(ASKED_BY.values())}
    pieces = (*(root.node for root in roots), *named)
    for node in (inner for piece in pieces for inner in ast.walk(piece)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            kind = ASKED_BY.get(called(node))
            if kind is not None:
                asked[kind].add(_name_asked(node))
    return Reads(**{kind: frozenset(names) for kind, names in asked.items()})


def _name_asked(call: ast.Call) -> str:
    """Read the first argument of a call where it is a text, else ANY."""
    first = call.args[0] if call.args else None
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        return first.value
    return ANY


def _functions(value: object) -> Iterator[Callable[..., Any]]:
    """Give every function a declared value holds, however deep."""
    if isinstance(value, FunctionType):
        yield value
        for cell in value.__closure__ or ():
            if cell.cell_contents is not value:
                yield from _functions(cell.cell_contents)
    elif isinstance(value, partial):
        yield from _functions((value.func, value.args, tuple(value.keywords.values())))
    else:
        for inner in _inside(value):
            yield from _functions(inner)


def _inside(value: object) -> Iterable[object]:
    """Give what a declared value is made of; nothing for words, names and classes."""
    if isinstance(value, Mapping):
        return value.values()
    if isinstance(value, tuple | list | set | frozenset):
        return value
    if is_dataclass(value) and not isinstance(value, Text | type):
        return [getattr(value, part.name) for part in fields(value)]
    return ()
