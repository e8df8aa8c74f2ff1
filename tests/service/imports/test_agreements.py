"""Agreements long in force are opened as such, known again by reference, and never opened anew."""

from __future__ import annotations

from engine.model import Correct, Request
from service.importing import run
from tests.service.lists import UMU, Lists, counts

HEADERS = "avtalsnummer;enhet;partner;gäller från;gäller till;platser ut;platser in;nivå"


def test_an_agreement_is_opened_in_force_with_the_file_as_evidence(lists: Lists) -> None:
    report = lists.agreements()
    wien, oulu = lists.cases("agreement")
    assert counts(report) == (2, 0, 0, 0)
    assert (wien.state, wien.unit, wien.number) == ("active", "12", "AGR-2026-0001")
    assert lists.evidence(oulu) == "lista.csv, row 3"
    assert wien.facts["charter_valid_to"] == "2029-12-31"
    assert wien.facts["rows"][0] == {
        "name": "outgoing", "direction": "outgoing", "places": 4, "levels": ["bachelor"], "fields": [],
        "months": None, "languages": [],
    }  # fmt: skip
    assert lists.replayed() == []


def test_the_event_names_the_import_as_the_party(light: Lists) -> None:
    light.agreements()
    (event,) = light.house.history.events(UMU, light.cases("agreement")[0].id)
    assert (event.body["party"], event.body["kind"], event.body["to"]) == ("import", "opened", "active")


def test_the_same_agreements_again_change_nothing(lists: Lists) -> None:
    lists.agreements()
    before = lists.dump()
    assert counts(lists.agreements()) == (0, 2, 0, 0)
    assert lists.dump() == before


def test_other_values_are_told_and_change_nothing(lists: Lists) -> None:
    lists.agreements()
    before = lists.dump()
    report = lists.take("agreements", HEADERS, "w-1;13;A WIEN01;2021-01-01;2030-06-30;4;5;grundnivå")
    assert counts(report) == (0, 0, 1, 0)
    assert lists.dump() == before
    assert [(d.field, d.was, d.now, d.written) for _, d in report.differences][:2] == [
        ("unit", "12", "13", False), ("valid_to", "2031-12-31", "2030-06-30", False),
    ]  # fmt: skip
    assert "row 2, w-1, valid_to: 2031-12-31, in the file 2030-06-30" in report.as_text("en")


def test_what_was_corrected_as_the_new_file_says_differs_no_more(light: Lists) -> None:
    light.agreements()
    case = light.cases("agreement")[0]
    fix = Correct({"valid_to": "2030-06-30"}, "Enligt avtalet")
    light.house.cases.step(Request(UMU, fix, "import", case=case.id))
    report = light.take("agreements", HEADERS, "W-1;12;A WIEN01;2021-01-01;2030-06-30;4;4;grundnivå")
    assert counts(report) == (0, 1, 0, 0)


def test_the_same_file_does_not_quarrel_with_a_later_correction(light: Lists) -> None:
    light.agreements()
    case = light.cases("agreement")[0]
    light.house.cases.step(Request(UMU, Correct({"valid_to": "2030-06-30"}, "x"), "import", case=case.id))
    assert counts(light.agreements()) == (0, 2, 0, 0)


def test_an_agreement_somebody_opened_by_hand_is_not_opened_anew(lists: Lists) -> None:
    facts = {"partner_name": "Universität Wien", "valid_from": "2021-01-01", "reference": "W-1"}
    lists.open_by_hand("agreement", "12", facts)
    report = lists.agreements()
    assert counts(report) == (1, 0, 1, 0)
    assert len(lists.cases("agreement")) == 2
    assert {each.field for _, each in report.differences} == {"partner", "charter_valid_to", "valid_to", "rows"}


def test_an_unknown_partner_is_told_with_near_matches(lists: Lists) -> None:
    report = lists.take(
        "agreements", HEADERS, "X-1;12;Univ of Oullu;2021-01-01;;1;1;", "X-2;12;SF OULO01;2021-01-01;;1;1;"
    )
    (name, code) = [fault for _, fault in report.faults]
    assert (name.column, name.value) == ("partner", "Univ of Oullu")
    assert name.expected.en.startswith(
        "an institution in the register of partners (Erasmus code, PIC or name); similar: "
    )
    assert "University of Oulu (SF OULU01)" in name.expected.en
    assert "University of Oulu (SF OULU01)" in code.expected.sv


def test_near_matches_find_a_word_inside_a_long_name(light: Lists) -> None:
    report = light.take("agreements", HEADERS, "X-1;12;Otago;2021-01-01;;1;1;")
    assert "University of Otago" in report.faults[0][1].expected.en


