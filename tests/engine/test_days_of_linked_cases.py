"""A deadline may hang on a day that a linked case tells; moved or taken away there, no rung fires by the old one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from engine.canonical import micros
from engine.model import IMPORT_PARTY, Case, Climb, Correct, Open, Recount, Request, Restore, Status
from engine.replay import Replay
from engine.store.rows import read_organisation
from engine.ticking import Ticker
from tests.engine.agreements_by_hand import real_catalogue
from tests.engine.house import INSTITUTION, House, local, open_house

ENDS = local("2028-07-01 00:00")
LATER = local("2029-07-01 00:00")


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    with open_house(database_url, catalogue=real_catalogue()) as made:
        made.clock.at = local("2027-01-11 09:00")
        yield made


@pytest.fixture
def agreement(house: House) -> str:
    rows = [{"name": "in", "direction": "incoming", "places": 4}]
    facts = {"partner_name": "KTH", "valid_from": "2024-07-01", "valid_to": "2028-06-30", "rows": rows}
    ask = Open("agreement", "a", None, facts, state="active", evidence="list")
    return house.ask(ask, IMPORT_PARTY).case_id


@pytest.fixture
def renewal(house: House, agreement: str) -> str:
    """A renewal of the agreement, which lapses with it."""
    return house.open("agreement_renewal", links={"agreement": agreement}, subject=None, partner_name="KTH")


def correct(house: House, agreement: str, **facts: Any) -> None:
    house.ask(Correct(facts, "as signed"), "olle", agreement)


def tick(house: House, at: datetime) -> None:
    house.clock.at = at
    Ticker(house.cases).tick()


def ends(case: Case) -> list[tuple[Status, date | None, str | None]]:
    return [(row.status, row.due_on, row.next_rung) for row in case.deadlines if row.name == "agreement_end"]


def replayed(house: House, case: str) -> bool:
    with house.store.transaction() as ledger:
        organisation = read_organisation(INSTITUTION, ledger.organisation_rows(INSTITUTION))
    return Replay(house.store, house.cases.catalogue, lambda *_: organisation).case(INSTITUTION, case).ok


def test_a_day_moved_on_is_waited_for(house: House, agreement: str, renewal: str) -> None:
    correct(house, agreement, valid_to="2029-06-30")
    tick(house, ENDS)
    assert ends(house.case(renewal)) == [(Status.RUNNING, date(2029, 6, 30), "lapse")]
    assert house.kinds(renewal) == ["opened", "deadline_changed"]
    tick(house, LATER)
    assert (house.case(renewal).state, house.kinds(renewal)[-1]) == ("lapsed", "moved")
    assert replayed(house, renewal)


def test_a_day_that_is_no_more_ends_the_deadline(house: House, agreement: str, renewal: str) -> None:
    correct(house, agreement, valid_to=None)
    tick(house, ENDS)
    assert ends(house.case(renewal)) == []
    assert [row["status"] for row in house.rows("deadline", case_id=renewal)] == ["stopped"]
    assert Ticker(house.cases).stuck(INSTITUTION) == []
    assert replayed(house, renewal)


def test_so_it_does_where_deadlines_are_worked_out_anew(house: House, agreement: str, renewal: str) -> None:
    correct(house, agreement, valid_to=None)
    house.ask(Recount(), "clock", renewal)
    assert ends(house.case(renewal)) == []


def test_a_restore_is_noted_though_the_day_is_no_more(house: House, agreement: str, renewal: str) -> None:
    correct(house, agreement, valid_to=None)
    house.clock.at = ENDS
    house.ask(Restore(micros(ENDS)), IMPORT_PARTY, renewal)
    assert "passed_by" not in house.bodies(renewal)[-1]
    tick(house, ENDS)
    assert ends(house.case(renewal)) == []
    assert replayed(house, renewal)


def test_a_day_that_stands_fires_as_ever(house: House, renewal: str) -> None:
    tick(house, ENDS - timedelta(microseconds=1))
    assert house.kinds(renewal) == ["opened"]
    tick(house, ENDS)
    assert house.case(renewal).state == "lapsed"


def test_a_replay_fires_what_fired_before_this_was_asked(
    house: House, agreement: str, renewal: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    correct(house, agreement, valid_to="2029-06-30")
    monkeypatch.setattr("engine.cases.still_due", lambda _catalogue, _snapshot, request: request)
    house.clock.at = ENDS
    row = house.case(renewal).deadlines[0]
    assert row.acts_at == micros(ENDS)
    ask = Climb("agreement_renewal", row.name, row.since, row.next_rung or "")
    house.send(Request(INSTITUTION, ask, "clock", case=renewal))
    monkeypatch.undo()
    assert house.kinds(renewal) == ["opened", "rung_fired"]
    assert replayed(house, renewal)
