"""Fields are made from a model's schema, labelled in both languages, with their bounds in words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

import pytest
from pydantic import Field as Declared

from engine.vocabulary import Form, Identifier, Line, NoConflict, Part, Prose, Reason, Text, UnitCode, known
from engine.vocabulary.values import AcademicYear, Credits, Signer
from service.pages.form_shown import Showing, faults_of, labelled, spoken
from service.pages.form_values import fresh
from service.pages.forms import NO_CONFLICT, Field, Kind, asked_of, chosen, declares, fields_of
from tests.pages.asked_models import MODELS


class Course(Part):
    name: Line = Declared(title="Kurs / Course")
    ects: Credits | None = known("Poäng / Credits")


class Everything(NoConflict):
    line: Line = Declared(title="Rad / Line")
    prose: Prose | None = known("Text / Prose")
    count: int = Declared(ge=0, le=9, title="Antal / Count")
    credits: Credits = Declared(title="Poäng / Credits")
    day: date | None = known("Dag / Day")
    year: AcademicYear = Declared(title="Läsår / Academic year")
    flag: bool = Declared(default=False, title="Flagga / Flag")
    answer: bool = Declared(title="Svar / Answer")
    maybe: bool | None = known("Kanske / Maybe")
    signer: Signer = Declared(title="Vem / Who")
    terms: Literal[1, 2] = Declared(title="Terminer / Terms")
    signers: tuple[Signer, ...] = Declared(default=(), title="Vilka / Which")
    lines: tuple[Line, ...] = Declared(default=(), title="Rader / Lines")
    courses: Annotated[tuple[Course, ...], Declared(min_length=1, max_length=3)] = Declared(title="Kurser / Courses")
    main: Course | None = known("Huvudkurs / Main course")
    unit: UnitCode | None = known("Enhet / Unit")
    partner: Identifier | None = known("Partner / Partner")
    successor: Identifier | None = known("Efterföljare / Successor")
    decided_by: Identifier | None = known("Beslutad av / Decided by")


def field(name: str) -> Field:
    return next(each for each in fields_of(Everything) if each.name == name)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("no_conflict_of_interest", Kind.DECLARATION), ("line", Kind.TEXT), ("prose", Kind.PROSE),
        ("count", Kind.INTEGER), ("credits", Kind.DECIMAL), ("day", Kind.DATE), ("year", Kind.TEXT),
        ("flag", Kind.FLAG), ("answer", Kind.CHOICE), ("maybe", Kind.CHOICE), ("signer", Kind.CHOICE),
        ("terms", Kind.CHOICE), ("signers", Kind.CHOICES), ("lines", Kind.LINES), ("courses", Kind.PARTS),
        ("main", Kind.PART), ("unit", Kind.UNIT), ("partner", Kind.PARTNER), ("successor", Kind.CASE),
        ("decided_by", Kind.PERSON),
    ],
)  # fmt: skip
def test_every_type_of_the_vocabulary_has_its_kind_of_field(name: str, kind: Kind) -> None:
    assert field(name).kind is kind


def test_a_title_is_a_label_in_both_languages() -> None:
    assert field("count").label == Text("Antal", "Count")


def test_what_may_be_left_out_is_not_required() -> None:
    assert [each.name for each in fields_of(Everything) if each.required] == [
        "no_conflict_of_interest", "line", "count", "credits", "year", "answer", "signer", "terms", "courses",
    ]  # fmt: skip


def test_bounds_of_numbers_are_said_in_words() -> None:
    assert field("count").hint == Text("Mellan 0 och 9.", "Between 0 and 9.")
    assert field("credits").hint == Text("Mellan 0 och 600, i steg om 0,5.", "Between 0 and 600, in steps of 0.5.")
    assert (field("count").low, field("count").high) == (Decimal(0), Decimal(9))


def test_a_pattern_is_shown_by_an_example() -> None:
    assert field("year").hint == Text("Till exempel 2027/28.", "For example 2027/28.")


def test_choices_have_words_and_an_empty_one_where_no_answer_is_an_answer() -> None:
    assert [option.words.sv for option in field("signer").options] == [
        "Studenten", "Hemuniversitetet", "Värduniversitetet",
    ]  # fmt: skip
    assert [(option.value, option.words.en) for option in field("maybe").options] == [
        (None, "No answer"), (True, "Yes"), (False, "No"),
    ]  # fmt: skip
    assert [option.value for option in field("terms").options] == [1, 2]


def test_a_list_knows_its_parts_and_how_many_rows_it_takes() -> None:
    courses = field("courses")
    assert [part.name for part in courses.parts] == ["name", "ects"]
    assert (courses.low, courses.high) == (Decimal(1), Decimal(3))


def test_the_declaration_of_no_conflict_is_not_asked_for_as_a_box() -> None:
    assert declares(Everything)
    assert NO_CONFLICT not in {each.name for each in asked_of(Everything)}
    assert not declares(Form)


def test_chosen_fields_keep_the_order_of_the_model() -> None:
    assert [each.name for each in chosen(fields_of(Everything), ["day", "line", "nothing"])] == ["line", "day"]


@pytest.mark.parametrize("name", MODELS)
def test_every_field_of_every_process_can_be_asked_for_in_two_languages(name: str) -> None:
    def bare(fields: tuple[Field, ...]) -> list[str]:
        own = [f.name for f in fields if "_" in f.label.sv or not f.label.en]
        options = [f"{f.name}: {o.sent}" for f in fields for o in f.options if "_" in o.words.sv]
        return own + options + [name for f in fields for name in bare(f.parts)]

    model = MODELS[name]
    assert {each.name for each in fields_of(model)} == set(model.model_fields)
    assert bare(fields_of(model)) == []


# What is wrong.


def test_a_fault_is_said_with_the_label_in_place_of_the_name() -> None:
    wrong = Reason(
        "field:courses.1.ects", Text("courses.1.ects: ska vara ett tal.", "courses.1.ects: must be a number.")
    )

    (said,) = spoken((wrong,), fields_of(Everything))
    assert said.message == Text("Kurser 2, Poäng: ska vara ett tal.", "Courses 2, Credits: must be a number.")
    assert said.code == "field:courses.1.ects"


def test_a_fault_in_one_of_several_lines_leads_to_the_box_that_holds_them() -> None:
    (said,) = spoken(
        (Reason("field:lines.3", Text("lines.3: är för lång.", "lines.3: is too long.")),), fields_of(Everything)
    )
    assert (said.code, said.message.sv) == ("field:lines", "Rader 4: är för lång.")


def test_a_missing_declaration_asks_for_a_tick() -> None:
    path = "no_conflict_of_interest"
    missing = Reason(f"field:{path}", Text(f"{path}: måste fyllas i.", f"{path}: must be given."))
    (said,) = spoken((missing,), fields_of(Everything))
    assert said.message.sv == "Jag är inte jävig: kryssa i rutan om det stämmer."


def test_a_fault_of_the_form_as_a_whole_leads_to_no_field() -> None:
    (said,) = spoken(
        (Reason("field:fields", Text("slutar före början", "ends before it begins")),), fields_of(Everything)
    )
    assert (said.code, said.message.sv) == ("form", "slutar före början")


def test_labels_follow_a_path_and_give_up_where_it_leads_nowhere() -> None:
    assert labelled("main.name", fields_of(Everything))[0].sv == "Huvudkurs, Kurs"
    assert labelled("nowhere", fields_of(Everything)) == (Text("nowhere", "nowhere"), None)


def test_a_shown_field_has_its_fault_and_says_what_describes_it() -> None:
    faults = faults_of((Reason("field:count", Text("Antal: fel", "Count: wrong")), Reason("form", Text("a", "b"))))
    shown = {each.path: each for each in Showing(fresh(fields_of(Everything)), faults).all(fields_of(Everything))}

    assert shown["count"].fault == Text("Antal: fel", "Count: wrong")
    assert shown["count"].described_by == "h-count e-count"
    assert shown["line"].described_by == ""
    assert [row.name for row in shown["courses"].rows] == ["f.courses.0"]


@pytest.mark.parametrize(("typed", "dated"), [("", True), ("2027-05-04", True), ("2027-02-31", False), ("4/5", False)])
def test_a_browsers_calendar_is_not_given_what_it_would_drop(typed: str, dated: bool) -> None:
    (shown,) = Showing({"f.day": [typed]}).all((field("day"),))
    assert shown.dated is dated


def test_a_full_list_takes_no_more_rows() -> None:
    courses = field("courses")
    assert Showing({"f.courses": ["0", "1", "2"]}).one(courses, "f.courses").full
    assert not Showing({"f.courses": ["0", "1"]}).one(courses, "f.courses").full
