"""My tasks: what waits for somebody, the most pressing first, and as narrow as they want it."""

from __future__ import annotations

from datetime import date

import pytest

from engine.follow_ups import FollowUps
from service.pages.tasks import SHOWN
from tests.pages.browsing import Opening, axe, no_sideways_scroll, tab_to
from tests.pages.reading import headings, numbers, of, somebody
from tests.pages.serving import Served, on_both_databases

LISTS = ("/tasks", "/tasks?pool=1", "/cases?workflow=eligibility_review&state=requested", "/cases?q=ingenting",
    "/waiting", "/views", "/feeds")  # fmt: skip
"""The pages of this group that stand for themselves; the rest is tried where it is used."""


@on_both_databases
def test_what_waits_for_the_reader_stands_under_how_pressing_it_is(served: Served) -> None:
    with somebody(served, "coordinator") as plain:
        plain.go("/tasks")

    assert headings(plain.text) == ["later", "none"]
    assert numbers(plain.text)[:2] == of(served, "nominated in", "of another level")
    assert numbers(plain.text)[-1:] == of(served, "draft")
    assert "väntar på dig" in plain.words


def test_an_overdue_task_comes_first_and_says_how_late_it_is(served: Served) -> None:
    answer = served.ask("admin", "PUT", "/clock", {"now": "2027-01-27T09:00:00+01:00"})
    assert answer.status_code == 200
    with somebody(served, "coordinator") as plain:
        plain.go("/tasks")

    assert headings(plain.text)[0] == "overdue"
    assert "2 dagar försenad" in plain.words
    assert "varav 2 försenade" in plain.words


def test_a_row_tells_state_deadline_whom_and_unit(served: Served) -> None:
    with somebody(served, "officer", "en") as plain:
        plain.go("/tasks")

    row = plain.text.split("<tbody>")[1].split("</tr>")[0]
    words = (
        "Under review",
        "International Office",
        "Statistics",
        "working days left",
        f'/cases/{served.number("with the office")}"',
    )
    assert [word for word in words if word not in row] == []


def test_what_is_assigned_to_somebody_else_does_not_wait_for_me(served: Served) -> None:
    with somebody(served, "stat.second") as plain:
        found = numbers(plain.go("/tasks").text)

    assert served.number("under review") not in found
    assert served.number("received") in found


def test_the_pool_holds_what_nobody_has_and_offers_to_take_it(served: Served) -> None:
    with somebody(served, "reviewer") as plain:
        plain.go("/tasks?pool=1")

    found = numbers(plain.text)
    assert served.number("received") in found
    assert served.number("under review") not in found
    assert f'href="/cases/{served.number("received")}/steps/take"' in plain.text
    assert f'href="/cases/{served.number("proposed")}/steps/take"' not in plain.text


def test_tasks_are_narrowed_by_process_unit_and_words_at_once(served: Served) -> None:
    with somebody(served, "coordinator") as plain:
        plain.go("/tasks?workflow=incoming_nomination&workflow=agreement&unit=STAT&unit=HIST&q=bachelor")

    assert numbers(plain.text) == of(served, "nominated in")
    assert plain.text.count("Ta bort filtret") == 5


def test_a_chip_leads_to_the_list_without_it_and_keeps_the_rest(served: Served) -> None:
    with somebody(served, "reviewer") as plain:
        plain.go("/tasks?pool=1&workflow=eligibility_review&q=statistik")

    assert '<a href="/tasks?q=statistik&amp;pool=1">' in plain.text
    assert '<a href="/tasks?workflow=eligibility_review&amp;pool=1">' in plain.text


def test_the_title_says_what_is_listed_and_how_much(served: Served) -> None:
    with somebody(served, "coordinator") as plain:
        plain.go("/tasks?workflow=incoming_nomination")

    assert "<title>Mina uppgifter: Process: Inkommande nominering (2) – Färdplan</title>" in plain.text


def test_an_empty_list_says_what_to_do(served: Served) -> None:
    with somebody(served, "hist.coordinator") as plain:
        assert "Inget väntar på dig." in plain.go("/tasks").words
        assert "Ta bort något av dem" in plain.go("/tasks?q=zzz").words


