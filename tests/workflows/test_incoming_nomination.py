"""Incoming nomination: the graph, the dates of the round, what each guard says, what each step sets."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given as example_of
from hypothesis import strategies as st

from engine.loading import load
from engine.vocabulary import RECORDED, YES, AnyView, Direction, OnDay, agreement_allows, no
from tests.workflows.views import (
    TODAY,
    Asked,
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
from workflows import eligibility_review
from workflows import incoming_nomination as incoming

FILE = Path(incoming.__file__)
WORKFLOW = incoming.declare()
BEFORE_ARRIVAL = ("nominated", "accepted", "applied", "under_review", "admitted", "learning_agreement_signed")
REVIEWED = (
    "under_review", "admitted", "learning_agreement_signed", "arrived", "registered", "departed", "transcript_sent",
)  # fmt: skip

# The table of the process: trigger, from, to (None: recorded), who.
TABLE = (
    ("accept_nomination", "nominated", "accepted", {"coordinator", "officer"}),
    ("reject_nomination", "nominated", "rejected", {"coordinator", "officer"}),
    ("admit_late", ("nominated", "accepted"), None, {"officer"}),
    ("submit_application", "accepted", "applied", {"student", "partner"}),
    ("start_review", "applied", "under_review", {"coordinator", "officer"}),
    ("note_review", REVIEWED, None, {"clock"}),
    ("admit", "under_review", "admitted", {"admissions", "officer"}),
    ("admit_with_deviation", "under_review", "admitted", {"officer"}),
    ("refuse", "under_review", "refused", {"admissions"}),
    ("accept_place", "admitted", None, {"student"}),
    ("record_signature", "admitted", None, {"coordinator"}),
    ("sign_learning_agreement", "admitted", "learning_agreement_signed", {"coordinator"}),
    ("confirm_study_plan", "admitted", "learning_agreement_signed", {"coordinator"}),
    ("confirm_arrival", ("admitted", "learning_agreement_signed"), "arrived", {"coordinator"}),
    ("arrive_with_deviation", "admitted", "arrived", {"officer"}),
    ("report_no_show", ("admitted", "learning_agreement_signed"), "no_show", {"coordinator"}),
    ("register", "arrived", "registered", {"coordinator"}),
    ("extend_stay", "registered", None, {"officer"}),
    ("shorten_stay", "registered", None, {"officer"}),
    ("confirm_departure", "registered", "departed", {"coordinator"}),
    ("interrupt", ("arrived", "registered"), "departed", {"coordinator"}),
    ("send_transcript", "departed", "transcript_sent", {"coordinator"}),
    ("complete", "transcript_sent", "completed", {"coordinator"}),
    ("withdraw", BEFORE_ARRIVAL, "withdrawn", {"student", "partner", "officer"}),
    ("lapse", ("accepted", "admitted"), "lapsed", {"clock"}),
)

STAY = {"stay_from": "2027-08-30", "stay_to": "2028-01-16", "level": "master", "field": "0542"}
SPRING = {**STAY, "stay_from": "2028-01-17", "stay_to": "2028-06-04"}
DECISION = {"no_conflict_of_interest": True}
CONSENT = {"student_consents": True, "partner_consents": True}
NOT_IN_FORCE = no("not_in_force", "Avtalet gäller inte.", "The agreement is not in force.")


def agreement_of(study_plan: str = "three_party", **answers: Any) -> AnyView:
    """View an agreement, as far as a nomination knows one: two facts and its answers."""
    facts: Any = SimpleNamespace(study_plan=study_plan, partner=numbered(77))
    shell = view_of(WORKFLOW, STAY, number=50, answer=Asked(answers, []))
    object.__setattr__(shell, "facts", facts)
    return shell


def seen(facts: Any = None, *, agreement: AnyView | None = None, **said: Any) -> Any:
    """View a nomination under an agreement that allows everything, unless another is given."""
    related = {"agreement": (agreement or agreement_of(),)}
    return view_of(WORKFLOW, {**STAY, **(facts or {})}, **{"related": related, **said})


def sets(trigger: str, facts: Any = None, fields: Any = None, *, source: str | None = None, **said: Any) -> Any:
    """Give the facts after a step."""
    given = form_of(WORKFLOW, trigger, fields, source=source)
    return facts_after(seen(facts, given=given, **said), transition_of(WORKFLOW, trigger, source))


def noted(*outcomes: tuple[str, str]) -> list[dict[str, Any]]:
    """Write review outcomes as (outcome, credits)."""
    return [
        {"review": numbered(100 + n), "course": f"C{n}", "ects": ects, "outcome": outcome}
        for n, (outcome, ects) in enumerate(outcomes)
    ]


def test_the_file_loads_and_its_rules_hold() -> None:
    assert load(FILE).name == "incoming_nomination"


def test_the_graph_is_the_table_and_nothing_else() -> None:
    assert arrows_of(WORKFLOW) == arrows(TABLE)


@pytest.mark.parametrize(("trigger", "roles"), [(row[0], row[3]) for row in TABLE])
def test_each_step_is_taken_by_the_roles_of_the_table(trigger: str, roles: set[str]) -> None:
    assert all(roles_of(each) == roles for each in WORKFLOW.transitions if each.trigger == trigger)


@pytest.mark.parametrize("kind", ["states", "triggers"])
def test_labels_are_the_words_the_offices_use(kind: str) -> None:
    agreed = agreed_labels("incoming_nomination", kind)
    assert own_labels(WORKFLOW, kind) == {name: label[:2] for name, label in agreed.items()}


def test_what_is_recorded_enters_and_leaves_nothing() -> None:
    recorded = {each.trigger for each in WORKFLOW.transitions if each.to == RECORDED}
    assert recorded == {row[0] for row in TABLE if row[2] is None}


@pytest.mark.parametrize("trigger", ["reject_nomination", "admit_late", "admit_with_deviation", "refuse",
                                     "arrive_with_deviation", "interrupt"])  # fmt: skip
def test_what_goes_against_somebody_or_outside_the_rules_needs_a_reason(trigger: str) -> None:
    assert transition_of(WORKFLOW, trigger).reason_required


# Places and the agreement.


def test_a_place_is_held_from_acceptance_on_and_kept_when_completed() -> None:
    holding = {state.name for state in WORKFLOW.states if state.holds_place}
    assert holding == {*BEFORE_ARRIVAL, *REVIEWED, "completed"} - {"nominated"}


@pytest.mark.parametrize("name", ["rejected", "refused", "withdrawn", "lapsed", "no_show"])
def test_a_nomination_that_came_to_nothing_holds_no_place(name: str) -> None:
    assert state_of(WORKFLOW, name).final
    assert not state_of(WORKFLOW, name).holds_place


def test_the_agreement_is_asked_about_the_whole_stay() -> None:
    stay = incoming.stay(seen())
    assert (stay.direction, stay.level, stay.field) == (Direction.INCOMING, "master", "0542")
    assert (stay.starts_on, stay.ends_on) == (date(2027, 8, 30), date(2028, 1, 16))
    assert (stay.academic_year, stay.semesters) == ("2027/2028", 1)
    assert incoming.stay(seen(SPRING)).academic_year == "2027/2028"


@pytest.mark.parametrize(("ends_on", "semesters"), [("2028-01-16", 1), ("2028-06-04", 2)])
def test_semesters_follow_the_length_where_nothing_is_said(ends_on: str, semesters: int) -> None:
    assert incoming.stay(seen({"stay_to": ends_on})).semesters == semesters
    assert incoming.stay(seen({"stay_to": ends_on, "semesters": 3})).semesters == 3


def test_the_agreement_s_own_refusal_is_passed_on() -> None:
    answer = agreement_allows(incoming.stay)(seen(agreement=agreement_of(allows=NOT_IN_FORCE)))
    assert answer == NOT_IN_FORCE


def test_a_nomination_without_an_agreement_is_refused_and_raises_nothing() -> None:
    alone = seen(related={})
    assert refused(agreement_allows(incoming.stay)(alone), "no_agreement")
    assert refused(incoming.home_approval_is_enough(alone), "three_party_agreement")
    assert WORKFLOW.partner is not None
    assert WORKFLOW.partner(alone) is None


def test_messages_to_the_partner_go_to_the_one_the_agreement_names() -> None:
    assert WORKFLOW.partner is not None
    assert WORKFLOW.partner(seen()) == numbered(77)


def test_a_stay_that_ends_before_it_begins_is_refused_at_opening() -> None:
    assert WORKFLOW.guards == (incoming.ends_after_it_starts,)
    assert refused(incoming.ends_after_it_starts(seen({"stay_to": "2027-08-29"})), "stay_out_of_order")


# The dates of the round.


@pytest.mark.parametrize(
    ("facts", "name", "day"),
    [
        (STAY, "nominations_close", date(2027, 4, 1)),
        (SPRING, "nominations_close", date(2027, 10, 1)),
        (STAY, "applications_close", date(2027, 4, 15)),
        (SPRING, "applications_close", date(2027, 10, 15)),
        (STAY, "admission_ready", date(2027, 5, 20)),
        (SPRING, "admission_ready", date(2027, 11, 20)),
    ],
)
def test_autumn_and_spring_have_their_own_days(facts: Any, name: str, day: date) -> None:
    assert incoming.day_of_round(seen(facts), name) == day


@pytest.mark.parametrize(
    ("year", "came_on", "in_time"),
    [
        # 1 April 2027 is Maundy Thursday, a working day; in 2029 it is Easter Sunday.
        (2027, date(2027, 4, 1), True),
        (2027, date(2027, 4, 2), False),
        (2029, date(2029, 4, 3), True),
        (2029, date(2029, 4, 4), False),
    ],
)
def test_nominations_close_on_the_next_working_day(year: int, came_on: date, *, in_time: bool) -> None:
    facts = {"stay_from": f"{year}-08-30", "stay_to": f"{year + 1}-01-16"}
    answer = incoming.was_nominated_in_time(seen(facts, opened_on=came_on))
    assert answer is YES if in_time else refused(answer, "nominated_late")


def test_the_day_the_partner_nominated_counts_not_the_day_it_was_entered() -> None:
    view = seen({"nominated_on": "2027-03-30"}, opened_on=date(2027, 4, 20))
    assert incoming.was_nominated_in_time(view) is YES


def test_a_late_nomination_is_accepted_once_an_officer_has_set_a_new_day() -> None:
    after = sets("admit_late", {}, {"new_date": "2027-04-20"}, state="nominated")
    assert (after.nominate_by, after.apply_by) == (date(2027, 4, 20), None)
    assert incoming.was_nominated_in_time(seen(after.model_dump(), opened_on=date(2027, 4, 20))) is YES


def test_a_late_application_is_accepted_once_an_officer_has_set_a_new_day() -> None:
    late = date(2027, 4, 19)
    assert refused(incoming.applies_in_time(seen(state="accepted", today=late)), "applied_late")
    after = sets("admit_late", {}, {"new_date": late}, state="accepted")
    assert (after.nominate_by, after.apply_by) == (None, late)
    assert incoming.applies_in_time(seen(after.model_dump(), state="accepted", today=late)) is YES


def test_a_new_day_that_has_passed_is_refused() -> None:
    given = form_of(WORKFLOW, "admit_late", {"new_date": TODAY - timedelta(days=1)})
    assert refused(incoming.lies_ahead(seen(given=given)), "new_day_has_passed")


def test_who_is_accepted_after_the_closing_day_still_gets_time_to_apply() -> None:
    assert sets("accept_nomination", today=date(2027, 4, 15)).apply_by is None
    assert sets("accept_nomination", today=date(2027, 4, 16)).apply_by == date(2027, 4, 26)


# Deadlines.


@pytest.mark.parametrize(
    ("name", "facts", "day"),
    [
        ("application", {}, date(2027, 4, 15)),
        ("application", {"apply_by": "2027-05-03"}, date(2027, 5, 3)),
        ("admission_day", {}, date(2027, 5, 20)),
        ("arrival", {}, date(2027, 9, 9)),
        ("arrival", {"term_start": "2027-09-01"}, date(2027, 9, 11)),
        ("departure", {}, date(2028, 1, 23)),
        ("transcript", {"assessment_end": "2028-01-14"}, date(2028, 2, 18)),
        ("transcript", {}, date(2028, 2, 20)),
        ("transcript", {"interrupted_on": "2027-10-01"}, date(2027, 11, 5)),
    ],
)
def test_each_day_follows_from_the_facts(name: str, facts: Any, day: date) -> None:
    due = deadline_of(WORKFLOW, name).due
    assert isinstance(due, OnDay)
    assert due.day(seen(facts)) == day


def test_a_nomination_is_answered_in_ten_working_days() -> None:
    assert defaults_of(WORKFLOW)["nomination_days"] == 10
    assert deadline_of(WORKFLOW, "nomination").answers == ("accept_nomination", "reject_nomination")


def test_student_and_partner_are_reminded_seven_and_two_days_before_and_it_lapses_after_five() -> None:
    assert ladder_of(WORKFLOW, "application") == [
        ("remind_first", "before", 7, "days", ("student", "partner"), None),
        ("remind_second", "before", 2, "days", ("student", "partner"), None),
        ("lapse", "after", 5, "working_days", (), "Fire"),
    ]
    due = deadline_of(WORKFLOW, "application").due
    assert isinstance(due, OnDay)
    assert due.on_closed_day == "next"


def test_a_place_not_accepted_in_ten_days_lapses_five_working_days_later() -> None:
    acceptance = deadline_of(WORKFLOW, "acceptance")
    assert defaults_of(WORKFLOW)["acceptance_days"] == 10
    assert ladder_of(WORKFLOW, "acceptance")[-1] == ("lapse", "after", 5, "working_days", (), "Fire")
    assert acceptance.applies is not None
    assert acceptance.applies(seen())
    assert not acceptance.applies(seen({"place_accepted_on": "2027-06-01"}))


def test_admission_is_due_by_the_day_and_in_five_weeks() -> None:
    assert defaults_of(WORKFLOW)["admission_weeks"] == 5
    for name in ("admission_day", "admission_weeks"):
        assert deadline_of(WORKFLOW, name).runs_in == ("under_review",)
        assert deadline_of(WORKFLOW, name).answers == ("admit", "admit_with_deviation", "refuse")


def test_the_transcript_is_reminded_at_three_weeks_and_climbs_at_five_and_six() -> None:
    assert defaults_of(WORKFLOW)["transcript_weeks"] == 5
    assert ladder_of(WORKFLOW, "transcript") == [
        ("remind", "before", 2, "weeks", ("coordinator",), None),
        ("escalate_to_head", "missed", 0, "working_days", ("head",), None),
        ("escalate_to_officer", "after", 1, "weeks", ("officer",), None),
    ]


def test_promises_to_others_run_on_while_the_house_rests() -> None:
    outside = {deadline.name for deadline in WORKFLOW.deadlines if not deadline.internal}
    assert outside == {"application", "acceptance", "admission_day", "admission_weeks", "transcript"}


# Application and reviews.


COURSES = [
    {"course": "Statistics B", "course_code": "2ST015", "ects": "15", "unit": "statistics"},
    {"course": "Logic", "ects": 7.5},
]


def test_an_application_without_courses_is_not_sent_to_anybody() -> None:
    assert refused(incoming.names_courses(seen()), "no_courses")
    assert incoming.names_courses(seen({"courses": COURSES})) is YES


def test_each_course_is_reviewed_in_its_own_unit_with_the_alternatives() -> None:
    facts = {"courses": COURSES, "alternatives": [COURSES[1]], "term_start": "2027-08-30"}
    first, second = incoming.one_review_a_course(seen(facts, unit="exchange"))
    assert (first.unit, second.unit) == ("statistics", "exchange")
    assert first.subject == seen().subject
    opened = facts_of(eligibility_review.declare(), first.facts)
    assert (opened.course, opened.ects, opened.term) == ("Statistics B", Decimal(15), "HT 2027")
    assert [(course.course, course.unit) for course in opened.alternatives] == [("Logic", "exchange")]


def test_what_a_review_sends_fits_what_the_nomination_asks_for() -> None:
    review = eligibility_review.declare()
    view = view_of(review, {"course": "Logic", "ects": "7.5"}, number=3)
    (follow_up,) = transition_of(review, "find_eligible").follow_ups
    assert follow_up.fields is not None
    sent = form_of(WORKFLOW, follow_up.trigger, follow_up.fields(view))
    assert (sent.review, sent.course, sent.outcome) == (numbered(3), "Logic", "eligible")


def test_only_the_latest_outcome_of_a_review_is_kept() -> None:
    reviews = noted(("ineligible", "7.5"), ("eligible", "15"))
    again = {"review": numbered(100), "course": "C9", "ects": "7.5", "outcome": "eligible"}
    after = sets("note_review", {"reviews": reviews}, again, state="under_review")
    assert [(r.course, r.outcome) for r in after.reviews] == [("C1", "eligible"), ("C9", "eligible")]


@pytest.mark.parametrize(("state", "others", "told"), [("under_review", 1, True), ("under_review", 0, False),
                                                      ("admitted", 1, False)])  # fmt: skip
def test_admissions_is_told_when_the_last_department_has_answered(state: str, others: int, *, told: bool) -> None:
    given = form_of(WORKFLOW, "note_review", {"review": numbered(9), "course": "Logic", "outcome": "eligible"})
    facts = {"courses": COURSES, "reviews": noted(*[("eligible", "15")] * others)}
    assert incoming.is_last_answer(seen(facts, state=state, given=given)) is told


@pytest.mark.parametrize(("state", "outcome", "told"), [("admitted", "ineligible", True),
                                                       ("admitted", "eligible", False),
                                                       ("under_review", "ineligible", False)])  # fmt: skip
def test_a_loss_after_admission_is_told(state: str, outcome: str, *, told: bool) -> None:
    given = form_of(WORKFLOW, "note_review", {"review": numbered(9), "course": "Logic", "outcome": outcome})
    assert incoming.is_lost_after_admission(seen(state=state, given=given)) is told


# Admission.


@pytest.mark.parametrize(
    ("outcomes", "facts", "possible"),
    [
        ([("eligible", "15"), ("eligible", "7.5")], {}, True),
        ([("eligible", "15"), ("conditionally_eligible", "7.5")], {}, True),
        ([("eligible", "15"), ("ineligible", "7.5")], {}, False),
        ([("eligible", "15"), ("eligible", "7.5")], {"needs_residence_permit": True}, False),
        ([("eligible", "30")], {"needs_residence_permit": True}, True),
        ([("eligible", "30")], {"semesters": 2}, False),
        ([("eligible", "30"), ("eligible", "15")], {"semesters": 2}, True),
        ([], {}, False),
    ],
)
def test_eligible_courses_reach_the_minimum_or_full_time(outcomes: Any, facts: Any, *, possible: bool) -> None:
    answer = incoming.eligible_credits_suffice(seen({"reviews": noted(*outcomes), **facts}))
    assert answer is YES if possible else refused(answer, "too_few_credits")


def test_a_unit_may_set_its_own_minimum() -> None:
    view = seen({"reviews": noted(("eligible", "15"))}, figures={"minimum_credits": "15"})
    assert incoming.eligible_credits_suffice(view) is YES


def test_admission_notes_what_the_letter_rests_on_and_student_and_partner_are_told() -> None:
    after = sets("admit", {"reviews": noted(("eligible", "22.5"))}, DECISION)
    assert (after.admitted_on, after.admitted_credits) == (TODAY, Decimal("22.5"))
    assert (after.told_on, after.told_how) == (TODAY, "e-post / e-mail")
    told = told_by(transition_of(WORKFLOW, "admit"))
    assert {("letter_of_acceptance", "student"), ("admitted", "partner")} <= told


def test_an_admission_below_the_minimum_is_listed_as_a_deviation() -> None:
    after = sets("admit_with_deviation", {"deviations": ["other"]}, DECISION)
    assert after.deviations == ("other", "below_minimum")


@pytest.mark.parametrize(("appealable", "message"), [(False, "refused"), (True, "refused_appealable")])
def test_a_refusal_tells_the_student_once_and_the_reason(message: str, *, appealable: bool) -> None:
    view = seen(figures={"refusal_appealable": appealable})
    tells = transition_of(WORKFLOW, "refuse").tells
    to_student = [t.message for t in tells if t.to == "student" and (t.when is None or t.when(view))]
    assert to_student == [message]
    assert "{reason}" in message_of(WORKFLOW, message).body.en


def test_a_place_is_accepted_once() -> None:
    assert incoming.is_not_accepted_before(seen()) is YES
    after = sets("accept_place")
    assert after.place_accepted_on == TODAY
    assert refused(incoming.is_not_accepted_before(seen(after.model_dump())), "already_accepted")


# Learning agreement, arrival, registration.


def test_a_learning_agreement_needs_three_signatures() -> None:
    signed = [{"signer": signer, "signed_on": "2027-06-01"} for signer in ("student", "sending", "receiving")]
    assert refused(incoming.has_three_signatures(seen({"signatures": signed[:2]})), "signature_missing")
    assert incoming.has_three_signatures(seen({"signatures": signed})) is YES


def test_a_party_that_signs_again_replaces_its_signature() -> None:
    first = {"signatures": [{"signer": "student", "signed_on": "2027-06-01"}]}
    after = sets("record_signature", first, {"signer": "student", "signed_on": "2027-06-08"})
    assert [(s.signer, s.signed_on) for s in after.signatures] == [("student", date(2027, 6, 8))]


@pytest.mark.parametrize(("study_plan", "three", "approval"), [("three_party", True, False),
                                                              ("home_approval", False, True)])  # fmt: skip
def test_the_agreement_says_which_study_plan_it_wants(study_plan: str, *, three: bool, approval: bool) -> None:
    view = seen(agreement=agreement_of(study_plan))
    assert (incoming.needs_three_signatures(view) is YES) is three
    assert (incoming.home_approval_is_enough(view) is YES) is approval


def test_arriving_straight_from_admission_is_for_home_approval_only() -> None:
    assert transition_of(WORKFLOW, "confirm_arrival", "admitted").guards == (incoming.home_approval_is_enough,)
    assert transition_of(WORKFLOW, "confirm_arrival", "learning_agreement_signed").guards == ()


def test_an_arrival_without_a_signed_learning_agreement_is_listed_as_a_deviation() -> None:
    after = sets("arrive_with_deviation", {}, {"arrived_on": "2027-08-30"})
    assert (after.arrived_on, after.deviations) == (date(2027, 8, 30), ("unsigned_learning_agreement",))


def test_a_no_show_is_recorded_from_ten_days_after_term_start() -> None:
    facts = {"term_start": "2027-08-30"}
    assert refused(incoming.term_is_under_way(seen(facts, today=date(2027, 9, 8))), "too_early_for_no_show")
    assert incoming.term_is_under_way(seen(facts, today=date(2027, 9, 9))) is YES


def test_student_in_covers_the_stay_and_fourteen_days_on_either_side() -> None:
    after = sets("register", {}, {"registered_on": "2027-08-31"})
    assert (after.insured_from, after.insured_to) == (date(2027, 8, 16), date(2028, 1, 30))


def test_without_an_agreement_in_force_there_is_no_insurance_and_the_officer_is_told() -> None:
    agreement = agreement_of(in_force=NOT_IN_FORCE)
    after = sets("register", {}, {"registered_on": "2027-08-31"}, agreement=agreement)
    assert (after.insured_from, after.insured_to) == (None, None)
    tells = transition_of(WORKFLOW, "register").tells
    told = [t.message for t in tells if t.when is None or t.when(seen(agreement=agreement))]
    assert told == ["not_insured"]


# Changes of the stay, and its end.


def changing(trigger: str, day: str, **said: Any) -> Any:
    """View a registered student whose stay is to end on another day."""
    return seen(given=form_of(WORKFLOW, trigger, {"stay_to": day, **CONSENT}), state="registered", **said)


def test_an_extension_ends_later_and_a_shortening_earlier() -> None:
    assert incoming.ends_later(changing("extend_stay", "2028-06-04")) is YES
    assert refused(incoming.ends_later(changing("extend_stay", "2028-01-16")), "not_later")
    assert incoming.ends_earlier(changing("shorten_stay", "2027-12-01")) is YES
    assert refused(incoming.ends_earlier(changing("shorten_stay", "2027-08-30")), "not_earlier")


def test_the_agreement_is_asked_about_the_longer_stay() -> None:
    asked = Asked({}, [])
    agreement = agreement_of()
    object.__setattr__(agreement, "answer", asked)
    agreement_allows(incoming.changed_stay)(changing("extend_stay", "2028-06-04", agreement=agreement))
    ((question, stay),) = asked.questions
    assert (question, stay.ends_on, stay.semesters) == ("allows", date(2028, 6, 4), 2)


def test_place_and_insurance_follow_the_new_end_in_the_same_step() -> None:
    after = sets("extend_stay", {"semesters": 1}, {"stay_to": "2028-06-04", **CONSENT})
    assert (after.stay_to, after.semesters, after.insured_to) == (date(2028, 6, 4), 2, date(2028, 6, 18))


def test_a_change_without_everybody_s_consent_is_no_change() -> None:
    for missing in CONSENT:
        assert missing in transition_of(WORKFLOW, "extend_stay").form.model_json_schema()["required"]


def test_a_certificate_does_not_end_before_it_begins() -> None:
    dates = {"attended_from": "2027-08-30", "attended_to": "2027-08-29"}
    view = seen(given=form_of(WORKFLOW, "confirm_departure", dates))
    assert refused(incoming.attended_in_order(view), "attendance_out_of_order")


def test_an_interrupted_stay_keeps_its_place_and_goes_on_to_the_transcript() -> None:
    after = sets("interrupt", {}, {"interrupted_on": "2027-10-01", "force_majeure": True})
    assert (after.interrupted_on, after.force_majeure) == (date(2027, 10, 1), True)
    assert state_of(WORKFLOW, "departed").holds_place


def test_a_transcript_was_sent_today_where_nothing_is_said() -> None:
    assert sets("send_transcript").transcript_sent_on == TODAY
    assert sets("send_transcript", {}, {"transcript_sent_on": "2027-03-01"}).transcript_sent_on == date(2027, 3, 1)


@pytest.mark.parametrize("trigger", ["withdraw", "lapse", "report_no_show"])
def test_open_reviews_of_somebody_who_does_not_come_are_withdrawn(trigger: str) -> None:
    (follow_up,) = transition_of(WORKFLOW, trigger).follow_ups
    assert (follow_up.along, follow_up.trigger, follow_up.if_open) == ("reviews", "withdraw", True)


@pytest.mark.parametrize("trigger", ["reject_nomination", "lapse", "withdraw", "refuse", "report_no_show"])
def test_the_partner_is_told_of_every_way_out(trigger: str) -> None:
    assert "partner" in {whom for _, whom in told_by(transition_of(WORKFLOW, trigger))}


def test_students_and_partners_get_no_link_to_a_page_they_cannot_see() -> None:
    tells = [tell for each in WORKFLOW.transitions for tell in each.tells if tell.to in {"student", "partner"}]
    rungs = [rung for each in WORKFLOW.deadlines for rung in each.ladder if {"student", "partner"} & set(rung.to)]
    for name in {tell.message for tell in tells} | {str(rung.message) for rung in rungs}:
        body = message_of(WORKFLOW, name).body
        assert "{url}" not in body.sv + body.en


def test_the_title_names_institution_level_and_term_and_never_the_student() -> None:
    assert WORKFLOW.title(seen({"sending_institution": "Universität Wien"})) == "Universität Wien, master, HT 2027"
    assert WORKFLOW.title(seen(SPRING)) == "master, VT 2028"


DAYS = st.one_of(st.none(), st.dates())


@example_of(st.dates(), st.dates(), DAYS, DAYS, st.dates())
def test_no_guard_day_or_title_raises_for_any_facts(
    stay_from: date, stay_to: date, term_start: date | None, apply_by: date | None, today: date
) -> None:
    facts = {"stay_from": stay_from, "stay_to": stay_to, "term_start": term_start, "apply_by": apply_by}
    view = seen(facts, today=today)
    assert WORKFLOW.title(view)
    for guard in (*WORKFLOW.guards, *(guard for each in WORKFLOW.transitions for guard in each.guards)):
        assert guard(view) is not None
    for deadline in WORKFLOW.deadlines:
        if isinstance(deadline.due, OnDay):
            assert deadline.due.day(view) is not None
    assert incoming.insured(view).keys() == {"insured_from", "insured_to"}
