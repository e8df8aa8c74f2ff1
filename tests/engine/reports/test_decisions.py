"""Decisions: their reasons, when the person was told, how long they took, how to appeal."""

from __future__ import annotations

from datetime import date

from engine.canonical import micros
from tests.engine.reports.told import VOUCHED, at, erase, lines, refused, review, said
from tests.journeys import agreements, exchanges
from tests.journeys.office import Office, local


def test_only_decisions_are_listed(desk: Office) -> None:
    exchanges.ranked(desk, exchanges.applies(desk, agreements.in_force(desk)))
    review(desk)
    assert lines(desk, "decisions") == []


def test_a_decision_tells_who_when_and_how_the_person_was_told(office: Office) -> None:
    refused(office)
    office.let_things_happen()
    (line,) = lines(office, "decisions")
    sent = micros(local("2027-01-11 09:00"))
    assert said(office, line, "by", "role", "outcome", "told_on", "told_how", "sent_at") == (
        "admissions", "admissions", "Decided", date(2027, 1, 11), "e-post / e-mail", sent,
    )  # fmt: skip


def test_a_decision_rests_on_the_finding_that_gave_its_reason(desk: Office) -> None:
    case = refused(desk, reason="Matematik 3c saknas.")
    (line,) = lines(desk, "decisions")
    assert said(desk, line, "reason") == "Matematik 3c saknas."
    assert at(desk, line) == [(case, 4), (case, 3)]


def test_a_confirmed_finding_gives_the_reason_of_whoever_proposed_it(desk: Office) -> None:
    case = review(desk)
    failed = {**VOUCHED, "failed_requirement": "Matematik 3c"}
    desk.do("stat.reviewer", case, "propose_ineligible", failed, reason="Betyg saknas.")
    desk.do("stat.head", case, "confirm_ineligible", VOUCHED)
    desk.do("admissions", case, "record_decision", {**VOUCHED, "decided_on": "2027-01-11"})
    (line,) = lines(desk, "decisions")
    assert (said(desk, line, "reason"), at(desk, line)) == ("Betyg saknas.", [(case, 5), (case, 3)])


def test_a_decision_in_favour_does_not_inherit_an_older_reason(desk: Office) -> None:
    case = refused(desk)
    desk.do("admissions", case, "reconsider", reason="Nytt intyg.")
    assessed = {"assessed": [{"name": "Matematik 3c", "assessment": "met"}], "transcript_seen": True}
    desk.do("stat.reviewer", case, "record_assessment", assessed)
    desk.do("stat.reviewer", case, "find_eligible", VOUCHED)
    desk.do("admissions", case, "record_decision", {**VOUCHED, "decided_on": "2027-01-11"})
    newest, _ = lines(desk, "decisions")
    assert said(desk, newest, "reason", "appealable") == (None, False)


def test_a_refusal_tells_how_to_appeal_as_its_letter_did(desk: Office) -> None:
    refused(desk)
    (line,) = lines(desk, "decisions")
    assert said(desk, line, "appealable") is True
    assert "You may appeal to the Higher Education Appeals Board" in said(desk, line, "appeal")


def test_recognition_tells_its_own_words_on_appeal(desk: Office) -> None:
    case = exchanges.abroad(desk, agreements.in_force(desk))
    desk.do("stat.coordinator", case, "confirm_return", {"ended_on": "2028-01-15"})
    exchanges.recognised(desk, case, result="refused", reasons="Motsvarar ingen kurs.")
    (line,) = lines(desk, "decisions")
    assert said(desk, line, "reason", "appealable") == ("Motsvarar ingen kurs.", True)
    assert said(desk, line, "appeal").startswith("The decision may be appealed")


def test_handling_time_counts_working_days_from_the_opening(desk: Office) -> None:
    case = review(desk)
    desk.move("2027-01-18 10:00")
    failed = {**VOUCHED, "failed_requirement": "Matematik 3c"}
    desk.do("stat.reviewer", case, "find_ineligible", failed, reason="Kravet saknas.")
    desk.do("admissions", case, "record_decision", {**VOUCHED, "decided_on": "2027-01-18"})
    (line,) = lines(desk, "decisions")
    assert said(desk, line, "working_days") == 5


def test_a_letter_that_has_not_gone_out_says_so(desk: Office) -> None:
    refused(desk)
    (line,) = lines(desk, "decisions")
    assert said(desk, line, "sent_at") == "not sent"


def test_an_erased_decision_says_so_and_still_tells_when_and_by_whom(desk: Office) -> None:
    case = refused(desk)
    erase(desk, case, 4)
    (line,) = lines(desk, "decisions")
    assert said(desk, line, "by", "reason", "told_on", "appeal") == ("admissions", *["detail erased"] * 3)
