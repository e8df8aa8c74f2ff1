"""Outgoing exchange: utresande utbyte.

A student applies, is ranked, offered a place under an agreement, nominated to the partner,
registered in Ladok, insured, sent, brought home and given credit. The case's unit is the
student's home unit (course choice, learning agreement, Ladok, recognition); the unit of the
linked agreement is the owner (selection, offer, nomination, partner). Where they differ the
place is borrowed, and each is told what the other does.

Source: the offices' role pages (IKP, exchange coordinator); Guidelines for the Erasmus+
learning agreement (changes within 5 weeks and agreed within 2, extension a month before the
end, recognition within 5 weeks); Kammarkollegiet, terms of Student UT 2025 (registered,
agreement, two weeks either side, no advice against all travel, 30 days to leave);
Högskoleförordningen (1993:100), 6 kap. 6-8 §§ (recognition), 12 kap. 2 § (appeal);
Förvaltningslagen (2017:900), 31-33 §§ (what a decision documents, telling).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal, Self, TypeAlias
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field, StringConstraints, model_validator
from pydantic.config import JsonDict

from engine.vocabulary import (
    ASSIGNEE, MISSED, RECONSIDER, RECORDED, YES, Answer, AtOnce, AuditFolder, Budget, Call, Credits, Deadline,
    DecisionForm, Direction, Facts, FieldCode, Figure, FollowUp, Form, Holds, Identifier, Level, Line, Link, Milestone,
    NoConflict, OnDay, Paper, Part, Proficiency, Prose, Related, Role, Rule, Rung, Signer, State, Stay, Tell, Text,
    Transition, Unit, View, Where, Who, Workflow, after, agreement_allows, agreement_fact, agreement_in_force,
    answered_by, asks, before, days_from, either, escalate, fact_day, final, fire, has_fact, holds_no_place, known,
    last_before, letter, message, missing_signers, months_from, noting, owner, partner_of_agreement, precedes, remind,
    told, used, yes_if,
)

# Settings beside those that stand in the deadlines. Texts: "svenska / English".
FIGURES: Mapping[str, Any] = {
    "credits_required": 60,  # ECTS, where the call does not say otherwise
    "share_required": 75,  # per cent of the credits begun
    "application_working_days": 10,  # after the call closes
    "offer_days": 7,
    "offer_working_days": 3,  # at least
    "registration_days_before": 7,  # before departure
    "insurance_margin_days": 14,  # either side of the stay
    "extension_months_before": 1,  # before the end of the stay
    "change_weeks": 5,  # after the start of a term
    "change_agreed_days": 14,  # after the request
    "leave_country_days": 30,  # after advice against all travel
    "return_days": 7,  # after the end of the stay
    "transcript_weeks": 5,  # after the host's assessment period
    "recognition_appealable": True,
    "recognition_appeal_text": (
        "Beslutet får överklagas till Överklagandenämnden för högskolan inom tre veckor."
        " / The decision may be appealed to the Higher Education Appeals Board within three weeks."
    ),
    "not_eligible_appealable": False,
    "not_eligible_appeal_text": "Beslutet får inte överklagas. / The decision cannot be appealed.",
    "no_place_appealable": False,
    "no_place_appeal_text": "Beslutet får inte överklagas. / The decision cannot be appealed.",
}

HOME = (Role.COORDINATOR,)
OWNER = (owner(Role.COORDINATOR),)
EITHER = either(Role.COORDINATOR)


def held(name: str, sv: str, en: str, waits_for: Role | Who) -> State:
    """Declare a state in which the case holds a place."""
    return State(name, Text(sv, en), waits_for, holds_place=True)


STATES = (
    State("applied", Text("Ansökan inkommen", "Applied"), Role.COORDINATOR),
    State("eligible", Text("Behörig (preliminärt)", "Eligible (preliminary)"), owner(Role.COORDINATOR)),
    State("ranked", Text("Rangordnad", "Ranked"), owner(Role.COORDINATOR)),
    State("offered", Text("Erbjuden plats", "Place offered"), Role.STUDENT,
        holds_place=True, subject_label=Text("Svara senast …", "Answer by …")),
    State("reserve", Text("Reserv", "On reserve list"), owner(Role.COORDINATOR)),
    held("place_accepted", "Tackat ja", "Place accepted", owner(Role.COORDINATOR)),
    held("nominated", "Nominerad", "Nominated", Role.PARTNER),
    held("accepted_by_partner", "Antagen av värduniversitetet", "Accepted by host", Role.COORDINATOR),
    # The place is free again: another student of the same agreement may have it.
    State("refused_by_partner", Text("Ej antagen av värduniversitetet", "Refused by host"), Role.COORDINATOR),
    held("learning_agreement_signed", "Learning Agreement klart", "Learning agreement signed", Role.COORDINATOR),
    held("registered", "Registrerad i Ladok", "Registered", Role.COORDINATOR),
    held("ready", "Klar för avresa", "Ready to leave", Role.COORDINATOR),
    held("abroad", "På utbyte", "Abroad", Role.COORDINATOR),
    held("returned", "Hemkommen", "Returned", Role.COORDINATOR),
    held("transcript_received", "Betyg mottagna", "Transcript received", Role.RECOGNISER),
    held("recognition_pending", "Tillgodoräknande prövas", "Recognition being decided", Role.RECOGNISER),
    held("recognised", "Tillgodoräknande beslutat", "Recognition decided", Role.STUDENT),
    final("completed", "Avslutad", "Completed", reopens_to="recognition_pending", holds_place=True),
    final("not_eligible", "Ej behörig", "Not eligible", reopens_to="applied"),
    final("declined", "Tackat nej", "Declined"),
    final("not_selected", "Ingen plats", "Not selected", reopens_to="ranked"),
    final("withdrawn", "Återbud", "Withdrawn"),
)

PREPARING = (
    "place_accepted", "nominated", "accepted_by_partner", "learning_agreement_signed", "registered", "ready",
)
WITH_A_PLACE = (*PREPARING, "abroad")
EXTENDABLE = ("accepted_by_partner", "learning_agreement_signed", "registered", "ready", "abroad")
BEFORE_DEPARTURE = ("applied", "eligible", "ranked", "offered", "reserve", "refused_by_partner", *PREPARING)
FROM_DEPARTURE = (
    "abroad", "returned", "transcript_received", "recognition_pending", "recognised", "completed",
)


def deadlines() -> tuple[Deadline, ...]:
    """By when each thing is owed."""
    return (*selection_deadlines(), *partner_deadlines(), *departure_deadlines(), *return_deadlines())


def selection_deadlines() -> tuple[Deadline, ...]:
    """From the application to an accepted place."""
    return (
        Deadline("application", Text("Pröva ansökan", "Check the application"),
            runs_in=("applied",), due=OnDay(application_day), answers=("check_eligibility", "find_not_eligible"),
            ladder=(remind(before(2), *EITHER),
                    escalate(MISSED, Role.OFFICER))),
        Deadline("selection", Text("Rangordna och erbjuda före nomineringen", "Rank and offer before nomination"),
            runs_in=("eligible", "ranked"), due=OnDay(nomination_day, on_closed_day="previous"),
            answers=("offer", "place_on_reserve", "close_without_place"), internal=False,
            ladder=(remind(before(Figure("selection_remind_days", 20)), *OWNER),
                    escalate(MISSED, Role.OFFICER))),
        Deadline("answer", Text("Studentens svar på erbjudandet", "The student's answer to the offer"),
            runs_in=("offered",), due=OnDay(fact_day("answer_offer_by"), on_closed_day="next"),
            answers=("accept_place", "decline"), internal=False,
            ladder=(remind(before(1), Role.STUDENT, message="offer_reminder"),
                    fire(MISSED, "offer_lapsed"))),
        # The clock may be slower than the office, which can nominate the minute the student accepts.
        Deadline("other_lists", Text("Lämna andra reservlistor", "Leave other reserve lists"),
            runs_in=WITH_A_PLACE, due=AtOnce(), answers=("leave_other_lists",),
            ladder=(fire(MISSED, "leave_other_lists"),)),
        Deadline("place_closes", Text("Plats senast", "A place at the latest"),
            runs_in=("ranked", "reserve", "refused_by_partner"), due=OnDay(last_day_for_a_place),
            answers=("offer", "reallocate"), internal=False,
            ladder=(fire(MISSED, "close_without_place"),)),
    )


def partner_deadlines() -> tuple[Deadline, ...]:
    """What the partner waits for, and what is waited for from the partner."""
    return (
        Deadline("nomination", Text("Nominera till partnern", "Nominate to the partner"),
            runs_in=("place_accepted",), due=OnDay(nomination_day, on_closed_day="previous"), answers=("nominate",),
            internal=False,
            ladder=(remind(before(Figure("nomination_remind_days", 15)), *OWNER),
                    remind(before(Figure("nomination_remind_again_days", 5)), *OWNER, name="remind_again"),
                    escalate(before(Figure("nomination_officer_days", 2)), Role.OFFICER))),
        # A host that has not answered in half a year answers otherwise.
        Deadline("host_answer", Text("Värduniversitetets besked", "The host's answer"),
            runs_in=("nominated",), due=Budget(Figure("host_answer_weeks", 3), Unit.WEEKS),
            answers=("record_host_acceptance", "record_host_refusal"), internal=False,
            ladder=tuple(chase(nth) for nth in range(8))),
        Deadline("reallocation", Text("Annan plats efter avslag", "Another place after the refusal"),
            runs_in=("refused_by_partner",), due=Budget(Figure("reallocation_days", 5), Unit.WORKING_DAYS),
            answers=("reallocate", "close_without_place"),
            ladder=(remind(MISSED, *EITHER),
                    escalate(after(5), Role.OFFICER))),
    )


def chase(nth: int) -> Rung:
    """Ask the partner again, the first time when the host's time is out, then every third week."""
    at = after(Figure(f"host_chase_{nth}_weeks", 3 * nth), Unit.WEEKS) if nth else MISSED
    return remind(at, Role.PARTNER, *OWNER, message="host_chase", name=f"chase_{nth}")


def departure_deadlines() -> tuple[Deadline, ...]:
    """What must be done before the student leaves."""
    return (
        # Seven days before the last day are fourteen before departure.
        Deadline("registration", Text("Registrera i Ladok", "Register in Ladok"),
            runs_in=("accepted_by_partner", "learning_agreement_signed"),
            due=OnDay(fact_day("stay_from", days="-registration_days_before")), answers=("register",), internal=False,
            ladder=(remind(before(Figure("registration_remind_days", 7), Unit.DAYS), *HOME),
                    escalate(MISSED, Role.OFFICER))),
        Deadline("learning_agreement", Text("Learning Agreement eller studieplan", "Learning agreement or study plan"),
            runs_in=("accepted_by_partner", "registered"), due=OnDay(fact_day("stay_from")),
            answers=("sign_learning_agreement", "confirm_study_plan"), internal=False,
            ladder=(remind(before(Figure("learning_agreement_remind_days", 21), Unit.DAYS), Role.STUDENT, *HOME,
                        message="learning_agreement_reminder"),
                    escalate(MISSED, Role.OFFICER))),
        Deadline("insurance", Text("Försäkringsintyg", "Insurance certificate"),
            runs_in=("registered", "ready", "abroad"), due=Budget(Figure("insurance_days", 5), Unit.WORKING_DAYS),
            answers=("issue_insurance", "reissue_insurance"), internal=False, applies=certificate_is_missing,
            ladder=(remind(MISSED, *HOME),
                    escalate(after(3), Role.OFFICER))),
        Deadline("departure", Text("Ankomsten bekräftad av värden", "Arrival confirmed by the host"),
            runs_in=("ready",), due=OnDay(fact_day("stay_from")), answers=("depart",),
            ladder=(remind(after(5), *HOME),
                    escalate(after(15), Role.OFFICER))),
    )


