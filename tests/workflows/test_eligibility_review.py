"""Eligibility review: the graph, who may what, what each guard says, what each step sets."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given as example_of
from hypothesis import strategies as st
from pydantic import ValidationError

from engine.loading import load
from engine.vocabulary import RECORDED, YES, Assign, Budget, OnDay, Unit
from tests.workflows.views import (
    TODAY,
    agreed_labels,
    arrows,
    arrows_of,
    deadline_of,
    defaults_of,
    facts_after,
    facts_of,
    form_of,
    ladder_of,
    message_of,
    numbered,
    own_labels,
    refused,
    roles_of,
    state_of,
    told_by,
    transition_of,
    view_of,
)
from workflows import eligibility_review as review

FILE = Path(review.__file__)
WORKFLOW = review.declare()
OPEN = (
    "requested", "under_review", "awaiting_information", "ineligible_proposed", "eligible",
    "conditionally_eligible", "ineligible", "reselection_requested",
)  # fmt: skip

# The table of the process: trigger, from, to (None: recorded), who.
TABLE = (
    ("take", "requested", "under_review", {"reviewer"}),
    ("release", "under_review", "requested", {"reviewer"}),
    ("set_answer_by", OPEN[:4], None, {"admissions"}),
    ("ask_for_information", "under_review", "awaiting_information", {"reviewer"}),
    ("receive_information", "awaiting_information", "under_review", {"reviewer"}),
    ("proceed_without", "awaiting_information", "under_review", {"clock"}),
    ("record_assessment", "under_review", None, {"reviewer"}),
    ("find_eligible", "under_review", "eligible", {"reviewer"}),
    ("find_conditionally_eligible", "under_review", "conditionally_eligible", {"reviewer"}),
    ("confirm_condition_met", "conditionally_eligible", "eligible", {"reviewer"}),
    ("condition_failed", "conditionally_eligible", "ineligible", {"clock"}),
    ("find_ineligible", "under_review", "ineligible", {"reviewer"}),
    ("propose_ineligible", "under_review", "ineligible_proposed", {"reviewer"}),
    ("confirm_ineligible", "ineligible_proposed", "ineligible", {"reviewer", "head"}),
    ("return_to_review", "ineligible_proposed", "under_review", {"reviewer", "head"}),
    ("request_reselection", "ineligible", "reselection_requested", {"admissions"}),
    ("reselect", "reselection_requested", "under_review", {"student", "admissions"}),
    ("reselect_elsewhere", "reselection_requested", "closed_reselected", {"student", "admissions"}),
    ("lapse", "reselection_requested", "ineligible", {"clock"}),
    ("record_decision", ("eligible", "ineligible"), "decided", {"admissions"}),
    ("withdraw", OPEN, "withdrawn", {"admissions", "officer"}),
    ("reconsider", "decided", "under_review", {"admissions", "officer"}),
)

COURSE = {"course": "Statistics B", "course_code": "2ST015", "ects": "7.5", "term": "HT 2027"}
FINDING = {"no_conflict_of_interest": True}
ALTERNATIVES = [
    {"course": "Statistics A", "ects": "15"},
    {"course": "Logic", "unit": "philosophy", "ects": "7.5"},
]


def seen(facts: Any = None, **said: Any) -> Any:
    """View a review of Statistics B with some facts more."""
    return view_of(WORKFLOW, {**COURSE, **(facts or {})}, **said)


def sets(trigger: str, facts: Any = None, fields: Any = None, **said: Any) -> Any:
    """Give the facts after a step."""
    given = form_of(WORKFLOW, trigger, fields)
    return facts_after(seen(facts, given=given, **said), transition_of(WORKFLOW, trigger))


def test_the_file_loads_and_its_rules_hold() -> None:
    assert load(FILE).name == "eligibility_review"


def test_the_graph_is_the_table_and_nothing_else() -> None:
    assert arrows_of(WORKFLOW) == arrows(TABLE)


@pytest.mark.parametrize(("trigger", "roles"), [(row[0], row[3]) for row in TABLE])
def test_each_step_is_taken_by_the_roles_of_the_table(trigger: str, roles: set[str]) -> None:
    assert roles_of(transition_of(WORKFLOW, trigger)) == roles


def test_what_is_recorded_enters_and_leaves_nothing() -> None:
    recorded = {each.trigger for each in WORKFLOW.transitions if each.to == RECORDED}
    assert recorded == {"record_assessment", "set_answer_by"}


@pytest.mark.parametrize("kind", ["states", "triggers"])
def test_labels_are_the_words_the_offices_use(kind: str) -> None:
    agreed = agreed_labels("eligibility_review", kind)
    own = own_labels(WORKFLOW, kind)
    assert {name: own[name] for name in agreed} == {name: label[:2] for name, label in agreed.items()}
    assert own.keys() - agreed.keys() == ({"set_answer_by"} if kind == "triggers" else set())


def test_the_student_reads_other_words_where_that_was_agreed() -> None:
    for name, (_, _, sv, en) in agreed_labels("eligibility_review", "states").items():
        label = state_of(WORKFLOW, name).subject_label
        if sv is not None:
            assert label is not None
            assert (label.sv, label.en) == (sv, en)


def test_the_applicant_does_not_see_a_proposed_refusal() -> None:
    proposed, under_review = state_of(WORKFLOW, "ineligible_proposed"), state_of(WORKFLOW, "under_review")
    assert proposed.subject_label == under_review.label


# Opening.


def test_a_review_opens_with_only_a_course() -> None:
    assert facts_of(WORKFLOW, {"course": "Logic"}).course == "Logic"


def test_admissions_or_an_officer_opens_one_and_reviewers_are_told() -> None:
    assert {who.role.value for who in WORKFLOW.openers} == {"admissions", "officer"}
    assert [(tell.message, tell.to) for tell in WORKFLOW.tells] == [("requested", "reviewer")]


def test_the_title_names_course_and_term_and_never_the_applicant() -> None:
    assert WORKFLOW.title(seen({"application_number": "123456"})) == "Statistics B (2ST015), HT 2027"
    assert WORKFLOW.title(view_of(WORKFLOW, {"course": "Logic"})) == "Logic"


# Deadlines.


def test_the_answer_is_owed_in_three_working_days_and_climbs_its_ladder() -> None:
    answer = deadline_of(WORKFLOW, "answer")
    assert isinstance(answer.due, Budget)
    assert (defaults_of(WORKFLOW)["answer_days"], answer.due.unit) == (3, Unit.WORKING_DAYS)
    assert answer.runs_in == ("requested", "under_review", "ineligible_proposed")
    assert ladder_of(WORKFLOW, "answer") == [
        ("remind", "used", 2, "working_days", ("assignee",), None),
        ("escalate_to_head", "missed", 0, "working_days", ("head",), None),
        ("escalate_to_officer", "used", 5, "working_days", ("officer",), None),
        ("hand_over", "used", 7, "working_days", ("assignee", "admissions"), "HandOver"),
    ]


def test_the_answer_rests_only_while_information_is_awaited() -> None:
    assert [state.name for state in WORKFLOW.states if "answer" in state.pauses] == ["awaiting_information"]


def test_any_finding_or_a_confirmed_refusal_answers_and_a_proposal_does_not() -> None:
    findings = {"find_eligible", "find_conditionally_eligible", "find_ineligible", "confirm_ineligible"}
    assert set(deadline_of(WORKFLOW, "answer").answers) == findings
    assert set(deadline_of(WORKFLOW, "answer_by").answers) == findings


def test_the_day_of_the_round_takes_the_place_of_the_ordinary_clock() -> None:
    applies = deadline_of(WORKFLOW, "answer").applies
    assert applies is not None
    assert applies(seen())
    assert not applies(seen({"answer_by": "2027-04-01"}))


def test_the_day_of_the_round_does_not_rest_and_has_its_own_ladder() -> None:
    answer_by = deadline_of(WORKFLOW, "answer_by")
    assert answer_by.runs_in == OPEN[:4]
    assert not answer_by.internal
    assert ladder_of(WORKFLOW, "answer_by") == [
        ("remind", "before", 1, "working_days", ("assignee",), None),
        ("escalate_to_head", "missed", 0, "working_days", ("head",), None),
        ("escalate_to_officer", "after", 2, "working_days", ("officer",), None),
        ("hand_over", "after", 4, "working_days", ("assignee", "admissions"), "HandOver"),
    ]


@pytest.mark.parametrize(("name", "fact"), [("answer_by", "answer_by"), ("condition", "settle_by")])
def test_a_day_in_the_facts_is_the_last_day(name: str, fact: str) -> None:
    due = deadline_of(WORKFLOW, name).due
    assert isinstance(due, OnDay)
    assert due.day(seen({fact: "2027-04-01"})) == date(2027, 4, 1)
    assert due.day(seen()) is None


@pytest.mark.parametrize(
    ("name", "figure", "days", "rung"),
    [
        ("information", "information_days", 10, "proceed_without"),
        ("choice", "choice_days", 5, "lapse"),
        ("condition", None, None, "condition_failed"),
    ],
)
def test_the_clock_takes_the_step_when_the_last_day_has_ended(
    name: str, figure: str | None, days: int | None, rung: str
) -> None:
    assert figure is None or defaults_of(WORKFLOW)[figure] == days
    assert ladder_of(WORKFLOW, name)[-1] == (rung, "missed", 0, "working_days", (), "Fire")


def test_admissions_is_reminded_after_two_working_days_and_the_officer_told_after_four() -> None:
    decision = deadline_of(WORKFLOW, "decision")
    assert (decision.runs_in, decision.answers) == (("eligible", "ineligible"), ("record_decision",))
    assert defaults_of(WORKFLOW)["decision_days"] == 4
    assert ladder_of(WORKFLOW, "decision") == [
        ("remind", "used", 2, "working_days", ("admissions",), None),
        ("escalate_to_officer", "missed", 0, "working_days", ("officer",), None),
    ]


# Handling.


def test_who_takes_a_review_becomes_its_assignee_and_releasing_gives_it_back() -> None:
    assert transition_of(WORKFLOW, "take").assigns is Assign.ACTOR
    assert transition_of(WORKFLOW, "release").assigns is Assign.NOBODY


def test_an_answer_day_that_has_passed_is_refused() -> None:
    def answer(day: date) -> Any:
        return review.lies_ahead(seen(given=form_of(WORKFLOW, "set_answer_by", {"answer_by": day})))

    assert answer(TODAY) is YES
    assert refused(answer(TODAY - timedelta(days=1)), "answer_day_has_passed")


def test_what_is_missing_is_written_down_and_cleared_when_it_comes() -> None:
    asked = sets("ask_for_information", fields={"missing_information": "Grade scale"})
    assert asked.missing_information == "Grade scale"
    assert sets("receive_information", {"missing_information": "Grade scale"}).missing_information is None


# Assessing.


def test_what_is_assessed_now_is_laid_over_what_was_listed() -> None:
    listed = {"requirements": [{"name": "English 6"}, {"name": "Statistics A"}]}
    assessed = {"assessed": [{"name": "Statistics A", "assessment": "met"}], "transcript_seen": True}
    after = sets("record_assessment", listed, assessed)
    assert [(r.name, r.assessment) for r in after.requirements] == [("English 6", None), ("Statistics A", "met")]
    assert after.transcript_seen


def test_a_second_assessment_of_a_requirement_replaces_the_first() -> None:
    first = {"requirements": [{"name": "Statistics A", "assessment": "not_met"}]}
    again = [{"name": "Statistics A", "assessment": "equivalent", "replaced_by": "Econometrics"}]
    after = sets("record_assessment", first, {"assessed": again, "transcript_seen": True})
    assert [r.replaced_by for r in after.requirements] == ["Econometrics"]


@pytest.mark.parametrize(
    ("said", "fits"),
    [
        ({"assessment": "met"}, True),
        ({"assessment": "not_met"}, True),
        ({"assessment": "equivalent"}, False),
        ({"assessment": "equivalent", "replaced_by": "Econometrics"}, True),
        ({"assessment": "exempted", "reason": "Ten years at the statistics office"}, False),
        ({"assessment": "exempted", "mandate": "Delegation 2026:4"}, False),
        ({"assessment": "exempted", "reason": "Long practice", "mandate": "Delegation 2026:4"}, True),
        ({}, False),
    ],
)
def test_an_equivalent_says_what_replaces_it_and_an_exemption_on_what_it_rests(said: Any, *, fits: bool) -> None:
    fields = {"assessed": [{"name": "Statistics A", **said}], "transcript_seen": True}
    if fits:
        assert form_of(WORKFLOW, "record_assessment", fields)
    else:
        with pytest.raises(ValidationError):
            form_of(WORKFLOW, "record_assessment", fields)


def test_the_published_schema_says_what_each_assessment_needs() -> None:
    schema = transition_of(WORKFLOW, "record_assessment").form.model_json_schema()
    conditions = schema["$defs"]["AssessedRequirement"]["allOf"]
    needs = {c["if"]["properties"]["assessment"]["const"]: c["then"]["required"] for c in conditions}
    assert needs == {"equivalent": ["replaced_by"], "exempted": ["reason", "mandate"]}


# Findings.


@pytest.mark.parametrize(
    ("assessments", "possible"),
    [([], True), (["met", "equivalent", "exempted"], True), (["met", "not_met"], False), (["met", None], False)],
)
def test_eligible_needs_every_requirement_met_equivalent_or_exempted(assessments: Any, *, possible: bool) -> None:
    requirements = [{"name": f"R{n}", "assessment": a} for n, a in enumerate(assessments)]
    answer = review.every_requirement_is_fulfilled(seen({"requirements": requirements}))
    assert answer is YES if possible else refused(answer, "requirement_not_fulfilled")


def test_an_exemption_makes_the_applicant_eligible_by_special_decision() -> None:
    exempted = {"requirements": [{"name": "A", "assessment": "exempted", "reason": "x", "mandate": "y"}]}
    met = {"requirements": [{"name": "A", "assessment": "met"}]}
    assert sets("find_eligible", exempted, FINDING).special_decision
    assert not sets("find_eligible", met, FINDING).special_decision


def test_whoever_finds_declares_no_conflict_of_interest() -> None:
    findings = ("find_eligible", "find_conditionally_eligible", "find_ineligible", "propose_ineligible",
                "confirm_ineligible", "confirm_condition_met")  # fmt: skip
    for trigger in findings:
        assert "no_conflict_of_interest" in transition_of(WORKFLOW, trigger).form.model_json_schema()["required"]


def test_a_refusal_needs_a_written_reason_and_the_requirement_that_failed() -> None:
    for trigger in ("find_ineligible", "propose_ineligible"):
        transition = transition_of(WORKFLOW, trigger)
        assert transition.reason_required
        assert "failed_requirement" in transition.form.model_json_schema()["required"]


def test_a_unit_that_demands_four_eyes_refuses_the_short_way() -> None:
    assert review.one_reviewer_is_enough(seen()) is YES
    assert refused(review.one_reviewer_is_enough(seen(figures={"four_eyes": True})), "four_eyes_required")


def test_the_proposer_neither_confirms_nor_returns_and_is_not_reminded() -> None:
    assert transition_of(WORKFLOW, "confirm_ineligible").not_by == ("propose_ineligible",)
    assert transition_of(WORKFLOW, "return_to_review").not_by == ("propose_ineligible",)
    assert transition_of(WORKFLOW, "propose_ineligible").assigns is Assign.NOBODY


def test_admissions_and_applicant_learn_nothing_of_a_proposal() -> None:
    proposal = transition_of(WORKFLOW, "propose_ineligible")
    assert told_by(proposal) == {("proposed", "reviewer"), ("proposed", "head")}
    assert proposal.follow_ups == ()
    assert "{state}" not in message_of(WORKFLOW, "handed_over").body.sv + message_of(WORKFLOW, "handed_over").body.en


def test_a_returned_proposal_leaves_no_trace_of_its_finding() -> None:
    assert sets("return_to_review", {"failed_requirement": "Statistics A"}).failed_requirement is None


@pytest.mark.parametrize(
    ("settle_by", "code"),
    [
        (TODAY, None),
        (date(2027, 8, 29), None),
        (TODAY - timedelta(days=1), "settle_day_has_passed"),
        (date(2027, 8, 30), "settle_day_after_registration"),
    ],
)
def test_a_condition_is_settled_before_registration(settle_by: date, code: str | None) -> None:
    fields = {**FINDING, "condition": "Degree certificate", "settle_by": settle_by}
    view = seen({"registration_on": "2027-08-30"}, given=form_of(WORKFLOW, "find_conditionally_eligible", fields))
    answer = review.can_be_settled_before_registration(view)
    assert answer is YES if code is None else refused(answer, code)


def test_a_condition_that_failed_is_the_requirement_that_failed() -> None:
    after = sets("condition_failed", {"condition": "x" * 300, "outcome": "conditionally_eligible"})
    assert (after.outcome, after.failed_requirement) == ("ineligible", "x" * 200)


@pytest.mark.parametrize(
    ("trigger", "outcome"),
    [
        ("find_eligible", "eligible"),
        ("confirm_condition_met", "eligible"),
        ("find_conditionally_eligible", "conditionally_eligible"),
        ("find_ineligible", "ineligible"),
        ("confirm_ineligible", "ineligible"),
        ("condition_failed", "ineligible"),
        ("lapse", "ineligible"),
    ],
)
def test_each_outcome_is_told_to_admissions_and_noted_on_the_parent(trigger: str, outcome: str) -> None:
    transition = transition_of(WORKFLOW, trigger)
    assert "admissions" in {whom for _, whom in told_by(transition)}
    (noted,) = transition.follow_ups
    assert (noted.along, noted.trigger, noted.if_open) == ("parent", "note_review", True)
    assert noted.fields is not None
    sent = noted.fields(seen())
    assert (sent["review"], sent["course"], sent["ects"]) == (numbered(1), "Statistics B", Decimal("7.5"))
    assert sent["outcome"] == outcome


# Re-selection.


def offered(trigger: str, choice: int, **more: Any) -> Any:
    """View a review in which a new choice is being made."""
    given = form_of(WORKFLOW, trigger, {"choice": choice, **more})
    return seen({"alternatives": ALTERNATIVES, "outcome": "ineligible"}, given=given, state="reselection_requested")


def test_an_applicant_who_let_a_request_lapse_is_not_asked_again() -> None:
    assert review.was_not_asked_in_vain(seen()) is YES
    lapsed = sets("lapse")
    assert refused(review.was_not_asked_in_vain(view_of(WORKFLOW, lapsed)), "reselection_lapsed")


def test_a_new_choice_is_one_of_the_alternatives_of_this_unit() -> None:
    assert review.is_offered_here(offered("reselect", 1)) is YES
    assert refused(review.is_offered_here(offered("reselect", 2)), "course_of_another_unit")
    assert refused(review.is_offered_here(offered("reselect", 3)), "not_among_alternatives")


def test_a_choice_elsewhere_needs_another_unit() -> None:
    assert review.is_offered_elsewhere(offered("reselect_elsewhere", 2)) is YES
    assert refused(review.is_offered_elsewhere(offered("reselect_elsewhere", 1)), "course_of_this_unit")
    assert review.is_offered_elsewhere(offered("reselect_elsewhere", 1, unit="economics")) is YES
    assert refused(review.is_offered_elsewhere(offered("reselect_elsewhere", 3)), "not_among_alternatives")


def test_a_new_choice_here_begins_the_assessment_anew_with_a_full_budget() -> None:
    old = {
        "alternatives": ALTERNATIVES, "outcome": "ineligible", "failed_requirement": "Statistics A",
        "requirements": [{"name": "Statistics A", "assessment": "not_met"}], "answer_by": "2027-03-01",
        "reselection_lapsed": True, "transcript_seen": True,
    }  # fmt: skip
    after = sets("reselect", old, {"choice": 1})
    assert (after.course, after.course_code, after.ects) == ("Statistics A", None, Decimal(15))
    assert (after.requirements, after.outcome, after.failed_requirement, after.answer_by) == ((), None, None, None)
    assert (after.reselection_lapsed, after.transcript_seen) == (False, False)
    assert [course.course for course in after.alternatives] == ["Logic"]


def test_a_choice_elsewhere_opens_a_review_there_under_the_same_parent() -> None:
    parent = view_of(WORKFLOW, COURSE, number=7)
    given = form_of(WORKFLOW, "reselect_elsewhere", {"choice": 2})
    view = seen({"alternatives": ALTERNATIVES}, given=given, related={"parent": (parent,)})
    (opening,) = transition_of(WORKFLOW, "reselect_elsewhere").opens[0].each(view)
    assert (opening.unit, opening.subject, opening.links) == ("philosophy", view.subject, {"parent": numbered(7)})
    assert facts_of(WORKFLOW, opening.facts).course == "Logic"
    # What was this unit's own must be named there, or it would be taken for the other's.
    assert [c.unit for c in facts_of(WORKFLOW, opening.facts).alternatives] == ["statistics"]


def test_a_choice_elsewhere_without_a_parent_opens_a_review_without_one() -> None:
    (opening,) = review.review_elsewhere(offered("reselect_elsewhere", 2))
    assert opening.links == {}


# Deciding.


def test_a_decision_is_noted_with_when_and_how_it_was_told() -> None:
    after = sets("record_decision", {"outcome": "eligible"}, {**FINDING, "decided_on": TODAY})
    assert (after.decided_on, after.told_on, after.told_how) == (TODAY, TODAY, "e-post / e-mail")
    said = {**FINDING, "decided_on": TODAY, "told_on": date(2027, 3, 8), "told_how": "letter"}
    assert sets("record_decision", {}, said).told_how == "letter"


@pytest.mark.parametrize(
    ("outcome", "appealable", "message"),
    [
        ("eligible", True, "decided"),
        ("ineligible", True, "decided_against_appealable"),
        ("ineligible", False, "decided_against"),
    ],
)
def test_the_applicant_gets_one_message_that_fits_the_decision(outcome: str, message: str, *, appealable: bool) -> None:
    view = seen({"outcome": outcome}, figures={"appealable": appealable})
    tells = transition_of(WORKFLOW, "record_decision").tells
    assert [tell.message for tell in tells if tell.when is None or tell.when(view)] == [message]


def test_reconsidering_takes_the_finding_back_and_keeps_what_was_assessed() -> None:
    decided = {
        "outcome": "ineligible", "failed_requirement": "A", "decided_on": "2027-03-01", "answer_by": "2027-02-01",
        "requirements": [{"name": "A", "assessment": "not_met"}], "can_be_appealed": True,
    }  # fmt: skip
    after = sets("reconsider", decided)
    assert (after.outcome, after.failed_requirement, after.decided_on, after.answer_by) == (None, None, None, None)
    assert [r.name for r in after.requirements] == ["A"]
    assert transition_of(WORKFLOW, "reconsider").reason_required


def test_a_correction_cannot_touch_what_only_a_step_may_set() -> None:
    assert {"outcome", "special_decision", "reselection_lapsed"} <= set(WORKFLOW.protected)


DAYS = st.one_of(st.none(), st.dates())


@example_of(DAYS, DAYS, DAYS, st.dates(), st.sampled_from([None, *review.Assessment]))
def test_no_guard_or_day_raises_for_any_facts(
    answer_by: date | None, settle_by: date | None, registration_on: date | None, today: date, assessment: Any
) -> None:
    facts = {
        "answer_by": answer_by, "settle_by": settle_by, "registration_on": registration_on,
        "requirements": [{"name": "A", "assessment": assessment}],
    }  # fmt: skip
    view = seen(facts, today=today)
    for transition in WORKFLOW.transitions:
        assert all(guard(view) is not None for guard in transition.guards)
    for deadline in WORKFLOW.deadlines:
        if isinstance(deadline.due, OnDay):
            assert deadline.due.day(view) in {answer_by, settle_by}
