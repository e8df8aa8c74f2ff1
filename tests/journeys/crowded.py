"""An office in the middle of everything: cases of all five processes, in the states in which steps are refused."""

from __future__ import annotations

from tests.journeys import agreements, exchanges
from tests.journeys.agreements import IN, OUT
from tests.journeys.office import HIST, INSTITUTION, Office, student

LUND = "lu.se"
STAY = {"stay_from": "2027-08-30", "stay_to": "2028-01-16", "level": "bachelor"}
VOUCHED = {"no_conflict_of_interest": True}
FAILED = {**VOUCHED, "failed_requirement": "Matematik 3c"}


def crowd(office: Office) -> dict[str, str]:
    """Bring everything about; the cases by name."""
    more_people(office)
    cases: dict[str, str] = {"nowhere": "01900000-0000-7000-8000-000000000000"}
    with_agreements(office, cases)
    with_exchanges(office, cases)
    with_nominations(office, cases)
    with_reviews(office, cases)
    office.let_things_happen()
    return cases


def more_people(office: Office) -> None:
    """The deputy both coordinates and signs; the second reviewer stands in for the first; Lund has an office too."""
    directory = office.house.directory
    with directory.change(INSTITUTION, by="installation", what="roles") as change:
        deputy = office.ids["stat.deputy"]
        change.member(deputy, "coordinator", "STAT")
        change.member(deputy, "signatory", "STAT")
        change.mandate(deputy, "sign_agreement", "STAT")
        change.member(office.ids["hist.deputy"], "signatory", "STAT")
        change.absence(office.ids["stat.reviewer"], weekdays=[4], substitute=office.ids["stat.second"])
    with directory.change(LUND, by="installation", what="cast") as change:
        change.unit(LUND, name_sv="Lunds universitet", name_en="Lund University", mailbox="lund@example.org")
        person = change.person(email="officer@example.org", name="Lund Officer", language="en")
        change.member(person.id, "officer", LUND)
    office.tokens["lund.officer"] = directory.issue_token(LUND, person.id)


def with_agreements(office: Office, cases: dict[str, str]) -> None:
    """One in force with a renewal, a draft, one with the office, one to be signed, one given up."""
    cases["in force"] = agreements.in_force(office, rows=[{**OUT, "places": 1}, IN])
    facts = {"partner_name": "Universität Musterstadt", "first_failing": "2031-04-01"}
    cases["renewal"] = office.open("stat.coordinator", "agreement_renewal", "STAT", facts, agreement=cases["in force"])
    cases["draft"] = agreements.draft(office)
    cases["with the office"] = agreements.draft(office)
    office.do("stat.coordinator", cases["with the office"], "submit_for_review")
    cases["to be signed"] = agreements.draft(office)
    office.do("stat.deputy", cases["to be signed"], "submit_for_review")
    checked = {"risk_check_on": "2027-01-11", "risk": "acceptable", "no_duplicate_in_force": True}
    office.do("officer", cases["to be signed"], "send_to_partner", checked)
    office.do("stat.deputy", cases["to be signed"], "partner_agrees", {"partner_agreed_on": "2027-01-11"})
    cases["given up"] = agreements.draft(office)
    office.do("stat.coordinator", cases["given up"], "abandon")


def with_exchanges(office: Office, cases: dict[str, str]) -> None:
    """One holds the only place and is with the partner; others wait for it, borrowed or not, or have withdrawn."""
    agreement = cases["in force"]
    cases["nominated out"] = exchanges.applies(office, agreement, name="Anna")
    exchanges.ranked(office, cases["nominated out"])
    exchanges.nominated(office, cases["nominated out"])
    cases["ranked"] = exchanges.applies(office, agreement, name="Bo")
    exchanges.ranked(office, cases["ranked"])
    cases["applied"] = exchanges.applies(office, agreement, name="Cia", credits_required=120)
    cases["borrowing"] = exchanges.applies(office, agreement, home=HIST, name="Dan")
    measured = {**VOUCHED, "checked_against_the_call": True}
    office.do("hist.coordinator", cases["borrowing"], "check_eligibility", measured)
    office.do("stat.coordinator", cases["borrowing"], "rank", {**VOUCHED, "points": 1})
    cases["withdrawn"] = exchanges.applies(office, agreement, name="Eva")
    office.do("stat.coordinator", cases["withdrawn"], "withdraw")
    cases["closed"] = exchanges.applies(office, agreement, name="Fia")
    exchanges.ranked(office, cases["closed"])
    office.do("stat.coordinator", cases["closed"], "close_without_place")


def with_nominations(office: Office, cases: dict[str, str]) -> None:
    """One to be answered, one that came for a level the agreement does not cover, one under review."""
    for name, level in (
        ("nominated in", "bachelor"),
        ("of another level", "doctoral"),
        ("under review in", "bachelor"),
    ):
        facts = {**STAY, "level": level}
        who, subject = "stat.coordinator", student("Lena")
        cases[name] = office.open(
            who, "incoming_nomination", "STAT", facts, subject=subject, agreement=cases["in force"]
        )
    case = cases["under review in"]
    office.do("stat.coordinator", case, "accept_nomination")
    wanted = {"courses": [{"course": "Statistik B", "ects": 15}]}
    office.do("stat.coordinator", case, "submit_application", wanted, on_behalf_of="student")
    office.do("stat.coordinator", case, "start_review")


def with_reviews(office: Office, cases: dict[str, str]) -> None:
    """One received, one under review, one proposed ineligible, one decided."""
    for name in ("received", "under review", "proposed", "decided"):
        facts = {"course": "Statistik A", "requirements": [{"name": "Matematik 3c"}]}
        cases[name] = office.open("admissions", "eligibility_review", "STAT", facts, subject=student("Nils"))
        if name != "received":
            office.do("stat.reviewer", cases[name], "take")
    office.do("stat.reviewer", cases["proposed"], "propose_ineligible", FAILED, reason="Kravet saknas.")
    office.do("stat.reviewer", cases["decided"], "find_ineligible", FAILED, reason="Kravet saknas.")
    office.do("admissions", cases["decided"], "record_decision", {**VOUCHED, "decided_on": "2027-01-11"})
