"""Incoming nominations become cases under the agreement they name, or the only one with the partner."""

from __future__ import annotations

from service.importing import run
from tests.service.lists import Lists, counts

HEADERS = "name;email;unit;partner;agreement;level;semester;start date;end date"
JEAN = "Jean Petit;jean@wien.test;12;A WIEN01;;bachelor;autumn 2027;;"


def test_a_nomination_finds_the_agreement_with_its_partner(lists: Lists) -> None:
    lists.agreements()
    report = lists.take("nominations", HEADERS, JEAN)
    case = lists.case("incoming_nomination")
    assert counts(report) == (1, 0, 0, 0)
    assert (case.state, case.unit, case.link("agreement")) == ("nominated", "12", lists.cases("agreement")[0].id)
    assert (case.facts["stay_from"], case.facts["stay_to"]) == ("2027-08-15", "2028-01-20")
    assert (case.facts["sending_institution"], case.facts["semesters"]) == ("Universität Wien", 1)
    assert lists.evidence(case) == "lista.csv, row 2"
    assert lists.replayed() == []


def test_the_same_nominations_again_change_nothing(lists: Lists) -> None:
    lists.agreements()
    lists.take("nominations", HEADERS, JEAN)
    before = lists.dump()
    assert counts(lists.take("nominations", HEADERS, JEAN)) == (0, 1, 0, 0)
    assert lists.dump() == before


def test_a_stay_put_right_is_the_same_nomination(lists: Lists) -> None:
    lists.agreements()
    lists.take("nominations", HEADERS, JEAN.replace("autumn 2027;;", ";2027-08-20;2028-01-15"))
    report = lists.take("nominations", HEADERS, JEAN.replace("autumn 2027;;", ";2027-08-23;2028-01-15"))
    assert counts(report) == (0, 0, 1, 0)
    assert [(each.field, each.was, each.now) for _, each in report.differences] == [
        ("stay_from", "2027-08-20", "2027-08-23")
    ]


def test_naming_the_agreement_too_makes_no_other_nomination(light: Lists) -> None:
    light.agreements()
    light.take("nominations", HEADERS, JEAN)
    report = light.take("nominations", HEADERS, JEAN.replace("A WIEN01;;", "A WIEN01;W-1;"))
    assert counts(report) == (0, 1, 0, 0)


def test_the_agreement_alone_names_partner_and_unit(light: Lists) -> None:
    light.agreements()
    report = light.take("nominations", "name;email;agreement;semester", "Jean;j@x.fr;W-1;HT2027")
    case = light.case("incoming_nomination")
    assert counts(report) == (1, 0, 0, 0)
    assert (case.unit, case.facts["sending_institution"], case.facts["level"]) == ("12", "Universität Wien", "bachelor")


def test_courses_with_credits_are_kept_and_others_told(light: Lists) -> None:
    light.agreements()
    report = light.take(
        "nominations",
        "name;email;agreement;semester;courses;visa",
        "Jean;j@x.fr;W-1;HT2027;Optics (7.5 ECTS)|Drawing;yes",
    )
    facts = light.case("incoming_nomination").facts
    assert [(each["course"], each["ects"]) for each in facts["courses"]] == [("Optics", "7.5")]
    assert facts["needs_residence_permit"] is True
    assert "row 2, the course “Drawing” has no credits and was left out" in report.as_text("en")


def test_bad_rows_say_what_was_expected(lists: Lists) -> None:
    lists.agreements("O-2;13;University of Oulu;2021-01-01;;1;1;master")
    report = lists.take(
        "nominations",
        HEADERS,
        "A;a@x.fr;12;University of Otago;;bachelor;HT2027;;",
        "B;b@x.fr;12;Univ of Oullu;;bachelor;HT2027;;",
        "C;c@x.fr;13;SF OULU01;;bachelor;HT2027;;",
        "D;d@x.fr;12;SF OULU01;W-1;bachelor;HT2027;;",
        "E;e@x.fr;12;A WIEN01;;bachelor;;2027-08-20;",
        "F;f@x.fr;12;A WIEN01;;bachelor;;2027-08-20;2027-08-20",
    )
    assert counts(report) == (0, 0, 0, 6)
    assert [(row, fault.column) for row, fault in report.faults] == [
        (2, "partner"), (3, "partner"), (4, "partner"), (5, "partner"), (6, "end date"), (7, ""),
    ]  # fmt: skip
    words = [fault.expected.en for _, fault in report.faults]
    assert words[0] == "an agreement in force with University of Otago; import the agreements first"
    assert "several fit (AGR-2026-0002, AGR-2026-0003)" in words[2]
    assert words[3] == "the agreement's partner, Universität Wien"
    assert words[5] == "The stay ends before it begins. Put the dates right."


def test_a_partner_unknown_by_name_does_not_cost_a_row_that_names_its_agreement(light: Lists) -> None:
    light.agreements()
    report = light.take("nominations", HEADERS, JEAN.replace("A WIEN01;;", "Uni Vienna;W-1;"))
    assert counts(report) == (1, 0, 0, 0)
    assert "“Uni Vienna” is not in the register of partners; the agreement's partner counts" in report.as_text("en")


def test_an_agreement_of_a_faculty_serves_its_departments(light: Lists) -> None:
    light.take(
        "agreements",
        "avtalsnr;enhet;partner;från;platser in;nivå",
        "N-1;NAT;University of Otago;2021-01-01;2;grundnivå",
    )
    report = light.take("nominations", HEADERS, JEAN.replace("A WIEN01", "University of Otago"))
    assert counts(report) == (1, 0, 0, 0)
    assert light.case("incoming_nomination").unit == "12"


def test_a_workbook_of_nominations_with_swedish_headers_is_read_alike(lists: Lists) -> None:
    lists.agreements()
    path = lists.workbook(
        ("Förnamn enligt pass", "Efternamn", "E-post", "Mottagande institution", "Lärosäte", "Nivå", "Termin"),
        ("Jean", "Petit", "jean@wien.test", "12", "Universität Wien", "Grundnivå", "HT 2027"),
    )
    assert [counts(run(lists.house, "nominations", path)) for _ in range(2)] == [(1, 0, 0, 0), (0, 1, 0, 0)]
