"""An officer: from the overview to one step for many cases; a correction; a list kept as a view and as a file."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from playwright.sync_api import expect

from tests.pages.browsing import Opening
from tests.pages.journeys.walking import Walk, case_of, events, happened, with_and_without_javascript
from tests.pages.serving import Served


@with_and_without_javascript
def test_a_step_for_many_is_tried_first_and_then_taken_where_it_can_be(
    served: Served, page_as: Opening, javascript: bool
) -> None:
    walk = Walk(page_as("coordinator", javascript=javascript)).to("/").follow("Processöversikt")
    walk.follow("Inkommande nominering").unfold("Nominerad").follow("Godkänn nominering", "Nominerad")
    for case in ("nominated in", "of another level"):
        walk.tick(f"Välj {served.number(case)}")
    walk.press("Granska").reads("kan göras för 1, men inte för 1.", "Ännu är inget gjort.", "Kan inte göras (1)")
    assert happened(served, "nominated in", since=1) == []

    walk.press("Bekräfta för 1").reads("Klart för", "Klart (1)", served.number("nominated in"))
    assert happened(served, "nominated in", since=1) == ["accept_nomination"]
    assert happened(served, "of another level", since=1) == []


@with_and_without_javascript
def test_a_step_for_many_sent_twice_is_taken_once(served: Served, page_as: Opening, javascript: bool) -> None:
    walk = Walk(page_as("officer", javascript=javascript)).to("/overview/eligibility_review")
    walk.follow("Återkalla", "Inkommen för granskning").tick(f"Välj {served.number('received')}").press("Granska")
    # At its edge: a second click that comes late falls on the answer, where the middle of the button is a link.
    walk.page.get_by_role("button", name="Bekräfta för 1").dblclick(position={"x": 4, "y": 4}, no_wait_after=True)
    walk.reads("Klart (1)")
    walk.page.reload()
    walk.reads("Klart (1)")
    assert happened(served, "received", since=1) == ["withdraw"]


@with_and_without_javascript
def test_a_wrong_date_is_put_right_with_a_reason(served: Served, page_as: Opening, javascript: bool) -> None:
    walk = Walk(page_as("officer", javascript=javascript)).to(served.case_url("applied")).follow("Rätta uppgifter")
    walk.tick("Utlysningen stänger").press("Fortsätt").write("Utlysningen stänger (frivilligt)", "2027-02-15")
    walk.press("Rätta").reads("Rätta detta och skicka igen")
    expect(walk.page.get_by_label("Utlysningen stänger")).to_have_value("2027-02-15")
    walk.write("Motivering", "Beslutet säger den 15.").press("Rätta")
    walk.at_case(served, "applied", "Ansökan inkommen").reads("15 februari 2027", "Beslutet säger den 15.")

    assert events(served, "applied")[-1]["kind"] == "corrected"
    assert case_of(served, "applied")["deadlines"][0]["due_on"] == "2027-03-01"


@with_and_without_javascript
def test_a_list_is_narrowed_kept_as_a_view_and_fetched_as_a_file(
    served: Served, page_as: Opening, javascript: bool, tmp_path: Path
) -> None:
    walk = Walk(page_as("officer", javascript=javascript)).to("/cases")
    walk.tick("Utresande utbyte").press("Visa").reads(served.number("ranked"))
    expect(walk.page.get_by_role("link", name=served.number("received"))).to_have_count(0)
    walk.unfold("Spara som vy").write("Namn på vyn", "Alla utbyten").press("Spara vyn").reads("Alla utbyten")
    walk.to("/tasks").to("/cases").follow("Alla utbyten").reads(served.number("ranked"))
    expect(walk.page).to_have_url(re.compile("workflow=outgoing_exchange"))

    with walk.page.expect_download() as fetched:
        walk.follow("CSV")
    fetched.value.save_as(tmp_path / "list.csv")
    rows = list(csv.DictReader((tmp_path / "list.csv").read_text("utf-8-sig").splitlines(), delimiter=";"))
    assert served.number("ranked") in [next(iter(row.values())) for row in rows]
    assert len(rows) == walk.page.locator("main tbody tr").count()


def test_a_view_half_named_stays_open_while_the_list_is_narrowed_and_keeps_what_is_then_shown(
    served: Served, page_as: Opening
) -> None:
    walk = Walk(page_as("officer")).to("/cases").unfold("Spara som vy").write("Namn på vyn", "Bara utbyten")
    walk.tick("Utresande utbyte")
    expect(walk.page.get_by_role("link", name=served.number("received"))).to_have_count(0)
    expect(walk.page.get_by_label("Namn på vyn", exact=True)).to_have_value("Bara utbyten")
    walk.press("Spara vyn").reads("Bara utbyten").to("/tasks").to("/cases").follow("Bara utbyten")
    expect(walk.page).to_have_url(re.compile("workflow=outgoing_exchange"))


def test_boxes_ticked_faster_than_the_list_answers_are_all_heeded(served: Served, page_as: Opening) -> None:
    page = page_as("officer")
    Walk(page).to("/cases")
    page.evaluate("document.querySelectorAll('.filters [name=workflow]').forEach((box) => box.click())")
    expect(page.locator("#results .chips li")).to_have_count(5)
