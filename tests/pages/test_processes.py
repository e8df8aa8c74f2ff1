"""The processes as pages of a handbook: everything a definition holds, in words; versions and what differs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from engine.catalogue import Catalogue
from tests.pages.browsing import Opening, axe, no_sideways_scroll, tab_to
from tests.pages.guidance import HEAVIEST, MOST_STATEMENTS, statements, title, with_a_second_version, words
from tests.pages.plain import Plain
from tests.pages.reading import numbers, somebody
from tests.pages.serving import Served, Template, on_both_databases, serving

NAMES = ("agreement", "agreement_renewal", "eligibility_review", "incoming_nomination", "outgoing_exchange")
PATHS = (
    "/processes", "/processes/eligibility_review", "/processes/eligibility_review/compare",
    "/processes/outgoing_exchange",
)  # fmt: skip


@pytest.fixture
def officer(served: Served) -> Iterator[Plain]:
    with somebody(served, "officer", "en") as made:
        yield made


@pytest.fixture
def replaced(template: Template, processes: Catalogue, tmp_path: Path) -> Iterator[Served]:
    """The office with cases under a review that has been replaced since."""
    newer = with_a_second_version(processes, tmp_path)
    with serving(template.copy(tmp_path / "pages.db"), newer, template.office, mailbox=tmp_path / "m") as made:
        yield made


def listing(text: str) -> str:
    """The address of the list of open cases under a version."""
    found = re.search(r'href="(/listed\?[^"]*)"', text)
    assert found
    return unescape(found[1])


@on_both_databases
def test_every_process_is_listed_with_its_purpose_and_its_open_cases(served: Served, processes: Catalogue) -> None:
    with somebody(served, "officer", "en") as reader:
        text = reader.go("/processes").text
    for name in NAMES:
        workflow = processes.current(name).workflow
        assert f'href="/processes/{name}"' in text
        assert workflow.purpose.en in words(text)
    assert re.search(r"workflow=eligibility_review&amp;open=open\"[^>]*>4<", text)


def test_only_cases_one_may_read_are_counted(served: Served) -> None:
    with somebody(served, "hist.reviewer", "en") as reader:
        text = reader.go("/processes").text
    assert re.search(r"workflow=eligibility_review&amp;open=open\"[^>]*>0<", text)


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("name", NAMES)
def test_a_process_page_tells_all_that_its_definition_holds(
    served: Served, processes: Catalogue, name: str, language: str
) -> None:
    workflow = processes.current(name).workflow
    with somebody(served, "reviewer", language) as reader:
        page = words(reader.go(f"/processes/{name}").text)
    wanted = [workflow.purpose, *(state.label for state in workflow.states)]
    wanted += [step.label for step in workflow.transitions]
    wanted += [deadline.label for deadline in workflow.deadlines]
    wanted += [milestone.label for milestone in workflow.milestones]
    wanted += [state.subject_label for state in workflow.states if state.subject_label]
    assert [text for text in wanted if getattr(text, language) not in page] == []


def test_the_states_stand_in_the_order_of_the_process(officer: Plain, processes: Catalogue) -> None:
    text = officer.go("/processes/eligibility_review").text
    marks = re.findall(r'id="state-(\w+)"', text)
    assert marks == [state.name for state in processes.current("eligibility_review").workflow.states]


def test_a_step_tells_its_conditions_its_fields_and_what_it_takes(officer: Plain) -> None:
    text = officer.go("/processes/eligibility_review").text
    step = words("<body>" + text.split('id="step-confirm_ineligible"')[1].split("</li>\n    <li class")[0])
    assert "Four eyes: somebody other than who took the step Propose ineligible" in step
    assert "no conflict of interest" in words(text)
    assert "This unit needs two people to find somebody ineligible" in words(text)
    assert "You fill in Condition, To be met by" in words(text)


def test_a_deadline_tells_its_ladder_in_words(officer: Plain) -> None:
    page = words(officer.go("/processes/eligibility_review").text)
    assert "After 2 working days whoever has the case is reminded." in page
    assert "When the last day has passed the head of department is told." in page
    assert "rests in “Awaiting information”" in page


def test_the_days_are_those_the_institution_has_set(served: Served, officer: Plain) -> None:
    with served.house.directory.change("umu.se", by="installation", what="settings") as change:
        change.unit("umu.se", name_sv="Umeå", name_en="Umeå", settings={"eligibility_review.answer_remind_days": 1})
    assert "After 1 working day whoever has the case is reminded." in words(
        officer.go("/processes/eligibility_review").text
    )


@pytest.mark.parametrize("name", NAMES)
def test_no_word_of_the_engine_is_read_on_a_process_page(officer: Plain, name: str) -> None:
    page = words(officer.go(f"/processes/{name}").text)
    assert re.findall(r"\b(trigger|guard|rung|ladder)s?\b|\w+_\w+", page, re.IGNORECASE) == []


def test_nothing_is_left_in_english_on_a_swedish_page(served: Served) -> None:
    with somebody(served, "officer", "sv") as reader:
        pages = [words(reader.go(f"/processes/{name}").text) for name in NAMES]
    assert [found for page in pages for found in re.findall(r"\b(?:the|which|of the|case's) \w+", page)] == []


def test_a_version_is_found_by_its_number_and_by_its_hash(officer: Plain, processes: Catalogue) -> None:
    digest = processes.current("agreement").hash
    pages = {title(officer.go(f"/processes/agreement{rest}").text) for rest in ("", "/1", f"/{digest}")}
    assert pages == {"Agreement: how it works – Färdplan"}


@pytest.mark.parametrize(
    "path",
    [
        "/processes/nothing", "/processes/agreement/2", "/processes/agreement/0", "/processes/agreement/" + "0" * 64,
        "/processes/agreement/" + "x" * 5000, "/processes/nothing/compare", "/processes/agreement/compare?from=9",
        "/processes/%00", "/processes/..%2F..%2Fetc", "/processes/<script>",
    ],
)  # fmt: skip
def test_what_is_no_process_or_version_is_not_there(officer: Plain, path: str) -> None:
    assert officer.go(path).status == 404
    assert "<script>" not in officer.text.replace('<script src="', "")


def test_with_one_version_there_is_nothing_to_compare(officer: Plain) -> None:
    assert "only one version" in words(officer.go("/processes/agreement/compare").text)


def test_the_cases_of_a_version_are_listed(served: Served, officer: Plain) -> None:
    listed = numbers(officer.go(listing(officer.go("/processes/eligibility_review").text)).text)
    assert len(listed) == 4
    assert {served.number(name) for name in ("received", "under review", "proposed")} < set(listed)


# A process that was replaced.


def test_the_differences_between_versions_are_told_in_words(replaced: Served) -> None:
    with somebody(replaced, "officer", "en") as reader:
        text = reader.go("/processes/eligibility_review/compare").text
    assert "<del><span" in text
    page = words(text)
    assert "Before: Received for review Now: New <b>here</b>" in page
    assert re.search(r"Before: .*10.* Now: .*15", page)
    assert "“Decision entered in NyA” happens at most once. Removed" in page


def test_compared_the_other_way_round_what_was_removed_is_new(replaced: Served) -> None:
    with somebody(replaced, "officer", "en") as reader:
        page = words(reader.go("/processes/eligibility_review/compare?from=2&to=1").text)
    assert "“Decision entered in NyA” happens at most once. New" in page
    assert "Before: New <b>here</b> Now: Received for review" in page


def test_a_version_compared_with_itself_is_alike(replaced: Served) -> None:
    with somebody(replaced, "officer", "en") as reader:
        assert "The versions are alike." in words(reader.go("/processes/eligibility_review/compare?from=1&to=1").text)


def test_open_cases_are_counted_under_the_version_they_began_in(replaced: Served) -> None:
    with somebody(replaced, "officer", "en") as reader:
        text = reader.go("/processes/eligibility_review").text
        assert re.findall(r"\d cases\b", text.split('id="versions"')[1]) == ["0 cases", "4 cases"]
        assert len(numbers(reader.go(listing(text)).text)) == 4


def test_a_replaced_version_says_that_it_is_one(replaced: Served) -> None:
    with somebody(replaced, "officer", "en") as reader:
        assert "This version was replaced." in words(reader.go("/processes/eligibility_review/1").text)
        assert "This version was replaced." not in words(reader.go("/processes/eligibility_review/2").text)


# What it costs, and how it is used.


@pytest.mark.parametrize("path", PATHS)
def test_a_page_of_a_process_costs_little(served: Served, officer: Plain, path: str) -> None:
    with statements(served) as asked:
        answer = officer.go(path)
    assert len(asked) <= MOST_STATEMENTS, "\n".join(asked)
    assert len(answer.text.encode()) < HEAVIEST


def test_nobody_reads_a_process_without_signing_in(page_as: Opening) -> None:
    page = page_as(None)
    page.goto("/processes/agreement")
    assert "/sign-in?next=" in page.url


@pytest.mark.parametrize(("language", "dark"), [("sv", False), ("en", True)])
def test_the_pages_of_processes_are_sound(page_as: Opening, language: str, dark: bool) -> None:
    page = page_as("officer", language=language, dark=dark, width=320)
    for path in PATHS:
        page.goto(path)
        assert axe(page) == []
        no_sideways_scroll(page)


def test_the_drawing_and_the_steps_are_reached_by_keyboard(page_as: Opening) -> None:
    page = page_as("reviewer", language="en", javascript=False)
    page.goto("/processes/eligibility_review")
    tab_to(page, page.locator(".diagram"))
    tab_to(page, "Take")
    page.keyboard.press("Enter")
    page.wait_for_url("**#step-take")


def test_on_paper_nothing_is_left_out_but_the_ways_on(page_as: Opening) -> None:
    page = page_as("officer", width=900)
    page.goto("/processes/eligibility_review")
    page.emulate_media(media="print")
    assert page.locator("nav.main").is_hidden()
    assert page.locator(".diagram svg").is_visible()
    frame, drawn = page.locator(".diagram").bounding_box(), page.locator(".diagram svg").bounding_box()
    assert frame
    assert drawn
    assert drawn["width"] <= frame["width"]
