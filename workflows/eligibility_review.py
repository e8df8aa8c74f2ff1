"""Eligibility review: granskning av särskild behörighet.

Admissions asks a department whether an applicant meets the special entry requirements of
one course. The department assesses; admissions decides. A late answer eats the time for
re-selection (omval), so the answer has a ladder that ends with somebody else doing it.

Source: the offices' role pages (IKP: review "at once" when Antagningen asks);
Högskoleförordningen (1993:100), 7 kap. (entry requirements, exemptions), 12 kap. 2 §
(appeal); Förvaltningslagen (2017:900), 31-33 §§ (what a decision documents, telling).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any, TypeAlias

from pydantic import ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from engine.vocabulary import (
    ASSIGNEE, MISSED, RECORDED, Answer, Assign, Budget, CourseCredits, Deadline, DecisionForm, Facts, Figure, FollowUp,
    Form, HandOver, Line, Link, Milestone, Moment, NoConflict, OnDay, Opening, Opens, Part, Prose, Role, Rule, Rung,
    State, Tell, Text, Transition, Unit, UnitCode, View, Workflow, after, answered_by, at_most_once, before, escalate,
    fact_day, final, fire, known, lacks_fact, letter, message, never_after, no, not_together, noting, precedes, remind,
    told, used, yes_if,
)

# Settings beside those that stand in the deadlines.
FIGURES = {
    "four_eyes": False,  # a refusal needs a second reviewer, or the head
    "appealable": True,  # the applicant is told how to appeal a refusal
}

STATES = (
    State("requested", Text("Inkommen för granskning", "Received for review"), Role.REVIEWER),
    State("under_review", Text("Under granskning", "Under review"), Role.REVIEWER),
    State("awaiting_information", Text("Väntar på komplettering", "Awaiting information"), Role.REVIEWER,
        pauses=("answer",)),
    # The applicant learns nothing before a second person has confirmed.
    State("ineligible_proposed", Text("Förslag: obehörig", "Proposed ineligible"), Role.REVIEWER,
        subject_label=Text("Under granskning", "Under review")),
    State("eligible", Text("Behörig", "Eligible"), Role.ADMISSIONS),
    State("conditionally_eligible", Text("Behörig med villkor", "Conditionally eligible"), Role.REVIEWER),
    State("ineligible", Text("Obehörig", "Not eligible"), Role.ADMISSIONS),
    State("reselection_requested", Text("Omval begärt", "New choice requested"), Role.STUDENT,
        subject_label=Text("Välj ny kurs", "Choose another course")),
    final("decided", "Beslutad", "Decided", reopens_to="under_review"),
    final("closed_reselected", "Avslutad, omval gjort", "Closed, new course chosen"),
    final("withdrawn", "Återkallad", "Withdrawn"),
)

UNANSWERED = ("requested", "under_review", "awaiting_information", "ineligible_proposed")
OPEN = (*UNANSWERED, "eligible", "conditionally_eligible", "ineligible", "reselection_requested")
ANSWERS = ("find_eligible", "find_conditionally_eligible", "find_ineligible", "confirm_ineligible")


def deadlines() -> tuple[Deadline, ...]:
    """By when each answer is owed."""
    return (
        Deadline("answer", Text("Svar till antagningen", "Answer to admissions"),
            runs_in=("requested", "under_review", "ineligible_proposed"),
            due=Budget(Figure("answer_days", 3), Unit.WORKING_DAYS), answers=ANSWERS, applies=lacks_fact("answer_by"),
            ladder=(remind(used(Figure("answer_remind_days", 2))),
                    escalate(MISSED, Role.HEAD),
                    escalate(used(Figure("answer_officer_days", 5)), Role.OFFICER),
                    hand_over(used(Figure("answer_hand_over_days", 7))))),
        # A day the admission round has fixed does not rest while information is awaited.
        Deadline("answer_by", Text("Svar före antagningens svarsdag", "Answer by the day admissions set"),
            runs_in=UNANSWERED, due=OnDay(fact_day("answer_by")), answers=ANSWERS, internal=False,
            ladder=(remind(before(Figure("answer_by_remind_days", 1))),
                    escalate(MISSED, Role.HEAD),
                    escalate(after(Figure("answer_by_officer_days", 2)), Role.OFFICER),
                    hand_over(after(Figure("answer_by_hand_over_days", 4))))),
        Deadline("information", Text("Komplettering", "Information asked for"),
            runs_in=("awaiting_information",), due=Budget(Figure("information_days", 10), Unit.WORKING_DAYS),
            answers=("receive_information",),
            ladder=(fire(MISSED, "proceed_without"),)),
        Deadline("condition", Text("Villkoret ska vara uppfyllt", "Condition to be met"),
            runs_in=("conditionally_eligible",), due=OnDay(fact_day("settle_by")), answers=("confirm_condition_met",),
            internal=False,
            ladder=(remind(before(Figure("condition_remind_days", 5)), message="condition_reminder"),
                    fire(MISSED, "condition_failed"))),
        Deadline("choice", Text("Den sökandes omval", "The applicant's new choice"),
            runs_in=("reselection_requested",), due=Budget(Figure("choice_days", 5), Unit.WORKING_DAYS),
            answers=("reselect", "reselect_elsewhere"), internal=False,
            ladder=(remind(before(Figure("choice_remind_days", 1)), Role.STUDENT, message="choice_reminder"),
                    fire(MISSED, "lapse"))),
        Deadline("decision", Text("Beslut i NyA", "Decision in NyA"),
            runs_in=("eligible", "ineligible"), due=Budget(Figure("decision_days", 4), Unit.WORKING_DAYS),
            answers=("record_decision",),
            ladder=(remind(used(Figure("decision_remind_days", 2)), Role.ADMISSIONS, message="decision_reminder"),
                    escalate(MISSED, Role.OFFICER, message="decision_escalation"))),
    )


def hand_over(at: Moment) -> Rung:
    """Give the review to somebody who is there, and tell both that person and admissions."""
    to = HandOver((Role.REVIEWER, Role.OFFICER))
    return Rung("hand_over", at, "handed_over", (ASSIGNEE, Role.ADMISSIONS), does=to)


RULES: tuple[Rule, ...] = (
    precedes("take", "record_assessment"),
    precedes("propose_ineligible", "confirm_ineligible"),
    precedes("request_reselection", "reselect"),
    precedes("request_reselection", "reselect_elsewhere"),
    precedes(("confirm_condition_met", "condition_failed", *ANSWERS), "record_decision"),
    answered_by("ask_for_information", "receive_information", "proceed_without", "withdraw"),
    answered_by("find_conditionally_eligible", "confirm_condition_met", "condition_failed", "withdraw"),
    answered_by("request_reselection", "reselect", "reselect_elsewhere", "lapse", "withdraw"),
    at_most_once("record_decision"),
    never_after("record_decision", "withdraw"),
    not_together("reselect_elsewhere", "record_decision"),
)


# What a review is seen to wait for.
MILESTONES = (
    Milestone("answer", Text("Svar till antagningen", "Answer to admissions"), Role.REVIEWER,
        deadlines=("answer", "answer_by"), waits_in=("requested", "under_review", "ineligible_proposed"),
        done_in=("eligible", "conditionally_eligible", "ineligible", "reselection_requested", "decided")),
    Milestone("decision", Text("Beslut i NyA", "Decision in NyA"), Role.ADMISSIONS,
        deadlines=("decision",), done_in=("decided",)),
)


def declare() -> Workflow:
    """The whole process, for the engine to check and load."""
    return Workflow(
        name="eligibility_review", version=1, prefix="REV",
        label=Text("Granskning av särskild behörighet", "Eligibility review"),
        purpose=Text(
            "Antagningen frågar en institution om en sökande uppfyller en kurs särskilda förkunskapskrav."
            " Institutionen bedömer, antagningen beslutar.",
            "Admissions asks a department whether an applicant meets a course's special entry requirements."
            " The department assesses, admissions decides.",
        ),
        facts=ReviewFacts, title=title, initial="requested",
        opened_by=(Role.ADMISSIONS, Role.OFFICER), corrected_by=(Role.ADMISSIONS, Role.OFFICER),
        states=STATES, transitions=transitions(), deadlines=deadlines(), rules=RULES,
        milestones=MILESTONES, messages=MESSAGES, tells=(Tell("requested", Role.REVIEWER),), figures=FIGURES,
        links=(Link("parent", "incoming_nomination"), Link("reselected_from", "eligibility_review")),
        protected=("outcome", "special_decision", "reselection_lapsed", "can_be_appealed"),
    )


def transitions() -> tuple[Transition, ...]:
    """Every arrow, by phase."""
    return (*handling(), *findings(), *four_eyes(), *conditions(), *reselection(), *closing())


def handling() -> tuple[Transition, ...]:
    """Taking the review, asking for what is missing, assessing."""
    return (
        Transition("take", Text("Ta ärendet", "Take"),
            "requested", "under_review", by=(Role.REVIEWER,), assigns=Assign.ACTOR),
        Transition("release", Text("Lämna tillbaka", "Release"),
            "under_review", "requested", by=(Role.REVIEWER,), assigns=Assign.NOBODY),
        Transition("set_answer_by", Text("Sätt svarsdag", "Set answer day"),
            UNANSWERED, RECORDED, by=(Role.ADMISSIONS,),
            form=AnswerByForm, field_guards=(lies_ahead,), tells=(Tell("answer_day_set", ASSIGNEE),)),
        Transition("ask_for_information", Text("Begär komplettering", "Ask for information"),
            "under_review", "awaiting_information", by=(Role.REVIEWER,),
            form=InformationForm, tells=(Tell("information_wanted", Role.ADMISSIONS),)),
        Transition("receive_information", Text("Komplettering inkommen", "Information received"),
            "awaiting_information", "under_review", by=(Role.REVIEWER,), sets=noting(missing_information=None)),
        Transition("proceed_without", Text("Avgör på befintligt underlag", "Decide on file"),
            "awaiting_information", "under_review", by=(Role.CLOCK,), tells=(Tell("proceed", ASSIGNEE),)),
        Transition("record_assessment", Text("Bedöm förkunskapskraven", "Assess the requirements"),
            "under_review", RECORDED, by=(Role.REVIEWER,), form=AssessmentForm, sets=assessed_requirements),
    )


def findings() -> tuple[Transition, ...]:
    """What the department finds; each outcome is told at once."""
    return (
        Transition("find_eligible", Text("Bedöm behörig", "Find eligible"),
            "under_review", "eligible", by=(Role.REVIEWER,),
            form=FindingForm, guards=(every_requirement_is_fulfilled,), sets=found_eligible,
            tells=(Tell("found_eligible", Role.ADMISSIONS),), follow_ups=(noted_on_parent(Outcome.ELIGIBLE),)),
        Transition("find_conditionally_eligible", Text("Bedöm behörig med villkor", "Find conditionally eligible"),
            "under_review", "conditionally_eligible", by=(Role.REVIEWER,),
            form=ConditionForm, field_guards=(can_be_settled_before_registration,),
            sets=noting(outcome=Outcome.CONDITIONALLY_ELIGIBLE),
            tells=(Tell("found_conditionally_eligible", Role.ADMISSIONS),),
            follow_ups=(noted_on_parent(Outcome.CONDITIONALLY_ELIGIBLE),)),
        Transition("find_ineligible", Text("Bedöm obehörig", "Find ineligible"),
            "under_review", "ineligible", by=(Role.REVIEWER,),
            form=FailedForm, guards=(one_reviewer_is_enough,), reason_required=True,
            sets=noting(outcome=Outcome.INELIGIBLE, special_decision=False),
            tells=(Tell("found_ineligible", Role.ADMISSIONS),), follow_ups=(noted_on_parent(Outcome.INELIGIBLE),)),
    )


def four_eyes() -> tuple[Transition, ...]:
    """A refusal that a second person confirms. Admissions is told nothing before."""
    return (
        # Reminders must not go to the proposer, who cannot confirm: nobody is assigned.
        Transition("propose_ineligible", Text("Föreslå obehörig", "Propose ineligible"),
            "under_review", "ineligible_proposed", by=(Role.REVIEWER,),
            form=FailedForm, reason_required=True, assigns=Assign.NOBODY,
            tells=(Tell("proposed", Role.REVIEWER), Tell("proposed", Role.HEAD))),
        Transition("confirm_ineligible", Text("Bekräfta bedömningen", "Confirm"),
            "ineligible_proposed", "ineligible", by=(Role.REVIEWER, Role.HEAD),
            form=FindingForm, not_by=("propose_ineligible",),
            sets=noting(outcome=Outcome.INELIGIBLE, special_decision=False),
            tells=(Tell("found_ineligible", Role.ADMISSIONS),), follow_ups=(noted_on_parent(Outcome.INELIGIBLE),)),
        Transition("return_to_review", Text("Återlämna", "Return"),
            "ineligible_proposed", "under_review", by=(Role.REVIEWER, Role.HEAD),
            not_by=("propose_ineligible",), reason_required=True, sets=noting(failed_requirement=None),
            tells=(Tell("returned", ASSIGNEE),)),
    )


def conditions() -> tuple[Transition, ...]:
    """What becomes of a condition."""
    return (
        Transition("confirm_condition_met", Text("Villkoret uppfyllt", "Condition met"),
            "conditionally_eligible", "eligible", by=(Role.REVIEWER,),
            form=FindingForm, sets=found_eligible, tells=(Tell("found_eligible", Role.ADMISSIONS),),
            follow_ups=(noted_on_parent(Outcome.ELIGIBLE),)),
        Transition("condition_failed", Text("Villkoret ej uppfyllt", "Condition not met"),
            "conditionally_eligible", "ineligible", by=(Role.CLOCK,),
            sets=failed_by_condition,
            tells=(Tell("condition_failed", Role.ADMISSIONS), Tell("condition_failed", ASSIGNEE)),
            follow_ups=(noted_on_parent(Outcome.INELIGIBLE),)),
    )


def reselection() -> tuple[Transition, ...]:
    """Omval: the applicant chooses another course, here or in another department."""
    return (
        Transition("request_reselection", Text("Begär omval", "Request new choice"),
            "ineligible", "reselection_requested", by=(Role.ADMISSIONS,),
            form=AlternativesForm, guards=(was_not_asked_in_vain,), tells=(Tell("choose_course", Role.STUDENT),)),
        Transition("reselect", Text("Registrera omval", "Record new choice"),
            "reselection_requested", "under_review", by=(Role.STUDENT, Role.ADMISSIONS),
            form=ChoiceForm, field_guards=(is_offered_here,), sets=new_course, tells=(Tell("new_course", ASSIGNEE),)),
        Transition("reselect_elsewhere", Text("Omval till annan institution", "New choice in another department"),
            "reselection_requested", "closed_reselected", by=(Role.STUDENT, Role.ADMISSIONS),
            form=ElsewhereForm, field_guards=(is_offered_elsewhere,),
            opens=(Opens("eligibility_review", "reselected_from", review_elsewhere),)),
        Transition("lapse", Text("Svarstiden har gått ut", "No answer in time"),
            "reselection_requested", "ineligible", by=(Role.CLOCK,),
            sets=noting(reselection_lapsed=True), tells=(Tell("lapsed", Role.ADMISSIONS),),
            follow_ups=(noted_on_parent(Outcome.INELIGIBLE),)),
    )


def closing() -> tuple[Transition, ...]:
    """The decision, and the ways out."""
    return (
        Transition("record_decision", Text("Beslut infört i NyA", "Decision entered in NyA"),
            ("eligible", "ineligible"), "decided", by=(Role.ADMISSIONS,),
            form=DecidedForm, sets=decided,
            tells=(Tell("decided", Role.STUDENT, when=is_in_favour),
                   Tell("decided_against", Role.STUDENT, when=is_final_against),
                   Tell("decided_against_appealable", Role.STUDENT, when=can_appeal))),
        Transition("withdraw", Text("Återkalla", "Withdraw"),
            OPEN, "withdrawn", by=(Role.ADMISSIONS, Role.OFFICER), tells=(Tell("withdrawn", ASSIGNEE),)),
        Transition("reconsider", Text("Ompröva", "Reconsider"),
            "decided", "under_review", by=(Role.ADMISSIONS, Role.OFFICER),
            reason_required=True, sets=noting(**NOT_FOUND_YET), tells=(Tell("reconsidered", ASSIGNEE),)),
    )


# What a review knows.


class Outcome(StrEnum):
    """What the department found."""

    ELIGIBLE = "eligible"
    CONDITIONALLY_ELIGIBLE = "conditionally_eligible"
    INELIGIBLE = "ineligible"


class Assessment(StrEnum):
    """How one requirement was judged."""

    MET = "met"
    EQUIVALENT = "equivalent"
    EXEMPTED = "exempted"
    NOT_MET = "not_met"


FULFILLED = (Assessment.MET, Assessment.EQUIVALENT, Assessment.EXEMPTED)

# What each assessment must say; the published schema says so too, so that a client knows.
MUST_SAY = {Assessment.EQUIVALENT: ("replaced_by",), Assessment.EXEMPTED: ("reason", "mandate")}
MUST_SAY_SCHEMA: JsonDict = {"allOf": [
    {
        "if": {"properties": {"assessment": {"const": value}}, "required": ["assessment"]},
        "then": {"properties": {name: {"type": "string"} for name in names}, "required": list(names)},
    }
    for value, names in MUST_SAY.items()
]}


class Requirement(Part):
    """One special entry requirement of the course, and how it was assessed.

    An equivalent says what replaces it; an exemption (undantag) gives its reason and the
    mandate under which it was made.
    """

    name: Line = Field(title="Förkunskapskrav / Requirement")
    assessment: Assessment | None = known("Bedömning / Assessment")
    replaced_by: Line | None = known("Motsvaras av / Replaced by")
    reason: Prose | None = known("Skäl / Reason")
    mandate: Line | None = known("Delegation / Mandate")


class AssessedRequirement(Requirement):
    """A requirement as the reviewer sends it: always with an assessment."""

    model_config = ConfigDict(json_schema_extra=MUST_SAY_SCHEMA)

    assessment: Assessment = Field(title="Bedömning / Assessment")

    @model_validator(mode="after")
    def says_what_its_assessment_needs(self) -> AssessedRequirement:
        """Refuse an equivalent or an exemption that does not say on what it rests."""
        missing = [n for n in MUST_SAY.get(self.assessment, ()) if getattr(self, n) is None]
        if missing:
            fields = ", ".join(missing)
            raise ValueError(f"bedömningen kräver också {fields} / the assessment also needs {fields}")
        return self


class Alternative(Part):
    """Another course the applicant has named. Without a unit it is the reviewing unit's own."""

    course: Line = Field(title="Kurs / Course")
    course_code: Line | None = known("Kurskod / Course code")
    ects: CourseCredits | None = known("Högskolepoäng / ECTS credits")
    unit: UnitCode | None = known("Institution / Department")