def return_deadlines() -> tuple[Deadline, ...]:
    """What is owed while the student is away, and afterwards."""
    return (
        Deadline("change", Text("Ändring av Learning Agreement", "Change of the learning agreement"),
            runs_in=("abroad",), due=OnDay(change_day), answers=("agree_change",), internal=False,
            ladder=(remind(before(3), *EITHER),
                    escalate(MISSED, Role.OFFICER))),
        Deadline("leave_country",
            Text("Lämna landet, avrådan från alla resor", "Leave the country, advice against all travel"),
            runs_in=("abroad",), due=OnDay(leave_country_day), answers=("confirm_return", "interrupt"),
            internal=False,
            ladder=(remind(before(10, Unit.DAYS), Role.STUDENT, message="leave_country"),
                    escalate(before(5, Unit.DAYS), Role.OFFICER))),
        Deadline("return", Text("Bekräfta hemkomst", "Confirm return"),
            runs_in=("abroad",), due=OnDay(fact_day("stay_to", days="return_days")),
            answers=("confirm_return", "interrupt"),
            ladder=(remind(before(0), Role.STUDENT, message="return_reminder"),
                    remind(MISSED, *HOME, name="remind_coordinator"),
                    escalate(after(10), Role.OFFICER))),
        # Chased 5, 8 and 12 weeks after the host's assessment period.
        Deadline("transcript", Text("Betyg från värduniversitetet", "Transcript from the host"),
            runs_in=("returned",),
            due=OnDay(fact_day("host_assessment_ends_on", "ended_on", "stay_to", weeks="transcript_weeks")),
            answers=("receive_transcript",), internal=False,
            ladder=(remind(MISSED, Role.PARTNER, Role.STUDENT, *HOME, message="transcript_chase", name="chase"),
                    remind(after(Figure("transcript_second_weeks", 3), Unit.WEEKS), Role.PARTNER, Role.STUDENT, *HOME,
                        message="transcript_chase", name="chase_again"),
                    remind(after(Figure("transcript_third_weeks", 7), Unit.WEEKS), Role.PARTNER, Role.STUDENT, *HOME,
                        message="transcript_chase", name="chase_last"))),
        Deadline("recognition_erasmus", Text("Tillgodoräknande, Erasmus+", "Recognition, Erasmus+"),
            runs_in=("transcript_received", "recognition_pending"),
            due=Budget(Figure("recognition_erasmus_weeks", 5), Unit.WEEKS), answers=("recognise",), internal=False,
            applies=three_sign,
            ladder=(remind(before(5), Role.RECOGNISER),
                    escalate(MISSED, Role.HEAD),
                    escalate(after(5), Role.OFFICER))),
        Deadline("recognition", Text("Tillgodoräknande", "Recognition"),
            runs_in=("transcript_received", "recognition_pending"),
            due=Budget(Figure("recognition_days", 60), Unit.DAYS), answers=("recognise",),
            ladder=(remind(before(10), Role.RECOGNISER),
                    escalate(MISSED, Role.HEAD))),
        Deadline("opinion", Text("Yttrande om tillgodoräknande", "Opinion on recognition"),
            runs_in=("recognition_pending",), due=Budget(Figure("opinion_weeks", 4), Unit.WEEKS),
            answers=("give_opinion", "recognise"),
            ladder=(remind(before(5), *EITHER),
                    escalate(MISSED, Role.HEAD))),
        Deadline("report", Text("Studentrapport", "Student report"),
            runs_in=("recognised",), due=Budget(Figure("report_days", 30), Unit.DAYS), answers=("file_report",),
            internal=False,
            ladder=(remind(used(Figure("report_remind_days", 20)), Role.STUDENT, message="report_reminder"),
                    remind(MISSED, Role.STUDENT, message="report_reminder", name="remind_again"),
                    remind(after(10), ASSIGNEE, *HOME, name="remind_coordinator"))),
    )


RULES: tuple[Rule, ...] = (
    precedes(("sign_learning_agreement", "confirm_study_plan"), "depart"),
    precedes("register", "issue_insurance"),
    precedes("accept_place", "nominate"),
    answered_by("receive_transcript", "recognise"),
    holds_no_place("withdrawn", "declined", "not_selected", "not_eligible"),
)


# What a case is seen to wait for, in the order of the journey.
MILESTONES = (
    Milestone("agreement", Text("Avtal som gäller", "Agreement in force"), link="agreement",
        waits_in=BEFORE_DEPARTURE, given_in=("active", "expiring", "notice_given"), done_in=FROM_DEPARTURE),
    Milestone("eligibility", Text("Behörighet (preliminär)", "Eligibility (preliminary)"), Role.COORDINATOR,
        deadlines=("application",), done_in=(*BEFORE_DEPARTURE[1:], *FROM_DEPARTURE)),
    Milestone("answer", Text("Studentens svar på erbjudandet", "The student's answer to the offer"), Role.STUDENT,
        fact="accepted_on", deadlines=("answer",)),
    Milestone("nomination", Text("Nominering", "Nomination"), owner(Role.COORDINATOR),
        fact="nominated_on", deadlines=("nomination",)),
    Milestone("host_answer", Text("Värduniversitetets besked", "The host's answer"), Role.PARTNER,
        fact="letter_on", deadlines=("host_answer",)),
    Milestone("learning_agreement", Text("Learning Agreement eller studieplan", "Learning agreement or study plan"),
        Role.COORDINATOR,
        deadlines=("learning_agreement",), done_in=("learning_agreement_signed", "ready", *FROM_DEPARTURE)),
    Milestone("ladok", Text("Registrering i Ladok", "Registration in Ladok"), Role.COORDINATOR,
        fact="registered_on", deadlines=("registration",),
        waits_in=("accepted_by_partner", "learning_agreement_signed", "abroad")),
    Milestone("insurance", Text("Försäkringsintyg (Student UT)", "Insurance certificate (Student UT)"),
        Role.COORDINATOR, fact="insurance", deadlines=("insurance",)),
    Milestone("transcript", Text("Betyg från värduniversitetet", "Transcript from the host"), Role.PARTNER,
        fact="transcript_received_on", deadlines=("transcript",)),
    Milestone("recognition", Text("Tillgodoräknande", "Recognition"), Role.RECOGNISER,
        deadlines=("recognition_erasmus", "recognition"), done_in=("recognised", "completed")),
    Milestone("report", Text("Studentrapport", "Student report"), Role.STUDENT,
        fact="reported_on", deadlines=("report",)),
)


# What a system check by the national agency asks for, and what here shows it. Sources: the
# Erasmus+ guidelines for the learning agreement and the template of inter-institutional
# agreements 2021-29; Kammarkollegiet; Högskoleförordningen; Förvaltningslagen.
LA_GUIDELINES = Text("EU-kommissionens riktlinjer för Learning Agreement", "EC guidelines for the learning agreement")
STUDENT_UT = Text("Kammarkollegiet: villkor Student UT", "Kammarkollegiet: terms of Student UT")
HANDBOOK = Text("Handboken: utlysning, urval och nominering", "Handbook: call, selection and nomination")
GIVEN = ("offered", *WITH_A_PLACE, *FROM_DEPARTURE[1:])
CONSIDERED = ("ranked", "reserve", "not_selected", *GIVEN)
ACCEPTED_THERE = (*EXTENDABLE, *FROM_DEPARTURE[1:])
HOME_AGAIN = FROM_DEPARTURE[1:]
# An agreement that was brought in from a register may know how it was signed, and not when.
SIGNED_BY_BOTH = (("home_signed_on", "home_signed"), ("partner_signed_on", "partner_signed"))
HOME_APPROVES = Where("agreement", "study_plan", "home_approval")

