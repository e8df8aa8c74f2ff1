"""Scopes: a name counts as the file's only where nothing nearer binds it."""

from __future__ import annotations

import ast
import textwrap

import pytest

from engine.scopes import meant


def names_in(code: str) -> set[str]:
    """The names some code means from outside itself."""
    tree = ast.parse(textwrap.dedent(code))
    return {name for node in tree.body for name in meant(node, ast.iter_child_nodes)}


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("def f(x): return x + y", {"y"}),
        ("def f():\n    x = y\n    return x", {"y"}),
        ("def f():\n    for x in xs:\n        print(x)", {"xs", "print"}),
        ("def f(x=y): return x", {"y"}),
        ("@wrapped\ndef f(): return 1", {"wrapped"}),
        ("def f(*args, **kwargs): return args, kwargs", set()),
        ("def f():\n    import x\n    return x.y", set()),
        ("def f():\n    try:\n        go()\n    except Bad as x:\n        return x", {"go", "Bad"}),
        ("def f():\n    def g(): return x\n    x = 1\n    return g", set()),
        ("def f():\n    if (x := y): return x", {"y"}),
        ("def f(a):\n    match a:\n        case [x, *rest]: return x, rest", set()),
        ("def f(a):\n    match a:\n        case {'k': x, **rest}: return x, rest", set()),
        ("def f(): return [x for x in xs if x > y]", {"xs", "y"}),
        ("def f(): return {x: y for x, y in xs}", {"xs"}),
        ("def f(): return [x for x in x]", {"x"}),
        ("def f():\n    [x for x in xs]\n    return x", {"xs", "x"}),
        ("lambda x: x + y", {"y"}),
        ("class C(Base):\n    x: Kind = start\n    def f(self): return x", {"Base", "Kind", "start", "x"}),
        ("class C:\n    left: int", {"int"}),
    ],
)
def test_what_is_bound_nearby_is_not_meant_from_the_file(code: str, names: set[str]) -> None:
    assert names_in(code) == names
