"""Reads the text of a workflow file: what its functions and classes say, without the words.

The text is parsed and never run here. Two uses: the definition's hash, which must change
with behaviour and with nothing else, and the question which related cases a guard reads.

The written form is our own, not `ast.dump` or `ast.unparse`: those differ between Python
3.11, 3.12 and 3.13, and a definition's hash must not.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from engine.scopes import meant

# Neither meaning nor behaviour: load or store follows from the place, the others are comments.
# Annotations of arguments and results are for the type checker; those of fields count.
LEFT_OUT: Final = {
    ast.AST: {"ctx", "kind", "type_comment", "type_ignores"},
    ast.arg: {"annotation"},
    ast.FunctionDef: {"returns"},
    ast.AsyncFunctionDef: {"returns"},
}
# In these calls the words people read are left out: positions in the call, and keywords.
WORDS: Final[dict[str, tuple[frozenset[int] | None, frozenset[str]]]] = {
    "Text": (None, frozenset({"sv", "en"})),
    "no": (frozenset({1, 2}), frozenset({"sv", "en"})),
    "final": (frozenset({1, 2}), frozenset({"sv", "en"})),
    "Field": (frozenset(), frozenset({"title", "description", "examples"})),
    "ConfigDict": (frozenset(), frozenset({"title"})),
}


@dataclass(frozen=True)
class Source:
    """The text of one workflow file and, by name, what stands at its top level."""

    text: str
    tree: ast.Module = field(init=False, repr=False, compare=False)
    top: dict[str, list[ast.stmt]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tree", ast.parse(self.text))
        object.__setattr__(self, "top", _top_level(self.tree))

    def nodes_of(self, named: Callable[..., Any] | type) -> list[ast.AST]:
        """Find where a function or class of the file is written; none if it is not of this file.

        A function made inside another counts with the one that made it; a lambda alone,
        with whatever other lambdas begin on its line.
        """
        name = str(getattr(named, "__qualname__", type(named).__qualname__))
        if name.endswith("<lambda>"):
            line = named.__code__.co_firstlineno if hasattr(named, "__code__") else 0
            lambdas = (node for node in ast.walk(self.tree) if isinstance(node, ast.Lambda))
            return [node for node in lambdas if node.lineno == line]
        return list(self.top.get(name.partition(".")[0], ()))

    def closure(self, nodes: Iterable[ast.AST], *, words: bool = False) -> dict[str, list[ast.stmt]]:
        """Collect all that these nodes name at the file's top level, and what that names in turn.

        What only words name (a function that builds a message) is left out unless asked for.
        """
        found: dict[str, list[ast.stmt]] = {}
        waiting = list(nodes)
        while waiting:
            for name in meant(waiting.pop(), ast.iter_child_nodes if words else children_of):
                if name in self.top and name not in found:
                    found[name] = self.top[name]
                    waiting.extend(self.top[name])
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
    left_out = LEFT_OUT[ast.AST] | LEFT_OUT.get(type(node), set())
    for name, value in ast.iter_fields(node):
        if name in left_out or value is None:
            continue
        if isinstance(node, ast.Call) and name in {"args", "keywords"}:
            yield name, _without_words(node, name)
        elif isinstance(node, ast.JoinedStr):
            yield name, _joined(node.values)
        elif isinstance(value, list):
            yield name, [item for item in value if not _is_bare_string(item)]
        else:
            yield name, value


def children_of(node: ast.AST) -> Iterator[ast.AST]:
    """Give the nodes directly below one that bear on behaviour."""
    for _, value in parts_of(node):
        items = value if isinstance(value, list) else [value]
        yield from (item for item in items if isinstance(item, ast.AST))


def called(call: ast.Call) -> str:
    """Name what is called: the function, or the method after the last dot."""
    function = call.func
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


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
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                yield node.id, statement
