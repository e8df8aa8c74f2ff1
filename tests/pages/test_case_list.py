"""All cases one may read: searched, filtered, put in order, and many of them at once."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from engine.store import ordering, searching
from service.pages.filters import Chosen, read, read_query
from tests.pages.plain import Plain
from tests.pages.reading import numbers, of, somebody
from tests.pages.serving import Served, on_both_databases


def found(plain: Plain, query: str) -> list[str]:
    assert plain.go(f"/cases?{query}").status == 200, plain.text
    return numbers(plain.text)


@on_both_databases
def test_open_and_closed_cases_are_listed_and_told_apart(served: Served) -> None:
    with somebody(served, "coordinator") as plain:
        everything = set(found(plain, ""))
        opened, closed = set(found(plain, "open=open")), set(found(plain, "open=closed"))

    assert closed == set(of(served, "given up", "withdrawn", "closed", "decided"))
    assert opened | closed == everything
    assert not opened & closed


@on_both_databases
def test_words_find_number_student_and_partner(served: Served) -> None:
    with somebody(served, "coordinator") as plain:
        assert found(plain, "q=cia") == of(served, "applied")
        assert set(of(served, "nominated out", "in force")) <= set(found(plain, "q=musterstadt"))
        assert served.number("draft") in found(plain, "q=AGR-2027")


def test_a_search_that_found_nothing_yet_says_that_it_goes_on(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "FEW", 0)
    monkeypatch.setattr(ordering, "LOOKED", 1)
    with somebody(served, "officer") as plain:
        shown = found(plain, "q=cia&sort=number")
        said = plain.words

    assert shown == []
    assert "Inget av de ärenden som kommer först i listan passar." in said
    assert "Visa fler" in said
    assert "Fler än 0" not in said


def test_an_exact_number_goes_straight_to_the_case(served: Served) -> None:
    number = served.number("received")
    with somebody(served, "reviewer") as plain:
        answer = plain.client.get(f"/cases?q=+{number.lower()}")

    assert (answer.status_code, answer.headers["location"]) == (303, f"/cases/{number}")


def test_the_number_of_a_case_one_may_not_read_finds_nothing(served: Served) -> None:
    with somebody(served, "hist.reviewer") as plain:
        assert found(plain, f"q={served.number('received')}") == []
        assert "Inga ärenden passar." in plain.words


@on_both_databases
@pytest.mark.parametrize("name", ["subject", "assignee"])
def test_who_is_asked_for_by_id_is_named_to_those_alone_who_may_know_of_them(served: Served, name: str) -> None:
    asked = sa.text("SELECT p.id, p.name FROM person p JOIN case_record c ON c.subject = p.id WHERE c.number = :number")
    with served.house.store.reads() as connection:
        student, called = connection.execute(asked, {"number": served.number("received")}).one()
    told = {}
    for who in ("reviewer", "hist.reviewer"):
        with somebody(served, who) as plain:
            plain.go(f"/cases?{name}={student}")
            told[who] = called in plain.words

    assert told == {"reviewer": True, "hist.reviewer": False}


def test_the_list_is_put_in_the_order_that_is_asked_for(served: Served) -> None:
    with somebody(served, "coordinator") as plain:
        by_number = found(plain, "sort=number")
        by_due = found(plain, "sort=due&open=open")
        newest = found(plain, "sort=-opened")

    assert by_number == sorted(by_number)
    assert by_due[-1:] == of(served, "draft")
    assert set(newest) == set(by_number)


def test_the_list_names_how_many_match_and_goes_on_where_it_stopped(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.pages.case_list.SHOWN", 3)
    with somebody(served, "coordinator") as plain:
        first = found(plain, "workflow=agreement&sort=number")
        more = plain.text.split('rel="next" href="?')[1].split('"')[0].replace("&amp;", "&")
        second = found(plain, more)

    assert "5 ärenden som du får läsa" in plain.words
    assert (first + second) == sorted(of(served, "in force", "draft", "with the office", "to be signed", "given up"))


def test_a_list_of_very_many_says_that_there_are_more(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.store.narrowing.COUNTED", 2)
    monkeypatch.setattr("engine.store.scope.MANY", 0)
    with somebody(served, "coordinator") as plain:
        plain.go("/cases?workflow=agreement")

    assert "Fler än 2 ärenden som du får läsa" in plain.words


@pytest.mark.parametrize("path", ["/cases", "/tasks", "/waiting"])
def test_a_list_costs_few_statements_and_little_room(served: Served, path: str) -> None:
    asked: list[str] = []
    with somebody(served, "coordinator") as plain:
        plain.go(path)
        sa.event.listen(served.house.store.engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
        plain.go(path)

    assert len([each for each in asked if each.lstrip().upper().startswith(("SELECT", "WITH"))]) <= 20
    assert len(plain.text) < 60_000


def test_people_are_offered_as_assignees_by_name(served: Served) -> None:
    with somebody(served, "coordinator") as plain:
        mine = found(plain, f"assignee={served.person('reviewer')}")
        nobodys = found(plain, "assignee=none&workflow=eligibility_review&open=open")

    assert served.number("under review") in mine
    assert served.number("received") in nobodys
    assert "Stat.Reviewer</option>" in plain.text


# Many at once.


def test_one_process_in_one_state_offers_its_steps_for_many(served: Served) -> None:
    with somebody(served, "reviewer") as plain:
        plain.go("/cases?workflow=eligibility_review&state=requested")

    form = plain.page.form(button="Gå vidare")
    case = served.ask("reviewer", "GET", f"/cases/{served.office.cases['received']}").json()
    assert form.action == "/bulk"
    assert form.values["query"] == ["workflow=eligibility_review&state=requested"]
    assert form.values["trigger"] == ["take"]
    assert f'name="case" value="{case["id"]}:{case["version"]}"' in plain.text
    assert "Välj alla" in plain.words


@pytest.mark.parametrize("query", ["", "workflow=eligibility_review", "state=requested", "workflow=x&state=y"])
def test_a_wider_list_offers_no_steps_for_many(served: Served, query: str) -> None:
    with somebody(served, "reviewer") as plain:
        assert 'action="/bulk"' not in plain.go(f"/cases?{query}").text


def test_who_may_take_none_of_the_steps_is_offered_none(served: Served) -> None:
    with somebody(served, "auditor") as plain:
        assert 'action="/bulk"' not in plain.go("/cases?workflow=eligibility_review&state=requested").text


def test_the_query_of_my_tasks_for_many_finds_them_on_any_page(served: Served) -> None:
    with somebody(served, "reviewer") as plain:
        plain.go("/tasks?pool=1&workflow=eligibility_review&state=requested")
        tasks = numbers(plain.text)
        query = plain.page.form(button="Gå vidare").values["query"][0]
        assert sorted(found(plain, query)) == sorted(tasks)


# Reading the address.


def test_filters_are_read_in_one_order_whatever_was_typed(served: Served) -> None:
    pairs = [("q", " x "), ("cursor", "y"), ("unit", "B"), ("unit", "A"), ("q", "z"), ("due", ""), ("unit", "B")]
    chosen = read(served.house.catalogue, pairs)

    assert chosen.pairs == (("unit", "B"), ("unit", "A"), ("q", "z"))
    assert read_query(served.house.catalogue, chosen.query) == chosen


def test_a_state_of_a_process_no_longer_chosen_is_dropped(served: Served) -> None:
    read_it = [("workflow", "agreement"), ("state", "requested"), ("state", "drafted"), ("state", "unheard_of")]

    assert read(served.house.catalogue, read_it).many("state") == ("drafted", "unheard_of")
    assert read(served.house.catalogue, [("state", "requested")]).many("state") == ("requested",)


def test_what_is_asked_of_the_engine_says_the_same() -> None:
    chosen = Chosen((("state", "a"), ("assignee", "me"), ("waits", "me"), ("open", "closed"), ("due", "week")))
    asked = chosen.narrowed("person")

    assert (asked.state, asked.assignee, asked.waits_for, asked.closed, asked.due) == (
        ("a",), "person", "person", True, "week",
    )  # fmt: skip