AUDIT_FOLDER = AuditFolder(
    call=Call("agreement", ("academic_year", "call_closes_on"), ranks=("points", "reserve_number"), ranked_by="rank"),
    decisions=(
        "check_eligibility", "find_not_eligible", "rank", "lend_place", "place_on_reserve", "offer", "reallocate",
        "close_without_place", "nominate", "depart_with_deviation", "recognise", "close_without_results", RECONSIDER,
    ),
    papers=(
        Paper(name="agreement", label=Text("Avtal som platsen gavs under", "Agreement the place was given under"),
            source=Text("Avtalsmallen 2021–29 (IIA)", "Inter-institutional agreement template 2021–29"),
            link="agreement", needs=("registration_number", "valid_from"), either=SIGNED_BY_BOTH,
            shows=("partner_name", "reference", "valid_to", "home_signed_on", "partner_signed_on", "study_plan"),
            dated=("home_signed_on", "partner_signed_on"), before_days=("nominated_on",), asked_in=GIVEN),
        Paper(name="call", label=Text("Utlysning med urvalsgrunder", "Call with its criteria"), source=HANDBOOK,
            needs=("call_closes_on",),
            shows=("credits_required", "share_required", "language_required", "level_required"),
            before_steps=("rank",), of_call=True, settled=True, asked_in=CONSIDERED),
        Paper(name="application", label=Text("Studentens ansökan", "The student's application"), source=HANDBOOK,
            needs=("stay_from", "stay_to"),
            shows=("credits", "share_passed", "language_level", "level", "field", "wishes"), before_steps=("rank",)),
        Paper(name="eligibility", label=Text("Behörighetsprövning", "Eligibility check"), source=HANDBOOK,
            steps=("check_eligibility", "find_not_eligible"), shows=("failed_requirement",), before_steps=("rank",),
            asked_in=("eligible", "not_eligible", *CONSIDERED)),
        Paper(name="ranking", label=Text("Rangordning", "Ranking"), source=HANDBOOK,
            steps=("rank",), needs=("points",), shows=("tie_break", "reserve_number"),
            before_steps=("offer", "place_on_reserve"), asked_in=CONSIDERED),
        Paper(name="decision", label=Text("Beslut om plats, meddelat", "Decision on the place, and notice of it"),
            source=Text("Förvaltningslagen (2017:900) 31–33 §§", "Administrative Procedure Act (2017:900), 31–33 §§"),
            steps=("offer", "reallocate", "close_without_place", "place_on_reserve"), informed=True,
            shows=("offered_on", "answer_offer_by", "accepted_on", "closed_because"),
            asked_in=("reserve", "not_selected", *GIVEN)),
        Paper(name="nomination", label=Text("Nominering till partnern", "Nomination to the partner"),
            source=Text("Partnerns faktablad (nomineringsdatum)", "The partner's factsheet (nomination date)"),
            steps=("nominate",), shows=("nominated_on", "nomination_by", "nomination_zone"),
            dated=("nominated_on",), before_days=("nomination_by", "stay_from"),
            asked_in=("nominated", *ACCEPTED_THERE)),
        Paper(name="letter", label=Text("Antagningsbrev från värden", "The host's letter of acceptance"),
            source=LA_GUIDELINES, steps=("record_host_acceptance",), needs=("letter_on",), shows=("letter",),
            dated=("letter_on",), before_days=("began_on",), asked_in=ACCEPTED_THERE),
        Paper(name="learning_agreement",
            label=Text("Learning Agreement, tre underskrifter", "Learning agreement, three signatures"),
            source=LA_GUIDELINES, steps=("sign_learning_agreement",), needs=("course_choice_approved_on",),
            shows=("course_choice",), signed_by=("signatures", "party"),
            dated=("signatures", "course_choice_approved_on"), before_days=("began_on",), unless=HOME_APPROVES,
            asked_in=FROM_DEPARTURE),
        Paper(name="study_plan", label=Text("Studieplan, godkänd hemma", "Study plan, approved at home"),
            source=Text("Avtalet: heminstitutionen godkänner", "The agreement: the home department approves"),
            steps=("confirm_study_plan", "sign_learning_agreement"), needs=("course_choice_approved_on",),
            shows=("course_choice",), dated=("course_choice_approved_on",), before_days=("began_on",),
            only=HOME_APPROVES, asked_in=FROM_DEPARTURE),
        Paper(name="registration", label=Text("Registrering i Ladok", "Registration in Ladok"), source=STUDENT_UT,
            needs=("registered_on",), dated=("registered_on",), before_days=("began_on",), asked_in=FROM_DEPARTURE),
        Paper(name="insurance", label=Text("Försäkringsintyg, Student UT", "Insurance certificate, Student UT"),
            source=STUDENT_UT, steps=("issue_insurance", "reissue_insurance"), needs=("insurance",),
            shows=("void_certificates",), before_days=("began_on",), renewed=True, asked_in=FROM_DEPARTURE),
        Paper(name="attendance", label=Text("Närvaro mot avtalade dagar", "Attendance against the days agreed"),
            source=LA_GUIDELINES, needs=("began_on", "ended_on"), shows=("interrupted", "force_majeure"),
            attended=("began_on", "ended_on"), planned=("stay_from", "stay_to"), asked_in=HOME_AGAIN),
        Paper(name="change", label=Text("Ändring av Learning Agreement", "Change of the learning agreement"),
            source=Text("Riktlinjerna: överens inom två veckor", "Guidelines: agreed within two weeks"),
            needs=("change_agreed_on",), shows=("change_requested_on", "change_wanted"),
            dated=("change_agreed_on",), before_days=("change_requested_on",), grace_days=14, optional=True),
        Paper(name="transcript", label=Text("Betygsutdrag från värden", "The host's transcript"),
            source=LA_GUIDELINES, steps=("receive_transcript",), needs=("transcript_received_on",),
            shows=("transcript", "host_assessment_ends_on"), asked_in=HOME_AGAIN[1:]),
        Paper(name="recognition", label=Text("Beslut om tillgodoräknande", "Decision on recognition"),
            source=Text("Högskoleförordningen 6 kap. 6–8 §§; riktlinjerna: inom fem veckor från betygsutdraget",
                "Higher Education Ordinance ch. 6, 6–8 §§; guidelines: within five weeks of the transcript"),
            steps=("recognise",), needs=("outcomes",), shows=("components",), informed=True,
            before_days=("transcript_received_on",), grace_days=35, asked_in=("recognised",)),
        Paper(name="report", label=Text("Studentrapport", "Student report"),
            source=Text("Bidragsavtalet", "The grant agreement"), needs=("reported_on",), shows=("report",),
            optional=True),
        Paper(name="grant", label=Text("Bidragsavtal och utbetalda dagar", "Grant agreement and days paid"),
            source=Text("Bidragsavtalet", "The grant agreement"), asked_in=FROM_DEPARTURE,
            elsewhere=Text("I ekonomisystemet och diariet", "In the accounts and the registry")),
        Paper(name="originals", label=Text("Handlingarna i original", "The documents themselves"),
            source=Text("Arkivlagen; Erasmushandlingar sparas sju år", "Archives Act; Erasmus papers, seven years"),
            elsewhere=Text("I universitetets diarium", "In the university's registry")),
    ),
)


def declare() -> Workflow:
    """The whole process, for the engine to check and load."""
    return Workflow(
        name="outgoing_exchange", version=1, prefix="OUT",
        label=Text("Utresande utbyte", "Outgoing exchange"),
        purpose=Text(
            "En student söker, rangordnas, nomineras, reser och får sina kurser tillgodoräknade. Ärendets enhet"
            " är studentens heminstitution; avtalets enhet äger platsen.",
            "A student applies, is ranked, nominated, travels and gets credit for the courses. The case's unit"
            " is the student's home department; the agreement's unit owns the place.",
        ),
        facts=ExchangeFacts, title=title, initial="applied",
        opened_by=(*EITHER, Role.OFFICER), corrected_by=(*EITHER, Role.OFFICER),
        states=STATES, transitions=transitions(), deadlines=deadlines(), rules=RULES,
        milestones=MILESTONES, dossier=AUDIT_FOLDER,
        messages=MESSAGES, tells=(Tell("received", Role.STUDENT),), figures=FIGURES,
        links=(Link("agreement", "agreement", required=True),),
        related=(Related("other_lists", "outgoing_exchange", states=("ranked", "reserve")),),
        holds=Holds("agreement", stay), partner=partner_of_agreement,
        # What only a step may write: a correction must not go round the guard that let it through.
        protected=(
            "lent_agreement", "offered_on", "nominated_on", "course_choice_approved_on", "signatures",
            "registered_on", "insurance", "void_certificates", "deviation", "outcomes", "decisions",
        ),
    )


def transitions() -> tuple[Transition, ...]:
    """Every arrow, by phase."""
    return (
        *selection(), *offers(), *nomination(), *learning_agreement(), *registration(),
        *changes_of_stay(), *going(), *coming_home(), *recognition(), *closing(), *reconsidering(),
    )


def selection() -> tuple[Transition, ...]:
    """From the application to a place in the order."""
    return (
        Transition("check_eligibility", Text("Godkänn behörighet", "Confirm eligibility"),
            "applied", "eligible", by=EITHER, form=EligibilityForm, field_guards=(figures_of_the_call_are_met,)),
        Transition("find_not_eligible", Text("Bedöm ej behörig", "Find not eligible"),
            "applied", "not_eligible", by=EITHER,
            form=NotEligibleForm, sets=found_not_eligible, reason_required=True,
            tells=(Tell("not_eligible", Role.STUDENT),)),
        Transition("rank", Text("Rangordna", "Rank"),
            "eligible", "ranked", by=OWNER, form=RankForm),
        # Also after a refusal: the next wish may be a place of yet another unit.
        Transition("lend_place", Text("Låna ut plats", "Lend place"),
            ("ranked", "reserve", "refused_by_partner"), RECORDED, by=OWNER,
            guards=(place_is_of_another_unit,), sets=lent, tells=(Tell("place_lent", Role.COORDINATOR),)),
        Transition("place_on_reserve", Text("Sätt som reserv", "Put on reserve"),
            "ranked", "reserve", by=OWNER,
            form=ReserveForm, guards=(nomination_is_open,), tells=(Tell("on_reserve", Role.STUDENT),)),
    )


def offers() -> tuple[Transition, ...]:
    """The offer and the student's answer."""
    informed = (Tell("place_offered", Role.STUDENT),)
    return (
        Transition("offer", Text("Erbjud plats", "Offer"),
            "ranked", "offered", by=OWNER,
            guards=(place_is_lent, agreement_allows(stay)), sets=offered, tells=informed),
        # The clock: a freed place goes to the next on the list.
        Transition("offer", Text("Erbjud plats", "Offer"),
            "reserve", "offered", by=(*OWNER, Role.CLOCK),
            guards=(nomination_is_open, place_is_lent, agreement_allows(stay)), sets=offered,
            tells=(*informed, Tell("offered_from_reserve", owner(Role.COORDINATOR)))),
        Transition("accept_place", Text("Tacka ja", "Accept"),
            "offered", "place_accepted", by=(Role.STUDENT,),
            guards=(answer_is_in_time,), sets=noting("accepted_on"), tells=told_to_both("place_accepted")),
        Transition("decline", Text("Tacka nej", "Decline"),
            "offered", "declined", by=(Role.STUDENT,), tells=told_to_both("place_declined")),
        Transition("offer_lapsed", Text("Svarstiden har gått ut", "No answer in time"),
            "offered", "declined", by=(Role.CLOCK,),
            tells=(Tell("offer_lapsed", Role.STUDENT), *told_to_both("place_declined"))),
        Transition("leave_other_lists", Text("Lämna andra reservlistor", "Leave other reserve lists"),
            WITH_A_PLACE, RECORDED, by=(Role.CLOCK,),
            follow_ups=(FollowUp("other_lists", "close_without_place",
                            fields=noting(because=Closed.HAS_ANOTHER_PLACE), if_open=True),)),
        Transition("close_without_place", Text("Avsluta utan plats", "Close without place"),
            ("ranked", "reserve", "refused_by_partner"), "not_selected", by=(*EITHER, Role.CLOCK),
            form=ClosingForm, sets=closed_without_place, tells=(Tell("no_place", Role.STUDENT),)),
    )


def nomination() -> tuple[Transition, ...]:
    """To the partner, and the partner's answer."""
    return (
        Transition("nominate", Text("Nominera", "Nominate"),
            "place_accepted", "nominated", by=OWNER,
            guards=(agreement_in_force(stay), nomination_is_open), sets=noting("nominated_on"),
            tells=(Tell("nomination", Role.PARTNER), Tell("nominated", Role.STUDENT),
                   Tell("nominated_borrowed", Role.COORDINATOR, when=is_borrowed))),
        Transition("record_host_acceptance", Text("Antagning hos värd inkommen", "Record acceptance"),
            "nominated", "accepted_by_partner", by=EITHER,
            form=asks(ExchangeFacts, "letter_on", may=("letter", "host_assessment_ends_on")),
            tells=(Tell("host_accepted", Role.STUDENT), *told_to_both("host_accepted_staff"))),
        # This partner needs to hear no more of the student; another has another date.
        Transition("record_host_refusal", Text("Avslag hos värd inkommet", "Record refusal"),
            "nominated", "refused_by_partner", by=EITHER,
            form=asks(ExchangeFacts, may=("host_refusal",)),
            sets=noting(nominated_on=None, nomination_by=None, nomination_zone=None),
            tells=(Tell("host_refused", Role.STUDENT), *told_to_both("host_refused_staff"))),
        # The next wish is another agreement: it is linked first, then offered.
        Transition("reallocate", Text("Erbjud annan plats", "Offer another place"),
            "refused_by_partner", "offered", by=EITHER,
            guards=(place_is_lent, agreement_allows(stay)), sets=offered, tells=(Tell("place_offered", Role.STUDENT),)),
    )