def test_my_follow_up_days_that_have_come_stand_above_my_tasks(served: Served) -> None:
    today = date(2027, 1, 11)
    notes = {"with the office": today, "draft": date(2027, 1, 12)}
    for case, day in notes.items():
        _follow_up(served, case, day)
    with somebody(served, "coordinator") as plain:
        plain.go("/tasks")

    panel = plain.text.split('id="follow-ups-title"')[1].split("</section>")[0]
    assert served.number("with the office") in panel
    assert served.number("draft") not in panel


def test_a_follow_up_of_a_case_one_may_no_longer_read_is_not_shown(served: Served) -> None:
    _follow_up(served, "draft", date(2027, 1, 11), who="hist.reviewer")
    with somebody(served, "hist.reviewer") as plain:
        assert served.number("draft") not in plain.go("/tasks").text


def _follow_up(served: Served, case: str, day: date, who: str = "coordinator") -> None:
    FollowUps(served.house.store).set(
        "umu.se", served.person(who), served.office.cases[case], on_day=day, note="", today=day, now=0
    )


def test_more_than_a_page_of_tasks_is_shown_page_by_page(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.pages.tasks.SHOWN", 2)
    with somebody(served, "coordinator") as plain:
        first = numbers(plain.go("/tasks").text)
        more = plain.text.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
        second = numbers(plain.go(f"/tasks{more}").text)

    assert (SHOWN, len(first), len(second)) == (50, 2, 2)
    assert not set(first) & set(second)
    assert "fortsättning" in plain.words
    assert "Till början av listan" in plain.words


def test_nobody_reads_tasks_without_signing_in(served: Served) -> None:
    with somebody(served, "coordinator") as plain:
        plain.client.cookies.clear()
        assert plain.go("/tasks").path.startswith("/sign-in")


@pytest.mark.parametrize(
    "query", ["due=soon", "due_before=2027-1-4", "assignee=x", "open=maybe", "q=" + "x" * 201, "partner=1", "q=%00"]
)
def test_a_filter_that_cannot_be_is_refused_in_words(served: Served, query: str) -> None:
    with somebody(served, "coordinator") as plain:
        assert plain.go(f"/cases?{query}").status == 422
        assert "Uppgifter saknas eller är fel" in plain.words


@pytest.mark.parametrize(
    "query", ["q=<script>alert(1)</script>", "unit=<b>", "workflow='--", "q=%25_", "q=\u202e\U0001f600"]
)
def test_what_somebody_typed_is_shown_as_text(served: Served, query: str) -> None:
    with somebody(served, "coordinator") as plain:
        assert plain.go(f"/cases?{query}").status == 200
        assert "<script>alert" not in plain.text
        assert numbers(plain.text) == []


@pytest.mark.parametrize("path", LISTS)
def test_the_lists_pass_axe_in_both_languages_and_lights(page_as: Opening, path: str) -> None:
    for language, dark in (("sv", False), ("en", True)):
        page = page_as("reviewer", language=language, dark=dark)
        page.goto(path)
        assert axe(page) == []


@pytest.mark.parametrize("path", LISTS)
def test_the_lists_fit_a_narrow_window(page_as: Opening, path: str) -> None:
    page = page_as("reviewer", width=320)
    page.goto(path)
    no_sideways_scroll(page)
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    no_sideways_scroll(page)


def test_a_filter_works_by_keyboard_and_without_leaving_the_page(page_as: Opening, served: Served) -> None:
    page = page_as("coordinator")
    page.goto("/tasks")
    tab_to(page, page.get_by_label("Inkommande nominering"))
    page.keyboard.press("Space")
    page.wait_for_url("**workflow=incoming_nomination**")
    page.locator(".chips").wait_for()

    assert page.locator("th .case").count() == 2
    assert page.get_by_label("Nominerad").count() == 1
    assert page.evaluate("document.activeElement.value") == "incoming_nomination"


def test_the_filters_work_without_javascript(page_as: Opening, served: Served) -> None:
    page = page_as("coordinator", javascript=False)
    page.goto("/tasks")
    page.get_by_label("Avtal", exact=True).check()
    with page.expect_navigation():
        page.get_by_role("button", name="Visa", exact=True).click()

    assert page.locator("th .case .number").all_inner_texts() == of(served, "to be signed", "in force", "draft")
