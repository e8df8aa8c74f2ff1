"""A case after one of its events: folded, with what was offered then judged as far as it can be; on both databases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from engine.history import History
from engine.organisation import Organisation
from engine.past import Past, Was
from engine.store import registers
from tests.engine.house import CATALOGUE, INSTITUTION, House, open_house


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    with open_house(database_url) as opened:
        yield opened


def after(house: House, case: str, sequence: int) -> Was | None:
    def as_of(institution: str, version: int) -> Organisation:
        with house.store.reads() as connection:
            return registers.at_version(connection, institution, version)

    history = History(house.store, CATALOGUE)
    events = history.events(INSTITUTION, case)
    return Past(history, as_of).after(events, sequence, number="STA-1", title="Stina")


def offered(house: House, case: str, sequence: int) -> Mapping[str, tuple[bool, list[str]]]:
    """Of every step offered then: whether it could be judged, and the codes that stood against it."""
    was = after(house, case, sequence)
    assert was is not None
    return {each.transition.trigger: (each.judged, [r.code for r in each.reasons]) for each in was.offered}


def test_the_case_stands_where_it_stood(house: House) -> None:
    case = house.stay_in("waiting")
    was = [after(house, case, sequence) for sequence in (1, 2, 3)]
    assert [each.case.state for each in was if each] == ["asked", "proposed", "waiting"]
    assert [each.case.version for each in was if each] == [1, 2, 3]
    assert {(each.case.number, each.case.title) for each in was if each} == {("STA-1", "Stina")}


def test_there_is_nothing_before_the_first_event_or_after_the_last(house: House) -> None:
    case = house.open()
    assert after(house, case, 0) is None
    assert after(house, case, 2) is None


def test_what_the_state_offered_then_is_told_with_where_it_led(house: House) -> None:
    case = house.stay_in("waiting")
    was = after(house, case, 2)
    assert was is not None
    assert {each.transition.trigger: each.to for each in was.offered}["approve"] == "waiting"
    assert "offer" not in offered(house, case, 2)


def test_a_condition_is_judged_by_the_facts_of_then(house: House) -> None:
    case = house.stay_in("proposed")
    house.take(case, "lock", by="hedda", locked=True)

    assert offered(house, case, 2)["approve"] == (True, [])
    judged, codes = offered(house, case, 3)["approve"]
    assert judged
    assert codes != []


def test_whether_there_was_a_place_is_not_judged(house: House) -> None:
    contract = house.contract()
    case = house.stay_in("waiting", contract)
    assert offered(house, case, 3)["offer"] == (False, [])


def test_a_case_that_another_one_opened_can_be_looked_at(house: House) -> None:
    case = house.stay_in("away", house.contract())
    house.take(case, "note_report")
    house.take(case, "finish")
    reports = [row["from_case"] for row in house.rows("link", to_case=case)]
    for report in reports or [case]:
        assert after(house, report, 1) is not None
