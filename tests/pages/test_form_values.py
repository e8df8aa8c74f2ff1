"""What is typed becomes values, and values come out of a form as they went into it."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from engine.calendar import Calendar
from engine.organisation import Organisation, UnitRow
from engine.vocabulary import Text
from service.pages.form_shown import Showing, looked_up
from service.pages.form_values import (
    Typed,
    blank,
    field_at,
    fresh,
    rows_of,
    settled,
    typed_of,
    values_of,
    with_row,
    without_row,
)
from service.pages.forms import Field, Kind, Option, fields_of
from service.pages.rendering import environment
from service.pages.saying import Speech
from tests.pages.asked_models import MODELS
from tests.pages.plain import PlainPage
from tests.pages.test_forms import Everything
from tests.workflows.filling import Filler, Known, patterns, sample, schema_of

TODAY = date(2027, 1, 11)
PARTNER = "01900000-0000-7000-8000-000000000001"
UNITS = ("STAT", "HIST")
FIELDS = fields_of(Everything)

for model in MODELS.values():
    for pattern in patterns(schema_of(model)):
        sample(pattern)


def of(name: str, *typed: str) -> Any:
    """The value of one field, where this was typed into it."""
    return values_of((field(name),), {f"f.{name}": list(typed)}).get(name)


def field(name: str) -> Field:
    return next(each for each in FIELDS if each.name == name)


# What is typed.


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("7,5", "7.5"), ("7.5", "7.5"), (" 30 ", "30"), ("1 000", "1000"), ("1\u00a0000,5", "1000.5"),
        ("\u22125", "-5"), ("", None), ("   ", None), ("1e3", "?"), ("sju", "?"), ("1,2,3", "?"),
    ],
)  # fmt: skip
def test_a_number_is_read_as_people_write_it(typed: str, value: str | None) -> None:
    assert of("credits", typed) == value


@pytest.mark.parametrize(("typed", "value"), [("7", 7), ("1 000", 1000), ("7,5", "?"), ("0x7", "?"), ("", None)])
def test_a_whole_number_is_no_part_of_one(typed: str, value: object) -> None:
    assert of("count", typed) == value


@pytest.mark.parametrize(("typed", "value"), [("2027-05-04", "2027-05-04"), ("4/5-2027", "?"), ("0", "?"), ("", None)])
def test_a_day_is_written_as_the_standard_has_it(typed: str, value: object) -> None:
    assert of("day", typed) == value


@pytest.mark.parametrize("typed", ["4/5-2027", "0", "1577836800", "2027-02-31", "2027-05-04T00:00:00"])
def test_what_is_no_day_is_refused_with_a_word(typed: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Everything.model_validate({"day": of("day", typed)})
    assert any(fault["loc"] == ("day",) for fault in refused.value.errors())


def test_text_is_trimmed_and_nothing_is_absent() -> None:
    assert of("line", "  Matematik  ") == "Matematik"
    assert of("line", "  ") is None


def test_ticks_are_yes_and_no_and_a_declaration_is_made_or_not() -> None:
    assert (of("flag", "true"), of("flag")) == (True, False)
    assert (of("no_conflict_of_interest", "true"), of("no_conflict_of_interest")) == (True, None)


def test_choices_come_as_the_values_they_stand_for() -> None:
    assert (of("terms", "2"), of("answer", "false"), of("maybe", ""), of("signer", "student")) == (
        2,
        False,
        None,
        "student",
    )
    assert of("signers", "receiving", "student") == ["student", "receiving"]


def test_a_choice_that_was_never_offered_goes_on_to_be_refused() -> None:
    assert (of("terms", "3"), of("signers", "nobody")) == ("3", ["nobody"])


def test_lines_are_one_each_without_the_empty_ones() -> None:
    assert of("lines", " a \n\n b") == ["a", "b"]


def test_a_part_that_nobody_touched_is_left_out() -> None:
    main = (field("main"),)
    assert values_of(main, {"f.main.name": [""]}) == {}
    assert values_of(main, {"f.main.name": ["Statistik"]}) == {"main": {"name": "Statistik"}}


def test_what_the_case_knew_and_was_emptied_is_taken_away() -> None:
    asked = tuple(field(name) for name in ("day", "lines", "line"))
    before = {"day": "2027-05-04", "lines": ["a"], "line": "b"}
    assert values_of(asked, {}, before=before) == {"day": None, "lines": []}


# Rows.


def courses(*names: str) -> dict[str, list[str]]:
    rows = {"f.courses": [str(row) for row in range(len(names))]}
    return rows | {f"f.courses.{row}.name": [name] for row, name in enumerate(names)}


def test_rows_that_nobody_filled_in_are_left_out_and_the_others_counted_anew() -> None:
    kept = settled((field("courses"),), courses("", "A", "", "B"))
    assert kept == courses("A", "B")


def test_a_row_is_added_as_a_fresh_one_until_the_list_is_full() -> None:
    typed = with_row(field("courses"), courses("A"), "f.courses")
    assert rows_of(typed, "f.courses") == ["0", "1"]
    assert blank(field("courses"), typed, "f.courses.1")
    full = with_row(field("courses"), courses("A", "B", "C"), "f.courses")
    assert rows_of(full, "f.courses") == ["0", "1", "2"]


def test_a_row_is_removed_with_all_that_stands_in_it() -> None:
    assert without_row(courses("A", "B"), "f.courses.0") == {"f.courses": ["1"], "f.courses.1.name": ["B"]}


def test_rows_of_made_up_names_are_none() -> None:
    assert rows_of({"f.courses": ["0", "x", "0", "9999", "-1"]}, "f.courses") == ["0"]


def test_a_path_leads_to_its_field_through_rows_and_parts() -> None:
    assert field_at(FIELDS, "courses.0.ects") is field("courses").parts[1]
    assert field_at(FIELDS, "main.name") is field("main").parts[0]
    assert field_at(FIELDS, "courses.0.nothing") is None


def test_a_fresh_form_has_its_defaults_and_a_row_of_each_list_it_needs() -> None:
    assert fresh(FIELDS)["f.courses"] == ["0"]
    assert values_of(FIELDS, settled(FIELDS, fresh(FIELDS))) == {"flag": False}


# There and back: as a browser would send what a page shows.


def posted(fields: tuple[Field, ...], values: dict[str, Any]) -> dict[str, Any]:
    """The values after they were shown on a page, and that page's form sent by a browser without JavaScript."""
    units = {code: UnitRow(code, code, code, None, None) for code in UNITS}
    visit = type("Visit", (), {"organisation": Organisation("x", 1, units)})
    typed = typed_of(fields, values)
    shown = Showing(typed, found=registers(fields, typed)).all(fields)
    page = render_fields(Speech("sv", 0, Calendar()), {"visit": visit, "shown": shown})
    sent = PlainPage(f'<form action="/">{page}</form>').forms[0].values
    return values_of(fields, settled(fields, sent))


