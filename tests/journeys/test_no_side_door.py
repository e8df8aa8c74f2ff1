"""Whatever is refused has its status and its reasons, and leaves every table as it was.

All five processes, in one crowded office on each database. Nothing a refusal touches can
be seen afterwards, so the tests share the office: each is one knock at one door.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest

from engine.catalogue import Catalogue
from tests.databases import Databases
from tests.journeys import crowded
from tests.journeys.office import Office, open_office, student

VOUCHED, FAILED = crowded.VOUCHED, crowded.FAILED
NO_ROLE, NOT_NOW, STALE = ("not_your_role",), (), ()


@dataclass(frozen=True)
class Knock:
    """A step somebody asks for, and how it is refused."""

    who: str
    case: str
    trigger: str
    status: int
    codes: tuple[str, ...]
    fields: Mapping[str, Any] = field(default_factory=dict)
    reason: str | None = None
    on_behalf_of: str | None = None
    version: int | str | None = None
    """What stands in If-Match: the present version (None), another, or "missing"."""


STEPS: dict[str, Knock] = {
    # Not in this state, and no more steps at all.
    "an exchange that is ranked cannot depart": Knock(
        "stat.coordinator", "ranked", "depart", 409, NOT_NOW, {"began_on": "2027-08-23"}
    ),
    "a withdrawn exchange is final": Knock("stat.coordinator", "withdrawn", "offer", 409, NOT_NOW),
    "an abandoned agreement is final": Knock("stat.coordinator", "given up", "submit_for_review", 409, NOT_NOW),
    "a decided review is not found eligible": Knock("stat.reviewer", "decided", "find_eligible", 409, NOT_NOW, VOUCHED),
    "a nomination is not admitted before it is accepted": Knock(
        "officer", "nominated in", "admit", 409, NOT_NOW, VOUCHED
    ),
    "a renewal is not completed before it is evaluated": Knock(
        "officer", "renewal", "complete_renewal", 409, NOT_NOW, {"renewed_to": "2035-12-31"}
    ),
    "an agreement in force is not sent to the partner again": Knock(
        "officer", "in force", "send_to_partner", 409, NOT_NOW
    ),
    # A guard says no, with or without the fields.
    "no place is left": Knock("stat.coordinator", "ranked", "offer", 409, ("no_place_left",)),
    "a borrowed place is not lent, nor is one left": Knock(
        "stat.coordinator", "borrowing", "offer", 409, ("place_not_lent", "no_place_left")
    ),
    "one's own place is not lent": Knock("stat.coordinator", "ranked", "lend_place", 409, ("own_place",)),
    "the call's credits are not reached": Knock(
        "stat.coordinator", "applied", "check_eligibility", 409, ("too_low_credits",),
        {**VOUCHED, "checked_against_the_call": True, "credits": 90},
    ),
    "the agreement covers no doctoral students": Knock(
        "stat.coordinator", "of another level", "accept_nomination", 409, ("level_not_covered", "no_row_for_stay")
    ),
    "eligible courses do not reach the minimum": Knock(
        "admissions", "under review in", "admit", 409, ("too_few_credits",), VOUCHED
    ),
    "a requirement is not assessed": Knock(
        "stat.reviewer", "under review", "find_eligible", 409, ("requirement_not_fulfilled",), VOUCHED
    ),
    "an answer day has passed": Knock(
        "admissions", "received", "set_answer_by", 409, ("answer_day_has_passed",), {"answer_by": "2027-01-08"}
    ),
    "the risk cannot be borne": Knock(
        "officer", "with the office", "send_to_partner", 409, ("risk_not_acceptable",),
        {"risk_check_on": "2027-01-11", "risk": "not_acceptable", "no_duplicate_in_force": True},
    ),
    "a signatory without a mandate does not sign": Knock(
        "hist.deputy", "to be signed", "sign_home", 409, ("no_mandate_to_sign",),
        {**VOUCHED, "home_signed_on": "2027-01-11"},
    ),
    "nothing is in force that nobody has signed": Knock(
        "officer", "to be signed", "activate", 409, ("signature_missing",), {"registration_number": "FS 1"}
    ),
    "an extension that ends no later extends nothing": Knock(
        "officer", "in force", "extend", 409, ("not_extended",), {"lasts_to": "2031-12-31"}
    ),
    # Not in this role, or not in this unit.
    "an auditor reads and does nothing": Knock("auditor", "in force", "suspend", 403, NO_ROLE, reason="krig"),
    "a coordinator grants no extra place": Knock("stat.coordinator", "in force", "grant_extra_place", 403, NO_ROLE),
    "a reviewer of another unit sees no review": Knock("hist.reviewer", "received", "take", 404, ()),
    "the home unit does not rank on another's agreement": Knock(
        "hist.coordinator", "borrowing", "lend_place", 403, NO_ROLE
    ),
    "no person plays the clock": Knock("officer", "in force", "start_expiring", 403, NO_ROLE),
    "no person notes a review's outcome by hand": Knock("officer", "under review in", "note_review", 403, NO_ROLE),
    "the coordinator does not decide to renew": Knock("stat.coordinator", "renewal", "decide_renew", 403, NO_ROLE),
    "an admin does no casework, and sees none": Knock("admin", "received", "take", 404, ()),
    # Four eyes.
    "the proposer does not confirm": Knock(
        "stat.reviewer", "proposed", "confirm_ineligible", 409, ("four_eyes",), VOUCHED
    ),
    "the proposer's substitute does not confirm": Knock(
        "stat.second", "proposed", "confirm_ineligible", 409, ("four_eyes",), VOUCHED
    ),
    "who submitted the draft does not sign it": Knock(
        "stat.deputy", "to be signed", "sign_home", 409, ("four_eyes",),
        {**VOUCHED, "home_signed_on": "2027-01-11"},
    ),
    # What was sent.
    "a version that has passed": Knock("stat.coordinator", "nominated out", "withdraw", 412, STALE, version=3),
    "a version that is still to come": Knock("stat.reviewer", "received", "take", 412, STALE, version=99),
    "no version": Knock("officer", "renewal", "note_renewed", 428, (), version="missing"),
    "no such step": Knock("stat.coordinator", "draft", "sign_in_blood", 422, ()),
    "a date that is none": Knock(
        "officer", "in force", "terminate", 422, ("field:told_on",), {"told_on": "2027-02-30"}, reason="Slut."
    ),
    "a field nobody asked for": Knock("stat.reviewer", "received", "take", 422, ("field:hurry",), {"hurry": True}),
    "a conflict of interest": Knock(
        "stat.coordinator", "applied", "check_eligibility", 422, ("field:no_conflict_of_interest",),
        {"no_conflict_of_interest": False, "checked_against_the_call": True},
    ),
    "no reason where one is owed": Knock("officer", "in force", "suspend", 422, ("reason_required",)),
    "a decision against somebody without a reason": Knock(
        "stat.reviewer", "under review", "find_ineligible", 422, ("reason_required",), FAILED
    ),
    "nobody acts on behalf of the clock": Knock(
        "officer", "nominated in", "withdraw", 422, ("field:on_behalf_of",), on_behalf_of="clock"
    ),
    "what the student did needs evidence, and her name": Knock(
        "stat.coordinator", "nominated in", "withdraw", 422, ("field:on_behalf_of", "field:evidence")
    ),
    # Not this institution's.
    "another university sees no agreement": Knock("lund.officer", "in force", "suspend", 404, (), reason="krig"),
    "another university sees no exchange": Knock("lund.officer", "ranked", "withdraw", 404, ()),
    "nobody sees what is not there": Knock("officer", "nowhere", "withdraw", 404, ()),
}  # fmt: skip


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def crowd(
    request: pytest.FixtureRequest, databases: Databases, processes: Catalogue, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Office, dict[str, str]]]:
    """The crowded office and its cases by name, once on each database."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            url = databases.sqlite(tmp_path_factory.mktemp("crowd") / "fardplan.db")
        else:
            url = stack.enter_context(databases.postgresql())
        office = stack.enter_context(open_office(url, processes))
        yield office, crowded.crowd(office)


