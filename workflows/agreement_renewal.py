"""Agreement renewal: avtalsförnyelse, from the evaluation to the new end.

An agreement that runs out unnoticed stops calls and nominations long before its last day.
The clock opens a renewal in time; the office evaluates how the exchange has worked, decides,
and renews with the partner. The ladder counts from the first call or nomination that would
fail, not from the agreement's end.

Source: the offices' page on evaluating and renewing a departmental agreement; Erasmus+
inter-institutional agreement 2021-29 (amendments by the end of January).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, TypeAlias

from pydantic import Field

from engine.vocabulary import (
    MISSED, YES, AcademicYear, Answer, Budget, Deadline, DecisionForm, Facts, Figure, FollowUp, Form, Line, Link,
    Milestone, OnDay, Part, Prose, Role, Rule, State, Tell, Text, Transition, Unit, View, Workflow, agreement_fact,
    answered_by, asks, at_most_once, before, day_in, escalate, fact_day, final, fire, known, letter, message,
    months_from, never_after, not_together, partner_of_agreement, precedes, remind, told, unless, used, yes_if,
)

# Settings beside those that stand in the deadlines.
FIGURES = {"amendments_by_end_of_month": 1}  # of the academic year before the one they change

STATES = (
    State("due", Text("Dags att utvärdera", "Due"), Role.COORDINATOR),
    State("evaluating", Text("Under utvärdering", "Being evaluated"), Role.HEAD),
    State("decided_renew", Text("Ska förnyas", "To be renewed"), Role.COORDINATOR),
    State("decided_not_renew", Text("Ska inte förnyas", "Not to be renewed"), Role.COORDINATOR),
    State("negotiating", Text("Förhandlas med partner", "Negotiating"), Role.COORDINATOR),
    State("partner_agreed", Text("Överens med partner", "Partner agreed"), Role.OFFICER),
    State("signing", Text("Under underskrift", "Signing"), Role.OFFICER),
    final("renewed", "Förnyat", "Renewed"),
    final("not_renewed", "Ej förnyat", "Not renewed"),
    final("lapsed", "Förfallet, avtalet löpte ut", "Lapsed"),
)

BEFORE_YES = ("due", "evaluating", "decided_renew", "negotiating")
TO_BE_RENEWED = (*BEFORE_YES, "partner_agreed", "signing")
OPEN = (*TO_BE_RENEWED, "decided_not_renew")

# States of the agreement this one is about.
RUNNING = ("active", "expiring")
ENDED = ("expired", "terminated")
IN_FORCE = ("active", "expiring", "notice_given")


def deadlines() -> tuple[Deadline, ...]:
    """By when the agreement must be renewed, and what happens when it is not."""
    return (
        # Months count back from the first call or nomination that would fail.
        Deadline("renewal", Text("Förnyat före första utlysning eller nominering", "Renewed before it is needed"),
            runs_in=TO_BE_RENEWED, due=OnDay(fact_day("first_failing")),
            answers=("complete_renewal", "decide_not_renew", "note_renewed"), internal=False,
            ladder=(remind(before(Figure("coordinator_months", 12), Unit.MONTHS), Role.COORDINATOR),
                    escalate(before(Figure("head_months", 9), Unit.MONTHS), Role.HEAD),
                    escalate(before(Figure("officer_months", 6), Unit.MONTHS), Role.OFFICER),
                    escalate(MISSED, Role.OFFICER, message="too_late", name="too_late"))),
        Deadline("amendments", Text("Ändringar överenskomna", "Amendments agreed"),
            runs_in=BEFORE_YES, due=OnDay(amendments_day, on_closed_day="previous"),
            answers=("record_partner_agreement", "decide_not_renew", "note_renewed"), internal=False,
            ladder=(remind(before(Figure("amendments_remind_months", 2), Unit.MONTHS), Role.COORDINATOR,
                        message="amendments_reminder"),
                    escalate(MISSED, Role.OFFICER, message="amendments_overdue"))),
        Deadline("partner_told", Text("Meddela partnern", "Tell the partner"),
            runs_in=("decided_not_renew",), due=Budget(Figure("tell_partner_days", 10), Unit.WORKING_DAYS),
            answers=("tell_partner",),
            ladder=(remind(used(Figure("tell_partner_remind_days", 5)), Role.COORDINATOR,
                        message="tell_partner_reminder"),
                    escalate(MISSED, Role.OFFICER, message="tell_partner_overdue"))),
        Deadline("agreement_end", Text("Avtalets sista dag", "The agreement's last day"),
            runs_in=OPEN, due=OnDay(agreement_end), answers=("lapse",), internal=False,
            ladder=(fire(MISSED, "lapse"),)),
    )


RULES: tuple[Rule, ...] = (
    precedes("start_evaluation", "decide_renew"),
    precedes("start_evaluation", "decide_not_renew"),
    precedes("decide_renew", "open_negotiation"),
    precedes("decide_renew", "complete_renewal"),
    precedes("record_partner_agreement", "send_for_signature"),
    precedes("send_for_signature", "complete_renewal"),
    precedes("decide_not_renew", "tell_partner"),
    answered_by("decide_not_renew", "tell_partner", "lapse", "note_notice", "note_renewed"),
    never_after("decide_not_renew", "complete_renewal"),
    not_together("complete_renewal", "tell_partner"),
    not_together("complete_renewal", "lapse"),
    at_most_once("start_evaluation"),
    at_most_once("decide_renew"),
    at_most_once("complete_renewal"),
)


AGREED = ("partner_agreed", "signing", "renewed")
DECIDED = ("decided_renew", "decided_not_renew", "negotiating", *AGREED, "not_renewed")

# What a renewal is seen to wait for.
MILESTONES = (
    Milestone("evaluation", Text("Utvärdering", "Evaluation"), Role.COORDINATOR,
        deadlines=("renewal",), waits_in=("due",), done_in=("evaluating", *DECIDED)),
    Milestone("decision", Text("Beslut om förnyelse", "Decision on renewal"), Role.HEAD,
        deadlines=("renewal",), waits_in=("evaluating",), done_in=DECIDED),
    Milestone("partner_answer", Text("Partnerns svar", "The partner's answer"), Role.PARTNER,
        deadlines=("amendments",), waits_in=("negotiating",), done_in=AGREED),
    Milestone("signatures", Text("Underskrifter", "Signatures"), Role.OFFICER,
        deadlines=("renewal",), waits_in=("partner_agreed", "signing"), done_in=("renewed",)),
)


def declare() -> Workflow:
    """The whole process, for the engine to check and load."""
    return Workflow(
        name="agreement_renewal", version=1, prefix="REN", label=Text("Avtalsförnyelse", "Agreement renewal"),
        purpose=Text(
            "Innan ett avtal löper ut utvärderas hur utbytet har fungerat, och det beslutas om avtalet ska förnyas."
            " Allt räknas från den första utlysning eller nominering som annars faller.",
            "Before an agreement runs out the exchange is evaluated, and it is decided whether to renew. Everything"
            " counts from the first call or nomination that would fail.",
        ),
        facts=RenewalFacts, title=title, needs_subject=False, initial="due",
        opened_by=(Role.COORDINATOR, Role.OFFICER), guards=(agreement_is_running, is_the_only_renewal),
        states=STATES, transitions=transitions(), deadlines=deadlines(), rules=RULES,
        milestones=MILESTONES, messages=MESSAGES, figures=FIGURES, partner=partner_of_agreement,
        links=(Link("agreement", "agreement", required=True), Link("successor", "agreement")),
        tells=(
            Tell("due", Role.COORDINATOR),
            # Opened late, the rungs that have gone by are made good at once.
            Tell("due_late", Role.HEAD, when=is_late_for_head),
            Tell("due_late", Role.OFFICER, when=is_late_for_officer),
        ),
    )


def transitions() -> tuple[Transition, ...]:
    """Every arrow, by phase."""
    return (*evaluation(), *negotiation(), *signing(), *ending())


def evaluation() -> tuple[Transition, ...]:
    """How the exchange has worked, and whether it goes on."""
    return (
        Transition("start_evaluation", Text("Börja utvärdera", "Start evaluation"),
            "due", "evaluating", by=(Role.COORDINATOR,),
            form=asks(RenewalFacts, may=("evaluation",)), tells=(Tell("to_decide", Role.HEAD),)),
        Transition("decide_renew", Text("Besluta förnya", "Decide to renew"),
            "evaluating", "decided_renew", by=(Role.HEAD, Role.OFFICER),
            form=RenewalDecisionForm, tells=(Tell("decided_renew", Role.COORDINATOR),)),
        # Also when the partner declines, or the two cannot agree.
        Transition("decide_not_renew", Text("Besluta att inte förnya", "Decide not to renew"),
            ("evaluating", "negotiating"), "decided_not_renew", by=(Role.HEAD, Role.OFFICER),
            form=RenewalDecisionForm, reason_required=True, tells=(Tell("decided_not_renew", Role.COORDINATOR),)),
    )


def negotiation() -> tuple[Transition, ...]:
    """With the partner."""
    return (
        Transition("open_negotiation", Text("Kontakta partner", "Open negotiation"),
            "decided_renew", "negotiating", by=(Role.COORDINATOR,), tells=(Tell("shall_we_renew", Role.PARTNER),)),
        Transition("record_partner_agreement", Text("Partnern har godkänt", "Record partner's agreement"),
            "negotiating", "partner_agreed", by=(Role.COORDINATOR,),
            form=asks(RenewalFacts, "partner_agreed_on"), tells=(Tell("partner_agreed", Role.OFFICER),)),
        # An agreement that renews itself would go on all the same, were it not let run out.
        Transition("tell_partner", Text("Meddela partner och avsluta", "Tell partner and close"),
            "decided_not_renew", "not_renewed", by=(Role.COORDINATOR,),
            form=ToldForm, sets=told, follow_ups=(FollowUp("agreement", "let_run_out", if_open=True),),
            tells=(Tell("will_not_renew", Role.PARTNER),)),
    )


def signing() -> tuple[Transition, ...]:
    """Signatures, and the agreement moved in the same transaction."""
    return (
        Transition("send_for_signature", Text("Skicka för underskrift", "Send for signature"),
            "partner_agreed", "signing", by=(Role.OFFICER,), tells=(Tell("to_sign", Role.SIGNATORY),)),
        Transition("complete_renewal", Text("Slutför förnyelsen", "Complete renewal"),
            "signing", "renewed", by=(Role.OFFICER,),
            form=CompletionForm, guards=(successor_is_in_force, successor_has_the_rows),
            follow_ups=(FollowUp("agreement", "extend", fields=new_end, when=unless(has_successor)),
                        FollowUp("agreement", "hand_over_cases", fields=to_successor, when=has_successor)),
            tells=(Tell("renewed", Role.HEAD),)),
    )


def ending() -> tuple[Transition, ...]:
    """What happens to the agreement meanwhile."""
    return (
        Transition("note_renewed", Text("Avtalet är redan förlängt", "Agreement already extended"),
            OPEN, "renewed", by=(Role.OFFICER, Role.CLOCK), tells=(Tell("nothing_more", Role.COORDINATOR),)),
        Transition("note_notice", Text("Avtalet är uppsagt", "Notice was given"),
            OPEN, "not_renewed", by=(Role.OFFICER, Role.CLOCK), tells=(Tell("nothing_more", Role.COORDINATOR),)),
        Transition("lapse", Text("Avtalet löpte ut", "Agreement ran out"),
            OPEN, "lapsed", by=(Role.CLOCK,),
            guards=(agreement_has_ended,), tells=(Tell("lapsed", Role.COORDINATOR), Tell("lapsed", Role.HEAD))),
    )


# What a renewal knows.


class YearFigures(Part):
    """Mobilities of one academic year."""

    academic_year: AcademicYear = Field(title="Läsår / Academic year")
    outgoing: int = Field(ge=0, le=10000, title="Utresande / Outgoing")
    incoming: int = Field(ge=0, le=10000, title="Inresande / Incoming")


class Evaluation(Part):
    """How the exchange has worked. Balance: semesters received less semesters sent."""

    years: tuple[YearFigures, ...] = Field(default=(), max_length=30, title="Per läsår / By academic year")
    balance_semesters: int = Field(
        ge=-10000, le=10000, title="Balans i terminer (in minus ut) / Balance in semesters (in less out)"
    )
    withdrawals: int = Field(ge=0, le=10000, title="Återbud / Withdrawals")
    missed_deadlines: int = Field(ge=0, le=10000, title="Missade tider / Missed deadlines")
    refused_nominations: int = Field(ge=0, le=10000, title="Avslagna nomineringar / Refused nominations")
    remarks: Prose | None = known("Omdöme / Remarks")


class RenewalFacts(Facts):
    """Only the partner's name must be known; the agreement is linked."""

    partner_name: Line = Field(title="Partner / Partner")
    first_failing: date | None = known(
        "Första utlysning eller nominering som faller / First call or nomination to fail"
    )
    evaluation: Evaluation | None = known("Utvärdering / Evaluation")
    presented_by: Line | None = known("Föredragande / Presented by")
    partner_agreed_on: date | None = known("Partnern godkände den / Partner agreed on")
    told_on: date | None = known("Partnern meddelad den / Partner told on")
    told_how: Line | None = known("Meddelat genom / Told by")
    renewed_to: date | None = known("Förnyat till och med / Renewed to")


