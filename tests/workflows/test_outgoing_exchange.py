"""Outgoing exchange: every row of the process, its clocks, guards, forms and rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from engine.calendar import Calendar
from engine.loading import load
from engine.proofs import broken_rules, counterexample
from engine.vocabulary import (
    RECORDED,
    YES,
    Actor,
    Answer,
    AnyView,
    AtOnce,
    Budget,
    Direction,
    Fire,
    Level,
    No,
    OnDay,
    Role,
    Stay,
    Text,
    Who,
    no,
    precedes,
)
from tests.workflows.views import (
    TODAY,
    Asked,
    agreed_labels,
    deadline_of,
    facts_after,
    ladder_of,
    numbered,
    own_labels,
    state_of,
    transition_of,
    view_of,
)
from workflows import outgoing_exchange as out

FILE = Path(out.__file__)
WORKFLOW = out.declare()
CALENDAR = Calendar()
HOST, AGREEMENT = numbered(700), 500
NO_CONFLICT = {"no_conflict_of_interest": True}

STAY: Mapping[str, Any] = {
    "stay_from": "2027-08-30",
    "stay_to": "2028-01-14",
    "academic_year": "2027/28",
    "semesters": 1,
    "level": "bachelor",
}
CERTIFICATE = {
    "number": "OUT-2027-0001/1", "country": "JP", "valid_from": "2027-08-16", "valid_to": "2028-01-28",
    "issued_on": "2027-08-01",
}  # fmt: skip


def agreement(
    *, unit: str = "law", study_plan: str = "three_party", answers: Mapping[str, Answer] | None = None, **facts: Any
) -> AnyView:
    """An agreement that answers as it is told to, of the student's own unit unless said."""
    made = view_of(WORKFLOW, STAY, number=AGREEMENT, unit=unit, answer=Asked(answers or {}, []))
    known = SimpleNamespace(study_plan=study_plan, partner=HOST, **facts)
    return replace(made, workflow="agreement", facts=known)


def exchange(
    state: str = "applied",
    *,
    link: AnyView | None = None,
    step: str | None = None,
    sent: Mapping[str, Any] | None = None,
    role: Role = Role.COORDINATOR,
    today: date = TODAY,
    figures: Mapping[str, Any] | None = None,
    **facts: Any,
) -> AnyView:
    """An exchange in a state; with `step`, as that step sees it, its form filled in with `sent`."""
    return view_of(
        WORKFLOW, {**STAY, **facts}, state=state, today=today, opened_on=date(2027, 2, 15), unit="law",
        actor=Actor(None if role is Role.CLOCK else numbered(800), role), figures=figures,
        related={"agreement": (link or agreement(),)},
        given=None if step is None else transition_of(WORKFLOW, step, state).form.model_validate(sent or {}),
    )  # fmt: skip


def refusals(trigger: str, view: AnyView) -> list[str]:
    """Every reason against a step, judged with its fields where the view has them."""
    step = transition_of(WORKFLOW, trigger, view.state)
    guards = step.guards if view.given is None else (*step.guards, *step.field_guards)
    answers = [guard(view) for guard in guards]
    return [answer.reason.code for answer in answers if isinstance(answer, No)]


def after(trigger: str, state: str, sent: Mapping[str, Any] | None = None, **said: Any) -> Any:
    """The facts after a step."""
    view = exchange(state, step=trigger, sent=sent, **said)
    return facts_after(view, transition_of(WORKFLOW, trigger, state))


def told(trigger: str, view: AnyView) -> list[tuple[str, Any]]:
    """What a step tells whom, in the order told."""
    tells = transition_of(WORKFLOW, trigger, view.state).tells
    return [(tell.message, tell.whom) for tell in tells if tell.when is None or tell.when(view)]


def due(name: str, view: AnyView) -> date | None:
    """The day a deadline is due on, for those that hang on a day."""
    hangs_on = deadline_of(WORKFLOW, name).due
    assert isinstance(hangs_on, OnDay)
    return hangs_on.day(view)


# The graph.

HOME = (Who(Role.COORDINATOR),)
OWNER = (Who(Role.COORDINATOR, "agreement"),)
EITHER = (*HOME, *OWNER)
OFFICER = (Who(Role.OFFICER),)
CLOCK = (Who(Role.CLOCK),)
STUDENT = (Who(Role.STUDENT),)
RECOGNISER = (Who(Role.RECOGNISER),)
PREPARING = "place_accepted nominated accepted_by_partner learning_agreement_signed registered ready"
EXTENDABLE = "accepted_by_partner learning_agreement_signed registered ready abroad"