Alternatives: TypeAlias = tuple[Alternative, ...]


class ReviewFacts(Facts):
    """Only the course must be known to ask. What is written about the applicant stays here."""

    course: Line = Field(title="Kurs / Course")
    course_code: Line | None = known("Kurskod / Course code")
    ects: CourseCredits | None = known("Högskolepoäng / ECTS credits")
    term: Line | None = known("Termin / Term")
    round: Line | None = known("Antagningsomgång / Admission round")
    application_number: Line | None = known("Anmälningsnummer / Application number")
    registration_on: date | None = known("Registreringen börjar / Registration begins")
    answer_by: date | None = known("Svar senast / Answer by")
    requirements: tuple[Requirement, ...] = Field(default=(), title="Förkunskapskrav / Requirements")
    transcript_seen: bool = Field(default=False, title="Betygsutdrag granskat / Transcript seen")
    missing_information: Prose | None = known("Komplettering som saknas / What is missing")
    outcome: Outcome | None = known("Bedömning / Outcome")
    special_decision: bool = Field(default=False, title="Behörig efter särskilt beslut / Eligible by special decision")
    failed_requirement: Line | None = known("Krav som inte är uppfyllt / Failed requirement")
    condition: Prose | None = known("Villkor / Condition")
    settle_by: date | None = known("Uppfyllt senast / To be met by")
    alternatives: Alternatives = Field(
        default=(), max_length=20, title="Alternativ i anmälan / Alternatives applied for"
    )
    reselection_lapsed: bool = Field(default=False, title="Omval erbjudet utan svar / New choice offered in vain")
    decided_on: date | None = known("Beslutat i NyA den / Decided in NyA on")
    presented_by: Line | None = known("Föredragande / Presented by")
    told_on: date | None = known("Meddelat den / Told on")
    told_how: Line | None = known("Meddelat genom / Told by")
    can_be_appealed: bool | None = known("Kan överklagas / Can be appealed")


