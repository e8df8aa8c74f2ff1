"""Agreement: avtal om utbyte, from draft to its end.

An agreement says which students may go between two universities, how many, and until when.
Expired, nobody may be nominated or insured under it, so its end is announced long before,
and every place under it is counted here.

Source: the offices' pages on agreements (levels, evaluation, signatures); Erasmus+
inter-institutional agreement 2021-29 (notice told by 1 September, in force a year later);
Förvaltningslagen (2017:900), 16 § (conflict of interest of who signs).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, Field, StringConstraints

from engine.vocabulary import (
    MISSED, RECORDED, YES, AcademicYear, Answer, AnyView, AtOnce, Budget, Deadline, Direction, Facts, FieldCode, Figure,
    FollowUp, Form, Held, Identifier, Level, Line, Milestone, Moment, No, NoConflict, Offers, OnDay, Opening, Opens,
    Part, Proficiency, Prose, Related, Relinks, Role, Rule, Rung, State, Stay, Tell, Text, Transition, Unit, View,
    Workflow, after, answered_by, asks, at_most_once, before, day_in, days_from, escalate, fact_day, final, fire,
    has_fact, known, lacks_fact, last_before, letter, message, months_from, never_after, no, not_together, noting,
    precedes, remind, used, yes_if,
)

# Settings beside those that stand in the deadlines.
FIGURES = {
    "months_before_end": 12,
    "months_before_failing": 15,  # before the first call or nomination no longer covered
    "review_after_months": 60,  # an agreement without an end is looked at again after so long
    # Days of the year as MM-DD. The autumn term ends in the year after it began.
    "autumn_begins": "08-15",
    "autumn_ends": "01-20",
    "spring_begins": "01-10",
    "spring_ends": "06-10",
    # When our own nominations close; used where the agreement names no date of the partner.
    "nomination_autumn": "04-01",
    "nomination_spring": "10-01",
    "erasmus_notice_day": "09-01",
}

STATES = (
    State("drafted", Text("Utkast", "Draft"), Role.COORDINATOR,
        waits_because=Text("Ett utkast har ingen utsatt tid: koordinatorn bestämmer när det är klart.",
                          "A draft has no due date: the coordinator decides when it is ready.")),
    State("under_review", Text("Under beredning", "Under review"), Role.OFFICER),
    State("awaiting_partner", Text("Hos partner", "With partner"), Role.COORDINATOR),
    State("awaiting_signature", Text("Väntar på underskrift", "Awaiting signature"), Role.COORDINATOR),
    State("active", Text("Gäller", "In force"), Role.COORDINATOR),
    State("expiring", Text("Gäller, löper snart ut", "In force, expiring"), Role.COORDINATOR),
    State("suspended", Text("Vilande", "Suspended"), Role.OFFICER),
    State("notice_given", Text("Uppsagt, löper ut", "Notice given"), Role.OFFICER),
    final("expired", "Utgånget", "Expired"),
    final("terminated", "Upphört efter uppsägning", "Terminated"),
    final("abandoned", "Nedlagt", "Abandoned"),
)

BEFORE_ACTIVE = ("drafted", "under_review", "awaiting_partner", "awaiting_signature")
IN_FORCE = ("active", "expiring", "notice_given")

# An officer may take every step towards force: she enters, with its documents, what has
# happened to an agreement that was concluded elsewhere.
COORDINATING = (Role.COORDINATOR, Role.OFFICER)


def deadlines() -> tuple[Deadline, ...]:
    """By when each party acts, and what the clock does by itself."""
    return (*before_force(), *in_the_end(), *when_a_place_is_freed())


def before_force() -> tuple[Deadline, ...]:
    """Review, the partner's answer, signatures."""
    return (
        Deadline("review", Text("Beredning hos International Office", "Review by the International Office"),
            runs_in=("under_review",), due=Budget(Figure("review_days", 15), Unit.WORKING_DAYS),
            answers=("send_to_partner", "request_changes"),
            ladder=(remind(used(Figure("review_remind_days", 10)), message="review_reminder"),
                    escalate(MISSED, Role.OFFICER, message="review_overdue"))),
        Deadline("partner_answer", Text("Partnerns svar", "The partner's answer"),
            runs_in=("awaiting_partner",), due=Budget(Figure("partner_weeks", 12), Unit.WEEKS),
            answers=("partner_comments", "partner_agrees"), internal=False,
            ladder=(*chase("first_chase", used(Figure("partner_first_chase_weeks", 4))),
                    *chase("second_chase", used(Figure("partner_second_chase_weeks", 8))),
                    *chase("third_chase", MISSED, Role.COORDINATOR, Role.OFFICER))),
        Deadline("home_signature", Text("Vår underskrift", "Our signature"),
            runs_in=("awaiting_signature",), due=Budget(Figure("signature_weeks", 3), Unit.WEEKS),
            answers=("sign_home",), applies=lacks_fact("home_signed_on"),
            ladder=(remind(used(Figure("signature_remind_weeks", 2)), Role.SIGNATORY, message="to_sign"),
                    escalate(MISSED, Role.COORDINATOR, message="signature_overdue"))),
        Deadline("partner_signature", Text("Partnerns underskrift", "The partner's signature"),
            runs_in=("awaiting_signature",), due=Budget(Figure("signature_weeks", 3), Unit.WEEKS),
            answers=("sign_partner",), internal=False, applies=lacks_fact("partner_signed_on"),
            ladder=(remind(used(Figure("signature_remind_weeks", 2)), Role.PARTNER, message="partner_to_sign"),
                    escalate(MISSED, Role.COORDINATOR, message="signature_overdue"))),
        Deadline("activation", Text("Sätt i kraft", "Put in force"),
            runs_in=("awaiting_signature",), due=Budget(Figure("activation_days", 5), Unit.WORKING_DAYS),
            answers=("activate",), applies=both_have_signed,
            ladder=(escalate(MISSED, Role.OFFICER, message="both_signed"),)),
    )


def chase(name: str, at: Moment, *told: Role) -> tuple[Rung, Rung]:
    """Ask the partner for an answer, and let us know (the coordinator at least) that none came."""
    ours = told or (Role.COORDINATOR,)
    return (
        remind(at, Role.PARTNER, message="partner_reminder", name=name),
        remind(at, *ours, message="partner_silent", name=f"{name}_told"),
    )


