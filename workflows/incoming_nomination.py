"""Incoming nomination: inkommande nominering.

A partner nominates a student for a stay here. The department accepts the nomination under the
agreement and asks each course's department about eligibility; admissions decides; the department
receives the student, registers, and sends the transcript home. Nominated is not admitted.

Source: the offices' role pages and dates (nominations 1 April / 1 October, applications 15 April /
15 October); the Erasmus+ inter-institutional agreement (a decision within 5 weeks, a transcript
within 5 weeks of the assessment period); Kammarkollegiet's terms for Student IN.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal, TypeAlias

from pydantic import Field

from engine.vocabulary import (
    MISSED, RECORDED, YES, Answer, AuditFolder, Budget, CourseCredits, Deadline, DecisionForm, Direction, Facts,
    FieldCode, Figure, FollowUp, Form, Holds, Identifier, Level, Line, Link, Milestone, OnDay, Opening, Opens, Paper,
    Part, Related, Role, Rule, Signer, State, Stay, Tell, Text, Transition, Unit, UnitCode, View, Where, Workflow,
    after, agreement_allows, agreement_fact, agreement_in_force, answered_by, asks, at_most_once, before, day_in,
    days_from, escalate, fact_day, final, fire, holds_no_place, in_state, known, lacks_fact, letter, message,
    missing_signers, never_after, not_together, noting, partner_of_agreement, precedes, remind, says_yes, told, unless,
    yes_if,
)

# Settings beside those that stand in the deadlines. Days are month-day, credits ECTS a semester.
FIGURES = {
    "nominations_close_autumn": "04-01",
    "nominations_close_spring": "10-01",
    "applications_close_autumn": "04-15",
    "applications_close_spring": "10-15",
    "admission_ready_autumn": "05-20",
    "admission_ready_spring": "11-20",
    "late_application_days": 10,  # for who was accepted only after the closing day
    "minimum_credits": "22.5",
    "full_credits": "30",  # demanded of who needs a residence permit
    "arrival_days": 10,  # after the term began: reminded, and no-show may be recorded
    "departure_days": 7,
    "transcript_weeks": 5,
    "insured_days": 14,  # before and after the stay
    "refusal_appealable": False,
}

STATES = (
    State("nominated", Text("Nominerad", "Nominated"), Role.COORDINATOR),
    State("accepted", Text("Nominering godkänd", "Nomination accepted"), Role.STUDENT, holds_place=True),
    State("applied", Text("Ansökan inkommen", "Application received"), Role.COORDINATOR, holds_place=True),
    State("under_review", Text("Under prövning", "Under review"), Role.ADMISSIONS, holds_place=True),
    State("admitted", Text("Antagen", "Admitted"), Role.COORDINATOR, holds_place=True),
    State("learning_agreement_signed", Text("Learning Agreement klart", "Learning agreement signed"), Role.COORDINATOR,
        holds_place=True),
    State("arrived", Text("Ankommen", "Arrived"), Role.COORDINATOR, holds_place=True),
    State("registered", Text("Registrerad i Ladok", "Registered"), Role.COORDINATOR, holds_place=True),
    State("departed", Text("Avrest", "Departed"), Role.COORDINATOR, holds_place=True),
    State("transcript_sent", Text("Betygsutdrag skickat", "Transcript sent"), Role.COORDINATOR, holds_place=True),
    final("completed", "Avslutad", "Completed", holds_place=True),
    final("rejected", "Nominering avböjd", "Nomination declined"),
    final("refused", "Ej antagen", "Not admitted"),
    final("withdrawn", "Återbud", "Withdrawn"),
    final("lapsed", "Förfallen", "Lapsed"),
    final("no_show", "Uteblev", "Did not arrive"),
)

COORDINATOR_OR_OFFICER = (Role.COORDINATOR, Role.OFFICER)
BEFORE_ARRIVAL = ("nominated", "accepted", "applied", "under_review", "admitted", "learning_agreement_signed")
REVIEWED = (
    "under_review", "admitted", "learning_agreement_signed", "arrived", "registered", "departed", "transcript_sent",
)


def deadlines() -> tuple[Deadline, ...]:
    """By when each step is owed."""
    return (*answering(), *admission_days(), *during_the_stay())


def answering() -> tuple[Deadline, ...]:
    """The office answers the partner; the student applies, and accepts the place."""
    return (
        Deadline("nomination", Text("Svar på nomineringen", "Answer to the nomination"),
            runs_in=("nominated",), due=Budget(Figure("nomination_days", 10), Unit.WORKING_DAYS),
            answers=("accept_nomination", "reject_nomination"),
            ladder=(remind(before(Figure("nomination_remind_days", 2)), Role.COORDINATOR),
                    escalate(MISSED, Role.HEAD),
                    escalate(after(Figure("nomination_officer_days", 5)), Role.OFFICER))),
        Deadline("application", Text("Studentens ansökan", "The student's application"),
            runs_in=("accepted",), due=OnDay(application_day, on_closed_day="next"), answers=("submit_application",),
            internal=False,
            ladder=(remind(before(Figure("application_first_remind_days", 7), Unit.DAYS), Role.STUDENT, Role.PARTNER,
                        message="apply_reminder", name="remind_first"),
                    remind(before(Figure("application_second_remind_days", 2), Unit.DAYS), Role.STUDENT, Role.PARTNER,
                        message="apply_reminder", name="remind_second"),
                    fire(after(Figure("application_grace_days", 5)), "lapse"))),
        Deadline("acceptance", Text("Studentens svar", "The student's answer"),
            runs_in=("admitted",), due=Budget(Figure("acceptance_days", 10), Unit.DAYS), answers=("accept_place",),
            internal=False, applies=lacks_fact("place_accepted_on"),
            ladder=(remind(before(Figure("acceptance_remind_days", 3), Unit.DAYS), Role.STUDENT,
                        message="accept_reminder"),
                    fire(after(Figure("acceptance_grace_days", 5)), "lapse"))),
    )


def admission_days() -> tuple[Deadline, ...]:
    """The departments are asked, and admissions decides: by a day of the year and within five weeks."""
    decided = ("admit", "admit_with_deviation", "refuse")
    return (
        Deadline("referral", Text("Kursremiss", "Sending to departments"),
            runs_in=("applied",), due=Budget(Figure("referral_days", 3), Unit.WORKING_DAYS),
            answers=("start_review",),
            ladder=(remind(before(Figure("referral_remind_days", 1)), Role.COORDINATOR),
                    escalate(MISSED, Role.OFFICER))),
        Deadline("admission_day", Text("Besked om antagning, datum", "Admission, by the day"),
            runs_in=("under_review",), due=OnDay(admission_day), answers=decided, internal=False,
            ladder=(remind(before(Figure("admission_day_remind_days", 5)), Role.ADMISSIONS, message="admit_reminder"),
                    escalate(MISSED, Role.OFFICER, message="admit_escalation"))),
        Deadline("admission_weeks", Text("Besked om antagning, högst fem veckor", "Admission, five weeks at most"),
            runs_in=("under_review",), due=Budget(Figure("admission_weeks", 5), Unit.WEEKS), answers=decided,
            internal=False,
            ladder=(remind(before(Figure("admission_weeks_remind_days", 5)), Role.ADMISSIONS,
                        message="admit_reminder"),
                    escalate(MISSED, Role.OFFICER, message="admit_escalation"))),
    )


def during_the_stay() -> tuple[Deadline, ...]:
    """Arrival, registration, departure, transcript."""
    return (
        Deadline("arrival", Text("Ankomst", "Arrival"),
            runs_in=("admitted", "learning_agreement_signed"), due=OnDay(ARRIVAL_DAY),
            answers=("confirm_arrival", "arrive_with_deviation", "report_no_show"),
            ladder=(remind(MISSED, Role.COORDINATOR, message="arrival_reminder"),
                    escalate(after(Figure("arrival_officer_days", 5)), Role.OFFICER))),
        # Student IN covers only who is registered, so this clock is short.
        Deadline("registration", Text("Registrering i Ladok", "Registration in Ladok"),
            runs_in=("arrived",), due=Budget(Figure("registration_days", 5), Unit.WORKING_DAYS),
            answers=("register",),
            ladder=(remind(before(Figure("registration_remind_days", 2)), Role.COORDINATOR),
                    escalate(MISSED, Role.OFFICER))),
        Deadline("departure", Text("Avresa och närvarointyg", "Departure and certificate"),
            runs_in=("registered",), due=OnDay(fact_day("stay_to", days="departure_days")),
            answers=("confirm_departure", "interrupt"),
            ladder=(remind(MISSED, Role.COORDINATOR),
                    escalate(after(Figure("departure_officer_days", 5)), Role.OFFICER))),
        # Five weeks in all: the reminder comes when three have gone.
        Deadline("transcript", Text("Betygsutdrag till partnern", "Transcript to the partner"),
            runs_in=("departed",), due=OnDay(fact_day(*RESULTS_FROM, weeks="transcript_weeks")),
            answers=("send_transcript",), internal=False,
            ladder=(remind(before(Figure("transcript_remind_weeks", 2), Unit.WEEKS), Role.COORDINATOR),
                    escalate(MISSED, Role.HEAD),
                    escalate(after(Figure("transcript_officer_weeks", 1), Unit.WEEKS), Role.OFFICER))),
        Deadline("completion", Text("Avsluta ärendet", "Close the case"),
            runs_in=("transcript_sent",), due=Budget(Figure("completion_days", 10), Unit.WORKING_DAYS),
            answers=("complete",),
            ladder=(remind(MISSED, Role.COORDINATOR),)),
    )


RULES: tuple[Rule, ...] = (
    precedes("accept_nomination", "submit_application"),
    precedes("start_review", "admit"),
    precedes("start_review", "note_review"),
    precedes(("admit", "admit_with_deviation"), "confirm_arrival"),
    precedes(("confirm_arrival", "arrive_with_deviation"), "register"),
    precedes("register", "confirm_departure"),
    precedes(("confirm_departure", "interrupt"), "send_transcript"),
    answered_by("confirm_arrival", "send_transcript"),
    answered_by("register", "send_transcript"),
    at_most_once("accept_nomination"),
    at_most_once("register"),
    never_after("confirm_arrival", "withdraw"),
    not_together("report_no_show", "register"),
    not_together("refuse", "admit"),
    holds_no_place("rejected", "refused", "withdrawn", "lapsed", "no_show"),
)


BEEN_HERE = ("arrived", "registered", "departed", "transcript_sent", "completed")
ADMITTED = ("admitted", "learning_agreement_signed", *BEEN_HERE)

# What a case is seen to wait for, in the order of the journey.
MILESTONES = (
    Milestone("agreement", Text("Avtal som gäller", "Agreement in force"), link="agreement",
        waits_in=BEFORE_ARRIVAL, given_in=("active", "expiring", "notice_given"), done_in=BEEN_HERE),
    Milestone("nomination", Text("Svar på nomineringen", "Answer to the nomination"), Role.COORDINATOR,
        deadlines=("nomination",), done_in=("accepted", "applied", "under_review", *ADMITTED)),
    Milestone("application", Text("Studentens ansökan", "The student's application"), Role.STUDENT,
        deadlines=("application",), done_in=("applied", "under_review", *ADMITTED)),
    Milestone("referral", Text("Kursremiss", "Sending to departments"), Role.COORDINATOR,
        deadlines=("referral",), done_in=("under_review", *ADMITTED)),
    Milestone("eligibility", Text("Behörighet till kurserna", "Eligibility for the courses"), link="reviews",
        fact="reviews", waits_in=("under_review",), given_in=("eligible", "conditionally_eligible", "ineligible"),
        done_in=ADMITTED),
    Milestone("admission", Text("Besked om antagning", "Admission"), Role.ADMISSIONS,
        deadlines=("admission_day", "admission_weeks"), done_in=ADMITTED),
    Milestone("acceptance", Text("Studentens svar", "The student's answer"), Role.STUDENT,
        fact="place_accepted_on", deadlines=("acceptance",)),
    Milestone("learning_agreement", Text("Learning Agreement eller studieplan", "Learning agreement or study plan"),
        Role.COORDINATOR, waits_in=("admitted",), done_in=("learning_agreement_signed", *BEEN_HERE)),
    Milestone("arrival", Text("Ankomst", "Arrival"), Role.COORDINATOR,
        deadlines=("arrival",), done_in=BEEN_HERE),
    Milestone("ladok", Text("Registrering i Ladok", "Registration in Ladok"), Role.COORDINATOR,
        fact="registered_on", deadlines=("registration",), done_in=BEEN_HERE[2:]),
    # It comes with the registration; where it did not, the office must see to it.
    Milestone("insurance", Text("Försäkring (Student IN)", "Insurance (Student IN)"), Role.OFFICER,
        fact="insured_from", waits_in=("registered",), done_in=BEEN_HERE[2:]),
    Milestone("departure", Text("Avresa och närvarointyg", "Departure and certificate"), Role.COORDINATOR,
        deadlines=("departure",), done_in=BEEN_HERE[2:]),
    Milestone("transcript", Text("Betygsutdrag till partnern", "Transcript to the partner"), Role.COORDINATOR,
        fact="transcript_sent_on", deadlines=("transcript",)),
)


# What a system check by the national agency asks for, and what here shows it. Sources: the
# Erasmus+ guidelines for the learning agreement and the template of inter-institutional
# agreements 2021-29; Kammarkollegiet; Förvaltningslagen.
LA_GUIDELINES = Text("EU-kommissionens riktlinjer för Learning Agreement", "EC guidelines for the learning agreement")
IIA_TEMPLATE = Text("Avtalsmallen 2021–29 (IIA)", "Inter-institutional agreement template 2021–29")
STUDENT_IN = Text("Kammarkollegiet: villkor Student IN", "Kammarkollegiet: terms of Student IN")
FACTSHEET = Text("Faktabladet", "The factsheet")
GRANT = Text("Bidragsavtalet", "The grant agreement")
AT_HOME = Text("Hos det sändande universitetet", "At the sending institution")
# An agreement that was brought in from a register may know how it was signed, and not when.
SIGNED_BY_BOTH = (("home_signed_on", "home_signed"), ("partner_signed_on", "partner_signed"))
HOME_APPROVES = Where("agreement", "study_plan", "home_approval")
DECIDED = ("admit", "admit_with_deviation", "refuse")

AUDIT_FOLDER = AuditFolder(
    decisions=(
        "accept_nomination", "reject_nomination", "admit_late", *DECIDED, "arrive_with_deviation", "extend_stay",
        "shorten_stay",
    ),
    papers=(
        Paper(name="agreement", label=Text("Avtal som platsen gavs under", "Agreement the place was given under"),
            source=IIA_TEMPLATE, link="agreement",
            needs=("registration_number", "valid_from"), either=SIGNED_BY_BOTH,
            shows=("partner_name", "reference", "valid_to", "home_signed_on", "partner_signed_on", "study_plan"),
            dated=("home_signed_on", "partner_signed_on"), before_steps=("accept_nomination",),
            asked_in=("accepted", "applied", "under_review", *ADMITTED)),
        Paper(name="call", label=Text("Utlysning, ansökningar och rangordning", "Call, applications and ranking"),
            source=Text("Handboken: det sändande universitetet väljer ut",
                "Handbook: the sending institution selects"), elsewhere=AT_HOME),
        Paper(name="nomination", label=Text("Partnerns nominering", "The partner's nomination"), source=FACTSHEET,
            needs=("stay_from", "stay_to"), shows=("sending_institution", "nominated_on", "level", "field"),
            before_steps=("accept_nomination",)),
        Paper(name="answer", label=Text("Svar på nomineringen, meddelat", "Answer to the nomination, and notice of it"),
            source=FACTSHEET, steps=("accept_nomination", "reject_nomination"), informed=True,
            asked_in=("accepted", "rejected", "applied", "under_review", *ADMITTED)),
        Paper(name="application", label=Text("Studentens ansökan", "The student's application"), source=FACTSHEET,
            steps=("submit_application",), needs=("courses",), shows=("alternatives", "needs_residence_permit"),
            before_steps=DECIDED, asked_in=("applied", "under_review", "refused", *ADMITTED)),
        Paper(name="eligibility", label=Text("Granskad behörighet, kurs för kurs", "Eligibility, course by course"),
            source=Text("Högskoleförordningen 7 kap.", "Higher Education Ordinance ch. 7"),
            steps=("start_review",), needs=("reviews",), before_steps=DECIDED, asked_in=("refused", *ADMITTED)),
        Paper(name="decision", label=Text("Beslut om antagning, meddelat", "Decision on admission, and notice of it"),
            source=Text("Förvaltningslagen (2017:900) 31–33 §§", "Administrative Procedure Act (2017:900), 31–33 §§"),
            steps=DECIDED, informed=True,
            shows=("admitted_on", "admitted_credits", "presented_by", "told_on", "told_how"),
            asked_in=("refused", *ADMITTED)),
        Paper(name="letter", label=Text("Antagningsbrev", "Letter of acceptance"), source=IIA_TEMPLATE,
            steps=("admit", "admit_with_deviation"), needs=("admitted_on",), informed=True, dated=("admitted_on",),
            before_days=("arrived_on",), asked_in=ADMITTED),
        Paper(name="acceptance", label=Text("Studentens svar", "The student's answer"), source=IIA_TEMPLATE,
            needs=("place_accepted_on",), dated=("place_accepted_on",), before_days=("arrived_on",),
            asked_in=BEEN_HERE),
        Paper(name="learning_agreement",
            label=Text("Learning Agreement, tre underskrifter", "Learning agreement, three signatures"),
            source=LA_GUIDELINES, steps=("sign_learning_agreement",), signed_by=("signatures", "signer"),
            dated=("signatures",), before_days=("arrived_on",), unless=HOME_APPROVES, asked_in=BEEN_HERE),
        Paper(name="study_plan", label=Text("Studieplan, godkänd av hemuniversitetet", "Study plan, approved at home"),
            source=Text("Avtalet: hemuniversitetet godkänner", "The agreement: the home university approves"),
            steps=("confirm_study_plan",), needs=("study_plan_approved_on",), dated=("study_plan_approved_on",),
            before_days=("arrived_on",), only=HOME_APPROVES, asked_in=BEEN_HERE),
        Paper(name="registration", label=Text("Registrering i Ladok", "Registration in Ladok"), source=STUDENT_IN,
            steps=("register",), needs=("registered_on",), asked_in=BEEN_HERE[1:]),
        Paper(name="insurance", label=Text("Försäkring, Student IN", "Insurance, Student IN"), source=STUDENT_IN,
            needs=("insured_from", "insured_to"), asked_in=BEEN_HERE[1:]),
        Paper(name="attendance", label=Text("Närvaro mot avtalade dagar", "Attendance against the days agreed"),
            source=LA_GUIDELINES, steps=("confirm_departure", "interrupt"), needs=("arrived_on",),
            shows=("attended_from", "attended_to", "interrupted_on", "force_majeure"),
            attended=("attended_from", "attended_to"), planned=("stay_from", "stay_to"), asked_in=BEEN_HERE[2:]),
        Paper(name="transcript", label=Text("Betygsutdrag till partnern", "Transcript to the partner"),
            source=Text("Avtalsmallen (IIA): inom fem veckor från examinationsperiodens slut",
                "IIA template: within five weeks of the end of the assessment period"),
            steps=("send_transcript",), needs=("transcript_sent_on",), dated=("transcript_sent_on",),
            before_days=("assessment_end", "interrupted_on", "attended_to", "stay_to"), grace_days=35,
            asked_in=BEEN_HERE[3:]),
        Paper(name="grant", label=Text("Bidragsavtal, utbetalda dagar, tillgodoräknande",
                "Grant agreement, days paid, recognition"),
            source=GRANT, elsewhere=AT_HOME, asked_in=BEEN_HERE),
        Paper(name="originals", label=Text("Handlingarna i original", "The documents themselves"),
            source=Text("Arkivlagen; Erasmushandlingar sparas sju år", "Archives Act; Erasmus papers, seven years"),
            elsewhere=Text("I universitetets diarium", "In the university's registry")),
    ),
)


def declare() -> Workflow:
    """The whole process, for the engine to check and load."""
    return Workflow(
        name="incoming_nomination", version=1, prefix="IN",
        label=Text("Inkommande nominering", "Incoming nomination"),
        purpose=Text(
            "En partner nominerar en student för en vistelse här: från nominering till betygsutdrag.",
            "A partner nominates a student for a stay here: from nomination to transcript.",
        ),
        facts=NominationFacts, title=title, initial="nominated",
        opened_by=COORDINATOR_OR_OFFICER, guards=(ends_after_it_starts,),
        states=STATES, transitions=transitions(), deadlines=deadlines(), rules=RULES,
        milestones=MILESTONES, dossier=AUDIT_FOLDER,
        messages=MESSAGES, tells=(Tell("nominated", Role.COORDINATOR),), figures=FIGURES,
        links=(Link("agreement", "agreement", required=True),),
        related=(Related("reviews", "eligibility_review", link="parent"),),
        holds=Holds("agreement", stay), partner=partner_of_agreement,
        protected=("reviews", "insured_from", "insured_to", "deviations", "can_be_appealed"),
    )


def transitions() -> tuple[Transition, ...]:
    """Every arrow, by phase."""
    return (
        *nomination(), *application(), *admission(), *learning_agreement(),
        *arrival(), *stay_and_departure(), *ways_out(),
    )


def nomination() -> tuple[Transition, ...]:
    """The office answers the partner."""
    return (
        Transition("accept_nomination", Text("Godkänn nominering", "Accept nomination"),
            "nominated", "accepted", by=COORDINATOR_OR_OFFICER,
            guards=(was_nominated_in_time, agreement_allows(stay)), sets=time_to_apply,
            tells=(Tell("apply", Role.STUDENT), Tell("nomination_accepted", Role.PARTNER))),
        Transition("reject_nomination", Text("Avböj nominering", "Decline nomination"),
            "nominated", "rejected", by=COORDINATOR_OR_OFFICER,
            reason_required=True, tells=(Tell("nomination_declined", Role.PARTNER),)),
        Transition("admit_late", Text("Godta sen nominering eller ansökan", "Accept late"),
            ("nominated", "accepted"), RECORDED, by=(Role.OFFICER,),
            reason_required=True, form=LateForm, field_guards=(lies_ahead,), sets=new_closing_day,
            tells=(Tell("late_nomination_accepted", Role.COORDINATOR, when=in_state("nominated")),
                   Tell("apply", Role.STUDENT, when=in_state("accepted")))),
    )


def application() -> tuple[Transition, ...]:
    """The student applies; each course's department is asked."""
    return (
        Transition("submit_application", Text("Registrera ansökan", "Record application"),
            "accepted", "applied", by=(Role.STUDENT, Role.PARTNER),
            form=ApplicationForm, guards=(applies_in_time,), tells=(Tell("application_received", Role.COORDINATOR),)),
        Transition("start_review", Text("Skicka kursremiss", "Send to departments"),
            "applied", "under_review", by=COORDINATOR_OR_OFFICER,
            guards=(names_courses,), opens=(Opens("eligibility_review", "parent", one_review_a_course),)),
        # Only a review's follow-up takes this step; nobody does it by hand.
        Transition("note_review", Text("Granskningssvar", "Review outcome"),
            REVIEWED, RECORDED, by=(Role.CLOCK,),
            form=ReviewOutcome, sets=outcome_noted,
            tells=(Tell("all_reviews_answered", Role.ADMISSIONS, when=is_last_answer),
                   Tell("outcome_after_admission", Role.OFFICER, when=is_lost_after_admission),
                   Tell("outcome_after_admission", Role.COORDINATOR, when=is_lost_after_admission))),
    )


