"""Agreements for the journeys, brought into force step by step over HTTP."""

from __future__ import annotations

from typing import Any

from tests.journeys.office import STAT, Office, in_one_unit

OUT = {"name": "ut", "direction": "outgoing", "places": 2, "levels": ["bachelor"]}
IN = {"name": "in", "direction": "incoming", "places": 2, "levels": ["bachelor"]}
TERMS: dict[str, Any] = {
    "partner_name": "Universität Musterstadt",
    "study_plan": "three_party",
    "valid_from": "2026-01-01",
    "valid_to": "2031-12-31",
    "nomination_autumn": "04-15",
    "nomination_spring": "10-15",
    "rows": [OUT, IN],
    "partner_signatory": "Prof. Muster",
    "partner_mandate": "Präsidium",
}


def draft(office: Office, unit: str = STAT, **terms: Any) -> str:
    """A draft of the department's coordinator; its id."""
    facts = {**TERMS, "partner": office.partner, **terms}
    return office.open(in_one_unit(unit, "coordinator"), "agreement", unit, facts)


def agreed(office: Office, case: str, unit: str = STAT) -> None:
    """Take a draft through review to the partner's yes."""
    office.do(in_one_unit(unit, "coordinator"), case, "submit_for_review")
    checked = {"risk_check_on": "2027-01-11", "risk": "acceptable", "no_duplicate_in_force": True}
    office.do("officer", case, "send_to_partner", checked)
    office.do(in_one_unit(unit, "coordinator"), case, "partner_agrees", {"partner_agreed_on": "2027-01-11"})


def signed(office: Office, case: str, unit: str = STAT) -> None:
    """Have both sign, and put the agreement in force."""
    ours = {"no_conflict_of_interest": True, "home_signed_on": "2027-01-11"}
    office.do(in_one_unit(unit, "signatory"), case, "sign_home", ours)
    office.do(in_one_unit(unit, "coordinator"), case, "sign_partner", {"partner_signed_on": "2027-01-11"})
    office.do("officer", case, "activate", {"registration_number": "FS 1.6.2-12-27"})


def in_force(office: Office, unit: str = STAT, **terms: Any) -> str:
    """An agreement in force; its id."""
    case = draft(office, unit, **terms)
    agreed(office, case, unit)
    signed(office, case, unit)
    assert office.state(case) == "active"
    return case


def holders(office: Office, agreement: str) -> list[str]:
    """The cases that hold a place under the agreement, in the order they got it."""
    return [held["case"] for held in office.facts(agreement, "held")]