def in_the_end() -> tuple[Deadline, ...]:
    """What the clock does about an agreement's end. Each fires when its last day has ended."""
    return (
        Deadline("renewal_begins", Text("Sista dag innan förnyelsen börjar", "Last day before renewal begins"),
            runs_in=("active",), due=OnDay(last_quiet_day), answers=("start_expiring",), internal=False,
            ladder=(fire(MISSED, "start_expiring"),)),
        # Only here: every period enters this state anew, and with it a new deadline begins.
        Deadline("tacit_renewal", Text("Sista dag att hindra tyst förlängning", "Last day to stop tacit renewal"),
            runs_in=("expiring",), due=OnDay(tacit_notice_day), answers=("renew_tacitly", "let_run_out"),
            internal=False,
            ladder=(remind(before(Figure("tacit_remind_months", 3), Unit.MONTHS), Role.COORDINATOR,
                        message="tacit_reminder"),
                    escalate(before(Figure("tacit_head_months", 1), Unit.MONTHS), Role.HEAD, message="tacit_reminder"),
                    fire(MISSED, "renew_tacitly"))),
        Deadline("end", Text("Avtalets sista dag", "The agreement's last day"),
            runs_in=("expiring", "suspended"), due=OnDay(fact_day("valid_to")), answers=("expire",), internal=False,
            ladder=(fire(MISSED, "expire"),)),
        Deadline("suspension_review", Text("Se över pausen", "Look at the suspension again"),
            runs_in=("suspended",), due=Budget(Figure("suspension_review_months", 6), Unit.MONTHS),
            answers=("resume", "terminate"),
            ladder=(escalate(MISSED, Role.OFFICER, message="suspension_review"),)),
        Deadline("notice", Text("Sista dag under uppsägning", "Last day under notice"),
            runs_in=("notice_given",), due=OnDay(last_day_under_notice), answers=("take_effect",), internal=False,
            ladder=(fire(MISSED, "take_effect"),)),
    )


def when_a_place_is_freed() -> tuple[Deadline, ...]:
    """Started by the engine when a place is freed; searching is no part of that step."""
    return (
        Deadline("next_on_reserve", Text("Nästa reserv", "Next on reserve"),
            runs_in=IN_FORCE, due=AtOnce(), ladder=(fire(after(0), "offer_next"),), internal=False),
    )


RULES: tuple[Rule, ...] = (
    precedes("submit_for_review", "send_to_partner"),
    precedes("send_to_partner", "partner_agrees"),
    precedes("partner_agrees", "sign_home"),
    precedes("partner_agrees", "sign_partner"),
    precedes("partner_agrees", "activate"),
    at_most_once("activate"),
    never_after("activate", "abandon"),
    never_after("activate", "revise_draft"),
    precedes("start_expiring", "renew_tacitly"),
    precedes(("start_expiring", "suspend"), "expire"),
    precedes("suspend", "resume"),
    at_most_once("terminate"),
    answered_by("terminate", "take_effect"),
    never_after("terminate", "extend"),
    never_after("terminate", "grant_extra_place"),
    not_together("expire", "take_effect"),
    not_together("abandon", "expire"),
)


SIGNED = ("active", "expiring", "suspended", "notice_given", "expired", "terminated")

# What an agreement is seen to wait for.
MILESTONES = (
    Milestone("review", Text("Beredning hos International Office", "Review by the International Office"), Role.OFFICER,
        deadlines=("review",), done_in=("awaiting_partner", "awaiting_signature", *SIGNED)),
    Milestone("partner_answer", Text("Partnerns svar", "The partner's answer"), Role.PARTNER,
        deadlines=("partner_answer",), done_in=("awaiting_signature", *SIGNED)),
    Milestone("home_signature", Text("Vår underskrift", "Our signature"), Role.SIGNATORY,
        fact="home_signed_on", deadlines=("home_signature",), done_in=SIGNED),
    Milestone("partner_signature", Text("Partnerns underskrift", "The partner's signature"), Role.PARTNER,
        fact="partner_signed_on", deadlines=("partner_signature",), done_in=SIGNED),
    Milestone("renewal", Text("Avtalsförnyelse", "Agreement renewal"), link="renewals",
        waits_in=("expiring",), given_in=("renewed", "not_renewed", "lapsed")),
)


def declare() -> Workflow:
    """The whole process, for the engine to check and load."""
    return Workflow(
        name="agreement", version=1, prefix="AGR", label=Text("Avtal", "Agreement"),
        purpose=Text(
            "Ett avtal säger vilka studenter som får resa mellan två lärosäten, hur många och hur länge. Platserna"
            " räknas här, och avtalets slut aviseras i god tid.",
            "An agreement says which students may go between two universities, how many and until when. Its places"
            " are counted here, and its end is announced in good time.",
        ),
        facts=AgreementFacts, title=title, needs_subject=False, initial="drafted",
        # An import may bring in an agreement that has long been in force.
        registers_in=("active",), opened_by=COORDINATING, guards=(ends_after_it_begins,),
        states=STATES, transitions=transitions(), deadlines=deadlines(), rules=RULES,
        milestones=MILESTONES, messages=MESSAGES, figures=FIGURES, partner=lambda view: view.facts.partner,
        related=(
            Related("reserve_list", "outgoing_exchange", "agreement", states=("reserve",), order=place_in_line),
            Related("exchanges", "outgoing_exchange", "agreement"),
            Related("nominations", "incoming_nomination", "agreement"),
            Related("renewals", "agreement_renewal", "agreement"),
        ),
        questions={"in_force": in_force, "allows": allows},
        offers=Offers(row_for=row_for, left=left, when_freed="next_on_reserve"),
        protected=("held", "extra_places", "home_signed_on", "partner_signed_on", "notice"),
    )


def transitions() -> tuple[Transition, ...]:
    """Every arrow, by phase."""
    return (*drafting(), *signing(), *running_on(), *places(), *resting(), *ending())


def drafting() -> tuple[Transition, ...]:
    """From draft to the partner's yes."""
    return (
        Transition("revise_draft", Text("Ändra utkastet", "Revise draft"),
            "drafted", RECORDED, by=COORDINATING, form=DraftForm, field_guards=(ends_after_it_begins,)),
        Transition("submit_for_review", Text("Skicka för granskning", "Submit for review"),
            "drafted", "under_review", by=COORDINATING, tells=(Tell("submitted", Role.OFFICER),)),
        Transition("request_changes", Text("Återlämna för ändring", "Return for changes"),
            "under_review", "drafted", by=(Role.OFFICER,),
            reason_required=True, tells=(Tell("changes_wanted", Role.COORDINATOR),)),
        Transition("send_to_partner", Text("Skicka till partner", "Send to partner"),
            "under_review", "awaiting_partner", by=(Role.OFFICER,),
            form=ReviewedForm, field_guards=(risk_can_be_borne,), sets=noting("duplicate_checked_on"),
            tells=(Tell("sent_to_partner", Role.PARTNER), Tell("with_partner", Role.COORDINATOR))),
        Transition("partner_comments", Text("Partnern vill ändra", "Partner wants changes"),
            "awaiting_partner", "drafted", by=COORDINATING,
            form=CommentsForm, tells=(Tell("partner_wants_changes", Role.COORDINATOR),)),
        Transition("partner_agrees", Text("Partnern godkänner", "Partner agrees"),
            "awaiting_partner", "awaiting_signature", by=COORDINATING,
            form=asks(AgreementFacts, "partner_agreed_on"), tells=(Tell("to_sign", Role.SIGNATORY),)),
        Transition("abandon", Text("Lägg ned", "Abandon"),
            BEFORE_ACTIVE, "abandoned", by=COORDINATING, tells=(Tell("abandoned", Role.OFFICER),)),
    )


