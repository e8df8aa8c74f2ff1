"""Whom a case waits for: its state, its milestones, and the cases it is linked to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from engine.canonical import micros
from engine.catalogue import Catalogue
from engine.definition import define
from engine.errors import CaseNotFound
from engine.model import Assign, Comment
from engine.queries import Queries
from engine.store.narrowing import CaseFilter
from engine.vocabulary import Milestone, Role, at
from engine.waiting import Standing, Waiting, Waits, What
from tests.engine.house import CATALOGUE, INSTITUTION, NOBODYS, House, local, open_house
from tests.engine.house_report import words
from tests.engine.house_workflows import SOURCE, STAY

PARTNER = "00000000-0000-4000-8000-000000000777"
MILESTONES = (
    Milestone("contract", words("signed contract"), link="contract", waits_in=("away",), given_in=("ended",)),
    Milestone("note", words("the note"), Role.COORDINATOR, fact="note", deadlines=("answer",)),
    Milestone("place", words("a place"), at("contract", Role.COORDINATOR), waits_in=("waiting",), done_in=("offered",)),
    Milestone("consent", words("consent"), Role.PARTNER, fact="locked", waits_in=("resting",)),
)
WITH_MILESTONES = Catalogue(
    tuple(
        define(replace(STAY, milestones=MILESTONES), SOURCE) if each.name == "stay" else each for each in CATALOGUE.now
    )
)


@contextmanager
def house_with(url: str, catalogue: Catalogue = WITH_MILESTONES) -> Iterator[House]:
    with open_house(url, catalogue=catalogue) as house:
        yield house


@pytest.fixture
def house(sqlite_url: str) -> Iterator[House]:
    """The house whose stays have milestones."""
    with house_with(sqlite_url) as made:
        yield made


@pytest.fixture
def plain(sqlite_url: str) -> Iterator[House]:
    """The house whose stays declare no milestones."""
    with house_with(sqlite_url, CATALOGUE) as made:
        yield made


def waits(house: House, case: str, by: str = "ann") -> Waits:
    return Queries(house.cases).case_waits(INSTITUTION, by, case)


def only(house: House, case: str, by: str = "ann") -> Waiting:
    (item,) = waits(house, case, by).items
    return item


def named(house: House, case: str, by: str = "ann") -> list[str]:
    return [f"{item.what}:{item.name}" for item in waits(house, case, by).items]


def marks(house: House, case: str) -> dict[str, Standing]:
    return {mark.name: mark.standing for mark in waits(house, case).milestones}


# The state.


def test_a_state_waits_for_the_nearest_holders_of_its_owner_role(plain: House) -> None:
    item = only(plain, plain.open())
    assert (item.what, item.name, item.label) == (What.STATE, "asked", words("asked"))
    assert (item.whom.role, item.whom.people) == (Role.COORDINATOR, ("ann", "arne"))
    assert item.whom.recipients == ("person:ann", "person:arne")


def test_the_assignee_is_waited_for_where_the_role_is_theirs(plain: House) -> None:
    stay = plain.open()
    plain.ask(Assign("arne"), "ann", stay)
    assert only(plain, stay).whom.people == ("arne",)


def test_the_assignee_is_not_waited_for_where_somebody_else_has_the_next_word(plain: House) -> None:
    stay = plain.stay_in("proposed")
    plain.ask(Assign("arne"), "ann", stay)
    assert (only(plain, stay).whom.role, only(plain, stay).whom.people) == (Role.HEAD, ("hedda",))


def test_who_is_on_leave_is_waited_for_through_the_substitute(plain: House) -> None:
    stay = plain.stay_in("proposed")
    plain.away("hedda", substitute="arne", starts_on=date(2026, 12, 20))
    assert only(plain, stay).whom.people == ("arne",)


def test_a_substitute_who_may_not_read_the_case_leaves_it_to_the_unit(plain: House) -> None:
    stay = plain.stay_in("proposed")
    plain.away("hedda", substitute="bea", starts_on=date(2026, 12, 20))
    item = only(plain, stay)
    assert (item.whom.people, item.whom.recipients) == ((), ("unit:a",))


@pytest.mark.parametrize("state", ["asked", "proposed", "waiting", "offered", "away"])
def test_whom_a_case_waits_for_may_be_told_of_it(plain: House, state: str) -> None:
    stay = plain.stay_in(state, plain.contract())
    told = waits(plain, stay).items[0].whom.recipients
    plain.ask(Comment("when?", told), "ann", stay)
    assert waits(plain, stay).items[0].chased_at is not None


def test_the_student_is_waited_for_by_name_of_the_case(plain: House) -> None:
    stay = plain.stay_in("offered", plain.contract())
    item = waits(plain, stay).items[0]
    assert (item.whom.role, item.whom.people) == (Role.STUDENT, (plain.case(stay).subject,))


def test_where_nobody_holds_the_role_it_waits_for_the_units_mailbox(plain: House) -> None:
    stay = plain.open(unit="b", by="bea")
    plain.take(stay, "propose", by="bea", note="ready")
    item = only(plain, stay, "bea")
    assert (item.whom.people, item.whom.unit, item.whom.recipients) == ((), "b", ("unit:b",))


def test_it_waits_until_the_first_open_deadline_since_the_state_was_entered(plain: House) -> None:
    stay = plain.open()
    plain.ask(Comment("later"), "ann", stay)
    item = only(plain, stay)
    assert (item.since, item.since_on) == (micros(local("2026-12-21 10:00")), date(2026, 12, 21))
    assert (item.due_on, item.deadline, item.overdue) == (date(2026, 12, 28), words("answer"), False)


def test_entering_another_state_begins_the_waiting_anew(plain: House) -> None:
    stay = plain.open()
    plain.clock.at = local("2026-12-22 11:00")
    plain.take(stay, "propose", note="ready")
    assert only(plain, stay).since_on == date(2026, 12, 22)


def test_a_recorded_step_enters_nothing(plain: House) -> None:
    stay = plain.open()
    plain.clock.at = local("2026-12-22 11:00")
    plain.take(stay, "take")
    assert only(plain, stay).since_on == date(2026, 12, 21)


def test_a_missed_deadline_is_overdue(plain: House) -> None:
    stay = plain.open()
    for _ in range(2):
        plain.climb(stay, at=local("2026-12-29 09:00"))
    assert only(plain, stay).overdue


def test_while_a_deadline_rests_no_day_is_shown(plain: House) -> None:
    stay = plain.open()
    plain.take(stay, "ask")
    item = only(plain, stay)
    assert (item.name, item.due_on, item.overdue) == ("resting", None, False)


def test_a_finished_case_waits_for_nothing(house: House) -> None:
    stay = house.open()
    house.take(stay, "withdraw")
    assert waits(house, stay).items == ()
    assert Standing.WAITING not in marks(house, stay).values()


# Chasing leaves its trace.


def test_when_somebody_was_last_told_stands_beside_them(plain: House) -> None:
    stay = plain.stay_in("proposed")
    assert only(plain, stay).chased_at is None
    for day in ("22", "23"):
        plain.clock.at = local(f"2026-12-{day} 09:00")
        plain.ask(Comment("when?", ("person:hedda",)), "ann", stay)
    plain.clock.at = local("2026-12-24 09:00")
    plain.ask(Comment("to another", ("person:arne",)), "ann", stay)
    assert only(plain, stay).chased_at == micros(local("2026-12-23 09:00"))


# Milestones.


def test_a_milestone_of_the_same_people_stands_in_place_of_the_state(house: House) -> None:
    item = only(house, house.open())
    assert (item.what, item.name, item.label) == (What.MILESTONE, "note", words("the note"))
    assert (item.whom.people, item.due_on) == (("ann", "arne"), date(2026, 12, 28))


def test_a_milestone_of_others_stands_beside_the_state(house: House) -> None:
    stay = house.open(links={"contract": house.contract(unit="b")}, note="ready")
    house.take(stay, "propose", note="ready")
    house.take(stay, "approve", by="hedda")
    whom = [(item.name, item.whom.people) for item in waits(house, stay).items if item.what is not What.CASE]
    assert whom == [("waiting", ("olle",)), ("place", ("bea",))]


def test_a_fact_that_is_known_is_waited_for_no_more(house: House) -> None:
    stay = house.open(note="here it is")
    assert (named(house, stay), marks(house, stay)["note"]) == (["state:asked"], Standing.DONE)


def test_a_deadline_that_no_milestone_speaks_of_keeps_the_state_in_the_list(house: House) -> None:
    catalogue = Catalogue(
        tuple(
            define(replace(STAY, milestones=(replace(MILESTONES[1], deadlines=(), waits_in=("asked",)),)), SOURCE)
            if each.name == "stay"
            else each
            for each in CATALOGUE.now
        )
    )
    house.cases.catalogue = catalogue
    assert named(house, house.open()) == ["state:asked", "milestone:note"]


def test_the_checklist_says_what_is_done_waited_for_and_to_come(house: House) -> None:
    stay = house.open(links={"contract": house.contract()})
    assert marks(house, stay) == {
        "contract": Standing.LATER,
        "note": Standing.WAITING,
        "place": Standing.LATER,
        "consent": Standing.LATER,
    }


def test_a_step_past_its_states_leaves_a_milestone_done(house: House) -> None:
    stay = house.stay_in("offered", house.contract())
    assert marks(house, stay)["place"] is Standing.DONE


def test_what_no_means_is_not_known(house: House) -> None:
    stay = house.open(partner_id=PARTNER, note="x")
    house.take(stay, "ask")
    consent = next(item for item in waits(house, stay).items if item.name == "consent")
    assert (consent.whom.partner, consent.whom.recipients) == (PARTNER, (f"partner:{PARTNER}",))


def test_a_milestone_along_a_link_waits_in_the_other_case(house: House) -> None:
    contract = house.contract(unit="b")
    stay = house.stay_in("away", contract)
    item = next(item for item in waits(house, stay, "olle").items if item.name == "contract")
    assert (item.case, item.number, item.label) == (contract, house.case(contract).number, words("signed contract"))
    assert (item.state, item.whom.role, item.whom.people) == (words("active"), Role.OFFICER, ("olle",))


def test_a_milestone_along_a_link_that_need_not_be_there_is_left_out_until_it_is(house: House) -> None:
    assert "contract" not in marks(house, house.open())


# Linked cases.


def test_an_open_linked_case_is_listed_with_where_it_stands(plain: House) -> None:
    contract = plain.contract()
    stay = plain.open(links={"contract": contract})
    item = waits(plain, stay, "olle").items[1]
    assert (item.what, item.name, item.label, item.case) == (What.CASE, "contract", words("contract"), contract)
    assert (item.state, item.whom.people) == (words("active"), ("olle",))


def test_a_finished_linked_case_is_not(plain: House) -> None:
    companion = plain.open()
    stay = plain.open(links={"companion": companion})
    assert named(plain, stay) == ["state:asked", "case:companion"]
    plain.take(companion, "withdraw")
    assert named(plain, stay) == ["state:asked"]


def test_of_a_linked_case_one_may_not_read_the_role_alone_is_told(plain: House) -> None:
    contract = plain.contract(unit="b")
    item = waits(plain, plain.open(links={"contract": contract})).items[1]
    assert (item.case, item.number, item.title, item.state, item.whom.people) == (contract, None, None, None, ())
    assert (item.whom.role, item.whom.recipients, item.due_on) == (Role.OFFICER, (), None)


# Rights, lists, statements.


@pytest.mark.parametrize("who", ["bea", "adam", "nobody"])
def test_who_may_not_read_the_case_learns_nothing(plain: House, who: str) -> None:
    stay = plain.open()
    queries = Queries(plain.cases)
    for asked in (queries.case_waits, queries.addressees):
        with pytest.raises(CaseNotFound):
            asked(INSTITUTION, who, stay)
    with pytest.raises(CaseNotFound):
        queries.chaser(INSTITUTION, who, stay, "person:ann")


def test_a_case_that_is_not_there_is_not_found(plain: House) -> None:
    with pytest.raises(CaseNotFound):
        waits(plain, NOBODYS)


def test_all_of_mine_come_in_pages_with_what_each_waits_for(database_url: str) -> None:
    with house_with(database_url) as house:
        mine = [house.open(links={"contract": house.contract(unit="b")}) for _ in range(3)]
        house.open(unit="b", by="bea")
        queries = Queries(house.cases)
        narrowed = CaseFilter(workflow=("stay",))
        first = queries.list_waits(INSTITUTION, "ann", narrowed=narrowed, sort="opened", limit=2)
        rest = queries.list_waits(
            INSTITUTION, "ann", narrowed=narrowed, sort="opened", cursor=first.next_cursor, limit=2
        )
        shown = [*first.items, *rest.items]
        assert [each.case.id for each in shown] == mine
        assert [[item.name for item in each.items] for each in shown] == [["note"]] * 3


def statements(house: House, limit: int) -> int:
    """How many statements a page of so many takes: on SQLite all, on PostgreSQL all but the ledger's one."""
    sent: list[str] = []

    def core(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    def every(connection: Any, *_: Any) -> None:
        connection.set_trace_callback(sent.append)

    hook, heard = ("checkout", every) if house.store.sqlite else ("before_cursor_execute", core)
    sa.event.listen(house.store.engine, hook, heard)
    try:
        page = Queries(house.cases).list_waits(INSTITUTION, "ann", narrowed=CaseFilter(workflow=("stay",)), limit=limit)
    finally:
        sa.event.remove(house.store.engine, hook, heard)
    assert len(page.items) == limit
    return len(sent)


def test_a_long_page_takes_no_more_statements_than_a_short_one(database_url: str) -> None:
    with house_with(database_url) as house:
        for _ in range(12):
            house.open(links={"contract": house.contract(unit="b")})
        short, long = statements(house, 2), statements(house, 11)
        assert short == long
        assert short <= 20
