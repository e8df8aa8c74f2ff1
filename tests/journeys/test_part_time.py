"""A coordinator who works Tuesdays only: what is due before the next Tuesday goes to her substitute at once.

Whoever is on leave altogether is not written to either; the substitute is.
"""

from __future__ import annotations

from datetime import date

import pytest

from tests.journeys import agreements
from tests.journeys.office import INSTITUTION, Office, student
from tests.journeys.test_incoming_nomination import HISTORY, STATISTICS, STAY

NOT_TUESDAYS = (0, 2, 3, 4)


@pytest.fixture
def tuesdays(office: Office) -> Office:
    """The coordinator of Statistics works Tuesdays; her deputy stands in."""
    with office.house.directory.change(INSTITUTION, by="installation", what="absences") as change:
        deputy = office.ids["stat.deputy"]
        change.member(deputy, "coordinator", "STAT")
        change.absence(office.ids["stat.coordinator"], weekdays=NOT_TUESDAYS, substitute=deputy)
    # A Monday again, as every story's first day; the absence is known from today on.
    office.move("2027-03-15 10:00")
    return office


def nominated(office: Office) -> str:
    """A nomination assigned to the coordinator."""
    facts = {**STAY, "nominated_on": "2027-03-15"}
    agreement = agreements.in_force(office)
    case = office.open("officer", "incoming_nomination", "STAT", facts, subject=student("Lena"), agreement=agreement)
    assigned(office, case, "stat.coordinator")
    return case


def assigned(office: Office, case: str, to: str) -> dict[str, object]:
    """Make somebody the assignee, as an officer does; the event."""
    body, match = {"person": office.ids[to]}, f'"{office.read(case)["version"]}"'
    answer = office.ask("officer", "PUT", f"/cases/{case}/assignee", body, if_match=match)
    assert answer.status_code == 200, answer.text
    event: dict[str, object] = answer.json()["event"]
    return event


def test_a_task_due_after_her_next_working_day_stays_hers(tuesdays: Office) -> None:
    case = nominated(tuesdays)
    assert tuesdays.due(case) == {"nomination": "2027-03-31"}
    assert tuesdays.read(case)["assignee"] == tuesdays.ids["stat.coordinator"]


def test_a_task_due_before_it_goes_to_the_substitute_in_the_same_event(tuesdays: Office) -> None:
    case = nominated(tuesdays)
    tuesdays.move("2027-03-16 09:00")
    tuesdays.do("stat.coordinator", case, "accept_nomination")
    tuesdays.move("2027-03-17 09:00")  # Wednesday: three working days end on Monday
    before = tuesdays.read(case)["version"]

    wanted = {"courses": [STATISTICS, HISTORY]}
    tuesdays.do("officer", case, "submit_application", wanted, on_behalf_of="student")

    assert tuesdays.due(case) == {"referral": "2027-03-22"}
    after = tuesdays.read(case)
    assert (after["assignee"], after["version"]) == (tuesdays.ids["stat.deputy"], before + 1)
    tuesdays.do("stat.deputy", case, "start_review")
    tuesdays.verify(case)


def test_a_task_given_to_her_on_a_wednesday_is_the_substitutes_at_once(tuesdays: Office) -> None:
    case = nominated(tuesdays)
    tuesdays.do("stat.deputy", case, "accept_nomination")
    tuesdays.move("2027-03-17 09:00")
    wanted = {"courses": [STATISTICS]}
    tuesdays.do("officer", case, "submit_application", wanted, on_behalf_of="student")

    event = assigned(tuesdays, case, "stat.coordinator")

    assert event["kind"] == "assigned"
    assert tuesdays.read(case)["assignee"] == tuesdays.ids["stat.deputy"]
    tuesdays.verify(case)


def test_reminders_of_that_task_go_to_whoever_has_it(tuesdays: Office) -> None:
    case = nominated(tuesdays)
    tuesdays.do("stat.deputy", case, "accept_nomination")
    tuesdays.move("2027-03-17 09:00")
    wanted = {"courses": [STATISTICS]}
    tuesdays.do("officer", case, "submit_application", wanted, on_behalf_of="student")
    tuesdays.let_things_happen()
    tuesdays.mails()

    tuesdays.move("2027-03-22 16:00")

    # Reminded on the Friday before; what is hers waits for her on Tuesday.
    assert [mail.partition(":")[0] for mail in tuesdays.mails()] == ["stat.deputy"]
    tuesdays.move("2027-03-23 07:30")
    assert "stat.coordinator" in [mail.partition(":")[0] for mail in tuesdays.mails()]


def test_who_is_on_leave_is_not_written_to(desk: Office) -> None:
    with desk.house.directory.change(INSTITUTION, by="installation", what="absences") as change:
        change.absence(
            desk.ids["stat.reviewer"],
            starts_on=date(2027, 1, 11),
            ends_on=date(2027, 1, 22),
            substitute=desk.ids["stat.second"],
        )
    case = desk.open("admissions", "eligibility_review", "STAT", {"course": "Statistik A"}, subject=student("Nils"))
    assert desk.told(case) == [("stat.second", "requested")]
