"""Migrating: an open case goes over to the newer file whole, or stays where it was."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.catalogue import Catalogue
from engine.errors import CaseNotFound, EngineError, GuardRefused, NotYourTurn, StaleCase
from engine.model import IMPORT_PARTY, Case, Correct, Erase, ErasureReason, Migrate, Request
from engine.outlook import outlook
from engine.vocabulary import Budget, Deadline, Figure, Unit, Workflow, remind, used
from tests.databases import prepare
from tests.engine.house import INSTITUTION, House, held_by, local, open_house, refused
from tests.engine.house_report import LONG, words
from tests.engine.house_workflows import ANSWER, START, STAY
from tests.engine.lives import Life
from tests.engine.posts import open_post
from tests.engine.versions import (
    OLD,
    WiderFacts,
    catalogue_of,
    go_over,
    history_of,
    migrate,
    renamed,
    replay_of,
    run_under,
    stay_with,
)

NAMES = {"asked": "registered", "waiting": "queued"}
LONGER = replace(ANSWER, due=Budget(Figure("answer_days", 10), Unit.WORKING_DAYS))
CHECK = Deadline("check", words("check"), ("asked",), Budget(5, Unit.DAYS), (remind(used(2)),))


def without_answer(workflow: Workflow) -> Workflow:
    """No deadline of the name any more; the states it ran in may wait."""
    states = (replace(state, pauses=(), waits_because=LONG) if not state.final else state for state in workflow.states)
    return replace(workflow, states=tuple(states), deadlines=(START,))


@pytest.fixture
def house(sqlite_url: str) -> Iterator[House]:
    with open_house(sqlite_url) as opened:
        yield opened


@pytest.fixture
def either(database_url: str) -> Iterator[House]:
    """The house on each of the databases."""
    with open_house(database_url) as opened:
        yield opened


def all_replay(house: House) -> bool:
    return all(verdict.ok for verdict in replay_of(house).all(INSTITUTION))


def row(case: Case, name: str = "answer") -> Any:
    return next((each for each in case.deadlines if each.name == name), None)


# The state.


def test_a_state_of_another_name_is_mapped_and_others_keep_theirs(either: House) -> None:
    asked, proposed = either.open(), either.stay_in("proposed")
    new = go_over(either, renamed(NAMES, stay_with()))
    for case, state in ((asked, "registered"), (proposed, "proposed")):
        migrate(either, case)
        assert (either.case(case).state, either.case(case).definition) == (state, new.hash)
    either.take(asked, "propose", note="ready")
    assert all_replay(either)


def test_a_state_the_new_file_does_not_know_is_refused(house: House) -> None:
    case = house.open()
    go_over(house, renamed(NAMES, stay_with(), said=False))
    with refused(house, GuardRefused, "migration_no_state"):
        migrate(house, case)


def test_a_closed_case_stays_in_its_version(house: House) -> None:
    case = house.open()
    house.take(case, "withdraw")
    go_over(house, stay_with(facts=WiderFacts))
    with refused(house, GuardRefused, "final"):
        migrate(house, case)
    assert house.case(case).definition == OLD.hash


def test_a_case_that_is_there_already_is_left(house: House) -> None:
    case = house.open()
    go_over(house, stay_with(facts=WiderFacts))
    migrate(house, case)
    with refused(house, StaleCase, "migration_done"):
        migrate(house, case)


def test_the_event_says_from_which_definition_to_which_and_who(house: House) -> None:
    case = house.open()
    new = go_over(house, renamed(NAMES, stay_with()))
    event = migrate(house, case, by="adam").event
    assert event is not None
    body = json.loads(event.body)
    assert (body["kind"], body["from"], body["to"]) == ("migrated", "asked", "registered")
    assert (body["from_definition"], body["definition"]) == (OLD.hash, new.hash)
    assert (body["party"], body["role"], body["trigger"]) == ("adam", "admin", None)


@pytest.mark.parametrize(("who", "error"), [("ann", NotYourTurn), ("ada", NotYourTurn), ("clock", NotYourTurn)])
def test_only_an_admin_or_whoever_runs_the_installation_carries_over(
    house: House, who: str, error: type[NotYourTurn]
) -> None:
    case = house.open()
    go_over(house, stay_with(facts=WiderFacts))
    with refused(house, error):
        migrate(house, case, by=who)


def test_whoever_has_nothing_to_do_with_it_does_not_learn_that_it_is_there(house: House) -> None:
    case = house.open()
    go_over(house, stay_with(facts=WiderFacts))
    with refused(house, CaseNotFound):
        migrate(house, case, by="bea")


# The facts.


def test_new_facts_have_their_defaults_and_may_be_put_right_from_then_on(house: House) -> None:
    case = house.open(note="keep")
    go_over(house, stay_with(facts=WiderFacts))
    migrate(house, case)
    assert (house.case(case).facts["mentor"], house.case(case).facts["note"]) == (None, "keep")
    house.ask(Correct({"mentor": "Mona"}, "known now"), "olle", case)
    assert all_replay(house)


def test_facts_that_do_not_fit_are_refused_with_the_field(house: House) -> None:
    case = house.open(semesters=3)
    go_over(house, stay_with(facts=WiderFacts))
    with refused(house, GuardRefused, "migration_facts"):
        migrate(house, case)
    with pytest.raises(GuardRefused) as raised:
        migrate(house, case)
    assert [reason.code for reason in raised.value.reasons][1:] == ["field:semesters"]


def test_a_fact_the_new_file_has_no_place_for_is_left_behind_and_kept_in_the_detail(either: House) -> None:
    go_over(either, wide := stay_with(facts=WiderFacts))
    case = either.open(mentor="Mona")
    run_under(either, narrow_again(wide))
    event = migrate(either, case).event
    assert event is not None
    assert (json.loads(event.detail or b"{}"), "mentor" in either.case(case).facts) == (
        {"dropped": {"mentor": "Mona"}},
        False,
    )
    was = history_of(either).case_at(INSTITUTION, case)
    assert was is not None
    assert dict(was.facts) == dict(either.case(case).facts)
    assert all_replay(either)


def narrow_again(before: Workflow) -> Catalogue:
    """Version 3, with the narrow facts again; the version before is then a past one."""
    return Catalogue(catalogue_of(replace(STAY, version=3)).now, (catalogue_of(before).current("stay"),))


# Deadlines.


def test_a_deadline_of_the_same_name_keeps_what_it_has_used_and_gets_the_new_end(house: House) -> None:
    case = house.open()
    before = row(house.case(case))
    house.clock.at = local("2026-12-22 14:00")
    go_over(house, stay_with(deadlines=(LONGER, START)))
    migrate(house, case)
    after = row(house.case(case))
    assert (after.since, after.started_at, after.status) == (before.since, before.started_at, before.status)
    assert after.due_on > before.due_on + timedelta(days=6)
    assert all_replay(house)


def test_a_pause_stays_in_the_ledger(house: House) -> None:
    case = house.open()
    house.take(case, "ask")
    go_over(house, stay_with(deadlines=(LONGER, START)))
    house.clock.at = local("2026-12-28 09:00")
    migrate(house, case)
    assert row(house.case(case)).resting
    house.take(case, "receive")
    assert row(house.case(case)).ledger[0][1] is not None
    assert all_replay(house)


def test_a_deadline_the_new_file_does_not_run_stops(house: House) -> None:
    case = house.open()
    go_over(house, without_answer(stay_with()))
    migrate(house, case)
    assert house.case(case).deadlines == ()
    (ended,) = house.rows("deadline", case_id=case)
    assert ended["status"] == "stopped"
    assert all_replay(house)


def test_a_deadline_that_is_new_starts(house: House) -> None:
    case = house.open()
    go_over(house, stay_with(deadlines=(ANSWER, START, CHECK)))
    house.clock.at = local("2026-12-28 09:00")
    event = migrate(house, case).event
    assert event is not None
    assert row(house.case(case), "check").since == event.sequence
    assert all_replay(house)


def test_a_deadline_that_was_answered_does_not_start_again(house: House) -> None:
    case = house.stay_in("proposed")
    house.take(case, "approve", by="hedda")
    house.take(case, "send_back", by="olle")
    answered = {each["since"]: each["status"] for each in house.rows("deadline", case_id=case)}
    go_over(house, stay_with(deadlines=(LONGER, START)))
    migrate(house, case)
    assert {each["since"]: each["status"] for each in house.rows("deadline", case_id=case)} == answered


# Places.


def test_a_place_held_stays_held(house: House) -> None:
    contract = house.contract()
    case = house.stay_in("away", contract)
    version = house.case(contract).version
    go_over(house, stay_with(facts=WiderFacts))
    migrate(house, case)
    assert (held_by(house, contract), house.case(contract).version) == ([case], version)


def holding_in(*names: str) -> Workflow:
    states = tuple(replace(state, holds_place=state.name in names) for state in STAY.states)
    return stay_with(states=states)


def test_a_place_the_new_file_does_not_hold_in_that_state_is_freed(either: House) -> None:
    contract = either.contract()
    case = either.stay_in("offered", contract)
    go_over(either, holding_in("away"))
    migrate(either, case)
    assert held_by(either, contract) == []
    assert all_replay(either)


def test_a_place_the_new_file_holds_earlier_is_taken_while_there_is_one(house: House) -> None:
    contract = house.contract()
    first, second = house.stay_in("waiting", contract), house.stay_in("waiting", contract)
    go_over(house, holding_in("waiting", "offered", "away"))
    migrate(house, first)
    assert held_by(house, contract) == [first]
    with refused(house, GuardRefused, "no_place_left"):
        migrate(house, second)
    assert all_replay(house)


# Told beforehand, replayed afterwards.


def test_what_it_would_do_is_told_without_doing_it(house: House) -> None:
    case = house.open()
    catalogue = catalogue_of(renamed(NAMES, stay_with(deadlines=(LONGER, START))))
    before = house.dump()
    with house.store.transaction() as ledger:
        snapshot = house.cases.snapshot(ledger, Request(INSTITUTION, Migrate(), IMPORT_PARTY, case=case))
    decision = outlook(catalogue, snapshot, case)
    assert [(each.id, each.state, each.version) for each in decision.cases] == [(case, "registered", 2)]
    assert [each.name for _, each in decision.deadlines] == ["answer"]
    assert house.dump() == before


@pytest.mark.parametrize(
    "forged", [{"to": "queued"}, {"from_definition": "0" * 64}, {"party": "ann"}, {"deadlines": []}]
)
def test_a_forged_migration_is_named(sqlite_url: str, forged: dict[str, Any]) -> None:
    with open_post(sqlite_url) as post:
        house = post.house
        case = house.open()
        go_over(house, renamed(NAMES, stay_with(deadlines=(LONGER, START))))
        migrate(house, case)
        columns = {"to_state": "queued"} if "to" in forged else {}
        Life(post, "", case, "").forge(case, 2, **forged, **columns)
        found = replay_of(house).case(INSTITUTION, case).first_wrong
        assert found is not None
        assert found.sequence == 2


def test_a_migrated_case_that_was_erased_still_replays(either: House) -> None:
    case = either.open(note="private")
    go_over(either, renamed(NAMES, stay_with(facts=WiderFacts)))
    migrate(either, case)
    either.take(case, "withdraw")
    either.ask(Erase(ErasureReason.REQUEST), IMPORT_PARTY, case)
    assert all_replay(either)


STEPS = ("take", "ask", "receive", "propose", "approve", "send_back", "offer", "accept", "withdraw", "finish", "lock")
MANY = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    derandomize=True,
)


def try_step(house: House, case: str, trigger: str) -> None:
    """Take a step as somebody who may, if it goes; hours pass."""
    house.clock.at += timedelta(hours=30)
    who = {"approve": "hedda", "send_back": "hedda", "offer": "olle", "lock": "hedda"}.get(trigger, "arne")
    sent: dict[str, dict[str, Any]] = {
        "propose": {"note": "n"}, "lock": {"locked": False}, "send_back": {"reason": "r"},
    }  # fmt: skip
    try:
        if trigger == "accept":
            house.student(case, trigger)
        else:
            house.take(case, trigger, by=who, **sent.get(trigger, {}))
    except EngineError:
        return


@MANY
@given(
    before=st.lists(st.sampled_from(STEPS), max_size=8),
    after=st.lists(st.sampled_from(STEPS), max_size=8),
    deadlines=st.sampled_from([(ANSWER, START), (LONGER, START), (LONGER, START, CHECK)]),
    other_names=st.booleans(),
)
def test_whatever_a_life_was_it_replays_after_migration_steps_and_erasure(
    tmp_path_factory: pytest.TempPathFactory, before: list[str], after: list[str], deadlines: Any, other_names: bool
) -> None:
    url = f"sqlite:///{tmp_path_factory.mktemp('life')}/x.db"
    prepare(url)
    with open_house(url) as house:
        case = house.open(links={"contract": house.contract()}, starts_on="2027-08-30")
        for trigger in before:
            try_step(house, case, trigger)
        workflow = stay_with(deadlines=deadlines, facts=WiderFacts)
        if CHECK not in deadlines and other_names:
            workflow = renamed(NAMES, workflow)
        go_over(house, workflow)
        try:
            migrate(house, case)
        except GuardRefused:
            assert house.case(case).closed_at is not None
        for trigger in after:
            try_step(house, case, trigger)
        assert all_replay(house)
        for each in house.rows("case_record", workflow="report"):
            house.take(each["id"], "file")
        for each in [*house.rows("case_record", workflow="stay"), *house.rows("case_record", workflow="report")]:
            if each["closed_at"] is not None:
                house.ask(Erase(ErasureReason.RETENTION), IMPORT_PARTY, each["id"])
        assert all_replay(house)