AnyRenewal: TypeAlias = View[RenewalFacts, Any]


# What the steps ask for.


class RenewalDecisionForm(DecisionForm):
    """The figures, confirmed by whoever decides; the reasons stand in the written reason."""

    evaluation: Evaluation = Field(title="Utvärdering / Evaluation")


class ToldForm(Form):
    """How the partner learnt of it; by this step's message, where nothing else is said."""

    told_on: date | None = known("Meddelat den / Told on")
    told_how: Line | None = known("Meddelat genom / Told by")


class CompletionForm(Form):
    """The new end: of this agreement, or of the successor that is linked to this case."""

    renewed_to: date = Field(title="Ny sista dag (tillsvidare: ny översyn) / New last day (open-ended: next review)")


# Days.


def amendments_day(view: AnyRenewal) -> date | None:
    """Give the day by which amendments must be agreed: the last end of January before the need.

    Erasmus+ asks for the end of January of the preceding academic year; the last one before
    the first call or nomination that would fail is that one, or earlier.
    """
    failing = view.facts.first_failing
    if failing is None:
        return None
    this_year = day_in(failing.year, f"{view.figure('amendments_by_end_of_month')}-31")
    return this_year if this_year <= failing else months_from(this_year, -12)


def agreement_end(view: AnyRenewal) -> date | None:
    end: date | None = agreement_fact(view, "valid_to")
    return end


