"""The registers are kept by their lists: new rows are added, differing ones written over and told."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from engine.vocabulary import Role
from service.importing import run
from tests.service.lists import UMU, Lists, counts

UNITS = (
    "kod;namn;name;överordnad;funktionsbrevlåda;inställningar",
    '21;Statistik;Statistics;SAM;stat@umu.se;"{""low_season"": true}"',
    "SAM;Samfak;Social Sciences;;;",
    "22;Juridik;;SAM;;",
    "23;Ekonomi;;FINNSEJ;;",
)
PEOPLE = (
    "e-post;namn;språk;roller;från",
    "Anna@umu.se;Anna Ask;svenska;coordinator@12, granskare@13;2026-01-01",
    "anna@umu.se;Anna Ask;;head@12;",
    "bo@umu.se;Bo Ek;en;;",
    "cia@umu.se;Cia Al;;officer@99;",
    "inte en adress;Dag;;;",
)


def test_units_come_after_the_unit_above_whatever_the_order_of_the_file(lists: Lists) -> None:
    report = lists.take("units", *UNITS)
    units = lists.house.directory.organisation(UMU).units
    assert counts(report) == (3, 0, 0, 1)
    assert (units["21"].parent, units["22"].name_en, units["SAM"].parent) == ("SAM", "Juridik", UMU)
    assert "cannot" not in report.as_text("en")
    assert "row 5, överordnad: ”FINNSEJ” – expected there is no unit FINNSEJ." in report.as_text("en")


def test_the_same_units_again_change_nothing(lists: Lists) -> None:
    lists.take("units", *UNITS)
    before = lists.dump()
    assert counts(lists.take("units", *UNITS)) == (0, 3, 0, 1)
    assert lists.dump() == before


def test_a_unit_keeps_what_the_file_does_not_say(light: Lists) -> None:
    report = light.take("units", "kod;namn", "12;Fysiska institutionen")
    unit = light.house.directory.organisation(UMU).units["12"]
    assert (unit.name_sv, unit.name_en, unit.parent, unit.mailbox) == (
        "Fysiska institutionen", "Fysik", "NAT", "12@umu.se",
    )  # fmt: skip
    assert [(d.field, d.was, d.now, d.written) for _, d in report.differences] == [
        ("name_sv", "Fysik", "Fysiska institutionen", True)
    ]


def test_units_in_a_circle_are_told(light: Lists) -> None:
    report = light.take("units", "kod;namn;överordnad", "A;Ett;B", "B;Två;A", "12;Fysik;12")
    assert counts(report) == (0, 0, 0, 3)


def test_people_get_the_roles_of_all_their_rows(lists: Lists) -> None:
    report = lists.take("people", *PEOPLE)
    anna = lists.house.directory.person_by_email(UMU, "anna@umu.se")
    assert anna is not None
    organisation = lists.house.directory.organisation(UMU)
    held = {(each.role, each.unit, each.span.starts_on) for each in organisation.memberships}
    assert counts(report) == (3, 0, 0, 2)
    assert held == {
        (Role.COORDINATOR, "12", date(2026, 1, 1)),
        (Role.REVIEWER, "13", date(2026, 1, 1)),
        (Role.HEAD, "12", None),
    }
    # A row is taken in whole or not at all: somebody without the role would be half of it.
    assert lists.house.directory.person_by_email(UMU, "cia@umu.se") is None


def test_the_same_people_again_change_nothing(lists: Lists) -> None:
    lists.take("people", *PEOPLE)
    before = lists.dump()
    assert counts(lists.take("people", *PEOPLE)) == (0, 3, 0, 2)
    assert lists.dump() == before


def test_a_new_name_is_written_and_told(lists: Lists) -> None:
    lists.take("people", *PEOPLE)
    report = lists.take("people", "email;name", "bo@umu.se;Bo Ek-Lund")
    (difference,) = [each for _, each in report.differences]
    assert (difference.key, difference.was, difference.now) == ("bo@umu.se", "Bo Ek", "Bo Ek-Lund")
    assert "Changed in the register:\n  row 2, bo@umu.se, name: Bo Ek, in the file Bo Ek-Lund" in report.as_text("en")


def test_of_two_rows_that_contradict_each_other_the_first_counts_every_time(lists: Lists) -> None:
    rows = ("e-post;namn", "bo@umu.se;Bo Ett", "bo@umu.se;Bo Två")
    first = lists.take("people", *rows)
    before = lists.dump()
    again = lists.take("people", *rows)
    assert (counts(first), counts(again)) == ((1, 0, 1, 0), (0, 1, 1, 0))
    assert lists.dump() == before
    assert "row 3, row 2 says otherwise of bo@umu.se; that one counts." in again.as_text("en")


def test_roles_on_other_days_are_told_once_and_not_to_and_fro(lists: Lists) -> None:
    rows = ("e-post;namn;roll;från", "bo@umu.se;Bo;head@12;2026-01-01", "bo@umu.se;Bo;head@12;2027-01-01")
    assert counts(lists.take("people", *rows)) == (1, 0, 1, 0)
    before = lists.dump()
    assert counts(lists.take("people", *rows)) == (0, 1, 1, 0)
    assert lists.dump() == before
    moved = lists.take("people", rows[0], rows[2])
    assert [(d.field, d.was, d.now, d.written) for _, d in moved.differences] == [
        ("head@12", "2026-01-01–", "2027-01-01–", True)
    ]


def test_absences_and_mandates_name_people_by_address(lists: Lists) -> None:
    lists.take("people", *PEOPLE)
    absences = (
        "e-post;från;till;veckodagar;ersättare",
        "ANNA@umu.se;2026-12-01;2026-12-10;;bo@umu.se",
        "bo@umu.se;;;tis, tors;",
        "anna@umu.se;2027-01-01;;;ingen@umu.se",
    )
    mandates = ("email;unit;kind;from", "anna@umu.se;12;agreement;2026-01-01", "x@umu.se;12;agreement;2026-01-01")
    assert [counts(lists.take("absences", *absences)), counts(lists.take("mandates", *mandates))] == [
        (2, 0, 0, 1), (1, 0, 0, 1),
    ]  # fmt: skip
    before = lists.dump()
    assert [counts(lists.take("absences", *absences)), counts(lists.take("mandates", *mandates))] == [
        (0, 2, 0, 1), (0, 1, 0, 1),
    ]  # fmt: skip
    assert lists.dump() == before


def test_a_longer_absence_is_written_and_told(light: Lists) -> None:
    light.take("people", *PEOPLE)
    light.take("absences", "e-post;från;till", "bo@umu.se;2026-12-01;2026-12-10")
    report = light.take("absences", "e-post;från;till", "bo@umu.se;2026-12-01;2026-12-20")
    assert [(d.field, d.was, d.now) for _, d in report.differences] == [("ends_on", "2026-12-10", "2026-12-20")]


def test_a_mandate_on_other_days_is_written_and_told(light: Lists) -> None:
    light.take("people", *PEOPLE)
    light.take("mandates", "email;unit;kind;to", "bo@umu.se;12;sign;2026-12-10")
    report = light.take("mandates", "email;unit;kind;to", "bo@umu.se;12;sign;2027-12-10")
    assert [(d.key, d.was, d.now) for _, d in report.differences] == [
        ("bo@umu.se sign@12", "–2026-12-10", "–2027-12-10")
    ]


def test_closing_days_move_the_deadlines_of_open_cases(lists: Lists) -> None:
    lists.take("reviews", "namn;e-post;enhet;kurs", "Åsa Ö;asa@example.org;12;Fysik A")
    due = lists.case("eligibility_review").deadlines[0].due_on
    report = lists.take(
        "closing_days", "enhet;datum;namn", "12;2026-11-25;Studiedag", ";2026-12-30;Alla", "77;2026-12-30;"
    )
    moved = lists.case("eligibility_review").deadlines[0].due_on
    assert counts(report) == (2, 0, 0, 1)
    assert (due, moved) == (date(2026, 11, 26), date(2026, 11, 27))
    assert "calendar or settings have changed (12, umu.se)" in report.as_text("en")
    assert lists.replayed() == []


def test_the_name_of_a_closing_day_is_put_right(light: Lists) -> None:
    light.take("closing_days", "datum;namn", "2026-12-30;Stangt")
    report = light.take("closing_days", "datum;namn", "2026-12-30;Stängt")
    assert [(d.was, d.now) for _, d in report.differences] == [("Stangt", "Stängt")]
    assert counts(light.take("closing_days", "datum", "2026-12-30")) == (0, 1, 0, 0)


def test_an_import_is_one_change_of_the_organisation_by_the_import(light: Lists) -> None:
    version = light.house.directory.organisation(UMU).version
    light.take("people", *PEOPLE)
    newest = light.house.directory.changes(UMU, limit=1)[0]
    assert (newest.version, newest.by, newest.what) == (version + 1, "import", "people")


def test_a_workbook_with_swedish_headers_is_read_alike(lists: Lists) -> None:
    path = lists.workbook(
        ("E-postadress *", "Förnamn", "Efternamn", "Behörighet (roll@enhet)"),
        ("eva@umu.se", "Eva", "Åkerö", "handläggare@umu.se"),
    )
    assert counts(run(lists.house, "people", path)) == (1, 0, 0, 0)
    with lists.house.store.reads() as connection:
        names = connection.execute(sa.text("SELECT name FROM person")).scalars().all()
    assert names == ["Eva Åkerö"]
