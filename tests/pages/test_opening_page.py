"""Opening a case by hand: which process, in which unit, about whom, under which agreement; once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.pages.browsing import Opening, axe, no_sideways_scroll
from tests.pages.plain import Plain
from tests.pages.serving import Served, on_both_databases

Enter = Callable[..., Plain]
STAY = {
    "f.stay_from": "2027-08-23", "f.stay_to": "2028-01-16", "f.academic_year": "2027/28", "f.semesters": "1",
    "f.level": "bachelor",
}  # fmt: skip
NEW = {"f._about.name": "Gun Ny", "f._about.email": "Gun@Example.org"}


def under(served: Served, **more: str) -> Mapping[str, str]:
    """A complete form for an exchange, `more` over it."""
    tied = {"f._about.unit": "STAT", "f._links.agreement": served.office.cases["in force"]}
    return {**STAY, **NEW, **tied, **more}


def opened(served: Served, page: Plain) -> dict[str, Any]:
    """The case whose page this is."""
    number = page.path.split("/")[2].partition("?")[0]
    found = served.ask("auditor", "GET", f"/cases?q={number}").json()["items"]
    assert len(found) == 1
    case: dict[str, Any] = served.ask("auditor", "GET", f"/cases/{found[0]['id']}").json()
    return case


@on_both_databases
def test_a_case_is_opened_once_however_often_its_form_is_sent(served: Served, plainly: Enter) -> None:
    page = plainly("coordinator").go("/new/outgoing_exchange")
    form = page.page.form(button="Öppna ärendet")
    sent = form.sent("Öppna ärendet", **under(served))
    first = page.send(form.action, sent).path

    assert "Klart: du öppnade ärendet." in page.words
    assert page.send(form.action, sent).path == first
    case = opened(served, page)
    assert (case["facts"]["stay_to"], case["links"]) == (
        "2028-01-16", {"agreement": [served.office.cases["in force"]]},
    )  # fmt: skip


def test_only_the_processes_one_may_open_are_offered(served: Served, plainly: Enter) -> None:
    assert "Granskning av särskild behörighet" in plainly("admissions").go("/new").words
    page = plainly("coordinator").go("/new")
    assert 'href="/new/outgoing_exchange"' in page.text
    assert 'href="/new/eligibility_review"' not in page.text
    assert "Ingen av dina roller öppnar ärenden." in plainly("auditor").go("/new").words


def test_everything_that_is_missing_is_said_at_once_with_its_label(served: Served, plainly: Enter) -> None:
    page = plainly("officer").go("/new/outgoing_exchange").press("Öppna ärendet")

    assert page.status == 422
    for words in (
        "Ärendet, Enhet: måste anges.",
        "Kopplas till, Avtal: måste anges.",
        "Välj en person som finns, eller ange namn och e-post för en ny.",
        "Första dag hos värden: måste fyllas i.",
        "Nivå: måste fyllas i.",
    ):
        assert words in page.words


def test_what_was_typed_is_kept_when_something_is_wrong(served: Served, plainly: Enter) -> None:
    page = plainly("officer").go("/new/outgoing_exchange")
    page.press("Öppna ärendet", **under(served, **{"f.stay_to": "2027-01-01", "f._about.email": "ingen adress"}))

    assert (page.status, "det är ingen e-postadress" in page.words) == (422, True)
    values = page.page.form(button="Öppna ärendet").values
    assert (values["f.stay_to"], values["f._about.email"]) == (["2027-01-01"], ["ingen adress"])


def test_a_person_who_is_here_is_found_by_name_and_chosen(served: Served, plainly: Enter) -> None:
    page = plainly("coordinator").go("/new/outgoing_exchange")
    page.press("Sök", **{"q.f._about.subject": "Anna"})
    assert "Anna" in page.words
    anna = opened_subject(served, "nominated out")

    page.press(
        "Öppna ärendet", **{**under(served), "f._about.name": "", "f._about.email": "", "f._about.subject": anna}
    )
    assert opened(served, page)["subject"] == anna


def opened_subject(served: Served, case: str) -> str:
    return str(served.ask("auditor", "GET", f"/cases/{served.office.cases[case]}").json()["subject"])


def test_a_person_of_a_case_one_may_not_read_is_not_found_by_name_but_by_address(
    served: Served, plainly: Enter
) -> None:
    page = plainly("hist.coordinator").go("/new/outgoing_exchange")
    page.press("Sök", **{"q.f._about.subject": "Nils"})
    assert "Inga träffar." in page.words
    page.press("Sök", **{"q.f._about.subject": "nils@example.org"})
    assert 'type="radio" name="f._about.subject"' in page.text


def test_an_address_tells_no_name_to_one_who_may_not_know_of_the_person(served: Served, plainly: Enter) -> None:
    nils = opened_subject(served, "decided")
    for who, words in (("hist.coordinator", "Personen med den adressen"), ("officer", "Nils")):
        page = plainly(who).go("/new/outgoing_exchange")
        page.press("Sök", **{"q.f._about.subject": "nils@example.org"})
        page.press("Sök", **{"q.f._about.subject": "nils@example.org", "f._about.subject": nils})
        assert re.findall(rf'value="{nils}"[^>]*> ([^<]*)</label>', page.text) == [words], who


@pytest.mark.parametrize("who", ["auditor", "reviewer"])
def test_who_may_open_nothing_searches_for_nobody(served: Served, plainly: Enter, who: str) -> None:
    page = plainly(who).go("/new/outgoing_exchange")
    assert page.status == 403
    csrf = page.go("/my-role").page.form(button="Logga ut").values["csrf"][0]
    sent = [("csrf", csrf), ("do", "search"), ("q.f._about.subject", "nils@example.org")]
    page.send("/new/outgoing_exchange", sent)
    assert page.status == 403
    assert opened_subject(served, "decided") not in page.text


def test_an_agreement_is_found_by_the_partner_s_name(served: Served, plainly: Enter) -> None:
    page = plainly("coordinator").go("/new/outgoing_exchange")
    page.press("Sök", **{"q.f._links.agreement": "Musterstadt"})
    assert served.number("in force") in page.words
    assert served.number("applied") not in page.words


def test_a_condition_on_a_new_case_is_said_in_the_form(served: Served, plainly: Enter) -> None:
    page = plainly("coordinator").go("/new/agreement")
    page.press("Öppna ärendet", **{"f._about.unit": "STAT", "f.valid_from": "2030-01-01", "f.valid_to": "2029-01-01"})
    assert page.status in {409, 422}
    assert page.page.form(button="Öppna ärendet").values["f.valid_from"] == ["2030-01-01"]


def test_a_unit_where_one_has_no_role_is_refused(served: Served, plainly: Enter) -> None:
    page = plainly("admissions").go("/new/incoming_nomination")
    assert page.status == 403
    page = plainly("coordinator").go("/new/agreement").press("Öppna ärendet", **{"f._about.unit": "HIST"})
    assert page.status in {409, 422}


@pytest.mark.parametrize("path", ["/new/nothing", "/new/%00", "/new/__init__"])
def test_a_process_there_is_none_of_is_a_page_that_says_so(served: Served, plainly: Enter, path: str) -> None:
    assert plainly("officer").go(path).status == 404


@pytest.mark.parametrize("path", ["/new", "/new/outgoing_exchange", "/new/agreement"])
def test_the_pages_for_opening_are_for_everybody(served: Served, page_as: Opening, path: str) -> None:
    for language, dark in (("sv", False), ("en", True)):
        page = page_as("officer", language=language, dark=dark, width=320)
        page.goto(path)
        assert axe(page) == []
        no_sideways_scroll(page)


# The bank of reasons.


MATHS = {"name": "Matematik saknas", "text_sv": "Kravet är inte uppfyllt.", "text_en": "Not met."}


def test_a_reason_is_kept_inserted_changed_and_removed(served: Served, plainly: Enter) -> None:
    page = plainly("reviewer").go("/reasons").press("Lägg till", **MATHS)
    card = page.text.partition('href="/reasons/')[2].partition('"')[0]
    page.go(f"/cases/{served.number('under review')}/steps/find_ineligible")
    page.press("Infoga", reason="Se nedan.", bank=f"{card}:en")
    assert page.page.form(button="Granska").values["reason"] == ["Se nedan.\n\nNot met."]

    page.go(f"/reasons/{card}").press("Spara", name="Fysik saknas")
    assert "Fysik saknas" in page.words
    page.go(f"/reasons/{card}").press("Ta bort")
    assert "Inga motiveringar än." in page.words


def test_a_shared_reason_is_read_by_colleagues_and_changed_by_none_of_them(served: Served, plainly: Enter) -> None:
    mine = plainly("reviewer").go("/reasons").press("Lägg till", **MATHS, unit="STAT")
    card = mine.text.partition('href="/reasons/')[2].partition('"')[0]
    theirs = plainly("stat.second").go("/reasons")
    assert "Delas med Statistik, skrivet av Stat.Reviewer" in theirs.words
    assert theirs.go(f"/reasons/{card}").status == 404
    assert plainly("hist.reviewer").go("/reasons").words.find("Matematik saknas") == -1


def test_what_is_wrong_with_a_reason_is_said_and_kept(served: Served, plainly: Enter) -> None:
    page = plainly("reviewer").go("/reasons").press("Lägg till", name="", text_sv="x" * 5000)
    assert page.status == 422
    assert "Ge motiveringen ett namn." in page.words
    assert "För långt: högst 4000 tecken." in page.words
    assert page.page.form(button="Lägg till").values["text_sv"] == ["x" * 5000]


def test_the_pages_of_reasons_are_for_everybody(served: Served, page_as: Opening, plainly: Enter) -> None:
    kept = plainly("reviewer").go("/reasons").press("Lägg till", **MATHS)
    card = kept.text.partition('href="/reasons/')[2].partition('"')[0]
    page = page_as("reviewer", language="en", dark=True, width=320)
    for path in ("/reasons", f"/reasons/{card}", f"/cases/{served.number('under review')}/steps/find_ineligible"):
        page.goto(path)
        assert axe(page) == []
        no_sideways_scroll(page)
