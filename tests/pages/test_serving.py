"""The office that tests of the pages work in: everybody can come in, and nobody sees another test's doings."""

from __future__ import annotations

import pytest

from tests.pages.browsing import Opening
from tests.pages.serving import PEOPLE, Served, on_both_databases

ROLES = {
    "coordinator", "reviewer", "head", "officer", "admissions", "recogniser", "signatory", "auditor", "admin",
}  # fmt: skip

INK = "getComputedStyle(document.querySelector('body')).color"


def test_there_is_somebody_of_every_role(served: Served) -> None:
    assert set(PEOPLE) == ROLES
    assert len({served.person(role) for role in ROLES}) == len(ROLES)


def test_there_are_cases_of_every_process(served: Served) -> None:
    kinds = {number.partition("-")[0] for number in served.office.numbers.values()}
    assert kinds == {"AGR", "REN", "OUT", "IN", "REV"}
    assert served.ask("officer", "GET", f"/cases/{served.office.cases['received']}").json()["state"] == "requested"


@pytest.mark.parametrize("time", ["once", "and again"])
def test_what_one_test_does_the_next_does_not_see(served: Served, time: str) -> None:
    case = f"/cases/{served.office.cases['received']}"
    before = served.ask("reviewer", "GET", case)

    taken = served.ask("reviewer", "POST", f"{case}/transitions", {"trigger": "take"}, If_Match=before.headers["ETag"])

    assert (before.json()["state"], taken.json()["case"]["state"]) == ("requested", "under_review"), time


@pytest.mark.parametrize("who", [*sorted(ROLES), "hist.coordinator"])
def test_everybody_can_come_in(page_as: Opening, who: str) -> None:
    page = page_as(who)
    page.goto("/account")
    assert page.url.endswith("/account")


def test_the_reader_gets_the_language_and_the_colours_asked_for(page_as: Opening) -> None:
    page = page_as(None, language="en", dark=True, width=320)
    page.goto("/sign-in")
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    assert page.evaluate("innerWidth") == 320


@pytest.mark.parametrize("chosen", ["auto", "dark"])
def test_on_paper_a_page_is_light(page_as: Opening, chosen: str) -> None:
    page = page_as(None, dark=True)
    page.context.add_cookies([{"name": "fardplan_theme", "value": chosen, "url": "http://127.0.0.1"}])
    page.goto("/sign-in")
    assert page.evaluate(INK) == "rgb(233, 236, 240)"
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate(INK) == "rgb(0, 0, 0)"


def test_more_contrast_is_given_in_the_dark_too(page_as: Opening) -> None:
    page = page_as(None, dark=True)
    page.goto("/sign-in")
    page.emulate_media(color_scheme="dark", contrast="more")
    assert page.evaluate(INK.replace("body", ".faint")) == "rgb(233, 236, 240)"


def test_without_javascript_the_page_stands(page_as: Opening) -> None:
    page = page_as("reviewer", javascript=False)
    page.goto("/account")
    assert page.locator("h1").count() == 1


@on_both_databases
def test_the_pages_are_served_from_either_database(page_as: Opening, served: Served) -> None:
    page = page_as("officer")
    page.goto("/account")
    assert page.url == f"{served.url}/account"
