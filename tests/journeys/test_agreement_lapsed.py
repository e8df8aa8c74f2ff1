"""An agreement that nobody renews: everybody is told in time, and on its last day it ends all the same."""

from __future__ import annotations

from typing import Any

from tests.journeys import agreements, exchanges
from tests.journeys.office import Office, at

TERMS: dict[str, Any] = {
    "valid_from": "2027-01-01", "valid_to": "2029-06-30", "nomination_autumn": None, "nomination_spring": None,
}  # fmt: skip
LADDER = [
    ("renewal", "remind", "2028-04-01 00:00"),
    ("renewal", "escalate_to_head", "2028-07-01 00:00"),
    ("renewal", "escalate_to_officer", "2028-10-01 00:00"),
    ("amendments", "remind", "2028-11-30 00:00"),
    ("amendments", "escalate_to_officer", "2029-02-01 00:00"),
    ("renewal", "too_late", "2029-04-02 00:00"),
]
LATE_STAY = {"stay_from": "2029-08-27", "stay_to": "2030-01-13", "academic_year": "2029/30"}


def test_a_renewal_nobody_takes_up_lapses_with_the_agreement(office: Office) -> None:
    agreement = agreements.in_force(office, **TERMS)
    renewal = left_lying(office)
    end(office, agreement, renewal)
    afterwards(office, agreement)

    office.verify(agreement, renewal)


def left_lying(office: Office) -> str:
    """The ladder is climbed to its top, each rung once; every mail comes in working hours."""
    office.move("2028-01-03 10:00")
    renewal = str(office.get("officer", "/cases?workflow=agreement_renewal").json()["items"][0]["id"])
    office.mails()

    office.move("2028-12-31 12:00")
    office.move("2029-06-30 23:59")

    assert office.rungs(renewal) == LADDER
    told = [mail.partition(":")[0] for mail in office.mails()]
    assert told == ["officer", "officer", "officer", "stat.coordinator", "stat.coordinator", "stat.head"]
    assert office.state(renewal) == "due"
    return renewal


def end(office: Office, agreement: str, renewal: str) -> None:
    """When the last day has ended the agreement expires, and takes the renewal with it."""
    assert office.state(agreement) == "expiring"
    office.move("2029-07-01 00:00")

    ended, lapsed = office.last(agreement), office.last(renewal)
    assert (ended["trigger"], ended["to"], at(ended["at"])) == ("expire", "expired", "2029-07-01 00:00")
    assert (lapsed["trigger"], lapsed["to"], lapsed["at"]) == ("lapse", "lapsed", ended["at"])
    assert lapsed["cause"] == {"case": agreement, "sequence": ended["sequence"]}
    assert office.told(agreement) == [("officer", "ended"), ("stat.coordinator", "ended")]
    assert office.told(renewal) == [("stat.coordinator", "lapsed"), ("stat.head", "lapsed")]
    assert office.due(agreement) == office.due(renewal) == {}
    # The end was due on the renewal as well: nothing more comes of it.
    assert office.move("2029-07-02 10:00") == 0


def afterwards(office: Office, agreement: str) -> None:
    """Nobody gets a place under it any more."""
    case = exchanges.applies(office, agreement, **LATE_STAY)
    exchanges.ranked(office, case)
    assert office.refused("stat.coordinator", case, "offer") == (409, ["agreement_not_in_force"])
    body = {"workflow": "agreement_renewal", "unit": "STAT", "facts": {"partner_name": "Universität Musterstadt"}}
    answer = office.post("stat.coordinator", "/cases", {**body, "links": {"agreement": agreement}})
    assert (answer.status_code, answer.json()["reasons"][0]["code"]) == (409, "agreement_not_running")