def admission() -> tuple[Transition, ...]:
    """Admissions decides; the student accepts the place."""
    told_of_admission = (
        Tell("letter_of_acceptance", Role.STUDENT),
        Tell("admitted", Role.PARTNER),
        Tell("admitted_here", Role.COORDINATOR),
    )
    return (
        Transition("admit", Text("Anta", "Admit"),
            "under_review", "admitted", by=(Role.ADMISSIONS, Role.OFFICER),
            form=DecisionForm, guards=(eligible_credits_suffice,), sets=admitted, tells=told_of_admission),
        Transition("admit_with_deviation", Text("Anta, med avvikelse", "Admit, with deviation"),
            "under_review", "admitted", by=(Role.OFFICER,),
            reason_required=True, form=AdmitDeviationForm, sets=admitted_with_deviation, tells=told_of_admission),
        Transition("refuse", Text("Anta inte", "Do not admit"),
            "under_review", "refused", by=(Role.ADMISSIONS,),
            reason_required=True, form=DecisionForm, sets=refused,
            tells=(Tell("refused", Role.STUDENT, when=unless(can_appeal)),
                   Tell("refused_appealable", Role.STUDENT, when=can_appeal), Tell("refused_partner", Role.PARTNER),
                   Tell("refused_here", Role.COORDINATOR))),
        Transition("accept_place", Text("Tacka ja", "Accept place"),
            "admitted", RECORDED, by=(Role.STUDENT,),
            guards=(is_not_accepted_before,), sets=noting("place_accepted_on"),
            tells=(Tell("place_accepted", Role.COORDINATOR),)),
    )


