"""Which names of the file's top level a piece of code means, and which are its own.

A field or a variable may bear the name of a function of the file without meaning it. So
names are looked up as Python does: what a function or comprehension binds is its own.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeAlias

Children: TypeAlias = Callable[[ast.AST], Iterable[ast.AST]]
"""Gives what stands directly below a node, as far as it counts."""

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Comprehension: TypeAlias = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp

# Tuples and not unions: every node of a file is held against them, and tuples are much the faster.
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
SCOPES = (*FUNCTIONS, ast.ClassDef)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
IMPORTS = (ast.Import, ast.ImportFrom)
CAPTURES = (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)

# Read off once: `ast.iter_fields` finds them anew for each node.
KINDS: Final = tuple(kind for kind in vars(ast).values() if isinstance(kind, type) and issubclass(kind, ast.AST))
"""Every kind of node there is."""

PARTS: Final = {
    kind: tuple(name for name in kind._fields if name not in {"ctx", "id", "arg", "attr"}) for kind in KINDS
} | {ast.Constant: ()}
"""Of each kind of node, the fields that may hold nodes, without the mark for load or store."""


def meant(node: ast.AST, children: Children, own: frozenset[str] = frozenset()) -> list[str]:
    """Give the names a node uses that nothing within it binds. `own` are bound around it."""
    found: list[str] = []
    _find(node, children, own, found)
    return found


def below(node: ast.AST) -> list[ast.AST]:
    """Give the nodes directly below one, as `ast.iter_child_nodes`, but for load and store."""
    found: list[ast.AST] = []
    for name in PARTS[type(node)]:
        value = getattr(node, name, None)
        if isinstance(value, list):
            found += [item for item in value if isinstance(item, ast.AST)]
        elif isinstance(value, ast.AST):
            found.append(value)
    return found


def everything_in(node: ast.AST) -> Iterator[ast.AST]:
    """Give a node and all nodes below it, in the order of `ast.walk`."""
    level = [node]
    while level:
        yield from level
        level = [child for each in level for child in below(each)]


def _find(node: ast.AST, children: Children, own: frozenset[str], found: list[str]) -> None:
    """Add the names a node means to `found`. One list for all: a chain of generators is dear."""
    if isinstance(node, ast.Name):
        if isinstance(node.ctx, ast.Load) and node.id not in own:
            found.append(node.id)
        return
    if isinstance(node, ast.Constant):
        return
    if isinstance(node, FUNCTIONS):
        inner, outside = own | _bound_by_function(node), _evaluated_outside(node)
        for child in children(node):
            _find(child, children, own if child in outside else inner, found)
        return
    if isinstance(node, COMPREHENSIONS):
        # The first iterable is evaluated outside, and its names are looked up there.
        _find(node.generators[0].iter, children, own, found)
        own |= _bound_by_comprehension(node)
    for child in children(node):
        _find(child, children, own, found)


def _evaluated_outside(function: Function) -> tuple[ast.AST, ...]:
    """Give what is evaluated when a function is made and not when it is called."""
    if isinstance(function, ast.Lambda):
        return (function.args,)
    return (function.args, *function.decorator_list)


def _bound_by_function(function: Function) -> frozenset[str]:
    """Name the arguments and variables of a function."""
    bound = {node.arg for node in everything_in(function.args) if isinstance(node, ast.arg)}
    for statement in function.body if isinstance(function.body, list) else [function.body]:
        _bind(statement, bound)
    return frozenset(bound)


def _bound_by_comprehension(comprehension: Comprehension) -> frozenset[str]:
    """Name what a comprehension runs over."""
    bound: set[str] = set()
    for generator in comprehension.generators:
        _bind(generator.target, bound)
    return frozenset(bound)


def _bind(node: ast.AST, bound: set[str]) -> None:
    """Add the names bound by a statement to `bound`, not those bound in scopes inside it."""
    if isinstance(node, ast.Name):
        if not isinstance(node.ctx, ast.Load):
            bound.add(node.id)
        return
    if isinstance(node, IMPORTS):
        bound.update(alias.asname or alias.name.split(".", maxsplit=1)[0] for alias in node.names)
    elif isinstance(node, CAPTURES) and node.name:
        bound.add(node.name)
    elif isinstance(node, ast.MatchMapping) and node.rest:
        bound.add(node.rest)
    if isinstance(node, SCOPES):
        if not isinstance(node, ast.Lambda):
            bound.add(node.name)
    elif not isinstance(node, COMPREHENSIONS):
        for child in below(node):
            _bind(child, bound)
