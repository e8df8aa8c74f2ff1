"""The regular look: in turn, what changed and a part of the rest each time, closing what holds no longer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.canonical import micros
from engine.doctor import examining, rounds
from engine.doctor.rounds import LEASE, PAUSE
from engine.store import finding_rows
from tests.engine.doctor.wards import Ward
from tests.engine.house import INSTITUTION


def position(ward: Ward) -> finding_rows.Position:
    return finding_rows.position(ward.life.house.store, INSTITUTION)


def break_contract(ward: Ward) -> None:
    ward.change("case_record", {"partner": "p9"}, id=ward.life.contract)


def mend_contract(ward: Ward) -> None:
    ward.change("case_record", {"partner": None}, id=ward.life.contract)


def test_a_look_finds_what_is_wrong_and_the_next_comes_after_a_pause(ward: Ward) -> None:
    break_contract(ward)
    first = ward.look()
    assert first is not None
    assert {(each.check, each.case) for each in first.found} == {("derived", ward.life.contract)}
    assert ward.look(after=PAUSE / 2) is None
    assert ward.look(after=PAUSE / 2) is not None


def test_of_two_processes_one_looks(ward: Ward) -> None:
    now = micros(ward.wall.at)
    taken = [finding_rows.claim(ward.life.house.store, INSTITUTION, now=now, until=now + 1) for _ in range(2)]
    assert [each is None for each in taken] == [False, True]


def test_a_process_that_dies_while_it_looks_is_followed_by_another(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as dying:
        dying.setattr(rounds, "_keys", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            ward.look()
    assert ward.look(after=PAUSE) is None
    assert ward.look(after=LEASE - PAUSE) is not None


def test_a_finding_that_holds_no_longer_is_closed_with_its_time(ward: Ward) -> None:
    break_contract(ward)
    ward.look()
    mend_contract(ward)
    ward.look(after=PAUSE)
    (row,) = ward.life.house.rows("finding")
    assert (row["found_at"], row["closed_at"]) == (micros(ward.wall.at - PAUSE), micros(ward.wall.at))


def test_a_finding_that_comes_back_is_open_again_from_then_on(ward: Ward) -> None:
    break_contract(ward)
    ward.look()
    mend_contract(ward)
    ward.look(after=PAUSE)
    break_contract(ward)
    ward.look(after=PAUSE)
    (row,) = ward.life.house.rows("finding")
    assert (row["found_at"], row["closed_at"]) == (micros(ward.wall.at), None)


def test_a_finding_of_a_replay_is_looked_for_again_until_it_holds_no_longer(ward: Ward) -> None:
    role = ward.life.house.bodies(ward.life.report)[0]["role"]
    ward.life.forge(ward.life.report, 1, role="head")
    ward.all(deep=True)
    assert "replay" in {each.check for each in ward.kept()}
    ward.life.forge(ward.life.report, 1, role=role)
    ward.look()
    assert {each.check for each in ward.kept()} == set()


@pytest.fixture
def one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stretches of one case, of which a look takes one."""
    for module in (examining, rounds):
        monkeypatch.setattr(module, "AT_ONCE", 1)
    monkeypatch.setattr(rounds, "ROLLING", 1)
    monkeypatch.setattr(rounds, "CHANGED", 1)


@pytest.mark.usefixtures("one_at_a_time")
def test_look_after_look_comes_through_all_cases_and_begins_anew(ward: Ward) -> None:
    ids = sorted(row["id"] for row in ward.life.house.rows("case_record"))
    seen = []
    for _ in range(len(ids) + 1):
        ward.look(after=PAUSE)
        seen.append(position(ward).after_case)
    assert seen == [*ids, ""]
    assert position(ward).whole_at == micros(ward.wall.at)


@pytest.mark.usefixtures("one_at_a_time")
def test_damage_that_no_step_made_is_found_when_its_turn_comes(ward: Ward) -> None:
    # So much newer that a look at what changed does not come back as far as the contract.
    ward.life.house.clock.at += timedelta(days=1)
    ward.life.house.open()
    for _ in range(10):
        ward.look(after=PAUSE)
    break_contract(ward)
    assert not ward.kept()
    for _ in range(1 + len(ward.life.house.rows("case_record"))):
        ward.look(after=PAUSE)
    assert {each.case for each in ward.kept()} == {ward.life.contract}


def test_what_changed_since_the_last_look_is_looked_at_before_its_turn(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    ward.look()
    monkeypatch.setattr(rounds, "_rolling", lambda _doctor, _round, at, _done: at)
    ward.life.house.clock.at += timedelta(days=1)
    case = ward.life.house.open()
    ward.look(after=PAUSE)
    for each in (case, ward.life.contract):
        ward.change("case_record", {"partner": "p9"}, id=each)
    done = ward.look(after=PAUSE)
    assert done is not None
    assert (done.cases, {each.case for each in done.found}) == (1, {case})


@pytest.mark.parametrize("more", [0, 1])
def test_a_look_that_has_seen_all_changes_is_overlapped_by_the_next(
    ward: Ward, monkeypatch: pytest.MonkeyPatch, more: int
) -> None:
    rows = ward.life.house.rows("case_record")
    monkeypatch.setattr(rounds, "AT_ONCE", len(rows) + more)
    ward.look()
    newest = max(row["updated_at"] for row in rows)
    assert (position(ward).changed_at, position(ward).changed_id) == (newest - rounds.OVERLAP, "")


@pytest.mark.usefixtures("one_at_a_time")
def test_many_changes_are_looked_at_one_look_after_the_other(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "_rolling", lambda _doctor, _round, at, _done: at)
    places = set()
    for _ in ward.life.house.rows("case_record"):
        ward.look(after=PAUSE)
        places.add((position(ward).changed_at, position(ward).changed_id))
    assert len(places) == len(ward.life.house.rows("case_record"))


def test_a_quiet_office_is_looked_at_without_a_single_write_but_the_doctors_own(ward: Ward) -> None:
    ward.look()
    before = ward.life.house.dump()
    ward.look(after=PAUSE)
    after = ward.life.house.dump()
    assert {name for name in before if before[name] != after[name]} == {"doctor_round"}