def learning_agreement() -> tuple[Transition, ...]:
    """Course choice, signatures, and what they add up to."""
    signed = Text("Learning Agreement undertecknat", "Learning agreement signed")
    confirmed = Text("Bekräfta studieplan", "Confirm study plan")
    signing = (course_choice_is_approved, all_three_have_signed)
    confirming = (home_approval_is_enough, course_choice_is_approved)
    return (
        Transition("approve_course_choice", Text("Godkänn preliminärt kursval", "Approve course choice"),
            ("place_accepted", "nominated", "accepted_by_partner", "registered"), RECORDED, by=HOME,
            form=asks(ExchangeFacts, may=("course_choice",)), sets=noting("course_choice_approved_on"),
            tells=(Tell("course_choice_approved", Role.STUDENT),)),
        Transition("record_signature", Text("Registrera underskrift", "Record signature"),
            ("accepted_by_partner", "registered"), RECORDED, by=HOME, form=SignatureForm, sets=signature_added),
        Transition("sign_learning_agreement", signed,
            "accepted_by_partner", "learning_agreement_signed", by=HOME, form=NoConflict, guards=signing),
        Transition("sign_learning_agreement", signed,
            "registered", "ready", by=HOME, form=NoConflict, guards=signing),
        Transition("confirm_study_plan", confirmed,
            "accepted_by_partner", "learning_agreement_signed", by=HOME, form=NoConflict, guards=confirming),
        Transition("confirm_study_plan", confirmed,
            "registered", "ready", by=HOME, form=NoConflict, guards=confirming),
    )


def registration() -> tuple[Transition, ...]:
    """Ladok and the insurance that hangs on it."""
    register = Text("Registrera i Ladok", "Register")
    insuring = (is_registered, agreement_in_force(stay), no_advice_against_all_travel)
    insured = (Tell("insurance_issued", Role.STUDENT),)
    return (
        Transition("admit_in_ladok", Text("Anta i Ladok", "Admit in Ladok"),
            ("nominated", "accepted_by_partner"), RECORDED, by=HOME, form=LadokAdmissionForm),
        Transition("register", register,
            "accepted_by_partner", "registered", by=HOME,
            form=RegisterForm, guards=(no_advice_against_all_travel,), field_guards=(departure_figures_are_met,)),
        Transition("register", register,
            "learning_agreement_signed", "ready", by=HOME,
            form=RegisterForm, guards=(no_advice_against_all_travel,), field_guards=(departure_figures_are_met,)),
        Transition("register_late", Text("Registrera i Ladok i efterhand", "Register late"),
            "abroad", RECORDED, by=(Role.OFFICER,), form=LateRegistrationForm, guards=(departed_unregistered,)),
        Transition("issue_insurance", Text("Utfärda försäkringsintyg (Student UT)", "Issue insurance certificate"),
            ("registered", "ready"), RECORDED, by=HOME,
            form=InsuranceForm, guards=insuring, sets=insurance_issued, tells=insured),
        Transition("reissue_insurance", Text("Utfärda nytt försäkringsintyg", "Reissue insurance certificate"),
            "abroad", RECORDED, by=HOME, form=InsuranceForm, guards=insuring, sets=insurance_issued, tells=insured),
    )


def changes_of_stay() -> tuple[Transition, ...]:
    """New dates: agreement, place and insurance are checked again in the same step."""
    informed = (*told_to_all("stay_changed"), Tell("stay_changed_student", Role.STUDENT))
    return (
        Transition("change_term", Text("Byt termin", "Change term"),
            PREPARING, RECORDED, by=(*EITHER, Role.OFFICER),
            form=ChangeTermForm, field_guards=(agreement_allows(new_stay),), sets=stay_changed, tells=informed),
        Transition("extend_stay", Text("Förläng", "Extend"),
            EXTENDABLE, RECORDED, by=(*EITHER, Role.OFFICER),
            form=NewEndForm, guards=(asked_in_time,), field_guards=(ends_later, agreement_allows(new_stay)),
            sets=stay_changed, tells=informed),
        Transition("shorten_stay", Text("Förkorta", "Shorten"),
            EXTENDABLE, RECORDED, by=(*EITHER, Role.OFFICER),
            form=NewEndForm, field_guards=(ends_earlier, agreement_allows(new_stay)), sets=stay_changed,
            tells=informed),
        Transition("note_travel_advice", Text("Notera reseavrådan", "Note travel advice"),
            WITH_A_PLACE, RECORDED, by=(*EITHER, Role.OFFICER),
            form=asks(ExchangeFacts, "travel_advice"), sets=advised,
            tells=(Tell("travel_advice", Role.STUDENT), *told_to_both("travel_advice_staff"))),
    )


def going() -> tuple[Transition, ...]:
    """The stay begins, and may change while it lasts."""
    return (
        Transition("depart", Text("Utbytet har börjat", "Stay begun"),
            "ready", "abroad", by=EITHER, form=asks(ExchangeFacts, "began_on")),
        Transition("depart_with_deviation", Text("Utbytet har börjat, med avvikelse", "Stay begun, with deviation"),
            ("accepted_by_partner", "learning_agreement_signed", "registered"), "abroad", by=(Role.OFFICER,),
            form=asks(ExchangeFacts, "began_on", "deviation"), sets=noting(grant_held=True), reason_required=True,
            tells=told_to_both("departed_with_deviation")),
        Transition("request_change", Text("Begär ändring av Learning Agreement", "Request change"),
            "abroad", RECORDED, by=EITHER,
            form=asks(ExchangeFacts, "change_wanted"), guards=(changes_may_be_asked,),
            sets=noting("change_requested_on", change_agreed_on=None), tells=told_to_all("change_requested")),
        Transition("agree_change", Text("Godkänn ändring", "Agree change"),
            "abroad", RECORDED, by=EITHER,
            guards=(a_change_is_asked,), sets=noting("change_agreed_on"), tells=(Tell("change_agreed", Role.STUDENT),)),
    )


def coming_home() -> tuple[Transition, ...]:
    """The end of the stay, as planned or not, and the host's results."""
    return (
        Transition("confirm_return", Text("Bekräfta hemkomst", "Confirm return"),
            "abroad", "returned", by=EITHER, form=asks(ExchangeFacts, "ended_on", may=("host_assessment_ends_on",))),
        Transition("interrupt", Text("Avbryt utbytet (avbrott)", "Interrupt"),
            "abroad", "returned", by=EITHER,
            form=asks(ExchangeFacts, "ended_on", may=("force_majeure",)), sets=noting(interrupted=True),
            reason_required=True, tells=told_to_all("interrupted")),
        Transition("receive_transcript", Text("Betyg inkomna", "Record transcript"),
            "returned", "transcript_received", by=EITHER,
            form=asks(ExchangeFacts, may=("transcript",)), sets=noting("transcript_received_on"),
            tells=(Tell("apply_for_recognition", Role.STUDENT), Tell("recognition_waits", Role.RECOGNISER))),
        Transition("close_without_results", Text("Avsluta utan resultat", "Close without results"),
            "returned", "completed", by=(Role.OFFICER,),
            reason_required=True, tells=(Tell("closed_without_results", Role.STUDENT),)),
    )


def recognition() -> tuple[Transition, ...]:
    """Tillgodoräknande: a formal decision, component by component."""
    return (
        Transition("apply_for_recognition", Text("Ansökan om tillgodoräknande inkommen", "Record application"),
            "transcript_received", "recognition_pending", by=(Role.STUDENT,),
            form=ComponentsForm, tells=(Tell("recognition_waits", Role.RECOGNISER), *told_to_both("opinion_wanted"))),
        Transition("give_opinion", Text("Lämna yttrande", "Give opinion"),
            "recognition_pending", RECORDED, by=EITHER,
            form=asks(ExchangeFacts, "opinion"), sets=noting("opinion_given_on"),
            tells=(Tell("opinion_given", Role.RECOGNISER),)),
        Transition("recognise", Text("Besluta om tillgodoräknande", "Decide recognition"),
            ("transcript_received", "recognition_pending"), "recognised", by=(Role.RECOGNISER,),
            form=RecognitionForm, field_guards=(every_component_has_an_outcome,), sets=recognised,
            tells=(Tell("recognised", Role.STUDENT),)),
        Transition("file_report", Text("Studentrapport inlämnad", "File report"),
            "recognised", "completed", by=(Role.STUDENT,),
            form=asks(ExchangeFacts, may=("report",)), sets=noting("reported_on")),
    )


def closing() -> tuple[Transition, ...]:
    """Återbud: before the stay has begun."""
    return (
        Transition("withdraw", Text("Registrera återbud", "Withdraw"),
            BEFORE_DEPARTURE, "withdrawn", by=(Role.STUDENT, *EITHER, Role.OFFICER),
            sets=insurance_voided,
            tells=(*told_to_all("withdrawn"), Tell("withdrawn_student", Role.STUDENT),
                   Tell("remove_registration", Role.COORDINATOR, when=has_fact("registered_on")))),
    )


def reconsidering() -> tuple[Transition, ...]:
    """What a decision that is changed leads back to."""
    label = Text("Ompröva", "Reconsider")
    informed = (Tell("reconsidered", Role.STUDENT),)
    return (
        Transition(RECONSIDER, label,
            "completed", "recognition_pending", by=(Role.RECOGNISER,), reason_required=True, tells=informed),
        Transition(RECONSIDER, label,
            "not_eligible", "applied", by=EITHER,
            sets=noting(failed_requirement=None), reason_required=True, tells=informed),
        Transition(RECONSIDER, label,
            "not_selected", "ranked", by=OWNER,
            sets=noting(closed_because=None, reserve_number=None), reason_required=True, tells=informed),
    )


def told_to_both(message: str) -> tuple[Tell, ...]:
    """Tell the home coordinators and, of a borrowed place, also the owner's, whoever acts."""
    return (Tell(message, Role.COORDINATOR), Tell(message, owner(Role.COORDINATOR), when=is_borrowed))


def told_to_all(message: str) -> tuple[Tell, ...]:
    """Tell the coordinators of both units, and the partner once it knows of the student."""
    return (*told_to_both(message), Tell(f"{message}_partner", Role.PARTNER, when=has_fact("nominated_on")))


# What an exchange knows.

AcademicYear = Annotated[str, StringConstraints(pattern=r"^20[0-9]{2}/[0-9]{2}$")]
"""The academic year a place counts in, like 2027/28."""

Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
"""Two letters, ISO 3166-1."""

UtcOffset = Annotated[str, StringConstraints(pattern=r"^UTC[+-](0[0-9]|1[0-4]):[0-5][0-9]$")]
"""A place's distance from universal time on the day in question, like UTC+09:00."""

Share = Annotated[int, Field(ge=0, le=100)]
"""Per cent."""


def several(title: str, least: int = 0) -> Any:
    """Declare a list of at most sixty; empty unless some are asked for."""
    if least:
        return Field(min_length=least, max_length=60, title=title)
    return Field(default=(), max_length=60, title=title)


class TravelAdvice(StrEnum):
    """What the Ministry for Foreign Affairs says of travel to the place of study."""

    NONE = "none"
    AGAINST_NON_ESSENTIAL = "against_non_essential"
    AGAINST_ALL = "against_all"