def learning_agreement() -> tuple[Transition, ...]:
    """Three signatures, or an approved choice where the agreement is content with that."""
    return (
        Transition("record_signature", Text("Registrera underskrift", "Record signature"),
            "admitted", RECORDED, by=(Role.COORDINATOR,), form=SignatureForm, sets=signature_added),
        Transition("sign_learning_agreement", Text("Learning Agreement undertecknat", "Learning agreement signed"),
            "admitted", "learning_agreement_signed", by=(Role.COORDINATOR,),
            guards=(needs_three_signatures, has_three_signatures),
            tells=(Tell("learning_agreement_signed", Role.STUDENT),)),
        Transition("confirm_study_plan", Text("Bekräfta studieplan", "Confirm study plan"),
            "admitted", "learning_agreement_signed", by=(Role.COORDINATOR,),
            form=asks(NominationFacts, "study_plan_approved_on"), guards=(home_approval_is_enough,),
            tells=(Tell("learning_agreement_signed", Role.STUDENT),)),
    )


def arrival() -> tuple[Transition, ...]:
    """The student comes, and is registered; or does not come."""
    return (
        Transition("confirm_arrival", Text("Bekräfta ankomst", "Confirm arrival"),
            "learning_agreement_signed", "arrived", by=(Role.COORDINATOR,), form=ArrivalForm),
        Transition("confirm_arrival", Text("Bekräfta ankomst", "Confirm arrival"),
            "admitted", "arrived", by=(Role.COORDINATOR,), form=ArrivalForm, guards=(home_approval_is_enough,)),
        Transition("arrive_with_deviation", Text("Ankommen, med avvikelse", "Arrived, with deviation"),
            "admitted", "arrived", by=(Role.OFFICER,),
            reason_required=True, form=ArrivalDeviationForm, sets=arrived_with_deviation,
            tells=(Tell("arrived_unsigned", Role.COORDINATOR),)),
        Transition("report_no_show", Text("Registrera utebliven", "Record no-show"),
            ("admitted", "learning_agreement_signed"), "no_show", by=(Role.COORDINATOR,),
            guards=(term_is_under_way,), follow_ups=(REVIEWS_WITHDRAWN,),
            tells=(Tell("no_show", Role.PARTNER), Tell("no_show", Role.STUDENT))),
        Transition("register", Text("Registrera i Ladok", "Register"),
            "arrived", "registered", by=(Role.COORDINATOR,),
            form=asks(NominationFacts, "registered_on"), sets=insured,
            tells=(Tell("insured", Role.STUDENT, when=says_yes(agreement_in_force(stay))),
                   Tell("not_insured", Role.OFFICER, when=unless(says_yes(agreement_in_force(stay)))))),
    )


