"""Every kind of list, as an office in Sweden or a partner abroad would write it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from adapters.columns import BadRow, ColumnsWrong, Parsed
from adapters.import_kinds import KINDS, person_name
from adapters.tables import open_table
from adapters.values_codes import PartnerKey, PartnerRef
from adapters.values_exchange import RoleAt
from adapters.values_terms import Semester, Term
from engine.vocabulary import Level, Role

DATA = Path(__file__).parents[3] / "shared" / "data" / "erasmus"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the real lists are not beside this tree")


def values_of(folder: Path, kind: str, content: str, encoding: str = "cp1252") -> dict[str, Any]:
    """Read the only row of a list and leave out what is blank."""
    path = folder / "lista.csv"
    path.write_bytes(content.encode(encoding))
    (row,) = KINDS[kind].read(open_table(path))
    assert isinstance(row, Parsed), row
    return {name: value for name, value in row.values.items() if value is not None}


def faults_of(folder: Path, kind: str, content: str) -> list[tuple[str, str]]:
    path = folder / "lista.csv"
    path.write_text(content, encoding="utf-8")
    return [
        (fault.column, fault.value)
        for row in KINDS[kind].read(open_table(path))
        if isinstance(row, BadRow)
        for fault in row.faults
    ]


def test_kinds_are_those_of_the_command_line() -> None:
    assert list(KINDS) == [
        "partners", "units", "people", "absences", "mandates", "closing_days",
        "agreements", "applications", "nominations", "reviews",
    ]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_no_word_names_two_columns_of_a_list(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "lista.csv"
    path.write_text(";".join(column.name for column in KINDS[kind].columns), encoding="utf-8")
    assert list(KINDS[kind].match(open_table(path)).header_of) == [column.name for column in KINDS[kind].columns]


@pytest.mark.parametrize("kind", KINDS)
def test_demands_name_columns_that_are_declared(kind: str) -> None:
    declared = {column.name for column in KINDS[kind].columns}
    demands = KINDS[kind].demands
    assert {name for group in (*demands.one_of, *demands.in_order) for name in group} <= declared


@needs_data
@pytest.mark.parametrize(
    ("name", "rows"), [("eche_list_2024-06-27_raw.xlsx", 5912), ("eche_list_2024-10-25.csv.gz", 5887)]
)
def test_commissions_list_is_read_whole_with_every_column_known(name: str, rows: int) -> None:
    table = open_table(DATA / name)
    assert KINDS["partners"].match(table).unknown == ()
    read = list(KINDS["partners"].read(table))
    assert len(read) == rows
    assert not [row for row in read if isinstance(row, BadRow)]


@needs_data
def test_both_layouts_of_the_commissions_list_give_the_same_partner() -> None:
    umea = []
    for name in ("eche_list_2024-06-27_raw.xlsx", "eche_list_2024-10-25.csv.gz"):
        rows = KINDS["partners"].read(open_table(DATA / name))
        umea += [row.values for row in rows if isinstance(row, Parsed) and row.values["erasmus_code"] == "S  UMEA01"]
    old, new = umea
    same = ("name", "pic", "oid", "city", "country", "eche_start", "eche_end")
    assert [old[column] for column in same] == [new[column] for column in same]
    assert (new["country"], new["eche_end"]) == ("SE", date(2029, 12, 31))


@needs_data
def test_padding_agrees_with_the_published_padding_but_for_its_one_slip() -> None:
    rows = open_table(DATA / "eche_list_2024-10-25.csv.gz")
    differing = [
        (row.values["erasmus_code"], source.cells["erasmus_code_padded"])
        for row, source in zip(KINDS["partners"].read(rows), rows.rows, strict=True)
        if isinstance(row, Parsed) and row.values["erasmus_code"] != source.cells["erasmus_code_padded"]
    ]
    assert differing == [("F  PARIS063", "F PARIS 063")]


def test_partner_outside_the_programme_needs_only_a_name(tmp_path: Path) -> None:
    assert values_of(tmp_path, "partners", "Lärosäte;Land;Webbplats\nTōhoku University;Japan;-\n", "utf-8") == {
        "name": "Tōhoku University",
        "country": "JP",
    }


def test_units_in_swedish(tmp_path: Path) -> None:
    content = "Enhetskod;Namn (svenska);Engelskt namn;Överordnad enhet;Funktionsbrevlåda;Inställningar\n"
    content += '12;Institutionen för fysik;Department of Physics;TEKNAT;fysik@umu.se;"{""four_eyes"": true}"\n'
    assert values_of(tmp_path, "units", content) == {
        "code": "12",
        "name_sv": "Institutionen för fysik",
        "name_en": "Department of Physics",
        "parent": "TEKNAT",
        "mailbox": "fysik@umu.se",
        "settings": {"four_eyes": True},
    }


def test_people_with_their_roles(tmp_path: Path) -> None:
    content = "E-post,Förnamn,Efternamn,Språk,Roller,Från,Till\n"
    content += "asa@umu.se,Åsa,Öberg,svenska,coordinator@12; granskare@umu.se,1/8 2027,\n"
    values = values_of(tmp_path, "people", content)
    assert person_name(values) == "Åsa Öberg"
    assert values["roles"] == (RoleAt(Role.COORDINATOR, "12"), RoleAt(Role.REVIEWER, "umu.se"))
    assert (values["language"], values["from"]) == ("sv", date(2027, 8, 1))


def test_absences_by_span_or_by_weekday(tmp_path: Path) -> None:
    by_span = "email\tfrom\tto\tsubstitute\nasa@umu.se\t2027-07-01\t2027-07-31\tbo@umu.se\n"
    by_weekday = "e-post;veckodagar;ersättare\nasa@umu.se;mån, fre;bo@umu.se\n"
    assert values_of(tmp_path, "absences", by_span)["to"] == date(2027, 7, 31)
    assert values_of(tmp_path, "absences", by_weekday)["weekdays"] == (0, 4)
    assert faults_of(tmp_path, "absences", "email;from;to\na@umu.se;2/2 2027;1/2 2027\n") == [("to", "2027-02-01")]


def test_mandates_and_closing_days(tmp_path: Path) -> None:
    mandate = "E-post;Enhet;Slag;Fr.o.m.;T.o.m.\nasa@umu.se;12;sign_agreement;2027-01-01;2027-12-31\n"
    assert values_of(tmp_path, "mandates", mandate)["kind"] == "sign_agreement"
    assert values_of(tmp_path, "closing_days", "Datum;Orsak\n2027-05-07;Klämdag\n") == {
        "date": date(2027, 5, 7),
        "name": "Klämdag",
    }


def test_agreements_in_swedish(tmp_path: Path) -> None:
    content = (
        "Avtalsnummer;Institution;Partneruniversitet;Erasmuskod;Avtalsnivå;Program;Studieplan;Gäller fr.o.m.;"
        "Gäller t.o.m.;Diarienummer;Platser ut;Platser in;Månader;Nivå;ISCED;Nominering höst;Tyst förlängning\n"
        "IO_0042;12;Universität Graz;A GRAZ01;institution;Erasmus+;Learning Agreement;1/9 2022;30/9 2028;"
        "FS 1.3.2-99-22;2;2,0;5;grundnivå och avancerad nivå;613, 0533;1 april;nej\n"
    )
    assert values_of(tmp_path, "agreements", content) == {
        "reference": "IO_0042",
        "unit": "12",
        "partner": PartnerRef(PartnerKey.NAME, "Universität Graz"),
        "partner_erasmus_code": "A  GRAZ01",
        "agreement_level": "department",
        "programme": "Erasmus+",
        "study_plan": "three_party",
        "valid_from": date(2022, 9, 1),
        "valid_to": date(2028, 9, 30),
        "registration_number": "FS 1.3.2-99-22",
        "outgoing_places": 2,
        "incoming_places": 2,
        "months": 5,
        "levels": (Level.BACHELOR, Level.MASTER),
        "isced": ("0613", "0533"),
        "nomination_autumn": "04-01",
        "tacit_renewal": False,
    }


def test_applications_in_swedish(tmp_path: Path) -> None:
    content = (
        "Namn;E-post;Heminstitution;Avtal;Termin;HP;Andel avklarat;Språknivå;Val;Utlysning;Kurser\n"
        "Åsa Öberg;asa@student.umu.se;12;IO_0042;HT2027;67,5;82 %;B2;1;2027-1;Optik, avancerad; Fysik II\n"
    ).replace("Optik, avancerad; Fysik II", '"Optik, avancerad; Fysik II"')
    assert values_of(tmp_path, "applications", content) == {
        "name": "Åsa Öberg",
        "email": "asa@student.umu.se",
        "unit": "12",
        "agreement": "IO_0042",
        "semesters": (Semester(2027, Term.AUTUMN),),
        "credits": Decimal("67.5"),
        "share_passed": Decimal(82),
        "language_level": "B2",
        "wish_number": 1,
        "call": "2027-1",
        "courses": ("Optik, avancerad", "Fysik II"),
    }


def test_nominations_as_a_partner_abroad_fills_in_the_workbook(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.create_sheet("Nominations", 0)
    sheet.append([None])
    sheet.append([
        "Family name(s) (as in passport)", "First name(s)", "Date of birth (DD/MM/YYYY)", "Nationality", "Gender",
        "E-mail address *", "Sending institution", "Erasmus code", "Host department", "Level of study", "ISCED-F code",
        "Exchange period", "Housing?", "Courses wanted",
    ])  # fmt: skip
    sheet.append([
        "Müller", "Jörg\xa0Karl", date(2004, 2, 29), "Austria", "M", "joerg@uni-graz.at", "Universität\xa0Graz",
        "A\xa0 GRAZ01", 12, "Master’s", 613, "Autumn 2027 and spring 2028", "Yes", "Optics, advanced\nPhysics II",
    ])  # fmt: skip
    book.save(tmp_path / "nominations.xlsx")
    (row,) = KINDS["nominations"].read(open_table(tmp_path / "nominations.xlsx"))
    assert row == Parsed(
        3,
        {
            "given_name": "Jörg Karl",
            "family_name": "Müller",
            "email": "joerg@uni-graz.at",
            "birth_date": date(2004, 2, 29),
            "nationality": "AT",
            "gender": "male",
            "unit": "12",
            "partner": PartnerRef(PartnerKey.NAME, "Universität Graz"),
            "partner_erasmus_code": "A  GRAZ01",
            "level": Level.MASTER,
            "isced": "0613",
            "semesters": (Semester(2027, Term.AUTUMN), Semester(2028, Term.SPRING)),
            "courses": ("Optics, advanced", "Physics II"),
            "housing": True,
        },
    )


def test_nomination_without_a_semester_tells_which_columns_would_do(tmp_path: Path) -> None:
    content = "Name;Email;Agreement;Semester;Start date\nJörg;joerg@uni-graz.at;IO_0042;;\n"
    assert faults_of(tmp_path, "nominations", content) == [("Semester", "")]


def test_requests_for_review_in_swedish(tmp_path: Path) -> None:
    content = (
        "Sökande;E-post;Institution;Kurs;Kurskod;HP;Förkunskapskrav;Svar senast;Anmälningsnummer\n"
        'Jörg Müller;joerg@uni-graz.at;12;Optik;5FY201;"7,5";"90 hp fysik; Engelska 6";2027-04-20;123456\n'
    )
    assert values_of(tmp_path, "reviews", content) == {
        "name": "Jörg Müller",
        "email": "joerg@uni-graz.at",
        "unit": "12",
        "course": "Optik",
        "course_code": "5FY201",
        "ects": Decimal("7.5"),
        "requirements": ("90 hp fysik", "Engelska 6"),
        "answer_by": date(2027, 4, 20),
        "application_number": "123456",
    }


def test_list_of_another_kind_is_refused_with_what_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "lista.csv"
    path.write_text("Datum;Orsak\n2027-05-07;Klämdag\n", encoding="utf-8")
    with pytest.raises(ColumnsWrong) as caught:
        KINDS["people"].read(open_table(path))
    assert "Kolumnen email (e-post eller e-postadress eller mail) saknas." in caught.value.message.sv
    assert "”Datum”, ”Orsak”" in caught.value.message.sv
