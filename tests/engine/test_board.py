"""The board finds for each step just what reading for it alone would find, and says when it cannot."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine.board import Board
from engine.model import Case, Key, NewPerson
from engine.organisation import Organisation
from engine.store.ledger import Plan, Readings, Reverse
from tests.engine.house import INSTITUTION
from tests.engine.made_by_hand import a_case, a_decision

STAYS = (Reverse("contract", "stay", "contract", ()),)
THEIR_OTHERS = (Reverse("stay", "stay", None, ()),)


def plan(*cases: str, **more: Any) -> Plan:
    return Plan(INSTITUTION, cases, **more)


def board(plans: tuple[Plan, ...], *cases: Case, **more: Any) -> Board:
    nothing: dict[str, Any] = {"done": {}, "known": {}, "subjects": frozenset(), "workload": {}, "detailed": {}}
    return Board(plans, Readings(8, {case.id: case for case in cases}, **(nothing | more)))


def stay(name: str, *links: tuple[str, str], **more: Any) -> Case:
    return replace(a_case(name, **more), links=links, deadlines=())


def changed(case: Case, **more: Any) -> Any:
    later = replace(case, version=case.version + 1, **more)
    linked = tuple((case.id, name, to) for name, to in later.links if (name, to) not in case.links)
    return a_decision(later, opened=False, linked=linked)


CONTRACT = replace(a_case("k", workflow="contract"), links=(), deadlines=())


def test_others_of_the_batch_are_not_seen_where_reading_alone_would_not_see_them() -> None:
    plans = (plan("a"), plan("k", reverse=STAYS))
    known = board(plans, stay("a", ("contract", "k")), stay("b", ("contract", "k")), CONTRACT)
    assert known.reach(plans[0]) == ["a", "k"]
    assert sorted(known.reach(plans[1]) or ()) == ["a", "b", "k"]


def test_who_closed_earlier_in_the_batch_is_no_longer_found() -> None:
    contract = plan("k", reverse=STAYS)
    known = board((contract,), open_stay := stay("a", ("contract", "k")), CONTRACT)
    known.note(changed(open_stay, closed_at=9))
    assert known.reach(contract) == ["k"]


def test_a_tie_made_earlier_in_the_batch_leads_on_where_that_was_read() -> None:
    plans = (plan("a"), plan("k"))
    known = board(plans, alone := stay("a"), CONTRACT)
    known.note(changed(alone, links=(("contract", "k"),)))
    assert known.reach(plans[0]) == ["a", "k"]


def test_a_tie_to_what_was_read_for_another_kind_of_step_ends_the_batch() -> None:
    plans = (plan("a", reverse=STAYS), plan("k"))
    known = board(plans, alone := stay("a"), CONTRACT)
    known.note(changed(alone, links=(("contract", "k"),)))
    assert known.reach(plans[0]) is None


def test_a_case_opened_in_the_batch_ends_it_only_where_their_other_cases_are_asked_for() -> None:
    by_link, by_person = plan("k", reverse=STAYS), plan("k", reverse=(*STAYS, *THEIR_OTHERS))
    known = board((by_link, by_person), CONTRACT)
    known.note(a_decision(stay("n", ("contract", "k"), version=1), linked=(("n", "contract", "k"),)))
    assert sorted(known.reach(by_link) or ()) == ["k", "n"]
    assert known.reach(by_person) is None


def test_a_case_has_no_number_until_it_is_written() -> None:
    known = board((plan("k"),), CONTRACT)
    known.note(a_decision(stay("n", version=1)))
    assert known.unnumbered(["k", "n"])
    known.number({"n": "STA-2026-0001"})
    assert not known.unnumbered(["k", "n"])
    assert known.cases["n"].number == "STA-2026-0001"


def test_work_is_counted_as_it_moves_from_one_to_another() -> None:
    first, second = stay("a", assignee="ann"), stay("b", assignee="ann")
    counted = plan("a", workload="stay")
    known = board((counted,), first, second, workload={"stay": {"ann": 2}})
    known.note(changed(first, assignee="arne"))
    known.note(changed(second, closed_at=9))
    organisation = Organisation(INSTITUTION, 8, {}, (), (), (), {})
    assert known.snapshot(counted, ("a",), now=1, organisation=organisation).workload == {"arne": 1}


def test_keys_and_persons_of_earlier_steps_are_known() -> None:
    who = NewPerson("Å", "å@x.se", "sv")
    asked = plan("a", party="ann", key="k", email="å@x.se", subject="p1")
    known = board((asked,), first := stay("a"))
    known.note(replace(changed(first), person=("p1", who), key=Key("k", "f")))
    organisation = Organisation(INSTITUTION, 8, {}, (), (), (), {})
    seen = known.snapshot(asked, ("a",), now=1, organisation=organisation)
    assert (seen.known, seen.subject_exists) == ("p1", True)
    assert seen.done is not None
    assert (seen.done.fingerprint, seen.done.case) == ("f", "a")


def test_links_and_deadlines_stand_in_the_order_the_store_gives_them() -> None:
    known = board((plan("a"),), first := stay("a", ("z", "c1")))
    known.note(changed(first, links=(("z", "c1"), ("m", "c2"), ("b", "c3"))))
    assert known.cases["a"].links == (("z", "c1"), ("b", "c3"), ("m", "c2"))
