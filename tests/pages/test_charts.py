"""Bars beside numbers: as wide as the numbers are, never wider than the bar."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from service.pages.charts import WIDTH, Stretch, apart, longest, reaching, single, stacked

COUNTS = st.lists(st.integers(min_value=0, max_value=10**9), min_size=1, max_size=4)
KINDS = ("a", "b", "c", "d")


def test_values_stand_one_after_the_other() -> None:
    assert stacked((1, 0, 3), 4, KINDS) == (Stretch(0, 25, "a"), Stretch(25, 75, "c"))


def test_nothing_leaves_an_empty_bar() -> None:
    assert single(0, 0, "a") == ()
    assert stacked((0, 0), 10, KINDS) == ()
    assert apart(0, 0, 0) == ()


def test_two_values_grow_from_the_middle() -> None:
    assert apart(5, 10, 10) == (Stretch(25, 25, "left"), Stretch(50, 50, "right"))
    assert apart(0, 10, 10) == (Stretch(50, 50, "right"),)


def test_the_longer_time_begins_where_the_median_ends() -> None:
    assert reaching(2, 8, 8) == (Stretch(0, 25, "near"), Stretch(25, 75, "far"))
    assert reaching(8, 8, 8) == (Stretch(0, 100, "near"),)


def test_the_largest_fills_a_bar() -> None:
    assert longest([3, 9, 4]) == 9
    assert longest([]) == 0


@given(COUNTS, st.integers(min_value=0, max_value=10**9))
def test_no_bar_is_wider_than_its_frame(values: list[int], most: int) -> None:
    for piece in stacked(values, most, KINDS):
        assert 0 <= piece.x <= WIDTH
        assert piece.x + piece.width <= WIDTH + 0.11  # each end is rounded to a tenth
