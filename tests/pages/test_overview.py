"""The overview of processes: every number is that of its list, in the reader's units, in the order of the process."""

from __future__ import annotations

import re

import pytest

from engine.store import state_counts
from service.pages import overview_view
from tests.pages.browsing import Opening, axe, no_sideways_scroll
from tests.pages.guidance import HEAVIEST, MOST_STATEMENTS, statements
from tests.pages.plain import Plain
from tests.pages.reading import of, somebody
from tests.pages.serving import Served, on_both_databases

PATHS = ("/overview", "/overview/eligibility_review", "/overview/outgoing_exchange?unit=STAT")
ROWS = re.compile(r'<tr>\s*<th scope="row">(?:<a [^>]*>)?([^<]+)')


def row(page: Plain, name: str) -> str:
    """The row of a process or state."""
    found = [part for part in page.text.split("<tr>") if re.search(rf'<th scope="row">(<a [^>]*>)?{name}<', part)]
    assert len(found) == 1, f"{name} stands in {len(found)} rows"
    return found[0].partition("</tr>")[0]


def links(text: str) -> dict[str, str]:
    """The numbers of a row with the lists they lead to, by what they count."""
    found = re.findall(r'<a href="(/cases\?[^"]+)"[^>]*>[\d\s]+<span class="visually-hidden"> ([^,]+),', text)
    return {what: href.replace("&amp;", "&") for href, what in found}


def count(text: str, what: str) -> int:
    found = re.search(rf'>([\d\s]+)<span class="visually-hidden"> {what},', text)
    return int(found[1]) if found else 0


def test_every_process_stands_there_with_its_open_cases(served: Served) -> None:
    with somebody(served, "officer") as page:
        page.go("/overview")
        assert page.status == 200
        assert "<title>Processöversikt" in page.text
        names = ROWS.findall(page.text)
        assert len(names) == len(served.house.catalogue.names)
        reviews = row(page, "Granskning av särskild behörighet")
        assert count(reviews, "öppna") == 4  # and one is decided


def test_the_states_stand_in_the_order_of_the_process(served: Served) -> None:
    with somebody(served, "officer") as page:
        page.go("/overview/eligibility_review")
        declared = served.house.catalogue.current("eligibility_review").workflow.states
        opened = [state.label.sv for state in declared if not state.final]
        closed = [state.label.sv for state in declared if state.final]
        assert ROWS.findall(page.text) == opened + closed
        assert page.text.index("Avslutade ärenden") > page.text.index(opened[-1])


@pytest.mark.parametrize("who", ["officer", "reviewer", "hist.coordinator", "auditor"])
def test_a_number_is_that_of_the_list_it_leads_to(served: Served, who: str) -> None:
    with somebody(served, who) as page:
        for workflow in served.house.catalogue.names:
            page.go(f"/overview/{workflow}")
            parts = [part.partition("</tr>")[0] for part in page.text.split("<tr>")]
            numbers = {href: count(part, what) for part in parts for what, href in links(part).items()}
            for href, counted in numbers.items():
                page.go(href)
                assert f"{counted} ärende" in page.words, href


def test_a_number_above_the_bound_says_so(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state_counts, "MOST", 1)
    monkeypatch.setattr(overview_view, "MOST", 1)
    with somebody(served, "officer") as page:
        page.go("/overview")
        reviews = row(page, "Granskning av särskild behörighet")
        assert re.search(r">fler än \d+<span[^>]*> öppna,", reviews)
        page.go("/overview/eligibility_review")
        assert re.search(r"<p>Fler än \d+ öpp", page.text)


def test_nothing_is_counted_that_the_reader_may_not_read(served: Served) -> None:
    with somebody(served, "hist.reviewer") as page:
        page.go("/overview/eligibility_review")
        assert links(page.text) == {}


def test_units_narrow_the_numbers_and_the_lists(served: Served) -> None:
    with somebody(served, "officer") as page:
        page.go("/overview?unit=HIST")
        assert count(row(page, "Granskning av särskild behörighet"), "öppna") == 0
        page.go("/overview?unit=STAT&unit=HIST")
        reviews = links(row(page, "Granskning av särskild behörighet"))["öppna"]
        assert "unit=STAT&unit=HIST" in reviews
        page.go("/overview/eligibility_review?unit=STAT")
        assert {"unit=STAT" in href for href in links(page.text).values()} == {True}


def test_what_waits_for_me_and_what_is_overdue_is_told(served: Served) -> None:
    moved = served.ask("admin", "PUT", "/clock", {"now": "2027-01-18T09:00:00+01:00"})
    assert moved.status_code == 200
    with somebody(served, "reviewer") as page:
        page.go("/overview/eligibility_review")
        waiting = row(page, "Inkommen för granskning")
        assert count(waiting, "väntar på mig") == 2
        assert count(waiting, "försenade") == 2
        assert ">7 dagar<" in waiting
        assert served.number("received") in page.go(links(waiting)["försenade"]).words


def test_a_state_offers_its_steps_for_many(served: Served) -> None:
    with somebody(served, "reviewer") as page:
        page.go("/overview/eligibility_review")
        found = re.search(r'href="(/bulk\?[^"]+)">Ta ärendet', row(page, "Inkommen för granskning"))
        assert found
        page.go(found[1].replace("&amp;", "&"))
        assert page.status == 200
        assert of(served, "received")[0] in page.words


def test_whoever_takes_no_step_is_offered_none(served: Served) -> None:
    with somebody(served, "auditor") as page:
        assert "/bulk?" not in page.go("/overview/eligibility_review").text


def test_a_process_that_is_none_is_not_there(served: Served) -> None:
    with somebody(served, "officer") as page:
        assert page.go("/overview/nothing").status == 404
        assert page.go("/overview/%3Cscript%3E").status == 404
        assert page.go("/overview?unit=" + "x" * 300).status == 422


def test_the_administrator_alone_has_no_overview(served: Served) -> None:
    with somebody(served, "admin") as page:
        assert page.go("/overview").status == 403


@on_both_databases
def test_an_overview_costs_few_statements_and_little_room(served: Served) -> None:
    with somebody(served, "officer") as page, statements(served) as asked:
        for path in PATHS:
            asked.clear()
            page.go(path)
            assert len(asked) <= MOST_STATEMENTS, asked
            assert len(page.text.encode()) < HEAVIEST


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(("language", "dark"), [("sv", False), ("en", True)])
def test_the_overview_is_for_everybody(page_as: Opening, path: str, language: str, dark: bool) -> None:
    page = page_as("officer", language=language, dark=dark)
    page.goto(path)
    for folded in page.locator("details").all():
        folded.evaluate("it => it.open = true")
    assert axe(page) == []
    page.set_viewport_size({"width": 320, "height": 900})
    no_sideways_scroll(page)
