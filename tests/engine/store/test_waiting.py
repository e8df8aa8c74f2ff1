"""What waits for somebody: the rows found are those a judgement of each case by itself gives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import product

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.canonical import micros
from engine.catalogue import Catalogue
from engine.definition import define
from engine.organisation import STAFF, Absence, Membership, Organisation, Span, UnitRow
from engine.store.scope import case_table
from engine.store.waiting import GROUPS, Bounds
from engine.tasks import waiting_for
from engine.vocabulary import Role, at
from tests.engine.house import CATALOGUE, INSTITUTION, House, open_house
from tests.engine.house_report import report
from tests.engine.house_workflows import CONTRACT, SOURCE, STAY
from tests.engine.rows_by_hand import Rows, case_row, rows_of

NOON = micros(datetime(2027, 1, 11, 12, 0, tzinfo=UTC))
TODAY = date(2027, 1, 11)
PARENTS = {"x.se": None, "a": "x.se", "a1": "a", "b": "x.se"}
UNITS = {code: UnitRow(code, code, code, parent, None) for code, parent in PARENTS.items()}
PEOPLE = ("p", "q", "r")
OLD = CATALOGUE.current("stay")
NEW = define(
    replace(
        STAY,
        version=2,
        states=tuple(
            replace(state, owner=at("contract", state.owner)) if state.owner in STAFF else state
            for state in STAY.states
        ),
    ),
    SOURCE,
)
HOUSE = Catalogue((define(CONTRACT, SOURCE), NEW, report()), (OLD,))
Stays = dict[str, tuple[str, str, str, str | None, tuple[str, ...]]]
"""By id: definition, state, unit, assignee, and the units of its contracts, the newest last."""


@pytest.fixture(scope="module")
def stays() -> Stays:
    """Every state with every unit, unassigned and assigned, with no contract, one, or an older and a newer."""
    contracts: tuple[tuple[str, ...], ...] = ((), ("b",), ("a1", "x.se"))
    states = ("asked", "proposed", "waiting", "offered", "finished")
    every = product((OLD.hash, NEW.hash), states, ("x.se", "a1", "b"), (None, "p", "q"), contracts)
    return {f"s{number}": each for number, each in enumerate(every)}


@pytest.fixture
def rows(database_url: str, stays: Stays) -> Iterator[Rows]:
    with open_house(database_url) as house:
        yield filled(house, stays)


def filled(house: House, stays: Stays) -> Rows:
    rows = rows_of(house)
    for unit in PARENTS:
        rows.case(f"c-{unit}", workflow="contract", definition="d", state="ended", unit=unit, closed_at=1)
    made, ties = [], []
    for case, (definition, state, unit, assignee, contracts) in stays.items():
        closed = 1 if state == "finished" else None
        made.append(case_row(case, definition=definition, state=state, unit=unit, assignee=assignee, closed_at=closed))
        ties += [
            {"from_case": case, "name": "contract", "to_case": f"c-{of}", "sequence": sequence}
            for sequence, of in enumerate(contracts, start=1)
        ]
    rows.put("case_record", *made)
    rows.put("link", *ties)
    return rows


def waits(organisation: Organisation, stay: tuple[str, str, str, str | None, tuple[str, ...]], person: str) -> bool:
    """Judge one case by itself, in the words of the rule."""
    definition, state, unit, assignee, contracts = stay
    who = HOUSE.by_hash(definition).states[state].owner_role
    if who is None:
        return False
    asked: Sequence[str] = ()
    if assignee is not None:
        asked = (assignee,)
    elif who.role not in {Role.STUDENT, Role.PARTNER}:
        where = unit if who.where == "case" else next(iter(reversed(contracts)), None)
        asked = organisation.nearest(who.role, where, TODAY) if where else ()
    return any(
        person == each or (organisation.on_leave(each, TODAY) and organisation.substitute(each, TODAY) == person)
        for each in asked
    )


spans = st.sampled_from([Span(None, None), Span(TODAY, TODAY), Span(None, date(2027, 1, 10))])
roles = st.sampled_from([Role.COORDINATOR, Role.HEAD, Role.OFFICER, Role.STUDENT])
held = st.builds(Membership, st.sampled_from(PEOPLE), roles, st.sampled_from(sorted(PARENTS)), spans)
patterns = st.sampled_from([None, frozenset({0}), frozenset({3})])
leave = st.builds(Absence, st.sampled_from(PEOPLE), spans, patterns, st.sampled_from([None, *PEOPLE]))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(memberships=st.lists(held, max_size=5), absences=st.lists(leave, max_size=3))
def test_a_list_holds_what_judging_each_case_gives(
    rows: Rows, stays: Stays, memberships: list[Membership], absences: list[Absence]
) -> None:
    organisation = Organisation(INSTITUTION, 1, UNITS, tuple(memberships), absences=tuple(absences))
    waiting = waiting_for(organisation, HOUSE, "p", NOON)
    expected = sorted(case for case, stay in stays.items() if waits(organisation, stay, "p"))
    assert rows.found(waits_for="p", waiting=waiting) == expected


def test_nothing_waits_for_a_person_nothing_is_known_of(rows: Rows) -> None:
    assert rows.found(waits_for="p") == []


# How pressing.

BOUNDS = Bounds(today=100, tomorrow=200, monday=500)
INSTANTS = (None, 1, 100, 101, 200, 201, 500, 501)


def test_a_row_is_as_pressing_in_the_database_as_by_itself(database_url: str) -> None:
    with open_house(database_url) as house:
        rows = rows_of(house)
        every = {f"c{number}": pair for number, pair in enumerate(product(INSTANTS, (None, 50)))}
        rows.put("case_record", *(case_row(case, due_at=pair[0], missed_at=pair[1]) for case, pair in every.items()))
        with house.store.reads() as connection:
            found = {row[0]: row[1] for row in connection.execute(sa.select(case_table.c.id, BOUNDS.group()))}
        assert found == {case: BOUNDS.group_of(*pair) for case, pair in every.items()}


@pytest.mark.parametrize(
    ("due", "group"),
    [(None, "none"), (100, "overdue"), (101, "today"), (200, "today"), (201, "week"), (500, "week"), (501, "later")],
)
def test_what_is_due_as_a_day_begins_was_owed_on_the_day_before(due: int | None, group: str) -> None:
    assert BOUNDS.group_of(due, None) == group
    assert BOUNDS.group_of(due, 7) == "overdue"
    assert group in GROUPS
