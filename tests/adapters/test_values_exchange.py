"""The words of student exchange, in both languages."""

from __future__ import annotations

import pytest

from adapters.tables import Cell
from adapters.values import ValueFault
from adapters.values_exchange import (
    RoleAt,
    agreement_level,
    cefr,
    gender,
    level,
    levels,
    roles_at,
    study_plan,
    weekdays,
)
from engine.vocabulary import Level, Role


@pytest.mark.parametrize(
    ("found", "cells"),
    [
        (Level.BACHELOR, ["Bachelor", "Bachelor’s degree", "kandidat", "Grundnivå", "1st cycle", "B.Sc.",
                          "EQF 6", 1, "UG", "Bachelor (first cycle)"]),
        (Level.MASTER, ["Master", "Master's level", "Avancerad nivå", "second cycle", "MSc", 7, "2", "Magister"]),
        (Level.DOCTORAL, ["PhD", "Ph.D.", "Forskarnivå", "doctoral studies", "third cycle", "Doktorand", "EQF 8"]),
    ],
    ids=repr,
)  # fmt: skip
def test_level_is_read_in_every_form_in_use(found: Level, cells: list[Cell]) -> None:
    assert {level(cell) for cell in cells} == {found}


@pytest.mark.parametrize("cell", ["short cycle", "Bachelor Master", "", "5", "gymnasium", True], ids=repr)
def test_what_is_no_level_is_refused(cell: Cell) -> None:
    with pytest.raises(ValueFault, match="bachelor, master or doctoral"):
        level(cell)


@pytest.mark.parametrize(
    "cell",
    ["Bachelor, Master", "BA/MA", "grundnivå och avancerad nivå", "1st/2nd cycle", "B + M"],
    ids=repr,
)
def test_several_levels_are_read_from_one_cell(cell: str) -> None:
    assert levels(cell) == (Level.BACHELOR, Level.MASTER)


def test_roles_are_read_with_their_units() -> None:
    assert roles_at("coordinator@12; Granskare @ umu.se\nprefekt@Fysik 3") == (
        RoleAt(Role.COORDINATOR, "12"),
        RoleAt(Role.REVIEWER, "umu.se"),
        RoleAt(Role.HEAD, "Fysik 3"),
    )


@pytest.mark.parametrize(
    "cell", ["student@12", "clock@umu.se", "coordinator", "chef@12", "coordinator@", "head@a@b"], ids=repr
)
def test_role_nobody_can_hold_in_a_unit_is_refused(cell: str) -> None:
    with pytest.raises(ValueFault, match="roles, such as"):
        roles_at(cell)


@pytest.mark.parametrize(
    ("cell", "days"),
    [("mån, tis", (0, 1)), ("ons–fre", (2, 3, 4)), ("Tue Thu", (1, 3)), ("1-5", (0, 1, 2, 3, 4)), ("tisdagar", (1,)),
     ("vardagar", (0, 1, 2, 3, 4)), ("lör och sön", (5, 6)), (5, (4,))],
    ids=repr,
)  # fmt: skip
def test_weekdays_are_counted_from_monday_as_nought(cell: Cell, days: tuple[int, ...]) -> None:
    assert weekdays(cell) == days


@pytest.mark.parametrize("cell", ["fre-mån", "8", "ibland", "-", ","], ids=repr)
def test_what_is_no_weekday_is_refused(cell: str) -> None:
    with pytest.raises(ValueFault, match="weekdays"):
        weekdays(cell)


def test_words_of_forms_are_read_in_both_languages() -> None:
    assert [gender(cell) for cell in ("K", "Female", "man", "Annat", "Vill ej uppge")] == [
        "female", "female", "male", "other", "unstated",
    ]  # fmt: skip
    assert [cefr(cell) for cell in ("b2", "C1", "Modersmål")] == ["B2", "C1", "C2"]
    assert [agreement_level(cell) for cell in ("Institution", "faculty", "Nätverk")] == [
        "department", "faculty", "network",
    ]  # fmt: skip
    assert [study_plan(cell) for cell in ("Learning Agreement", "home_approval")] == ["three_party", "home_approval"]
