"""Through which units cases are read is kept in step with links, units and closing, by the database itself."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest
import sqlalchemy as sa

from engine.queries import Queries
from engine.scope import Scope
from engine.store import state_counts
from engine.store.reach import reachable
from engine.store.scope import among, case_table
from engine.store.state_counts import Counted, StateCount, count_states
from engine.tasks import Waiting
from tests.engine.house import INSTITUTION, House, open_house
from tests.engine.rows_by_hand import Rows, queries_of, rows_of

KEPT = "SELECT case_id, unit, own, workflow, ended FROM case_reach ORDER BY case_id, unit"
DERIVED = (
    "SELECT DISTINCT c.id, o.unit, c.unit, c.workflow, CASE WHEN c.closed_at IS NULL THEN '' ELSE c.state END "
    "FROM link l JOIN case_record c ON c.institution = l.institution AND c.id = l.from_case "
    "JOIN case_record o ON o.institution = l.institution AND o.id = l.to_case ORDER BY 1, 2"
)
CASES = tuple(f"c{number}" for number in range(6))
UNITS = ("a", "b", "x.se")
STATES = (("asked", None), ("proposed", None), ("finished", 5), ("withdrawn", 6))


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    with open_house(database_url) as made:
        yield made


@pytest.fixture
def rows(house: House) -> Rows:
    return rows_of(house)


def happen(rows: Rows, dice: Random, tied: set[tuple[str, str, str]]) -> None:
    """Tie or untie two cases, or let one of them move to another unit or state."""
    case, other = dice.sample(CASES, 2)
    tie = (case, dice.choice(("agreement", "parent")), other)
    match dice.randrange(4):
        case 0 if tie not in tied:
            rows.link(*tie)
            tied.add(tie)
        case 1 if tied:
            source, name, to = dice.choice(sorted(tied))
            rows.change("link", None, from_case=source, name=name, to_case=to)
            tied.remove((source, name, to))
        case 2:
            rows.change("case_record", {"unit": dice.choice(UNITS)}, id=case)
        case _:
            state, closed = dice.choice(STATES)
            rows.change("case_record", {"state": state, "closed_at": closed}, id=case)


def read(rows: Rows, statement: str) -> list[tuple[str, ...]]:
    with rows.store.reads() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(statement)]


@pytest.mark.parametrize("seed", range(3))
def test_it_says_after_every_change_what_the_links_say(rows: Rows, seed: int) -> None:
    dice, tied = Random(seed), set[tuple[str, str, str]]()
    for case in CASES:
        rows.case(case)
    for _ in range(40):
        happen(rows, dice, tied)
        assert read(rows, KEPT) == read(rows, DERIVED)


def test_a_step_keeps_it_in_step(rows: Rows, house: House) -> None:
    contract = house.contract(unit="b")
    stay = house.open(links={"contract": contract})
    assert read(rows, KEPT) == [(stay, "b", "a", "stay", "")]
    house.take(stay, "withdraw")
    assert read(rows, KEPT) == read(rows, DERIVED) == [(stay, "b", "a", "stay", "withdrawn")]


@pytest.mark.parametrize("units", [("a",), ("a", "b"), ()])
def test_it_finds_the_cases_that_may_be_read(rows: Rows, units: tuple[str, ...]) -> None:
    dice, tied = Random(7), set[tuple[str, str, str]]()
    for case in CASES:
        rows.case(case)
    for _ in range(40):
        happen(rows, dice, tied)
    scope = Scope(INSTITUTION, "somebody", units, everything=False)
    still = case_table.c.closed_at.is_(None)
    ids = sa.select(case_table.c.id).order_by(case_table.c.id)
    with rows.store.reads() as connection:
        for ours, theirs in (
            ([reachable(scope)], [among(scope)]),
            ([reachable(scope, workflows=("stay",))], [among(scope)]),
            ([reachable(scope, still=True), still], [among(scope), still]),
        ):
            assert connection.execute(ids.where(*ours)).all() == connection.execute(ids.where(*theirs)).all()


def test_a_case_of_another_unit_counts_for_whoever_holds_what_it_is_linked_to(rows: Rows, house: House) -> None:
    there = {"unit": "b", "assignee": None, "closed_at": None}
    rows.case("own", assignee=None, missed_at=None, closed_at=None)
    rows.case("tied", **there, missed_at=3, entered_at=0)
    rows.case("ended", **there, missed_at=None, state="finished")
    rows.case("other", **there, missed_at=None)
    rows.change("case_record", {"closed_at": 9}, id="ended")
    for case in ("tied", "ended"):
        rows.link(case, "parent", "own")
    queries: Queries = queries_of(house)
    found = {each.state: each for each in queries.overview(INSTITUTION, "ann", workflow="stay") if each.count}
    assert found["asked"] == StateCount("stay", "asked", 2, 0, 1, found["asked"].mine)
    assert found["finished"] == StateCount("stay", "finished", 1, None, 0, 0)


@pytest.mark.parametrize("everything", [True, False])
def test_numbers_stop_at_a_bound_and_the_oldest_does_not(
    rows: Rows, monkeypatch: pytest.MonkeyPatch, *, everything: bool
) -> None:
    monkeypatch.setattr(state_counts, "MOST", 2)
    for number in range(5):
        rows.case(f"c{number}", assignee="ann", missed_at=1, entered_at=9 - number)
    scope = Scope(INSTITUTION, "ann", ("a",), everything=everything)
    mine = Waiting(INSTITUTION, "ann", ("ann",), ())
    with rows.store.reads() as connection:
        found = count_states(connection, Counted(scope, mine, ("stay",), closed=True))
    assert found == {("stay", "asked"): StateCount("stay", "asked", 3, 5, 3, 3)}