AnyReview: TypeAlias = View[ReviewFacts, Any]


# What the steps ask for.


class AnswerByForm(Form):
    """The last day the admission round can take an answer."""

    answer_by: date = Field(title="Svar senast / Answer by")


class InformationForm(Form):
    """What the applicant must add."""

    missing_information: Prose = Field(title="Vad som saknas / What is missing")


class AssessmentForm(Form):
    """Requirements assessed now; those not named keep what was recorded before."""

    assessed: tuple[AssessedRequirement, ...] = Field(
        min_length=1, max_length=25, title="Bedömda krav / Requirements assessed"
    )
    transcript_seen: bool = Field(title="Betygsutdrag granskat / Transcript seen")


class FindingForm(NoConflict):
    """A finding in favour, or one that confirms what is already written."""


class ConditionForm(NoConflict):
    """What must still be met, and by when."""

    condition: Prose = Field(title="Villkor / Condition")
    settle_by: date = Field(title="Uppfyllt senast / To be met by")


class FailedForm(NoConflict):
    """Which requirement is not met; why stands in the written reason."""

    failed_requirement: Line = Field(title="Krav som inte är uppfyllt / Failed requirement")


class AlternativesForm(Form):
    """The courses from the application that the applicant may choose among."""

    alternatives: Alternatives = Field(
        min_length=1, max_length=20, title="Alternativ att erbjuda / Alternatives to offer"
    )