def stay_and_departure() -> tuple[Transition, ...]:
    """Changes of the stay, its end, and what is sent home."""
    everybody = (Role.STUDENT, Role.PARTNER, Role.COORDINATOR)
    told_of_change = tuple(Tell("stay_changed", who) for who in everybody)
    return (
        Transition("extend_stay", Text("Förläng", "Extend"),
            "registered", RECORDED, by=(Role.OFFICER,),
            form=ChangedStayForm, field_guards=(ends_later, agreement_allows(changed_stay)), sets=stay_changed,
            tells=told_of_change),
        Transition("shorten_stay", Text("Förkorta", "Shorten"),
            "registered", RECORDED, by=(Role.OFFICER,),
            form=ChangedStayForm, field_guards=(ends_earlier,), sets=stay_changed, tells=told_of_change),
        Transition("confirm_departure", Text("Bekräfta avresa, utfärda närvarointyg", "Confirm departure"),
            "registered", "departed", by=(Role.COORDINATOR,),
            form=AttendanceForm, field_guards=(attended_in_order,),
            tells=(Tell("certificate", Role.STUDENT), Tell("certificate", Role.PARTNER))),
        Transition("interrupt", Text("Registrera avbrott", "Record interruption"),
            ("arrived", "registered"), "departed", by=(Role.COORDINATOR,),
            reason_required=True, form=InterruptionForm,
            tells=(Tell("interrupted", Role.PARTNER), Tell("interrupted_here", Role.OFFICER))),
        Transition("send_transcript", Text("Skicka betygsutdrag", "Send transcript"),
            "departed", "transcript_sent", by=(Role.COORDINATOR,),
            form=TranscriptForm, sets=transcript_sent,
            tells=(Tell("transcript", Role.PARTNER), Tell("transcript", Role.STUDENT))),
        Transition("complete", Text("Avsluta", "Complete"),
            "transcript_sent", "completed", by=(Role.COORDINATOR,)),
    )


def ways_out() -> tuple[Transition, ...]:
    """Before the student has arrived."""
    return (
        Transition("withdraw", Text("Registrera återbud", "Withdraw"),
            BEFORE_ARRIVAL, "withdrawn", by=(Role.STUDENT, Role.PARTNER, Role.OFFICER),
            follow_ups=(REVIEWS_WITHDRAWN,),
            tells=(Tell("withdrawn_here", Role.COORDINATOR), Tell("withdrawn", Role.PARTNER))),
        Transition("lapse", Text("Ingen ansökan eller inget svar i tid", "No application or answer in time"),
            ("accepted", "admitted"), "lapsed", by=(Role.CLOCK,),
            follow_ups=(REVIEWS_WITHDRAWN,),
            tells=(Tell("lapsed", Role.PARTNER), Tell("lapsed", Role.STUDENT), Tell("lapsed_here", Role.COORDINATOR))),
    )


# A review of somebody who does not come is owed by nobody any more.
REVIEWS_WITHDRAWN = FollowUp("reviews", "withdraw", if_open=True)


# What a nomination knows.


class Outcome(StrEnum):
    """What a department found about one course."""

    ELIGIBLE = "eligible"
    CONDITIONALLY_ELIGIBLE = "conditionally_eligible"
    INELIGIBLE = "ineligible"


class Deviation(StrEnum):
    """In what life did not obey. Reports list them."""

    BELOW_MINIMUM = "below_minimum"
    REVIEW_UNANSWERED = "review_unanswered"
    UNSIGNED_LEARNING_AGREEMENT = "unsigned_learning_agreement"
    OTHER = "other"


