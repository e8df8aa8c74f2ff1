"""Applications for exchange become cases under the agreement their row names."""

from __future__ import annotations

from service.importing import run
from tests.service.lists import UMU, Lists, counts

HEADERS = "förnamn;efternamn;e-post;institution;avtal;termin;nivå;hp;andel"
STINA = "Stina;Ström;Stina@student.umu.se;12;W-1;HT2027;;90;74,9 %"


def test_an_application_is_opened_as_applied_under_its_agreement(lists: Lists) -> None:
    lists.agreements()
    report = lists.take("applications", HEADERS, STINA)
    case = lists.case("outgoing_exchange")
    facts = case.facts
    assert counts(report) == (1, 0, 0, 0)
    assert (case.state, case.unit, case.link("agreement")) == ("applied", "12", lists.cases("agreement")[0].id)
    assert (facts["stay_from"], facts["stay_to"], facts["academic_year"]) == ("2027-08-15", "2028-01-20", "2027/28")
    # The level is the only one the agreement has places for; the share is never rounded up.
    assert (facts["level"], facts["semesters"], facts["share_passed"], facts["host"]) == (
        "bachelor", 1, 74, "Universität Wien",
    )  # fmt: skip
    assert lists.replayed() == []


def test_the_student_becomes_a_person_and_is_told(light: Lists) -> None:
    light.agreements()
    light.take("applications", HEADERS, STINA)
    person = light.house.directory.person_by_email(UMU, "stina@student.umu.se")
    assert person is not None
    assert (person.name, person.language, light.case("outgoing_exchange").subject) == ("Stina Ström", "sv", person.id)
    assert light.house.outbox.deliver() == 1


def test_the_same_applications_again_change_nothing(lists: Lists) -> None:
    lists.agreements()
    lists.take("applications", HEADERS, STINA)
    before = lists.dump()
    assert counts(lists.take("applications", HEADERS, STINA)) == (0, 1, 0, 0)
    assert lists.dump() == before


def test_other_values_are_told_and_change_nothing(lists: Lists) -> None:
    lists.agreements()
    lists.take("applications", HEADERS, STINA)
    before = lists.dump()
    changed = STINA.replace(";90;", ";95;").replace("Ström", "Strömberg").replace(";12;", ";13;")
    report = lists.take("applications", HEADERS, changed)
    assert counts(report) == (0, 0, 1, 0)
    assert [(each.field, each.was, each.now) for _, each in report.differences] == [
        ("unit", "12", "13"), ("credits", "90", "95"), ("name", "Stina Ström", "Stina Strömberg"),
    ]  # fmt: skip
    assert lists.dump() == before


def test_one_student_may_wish_for_several_places(light: Lists) -> None:
    light.agreements()
    report = light.take(
        "applications", "namn;e-post;enhet;avtal;termin;nivå;val",
        "Stina Ström;s@x.se;12;W-1;HT2027;;1", "Stina Ström;s@x.se;12;AGR-2026-0002;HT2027;master;2",
    )  # fmt: skip
    assert counts(report) == (2, 0, 0, 0)
    assert [case.facts["wishes"] for case in light.cases("outgoing_exchange")] == [
        ["1. Universität Wien"], ["2. University of Oulu"],
    ]  # fmt: skip


def test_a_full_year_is_two_semesters(light: Lists) -> None:
    light.agreements()
    light.take(
        "applications", "namn;e-post;enhet;avtal;termin;kurser", "S;s@x.se;12;W-1;2027/28;Statik 7,5 hp| Ritning"
    )
    facts = light.case("outgoing_exchange").facts
    assert (facts["stay_from"], facts["second_term_from"], facts["stay_to"]) == (
        "2027-08-15",
        "2028-01-10",
        "2028-06-10",
    )
    assert facts["course_choice"] == [
        {"name": "Statik", "code": None, "ects": "7.5"},
        {"name": "Ritning", "code": None, "ects": None},
    ]


def test_bad_rows_say_what_was_expected(lists: Lists) -> None:
    lists.agreements()
    report = lists.take(
        "applications",
        "namn;e-post;enhet;avtal;termin;läsår;nivå;hp;meritpoäng",
        "A;a@x.se;12;W-9;HT2027;;;;",
        "B;b@x.se;12;O-1;HT2027;;;;",
        "C;c@x.se;12;W-1;HT2027, HT2028;;;;",
        "D;d@x.se;12;W-1;HT2027;2028/29;;;",
        "E;e@x.se;12;W-1;HT2027;;;90,3;",
        "F;f@x.se;99;W-1;HT2027;;;;",
        "G;g;12;W-1;HT2027;;;;",
    )
    assert counts(report) == (0, 0, 0, 7)
    assert [(row, fault.column, fault.expected.en.split(";")[0]) for row, fault in report.faults] == [
        (2, "avtal", "an agreement that is here (its reference or case number)"),
        (3, "nivå", "a level"),
        (4, "termin", "one semester, or two that follow each other"),
        (5, "läsår", "the academic year that HT2027 lies in (2027/28)"),
        (6, "hp", report.faults[4][1].expected.en),
        (7, "enhet", "there is no unit 99"),
        (8, "e-post", "an e-mail address, such as name@umu.se"),
    ]
    assert "similar: W-1" in report.faults[0][1].expected.en
    assert lists.cases("outgoing_exchange") == []


def test_of_two_agreements_of_one_reference_the_one_over_the_stay_is_meant(light: Lists) -> None:
    light.agreements()
    facts = {"partner_name": "Universität Wien", "valid_from": "2032-01-01", "reference": "W-1"}
    light.open_by_hand("agreement", "12", facts)
    report = light.take("applications", HEADERS, STINA)
    assert counts(report) == (1, 0, 0, 0)
    assert light.case("outgoing_exchange").link("agreement") == light.cases("agreement")[0].id


def test_where_several_agreements_fit_the_case_number_is_asked_for(light: Lists) -> None:
    light.agreements()
    twin = {"partner_name": "Universität Wien", "valid_from": "2021-01-01", "reference": "W-1"}
    light.open_by_hand("agreement", "12", twin, state="active")
    report = light.take("applications", HEADERS, STINA)
    assert "several fit (AGR-2026-0001, AGR-2026-0003)" in report.faults[0][1].expected.en


def test_an_address_known_under_another_name_keeps_it_and_is_told(light: Lists) -> None:
    light.agreements()
    light.house.directory.put_person(UMU, email="stina@student.umu.se", name="Kristina Ström")
    report = light.take("applications", HEADERS, STINA)
    assert "is known as Kristina Ström; the file says Stina Ström. The name is not changed." in report.as_text("en")


def test_a_workbook_of_applications_is_read_alike(lists: Lists) -> None:
    lists.agreements()
    path = lists.workbook(
        ("Namn enligt pass", "E-postadress", "Heminstitution", "Avtalsnummer", "Utbytestermin"),
        ("Stina Ström", "s@x.se", "12", "W-1", "HT 2027"),
    )
    assert [counts(run(lists.house, "applications", path)) for _ in range(2)] == [(1, 0, 0, 0), (0, 1, 0, 0)]
