"""A reviewer at the grid: several applicants at once, the same reason for all, tried before it is decided."""

from __future__ import annotations

from tests.pages.browsing import Opening
from tests.pages.journeys.walking import Walk, case_of, happened, mailed, with_and_without_javascript
from tests.pages.serving import Served


@with_and_without_javascript
def test_reviews_are_taken_and_answered_from_the_grid(served: Served, page_as: Opening, javascript: bool) -> None:
    number = served.number("received")
    walk = Walk(page_as("reviewer", javascript=javascript)).to("/").follow("Behörighet").stands_at("Behörighet")

    walk.tick(f"Välj {number}, Nils").pick("Steg för de valda", "Ta ärendet").press("Gå vidare")
    walk.stands_at("Granska innan du bekräftar: Ta ärendet").press("Bekräfta för 1").reads("Klart (1)")

    walk.follow("Behörighet").tick(f"Välj {number}, Nils").tick(f"Välj {served.number('under review')}, Nils")
    walk.pick("Steg för de valda", "Bedöm obehörig").press("Gå vidare").stands_at("Bedöm obehörig")
    walk.write("Krav som inte är uppfyllt", "Matematik 3c").write("Motivering", "Kravet saknas i båda.").press(
        "Granska"
    )
    walk.reads("kan göras för alla 2", "Jäv").press("Jag är inte jävig i något av dem och bekräftar för 2")
    walk.reads("Klart (2)")

    assert happened(served, "received", since=1) == ["take", "find_ineligible"]
    assert happened(served, "under review", since=2) == ["find_ineligible"]
    assert {case_of(served, case)["facts"]["outcome"] for case in ("received", "under review")} == {"ineligible"}
    assert len(mailed(served)) == 2


@with_and_without_javascript
def test_one_cell_of_the_grid_leads_to_its_review(served: Served, page_as: Opening, javascript: bool) -> None:
    walk = Walk(page_as("reviewer", javascript=javascript)).to("/eligibility").reads("Matematik 3c")
    walk.open(served, "under review").at_case(served, "under review", "Under granskning")
    walk.page.go_back()
    walk.follow("Nils").reads(served.number("under review"), served.number("received"))