def is_late_for_head(view: AnyRenewal) -> bool:
    return has_begun(view, "head_months")


def is_late_for_officer(view: AnyRenewal) -> bool:
    return has_begun(view, "officer_months")


def has_begun(view: AnyRenewal, figure: str) -> bool:
    """Tell whether the day so many months before the first failing day has gone by already."""
    failing = view.facts.first_failing
    return failing is not None and months_from(failing, -int(view.figure(figure))) < view.today


# Conditions.


def agreement_is_running(view: AnyRenewal) -> Answer:
    agreement = view.linked("agreement")
    return yes_if(agreement is not None and agreement.state in RUNNING, "agreement_not_running",
        "Bara ett avtal som gäller kan förnyas. Är det vilande eller uppsagt, börja där.",
        "Only an agreement in force can be renewed. If it is suspended or under notice, begin there.",
        who_can=Role.OFFICER)


def is_the_only_renewal(view: AnyRenewal) -> Answer:
    agreement = view.linked("agreement")
    renewals = () if agreement is None else agreement.related("renewals")
    others = [renewal.number for renewal in renewals if renewal.id != view.id]
    return yes_if(not others, "renewal_already_open",
        f"Avtalet förnyas redan i {', '.join(others)}.",
        f"The agreement is being renewed already in {', '.join(others)}.", who_can=Role.COORDINATOR)


