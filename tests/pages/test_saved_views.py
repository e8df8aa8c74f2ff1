"""Saved views: a list under a name, one's own or a unit's, and the lists that come with a role."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest

from engine.saved_views import MOST
from service.pages.views import DEFAULTS, Default
from tests.pages.plain import Plain
from tests.pages.reading import somebody
from tests.pages.serving import Served, on_both_databases

LIST = "/cases?workflow=agreement&sort=number&cursor="


def save(plain: Plain, name: str, path: str = LIST, **more: str) -> Plain:
    plain.go(path)
    return plain.press("Spara vyn", name=name, **more)


@on_both_databases
def test_a_view_is_kept_under_its_name_and_leads_back_to_the_list(served: Served) -> None:
    with somebody(served, "coordinator") as plain:
        save(plain, "  Våra \n avtal ")
        assert plain.path == "/cases?workflow=agreement&sort=number"
        plain.go("/tasks")

    assert '<a href="/cases?workflow=agreement&amp;sort=number">Våra avtal</a>' in plain.text


def test_the_view_one_looks_at_is_marked(served: Served) -> None:
    with somebody(served, "coordinator") as plain:
        save(plain, "Våra avtal")

    assert 'href="/cases?workflow=agreement&amp;sort=number" aria-current="page">Våra avtal</a>' in plain.text


def test_a_private_view_is_seen_by_nobody_else(served: Served) -> None:
    with somebody(served, "coordinator") as plain, somebody(served, "reviewer") as other:
        save(plain, "Bara min")
        assert "Bara min" not in other.go("/views").words


@on_both_databases
def test_a_units_view_is_seen_by_those_who_work_there_and_changed_by_its_owner_alone(served: Served) -> None:
    with (
        somebody(served, "coordinator") as plain,
        somebody(served, "reviewer") as near,
        somebody(served, "hist.head") as far,
    ):
        save(plain, "Allas", unit="STAT")
        assert "Allas" in near.go("/views").words
        assert "Någon annan har sparat den" in near.words
        assert "Allas" not in far.go("/views").words
        view = served.house.saved_views.of(served.house.directory.organisation("umu.se"), served.person("coordinator"))[
            0
        ]
        assert not served.house.saved_views.remove("umu.se", served.person("reviewer"), view.id)


def test_a_view_for_the_whole_university_is_seen_in_every_department(served: Served) -> None:
    with somebody(served, "officer") as plain, somebody(served, "hist.head") as far:
        save(plain, "För alla", unit="umu.se")
        assert "För alla" in far.go("/views").words


def test_nobody_saves_a_view_for_a_unit_where_they_hold_no_role(served: Served) -> None:
    with somebody(served, "coordinator") as plain:
        save(plain, "Deras", unit="HIST")

    assert plain.status == 422
    assert "Välj en enhet där du har en roll." in plain.words


def test_a_view_is_renamed_and_removed(served: Served) -> None:
    with somebody(served, "coordinator") as plain:
        save(plain, "Gammal")
        plain.go("/views").press("Byt namn", name="Ny")
        assert ("Ny" in plain.words, "Gammal" in plain.words) == (True, False)
        plain.press("Ta bort Ny")
        assert "Du har inga sparade vyer." in plain.words


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "a\u202eb"])
def test_a_name_that_is_none_is_refused_and_what_was_typed_stays(served: Served, name: str) -> None:
    with somebody(served, "coordinator") as plain:
        save(plain, name)

    form = plain.page.form(button="Spara vyn")
    assert plain.status == 422
    assert form.values["query"] == ["workflow=agreement&sort=number"]
    assert form.values["name"] == [name]


def test_a_view_keeps_filters_and_nothing_else_of_the_address(served: Served) -> None:
    with somebody(served, "reviewer") as plain:
        save(plain, "Att ta", "/tasks?pool=1&cursor=&evil=1&workflow=eligibility_review")

    assert plain.path == "/tasks?workflow=eligibility_review&pool=1"


def test_a_page_that_is_no_list_cannot_be_saved(served: Served) -> None:
    with somebody(served, "coordinator") as plain:
        assert save(plain, "Konto", page="/account").status == 404
        assert save(plain, "Borta", page="https://example.org").status == 404


def test_there_is_an_end_to_how_many_views_one_person_keeps(served: Served) -> None:
    views, organisation = served.house.saved_views, served.house.directory.organisation("umu.se")
    for number in range(MOST):
        views.save(organisation, served.person("coordinator"), name=f"v{number}", page="/cases", query="", unit=None)
    with somebody(served, "coordinator") as plain:
        assert "ta bort någon först" in save(plain, "En till").words


def test_names_are_shown_as_text(served: Served) -> None:
    with somebody(served, "coordinator") as plain:
        save(plain, "<img src=x onerror=alert(1)>")
        assert "<img" not in plain.text


# Those that come along.


@pytest.mark.parametrize("each", DEFAULTS, ids=lambda each: f"{each.role}: {each.name.en}")
def test_a_view_that_comes_along_names_processes_and_states_there_are(served: Served, each: Default) -> None:
    pairs = parse_qsl(each.query)
    workflows = [value for name, value in pairs if name == "workflow"]
    states = {state for name in workflows for state in served.house.catalogue.current(name).states}

    assert {value for name, value in pairs if name == "state"} <= states
    with somebody(served, each.role) as plain:
        assert plain.go(f"{each.page}?{each.query}").status == 200
        assert f'aria-current="page">{each.name.sv}</a>' in plain.text


def test_views_come_with_the_roles_one_holds(served: Served) -> None:
    with somebody(served, "reviewer") as plain:
        plain.go("/tasks")

    assert ("Att bedöma" in plain.words, "Att nominera" in plain.words) == (True, False)