class ChoiceForm(Form):
    """The applicant's choice, by its place in the list that was offered."""

    choice: int = Field(default=1, ge=1, le=20, title="Valt alternativ, nummer / Alternative chosen, number")


class ElsewhereForm(ChoiceForm):
    """A choice in another department; the unit where the offered alternative names none."""

    unit: UnitCode | None = known("Institution / Department")


class DecidedForm(DecisionForm):
    """The decision as admissions entered it in the national system."""

    decided_on: date = Field(title="Beslutat i NyA den / Decided in NyA on")


# Days and conditions.


def every_requirement_is_fulfilled(view: AnyReview) -> Answer:
    """Let through where each requirement is met, equivalent or exempted.

    Where none was listed or recorded, the finding speaks for the course as a whole.
    """
    open_ones = [r.name for r in view.facts.requirements if r.assessment not in FULFILLED]
    return yes_if(not open_ones, "requirement_not_fulfilled",
        f"Inte bedömt som uppfyllt: {', '.join(open_ones)}.", f"Not assessed as fulfilled: {', '.join(open_ones)}.",
        who_can=Role.REVIEWER)


def one_reviewer_is_enough(view: AnyReview) -> Answer:
    return yes_if(not view.figure("four_eyes"), "four_eyes_required",
        "Enheten kräver två personer för att bedöma någon obehörig. Använd Föreslå obehörig.",
        "This unit needs two people to find somebody ineligible. Use Propose ineligible.", who_can=Role.REVIEWER)