ROWS = [
    ("check_eligibility", "applied", "eligible", EITHER),
    ("find_not_eligible", "applied", "not_eligible", EITHER),
    ("rank", "eligible", "ranked", OWNER),
    ("lend_place", "ranked reserve refused_by_partner", RECORDED, OWNER),
    ("offer", "ranked", "offered", OWNER),
    ("offer", "reserve", "offered", (*OWNER, *CLOCK)),
    ("place_on_reserve", "ranked", "reserve", OWNER),
    ("accept_place", "offered", "place_accepted", STUDENT),
    ("decline", "offered", "declined", STUDENT),
    ("offer_lapsed", "offered", "declined", CLOCK),
    ("leave_other_lists", f"{PREPARING} abroad", RECORDED, CLOCK),
    ("close_without_place", "ranked reserve refused_by_partner", "not_selected", (*EITHER, *CLOCK)),
    ("approve_course_choice", "place_accepted nominated accepted_by_partner registered", RECORDED, HOME),
    ("nominate", "place_accepted", "nominated", OWNER),
    ("record_host_acceptance", "nominated", "accepted_by_partner", EITHER),
    ("record_host_refusal", "nominated", "refused_by_partner", EITHER),
    ("reallocate", "refused_by_partner", "offered", EITHER),
    ("record_signature", "accepted_by_partner registered", RECORDED, HOME),
    ("sign_learning_agreement", "accepted_by_partner", "learning_agreement_signed", HOME),
    ("sign_learning_agreement", "registered", "ready", HOME),
    ("confirm_study_plan", "accepted_by_partner", "learning_agreement_signed", HOME),
    ("confirm_study_plan", "registered", "ready", HOME),
    ("admit_in_ladok", "nominated accepted_by_partner", RECORDED, HOME),
    ("register", "accepted_by_partner", "registered", HOME),
    ("register", "learning_agreement_signed", "ready", HOME),
    ("issue_insurance", "registered ready", RECORDED, HOME),
    ("reissue_insurance", "abroad", RECORDED, HOME),
    ("register_late", "abroad", RECORDED, OFFICER),
    ("change_term", PREPARING, RECORDED, (*EITHER, *OFFICER)),
    ("extend_stay", EXTENDABLE, RECORDED, (*EITHER, *OFFICER)),
    ("shorten_stay", EXTENDABLE, RECORDED, (*EITHER, *OFFICER)),
    ("note_travel_advice", f"{PREPARING} abroad", RECORDED, (*EITHER, *OFFICER)),
    ("depart", "ready", "abroad", EITHER),
    ("depart_with_deviation", "accepted_by_partner learning_agreement_signed registered", "abroad", OFFICER),
    ("request_change", "abroad", RECORDED, EITHER),
    ("agree_change", "abroad", RECORDED, EITHER),
    ("confirm_return", "abroad", "returned", EITHER),
    ("interrupt", "abroad", "returned", EITHER),
    ("receive_transcript", "returned", "transcript_received", EITHER),
    ("close_without_results", "returned", "completed", OFFICER),
    ("apply_for_recognition", "transcript_received", "recognition_pending", STUDENT),
    ("give_opinion", "recognition_pending", RECORDED, EITHER),
    ("recognise", "transcript_received recognition_pending", "recognised", RECOGNISER),
    ("file_report", "recognised", "completed", STUDENT),
    ("withdraw", f"applied eligible ranked offered reserve refused_by_partner {PREPARING}", "withdrawn",
     (*STUDENT, *EITHER, *OFFICER)),
    ("reconsider", "completed", "recognition_pending", RECOGNISER),
    ("reconsider", "not_eligible", "applied", EITHER),
    ("reconsider", "not_selected", "ranked", OWNER),
]  # fmt: skip


@pytest.mark.parametrize(("trigger", "sources", "to", "who"), ROWS)
def test_each_row_leads_from_and_to_and_is_done_by_whom_it_says(
    trigger: str, sources: str, to: str, who: tuple[Who, ...]
) -> None:
    step = transition_of(WORKFLOW, trigger, sources.split(maxsplit=1)[0])

    assert (set(step.sources), step.to, step.who) == (set(sources.split()), to, who)


def test_there_is_no_arrow_beside_the_rows() -> None:
    declared = {(each.trigger, source, each.to) for each in WORKFLOW.transitions for source in each.sources}

    assert declared == {(trigger, source, to) for trigger, sources, to, _ in ROWS for source in sources.split()}


def test_the_file_loads() -> None:
    assert load(FILE).name == "outgoing_exchange"


def test_a_place_is_held_from_the_offer_on_and_kept_by_completed() -> None:
    holding = {state.name for state in WORKFLOW.states if state.holds_place}

    assert holding == {
        "offered", *PREPARING.split(), "abroad", "returned", "transcript_received", "recognition_pending",
        "recognised", "completed",
    }  # fmt: skip


def test_finished_states_are_reopened_where_the_process_says() -> None:
    reopened = {state.name: state.reopens_to for state in WORKFLOW.states if state.final}

    assert reopened == {
        "completed": "recognition_pending", "not_eligible": "applied", "not_selected": "ranked",
        "declined": None, "withdrawn": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    "trigger", ["find_not_eligible", "depart_with_deviation", "interrupt", "close_without_results", "reconsider"]
)
def test_what_goes_against_somebody_needs_a_written_reason(trigger: str) -> None:
    assert {each.reason_required for each in WORKFLOW.transitions if each.trigger == trigger} == {True}


@pytest.mark.parametrize(
    "trigger",
    ["check_eligibility", "find_not_eligible", "rank", "recognise", "sign_learning_agreement", "confirm_study_plan"],
)
def test_who_ranks_finds_recognises_or_signs_declares_no_conflict(trigger: str) -> None:
    forms = {each.form for each in WORKFLOW.transitions if each.trigger == trigger}

    assert {form.model_fields["no_conflict_of_interest"].is_required() for form in forms} == {True}


def test_an_application_needs_only_the_stay() -> None:
    required = {name for name, field in out.ExchangeFacts.model_fields.items() if field.is_required()}

    assert required == set(STAY)


# The rules.


@pytest.mark.parametrize("rule", WORKFLOW.rules, ids=str)
def test_each_rule_holds_on_every_path(rule: Any) -> None:
    assert counterexample(WORKFLOW, rule) is None


def test_insurance_issued_abroad_is_refused_with_the_path_over_the_deviation() -> None:
    issue = transition_of(WORKFLOW, "issue_insurance")
    planted = replace(WORKFLOW, transitions=(*WORKFLOW.transitions, replace(issue, source="abroad")))

    path = counterexample(planted, precedes("register", "issue_insurance"))

    assert path is not None
    assert [step.trigger for step in path][-2:] == ["depart_with_deviation", "issue_insurance"]
    assert [" --depart_with_deviation--> abroad --issue_insurance--> " in said for said in broken_rules(planted)] == [
        True
    ]


# The words.