class Course(Part):
    """A course the student wants. Without a unit it is the nomination's own."""

    course: Line = Field(title="Kurs / Course")
    course_code: Line | None = known("Kurskod / Course code")
    ects: CourseCredits = Field(title="Högskolepoäng / ECTS credits")
    unit: UnitCode | None = known("Institution / Department")


class NotedReview(Part):
    """The latest outcome of one eligibility review."""

    review: Identifier = Field(title="Granskning / Review")
    course: Line = Field(title="Kurs / Course")
    course_code: Line | None = known("Kurskod / Course code")
    ects: CourseCredits | None = known("Högskolepoäng / ECTS credits")
    outcome: Outcome = Field(title="Bedömning / Outcome")
    special_decision: bool = Field(default=False, title="Särskilt beslut / Special decision")


class Signature(Part):
    """Who has signed the learning agreement, and when."""

    signer: Signer = Field(title="Vem / Who")
    signed_on: date = Field(title="Undertecknat den / Signed on")


class NominationFacts(Facts):
    """Only the stay must be known to nominate. The student is the case's subject, never named here."""

    stay_from: date = Field(title="Vistelsen börjar / Stay begins")
    stay_to: date = Field(title="Vistelsen slutar / Stay ends")
    level: Level = Field(title="Nivå / Level")
    field: FieldCode | None = known("Ämnesområde, ISCED-F / Field, ISCED-F")
    semesters: int | None = Field(default=None, ge=1, le=4, title="Antal terminer / Semesters")
    sending_institution: Line | None = known("Hemuniversitet / Sending institution")
    nominated_on: date | None = known("Nominerad den / Nominated on")
    term_start: date | None = known("Terminen börjar / Term begins")
    assessment_end: date | None = known("Examinationsperioden slutar / Assessment period ends")
    needs_residence_permit: bool = Field(default=False, title="Behöver uppehållstillstånd / Needs a residence permit")
    nominate_by: date | None = known("Ny sista dag för nominering / New last day to nominate")
    apply_by: date | None = known("Egen sista dag för ansökan / Own last day to apply")
    courses: tuple[Course, ...] = Field(default=(), max_length=12, title="Sökta kurser / Courses wanted")
    alternatives: tuple[Course, ...] = Field(default=(), max_length=12, title="Alternativ / Alternatives")
    reviews: tuple[NotedReview, ...] = Field(default=(), title="Granskningssvar / Review outcomes")
    admitted_on: date | None = known("Antagen den / Admitted on")
    admitted_credits: Decimal | None = known("Behörig till, hp / Eligible for, ECTS")
    presented_by: Line | None = known("Föredragande / Presented by")
    told_on: date | None = known("Meddelat den / Told on")
    told_how: Line | None = known("Meddelat genom / Told by")
    can_be_appealed: bool | None = known("Kan överklagas / Can be appealed")
    place_accepted_on: date | None = known("Tackade ja den / Accepted on")
    signatures: tuple[Signature, ...] = Field(default=(), title="Underskrifter / Signatures")
    study_plan_approved_on: date | None = known("Studieplan godkänd den / Study plan approved on")
    arrived_on: date | None = known("Ankom den / Arrived on")
    registered_on: date | None = known("Registrerad i Ladok den / Registered in Ladok on")
    insured_from: date | None = known("Student IN gäller från / Student IN from")
    insured_to: date | None = known("Student IN gäller till / Student IN to")
    attended_from: date | None = known("Närvaro från / Attended from")
    attended_to: date | None = known("Närvaro till / Attended to")
    interrupted_on: date | None = known("Sista dag vid avbrott / Last day, if interrupted")
    force_majeure: bool = Field(default=False, title="Force majeure / Force majeure")
    transcript_sent_on: date | None = known("Betygsutdrag skickat den / Transcript sent on")
    deviations: tuple[Deviation, ...] = Field(default=(), title="Avvikelser / Deviations")


AnyNomination: TypeAlias = View[NominationFacts, Any]


# What the steps ask for.


class LateForm(Form):
    """The new last day: to nominate while nominated, to apply while accepted."""

    new_date: date = Field(title="Ny sista dag / New last day")


class ApplicationForm(Form):
    """What the student applies for."""

    courses: tuple[Course, ...] = Field(min_length=1, max_length=12, title="Sökta kurser / Courses wanted")
    alternatives: tuple[Course, ...] = Field(default=(), max_length=12, title="Alternativ / Alternatives")
    needs_residence_permit: bool = Field(default=False, title="Behöver uppehållstillstånd / Needs a residence permit")


class ReviewOutcome(NotedReview, Form):
    """What an eligibility review sends when it has an outcome.

    These fields are what `noted_on_parent` of eligibility_review gives: change both together.
    """


class AdmitDeviationForm(DecisionForm):
    """A decision outside the rules, and in what."""

    deviation: Deviation = Field(default=Deviation.BELOW_MINIMUM, title="Avvikelse / Deviation")


class SignatureForm(Signature, Form):
    """One party's signature under the learning agreement."""


class ArrivalForm(Form):
    """The first day the student must be present."""

    arrived_on: date = Field(title="Ankom den / Arrived on")


class ArrivalDeviationForm(ArrivalForm):
    """An arrival outside the rules, and in what."""

    deviation: Deviation = Field(default=Deviation.UNSIGNED_LEARNING_AGREEMENT, title="Avvikelse / Deviation")


class ChangedStayForm(Form):
    """A new end of the stay, with the consent of all."""

    stay_to: date = Field(title="Vistelsen slutar / Stay ends")
    semesters: int | None = Field(default=None, ge=1, le=4, title="Antal terminer / Semesters")
    student_consents: Literal[True] = Field(title="Studenten samtycker / The student consents")
    partner_consents: Literal[True] = Field(title="Partnern samtycker / The partner consents")


class AttendanceForm(Form):
    """The dates on the certificate of attendance."""

    attended_from: date = Field(title="Närvaro från / Attended from")
    attended_to: date = Field(title="Närvaro till / Attended to")


class InterruptionForm(Form):
    """The last day, and whether something beyond the student's control made it so."""

    interrupted_on: date = Field(title="Sista dag / Last day")
    force_majeure: bool = Field(default=False, title="Force majeure / Force majeure")


class TranscriptForm(Form):
    """When the transcript was sent; today, where nothing is said."""

    transcript_sent_on: date | None = known("Betygsutdrag skickat den / Transcript sent on")


# The stay, and the days that follow from it.

JUNE, JULY = 6, 7
ONE_SEMESTER_DAYS = 200


def stay(view: AnyNomination) -> Stay:
    """Tell the agreement what the place is for."""
    facts = view.facts
    return stay_of(facts, facts.stay_to, facts.semesters)


def stay_of(facts: NominationFacts, ends_on: date, semesters: int | None) -> Stay:
    """Give the stay with this end.

    An academic year turns on 1 July. Up to 200 days are one semester, a longer stay is two,
    where nothing else is said.
    """
    starts_on = facts.stay_from
    first = starts_on.year if starts_on.month >= JULY else starts_on.year - 1
    return Stay(
        direction=Direction.INCOMING, starts_on=starts_on, ends_on=ends_on,
        academic_year=f"{first:04d}/{first + 1:04d}",
        semesters=semesters or (1 if (ends_on - starts_on).days <= ONE_SEMESTER_DAYS else 2),
        level=facts.level, field=facts.field,
    )


def begins_in_autumn(view: AnyNomination) -> bool:
    """Tell whether the stay is handled in the spring round (it begins from June on)."""
    return view.facts.stay_from.month >= JUNE


def day_of_round(view: AnyNomination, name: str) -> date:
    """Give a day of the year the office has set for the round the stay belongs to."""
    autumn, year = begins_in_autumn(view), view.facts.stay_from.year
    return day_in(year if autumn else year - 1, str(view.figure(f"{name}_autumn" if autumn else f"{name}_spring")))


def open_day(view: AnyNomination, day: date) -> date:
    """Give the day itself, or the next working day where the office is closed."""
    return day if view.calendar.is_working_day(day) else view.calendar.next_working_day(day)


