"""A partner nominates a student: two departments are asked, one says no, another course is chosen.

Nominated on 15 March 2027 for the autumn; closed in the spring of 2028.
"""

from __future__ import annotations

from typing import Any

from tests.journeys import agreements
from tests.journeys.office import Office, student

STAY = {"stay_from": "2027-08-30", "stay_to": "2028-01-16", "level": "bachelor", "term_start": "2027-08-30"}
STATISTICS: dict[str, Any] = {"course": "Statistik B", "course_code": "2ST017", "ects": 15}
HISTORY: dict[str, Any] = {"course": "Historia C", "course_code": "1HI201", "ects": 15, "unit": "HIST"}
OTHER: dict[str, Any] = {"course": "Nordisk historia", "course_code": "1HI150", "ects": 15, "unit": "HIST"}
VOUCHED = {"no_conflict_of_interest": True}
WHY = "Historia B saknas."
PATH = [
    "nominated", "accepted", "applied", "under_review", "admitted", "learning_agreement_signed",
    "arrived", "registered", "departed", "transcript_sent", "completed",
]  # fmt: skip


def test_a_nominated_student_gets_another_course_and_is_admitted(office: Office) -> None:
    office.move("2027-03-15 10:00")
    agreement = agreements.in_force(office)
    case = nomination(office, agreement)
    statistics, history = application(office, case)
    answers(office, case, statistics, history)
    new_choice(office, case, history)
    admission(office, case, statistics, history)
    semester(office, case)

    assert office.path(case) == PATH
    assert office.due(case) == office.due(history) == {}
    assert agreements.holders(office, agreement) == [case]
    office.verify(case, statistics, history, agreement)


def nomination(office: Office, agreement: str) -> str:
    """Answered in ten working days; a place is taken, student and partner are told."""
    facts = {**STAY, "nominated_on": "2027-03-15", "sending_institution": "Universität Musterstadt"}
    case = office.open(
        "stat.coordinator", "incoming_nomination", "STAT", facts, subject=student("Lena"), agreement=agreement
    )
    assert office.told(case) == [("stat.coordinator", "nominated")]
    assert office.due(case) == {"nomination": "2027-03-31"}

    office.do("stat.coordinator", case, "accept_nomination")

    assert agreements.holders(office, agreement) == [case]
    assert office.told(case) == [("partner", "nomination_accepted"), ("student", "apply")]
    assert office.due(case) == {"application": "2027-04-15"}
    return case


def application(office: Office, case: str) -> tuple[str, str]:
    """Reminded a week before; each course goes to the department that gives it."""
    office.move("2027-04-12 10:00")
    assert office.rungs(case) == [("application", "remind_first", "2027-04-08 00:00")]
    wanted = {"courses": [STATISTICS, HISTORY], "alternatives": [OTHER]}
    office.do("officer", case, "submit_application", wanted, on_behalf_of="student")
    office.do("stat.coordinator", case, "start_review")

    found = office.get("officer", "/cases?workflow=eligibility_review").json()["items"]
    opened = {each["unit"]: each for each in found}
    assert {unit: each["links"] for unit, each in opened.items()} == {
        "STAT": {"parent": [case]},
        "HIST": {"parent": [case]},
    }
    statistics, history = str(opened["STAT"]["id"]), str(opened["HIST"]["id"])
    assert office.told(history) == [("hist.reviewer", "requested"), ("hist.second", "requested")]
    assert office.due(case) == {"admission_day": "2027-05-20", "admission_weeks": "2027-05-17"}
    assert office.due(history) == {"answer": "2027-04-15"}
    return statistics, history


