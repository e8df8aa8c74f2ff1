"""Cases that should be impossible, as a page: for auditors and administrators, each with what they may read."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from engine.doctor.checks import BY_NAME
from engine.doctor.rounds import look
from service.pages import doctor
from tests.pages.browsing import Opening, axe, no_sideways_scroll
from tests.pages.guidance import HEAVIEST, MOST_STATEMENTS, statements, words
from tests.pages.reading import somebody
from tests.pages.serving import PEOPLE, Served, on_both_databases

INSTITUTION = "umu.se"


def write(served: Served, statement: str, **values: object) -> None:
    """Write around the engine."""
    with served.house.store.writes() as connection:
        connection.execute(sa.text(statement), values)


@pytest.fixture
def damaged(served: Served) -> str:
    """An office with one case that cannot be, found by the regular look, and one that was put right; the number."""
    number, other = served.number("under review"), served.number("decided")
    for each in (number, other):
        write(served, "UPDATE case_record SET entered_at = 7 WHERE number = :number", number=each)
    served.house.doctor.all(INSTITUTION)
    at = told(served, other)
    write(served, "UPDATE case_record SET entered_at = :at WHERE number = :number", number=other, at=at)
    look(served.house.doctor, INSTITUTION)
    return number


def told(served: Served, number: str) -> int:
    """Since when a case is in its state, as its history tells."""
    with served.house.store.reads() as connection:
        found = connection.execute(
            sa.text(
                "SELECT max(e.at) FROM event e JOIN case_record c ON c.id = e.case_id WHERE c.number = :number "
                "AND (e.from_state IS NULL OR e.from_state <> e.to_state)"
            ),
            {"number": number},
        )
        return int(found.scalar_one())


@on_both_databases
def test_an_auditor_reads_what_is_wrong_and_what_to_do(served: Served, damaged: str) -> None:
    with somebody(served, "auditor", "en") as auditor, statements(served) as asked:
        answer = auditor.go("/audit/doctor")
    page, check = words(answer.text), BY_NAME["derived"]
    assert check.label.en in page
    assert f"What to do: {check.advice.en}" in page
    assert f'href="/cases/{damaged}"' in answer.text
    assert "entered_at; stored=7 history=" in page
    assert "Last looked:" in page
    assert len(asked) <= MOST_STATEMENTS
    assert len(answer.text.encode()) < HEAVIEST


def test_what_holds_no_longer_stands_apart_with_its_time(served: Served, damaged: str) -> None:
    with somebody(served, "auditor", "en") as auditor:
        page = auditor.go("/audit/doctor").text
    to_do, _, over = page.partition("Cleared up last")
    assert (damaged in to_do, damaged in over) == (True, False)
    assert (served.number("decided") in to_do, served.number("decided") in over) == (False, True)


def test_an_administrator_who_reads_no_cases_is_told_what_to_do_and_no_number(served: Served, damaged: str) -> None:
    with somebody(served, "admin", "en") as admin:
        page = admin.go("/audit/doctor").text
    assert BY_NAME["derived"].advice.en in words(page)
    assert "a case you may not read" in words(page)
    assert (damaged in page, "stored=7" in page) == (False, False)


def test_an_office_nobody_has_looked_at_says_so(served: Served) -> None:
    with somebody(served, "auditor", "en") as auditor:
        page = words(auditor.go("/audit/doctor").text)
    assert "Nobody has looked yet." in page
    assert "Nothing has been found." in page


def test_a_healthy_office_has_nothing_to_clear_up(served: Served) -> None:
    assert served.house.doctor.all(INSTITUTION, deep=True).found == []


def test_a_long_list_ends_and_names_the_command(
    served: Served, damaged: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(served, "UPDATE case_record SET entered_at = 8 WHERE number = :number", number=served.number("proposed"))
    served.house.doctor.all(INSTITUTION)
    monkeypatch.setattr(doctor, "PAGE", 1)
    with somebody(served, "auditor", "en") as auditor:
        page = words(auditor.go("/audit/doctor").text)
    assert "Only the first 1 are shown; the command fardplan doctor shows all." in page


def test_nobody_else_sees_it(served: Served, damaged: str) -> None:
    for who in sorted(set(PEOPLE) - {"auditor", "admin"}):
        with somebody(served, who) as reader:
            assert reader.go("/audit/doctor").status == 403, who


def test_the_page_can_be_read_by_everybody(page_as: Opening, damaged: str) -> None:
    for language, dark in (("sv", False), ("en", True)):
        page = page_as("auditor", language=language, dark=dark)
        page.goto("/audit/doctor")
        assert axe(page) == []


def test_the_page_fits_a_narrow_screen(page_as: Opening, damaged: str) -> None:
    page = page_as("auditor", width=320)
    page.goto("/audit/doctor")
    no_sideways_scroll(page)
