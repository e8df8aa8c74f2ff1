"""Two institutions whose cases, units and people bear the same ids: each is only ever its own.

Ids are drawn so that this does not happen; here it does, so that no condition is kept by chance.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from engine.errors import CaseNotFound
from engine.model import Comment, Decision, Key, Request
from engine.queries import Queries
from engine.scope import Scope
from engine.store.event_lists import Span, listed
from engine.store.ledger import Plan
from engine.store.narrowing import CaseFilter
from engine.store.scope import case_table, readable
from engine.store.searching import Road, speak_of
from tests.engine.house import INSTITUTION, STINA, House, open_house
from tests.engine.made_by_hand import a_case, a_decision, an_event, written

OTHER = "y.se"
IN_UNIT_A = Scope(INSTITUTION, "ann", ("a",), everything=False)
EVERYTHING = Scope(INSTITUTION, "olle", ("a", "b", "x.se"), everything=True)


def elsewhere(name: str = "c1", **changes: Any) -> Decision:
    """Opens a case of the other institution, which has no organisation of its own yet."""
    case = a_case(name, institution=OTHER, **changes)
    event = an_event(case, institution=OTHER)
    return a_decision(case, events=(event,), institution=OTHER, organisation_version=0)


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    with open_house(database_url) as made:
        written(made, a_decision(a_case(search="alpha"), person=("p1", STINA), key=Key("k", "f")))
        written(made, elsewhere(search="beta"))
        yield made


def test_a_step_changes_the_case_of_its_institution_alone(house: House) -> None:
    assert written(house, a_decision(a_case(version=2, state="away"), opened=False)) == {}
    states = {row["institution"]: (row["state"], row["version"]) for row in house.rows("case_record")}
    assert states == {INSTITUTION: ("away", 2), OTHER: ("asked", 1)}


def test_a_key_is_known_in_its_institution_alone(house: House) -> None:
    with house.store.step() as ledger:
        here, there = (ledger.read(Plan(each, ("c1",), party="ann", key="k")).done for each in (INSTITUTION, OTHER))
    assert (here is not None, there) == (True, None)


def test_units_of_one_code_in_two_institutions_are_two_units(house: House) -> None:
    with house.store.reads() as connection:
        for scope in (IN_UNIT_A, EVERYTHING):
            found = connection.execute(sa.select(case_table.c.institution).where(readable(scope))).scalars().all()
            assert found == [INSTITUTION]


@pytest.mark.parametrize("reader", ["ann", "olle"], ids=["of a unit", "of everything"])
def test_a_list_holds_ones_own_cases_and_counts_no_others(house: House, reader: str) -> None:
    written(house, elsewhere("c2"))
    page = Queries(house.cases).list_cases(INSTITUTION, reader, narrowed=CaseFilter(), counted=True)
    assert ([case.id for case in page.items], page.total) == (["c1"], 1)


@pytest.mark.parametrize("road", [Road.GATHER, Road.CHECK])
def test_a_case_is_found_by_its_own_words(house: House, road: Road) -> None:
    own = sa.select(case_table.c.id).where(case_table.c.institution == INSTITUTION)
    with house.store.reads() as connection:
        for word, found in (("alpha", ["c1"]), ("beta", [])):
            said = speak_of(connection, INSTITUTION, [word], road=road)
            assert connection.execute(own.where(said)).scalars().all() == found


def test_the_events_of_all_cases_are_those_of_ones_own_institution(house: House) -> None:
    written(house, elsewhere("c2"))
    with house.store.reads() as connection:
        for span in (None, Span(INSTITUTION, None, None, None, 1)):
            rows = connection.execute(listed(EVERYTHING, span=span)).all()
            assert [row.case for row in rows] == ["c1"]


def test_somebody_of_another_institution_is_nobody_here(house: House) -> None:
    queries = Queries(house.cases)
    assert queries.person(INSTITUTION, "p1") is not None
    assert queries.person(OTHER, "p1") is None


def test_steps_of_two_institutions_in_one_commit_see_nothing_of_each_other(house: House) -> None:
    stay = house.open()
    asked = [Request(each, Comment("hello"), "ann", case=stay) for each in (INSTITUTION, OTHER, INSTITUTION)]
    here, there, again = house.cases.steps(asked)
    assert isinstance(there, CaseNotFound)
    assert not isinstance(here, Exception)
    assert not isinstance(again, Exception)
    assert house.case(stay).version == 3
