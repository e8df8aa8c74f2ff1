"""Whoever guesses an address of another department's: nothing is there, whatever is asked for or sent.

A reviewer of History and a case of Statistics that neither links to History nor is linked from there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from fastapi.routing import APIRoute

from service.pages.routes import PAGES
from tests.pages.journeys.every_page import subject_of
from tests.pages.journeys.walking import case_of, happened
from tests.pages.plain import Plain
from tests.pages.serving import Served

THEIRS = ("under review", "proposed", "draft")
NOBODYS = "REV-2027-9999"
HOLES = {"trigger": "ask_for_information", "form_name": "step.ask_for_information"}
SENT = {
    "version": "2", "do": "confirm", "reason": "Hej", "text": "Hej", "f.missing_information": "Betyg", "person": "",
    "of": "course", "f.course": "Annan kurs", "fact": "course", "on_day": "2027-02-01", "note": "Hej",
    "to": "", "about": "",
}  # fmt: skip
"""What any of the forms may want."""


@pytest.fixture
def stranger(served: Served) -> Iterator[Plain]:
    entered = Plain.enter(served, "hist.reviewer")
    yield entered
    entered.close()


def below_a_case(method: str) -> list[str]:
    """Every address of a case, with the number left out."""
    routes = [route for router in PAGES for route in router.routes if isinstance(route, APIRoute)]
    return sorted({route.path for route in routes if method in (route.methods or ()) and "{number}" in route.path})


def filled(path: str, number: str) -> str:
    return path.format(number=number, **HOLES)


def proof(plain: Plain) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]+)"', plain.go("/account").text)
    assert found
    return found[1]


@pytest.mark.parametrize("case", THEIRS)
def test_nothing_of_it_is_there_to_be_read(served: Served, stranger: Plain, case: str) -> None:
    for path in below_a_case("GET"):
        for known in (served.number(case), served.office.cases[case]):
            assert stranger.go(filled(path, known)).status == 404, path
            assert known not in stranger.words or known in stranger.path, path


@pytest.mark.parametrize("case", THEIRS)
def test_nothing_of_it_is_there_to_be_changed(served: Served, stranger: Plain, case: str) -> None:
    before, pairs = case_of(served, case)["version"], [*SENT.items(), ("csrf", proof(stranger)), ("key", "k")]
    for path in below_a_case("POST"):
        assert stranger.send(filled(path, served.number(case)), pairs).status == 404, path
    assert happened(served, case, since=before) == []


def test_a_case_of_others_answers_as_one_that_nobody_has(served: Served, stranger: Plain) -> None:
    for path in below_a_case("GET"):
        theirs = stranger.go(filled(path, served.number("under review"))).text
        nobodys = stranger.go(filled(path, NOBODYS)).text
        assert without_keys(theirs, served.number("under review")) == without_keys(nobodys, NOBODYS), path


def without_keys(page: str, number: str) -> str:
    """A page without what is new each time it is shown."""
    return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "", page).replace(number, "")


def test_a_step_for_many_takes_none_of_others(served: Served, stranger: Plain) -> None:
    before, case = case_of(served, "received")["version"], served.office.cases["received"]
    sent = {"query": "workflow=eligibility_review", "trigger": "take", "case": f"{case}:{before}", "do": "confirm"}
    stranger.send("/bulk", [*sent.items(), ("csrf", proof(stranger)), ("key", "k")])
    assert served.number("received") not in stranger.words
    assert "Nils" not in stranger.words
    assert happened(served, "received", since=before) == []


def test_an_applicant_of_others_is_not_there_and_in_no_list(served: Served, stranger: Plain) -> None:
    assert stranger.go(f"/eligibility/applicants/{subject_of(served, 'under review')}").status == 404
    for path in (
        "/cases?q=statistik",
        "/tasks",
        "/eligibility?state=all",
        "/waiting",
        "/cases.csv",
        "/eligibility.csv",
        "/views",
    ):
        assert stranger.go(path).status == 200, path
        assert not re.search(r"REV-2027-\d+|Nils", stranger.text), path


def test_nobody_else_is_reminded_of_a_case_of_others(served: Served, stranger: Plain) -> None:
    number, reviewer = served.number("received"), served.person("reviewer")
    before = case_of(served, "received")["version"]
    sent = {"to": f"person:{reviewer}", "number": number, f"text-{number}": "Hej", "csrf": proof(stranger), "key": "k"}
    assert number not in stranger.go(f"/waiting/chase?to=person:{reviewer}").text
    stranger.send("/waiting/chase", list(sent.items()))
    assert happened(served, "received", since=before) == []
    served.house.outbox.deliver_all()
    assert served.mails.messages == []
