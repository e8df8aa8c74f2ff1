"""Agreement: the graph, who may what, what other cases may ask, places, days, notice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given as example_of
from hypothesis import strategies as st
from pydantic import ValidationError

from engine.loading import load
from engine.vocabulary import (
    RECORDED,
    YES,
    Actor,
    AnyView,
    AtOnce,
    Direction,
    Facts,
    Level,
    No,
    Role,
    Stay,
    day_in,
    days_from,
    last_before,
    months_from,
)
from tests.workflows.views import (
    TODAY,
    agreed_labels,
    arrows,
    arrows_of,
    deadline_of,
    facts_after,
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
from workflows import agreement

FILE = Path(agreement.__file__)
WORKFLOW = agreement.declare()
BEFORE_ACTIVE = ("drafted", "under_review", "awaiting_partner", "awaiting_signature")
RUNNING = ("active", "expiring")
IN_FORCE = (*RUNNING, "notice_given")
COORDINATING = {"coordinator", "officer"}

# The table of the process: trigger, from, to (None: recorded), who.
TABLE: tuple[tuple[Any, ...], ...] = (
    ("revise_draft", "drafted", None, COORDINATING),
    ("submit_for_review", "drafted", "under_review", COORDINATING),
    ("request_changes", "under_review", "drafted", {"officer"}),
    ("send_to_partner", "under_review", "awaiting_partner", {"officer"}),
    ("partner_comments", "awaiting_partner", "drafted", COORDINATING),
    ("partner_agrees", "awaiting_partner", "awaiting_signature", COORDINATING),
    ("abandon", BEFORE_ACTIVE, "abandoned", COORDINATING),
    ("sign_home", "awaiting_signature", None, {"signatory", "officer"}),
    ("sign_partner", "awaiting_signature", None, COORDINATING),
    ("activate", "awaiting_signature", "active", {"officer"}),
    ("start_expiring", "active", "expiring", {"clock"}),
    ("extend", "expiring", "active", {"officer"}),
    ("extend", "active", None, {"officer"}),
    ("renew_tacitly", "expiring", "active", {"clock"}),
    ("let_run_out", RUNNING, None, {"officer"}),
    ("hand_over_cases", (*RUNNING, "suspended", "notice_given"), None, {"clock"}),
    ("amend", RUNNING, None, {"officer"}),
    ("grant_extra_place", RUNNING, None, {"officer"}),
    ("offer_next", IN_FORCE, None, {"clock"}),
    ("suspend", RUNNING, "suspended", {"officer"}),
    ("resume", "suspended", "active", {"officer"}),
    ("terminate", (*RUNNING, "suspended"), "notice_given", {"officer"}),
    ("take_effect", "notice_given", "terminated", {"clock"}),
    ("expire", ("expiring", "suspended"), "expired", {"clock"}),
)
OF_THE_HOUSE = {"revise_draft", "renew_tacitly", "let_run_out", "hand_over_cases", "offer_next"}

BOLOGNA: dict[str, Any] = {
    "partner_name": "Università di Bologna",
    "valid_from": date(2025, 1, 1),
    "valid_to": date(2029, 9, 30),
    "rows": [
        {"name": "law out", "direction": "outgoing", "places": 2, "levels": ["bachelor"], "fields": ["042"]},
        {"name": "any out", "direction": "outgoing", "places": 4, "levels": ["bachelor", "master"]},
        {"name": "in", "direction": "incoming", "places": 6},
    ],
}


def form(trigger: str, source: str | None = None, /, **fields: Any) -> Any:
    """Fill in the form of a trigger."""
    return transition_of(WORKFLOW, trigger, source).form(**fields)


def seen(facts: Any = None, *, state: str = "active", **said: Any) -> AnyView:
    """View the agreement with Bologna, with some facts more."""
    return view_of(WORKFLOW, {**BOLOGNA, **(facts or {})}, state=state, **said)


def sets(trigger: str, facts: Any = None, fields: Any = None, *, state: str = "active", **said: Any) -> Any:
    """Give the facts after a step."""
    given = form(trigger, state, **(fields or {}))
    view = seen(facts, state=state, given=given, **said)
    return facts_after(view, transition_of(WORKFLOW, trigger, state))


def stay(**said: Any) -> Stay:
    """Give the stay of a bachelor student of law in autumn 2027, with some things otherwise."""
    autumn: dict[str, Any] = {
        "direction": Direction.OUTGOING,
        "starts_on": date(2027, 9, 1),
        "ends_on": date(2028, 1, 20),
        "academic_year": "2027/28",
        "semesters": 1,
        "level": Level.BACHELOR,
        "field": "0421",
    }
    return Stay(**{**autumn, **said})


def held(row: str, semesters: int, *, year: str = "2027/28", number: int = 1) -> dict[str, Any]:
    """Give a place taken."""
    return {"case": numbered(number), "row": row, "academic_year": year, "semesters": semesters}


def as_officer(view: AnyView) -> AnyView:
    """See the same as an officer."""
    return replace(view, actor=Actor(numbered(801), Role.OFFICER))


# The file.


def test_the_file_loads_and_its_rules_hold() -> None:
    assert load(FILE).name == "agreement"


def test_the_graph_is_the_table_and_nothing_else() -> None:
    assert arrows_of(WORKFLOW) == arrows(TABLE)


@pytest.mark.parametrize(("trigger", "source", "roles"), [(row[0], row[1], row[3]) for row in TABLE])
def test_each_step_is_taken_by_the_roles_of_the_table(trigger: str, source: Any, roles: set[str]) -> None:
    source = source if isinstance(source, str) else source[0]
    assert roles_of(transition_of(WORKFLOW, trigger, source)) == roles


@pytest.mark.parametrize("kind", ["states", "triggers"])
def test_labels_are_the_words_the_offices_use(kind: str) -> None:
    agreed = agreed_labels("agreement", kind)
    own = own_labels(WORKFLOW, kind)
    assert {name: own[name] for name in agreed} == {name: label[:2] for name, label in agreed.items()}
    assert own.keys() - agreed.keys() == (OF_THE_HOUSE if kind == "triggers" else set())


def test_the_next_on_reserve_is_offered_in_the_words_agreed_on() -> None:
    assert own_labels(WORKFLOW, "triggers")["offer_next"] == ("Erbjud nästa reserv", "Offer to next on reserve")


def test_partner_and_first_day_are_enough_to_begin_a_draft() -> None:
    required = {name for name, field in WORKFLOW.facts.model_fields.items() if field.is_required()}
    assert required == {"partner_name", "valid_from"}
    assert not WORKFLOW.needs_subject


def test_coordinators_and_officers_open_agreements_and_an_import_brings_in_those_in_force() -> None:
    assert {who.role.value for who in WORKFLOW.openers} == COORDINATING
    assert WORKFLOW.registers_in == ("active",)


def test_what_counts_and_what_is_signed_no_correction_touches() -> None:
    assert {"held", "extra_places", "home_signed_on", "partner_signed_on", "notice"} == set(WORKFLOW.protected)


def test_every_message_that_is_told_is_written_and_every_one_written_is_told() -> None:
    told = {tell.message for each in WORKFLOW.transitions for tell in each.tells}
    told |= {rung.message for each in WORKFLOW.deadlines for rung in each.ladder if rung.message}
    assert told == {message.name for message in WORKFLOW.messages}


def test_what_goes_to_the_partner_shows_no_page_of_ours() -> None:
    told = {tell.message for each in WORKFLOW.transitions for tell in each.tells if tell.to is Role.PARTNER}
    told |= {r.message or "" for each in WORKFLOW.deadlines for r in each.ladder if Role.PARTNER in r.to}
    bodies = [message_of(WORKFLOW, name).body for name in sorted(told)]
    assert not [body for body in bodies if "{url}" in body.sv + body.en]


# Before force.


def test_an_agreement_that_ends_before_it_begins_does_not_open() -> None:
    backwards = seen({"valid_to": date(2024, 12, 31)}, state="drafted")
    assert refused(agreement.ends_after_it_begins(backwards), "ends_before_it_begins")
    assert agreement.ends_after_it_begins(seen({"valid_to": None})) == YES


def test_a_revised_draft_keeps_what_was_not_sent() -> None:
    after = sets("revise_draft", fields={"study_plan": "home_approval"}, state="drafted")
    assert after.study_plan is agreement.StudyPlan.HOME_APPROVAL
    assert after.rows == seen().facts.rows
    assert after.valid_to == BOLOGNA["valid_to"]


def test_a_revised_draft_may_not_end_before_it_begins() -> None:
    given = form("revise_draft", valid_to=date(2024, 1, 1))
    answer = agreement.ends_after_it_begins(seen(state="drafted", given=given))
    assert refused(answer, "ends_before_it_begins")


def test_two_rows_of_one_name_are_refused() -> None:
    row = {"name": "out", "direction": "outgoing", "places": 1}
    with pytest.raises(ValidationError, match="name of its own"):
        form("revise_draft", rows=[row, row])


def test_the_partner_sees_a_draft_only_after_risk_and_duplicates_were_looked_at() -> None:
    after = sets("send_to_partner", fields=REVIEWED, state="under_review")
    assert (after.risk_check_on, after.risk) == (date(2027, 3, 1), agreement.Risk.ACCEPTABLE)
    assert after.duplicate_checked_on == TODAY


REVIEWED = {"risk_check_on": date(2027, 3, 1), "risk": "acceptable", "no_duplicate_in_force": True}


def test_a_risk_that_cannot_be_borne_stops_the_draft() -> None:
    given = form("send_to_partner", **{**REVIEWED, "risk": "not_acceptable"})
    assert refused(agreement.risk_can_be_borne(seen(given=given)), "risk_not_acceptable")
    conditions = form("send_to_partner", **{**REVIEWED, "risk": "acceptable_with_conditions"})
    assert agreement.risk_can_be_borne(seen(given=conditions)) == YES


def test_a_duplicate_in_force_cannot_be_sent() -> None:
    with pytest.raises(ValidationError):
        form("send_to_partner", **{**REVIEWED, "no_duplicate_in_force": False})


def test_a_draft_sent_back_says_why() -> None:
    assert transition_of(WORKFLOW, "request_changes").reason_required
    assert told_by(transition_of(WORKFLOW, "request_changes")) == {("changes_wanted", "coordinator")}


def test_the_partner_is_chased_three_times_and_we_know_of_it() -> None:
    assert ladder_of(WORKFLOW, "partner_answer") == [
        ("first_chase", "used", 4, "working_days", ("partner",), None),
        ("first_chase_told", "used", 4, "working_days", ("coordinator",), None),
        ("second_chase", "used", 8, "working_days", ("partner",), None),
        ("second_chase_told", "used", 8, "working_days", ("coordinator",), None),
        ("third_chase", "missed", 0, "working_days", ("partner",), None),
        ("third_chase_told", "missed", 0, "working_days", ("coordinator", "officer"), None),
    ]


@pytest.mark.parametrize(
    ("name", "count", "unit", "answers"),
    [
        ("review", 15, "working_days", ("send_to_partner", "request_changes")),
        ("partner_answer", 12, "weeks", ("partner_comments", "partner_agrees")),
        ("home_signature", 3, "weeks", ("sign_home",)),
        ("partner_signature", 3, "weeks", ("sign_partner",)),
    ],
)
def test_each_party_has_its_time(name: str, count: int, unit: str, answers: tuple[str, ...]) -> None:
    deadline = deadline_of(WORKFLOW, name)
    due: Any = deadline.due
    assert (due.count.default, due.unit.value, deadline.answers) == (count, unit, answers)


def test_a_draft_may_wait_and_says_why() -> None:
    assert state_of(WORKFLOW, "drafted").waits_because is not None


# Signatures.

SIGNED: dict[str, Any] = {"home_signed_on": date(2027, 3, 1), "partner_signed_on": date(2027, 3, 2)}
MINE = {"no_conflict_of_interest": True, "home_signed_on": date(2027, 3, 1)}


def test_whoever_submitted_the_draft_does_not_sign_it() -> None:
    assert transition_of(WORKFLOW, "sign_home").not_by == ("submit_for_review",)


def test_who_signs_declares_no_conflict_of_interest() -> None:
    with pytest.raises(ValidationError):
        form("sign_home", home_signed_on=date(2027, 3, 1), no_conflict_of_interest=False)


def test_only_who_holds_the_mandate_today_signs() -> None:
    signatory = replace(seen(state="awaiting_signature"), actor=Actor(numbered(802), Role.SIGNATORY))
    assert refused(agreement.has_mandate_to_sign(signatory), "no_mandate_to_sign")
    assert refused(agreement.has_mandate_to_sign(replace(signatory, mandates=("recognise",))), "no_mandate_to_sign")
    assert agreement.has_mandate_to_sign(replace(signatory, mandates=("sign_agreement",))) == YES


def test_an_officer_enters_a_signature_only_from_a_document() -> None:
    bare = as_officer(seen(given=form("sign_home", **MINE)))
    vouched = form("sign_home", **MINE, home_signatory="Prefekten", document="FS 2.1-17-21")
    assert agreement.has_mandate_to_sign(bare) == YES
    assert refused(agreement.signature_is_vouched_for(bare), "signature_without_document")
    assert agreement.signature_is_vouched_for(replace(bare, given=vouched)) == YES


def test_an_import_enters_signatures_made_long_ago() -> None:
    view = replace(seen(given=form("sign_home", **MINE)), actor=Actor(None, None))
    assert agreement.has_mandate_to_sign(view) == YES
    assert agreement.signature_is_vouched_for(view) == YES


def test_a_signatory_signs_for_herself() -> None:
    view = seen(given=form("sign_home", **MINE))
    signatory = replace(view, actor=Actor(numbered(802), Role.SIGNATORY))
    assert agreement.signature_is_vouched_for(signatory) == YES


@pytest.mark.parametrize(
    ("facts", "sv", "en"),
    [
        ({}, "vår och partnerns", "ours and the partner's"),
        ({"home_signed_on": date(2027, 3, 1)}, "partnerns", "the partner's"),
        ({"partner_signed_on": date(2027, 3, 1)}, "vår", "ours"),
    ],
)
def test_without_both_signatures_it_says_which_is_missing(facts: Any, sv: str, en: str) -> None:
    answer = agreement.is_signed_by_both(seen(facts, state="awaiting_signature"))
    assert isinstance(answer, No)
    assert answer.reason.code == "signature_missing"
    assert answer.reason.message.sv.endswith(f": {sv}.")
    assert answer.reason.message.en.endswith(f": {en}.")


def test_mutual_digital_approval_is_two_signatures() -> None:
    ours = sets("sign_home", fields={**MINE, "home_signed": "digital_approval"}, state="awaiting_signature")
    theirs = {"partner_signed_on": date(2027, 3, 2), "partner_signed": "digital_approval"}
    after = sets("sign_partner", ours.model_dump(), theirs, state="awaiting_signature")
    assert agreement.is_signed_by_both(seen(after.model_dump(), state="awaiting_signature")) == YES


def test_signatures_come_in_any_order_and_the_second_wakes_the_office() -> None:
    for trigger, other in (("sign_home", "partner_signed_on"), ("sign_partner", "home_signed_on")):
        tells = [t for t in transition_of(WORKFLOW, trigger).tells if t.message == "both_signed"]
        first, second = seen(), seen({other: date(2027, 3, 1)})
        assert [bool(t.when and t.when(first)) for t in tells] == [False]
        assert [bool(t.when and t.when(second)) for t in tells] == [True]


@pytest.mark.parametrize(
    ("facts", "running"),
    [
        ({}, {"home_signature", "partner_signature"}),
        ({"home_signed_on": date(2027, 3, 1)}, {"partner_signature"}),
        ({"partner_signed_on": date(2027, 3, 1)}, {"home_signature"}),
        (SIGNED, {"activation"}),
    ],
)
def test_a_clock_runs_for_whoever_is_waited_for(facts: Any, running: set[str]) -> None:
    view = seen(facts, state="awaiting_signature")
    waiting = [each for each in WORKFLOW.deadlines if "awaiting_signature" in each.runs_in]
    assert {each.name for each in waiting if each.applies and each.applies(view)} == running


# Into force.


def test_activation_takes_a_registration_number() -> None:
    with pytest.raises(ValidationError):
        form("activate")
    assert sets("activate", fields=FILED, state="awaiting_signature").registration_number == "FS 2.1-17-21"


FILED = {"registration_number": "FS 2.1-17-21"}


@pytest.mark.parametrize(
    ("facts", "sent", "code"),
    [
        ({"programme": "bilateral"}, {}, None),
        ({"programme": "erasmus"}, {}, "partner_without_charter"),
        ({"programme": "erasmus", "charter_valid_to": date(2024, 12, 31)}, {}, "partner_without_charter"),
        ({"programme": "erasmus", "charter_valid_to": date(2027, 12, 31)}, {}, None),
        ({"programme": "erasmus"}, {"charter_valid_to": date(2027, 12, 31)}, None),
        ({"programme": "erasmus_international"}, {}, None),
    ],
)
def test_an_erasmus_agreement_needs_the_partners_charter(facts: Any, sent: Any, code: str | None) -> None:
    given = form("activate", **FILED, **sent)
    answer = agreement.partner_holds_charter(seen(facts, given=given, state="awaiting_signature"))
    assert answer == YES if code is None else refused(answer, code)


def test_an_agreement_without_an_end_gets_a_day_to_be_looked_at_again() -> None:
    assert sets("activate", {"valid_to": None}, FILED, state="awaiting_signature").review_by == date(2032, 3, 10)
    assert sets("activate", fields=FILED, state="awaiting_signature").review_by is None


# Its end comes near.


def test_the_first_nomination_that_fails_is_the_one_for_the_first_term_not_covered() -> None:
    # The autumn term of 2029 ends in January 2030; nominations for it close on 1 April.
    assert agreement.first_failing(seen()) == date(2029, 4, 1)


def test_the_partners_own_date_goes_before_ours() -> None:
    assert agreement.first_failing(seen({"nomination_autumn": "05-15"})) == date(2029, 5, 15)


def test_a_call_fails_where_any_term_of_its_academic_year_is_not_covered() -> None:
    # The call opens in October 2028 for the academic year that begins in autumn 2029.
    assert agreement.first_failing(seen({"call_opens": "10-15"})) == date(2028, 10, 15)
    assert agreement.first_failing(seen({"call_opens": "02-01"})) == date(2029, 2, 1)


@pytest.mark.parametrize(
    ("valid_to", "failing"),
    [
        (date(2029, 6, 11), date(2029, 4, 1)),  # covers the spring term to the day after
        (date(2029, 6, 10), date(2028, 10, 1)),  # ends with it: one day short
        (date(2029, 1, 21), date(2028, 10, 1)),  # covers the autumn term to the day after
        (date(2029, 1, 20), date(2028, 4, 1)),
    ],
)
def test_a_term_is_covered_to_the_day_after_it_ends(valid_to: date, failing: date) -> None:
    assert agreement.first_failing(seen({"valid_to": valid_to})) == failing


@pytest.mark.parametrize(
    ("facts", "begins"),
    [
        # 15 months before 1 April 2029 comes before 12 months before 30 September 2029.
        ({}, date(2028, 1, 1)),
        ({"call_opens": "10-15"}, date(2027, 7, 15)),
        # An end far from any date: a year before it.
        ({"valid_to": date(2029, 1, 21), "nomination_spring": "12-31"}, date(2027, 9, 30)),
        ({"valid_to": None, "review_by": date(2030, 6, 30)}, date(2029, 6, 30)),
        ({"valid_to": None}, None),
        ({"tacit_renewal_months": 60, "tacit_notice_by": date(2028, 9, 30)}, date(2027, 9, 30)),
    ],
)
def test_it_counts_as_expiring_from_the_earlier_day(facts: Any, begins: date | None) -> None:
    assert agreement.expiring_from(seen(facts)) == begins
    quiet = agreement.last_quiet_day(seen(facts))
    assert quiet == (None if begins is None else begins - timedelta(days=1))


def test_the_months_are_settings_of_the_unit() -> None:
    figures = {"months_before_failing": 3, "months_before_end": 18}
    assert agreement.expiring_from(seen(figures=figures)) == date(2028, 3, 30)


@pytest.mark.parametrize(
    ("deadline", "trigger", "runs_in"),
    [
        ("renewal_begins", "start_expiring", ("active",)),
        ("tacit_renewal", "renew_tacitly", ("expiring",)),
        ("end", "expire", ("expiring", "suspended")),
        ("notice", "take_effect", ("notice_given",)),
    ],
)
def test_the_clock_acts_when_the_last_day_has_ended(deadline: str, trigger: str, runs_in: Any) -> None:
    # Never on a rung before the end: one whose day has gone by when it starts is passed over.
    declared = deadline_of(WORKFLOW, deadline)
    rung = declared.ladder[-1]
    assert (rung.name, rung.at.side.value, declared.runs_in) == (trigger, "missed", runs_in)


def test_expiring_opens_one_renewal_with_the_day_that_presses() -> None:
    (opens,) = transition_of(WORKFLOW, "start_expiring").opens
    (opening,) = opens.each(seen())
    assert (opens.workflow, opens.link, opening.unit) == ("agreement_renewal", "agreement", "statistics")
    assert opening.facts == {"partner_name": "Università di Bologna", "first_failing": date(2029, 4, 1)}


def test_expiring_opens_no_second_renewal() -> None:
    (opens,) = transition_of(WORKFLOW, "start_expiring").opens
    assert opens.each(seen(related={"renewals": (seen(number=7),)})) == ()


def test_an_agreement_without_an_end_is_renewed_by_its_review() -> None:
    (opening,) = agreement.renewal_if_none_is_open(seen({"valid_to": None, "review_by": date(2030, 6, 30)}))
    assert opening.facts["first_failing"] == date(2030, 6, 30)


# It goes on.


@pytest.mark.parametrize("state", RUNNING)
def test_an_extension_moves_the_end(state: str) -> None:
    after = sets("extend", fields={"lasts_to": date(2034, 9, 30)}, state=state)
    assert (after.valid_to, after.review_by) == (date(2034, 9, 30), None)


def test_an_extension_of_an_agreement_without_an_end_moves_its_review() -> None:
    facts = {"valid_to": None, "review_by": date(2027, 6, 30)}
    after = sets("extend", facts, {"lasts_to": date(2032, 6, 30)}, state="expiring")
    assert (after.valid_to, after.review_by) == (None, date(2032, 6, 30))


def test_a_tacit_renewal_goes_on_only_with_a_new_day_to_stop_it() -> None:
    tacit = {"tacit_renewal_months": 12, "tacit_notice_by": date(2029, 3, 31)}
    after = sets("extend", tacit, {"lasts_to": date(2034, 9, 30)}, state="expiring")
    assert agreement.tacit_notice_day(seen(after.model_dump())) is None


@pytest.mark.parametrize("lasts_to", [date(2029, 9, 30), date(2028, 1, 1)])
def test_an_extension_must_reach_further(lasts_to: date) -> None:
    given = form("extend", "active", lasts_to=lasts_to)
    assert refused(agreement.ends_later(seen(given=given)), "not_extended")


def test_an_extension_may_not_end_in_the_past() -> None:
    given = form("extend", "expiring", lasts_to=TODAY)
    answer = agreement.ends_later(seen({"valid_to": date(2027, 1, 1)}, given=given, state="expiring"))
    assert refused(answer, "not_extended")


@pytest.mark.parametrize(("trigger", "source"), [("extend", "expiring"), ("renew_tacitly", "expiring")])
def test_what_is_extended_needs_no_renewal_any_more(trigger: str, source: str) -> None:
    (follow,) = transition_of(WORKFLOW, trigger, source).follow_ups
    assert (follow.along, follow.trigger, follow.if_open) == ("renewals", "note_renewed", True)


def test_a_tacit_renewal_adds_one_period() -> None:
    tacit = {"tacit_renewal_months": 12, "tacit_notice_by": date(2029, 3, 31)}
    after = sets("renew_tacitly", tacit, state="expiring")
    assert (after.valid_to, after.tacit_notice_by) == (date(2030, 9, 30), date(2030, 3, 31))


def test_what_is_not_to_be_renewed_ends_on_its_last_day() -> None:
    tacit = {"tacit_renewal_months": 12, "tacit_notice_by": date(2029, 3, 31)}
    after = sets("let_run_out", tacit, state="expiring")
    assert (after.valid_to, agreement.tacit_notice_day(seen(after.model_dump()))) == (date(2029, 9, 30), None)


def test_cases_move_to_the_successor_with_their_places() -> None:
    handing = transition_of(WORKFLOW, "hand_over_cases")
    view = seen(given=form("hand_over_cases", successor=numbered(9)))
    moved = {(each.along, each.link, each.to(view)) for each in handing.relinks}
    assert moved == {("exchanges", "agreement", numbered(9)), ("nominations", "agreement", numbered(9))}


# What other cases ask: in force.


@pytest.mark.parametrize("state", [*BEFORE_ACTIVE, "suspended", "expired", "terminated", "abandoned"])
def test_an_agreement_in_another_state_is_not_in_force(state: str) -> None:
    answer = agreement.in_force(seen(state=state), stay())
    assert refused(answer, "agreement_not_in_force")
    assert isinstance(answer, No)
    assert state_of(WORKFLOW, state).label.sv in answer.reason.message.sv


@pytest.mark.parametrize("state", RUNNING)
def test_an_active_or_expiring_agreement_is_in_force(state: str) -> None:
    assert agreement.in_force(seen(state=state), stay()) == YES


@pytest.mark.parametrize(
    ("valid_to", "code"),
    [
        (date(2028, 1, 21), None),
        (date(2028, 1, 20), "agreement_ends_too_early"),
        (date(2027, 12, 31), "agreement_ends_too_early"),
        (None, None),
    ],
)
def test_it_must_cover_the_stay_to_the_day_after_it_ends(valid_to: date | None, code: str | None) -> None:
    answer = agreement.in_force(seen({"valid_to": valid_to}), stay(ends_on=date(2028, 1, 20)))
    assert answer == YES if code is None else refused(answer, code)


def test_a_stay_before_the_first_day_is_told_from_when() -> None:
    answer = agreement.in_force(seen({"valid_from": date(2027, 9, 2)}), stay())
    assert refused(answer, "agreement_not_begun")
    assert isinstance(answer, No)
    assert (answer.reason.from_date, answer.reason.who_can) == (date(2027, 9, 2), Role.OFFICER)


UNDER_NOTICE = {"notice": {"told_on": date(2026, 8, 30), "takes_effect_on": date(2027, 9, 1)}}


@pytest.mark.parametrize(
    ("ends_on", "code"),
    [
        (date(2027, 6, 10), None),
        (date(2027, 8, 30), None),
        (date(2027, 8, 31), "agreement_ends_too_early"),
        (date(2028, 1, 20), "agreement_ends_too_early"),
    ],
)
def test_under_notice_it_is_in_force_until_that_takes_effect(ends_on: date, code: str | None) -> None:
    view = seen(UNDER_NOTICE, state="notice_given")
    answer = agreement.in_force(view, stay(starts_on=date(2027, 1, 10), ends_on=ends_on))
    assert answer == YES if code is None else refused(answer, code)


def test_a_notice_that_has_taken_effect_counts_before_the_clock_has_come_by() -> None:
    view = seen(UNDER_NOTICE, state="notice_given", today=date(2027, 9, 1))
    assert refused(agreement.in_force(view, stay()), "agreement_not_in_force")


@example_of(st.dates(), st.dates(), st.dates(), st.one_of(st.none(), st.dates()))
def test_no_stay_and_no_dates_make_the_answer_fail(begins: date, ends: date, first: date, last: date | None) -> None:
    view = seen({"valid_from": first, "valid_to": last})
    answer = agreement.in_force(view, stay(starts_on=begins, ends_on=ends))
    covered = first <= begins and (last is None or ends < last)
    assert (answer == YES) == covered


# What other cases ask: allowed.


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({}, None),
        ({"direction": Direction.INCOMING, "level": Level.DOCTORAL}, None),
        ({"level": Level.MASTER}, None),
        ({"level": Level.DOCTORAL}, "level_not_covered"),
        ({"ends_on": date(2029, 9, 30)}, "agreement_ends_too_early"),
    ],
)
def test_the_refusal_says_which_condition_fails(said: Any, code: str | None) -> None:
    answer = agreement.allows(seen(), stay(**said))
    assert answer == YES if code is None else refused(answer, code)


def only(row: int) -> dict[str, Any]:
    """Leave the agreement with one of its rows."""
    return {"rows": [BOLOGNA["rows"][row]]}


def test_a_direction_without_a_row_is_not_covered() -> None:
    answer = agreement.allows(seen(only(2)), stay())
    assert refused(answer, "direction_not_covered")
    assert isinstance(answer, No)
    assert "utresande" in answer.reason.message.sv


@pytest.mark.parametrize(
    ("field", "covered"), [("0421", True), ("042", True), ("04", False), ("0311", False), (None, True)]
)
def test_a_field_is_covered_by_its_own_code_or_one_that_contains_it(field: str | None, covered: bool) -> None:
    answer = agreement.allows(seen(only(0)), stay(field=field))
    assert answer == YES if covered else refused(answer, "field_not_covered")


def test_an_agreement_not_in_force_allows_nothing() -> None:
    assert refused(agreement.allows(seen(state="suspended"), stay()), "agreement_not_in_force")


def test_both_questions_are_open_to_other_cases() -> None:
    assert dict(WORKFLOW.questions) == {"in_force": agreement.in_force, "allows": agreement.allows}


# Places.


def test_a_stay_counts_against_the_first_row_that_fits() -> None:
    assert agreement.row_for(seen(), stay()) == "law out"
    assert agreement.row_for(seen(), stay(field="0311")) == "any out"
    assert agreement.row_for(seen(), stay(direction=Direction.INCOMING)) == "in"
    assert agreement.row_for(seen(only(2)), stay()) is None


def test_a_stay_counts_against_the_next_row_when_the_first_is_full() -> None:
    full = {"held": [held("law out", 2)]}
    assert agreement.row_for(seen(full), stay()) == "any out"
    assert agreement.row_for(seen(full), stay(academic_year="2028/29")) == "law out"


def test_a_full_year_needs_two_semesters_left_on_one_row() -> None:
    assert agreement.row_for(seen({"held": [held("law out", 1)]}), stay(semesters=2)) == "any out"


def test_where_all_rows_are_full_the_first_is_named_so_that_the_refusal_speaks_of_it() -> None:
    full = {"held": [held("law out", 2), held("any out", 4, number=2)]}
    assert agreement.row_for(seen(full), stay()) == "law out"


def test_places_are_counted_by_row_and_academic_year() -> None:
    taken = {"held": [held("any out", 2), held("any out", 1, number=2), held("any out", 1, year="2028/29", number=3)]}
    view = seen(taken)
    assert [agreement.left(view, "any out", year) for year in ("2027/28", "2028/29", "2029/30")] == [1, 3, 4]
    assert agreement.left(view, "in", "2027/28") == 6
    assert agreement.left(view, "no such row", "2027/28") == 0


def test_an_academic_year_is_the_same_however_it_is_written() -> None:
    assert agreement.left(seen({"held": [held("in", 2, year="2027/2028")]}), "in", "2027/28") == 4


def test_an_extra_place_raises_the_number_for_its_year_alone() -> None:
    after = sets("grant_extra_place", {"held": [held("law out", 2)]}, EXTRA)
    view = seen(after.model_dump())
    assert [agreement.left(view, "law out", year) for year in ("2027/28", "2028/29")] == [1, 2]


EXTRA = {
    "row": "law out",
    "academic_year": "2027/28",
    "semesters": 1,
    "partner_consented_on": date(2027, 3, 1),
}  # fmt: skip


def test_extra_places_add_up() -> None:
    once = sets("grant_extra_place", fields=EXTRA)
    twice = sets("grant_extra_place", once.model_dump(), EXTRA)
    assert agreement.left(seen(twice.model_dump()), "law out", "2027/28") == 4


def test_an_extra_place_needs_a_reason_and_a_row() -> None:
    assert transition_of(WORKFLOW, "grant_extra_place").reason_required
    given = form("grant_extra_place", **{**EXTRA, "row": "medicine"})
    assert refused(agreement.row_exists(seen(given=given)), "unknown_row")


@example_of(st.lists(st.tuples(st.sampled_from(["law out", "any out", "in"]), st.integers(1, 3)), max_size=12))
def test_places_left_are_never_below_zero_nor_above_the_number(taken: list[tuple[str, int]]) -> None:
    places = [held(row, count, number=n) for n, (row, count) in enumerate(taken)]
    view = seen({"held": places})
    for row in view.facts.rows:
        used = sum(count for name, count in taken if name == row.name)
        assert agreement.left(view, row.name, "2027/28") == max(0, row.places - used)


@example_of(st.text(max_size=12))
def test_any_text_may_stand_for_an_academic_year(year: str) -> None:
    assert agreement.left(seen(), "in", year) == 6


def test_an_amendment_changes_what_is_sent_and_keeps_the_rest() -> None:
    fields = {"partner_consented_on": date(2027, 1, 20), "nomination_autumn": "05-01"}
    after = sets("amend", fields=fields)
    assert (after.nomination_autumn, after.rows) == ("05-01", seen().facts.rows)


@pytest.mark.parametrize(("year", "code"), [("2025/26", None), ("2026/27", "row_in_use"), ("2027/28", "row_in_use")])
def test_an_amendment_keeps_the_rows_in_use(year: str, code: str | None) -> None:
    rows = [BOLOGNA["rows"][1], BOLOGNA["rows"][2]]
    given = form("amend", partner_consented_on=TODAY, rows=rows)
    answer = agreement.keeps_rows_in_use(seen({"held": [held("law out", 1, year=year)]}, given=given))
    assert answer == YES if code is None else refused(answer, code)


def test_an_amendment_of_dates_alone_drops_no_row() -> None:
    given = form("amend", partner_consented_on=TODAY, call_opens="02-01")
    assert agreement.keeps_rows_in_use(seen({"held": [held("law out", 1)]}, given=given)) == YES


# The next on reserve.


class Waiting(Facts):
    """What an agreement looks at in a case on the reserve list."""

    stay_from: date | None = date(2027, 9, 1)
    academic_year: str | None = "2027/28"
    reserve_number: int | None = 1
    nomination_by: date | None = None


def reserve(number: int = 1, **facts: Any) -> AnyView:
    """View a case on the reserve list."""
    return replace(seen(number=100 + number), facts=Waiting(**{"reserve_number": number, **facts}))


def test_a_freed_place_is_looked_after_at_once_and_only_where_the_engine_says_so() -> None:
    deadline = deadline_of(WORKFLOW, "next_on_reserve")
    assert deadline.due == AtOnce()
    assert deadline.runs_in == IN_FORCE
    assert [rung.name for rung in deadline.ladder] == ["offer_next"]
    assert WORKFLOW.offers is not None
    assert WORKFLOW.offers.when_freed == "next_on_reserve"


def test_the_place_goes_to_the_first_on_the_list_whose_guards_allow_it() -> None:
    (follow,) = transition_of(WORKFLOW, "offer_next").follow_ups
    assert (follow.along, follow.trigger) == ("reserve_list", "offer")
    assert (follow.first_only, follow.if_open, follow.fields) == (True, True, None)
    assert transition_of(WORKFLOW, "offer_next").to == RECORDED


def test_the_reserve_list_is_ordered_by_number_and_then_by_age() -> None:
    related = next(each for each in WORKFLOW.related if each.name == "reserve_list")
    assert (related.workflow, related.link, related.states) == ("outgoing_exchange", "agreement", ("reserve",))
    old = replace(reserve(3, reserve_number=None), opened_on=date(2026, 1, 1))
    young = reserve(4, reserve_number=None)
    in_line = sorted([young, reserve(2), old, reserve(1)], key=agreement.place_in_line)
    assert [each.id for each in in_line] == [numbered(n) for n in (101, 102, 103, 104)]


@pytest.mark.parametrize(
    ("facts", "waiting", "offered"),
    [
        ({}, {}, True),  # the partner has named no date
        ({"nomination_autumn": "04-01"}, {}, True),
        ({"nomination_autumn": "03-10"}, {}, True),  # to the end of the day itself
        ({"nomination_autumn": "03-09"}, {}, False),
        ({"nomination_spring": "03-09"}, {}, True),  # of another term
        ({"nomination_spring": "10-15"}, {"stay_from": date(2028, 1, 15)}, True),
        ({"nomination_autumn": "03-09"}, {"nomination_by": date(2027, 4, 1)}, True),
        ({"nomination_autumn": "04-01"}, {"nomination_by": date(2027, 3, 9)}, False),
        ({}, {"stay_from": None, "academic_year": None}, True),
    ],
)
def test_a_place_is_offered_while_the_partners_date_is_open(facts: Any, waiting: Any, offered: bool) -> None:
    view = seen(facts, related={"reserve_list": (reserve(**waiting),)})
    assert agreement.may_offer_next(view) is offered


def test_no_place_is_offered_where_none_is_left_or_nobody_waits() -> None:
    full = {"held": [held("law out", 2), held("any out", 4, number=2)]}
    assert not agreement.may_offer_next(seen(full, related={"reserve_list": (reserve(),)}))
    assert not agreement.may_offer_next(seen())


def test_one_closed_date_does_not_hold_back_the_others() -> None:
    line = (reserve(1, nomination_by=date(2027, 1, 1)), reserve(2, stay_from=date(2028, 1, 15)))
    assert agreement.may_offer_next(seen({"nomination_autumn": "01-01"}, related={"reserve_list": line}))


# Notice and rest.


@pytest.mark.parametrize(
    ("told_on", "effect"),
    [
        (date(2026, 8, 31), date(2027, 9, 1)),
        (date(2026, 9, 1), date(2027, 9, 1)),
        (date(2026, 9, 2), date(2028, 9, 1)),
        (date(2027, 3, 10), date(2028, 9, 1)),
    ],
)
def test_erasmus_notice_told_by_1_september_is_in_force_a_year_later(told_on: date, effect: date) -> None:
    after = sets("terminate", {"programme": "erasmus"}, {"told_on": told_on})
    assert (after.notice.told_on, after.notice.takes_effect_on) == (told_on, effect)


def test_other_agreements_name_their_own_months_of_notice() -> None:
    after = sets("terminate", {"notice_months": 6}, {"told_on": date(2027, 8, 31)})
    assert after.notice.takes_effect_on == date(2028, 2, 29)


def test_notice_never_outlasts_the_agreement() -> None:
    after = sets("terminate", {"valid_to": date(2027, 9, 30)}, {"told_on": date(2027, 3, 1)})
    assert after.notice.takes_effect_on == date(2027, 10, 1)


def test_the_last_day_under_notice_is_the_day_before_it_takes_effect() -> None:
    assert agreement.last_day_under_notice(seen(UNDER_NOTICE)) == date(2027, 8, 31)
    assert agreement.last_day_under_notice(seen()) is None


def test_what_is_given_notice_of_needs_no_renewal_and_no_case_is_touched() -> None:
    terminate = transition_of(WORKFLOW, "terminate")
    assert [(each.along, each.trigger) for each in terminate.follow_ups] == [("renewals", "note_notice")]
    assert (terminate.opens, terminate.relinks) == ((), ())


@pytest.mark.parametrize("trigger", ["expire", "take_effect"])
def test_a_renewal_not_done_lapses_with_the_agreement(trigger: str) -> None:
    (follow,) = transition_of(WORKFLOW, trigger).follow_ups
    assert (follow.along, follow.trigger, follow.if_open) == ("renewals", "lapse", True)


@pytest.mark.parametrize("trigger", ["suspend", "terminate", "request_changes", "grant_extra_place"])
def test_what_goes_against_somebody_is_reasoned(trigger: str) -> None:
    assert transition_of(WORKFLOW, trigger).reason_required


# Days at the edges of the calendar.

FAR = st.dates() | st.sampled_from([date.min, date.max])
MONTH_DAYS = st.from_regex(r"\A(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])\Z")


@example_of(FAR, st.one_of(st.none(), MONTH_DAYS), MONTH_DAYS)
def test_any_end_and_any_dates_give_a_day_to_begin(end: date, call: str | None, nominations: str) -> None:
    facts = {"valid_to": end, "call_opens": call, "nomination_autumn": nominations}
    begins, failing = agreement.expiring_from(seen(facts)), agreement.first_failing(seen(facts))
    assert begins is not None
    assert begins <= months_from(end, -12)
    assert failing is None or begins <= months_from(failing, -15)
    # Only the last year there is, written to say that there is no end, leaves nothing to fail.
    assert failing is not None or end.year == date.max.year


@example_of(FAR, st.integers(-1200, 1200))
def test_months_are_counted_to_the_edges_of_the_calendar(day: date, months: int) -> None:
    moved = months_from(day, months)
    if date.min < moved < date.max:
        assert (moved.year - day.year) * 12 + moved.month - day.month == months
        assert moved.day <= day.day


@example_of(FAR, FAR, st.sampled_from(["erasmus", "bilateral"]))
def test_notice_takes_effect_on_some_day_whenever_it_was_told(told_on: date, end: date, programme: str) -> None:
    effect = agreement.takes_effect_on(seen({"programme": programme, "valid_to": end}), told_on)
    assert effect <= days_from(end, 1)


def test_a_day_a_year_lacks_is_the_last_of_its_month() -> None:
    assert day_in(2027, "02-30") == date(2027, 2, 28)
    assert last_before("02-30", date(2028, 3, 1)) == date(2028, 2, 29)


# What is shown.


def test_the_title_says_with_whom_and_until_when() -> None:
    assert WORKFLOW.title(seen({"programme": "erasmus"})) == "Università di Bologna, Erasmus 2025–2029"
    assert WORKFLOW.title(seen({"valid_to": None})) == "Università di Bologna, Bilateral 2025–"
    assert WORKFLOW.title(seen({"reference": "IO_117"})).endswith("2025–2029 (IO_117)")


def test_the_partner_is_found_in_the_register() -> None:
    assert WORKFLOW.partner is not None
    assert WORKFLOW.partner(seen({"partner": numbered(5)})) == numbered(5)
    assert WORKFLOW.partner(seen()) is None
