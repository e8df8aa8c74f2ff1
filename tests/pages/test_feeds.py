"""Calendars to subscribe to: dates without names, by a secret address that can be closed."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import httpx
import icalendar
import pytest

from engine.feeds import MOST
from tests.pages.plain import Plain
from tests.pages.reading import of, somebody
from tests.pages.serving import Served, on_both_databases


def made(plain: Plain, name: str = "Mina dagar", **more: str) -> str:
    """The path of a new address."""
    plain.go("/feeds").press("Skapa adressen", name=name, **more)
    found = re.search(r'<code class="address">([^<]+)</code>', plain.text)
    assert found, plain.words
    return found[1]


def events(address: str) -> list[Any]:
    answer = httpx.get(address, timeout=30)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    return list(icalendar.Calendar.from_ical(answer.content).walk("VEVENT"))


def only_view(served: Served, who: str) -> str:
    """The id of somebody's only view."""
    organisation = served.house.directory.organisation("umu.se")
    (view,) = served.house.saved_views.of(organisation, served.person(who))
    return view.id


@on_both_databases
def test_the_calendar_shows_my_deadlines_without_a_session(served: Served) -> None:
    with somebody(served, "reviewer") as plain:
        found = events(made(plain))

    days = {str(event["SUMMARY"]): event.decoded("DTSTART") for event in found}
    assert days[f"{served.number('received')}: Answer to admissions"] == date(2027, 1, 14)
    assert all(event.decoded("DTEND") > event.decoded("DTSTART") for event in found)


def test_nothing_personal_stands_in_it(served: Served) -> None:
    with somebody(served, "reviewer") as plain:
        text = httpx.get(made(plain), timeout=30).text

    assert [name for name in ("Nils", "nils", "Statistik", "Reviewer", served.person("reviewer")) if name in text] == []


def test_an_entry_keeps_its_name_when_it_is_fetched_again(served: Served) -> None:
    with somebody(served, "reviewer") as plain:
        address = made(plain)
        first, again = [event["UID"] for event in events(address)], [event["UID"] for event in events(address)]

    assert first == again
    assert len(set(first)) == len(first) > 0


def test_a_saved_view_can_be_subscribed_to(served: Served) -> None:
    with somebody(served, "coordinator") as plain:
        plain.go("/cases?workflow=incoming_nomination").press("Spara vyn", name="Inkommande")
        view = only_view(served, "coordinator")
        found = events(made(plain, view=view))

    wanted = of(served, "nominated in", "of another level", "under review in")
    assert sorted({str(event["SUMMARY"]).partition(":")[0] for event in found}) == sorted(wanted)


def test_a_saved_view_of_tasks_shows_my_tasks_alone(served: Served) -> None:
    with somebody(served, "reviewer") as plain:
        plain.go("/tasks?pool=1").press("Spara vyn", name="Att ta")
        view = only_view(served, "reviewer")
        found = {str(event["SUMMARY"]).partition(":")[0] for event in events(made(plain, view=view))}

    assert served.number("received") in found
    assert served.number("under review") not in found


def test_nobody_subscribes_to_somebody_elses_view(served: Served) -> None:
    with somebody(served, "coordinator") as plain, somebody(served, "reviewer") as other:
        plain.go("/cases").press("Spara vyn", name="Min")
        view = only_view(served, "coordinator")
        assert other.go("/feeds").press("Skapa adressen", name="x", view=view).status == 404


@on_both_databases
def test_who_has_left_has_an_empty_calendar(served: Served) -> None:
    with somebody(served, "reviewer") as plain:
        address = made(plain)
    assert events(address)
    with served.house.directory.change("umu.se", by="installation", what="roles") as change:
        change.leave(served.person("reviewer"), "reviewer", "STAT", ends_on=date(2027, 1, 10))

    assert events(address) == []


@on_both_databases
def test_a_closed_address_finds_nothing_any_more(served: Served) -> None:
    with somebody(served, "reviewer") as plain:
        address = made(plain)
        plain.go("/feeds").press("Stäng Mina dagar")
        assert "Du har inga adresser." in plain.words

    assert httpx.get(address, timeout=30).status_code == 404


def test_the_address_is_shown_once_and_not_kept(served: Served) -> None:
    with somebody(served, "reviewer") as plain:
        secret = made(plain).rpartition("/")[2].removesuffix(".ics")
        assert secret not in plain.go("/feeds").text
    with served.house.store.reads() as connection:
        kept = str(connection.exec_driver_sql("SELECT * FROM calendar_feed").all())

    assert secret not in kept


@pytest.mark.parametrize("secret", ["x", "å", "x" * 300, "%00", "' OR 1=1"])
def test_an_address_that_is_none_is_not_found(served: Served, secret: str) -> None:
    assert httpx.get(f"{served.url}/feeds/{secret}.ics", timeout=30).status_code == 404


def test_nobody_closes_somebody_elses_address(served: Served) -> None:
    with somebody(served, "reviewer") as plain, somebody(served, "coordinator") as other:
        address = made(plain)
        action = plain.go("/feeds").page.form(button="Stäng Mina dagar").action
        other.go("/feeds")
        sent = other.page.form(button="Skapa adressen").sent("Skapa adressen")
        assert other.send(action, sent).status == 404

    assert httpx.get(address, timeout=30).status_code == 200


def test_a_name_is_needed_and_there_is_an_end_to_addresses(served: Served) -> None:
    with somebody(served, "reviewer") as plain:
        assert plain.go("/feeds").press("Skapa adressen", name=" ").status == 422
        for number in range(MOST):
            made(plain, f"nummer {number}")
        plain.go("/feeds").press("Skapa adressen", name="en till")

    assert "stäng någon först" in plain.words