def test_the_labels_are_the_offices_own() -> None:
    ours = {"leave_other_lists", "note_travel_advice"}
    states = {name: words[:2] for name, words in agreed_labels("outgoing_exchange", "states").items()}
    triggers = {name: words[:2] for name, words in agreed_labels("outgoing_exchange", "triggers").items()}

    assert own_labels(WORKFLOW, "states") == states
    assert {n: words for n, words in own_labels(WORKFLOW, "triggers").items() if n not in ours} == triggers


def test_the_student_reads_that_an_offer_must_be_answered() -> None:
    words = agreed_labels("outgoing_exchange", "states")["offered"]

    assert state_of(WORKFLOW, "offered").subject_label == Text(str(words[2]), str(words[3]))


def test_every_message_that_is_owed_is_written_and_none_besides() -> None:
    owed = [tell.message for each in WORKFLOW.transitions for tell in each.tells]
    rungs = [rung.message for each in WORKFLOW.deadlines for rung in each.ladder if rung.message]

    assert {*owed, *rungs, "received"} == {message.name for message in WORKFLOW.messages}


# Borrowed places.


@pytest.mark.parametrize(("trigger", "state", "message"), [
    ("withdraw", "ready", "withdrawn"), ("interrupt", "abroad", "interrupted"),
])  # fmt: skip
def test_both_units_and_the_partner_hear_of_a_withdrawal_or_interruption(
    trigger: str, state: str, message: str
) -> None:
    view = exchange(state, link=agreement(unit="history"), nominated_on=TODAY)

    assert told(trigger, view)[:3] == [
        (message, Who(Role.COORDINATOR)),
        (message, Who(Role.COORDINATOR, "agreement")),
        (f"{message}_partner", Who(Role.PARTNER)),
    ]


def test_a_partner_who_knows_nothing_of_the_student_hears_nothing() -> None:
    assert told("withdraw", exchange("offered")) == [
        ("withdrawn", Who(Role.COORDINATOR)),
        ("withdrawn_student", Who(Role.STUDENT)),
    ]


def test_a_withdrawal_after_registration_asks_for_its_removal() -> None:
    view = exchange("registered", registered_on=TODAY)

    assert ("remove_registration", Who(Role.COORDINATOR)) in told("withdraw", view)


@pytest.mark.parametrize(("trigger", "state"), [
    ("offer", "ranked"), ("offer", "reserve"), ("reallocate", "refused_by_partner"),
])  # fmt: skip
def test_a_borrowed_place_is_lent_before_it_is_offered(trigger: str, state: str) -> None:
    theirs = agreement(unit="history")
    lent = after("lend_place", state, link=theirs).lent_agreement

    assert refusals(trigger, exchange(state, link=theirs)) == ["place_not_lent"]
    assert refusals(trigger, exchange(state, link=theirs, lent_agreement=lent)) == []


def test_a_place_lent_under_another_agreement_does_not_count() -> None:
    view = exchange("ranked", link=agreement(unit="history"), lent_agreement=numbered(501))

    assert refusals("offer", view) == ["place_not_lent"]


def test_a_unit_does_not_lend_to_itself() -> None:
    assert refusals("lend_place", exchange("ranked")) == ["own_place"]
    assert refusals("lend_place", exchange("ranked", link=agreement(unit="history"))) == []


def test_messages_to_the_partner_go_to_the_agreements_own() -> None:
    assert WORKFLOW.partner is not None
    assert WORKFLOW.partner(exchange()) == HOST
    assert WORKFLOW.partner(replace(exchange(), related=lambda _name: ())) is None


# Selection and offer.

CHECKED = {**NO_CONFLICT, "checked_against_the_call": True}


@pytest.mark.parametrize(("facts", "sent", "refused"), [
    ({}, {}, []),
    ({"credits": 60, "share_passed": 75}, {}, []),
    ({"credits": 59.5}, {}, ["too_low_credits"]),
    ({"credits": 120}, {"credits": 0}, ["too_low_credits"]),
    ({"credits": 30, "credits_required": 15}, {}, []),
    ({"share_passed": 74}, {}, ["too_low_share"]),
    ({"language_required": "B2", "language_level": "B1"}, {}, ["too_low_language"]),
    ({"language_required": "B2"}, {"language_level": "C1"}, []),
    ({"level_required": "master"}, {}, ["wrong_level"]),
])  # fmt: skip
def test_eligibility_is_measured_against_the_calls_figures(
    facts: dict[str, Any], sent: dict[str, Any], refused: list[str]
) -> None:
    view = exchange(step="check_eligibility", sent={**CHECKED, **sent}, **facts)

    assert refusals("check_eligibility", view) == refused


def test_eligibility_cannot_be_confirmed_unchecked() -> None:
    with pytest.raises(ValidationError, match="checked_against_the_call"):
        out.EligibilityForm.model_validate(NO_CONFLICT)


def test_a_refused_application_is_a_decision() -> None:
    facts = after("find_not_eligible", "applied", {**NO_CONFLICT, "failed_requirement": "credits"})

    assert [(d.kind, d.decided_on, d.decided_by, d.appealable) for d in facts.decisions] == [
        ("not_eligible", TODAY, numbered(800), False)
    ]
    assert facts.failed_requirement == "credits"


def test_ranking_keeps_points_and_what_parted_equals() -> None:
    facts = after("rank", "eligible", {**NO_CONFLICT, "points": 17, "tie_break": "lottning", "nomination_by": TODAY})

    assert (facts.points, facts.tie_break, facts.nomination_by) == (17, "lottning", TODAY)


@pytest.mark.parametrize("number", [0, 1000, None])
def test_a_reserve_has_a_number_on_the_list(number: int | None) -> None:
    with pytest.raises(ValidationError, match="reserve_number"):
        out.ReserveForm.model_validate({"reserve_number": number})


