"""Requests for review become cases in the unit that gives the course."""

from __future__ import annotations

from service.importing import run
from tests.service.lists import Lists, counts

HEADERS = "namn;e-post;institution;kurs;kurskod;hp;termin;krav;svar senast;alternativ"
ASA = "Åsa Ö;asa@example.org;12;Optik;5FY001;7,5;HT2027;Fysik 1|Matematik 2;2026-12-20;Akustik 7,5 hp|Ritning"


def test_a_request_is_opened_in_the_unit_of_the_course(lists: Lists) -> None:
    report = lists.take("reviews", HEADERS, ASA)
    case = lists.case("eligibility_review")
    facts = case.facts
    assert counts(report) == (1, 0, 0, 0)
    assert (case.state, case.unit, case.title) == ("requested", "12", "Optik (5FY001), HT2027")
    assert [each["name"] for each in facts["requirements"]] == ["Fysik 1", "Matematik 2"]
    assert [(each["course"], each["ects"]) for each in facts["alternatives"]] == [("Akustik", "7.5"), ("Ritning", None)]
    assert (facts["answer_by"], facts["ects"]) == ("2026-12-20", "7.5")
    assert lists.replayed() == []


def test_the_same_requests_again_change_nothing(lists: Lists) -> None:
    lists.take("reviews", HEADERS, ASA)
    before = lists.dump()
    assert counts(lists.take("reviews", HEADERS, ASA)) == (0, 1, 0, 0)
    assert lists.dump() == before


def test_another_answer_day_is_told_and_not_written(lists: Lists) -> None:
    lists.take("reviews", HEADERS, ASA)
    report = lists.take("reviews", HEADERS, ASA.replace("2026-12-20", "2026-12-22"))
    assert [(each.field, each.was, each.now) for _, each in report.differences] == [
        ("answer_by", "2026-12-20", "2026-12-22")
    ]
    assert lists.case("eligibility_review").version == 1


def test_another_course_or_term_is_another_request(light: Lists) -> None:
    report = light.take("reviews", HEADERS, ASA, ASA.replace("5FY001", "5FY002"), ASA.replace("HT2027", "VT2028"))
    assert counts(report) == (3, 0, 0, 0)


def test_no_name_and_no_address_stands_in_the_keys(light: Lists) -> None:
    light.take("reviews", HEADERS, ASA)
    assert "asa" not in repr(light.dump()["natural_key"]).lower()


def test_credits_out_of_bounds_are_told_at_their_column(light: Lists) -> None:
    report = light.take("reviews", HEADERS, ASA.replace(";7,5;", ";500;"))
    ((row, fault),) = report.faults
    assert (row, fault.column, fault.value, fault.expected.en) == (2, "hp", "500", "must be at most 120.")


def test_a_workbook_of_requests_with_swedish_headers_is_read_alike(lists: Lists) -> None:
    path = lists.workbook(
        ("Sökandes namn", "Sökandes e-post", "Ansvarig institution", "Kursens namn", "Anmälningsnummer"),
        ("Åsa Ö", "asa@example.org", "12", "Optik", "1234567"),
    )
    assert [counts(run(lists.house, "reviews", path)) for _ in range(2)] == [(1, 0, 0, 0), (0, 1, 0, 0)]