def lies_ahead(view: View[ReviewFacts, AnswerByForm]) -> Answer:
    return yes_if(view.fields.answer_by >= view.today, "answer_day_has_passed",
        f"Svarsdagen {view.fields.answer_by} har redan passerat.",
        f"The answer day {view.fields.answer_by} has already passed.", from_date=view.today)


def can_be_settled_before_registration(view: View[ReviewFacts, ConditionForm]) -> Answer:
    """Refuse a settle-by day that has passed, or that leaves no day before registration."""
    settle_by, registration_on = view.fields.settle_by, view.facts.registration_on
    if settle_by < view.today:
        return no("settle_day_has_passed",
            f"Dagen {settle_by} har redan passerat.", f"The day {settle_by} has already passed.", from_date=view.today)
    return yes_if(registration_on is None or settle_by < registration_on, "settle_day_after_registration",
        f"Villkoret ska vara uppfyllt före registreringen, som börjar {registration_on}.",
        f"The condition must be met before registration, which begins {registration_on}.")


def was_not_asked_in_vain(view: AnyReview) -> Answer:
    return yes_if(not view.facts.reselection_lapsed, "reselection_lapsed",
        "Den sökande har redan erbjudits omval från denna kurs och svarade inte i tid.",
        "The applicant was already offered a new choice for this course and did not answer.")


def chosen(view: View[ReviewFacts, ChoiceForm]) -> Alternative | None:
    """Give the alternative that was chosen, or None where the list is shorter."""
    number = view.fields.choice
    return view.facts.alternatives[number - 1] if number <= len(view.facts.alternatives) else None


def is_offered_here(view: View[ReviewFacts, ChoiceForm]) -> Answer:
    """Let through a choice among the alternatives that this unit gives."""
    course = chosen(view)
    if course is None:
        return not_offered(view)
    return yes_if(course.unit in (None, view.unit), "course_of_another_unit",
        f"{course.course} ges av {course.unit}. Använd Omval till annan institution.",
        f"{course.course} is given by {course.unit}. Use New choice in another department.")


