"""Going through a history: the case as it was after each event, what was offered, and whether it all holds."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from engine.canonical import chain
from tests.pages.browsing import Opening, axe, no_sideways_scroll
from tests.pages.plain import Plain
from tests.pages.serving import Served


@pytest.fixture
def enter(served: Served) -> Iterator[Callable[..., Plain]]:
    """Sign somebody in with a browser that knows no JavaScript."""
    entered: list[Plain] = []

    def made(who: str, language: str = "sv") -> Plain:
        entered.append(Plain.enter(served, who, language))
        return entered[-1]

    yield made
    for each in entered:
        each.close()


def at(served: Served, case: str, rest: str = "") -> str:
    return f"/cases/{served.number(case)}/history{rest}"


def part(page: Plain, id_: str) -> str:
    return page.text.partition(f'id="{id_}"')[2].partition("</section>")[0]


def test_the_last_event_is_shown_first(served: Served, enter: Callable[..., Plain]) -> None:
    page = enter("officer").go(at(served, "decided"))
    assert page.status == 200
    assert re.search(r"efter händelse (\d+) av \1,", page.words)
    assert "Beslutad" in page.words


def test_an_earlier_event_shows_state_facts_and_steps_of_then(served: Served, enter: Callable[..., Plain]) -> None:
    page = enter("officer").go(at(served, "decided", "?at=2"))
    facts = part(page, "facts-title")
    assert "Under granskning" in facts
    assert "Beslutat i NyA den" not in facts
    assert "Bedöm behörig" in part(page, "offered-title")
    assert "Ta ärendet" not in part(page, "offered-title")


def test_the_differences_of_the_event_stand_there(served: Served, enter: Callable[..., Plain]) -> None:
    page = enter("officer", "en").go(at(served, "decided", "?at=3"))
    event = part(page, "event-title")
    assert "found the applicant not eligible" in event
    assert re.search(r"<ins><span[^>]*>Not eligible</span>", event)
    assert "Kravet saknas." in event


def test_conditions_that_rest_on_other_cases_are_not_judged(served: Served, enter: Callable[..., Plain]) -> None:
    page = enter("officer").go(at(served, "ranked"))
    offered = part(page, "offered-title")
    assert "Erbjud plats" in offered
    assert "går inte att bedöma i efterhand" in offered.partition("Erbjud plats")[2].partition("</li>")[0]


def test_previous_and_next_lead_through_it(served: Served, enter: Callable[..., Plain]) -> None:
    officer = enter("officer")
    first, last = officer.go(at(served, "decided", "?at=1")).text, officer.go(at(served, "decided")).text
    assert ('rel="prev"' in first, 'rel="next"' in first) == (False, True)
    assert ('rel="prev"' in last, 'rel="next"' in last) == (True, False)


@pytest.mark.parametrize("place", ["", "x", "-1", "999", "9" * 400, "%00", "1%20OR%201"])
def test_a_place_that_is_none_shows_the_last_event(served: Served, enter: Callable[..., Plain], place: str) -> None:
    page = enter("officer").go(at(served, "decided", f"?at={place}"))
    assert page.status == 200
    assert re.search(r"efter händelse (\d+) av \1,", page.words)


def test_every_event_of_every_case_can_be_looked_at(served: Served, enter: Callable[..., Plain]) -> None:
    officer = enter("officer")
    for case in ("in force", "nominated out", "borrowing", "under review in", "closed"):
        last = int(re.findall(r'max="(\d+)"', officer.go(at(served, case)).text)[0])
        assert {officer.go(at(served, case, f"?at={event}")).status for event in range(1, last + 1)} == {200}


# Whether it holds.


def test_nothing_is_verified_before_somebody_asks(served: Served, enter: Callable[..., Plain]) -> None:
    page = enter("auditor").go(at(served, "decided"))
    assert "Pröva historiken" in page.words
    assert "kedjan är hel" not in page.words


def test_a_true_history_is_said_to_hold(served: Served, enter: Callable[..., Plain]) -> None:
    page = enter("auditor").go(at(served, "decided", "?at=2&verify=1"))
    assert "Ja." in page.words
    assert "kedjan är hel" in page.words


def test_a_changed_history_is_said_not_to_hold(served: Served, enter: Callable[..., Plain]) -> None:
    with served.house.store.writes() as connection:
        connection.execute(
            sa.text("UPDATE event SET party = 'somebody' WHERE case_id = :case AND sequence = 2"),
            {"case": served.office.cases["decided"]},
        )
    page = enter("auditor").go(at(served, "decided", "?verify=1"))
    assert page.status == 200
    assert "Historiken stämmer inte från händelse 2." in page.words


def test_the_file_holds_what_is_hashed(served: Served, enter: Callable[..., Plain]) -> None:
    page = enter("auditor").go(at(served, "decided", ".jsonl"))
    lines = [json.loads(line) for line in page.text.splitlines()]
    for line in lines:
        assert chain(line["body"].encode(), line["previous"]) == line["hash"]
    assert [line["previous"] for line in lines[1:]] == [line["hash"] for line in lines[:-1]]


# In a browser.


@pytest.mark.parametrize(("language", "dark"), [("sv", True), ("en", False)])
def test_axe_finds_nothing_and_nothing_sticks_out(
    page_as: Opening, served: Served, language: str, *, dark: bool
) -> None:
    page = page_as("auditor", language=language, dark=dark)
    page.goto(at(served, "decided", "?at=3&verify=1"))
    assert axe(page) == []
    page.set_viewport_size({"width": 320, "height": 800})
    no_sideways_scroll(page)


def test_the_slider_shows_the_event_at_once(page_as: Opening, served: Served) -> None:
    page = page_as("auditor")
    page.goto(at(served, "decided", "?at=3"))
    page.get_by_role("slider").focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**?at=2")
    expect(page.locator("#event-title")).to_contain_text("Händelse 2:")
    page.keyboard.press("ArrowLeft")  # where the focus was, there it still is
    page.wait_for_url("**?at=1")
    expect(page.locator("#event-title")).to_contain_text("Händelse 1:")
    expect(page).to_have_title(re.compile("efter händelse 1 av"))


def test_a_slider_moved_after_the_session_ended_leads_to_the_door(page_as: Opening, served: Served) -> None:
    page = page_as("auditor")
    page.goto(at(served, "decided", "?at=3"))
    page.context.clear_cookies(name="fardplan")
    page.get_by_role("slider").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("h1")).to_have_text("Logga in")


def test_without_javascript_a_button_does_it(page_as: Opening, served: Served) -> None:
    page = page_as("auditor", javascript=False)
    page.goto(at(served, "decided", "?at=3"))
    page.get_by_role("slider").focus()
    page.keyboard.press("ArrowLeft")
    page.get_by_role("button", name="Visa", exact=True).click()
    page.wait_for_url("**?at=2")