class Requirement(StrEnum):
    """What an application is measured against."""

    CREDITS = "credits"
    SHARE_PASSED = "share_passed"
    LANGUAGE = "language"
    LEVEL = "level"
    OTHER = "other"


class Closed(StrEnum):
    """Why an application ends without a place."""

    NO_PLACE_LEFT = "no_place_left"
    TIME_RAN_OUT = "time_ran_out"
    HAS_ANOTHER_PLACE = "has_another_place"
    REFUSED_BY_HOST = "refused_by_host"


class DeviationCode(StrEnum):
    """What was not done when the student left."""

    LEARNING_AGREEMENT_UNSIGNED = "learning_agreement_unsigned"
    NOT_REGISTERED = "not_registered"
    NEITHER = "neither"


class Result(StrEnum):
    """What is decided of one component."""

    GRANTED = "granted"
    PARTLY = "partly"
    REFUSED = "refused"


class Signature(Part):
    """One party's signature under the learning agreement."""

    party: Signer = Field(title="Part / Party")
    signed_on: date = Field(title="Undertecknat den / Signed on")


class Course(Part):
    """A course or other part at the host."""

    name: Line = Field(title="Kurs / Component")
    code: Line | None = known("Kod / Code")
    ects: Credits | None = known("Högskolepoäng / ECTS credits")


# A refusal in whole or part needs written reasons; the published schema says so too.
REASONS_SCHEMA: JsonDict = {
    "if": {"properties": {"result": {"const": "granted"}}, "required": ["result"]},
    "else": {"properties": {"reasons": {"type": "string"}}, "required": ["reasons"]},
}


class ComponentOutcome(Part):
    """What is decided of one component (Förvaltningslagen 32 §: reasons where it goes against)."""

    model_config = ConfigDict(json_schema_extra=REASONS_SCHEMA)

    name: Line = Field(title="Kurs / Component")
    result: Result = Field(title="Beslut / Decision")
    ects: Credits | None = known("Tillgodoräknade högskolepoäng / ECTS credits recognised")
    recognised_as: Line | None = known("Tillgodoräknas som / Recognised as")
    reasons: Prose | None = known("Skäl / Reasons")

    @model_validator(mode="after")
    def gives_reasons(self) -> Self:
        """Refuse a refusal, in whole or part, without reasons."""
        if self.result is not Result.GRANTED and self.reasons is None:
            raise ValueError("skriv skäl när något inte beviljas helt / give reasons where it is not granted in full")
        return self


class Certificate(Part):
    """A certificate of Student UT: for one country, from and to with the margin of the terms."""

    number: Line = Field(title="Nummer / Number")
    country: Country = Field(title="Land / Country")
    valid_from: date = Field(title="Gäller från / Valid from")
    valid_to: date = Field(title="Gäller till / Valid to")
    issued_on: date = Field(title="Utfärdat den / Issued on")


class Decision(Part):
    """One decision: who, when, what, how it was told, and whether it can be appealed."""

    kind: Literal["recognition", "not_eligible", "no_place"] = Field(title="Slag / Kind")
    decided_on: date = Field(title="Beslutat den / Decided on")
    decided_by: Line | None = known("Beslutat av / Decided by")
    presented_by: Line | None = known("Föredragande / Presented by")
    outcome: Prose = Field(title="Utfall / Outcome")
    reasons: Prose | None = known("Skäl / Reasons")
    told_on: date | None = known("Meddelat den / Told on")
    told_how: Line | None = known("Meddelat genom / Told by")
    appealable: bool = Field(default=False, title="Kan överklagas / Can be appealed")
    appeal_text: Prose | None = known("Hur man överklagar / How to appeal")


class ExchangeFacts(Facts):
    """Only the stay must be known to apply; the rest comes with the steps. Days are local."""

    stay_from: date = Field(title="Första dag hos värden / First day at the host")
    stay_to: date = Field(title="Sista dag hos värden / Last day at the host")
    academic_year: AcademicYear = Field(title="Läsår / Academic year")
    semesters: Literal[1, 2] = Field(title="Antal terminer / Semesters")
    level: Level = Field(title="Nivå / Level")
    field: FieldCode | None = known("Ämne, ISCED-F / Field, ISCED-F")
    second_term_from: date | None = known("Andra terminen börjar / Second term begins")
    host: Line | None = known("Värduniversitet / Host university")
    host_country: Country | None = known("Värdland / Host country")

    call_closes_on: date | None = known("Utlysningen stänger / Call closes")
    credits_required: Credits | None = known("Utlysningens poängkrav / Credits the call requires")
    share_required: Share | None = known("Utlysningens krav på andel, % / Share the call requires, %")
    language_required: Proficiency | None = known("Språkkrav / Language required")
    level_required: Level | None = known("Nivå som krävs / Level required")
    credits: Credits | None = known("Högskolepoäng vid ansökan / ECTS credits at application")
    share_passed: Share | None = known("Andel avklarade poäng, % / Share passed, %")
    language_level: Proficiency | None = known("Språknivå / Language level")
    wishes: tuple[Line, ...] = several("Önskemål i ordning / Wishes in order")
    failed_requirement: Requirement | None = known("Krav som inte är uppfyllt / Failed requirement")

    points: int | None = Field(default=None, ge=0, le=10_000, title="Poäng / Points")
    tie_break: Line | None = known("Särskiljning / Tie-break")
    reserve_number: int | None = Field(default=None, ge=1, le=999, title="Reservnummer / Reserve number")
    lent_agreement: Identifier | None = known("Plats utlånad under avtal / Place lent under agreement")
    offered_on: date | None = known("Erbjuden den / Offered on")
    answer_offer_by: date | None = known("Svara senast / Answer by")
    accepted_on: date | None = known("Tackade ja den / Accepted on")
    closed_because: Closed | None = known("Varför ingen plats / Why no place")

    nomination_by: date | None = known("Partnerns nomineringsdatum / Partner's nomination date")
    nomination_zone: UtcOffset | None = known("Partnerns tidszon / Partner's time zone")
    nominated_on: date | None = known("Nominerad den / Nominated on")
    letter_on: date | None = known("Antagningsbrevets datum / Date of the letter of acceptance")
    letter: Line | None = known("Antagningsbrev, dokument / Letter of acceptance, document")
    host_assessment_ends_on: date | None = known("Värdens examinationsperiod slutar / Host's assessment ends")
    host_refusal: Prose | None = known("Värdens skäl / The host's reasons")

    course_choice: tuple[Course, ...] = several("Kursval / Course choice")
    course_choice_approved_on: date | None = known("Kursval godkänt den / Course choice approved on")
    signatures: tuple[Signature, ...] = several("Underskrifter / Signatures")
    ladok_admitted_on: date | None = known("Antagen i Ladok den / Admitted in Ladok on")
    registered_on: date | None = known("Registrerad i Ladok den / Registered in Ladok on")
    departure_credits: Credits | None = known("Högskolepoäng före avresa / ECTS credits before departure")
    departure_share_passed: Share | None = known("Andel avklarade före avresa, % / Share passed before departure, %")
    travel_advice: TravelAdvice = Field(default=TravelAdvice.NONE, title="UD:s reseavrådan / Travel advice")
    travel_advised_on: date | None = known("Avrådan från / Advised since")
    insurance: Certificate | None = known("Gällande försäkringsintyg / Valid insurance certificate")
    void_certificates: tuple[Certificate, ...] = several("Ogiltiga intyg / Void certificates")

    began_on: date | None = known("Började den / Began on")
    deviation: DeviationCode | None = known("Avvikelse / Deviation")
    grant_held: bool = Field(default=False, title="Stipendiet hålls inne / Grant held")
    change_wanted: Prose | None = known("Begärd ändring / Change requested")
    change_requested_on: date | None = known("Ändring begärd den / Change requested on")
    change_agreed_on: date | None = known("Ändring godkänd den / Change agreed on")
    ended_on: date | None = known("Sista dag / Last day")
    interrupted: bool = Field(default=False, title="Avbrott / Interrupted")
    force_majeure: bool = Field(default=False, title="Force majeure / Force majeure")

    transcript_received_on: date | None = known("Betyg inkomna den / Transcript received on")
    transcript: Line | None = known("Betygsutdrag, dokument / Transcript, document")
    components: tuple[Course, ...] = several("Söks tillgodoräknande för / Components applied for")
    opinion: Prose | None = known("Yttrande / Opinion")
    opinion_given_on: date | None = known("Yttrande lämnat den / Opinion given on")
    outcomes: tuple[ComponentOutcome, ...] = several("Beslut per kurs / Decision per component")
    reported_on: date | None = known("Rapport inlämnad den / Report filed on")
    report: Line | None = known("Rapport, dokument / Report, document")
    decisions: tuple[Decision, ...] = several("Beslut / Decisions")

    @model_validator(mode="after")
    def ends_after_it_begins(self) -> Self:
        """Refuse a stay that ends before it begins."""
        in_order(self.stay_from, self.stay_to)
        return self


AnyExchange: TypeAlias = View[ExchangeFacts, Any]


def in_order(first: date, last: date) -> None:
    """Refuse dates in the wrong order with a ValueError."""
    if last < first:
        raise ValueError("vistelsen slutar innan den börjar / the stay ends before it begins")


# What the steps ask for.


class EligibilityForm(NoConflict):
    """A preliminary check. Figures already known need not be sent again."""

    checked_against_the_call: Literal[True] = Field(
        title="Poäng, andel, språk och nivå är prövade mot utlysningen"
        " / Credits, share, language and level are checked against the call"
    )
    credits: Credits | None = known("Högskolepoäng vid ansökan / ECTS credits at application")
    share_passed: Share | None = known("Andel avklarade poäng, % / Share passed, %")
    language_level: Proficiency | None = known("Språknivå / Language level")


class NotEligibleForm(DecisionForm):
    """Which requirement is not met; why stands in the written reason."""

    failed_requirement: Requirement = Field(title="Krav som inte är uppfyllt / Failed requirement")


class PartnersDate(Form):
    """The partner's nomination date, where it is not known yet."""

    nomination_by: date | None = known("Partnerns nomineringsdatum / Partner's nomination date")
    nomination_zone: UtcOffset | None = known("Partnerns tidszon / Partner's time zone")


class RankForm(NoConflict, PartnersDate):
    """Points, and what parted the student from others with the same."""

    points: int = Field(ge=0, le=10_000, title="Poäng / Points")
    tie_break: Line | None = known("Särskiljning / Tie-break")


class ReserveForm(PartnersDate):
    """The number on the list: the lowest is offered the first place that is freed."""

    reserve_number: int = Field(ge=1, le=999, title="Reservnummer / Reserve number")


class ClosingForm(Form):
    """A refusal of a place. Nothing is required: the clock takes this step too."""

    because: Closed | None = known("Varför ingen plats / Why no place")
    reasons: Prose | None = known("Skäl / Reasons")
    presented_by: Line | None = known("Föredragande / Presented by")
    told_on: date | None = known("Meddelat den / Told on")
    told_how: Line | None = known("Meddelat genom / Told by")


class SignatureForm(Signature, Form):
    """Which of the three parties has signed, and when."""


