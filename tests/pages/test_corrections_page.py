"""Changing a case without a step: facts put right, the case handed over, cases tied together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.pages.browsing import Opening, axe, no_sideways_scroll
from tests.pages.plain import Plain
from tests.pages.serving import Served

Enter = Callable[..., Plain]


def at(served: Served, case: str, rest: str) -> str:
    return f"/cases/{served.number(case)}/{rest}"


def read(served: Served, case: str) -> dict[str, Any]:
    found: dict[str, Any] = served.ask("auditor", "GET", f"/cases/{served.office.cases[case]}").json()
    return found


# Facts.


def test_one_chooses_which_facts_are_wrong_and_what_only_steps_write_is_not_offered(
    served: Served, plainly: Enter
) -> None:
    page = plainly("officer").go(at(served, "applied", "correct"))
    assert 'value="stay_to"' in page.text
    assert 'value="nominated_on"' not in page.text


def test_a_correction_needs_its_reason_and_keeps_what_was_typed(served: Served, plainly: Enter) -> None:
    page = plainly("officer").go(at(served, "applied", "correct?fact=stay_to&fact=wishes"))
    page.press("Rätta", **{"f.stay_to": "2028-01-20", "f.wishes": "Keio\nKyoto"})
    assert (page.status, "Motivering: skriv varför." in page.words) == (422, True)

    page.press("Rätta", reason="Värden har flyttat terminen.")
    facts = read(served, "applied")["facts"]
    assert (facts["stay_to"], facts["wishes"]) == ("2028-01-20", ["Keio", "Kyoto"])
    assert "Klart: du rättade uppgifter." in page.words


def test_a_fact_that_is_emptied_is_no_longer_known(served: Served, plainly: Enter) -> None:
    page = plainly("officer").go(at(served, "applied", "correct?fact=credits_required"))
    assert page.page.form(button="Rätta").values["f.credits_required"] == ["120"]
    page.press("Rätta", **{"f.credits_required": ""}, reason="Utlysningen sade inget.")
    assert read(served, "applied")["facts"]["credits_required"] is None


def test_a_correction_that_cannot_be_is_refused_with_a_word(served: Served, plainly: Enter) -> None:
    page = plainly("officer").go(at(served, "applied", "correct?fact=stay_to"))
    page.press("Rätta", **{"f.stay_to": "2020-01-01"}, reason="Prov")
    assert (page.status, "vistelsen slutar innan den börjar" in page.words) == (422, True)


def test_whom_the_process_does_not_let_is_told_who_can(served: Served, plainly: Enter) -> None:
    page = plainly("auditor").go(at(served, "applied", "correct?fact=stay_to"))
    assert (page.status, "Detta görs av: utbyteskoordinator" in page.words) == (403, True)


def test_a_made_up_or_protected_fact_leads_back_to_the_choice(served: Served, plainly: Enter) -> None:
    page = plainly("officer").go(at(served, "applied", "correct?fact=nominated_on&fact=%3Cscript%3E"))
    assert "Vilka uppgifter är fel?" in page.words


def test_who_chooses_no_fact_is_told_to(served: Served, plainly: Enter) -> None:
    page = plainly("officer").go(at(served, "applied", "correct"))
    assert "Kryssa i minst en uppgift." not in page.words
    form = page.page.form(button="Fortsätt")
    page.go(f"{form.action}?{urlencode(form.sent('Fortsätt'))}")
    assert "Kryssa i minst en uppgift." in page.words


def test_a_case_that_changed_meanwhile_shows_both_sides_and_takes_the_correction_after_that(
    served: Served, plainly: Enter
) -> None:
    page = plainly("officer").go(at(served, "applied", "correct?fact=stay_to"))
    other = plainly("coordinator").go(at(served, "applied", "correct?fact=stay_to"))
    other.press("Rätta", **{"f.stay_to": "2028-01-10"}, reason="En dag")

    page.press("Rätta", **{"f.stay_to": "2028-01-20"}, reason="En annan dag")
    assert page.status == 412
    assert "Stat.Coordinator rättade" in page.words
    assert "16 januari 202810 januari 202820 januari 2028" in page.words
    page.press("Rätta")
    assert read(served, "applied")["facts"]["stay_to"] == "2028-01-20"


def test_a_correction_sent_twice_is_made_once(served: Served, plainly: Enter) -> None:
    page = plainly("officer").go(at(served, "applied", "correct?fact=stay_to"))
    form = page.page.form(button="Rätta")
    sent = form.sent("Rätta", **{"f.stay_to": "2028-01-20"}, reason="En gång")
    first = page.send(form.action, sent).path
    assert page.send(form.action, sent).path == first
    assert read(served, "applied")["version"] == 2


def test_a_draft_of_a_correction_is_found_again(served: Served, plainly: Enter) -> None:
    page = plainly("officer").go(at(served, "applied", "correct?fact=stay_to"))
    page.press("Spara utkast", **{"f.stay_to": "2028-01-20"}, reason="Halv")
    page.go(at(served, "applied", "correct?fact=stay_to"))
    assert page.page.form(button="Rätta").values["f.stay_to"] == ["2028-01-20"]
    page.press("Kasta utkastet")
    assert page.page.form(button="Rätta").values["reason"] == [""]


# Whose case it is.


def test_a_case_is_taken_given_back_and_handed_over(served: Served, plainly: Enter) -> None:
    page = plainly("reviewer").go(at(served, "received", "assign"))
    assert "Ingen har tagit ärendet." in page.words
    page.press("Ta ärendet själv").go(at(served, "received", "assign")).press("Lämna tillbaka")
    assert read(served, "received")["assignee"] is None

    page.go(at(served, "received", "assign")).press("Lämna över", person=served.person("stat.second"))
    assert read(served, "received")["assignee"] == served.person("stat.second")


def test_who_may_hold_it_is_shown_with_how_much_they_have(served: Served, plainly: Enter) -> None:
    page = plainly("officer").go(at(served, "received", "assign"))
    assert "Stat.Reviewer granskare, 1 öppet ärende" in page.words
    assert "Hist.Reviewer" not in page.words


def test_nobody_chosen_and_nobody_known_are_refused(served: Served, plainly: Enter) -> None:
    page = plainly("reviewer").go(at(served, "received", "assign")).press("Lämna över")
    assert (page.status, "Välj vem som ska ha ärendet." in page.words) == (422, True)
    page.press("Lämna över", person=served.person("hist.reviewer"))
    assert (page.status, "har ingen roll i ärendets enhet" in page.words) == (422, True)


def test_of_two_who_take_a_case_the_second_learns_whose_it_is(served: Served, plainly: Enter) -> None:
    page = plainly("reviewer").go(at(served, "received", "assign"))
    plainly("stat.second").go(at(served, "received", "assign")).press("Ta ärendet själv")
    page.press("Ta ärendet själv")
    assert (page.status, "Det ligger nu hos Stat.Second." in page.words) == (412, True)


# Ties.


def test_a_case_is_tied_to_one_that_is_found_by_words(served: Served, plainly: Enter) -> None:
    page = plainly("officer").go(at(served, "received", "link"))
    number = served.number("nominated in")
    page.press("Sök", **{"q.f.parent": number})
    assert number in page.words
    page.press("Koppla", **{"f.parent": served.office.cases["nominated in"]})
    assert read(served, "received")["links"] == {"parent": [served.office.cases["nominated in"]]}


def test_a_case_of_the_wrong_kind_or_out_of_sight_is_not_tied(served: Served, plainly: Enter) -> None:
    page = plainly("hist.coordinator").go(at(served, "borrowing", "link"))
    for case in ("applied", "renewal"):
        page.press("Koppla", **{"f.agreement": served.office.cases[case]})
        assert (page.status, "Ärendet finns inte, eller är av fel slag." in page.words) == (422, True)


def test_a_held_place_keeps_its_agreement(served: Served, plainly: Enter) -> None:
    page = plainly("coordinator").go(at(served, "nominated out", "link"))
    page.press("Koppla", **{"f.agreement": served.office.cases["draft"]})
    assert (page.status, "Ärendet har en plats under avtalet" in page.words) == (409, True)


def test_a_search_without_a_choice_ties_nothing(served: Served, plainly: Enter) -> None:
    page = plainly("officer").go(at(served, "received", "link"))
    page.press("Koppla", **{"q.f.parent": "vad som helst"})
    assert (page.status, "välj en av träffarna" in page.words) == (422, True)
    page.press("Koppla", **{"q.f.parent": ""})
    assert (page.status, "Sök och välj ett ärende att koppla." in page.words) == (422, True)


def test_a_finished_case_is_neither_tied_nor_handed_over(served: Served, plainly: Enter) -> None:
    page = plainly("officer")
    for rest in ("link", "assign"):
        page.go(at(served, "withdrawn", rest))
        assert (page.status, "Ärendet är avslutat." in page.words) == (403, True)


PATHS = ("correct", "correct?fact=stay_to&fact=wishes&fact=course_choice", "assign", "link")


@pytest.mark.parametrize("rest", PATHS)
def test_the_pages_of_small_changes_are_for_everybody(served: Served, page_as: Opening, rest: str) -> None:
    for language, dark in (("sv", False), ("en", True)):
        page = page_as("officer", language=language, dark=dark, width=320)
        page.goto(at(served, "applied", rest))
        assert axe(page) == []
        no_sideways_scroll(page)
