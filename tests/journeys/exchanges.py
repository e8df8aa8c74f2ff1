"""The road of an outgoing exchange, chapter by chapter: journeys that part later share what comes before."""

from __future__ import annotations

from typing import Any

from tests.journeys.office import STAT, Office, in_one_unit, student

AUTUMN = {
    "stay_from": "2027-08-23",
    "stay_to": "2028-01-16",
    "academic_year": "2027/28",
    "semesters": 1,
    "level": "bachelor",
    "call_closes_on": "2027-02-01",
}
VOUCHED = {"no_conflict_of_interest": True}
COURSE = {"name": "Zeitreihenanalyse", "ects": 15}


def applies(office: Office, agreement: str, *, home: str = STAT, name: str = "Anna", **facts: Any) -> str:
    """A student applies; the home department's coordinator opens the case."""
    who = in_one_unit(home, "coordinator")
    case = {**AUTUMN, **facts}
    return office.open(who, "outgoing_exchange", home, case, subject=student(name), agreement=agreement)


def ranked(office: Office, case: str, *, home: str = STAT, owner: str = STAT, points: int = 80) -> None:
    """Found eligible at home, ranked by whoever owns the places, and the place lent where it must be."""
    measured = {**VOUCHED, "checked_against_the_call": True, "credits": 90, "share_passed": 95}
    office.do(in_one_unit(home, "coordinator"), case, "check_eligibility", measured)
    office.do(in_one_unit(owner, "coordinator"), case, "rank", {**VOUCHED, "points": points})
    if home != owner:
        office.do(in_one_unit(owner, "coordinator"), case, "lend_place")


def on_reserve(office: Office, case: str, number: int) -> None:
    """Put on the reserve list of STAT."""
    office.do("stat.coordinator", case, "place_on_reserve", {"reserve_number": number})


def nominated(office: Office, case: str, *, home: str = STAT, owner: str = STAT) -> None:
    """Offered, accepted by the student, and nominated to the partner."""
    office.do(in_one_unit(owner, "coordinator"), case, "offer")
    office.do(in_one_unit(home, "coordinator"), case, "accept_place", on_behalf_of="student")
    office.do(in_one_unit(owner, "coordinator"), case, "nominate")


def accepted_by_host(office: Office, case: str, *, home: str = STAT) -> None:
    """The host's letter of acceptance comes."""
    came = {"letter_on": "2027-05-20", "host_assessment_ends_on": "2028-01-14"}
    office.do(in_one_unit(home, "coordinator"), case, "record_host_acceptance", came)


def ready(office: Office, case: str, *, home: str = STAT) -> None:
    """Course choice, three signatures, registration, insurance: nothing stands in the way any more."""
    who = in_one_unit(home, "coordinator")
    office.do(who, case, "approve_course_choice", {"course_choice": [COURSE]})
    for party in ("student", "sending", "receiving"):
        office.do(who, case, "record_signature", {"party": party, "signed_on": "2027-06-01"})
    office.do(who, case, "sign_learning_agreement", VOUCHED)
    registered = {"registered_on": "2027-06-02", "checked_again": True, "departure_credits": 90}
    office.do(who, case, "register", registered)
    office.do(who, case, "issue_insurance", {"host_country": "DE"})


def abroad(office: Office, agreement: str, *, home: str = STAT, name: str = "Anna", **facts: Any) -> str:
    """A student who has left, on a place of STAT, all in order; the clock stands at the day of arrival."""
    case = applies(office, agreement, home=home, name=name, **facts)
    ranked(office, case, home=home)
    nominated(office, case, home=home)
    accepted_by_host(office, case, home=home)
    ready(office, case, home=home)
    office.move("2027-08-23 10:00")
    office.do(in_one_unit(home, "coordinator"), case, "depart", {"began_on": "2027-08-23"})
    return case


def recognised(office: Office, case: str, *, home: str = STAT, **outcome: Any) -> None:
    """The transcript comes, the student applies, the coordinator gives an opinion, it is decided."""
    who = in_one_unit(home, "coordinator")
    office.do(who, case, "receive_transcript", {"transcript": "ToR 17"})
    office.do(who, case, "apply_for_recognition", {"components": [COURSE]}, on_behalf_of="student")
    office.do(who, case, "give_opinion", {"opinion": "Motsvarar Tidsserieanalys."})
    decided = {**VOUCHED, "outcomes": [{"name": COURSE["name"], "result": "granted", "ects": 15, **outcome}]}
    office.do(in_one_unit(home, "recogniser"), case, "recognise", decided)


def reported(office: Office, case: str, *, home: str = STAT) -> None:
    """The student's report closes the case."""
    office.do(in_one_unit(home, "coordinator"), case, "file_report", on_behalf_of="student")