class LadokAdmissionForm(Form):
    """Admission in Ladok, for which agreement and occasion must exist there."""

    ladok_admitted_on: date = Field(title="Antagen i Ladok den / Admitted in Ladok on")
    agreement_and_occasion_exist: Literal[True] = Field(
        title="Avtal och avtalstillfälle finns i Ladok / Agreement and occasion exist in Ladok"
    )


class LateRegistrationForm(Form):
    """The day of the registration in Ladok."""

    registered_on: date = Field(title="Registrerad i Ladok den / Registered in Ladok on")


class RegisterForm(LateRegistrationForm):
    """The registration, with the figures as they are before departure."""

    checked_again: Literal[True] = Field(
        title="Poäng och andel är prövade på nytt / Credits and share are checked again"
    )
    departure_credits: Credits | None = known("Högskolepoäng före avresa / ECTS credits before departure")
    departure_share_passed: Share | None = known("Andel avklarade före avresa, % / Share passed before departure, %")


class InsuranceForm(Form):
    """The only country the certificate is for."""

    host_country: Country = Field(title="Land, två bokstäver / Country, two letters")


class NewEndForm(Form):
    """The new last day, and how many semesters the stay then counts."""

    stay_to: date = Field(title="Ny sista dag / New last day")
    semesters: Literal[1, 2] = Field(title="Antal terminer / Semesters")


class ChangeTermForm(PartnersDate):
    """The stay in its new term."""

    stay_from: date = Field(title="Ny första dag / New first day")
    stay_to: date = Field(title="Ny sista dag / New last day")
    academic_year: AcademicYear = Field(title="Läsår / Academic year")
    semesters: Literal[1, 2] = Field(title="Antal terminer / Semesters")

    @model_validator(mode="after")
    def ends_after_it_begins(self) -> Self:
        """Refuse a stay that ends before it begins."""
        in_order(self.stay_from, self.stay_to)
        return self


class ComponentsForm(Form):
    """What the student wants recognised."""

    components: tuple[Course, ...] = several("Söks tillgodoräknande för / Components applied for", least=1)


class RecognitionForm(DecisionForm):
    """The decision, component by component."""

    outcomes: tuple[ComponentOutcome, ...] = several("Beslut per kurs / Decision per component", least=1)


# Days.

STOCKHOLM = ZoneInfo("Europe/Stockholm")
AUTUMN_FROM_MONTH = 7  # A stay that begins in July or later is one of the autumn term.


def application_day(view: AnyExchange) -> date:
    """Give the last day to check an application: working days from when the call closed."""
    closed = view.facts.call_closes_on
    begins = max(closed, view.opened_on) if closed else view.opened_on
    return view.calendar.add_working_days(begins, view.figure("application_working_days"))


def partners_day(view: AnyExchange) -> date | None:
    """Give the partner's date: the case's own, else the agreement's for the term, else None."""
    if view.facts.nomination_by is not None:
        return view.facts.nomination_by
    autumn = view.facts.stay_from.month >= AUTUMN_FROM_MONTH
    yearly = agreement_fact(view, "nomination_autumn" if autumn else "nomination_spring")
    return None if yearly is None else last_before(yearly, view.facts.stay_from)


def last_nomination_day(view: AnyExchange) -> date | None:
    """Give the last local day that begins before the partner's day is over, or None if not known.

    The partner's day ends at midnight in its own zone, our own where none is given: with a
    partner in Tokyo in the afternoon here, with one in Honolulu only the day after.
    """
    partners = partners_day(view)
    if partners is None:
        return None
    day = min(max(partners, date(2, 1, 1)), date(9998, 12, 31))
    zone = STOCKHOLM if view.facts.nomination_zone is None else zone_of(view.facts.nomination_zone)
    ends = datetime.combine(days_from(day, 1), time.min, tzinfo=zone)
    return (ends.astimezone(UTC) - timedelta(seconds=1)).astimezone(STOCKHOLM).date()


def zone_of(offset: str) -> timezone:
    """Read a distance like UTC-09:30."""
    hours, minutes = (int(part) for part in offset[4:].split(":"))
    distance = timedelta(hours=hours, minutes=minutes)
    return timezone(-distance if offset[3] == "-" else distance)


def nomination_day(view: AnyExchange) -> date:
    """Give the partner's date; while it is not known, the last day before the stay."""
    return last_nomination_day(view) or days_from(view.facts.stay_from, -1)


def last_day_for_a_place(view: AnyExchange) -> date:
    """Give the day an application waits for a place: on the reserve list until nominations close.

    Whoever is ranked, or was refused by one host, may still get another place until the
    stay would begin.
    """
    return nomination_day(view) if view.state == "reserve" else days_from(view.facts.stay_from, -1)


def last_answer_day(view: AnyExchange) -> date:
    """Count the answer days from today: so many days, at least so many that work, not ending closed."""
    days = days_from(view.today, view.figure("offer_days"))
    working = view.calendar.add_working_days(view.today, view.figure("offer_working_days"))
    return view.calendar.next_working_day(max(days, working))


def change_day(view: AnyExchange) -> date | None:
    """Give the day by which a change that was asked for is to be agreed."""
    asked = view.facts.change_requested_on
    if asked is None or view.facts.change_agreed_on is not None:
        return None
    return days_from(asked, view.figure("change_agreed_days"))


def leave_country_day(view: AnyExchange) -> date | None:
    """Give the day until which the insurance covers who must leave after advice against all travel."""
    advised = view.facts.travel_advised_on
    if advised is None or view.facts.travel_advice is not TravelAdvice.AGAINST_ALL:
        return None
    return days_from(advised, view.figure("leave_country_days"))


# The agreement, and whose place it is.


def stay(view: AnyExchange) -> Stay:
    """Give the stay as the agreement needs to know it."""
    facts = view.facts
    return Stay(
        direction=Direction.OUTGOING, starts_on=facts.stay_from, ends_on=facts.stay_to,
        academic_year=facts.academic_year, semesters=facts.semesters, level=facts.level, field=facts.field,
    )


def new_stay(view: AnyExchange) -> Stay:
    """Give the stay as the fields would make it."""
    parts = set(Stay.model_fields)
    names = {"stay_from": "starts_on", "stay_to": "ends_on"}
    sent = {names.get(name, name): getattr(view.fields, name) for name in type(view.fields).model_fields}
    return stay(view).model_copy(update={name: value for name, value in sent.items() if name in parts})


def is_borrowed(view: AnyExchange) -> bool:
    """Tell whether the place belongs to another unit than the student's own."""
    agreement = view.linked("agreement")
    return agreement is not None and agreement.unit != view.unit


def three_sign(view: AnyExchange) -> bool:
    """Tell whether a learning agreement is signed by three: it promises recognition in five weeks."""
    return bool(agreement_fact(view, "study_plan") == "three_party")


def place_is_of_another_unit(view: AnyExchange) -> Answer:
    return yes_if(is_borrowed(view), "own_place", "Platsen är enhetens egen.", "The place is the unit's own.")


def place_is_lent(view: AnyExchange) -> Answer:
    """Refuse to offer a borrowed place before its owner has lent it under this very agreement."""
    agreement = view.linked("agreement")
    if agreement is None or not is_borrowed(view):
        return YES
    return yes_if(view.facts.lent_agreement == agreement.id, "place_not_lent",
        f"Platsen tillhör {agreement.unit}, som först måste låna ut den.",
        f"The place belongs to {agreement.unit}, which must lend it first.", who_can=Role.COORDINATOR)


# Conditions on the student, the dates and the papers.

NOT_ENOUGH = {"credits": ("högskolepoäng", "ECTS credits"), "share": ("procent avklarat", "per cent passed")}


def falls_short(view: AnyExchange, what: str, has: Decimal | int | None) -> Answer:
    """Measure a figure against the call's, else the unit's. One that is not known is not measured."""
    of_the_call, (sv, en) = getattr(view.facts, f"{what}_required"), NOT_ENOUGH[what]
    required = view.figure(f"{what}_required") if of_the_call is None else of_the_call
    return yes_if(has is None or has >= required, f"too_low_{what}",
        f"{has} {sv}; det krävs minst {required}.", f"{has} {en}; at least {required} are required.")


def figures_of_the_call_are_met(view: View[ExchangeFacts, EligibilityForm]) -> Answer:
    """Measure credits, share, language and level, as sent now or known before."""
    facts, sent = view.facts, view.fields
    measured = (
        falls_short(view, "credits", facts.credits if sent.credits is None else sent.credits),
        falls_short(view, "share", facts.share_passed if sent.share_passed is None else sent.share_passed),
        language_is_enough(facts.language_required, sent.language_level or facts.language_level),
        level_is_right(facts),
    )
    return next((answer for answer in measured if answer is not YES), YES)


def language_is_enough(required: Proficiency | None, level: Proficiency | None) -> Answer:
    """Compare levels, where both are known."""
    return yes_if(required is None or level is None or level >= required, "too_low_language",
        f"Språknivån är {level}; det krävs {required}.", f"The language level is {level}; {required} is required.")


def level_is_right(facts: ExchangeFacts) -> Answer:
    """Compare the cycle of study with the call's, where it names one."""
    return yes_if(facts.level_required in (None, facts.level), "wrong_level",
        f"Utlysningen gäller nivån {facts.level_required}.", f"The call is for the level {facts.level_required}.")


def departure_figures_are_met(view: View[ExchangeFacts, RegisterForm]) -> Answer:
    answer = falls_short(view, "credits", view.fields.departure_credits)
    return falls_short(view, "share", view.fields.departure_share_passed) if answer is YES else answer


def answer_is_in_time(view: AnyExchange) -> Answer:
    last = view.facts.answer_offer_by
    return yes_if(last is None or view.today <= view.calendar.next_working_day(last), "offer_has_lapsed",
        f"Svarstiden gick ut {last}.", f"The time to answer ended on {last}.")


def nomination_is_open(view: AnyExchange) -> Answer:
    """Refuse what comes after the partner's date; a date not known refuses nothing."""
    last = last_nomination_day(view)
    return yes_if(last is None or view.today <= last, "nomination_closed",
        f"Partnerns nomineringsdatum var {last}. Har partnern gett längre tid: rätta datumet.",
        f"The partner's nomination date was {last}. If it has given more time, correct the date.",
        who_can=Role.COORDINATOR)


def course_choice_is_approved(view: AnyExchange) -> Answer:
    return yes_if(view.facts.course_choice_approved_on is not None, "course_choice_not_approved",
        "Kursvalet är inte godkänt av heminstitutionen.", "The course choice is not approved by the home department.",
        who_can=Role.COORDINATOR)


def all_three_have_signed(view: AnyExchange) -> Answer:
    missing = missing_signers(each.party for each in view.facts.signatures)
    return yes_if(not missing.sv, "signatures_missing",
        f"Underskrift saknas: {missing.sv}.", f"Signature missing: {missing.en}.")


def home_approval_is_enough(view: AnyExchange) -> Answer:
    return yes_if(agreement_fact(view, "study_plan") == "home_approval", "learning_agreement_required",
        "Avtalet kräver ett Learning Agreement med tre underskrifter.",
        "The agreement requires a learning agreement with three signatures.")


