"""Taking a step without JavaScript: the form, the page to check it on, refusals, and never a thing twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from tests.pages.browsing import Opening, axe, counted, no_sideways_scroll, tab_to
from tests.pages.plain import Plain
from tests.pages.serving import Served, on_both_databases

Enter = Callable[..., Plain]
CONFIRM = "Jag är inte jävig och bekräftar"


def step(served: Served, case: str, trigger: str) -> str:
    return f"/cases/{served.number(case)}/steps/{trigger}"


def events(served: Served, case: str) -> list[tuple[str, str | None]]:
    found = served.ask("auditor", "GET", f"/cases/{served.office.cases[case]}/events").json()["items"]
    return [(event["kind"], event["trigger"]) for event in found]


def fact(served: Served, case: str, name: str) -> Any:
    return served.ask("auditor", "GET", f"/cases/{served.office.cases[case]}").json()["facts"][name]


def rows(served: Served, case: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = fact(served, case, "rows")
    return found


# What a form says.


def test_a_form_says_where_the_step_leads_and_whom_it_tells(served: Served, plainly: Enter) -> None:
    page = plainly("reviewer").go(step(served, "under review", "find_ineligible"))

    assert "Ärendet går från ”Under granskning” till ”Obehörig”. Besked går till Antagningen." in page.words
    assert "Jag är inte jävig" not in page.words


def test_a_form_speaks_english_to_who_reads_english(served: Served, plainly: Enter) -> None:
    page = plainly("reviewer", "en").go(step(served, "under review", "find_ineligible"))

    assert "The case goes from “Under review” to “Not eligible”. Word goes to Admissions." in page.words


def test_the_fields_begin_with_what_the_case_says_already(served: Served, plainly: Enter) -> None:
    page = plainly("coordinator").go(step(served, "draft", "revise_draft"))

    values = page.page.form(button="Ändra utkastet").values
    assert values["f.rows"] == ["0", "1"]
    assert values["f.rows.0.places"] == [str(rows(served, "draft")[0]["places"])]


def test_each_requirement_has_its_line_to_be_assessed(served: Served, plainly: Enter) -> None:
    page = plainly("reviewer").go(step(served, "under review", "record_assessment"))

    values = page.page.form(button="Bedöm förkunskapskraven").values
    assert values["f.assessed.0.name"] == ["Matematik 3c"]


def test_the_only_requirement_there_is_stands_as_the_one_that_is_not_met(served: Served, plainly: Enter) -> None:
    page = plainly("reviewer").go(step(served, "under review", "find_ineligible"))

    assert page.page.form(button="Granska").values["f.failed_requirement"] == ["Matematik 3c"]


# A decision.


@on_both_databases
def test_a_decision_is_checked_confirmed_and_made_once(served: Served, plainly: Enter) -> None:
    page = plainly("reviewer").go(step(served, "under review", "find_ineligible"))
    page.press("Granska", reason="Kravet är inte uppfyllt.")
    assert (page.status, len(events(served, "under review"))) == (200, 2)
    assert "Kravet är inte uppfyllt." in page.words

    check = page.page.form(button=CONFIRM)
    page.press(CONFIRM)
    again = page.path
    page.send(check.action, check.sent(CONFIRM))

    assert again == page.path == f"/cases/{served.number('under review')}?done=3"
    assert events(served, "under review")[2:] == [("moved", "find_ineligible")]
    assert "Klart: du bedömde obehörig." in page.words


def test_the_button_that_confirms_makes_the_declaration(served: Served, plainly: Enter) -> None:
    page = plainly("reviewer").go(step(served, "under review", "find_ineligible"))
    page.press("Granska", reason="Nej.").press(CONFIRM)

    detail = served.ask("auditor", "GET", f"/cases/{served.office.cases['under review']}/events").json()["items"][2]
    assert detail["detail"]["fields"]["no_conflict_of_interest"] is True


def test_going_back_to_the_form_and_sending_it_again_leads_to_what_was_done(served: Served, plainly: Enter) -> None:
    page = plainly("reviewer").go(step(served, "under review", "find_ineligible"))
    form = page.page.form(button="Granska")
    page.press("Granska", reason="Nej.").press(CONFIRM)

    page.send(form.action, form.sent("Granska", reason="Nej."))

    assert page.path.endswith("?done=3")
    assert len(events(served, "under review")) == 3


def test_change_goes_back_to_the_form_with_all_that_was_written(served: Served, plainly: Enter) -> None:
    page = plainly("reviewer").go(step(served, "under review", "find_ineligible"))
    key = page.page.form(button="Granska").values["key"]
    page.press("Granska", reason="Först så.", comment="Se bilagan.").press("Ändra")

    values = page.page.form(button="Granska").values
    assert (values["reason"], values["comment"], values["key"]) == (["Först så."], ["Se bilagan."], key)


def test_a_decision_without_its_reason_is_not_shown_to_be_confirmed(served: Served, plainly: Enter) -> None:
    page = plainly("reviewer").go(step(served, "under review", "find_ineligible"))
    page.press("Granska", **{"f.failed_requirement": ""})

    assert page.status == 422
    assert 'href="#f-reason"' in page.text
    assert 'href="#f-failed_requirement"' in page.text
    assert "Motivering: skriv varför." in page.words
    assert "Krav som inte är uppfyllt: måste fyllas i." in page.words


def test_a_step_that_is_no_decision_is_taken_at_once(served: Served, plainly: Enter) -> None:
    page = plainly("reviewer").go(step(served, "received", "take")).press("Ta ärendet")

    assert page.path.endswith("?done=2")
    assert "Lämna tillbaka" in page.words[page.words.index("Klart:") :][:120]


def test_there_is_a_way_back_only_where_the_process_declares_one(served: Served, plainly: Enter) -> None:
    page = plainly("reviewer").go(step(served, "under review", "find_ineligible"))
    page.press("Granska", reason="Nej.").press(CONFIRM)

    assert "Ångrar du dig" not in page.words


# Refusals.


def test_a_condition_that_says_no_keeps_all_that_was_typed(served: Served, plainly: Enter) -> None:
    page = plainly("coordinator").go(step(served, "applied", "check_eligibility"))
    page.press("Granska", **{"f.credits": "30,5", "f.checked_against_the_call": "true"})

    assert page.status == 409
    assert "30.5 högskolepoäng; det krävs minst 120." in page.words
    assert page.page.form(button="Granska").values["f.credits"] == ["30,5"]


def test_what_cannot_be_read_is_named_by_its_label_and_kept(served: Served, plainly: Enter) -> None:
    page = plainly("coordinator").go(step(served, "applied", "check_eligibility"))
    page.press("Granska", **{"f.credits": "många"})

    assert page.status == 422
    assert "Högskolepoäng vid ansökan: ska vara ett tal." in page.words
    assert "prövade mot utlysningen: kryssa i rutan om det stämmer." in page.words
    assert page.page.form(button="Granska").values["f.credits"] == ["många"]


def test_four_eyes_are_explained_before_anybody_fills_in_a_form(served: Served, plainly: Enter) -> None:
    page = plainly("reviewer").go(step(served, "proposed", "confirm_ineligible"))

    assert page.status == 200
    assert "Någon annan än den som gjorde det tidigare steget" in page.words


def test_a_step_of_another_role_says_whose_it_is(served: Served, plainly: Enter) -> None:
    page = plainly("coordinator").go(step(served, "with the office", "send_to_partner"))

    assert "Det är inte din roll. Steget tas av International Office (Officer)." in page.words


def test_a_step_from_another_state_says_from_which_it_is_taken(served: Served, plainly: Enter) -> None:
    page = plainly("reviewer").go(step(served, "received", "find_eligible"))

    assert "Steget kan tas när ärendet har någon av dessa statusar: Under granskning" in page.words


@pytest.mark.parametrize("path", ["steps/no_such_step", "steps/%00", "steps/..%2f", "nothing"])
def test_a_step_there_is_none_of_is_a_page_that_says_so(served: Served, plainly: Enter, path: str) -> None:
    page = plainly("reviewer").go(f"/cases/{served.number('received')}/{path}")
    assert page.status == 404


def test_a_case_of_another_unit_is_not_there(served: Served, plainly: Enter) -> None:
    page = plainly("hist.reviewer").go(step(served, "under review", "find_ineligible"))
    assert page.status == 404


def test_a_step_for_the_student_asks_for_the_evidence(served: Served, plainly: Enter) -> None:
    page = plainly("coordinator").go(f"/cases/{served.number('nominated in')}/steps/accept_nomination")
    page.press("Godkänn nominering")
    page.go(f"/cases/{served.number('nominated in')}/steps/submit_application")
    sent = {"f.courses.0.course": "Statistik B", "f.courses.0.ects": "7,5"}
    page.press("Registrera ansökan", **sent)
    assert (page.status, "Underlag: ange till exempel mejl" in page.words) == (422, True)

    page.press("Registrera ansökan", **sent, evidence="mejl 2027-01-11")
    assert page.path.endswith("?done=3")
    assert fact(served, "nominated in", "courses") == [
        {"course": "Statistik B", "course_code": None, "ects": "7.5", "unit": None}
    ]


# Two people on one case.


def test_who_comes_second_sees_both_sides_loses_nothing_and_can_send_again(served: Served, plainly: Enter) -> None:
    page = plainly("reviewer").go(step(served, "under review", "find_ineligible"))
    form = page.page.form(button="Granska")
    other = plainly("admissions").go(step(served, "under review", "set_answer_by"))
    other.press("Sätt svarsdag", **{"f.answer_by": "2027-01-20"})
    assert other.path.endswith("?done=3")

    page.send(form.action, form.sent("Granska", reason="Min motivering"))
    assert page.status == 412
    assert "Ärendet har ändrats medan du skrev" in page.words
    assert "Admissions satte svarsdag" in page.words
    assert "20 januari 2027" in page.words
    assert page.page.form(button="Granska").values["reason"] == ["Min motivering"]

    page.press("Granska").press(CONFIRM)
    assert events(served, "under review")[3:] == [("moved", "find_ineligible")]


def test_who_comes_after_the_case_has_moved_on_keeps_what_was_typed_to_copy(served: Served, plainly: Enter) -> None:
    page = plainly("reviewer").go(step(served, "under review", "find_ineligible"))
    form = page.page.form(button="Granska")
    plainly("stat.second").go(step(served, "under review", "release")).press("Lämna tillbaka")

    page.send(form.action, form.sent("Granska", reason="Min långa motivering"))

    assert page.status == 412
    assert "Ärendet har gått vidare medan du skrev" in page.words
    assert "Min långa motivering" in page.words
    assert "Stat.Second lämnade tillbaka ärendet" in page.words


def test_a_key_that_did_something_else_does_nothing_again(served: Served, plainly: Enter) -> None:
    page = plainly("coordinator").go(step(served, "nominated out", "note_travel_advice"))
    form = page.page.form(button="Notera reseavrådan")
    page.press("Notera reseavrådan", **{"f.travel_advice": "against_all"})
    count = len(events(served, "nominated out"))

    page.send(form.action, form.sent("Notera reseavrådan", **{"f.travel_advice": "none"}))

    assert page.status == 412
    assert len(events(served, "nominated out")) == count
    assert fact(served, "nominated out", "travel_advice") == "against_all"


def test_a_noted_step_that_is_sent_twice_is_noted_once(served: Served, plainly: Enter) -> None:
    page = plainly("coordinator").go(step(served, "nominated out", "note_travel_advice"))
    form = page.page.form(button="Notera reseavrådan")
    sent = form.sent("Notera reseavrådan", **{"f.travel_advice": "against_all"})
    first = page.send(form.action, sent).path
    count = len(events(served, "nominated out"))

    assert page.send(form.action, sent).path == first
    assert len(events(served, "nominated out")) == count


# What it costs.


def test_a_form_costs_a_handful_of_statements_and_little_weight(served: Served, plainly: Enter) -> None:
    page, statements = plainly("coordinator").go(step(served, "draft", "revise_draft")), []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    sa.event.listen(served.house.store.engine, "before_cursor_execute", note)
    page.go(step(served, "draft", "revise_draft"))
    sa.event.remove(served.house.store.engine, "before_cursor_execute", note)

    # The test clock, which no office in earnest has, is read anew each time.
    asked = [each for each in statements if not each.startswith("BEGIN") and "test_clock" not in each]
    assert len(asked) <= 12
    assert len(page.text) < 150_000


# Lists.


def test_rows_are_added_and_removed_without_javascript(served: Served, plainly: Enter) -> None:
    page = plainly("coordinator").go(step(served, "draft", "revise_draft"))
    page.press("Lägg till: Platser").press("Ta bort rad 1: Platser")
    form = page.page.form(button="Ändra utkastet")
    assert form.values["f.rows"] == ["1", "2"]

    page.press("Ändra utkastet", **{"f.rows.2.name": "nya", "f.rows.2.direction": "outgoing", "f.rows.2.places": "x"})
    assert "Platser 2, Platser, terminer per läsår: ska vara ett heltal." in page.words
    page.press("Ändra utkastet", **{"f.rows.1.places": "4"})
    assert [row["places"] for row in rows(served, "draft")][1] == 4


def test_a_partner_is_found_by_words_and_chosen(served: Served, plainly: Enter) -> None:
    page = plainly("coordinator").go(step(served, "draft", "revise_draft"))
    page.press("Sök", **{"q.f.partner": "Musterstadt"})
    assert "Universität Musterstadt" in page.words

    page.press("Sök", **{"q.f.partner": "finns inte", "f.partner": ""})
    assert "Inga träffar." in page.words
    page.press("Ändra utkastet")
    assert (page.status, "Partner i registret: välj en av träffarna" in page.words) == (422, True)


# In a browser.


PAGES = (
    ("reviewer", "under review", "find_ineligible"),
    ("reviewer", "under review", "record_assessment"),
    ("coordinator", "draft", "revise_draft"),
    ("coordinator", "with the office", "send_to_partner"),
    ("reviewer", "received", "find_eligible"),
)


@pytest.mark.parametrize("which", PAGES, ids="-".join)
def test_the_forms_of_steps_are_for_everybody(served: Served, page_as: Opening, which: tuple[str, str, str]) -> None:
    who, case, trigger = which
    for language, dark in (("sv", False), ("en", True)):
        page = page_as(who, language=language, dark=dark, width=320)
        page.goto(step(served, case, trigger))

        assert axe(page) == []
        no_sideways_scroll(page)


def test_a_decision_takes_three_clicks_and_one_reason(served: Served, page_as: Opening) -> None:
    page = page_as("reviewer")
    with counted(page.context) as actions:
        page.goto(f"/cases/{served.number('under review')}")
        page.get_by_role("link", name="Bedöm obehörig").click()
        page.get_by_label("Motivering", exact=True).fill("Kravet är inte uppfyllt.")
        with page.expect_navigation():
            page.get_by_role("button", name="Granska").last.click()
        assert axe(page) == []
        page.get_by_role("button", name=CONFIRM).click()
        page.wait_for_url("**?done=3")

    assert len(actions.clicks) == 3
    assert actions.fields == ["reason"]


def test_a_decision_is_made_by_the_keyboard_alone(served: Served, page_as: Opening) -> None:
    page = page_as("reviewer")
    page.goto(step(served, "under review", "find_ineligible"))
    tab_to(page, page.locator("#f-reason"))
    page.keyboard.type("Kravet är inte uppfyllt.")
    tab_to(page, "Granska")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    tab_to(page, CONFIRM)
    page.keyboard.press("Enter")

    page.wait_for_url("**?done=3")


def test_what_is_wrong_is_read_out_first_and_leads_to_its_field(served: Served, page_as: Opening) -> None:
    page = page_as("reviewer")
    page.goto(step(served, "under review", "find_ineligible"))
    page.get_by_role("button", name="Granska").last.click()
    page.get_by_role("link", name="Motivering: skriv varför.").click()

    assert page.evaluate("location.hash") == "#f-reason"
    assert axe(page) == []
