"""Handover: everything on one page, one's own or that of somebody one leads; on paper too."""

from __future__ import annotations

import re
from datetime import date

import pytest

from tests.pages.browsing import Opening, axe, no_sideways_scroll
from tests.pages.guidance import HEAVIEST, statements, words
from tests.pages.plain import Plain
from tests.pages.reading import somebody
from tests.pages.serving import Served, on_both_databases


def handed(reader: Plain, **asked: str) -> str:
    """The page, as it is asked for."""
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    return reader.go(f"/handover?{query}" if query else "/handover").text


def away(served: Served, who: str, substitute: str, starts_on: date, ends_on: date) -> None:
    with served.house.directory.change("umu.se", by="installation", what="absence") as change:
        person, other = served.person(who), served.person(substitute)
        change.absence(person, starts_on=starts_on, ends_on=ends_on, substitute=other)


@on_both_databases
def test_one_s_own_handover_holds_cases_deadlines_agreements_and_whom_to_ask(served: Served) -> None:
    with somebody(served, "stat.coordinator", "en") as reader:
        text = handed(reader)
    page = words(text)
    assert served.number("nominated in") in page
    assert served.number("in force") in text.split('id="agreements"')[1]
    assert "Universität Musterstadt" in text.split('id="partners"')[1]
    assert re.search(r"Head of department Statisti\w+ \w+", page.split("Whom to ask")[-1])


def test_cases_of_one_s_own_are_told_from_those_that_wait_for_the_role(served: Served) -> None:
    with somebody(served, "reviewer", "en") as reader:
        text = handed(reader)
    own, pool = text.split('id="own"')[1].split('id="pool"')
    assert served.number("under review") in own
    assert served.number("received") not in own
    assert served.number("received") in pool.split("</section>")[0]


def test_the_next_deadlines_come_soonest_first(served: Served) -> None:
    with somebody(served, "reviewer", "en") as reader:
        table = handed(reader).split('id="next"')[1].split("</section>")[0]
    days = re.findall(r'datetime="([0-9-]+)"', table)
    assert days
    assert days == sorted(days)


def test_a_substitute_is_told_how_long(served: Served) -> None:
    away(served, "reviewer", "stat.second", date(2027, 1, 10), date(2027, 2, 5))
    with somebody(served, "reviewer", "en") as reader:
        page = words(handed(reader))
    assert "Absence 10 January 2027 – 5 February 2027" in page
    assert "stat.second@example.org" in page.split("Takes over")[1]


def test_an_absence_to_come_is_told_before_it_begins(served: Served) -> None:
    away(served, "reviewer", "stat.second", date(2027, 7, 1), date(2027, 7, 30))
    with somebody(served, "reviewer", "sv") as reader:
        assert "Frånvaro 1 juli 2027 – 30 juli 2027" in words(handed(reader))


def test_a_receiver_who_lacks_the_role_is_named_before_it_is_too_late(served: Served) -> None:
    with somebody(served, "reviewer", "en") as reader:
        page = words(handed(reader, receiver=served.person("recogniser")))
    assert "To be arranged first" in page
    assert "does not hold the role reviewer" in page


def test_a_receiver_who_has_all_of_it_needs_nothing(served: Served) -> None:
    with somebody(served, "reviewer", "en") as reader:
        assert "To be arranged first" not in words(handed(reader, receiver=served.person("stat.second")))


def test_a_head_sees_the_handover_of_somebody_in_the_unit(served: Served) -> None:
    with somebody(served, "head", "en") as reader:
        text = handed(reader, giver=served.person("reviewer"))
    assert served.number("under review") in text


@pytest.mark.parametrize(
    ("who", "giver"), [("reviewer", "stat.coordinator"), ("head", "hist.reviewer"), ("auditor", "reviewer")]
)
def test_a_handover_of_somebody_one_does_not_lead_is_not_there(served: Served, who: str, giver: str) -> None:
    with somebody(served, who) as reader:
        handed(reader, giver=served.person(giver))
        assert reader.status == 404


@pytest.mark.parametrize("value", ["x", "' OR 1=1", "<script>", "0" * 36, "%00", "x" * 3000])
@pytest.mark.parametrize("field", ["giver", "receiver"])
def test_what_is_nobody_is_not_there(served: Served, field: str, value: str) -> None:
    with somebody(served, "officer") as reader:
        handed(reader, **{field: value})
        assert reader.status == 404


def test_a_student_is_nobody_s_receiver(served: Served) -> None:
    student = served.house.directory.put_person("umu.se", email="student@example.org", name="Stu Dent")
    with somebody(served, "officer") as reader:
        handed(reader, receiver=student.id)
        assert reader.status == 404


def test_the_unit_s_views_come_along_and_one_s_own_do_not(served: Served) -> None:
    house, person = served.house, served.person("reviewer")
    organisation = house.directory.organisation("umu.se")
    for name, unit in (("Ours", "STAT"), ("Mine", None)):
        house.saved_views.save(organisation, person, name=name, page="/cases", query="due=overdue", unit=unit)
    with somebody(served, "reviewer", "en") as reader:
        text = handed(reader)
    assert '<a href="/cases?due=overdue">Ours</a>' in text
    assert "Mine" not in words(text)


def test_a_partner_s_address_is_there_to_write_to(served: Served) -> None:
    with somebody(served, "stat.coordinator", "en") as reader:
        assert 'href="mailto:partner@example.org"' in handed(reader)


def test_only_addresses_of_the_web_become_links(served: Served) -> None:
    served.house.directory.put_partner("umu.se", name="Universität Musterstadt", website="javascript:alert(1)")
    with somebody(served, "stat.coordinator", "en") as reader:
        assert "javascript:" not in handed(reader)


def test_whoever_has_no_casework_reads_that_nothing_comes_along(served: Served) -> None:
    with somebody(served, "auditor", "en") as reader:
        page = words(handed(reader))
    assert "No open cases are assigned." in page
    assert "You change nothing." in page


def test_a_handover_costs_little(served: Served) -> None:
    with somebody(served, "stat.coordinator") as reader:
        handed(reader)
        with statements(served) as asked:
            text = handed(reader)
    # Six reads, each of which asks first who asks, and of the clock that stands still.
    assert len(asked) <= 26, "\n".join(asked)
    assert len(text.encode()) < HEAVIEST


def test_the_way_to_the_handover_stands_on_the_account_page_and_below_every_page(served: Served) -> None:
    with somebody(served, "reviewer") as reader:
        assert reader.go("/account").text.count('href="/handover"') == 2
        assert reader.go("/help").text.split("<footer")[1].count('href="/handover"') == 1


@pytest.mark.parametrize(("language", "dark"), [("sv", False), ("en", True)])
def test_a_handover_is_sound(page_as: Opening, language: str, dark: bool) -> None:
    page = page_as("stat.coordinator", language=language, dark=dark, width=320)
    page.goto("/handover")
    assert axe(page) == []
    no_sideways_scroll(page)


def test_whom_to_show_is_chosen_by_keyboard_and_without_javascript(page_as: Opening, served: Served) -> None:
    page = page_as("head", language="en", javascript=False)
    page.goto("/handover")
    page.locator("#giver").select_option(served.person("reviewer"))
    page.locator("#giver").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/handover?giver=*")
    assert served.number("under review") in page.locator("main").inner_text()


def test_on_paper_the_handover_stands_alone(page_as: Opening) -> None:
    page = page_as("stat.coordinator")
    page.goto("/handover")
    page.emulate_media(media="print")
    assert page.locator("form").first.is_hidden()
    assert page.locator("h1").is_visible()
    assert page.locator("footer").is_hidden()