@pytest.mark.parametrize("knock", [pytest.param(knock, id=name) for name, knock in STEPS.items()])
def test_a_refused_step_changes_nothing(crowd: tuple[Office, dict[str, str]], knock: Knock) -> None:
    office, cases = crowd
    path, match = f"/cases/{cases[knock.case]}/transitions", _match(office, cases[knock.case], knock)
    body = {"trigger": knock.trigger, "fields": knock.fields, "reason": knock.reason}
    if knock.on_behalf_of:
        body["on_behalf_of"] = knock.on_behalf_of
    before = office.tables()

    answer = office.post(knock.who, path, body, if_match=match, idempotency_key="knock")

    assert (answer.status_code, said(answer.json())) == (knock.status, knock.codes), answer.text
    assert office.tables() == before


def _match(office: Office, case: str, knock: Knock) -> str | None:
    if knock.version == "missing":
        return None
    if knock.version is not None:
        return f'"{knock.version}"'
    seen = office.get("officer", f"/cases/{case}")
    return f'"{seen.json()["version"] if seen.is_success else 1}"'


def said(problem: Mapping[str, Any]) -> tuple[str, ...]:
    """The codes of the reasons; each has words in both languages."""
    reasons = problem.get("reasons", ())
    assert all(reason["message"]["sv"] and reason["message"]["en"] for reason in reasons)
    return tuple(reason["code"] for reason in reasons)