def is_offered_elsewhere(view: View[ReviewFacts, ElsewhereForm]) -> Answer:
    """Let through a choice among the alternatives that another unit gives."""
    course = chosen(view)
    if course is None:
        return not_offered(view)
    unit = view.fields.unit or course.unit
    return yes_if(unit is not None and unit != view.unit, "course_of_this_unit",
        f"Ange vilken annan institution som ger {course.course}, eller använd Registrera omval.",
        f"Name the other department that gives {course.course}, or use Record new choice.")


def not_offered(view: View[ReviewFacts, ChoiceForm]) -> Answer:
    """Say which alternatives there are to choose among."""
    offered = ", ".join(f"{n} {a.course}" for n, a in enumerate(view.facts.alternatives, 1))
    return no("not_among_alternatives",
        f"Välj ett av alternativen: {offered or 'inga har erbjudits'}.",
        f"Choose one of the alternatives: {offered or 'none was offered'}.")


def is_in_favour(view: AnyReview) -> bool:
    return view.facts.outcome is not Outcome.INELIGIBLE


def can_appeal(view: AnyReview) -> bool:
    """Tell whether the applicant is told how to appeal (HF 12 kap. 2 §)."""
    return not is_in_favour(view) and bool(view.figure("appealable"))


def is_final_against(view: AnyReview) -> bool:
    """Tell whether a refusal is told without a way to appeal."""
    return not is_in_favour(view) and not can_appeal(view)


# What the steps set and send.

FINDING = ("outcome", "failed_requirement", "condition", "settle_by")
DECISION = ("decided_on", "told_on", "told_how", "presented_by", "can_be_appealed")
# A round's answer day is spent too: the answer starts anew with a full budget.
NOT_FOUND_YET = {**dict.fromkeys((*FINDING, *DECISION, "answer_by")), "special_decision": False}


def assessed_requirements(view: View[ReviewFacts, AssessmentForm]) -> Mapping[str, object]:
    """Lay what was assessed now over what was listed, by the requirement's name."""
    listed = {requirement.name: requirement for requirement in view.facts.requirements}
    assessed: dict[str, Requirement] = {requirement.name: requirement for requirement in view.fields.assessed}
    return {"requirements": tuple((listed | assessed).values())}


def by_special_decision(view: AnyReview) -> bool:
    """Tell whether an exemption makes the applicant eligible by special decision."""
    return any(each.assessment is Assessment.EXEMPTED for each in view.facts.requirements)


def found_eligible(view: AnyReview) -> Mapping[str, object]:
    return {"outcome": Outcome.ELIGIBLE, "special_decision": by_special_decision(view)}


def failed_by_condition(view: AnyReview) -> Mapping[str, object]:
    """Note that the condition is the requirement that failed, in one line."""
    condition = (view.facts.condition or "").strip()
    failed = condition[:200].strip() or view.facts.failed_requirement
    return {"outcome": Outcome.INELIGIBLE, "failed_requirement": failed}


def new_course(view: View[ReviewFacts, ChoiceForm]) -> Mapping[str, object]:
    """Put the chosen course in place of the old one, with nothing assessed yet."""
    course = chosen(view)
    if course is None:
        raise LookupError("the guard lets only an offered course through")
    return {
        **NOT_FOUND_YET,
        "course": course.course, "course_code": course.course_code, "ects": course.ects,
        "requirements": (), "transcript_seen": False, "missing_information": None,
        "alternatives": remaining(view, course), "reselection_lapsed": False,
    }


def remaining(view: AnyReview, taken: Alternative) -> tuple[dict[str, Any], ...]:
    """List the alternatives still open when one is taken, each with its unit written out.

    Without a unit an alternative is this unit's own; in a review elsewhere it would not be.
    """
    left = (course for course in view.facts.alternatives if course != taken)
    return tuple(course.model_dump() | {"unit": course.unit or view.unit} for course in left)


def review_elsewhere(view: View[ReviewFacts, ElsewhereForm]) -> tuple[Opening, ...]:
    """Ask the other department about the chosen course, under the same parent."""
    facts, course, parent = view.facts, chosen(view), view.linked("parent")
    unit = view.fields.unit or (course.unit if course else None)
    if course is None or unit is None:
        raise LookupError("the guard lets only a course of another unit through")
    carried = {name: getattr(facts, name) for name in ("term", "round", "application_number", "registration_on")}
    chosen_now = {"course": course.course, "course_code": course.course_code, "ects": course.ects}
    return (
        Opening(
            unit=unit, subject=view.subject, links={} if parent is None else {"parent": parent.id},
            facts={**carried, **chosen_now, "alternatives": remaining(view, course)},
        ),
    )


def decided(view: AnyReview) -> Mapping[str, object]:
    return {**told(view), "can_be_appealed": can_appeal(view)}