def has_successor(view: AnyRenewal) -> bool:
    """Tell whether a new agreement takes over instead of a longer old one."""
    return view.linked("successor") is not None


def successor_is_in_force(view: AnyRenewal) -> Answer:
    """Refuse to move cases to an agreement that is not in force, or is the old one itself."""
    new, old = view.linked("successor"), view.linked("agreement")
    if new is None:
        return YES
    return yes_if(new.state in IN_FORCE and (old is None or new.id != old.id), "successor_not_in_force",
        f"Det nya avtalet {new.number} måste vara ett annat och gälla innan ärenden flyttas dit.",
        f"The new agreement {new.number} must be another one, and in force, before cases move to it.",
        who_can=Role.OFFICER)


def successor_has_the_rows(view: AnyRenewal) -> Answer:
    """Refuse to move places to rows the new agreement does not have: they would not count."""
    new, old = view.linked("successor"), view.linked("agreement")
    if new is None or old is None:
        return YES
    moving = {case.id for case in (*old.related("exchanges"), *old.related("nominations"))}
    rows = {held.row for held in old.facts.held if held.case in moving}
    missing = sorted(rows - {row.name for row in new.facts.rows})
    return yes_if(not missing, "successor_lacks_row",
        f"Det nya avtalet saknar rader som öppna ärenden har plats på: {', '.join(missing)}.",
        f"The new agreement lacks rows under which open cases hold places: {', '.join(missing)}.",
        who_can=Role.OFFICER)


