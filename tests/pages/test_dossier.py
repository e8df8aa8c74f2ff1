"""The audit folder on its page, its files, and samples."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable

import pytest

from engine.auditing import Readings
from tests.journeys.exchanges import AUTUMN
from tests.journeys.office import HIST, student
from tests.pages.browsing import Opening, axe, no_sideways_scroll
from tests.pages.plain import Plain
from tests.pages.serving import Served, on_both_databases

Enter = Callable[..., Plain]


def at(served: Served, case: str, rest: str = "/dossier") -> str:
    return f"/cases/{served.number(case)}{rest}"


def test_the_case_page_leads_to_its_folder(served: Served, plainly: Enter) -> None:
    page = plainly("auditor").go(at(served, "nominated out", ""))
    assert f'href="{at(served, "nominated out")}"' in page.text
    assert "Granskningsmapp" in page.words


def test_an_agreement_has_no_folder_to_lead_to(served: Served, plainly: Enter) -> None:
    auditor = plainly("auditor")
    assert "/dossier" not in auditor.go(at(served, "in force", "")).text
    assert auditor.go(at(served, "in force")).status == 422


def test_the_folder_says_what_is_there_and_on_what_it_rests(served: Served, plainly: Enter) -> None:
    page = plainly("auditor", "en").go(at(served, "nominated out"))
    assert page.status == 200
    assert "Nomination to the partner" in page.words
    assert f"/cases/{served.number('nominated out')}/history?at=" in page.text
    assert "Not due yet" in page.words


def test_what_lies_elsewhere_is_named_with_its_registration_number(served: Served, plainly: Enter) -> None:
    page = plainly("auditor", "en").go(at(served, "nominated out"))
    assert "In the university's registry; registration number" in page.words


def test_other_applicants_have_no_names(served: Served, plainly: Enter) -> None:
    page = plainly("auditor", "en").go(at(served, "ranked"))
    part = page.text.partition('id="call-title"')[2].partition("</section>")[0]
    assert "This application" in part
    assert "/people" not in part


def test_opening_the_folder_is_noted_as_a_reading(served: Served, plainly: Enter) -> None:
    case = served.office.cases["nominated out"]
    plainly("auditor").go(at(served, "nominated out"))
    read = Readings(served.house.store).of("umu.se", case=case, person=served.person("auditor")).items
    assert [each.count for each in read] == [1]


def test_the_zip_holds_the_history_as_it_is_hashed(served: Served, plainly: Enter) -> None:
    auditor = plainly("auditor")
    auditor.go(at(served, "nominated out"))
    answer = auditor.client.get(at(served, "nominated out", "/dossier.zip"))
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        lines = archive.read("history.jsonl").decode().splitlines()
        made = json.loads(archive.read("dossier.json"))
    assert len(lines) == made["version"] == made["events"]
    assert json.loads(lines[-1])["hash"] == made["head"]


def test_the_pdf_is_one(served: Served, plainly: Enter) -> None:
    answer = plainly("officer").client.get(at(served, "nominated out", "/dossier.pdf"))
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")


@pytest.mark.parametrize("rest", ["/dossier", "/dossier.zip", "/dossier.pdf"])
def test_who_may_not_read_the_case_finds_no_folder(served: Served, plainly: Enter, rest: str) -> None:
    assert plainly("hist.coordinator").go(at(served, "ranked", rest)).status == 404


@on_both_databases
def test_of_an_agreement_one_may_not_read_the_folder_tells_the_number_alone(served: Served, plainly: Enter) -> None:
    agreement = served.office.cases["in force"]
    body = {"workflow": "outgoing_exchange", "unit": HIST, "subject": student("Anna"), "facts": AUTUMN,
            "links": {"agreement": agreement}}  # fmt: skip
    number = served.ask("hist.coordinator", "POST", "/cases", body).json()["case"]["number"]
    title = served.ask("officer", "GET", f"/cases/{agreement}").json()["title"]

    def told(who: str) -> str:
        with zipfile.ZipFile(io.BytesIO(plainly(who).client.get(f"/cases/{number}/dossier.zip").content)) as archive:
            return archive.read("dossier.json").decode() + archive.read("index.html").decode()

    assert title in told("officer")
    assert title not in told("hist.coordinator")
    assert served.number("in force") in told("hist.coordinator")


def test_a_reviewer_sees_no_other_applicants_places(served: Served, plainly: Enter) -> None:
    reviewer = plainly("reviewer")
    assert reviewer.go(at(served, "ranked")).status == 403
    assert "/dossier" not in reviewer.go(at(served, "ranked", "")).text


# Samples.


def test_the_same_seed_draws_the_same_sample(served: Served, plainly: Enter) -> None:
    asked = "/audit/sample?workflow=outgoing_exchange&seed=2027&number=5"
    first, again = (plainly("auditor").go(asked).words for _ in range(2))
    assert first == again


def test_a_seed_is_kept_with_what_was_wrong(served: Served, plainly: Enter) -> None:
    page = plainly("auditor", "en").go("/audit/sample?seed=abc&number=999")
    assert page.status == 422
    assert "must be a number from 1 to 50" in page.words
    assert 'value="abc"' in page.text


@pytest.mark.parametrize(
    "query", ["seed=a&since=x", "seed=a&until=2027-99-99", "seed=a&workflow=agreement", "seed=%00", "seed=" + "a" * 101]
)
def test_what_cannot_be_drawn_is_said(served: Served, plainly: Enter, query: str) -> None:
    assert plainly("auditor").go(f"/audit/sample?{query}").status == 422


def test_an_empty_sample_says_what_to_do(served: Served, plainly: Enter) -> None:
    page = plainly("auditor", "en").go("/audit/sample?seed=a&since=1999-01-01&until=1999-01-02")
    assert "Widen the period" in page.words


def test_a_coordinator_draws_no_sample(served: Served, plainly: Enter) -> None:
    assert plainly("coordinator").go("/audit/sample").status == 403


def test_the_sample_is_a_folder_a_case_with_the_draw(served: Served, plainly: Enter) -> None:
    answer = plainly("auditor").client.get("/audit/sample.zip?workflow=outgoing_exchange&seed=2027&number=2")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        names, drawn = archive.namelist(), json.loads(archive.read("sample.json"))
    assert drawn["seed"] == "2027"
    assert drawn["drawn"]
    for each in drawn["drawn"]:
        assert f"{each['number']}/index.pdf" in names


# In a browser.


@pytest.mark.parametrize(("language", "dark"), [("sv", True), ("en", False)])
def test_axe_finds_nothing_and_nothing_sticks_out(
    page_as: Opening, served: Served, language: str, *, dark: bool
) -> None:
    page = page_as("auditor", language=language, dark=dark)
    for path in (at(served, "nominated out"), "/audit/sample?workflow=outgoing_exchange&seed=2027"):
        page.goto(path)
        page.set_viewport_size({"width": 1280, "height": 900})
        assert axe(page) == []
        page.set_viewport_size({"width": 320, "height": 800})
        no_sideways_scroll(page)
