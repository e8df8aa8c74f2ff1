"""Eligibility as a grid: who applied for what, how each requirement stands, a decision by keyboard, the file."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from engine.auditing import Readings
from engine.catalogue import Catalogue
from service.pages.eligibility_files import ANSWERED, FACTS, FINDINGS, PROPOSAL
from service.pages.eligibility_view import COURSE, NARROWS, SIGNS, WORKFLOW
from tests.journeys.crowded import FAILED, VOUCHED
from tests.journeys.office import student
from tests.pages.browsing import Opening, axe, no_sideways_scroll, tab_to
from tests.pages.guidance import HEAVIEST, MOST_STATEMENTS, statements
from tests.pages.plain import Plain
from tests.pages.reading import somebody
from tests.pages.serving import Served, on_both_databases

HOSTILE = "=HYPERLINK(1)<script>alert(1)</script>\u200f"
ASSESSED = (
    {"name": "Matematik 3c", "assessment": "met"},
    {"name": "Engelska 6", "assessment": "equivalent", "replaced_by": "TOEFL 92"},
    {"name": "90 hp", "assessment": "exempted", "reason": "Lång erfarenhet.", "mandate": "Delegation 7"},
    {"name": "Statistik B", "assessment": "not_met"},
)


class Desk:
    """Opens reviews and takes their steps over the API, as the departments would."""

    def __init__(self, served: Served) -> None:
        self.served = served

    def open(self, name: str, course: str, unit: str = "STAT", **facts: Any) -> str:
        body = {"workflow": WORKFLOW, "unit": unit, "subject": student(name), "facts": {"course": course, **facts}}
        answer = self.served.ask("admissions", "POST", "/cases", body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["case"]["id"])

    def read(self, case: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.served.ask("officer", "GET", f"/cases/{case}").json()
        return found

    def do(self, who: str, case: str, trigger: str, fields: Any = None, **more: Any) -> None:
        body = {"trigger": trigger, "fields": fields or {}, **more}
        version = f'"{self.read(case)["version"]}"'
        answer = self.served.ask(who, "POST", f"/cases/{case}/transitions", body, If_Match=version)
        assert answer.status_code == 200, answer.text

    def number(self, case: str) -> str:
        return str(self.read(case)["number"])


@pytest.fixture
def desk(served: Served) -> Desk:
    return Desk(served)


def row(page: Plain, name: str) -> str:
    """The row of an applicant."""
    found = [part.partition("</tr>")[0] for part in page.text.split("<tr>") if f">{name}</a>" in part]
    assert len(found) == 1, f"{name} stands in {len(found)} rows"
    return found[0]


def columns(page: Plain) -> list[str]:
    """The courses, as they stand beside each other."""
    head = page.text.partition('<table class="cards matrix">')[2].partition("</thead>")[0]
    return [" ".join(name.split()) for name in re.findall(r'<th scope="col">([^<]+)', head)][1:]


def ticked(page: Plain, *names: str) -> list[str]:
    """The boxes of some applicants."""
    return [value for name in names for value in re.findall(r'name="case" value="([^"]+)"', row(page, name))]


def table(text: str) -> list[dict[str, str]]:
    """A file as lines by heading."""
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))


# What it knows of the process.


def test_the_grid_names_only_what_the_process_has(processes: Catalogue) -> None:
    definition = processes.current(WORKFLOW)
    facts = set(definition.workflow.facts.model_fields)
    assert {*COURSE, *NARROWS, *FACTS} <= facts
    assert {*FINDINGS, PROPOSAL} <= set(definition.by_trigger)
    assert set(ANSWERED) <= set(definition.states)
    assessments = definition.by_trigger["record_assessment"][0].form.model_json_schema()["$defs"]["Assessment"]["enum"]
    assert {*assessments, None} == set(SIGNS)


# The grid.


def test_a_row_is_an_applicant_and_a_column_a_course(served: Served, desk: Desk) -> None:
    desk.open("Anna", "Statistik A", course_code="ST1")
    desk.open("Anna", "Statistik C")
    desk.open("Bo", "Statistik C")
    with somebody(served, "reviewer") as page:
        page.go("/eligibility")
        assert page.status == 200
        assert columns(page) == ["Statistik A", "Statistik A", "Statistik B", "Statistik C"]
        assert "2 granskningar" in row(page, "Anna")
        assert [bool(cell) for cell in re.findall(r"<td data-course=[^>]*>(.*?)</td>", row(page, "Bo"), re.DOTALL)] == [
            False, False, False, True,
        ]  # fmt: skip


def test_a_cell_says_how_each_requirement_stands(served: Served, desk: Desk) -> None:
    case = desk.open("Anna", "Statistik C", requirements=[{"name": "Svenska 3"}])
    desk.do("reviewer", case, "take")
    desk.do("reviewer", case, "record_assessment", {"assessed": ASSESSED, "transcript_seen": True})
    with somebody(served, "reviewer") as page:
        cell = row(page.go("/eligibility"), "Anna")
        assert desk.number(case) in cell
        assert "Under granskning" in cell
        assert "3 arbetsdagar kvar" in cell
        words = re.sub(r"<[^>]+>", "", cell)
        for said in (
            "✓ Matematik 3c: uppfyllt", "≈ Engelska 6: motsvarande kunskaper (TOEFL 92)", "◇ 90 hp: undantag",
            "✗ Statistik B: inte uppfyllt", "? Svenska 3: inte bedömt",
        ):  # fmt: skip
            assert said in words


def test_closed_reviews_and_those_of_others_are_not_shown(served: Served, desk: Desk) -> None:
    desk.open("Hilda", "Historia A", unit="HIST")
    with somebody(served, "reviewer") as page:
        page.go("/eligibility")
        assert served.number("decided") not in page.text
        assert "Historia A" not in page.text
        assert served.number("decided") in page.go("/eligibility?state=decided").text
        assert served.number("decided") in page.go("/eligibility?state=all").text


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("term=HT+2027", {"Anna", "Bo"}),
        ("round=Master", {"Anna"}),
        ("course=Statistik+C", {"Bo"}),
        ("term=HT+2027&round=Master", {"Anna"}),
        ("state=under_review&term=HT+2027", {"Bo"}),
        ("unit=HIST&term=HT+2027", set()),
        ("course=Nothing+of+the+kind", set()),
    ],
)
def test_the_grid_is_narrowed(served: Served, desk: Desk, query: str, shown: set[str]) -> None:
    desk.open("Anna", "Statistik A", term="HT 2027", round="Master")
    desk.do("reviewer", desk.open("Bo", "Statistik C", term="HT 2027"), "take")
    with somebody(served, "reviewer") as page:
        page.go(f"/eligibility?{query}")
        assert {name for name in ("Anna", "Bo") if f">{name}</a>" in page.text} == shown
        assert shown or "Inga granskningar passar" in page.words


@pytest.mark.parametrize("query", ["state=nothing", "page=x", "page=-1", f"term={'x' * 300}", "round=%00"])
def test_what_no_list_offers_is_refused_in_words(served: Served, query: str) -> None:
    with somebody(served, "reviewer") as page:
        assert page.go(f"/eligibility?{query}").status == 422
        assert "Välj status och filter i listorna." in page.words


def test_a_wide_or_long_grid_is_cut_and_says_how_to_see_the_rest(
    served: Served, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.pages.eligibility_view.COLUMNS", 1)
    monkeypatch.setattr("service.pages.eligibility_view.APPLICANTS", 1)
    for name in ("Anna", "Bo", "Cia", "Dan"):
        desk.open(name, "Statistik C")
    with somebody(served, "reviewer") as page:
        page.go("/eligibility")
        assert columns(page) == ["Statistik C"]
        assert "course=Statistik+A" in page.text
        assert "Sida 1 av 4" in page.words
        assert ">Bo</a>" in page.go("/eligibility?page=2").text
        assert "Inga granskningar passar" in page.go("/eligibility?page=99").words


@pytest.mark.parametrize(("who", "status"), [("admissions", 200), ("head", 200), ("auditor", 403), ("admin", 403)])
def test_the_grid_is_for_those_who_review_and_decide(served: Served, who: str, status: int) -> None:
    with somebody(served, who) as page:
        assert page.go("/eligibility").status == status
        assert page.go("/eligibility.csv").status == status


# One applicant.


def test_an_applicant_is_shown_with_every_reason_and_that_is_noted(served: Served, desk: Desk) -> None:
    case = desk.open("Anna", "Statistik C")
    desk.do("reviewer", case, "take")
    desk.do("reviewer", case, "record_assessment", {"assessed": ASSESSED, "transcript_seen": True})
    with somebody(served, "reviewer") as page:
        page.go("/eligibility")
        found = re.search(r'href="(/eligibility/applicants/[^"]+)">Anna', page.text)
        assert found
        page.go(found[1])
        for words in ("Lång erfarenhet.", "Delegation 7", "TOEFL 92", "Inte uppfyllt", "Betygsutdrag granskat"):
            assert words in page.words
        assert f'href="/cases/{desk.number(case)}/steps/find_eligible"' in page.text
    noted = Readings(served.house.store).of("umu.se", case=case, person=served.person("reviewer"))
    assert len(noted.items) == 1


def test_an_applicant_of_another_department_is_not_there(served: Served, desk: Desk) -> None:
    case = desk.read(desk.open("Hilda", "Historia A", unit="HIST"))
    with somebody(served, "reviewer") as page:
        for subject in (case["subject"], case["id"], "nobody", "%3Cscript%3E"):
            assert page.go(f"/eligibility/applicants/{subject}").status == 404


def test_what_was_written_is_shown_as_text(served: Served, desk: Desk) -> None:
    desk.open("Anna", HOSTILE, requirements=[{"name": HOSTILE}], round=HOSTILE)
    with somebody(served, "reviewer") as page:
        page.go("/eligibility")
        assert "<script>alert" not in page.text
        assert "&lt;script&gt;alert" in page.text
        assert 'course=Statistik+A"' not in page.go("/eligibility?state=all").text


# Deciding many.


@on_both_databases
def test_cells_are_chosen_and_decided_together(served: Served, desk: Desk) -> None:
    cases = [desk.open(name, "Statistik C") for name in ("Anna", "Bo", "Cia")]
    for case in cases[:2]:
        desk.do("reviewer", case, "take")
    with somebody(served, "reviewer") as page:
        page.go("/eligibility?course=Statistik+C")
        page.press("Gå vidare", case=ticked(page, "Anna", "Bo", "Cia"), trigger="find_eligible")
        assert "Bedöm behörig kan göras för 2, men inte för 1." in page.words
        page.press("Jag är inte jävig i något av dem och bekräftar för 2")
        assert "Klart för alla 2." in page.words
        assert [desk.read(case)["state"] for case in cases] == ["eligible", "eligible", "requested"]
        assert 'href="/eligibility?course=Statistik+C"' in page.text


def test_reviews_in_several_states_are_judged_one_by_one(served: Served, desk: Desk) -> None:
    desk.open("Anna", "Statistik C")
    with somebody(served, "reviewer") as page:
        page.go("/eligibility")
        boxes = re.findall(r'name="case" value="([^"]+)"', page.text)
        page.press("Gå vidare", case=boxes, trigger="take")
        assert "Ta ärendet kan göras för 3, men inte för 2." in page.words


def test_the_steps_offered_are_those_of_the_states_shown(served: Served) -> None:
    with somebody(served, "admissions") as page:
        page.go("/eligibility")
        offered = page.text.partition('id="bulk-trigger"')[2].partition("</select>")[0]
        assert 'value="withdraw"' in offered
        assert 'value="find_eligible"' not in offered


# The file.


@on_both_databases
def test_the_file_holds_what_was_found_why_by_whom_and_when(served: Served, desk: Desk) -> None:
    case = desk.open("Anna", "Statistik C", term="HT 2027", application_number="123")
    desk.do("reviewer", case, "take")
    desk.do("reviewer", case, "propose_ineligible", FAILED, reason="Betyget räcker inte.")
    with somebody(served, "admissions") as page:
        assert [line["Nummer"] for line in table(page.go("/eligibility.csv").text)] == [served.number("decided")]
        desk.do("head", case, "confirm_ineligible", VOUCHED)
        line = next(each for each in table(page.go("/eligibility.csv").text) if each["Nummer"] == desk.number(case))
        assert {name: line[name] for name in list(line)[1:5]} == {
            "Sökande": "Anna", "Anmälningsnummer": "123", "Kurs": "Statistik C", "Kurskod": "",
        }  # fmt: skip
        assert (line["Bedömning"], line["Motivering"]) == ("Obehörig", "Betyget räcker inte.")
        assert (line["Bedömt av"], line["Bedömt den"]) == ("prefekt", "2027-01-11")


def test_the_file_follows_the_filters_and_reads_as_a_workbook(served: Served, desk: Desk) -> None:
    case = desk.open("Anna", HOSTILE, round="Master")
    desk.do("reviewer", case, "take")
    desk.do("reviewer", case, "find_eligible", VOUCHED)
    with somebody(served, "admissions", "en") as page:
        answer = page.client.get("/eligibility.xlsx?round=Master")
        assert "attachment" in answer.headers["content-disposition"]
        sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
        assert sheet is not None
        lines = list(sheet.iter_rows(values_only=True))
        assert len(lines) == 2
        assert lines[0][:2] == ("Number", "Applicant")
        assert (lines[1][1], lines[1][3], lines[1][7]) == ("Anna", HOSTILE, "Eligible")
        assert table(page.go("/eligibility.csv?state=requested").text) == []
        assert table(page.go("/eligibility.csv?round=Master").text)[0]["Course"] == f"'{HOSTILE}"


def test_what_was_withdrawn_is_not_in_the_file(served: Served, desk: Desk) -> None:
    case = desk.open("Anna", "Statistik C")
    desk.do("reviewer", case, "take")
    desk.do("reviewer", case, "find_eligible", VOUCHED)
    desk.do("admissions", case, "withdraw")
    with somebody(served, "admissions") as page:
        assert desk.number(case) not in page.go("/eligibility.csv").text
        assert table(page.go("/eligibility.csv?state=withdrawn").text) == []


# For everybody.


def test_the_grid_costs_few_statements_and_little_room(served: Served, desk: Desk) -> None:
    for name in ("Anna", "Bo", "Cia", "Dan"):
        desk.open(name, "Statistik C", requirements=[{"name": "Matematik 3c"}])
    with somebody(served, "reviewer") as page, statements(served) as asked:
        page.go("/eligibility")
        # Only a trial office asks the database what time it is.
        said = [each for each in asked if "test_clock" not in each]
        assert len(said) <= MOST_STATEMENTS, "\n\n".join(said)
        assert len(page.text.encode()) < HEAVIEST


@pytest.mark.parametrize(("language", "dark"), [("sv", False), ("en", True)])
def test_grid_and_applicant_are_for_everybody(page_as: Opening, desk: Desk, language: str, dark: bool) -> None:
    case = desk.open("Anna", "Statistik C", course_code="ST3")
    desk.do("reviewer", case, "take")
    desk.do("reviewer", case, "record_assessment", {"assessed": ASSESSED, "transcript_seen": True})
    page = page_as("reviewer", language=language, dark=dark)
    for path in ("/eligibility", f"/eligibility/applicants/{desk.read(case)['subject']}"):
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(path)
        assert axe(page) == []
        page.set_viewport_size({"width": 320, "height": 900})
        no_sideways_scroll(page)


def enter(page: Page) -> None:
    """Press what has the focus, and wait for the page it leads to."""
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_the_keyboard_alone_completes_a_decision(page_as: Opening, desk: Desk) -> None:
    case = desk.open("Anna", "Statistik C")
    desk.do("reviewer", case, "take")
    page = page_as("reviewer")
    page.goto("/eligibility")

    tab_to(page, page.get_by_role("link", name="Anna", exact=True))
    enter(page)
    tab_to(page, "Bedöm obehörig")
    enter(page)
    tab_to(page, page.locator("[name='f.failed_requirement']"))
    page.keyboard.type("Matematik 3c")
    tab_to(page, page.locator("#f-reason"))
    page.keyboard.type("Kursen saknas i betygen.")
    tab_to(page, "Granska")
    enter(page)
    tab_to(page, "Jag är inte jävig och bekräftar")
    enter(page)

    assert "done=" in page.url
    assert desk.read(case)["state"] == "ineligible"


def test_the_keyboard_alone_decides_several(page_as: Opening, desk: Desk) -> None:
    cases = [desk.open(name, "Statistik C") for name in ("Anna", "Bo")]
    page = page_as("reviewer")
    page.goto("/eligibility?course=Statistik+C")

    for box in page.locator("input[name=case]").all():
        tab_to(page, box)
        page.keyboard.press("Space")
    tab_to(page, page.locator("#bulk-trigger"))
    page.keyboard.press("t")  # one letter: two may come too slowly to be taken for a word
    expect(page.locator("#bulk-trigger")).to_have_value("take")
    tab_to(page, "Gå vidare")
    enter(page)
    tab_to(page, "Bekräfta för 2")
    enter(page)

    assert "Klart för alla 2." in page.locator("main").inner_text()
    assert [desk.read(case)["state"] for case in cases] == ["under_review"] * 2


def test_a_whole_column_is_chosen_at_once(page_as: Opening, desk: Desk) -> None:
    for name in ("Anna", "Bo"):
        desk.open(name, "Statistik C")
    page = page_as("reviewer")
    page.goto("/eligibility")
    page.get_by_label("Välj alla, Statistik C").check()
    assert page.locator("input[name=case]:checked").count() == 2
    assert page.locator("[data-course] input[name=case]").count() > 2