# From this day on somebody who has not been seen has not arrived.
ARRIVAL_DAY = fact_day("term_start", "stay_from", days="arrival_days")

# The transcript is counted from the end of the assessment period, else from the end of the stay.
RESULTS_FROM = ("assessment_end", "interrupted_on", "attended_to", "stay_to")


def application_day(view: AnyNomination) -> date:
    return view.facts.apply_by or day_of_round(view, "applications_close")


def admission_day(view: AnyNomination) -> date:
    return day_of_round(view, "admission_ready")


# Conditions.


def ends_after_it_starts(view: AnyNomination) -> Answer:
    return yes_if(view.facts.stay_from < view.facts.stay_to, "stay_out_of_order",
        "Vistelsen slutar innan den börjar. Rätta datumen.", "The stay ends before it begins. Put the dates right.")


def was_nominated_in_time(view: AnyNomination) -> Answer:
    """Refuse a nomination that came after the closing day, unless a new day was set."""
    came_on = view.facts.nominated_on or view.opened_on
    closes_on = open_day(view, day_of_round(view, "nominations_close"))
    return yes_if(came_on <= max(closes_on, view.facts.nominate_by or closes_on), "nominated_late",
        f"Nomineringen kom {came_on}; sista dag var {closes_on}. International Office kan godta den ändå.",
        f"The nomination came on {came_on}; the last day was {closes_on}. The International Office may accept it.",
        who_can=Role.OFFICER)


def lies_ahead(view: View[NominationFacts, LateForm]) -> Answer:
    return yes_if(view.fields.new_date >= view.today, "new_day_has_passed",
        f"Dagen {view.fields.new_date} har redan passerat.", f"The day {view.fields.new_date} has already passed.",
        from_date=view.today)


def applies_in_time(view: AnyNomination) -> Answer:
    closes_on = open_day(view, application_day(view))
    return yes_if(view.today <= closes_on, "applied_late",
        f"Sista dag att söka var {closes_on}. International Office kan godta en sen ansökan.",
        f"The last day to apply was {closes_on}. The International Office may accept a late application.",
        who_can=Role.OFFICER)


def names_courses(view: AnyNomination) -> Answer:
    return yes_if(view.facts.courses, "no_courses",
        "Ansökan saknar kurser att granska.", "The application names no courses to review.")


def eligible_credits(view: AnyNomination) -> Decimal:
    """Add up the credits of courses the student is eligible for.

    A course with a condition counts: it is to be met before registration, long after admission.
    """
    fit = (review for review in view.facts.reviews if review.outcome is not Outcome.INELIGIBLE)
    return sum((review.ects or Decimal(0) for review in fit), Decimal(0))


def eligible_credits_suffice(view: AnyNomination) -> Answer:
    """Ask for the minimum, or full time where a residence permit demands it."""
    permit = view.facts.needs_residence_permit
    a_semester = Decimal(str(view.figure("full_credits" if permit else "minimum_credits")))
    needed, has = a_semester * stay(view).semesters, eligible_credits(view)
    why = (" (uppehållstillstånd kräver heltid)", " (a residence permit demands full time)") if permit else ("", "")
    return yes_if(has >= needed, "too_few_credits",
        f"Behörig till {has} hp; {needed} krävs{why[0]}. International Office kan anta med avvikelse.",
        f"Eligible for {has} ECTS; {needed} are needed{why[1]}. The International Office may admit with deviation.",
        who_can=Role.OFFICER)


def is_not_accepted_before(view: AnyNomination) -> Answer:
    return yes_if(view.facts.place_accepted_on is None, "already_accepted",
        "Studenten har redan tackat ja.", "The student has already accepted the place.")


def needs_three_signatures(view: AnyNomination) -> Answer:
    return yes_if(agreement_fact(view, "study_plan") != "home_approval", "home_approval_agreement",
        "Avtalet kräver bara hemuniversitetets godkännande. Använd Bekräfta studieplan.",
        "The agreement asks only for the home university's approval. Use Confirm study plan.")


def home_approval_is_enough(view: AnyNomination) -> Answer:
    return yes_if(agreement_fact(view, "study_plan") == "home_approval", "three_party_agreement",
        "Avtalet kräver ett Learning Agreement med tre underskrifter först.",
        "The agreement asks for a learning agreement with three signatures first.", who_can=Role.COORDINATOR)


def has_three_signatures(view: AnyNomination) -> Answer:
    missing = missing_signers(each.signer for each in view.facts.signatures)
    return yes_if(not missing.sv, "signature_missing",
        f"Underskrift saknas: {missing.sv}.", f"Signature missing: {missing.en}.", who_can=Role.COORDINATOR)


def term_is_under_way(view: AnyNomination) -> Answer:
    """Refuse to call somebody a no-show before they have had time to come."""
    from_day = ARRIVAL_DAY(view) or view.facts.stay_from
    return yes_if(view.today >= from_day, "too_early_for_no_show",
        f"Utebliven kan registreras tidigast {from_day}.", f"A no-show can be recorded from {from_day} on.",
        from_date=from_day)


def changed_stay(view: View[NominationFacts, ChangedStayForm]) -> Stay:
    """Tell what the stay would be with its new end."""
    return stay_of(view.facts, view.fields.stay_to, view.fields.semesters)


def ends_later(view: View[NominationFacts, ChangedStayForm]) -> Answer:
    return yes_if(view.fields.stay_to > view.facts.stay_to, "not_later",
        f"Vistelsen slutar redan {view.facts.stay_to}. Ange ett senare datum.",
        f"The stay already ends on {view.facts.stay_to}. Give a later day.")


def ends_earlier(view: View[NominationFacts, ChangedStayForm]) -> Answer:
    return yes_if(view.facts.stay_from < view.fields.stay_to < view.facts.stay_to, "not_earlier",
        f"Ange en dag mellan {view.facts.stay_from} och {view.facts.stay_to}.",
        f"Give a day between {view.facts.stay_from} and {view.facts.stay_to}.")


def attended_in_order(view: View[NominationFacts, AttendanceForm]) -> Answer:
    return yes_if(view.fields.attended_from <= view.fields.attended_to, "attendance_out_of_order",
        "Närvaron slutar innan den börjar. Rätta datumen.",
        "The attendance ends before it begins. Put the dates right.")


def can_appeal(view: AnyNomination) -> bool:
    return bool(view.figure("refusal_appealable"))


def is_last_answer(view: View[NominationFacts, ReviewOutcome]) -> bool:
    """Tell whether every department has now answered, while admissions waits for that."""
    noted = {review.review for review in view.facts.reviews} | {view.fields.review}
    return view.state == "under_review" and len(noted) >= len(view.facts.courses)


def is_lost_after_admission(view: View[NominationFacts, ReviewOutcome]) -> bool:
    return view.state != "under_review" and view.fields.outcome is Outcome.INELIGIBLE


# What the steps set and send.


def time_to_apply(view: AnyNomination) -> Mapping[str, object]:
    """Give some days to apply where the answer came only after the closing day."""
    if view.today <= open_day(view, application_day(view)):
        return {}
    return {"apply_by": days_from(view.today, int(view.figure("late_application_days")))}


def new_closing_day(view: View[NominationFacts, LateForm]) -> Mapping[str, object]:
    """Move the day that bears on where the nomination stands."""
    return {"nominate_by" if view.state == "nominated" else "apply_by": view.fields.new_date}


def one_review_a_course(view: AnyNomination) -> tuple[Opening, ...]:
    """Ask each course's department, with the student's alternatives for a new choice."""
    facts = view.facts
    # Without a unit an alternative is the nomination's own; in a review elsewhere it would not be.
    others = tuple(course.model_dump() | {"unit": course.unit or view.unit} for course in facts.alternatives)
    common = {"term": term(view), "registration_on": facts.term_start, "alternatives": others}
    return tuple(
        Opening(
            unit=course.unit or view.unit, subject=view.subject,
            facts={"course": course.course, "course_code": course.course_code, "ects": course.ects, **common},
        )
        for course in facts.courses
    )


