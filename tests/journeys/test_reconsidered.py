"""A decision that was wrong is reopened, by whoever may, with a reason; the old one stays in the history."""

from __future__ import annotations

from tests.journeys import agreements, exchanges
from tests.journeys.office import Office, student

VOUCHED = {"no_conflict_of_interest": True}
FAILED = {**VOUCHED, "failed_requirement": "Matematik 3c"}
DECIDED = {**VOUCHED, "decided_on": "2027-01-12"}
WHY = "Ett betyg från komvux hade förbisetts."


def test_a_review_decided_against_the_applicant_is_reconsidered_in_favour(office: Office) -> None:
    case = decided_against(office)
    at_the_time = office.read(case)
    reconsideration(office, case)

    office.do("stat.reviewer", case, "find_eligible", VOUCHED)
    office.do("admissions", case, "record_decision", {**VOUCHED, "decided_on": "2027-01-15"})

    assert office.told(case) == [("student", "decided")]
    assert office.facts(case, "outcome", "can_be_appealed") == ("eligible", False)
    was = office.get("auditor", f"/cases/{case}?at={at_the_time['version']}").json()
    assert (was["state"], was["facts"]["outcome"]) == ("decided", "ineligible")
    office.verify(case)


def decided_against(office: Office) -> str:
    """Found ineligible and told so, with how to appeal."""
    facts = {"course": "Statistik A"}
    case = office.open("admissions", "eligibility_review", "STAT", facts, subject=student("Nils"))
    office.do("stat.reviewer", case, "take")
    office.do("stat.reviewer", case, "find_ineligible", FAILED, reason="Kravet saknas.")
    office.do("admissions", case, "record_decision", DECIDED)
    assert office.told(case) == [("student", "decided_against_appealable")]
    assert (office.read(case)["final"], office.due(case)) == (True, {})
    return case


def reconsideration(office: Office, case: str) -> None:
    """A finished case offers that alone; the finding is taken back and the answer clock starts anew."""
    office.move("2027-01-14 10:00")
    assert [each["trigger"] for each in office.read(case)["actions"]] == ["reconsider"]
    assert office.refused("stat.reviewer", case, "reconsider", reason=WHY) == (403, ["not_your_role"])
    assert office.refused("admissions", case, "reconsider") == (422, ["reason_required"])

    event = office.do("admissions", case, "reconsider", reason=WHY)

    assert (event["kind"], event["from"], event["to"]) == ("reopened", "decided", "under_review")
    assert event["detail"]["reason"] == WHY
    assert office.told(case) == [("stat.reviewer", "reconsidered")]
    assert office.facts(case, "outcome", "decided_on") == (None, None)
    assert office.due(case) == {"answer": "2027-01-19"}


def test_recognition_is_decided_anew_after_the_case_was_closed(office: Office) -> None:
    agreement = agreements.in_force(office)
    case = exchanges.abroad(office, agreement)
    office.do("stat.coordinator", case, "confirm_return", {"ended_on": "2027-12-20"})
    why = "Kursen överlappar en tidigare."
    exchanges.recognised(office, case, result="refused", ects=0, reasons=why)
    exchanges.reported(office, case)

    # The one who decided decides anew; a coordinator may not ask for it in her place.
    assert office.refused("stat.coordinator", case, "reconsider", reason=WHY) == (403, ["not_your_role"])
    office.do("stat.recogniser", case, "reconsider", reason=WHY)
    assert office.told(case) == [("student", "reconsidered")]
    assert set(office.due(case)) == {"recognition_erasmus", "recognition", "opinion"}
    granted = [{"name": exchanges.COURSE["name"], "result": "granted", "ects": 15}]
    office.do("stat.recogniser", case, "recognise", {**VOUCHED, "outcomes": granted})
    exchanges.reported(office, case)

    assert office.state(case) == "completed"
    assert [each["outcome"] for each in office.facts(case, "decisions")] == [
        "granted: 0, partly: 0, refused: 1",
        "granted: 1, partly: 0, refused: 0",
    ]
    assert agreements.holders(office, agreement) == [case]
    assert [e["kind"] for e in office.events(agreement) if e["kind"].startswith("place")] == ["place_taken"]
    office.verify(case, agreement)


def test_who_got_no_place_is_ranked_again(desk: Office) -> None:
    case = exchanges.applies(desk, agreements.in_force(desk))
    exchanges.ranked(desk, case)
    desk.do("stat.coordinator", case, "close_without_place", {"because": "no_place_left"})
    assert desk.told(case) == [("student", "no_place")]

    desk.do("stat.coordinator", case, "reconsider", reason="Poängen var felräknade.")

    assert (desk.state(case), desk.facts(case, "closed_because")) == ("ranked", None)
    desk.do("stat.coordinator", case, "offer")
    desk.verify(case)
