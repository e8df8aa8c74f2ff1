"""The page of a case: where it stands, what can be done and why not, what is known, what happened."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from engine.follow_ups import FollowUps
from engine.model import IMPORT_PARTY, Comment, ErasureReason, Request
from tests.pages.browsing import Opening, axe, no_sideways_scroll, tab_to
from tests.pages.plain import Plain
from tests.pages.serving import Served, on_both_databases

SCRIPT = "<script>alert('x')</script> \u200f\u0645\u0631\u062d\u0628\u0627 \N{GRINNING FACE} '; DROP TABLE event; --"
AT_ONCE = 50
MOST_STATEMENTS = 40


@pytest.fixture
def enter(served: Served) -> Iterator[Callable[..., Plain]]:
    """Sign somebody in with a browser that knows no JavaScript."""
    entered: list[Plain] = []

    def made(who: str, language: str = "sv") -> Plain:
        entered.append(Plain.enter(served, who, language))
        return entered[-1]

    yield made
    for each in entered:
        each.close()


def at(served: Served, case: str, rest: str = "") -> str:
    return f"/cases/{served.number(case)}{rest}"


def comments(served: Served, case: str, count: int, text: str = "Hej") -> None:
    """Write many comments on a case, as an officer."""
    for number in range(count):
        asked = Comment(f"{text} {number}")
        served.house.cases.step(Request("umu.se", asked, served.person("officer"), case=served.office.cases[case]))


# The head.


def test_the_page_says_where_the_case_stands(served: Served, enter: Callable[..., Plain]) -> None:
    page = enter("reviewer").go(at(served, "received"))

    assert page.status == 200
    assert f"<title>{served.number('received')}" in page.text
    assert page.text.count("<h1") == 1
    for words in ("Inkommen för granskning", "Väntar på", "granskare", "3 arbetsdagar kvar", "Nils", "nr 1"):
        assert words in page.words


def test_it_says_so_in_english_too(served: Served, enter: Callable[..., Plain]) -> None:
    page = enter("reviewer", "en").go(at(served, "received"))
    for words in ("Received for review", "Waiting for", "reviewer", "3 working days left", "What can I do now?"):
        assert words in page.words


def test_an_id_leads_to_the_number(served: Served, enter: Callable[..., Plain]) -> None:
    page = enter("reviewer").go(f"/cases/{served.office.cases['received']}")
    assert (page.status, page.path) == (200, at(served, "received"))


@pytest.mark.parametrize("rest", ["", "/history", "/history.jsonl", "/live"])
def test_a_case_of_another_department_is_not_there(served: Served, enter: Callable[..., Plain], rest: str) -> None:
    stranger = enter("hist.reviewer")
    assert stranger.go(at(served, "received", rest)).status == 404
    assert stranger.go(f"/cases/{served.office.cases['received']}{rest}").status == 404
    assert stranger.go(f"/cases/REV-2027-9999{rest}").status == 404


def test_reading_a_case_is_noted_for_the_auditor(served: Served, enter: Callable[..., Plain]) -> None:
    enter("reviewer").go(at(served, "received"))
    served.ask("reviewer", "GET", f"/cases/{served.office.cases['received']}")

    with served.house.store.reads() as connection:
        query = "SELECT count FROM case_reading WHERE person = :person AND case_id = :case"
        values = {"person": served.person("reviewer"), "case": served.office.cases["received"]}
        assert connection.execute(sa.text(query), values).scalar() == 2


# What can be done.


def test_what_is_possible_leads_to_its_form(served: Served, enter: Callable[..., Plain]) -> None:
    page = enter("reviewer").go(at(served, "received"))
    assert f'href="{at(served, "received", "/steps/take")}">Ta ärendet</a>' in page.text


def test_what_is_not_possible_says_why_and_who_can_help(served: Served, enter: Callable[..., Plain]) -> None:
    page = enter("coordinator").go(at(served, "ranked"))
    shut = re.findall(r'<button type="button" aria-disabled="true" aria-describedby="(why-\w+)">', page.text)
    assert shut
    for why in shut:
        told = page.text.partition(f'id="{why}"')[2].partition("</div>")[0]
        assert re.search(r"</span> \w+", told), f"{why} gives no reason"


def test_what_only_others_can_do_is_folded_and_names_them(served: Served, enter: Callable[..., Plain]) -> None:
    page = enter("admissions").go(at(served, "received"))
    folded = page.text.partition("Andra kan")[2].partition("</details>")[0]
    assert "Ta ärendet" in folded
    assert re.search(r"granskare \(.+\)", folded)


def test_a_step_for_the_student_is_marked(served: Served, enter: Callable[..., Plain]) -> None:
    page = enter("coordinator").go(at(served, "nominated out"))
    assert "för studenten" in page.words


def test_nobody_is_offered_anything_in_a_finished_case(served: Served, enter: Callable[..., Plain]) -> None:
    page = enter("auditor").go(at(served, "withdrawn"))
    assert "Ärendet är avslutat." in page.words
    assert 'class="button' not in page.text.partition('id="now"')[2].partition("</section>")[0]


# What is known.


def test_facts_are_read_by_people(served: Served, enter: Callable[..., Plain]) -> None:
    agreement = enter("officer").go(at(served, "in force")).text.partition('id="facts"')[2].partition("</section>")[0]
    assert "Avtalsnivå" in agreement
    assert "Institution" in agreement
    assert not re.search(r">\s*(department|three_party|2\d{3}-\d\d-\d\d|True|None)\s*<", agreement)


def test_a_fact_says_who_changed_it_last(served: Served, enter: Callable[..., Plain]) -> None:
    page = enter("reviewer").go(at(served, "decided"))
    facts = page.text.partition('id="facts"')[2].partition("</section>")[0]
    decided = facts.partition("Beslutat i NyA den")[2].partition("</dd>")[0]
    assert "11 januari 2027" in decided
    assert re.search(r'/history\?at=\d+">[^<]+, <time', decided)


def test_linked_cases_are_told_in_both_directions(served: Served, enter: Callable[..., Plain]) -> None:
    officer = enter("officer")
    assert served.number("in force") in officer.go(at(served, "ranked")).words
    under = officer.go(at(served, "in force")).words
    assert served.number("ranked") in under
    assert served.number("nominated in") in under


def test_a_linked_case_that_is_not_mine_tells_its_number_alone(served: Served, enter: Callable[..., Plain]) -> None:
    title = served.ask("officer", "GET", f"/cases/{served.office.cases['in force']}").json()["title"]
    page = enter("hist.coordinator").go(at(served, "borrowing"))
    assert page.status == 200
    if enter("hist.coordinator").go(at(served, "in force")).status == 404:
        assert title not in page.text
        assert "du har inte tillgång" in page.words


def test_a_deadline_tells_its_day_what_comes_next_and_its_rule(served: Served, enter: Callable[..., Plain]) -> None:
    page = enter("reviewer").go(at(served, "received"))
    clocks = page.text.partition('id="deadlines"')[2].partition("</section>")[0]
    for words in ("Svar till antagningen", "kvar", "Sedan", "påminns", "Regeln", "prefekten"):
        assert words in clocks


# What happened.


def test_every_event_is_a_sentence(served: Served, enter: Callable[..., Plain]) -> None:
    page = enter("reviewer").go(at(served, "decided"))
    history = page.text.partition('id="history"')[2]
    for words in ("öppnade ärendet", "tog ärendet", "bedömde obehörig", "förde in beslutet i NyA", "Kravet saknas."):
        assert words in history
    assert history.index("förde in beslutet") < history.index("öppnade ärendet")


def test_a_change_stands_as_before_and_after(served: Served, enter: Callable[..., Plain]) -> None:
    case, officer = served.office.cases["received"], "officer"
    etag = served.ask(officer, "GET", f"/cases/{case}").headers["ETag"]
    facts = {"facts": {"course": "Statistik B"}, "reason": "Fel kurs"}
    assert served.ask(officer, "POST", f"/cases/{case}/corrections", facts, If_Match=etag).status_code == 200

    page = enter("officer").go(at(served, "received"))
    assert re.search(r"<del><span[^>]*>Statistik A</span>", page.text)
    assert re.search(r"<ins><span[^>]*>Statistik B</span>", page.text)
    assert "rättade Kurs" in page.words
    assert "Fel kurs" in page.words


@pytest.mark.parametrize(
    ("show", "there", "gone"),
    [
        ("people", "öppnade ärendet", "Klockan"),
        ("facts", "öppnade ärendet", "tog ärendet <"),
        ("deadlines", "sista dag", "skrev en kommentar"),
        ("system", "Inga händelser av det slaget", "öppnade ärendet"),
        ("rubbish", "öppnade ärendet", "Inga händelser av det slaget"),
    ],
)
def test_the_history_is_filtered(served: Served, enter: Callable[..., Plain], show: str, there: str, gone: str) -> None:
    history = enter("reviewer").go(at(served, "decided", f"?show={show}")).text.partition('id="history"')[2]
    assert there in history
    assert gone not in history.partition('id="diagram"')[0]


def test_a_long_history_comes_in_parts(served: Served, enter: Callable[..., Plain]) -> None:
    comments(served, "received", 120)
    officer = enter("officer")

    page = officer.go(at(served, "received"))
    assert page.text.count('<li id="event-') == AT_ONCE
    assert len(page.text.encode()) < 150_000
    older = re.search(r'href="(/cases/[^"]+before=\d+[^"]*)">Visa äldre', page.text)
    assert older

    newest = set(re.findall(r'id="event-(\d+)"', page.text))
    older_page = officer.go(older[1].replace("&amp;", "&"))
    assert older_page.text.count('<li id="event-') == AT_ONCE
    assert not newest & set(re.findall(r'id="event-(\d+)"', older_page.text))


def test_what_was_erased_is_said_to_be(served: Served, enter: Callable[..., Plain]) -> None:
    comments(served, "received", 1, "Hemligt")
    with served.house.store.writes() as connection:
        connection.execute(
            sa.text("DELETE FROM event_detail WHERE case_id = :case"), {"case": served.office.cases["received"]}
        )
    page = enter("officer").go(at(served, "received"))
    assert "Hemligt" not in page.text
    assert "har raderats" in page.words


def test_statements_do_not_grow_with_the_history(served: Served, enter: Callable[..., Plain]) -> None:
    officer, counted = enter("officer"), [0]

    def count(*_: object) -> None:
        counted[0] += 1

    sa.event.listen(served.house.store.engine, "before_cursor_execute", count)
    officer.go(at(served, "received"))
    short, counted[0] = counted[0], 0
    comments(served, "received", 60)
    counted[0] = 0
    officer.go(at(served, "received"))

    assert (counted[0], short < MOST_STATEMENTS) == (short, True)


# Comments.


def test_a_comment_is_noted_and_told(served: Served, enter: Callable[..., Plain]) -> None:
    reviewer = enter("reviewer").go(at(served, "received"))
    to = f"person:{served.person('coordinator')}"

    after = reviewer.press("Spara kommentaren", text="Titta gärna på detta", to=[to])

    assert (after.status, after.path.partition("#")[0]) == (200, at(served, "received"))
    assert "skrev en kommentar" in after.words
    assert "Titta gärna på detta" in after.words
    assert "Fick veta det:" in after.words


def test_a_comment_sent_twice_is_there_once(served: Served, enter: Callable[..., Plain]) -> None:
    reviewer = enter("reviewer").go(at(served, "received"))
    form = reviewer.page.form(button="Spara kommentaren")
    sent = form.sent("Spara kommentaren", text="En gång räcker")

    reviewer.send(form.action, sent)
    assert reviewer.send(form.action, sent).words.count("En gång räcker") == 1


@pytest.mark.parametrize(
    ("text", "told"), [("   ", "Skriv en kommentar."), ("å" * 4001, "skriv högst 4000"), ("å" * 10**6, "högst 4000")]
)
def test_a_comment_that_cannot_be_kept_is_shown_again(
    served: Served, enter: Callable[..., Plain], text: str, told: str
) -> None:
    reviewer = enter("reviewer").go(at(served, "received"))
    after = reviewer.press("Spara kommentaren", text=text)
    assert after.status in {413, 422}
    if after.status == 422:
        assert told in after.words
        assert after.page.form(button="Spara kommentaren").values["text"] == [text]


def test_somebody_the_case_is_no_business_of_cannot_be_told(served: Served, enter: Callable[..., Plain]) -> None:
    reviewer = enter("reviewer").go(at(served, "received"))
    stranger = f"person:{served.person('hist.reviewer')}"
    after = reviewer.press("Spara kommentaren", text="Hej", to=[stranger])
    assert after.status == 422
    assert after.page.form(button="Spara kommentaren").values["text"] == ["Hej"]


def test_hostile_words_are_shown_as_words(served: Served, enter: Callable[..., Plain]) -> None:
    reviewer = enter("reviewer").go(at(served, "received"))
    after = reviewer.press("Spara kommentaren", text=SCRIPT)
    assert after.status == 200
    assert SCRIPT in after.words
    assert "<script>alert" not in after.text


def test_an_auditor_comments_nothing(served: Served, enter: Callable[..., Plain]) -> None:
    auditor = enter("auditor").go(at(served, "received"))
    assert "Spara kommentaren" not in auditor.words
    proof = auditor.page.form(button="Logga ut").sent()
    assert auditor.send(f"{at(served, 'received')}/comments", [*proof, ("text", "Hej")]).status == 403


# Following up.


def test_a_day_to_follow_up_is_kept_for_oneself(served: Served, enter: Callable[..., Plain]) -> None:
    reviewer = enter("reviewer").go(at(served, "received"))

    after = reviewer.press("Spara", on_day="2027-01-20", note="Ring")
    assert "ons 20 januari" in after.words
    assert "ons 20 januari" not in enter("officer").go(at(served, "received")).words

    assert "ons 20 januari" not in after.press("Sluta bevaka").words
    assert FollowUps(served.house.store).listed("umu.se", served.person("reviewer")) == ()


def test_nothing_is_noted_to_follow_up_an_erased_case(served: Served, enter: Callable[..., Plain]) -> None:
    erasures = served.house.erasures
    lines = erasures.named("umu.se", [served.office.cases["decided"]])
    erasures.erase("umu.se", lines, ErasureReason.RETENTION, by=IMPORT_PARTY)
    officer = enter("officer").go(at(served, "decided"))
    assert "Bevaka" not in officer.words

    proof = officer.page.form(button="Logga ut").sent()
    address = f"{at(served, 'decided')}/follow-up"
    refused = officer.send(address, [*proof, ("on_day", "2027-02-01"), ("note", "070-1234567")])
    assert (refused.status, "Uppgifterna i ärendet är raderade" in refused.words) == (409, True)
    assert FollowUps(served.house.store).listed("umu.se", served.person("officer")) == ()
    assert officer.send(address, [*proof, ("on_day", "")]).status == 200


@pytest.mark.parametrize("day", ["2027-01-10", "9999-12-31", "i morgon"])
def test_a_day_that_is_none_is_refused(served: Served, enter: Callable[..., Plain], day: str) -> None:
    reviewer = enter("reviewer").go(at(served, "received"))
    assert reviewer.press("Spara", on_day=day).status == 422


# In a browser.


@pytest.mark.parametrize(("language", "dark"), [("sv", False), ("en", True)])
@pytest.mark.parametrize("case", ["nominated out", "proposed", "in force"])
def test_axe_finds_nothing_and_nothing_sticks_out(
    page_as: Opening, served: Served, case: str, language: str, *, dark: bool
) -> None:
    page = page_as("officer", language=language, dark=dark)
    page.goto(at(served, case))
    for folded in page.locator("main details").all():
        folded.evaluate("each => each.open = true")
    assert axe(page) == []
    page.set_viewport_size({"width": 320, "height": 800})
    no_sideways_scroll(page)


def test_the_keyboard_reaches_a_step_and_what_is_shut_can_be_read(page_as: Opening, served: Served) -> None:
    page = page_as("coordinator")
    page.goto(at(served, "ranked"))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.is_navigation_request() else None)
    tab_to(page, page.locator("button[aria-disabled=true]").first)
    page.keyboard.press("Enter")
    page.wait_for_timeout(200)
    assert asked == []


def test_the_drawing_stands_in_the_colours_of_the_page(page_as: Opening, served: Served) -> None:
    page = page_as("reviewer", dark=True)
    page.goto(at(served, "received"))
    fill = "each => getComputedStyle(each).fill"
    assert page.locator(".diagram .paper").evaluate(fill) != "rgb(255, 255, 255)"
    assert page.locator(".diagram .stroke.possible").count() > 0
    assert page.locator(".places li[aria-current=step]").count() == 1


@on_both_databases
def test_a_comment_is_written_without_javascript(page_as: Opening, served: Served) -> None:
    page = page_as("reviewer", javascript=False)
    page.goto(at(served, "received"))
    page.get_by_label("Kommentar").fill("Skrivet utan skript")
    page.get_by_role("button", name="Spara kommentaren").click()
    expect(page.get_by_text("Skrivet utan skript")).to_have_count(1)