def outcome_noted(view: View[NominationFacts, ReviewOutcome]) -> Mapping[str, object]:
    """Keep the latest outcome of each review."""
    others = tuple(review for review in view.facts.reviews if review.review != view.fields.review)
    return {"reviews": (*others, NotedReview(**view.fields.model_dump()))}


def admitted(view: View[NominationFacts, DecisionForm]) -> Mapping[str, object]:
    """Note what the letter of acceptance rests on."""
    return {**told(view), "admitted_on": view.today, "admitted_credits": eligible_credits(view)}


def admitted_with_deviation(view: View[NominationFacts, AdmitDeviationForm]) -> Mapping[str, object]:
    return {**admitted(view), "deviations": (*view.facts.deviations, view.fields.deviation)}


def refused(view: View[NominationFacts, DecisionForm]) -> Mapping[str, object]:
    return {**told(view), "can_be_appealed": can_appeal(view)}


def signature_added(view: View[NominationFacts, SignatureForm]) -> Mapping[str, object]:
    """Keep one signature of each party, the latest."""
    others = tuple(s for s in view.facts.signatures if s.signer is not view.fields.signer)
    return {"signatures": (*others, Signature(**view.fields.model_dump()))}


def arrived_with_deviation(view: View[NominationFacts, ArrivalDeviationForm]) -> Mapping[str, object]:
    return {"deviations": (*view.facts.deviations, view.fields.deviation)}


def insurance(view: AnyNomination, over: Stay) -> Mapping[str, object]:
    """Give the days Student IN covers: the stay and 14 days on either side, or none.

    It demands a written agreement and registration (Kammarkollegiet's terms).
    """
    if agreement_in_force(lambda _: over)(view) != YES:
        return {"insured_from": None, "insured_to": None}
    margin = int(view.figure("insured_days"))
    return {"insured_from": days_from(over.starts_on, -margin), "insured_to": days_from(over.ends_on, margin)}


def insured(view: AnyNomination) -> Mapping[str, object]:
    return insurance(view, stay(view))


def transcript_sent(view: View[NominationFacts, TranscriptForm]) -> Mapping[str, object]:
    return {"transcript_sent_on": view.fields.transcript_sent_on or view.today}


def stay_changed(view: View[NominationFacts, ChangedStayForm]) -> Mapping[str, object]:
    """Note the new stay and the insurance that follows from it, as one."""
    new = changed_stay(view)
    return {"semesters": new.semesters, **insurance(view, new)}


def term(view: AnyNomination) -> str:
    """Name the term the stay begins in, as Swedish offices write it: HT or VT and the year."""
    return f"{'HT' if begins_in_autumn(view) else 'VT'} {view.facts.stay_from.year}"


def title(view: AnyNomination) -> str:
    """Name the case by sending institution, level and term, never by the student."""
    return ", ".join(filter(None, (view.facts.sending_institution, str(view.facts.level), term(view))))


