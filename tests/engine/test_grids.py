"""Grids of cases: whom they are about against what a fact says, for those who may read them, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from engine.grids import GridFilter, Grids
from engine.model import Case
from engine.queries import Queries
from tests.engine.agreements_by_hand import Desk, desk, made
from tests.engine.house import INSTITUTION
from tests.engine.rows_by_hand import Rows

REVIEWS = GridFilter(workflow="eligibility_review")


@pytest.fixture
def office(database_url: str) -> Iterator[Desk]:
    with desk(database_url) as opened:
        yield opened


def review(name: str, subject: str | None, state: str = "requested", unit: str = "a", **facts: Any) -> Case:
    return made("eligibility_review", name, state, {"course": "Statistik", **facts}, subject=subject, unit=unit)


def rows(office: Desk, person: str = "olle", **narrowed: Any) -> list[str]:
    asked = GridFilter(workflow="eligibility_review", **narrowed)
    return [row.case for row in Grids(office.house.cases).rows(INSTITUTION, person, asked, names=("course",))]


def test_rows_stand_by_the_name_of_whom_they_are_about(office: Desk) -> None:
    people = Rows(office.house.store)
    names = {"p1": "Bo Ek", "p2": "anna Berg", "p3": None}
    people.put("person", *({"id": id_, "name": name, "language": "sv", "created_at": 0} for id_, name in names.items()))
    office.write(review("r1", "p1"), review("r2", None), review("r3", "p2", course="Ö 100 %", course_code="X"))
    office.write(review("r4", "p3"))
    found = Grids(office.house.cases).rows(INSTITUTION, "olle", REVIEWS, names=("course", "course_code"))
    assert [(row.case, row.name) for row in found[:2]] == [("r3", "anna Berg"), ("r1", "Bo Ek")]
    assert [(row.case, row.name) for row in found[2:]] == [("r4", None), ("r2", None)]
    assert [row.texts for row in found[:2]] == [("Ö 100 %", "X"), ("Statistik", None)]


@pytest.mark.parametrize(
    ("narrowed", "left"),
    [
        ({"facts": (("term", "HT"),)}, ["r1", "r2"]),
        ({"facts": (("term", "HT"), ("course", "Fysik"))}, ["r2"]),
        ({"facts": (("term", "'; DROP TABLE event; --"),)}, []),
        ({"known": "outcome"}, ["r3"]),
        ({"state": ("requested",)}, ["r1", "r2"]),
        ({"closed": True}, ["r3"]),
        ({"closed": False}, ["r1", "r2"]),
        ({"unit": ("nowhere",)}, []),
        ({"subject": "ann"}, ["r1", "r2", "r3"]),
    ],
)
def test_rows_are_narrowed(office: Desk, narrowed: dict[str, Any], left: list[str]) -> None:
    office.write(
        review("r1", "ann", term="HT"),
        review("r2", "ann", term="HT", course="Fysik"),
        review("r3", "ann", "decided", outcome="eligible"),
    )
    assert rows(office, **narrowed) == left


def test_nobody_sees_a_row_they_may_not_read(office: Desk) -> None:
    office.write(review("r1", "ann"))
    assert rows(office) == ["r1"]
    assert rows(office, person="nobody") == []
    assert Grids(office.house.cases).values(INSTITUTION, "nobody", REVIEWS, names=("course",)) == []


def test_values_are_counted_together(office: Desk) -> None:
    office.write(review("r1", "ann", term="HT"), review("r2", "ann", term="HT"), review("r3", "ann"))
    found = Grids(office.house.cases).values(INSTITUTION, "olle", REVIEWS, names=("course", "term"))
    assert found == [(("Statistik", "HT"), 2), (("Statistik", None), 1)]


def test_these_are_read_only_by_those_who_may(office: Desk) -> None:
    office.write(review("r1", "ann"), review("r2", "ann"))
    queries = Queries(office.house.cases)
    found = queries.these(INSTITUTION, "olle", ["r2", "r1", "nothing"])
    assert [case.id for case in found] == ["r1", "r2"]
    assert queries.these(INSTITUTION, "nobody", ["r1"]) == ()
    assert queries.these(INSTITUTION, "olle", []) == ()