def is_registered(view: AnyExchange) -> Answer:
    return yes_if(view.facts.registered_on is not None, "not_registered",
        "Studenten är inte registrerad i Ladok, så försäkringen gäller inte.",
        "The student is not registered in Ladok, so the insurance does not hold.", who_can=Role.OFFICER)


def no_advice_against_all_travel(view: AnyExchange) -> Answer:
    """Refuse while the ministry advises against all travel: Student UT does not hold there."""
    return yes_if(view.facts.travel_advice is not TravelAdvice.AGAINST_ALL, "advice_against_all_travel",
        "UD avråder från alla resor till platsen.",
        "The Ministry for Foreign Affairs advises against all travel there.")


def departed_unregistered(view: AnyExchange) -> Answer:
    return yes_if(view.facts.deviation is not None and view.facts.registered_on is None, "registered_or_no_deviation",
        "Gäller bara den som rest med avvikelse och inte är registrerad.",
        "Only for who left with a deviation and is not registered.")


def certificate_is_missing(view: AnyExchange) -> bool:
    """Tell whether a registered student has no certificate that fits the stay as it is now."""
    facts = view.facts
    if facts.registered_on is None or facts.travel_advice is TravelAdvice.AGAINST_ALL:
        return False
    return facts.insurance is None or (facts.insurance.valid_from, facts.insurance.valid_to) != insured_days(view)


def insured_days(view: AnyExchange) -> tuple[date, date]:
    """Give first and last day of the insurance: the stay with the margin of the terms."""
    margin = view.figure("insurance_margin_days")
    return days_from(view.facts.stay_from, -margin), days_from(view.facts.stay_to, margin)


def asked_in_time(view: AnyExchange) -> Answer:
    """Refuse an extension asked for later than a month before the end."""
    last = months_from(view.facts.stay_to, -view.figure("extension_months_before"))
    return yes_if(view.today <= last, "extension_asked_late",
        f"Förlängning skulle ha begärts senast {last}.", f"An extension was to be asked for by {last}.")


def ends_later(view: View[ExchangeFacts, NewEndForm]) -> Answer:
    return yes_if(view.fields.stay_to > view.facts.stay_to, "not_an_extension",
        f"En förlängning slutar efter {view.facts.stay_to}.", f"An extension ends after {view.facts.stay_to}.")


def ends_earlier(view: View[ExchangeFacts, NewEndForm]) -> Answer:
    return yes_if(view.facts.stay_from <= view.fields.stay_to < view.facts.stay_to, "not_a_shortening",
        f"Den nya sista dagen ska ligga mellan {view.facts.stay_from} och {view.facts.stay_to}.",
        f"The new last day must lie between {view.facts.stay_from} and {view.facts.stay_to}.")


def changes_may_be_asked(view: AnyExchange) -> Answer:
    """Refuse a change asked for later than so many weeks after a term began."""
    begun = view.facts.began_on or view.facts.stay_from
    second = view.facts.second_term_from
    last = days_from(begun, 7 * view.figure("change_weeks"))
    if second is not None and view.today >= second:
        last = max(last, days_from(second, 7 * view.figure("change_weeks")))
    return yes_if(view.today <= last, "change_asked_late",
        f"Ändringar skulle ha begärts senast {last}.", f"Changes were to be asked for by {last}.",
        from_date=second if second is not None and second > view.today else None)


def a_change_is_asked(view: AnyExchange) -> Answer:
    return yes_if(view.facts.change_requested_on is not None and view.facts.change_agreed_on is None, "no_change_asked",
        "Ingen ändring är begärd.", "No change has been asked for.")


def every_component_has_an_outcome(view: View[ExchangeFacts, RecognitionForm]) -> Answer:
    """Ask for as many outcomes as components were applied for."""
    wanted, decided = len(view.facts.components), len(view.fields.outcomes)
    return yes_if(decided >= wanted, "outcome_missing",
        f"Ansökan gäller {wanted} kurser; beslutet tar upp {decided}.",
        f"The application has {wanted} components; the decision covers {decided}.")


# What the steps set.


def found_not_eligible(view: View[ExchangeFacts, NotEligibleForm]) -> Mapping[str, object]:
    return decided(view, "not_eligible", f"ej behörig / not eligible: {view.fields.failed_requirement}")


def lent(view: AnyExchange) -> Mapping[str, object]:
    """Remember under which agreement the place is lent: another link is another place."""
    agreement = view.linked("agreement")
    return {"lent_agreement": None if agreement is None else agreement.id}


def offered(view: AnyExchange) -> Mapping[str, object]:
    """Set the answer day. What another host has said does not concern this place."""
    no_longer = dict.fromkeys(("accepted_on", "letter_on", "letter", "host_assessment_ends_on"))
    return {**no_longer, "offered_on": view.today, "answer_offer_by": last_answer_day(view)}


def closed_without_place(view: View[ExchangeFacts, ClosingForm]) -> Mapping[str, object]:
    """Note the decision, with a reason also where nobody wrote one."""
    because = view.fields.because
    if because is None and view.actor.role is Role.CLOCK:
        because = Closed.TIME_RAN_OUT
    elif because is None:
        because = Closed.REFUSED_BY_HOST if view.state == "refused_by_partner" else Closed.NO_PLACE_LEFT
    outcome = f"ingen plats / no place: {because}"
    return {"closed_because": because, **decided(view, "no_place", outcome, view.fields.reasons)}


def signature_added(view: View[ExchangeFacts, SignatureForm]) -> Mapping[str, object]:
    """Add the signature; a party that signs anew replaces what it signed before."""
    new = Signature(party=view.fields.party, signed_on=view.fields.signed_on)
    return {"signatures": (*(old for old in view.facts.signatures if old.party is not new.party), new)}


def insurance_voided(view: AnyExchange) -> Mapping[str, object]:
    """Make the certificate void, where there is one."""
    facts = view.facts
    if facts.insurance is None:
        return {}
    return {"insurance": None, "void_certificates": (*facts.void_certificates[-59:], facts.insurance)}


def insurance_issued(view: View[ExchangeFacts, InsuranceForm]) -> Mapping[str, object]:
    """Write a new certificate; the one before is void."""
    voided, (valid_from, valid_to) = insurance_voided(view), insured_days(view)
    nth = len(view.facts.void_certificates) + (2 if voided else 1)
    new = Certificate(
        number=f"{view.number}/{nth}", country=view.fields.host_country,
        valid_from=valid_from, valid_to=valid_to, issued_on=view.today,
    )
    return {**voided, "insurance": new}


def stay_changed(view: AnyExchange) -> Mapping[str, object]:
    """Make the certificate void if the days it was written for are no longer the stay's."""
    before, now = stay(view), new_stay(view)
    same = (before.starts_on, before.ends_on) == (now.starts_on, now.ends_on)
    moved: dict[str, object] = {} if same else dict(insurance_voided(view))
    # A stay in another term has other terms within it, and another period of assessment.
    if before.starts_on != now.starts_on:
        moved |= {"second_term_from": None, "host_assessment_ends_on": None}
    return moved


def advised(view: AnyExchange) -> Mapping[str, object]:
    """Note since when. Advice that only repeats what was known does not begin anew."""
    if view.fields.travel_advice is view.facts.travel_advice:
        return {}
    lifted = view.fields.travel_advice is TravelAdvice.NONE
    return {"travel_advised_on": None if lifted else view.today}


def recognised(view: View[ExchangeFacts, RecognitionForm]) -> Mapping[str, object]:
    """Note the decision; what was decided of each component stands beside it."""
    counts = {result: sum(each.result is result for each in view.fields.outcomes) for result in Result}
    return decided(view, "recognition", ", ".join(f"{result}: {number}" for result, number in counts.items()))


def decided(view: AnyExchange, kind: str, outcome: str, reasons: str | None = None) -> Mapping[str, object]:
    """Add one decision to the list, with the setting's word on appeal."""
    new = Decision.model_validate({
        "kind": kind, "outcome": outcome, "reasons": reasons,
        "decided_on": view.today, "decided_by": view.actor.person, "presented_by": view.fields.presented_by,
        "appealable": bool(view.figure(f"{kind}_appealable")),
        "appeal_text": view.figure(f"{kind}_appeal_text") or None, **told(view),
    })
    return {"decisions": (*view.facts.decisions[-59:], new)}


def title(view: AnyExchange) -> str:
    """Name the case by host, year and days, never by the student."""
    host = view.facts.host or agreement_fact(view, "partner_name")
    days = f"{view.facts.academic_year} ({view.facts.stay_from} – {view.facts.stay_to})"
    return f"{host}, {days}" if host else days


