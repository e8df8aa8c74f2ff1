"""The register of agreements and the balance: what is found, how long it runs, places, and lists behind numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import openpyxl
import pytest
from playwright.sync_api import expect

from engine.calendar import Calendar
from engine.canonical import micros
from service.pages.agreements_view import ends_in, whole_months
from service.pages.balance_view import signed
from service.pages.saying import Speech
from tests.pages.browsing import Opening, axe, no_sideways_scroll, tab_to
from tests.pages.counting import linked, must_list_what_they_count
from tests.pages.guidance import HEAVIEST, MOST_STATEMENTS, statements, title, words
from tests.pages.plain import Plain
from tests.pages.reading import numbers, of, somebody
from tests.pages.serving import Served, on_both_databases

ALL = ("in force", "draft", "with the office", "to be signed", "given up")
ANYTHING = "<script>alert(1)</script>'; DROP TABLE case_record; --\u202e\U0001f600"
PATHS = (
    "/agreements?year=2027", "/agreements?q=nothing+at+all", "/agreements/balance?year=2027",
    "/agreements/balance?year=2027&show=years", "/listed?academic_year=2027&direction=outgoing", "/listed?state=gone",
)  # fmt: skip


@pytest.fixture
def officer(served: Served) -> Iterator[Plain]:
    with somebody(served, "officer") as made:
        yield made


def found(plain: Plain, query: str = "") -> list[str]:
    return numbers(plain.go(f"/agreements?{query}").text)


def move(served: Served, day: str) -> None:
    answer = served.ask("admin", "PUT", "/clock", {"now": f"{day}T09:00:00+01:00"})
    assert answer.status_code == 200, answer.text


# The register.


@on_both_databases
def test_the_register_holds_every_agreement_and_nothing_else(served: Served) -> None:
    with somebody(served, "officer") as plain:
        assert sorted(found(plain)) == sorted(of(served, *ALL))
        assert found(plain, "sort=number") == sorted(of(served, *ALL))


@on_both_databases
def test_filters_narrow_the_register(served: Served) -> None:
    with somebody(served, "officer") as plain:
        assert found(plain, "state=active") == of(served, "in force")
        assert sorted(found(plain, "state=drafted&state=abandoned")) == sorted(of(served, "draft", "given up"))
        assert found(plain, f"q={served.number('draft')}") == of(served, "draft")
        assert len(found(plain, "q=musterstadt")) == len(ALL)
        assert found(plain, "unit=HIST") == []
        assert found(plain, "expiring=yes") == []
        assert len(found(plain, "expiring=no")) == len(ALL)


def test_a_partner_leads_to_all_agreements_with_it(served: Served, officer: Plain) -> None:
    officer.go("/agreements")
    partner = officer.text.split('href="/agreements?partner=')[1].split('"')[0]

    assert len(found(officer, f"partner={partner}")) == len(ALL)
    assert "Partner: Universität Musterstadt" in officer.words
    assert title(officer.text) == "Avtal: Partner: Universität Musterstadt – Färdplan"
    assert found(officer, "partner=01900000-0000-7000-8000-000000000000") == []


def test_of_very_many_partners_the_one_chosen_stays_chosen(officer: Plain, monkeypatch: pytest.MonkeyPatch) -> None:
    partner = officer.go("/agreements").text.split('href="/agreements?partner=')[1].split('"')[0]
    assert officer.page.form(button="Visa").values["partner"] == [""]
    monkeypatch.setattr("service.pages.agreements_filters.MOST_PARTNERS", 0)
    assert "partner" not in officer.go("/agreements").page.form(button="Visa").values
    assert officer.go(f"/agreements?partner={partner}").page.form(button="Visa").values["partner"] == [partner]


def test_a_chip_takes_one_filter_away_and_leaves_the_others(officer: Plain) -> None:
    officer.go("/agreements?state=active&q=musterstadt&year=2027")
    assert 'href="/agreements?state=active&amp;year=2027&amp;sort=title"' in officer.text
    assert 'href="/agreements?q=musterstadt&amp;year=2027&amp;sort=title"' in officer.text


def test_a_row_tells_validity_conditions_places_and_renewal(served: Served, officer: Plain) -> None:
    said = words(officer.go("/agreements?state=active&year=2027").text)

    assert "1 januari 2026 – 31 december 2031" in said
    assert "Löper ut om 4 år" in said
    assert "Utresande : 0 kvar av 1, tagna av 1 student" in said
    assert f"Förnyelse: {served.number('renewal')} Dags att utvärdera" in said
    assert "gäller läsåret 2027/2028" in said


def test_places_are_those_of_the_year_that_was_chosen(officer: Plain) -> None:
    assert "Utresande : 1 kvar av 1 Grundnivå" in words(officer.go("/agreements?state=active").text)
    assert linked(officer.text) == []


@on_both_databases
def test_what_ends_within_a_year_is_marked_and_found(served: Served) -> None:
    move(served, "2027-12-01")
    move(served, "2028-12-01")
    move(served, "2029-12-01")
    move(served, "2030-12-01")
    move(served, "2031-07-15")
    with somebody(served, "officer", "en") as plain:
        assert served.number("in force") in found(plain, "expiring=yes&sort=ends")
        assert "Ends in 5 months" in words(plain.text)


@on_both_databases
def test_the_register_goes_on_where_it_stopped(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.pages.agreements.SHOWN", 2)
    with somebody(served, "officer") as plain:
        shown = found(plain, "sort=-ends")
        while 'rel="next"' in plain.text:
            more = plain.text.split('rel="next" href="?')[1].split('"')[0].replace("&amp;", "&")
            shown += found(plain, more)
            assert "Till början av listan" in plain.words

    assert len(shown) == len(ALL)
    assert set(shown) == set(of(served, *ALL))


def test_another_departments_agreements_are_neither_shown_nor_counted(served: Served) -> None:
    draft = served.office.cases["draft"]
    with somebody(served, "hist.reviewer") as plain:
        assert found(plain) == []
        assert "Det finns inga avtal som du får läsa" in plain.words
        assert linked(plain.go("/agreements/balance?year=2027&show=total").text) == []
        assert plain.go(f"/listed?held_under={draft}&academic_year=2027").status == 404
        assert plain.go("/listed?held_under=guessed").status == 404


@pytest.mark.parametrize("path", ["/agreements", "/agreements.csv", "/agreements/balance", "/listed"])
def test_whoever_has_no_role_in_casework_is_refused(served: Served, path: str) -> None:
    with somebody(served, "admin") as plain:
        assert plain.go(path).status == 403
    with somebody(served, "auditor") as plain:
        assert plain.go(path).status == 200


@pytest.mark.parametrize(
    "query", [f"q={'x' * 300}", "state=nowhere", "unit=NOWHERE", "partner=x", "expiring=perhaps", "year=27",
              "year=２０２７", "sort=colour", "cursor=abc"],
)  # fmt: skip
def test_what_cannot_be_asked_is_said_and_breaks_nothing(officer: Plain, query: str) -> None:
    officer.go(f"/agreements?{query}")
    assert officer.status == 422
    assert "<h1>" in officer.text


def test_what_is_typed_is_shown_as_text(officer: Plain) -> None:
    answer = officer.client.get("/agreements", params={"q": ANYTHING})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert(1)" in answer.text


# As a file.


@on_both_databases
def test_the_file_has_a_row_for_each_condition(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.pages.agreements_files.AT_ONCE", 2)
    with somebody(served, "officer", "en") as plain:
        answer = plain.client.get("/agreements.csv?year=2027&sort=number")

    heading, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""), delimiter=";")
    first = [dict(zip(heading, row, strict=True)) for row in rows if row[0] == served.number("in force")]
    assert [row["Direction"] for row in first] == ["Outgoing", "Incoming"]
    assert (first[0]["Places (semesters)"], first[0]["Taken"], first[0]["Left"]) == ("1", "1", "0")
    assert {row[0] for row in rows} == set(of(served, *ALL))


def test_the_workbook_is_narrowed_as_the_page_is(served: Served, officer: Plain) -> None:
    answer = officer.client.get("/agreements.xlsx?state=drafted")
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0].iter_rows(values_only=True))
    assert {row[0] for row in rows[1:]} == set(of(served, "draft"))
    assert "attachment" in answer.headers["content-disposition"]


# The balance.


@on_both_databases
def test_the_balance_counts_out_against_in(served: Served) -> None:
    with somebody(served, "officer") as plain:
        said = words(plain.go("/agreements/balance?year=2027&show=total").text)

    assert "Balans ut och in 2027/2028" in said
    assert "Alla nivåer 1 studenter 1 termin 1 studenter 1 termin 0 lika många ut som in" in said
    assert "Ingen har plats det läsåret." in said


@on_both_databases
def test_every_number_leads_to_exactly_its_cases(served: Served) -> None:
    with somebody(served, "coordinator") as plain:
        seen = [
            must_list_what_they_count(plain, plain.go(path).text)
            for path in (
                "/agreements?year=2027",
                "/agreements/balance?year=2027&show=total",
                "/agreements/balance?year=2027&show=years",
            )
        ]
    assert all(seen)


def test_the_years_before_stand_beside_the_year_chosen(officer: Plain) -> None:
    said = words(officer.go("/agreements/balance?year=2028&show=years").text)
    assert "2027/2028 Grundnivå 1 studenter" in said
    empty = words(officer.go("/agreements/balance?year=2020&show=years").text)
    assert "Ingen har haft plats under avtalen de åren" in empty


def test_a_year_without_students_says_what_to_do(officer: Plain) -> None:
    assert "Välj ett annat läsår" in words(officer.go("/agreements/balance?year=2020&show=total").text)


def test_words_narrow_the_balance_to_some_agreements(served: Served, officer: Plain) -> None:
    officer.go(f"/agreements/balance?year=2027&q={served.number('draft')}")
    assert numbers(officer.text) == of(served, "draft")
    assert numbers(officer.go("/agreements/balance?q=nothing").text) == []
    assert "Sök med färre ord" in officer.words


@pytest.mark.parametrize("query", ["show=everything", "year=abcd", f"q={'x' * 300}"])
def test_a_balance_that_cannot_be_asked_is_refused(officer: Plain, query: str) -> None:
    assert officer.go(f"/agreements/balance?{query}").status == 422


# In words.


@pytest.mark.parametrize(
    ("day", "sv", "en"),
    [
        (date(2027, 1, 11), "löper ut i dag", "ends today"),
        (date(2027, 1, 12), "löper ut om 1 dag", "ends in 1 day"),
        (date(2027, 2, 20), "löper ut om 40 dagar", "ends in 40 days"),
        (date(2027, 6, 11), "löper ut om 5 månader", "ends in 5 months"),
        (date(2027, 7, 10), "löper ut om 5 månader", "ends in 5 months"),
        (date(2029, 1, 10), "löper ut om 23 månader", "ends in 23 months"),
        (date(2029, 1, 11), "löper ut om 2 år", "ends in 2 years"),
        (date(2027, 1, 10), "gick ut för 1 dag sedan", "ended 1 day ago"),
        (None, "", ""),
    ],
)
def test_an_end_is_said_in_the_unit_people_use(day: date | None, sv: str, en: str) -> None:
    calendar = Calendar()
    speech = Speech("sv", micros(calendar.start_of(date(2027, 1, 11))), calendar)
    assert ends_in(speech, day) == sv
    assert ends_in(replace(speech, language="en"), day) == en


def test_a_month_counts_when_it_is_over() -> None:
    assert whole_months(date(2027, 1, 31), date(2027, 2, 28)) == 1
    assert whole_months(date(2027, 1, 30), date(2027, 2, 27)) == 0
    assert whole_months(date(2027, 12, 31), date(2028, 12, 30)) == 11


def test_a_difference_has_its_sign() -> None:
    assert [signed(number) for number in (-3, 0, 4)] == ["\N{MINUS SIGN}3", "0", "+4"]


# The pages themselves.


@pytest.mark.parametrize("path", [*PATHS, "/agreements/balance?year=2027&show=total"])
def test_a_page_costs_few_statements_and_little_room(served: Served, officer: Plain, path: str) -> None:
    officer.go(path)
    with statements(served) as asked:
        officer.go(path)
    # A balance reads its agreements and those who hold places beside the page of the register.
    assert len(asked) <= MOST_STATEMENTS + 6 * ("balance" in path)
    assert len(officer.text) < HEAVIEST


@pytest.mark.parametrize(("language", "dark"), [("sv", False), ("en", True)])
def test_the_pages_of_agreements_are_sound(page_as: Opening, language: str, dark: bool) -> None:
    page = page_as("officer", language=language, dark=dark, width=320)
    for path in PATHS:
        page.goto(path)
        page.wait_for_load_state("networkidle")
        assert axe(page) == [], path
        no_sideways_scroll(page)


def test_the_total_comes_by_itself_and_without_javascript_by_a_link(page_as: Opening) -> None:
    page = page_as("officer")
    page.goto("/agreements/balance?year=2027")
    page.locator("#total-told table").first.wait_for()
    assert page.locator("main h1").count() == 1

    bare = page_as("officer", javascript=False)
    bare.goto("/agreements/balance?year=2027")
    bare.get_by_role("link", name="Räkna ihop alla avtal").click()
    expect(bare.locator("#total-told table").first).to_be_visible()


def test_the_register_is_filtered_by_keyboard(page_as: Opening, served: Served) -> None:
    page = page_as("coordinator", language="en")
    page.goto("/agreements")
    tab_to(page, page.locator("#filter-q"))
    page.keyboard.type(served.number("draft"))
    page.keyboard.press("Enter")
    page.locator(".chips a").first.wait_for()
    assert page.locator("table.register tbody tr").count() == 1