def noted_on_parent(outcome: Outcome) -> FollowUp:
    """Note an outcome on the nomination, where there is one and it is still open."""

    def what_was_found(view: AnyReview) -> Mapping[str, object]:
        # These fields are the form `ReviewOutcome` of incoming_nomination's note_review:
        # change both together.
        eligible, facts = outcome is Outcome.ELIGIBLE, view.facts
        return {
            "review": view.id, "course": facts.course, "course_code": facts.course_code, "ects": facts.ects,
            "outcome": outcome.value, "special_decision": eligible and by_special_decision(view),
        }

    return FollowUp("parent", "note_review", fields=what_was_found, if_open=True)


def title(view: AnyReview) -> str:
    """Name the case by course and term, never by the applicant."""
    facts = view.facts
    code = f" ({facts.course_code})" if facts.course_code else ""
    return f"{facts.course}{code}" + (f", {facts.term}" if facts.term else "")


# No message to admissions shows {state}: a proposed refusal is not theirs to know yet.
MESSAGES = (
    message("requested", "Granska behörighet: {title}", "Review eligibility: {title}",
        "Antagningen ber {unit} bedöma om en sökande uppfyller förkunskapskraven till {title} ({number}).\nSvara"
        " senast {due_on}. Ta ärendet här:",
        "Admissions asks {unit} whether an applicant meets the entry requirements of {title} ({number}).\nAnswer by"
        " {due_on}. Take the case here:"),
    message("answer_day_set", "Ny svarsdag för {title}: {due_on}", "New answer day for {title}: {due_on}",
        "Antagningen behöver svaret i {number}, {title}, senast {due_on}.",
        "Admissions needs the answer in {number}, {title}, by {due_on}."),
    message("information_wanted", "Komplettering behövs: {title}", "Information needed: {title}",
        "{unit} behöver en komplettering för att bedöma {number}, {title}. Be den sökande skicka den senast {due_on};"
        " därefter avgörs ärendet på befintligt underlag.\nVad som saknas står i ärendet:",
        "{unit} needs more information to assess {number}, {title}. Ask the applicant to send it by {due_on}; after"
        " that the case is decided on file.\nWhat is missing is written in the case:"),
    message("proceed", "Avgör på befintligt underlag: {title}", "Decide on file: {title}",
        "Kompletteringen i {number}, {title}, kom inte i tid. Bedöm på det underlag som finns, senast {due_on}:",
        "The information asked for in {number}, {title}, did not come in time. Assess on what there is, by {due_on}:"),
    message("proposed", "Bekräfta eller återlämna: {title}", "Confirm or return: {title}",
        "I {number}, {title}, föreslås att den sökande bedöms obehörig. Någon annan än den som föreslog behöver"
        " bekräfta eller återlämna senast {due_on}.\nMotivering: {reason}",
        "In {number}, {title}, the applicant is proposed ineligible. Somebody other than the proposer must confirm"
        " or return it by {due_on}.\nReason: {reason}"),
    message("returned", "Återlämnad för ny bedömning: {title}", "Returned for another look: {title}",
        "Förslaget i {number}, {title}, återlämnades. Bedöm på nytt senast {due_on}.\nMotivering: {reason}",
        "The proposal in {number}, {title}, was returned. Assess again by {due_on}.\nReason: {reason}"),
    message("found_eligible", "Behörig: {title}", "Eligible: {title}",
        "{unit} bedömer den sökande i {number}, {title}, som behörig. För in beslutet i NyA och registrera det här:",
        "{unit} finds the applicant in {number}, {title}, eligible. Enter the decision in NyA and record it here:"),
    message("found_conditionally_eligible", "Behörig med villkor: {title}", "Conditionally eligible: {title}",
        "{unit} bedömer den sökande i {number}, {title}, som behörig med villkor, att uppfylla senast {due_on}."
        " Villkoret står i ärendet:",
        "{unit} finds the applicant in {number}, {title}, conditionally eligible, the condition to be met by"
        " {due_on}. It is written in the case:"),
    message("found_ineligible", "Obehörig: {title}", "Not eligible: {title}",
        "{unit} bedömer den sökande i {number}, {title}, som obehörig. Begär omval, eller för in beslutet i NyA."
        " Motiveringen står i ärendet:",
        "{unit} finds the applicant in {number}, {title}, not eligible. Request a new choice, or enter the decision"
        " in NyA. The reasons are written in the case:"),
    message("condition_reminder", "Villkor att bekräfta senast {due_on}: {title}", "Condition due {due_on}: {title}",
        "Villkoret i {number}, {title}, ska vara uppfyllt senast {due_on}. Bekräfta det i tid, annars blir den sökande"
        " obehörig:",
        "The condition in {number}, {title}, is to be met by {due_on}. Confirm it in time, or the applicant becomes"
        " ineligible:"),
    message("condition_failed", "Villkoret ej uppfyllt: {title}", "Condition not met: {title}",
        "Villkoret i {number}, {title}, bekräftades inte i tid. Den sökande är nu obehörig; antagningen begär omval"
        " eller för in beslutet i NyA:",
        "The condition in {number}, {title}, was not confirmed in time. The applicant is now ineligible; admissions"
        " requests a new choice or enters the decision in NyA:"),
    letter("choose_course", "Välj en annan kurs senast {due_on}", "Choose another course by {due_on}",
        "du uppfyller inte förkunskapskraven till {title}. Du får välja en annan av kurserna i din ansökan. Svara på"
        " detta meddelande senast {due_on} och skriv vilken kurs du väljer. Utan svar i tid gäller bedömningen, och du"
        " tillfrågas inte igen.",
        "you do not meet the entry requirements of {title}. You may choose another of the courses in your"
        " application. Answer this message by {due_on} and say which course you choose. Without an answer in time"
        " the assessment stands, and you will not be asked again."),
    letter("choice_reminder", "Påminnelse: välj kurs senast {due_on}", "Reminder: choose a course by {due_on}",
        "vi väntar på ditt val av annan kurs i stället för {title}. Svara senast {due_on}.",
        "we are waiting for you to choose a course instead of {title}. Please answer by {due_on}."),
    message("new_course", "Omval att granska: {title}", "New choice to review: {title}",
        "Den sökande i {number} har valt en ny kurs: {title}. Bedöm den senast {due_on}:",
        "The applicant in {number} has chosen a new course: {title}. Assess it by {due_on}:"),
    message("lapsed", "Inget omval i tid: {title}", "No new choice in time: {title}",
        "Den sökande i {number}, {title}, valde ingen ny kurs i tid. För in beslutet i NyA och registrera det här:",
        "The applicant in {number}, {title}, chose no new course in time. Enter the decision in NyA and record it"
        " here:"),
    letter("decided", "Du är behörig till {title}", "You are eligible for {title}",
        "universitetet har beslutat att du är behörig till {title}. Besked om antagning får du för sig.",
        "the university has decided that you are eligible for {title}. You will be told separately whether you are"
        " admitted."),
    letter("decided_against", "Beslut om behörighet till {title}", "Decision on eligibility for {title}",
        "universitetet har beslutat att du inte är behörig till {title}. Fråga antagningen om du vill veta mer om"
        " skälen.",
        "the university has decided that you are not eligible for {title}. Ask admissions if you wish to know more"
        " about the reasons."),
    letter("decided_against_appealable", "Beslut om behörighet till {title}", "Decision on eligibility for {title}",
        "universitetet har beslutat att du inte är behörig till {title}. Fråga antagningen om du vill veta mer om"
        " skälen.\n\nDu kan överklaga till Överklagandenämnden för högskolan. Skriv vilket beslut du överklagar och"
        " varför, och skicka det till universitetet inom tre veckor från den dag du fick del av beslutet.",
        "the university has decided that you are not eligible for {title}. Ask admissions if you wish to know more"
        " about the reasons.\n\nYou may appeal to the Higher Education Appeals Board. Write which decision you"
        " appeal and why, and send it to the university within three weeks of the day you received the decision."),
    message("withdrawn", "Återkallad: {title}", "Withdrawn: {title}",
        "Granskningen {number}, {title}, är återkallad. Du behöver inte göra något mer.",
        "The review {number}, {title}, was withdrawn. There is nothing more for you to do."),
    message("reconsidered", "Ompröva: {title}", "Reconsider: {title}",
        "Beslutet i {number}, {title}, ska omprövas. Bedöm på nytt senast {due_on}.\nMotivering: {reason}",
        "The decision in {number}, {title}, is to be reconsidered. Assess again by {due_on}.\nReason: {reason}"),
    message("reminder", "Svara senast {due_on}: {title}", "Answer by {due_on}: {title}",
        "Antagningen väntar på bedömningen i {number}, {title}, senast {due_on}. Ett sent svar tar av den sökandes tid"
        " för omval. Kan du inte hinna, lämna tillbaka ärendet:",
        "Admissions waits for the assessment in {number}, {title}, by {due_on}. A late answer eats the applicant's"
        " time for a new choice. If you cannot manage, release the case:"),
    message("escalation", "Försenat svar till antagningen: {title}", "Late answer to admissions: {title}",
        "{unit} skulle ha svarat antagningen i {number}, {title}, senast {due_on}; det är nu {days_late} sent."
        " Handläggare: {assignee}. Se till att någon svarar i dag:",
        "{unit} owed admissions an answer in {number}, {title}, by {due_on}; it is now {days_late} late."
        " Assigned to: {assignee}. Please see that somebody answers today:"),
    message("handed_over", "Överlämnad till {assignee}: {title}", "Handed over to {assignee}: {title}",
        "Granskningen {number}, {title}, skulle ha besvarats {due_on} och har lämnats över till {assignee}, som svarar"
        " antagningen så snart som möjligt:",
        "The review {number}, {title}, was due {due_on} and has been handed over to {assignee}, who will answer"
        " admissions as soon as possible:"),
    message("decision_reminder", "För in beslutet i NyA: {title}", "Enter the decision in NyA: {title}",
        "{unit} har svarat i {number}, {title}. För in beslutet i NyA och registrera det här senast {due_on}:",
        "{unit} has answered in {number}, {title}. Enter the decision in NyA and record it here by {due_on}:"),
    message("decision_escalation", "Beslut saknas i NyA: {title}", "Decision missing in NyA: {title}",
        "{unit} har svarat i {number}, {title}, men beslutet skulle ha registrerats senast {due_on}. Hör med"
        " antagningen vad som hindrar:",
        "{unit} has answered in {number}, {title}, but the decision was to be recorded by {due_on}. Ask admissions"
        " what is in the way:"),
)