def answers(office: Office, case: str, statistics: str, history: str) -> None:
    """One says yes, one no; each is noted on the nomination at once, and fifteen credits are too few."""
    office.do("stat.reviewer", statistics, "take")
    found = office.do("stat.reviewer", statistics, "find_eligible", VOUCHED)
    noted = office.last(case)
    assert (noted["trigger"], noted["cause"]) == (
        "note_review",
        {"case": statistics, "sequence": found["sequence"]},
    )
    assert office.told(case) == []

    office.do("hist.reviewer", history, "take")
    failed = {**VOUCHED, "failed_requirement": "Historia B"}
    office.do("hist.reviewer", history, "find_ineligible", failed, reason=WHY)

    assert office.told(history) == [("admissions", "found_ineligible")]
    assert office.told(case) == [("admissions", "all_reviews_answered")]
    assert office.refused("admissions", case, "admit", VOUCHED) == (409, ["too_few_credits"])


def new_choice(office: Office, case: str, history: str) -> None:
    """Admissions offers the alternative; the student takes it, and the department finds it possible."""
    office.do("admissions", history, "request_reselection", {"alternatives": [OTHER]})
    assert office.told(history) == [("student", "choose_course")]
    assert office.due(history) == {"choice": "2027-04-19"}

    office.do("admissions", history, "reselect", {"choice": 1}, on_behalf_of="student")
    assert office.facts(history, "course", "outcome") == ("Nordisk historia", None)
    # The department has all its days again, for another course.
    assert office.due(history) == {"answer": "2027-04-15"}
    assert office.told(history) == [("hist.reviewer", "new_course")]

    office.do("hist.reviewer", history, "find_eligible", VOUCHED)
    noted = {each["course"]: each["outcome"] for each in office.facts(case, "reviews")}
    assert noted == {"Statistik B": "eligible", "Nordisk historia": "eligible"}


def admission(office: Office, case: str, *reviews: str) -> None:
    """Thirty credits are enough; the student has ten days to accept, and three sign."""
    for review in reviews:
        office.do("admissions", review, "record_decision", {**VOUCHED, "decided_on": "2027-04-13"})
        assert office.told(review) == [("student", "decided")]
    office.do("admissions", case, "admit", VOUCHED)
    assert office.told(case) == [
        ("partner", "admitted"),
        ("stat.coordinator", "admitted_here"),
        ("student", "letter_of_acceptance"),
    ]
    assert office.facts(case, "admitted_credits") == "30"
    assert office.due(case)["acceptance"] == "2027-04-22"

    office.do("stat.coordinator", case, "accept_place", on_behalf_of="student")
    assert "acceptance" not in office.due(case)
    assert office.refused("stat.coordinator", case, "sign_learning_agreement") == (409, ["signature_missing"])
    for signer in ("student", "sending", "receiving"):
        office.do("stat.coordinator", case, "record_signature", {"signer": signer, "signed_on": "2027-05-03"})
    office.do("stat.coordinator", case, "sign_learning_agreement")


def semester(office: Office, case: str) -> None:
    """Arrived, registered and so insured; departed with a certificate; the transcript in five weeks."""
    office.move("2027-08-30 10:00")
    assert office.due(case) == {"arrival": "2027-09-09"}
    office.do("stat.coordinator", case, "confirm_arrival", {"arrived_on": "2027-08-27"})
    assert office.due(case) == {"registration": "2027-09-06"}
    office.do("stat.coordinator", case, "register", {"registered_on": "2027-08-31"})
    assert office.facts(case, "insured_from", "insured_to") == ("2027-08-16", "2028-01-30")

    office.move("2028-01-17 10:00")
    attended = {"attended_from": "2027-08-27", "attended_to": "2028-01-14"}
    office.do("stat.coordinator", case, "confirm_departure", attended)
    assert office.told(case) == [("partner", "certificate"), ("student", "certificate")]
    assert office.due(case) == {"transcript": "2028-02-18"}

    office.move("2028-02-14 10:00")
    assert office.rungs(case)[-1] == ("transcript", "remind", "2028-02-04 00:00")
    office.do("stat.coordinator", case, "send_transcript")
    assert office.told(case) == [("partner", "transcript"), ("student", "transcript")]
    office.do("stat.coordinator", case, "complete")