def test_nobody_is_put_on_a_list_that_has_closed() -> None:
    yesterday = TODAY - timedelta(days=1)

    assert refusals("place_on_reserve", exchange("ranked", nomination_by=yesterday)) == ["nomination_closed"]
    assert refusals("offer", exchange("reserve", nomination_by=yesterday)) == ["nomination_closed"]
    assert refusals("offer", exchange("ranked", nomination_by=yesterday)) == []


def test_an_offer_asks_the_agreement_and_gives_its_words() -> None:
    denied = agreement(answers={"allows": no("no_row", "Ingen rad", "No row")})

    assert refusals("offer", exchange("ranked", link=denied)) == ["no_row"]
    assert refusals("offer", replace(exchange("ranked"), related=lambda _name: ())) == ["no_agreement"]


def test_the_agreement_is_asked_about_the_very_stay() -> None:
    asked = Asked({}, [])

    refusals("offer", exchange("ranked", link=replace(agreement(), answer=asked), field="0421"))

    assert asked.questions == [("allows", Stay(
        direction=Direction.OUTGOING, starts_on=date(2027, 8, 30), ends_on=date(2028, 1, 14),
        academic_year="2027/28", semesters=1, level=Level.BACHELOR, field="0421",
    ))]  # fmt: skip


@pytest.mark.parametrize(("today", "last"), [
    (date(2027, 3, 1), date(2027, 3, 8)),  # A Monday.
    (date(2027, 3, 6), date(2027, 3, 15)),  # A Saturday: the seventh day is closed.
    (date(2027, 3, 19), date(2027, 3, 30)),  # The seventh day is Good Friday.
    (date(2027, 12, 23), date(2027, 12, 30)),  # Between the eves no more than three days work.
])  # fmt: skip
def test_an_offer_may_be_answered_for_seven_days_three_of_them_working(today: date, last: date) -> None:
    facts = after("offer", "ranked", today=today)

    assert (facts.offered_on, facts.answer_offer_by) == (today, last)


@given(st.dates(date(2020, 1, 1), date(2035, 1, 1)), st.integers(0, 30), st.integers(0, 10))
def test_the_time_to_answer_keeps_all_its_promises(today: date, days: int, working: int) -> None:
    figures = {"offer_days": days, "offer_working_days": working}

    last = out.last_answer_day(exchange("ranked", today=today, figures=figures))

    assert CALENDAR.is_working_day(last)
    assert (last - today).days >= days
    assert CALENDAR.working_days_between(today, last) >= working


def test_an_offer_without_an_answer_lapses_when_its_day_has_ended() -> None:
    assert due("answer", exchange("offered", answer_offer_by=TODAY)) == TODAY
    assert deadline_of(WORKFLOW, "answer").ladder[-1].does == Fire("offer_lapsed")


def test_a_late_yes_is_refused_though_the_clock_is_slow() -> None:
    assert refusals("accept_place", exchange("offered", answer_offer_by=TODAY)) == []
    late = exchange("offered", answer_offer_by=TODAY - timedelta(days=1))
    assert refusals("accept_place", late) == ["offer_has_lapsed"]


def test_accepting_leaves_the_reserve_lists_of_others_at_once() -> None:
    lists = deadline_of(WORKFLOW, "other_lists")
    (follow,) = transition_of(WORKFLOW, "leave_other_lists").follow_ups
    (related,) = (each for each in WORKFLOW.related if each.name == follow.along)

    assert (lists.due, [rung.does for rung in lists.ladder]) == (AtOnce(), [Fire("leave_other_lists")])
    # The office may nominate before the clock has ticked: it must not forget the lists then.
    assert set(lists.runs_in) == {*PREPARING.split(), "abroad"}
    assert (related.link, related.states, follow.trigger, follow.if_open) == (
        None, ("ranked", "reserve"), "close_without_place", True,
    )  # fmt: skip


@pytest.mark.parametrize(("state", "role", "sent", "because"), [
    ("reserve", Role.CLOCK, {}, "time_ran_out"),
    ("ranked", Role.COORDINATOR, {}, "no_place_left"),
    ("refused_by_partner", Role.COORDINATOR, {}, "refused_by_host"),
    ("ranked", Role.COORDINATOR, {"because": "has_another_place"}, "has_another_place"),
])  # fmt: skip
def test_an_application_without_a_place_is_closed_by_a_decision_with_its_reason(
    state: str, role: Role, sent: dict[str, Any], because: str
) -> None:
    facts = after("close_without_place", state, sent, role=role)

    assert facts.closed_because == because
    assert [decision.kind for decision in facts.decisions] == ["no_place"]


def test_the_follow_up_says_that_the_student_has_another_place() -> None:
    (follow,) = transition_of(WORKFLOW, "leave_other_lists").follow_ups
    assert follow.fields is not None

    form = out.ClosingForm.model_validate(dict(follow.fields(exchange("place_accepted"))))

    assert form.because is out.Closed.HAS_ANOTHER_PLACE


# Nomination.


@pytest.mark.parametrize(("zone", "last"), [
    (None, date(2027, 4, 1)),
    ("UTC+09:00", date(2027, 4, 1)),  # Tokyo: over in the afternoon here.
    ("UTC+00:00", date(2027, 4, 2)),  # Over two hours into the next day here.
    ("UTC-10:00", date(2027, 4, 2)),  # Honolulu: over at noon the day after.
])  # fmt: skip
def test_the_partners_day_ends_in_the_partners_own_zone(zone: str | None, last: date) -> None:
    in_time = exchange("place_accepted", today=last, nomination_by="2027-04-01", nomination_zone=zone)

    assert refusals("nominate", in_time) == []
    assert refusals("nominate", replace(in_time, today=last + timedelta(days=1))) == ["nomination_closed"]


