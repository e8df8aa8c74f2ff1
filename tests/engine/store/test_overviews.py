"""How many cases stand in each state, and what cases and people are called, many at a time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.queries import Queries
from engine.store.narrowing import CaseFilter
from engine.store.overviews import CaseWords, Standing
from engine.store.state_counts import StateCount
from tests.engine.house import CATALOGUE, INSTITUTION, House, open_house
from tests.engine.rows_by_hand import case_row, queries_of, rows_of

HASH = CATALOGUE.current("stay").hash


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    with open_house(database_url) as made:
        rows = rows_of(made)
        blank = {"definition": HASH, "assignee": None, "due_at": None, "missed_at": None, "closed_at": None}
        rows.put(
            "case_record",
            case_row("s1", **blank | {"entered_at": 30, "missed_at": 7, "due_at": 7}),
            case_row("s2", **blank | {"entered_at": 20, "assignee": "bea"}),
            case_row("s3", **blank | {"entered_at": 10, "unit": "b", "title": "Sju"}),
            case_row("s4", **blank | {"state": "proposed", "entered_at": 5}),
            case_row("s5", **blank | {"state": "finished", "entered_at": 1, "closed_at": 1}),
            case_row("s6", **blank | {"state": "gone", "entered_at": 4}),
            case_row("c1", **blank | {"workflow": "contract", "state": "active", "entered_at": 3}),
        )
        yield made


@pytest.fixture
def queries(house: House) -> Queries:
    return queries_of(house)


def counted(queries: Queries, person: str, *unit: str) -> dict[str, StateCount]:
    found = queries.overview(INSTITUTION, person, workflow="stay", unit=unit)
    return {each.state: each for each in found if each.count}


def test_states_come_as_declared_with_those_none_is_in_and_those_no_file_has_any_more(queries: Queries) -> None:
    found = queries.overview(INSTITUTION, "olle", workflow="stay")
    declared = [state.name for state in CATALOGUE.current("stay").workflow.states]
    assert [each.state for each in found] == [*declared, "gone"]
    assert found[1] == StateCount("stay", "resting")


def test_a_state_says_how_many_since_when_how_many_late_and_how_many_are_mine(queries: Queries) -> None:
    assert counted(queries, "olle") == {
        "asked": StateCount("stay", "asked", 3, 10, 1, 0),
        "proposed": StateCount("stay", "proposed", 1, 5, 0, 0),
        "finished": StateCount("stay", "finished", 1, None, 0, 0),
        "gone": StateCount("stay", "gone", 1, 4, 0, 0),
    }
    # Unassigned ones in a wait for all its coordinators; one of b, and one assigned to bea, do not.
    assert counted(queries, "ann")["asked"] == StateCount("stay", "asked", 2, 20, 1, 1)
    assert counted(queries, "hedda")["proposed"].mine == 1


def test_only_what_one_may_read_counts(queries: Queries) -> None:
    assert counted(queries, "bea") == {"asked": StateCount("stay", "asked", 1, 10, 0, 1)}
    assert counted(queries, "adam") == {}


def test_a_filter_narrows_every_figure(queries: Queries) -> None:
    assert counted(queries, "olle", "b") == {"asked": StateCount("stay", "asked", 1, 10, 0, 0)}
    assert counted(queries, "ann", "b") == {}


def test_all_workflows_are_counted_at_once(queries: Queries) -> None:
    found = queries.counts(INSTITUTION, "olle")
    assert set(found) == set(CATALOGUE.names)
    with_closed = queries.overview(INSTITUTION, "olle", workflow="stay")
    assert found["stay"] == tuple(
        StateCount("stay", "finished") if each.state == "finished" else each for each in with_closed
    )
    assert found["contract"][0] == StateCount("contract", "active", 1, 3, 0, 1)


def test_the_total_is_of_what_one_may_read_and_the_filter_leaves(queries: Queries) -> None:
    found = [queries.total(INSTITUTION, who, narrowed=CaseFilter()) for who in ("olle", "ann", "adam")]
    assert found == [7, 6, 0]
    assert queries.total(INSTITUTION, "olle", narrowed=CaseFilter(closed=False, q="sta-2026-s")) == 5


@pytest.mark.parametrize("sort", ["-opened", "updated", "number", "due"])
@pytest.mark.parametrize("q", [None, "sta", "sta-2026-s", "nowhere at all", "s"])
@pytest.mark.parametrize("who", ["olle", "ann", "adam"])
def test_a_page_tells_how_many_there_are_in_all(queries: Queries, who: str, q: str | None, sort: str) -> None:
    narrowed = CaseFilter(q=q)
    first = queries.list_cases(INSTITUTION, who, narrowed=narrowed, sort=sort, limit=2, counted=True)

    assert first.total == queries.total(INSTITUTION, who, narrowed=narrowed)
    if first.next_cursor:
        cursor = first.next_cursor
        later = queries.list_cases(INSTITUTION, who, narrowed=narrowed, sort=sort, cursor=cursor, counted=True)
        assert later.total == first.total == len(later.items) + 2


def test_a_page_nobody_counted_tells_no_number(queries: Queries) -> None:
    assert queries.list_cases(INSTITUTION, "olle", narrowed=CaseFilter()).total is None


def test_an_unknown_workflow_is_no_answer(queries: Queries) -> None:
    with pytest.raises(KeyError):
        queries.overview(INSTITUTION, "olle", workflow="nothing")


def test_people_and_cases_are_named_many_at_a_time(house: House, queries: Queries) -> None:
    rows = rows_of(house)
    rows.person("p1", "Åsa")
    rows.person("p2", None)
    assert queries.names(INSTITUTION, ["p1", "p2", "p3"]) == {"p1": "Åsa"}
    assert queries.titles(INSTITUTION, {"s3", "none"}) == {"s3": CaseWords("STA-2026-s3", "Sju", "stay", "asked")}
    assert queries.standing(INSTITUTION, ["s1"]) == {"s1": Standing(30, 7, 7)}
    assert not queries.names(INSTITUTION, [])
    assert not queries.titles(INSTITUTION, [])
    assert not queries.standing(INSTITUTION, [])
