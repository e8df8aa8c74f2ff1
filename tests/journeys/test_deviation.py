"""A student leaves before the papers are done: an officer writes down what is missing, and why."""

from __future__ import annotations

from tests.journeys import agreements, exchanges
from tests.journeys.office import Office

WHY = "Visumet kom två dagar före terminsstart."
LEFT = {"began_on": "2027-08-23", "deviation": "neither"}


def test_who_leaves_with_a_deviation_is_registered_late_and_still_comes_home(office: Office) -> None:
    agreement = agreements.in_force(office)
    case = not_ready_in_time(office, agreement)
    departure(office, case)
    papers_made_good(office, case)

    office.move("2028-01-17 10:00")
    office.do("stat.coordinator", case, "confirm_return", {"ended_on": "2028-01-15"})
    exchanges.recognised(office, case)
    exchanges.reported(office, case)

    assert office.state(case) == "completed"
    # What was not done stays written down, and the place was used.
    assert office.facts(case, "deviation", "grant_held") == ("neither", True)
    assert agreements.holders(office, agreement) == [case]
    office.verify(case, agreement)


def not_ready_in_time(office: Office, agreement: str) -> str:
    """Accepted by the host; neither registered nor with a signed agreement when the term begins."""
    case = exchanges.applies(office, agreement)
    exchanges.ranked(office, case)
    exchanges.nominated(office, case)
    exchanges.accepted_by_host(office, case)
    office.move("2027-08-24 10:00")

    assert [rung for rung in office.rungs(case) if rung[0] != "other_lists"] == [
        ("learning_agreement", "remind", "2027-08-02 00:00"),
        ("registration", "remind", "2027-08-09 00:00"),
        ("registration", "escalate_to_officer", "2027-08-17 00:00"),
        ("learning_agreement", "escalate_to_officer", "2027-08-24 00:00"),
    ]
    assert office.deadline(case, "registration")["status"] == "missed"
    return case


def departure(office: Office, case: str) -> None:
    """Only an officer may, and only with a reason; both units are told, no certificate is written."""
    assert office.refused("stat.coordinator", case, "depart", {"began_on": "2027-08-23"}) == (409, [])
    said = office.refused("stat.coordinator", case, "depart_with_deviation", LEFT, reason=WHY)
    assert said == (403, ["not_your_role"])
    assert office.refused("officer", case, "depart_with_deviation", LEFT) == (422, ["reason_required"])

    event = office.do("officer", case, "depart_with_deviation", LEFT, reason=WHY)

    assert (event["to"], event["role"], event["detail"]["reason"]) == ("abroad", "officer", WHY)
    assert office.told(case) == [("stat.coordinator", "departed_with_deviation")]
    assert office.facts(case, "grant_held", "insurance") == (True, None)


def papers_made_good(office: Office, case: str) -> None:
    """No insurance without registration; an officer registers late, and the certificate is written."""
    where = {"host_country": "DE"}
    assert office.refused("stat.coordinator", case, "reissue_insurance", where) == (409, ["not_registered"])
    assert "insurance" not in office.due(case)

    office.do("officer", case, "register_late", {"registered_on": "2027-08-25"})
    # Five working days from the registration.
    assert office.due(case)["insurance"] == "2027-08-31"
    office.do("stat.coordinator", case, "reissue_insurance", where)

    assert office.facts(case, "insurance")["valid_to"] == "2028-01-30"
    assert office.refused("officer", case, "register_late", {"registered_on": "2027-08-26"}) == (
        409,
        ["registered_or_no_deviation"],
    )