@given(st.dates(), st.sampled_from([None, "UTC-14:00", "UTC+00:00", "UTC+14:59"]))
def test_any_partners_date_can_be_read(day: date, zone: str | None) -> None:
    last = out.last_nomination_day(exchange(nomination_by=day, nomination_zone=zone))

    assert last is not None
    if date(3, 1, 1) < day < date(9998, 1, 1):
        assert abs((last - day).days) <= 1


@pytest.mark.parametrize(("stay_from", "named", "last"), [
    ("2027-08-30", {"nomination_autumn": "04-01"}, date(2027, 4, 1)),
    ("2027-08-30", {"nomination_autumn": "10-01"}, date(2026, 10, 1)),
    ("2027-02-28", {"nomination_spring": "02-29"}, date(2026, 2, 28)),
    ("2027-08-30", {"nomination_autumn": None}, date(2027, 8, 29)),
])  # fmt: skip
def test_without_a_date_of_its_own_a_case_takes_the_agreements(
    stay_from: str, named: dict[str, Any], last: date
) -> None:
    view = exchange("place_accepted", link=agreement(**named), stay_from=stay_from)

    assert due("nomination", view) == last


def test_nomination_asks_whether_the_agreement_is_in_force() -> None:
    ended = agreement(answers={"in_force": no("not_in_force", "Gäller inte", "Not in force")})

    assert refusals("nominate", exchange("place_accepted", link=ended)) == ["not_in_force"]


def test_after_a_refusal_the_partner_hears_no_more_and_another_place_begins_anew() -> None:
    refused = after("record_host_refusal", "nominated", nominated_on=TODAY, nomination_by=TODAY)
    offered = after("reallocate", "refused_by_partner", letter="B 1", accepted_on=TODAY)

    assert (refused.nominated_on, refused.nomination_by) == (None, None)
    assert (offered.offered_on, offered.letter, offered.accepted_on) == (TODAY, None, None)


# Learning agreement.

ALL_SIGNED = [{"party": party, "signed_on": "2027-05-01"} for party in ("student", "sending", "receiving")]
APPROVED = {"course_choice_approved_on": "2027-04-20"}


@pytest.mark.parametrize("state", ["accepted_by_partner", "registered"])
@pytest.mark.parametrize(("facts", "refused"), [
    ({**APPROVED, "signatures": ALL_SIGNED}, []),
    ({**APPROVED, "signatures": ALL_SIGNED[:2]}, ["signatures_missing"]),
    ({"signatures": ALL_SIGNED}, ["course_choice_not_approved"]),
])  # fmt: skip
def test_a_learning_agreement_is_an_approved_choice_and_three_signatures(
    state: str, facts: dict[str, Any], refused: list[str]
) -> None:
    assert refusals("sign_learning_agreement", exchange(state, **facts)) == refused


@pytest.mark.parametrize(("plan", "facts", "refused"), [
    ("home_approval", APPROVED, []),
    ("home_approval", {}, ["course_choice_not_approved"]),
    ("three_party", APPROVED, ["learning_agreement_required"]),
])  # fmt: skip
def test_an_approved_choice_is_enough_only_where_the_agreement_says_so(
    plan: str, facts: dict[str, Any], refused: list[str]
) -> None:
    view = exchange("registered", link=agreement(study_plan=plan), **facts)

    assert refusals("confirm_study_plan", view) == refused


def test_a_party_that_signs_anew_replaces_what_it_signed() -> None:
    sent = {"party": "student", "signed_on": "2027-05-20"}

    facts = after("record_signature", "registered", sent, signatures=ALL_SIGNED)

    assert sorted((s.party, s.signed_on.day) for s in facts.signatures) == [
        ("receiving", 1), ("sending", 1), ("student", 20),
    ]  # fmt: skip


def test_an_approved_choice_keeps_what_was_written_unless_it_is_sent_anew() -> None:
    written = [{"name": "Kanji I", "ects": "7.5"}]

    kept = after("approve_course_choice", "nominated", course_choice=written)

    assert (kept.course_choice_approved_on, [c.name for c in kept.course_choice]) == (TODAY, ["Kanji I"])


# Ladok and insurance.

REGISTERED = {"registered_on": "2027-08-16", "checked_again": True}


@pytest.mark.parametrize("state", ["accepted_by_partner", "learning_agreement_signed"])
@pytest.mark.parametrize(("facts", "sent", "refused"), [
    ({}, {}, []),
    ({"travel_advice": "against_non_essential"}, {}, []),
    ({"travel_advice": "against_all"}, {}, ["advice_against_all_travel"]),
    ({}, {"departure_credits": 52.5}, ["too_low_credits"]),
    ({}, {"departure_share_passed": 60}, ["too_low_share"]),
])  # fmt: skip
def test_registration_checks_the_figures_again_and_the_travel_advice(
    state: str, facts: dict[str, Any], sent: dict[str, Any], refused: list[str]
) -> None:
    view = exchange(state, step="register", sent={**REGISTERED, **sent}, **facts)

    assert refusals("register", view) == refused


def test_nobody_is_admitted_in_ladok_without_agreement_and_occasion() -> None:
    with pytest.raises(ValidationError, match="agreement_and_occasion_exist"):
        out.LadokAdmissionForm.model_validate({"ladok_admitted_on": TODAY, "agreement_and_occasion_exist": False})


ENDED = {"in_force": no("not_in_force", "Gäller inte", "Not in force")}


