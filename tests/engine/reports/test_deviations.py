"""Deviations: each kind is found where it was planted, and nothing else."""

from __future__ import annotations

from datetime import date

import pytest

from engine.catalogue import Catalogue
from engine.reports import deviations, steps
from tests.engine.reports.told import at, erase, lines, refused, review, said
from tests.journeys import agreements, exchanges
from tests.journeys.office import Office

WHY = "Visumet kom för sent."
LEFT = {"began_on": "2027-01-11", "deviation": "neither"}


def test_ordinary_work_holds_no_deviation(desk: Office) -> None:
    exchanges.ranked(desk, exchanges.applies(desk, agreements.in_force(desk)))
    refused(desk)
    assert lines(desk, "deviations") == []


def test_a_step_with_a_deviation_tells_who_allowed_it_in_what_and_why(office: Office) -> None:
    case = exchanges.applies(office, agreements.in_force(office))
    exchanges.ranked(office, case)
    exchanges.nominated(office, case)
    exchanges.accepted_by_host(office, case)
    event = office.do("officer", case, "depart_with_deviation", LEFT, reason=WHY)
    (line,) = lines(office, "deviations", kind="deviation")
    assert said(office, line, "kind", "by", "role", "what", "reason", "unit") == (
        ["deviation"], "officer", "officer", "neither", WHY, "STAT",
    )  # fmt: skip
    assert at(office, line) == [(case, event["sequence"])]


def test_an_extra_place_sets_a_rule_aside(desk: Office) -> None:
    agreement = agreements.in_force(desk)
    place = {"row": "ut", "academic_year": "2027/2028", "semesters": 1, "partner_consented_on": "2027-01-11"}
    desk.do("officer", agreement, "grant_extra_place", place, reason="Partnern har medgett det.")
    (line,) = lines(desk, "deviations")
    assert said(desk, line, "kind", "step", "reason") == (
        ["rule set aside"], "Grant extra place", "Partnern har medgett det.",
    )  # fmt: skip


def test_an_exemption_tells_its_mandate_and_an_ordinary_assessment_is_none(desk: Office) -> None:
    met = review(desk, "Mia")
    desk.do("stat.reviewer", met, "record_assessment", assessed(assessment="met"))
    exempt = review(desk, "Max")
    given = assessed(assessment="exempted", reason="Tio års yrkesarbete", mandate="Delegation 4.2")
    desk.do("stat.reviewer", exempt, "record_assessment", given)
    (line,) = lines(desk, "deviations")
    assert said(desk, line, "kind", "what") == (
        ["exemption under a mandate"], "Matematik 3c: Tio års yrkesarbete (Delegation 4.2)",
    )  # fmt: skip


def assessed(**said_of_it: str) -> dict[str, object]:
    return {"assessed": [{"name": "Matematik 3c", **said_of_it}], "transcript_seen": True}


def test_a_correction_names_the_facts_put_right(desk: Office) -> None:
    case = review(desk)
    body = {"facts": {"course": "Statistik B", "term": "HT27"}, "reason": "Fel kurs."}
    answer = desk.post("officer", f"/cases/{case}/corrections", body, if_match=f'"{desk.read(case)["version"]}"')
    assert answer.status_code == 200, answer.text
    (line,) = lines(desk, "deviations")
    assert said(desk, line, "kind", "what", "reason") == (["correction"], ["Course", "Term"], "Fel kurs.")


def test_a_decision_reconsidered_is_one(desk: Office) -> None:
    case = refused(desk)
    desk.do("admissions", case, "reconsider", reason="Nytt intyg.")
    (line,) = lines(desk, "deviations")
    assert said(desk, line, "kind", "reason") == (["decision reconsidered"], "Nytt intyg.")


def test_what_was_done_for_a_student_tells_for_whom_and_on_what_evidence(desk: Office) -> None:
    case = exchanges.applies(desk, agreements.in_force(desk))
    exchanges.ranked(desk, case)
    exchanges.nominated(desk, case)
    (line,) = lines(desk, "deviations")
    assert said(desk, line, "kind", "for", "evidence", "by") == (
        ["on somebody’s behalf"], "student", "mejl / mail", "stat.coordinator",
    )  # fmt: skip


def test_a_kind_a_process_a_unit_and_days_narrow(desk: Office) -> None:
    refusal = refused(desk)
    desk.do("admissions", refusal, "reconsider", reason="Nytt intyg.")
    assert len(lines(desk, "deviations", kind="reconsidered", workflow="eligibility_review", unit="umu.se")) == 1
    assert lines(desk, "deviations", kind="corrected") == []
    assert lines(desk, "deviations", unit="HIST") == []
    assert lines(desk, "deviations", workflow="agreement") == []
    assert lines(desk, "deviations", until=date(2027, 1, 10)) == []
    assert lines(desk, "deviations", since=date(2027, 1, 12)) == []


def test_an_erased_detail_is_said_and_the_rest_goes_on(desk: Office) -> None:
    case = refused(desk)
    event = desk.do("admissions", case, "reconsider", reason="Nytt intyg.")
    erase(desk, case, event["sequence"])
    (line,) = lines(desk, "deviations")
    assert said(desk, line, "kind", "what", "reason") == (["decision reconsidered"], "detail erased", "detail erased")


@pytest.mark.parametrize(
    ("workflow", "expected"),
    [
        ("agreement", {"grant_extra_place"}),
        ("agreement_renewal", set()),
        ("eligibility_review", {"record_assessment"}),
        ("incoming_nomination", {"admit_late", "admit_with_deviation", "arrive_with_deviation"}),
        ("outgoing_exchange", {"depart_with_deviation", "close_without_results"}),
    ],
)
def test_the_steps_that_deviate_follow_from_the_declarations(
    processes: Catalogue, workflow: str, expected: set[str]
) -> None:
    definition = processes.current(workflow)
    found = {
        step.trigger
        for step in definition.workflow.transitions
        if deviations.asks_for_deviation(step) or deviations.sets_aside(definition, step) or deviations.may_exempt(step)
    }
    assert found == expected


@pytest.mark.parametrize(
    ("workflow", "expected"),
    [
        ("agreement", set()),
        ("agreement_renewal", {"decide_renew", "decide_not_renew"}),
        ("eligibility_review", {"record_decision"}),
        ("incoming_nomination", {"admit", "admit_with_deviation", "refuse"}),
        ("outgoing_exchange", {"find_not_eligible", "recognise", "close_without_place"}),
    ],
)
def test_the_steps_that_decide_follow_from_the_declarations(
    processes: Catalogue, workflow: str, expected: set[str]
) -> None:
    assert {name for owner, name in steps.named(processes, steps.is_decision) if owner == workflow} == expected