def test_code_and_pic_name_a_partner_as_well(light: Lists) -> None:
    report = light.take(
        "agreements",
        "reference;unit;partner pic;partner erasmuskod;from",
        "A;12;999866966;;2021-01-01",
        "B;12;;SF OULU01;2021-01-01",
    )
    assert counts(report) == (2, 0, 0, 0)
    assert [case.facts["partner_name"] for case in light.cases("agreement")] == [
        "Universität Wien",
        "University of Oulu",
    ]


def test_bad_rows_say_where_and_what_was_expected(lists: Lists) -> None:
    report = lists.agreements(
        "X-1;99;A WIEN01;2021-01-01;;1;1;",
        "X-2;12;A WIEN01;2021-02-30;;1;1;",
        "X-3;12;A WIEN01;2021-01-01;2020-01-01;;;",
    )
    assert counts(report) == (2, 0, 0, 3)
    assert [(row, fault.column, fault.value) for row, fault in report.faults] == [
        (4, "enhet", "99"), (5, "gäller från", "2021-02-30"), (6, "gäller till", "2020-01-01"),
    ]  # fmt: skip


def test_words_of_an_office_become_the_words_of_the_process(light: Lists) -> None:
    report = light.take(
        "agreements",
        "avtalsnr;institution;partner;avtalsnivå;program;learning agreement;från;tyst förlängning;uppsägning senast;"
        "platser ut;månader;språk;språknivå;isced;nominering höst;uppsägningstid;dnr",
        "A;12;A WIEN01;fakultetsavtal;Erasmus+;hemgodkännande;2021-01-01;ja;2027-06-01;3;5;tyska, klingonska;B2;"
        "0533;1 april;6;FS 1.6-12",
    )
    facts = light.case("agreement").facts
    assert (facts["level"], facts["programme"], facts["study_plan"]) == ("faculty", "erasmus", "home_approval")
    assert (facts["tacit_renewal_months"], facts["tacit_notice_by"], facts["notice_months"]) == (12, "2027-06-01", 6)
    assert (facts["nomination_autumn"], facts["registration_number"]) == ("04-01", "FS 1.6-12")
    assert facts["rows"][0]["languages"] == [{"language": "de", "proficiency": "B2"}]
    assert (facts["rows"][0]["months"], facts["rows"][0]["fields"]) == (5, ["0533"])
    assert [text.en for _, text in report.warnings] == [
        "tacit renewal is taken to be for 12 months.", "the language “klingonska” is not known and was left out.",
    ]  # fmt: skip


def test_a_programme_nobody_knows_and_missing_places_are_told(light: Lists) -> None:
    report = light.take("agreements", "avtalsnr;enhet;partner;program;från", "A;12;A WIEN01;Månfärd;2021-01-01")
    assert light.case("agreement").facts["programme"] == "other"
    assert "nobody can be nominated under it" in report.as_text("en")


def test_an_agreement_already_over_is_let_run_out_by_the_clock(light: Lists) -> None:
    light.take("agreements", HEADERS, "A;12;A WIEN01;2015-01-01;2020-01-01;1;1;")
    for _ in range(3):
        light.house.ticker.tick()
    assert light.case("agreement").state == "expired"


def test_where_no_state_is_named_for_imports_it_opens_as_a_draft(light: Lists) -> None:
    # What the office's own process file allows counts, not what this import would like.
    workflow = light.house.catalogue.current("agreement").workflow
    object.__setattr__(workflow, "registers_in", ())
    try:
        light.agreements()
    finally:
        object.__setattr__(workflow, "registers_in", ("active",))
    assert {case.state for case in light.cases("agreement")} == {"drafted"}


def test_two_rows_of_one_reference_are_one_agreement(lists: Lists) -> None:
    report = lists.agreements("W-1;12;A WIEN01;2021-01-01;2031-12-31;9;4;grundnivå")
    assert counts(report) == (2, 0, 1, 0)
    assert len(lists.cases("agreement")) == 2


def test_a_workbook_of_agreements_is_read_alike(lists: Lists) -> None:
    path = lists.workbook(
        ("Avtalsnummer", "Ansvarig institution", "Partneruniversitet", "Gäller fr.o.m.", "Gäller t.o.m.", "Utresande"),
        ("W-1", "12", "Universität Wien", "2021-01-01", "2031-12-31", "2"),
    )
    assert [counts(run(lists.house, "agreements", path)) for _ in range(2)] == [(1, 0, 0, 0), (0, 1, 0, 0)]