@pytest.mark.parametrize(("trigger", "state"), [
    ("issue_insurance", "registered"), ("issue_insurance", "ready"), ("reissue_insurance", "abroad"),
])  # fmt: skip
def test_insurance_needs_registration_agreement_and_no_advice_against_travel(trigger: str, state: str) -> None:
    ended = agreement(answers=ENDED)

    assert refusals(trigger, exchange(state, registered_on=TODAY)) == []
    assert refusals(trigger, exchange(state)) == ["not_registered"]
    assert refusals(trigger, exchange(state, registered_on=TODAY, link=ended)) == ["not_in_force"]
    advised_against = exchange(state, registered_on=TODAY, travel_advice="against_all")
    assert refusals(trigger, advised_against) == ["advice_against_all_travel"]


def test_a_certificate_covers_two_weeks_either_side_in_one_country() -> None:
    issued = after("issue_insurance", "ready", {"host_country": "JP"}).insurance

    assert issued.model_dump(mode="json") == {**CERTIFICATE, "issued_on": "2027-03-10"}


def test_a_new_certificate_makes_the_old_one_void() -> None:
    facts = after("reissue_insurance", "abroad", {"host_country": "KR"}, insurance=CERTIFICATE)

    assert (facts.insurance.number, facts.insurance.country) == ("OUT-2027-0001/2", "KR")
    assert [old.number for old in facts.void_certificates] == ["OUT-2027-0001/1"]


@pytest.mark.parametrize(("facts", "missing"), [
    ({}, False),
    ({"registered_on": TODAY}, True),
    ({"registered_on": TODAY, "insurance": CERTIFICATE}, False),
    ({"registered_on": TODAY, "insurance": CERTIFICATE, "stay_to": "2028-01-20"}, True),
    ({"registered_on": TODAY, "travel_advice": "against_all"}, False),
])  # fmt: skip
def test_the_clock_asks_for_a_certificate_that_fits_the_stay(facts: dict[str, Any], missing: bool) -> None:
    applies = deadline_of(WORKFLOW, "insurance").applies

    assert applies is not None
    assert applies(exchange("ready", **facts)) is missing


# Another stay.

NEW_TERM = {"stay_from": "2028-01-17", "stay_to": "2028-06-04", "academic_year": "2027/28", "semesters": 1}
LONGER = {"stay_to": "2028-06-04", "semesters": 2}


@pytest.mark.parametrize(("trigger", "state", "sent"), [
    ("change_term", "nominated", NEW_TERM), ("extend_stay", "abroad", LONGER),
    ("shorten_stay", "abroad", {"stay_to": "2027-12-17", "semesters": 1}),
])  # fmt: skip
def test_a_new_stay_is_put_to_the_agreement_and_voids_the_certificate(
    trigger: str, state: str, sent: dict[str, Any]
) -> None:
    denied = agreement(answers={"allows": no("ends_before_stay", "Slutar", "Ends")})

    facts = after(trigger, state, sent, insurance=CERTIFICATE)

    assert refusals(trigger, exchange(state, step=trigger, sent=sent)) == []
    assert refusals(trigger, exchange(state, link=denied, step=trigger, sent=sent)) == ["ends_before_stay"]
    assert (facts.insurance, len(facts.void_certificates)) == (None, 1)


def test_the_agreement_is_asked_about_the_stay_as_it_would_become() -> None:
    changed = out.new_stay(exchange("nominated", step="change_term", sent=NEW_TERM, field="0421"))
    longer = out.new_stay(exchange("abroad", step="extend_stay", sent=LONGER))

    assert (changed.starts_on, changed.ends_on, changed.field) == (date(2028, 1, 17), date(2028, 6, 4), "0421")
    assert (longer.starts_on, longer.ends_on, longer.semesters) == (date(2027, 8, 30), date(2028, 6, 4), 2)


def test_the_same_dates_keep_the_certificate() -> None:
    same = {name: STAY[name] for name in ("stay_from", "stay_to", "academic_year", "semesters")}

    assert after("change_term", "ready", same, insurance=CERTIFICATE).insurance is not None


@pytest.mark.parametrize(("trigger", "end", "refused"), [
    ("extend_stay", "2028-01-14", "not_an_extension"), ("shorten_stay", "2028-01-14", "not_a_shortening"),
    ("shorten_stay", "2027-08-29", "not_a_shortening"),
])  # fmt: skip
def test_an_extension_is_longer_and_a_shortening_shorter(trigger: str, end: str, refused: str) -> None:
    view = exchange("abroad", step=trigger, sent={"stay_to": end, "semesters": 1})

    assert refusals(trigger, view) == [refused]


def test_an_extension_is_asked_for_a_month_before_the_end() -> None:
    assert refusals("extend_stay", exchange("abroad", today=date(2027, 12, 14))) == []
    assert refusals("extend_stay", exchange("abroad", today=date(2027, 12, 15))) == ["extension_asked_late"]


@pytest.mark.parametrize("model", [out.ExchangeFacts, out.ChangeTermForm])
def test_a_stay_does_not_end_before_it_begins(model: Any) -> None:
    names = {name: value for name, value in STAY.items() if name in model.model_fields}

    with pytest.raises(ValidationError, match="ends before it begins"):
        model.model_validate({**names, "stay_to": "2027-08-29"})


def test_the_place_is_asked_for_by_the_stay_so_that_a_new_year_moves_it() -> None:
    assert WORKFLOW.holds is not None
    moved = WORKFLOW.holds.stay(exchange("nominated", academic_year="2028/29", semesters=2))

    assert moved is not None
    assert (WORKFLOW.holds.link, moved.academic_year, moved.semesters) == ("agreement", "2028/29", 2)


# Away and home.


def test_leaving_with_a_deviation_holds_the_grant_and_states_no_insurance() -> None:
    facts = after(
        "depart_with_deviation", "accepted_by_partner", {"deviation": "not_registered", "began_on": "2027-08-30"}
    )

    assert (facts.deviation, facts.grant_held, facts.insurance) == ("not_registered", True, None)