def signing() -> tuple[Transition, ...]:
    """Both signatures, in any order, then force."""
    return (
        Transition("sign_home", Text("Underteckna", "Sign"),
            "awaiting_signature", RECORDED, by=(Role.SIGNATORY, Role.OFFICER),
            form=HomeSignatureForm, guards=(has_mandate_to_sign,), field_guards=(signature_is_vouched_for,),
            not_by=("submit_for_review",),
            tells=(Tell("signed_home", Role.COORDINATOR),
                   Tell("both_signed", Role.OFFICER, when=has_fact("partner_signed_on")))),
        Transition("sign_partner", Text("Partnern har undertecknat", "Partner has signed"),
            "awaiting_signature", RECORDED, by=COORDINATING,
            form=PartnerSignatureForm, tells=(Tell("both_signed", Role.OFFICER, when=has_fact("home_signed_on")),)),
        Transition("activate", Text("Sätt i kraft", "Put in force"),
            "awaiting_signature", "active", by=(Role.OFFICER,),
            form=ActivationForm, guards=(is_signed_by_both,), field_guards=(partner_holds_charter,),
            sets=put_in_force, tells=(Tell("in_force", Role.COORDINATOR), Tell("in_force_partner", Role.PARTNER))),
    )


def running_on() -> tuple[Transition, ...]:
    """What becomes of the agreement's time."""
    return (
        Transition("start_expiring", Text("Löper snart ut", "Expiring"),
            "active", "expiring", by=(Role.CLOCK,),
            opens=(Opens("agreement_renewal", "agreement", renewal_if_none_is_open),)),
        extension("expiring", "active"),
        # Renewed early, before the clock called it expiring: nothing but the end moves.
        extension("active", RECORDED),
        Transition("renew_tacitly", Text("Förlängs tyst", "Renewed tacitly"),
            "expiring", "active", by=(Role.CLOCK,),
            sets=one_more_period, follow_ups=(RENEWAL_DONE,), tells=(Tell("renewed_tacitly", Role.COORDINATOR),)),
        Transition("let_run_out", Text("Förlängs inte", "Will not be renewed"),
            ("active", "expiring"), RECORDED, by=(Role.OFFICER,),
            sets=noting(tacit_renewal_months=None, tacit_notice_by=None)),
        Transition("hand_over_cases", Text("Flytta ärenden till nytt avtal", "Move cases to the new agreement"),
            ("active", "expiring", "suspended", "notice_given"), RECORDED, by=(Role.CLOCK,),
            form=HandOverForm,
            relinks=(Relinks("exchanges", "agreement", to=successor),
                     Relinks("nominations", "agreement", to=successor)),
            tells=(Tell("cases_moved", Role.COORDINATOR),)),
    )


# A renewal case has nothing left to do. The one that itself extends is left alone.
RENEWAL_DONE = FollowUp("renewals", "note_renewed", if_open=True)
# What was not renewed in time has lapsed, on the very day.
RENEWAL_LAPSED = FollowUp("renewals", "lapse", if_open=True)


def extension(source: str, to: str) -> Transition:
    """Give the agreement a later end; where it has none, a later day to look at it again."""
    return Transition("extend", Text("Förläng", "Extend"),
        source, to, by=(Role.OFFICER,),
        form=ExtensionForm, field_guards=(ends_later,), sets=extended, follow_ups=(RENEWAL_DONE,),
        tells=(Tell("extended", Role.COORDINATOR), Tell("extended_partner", Role.PARTNER)))


def places() -> tuple[Transition, ...]:
    """The number of places, and who gets the one that was freed."""
    return (
        Transition("amend", Text("Ändra platser", "Amend"),
            ("active", "expiring"), RECORDED, by=(Role.OFFICER,),
            form=AmendmentForm, field_guards=(keeps_rows_in_use,), tells=(Tell("amended", Role.COORDINATOR),)),
        Transition("grant_extra_place", Text("Medge extra plats", "Grant extra place"),
            ("active", "expiring"), RECORDED, by=(Role.OFFICER,),
            reason_required=True, form=ExtraPlaceForm, field_guards=(row_exists,), sets=one_more_place,
            tells=(Tell("extra_place", Role.COORDINATOR),)),
        Transition("offer_next", Text("Erbjud nästa reserv", "Offer to next on reserve"),
            IN_FORCE, RECORDED, by=(Role.CLOCK,),
            follow_ups=(FollowUp("reserve_list", "offer", if_open=True, first_only=True, when=may_offer_next),)),
    )


def resting() -> tuple[Transition, ...]:
    """War, sanctions: the agreement rests, its time runs on."""
    return (
        Transition("suspend", Text("Pausa", "Suspend"),
            ("active", "expiring"), "suspended", by=(Role.OFFICER,),
            reason_required=True,
            tells=(Tell("suspended", Role.COORDINATOR), Tell("suspended", Role.HEAD),
                   Tell("suspended_partner", Role.PARTNER))),
        Transition("resume", Text("Återuppta", "Resume"),
            "suspended", "active", by=(Role.OFFICER,),
            tells=(Tell("resumed", Role.COORDINATOR), Tell("resumed_partner", Role.PARTNER))),
    )


def ending() -> tuple[Transition, ...]:
    """Notice and end. Open mobilities run on: nothing here touches them."""
    return (
        Transition("terminate", Text("Säg upp", "Give notice"),
            ("active", "expiring", "suspended"), "notice_given", by=(Role.OFFICER,),
            reason_required=True, form=NoticeForm, sets=notice_told,
            follow_ups=(FollowUp("renewals", "note_notice", if_open=True),),
            tells=(Tell("notice_given", Role.COORDINATOR), Tell("notice_given", Role.HEAD))),
        Transition("take_effect", Text("Uppsägningen gäller", "Notice takes effect"),
            "notice_given", "terminated", by=(Role.CLOCK,),
            follow_ups=(RENEWAL_LAPSED,), tells=(Tell("ended", Role.COORDINATOR), Tell("ended", Role.OFFICER))),
        Transition("expire", Text("Avtalstiden slut", "Expire"),
            ("expiring", "suspended"), "expired", by=(Role.CLOCK,),
            follow_ups=(RENEWAL_LAPSED,), tells=(Tell("ended", Role.COORDINATOR), Tell("ended", Role.OFFICER))),
    )


# What an agreement says.


class AgreementLevel(StrEnum):
    """Who has concluded it on our side."""

    DEPARTMENT = "department"
    FACULTY = "faculty"
    UNIVERSITY = "university"
    NETWORK = "network"


class Programme(StrEnum):
    """Under which programme students go."""

    BILATERAL = "bilateral"
    ERASMUS = "erasmus"
    ERASMUS_INTERNATIONAL = "erasmus_international"
    NORDPLUS = "nordplus"
    NORTH2NORTH = "north2north"
    LINNAEUS_PALME = "linnaeus_palme"
    CIVIS = "civis"
    OTHER = "other"


class StudyPlan(StrEnum):
    """What must be there before a student leaves: three signatures, or our approval alone."""

    THREE_PARTY = "three_party"
    HOME_APPROVAL = "home_approval"


class Risk(StrEnum):
    """Outcome of the check for responsible internationalisation."""

    ACCEPTABLE = "acceptable"
    ACCEPTABLE_WITH_CONDITIONS = "acceptable_with_conditions"
    NOT_ACCEPTABLE = "not_acceptable"


class Signed(StrEnum):
    """How a party has signed. Mutual digital approval counts as two signatures."""

    BY_HAND = "by_hand"
    ELECTRONICALLY = "electronically"
    DIGITAL_APPROVAL = "digital_approval"


