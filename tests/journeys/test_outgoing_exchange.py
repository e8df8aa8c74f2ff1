"""A student goes abroad and comes home: from the application to the closed case.

Applied on 11 January 2027, at the host from 23 August to 16 January, closed in March 2028.
Every day is Stockholm's.
"""

from __future__ import annotations

from tests.journeys import agreements, exchanges
from tests.journeys.office import Office

PATH = [
    "applied", "eligible", "ranked", "offered", "place_accepted", "nominated", "accepted_by_partner",
    "learning_agreement_signed", "ready", "abroad", "returned", "transcript_received",
    "recognition_pending", "recognised", "completed",
]  # fmt: skip


def test_a_student_goes_abroad_and_comes_home_with_credits(office: Office) -> None:
    agreement = agreements.in_force(office)
    case = application(office, agreement)
    selection(office, agreement, case)
    nomination(office, case)
    preparation(office, case)
    stay(office, case)
    recognition(office, case)

    assert office.path(case) == PATH
    assert office.due(case) == {}
    assert agreements.holders(office, agreement) == [case]
    office.verify(case, agreement)


def application(office: Office, agreement: str) -> str:
    """Ten working days run from the day the call closes, and the student hears that it came."""
    case = exchanges.applies(office, agreement)
    office.let_things_happen()

    opened = office.read(case)
    assert (opened["state"], opened["number"]) == ("applied", "OUT-2027-0001")
    assert office.due(case) == {"application": "2027-02-15"}
    assert office.told(case) == [("student", "received")]
    assert "anna: Din ansökan om utbytesstudier" in office.mails()
    return case


def selection(office: Office, agreement: str, case: str) -> None:
    """Ranked on the day the call closes; the student has a week to answer, and takes the place."""
    office.move("2027-02-01 13:00")
    exchanges.ranked(office, case)
    office.do("stat.coordinator", case, "offer")

    assert agreements.holders(office, agreement) == [case]
    assert office.last(agreement)["kind"] == "place_taken"
    assert office.due(case)["answer"] == "2027-02-08"
    assert office.told(case) == [("student", "place_offered")]

    office.do("stat.coordinator", case, "accept_place", on_behalf_of="student")
    assert office.last(case)["detail"]["evidence"]
    assert office.told(case) == [("stat.coordinator", "place_accepted")]


def nomination(office: Office, case: str) -> None:
    """The partner's date is 15 April; reminded fifteen working days before, the owner nominates."""
    assert office.due(case)["nomination"] == "2027-04-15"
    office.move("2027-03-30 10:00")
    assert ("nomination", "remind", "2027-03-23 00:00") in office.rungs(case)

    office.do("stat.coordinator", case, "nominate")
    assert office.told(case) == [("partner", "nomination"), ("student", "nominated")]
    assert office.due(case)["host_answer"] == "2027-04-20"
    assert "nomination" not in office.due(case)

    office.move("2027-05-20 10:00")
    exchanges.accepted_by_host(office, case)
    assert office.told(case) == [("stat.coordinator", "host_accepted_staff"), ("student", "host_accepted")]


def preparation(office: Office, case: str) -> None:
    """Each paper in its order; insured for the stay and fourteen days either side."""
    assert office.due(case) == {"registration": "2027-08-16", "learning_agreement": "2027-08-23"}
    assert office.refused("stat.coordinator", case, "sign_learning_agreement", exchanges.VOUCHED) == (
        409,
        ["course_choice_not_approved", "signatures_missing"],
    )
    exchanges.ready(office, case)

    certificate = office.facts(case, "insurance")
    assert (certificate["valid_from"], certificate["valid_to"]) == ("2027-08-09", "2028-01-30")
    assert certificate["number"] == "OUT-2027-0001/1"
    assert office.told(case) == [("student", "insurance_issued")]


def stay(office: Office, case: str) -> None:
    """The host confirms the arrival; the return is asked after a week, and confirmed."""
    office.move("2027-08-24 10:00")
    office.do("stat.coordinator", case, "depart", {"began_on": "2027-08-23"})
    assert office.due(case) == {"return": "2028-01-23"}

    office.move("2028-01-24 09:00")
    assert office.deadline(case, "return")["status"] == "missed"
    assert any(mail.startswith("anna: Är du hemma?") for mail in office.mails())
    office.do("stat.coordinator", case, "confirm_return", {"ended_on": "2028-01-15"})
    # Five weeks after the host's assessment period ended.
    assert office.due(case) == {"transcript": "2028-02-18"}


def recognition(office: Office, case: str) -> None:
    """Two clocks, five weeks and sixty days; decided component by component, then reported."""
    office.move("2028-02-07 10:00")
    office.do("stat.coordinator", case, "receive_transcript")
    assert office.due(case) == {"recognition_erasmus": "2028-03-13", "recognition": "2028-04-07"}
    assert office.told(case) == [("stat.recogniser", "recognition_waits"), ("student", "apply_for_recognition")]

    component = {"components": [exchanges.COURSE]}
    office.do("stat.coordinator", case, "apply_for_recognition", component, on_behalf_of="student")
    assert office.due(case)["opinion"] == "2028-03-06"
    office.do("stat.coordinator", case, "give_opinion", {"opinion": "Motsvarar Tidsserieanalys."})
    granted = [{"name": exchanges.COURSE["name"], "result": "granted", "ects": 15}]
    office.do("stat.recogniser", case, "recognise", {**exchanges.VOUCHED, "outcomes": granted})
    assert office.told(case) == [("student", "recognised")]
    assert [d["kind"] for d in office.facts(case, "decisions")] == ["recognition"]
    assert office.due(case) == {"report": "2028-03-08"}

    exchanges.reported(office, case)
