"""Rules checked on histories, as a page for auditors: each rule in words, each violation with its events."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from tests.pages.browsing import Opening, axe, no_sideways_scroll
from tests.pages.guidance import HEAVIEST, MOST_STATEMENTS, statements
from tests.pages.plain import Plain
from tests.pages.reading import somebody
from tests.pages.serving import Served, on_both_databases

REVIEWS = "/audit/rules?workflow=eligibility_review"


@pytest.fixture
def auditor(served: Served) -> Iterator[Plain]:
    with somebody(served, "auditor", "en") as made:
        yield made


def forge(served: Served, case: str = "decided") -> str:
    """Make the first step of a review one that must not stand first; the case's number."""
    number = served.number(case)
    forged = sa.text(
        "UPDATE event SET trigger = 'reselect' WHERE trigger = 'take'"
        " AND case_id = (SELECT id FROM case_record WHERE number = :number)"
    )
    with served.house.store.writes() as connection:
        assert connection.execute(forged, {"number": number}).rowcount == 1
    return number


def asked(served: Served) -> str:
    """What the step is called that must come before a re-selection."""
    return served.house.catalogue.current("eligibility_review").by_trigger["request_reselection"][0].label.en


@on_both_databases
def test_every_rule_is_said_and_none_is_broken(served: Served) -> None:
    with somebody(served, "auditor", "en") as auditor:
        page = auditor.go(REVIEWS)
    rules = served.house.catalogue.current("eligibility_review").workflow.rules
    assert page.status == 200
    assert page.text.count('data-label="Rule"') == len(rules)
    assert f"“{asked(served)}” comes before" in page.words
    assert "No case breaks a rule." in page.words


def test_a_violation_stands_there_with_links_to_its_events(served: Served, auditor: Plain) -> None:
    number = forge(served)
    page = auditor.go(REVIEWS)
    assert f'href="/cases/{number}/history?at=2"' in page.text
    assert f"without “{asked(served)}” before it." in page.words
    assert auditor.go(f"/cases/{number}/history?at=2").status == 200


def test_the_violations_come_as_csv_a_row_an_event(served: Served, auditor: Plain) -> None:
    number = forge(served)
    answer = auditor.client.get("/audit/rules.csv?workflow=eligibility_review")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert rows[0] == ["Case", "Rule", "What broke it", "Event", "When", "Link"]
    assert {(row[0], row[3]) for row in rows[1:]} >= {(number, "2")}
    assert all(row[5].endswith(f"/cases/{row[0]}/history?at={row[3]}") for row in rows[1:])
    assert answer.headers["content-disposition"].startswith('attachment; filename="rules-eligibility_review-')


def test_only_so_many_cases_are_checked_and_that_is_said(
    served: Served, auditor: Plain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.ruling.Ruling.readable.__kwdefaults__", {"most": 1})
    page = auditor.go(REVIEWS)
    assert "1 case checked." in page.words
    assert "Only the newest" in page.words


def test_without_a_choice_the_first_process_is_shown(auditor: Plain) -> None:
    page = auditor.go("/audit/rules")
    assert (page.status, 'value="agreement" selected' in page.text) == (200, True)


@pytest.mark.parametrize("path", ["/audit/rules?workflow=nothing", "/audit/rules.csv?workflow=nothing"])
def test_a_process_there_is_none_of_is_refused(auditor: Plain, path: str) -> None:
    assert auditor.go(path).status == 422


def test_only_auditors_and_administrators_see_it(served: Served) -> None:
    with somebody(served, "coordinator") as plain:
        assert [plain.go(path).status for path in ("/audit/rules", "/audit/rules.csv")] == [403, 403]


def test_the_audit_pages_lead_to_it(auditor: Plain) -> None:
    assert 'href="/audit/rules"' in auditor.go("/audit").text


def test_the_page_costs_little(served: Served, auditor: Plain) -> None:
    with statements(served) as asked:
        page = auditor.go(REVIEWS)
    assert len(asked) <= MOST_STATEMENTS, "\n".join(asked)
    assert len(page.text.encode()) < HEAVIEST


@pytest.mark.parametrize(("language", "dark"), [("sv", False), ("en", True)])
def test_the_page_is_sound(served: Served, page_as: Opening, language: str, dark: bool) -> None:
    forge(served)
    page = page_as("auditor", language=language, dark=dark, width=320)
    for path in ("/audit/rules", REVIEWS):
        page.goto(path)
        assert axe(page) == []
        no_sideways_scroll(page)