def render_fields(speech: Speech, context: dict[str, Any]) -> str:
    template = '{% import "form_fields.html" as asked with context %}{{ asked.all(shown) }}'
    spoken = {name: getattr(speech, name) for name in ("say", "text", "many")}
    return environment().from_string(template).render({**spoken, "speech": speech, **context})


def registers(fields: tuple[Field, ...], typed: Typed) -> dict[str, tuple[Option, ...]]:
    """What the registers say of every id that is typed: that it is there."""
    there = (Option(PARTNER, PARTNER, Text("Keio", "Keio")),)
    return {name: there for _, name in looked_up(fields, typed)}


def as_people_could(model: type[BaseModel], seed: int) -> dict[str, Any] | None:
    """Values that fit the model, filled in from its schema alone; None where chance found none."""
    filled = Filler(Random(seed), Known(TODAY, {}, (PARTNER,), UNITS)).fill(model)
    try:
        return model.model_validate(filled).model_dump(mode="json", exclude_unset=True)
    except ValidationError:
        return None


@pytest.mark.parametrize("name", MODELS)
@settings(max_examples=12)
@given(seed=st.integers(0, 10_000))
def test_values_come_back_from_a_page_as_they_went_into_it(name: str, seed: int) -> None:
    model = MODELS[name]
    values = as_people_could(model, seed)
    if values is None:
        return

    back = posted(fields_of(model), values)
    assert model.model_validate(back) == in_order(model, values)


def in_order(model: type[BaseModel], values: dict[str, Any]) -> BaseModel:
    """The values as ticks give them: each once, in the order of the choices."""

    def sorted_in(fields: tuple[Field, ...], values: dict[str, Any]) -> dict[str, Any]:
        found = dict(values)
        for each in fields:
            value = found.get(each.name)
            if value and each.kind is Kind.CHOICES:
                found[each.name] = [option.value for option in each.options if option.value in value]
            elif value and each.kind is Kind.PARTS:
                found[each.name] = [sorted_in(each.parts, row) for row in value]
            elif value and each.kind is Kind.PART:
                found[each.name] = sorted_in(each.parts, value)
        return found

    return model.model_validate(sorted_in(fields_of(model), values))
