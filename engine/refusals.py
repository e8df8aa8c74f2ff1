"""What a condition says when it says no, read off its source without running it.

A guard makes its reason while it is judged, so the words are found where they are written: in the
calls of `no` and `yes_if` in the guard, in what it calls, and in the questions it puts to the cases
its case is linked to. Where a value is put into the words there stands "…".
"""

from __future__ import annotations

import ast
import inspect
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from functools import lru_cache
from typing import Any, Final

from engine.catalogue import Catalogue
from engine.definition import Definition
from engine.loading import SOURCE
from engine.reading import functions_in
from engine.sources import Passage, Source, called
from engine.vocabulary import Text

SAID_FROM: Final = {"no": 0, "yes_if": 1}
"""At which argument the code stands; the Swedish and the English words follow it."""

GAP: Final = "…"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One way a condition may say no: its code, and its words with gaps for what the case puts in."""

    code: str
    message: Text


def refusals(guard: Callable[..., Any], definition: Definition, catalogue: Catalogue) -> tuple[Refusal, ...]:
    """Give every refusal a guard may answer, its own first; none where the source has none in words."""
    found = {each.code: each for each in reversed(tuple(_of(guard, definition, catalogue)))}
    return tuple(reversed(found.values()))


def explained(function: Callable[..., Any]) -> str:
    """Give what a function's docstring says first, else its name in words; English, as the source is."""
    lines = (inspect.getdoc(function) or "").split("\n\n", maxsplit=1)[0].split("\n")
    return " ".join(lines).strip() or str(getattr(function, "__name__", "condition")).replace("_", " ")


def behaviour(value: object) -> str:
    """Write what a declared value and the functions in it do, words left out: equal texts, equal behaviour."""
    code = {str(passage.name): passage.written for function in functions_in(value) for passage in _passages(function)}
    return json.dumps([_shape(value), code], sort_keys=True)


def _shape(value: object) -> Any:
    """Write a declared value as JSON; words become null, functions and classes their names."""
    if value is None or isinstance(value, Text):
        return None
    if isinstance(value, str | int | Enum):
        return value.value if isinstance(value, Enum) else value
    if isinstance(value, Mapping):
        return {str(key): _shape(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_shape(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {part.name: _shape(getattr(value, part.name)) for part in fields(value)}
    return str(getattr(value, "__qualname__", value))


def _of(guard: Callable[..., Any], definition: Definition, catalogue: Catalogue) -> Iterator[Refusal]:
    passages = _passages(guard)
    for call in (call for passage in passages for call in passage.calls):
        yield from _said(call)
    for question in _questions(passages):
        for asked in _linked(definition, catalogue):
            if question in asked.workflow.questions:
                yield from _of(asked.workflow.questions[question], asked, catalogue)


def _passages(function: Callable[..., Any]) -> tuple[Passage, ...]:
    """Give the source of a function, and of all that it names."""
    source = _source(_text(function))
    own = source.passages_of(function)
    named = source.closure(own, words=True).values()
    return (*own, *(passage for passages in named for passage in passages))


def _text(function: Callable[..., Any]) -> str:
    """Give the text a function's file was made from, even if the file has changed since."""
    module = sys.modules.get(str(getattr(function, "__module__", "")))
    if module is None:
        return ""
    kept = getattr(module, SOURCE, None)
    try:
        return kept if isinstance(kept, str) else inspect.getsource(module)
    except OSError:
        return ""


@lru_cache(maxsize=64)
def _source(text: str) -> Source:
    return Source(text)


def _said(call: ast.Call) -> Iterator[Refusal]:
    first = SAID_FROM.get(called(call))
    words = [_words(each) for each in call.args[first : first + 3]] if first is not None else []
    if len(words) == len(("code", "sv", "en")) and None not in words:
        code, sv, en = (word or "" for word in words)
        yield Refusal(code, Text(sv, en))


def _words(node: ast.expr) -> str | None:
    """Read a text as it is written, with a gap for each value put into it."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(_words(part) or GAP for part in node.values)
    return None


def _questions(passages: tuple[Passage, ...]) -> tuple[str, ...]:
    """Name the questions that are put to other cases."""
    asked = (
        call.args[0].value
        for passage in passages
        for call in passage.calls
        if called(call) == "ask" and call.args and isinstance(call.args[0], ast.Constant)
    )
    return tuple(dict.fromkeys(name for name in asked if isinstance(name, str)))


def _linked(definition: Definition, catalogue: Catalogue) -> tuple[Definition, ...]:
    names = dict.fromkeys(link.workflow for link in definition.workflow.links)
    return tuple(catalogue.current(name) for name in names if name in catalogue.names)