@pytest.mark.parametrize(("facts", "refused"), [
    ({"deviation": "not_registered"}, []),
    ({}, ["registered_or_no_deviation"]),
    ({"deviation": "learning_agreement_unsigned", "registered_on": TODAY}, ["registered_or_no_deviation"]),
])  # fmt: skip
def test_late_registration_is_for_who_left_with_a_deviation(facts: dict[str, Any], refused: list[str]) -> None:
    assert refusals("register_late", exchange("abroad", **facts)) == refused


@pytest.mark.parametrize(("today", "second", "refused"), [
    (date(2027, 10, 4), None, []),
    (date(2027, 10, 5), None, ["change_asked_late"]),
    (date(2028, 2, 1), "2028-01-10", []),
    (date(2028, 1, 9), "2028-01-10", ["change_asked_late"]),
    (date(2028, 2, 15), "2028-01-10", ["change_asked_late"]),
])  # fmt: skip
def test_changes_are_asked_for_within_five_weeks_of_each_term(
    today: date, second: str | None, refused: list[str]
) -> None:
    view = exchange("abroad", today=today, stay_to="2028-06-04", second_term_from=second)

    assert refusals("request_change", view) == refused


def test_a_change_is_agreed_within_two_weeks_of_being_asked() -> None:
    asked = after("request_change", "abroad", {"change_wanted": "Kanji II"}).model_dump()
    wanted = exchange("abroad", **{**asked, "change_requested_on": TODAY})

    assert due("change", wanted) == TODAY + timedelta(days=14)
    assert refusals("agree_change", wanted) == []
    assert due("change", exchange("abroad", change_requested_on=TODAY, change_agreed_on=TODAY)) is None
    assert refusals("agree_change", exchange("abroad")) == ["no_change_asked"]


def test_advice_against_all_travel_gives_thirty_days_to_leave() -> None:
    facts = after("note_travel_advice", "abroad", {"travel_advice": "against_all"})

    assert due("leave_country", exchange("abroad", **facts.model_dump())) == TODAY + timedelta(days=30)
    assert due("leave_country", exchange("abroad")) is None


def test_the_same_advice_again_gives_no_more_days() -> None:
    before = {"travel_advice": "against_all", "travel_advised_on": "2027-03-01"}

    facts = after("note_travel_advice", "abroad", {"travel_advice": "against_all"}, **before)

    assert facts.travel_advised_on == date(2027, 3, 1)


def test_an_interrupted_stay_goes_on_to_transcript_and_recognition() -> None:
    facts = after("interrupt", "abroad", {"ended_on": "2027-10-01", "force_majeure": True})
    road = [("interrupt", "abroad", "returned"), ("receive_transcript", "returned", "transcript_received"),
            ("recognise", "transcript_received", "recognised")]  # fmt: skip

    assert (facts.interrupted, facts.ended_on, facts.force_majeure) == (True, date(2027, 10, 1), True)
    assert all(transition_of(WORKFLOW, trigger, source).to == to for trigger, source, to in road)
    assert state_of(WORKFLOW, "returned").holds_place


# Recognition.


def outcome(result: str, **more: Any) -> dict[str, Any]:
    """One component's outcome."""
    return {"name": "Kanji I", "result": result, **more}


@pytest.mark.parametrize("result", ["partly", "refused"])
def test_what_is_not_granted_in_full_needs_reasons(result: str) -> None:
    with pytest.raises(ValidationError, match="give reasons"):
        out.ComponentOutcome.model_validate(outcome(result))

    assert out.ComponentOutcome.model_validate(outcome(result, reasons="Annan nivå")).reasons == "Annan nivå"


def test_recognition_is_decided_for_each_component_applied_for() -> None:
    applied = [{"name": "Kanji I"}, {"name": "Kanji II"}]
    sent = {**NO_CONFLICT, "outcomes": [outcome("granted", ects=7.5)]}
    view = exchange("recognition_pending", step="recognise", sent=sent, components=applied)

    assert refusals("recognise", view) == ["outcome_missing"]
    assert refusals("recognise", exchange("transcript_received", step="recognise", sent=sent)) == []


def test_a_recognition_says_how_it_can_be_appealed() -> None:
    sent = {**NO_CONFLICT, "presented_by": "Eva", "outcomes": [outcome("granted", ects=7.5)]}

    facts = after("recognise", "recognition_pending", sent, role=Role.RECOGNISER)

    (decision,) = facts.decisions
    assert (decision.kind, decision.presented_by, decision.appealable) == ("recognition", "Eva", True)
    assert "Higher Education Appeals Board" in decision.appeal_text
    assert facts.outcomes[0].ects == Decimal("7.5")


def test_a_unit_may_set_that_a_decision_cannot_be_appealed() -> None:
    figures = {"recognition_appealable": False, "recognition_appeal_text": ""}
    sent = {**NO_CONFLICT, "outcomes": [outcome("granted")]}

    (decision,) = after("recognise", "recognition_pending", sent, figures=figures).decisions

    assert (decision.appealable, decision.appeal_text) == (False, None)


def test_a_reopened_case_keeps_its_decisions() -> None:
    decided = after("close_without_place", "ranked", {}, reserve_number=3).model_dump()

    facts = after("reconsider", "not_selected", **{k: v for k, v in decided.items() if k not in STAY})

    assert (facts.closed_because, facts.reserve_number, len(facts.decisions)) == (None, None, 1)


# Clocks.

