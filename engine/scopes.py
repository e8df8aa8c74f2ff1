"""Which names of the file's top level a piece of code means, and which are its own.

A field or a variable may bear the name of a function of the file without meaning it. So
names are looked up as Python does: what a function or comprehension binds is its own.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

Children: TypeAlias = Callable[[ast.AST], Iterable[ast.AST]]
"""Gives what stands directly below a node, as far as it counts."""

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Comprehension: TypeAlias = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp

SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def meant(node: ast.AST, children: Children, own: frozenset[str] = frozenset()) -> Iterator[str]:
    """Give the names a node uses that nothing within it binds. `own` are bound around it."""
    if isinstance(node, ast.Name):
        if isinstance(node.ctx, ast.Load) and node.id not in own:
            yield node.id
        return
    outside: set[int] = set()
    inner = own
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        inner = own | _bound_by_function(node)
        outside = {id(each) for each in _evaluated_outside(node)}
    elif isinstance(node, COMPREHENSIONS):
        inner = own | _bound_by_comprehension(node)
        # The first iterable is evaluated outside, and its names are looked up there.
        yield from meant(node.generators[0].iter, children, own)
    for child in children(node):
        yield from meant(child, children, own if id(child) in outside else inner)


def _evaluated_outside(function: Function) -> Iterator[ast.AST]:
    """Give what is evaluated when a function is made and not when it is called."""
    yield function.args
    if not isinstance(function, ast.Lambda):
        yield from function.decorator_list


def _bound_by_function(function: Function) -> frozenset[str]:
    """Name the arguments and variables of a function."""
    arguments = {node.arg for node in ast.walk(function.args) if isinstance(node, ast.arg)}
    body = function.body if isinstance(function.body, list) else [function.body]
    return frozenset(arguments.union(*(_bound(statement) for statement in body)))


def _bound_by_comprehension(comprehension: Comprehension) -> frozenset[str]:
    """Name what a comprehension runs over."""
    targets = (generator.target for generator in comprehension.generators)
    return frozenset(name for target in targets for name in _bound(target))


def _bound(node: ast.AST) -> Iterator[str]:
    """Give the names bound by a statement, not those bound in scopes inside it."""
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        yield node.id
    elif isinstance(node, ast.Import | ast.ImportFrom):
        yield from (alias.asname or alias.name.split(".", maxsplit=1)[0] for alias in node.names)
    elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
        yield node.name
    elif isinstance(node, ast.MatchMapping) and node.rest:
        yield node.rest
    if isinstance(node, SCOPES):
        if not isinstance(node, ast.Lambda):
            yield node.name
        return
    if not isinstance(node, COMPREHENSIONS):
        for child in ast.iter_child_nodes(node):
            yield from _bound(child)
