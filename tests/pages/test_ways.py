"""How cases really run, on the dashboards: where they wait, for whom, which ways they take, what is done again."""

from __future__ import annotations

from tests.pages.browsing import Opening, axe, no_sideways_scroll
from tests.pages.guidance import HEAVIEST, MOST_STATEMENTS, statements, words
from tests.pages.reading import somebody
from tests.pages.serving import Served, on_both_databases

WAYS = "/dashboards?workflow=eligibility_review&show=ways"


@on_both_databases
def test_the_ways_of_a_process_stand_with_waiting_and_rework(served: Served) -> None:
    case = served.office.cases["under review"]
    version = served.ask("officer", "GET", f"/cases/{case}").json()["version"]
    body = {"trigger": "release"}
    answer = served.ask("reviewer", "POST", f"/cases/{case}/transitions", body, if_match=f'"{version}"')
    assert answer.status_code == 200, answer.text
    served.ask("admin", "PUT", "/clock", {"now": "2027-01-25T09:00:00+01:00"})
    with somebody(served, "officer", "en") as plain:
        said = words(plain.go(WAYS).text)
    assert "Received for review → Under review → Not eligible → Decided" in said
    assert "Received for review came back to the status 1" in said
    assert "Under review → Received for review went back where it came from 1" in said
    assert "For whom cases waited" in said


def test_ways_are_worked_out_only_when_asked_for(served: Served) -> None:
    with somebody(served, "officer", "en") as plain:
        plain.go("/dashboards")
        assert "Ways that cases took" not in plain.words
        assert 'href="/dashboards?days=90&amp;show=ways#ways"' in plain.text


def test_a_unit_without_cases_says_what_to_do(served: Served) -> None:
    with somebody(served, "officer", "en") as plain:
        assert "Choose a longer time." in plain.go("/dashboards?unit=umu.se&show=ways").words


def test_only_cases_that_may_be_read_are_counted(served: Served) -> None:
    with somebody(served, "hist.reviewer", "en") as plain:
        said = words(plain.go("/dashboards?show=ways").text)
    assert "Outgoing exchange 1 case, 1 way" in said
    assert "Not eligible → Decided" not in said


def test_the_ways_cost_few_statements_and_little_room(served: Served) -> None:
    with somebody(served, "officer") as plain:
        plain.go("/dashboards?show=ways")
        with statements(served) as asked:
            plain.go("/dashboards?show=ways")
    assert len(asked) <= MOST_STATEMENTS + 5
    assert len(plain.text) < HEAVIEST


def test_the_ways_are_sound(page_as: Opening) -> None:
    page = page_as("officer", language="en", dark=True, width=320)
    page.goto(WAYS)
    page.wait_for_load_state("networkidle")
    assert axe(page) == []
    no_sideways_scroll(page)


def test_where_nothing_went_back_the_page_says_so_in_words(served: Served) -> None:
    with somebody(served, "hist.reviewer", "en") as plain:
        said = words(plain.go("/dashboards?show=ways").text)
    assert "No case went back." in said
    assert "0 went back" not in said


def test_a_list_keeps_its_heading_on_one_line_as_cards(page_as: Opening) -> None:
    page = page_as("officer", language="en", width=320)
    page.goto(WAYS)
    heights = page.locator("table.cards caption").evaluate_all("all => all.map(each => each.offsetHeight)")
    assert heights
    assert max(heights) < 90
