"""Judging an audit folder: what is there, what is missing, what came after the fact; and drawing samples."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.calendar import Calendar
from engine.canonical import micros
from engine.checks import problems
from engine.dossiers.drawing import Member, draw, value_of
from engine.dossiers.judging import Read, judge
from engine.dossiers.trail import Trail, days_in
from engine.dossiers.values import Finding, Ranked, Standing, Subject, Why
from engine.model import Case
from engine.store.event_rows import Written
from engine.vocabulary import AuditFolder, Call, Paper, Text, Where
from tests.engine.examples import defined, loan

WORDS = Text("Ord", "Words")


def at(day: str) -> int:
    return micros(datetime.fromisoformat(f"{day}T10:00:00").replace(tzinfo=UTC))


def event(
    sequence: int,
    day: str,
    trigger: str | None = None,
    *,
    to: str = "open",
    party: str = "ann",
    told: bool = False,
    erased: bool = False,
    number: str = "A-1",
    **changes: Any,
) -> Written:
    body: dict[str, Any] = {
        "at": at(day),
        "trigger": trigger,
        "to": to,
        "party": party,
        "kind": "moved",
        "detail": "x" if changes or erased else None,
    }
    if told:
        body["told"] = [["done", "person:ann", "mail"]]
    detail = json.dumps({"changes": changes}).encode() if changes and not erased else None
    return Written(number, sequence, {}, b"", body, "", f"{sequence:064x}", detail, None)


def subject(*events: Written, number: str = "A-1") -> Subject:
    facts: dict[str, Any] = {}
    for each in events:
        facts |= (each.told or {}).get("changes", {})
    case = Case(
        institution="umu.se", id=number, number=number, workflow="stay", definition="d", state="open", unit="STAT",
        assignee=None, subject=None, title="", search="", facts=facts, acts={}, version=len(events), head="",
        opened_at=events[0].body["at"] if events else 0, updated_at=0, closed_at=None,
    )  # fmt: skip
    return Subject(case, events)


def read(*events: Written, linked: Mapping[str, Subject] | None = None, first: Ranked | None = None) -> Read:
    return Read(subject(*events), linked or {}, Calendar(), first)


def only(paper: Paper, seen: Read) -> Finding:
    (finding,) = judge(AuditFolder((paper,)), seen)
    return finding


def paper(**more: Any) -> Paper:
    return Paper(name="it", label=WORDS, source=WORDS, **more)


# There, and not.


def test_a_paper_is_there_once_its_facts_are_known() -> None:
    finding = only(
        paper(needs=("letter",)), read(event(1, "2027-01-01", letter=None), event(2, "2027-02-01", letter="A 7"))
    )
    assert (finding.standing, [each.sequence for each in finding.evidence]) == (Standing.PRESENT, [2])
    assert finding.shown == {"letter": "A 7"}


@pytest.mark.parametrize("unknown", [None, "", [], {}])
def test_what_says_nothing_is_not_there(unknown: object) -> None:
    finding = only(paper(needs=("letter",)), read(event(1, "2027-01-01", letter=unknown)))
    assert (finding.standing, finding.lacks) == (Standing.MISSING, ("letter",))


def test_a_figure_of_nought_is_known() -> None:
    assert only(paper(needs=("points",)), read(event(1, "2027-01-01", points=0))).standing is Standing.PRESENT


def test_what_was_forgotten_and_learned_again_rests_on_the_last_time() -> None:
    lived = [
        event(1, "2027-01-01", letter="a"),
        event(2, "2027-01-02", letter=None),
        event(3, "2027-01-03", letter="b"),
    ]
    assert [each.sequence for each in only(paper(needs=("letter",)), read(*lived)).evidence] == [3]
    renewed = only(paper(needs=("letter",), renewed=True), read(*lived[:2]))
    assert (renewed.standing, [each.sequence for each in renewed.evidence]) == (Standing.PRESENT, [1])


def test_of_facts_that_say_the_same_one_is_enough() -> None:
    signed = paper(either=(("signed_on", "signed"),))
    assert only(signed, read(event(1, "2027-01-01", signed="by_hand"))).standing is Standing.PRESENT
    assert only(signed, read(event(1, "2027-01-01"))).lacks == ("signed_on",)


def test_a_step_must_have_been_taken_and_told() -> None:
    decision = paper(steps=("offer",), informed=True)
    assert only(decision, read(event(1, "2027-01-01"))).lacks == ("step",)
    assert only(decision, read(event(1, "2027-01-01", "offer"))).lacks == ("notice",)
    assert only(decision, read(event(1, "2027-01-01", "offer", told=True))).standing is Standing.PRESENT


def test_a_paper_is_asked_for_only_where_the_case_has_been() -> None:
    letter = paper(needs=("letter",), asked_in=("abroad",))
    assert only(letter, read(event(1, "2027-01-01"))).standing is Standing.NOT_YET
    been = read(event(1, "2027-01-01", to="abroad"), event(2, "2027-02-01", to="home"))
    assert only(letter, been).standing is Standing.MISSING


@pytest.mark.parametrize("needed", [{"needs": ("letter",)}, {"elsewhere": WORDS}])
def test_what_a_closed_case_never_came_to_is_not_said_to_be_due_later(needed: dict[str, Any]) -> None:
    letter = paper(asked_in=("abroad",), **needed)
    withdrawn = subject(event(1, "2027-01-01", to="withdrawn"))
    closed = replace(withdrawn, case=replace(withdrawn.case, closed_at=1))
    assert only(letter, Read(withdrawn, {}, Calendar())).standing is Standing.NOT_YET
    assert only(letter, Read(closed, {}, Calendar())).standing is Standing.NEVER


def test_an_optional_paper_is_never_missing() -> None:
    assert only(paper(needs=("change",), optional=True), read(event(1, "2027-01-01"))).standing is Standing.NOT_ASKED


def test_the_three_parties_must_all_have_signed() -> None:
    signed = paper(signed_by=("signatures", "party"), steps=("sign",))
    two = [{"party": "student"}, {"party": "sending"}]
    finding = only(signed, read(event(1, "2027-01-01", "sign", signatures=two)))
    assert (finding.standing, finding.lacks) == (Standing.MISSING, ("receiving",))


def test_a_linked_case_shows_what_it_knows() -> None:
    agreement = subject(event(4, "2026-01-01", number="AGR-1", registration_number="FS 1"), number="AGR-1")
    linked = paper(link="agreement", needs=("registration_number",))
    finding = only(linked, read(event(1, "2027-01-01"), linked={"agreement": agreement}))
    assert (finding.standing, finding.of, finding.evidence[0].case) == (Standing.PRESENT, "AGR-1", "AGR-1")
    assert only(linked, read(event(1, "2027-01-01"))).standing is Standing.MISSING


def test_which_paper_is_asked_for_may_hang_on_a_linked_case() -> None:
    where = Where("agreement", "study_plan", "home_approval")
    agreement = subject(event(1, "2026-01-01", study_plan="home_approval"))
    seen = read(event(1, "2027-01-01"), linked={"agreement": agreement})
    assert only(paper(needs=("plan",), only=where), seen).standing is Standing.MISSING
    assert only(paper(needs=("plan",), unless=where), seen).standing is Standing.NOT_ASKED


def test_what_lies_elsewhere_is_said_to() -> None:
    assert only(paper(elsewhere=WORDS), read(event(1, "2027-01-01"))).standing is Standing.ELSEWHERE


def test_erased_details_are_neither_there_nor_missing() -> None:
    gone = read(event(1, "2027-01-01", "offer", erased=True), event(2, "2027-02-01"))
    assert only(paper(needs=("letter",)), gone).standing is Standing.ERASED
    assert only(paper(steps=("offer",)), gone).standing is Standing.ERASED
    assert only(paper(steps=("rank",), needs=("points",)), gone).lacks == ("points", "step")


# After the fact.


def test_a_signature_after_the_departure_is_after_the_fact() -> None:
    signed = paper(needs=("signed_on",), dated=("signed_on",), before_days=("began_on",))
    lived = event(1, "2027-01-01", began_on="2027-08-23"), event(2, "2027-09-03", signed_on="2027-09-01")
    finding = only(signed, read(*lived))
    assert (finding.standing, set(finding.why)) == (Standing.AFTER, {Why.RECORDED, Why.DATED})
    assert finding.limit is not None
    assert finding.limit.day == date(2027, 8, 23)


def test_what_is_signed_in_time_and_entered_late_says_so() -> None:
    signed = paper(needs=("signed_on",), dated=("signed_on",), before_days=("began_on",))
    lived = event(1, "2027-01-01", began_on="2027-08-23"), event(2, "2027-09-03", signed_on="2027-08-01")
    assert only(signed, read(*lived)).why == (Why.RECORDED,)


def test_the_day_itself_is_in_time_by_the_clock_of_the_office() -> None:
    signed = paper(needs=("letter",), before_days=("began_on",))
    lived = event(1, "2027-01-01", began_on="2027-08-23"), event(2, "2027-08-23", letter="a")
    assert only(signed, read(*lived)).standing is Standing.PRESENT
    # Half past ten in the evening of the 23rd in Greenwich is the 24th in Stockholm.
    late = replace(lived[1], body={**lived[1].body, "at": lived[1].body["at"] + int(12.5 * 3_600_000_000)})
    assert only(signed, read(lived[0], late)).standing is Standing.AFTER


def test_an_import_is_measured_by_the_day_the_paper_bears() -> None:
    agreement = paper(needs=("signed_on",), dated=("signed_on",), before_steps=("nominate",))
    brought_in = event(2, "2027-03-01", party="import", signed_on="2022-01-01")
    assert only(agreement, read(event(1, "2027-01-01", "nominate"), brought_in)).standing is Standing.PRESENT


def test_days_of_grace_are_added() -> None:
    recognised = paper(needs=("outcomes",), before_days=("transcript_on",), grace_days=35)
    came = event(1, "2027-01-01", transcript_on="2027-01-01")
    assert only(recognised, read(came, event(2, "2027-02-05", outcomes=["x"]))).standing is Standing.PRESENT
    assert only(recognised, read(came, event(2, "2027-02-06", outcomes=["x"]))).standing is Standing.AFTER


def test_a_step_that_came_first_is_the_limit() -> None:
    ranking = paper(steps=("rank",), before_steps=("offer",))
    late = read(event(1, "2027-01-01", "offer"), event(2, "2027-01-01", "rank"))
    finding = only(ranking, late)
    assert finding.standing is Standing.AFTER
    assert finding.limit is not None
    assert (finding.limit.case, finding.limit.sequence) == ("A-1", 1)


CRITERIA = {"needs": ("call_closes_on",), "shows": ("credits_required",), "before_steps": ("rank",), "settled": True}


def test_criteria_changed_after_the_ranking_are_after_the_fact() -> None:
    call = paper(**CRITERIA)
    begun = event(1, "2027-01-01", call_closes_on="2027-02-01", credits_required=60), event(2, "2027-02-02", "rank")
    assert only(call, read(*begun)).standing is Standing.PRESENT
    assert only(call, read(*begun, event(3, "2027-02-03", credits_required=30))).why == (Why.CHANGED,)


def test_criteria_after_the_first_ranking_of_the_call_are_after_the_fact() -> None:
    call = paper(**CRITERIA, of_call=True)
    lived = event(1, "2027-01-01"), event(2, "2027-02-05", call_closes_on="2027-02-01"), event(3, "2027-02-09", "rank")
    other = Ranked("B-2", "B-2", 4, at("2027-02-03"))
    finding = only(call, read(*lived, first=other))
    assert finding.standing is Standing.AFTER
    assert finding.limit is not None
    assert finding.limit.case == "B-2"


def test_who_came_after_the_first_ranking_is_measured_by_their_own() -> None:
    call = paper(**CRITERIA, of_call=True)
    lived = event(1, "2027-02-04", call_closes_on="2027-02-01"), event(2, "2027-02-09", "rank")
    earlier = Ranked("B-2", "B-2", 4, at("2027-02-03"))
    assert only(call, read(*lived, first=earlier)).standing is Standing.PRESENT


def test_attendance_is_counted_against_what_was_agreed() -> None:
    stay = paper(needs=("began_on", "ended_on"), attended=("began_on", "ended_on"), planned=("stay_from", "stay_to"))
    days: dict[str, Any] = {
        "began_on": "2027-08-23",
        "ended_on": "2027-08-29",
        "stay_from": "2027-08-23",
        "stay_to": "2027-09-01",
    }
    finding = only(stay, read(event(1, "2027-09-01", **days)))
    assert (finding.attended_days, finding.planned_days) == (7, 10)


DAYS = st.dates(date(2026, 1, 1), date(2028, 12, 31))


@given(signed=DAYS, entered=DAYS, began=DAYS)
def test_a_paper_is_in_time_exactly_when_neither_day_is_later(signed: date, entered: date, began: date) -> None:
    signature = paper(needs=("signed_on",), dated=("signed_on",), before_days=("began_on",))
    lived = (
        event(1, "2026-01-01", began_on=began.isoformat()),
        event(2, entered.isoformat(), signed_on=signed.isoformat()),
    )
    in_time = max(signed, entered) <= began
    assert (only(signature, read(*lived)).standing is Standing.PRESENT) is in_time


NO_DAYS = st.text("abcåäö -:", max_size=9)


@given(st.recursive(st.dates().map(date.isoformat) | st.none() | st.integers() | NO_DAYS, st.lists, max_leaves=6))
def test_days_are_found_wherever_they_stand(value: Any) -> None:
    found = list(days_in(value))
    assert [day.isoformat() for day in found] == [each for each in leaves(value) if re.match("[0-9]", str(each))]
    assert list(days_in({"a": value, "b": [value]})) == found + found


def leaves(value: Any) -> list[Any]:
    """What stands in lists in lists, in order; numbers left out."""
    if isinstance(value, list):
        return [leaf for each in value for leaf in leaves(each)]
    return [] if isinstance(value, int) else [value]


def test_a_body_that_cannot_be_read_spoils_nothing() -> None:
    broken = Written("A-1", 2, {}, b"{", {}, "", "", None, None)
    assert Trail(subject(event(1, "2027-01-01"), broken)).states == {"open"}


# Declared rightly.


def test_a_paper_about_what_is_not_declared_does_not_load() -> None:
    wrong = paper(needs=("nothing",), steps=("fly",), asked_in=("heaven",), link=None, only=Where("sky", "a", "b"))
    found = [
        each
        for each in problems(loan(dossier=AuditFolder((wrong, wrong), ("jump",), Call("sea", ("salt",), (), "swim"))))
        if "paper it" in each or "dossier" in each
    ]
    for word in (
        "nothing is not a fact",
        "the step fly",
        "the state heaven",
        "along sky",
        "twice",
        "jump",
        "sea",
        "salt",
        "swim",
    ):
        assert any(word in each for each in found), word


def test_a_paper_that_nothing_shows_does_not_load() -> None:
    assert any("nothing shows it" in each for each in problems(loan(dossier=AuditFolder((paper(),)))))


def test_a_folder_does_not_change_the_hash_of_a_definition() -> None:
    assert defined(loan(dossier=AuditFolder((paper(needs=("purpose",)),)))).hash == defined().hash


# Drawing.

MEMBERS = st.lists(st.uuids().map(str), unique=True, max_size=30).map(
    lambda ids: [Member(each, each[:4]) for each in ids]
)


@given(MEMBERS, st.text(min_size=1, max_size=20), st.integers(1, 20), st.randoms(use_true_random=False))
def test_a_sample_hangs_on_seed_and_cases_alone(members: list[Member], seed: str, number: int, random: Any) -> None:
    shuffled = list(members)
    random.shuffle(shuffled)
    sample = draw(members, seed, number)
    assert draw(shuffled, seed, number) == sample
    assert len(sample.drawn) == min(number, len(members))
    assert draw(members, seed, number + 1).drawn[: len(sample.drawn)] == sample.drawn


def test_a_draw_can_be_checked_by_hand() -> None:
    sample = draw([Member("b", "B-1"), Member("a", "A-1")], "2027", 2)
    assert [each.value for each in sample.drawn] == sorted(
        hashlib.sha256(f"2027{case}".encode()).hexdigest() for case in "ab"
    )
    assert sample.population == hashlib.sha256(b"a\nb\n").hexdigest()
    assert value_of("å", "x") == hashlib.sha256("åx".encode()).hexdigest()