def agreement_has_ended(view: AnyRenewal) -> Answer:
    """Let the clock close the renewal only when the agreement is over: its end may have been moved."""
    agreement, end = view.linked("agreement"), agreement_end(view)
    over = agreement is None or agreement.state in ENDED or (end is not None and end < view.today)
    return yes_if(over, "agreement_still_runs",
        f"Avtalet gäller ännu{f', till och med {end}' if end else ''}.",
        f"The agreement still runs{f', to {end}' if end else ''}.", from_date=end)


# What the steps set and send.


def new_end(view: View[RenewalFacts, CompletionForm]) -> Mapping[str, object]:
    """Give the agreement its new end. The form is `ExtensionForm` of the agreement."""
    return {"lasts_to": view.fields.renewed_to}


def to_successor(view: AnyRenewal) -> Mapping[str, object]:
    """Name the agreement that takes over. The form is `HandOverForm` of the agreement."""
    new = view.linked("successor")
    return {} if new is None else {"successor": new.id}


def title(view: AnyRenewal) -> str:
    """Name the renewal by partner and by the year in which it is needed."""
    failing = view.facts.first_failing
    return view.facts.partner_name + (f", {failing}" if failing else "")


MESSAGES = (
    message("due", "Dags att utvärdera avtalet: {title}", "Time to evaluate the agreement: {title}",
        "Avtalet med {partner} löper ut, och första utlysning eller nominering faller redan dagen i rubriken. Börja"
        " med att utvärdera hur utbytet har fungerat ({number}):",
        "The agreement with {partner} is running out, and the first call or nomination fails on the day in the"
        " subject. Begin by evaluating how the exchange has worked ({number}):"),
    message("due_late", "Avtalsförnyelse, ont om tid: {title}", "Agreement renewal, little time: {title}",
        "Förnyelsen {number} av avtalet med {partner} har öppnats sent. {unit} behöver hjälp att bli klar före den"
        " första utlysning eller nominering som annars faller:",
        "The renewal {number} of the agreement with {partner} was opened late. {unit} needs help to finish before"
        " the first call or nomination that would otherwise fail:"),
    message("to_decide", "Ska avtalet förnyas? {title}", "Shall the agreement be renewed? {title}",
        "{unit} utvärderar nu avtalet med {partner} ({number}). Besluta om det ska förnyas när siffrorna är"
        " bekräftade:",
        "{unit} is now evaluating the agreement with {partner} ({number}). Decide whether to renew it once the"
        " figures are confirmed:"),
    message("decided_renew", "Avtalet ska förnyas: {title}", "The agreement is to be renewed: {title}",
        "Det är beslutat att avtalet med {partner} ska förnyas ({number}). Kontakta partnern:",
        "It is decided to renew the agreement with {partner} ({number}). Contact the partner:"),
    message("decided_not_renew", "Avtalet ska inte förnyas: {title}", "The agreement is not to be renewed: {title}",
        "Det är beslutat att avtalet med {partner} inte förnyas ({number}). Meddela partnern senast {due_on}. Gäller"
        " avtalet tills vidare måste det också sägas upp.\nMotivering: {reason}",
        "It is decided not to renew the agreement with {partner} ({number}). Tell the partner by {due_on}. If the"
        " agreement has no end, notice must be given too.\nReason: {reason}"),
    letter("shall_we_renew", "Vi vill förnya vårt avtal", "We would like to renew our agreement",
        "vårt avtal om utbyte löper snart ut, och vi vill gärna förnya det. Vill ni det, och vill ni ändra något?"
        " Svara {unit}.",
        "our exchange agreement will soon run out, and we would like to renew it. Would you, and would you change"
        " anything? Please answer {unit}."),
    message("partner_agreed", "Partnern vill förnya: {title}", "The partner will renew: {title}",
        "{unit} och {partner} är överens ({number}). Skicka avtalet för underskrift:",
        "{unit} and {partner} have agreed ({number}). Send the agreement for signature:"),
    message("to_sign", "Förnyat avtal att underteckna: {title}", "Renewed agreement to be signed: {title}",
        "Förnyelsen av avtalet med {partner} ({number}) väntar på underskrift:",
        "The renewal of the agreement with {partner} ({number}) waits to be signed:"),
    message("renewed", "Avtalet är förnyat: {title}", "The agreement is renewed: {title}",
        "Avtalet med {partner} är förnyat ({number}). Utlysning och nominering kan fortsätta:",
        "The agreement with {partner} is renewed ({number}). Calls and nominations may go on:"),
    letter("will_not_renew", "Vårt avtal förnyas inte", "Our agreement will not be renewed",
        "vi har beslutat att inte förnya vårt avtal om utbyte. Pågående utbyten fullföljs. Tack för samarbetet! Frågor"
        " besvaras av {unit}.",
        "we have decided not to renew our exchange agreement. Mobilities under way run on. Thank you for the"
        " cooperation! {unit} answers your questions."),
    message("nothing_more", "{state}: {title}", "{state}: {title}",
        "Förnyelsen {number} är avslutad, för avtalet med {partner} är förlängt eller uppsagt på annat sätt. Du"
        " behöver inte göra något mer.",
        "The renewal {number} is closed, for the agreement with {partner} was extended or given notice of otherwise."
        " There is nothing more for you to do."),
    message("lapsed", "Avtalet löpte ut: {title}", "The agreement ran out: {title}",
        "Avtalet med {partner} löpte ut innan förnyelsen {number} var klar. Ingen kan nomineras under det; ett nytt"
        " utbyte kräver ett nytt avtal:",
        "The agreement with {partner} ran out before the renewal {number} was done. Nobody can be nominated under"
        " it; a new exchange needs a new agreement:"),
    message("reminder", "Förnya avtalet före {due_on}: {title}", "Renew the agreement before {due_on}: {title}",
        "Om avtalet med {partner} inte är förnyat {due_on} faller en utlysning eller nominering. Ärendet {number} har"
        " status {state}:",
        "Unless the agreement with {partner} is renewed by {due_on}, a call or nomination fails. The case {number}"
        " has the status {state}:"),
    message("escalation", "Avtal på väg att löpa ut: {title}", "Agreement about to run out: {title}",
        "Avtalet med {partner} är inte förnyat, och {due_on} faller en utlysning eller nominering. Ärendet {number}"
        " hos {unit} har status {state}. Handläggare: {assignee}:",
        "The agreement with {partner} is not renewed, and on {due_on} a call or nomination fails. The case {number}"
        " at {unit} has the status {state}. Assigned to: {assignee}:"),
    message("too_late", "Utlysning eller nominering faller: {title}", "A call or nomination fails: {title}",
        "Avtalet med {partner} var inte förnyat {due_on} ({number}, {state}). Studenter kan inte längre utlovas en hel"
        " vistelse under det. Stoppa utlysningen eller skynda på:",
        "The agreement with {partner} was not renewed by {due_on} ({number}, {state}). Students can no longer be"
        " promised a whole stay under it. Stop the call, or hurry:"),
    message("amendments_reminder", "Ändringar klara senast {due_on}: {title}", "Amendments by {due_on}: {title}",
        "Ska något ändras i avtalet med {partner} måste ni vara överens senast {due_on} ({number}):",
        "If anything is to change in the agreement with {partner}, agree on it by {due_on} ({number}):"),
    message("amendments_overdue", "För sent för ändringar: {title}", "Too late for amendments: {title}",
        "Ändringar i avtalet med {partner} skulle ha varit överenskomna senast {due_on} ({number}, {state}). Hör med"
        " {unit} om det förnyas som det är:",
        "Amendments of the agreement with {partner} were to be agreed by {due_on} ({number}, {state}). Ask {unit}"
        " whether it will be renewed as it is:"),
    message("tell_partner_reminder",
        "Meddela partnern senast {due_on}: {title}", "Tell the partner by {due_on}: {title}",
        "{partner} vet ännu inte att avtalet inte förnyas ({number}). Meddela senast {due_on}:",
        "{partner} does not know yet that the agreement will not be renewed ({number}). Tell them by {due_on}:"),
    message("tell_partner_overdue", "Partnern är inte meddelad: {title}", "The partner was not told: {title}",
        "{unit} skulle ha meddelat {partner} senast {due_on} att avtalet inte förnyas ({number}):",
        "{unit} was to tell {partner} by {due_on} that the agreement will not be renewed ({number}):"),
)
