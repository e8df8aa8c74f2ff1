"""Who are we waiting for? Shown over all cases and for one, and asked with a ready question."""

from __future__ import annotations

import pytest

from service.pages.waiting_view import Group, Item, groups_of
from tests.pages.browsing import Opening, axe, no_sideways_scroll
from tests.pages.plain import Plain
from tests.pages.reading import numbers, of, somebody
from tests.pages.serving import Served, on_both_databases

REVIEWERS = ("received", "proposed")
"""What waits for both reviewers of Statistics, beside what the nomination under review has asked them."""


def to(served: Served, *who: str) -> str:
    return "&".join(sorted(f"to=person:{served.person(each)}" for each in who))


def chase(served: Served) -> str:
    return f"/waiting/chase?{to(served, 'stat.reviewer', 'stat.second')}"


def comments(served: Served, case: str) -> list[str]:
    events = served.ask("officer", "GET", f"/cases/{served.office.cases[case]}/events").json()["items"]
    return [event["detail"]["text"] for event in events if event["kind"] == "commented"]


@on_both_databases
def test_whom_we_wait_for_stands_together_with_all_their_cases(served: Served) -> None:
    with somebody(served, "officer") as plain:
        plain.go("/waiting")

    section = next(each for each in plain.text.split("<section")[1:] if "Stat.Reviewer, Stat.Second" in each)
    assert set(of(served, *REVIEWERS)) <= set(numbers(section))
    assert "3 arbetsdagar kvar, tors 14 januari" in section
    assert "Påminn om alla" in section


def group_of(count: int) -> Group:
    made = [
        Item(
            case=f"c{n}", number=f"OUT-{n}", title="", label="", whom="Bo", role="", to=("person:b",), mine=False,
            since=n, deadline="", due_on=None, overdue=False, chased_at=None,
        )
        for n in range(count)
    ]  # fmt: skip
    (group,) = groups_of(made)
    return group


@pytest.mark.parametrize(("count", "first", "rest"), [(1, 1, 0), (5, 5, 0), (6, 6, 0), (7, 5, 2), (30, 5, 25)])
def test_a_long_group_is_folded_after_five_and_never_for_one_alone(count: int, first: int, rest: int) -> None:
    group = group_of(count)
    assert (len(group.first), len(group.rest)) == (first, rest)
    assert (*group.first, *group.rest) == group.items


