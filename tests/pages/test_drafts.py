"""What is being written is kept: by a button, every ten seconds, and on this computer while nobody is signed in."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from engine.model import IMPORT_PARTY, ErasureReason
from tests.pages.browsing import Opening, hold_time
from tests.pages.entering import enter
from tests.pages.plain import Plain
from tests.pages.serving import Served

STORED = "Object.keys(localStorage).filter(name => name.startsWith('fardplan-draft:')).length"


Enter = Callable[..., Plain]


@pytest.fixture
def reviewer(plainly: Enter) -> Plain:
    return plainly("reviewer")


def form_of(served: Served, case: str = "under review", trigger: str = "find_ineligible") -> str:
    return f"/cases/{served.number(case)}/steps/{trigger}"


def send_draft(plain: Plain, served: Served, name: str, **filled: str) -> httpx.Response:
    """As the script does it: the whole form, to the address of the draft."""
    sent = plain.page.form(button="Granska").sent(**filled)
    return plain.client.post(f"/cases/{served.number('under review')}/drafts/{name}", data=dict(sent))


def test_a_saved_draft_is_found_when_the_form_is_opened_again(served: Served, reviewer: Plain) -> None:
    reviewer.go(form_of(served)).press("Spara utkast", reason="Halvfärdigt")
    assert "Utkastet är sparat" in reviewer.words

    reviewer.go(form_of(served))
    assert "Du började skriva 11 januari 2027" in reviewer.words
    assert reviewer.page.form(button="Granska").values["reason"] == ["Halvfärdigt"]


def test_it_is_nobody_else_s(served: Served, reviewer: Plain, plainly: Enter) -> None:
    reviewer.go(form_of(served)).press("Spara utkast", reason="Bara mitt")
    assert "Bara mitt" not in plainly("stat.second").go(form_of(served)).text


def test_it_can_be_discarded(served: Served, reviewer: Plain) -> None:
    reviewer.go(form_of(served)).press("Spara utkast", reason="Bort").press("Kasta utkastet")
    assert "Bort" not in reviewer.text
    assert reviewer.path == form_of(served)


def test_it_is_gone_when_the_step_is_taken(served: Served, reviewer: Plain) -> None:
    reviewer.go(form_of(served)).press("Spara utkast", reason="Nu")
    reviewer.press("Granska").press("Jag är inte jävig och bekräftar")
    drafts = served.house.form_drafts
    case = served.office.cases["under review"]
    found = drafts.find("umu.se", served.person("reviewer"), case=case, form="step.find_ineligible")
    assert found is None


def test_it_says_what_has_happened_to_the_case_since(served: Served, reviewer: Plain, plainly: Enter) -> None:
    reviewer.go(form_of(served)).press("Spara utkast", reason="Min text")
    other = plainly("admissions").go(form_of(served, trigger="set_answer_by"))
    other.press("Sätt svarsdag", **{"f.answer_by": "2027-01-20"})

    reviewer.go(form_of(served))
    assert "Sedan dess har ärendet ändrats." in reviewer.words
    assert "Admissions satte svarsdag" in reviewer.words
    reviewer.press("Granska")
    assert reviewer.status == 200


def test_the_script_s_draft_is_answered_with_nothing(served: Served, reviewer: Plain) -> None:
    reviewer.go(form_of(served))
    typed = {"reason": "Av sig självt", "f.failed_requirement": "Fysik 2"}
    answer = send_draft(reviewer, served, "step.find_ineligible", **typed)
    assert (answer.status_code, answer.content) == (204, b"")
    values = reviewer.go(form_of(served)).page.form(button="Granska").values
    assert (values["reason"], values["f.failed_requirement"]) == (["Av sig självt"], ["Fysik 2"])


@pytest.mark.parametrize(
    ("name", "status"), [("step.no_such", 404), ("anything", 404), ("step.activate", 404), ("correct", 204)]
)
def test_a_draft_of_a_form_there_is_none_of_is_not_kept(
    served: Served, reviewer: Plain, name: str, status: int
) -> None:
    reviewer.go(form_of(served))
    assert send_draft(reviewer, served, name).status_code == status


def test_a_draft_about_a_case_one_may_not_see_is_not_kept(served: Served, plainly: Enter) -> None:
    stranger = plainly("hist.reviewer").go("/account")
    csrf = stranger.page.form(button="Spara").values["csrf"][0]
    path = f"/cases/{served.number('under review')}/drafts/step.find_ineligible"
    assert stranger.client.post(path, data={"csrf": csrf, "reason": "x"}).status_code == 404


@pytest.mark.parametrize("name", ["correct", "step.find_ineligible"])
def test_who_only_reads_a_case_keeps_no_draft_of_it(served: Served, plainly: Enter, name: str) -> None:
    auditor = plainly("auditor").go("/account")
    sent = {"csrf": auditor.page.form(button="Spara").values["csrf"][0], "reason": "x", "do": "save"}
    path = f"/cases/{served.number('under review')}/drafts/{name}"
    assert auditor.client.post(path, data=sent).status_code == 404
    assert auditor.client.post(form_of(served), data=sent).status_code == 403
    assert drafts_kept(served) == 0


def test_nobody_keeps_a_draft_of_a_step_that_is_another_role_s(served: Served, plainly: Enter) -> None:
    officer = plainly("officer").go("/account")
    sent = {"csrf": officer.page.form(button="Spara").values["csrf"][0], "reason": "Mitt skäl", "do": "save"}
    path = f"/cases/{served.number('under review')}/drafts/step.find_ineligible"
    assert officer.client.post(path, data=sent).status_code == 404
    saved = officer.client.post(form_of(served), data=sent)
    assert (saved.status_code, "Mitt skäl" in saved.text) == (403, True)
    assert drafts_kept(served) == 0


def drafts_kept(served: Served, case: str = "under review") -> int:
    """How many drafts anybody has kept about a case."""
    query = sa.text("SELECT count(*) FROM form_draft WHERE case_id = :case")
    with served.house.store.reads() as connection:
        found: int = connection.execute(query, {"case": served.office.cases[case]}).scalar_one()
        return found


def test_nothing_is_begun_about_a_case_that_was_erased(served: Served, plainly: Enter) -> None:
    case = served.office.cases["decided"]
    lines = served.house.erasures.named("umu.se", [case])
    admissions = plainly("admissions").go("/account")
    sent = {"csrf": admissions.page.form(button="Spara").values["csrf"][0], "reason": "Anna"}
    path = f"/cases/{served.number('decided')}/drafts/correct"
    assert admissions.client.post(path, data=sent).status_code == 204
    served.house.erasures.erase("umu.se", lines, ErasureReason.RETENTION, by=IMPORT_PARTY)
    assert admissions.client.post(path, data=sent).status_code == 404
    step = f"/cases/{served.number('decided')}/steps/reconsider"
    saved = admissions.client.post(step, data=sent | {"do": "save", "reason": "Anna"})
    assert (saved.status_code, "Uppgifterna i ärendet är raderade" in saved.text) == (409, True)
    assert drafts_kept(served, "decided") == 0


def test_a_draft_without_proof_that_it_is_ours_is_not_kept(served: Served, reviewer: Plain) -> None:
    path = f"/cases/{served.number('under review')}/drafts/step.find_ineligible"
    assert reviewer.client.post(path, data={"reason": "x"}).status_code == 403


def test_a_draft_too_long_to_keep_is_refused_in_the_form(served: Served, reviewer: Plain) -> None:
    reviewer.go(form_of(served)).press("Spara utkast", reason="x" * 300_000)
    assert reviewer.status == 422
    assert "Utkastet är för långt" in reviewer.words
    assert "x" * 1000 in reviewer.text


# With JavaScript.


def write(page: Page, served: Served, text: str) -> None:
    page.goto(form_of(served))
    page.get_by_label("Motivering", exact=True).fill(text)


def test_what_is_typed_is_sent_after_ten_seconds_and_the_copy_removed(served: Served, page_as: Opening) -> None:
    page = page_as("reviewer")
    hold_time(page)
    write(page, served, "Sparas av sig självt")
    assert page.evaluate(STORED) == 1
    with page.expect_response("**/drafts/step.find_ineligible") as kept:
        page.clock.fast_forward(10_001)
    assert kept.value.status == 204
    page.get_by_text("Utkastet sparat.").wait_for()
    assert page.evaluate(STORED) == 0


def test_what_was_typed_survives_that_the_session_ends(served: Served, page_as: Opening) -> None:
    page = page_as("reviewer")
    hold_time(page)
    write(page, served, "Skrevs utan inloggning")
    cookies = page.context.cookies()
    page.context.clear_cookies(name="fardplan")
    page.reload()
    assert "/sign-in" in page.url

    page.context.add_cookies(cookies)  # type: ignore[arg-type]  # what it gave it takes back
    page.goto(form_of(served))
    assert page.get_by_label("Motivering", exact=True).input_value() == "Skrevs utan inloggning"
    page.get_by_text("Det du skrev senast har hämtats").wait_for()


def test_the_copy_goes_when_the_step_is_taken(served: Served, page_as: Opening) -> None:
    page = page_as("reviewer")
    write(page, served, "Kravet saknas.")
    page.get_by_role("button", name="Granska").last.click()
    page.get_by_role("button", name="Jag är inte jävig och bekräftar").click()
    page.wait_for_url("**?done=3")
    assert page.evaluate(STORED) == 0


def test_the_copy_goes_with_who_signs_out(served: Served, page_as: Opening) -> None:
    page = page_as("reviewer")
    write(page, served, "Hemligt")
    page.get_by_role("button", name="Logga ut").click()
    page.wait_for_url("**/sign-in")
    assert page.evaluate(STORED) == 0


def test_the_copy_of_a_correction_is_for_the_facts_that_were_chosen(served: Served, page_as: Opening) -> None:
    page = page_as("officer")
    hold_time(page)
    at = f"/cases/{served.number('applied')}/correct?fact="
    page.goto(at + "stay_from")
    page.locator("[name=reason]").fill("Fel datum i ansökan.")
    page.goto(at + "wishes")
    assert page.locator("[name=reason]").input_value() == ""
    page.goto(at + "stay_from")
    assert page.locator("[name=reason]").input_value() == "Fel datum i ansökan."


def test_what_somebody_typed_is_not_there_for_the_next_at_the_same_computer(served: Served, page_as: Opening) -> None:
    page = page_as("reviewer")
    hold_time(page)
    write(page, served, "Hemligt")
    page.context.clear_cookies(name="fardplan")
    enter(page.context, served, "stat.second")
    page.goto(form_of(served))
    assert page.get_by_label("Motivering", exact=True).input_value() == ""
    assert page.evaluate(STORED) == 0


def test_what_the_server_put_in_is_not_overlaid_by_the_copy(served: Served, page_as: Opening, plainly: Enter) -> None:
    said = {"text_sv": "Kravet är inte uppfyllt.", "text_en": "The requirement is not met."}
    plainly("reviewer").go("/reasons").press("Lägg till", name="Matematik saknas", **said)
    page = page_as("reviewer")
    hold_time(page)
    write(page, served, "Se nedan.")
    page.get_by_label("Sparade motiveringar").select_option(index=1)
    page.get_by_role("button", name="Infoga").click()
    expect(page.get_by_label("Motivering", exact=True)).to_have_value("Se nedan.\n\nKravet är inte uppfyllt.")


def test_what_is_fetched_from_this_computer_is_seen(served: Served, page_as: Opening) -> None:
    page = page_as("reviewer")
    hold_time(page)
    page.goto(form_of(served))
    page.locator("summary", has_text="Lägg till en kommentar").click()
    page.get_by_label("Kommentar för kollegor").fill("Bara en tanke")
    page.goto("/tasks")
    page.goto(form_of(served))
    expect(page.get_by_label("Kommentar för kollegor")).to_have_value("Bara en tanke")
    expect(page.get_by_label("Kommentar för kollegor")).to_be_visible()


def test_a_form_whose_sending_was_stopped_can_be_sent_again(served: Served, page_as: Opening) -> None:
    page = page_as("reviewer")
    hold_time(page)
    page.goto(served.case_url("received"))
    page.get_by_label("Kommentar", exact=True).fill("Lång text")
    page.route("**/comments", lambda route: route.abort("aborted"))
    with page.expect_event("requestfailed"):
        page.get_by_role("button", name="Spara kommentaren").click(no_wait_after=True)
    page.unroute("**/comments")
    page.clock.fast_forward(10_001)
    page.get_by_role("button", name="Spara kommentaren").click(no_wait_after=True)
    expect(page.locator("#history")).to_contain_text("Lång text")


def test_nothing_is_kept_as_a_draft_while_the_form_is_sent(served: Served, page_as: Opening) -> None:
    page = page_as("reviewer")
    hold_time(page)
    write(page, served, "Kravet saknas.")
    page.route("**/steps/find_ineligible", lambda route: route.fulfill(status=204))  # the page stays, as while it waits
    with page.expect_response("**/steps/find_ineligible"):
        page.get_by_role("button", name="Granska").last.click(no_wait_after=True)
    for _ in range(3):
        page.clock.fast_forward(10_001)
    page.goto("/tasks")
    assert drafts_kept(served) == 0


def test_whoever_stops_a_form_and_writes_on_has_a_draft_again(served: Served, page_as: Opening) -> None:
    page = page_as("reviewer")
    hold_time(page)
    write(page, served, "Kravet saknas.")
    page.route("**/steps/find_ineligible", lambda route: route.abort("aborted"))
    with page.expect_event("requestfailed"):
        page.get_by_role("button", name="Granska").last.click(no_wait_after=True)
    page.get_by_label("Motivering", exact=True).fill("Kravet saknas ännu.")
    with page.expect_response("**/drafts/step.find_ineligible") as kept:
        page.clock.fast_forward(10_001)
    assert kept.value.status == 204


@pytest.mark.parametrize("button", ["Rätta", "Spara utkast"])
def test_what_stands_below_a_blank_row_is_not_lost(served: Served, page_as: Opening, button: str) -> None:
    page = page_as("admissions")
    hold_time(page)
    page.goto(f"/cases/{served.number('received')}/correct?fact=requirements")
    names = page.locator("form[data-draft] input[name$='.name']")
    for rows in (2, 3):
        page.locator("button[value^='add:f.requirements']").click()
        expect(names).to_have_count(rows)
    names.nth(2).fill("Fysik 2")
    page.get_by_role("button", name=button, exact=True).last.click()
    page.get_by_text("Rätta detta och skicka igen" if button == "Rätta" else "Utkastet är sparat").wait_for()
    assert "Fysik 2" in names.evaluate_all("all => all.map(each => each.value)")