MonthDay = Annotated[str, StringConstraints(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]
"""A day of every year as MM-DD; one that a year lacks is the last of its month."""


class LanguageNeeded(Part):
    """A language of instruction and the level asked for."""

    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")] = Field(
        title="Språk (ISO 639) / Language (ISO 639)"
    )
    proficiency: Proficiency | None = known("Nivå (CEFR) / Level (CEFR)")


class Row(Part):
    """Places in one direction that the levels and fields named share; none named: all."""

    name: Line = Field(title="Rad / Row")
    direction: Direction = Field(title="Riktning / Direction")
    places: int = Field(ge=0, le=1000, title="Platser, terminer per läsår / Places, semesters an academic year")
    levels: tuple[Level, ...] = Field(default=(), max_length=3, title="Nivåer / Levels")
    fields: tuple[FieldCode, ...] = Field(default=(), max_length=100, title="Ämnen (ISCED-F) / Fields (ISCED-F)")
    months: int | None = Field(default=None, ge=1, le=12, title="Månader per student / Months a student")
    languages: tuple[LanguageNeeded, ...] = Field(default=(), max_length=10, title="Språkkrav / Language requirements")


def own_names(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """Refuse two rows of one name: places are counted by it."""
    if len({row.name for row in rows}) < len(rows):
        raise ValueError("each row needs a name of its own")
    return rows


Rows = Annotated[tuple[Row, ...], AfterValidator(own_names)]


class ExtraPlace(Part):
    """A place over the number, with the partner's consent. Why stands in its event."""

    row: Line = Field(title="Rad / Row")
    academic_year: AcademicYear = Field(title="Läsår / Academic year")
    semesters: int = Field(ge=1, le=100, title="Terminer / Semesters")
    partner_consented_on: date = Field(title="Partnern medgav den / Partner consented on")


class Notice(Part):
    """When the partner was told, or told us, and the day from which the agreement is no more."""

    told_on: date = Field(title="Uppsagt den / Told on")
    takes_effect_on: date = Field(title="Upphör den / Takes effect on")


class Exchange(Part):
    """What the two have agreed about places and dates."""

    rows: Rows = Field(default=(), max_length=100, title="Platser / Places")
    nomination_autumn: MonthDay | None = known(
        "Partnerns nomineringsdag, höst (MM-DD) / Partner's nomination date, autumn (MM-DD)"
    )
    nomination_spring: MonthDay | None = known(
        "Partnerns nomineringsdag, vår (MM-DD) / Partner's nomination date, spring (MM-DD)"
    )
    call_opens: MonthDay | None = Field(
        default=None, title="Vår utlysning öppnar (MM-DD) / Our call opens (MM-DD)",
        description="For the first academic year that begins after it."
    )


class Conditions(Exchange):
    """All that the two agree on while they draft."""

    partner: Identifier | None = known("Partner i registret / Partner in the register")
    level: AgreementLevel = Field(default=AgreementLevel.DEPARTMENT, title="Avtalsnivå / Level")
    programme: Programme = Field(default=Programme.BILATERAL, title="Program / Programme")
    study_plan: StudyPlan = Field(default=StudyPlan.THREE_PARTY, title="Studieplan / Study plan")
    valid_to: date | None = known("Gäller till och med / Valid to")
    review_by: date | None = known("Ses över senast (tillsvidareavtal) / Review by (open-ended)")
    tacit_renewal_months: int | None = Field(
        default=None, ge=6, le=120, title="Förlängs tyst med, månader / Renewed tacitly by, months"
    )
    tacit_notice_by: date | None = known("Tyst förlängning hindras senast / Tacit renewal is stopped by")
    notice_months: int = Field(
        default=12, ge=0, le=60, title="Uppsägningstid, månader (ej Erasmus) / Notice, months (not Erasmus)"
    )
    home_signatory: Line | None = known("Undertecknar hos oss / Signs for us")
    home_mandate: Line | None = known("Delegation / Mandate")
    partner_signatory: Line | None = known("Undertecknar hos partnern / Signs for the partner")
    partner_mandate: Line | None = known("Partnerns mandat / The partner's mandate")
    charter_valid_to: date | None = known("Partnerns ECHE gäller till och med / Partner's ECHE valid to")


class AgreementFacts(Facts, Conditions):
    """Partner and first day are enough to begin a draft. The rest comes with the work."""

    partner_name: Line = Field(title="Partner / Partner")
    reference: Line | None = known("Avtalsnummer / Agreement number")
    valid_from: date = Field(title="Gäller från / Valid from")
    risk_check_on: date | None = known("Riskbedömning gjord den / Risk check made on")
    risk: Risk | None = known("Riskbedömning / Risk check")
    duplicate_checked_on: date | None = known("Dubblettkontroll gjord den / Checked for duplicates on")
    partner_agreed_on: date | None = known("Partnern godkände den / Partner agreed on")
    home_signed_on: date | None = known("Vi undertecknade den / We signed on")
    home_signed: Signed | None = known("Vi undertecknade / We signed")
    partner_signed_on: date | None = known("Partnern undertecknade den / Partner signed on")
    partner_signed: Signed | None = known("Partnern undertecknade / Partner signed")
    extra_places: tuple[ExtraPlace, ...] = Field(default=(), title="Extra platser / Extra places")
    notice: Notice | None = known("Uppsägning / Notice")
    # Only the engine writes these; each taking and freeing is an event of this case.
    held: tuple[Held, ...] = Field(default=(), title="Tagna platser / Places taken")


AnyAgreement: TypeAlias = View[AgreementFacts, Any]


# What the steps ask for.


class DraftForm(Conditions, Form):
    """What to change in the draft; what is not sent stays."""


class ReviewedForm(Form):
    """What the office has looked at before the partner sees the draft."""

    risk_check_on: date = Field(title="Riskbedömning gjord den / Risk check made on")
    risk: Risk = Field(title="Riskbedömning / Risk check")
    no_duplicate_in_force: Literal[True] = Field(
        title="Inget annat avtal gäller för samma utbyte / No other agreement in force for the same"
    )
    charter_valid_to: date | None = known("Partnerns ECHE gäller till och med / Partner's ECHE valid to")


class CommentsForm(Form):
    """What the partner wants otherwise."""

    comments: Prose | None = known("Partnerns synpunkter / Comments")


class HomeSignatureForm(NoConflict):
    """Our signature: one's own, or one on paper that an officer enters from the document."""

    home_signed_on: date = Field(title="Undertecknat den / Signed on")
    home_signed: Signed = Field(default=Signed.BY_HAND, title="Hur / How")
    home_signatory: Line | None = known("Undertecknat av (om någon annan) / Signed by (if somebody else)")
    home_mandate: Line | None = known("Delegation / Mandate")
    document: Line | None = known("Handling / Document")


class PartnerSignatureForm(Form):
    """The partner's signature, as the document shows it."""

    partner_signed_on: date = Field(title="Undertecknat den / Signed on")
    partner_signed: Signed = Field(default=Signed.BY_HAND, title="Hur / How")
    partner_signatory: Line | None = known("Undertecknat av / Signed by")
    partner_mandate: Line | None = known("Partnerns mandat / The partner's mandate")
    document: Line | None = known("Handling / Document")


class ActivationForm(Form):
    """Under which number the signed agreement is filed."""

    registration_number: Line = Field(title="Diarienummer / Registration number")
    charter_valid_to: date | None = known("Partnerns ECHE gäller till och med / Partner's ECHE valid to")


class ExtensionForm(Form):
    """The new end. A tacit renewal goes on only with a new day to stop it."""

    lasts_to: date = Field(title="Ny sista dag (tillsvidare: ny översyn) / New last day (open-ended: next review)")
    tacit_notice_by: date | None = known("Tyst förlängning hindras senast / Tacit renewal is stopped by")


class AmendmentForm(Exchange, Form):
    """What is changed with the partner's consent; what is not sent stays."""

    partner_consented_on: date = Field(title="Partnern medgav den / Partner consented on")


class ExtraPlaceForm(ExtraPlace, Form):
    """The place over the number; why stands in the reason."""


class HandOverForm(Form):
    """The agreement that takes over."""

    successor: Identifier = Field(title="Nytt avtal / New agreement")


class NoticeForm(Form):
    """When notice was told; from when it is in force follows from the agreement."""

    told_on: date = Field(title="Uppsagt den / Told on")


# Days.


@dataclass(frozen=True, slots=True)
class Term:
    """One term: its first and last day, and the last day to nominate for it."""

    begins: date
    ends: date
    nominations_by: date


def terms(view: AnyAgreement, year: int) -> tuple[Term, Term]:
    """Give autumn and spring of the academic year that begins in the given calendar year."""
    facts = view.facts
    autumn = day_in(year, view.figure("autumn_begins"))
    spring = day_in(year + 1, view.figure("spring_begins"))
    by_autumn = facts.nomination_autumn or view.figure("nomination_autumn")
    by_spring = facts.nomination_spring or view.figure("nomination_spring")
    return (
        Term(autumn, day_in(year + 1, view.figure("autumn_ends")), last_before(by_autumn, autumn)),
        Term(spring, day_in(year + 1, view.figure("spring_ends")), last_before(by_spring, spring)),
    )


def first_failing(view: AnyAgreement) -> date | None:
    """Give the first call or nomination that could not be carried through before the end.

    A nomination fails where its term is not covered to the day after it ends, a call where
    any term of its academic year is not. None for an agreement without an end.
    """
    end = view.facts.valid_to
    if end is None:
        return None
    # The year before the end may still be covered; the one that begins in its year never is,
    # but for the very last year there is, which is written to say that there is no end.
    failing = (day for year in (end.year - 1, end.year) for day in failing_days(view, year, end))
    return min(failing, default=None)


def failing_days(view: AnyAgreement, year: int, end: date) -> Iterator[date]:
    """Give the call and nominations of an academic year that an end leaves uncovered."""
    both = terms(view, year)
    uncovered = [term for term in both if term.ends >= end]
    yield from (term.nominations_by for term in uncovered)
    if uncovered and view.facts.call_opens is not None:
        yield last_before(view.facts.call_opens, both[0].begins)


def expiring_from(view: AnyAgreement) -> date | None:
    """Give the day from which the agreement counts as expiring; None where nothing ends.

    The earlier of 12 months before the end (or review, or the day to stop a tacit renewal)
    and 15 months before the first call or nomination that would fail.
    """
    facts, failing = view.facts, first_failing(view)
    ends = (facts.valid_to or facts.review_by, facts.tacit_notice_by)
    days = [months_from(end, -int(view.figure("months_before_end"))) for end in ends if end]
    if failing is not None:
        days.append(months_from(failing, -int(view.figure("months_before_failing"))))
    return min(days, default=None)


def last_quiet_day(view: AnyAgreement) -> date | None:
    """Give the last day on which nobody needs to think of renewal."""
    begins = expiring_from(view)
    return None if begins is None else days_from(begins, -1)


def tacit_notice_day(view: AnyAgreement) -> date | None:
    return view.facts.tacit_notice_by if view.facts.tacit_renewal_months else None


def last_day_under_notice(view: AnyAgreement) -> date | None:
    """Give the last day on which an agreement under notice is in force."""
    notice = view.facts.notice
    return None if notice is None else days_from(notice.takes_effect_on, -1)


def takes_effect_on(view: AnyAgreement, told_on: date) -> date:
    """Give the day from which the agreement is no more, never later than its own end.

    Erasmus+ inter-institutional agreement 2021-29: told by 1 September, in force on that day
    a year later. Others: the months of notice they name.
    """
    if view.facts.programme is Programme.ERASMUS:
        day = view.figure("erasmus_notice_day")
        in_time = told_on <= day_in(told_on.year, day)
        effect = day_in(told_on.year + (1 if in_time else 2), day)
    else:
        effect = months_from(told_on, view.facts.notice_months)
    end = view.facts.valid_to
    return effect if end is None else min(effect, days_from(end, 1))


# Signatures.


def has_mandate_to_sign(view: AnyAgreement) -> Answer:
    """Let a signatory through who holds the mandate in this unit today.

    An officer or an import does not sign: they enter a signature that somebody has made.
    """
    return yes_if(view.actor.role is not Role.SIGNATORY or "sign_agreement" in view.mandates, "no_mandate_to_sign",
        "Du har inget mandat att underteckna avtal för enheten i dag.",
        "You hold no mandate to sign agreements for this unit today.", who_can=Role.SIGNATORY)


def signature_is_vouched_for(view: View[AgreementFacts, HomeSignatureForm]) -> Answer:
    """Ask an officer who enters another's signature whose it is, and on which document."""
    by = view.fields.home_signatory or view.facts.home_signatory
    return yes_if(view.actor.role is not Role.OFFICER or (by and view.fields.document), "signature_without_document",
        "Ange vem som har undertecknat och i vilken handling det syns.",
        "Say who signed, and on which document it can be seen.", who_can=Role.SIGNATORY)


def both_have_signed(view: AnyAgreement) -> bool:
    return view.facts.home_signed_on is not None and view.facts.partner_signed_on is not None


def is_signed_by_both(view: AnyAgreement) -> Answer:
    """Let through where both have signed, or both have approved digitally."""
    wanting = {"vår": "ours"} if view.facts.home_signed_on is None else {}
    wanting |= {"partnerns": "the partner's"} if view.facts.partner_signed_on is None else {}
    return yes_if(not wanting, "signature_missing",
        f"Underskrift saknas: {' och '.join(wanting)}.", f"Signature missing: {' and '.join(wanting.values())}.",
        who_can=Role.SIGNATORY if "vår" in wanting else Role.COORDINATOR)


# Conditions of the other steps.


def ends_after_it_begins(view: AnyAgreement) -> Answer:
    """Refuse an end before the first day: in a new agreement, or in a draft as it would become."""
    begins = view.facts.valid_from
    ends = view.facts.valid_to if view.given is None else getattr(view.given, "valid_to", None)
    return yes_if(ends is None or ends >= begins, "ends_before_it_begins",
        f"Avtalet slutar {ends}, före sin första dag {begins}.",
        f"The agreement ends {ends}, before its first day {begins}.", from_date=begins)


def risk_can_be_borne(view: View[AgreementFacts, ReviewedForm]) -> Answer:
    """Refuse to send a draft whose risk was found too high (ansvarsfull internationalisering)."""
    return yes_if(view.fields.risk is not Risk.NOT_ACCEPTABLE, "risk_not_acceptable",
        "Riskbedömningen säger nej. Återlämna utkastet eller lägg ned det.",
        "The risk check says no. Return the draft, or abandon it.", who_can=Role.COORDINATOR)


def partner_holds_charter(view: View[AgreementFacts, ActivationForm]) -> Answer:
    """Ask for the partner's charter (ECHE) in an Erasmus agreement, from its first day on."""
    facts = view.facts
    sent = "charter_valid_to" in view.fields.model_fields_set
    charter = view.fields.charter_valid_to if sent else facts.charter_valid_to
    held = charter is not None and charter >= facts.valid_from
    return yes_if(held or facts.programme is not Programme.ERASMUS, "partner_without_charter",
        f"Erasmusavtal kräver att partnern har ECHE den {facts.valid_from}. Ange till när det gäller.",
        f"An Erasmus agreement needs the partner's ECHE on {facts.valid_from}. Say until when it is valid.",
        who_can=Role.OFFICER)


def ends_later(view: View[AgreementFacts, ExtensionForm]) -> Answer:
    """Refuse an extension that does not reach beyond the present end, or ends in the past."""
    present = view.facts.valid_to or view.facts.review_by or view.facts.valid_from
    latest = max(present, view.today)
    return yes_if(view.fields.lasts_to > latest, "not_extended",
        f"Den nya sista dagen måste vara efter {latest}.", f"The new last day must be after {latest}.",
        from_date=days_from(latest, 1))


def keeps_rows_in_use(view: View[AgreementFacts, AmendmentForm]) -> Answer:
    """Refuse to drop a row under which places are held this academic year or later."""
    if "rows" not in view.fields.model_fields_set:
        return YES
    kept = {row.name for row in view.fields.rows}
    # An academic year that began last autumn is still running.
    used_now = {h.row for h in view.facts.held if first_year(h.academic_year) >= view.today.year - 1}
    dropped = sorted(used_now - kept)
    return yes_if(not dropped, "row_in_use",
        f"Platser är tagna på: {', '.join(dropped)}. Behåll raden, eller sätt platserna till 0.",
        f"Places are held under: {', '.join(dropped)}. Keep the row, or set its places to 0.",
        who_can=Role.COORDINATOR)


def row_exists(view: View[AgreementFacts, ExtraPlaceForm]) -> Answer:
    names = [row.name for row in view.facts.rows]
    return yes_if(view.fields.row in names, "unknown_row",
        f"Avtalet har ingen rad {view.fields.row}. Rader: {', '.join(names) or 'inga'}.",
        f"The agreement has no row {view.fields.row}. Rows: {', '.join(names) or 'none'}.")


# What other cases ask.


def in_force(view: AnyAgreement, stay: Stay) -> Answer:
    """Answer whether the agreement is in force over a stay, to the day after it ends.

    In force: active, expiring, or under notice that has not taken effect (PROCESSES 0).
    """
    last, first = last_day(view), view.facts.valid_from
    if not runs(view):
        return not_in_force(view)
    if stay.starts_on < first:
        return no("agreement_not_begun",
            f"Avtalet gäller från {first}, men vistelsen börjar {stay.starts_on}.",
            f"The agreement is valid from {first}, but the stay begins {stay.starts_on}.", who_can=Role.OFFICER,
            from_date=first)
    # To the day after the stay: Lund's rule, and safe where the last day is travelled on.
    if last is not None and stay.ends_on >= last:
        return no("agreement_ends_too_early",
            f"Avtalet slutar {last}; det måste gälla till dagen efter {stay.ends_on}.",
            f"The agreement ends {last}; it must be valid to the day after {stay.ends_on}.", who_can=Role.OFFICER)
    return YES


def allows(view: AnyAgreement, stay: Stay) -> Answer:
    """Answer whether a stay may take place: in force, and a row for direction, level, field."""
    answer = in_force(view, stay)
    if isinstance(answer, No):
        return answer
    rows = [row for row in view.facts.rows if row.direction is stay.direction]
    if not rows:
        return not_covered("direction", WORDS[stay.direction])
    rows = [row for row in rows if covers_level(row, stay)]
    if not rows:
        return not_covered("level", WORDS[stay.level])
    if not any(covers_field(row, stay) for row in rows):
        return not_covered("field", Text(f"ämne {stay.field}", f"field {stay.field}"))
    return YES


WORDS = {
    Direction.OUTGOING: Text("utresande studenter", "outgoing students"),
    Direction.INCOMING: Text("inresande studenter", "incoming students"),
    Level.BACHELOR: Text("grundnivå", "bachelor level"),
    Level.MASTER: Text("avancerad nivå", "master level"),
    Level.DOCTORAL: Text("forskarnivå", "doctoral level"),
}


def not_covered(what: str, words: Text) -> No:
    return no(f"{what}_not_covered",
        f"Avtalet omfattar inte {words.sv}.", f"The agreement does not cover {words.en}.", who_can=Role.OFFICER)


def not_in_force(view: AnyAgreement) -> No:
    """Say in which state the agreement is instead."""
    label = next(state.label for state in STATES if state.name == view.state)
    return no("agreement_not_in_force",
        f"Avtalet gäller inte. Läge: {label.sv}.", f"The agreement is not in force. State: {label.en}.",
        who_can=Role.OFFICER)


def runs(view: AnyAgreement) -> bool:
    """Tell whether the agreement is in force today, whatever its dates say of a stay."""
    notice = view.facts.notice
    if view.state == "notice_given":
        return notice is not None and view.today < notice.takes_effect_on
    return view.state in IN_FORCE


def last_day(view: AnyAgreement) -> date | None:
    """Give the last day in force, by its own end or by notice."""
    under_notice = last_day_under_notice(view) if view.state == "notice_given" else None
    return min((day for day in (view.facts.valid_to, under_notice) if day), default=None)


# Places.


def covers_level(row: Row, stay: Stay) -> bool:
    return not row.levels or stay.level in row.levels


def covers_field(row: Row, stay: Stay) -> bool:
    """Tell whether the row is for the stay's field: its own code, or one that contains it.

    A stay whose field is not known is not held back for it.
    """
    return not row.fields or stay.field is None or stay.field.startswith(row.fields)


def row_for(view: AnyAgreement, stay: Stay) -> str | None:
    """Name the row a stay counts against: the first that fits with places left, else the first."""
    fitting = [
        row.name
        for row in view.facts.rows
        if row.direction is stay.direction and covers_level(row, stay) and covers_field(row, stay)
    ]
    free = (n for n in fitting if left(view, n, stay.academic_year) >= stay.semesters)
    return next(free, fitting[0] if fitting else None)


def left(view: AnyAgreement, row: str, academic_year: str) -> int:
    """Count the semesters left on a row in an academic year, extra places with them.

    Never below zero: an amendment may lower the number under what is already held.
    """
    facts, year = view.facts, first_year(academic_year)

    def counted(places: tuple[ExtraPlace, ...] | tuple[Held, ...]) -> int:
        return sum(each.semesters for each in places if (each.row, first_year(each.academic_year)) == (row, year))

    agreed = sum(each.places for each in facts.rows if each.name == row)
    return max(0, agreed + counted(facts.extra_places) - counted(facts.held))


def first_year(academic_year: str) -> int:
    """Give the calendar year an academic year begins in; 0 where it does not begin with one."""
    digits = academic_year[:4]
    return int(digits) if digits.isascii() and digits.isdigit() else 0


def may_offer_next(view: AnyAgreement) -> bool:
    """Tell whether anybody on the reserve list could still be nominated for a place.

    Whose turn it is, the engine finds: it tries them in order.
    """
    return any(could_be_nominated(view, reserve) for reserve in view.related("reserve_list"))


def could_be_nominated(view: AnyAgreement, reserve: AnyView) -> bool:
    """Tell whether the partner's date is open and a place is left for the year asked for."""
    # Another workflow's facts: what they do not say holds nobody back here.
    starts_on = getattr(reserve.facts, "stay_from", None)
    year = getattr(reserve.facts, "academic_year", None)
    rows = [row.name for row in view.facts.rows if row.direction is Direction.OUTGOING]
    if year is not None and not any(left(view, row, year) > 0 for row in rows):
        return False
    # A day the student's own case names goes before the one that comes round every year.
    closes = getattr(reserve.facts, "nomination_by", None)
    if closes is None and starts_on is not None:
        closes = nominations_close_on(view.facts, starts_on)
    return closes is None or view.today <= closes


AUTUMN_FROM_MONTH = 7  # A stay that begins in July or later is one of the autumn term.


def nominations_close_on(facts: AgreementFacts, starts_on: date) -> date | None:
    """Give the partner's last day to receive a nomination for a stay; None where not known."""
    autumn = starts_on.month >= AUTUMN_FROM_MONTH
    by = facts.nomination_autumn if autumn else facts.nomination_spring
    return None if by is None else last_before(by, starts_on)


def place_in_line(reserve: AnyView) -> tuple[int, date, str]:
    """Order the reserve list: by number, those without one last, in the order they came."""
    number = getattr(reserve.facts, "reserve_number", None)
    return (10**9 if number is None else int(number), reserve.opened_on, reserve.number)


# What the steps set and send.


def put_in_force(view: AnyAgreement) -> Mapping[str, object]:
    """Give an agreement without an end a day to look at it again, so that none is forgotten."""
    if view.facts.valid_to or view.facts.review_by:
        return {}
    return {"review_by": months_from(view.today, int(view.figure("review_after_months")))}


def renewal_if_none_is_open(view: AnyAgreement) -> tuple[Opening, ...]:
    if view.related("renewals"):
        return ()
    failing = first_failing(view) or view.facts.review_by
    facts = {"partner_name": view.facts.partner_name, "first_failing": failing}
    return (Opening(unit=view.unit, facts=facts),)


def extended(view: View[AgreementFacts, ExtensionForm]) -> Mapping[str, object]:
    """Move the end, or the review of an agreement without one."""
    what = "review_by" if view.facts.valid_to is None else "valid_to"
    return {what: view.fields.lasts_to, "tacit_notice_by": view.fields.tacit_notice_by}


def one_more_period(view: AnyAgreement) -> Mapping[str, object]:
    """Move the end and the day to stop the next renewal by one period."""
    facts, months = view.facts, view.facts.tacit_renewal_months or 0
    dates = {"valid_to": facts.valid_to, "tacit_notice_by": facts.tacit_notice_by}
    return {name: months_from(day, months) for name, day in dates.items() if day}


def one_more_place(view: View[AgreementFacts, ExtraPlaceForm]) -> Mapping[str, object]:
    granted = ExtraPlace.model_validate(view.fields.model_dump())
    return {"extra_places": (*view.facts.extra_places, granted)}


def notice_told(view: View[AgreementFacts, NoticeForm]) -> Mapping[str, object]:
    """Note the notice and the day it takes effect."""
    told_on = view.fields.told_on
    return {"notice": Notice(told_on=told_on, takes_effect_on=takes_effect_on(view, told_on))}


def successor(view: View[AgreementFacts, HandOverForm]) -> str:
    return view.fields.successor


def title(view: AnyAgreement) -> str:
    """Name the agreement by partner, programme and years, and by its number where it has one."""
    facts = view.facts
    to = facts.valid_to.year if facts.valid_to else ""
    name = facts.programme.value.replace("_", " ").capitalize()
    number = f" ({facts.reference})" if facts.reference else ""
    return f"{facts.partner_name}, {name} {facts.valid_from.year}–{to}{number}"


MESSAGES = (
    message("submitted", "Granska avtalsutkast: {title}", "Review draft agreement: {title}",
        "{unit} har skickat utkastet {number}, {title}, för granskning. Gör riskbedömning och dubblettkontroll, och"
        " skicka det till partnern eller återlämna det senast {due_on}:",
        "{unit} has submitted the draft {number}, {title}, for review. Check risk and duplicates, and send it to the"
        " partner or return it by {due_on}:"),
    message("review_reminder", "Granska senast {due_on}: {title}", "Review by {due_on}: {title}",
        "Utkastet {number}, {title}, väntar på granskning senast {due_on}:",
        "The draft {number}, {title}, waits to be reviewed by {due_on}:"),
    message("review_overdue", "Försenad granskning: {title}", "Late review: {title}",
        "Utkastet {number}, {title}, skulle ha granskats senast {due_on}. {unit} väntar:",
        "The draft {number}, {title}, was to be reviewed by {due_on}. {unit} is waiting:"),
    message("changes_wanted", "Ändra utkastet: {title}", "Change the draft: {title}",
        "International Office har återlämnat {number}, {title}. Ändra och skicka på nytt.\nMotivering: {reason}",
        "The International Office has returned {number}, {title}. Change it and submit it again.\nReason: {reason}"),
    letter("sent_to_partner", "Förslag till avtal: {title}", "Proposed agreement: {title}",
        "vi vill gärna sluta avtalet {title} med er, och förslaget har skickats till er. Svara {unit} om ni godkänner"
        " det eller vill ändra något.",
        "we would like to conclude the agreement {title} with you, and the proposal is on its way. Please tell"
        " {unit} whether you agree or want changes."),
    message("with_partner", "Skickat till partnern: {title}", "Sent to the partner: {title}",
        "Utkastet {number}, {title}, är granskat och skickat till {partner}. Registrera svaret när det kommer;"
        " partnern påminns till och med {due_on}:",
        "The draft {number}, {title}, has been reviewed and sent to {partner}. Record the answer when it comes; the"
        " partner is reminded until {due_on}:"),
    letter("partner_reminder", "Påminnelse om avtalsförslag: {title}", "Reminder, proposed agreement: {title}",
        "vi har ännu inget svar på förslaget till avtal, {title}. Säg till {unit} om ni godkänner det, vill ändra"
        " något eller behöver mer tid.",
        "we have no answer yet to the proposed agreement {title}. Please tell {unit} whether you agree, want changes"
        " or need more time."),
    message("partner_silent", "Inget svar från partnern: {title}", "No answer from the partner: {title}",
        "{partner} har inte svarat på utkastet {number}, {title}, och har påmints i dag. Ring gärna, eller lägg ned"
        " utkastet om samarbetet inte blir av:",
        "{partner} has not answered about the draft {number}, {title}, and was reminded today. Do call, or abandon"
        " the draft if nothing will come of it:"),
    message("partner_wants_changes", "Partnern vill ändra: {title}", "The partner wants changes: {title}",
        "{partner} vill ändra i {number}, {title}. Synpunkterna står i ärendet. Ändra utkastet och skicka det för"
        " granskning på nytt:",
        "{partner} wants changes in {number}, {title}. Their comments are in the case. Revise the draft and submit"
        " it again:"),
    message("to_sign", "Att underteckna: {title}", "To be signed: {title}",
        "Partnern har godkänt {number}, {title}. Underteckna senast {due_on}. Den som skickade utkastet för granskning"
        " kan inte själv underteckna:",
        "The partner has agreed to {number}, {title}. Please sign by {due_on}. Whoever submitted the draft for"
        " review cannot sign it:"),
    letter("partner_to_sign", "Avtal att underteckna: {title}", "Agreement to be signed: {title}",
        "avtalet {title} väntar på er underskrift. Skicka det undertecknat till {unit} senast {due_on}.",
        "the agreement {title} waits for your signature. Please return it signed to {unit} by {due_on}."),
    message("signature_overdue", "Underskrift saknas: {title}", "Signature missing: {title}",
        "En underskrift saknas på {number}, {title}; den skulle ha funnits {due_on}. I ärendet syns vilken. Utan båda"
        " kan avtalet inte sättas i kraft:",
        "A signature is missing on {number}, {title}; it was due {due_on}. The case shows which. Without both the"
        " agreement cannot be put in force:"),
    message("signed_home", "Undertecknat hos oss: {title}", "Signed by us: {title}",
        "Vi har undertecknat {number}, {title}. Registrera partnerns underskrift när den finns:",
        "We have signed {number}, {title}. Record the partner's signature when it is there:"),
    message("both_signed", "Sätt i kraft: {title}", "Put in force: {title}",
        "Båda har undertecknat {number}, {title}. Diarieför avtalet och sätt det i kraft:",
        "Both have signed {number}, {title}. File the agreement and put it in force:"),
    message("in_force", "Avtalet gäller: {title}", "Agreement in force: {title}",
        "Avtalet {number}, {title}, gäller nu. Platserna kan användas:",
        "The agreement {number}, {title}, is now in force. Its places may be used:"),
    letter("in_force_partner", "Avtalet gäller: {title}", "Agreement in force: {title}",
        "avtalet {title} är undertecknat av båda och gäller nu. Tack!",
        "the agreement {title} is signed by both of us and now in force. Thank you!"),
    message("abandoned", "Nedlagt: {title}", "Abandoned: {title}",
        "Utkastet {number}, {title}, är nedlagt. Du behöver inte göra något mer.",
        "The draft {number}, {title}, was abandoned. There is nothing more for you to do."),
    message("extended", "Förlängt: {title}", "Extended: {title}",
        "Avtalet {number} är förlängt: {title}. Utlysning och nominering kan fortsätta:",
        "The agreement {number} has been extended: {title}. Calls and nominations may go on:"),
    letter("extended_partner", "Avtalet är förlängt: {title}", "Agreement extended: {title}",
        "avtalet mellan oss är förlängt: {title}. Tack för samarbetet!",
        "the agreement between us has been extended: {title}. Thank you for the cooperation!"),
    message("tacit_reminder", "Förlängs tyst efter {due_on}: {title}", "Renewed tacitly after {due_on}: {title}",
        "Avtalet {number}, {title}, förlängs av sig självt om ingen hindrar det senast {due_on}. Ska det inte"
        " förlängas, meddela partnern dessförinnan:",
        "The agreement {number}, {title}, renews itself unless that is stopped by {due_on}. If it should not be"
        " renewed, tell the partner before then:"),
    message("renewed_tacitly", "Förlängt tyst: {title}", "Renewed tacitly: {title}",
        "Ingen hindrade förlängningen av {number}. Avtalet gäller nu en period till: {title}.",
        "Nobody stopped the renewal of {number}. The agreement now runs for one more period: {title}."),
    message("cases_moved", "Ärenden flyttade till nytt avtal: {title}", "Cases moved to a new agreement: {title}",
        "De öppna ärendena under {number}, {title}, hör nu till avtalet som ersätter det, med sina platser. Du behöver"
        " inte göra något:",
        "The open cases under {number}, {title}, now belong to the agreement that replaces it, with their places."
        " There is nothing for you to do:"),
    message("amended", "Platser eller datum ändrade: {title}", "Places or dates changed: {title}",
        "Avtalet {number}, {title}, är ändrat. Se vad som gäller nu:",
        "The agreement {number}, {title}, was amended. See what holds now:"),
    message("extra_place", "Extra plats: {title}", "Extra place: {title}",
        "Partnern har medgett en extra plats under {number}, {title}.\nMotivering: {reason}",
        "The partner has agreed to an extra place under {number}, {title}.\nReason: {reason}"),
    message("suspended", "Avtalet vilar: {title}", "Agreement suspended: {title}",
        "Avtalet {number}, {title}, är pausat. Nominera ingen under det, och hör med dem som är ute eller på väg.\n"
        "Motivering: {reason}",
        "The agreement {number}, {title}, is suspended. Nominate nobody under it, and get in touch with those who"
        " are abroad or about to leave.\nReason: {reason}"),
    letter("suspended_partner", "Avtalet vilar: {title}", "Agreement suspended: {title}",
        "vi pausar tills vidare utbytet under avtalet {title}. {unit} hör av sig.",
        "we are suspending exchanges under the agreement {title} until further notice. {unit} will be in touch."),
    message("suspension_review", "Ska avtalet fortfarande vila? {title}", "Still suspended? {title}",
        "Avtalet {number}, {title}, har vilat länge. Återuppta det, säg upp det, eller låt det vila vidare:",
        "The agreement {number}, {title}, has been suspended for long. Resume it, give notice, or let it rest on:"),
    message("resumed", "Avtalet gäller igen: {title}", "Agreement resumed: {title}",
        "Avtalet {number}, {title}, är återupptaget. Platserna kan användas igen:",
        "The agreement {number}, {title}, is resumed. Its places may be used again:"),
    letter("resumed_partner", "Avtalet gäller igen: {title}", "Agreement resumed: {title}",
        "utbytet under avtalet {title} är återupptaget. Välkomna tillbaka!",
        "exchanges under the agreement {title} are resumed. Welcome back!"),
    message("notice_given", "Uppsagt, gäller till och med {due_on}: {title}", "Notice, in force to {due_on}: {title}",
        "Avtalet {number}, {title}, är uppsagt och gäller till och med {due_on}. Pågående utbyten fullföljs; nya"
        " vistelser måste rymmas innan dess.\nMotivering: {reason}",
        "Notice was given of the agreement {number}, {title}, which is in force to {due_on}. Mobilities under way"
        " run on; new stays must fit before then.\nReason: {reason}"),
    message("ended", "{state}: {title}", "{state}: {title}",
        "Avtalet {number}, {title}, gäller inte längre. Ingen kan nomineras eller försäkras under det; öppna ärenden"
        " syns här:",
        "The agreement {number}, {title}, is no longer in force. Nobody can be nominated or insured under it; its"
        " open cases are shown here:"),
)
