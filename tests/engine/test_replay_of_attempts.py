"""What was tried and refused within a step leaves no trace, in a replay neither, even if it had opened a case."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from engine.catalogue import Catalogue
from engine.definition import define
from engine.model import Tie
from engine.recorded import RecordedDraws
from engine.ticking import Ticker
from engine.vocabulary import FollowUp, Opens, Transition
from tests.engine.house import INSTITUTION, House, open_house
from tests.engine.house_report import report
from tests.engine.house_workflows import CONTRACT, SOURCE, STAY, its_report
from tests.engine.versions import replay_of


def opening(step: Transition) -> Transition:
    """An offer that opens a report, and then takes a step in the companion, which may refuse it."""
    if step.trigger != "offer":
        return step
    opens, then = Opens("report", "stay", its_report), FollowUp("companion", "approve")
    return replace(step, opens=(opens,), follow_ups=(then,))


@pytest.fixture
def house(sqlite_url: str) -> Iterator[House]:
    stay = replace(STAY, transitions=tuple(map(opening, STAY.transitions)))
    catalogue = Catalogue((define(CONTRACT, SOURCE), define(stay, SOURCE), report()))
    with open_house(sqlite_url, catalogue=catalogue) as made:
        yield made


def freed(house: House, *, refused: int, offered: int) -> list[str]:
    """Free the one place of a contract: those whose companion refuses stand before those who are offered it."""
    contract = house.contract()
    had = house.stay_in("offered", contract, rank=9)
    waiting = [house.stay_in("waiting", contract, rank=rank) for rank in range(refused + offered)]
    for stay in waiting[:refused]:
        house.ask(Tie("companion", house.open()), "ann", stay)
    if not offered:
        house.ask(Tie("companion", house.open()), "ann", had)
    house.student(had, "decline")
    Ticker(house.cases).tick()
    return [contract, had, *waiting]


def wrong(house: House) -> list[str]:
    return [each.first_wrong.what for each in replay_of(house).all(INSTITUTION) if each.first_wrong]


def test_the_one_tried_first_is_refused_and_the_next_is_taken(house: House) -> None:
    _, _, first, second = freed(house, refused=1, offered=1)
    assert (house.case(first).state, house.case(second).state) == ("waiting", "offered")
    assert wrong(house) == []


def test_all_are_refused_and_nothing_is_opened(house: House) -> None:
    _, _, first = freed(house, refused=1, offered=0)
    assert house.case(first).state == "waiting"
    assert wrong(house) == []


def test_a_case_that_was_not_opened_then_is_wrong(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    freed(house, refused=0, offered=1)
    assert wrong(house) == []
    monkeypatch.setattr(RecordedDraws, "id", lambda _: "ffffffff-ffff-7fff-bfff-000000000001")
    assert "deciding the step anew does not touch this case" in wrong(house)
