"""The dashboards: ages, who is late, times, what holds cases up; every number with the list of its cases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from service.pages import dashboards
from tests.pages.browsing import Opening, axe, no_sideways_scroll, tab_to
from tests.pages.counting import linked, must_list_what_they_count
from tests.pages.guidance import HEAVIEST, MOST_STATEMENTS, statements, title, words
from tests.pages.plain import Plain
from tests.pages.reading import numbers, of, somebody
from tests.pages.serving import Served, on_both_databases

PATHS = (
    "/dashboards", "/dashboards?workflow=eligibility_review&show=times", "/dashboards?show=blocking",
    "/dashboards?unit=HIST&workflow=agreement_renewal&show=times", "/listed?overdue=yes",
    "/listed?workflow=outgoing_exchange&blocked_by=no_place_left",
)  # fmt: skip


@pytest.fixture
def officer(served: Served) -> Iterator[Plain]:
    with somebody(served, "officer", "en") as made:
        yield made


def move(served: Served, to: str) -> None:
    answer = served.ask("admin", "PUT", "/clock", {"now": f"{to}T09:00:00+01:00"})
    assert answer.status_code == 200, answer.text


# State by age.


@on_both_databases
def test_every_number_leads_to_exactly_its_cases(served: Served) -> None:
    move(served, "2027-01-25")
    with somebody(served, "coordinator") as plain:
        for query in ("show=times", "workflow=outgoing_exchange&show=blocking", "unit=STAT"):
            assert must_list_what_they_count(plain, plain.go(f"/dashboards?{query}").text) > 5


def test_ages_are_counted_from_when_a_case_came_into_its_state(served: Served) -> None:
    with somebody(served, "officer", "en") as plain:
        young = words(plain.go("/dashboards?workflow=agreement").text)
        move(served, "2027-01-25")
        older = words(plain.go("/dashboards?workflow=agreement").text)
    assert "Draft 1 cases 0 0 0 1 cases" in young
    assert "Draft 0 1 cases 0 0 1 cases 14 days ago" in older


def test_all_states_of_a_process_stand_there_once_it_is_chosen(officer: Plain) -> None:
    every = words(officer.go("/dashboards").text)
    chosen = words(officer.go("/dashboards?workflow=agreement").text)
    assert "Suspended" in chosen
    assert "Suspended 0" not in every
    assert "without cases not shown; choose the process to see all" in every


def test_the_sum_of_a_process_leads_to_its_open_cases(served: Served, officer: Plain) -> None:
    officer.go("/dashboards?workflow=agreement_renewal")
    lists = dict(linked(officer.text))
    assert lists["/listed?workflow=agreement_renewal&open=yes"] == 1
    assert numbers(officer.go("/listed?workflow=agreement_renewal&open=yes").text) == of(served, "renewal")


def test_a_unit_narrows_all_tables(served: Served, officer: Plain) -> None:
    move(served, "2027-01-25")
    officer.go("/dashboards?unit=HIST")
    assert {"unit=HIST" in href for href, _ in linked(officer.text)} == {True}
    assert title(officer.text).startswith("Dashboards: all processes, ")
    officer.go("/dashboards?unit=HIST&workflow=agreement_renewal&show=blocking")
    assert "Nothing is overdue" in officer.words
    assert "No open cases to judge. Choose another process or unit." in officer.words


def test_a_unit_without_cases_says_what_to_do(officer: Plain) -> None:
    officer.go("/dashboards?unit=umu.se")
    assert "No open cases. Choose another process or unit." in officer.words


# Who is late.


@on_both_databases
def test_what_is_late_stands_by_assignee_or_by_role_and_unit(served: Served) -> None:
    move(served, "2027-02-15")
    with somebody(served, "officer", "en") as plain:
        said = words(plain.go("/dashboards").text)

    assert "Stat.Reviewer Eligibility review" in said
    assert "Statistics (no assignee)" in said
    assert "days overdue" in said


def test_of_many_lines_the_first_are_shown_and_all_where_asked_for(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dashboards, "SHOWN", 1)
    move(served, "2027-02-15")
    with somebody(served, "officer", "en") as plain:
        some = words(plain.go("/dashboards").text)
        every = words(plain.go("/dashboards?days=90&show=overdue").text)

    assert "Show all" in some
    assert "Show all" not in every
    assert every.count("days overdue") > some.count("days overdue") == 1


def test_nothing_late_is_good_news(officer: Plain) -> None:
    assert "Nothing is overdue. Good." in officer.go("/dashboards").words


# How long it takes.


@on_both_databases
def test_times_tell_half_and_nine_in_ten(served: Served) -> None:
    with somebody(served, "officer", "en") as plain:
        plain.go("/dashboards?workflow=eligibility_review&show=times&days=30")
        said = words(plain.text)
    assert "Cases that left the status during the last 30 days." in said
    assert "Received for review less than a minute less than a minute 3" in said


def test_no_time_is_told_of_what_ended_long_ago(served: Served, officer: Plain) -> None:
    move(served, "2027-12-01")
    officer.go("/dashboards?workflow=agreement&show=times&days=30")
    assert "No case left a status during the last 30 days. Choose a longer time." in officer.words


# What holds cases up.


@on_both_databases
def test_what_blocks_says_which_condition_which_step_who_and_how_many(served: Served) -> None:
    with somebody(served, "officer", "en") as plain:
        said = words(plain.go("/dashboards?workflow=agreement&show=blocking").text)
    assert "4 of 4 open cases judged" in said
    assert "Signature missing" in said
    assert "Put in force" in said


def test_conditions_are_judged_only_when_asked_for(officer: Plain) -> None:
    officer.go("/dashboards")
    assert "judged" not in officer.words
    assert 'href="/dashboards?days=90&amp;show=blocking#blocking"' in officer.text


def test_the_list_behind_a_condition_says_it_in_words(officer: Plain) -> None:
    officer.go("/dashboards?workflow=agreement&show=blocking")
    href = next(href for href, _ in linked(officer.text) if "blocked_by" in href)
    assert "held up by the condition “" in officer.go(href).words
    assert "blocked_by" not in officer.words
    assert "_" not in title(officer.text)


# Lists behind numbers.


def test_a_list_says_what_it_shows(officer: Plain) -> None:
    officer.go("/listed?workflow=eligibility_review&state=requested&open=yes&unit=STAT&entered_to=2027-01-11")
    assert title(officer.text).startswith(
        "Cases: Eligibility review, Received for review, open, in their status since 11 January 2027 or longer, "
    )
    assert "2 cases." in officer.words


def test_a_list_that_has_grown_empty_says_why(officer: Plain) -> None:
    officer.go("/listed?workflow=eligibility_review&state=requested&overdue=yes")
    assert "something has happened since the number was counted" in officer.words


@on_both_databases
def test_a_long_list_goes_on_where_it_stopped(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.pages.listed.SHOWN", 4)
    with somebody(served, "officer") as plain:
        shown = numbers(plain.go("/listed?open=yes").text)
        while 'rel="next"' in plain.text:
            more = plain.text.split('rel="next" href="?')[1].split('"')[0].replace("&amp;", "&")
            shown += numbers(plain.go(f"/listed?{more}").text)

    assert len(shown) == len(set(shown)) > 4
    assert set(of(served, "renewal", "draft", "received")) <= set(shown)


def test_a_list_holds_only_what_the_reader_may_read(served: Served) -> None:
    with somebody(served, "hist.reviewer") as plain:
        assert numbers(plain.go("/listed?open=yes").text) == of(served, "borrowing")
        assert numbers(plain.go("/listed?workflow=agreement").text) == []


@pytest.mark.parametrize(
    "path",
    [
        "/dashboards?workflow=nothing", "/dashboards?unit=nowhere", "/dashboards?days=7", "/dashboards?show=all",
        f"/dashboards?unit={'x' * 300}", "/listed?open=perhaps", "/listed?entered_to=yesterday",
        "/listed?academic_year=27", f"/listed?row={'x' * 600}", f"/listed?{'state=x&' * 200}", "/listed?state=%00",
        "/listed?cursor=abc",
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_said_and_breaks_nothing(officer: Plain, path: str) -> None:
    assert officer.go(path).status == 422
    assert "<h1>" in officer.text


@pytest.mark.parametrize(
    "name", ["state", "unit", "workflow", "row", "level", "direction", "linked_unit", "blocked_by"]
)
def test_what_stands_in_the_address_is_shown_as_text(officer: Plain, name: str) -> None:
    answer = officer.client.get("/listed", params={name: "<script>alert(1)</script>\u202e", "academic_year": "2027"})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text


def test_whoever_has_no_role_in_casework_is_refused(served: Served) -> None:
    with somebody(served, "admin") as plain:
        assert plain.go("/dashboards").status == 403
    with somebody(served, "auditor") as plain:
        assert plain.go("/dashboards").status == 200


# The pages themselves.


@pytest.mark.parametrize("path", PATHS)
def test_a_page_costs_few_statements_and_little_room(served: Served, officer: Plain, path: str) -> None:
    officer.go(path)
    with statements(served) as asked:
        officer.go(path)
    # Each of the five processes is read on its own to be judged.
    assert len(asked) <= MOST_STATEMENTS + 3 * 5 * (path == "/dashboards?show=blocking")
    assert len(officer.text) < HEAVIEST


@pytest.mark.parametrize(("language", "dark"), [("sv", False), ("en", True)])
def test_the_dashboards_are_sound(page_as: Opening, language: str, dark: bool) -> None:
    page = page_as("officer", language=language, dark=dark, width=320)
    for path in PATHS:
        page.goto(path)
        page.wait_for_load_state("networkidle")
        assert axe(page) == [], path
        no_sideways_scroll(page)


def test_what_takes_longer_comes_by_itself_and_without_javascript_by_a_link(page_as: Opening) -> None:
    page = page_as("officer", language="en")
    page.goto("/dashboards?workflow=agreement")
    page.locator("#times-told table").first.wait_for()
    page.locator("#blocking-told table").first.wait_for()
    assert page.locator("main h1").count() == 1

    bare = page_as("officer", language="en", javascript=False)
    bare.goto("/dashboards?workflow=agreement")
    bare.get_by_role("link", name="Judge the conditions").click()
    expect(bare.locator("#blocking-told table").first).to_be_visible()
    assert bare.locator("#filter-workflow").input_value() == "agreement"


def test_a_number_is_followed_by_keyboard(page_as: Opening, served: Served) -> None:
    page = page_as("auditor", language="en")
    page.goto("/dashboards?workflow=agreement_renewal")
    tab_to(page, page.locator("a[href^='/listed']").first)
    page.keyboard.press("Enter")
    page.locator(f"a.case[href='/cases/{served.number('renewal')}']").wait_for()
