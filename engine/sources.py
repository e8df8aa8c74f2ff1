"""Reads the text of a workflow file: what its functions and classes say, without the words.

A function of the vocabulary that the file uses is read with it, from the vocabulary's own
text: cases are treated by what it says just as by what the file says. The vocabulary's
classes are the language itself and are not read; what they hold stands in the declaration.

The text is parsed and never run here. Two uses: the definition's hash, which must change
with behaviour and with nothing else, and the question which related cases a guard reads.

The written form is our own, not `ast.dump` or `ast.unparse`: those differ between Python
3.11, 3.12 and 3.13, and a definition's hash must not.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import import_module
from inspect import getsource
from types import FunctionType
from typing import Any, Final

from engine.scopes import KINDS, below, everything_in, meant

# Neither meaning nor behaviour: load or store follows from the place, the others are comments.
# Annotations of arguments and results are for the type checker; those of fields count.
LEFT_OUT: Final = {
    ast.AST: {"ctx", "kind", "type_comment", "type_ignores"},
    ast.arg: {"annotation"},
    ast.FunctionDef: {"returns"},
    ast.AsyncFunctionDef: {"returns"},
}
KEPT: Final = {
    kind: tuple(name for name in kind._fields if name not in LEFT_OUT[ast.AST] | LEFT_OUT.get(kind, set()))
    for kind in KINDS
}
"""Of each kind of node, the fields that bear on behaviour."""

# In these calls the words people read are left out: positions in the call, and keywords.
WORDS: Final[dict[str, tuple[frozenset[int] | None, frozenset[str]]]] = {
    "Text": (None, frozenset({"sv", "en"})),
    "no": (frozenset({1, 2}), frozenset({"sv", "en"})),
    "yes_if": (frozenset({2, 3}), frozenset({"sv", "en"})),
    "final": (frozenset({1, 2}), frozenset({"sv", "en"})),
    "Field": (frozenset(), frozenset({"title", "description", "examples"})),
    "known": (frozenset({0}), frozenset({"title"})),
    "called": (frozenset({0}), frozenset({"name"})),
    "ConfigDict": (frozenset(), frozenset({"title"})),
}


VOCABULARY: Final = "engine.vocabulary"
"""The package whose functions count as if they stood in the file. They are keyed by this and a dot."""


@dataclass(frozen=True, eq=False)
class Passage:
    """A piece of text that gives a name its meaning, or a lambda (no name), with where it stands.

    What is read off it is worked out when first asked for, and kept: many functions lead to it.
    """

    source: Source
    node: ast.AST
    name: str | None

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names it uses that it does not bind itself, those in words left out."""
        return tuple(dict.fromkeys(meant(self.node, children_of)))

    @cached_property
    def names_with_words(self) -> tuple[str, ...]:
        """The same, with those that only words use."""
        return tuple(dict.fromkeys(meant(self.node, below)))

    @cached_property
    def written(self) -> Any:
        """The node as nested lists, without words."""
        return written(self.node)

    @cached_property
    def calls(self) -> tuple[ast.Call, ...]:
        """Every call in it, those within words too."""
        return tuple(node for node in everything_in(self.node) if isinstance(node, ast.Call))


@dataclass(frozen=True, eq=False)
class Source:
    """The text of one file and, by name, the passages at its top level.

    `module` is the dotted name of a module of the vocabulary, None for a workflow file.
    """

    text: str
    module: str | None = None
    tree: ast.Module = field(init=False, repr=False)
    top: dict[str, list[ast.stmt]] = field(init=False, repr=False)
    _meanings: dict[str, tuple[Passage, ...]] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tree", ast.parse(self.text))
        object.__setattr__(self, "top", _top_level(self.tree))

    def passages_of(self, named: Callable[..., Any] | type) -> tuple[Passage, ...]:
        """Find where a function or class of the file is written, or a function of the vocabulary.

        None of anything else. A function made inside another counts with the one that made
        it; a lambda alone, with whatever other lambdas begin on its line.
        """
        name = str(getattr(named, "__qualname__", type(named).__qualname__))
        source = _vocabulary(named.__module__) if _is_of_vocabulary(named) else self
        if name.endswith("<lambda>"):
            line = named.__code__.co_firstlineno if hasattr(named, "__code__") else 0
            return source.lambdas.get(line, ())
        return source.meaning(name.partition(".")[0])

    @cached_property
    def lambdas(self) -> Mapping[int, tuple[Passage, ...]]:
        """Every lambda, by the line on which it begins."""
        found: dict[int, tuple[Passage, ...]] = {}
        for node in everything_in(self.tree):
            if isinstance(node, ast.Lambda):
                found[node.lineno] = (*found.get(node.lineno, ()), Passage(self, node, None))
        return found

    def meaning(self, name: str) -> tuple[Passage, ...]:
        """Give what a name means at this file's top level, and in the vocabulary it comes from."""
        known = self._meanings.get(name)
        if known is None:
            known = self._meanings[name] = tuple(self._look_up(name))
        return known

    def _look_up(self, name: str) -> Iterator[Passage]:
        for statement in self.top.get(name, ()):
            imported = _imported_function(statement)
            if imported is not None:
                yield from _vocabulary(imported.__module__).meaning(imported.__name__)
            if self.module is None:
                yield Passage(self, statement, name)
            elif not isinstance(statement, ast.ClassDef | ast.Import | ast.ImportFrom):
                yield Passage(self, statement, f"{VOCABULARY}.{name}")

    def closure(self, passages: Iterable[Passage], *, words: bool = False) -> dict[str, list[Passage]]:
        """Collect all that these passages name at their file's top level, and what that names in turn.

        What only words name (a function that builds a message) is left out unless asked for.
        """
        found: dict[str, list[Passage]] = {}
        waiting = list(passages)
        looked_up: set[tuple[str | None, str]] = set()
        while waiting:
            passage = waiting.pop()
            for name in passage.names_with_words if words else passage.names:
                if (passage.source.module, name) in looked_up:
                    continue
                looked_up.add((passage.source.module, name))
                for meaning in passage.source.meaning(name):
                    known = found.setdefault(str(meaning.name), [])
                    if meaning not in known:
                        known.append(meaning)
                        waiting.append(meaning)
        return found


