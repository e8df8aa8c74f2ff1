"""The check of order and places sees what is wrong, and nothing where all is well."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.crash.asking import Call
from tests.crash.linear import misgiven, out_of_order


def wrote(version: int, began: int, ended: int, **more: Any) -> Call:
    """A step that was told to have been written as that version."""
    return Call("case", "wrote", began, ended, version, version - 1, **more)


WELL = [
    wrote(1, 0, 10),
    wrote(3, 11, 40),
    wrote(2, 12, 30),
    Call("case", "read", 5, 20, 1),
    Call("case", "read", 35, 50, 3),
    Call("case", "stale", 13, 33, expected=1),
]
"""Two that overlap may come in either order."""


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (wrote(3, 0, 5), "several were told"),
        (replace(wrote(4, 60, 70), expected=1), "another version"),
        (wrote(4, 0, 10), "ended before"),
        (Call("case", "read", 60, 70, 2), "before one began"),
        (Call("case", "read", 0, 9, 3), "ended before one began"),
        (Call("case", "stale", 60, 70, expected=4), "nobody was"),
        (Call("case", "stale", 0, 9, expected=1), "nobody was"),
    ],
)
def test_what_cannot_have_happened_one_after_the_other_is_seen(wrong: Call, words: str) -> None:
    calls = [*WELL, Call("case", "read", 55, 60, 3)]
    assert [*out_of_order(calls, {"case": 4})] == []

    found = [*out_of_order([*calls, wrong], {"case": 4})]

    assert any(words in each for each in found)


def given(began: int, ended: int) -> Call:
    return Call("a", "wrote", began, ended, trigger="offer")


def freed(began: int, ended: int) -> Call:
    return Call("a", "wrote", began, ended, trigger="withdraw")


def test_more_places_than_there_are_is_seen() -> None:
    assert [*misgiven([given(0, 10), freed(20, 30), given(15, 25)], 1)] == []
    assert [*misgiven([given(0, 10), freed(30, 40), given(15, 25)], 1)] == ["2 hold a place at once where there are 1"]


@pytest.mark.parametrize(("began", "ended", "wrong"), [(5, 12, 0), (29, 35, 0), (31, 39, 1), (35, 45, 0)])
def test_a_place_refused_while_one_was_free_is_seen(began: int, ended: int, wrong: int) -> None:
    calls = [given(0, 10), freed(20, 30), given(40, 50), Call("b", "full", began, ended, trigger="offer")]
    assert len([*misgiven(calls, 1)]) == wrong