DAY_CLOCKS = [
    ("application", "applied", {"call_closes_on": "2027-03-01"}, date(2027, 3, 15)),
    ("application", "applied", {}, date(2027, 3, 1)),  # Opened 15 February.
    ("selection", "ranked", {"nomination_by": "2027-04-01"}, date(2027, 4, 1)),
    ("place_closes", "reserve", {"nomination_by": "2027-04-01"}, date(2027, 4, 1)),
    ("place_closes", "refused_by_partner", {"nomination_by": "2027-04-01"}, date(2027, 8, 29)),
    ("nomination", "place_accepted", {"nomination_by": "2027-04-01"}, date(2027, 4, 1)),
    ("registration", "accepted_by_partner", {}, date(2027, 8, 23)),
    ("learning_agreement", "registered", {}, date(2027, 8, 30)),
    ("departure", "ready", {}, date(2027, 8, 30)),
    ("return", "abroad", {}, date(2028, 1, 21)),
    ("transcript", "returned", {"host_assessment_ends_on": "2028-01-28"}, date(2028, 3, 3)),
    ("transcript", "returned", {}, date(2028, 2, 18)),
    ("transcript", "returned", {"ended_on": "2027-12-03"}, date(2028, 1, 7)),
]


@pytest.mark.parametrize(("name", "state", "facts", "day"), DAY_CLOCKS)
def test_each_clock_is_due_on_the_day_the_process_says(name: str, state: str, facts: dict[str, Any], day: date) -> None:
    assert state in deadline_of(WORKFLOW, name).runs_in
    assert due(name, exchange(state, **facts)) == day


LADDERS: list[tuple[str, list[tuple[Any, ...]]]] = [
    ("nomination", [
        ("remind", "before", 15, "working_days", ("coordinator",), None),
        ("remind_again", "before", 5, "working_days", ("coordinator",), None),
        ("escalate_to_officer", "before", 2, "working_days", ("officer",), None),
    ]),
    ("registration", [  # Fourteen days before departure are seven before the last day.
        ("remind", "before", 7, "days", ("coordinator",), None),
        ("escalate_to_officer", "missed", 0, "working_days", ("officer",), None),
    ]),
    ("learning_agreement", [
        ("remind", "before", 21, "days", ("student", "coordinator"), None),
        ("escalate_to_officer", "missed", 0, "working_days", ("officer",), None),
    ]),
    ("transcript", [  # Five, eight and twelve weeks after the host's assessment period.
        ("chase", "missed", 0, "working_days", ("partner", "student", "coordinator"), None),
        ("chase_again", "after", 3, "weeks", ("partner", "student", "coordinator"), None),
        ("chase_last", "after", 7, "weeks", ("partner", "student", "coordinator"), None),
    ]),
    ("place_closes", [("close_without_place", "missed", 0, "working_days", (), "Fire")]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "rows"), LADDERS)
def test_each_ladder_climbs_as_the_process_says(name: str, rows: list[tuple[Any, ...]]) -> None:
    assert ladder_of(WORKFLOW, name) == rows


def test_the_partner_is_chased_every_third_week() -> None:
    chases = ladder_of(WORKFLOW, "host_answer")

    assert {(side, unit) for _, side, _, unit, _, _ in chases[1:]} == {("after", "weeks")}
    assert [count for _, _, count, *_ in chases] == [0, 3, 6, 9, 12, 15, 18, 21]
    assert all("partner" in whom for _, _, _, _, whom, _ in chases)


@pytest.mark.parametrize(("name", "count", "unit", "state"), [
    ("host_answer", 3, "weeks", "nominated"), ("recognition_erasmus", 5, "weeks", "transcript_received"),
    ("recognition", 60, "days", "recognition_pending"), ("opinion", 4, "weeks", "recognition_pending"),
    ("report", 30, "days", "recognised"),
])  # fmt: skip
def test_each_budget_is_as_long_as_the_process_says(name: str, count: int, unit: str, state: str) -> None:
    clock = deadline_of(WORKFLOW, name)

    assert isinstance(clock.due, Budget)
    assert (getattr(clock.due.count, "default", None), clock.due.unit.value) == (count, unit)
    assert state in clock.runs_in


def test_two_clocks_run_for_recognition_where_three_have_signed() -> None:
    erasmus = deadline_of(WORKFLOW, "recognition_erasmus").applies

    assert erasmus is not None
    assert erasmus(exchange("transcript_received"))
    assert not erasmus(exchange("transcript_received", link=agreement(study_plan="home_approval")))
    assert deadline_of(WORKFLOW, "recognition").applies is None


def test_promises_to_others_do_not_rest_in_low_season() -> None:
    internal = {each.name for each in WORKFLOW.deadlines if each.internal}

    assert internal == {
        "application", "other_lists", "reallocation", "departure", "return", "recognition", "opinion",
    }  # fmt: skip


@given(st.dates(), st.dates(), st.dates(), st.sampled_from([state.name for state in WORKFLOW.states]))
def test_no_clock_and_no_guard_fails_on_any_date(one: date, other: date, today: date, state: str) -> None:
    first, last = sorted((one, other))
    view = exchange(
        state, today=today, stay_from=first, stay_to=last, call_closes_on=one, nomination_by=other,
        second_term_from=one, change_requested_on=other, travel_advised_on=one, travel_advice="against_all",
        registered_on=one, answer_offer_by=other,
    )  # fmt: skip

    for clock in WORKFLOW.deadlines:
        if isinstance(clock.due, OnDay):
            assert isinstance(clock.due.day(view), date | None)
        assert clock.applies is None or clock.applies(view) in {True, False}
    for guard in {guard for each in WORKFLOW.transitions for guard in each.guards}:
        assert guard(view) is YES or isinstance(guard(view), No)


@pytest.mark.parametrize(("host", "partner", "name"), [
    ("Keio", "KU", "Keio, "), (None, "KU", "KU, "), (None, None, ""),
])  # fmt: skip
def test_a_case_is_named_by_host_and_days_and_never_by_the_student(
    host: str | None, partner: str | None, name: str
) -> None:
    view = exchange(host=host, link=agreement(partner_name=partner))

    assert out.title(view) == f"{name}2027/28 (2027-08-30 – 2028-01-14)"