def written(node: object) -> Any:
    """Write a node as nested lists fit for JSON, the same in every Python, without words."""
    if isinstance(node, ast.AST):
        parts = {name: written(value) for name, value in parts_of(node)}
        return [type(node).__name__, {name: part for name, part in parts.items() if part != []}]
    if isinstance(node, list):
        return [written(item) for item in node]
    return f"{type(node).__name__}:{node!r}"


def parts_of(node: ast.AST) -> Iterator[tuple[str, Any]]:
    """Give the parts of a node that bear on behaviour: no docstrings, no words, no positions."""
    for name in KEPT[type(node)]:
        value = getattr(node, name, None)
        if isinstance(value, list):
            yield name, _that_count(node, name, value)
        elif value is not None:
            yield name, value


def children_of(node: ast.AST) -> Iterator[ast.AST]:
    """Give the nodes directly below one that bear on behaviour."""
    for _, value in parts_of(node):
        if isinstance(value, ast.AST):
            yield value
        elif isinstance(value, list):
            for item in value:
                if isinstance(item, ast.AST):
                    yield item


def called(call: ast.Call) -> str:
    """Name what is called: the function, or the method after the last dot."""
    function = call.func
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


@cache
def _vocabulary(module: str) -> Source:
    """Read a module of the vocabulary. It does not change while the program runs."""
    return Source(getsource(import_module(module)), module)


def _is_of_vocabulary(named: object) -> bool:
    """Tell a function of the vocabulary, or one made by it."""
    return isinstance(named, FunctionType) and named.__module__.startswith(f"{VOCABULARY}.")


def _imported_function(statement: ast.stmt) -> FunctionType | None:
    """Find the function of the vocabulary that a statement (cut down to one name) imports."""
    if not isinstance(statement, ast.ImportFrom) or not f"{statement.module}.".startswith(f"{VOCABULARY}."):
        return None
    named = getattr(import_module(str(statement.module)), statement.names[0].name, None)
    return named if isinstance(named, FunctionType) and _is_of_vocabulary(named) else None


def _that_count(node: ast.AST, part: str, items: list[Any]) -> list[Any]:
    """Give those of the nodes in one part that bear on behaviour."""
    if isinstance(node, ast.Call):
        return _without_words(node, part)
    if isinstance(node, ast.JoinedStr):
        return _joined(items)
    return [item for item in items if not _is_bare_string(item)]


def _without_words(call: ast.Call, part: str) -> list[Any]:
    """Give the positional or the keyword arguments of a call that are not words."""
    positions, keywords = WORDS.get(called(call), (frozenset[int](), frozenset[str]()))
    if part == "keywords":
        return [keyword for keyword in call.keywords if keyword.arg not in keywords]
    if positions is None:
        return []
    return [argument for place, argument in enumerate(call.args) if place not in positions]


def _joined(values: list[ast.expr]) -> list[Any]:
    """Join neighbouring texts of an f-string, which Pythons split differently around braces."""
    joined: list[Any] = []
    for value in values:
        text = value.value if isinstance(value, ast.Constant) else None
        if isinstance(text, str) and joined and isinstance(joined[-1], str):
            joined[-1] += text
        else:
            joined.append(text if isinstance(text, str) else value)
    return joined


def _is_bare_string(item: object) -> bool:
    """Tell a docstring, or a string standing alone as a comment on a field."""
    if not isinstance(item, ast.Expr) or not isinstance(item.value, ast.Constant):
        return False
    return isinstance(item.value.value, str)


def _top_level(tree: ast.Module) -> dict[str, list[ast.stmt]]:
    """Map each name of the file's top level to the statements that give it its meaning."""
    top: dict[str, list[ast.stmt]] = {}
    for statement in tree.body:
        for name, meaning in _gives(statement):
            top.setdefault(name, []).append(meaning)
    return top


def _gives(statement: ast.stmt) -> Iterator[tuple[str, ast.stmt]]:
    """Give the names a statement binds, each with the statement (an import cut down to it)."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield statement.name, statement
    elif isinstance(statement, ast.Import):
        for alias in statement.names:
            yield alias.asname or alias.name.split(".")[0], ast.Import(names=[alias])
    elif isinstance(statement, ast.ImportFrom):
        for alias in statement.names:
            one = ast.ImportFrom(module=statement.module, names=[alias], level=statement.level)
            yield alias.asname or alias.name, one
    elif not isinstance(statement, ast.Expr):
        for node in everything_in(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                yield node.id, statement
