"""The reports for internal audit: as a page, as CSV and as JSON, for those who may, every line with its events."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest

from engine.reports.index import REPORTS
from tests.pages.browsing import Opening, axe, no_sideways_scroll
from tests.pages.guidance import HEAVIEST, MOST_STATEMENTS, statements, title
from tests.pages.plain import Plain
from tests.pages.reading import somebody
from tests.pages.serving import Served, on_both_databases

PATHS = ("/audit/reports", *(f"/audit/reports/{name}" for name in REPORTS))


def rows(plain: Plain, path: str) -> list[list[str]]:
    """A CSV as rows of cells."""
    answer = plain.client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
    return list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))


def test_the_list_leads_to_every_report(served: Served) -> None:
    with somebody(served, "auditor", "en") as plain:
        plain.go("/audit")
        assert 'href="/audit/reports"' in plain.text
        plain.go("/audit/reports")
        assert all(f'href="/audit/reports/{name}"' in plain.text for name in REPORTS)


@on_both_databases
def test_a_decision_stands_there_with_reason_and_the_way_to_its_events(served: Served) -> None:
    number = served.number("decided")
    with somebody(served, "auditor", "en") as plain:
        plain.go("/audit/reports/decisions?workflow=eligibility_review")
        assert "Kravet saknas." in plain.words
        assert f'href="/cases/{number}/history?at=4"' in plain.text
        assert f'href="/cases/{number}/history?at=3"' in plain.text
        assert plain.go(f"/cases/{number}/history?at=4").status == 200
    assert title(plain.text)


def test_the_csv_holds_each_line_with_its_events(served: Served) -> None:
    with somebody(served, "auditor", "en") as plain:
        head, *lines = rows(plain, "/audit/reports/decisions.csv?workflow=eligibility_review")
    assert (head[0], head[-1]) == ("When", "Events")
    number = served.number("decided")
    assert [line[-1] for line in lines] == [f"{number}/4, {number}/3"]


def test_the_json_holds_each_line_with_its_events(served: Served) -> None:
    with somebody(served, "auditor") as plain:
        answer = plain.client.get("/audit/reports/decisions.json?workflow=eligibility_review")
    told = json.loads(answer.text)
    assert (told["report"], told["filter"]) == ("decisions", {"workflow": "eligibility_review"})
    (line,) = told["lines"]
    number = served.number("decided")
    assert [(event["number"], event["sequence"]) for event in line["events"]] == [(number, 4), (number, 3)]
    assert line["values"]["outcome"] == {"sv": "Beslutad", "en": "Decided"}


@pytest.mark.parametrize("name", REPORTS)
def test_every_report_is_json_and_csv(served: Served, name: str) -> None:
    with somebody(served, "auditor") as plain:
        lines = json.loads(plain.client.get(f"/audit/reports/{name}.json").text)["lines"]
        assert len(rows(plain, f"/audit/reports/{name}.csv")) == len(lines) + 1
        assert plain.go(f"/audit/reports/{name}").status == 200


def test_what_was_written_is_never_a_formula(served: Served) -> None:
    case = served.office.cases["decided"]
    answer = served.ask(
        "admissions", "POST", f"/cases/{case}/transitions", {"trigger": "reconsider", "reason": '=HYPERLINK("x")'},
        if_match=f'"{served.ask("officer", "GET", f"/cases/{case}").json()["version"]}"',
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    with somebody(served, "auditor", "en") as plain:
        head, *lines = rows(plain, "/audit/reports/deviations.csv?kind=reconsidered")
    assert lines[0][head.index("Reason")] == '\'=HYPERLINK("x")'


@pytest.mark.parametrize("who", ["officer", "coordinator", "reviewer", "admissions"])
def test_whoever_neither_audits_nor_administers_is_refused(served: Served, who: str) -> None:
    with somebody(served, who) as plain:
        for path in (*PATHS, "/audit/reports/decisions.csv", "/audit/reports/rights.json"):
            assert plain.go(path).status == 403, path


def test_nobody_reads_them_without_signing_in(served: Served) -> None:
    with somebody(served, "auditor") as plain:
        plain.client.cookies.clear()
        for path in PATHS:
            assert plain.client.get(path).status_code in {303, 401}


def test_an_administrator_reads_rights_and_no_cases(served: Served) -> None:
    with somebody(served, "admin", "en") as plain:
        assert len(rows(plain, "/audit/reports/rights.csv")) > 1
        assert len(rows(plain, "/audit/reports/decisions.csv")) == 1
        assert "Nothing to show." in plain.go("/audit/reports/decisions").words


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/audit/reports/nothing", 404), ("/audit/reports/nothing.csv", 404),
        ("/audit/reports/decisions?unit=nowhere", 422),
        ("/audit/reports/decisions?since=yesterday", 422), ("/audit/reports/decisions?workflow=x", 422),
        ("/audit/reports/decisions?kind=corrected", 422), ("/audit/reports/decisions?cursor=abc", 422),
        (f"/audit/reports/decisions?unit={'x' * 300}", 422), ("/audit/reports/rights.csv?until=0", 422),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_said_and_breaks_nothing(served: Served, path: str, status: int) -> None:
    with somebody(served, "auditor") as plain:
        assert plain.go(path).status == status


def test_a_long_report_goes_on_where_it_stopped(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.pages.reports.PAGE", 3)
    with somebody(served, "auditor") as plain:
        whole = len(rows(plain, "/audit/reports/conflicts.csv")) - 1
        shown = plain.go("/audit/reports/conflicts").text.count("/history?at=")
        while 'rel="next"' in plain.text:
            more = plain.text.split('rel="next" href="?')[1].split('"')[0].replace("&amp;", "&")
            shown += plain.go(f"/audit/reports/conflicts?{more}").text.count("/history?at=")
    assert shown == whole > 3


@pytest.mark.parametrize("path", PATHS)
def test_a_page_costs_few_statements_and_little_room(served: Served, path: str) -> None:
    with somebody(served, "auditor") as plain:
        plain.go(path)
        with statements(served) as asked:
            plain.go(path)
    assert len(asked) <= MOST_STATEMENTS
    assert len(plain.text) < HEAVIEST


@pytest.mark.parametrize(("language", "dark"), [("sv", False), ("en", True)])
def test_the_reports_are_sound(page_as: Opening, language: str, dark: bool) -> None:
    page = page_as("auditor", language=language, dark=dark, width=320)
    for path in PATHS:
        page.goto(path)
        assert axe(page) == [], path
        no_sideways_scroll(page)


def test_the_menu_of_the_audit_marks_where_one_is(served: Served) -> None:
    with somebody(served, "auditor", "en") as plain:
        plain.go("/audit/reports")
        assert '<a href="/audit/reports" aria-current="page">' in plain.text
        plain.go("/audit/reports/decisions")
        assert '<a href="/audit/reports" aria-current="true">' in plain.text
        assert '<a href="/audit">' in plain.text


def test_the_menu_of_the_audit_offers_only_what_the_reader_may_open(served: Served) -> None:
    with somebody(served, "officer", "en") as plain:
        plain.go("/audit/sample")
        offered = set(re.findall(r'href="(/audit[^"?]*)"', plain.text))
        assert offered == {"/audit", "/audit/readings", "/audit/sample"}
        assert {plain.go(path).status for path in offered} == {200}


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("name", ["decisions", "deviations"])
def test_a_report_fits_a_wide_screen(page_as: Opening, name: str, language: str) -> None:
    page = page_as("auditor", language=language)
    page.goto(f"/audit/reports/{name}")
    wide, room = page.locator(".scroll").evaluate("each => [each.scrollWidth, each.clientWidth]")
    assert wide <= room


def test_a_right_leads_to_the_very_change_it_rests_on(served: Served) -> None:
    with somebody(served, "auditor", "en") as plain:
        plain.go("/audit/reports/rights")
        (change, *_) = re.findall(r'href="/audit/organisation#(change-[0-9]+)"', plain.text)
        assert f'id="{change}"' in plain.go("/audit/organisation").text
