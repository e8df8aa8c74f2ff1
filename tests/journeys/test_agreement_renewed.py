"""An agreement from the first draft to a new end: reviewed, signed, expiring, evaluated, renewed.

In force from 2027 to 30 June 2029. The first nomination that would fail is that of 1 April
2029, so it counts as expiring from 1 January 2028.
"""

from __future__ import annotations

from typing import Any

from tests.journeys import agreements
from tests.journeys.office import Office

TERMS: dict[str, Any] = {
    "valid_from": "2027-01-01", "valid_to": "2029-06-30", "nomination_autumn": None, "nomination_spring": None,
}  # fmt: skip
FIGURES = {"balance_semesters": -2, "withdrawals": 1, "missed_deadlines": 0, "refused_nominations": 0}
VOUCHED = {"no_conflict_of_interest": True}


def test_an_agreement_is_drafted_signed_and_renewed_before_anything_fails(office: Office) -> None:
    agreement = drafting(office)
    signing(office, agreement)
    renewal = expiring(office, agreement)
    evaluation(office, renewal)
    with_the_partner(office, renewal)
    extension(office, agreement, renewal)

    assert office.path(agreement) == [
        "drafted", "under_review", "drafted", "under_review", "awaiting_partner", "awaiting_signature",
        "active", "expiring", "active",
    ]  # fmt: skip
    assert office.path(renewal) == [
        "due", "evaluating", "decided_renew", "negotiating", "partner_agreed", "signing", "renewed",
    ]  # fmt: skip
    office.verify(agreement, renewal)


def drafting(office: Office) -> str:
    """Returned once, then sent on; the partner agrees."""
    case = agreements.draft(office, **TERMS)
    office.do("stat.coordinator", case, "submit_for_review")
    assert office.told(case) == [("officer", "submitted")]
    assert office.due(case) == {"review": "2027-02-01"}

    office.do("officer", case, "request_changes", reason="Platserna saknar ämne.")
    assert office.told(case) == [("stat.coordinator", "changes_wanted")]
    office.do("stat.coordinator", case, "revise_draft", {"rows": [{**agreements.OUT, "fields": ["0542"]}]})

    agreements.agreed(office, case)
    assert office.told(case) == [("stat.signatory", "to_sign")]
    assert office.due(case) == {"home_signature": "2027-02-01", "partner_signature": "2027-02-01"}
    return case


def signing(office: Office, case: str) -> None:
    """Whoever signs holds the mandate; only with both signatures it comes into force."""
    ours = {**VOUCHED, "home_signed_on": "2027-01-11"}
    number = {"registration_number": "FS 1.6.2-12-27"}
    assert office.refused("stat.coordinator", case, "sign_home", ours) == (403, ["not_your_role"])
    assert office.refused("officer", case, "activate", number) == (409, ["signature_missing"])

    office.do("stat.coordinator", case, "sign_partner", {"partner_signed_on": "2027-01-11"})
    office.do("stat.signatory", case, "sign_home", ours)
    assert office.told(case) == [("officer", "both_signed"), ("stat.coordinator", "signed_home")]
    assert office.due(case) == {"activation": "2027-01-18"}

    office.do("officer", case, "activate", number)
    assert office.told(case) == [("partner", "in_force_partner"), ("stat.coordinator", "in_force")]
    assert office.read(case)["registration_number"] == "FS 1.6.2-12-27"
    assert office.due(case) == {"renewal_begins": "2027-12-31"}


def expiring(office: Office, agreement: str) -> str:
    """Fifteen months before the first nomination that would fail, the clock opens a renewal."""
    office.move("2028-01-01 00:00")
    moved = office.last(agreement)
    assert (moved["trigger"], moved["party"], moved["role"]) == ("start_expiring", "clock", "clock")
    assert office.state(agreement) == "expiring"

    found = office.get("officer", "/cases?workflow=agreement_renewal").json()["items"]
    assert [each["links"] for each in found] == [{"agreement": [agreement]}]
    renewal = str(found[0]["id"])
    assert office.facts(renewal, "first_failing") == "2029-04-01"
    assert office.told(renewal) == [("stat.coordinator", "due")]
    assert office.events(renewal)[0]["cause"] == {"case": agreement, "sequence": moved["sequence"]}
    assert office.due(renewal) == {
        "renewal": "2029-04-01", "amendments": "2029-01-31", "agreement_end": "2029-06-30",
    }  # fmt: skip
    return renewal


def evaluation(office: Office, renewal: str) -> None:
    """The coordinator is reminded a year before, evaluates, and the head decides on the figures."""
    office.move("2028-04-03 10:00")
    assert office.rungs(renewal) == [("renewal", "remind", "2028-04-01 00:00")]
    office.do("stat.coordinator", renewal, "start_evaluation")
    assert office.told(renewal) == [("stat.head", "to_decide")]

    decision = {**VOUCHED, "evaluation": FIGURES}
    assert office.refused("stat.coordinator", renewal, "decide_renew", decision) == (403, ["not_your_role"])
    office.do("stat.head", renewal, "decide_renew", decision)
    assert office.told(renewal) == [("stat.coordinator", "decided_renew")]


def with_the_partner(office: Office, renewal: str) -> None:
    """The partner is asked and agrees; the signatory is asked to sign."""
    office.do("stat.coordinator", renewal, "open_negotiation")
    assert office.told(renewal) == [("partner", "shall_we_renew")]
    office.do("stat.coordinator", renewal, "record_partner_agreement", {"partner_agreed_on": "2028-04-20"})
    assert office.told(renewal) == [("officer", "partner_agreed")]
    assert "amendments" not in office.due(renewal)
    office.do("officer", renewal, "send_for_signature")
    assert office.told(renewal) == [("stat.signatory", "to_sign")]


def extension(office: Office, agreement: str, renewal: str) -> None:
    """The renewal's last step moves the agreement in the same transaction, one event in each."""
    before = office.read(agreement)["version"]

    event = office.do("officer", renewal, "complete_renewal", {"renewed_to": "2032-06-30"})

    moved = office.last(agreement)
    assert (moved["trigger"], moved["sequence"]) == ("extend", before + 1)
    assert moved["cause"] == {"case": renewal, "sequence": event["sequence"]}
    assert (moved["from"], moved["to"], moved["at"]) == ("expiring", "active", event["at"])
    assert office.told(agreement) == [("partner", "extended_partner"), ("stat.coordinator", "extended")]
    assert office.facts(agreement, "valid_to") == "2032-06-30"
    assert office.due(agreement) == {"renewal_begins": "2030-12-31"}
    assert office.due(renewal) == {}


def test_a_new_end_that_is_no_later_renews_nothing(desk: Office) -> None:
    agreement = agreements.in_force(desk, **TERMS)
    desk.move("2028-01-01 00:00")
    renewal = desk.get("officer", "/cases?workflow=agreement_renewal").json()["items"][0]["id"]
    evaluation(desk, renewal)
    with_the_partner(desk, renewal)
    before = desk.tables()

    refused = desk.refused("officer", renewal, "complete_renewal", {"renewed_to": "2029-06-30"})

    # The agreement refuses, so the renewal's step is refused with it.
    assert refused == (409, ["not_extended"])
    assert desk.tables() == before
    assert desk.state(agreement) == "expiring"