OPENINGS: dict[str, tuple[str, dict[str, Any], int, tuple[str, ...]]] = {
    "an auditor opens nothing": ("auditor", {}, 403, NO_ROLE),
    "a coordinator of another unit opens no review": ("hist.coordinator", {}, 403, NO_ROLE),
    "no such process": ("admissions", {"workflow": "war"}, 422, ("field:workflow",)),
    "no such unit": ("admissions", {"unit": "MARS"}, 422, ("field:unit",)),
    "nobody it is about": ("admissions", {"subject": None}, 422, ("field:subject",)),
    "a person nobody knows": (
        "admissions", {"subject": "01900000-0000-7000-8000-000000000000"}, 422, ("field:subject",),
    ),
    "a fact only the system writes": (
        "admissions", {"facts": {"course": "A", "outcome": "eligible"}}, 422, ("field:facts.outcome",),
    ),
    "facts that are missing": ("admissions", {"facts": {}}, 422, ("field:course",)),
    "an exchange without its agreement": (
        "stat.coordinator", {"workflow": "outgoing_exchange"}, 422, ("field:links.agreement",),
    ),
    "a link to a case of another kind": ("admissions", {"links": {"parent": "in force"}}, 422, ("field:links.parent",)),
    "a second renewal beside an open one": (
        "stat.coordinator",
        {
            "workflow": "agreement_renewal", "subject": None, "links": {"agreement": "in force"},
            "facts": {"partner_name": "M"},
        },
        409,
        ("renewal_already_open",),
    ),
    "another university's unit": ("lund.officer", {}, 422, ("field:unit",)),
    "another university's agreement": (
        "lund.officer",
        {
            "workflow": "agreement_renewal", "unit": crowded.LUND, "subject": None,
            "links": {"agreement": "in force"}, "facts": {"partner_name": "M"},
        },
        422,
        ("field:links.agreement",),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("who", "wrong", "status", "codes"), [pytest.param(*v, id=k) for k, v in OPENINGS.items()])
def test_a_refused_opening_leaves_no_case_and_no_person(
    crowd: tuple[Office, dict[str, str]], who: str, wrong: dict[str, Any], status: int, codes: tuple[str, ...]
) -> None:
    office, cases = crowd
    asked = {"workflow": "eligibility_review", "unit": "STAT", "facts": {"course": "A"}, "subject": student("Nova")}
    body = {**asked, **wrong}
    body["links"] = {name: cases[case] for name, case in wrong.get("links", {}).items()}
    before = office.tables()

    answer = office.post(who, "/cases", body, idempotency_key="knock")

    assert (answer.status_code, said(answer.json())) == (status, codes), answer.text
    assert office.tables() == before


SMALL: dict[str, tuple[str, str, str, str, dict[str, Any], int, tuple[str, ...]]] = {
    "a place is not corrected away": (
        "POST", "officer", "in force", "corrections", {"facts": {"held": []}, "reason": "fel"}, 422,
        ("field:facts.held",),
    ),
    "a registration is not corrected in": (
        "POST", "officer", "nominated out", "corrections", {"facts": {"registered_on": "2027-01-11"}, "reason": "x"},
        422, ("field:facts.registered_on",),
    ),
    "nothing is corrected without a reason": (
        "POST", "officer", "ranked", "corrections", {"facts": {"points": 99}, "reason": " "}, 422,
        ("reason_required",),
    ),
    "a correction that cannot be": (
        "POST", "stat.coordinator", "ranked", "corrections", {"facts": {"stay_to": "2026-01-01"}, "reason": "x"}, 422,
        ("field:fields",),
    ),
    "a reviewer corrects no review": (
        "POST", "stat.reviewer", "received", "corrections", {"facts": {"course": "B"}, "reason": "x"}, 403, NO_ROLE,
    ),
    "a longer stay is no correction where no place is left for it": (
        "POST", "officer", "nominated out", "corrections", {"facts": {"semesters": 2}, "reason": "x"}, 409,
        ("no_place_left",),
    ),
    "an auditor writes no comment": ("POST", "auditor", "ranked", "comments", {"text": "hm"}, 403, NO_ROLE),
    "an auditor is made nobody's assignee": (
        "PUT", "officer", "ranked", "assignee", {"person": "auditor"}, 422, ("field:person",),
    ),
    "a finished case has no assignee": (
        "PUT", "officer", "withdrawn", "assignee", {"person": "officer"}, 409, ("final",),
    ),
    "who holds a place keeps its agreement": (
        "POST", "officer", "nominated out", "links", {"name": "agreement", "case": "draft"}, 409, ("holds_place",),
    ),
    "no link to oneself": (
        "POST", "officer", "ranked", "links", {"name": "agreement", "case": "ranked"}, 422, ("field:case",),
    ),
    "no link to a case that is none": (
        "POST", "officer", "ranked", "links", {"name": "agreement", "case": "nowhere"}, 422, ("field:case",),
    ),
    "another university comments on nothing": ("POST", "lund.officer", "ranked", "comments", {"text": "hm"}, 404, ()),
}  # fmt: skip


@pytest.mark.parametrize(
    ("method", "who", "case", "what", "body", "status", "codes"), [pytest.param(*v, id=k) for k, v in SMALL.items()]
)
def test_a_refused_small_change_changes_nothing(
    crowd: tuple[Office, dict[str, str]],
    *,
    method: str,
    who: str,
    case: str,
    what: str,
    body: dict[str, Any],
    status: int,
    codes: tuple[str, ...],
) -> None:
    office, cases = crowd
    names = {**cases, **office.ids}
    sent = {key: names.get(value, value) if isinstance(value, str) else value for key, value in body.items()}
    match = f'"{office.read(cases[case])["version"]}"'
    before = office.tables()

    answer = office.ask(who, method, f"/cases/{cases[case]}/{what}", sent, if_match=match)

    assert (answer.status_code, said(answer.json())) == (status, codes), answer.text
    assert office.tables() == before


def test_a_bulk_step_refused_for_all_changes_nothing(crowd: tuple[Office, dict[str, str]]) -> None:
    office, cases = crowd
    wanted = [{"id": cases["ranked"], "version": 3}, {"id": cases["withdrawn"], "version": 2}]
    before = office.tables()

    answer = office.post("stat.coordinator", "/bulk/transitions", {"cases": wanted, "trigger": "offer"})

    outcomes = answer.json()["outcomes"]
    assert [each["status"] for each in outcomes] == [409, 409]
    assert outcomes[0]["problem"]["reasons"][0]["code"] == "no_place_left"
    assert office.tables() == before


def test_a_dry_run_of_a_step_that_could_be_taken_changes_nothing(crowd: tuple[Office, dict[str, str]]) -> None:
    office, cases = crowd
    body = {"cases": [{"id": cases["received"], "version": 1}], "trigger": "take", "dry_run": True}
    before = office.tables()

    answer = office.post("stat.reviewer", "/bulk/transitions", body)

    assert [each["status"] for each in answer.json()["outcomes"]] == [200]
    assert office.tables() == before


def test_after_all_the_knocking_every_history_still_replays(crowd: tuple[Office, dict[str, str]]) -> None:
    office, cases = crowd
    office.verify(*(case for name, case in cases.items() if name != "nowhere"))