MESSAGES = (
    message("nominated", "Ny nominering: {title}", "New nomination: {title}",
        "{unit} har fått nomineringen {number}, {title}. Godkänn eller avböj den senast {due_on}:",
        "{unit} has received the nomination {number}, {title}. Accept or decline it by {due_on}:"),
    letter("apply", "Sök till oss senast {due_on}", "Apply to us by {due_on}",
        "vi har godkänt din nominering ({title}). Skicka din ansökan senast {due_on}, med de kurser du vill läsa och"
        " alternativ om du inte blir behörig till någon av dem. Att vara nominerad är inte att vara antagen.",
        "we have accepted your nomination ({title}). Send your application by {due_on}, with the courses you want"
        " and alternatives in case you are not eligible for one of them. To be nominated is not yet to be admitted."),
    letter("nomination_accepted", "Nomineringen godkänd: {title}", "Nomination accepted: {title}",
        "vi har godkänt er nominering ({title}). Studenten behöver söka senast {due_on} och har fått veta det.",
        "we have accepted your nomination ({title}). The student must apply by {due_on} and has been told so."),
    letter("nomination_declined", "Nomineringen avböjd: {title}", "Nomination declined: {title}",
        "vi kan tyvärr inte ta emot den student ni har nominerat ({title}).\n\nMotivering: {reason}",
        "we are sorry that we cannot receive the student you have nominated ({title}).\n\nReason: {reason}"),
    message("late_nomination_accepted", "Sen nominering godtas: {title}", "Late nomination may be accepted: {title}",
        "International Office har gett {number}, {title}, en ny sista dag. Godkänn eller avböj senast {due_on}.\n"
        "Motivering: {reason}",
        "The International Office has given {number}, {title}, a new last day. Accept or decline by {due_on}.\n"
        "Reason: {reason}"),
    letter("apply_reminder", "Påminnelse: ansökan senast {due_on}", "Reminder: application due {due_on}",
        "vi har ännu ingen ansökan för {title}. Den behöver komma senast {due_on}; annars förfaller nomineringen.",
        "we have no application yet for {title}. It must reach us by {due_on}, or the nomination lapses."),
    message("application_received", "Ansökan inkommen: {title}", "Application received: {title}",
        "Studenten i {number}, {title}, har sökt. Skicka kursremiss till institutionerna senast {due_on}:",
        "The student in {number}, {title}, has applied. Send the courses to the departments by {due_on}:"),
    message("all_reviews_answered", "Alla institutioner har svarat: {title}", "All departments have answered: {title}",
        "Granskningarna i {number}, {title}, är besvarade. Anta eller anta inte senast {due_on}:",
        "The reviews in {number}, {title}, are answered. Admit or refuse by {due_on}:"),
    message("outcome_after_admission",
        "Antagen student obehörig till en kurs: {title}", "Admitted student not eligible for a course: {title}",
        "Den antagna studenten i {number}, {title}, har bedömts obehörig till en kurs. Se över kurserna tillsammans"
        " med studenten; svaren står i ärendet:",
        "The admitted student in {number}, {title}, was found ineligible for a course. Look at the courses again"
        " with the student; the answers stand in the case:"),
    letter("letter_of_acceptance", "Antagningsbesked: {title}", "Letter of acceptance: {title}",
        "du är antagen som utbytesstudent ({title}). Tacka ja senast {due_on}, annars förfaller platsen. När du har"
        " tackat ja gör du klart ditt Learning Agreement eller din studieplan.",
        "you are admitted as an exchange student ({title}). Accept the place by {due_on}, or it lapses. When you"
        " have accepted, complete your learning agreement or study plan."),
    letter("admitted", "Er student är antagen: {title}", "Your student is admitted: {title}",
        "den student ni nominerade ({title}) är antagen och har fått sitt antagningsbesked.",
        "the student you nominated ({title}) is admitted and has received the letter of acceptance."),
    message("admitted_here", "Antagen: {title}", "Admitted: {title}",
        "Studenten i {number}, {title}, är antagen. Följ upp svaret och Learning Agreement eller studieplan:",
        "The student in {number}, {title}, is admitted. Follow up the answer and the learning agreement or study"
        " plan:"),
    letter("refused", "Beslut om antagning: {title}", "Decision on admission: {title}",
        "du är tyvärr inte antagen som utbytesstudent ({title}). Beslutet kan inte överklagas.\n\nMotivering: {reason}",
        "we are sorry that you are not admitted as an exchange student ({title}). The decision cannot be appealed.\n\n"
        "Reason: {reason}"),
    letter("refused_appealable", "Beslut om antagning: {title}", "Decision on admission: {title}",
        "du är tyvärr inte antagen som utbytesstudent ({title}).\n\nMotivering: {reason}\n\nDu kan överklaga beslutet."
        " Skriv vilket beslut du överklagar och varför, och skicka det till universitetet inom tre veckor från den dag"
        " du fick del av beslutet.",
        "we are sorry that you are not admitted as an exchange student ({title}).\n\nReason: {reason}\n\nYou may"
        " appeal. Write which decision you appeal and why, and send it to the university within three weeks of the"
        " day you received the decision."),
    letter("refused_partner", "Er student är inte antagen: {title}", "Your student is not admitted: {title}",
        "den student ni nominerade ({title}) är tyvärr inte antagen. Studenten har fått beslutet med skäl.",
        "we are sorry that the student you nominated ({title}) is not admitted. The student has received the"
        " decision with its reasons."),
    message("refused_here", "Ej antagen: {title}", "Not admitted: {title}",
        "Studenten i {number}, {title}, är inte antagen. Platsen är fri. Student och partner har fått veta det.",
        "The student in {number}, {title}, is not admitted. The place is free. Student and partner have been told."),
    letter("accept_reminder", "Påminnelse: tacka ja senast {due_on}", "Reminder: accept by {due_on}",
        "du är antagen ({title}) men har inte svarat. Tacka ja senast {due_on}, annars förfaller platsen.",
        "you are admitted ({title}) but have not answered. Accept the place by {due_on}, or it lapses."),
    message("place_accepted", "Tackade ja: {title}", "Accepted: {title}",
        "Studenten i {number}, {title}, har tackat ja. Registrera underskrifter eller bekräfta studieplanen:",
        "The student in {number}, {title}, has accepted. Record the signatures or confirm the study plan:"),
    letter("learning_agreement_signed", "Din studieplan är klar: {title}", "Your study plan is complete: {title}",
        "ditt Learning Agreement eller din studieplan ({title}) är klar. Välkommen! Anmäl dig hos utbyteskoordinatorn"
        " när du har kommit.",
        "your learning agreement or study plan ({title}) is complete. Welcome! Report to the exchange coordinator"
        " when you have arrived."),
    message("arrived_unsigned",
        "Ankommen utan Learning Agreement: {title}", "Arrived without learning agreement: {title}",
        "Studenten i {number}, {title}, har ankommit utan undertecknat Learning Agreement. Registrera i Ladok senast"
        " {due_on}.\nMotivering: {reason}",
        "The student in {number}, {title}, has arrived without a signed learning agreement. Register in Ladok by"
        " {due_on}.\nReason: {reason}"),
    message("arrival_reminder", "Har studenten kommit? {title}", "Has the student arrived? {title}",
        "Terminen har börjat och ingen ankomst är bekräftad i {number}, {title}. Bekräfta ankomsten, eller registrera"
        " att studenten uteblev:",
        "The term has begun and no arrival is confirmed in {number}, {title}. Confirm the arrival, or record that"
        " the student did not come:"),
    letter("no_show", "Uteblev: {title}", "Did not arrive: {title}",
        "studenten ({title}) har inte kommit, och platsen är återkallad. Hör av er om något har blivit fel.",
        "the student ({title}) has not arrived, and the place is withdrawn. Please write to us if this is wrong."),
    letter("insured", "Du är registrerad och försäkrad: {title}", "You are registered and insured: {title}",
        "du är registrerad och omfattas av försäkringen Student IN under vistelsen ({title}) samt två veckor före och"
        " efter.",
        "you are registered and covered by the insurance Student IN during your stay ({title}) and two weeks before"
        " and after it."),
    message("not_insured", "Registrerad utan försäkring: {title}", "Registered without insurance: {title}",
        "Studenten i {number}, {title}, är registrerad, men avtalet gäller inte över hela vistelsen, så Student IN"
        " gäller inte. Förläng avtalet eller teckna en egen försäkring:",
        "The student in {number}, {title}, is registered, but the agreement is not in force over the whole stay, so"
        " Student IN does not apply. Extend the agreement or take out a separate insurance:"),
    letter("stay_changed", "Ändrad vistelse: {title}", "Changed stay: {title}",
        "vistelsen ({title}) har ett nytt slutdatum. Försäkringen Student IN följer de nya datumen, och det tidigare"
        " intyget gäller inte längre.",
        "the stay ({title}) has a new end. The insurance Student IN follows the new dates, and the earlier statement"
        " is no longer valid."),
    letter("certificate", "Närvarointyg: {title}", "Certificate of attendance: {title}",
        "vistelsen ({title}) är avslutad och närvarointyget utfärdat. Betygsutdraget kommer senast {due_on}.",
        "the stay ({title}) has ended and the certificate of attendance is issued. The transcript follows by"
        " {due_on}."),
    letter("interrupted", "Avbruten vistelse: {title}", "Interrupted stay: {title}",
        "studenten har avbrutit vistelsen ({title}). Betygsutdrag över det som är avklarat kommer senast {due_on}.",
        "the student has broken off the stay ({title}). A transcript of what was completed follows by {due_on}."),
    message("interrupted_here", "Avbrott: {title}", "Interruption: {title}",
        "Studenten i {number}, {title}, har avbrutit vistelsen; partnern har fått veta det.\nMotivering: {reason}",
        "The student in {number}, {title}, has broken off the stay; the partner has been told.\nReason: {reason}"),
    letter("transcript", "Betygsutdrag: {title}", "Transcript: {title}",
        "betygsutdraget för vistelsen ({title}) är skickat. Hör av er om det inte har kommit inom en vecka.",
        "the transcript of the stay ({title}) has been sent. Please write to us if it has not come within a week."),
    letter("withdrawn", "Återbud: {title}", "Withdrawn: {title}",
        "nomineringen ({title}) är återkallad före ankomst, och platsen är fri igen.",
        "the nomination ({title}) was withdrawn before arrival, and the place is free again."),
    message("withdrawn_here", "Återbud: {title}", "Withdrawn: {title}",
        "{number}, {title}, är återkallad före ankomst. Platsen är fri och öppna granskningar är återkallade.",
        "{number}, {title}, was withdrawn before arrival. The place is free and open reviews are withdrawn."),
    letter("lapsed", "Nomineringen har förfallit: {title}", "The nomination has lapsed: {title}",
        "vi fick ingen ansökan eller inget svar i tid, så nomineringen ({title}) har förfallit. Hör av er till oss om"
        " något har blivit fel.",
        "we received no application or no answer in time, so the nomination ({title}) has lapsed. Please write to us"
        " if this is wrong."),
    message("lapsed_here", "Förfallen: {title}", "Lapsed: {title}",
        "{number}, {title}, har förfallit: ingen ansökan eller inget svar i tid. Platsen är fri; partnern har fått"
        " veta det.",
        "{number}, {title}, has lapsed: no application or no answer in time. The place is free; the partner has been"
        " told."),
    message("admit_reminder", "Besked om antagning senast {due_on}: {title}", "Admission due {due_on}: {title}",
        "Studenten och partnern i {number}, {title}, väntar på besked senast {due_on}. Anta, eller anta inte; saknas"
        " granskningssvar, hör med institutionen:",
        "Student and partner in {number}, {title}, wait to be told by {due_on}. Admit or refuse; where a review is"
        " missing, ask the department:"),
    message("admit_escalation", "Försenat besked om antagning: {title}", "Late admission: {title}",
        "Besked om antagning i {number}, {title}, skulle ha lämnats {due_on}; det är {days_late} sent. Hör med"
        " antagningen vad som hindrar:",
        "Admission in {number}, {title}, was to be decided by {due_on}; it is {days_late} late. Ask admissions"
        " what is in the way:"),
    message("reminder", "Senast {due_on}: {title}", "Due {due_on}: {title}",
        "{number}, {title}, har status {state} och behöver sitt nästa steg senast {due_on}:",
        "{number}, {title}, has the status {state} and needs its next step by {due_on}:"),
    message("escalation", "Försenat: {title}", "Overdue: {title}",
        "{number}, {title}, i {unit} har status {state} och skulle ha gått vidare {due_on}; det är {days_late}"
        " sent. Handläggare: {assignee}. Se till att någon tar nästa steg:",
        "{number}, {title}, in {unit} has the status {state} and was due {due_on}; it is {days_late} late. Assigned"
        " to: {assignee}. Please see that somebody takes the next step:"),
)