def test_a_page_holds_so_many_cases_and_leads_on(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.pages.waiting_pages.CASES", 2)
    with somebody(served, "officer") as plain:
        plain.go("/waiting")
        assert "2 öppna ärenden i taget, de som brådskar först" in plain.words
        assert "Visa fler" in plain.words


def test_what_waits_for_the_reader_is_left_to_their_tasks(served: Served) -> None:
    with somebody(served, "officer") as plain:
        plain.go("/waiting")

    assert served.number("with the office") not in numbers(plain.text)
    assert "1 sak väntar på dig själv" in plain.words


def test_the_page_is_narrowed_like_any_list(served: Served) -> None:
    with somebody(served, "officer") as plain:
        plain.go("/waiting?workflow=incoming_nomination&q=doctoral")

    assert numbers(plain.text) == of(served, "of another level")
    assert "Ta bort filtret" in plain.words


@on_both_databases
def test_nothing_is_sent_before_the_list_has_been_seen(served: Served) -> None:
    with somebody(served, "officer") as plain:
        plain.go(chase(served))

    assert "Inget har skickats ännu." in plain.words
    assert set(of(served, *REVIEWERS)) <= set(plain.page.form(button="Skicka de kryssade").values["number"])
    assert comments(served, "received") == []


@on_both_databases
def test_one_comment_goes_to_each_case_that_is_ticked(served: Served) -> None:
    received, proposed = of(served, *REVIEWERS)
    with somebody(served, "officer") as plain:
        plain.go(chase(served)).press("Skicka de kryssade", number=[received], **{f"text-{received}": "Hur går det?"})

    assert "Påminnelser skickade" in plain.words
    assert comments(served, "received") == ["Hur går det?"]
    assert comments(served, "proposed") == []
    assert proposed not in plain.text


def test_where_nothing_was_ticked_the_page_does_not_say_that_it_was_sent(served: Served) -> None:
    with somebody(served, "officer") as plain:
        plain.go(chase(served)).press("Skicka de kryssade", number=[])

    assert "Inget skickades" in plain.words
    assert "Påminnelser skickade" not in plain.words


def test_a_second_click_sends_nothing_twice(served: Served) -> None:
    with somebody(served, "officer") as plain:
        form = plain.go(chase(served)).page.form(button="Skicka de kryssade")
        for _ in range(2):
            plain.send(form.action, form.sent("Skicka de kryssade"))

    assert len(comments(served, "received")) == 1


def test_who_was_reminded_is_shown_as_reminded(served: Served) -> None:
    with somebody(served, "officer") as plain:
        plain.go(chase(served)).press("Skicka de kryssade")
        plain.go("/waiting?workflow=eligibility_review")

    assert "nyss" in plain.words


def test_a_message_left_empty_is_refused_and_the_rest_stays_as_typed(served: Served) -> None:
    received, proposed = sorted(of(served, *REVIEWERS))
    with somebody(served, "officer") as plain:
        typed = {f"text-{received}": "Skriv <snart>", f"text-{proposed}": " "}
        plain.go(chase(served)).press("Skicka de kryssade", number=[received, proposed], **typed)

    form = plain.page.form(button="Skicka de kryssade")
    assert plain.status == 422
    assert form.values[f"text-{received}"] == ["Skriv <snart>"]
    assert comments(served, "received") == comments(served, "proposed") == []


def test_of_a_form_that_names_a_case_that_is_not_there_nothing_is_sent(served: Served) -> None:
    received, proposed = sorted(of(served, *REVIEWERS))
    with somebody(served, "officer") as plain:
        form = plain.go(chase(served)).page.form(button="Skicka de kryssade")
        sent = [(name, value) for name, value in form.sent("Skicka de kryssade") if name != "number"]
        plain.send(form.action, [*sent, ("number", received), ("number", "AGR-2027-9999"), ("number", proposed)])

    assert plain.status == 404
    assert comments(served, "received") == comments(served, "proposed") == []


@pytest.mark.parametrize("query", ["", "to=nobody", "to=person:", "to=person:01900000-0000-7000-8000-000000000000"])
def test_nobody_is_chased_who_is_not_waited_for(served: Served, query: str) -> None:
    with somebody(served, "officer") as plain:
        plain.go(f"/waiting/chase?{query}")

    assert plain.status == 404 or "Inga öppna ärenden väntar på dem nu." in plain.words


# One case.


@on_both_databases
def test_a_case_says_what_it_waits_for_from_whom_and_until_when(served: Served) -> None:
    with somebody(served, "officer") as plain:
        plain.go(f"/cases/{served.number('nominated out')}/waiting")

    said = ("Värduniversitetets besked", "Universität Musterstadt", "15 arbetsdagar kvar", "Checklista", "Nominering")
    assert [words for words in said if words not in plain.words] == []


def picked(plain: Plain, served: Served, case: str) -> Plain:
    plain.go(f"/cases/{served.number(case)}/waiting")
    link = plain.text.split("#question")[0].rpartition('href="')[2].replace("&amp;", "&")
    return plain.go(link)


@on_both_databases
def test_the_ready_question_is_in_the_recipients_language_and_sent_as_a_comment(served: Served) -> None:
    with somebody(served, "officer") as plain:
        picked(plain, served, "nominated out")
        text = plain.page.form(button="Skicka").values["text"][0]
        assert text.startswith("We are waiting for the following from you in case")
        plain.press("Skicka", text=f"{text}\n\nHälsningar")

    assert "Påminnelsen är skickad" in plain.words
    assert comments(served, "nominated out") == [f"{text}\n\nHälsningar"]


def test_a_question_to_nobody_or_without_words_is_refused_with_what_was_typed(served: Served) -> None:
    with somebody(served, "officer") as plain:
        picked(plain, served, "nominated out").press("Skicka", to=[], text="Hallå?")
        assert plain.status == 422
        assert "Välj minst en mottagare." in plain.words
        assert plain.page.form(button="Skicka").values["text"] == ["Hallå?"]
        assert picked(plain, served, "nominated out").press("Skicka", text=" ").status == 422


def test_only_those_the_case_concerns_can_be_written_to(served: Served) -> None:
    stranger = f"person:{served.person('hist.head')}"
    with somebody(served, "officer") as plain:
        picked(plain, served, "received").press("Skicka", to=[stranger])

    assert plain.status == 422
    assert comments(served, "received") == []


def test_an_auditor_sees_who_is_waited_for_and_asks_nobody(served: Served) -> None:
    with somebody(served, "auditor") as plain:
        plain.go(f"/cases/{served.number('received')}/waiting")
        assert "Påminn</a>" not in plain.text
        assert "#question" not in plain.text
        assert "Påminn om alla" not in plain.go("/waiting").words


def test_a_case_one_may_not_read_is_not_there(served: Served) -> None:
    with somebody(served, "hist.reviewer") as plain:
        assert plain.go(f"/cases/{served.number('received')}/waiting").status == 404
        assert plain.go("/cases/REV-1999-0001/waiting").status == 404


def test_a_closed_case_waits_for_nobody(served: Served) -> None:
    with somebody(served, "coordinator") as plain:
        assert "Ärendet väntar inte på någon." in plain.go(f"/cases/{served.number('decided')}/waiting").words


def test_the_questions_pass_axe_and_fit_a_narrow_window(page_as: Opening, served: Served) -> None:
    case = f"/cases/{served.number('received')}/waiting"
    person = "&".join(f"to=person%3A{each}" for each in sorted(map(served.person, ("stat.reviewer", "stat.second"))))
    for language, dark, width in (("sv", False, 1280), ("en", True, 320)):
        page = page_as("officer", language=language, dark=dark, width=width)
        for path in (case, f"{case}?about={served.number('received')}&{person}", chase(served)):
            page.goto(path)
            assert axe(page) == []
            no_sideways_scroll(page)