MESSAGES = (
    # To the student.
    letter("received", "Din ansökan om utbytesstudier", "Your application for exchange studies",
        "vi har tagit emot din ansökan: {title}. Du får besked när den är prövad.",
        "we have received your application: {title}. You will hear from us when it has been checked."),
    letter("not_eligible", "Beslut om din ansökan: {title}", "Decision on your application: {title}",
        "du uppfyller inte kraven för {title}.\n\nMotivering: {reason}\n\nFråga oss om du vill veta mer om beslutet.",
        "you do not meet the requirements of {title}.\n\nReason: {reason}\n\nAsk us if you wish to know more."),
    letter("on_reserve", "Du är reserv: {title}", "You are on the reserve list: {title}",
        "du står på reservlistan för {title}. Blir en plats ledig i tid erbjuds den i listans ordning.",
        "you are on the reserve list for {title}. A place freed in time is offered in the order of the list."),
    letter("place_offered", "Svara senast {due_on}: plats på {title}", "Answer by {due_on}: a place, {title}",
        "du erbjuds en plats: {title}. Svara ja eller nej senast {due_on}. Utan svar i tid går platsen vidare.",
        "you are offered a place: {title}. Answer yes or no by {due_on}. Without an answer in time it goes on."),
    letter("offer_reminder", "Påminnelse: svara senast {due_on}", "Reminder: answer by {due_on}",
        "vi väntar på ditt svar om platsen {title}. Svara senast {due_on}, annars går den vidare.",
        "we are waiting for your answer about the place {title}. Answer by {due_on}, or it goes to another."),
    letter("offer_lapsed", "Svarstiden har gått ut: {title}", "The time to answer has ended: {title}",
        "vi fick inget svar i tid om platsen {title}, så den går vidare till en annan student.",
        "we had no answer in time about the place {title}, so it goes to another student."),
    letter("no_place", "Beslut: ingen plats, {title}", "Decision: no place, {title}",
        "din ansökan om {title} är avslutad utan plats. Har du tackat ja till en annan plats gäller den.",
        "your application for {title} is closed without a place. A place you have accepted elsewhere is yours."),
    letter("nominated", "Du är nominerad: {title}", "You are nominated: {title}",
        "du är nominerad till {partner}. Värduniversitetet hör av sig om din ansökan dit.",
        "you are nominated to {partner}. The host university will write to you about your application there."),
    letter("host_accepted", "Antagen av {partner}", "Accepted by {partner}",
        "{partner} har antagit dig. Nu återstår kursval, Learning Agreement eller studieplan och Ladok.",
        "{partner} has accepted you. Course choice, learning agreement or study plan and Ladok remain."),
    letter("host_refused", "Besked från {partner}", "Answer from {partner}",
        "{partner} har inte antagit dig. Vi ser efter om det finns en annan plats och hör av oss.",
        "{partner} has not accepted you. We are looking for another place and will be in touch."),
    letter("course_choice_approved", "Ditt kursval är godkänt", "Your course choice is approved",
        "ditt preliminära kursval för {title} är godkänt. Säg till om du behöver ändra det.",
        "your preliminary course choice for {title} is approved. Tell us if you need to change it."),
    letter("learning_agreement_reminder",
        "Learning Agreement klart senast {due_on}: {title}", "Learning agreement due {due_on}: {title}",
        "Learning Agreement eller studieplan för {title} ska vara klar senast {due_on}, före avresan.",
        "the learning agreement or study plan for {title} must be ready by {due_on}, before departure."),
    letter("insurance_issued", "Försäkringsintyg, Student UT", "Insurance certificate, Student UT",
        "ett försäkringsintyg (Student UT) är utfärdat för {title}. Ett äldre intyg gäller inte längre.",
        "an insurance certificate (Student UT) is issued for {title}. An older certificate is no longer valid."),
    letter("stay_changed_student", "Nya datum: {title}", "New dates: {title}",
        "ditt utbyte har nya datum: {title}. Ett försäkringsintyg för de gamla datumen gäller inte längre.",
        "your exchange has new dates: {title}. An insurance certificate for the old dates is no longer valid."),
    letter("travel_advice", "Reseavrådan: {title}", "Travel advice: {title}",
        "UD:s reseavrådan för din studieort har ändrats. Läs på ud.se och svara oss om du är på plats.",
        "the travel advice for your place of study has changed. Read it, and tell us if you are there."),
    letter("leave_country", "Lämna landet senast {due_on}", "Leave the country by {due_on}",
        "UD avråder från alla resor dit du är. Försäkringen gäller bara till och med {due_on}. Hör av dig till oss.",
        "all travel to where you are is advised against. The insurance holds only until {due_on}. Contact us."),
    letter("change_agreed", "Ändringen är godkänd", "The change is agreed",
        "ändringen av ditt Learning Agreement för {title} är godkänd.",
        "the change of your learning agreement for {title} is agreed."),
    letter("return_reminder", "Är du hemma? {title}", "Are you home? {title}",
        "ditt utbyte tar slut. Skicka värdens närvarointyg till oss senast {due_on}.",
        "your exchange is ending. Send us the host's certificate of attendance by {due_on}."),
    letter("apply_for_recognition", "Ansök om tillgodoräknande", "Apply for recognition",
        "dina betyg från {partner} har kommit. Ansök nu om att få kurserna tillgodoräknade.",
        "your results from {partner} have come. Apply now to have the courses recognised."),
    letter("recognised", "Beslut om tillgodoräknande", "Decision on recognition",
        "vi har beslutat om tillgodoräknande för {title}. Beslutet, skälen och hur du överklagar skickas till dig."
        " Lämna din studentrapport senast {due_on}.",
        "we have decided on recognition for {title}. The decision, its reasons and how to appeal are sent to you."
        " File your student report by {due_on}."),
    letter("report_reminder", "Studentrapport senast {due_on}", "Student report due {due_on}",
        "lämna din studentrapport om {title} senast {due_on}, så kan vi avsluta ärendet.",
        "file your student report on {title} by {due_on}, so that we can close the case."),
    letter("closed_without_results", "Ditt utbyte är avslutat", "Your exchange is closed",
        "ärendet {title} är avslutat utan resultat.\n\nMotivering: {reason}",
        "the case {title} is closed without results.\n\nReason: {reason}"),
    letter("withdrawn_student", "Återbud registrerat: {title}", "Withdrawal recorded: {title}",
        "återbudet för {title} är registrerat. Ett försäkringsintyg gäller inte längre.",
        "the withdrawal from {title} is recorded. An insurance certificate is no longer valid."),
    letter("reconsidered", "Beslutet omprövas: {title}", "The decision is reconsidered: {title}",
        "beslutet om {title} ska omprövas.\n\nMotivering: {reason}",
        "the decision on {title} is to be reconsidered.\n\nReason: {reason}"),
    # To the partner.
    letter("nomination", "Nominering {number}: {title}", "Nomination {number}: {title}",
        "vi nominerar en student till er: {title}. Uppgifterna sänds enligt era anvisningar.",
        "we nominate a student to you: {title}. The particulars are sent as your instructions say."),
    letter("host_chase", "Väntar på besked: {number}", "Waiting for your answer: {number}",
        "vi väntar på besked om den nominerade studenten i {title}.",
        "we are waiting for the decision on the nominated student in {title}."),
    letter("stay_changed_partner", "Nya datum: {number}", "New dates: {number}",
        "den nominerade studentens vistelse har nya datum: {title}.",
        "the stay of the nominated student has new dates: {title}."),
    letter("change_requested_partner", "Ändring av Learning Agreement: {number}", "Change requested: {number}",
        "studenten ber om en ändring av sitt Learning Agreement ({title}). Svara senast {due_on}.",
        "the student asks for a change of the learning agreement ({title}). Please answer by {due_on}."),
    letter("interrupted_partner", "Avbrott: {number}", "Interruption: {number}",
        "studenten i {title} har avbrutit sin vistelse hos er. Sänd de resultat som finns.",
        "the student in {title} has broken off the stay with you. Please send what results there are."),
    letter("withdrawn_partner", "Återbud: {number}", "Withdrawal: {number}",
        "den nominerade studenten i {title} har lämnat återbud och kommer inte.",
        "the nominated student in {title} has withdrawn and will not come."),
    letter("transcript_chase", "Betygsutdrag saknas: {number}", "Transcript missing: {number}",
        "betygsutdraget från {partner} för {title} har inte kommit.",
        "the transcript from {partner} for {title} has not come."),
    # To staff, of one unit or both.
    message("place_lent", "Plats utlånad: {title}", "Place lent: {title}",
        "Avtalets enhet lånar ut en plats till studenten i {number}, {title}.",
        "The agreement's unit lends a place to the student in {number}, {title}."),
    message("offered_from_reserve", "Reserv erbjuden plats: {title}", "Place offered from the reserve: {title}",
        "En plats har erbjudits studenten i {number}, {title}, som stod på reservlistan. Svar senast {due_on}.",
        "A place was offered to the student in {number}, {title}, from the reserve list. Answer by {due_on}."),
    message("place_accepted", "Tackat ja: {title}", "Place accepted: {title}",
        "Studenten i {number}, {title}, har tackat ja. Avtalets enhet nominerar senast {due_on}.",
        "The student in {number}, {title}, has accepted. The agreement's unit nominates by {due_on}."),
    message("place_declined", "Platsen är ledig igen: {title}", "The place is free again: {title}",
        "Studenten i {number}, {title}, har tackat nej eller inte svarat i tid. Platsen är ledig.",
        "The student in {number}, {title}, has declined or not answered in time. The place is free."),
    message("nominated_borrowed", "Nominerad på lånad plats: {title}", "Nominated to a borrowed place: {title}",
        "Avtalets enhet har nominerat er student i {number}, {title}.",
        "The agreement's unit has nominated your student in {number}, {title}."),
    message("host_accepted_staff", "Antagen av {partner}: {title}", "Accepted by {partner}: {title}",
        "{partner} har antagit studenten i {number}. Registrera i Ladok i tid före avresan.",
        "{partner} has accepted the student in {number}. Register in Ladok in time before departure."),
    message("host_refused_staff", "Avslag från {partner}: {title}", "Refused by {partner}: {title}",
        "{partner} har inte antagit studenten i {number}. Erbjud en annan plats eller avsluta ärendet.",
        "{partner} has not accepted the student in {number}. Offer another place or close the case."),
    message("stay_changed", "Nya datum: {title}", "New dates: {title}",
        "Vistelsen i {number} har ändrats: {title}. Avtal och plats är prövade; utfärda nytt försäkringsintyg om det"
        " gamla blev ogiltigt.",
        "The stay in {number} has changed: {title}. Agreement and place are checked; issue a new insurance"
        " certificate if the old one became void."),
    message("travel_advice_staff", "Reseavrådan: {title}", "Travel advice: {title}",
        "Reseavrådan har ändrats för studenten i {number}, {title}. Vid avrådan från alla resor gäller inte Student"
        " UT.",
        "The travel advice has changed for the student in {number}, {title}. Student UT does not hold where all"
        " travel is advised against."),
    message("departed_with_deviation", "Rest med avvikelse: {title}", "Left with a deviation: {title}",
        "Studenten i {number}, {title}, har rest utan att allt var klart. Stipendiet hålls inne.\nMotivering: {reason}",
        "The student in {number}, {title}, has left before all was done. The grant is held.\nReason: {reason}"),
    message("change_requested", "Ändring att godkänna: {title}", "Change to agree: {title}",
        "Studenten i {number}, {title}, ber om en ändring av sitt Learning Agreement. Svara senast {due_on}:",
        "The student in {number}, {title}, asks for a change of the learning agreement. Answer by {due_on}:"),
    message("interrupted", "Avbrott: {title}", "Interruption: {title}",
        "Studenten i {number}, {title}, har avbrutit sitt utbyte. Platsen räknas som använd.\nMotivering: {reason}",
        "The student in {number}, {title}, has broken off the exchange. The place counts as used.\nReason: {reason}"),
    message("withdrawn", "Återbud: {title}", "Withdrawal: {title}",
        "Studenten i {number}, {title}, reser inte. Var platsen given är den ledig igen.",
        "The student in {number}, {title}, is not going. A place that was given is free again."),
    message("remove_registration", "Ta bort registrering i Ladok: {title}", "Remove registration: {title}",
        "Studenten i {number}, {title}, har lämnat återbud. Ta bort registreringen i Ladok.",
        "The student in {number}, {title}, has withdrawn. Remove the registration in Ladok."),
    message("recognition_waits", "Tillgodoräknande att besluta: {title}", "Recognition to decide: {title}",
        "Tillgodoräknande för {number}, {title}, ska beslutas senast {due_on}:",
        "Recognition for {number}, {title}, is to be decided by {due_on}:"),
    message("opinion_wanted", "Yttrande om tillgodoräknande: {title}", "Opinion on recognition: {title}",
        "Studenten i {number}, {title}, har ansökt om tillgodoräknande. Lämna ert yttrande:",
        "The student in {number}, {title}, has applied for recognition. Give your opinion:"),
    message("opinion_given", "Yttrande lämnat: {title}", "Opinion given: {title}",
        "Yttrandet i {number}, {title}, är lämnat. Beslut om tillgodoräknande kan fattas:",
        "The opinion in {number}, {title}, is given. Recognition can be decided:"),
    message("reminder", "Senast {due_on}: {title}", "Due {due_on}: {title}",
        "Något väntar på er i {number}, {title} ({state}), senast {due_on}:",
        "Something waits for you in {number}, {title} ({state}), due {due_on}:"),
    message("escalation", "Försenat eller brådskande: {title}", "Late or urgent: {title}",
        "I {number}, {title} ({state}), är {unit} sen eller har kort tid kvar: {due_on}. Handläggare: {assignee}.",
        "In {number}, {title} ({state}), {unit} is late or short of time: {due_on}. Assigned to: {assignee}."),
)
