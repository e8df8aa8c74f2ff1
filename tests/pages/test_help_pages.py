"""Help, glossary and the statement on accessibility: for everybody, in both languages, and true."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from engine.catalogue import Catalogue
from service.pages.glossary import WORDS, in_order
from service.pages.rendering import STATIC
from tests.pages.browsing import RULES, Opening, axe, no_sideways_scroll, tab_to
from tests.pages.guidance import HEAVIEST, MOST_STATEMENTS, statements, title, words
from tests.pages.reading import somebody
from tests.pages.serving import Served
from tests.pages.test_signing_in import browser

PATHS = ("/help", "/help/eligibility_review/under_review", "/help/agreement/expired", "/glossary", "/accessibility")


@pytest.fixture
def stranger(served: Served) -> Iterator[httpx.Client]:
    """A browser in which nobody is signed in."""
    with browser(served) as made:
        made.cookies.set("fardplan_language", "en")
        yield made


@pytest.mark.parametrize("path", PATHS)
def test_help_is_read_without_signing_in(served: Served, stranger: httpx.Client, path: str) -> None:
    with statements(served) as asked:
        answer = stranger.get(path)
    assert answer.status_code == 200
    assert len(asked) <= MOST_STATEMENTS
    assert len(answer.content) < HEAVIEST


@pytest.mark.parametrize("path", PATHS)
def test_no_way_on_leads_a_stranger_to_a_closed_door(stranger: httpx.Client, path: str) -> None:
    main = stranger.get(path).text.split("<main")[1].split("</main>")[0]
    ways = {way.partition("#")[0] for way in re.findall(r'href="(/[^"]*)"', main)} - {"/handover"}
    assert [way for way in ways if not way.startswith(("/help", "/glossary"))] == []


# A state.


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_state_of_every_process_is_explained(served: Served, processes: Catalogue, language: str) -> None:
    with somebody(served, "officer", language) as reader:
        for definition in processes.now:
            for state in definition.workflow.states:
                page = words(reader.go(f"/help/{definition.name}/{state.name}").text)
                assert getattr(state.label, language) in page
                steps = [getattr(step.label, language) for step in definition.offered[state.name]]
                assert [label for label in steps if label not in page] == []


def test_a_state_tells_who_is_waited_for_what_can_be_done_and_by_when(stranger: httpx.Client) -> None:
    page = words(stranger.get("/help/eligibility_review/requested").text)
    assert "The case waits for the reviewer ." in page
    assert "Take The reviewer Under review" in page
    assert "Answer to admissions 3 working days ." in page
    assert "“Release” from “Under review”" in page or "”Release” from ”Under review”" in page


def test_a_state_tells_what_the_student_reads_instead(stranger: httpx.Client) -> None:
    page = words(stranger.get("/help/eligibility_review/reselection_requested").text)
    assert "Choose another course" in page


def test_a_closed_case_waits_for_nobody_and_says_whether_it_can_be_reconsidered(stranger: httpx.Client) -> None:
    decided = words(stranger.get("/help/eligibility_review/decided").text)
    assert "Nobody: here the case is closed. It can be reconsidered and then goes back to" in decided
    assert "Nothing more: the case stays here." in words(stranger.get("/help/eligibility_review/withdrawn").text)


@pytest.mark.parametrize(
    "path",
    ["/help/nothing/here", "/help/agreement/nothing", "/help/agreement/<script>", "/help/agreement/" + "x" * 5000],
)
def test_what_is_no_state_is_not_there(stranger: httpx.Client, path: str) -> None:
    assert stranger.get(path).status_code == 404


# Shortcuts.


def pressed(text: str) -> set[str]:
    """The keys a list of shortcuts names, in one word each."""
    rows = re.findall(r"<dt>(.*?)</dt>", text.rpartition("keys")[2], re.DOTALL)
    return {"".join(re.findall(r"<kbd>(.)</kbd>", row)) for row in rows}


def test_help_names_just_the_keys_that_the_pages_know(stranger: httpx.Client) -> None:
    script = (STATIC / "app.js").read_text(encoding="utf-8")
    known = set(re.findall(r'event\.key === "(.)"', script)) - {"g"}
    known |= set(re.findall(r"\b(g\w): \"/", script))
    assert pressed(stranger.get("/help").text) == known


def test_a_question_mark_opens_the_list_and_escape_closes_it(page_as: Opening) -> None:
    page = page_as("officer", language="en")
    page.goto("/help")
    page.keyboard.press("?")
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()
    assert axe(page, within="#keys") == []
    page.keyboard.press("Escape")
    assert page.locator("#keys").is_hidden()


def test_the_list_closes_by_its_button(page_as: Opening) -> None:
    page = page_as("officer", language="en")
    page.goto("/help")
    page.keyboard.press("?")
    page.keyboard.press("Enter")
    assert page.locator("#keys").is_hidden()


def test_single_keys_do_nothing_while_typing_or_when_switched_off(page_as: Opening) -> None:
    page = page_as("officer", language="en")
    page.goto("/help")
    page.locator("#find").press("?")
    assert page.locator("#keys").is_hidden()
    page.context.add_cookies([{"name": "fardplan_keys", "value": "off", "url": page.url}])
    page.reload()
    page.keyboard.press("?")
    assert page.locator("#keys").is_hidden()


# Words.


def test_every_word_is_explained_in_both_languages_and_has_a_place_of_its_own() -> None:
    parts = [text for each in WORDS for text in (each.word.sv, each.word.en, each.means.sv, each.means.en)]
    assert [text for text in parts if not text.strip() or text != " ".join(text.split())] == []
    assert len({each.mark for each in WORDS}) == len(WORDS)
    assert all(means.endswith(".") for each in WORDS for means in (each.means.sv, each.means.en))


@pytest.mark.parametrize(
    "word",
    [
        "IKP", "LA", "tillgodoräknande", "omval", "nominering", "antagning", "NyA", "Ladok", "behörighet",
        "särskild behörighet", "jäv", "fyra ögon", "delegation", "återbud", "avbrott", "klämdag",
    ],
)  # fmt: skip
def test_the_words_of_the_field_are_there(word: str) -> None:
    assert any(word in re.split(r", | \(", each.word.sv) for each in WORDS)


def test_swedish_words_end_with_the_letters_that_swedish_ends_with() -> None:
    swedish = [each.word.sv for each in in_order("sv")]
    assert swedish.index("tillgodoräknande") < swedish.index("återbud") < swedish.index("ärende")
    assert swedish[0].startswith(("a", "A"))


def test_english_words_stand_in_the_order_of_english() -> None:
    english = [each.word.en.casefold() for each in in_order("en")]
    assert english == sorted(english)


def test_the_other_language_is_marked_as_such(stranger: httpx.Client) -> None:
    text = stranger.get("/glossary").text
    assert '<span lang="sv">tillgodoräknande</span>' in text


# The statement.


def test_the_statement_names_law_standards_authority_and_whom_to_write_to(
    served: Served, stranger: httpx.Client
) -> None:
    with served.house.directory.change("umu.se", by="installation", what="unit") as change:
        change.unit("umu.se", name_sv="Umeå universitet", name_en="Umeå University", mailbox="help@example.org")
    text = stranger.get("/accessibility").text
    page = words(text)
    assert all(word in page for word in ("2018:1937", "WCAG 2.2", "EN 301 549", "Digg", "Umeå University"))
    assert 'href="mailto:help@example.org"' in text


def test_the_statement_claims_just_what_the_tests_do(stranger: httpx.Client) -> None:
    page = words(stranger.get("/accessibility").text)
    assert "levels A and AA" in page
    assert {"wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"} <= set(RULES)
    assert "has not been tried systematically with screen readers" in page


def test_every_page_of_help_says_what_it_is(stranger: httpx.Client) -> None:
    titles = [title(stranger.get(path).text) for path in PATHS]
    assert len(set(titles)) == len(PATHS)


# In a browser.


@pytest.mark.parametrize(("language", "dark"), [("sv", True), ("en", False)])
def test_the_pages_of_help_are_sound(page_as: Opening, language: str, dark: bool) -> None:
    page = page_as(None, language=language, dark=dark, width=320)
    for path in PATHS:
        page.goto(path)
        assert axe(page) == []
        no_sideways_scroll(page)


def test_the_help_on_a_state_is_reached_by_keyboard_without_javascript(page_as: Opening) -> None:
    page = page_as(None, language="en", javascript=False)
    page.goto("/help")
    tab_to(page, "Eligibility review")
    page.keyboard.press("Enter")
    tab_to(page, "Received for review")
    page.keyboard.press("Enter")
    page.wait_for_url("**/help/eligibility_review/requested")
