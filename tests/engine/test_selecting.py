"""Selections: what a number counted, in an address and back."""

from __future__ import annotations

from datetime import date

import pytest

from engine.errors import BadFields
from engine.selecting import Selection

WHOLE = Selection(
    workflow=("stay", "contract"), state=("asked",), unit=("a", "b"), assignee="ann", unassigned=False, open=True,
    overdue=False, definition="0" * 64, entered_from=date(2026, 12, 1), entered_to=date(2026, 12, 21),
    through="contract", linked_unit="b", held_under="id", academic_year=2026, direction="outgoing", level="master",
    row="ut / out", blocked_by="locked",
)  # fmt: skip


def test_every_part_of_a_selection_survives_an_address() -> None:
    assert Selection.read(WHOLE.pairs()) == WHOLE


def test_an_empty_selection_is_written_as_nothing() -> None:
    assert Selection().pairs() == ()
    assert Selection.read(()) == Selection()


def test_values_are_written_as_people_could_type_them() -> None:
    shown = Selection(unit=("a", "b"), open=True, entered_to=date(2026, 12, 21), academic_year=2026)
    assert shown.pairs() == (
        ("unit", "a"), ("unit", "b"), ("open", "yes"), ("entered_to", "2026-12-21"), ("academic_year", "2026"),
    )  # fmt: skip


def test_names_that_mean_nothing_here_are_left_alone() -> None:
    assert Selection.read((("page", "2"), ("unit", ""), ("of_places", "yes"))) == Selection()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("open", "maybe"),
        ("entered_from", "yesterday"),
        ("academic_year", "2026/27"),
        ("academic_year", "٢٠٢٦"),
        ("unit", "a\0b"),
        ("row", "\ud800"),
    ],
)
def test_a_value_that_fits_nothing_is_refused_by_name(name: str, text: str) -> None:
    with pytest.raises(BadFields) as raised:
        Selection.read(((name, text),))
    assert raised.value.reasons[0].code == f"field:{name}"


def test_a_selection_by_places_is_told_from_others() -> None:
    assert Selection(academic_year=2026).of_places
    assert not Selection(unit=("a",), blocked_by="locked").of_places
