"""The vocabulary's common words: what they make, and that a definition's hash covers them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, TypeAdapter, ValidationError

from engine import sources, vocabulary
from engine.loading import load
from engine.reading import Reads
from engine.sources import Source
from engine.vocabulary import (
    YES,
    AnyView,
    CourseCredits,
    Credits,
    DecisionForm,
    Direction,
    Facts,
    Form,
    Level,
    Line,
    No,
    Part,
    Proficiency,
    Role,
    Signer,
    Stay,
    agreement_allows,
    agreement_fact,
    agreement_in_force,
    asks,
    day_in,
    days_from,
    fact_day,
    has_fact,
    in_state,
    known,
    lacks_fact,
    last_before,
    letter,
    message,
    missing_signers,
    months_from,
    no,
    noting,
    partner_of_agreement,
    says_yes,
    told,
    unless,
    yes_if,
)
from tests.engine.examples import LOAN, SOURCE
from tests.workflows.views import TODAY, Asked, view_of

LATER, SOON = date(2027, 9, 1), date(2027, 3, 20)
STAY = Stay(
    direction=Direction.OUTGOING, starts_on=SOON, ends_on=LATER, academic_year="2026/27", semesters=1,
    level=Level.BACHELOR,
)  # fmt: skip


class Pages(Part):
    """A part of a book."""

    first: int = Field(title="Från / From")


class BookFacts(Facts):
    """What a book knows."""

    due_on: date | None = known("Åter senast / Due on")
    title: Line | None = known("Titel / Title")
    pages: tuple[Pages, ...] = Field(default=(), max_length=2, title="Sidor / Pages")
    kind: Literal["loan", "gift"] = Field(default="loan", title="Slag / Kind")


def seen(facts: dict[str, Any] | None = None, **more: Any) -> AnyView:
    """A loan of a key."""
    return view_of(LOAN, facts or {}, **more)


def with_agreement(*, answers: dict[str, Any] | None = None, **facts: Any) -> AnyView:
    """A loan with something linked under the name agreement, which knows these facts."""
    return seen(related={"agreement": (seen(facts, answer=Asked(answers or {}, [])),)})


# Conditions.


def test_yes_if_says_yes_or_no_with_its_reason() -> None:
    assert yes_if("anything", "code", "sv", "en") is YES
    assert yes_if((), "code", "sv", "en", who_can=Role.HEAD, from_date=SOON) == no(
        "code", "sv", "en", who_can=Role.HEAD, from_date=SOON
    )


def test_a_fact_is_known_or_not() -> None:
    knows, does_not = seen({"purpose": "to lock"}), seen()
    assert [has_fact("purpose")(view) for view in (knows, does_not)] == [True, False]
    assert [lacks_fact("purpose")(view) for view in (knows, does_not)] == [False, True]


def test_a_case_stands_in_one_of_the_states_named() -> None:
    assert in_state("lent", "asked")(seen(state="asked"))
    assert not in_state("lent")(seen(state="asked"))


def test_a_guard_is_asked_without_its_reason() -> None:
    assert says_yes(lambda _: YES)(seen())
    assert unless(says_yes(lambda _: no("code", "sv", "en")))(seen())


@pytest.mark.parametrize(
    ("made", "name"),
    [
        (lacks_fact("purpose"), "not_purpose_is_known"),
        (in_state("lent", "asked"), "is_lent_or_asked"),
        (says_yes(agreement_in_force(lambda _: STAY)), "agreement_is_in_force"),
        (fact_day("due_on", "ends_on", days="grace_days", weeks=2), "due_on_or_ends_on_and_grace_days_and_2_weeks"),
    ],
)
def test_what_is_made_has_a_name_that_tables_can_print(made: Callable[..., Any], name: str) -> None:
    assert made.__name__ == name


# What is set.


def test_noting_sets_days_and_facts() -> None:
    assert noting("wanted_until", purpose=None)(seen()) == {"wanted_until": TODAY, "purpose": None}


@pytest.mark.parametrize(
    ("said", "noted"),
    [
        ({}, {"told_on": TODAY, "told_how": "e-post / e-mail"}),
        ({"told_on": SOON, "told_how": "brev"}, {"told_on": SOON, "told_how": "brev"}),
    ],
)
def test_telling_is_by_the_steps_own_message_where_nothing_is_said(
    said: dict[str, Any], noted: dict[str, Any]
) -> None:
    form = DecisionForm(no_conflict_of_interest=True, **said)
    assert told(seen(given=form)) == noted


# Days.


@given(st.dates(), st.integers(-10_000_000, 10_000_000))
def test_days_are_counted_to_the_edges_of_the_calendar(day: date, count: int) -> None:
    assert days_from(day, count) in {date.min, date.max} or (days_from(day, count) - day).days == count


@given(st.dates(), st.integers(-40_000, 40_000))
def test_months_are_counted_to_the_edges_of_the_calendar(day: date, count: int) -> None:
    moved = months_from(day, count)
    assert moved in {date.min, date.max} or moved.day <= day.day


@given(st.dates(date(2, 1, 1)), st.sampled_from(["01-01", "02-29", "12-31"]))
def test_the_last_such_day_lies_before_and_within_a_year(day: date, yearly: str) -> None:
    assert 0 < (day - last_before(yearly, day)).days <= 366


def test_a_day_a_year_lacks_is_the_last_of_its_month() -> None:
    assert (day_in(2027, "02-29"), day_in(2028, "02-29")) == (date(2027, 2, 28), date(2028, 2, 29))
    assert (day_in(0, "12-31"), day_in(10_000, "01-01")) == (date(1, 12, 31), date(9999, 1, 1))


def test_a_day_comes_from_the_first_fact_that_is_known() -> None:
    day = fact_day("wanted_until", "registration_number", days=2, weeks=1)
    assert day(seen({"wanted_until": "2027-03-11"})) == SOON
    assert day(seen()) is None


def test_days_may_be_a_figure_counted_on_or_back() -> None:
    view = seen({"wanted_until": "2027-03-20"}, figures={"grace": 4})
    assert fact_day("wanted_until", days="grace")(view) == date(2027, 3, 24)
    assert fact_day("wanted_until", weeks="-grace")(view) == date(2027, 2, 20)


# Messages.


@pytest.mark.parametrize(
    ("write", "sv", "en"),
    [
        (message, "text\n\n{url}", "words\n\n{url}"),
        (letter, "text\n\nÄrende {number}", "words\n\nCase {number}"),
    ],
)
def test_each_voice_ends_in_its_own_way(write: Callable[..., Any], sv: str, en: str) -> None:
    made = write("name", "Ämne", "Subject", "text", "words")
    assert (made.subject.sv, made.subject.en, made.body.sv, made.body.en) == ("Ämne", "Subject", sv, en)


# Agreements.


def test_the_agreement_is_asked_about_the_stay() -> None:
    view = with_agreement(answers={"allows": no("full", "Fullt", "Full")})
    assert agreement_allows(lambda _: STAY)(view) == no("full", "Fullt", "Full")
    assert agreement_in_force(lambda _: STAY)(view) is YES


@pytest.mark.parametrize("guard", [agreement_allows, agreement_in_force])
def test_without_an_agreement_the_answer_is_no(guard: Callable[..., Any]) -> None:
    answer = guard(lambda _: STAY)(seen())
    assert isinstance(answer, No)
    assert answer.reason.code == "no_agreement"


def test_a_fact_of_the_agreement_may_be_missing() -> None:
    assert agreement_fact(with_agreement(purpose="to lock"), "purpose") == "to lock"
    assert agreement_fact(with_agreement(), "unheard_of") is None
    assert agreement_fact(seen(), "purpose") is None
    assert partner_of_agreement(with_agreement()) is None


# Forms and values.


def test_a_form_asks_for_facts_as_they_are_declared() -> None:
    form = asks(BookFacts, "due_on", "kind", may=("title", "pages"))
    schema = form.model_json_schema()
    assert schema["required"] == ["due_on", "kind"]
    assert schema["properties"]["due_on"] == {"format": "date", "title": "Åter senast / Due on", "type": "string"}
    assert schema["properties"]["title"] == BookFacts.model_json_schema()["properties"]["title"]
    assert schema["properties"]["pages"]["maxItems"] == 2
    assert issubclass(form, Form)


@pytest.mark.parametrize("sent", [{}, {"due_on": None}, {"due_on": "2027-03-20", "more": 1}])
def test_a_form_refuses_what_it_does_not_ask_for_and_misses_what_it_needs(sent: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        asks(BookFacts, "due_on").model_validate(sent)


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [(Credits, ["0", 7.5, 600], [-1, 7.3, 601]), (CourseCredits, ["7.5", 0.5, 120], [0, 0.7, 121])],
)
def test_credits_come_in_halves(kind: Any, good: list[Any], bad: list[Any]) -> None:
    read = TypeAdapter(kind)
    assert [read.validate_python(value) for value in good] == [Decimal(str(value)) for value in good]
    for value in bad:
        with pytest.raises(ValidationError):
            read.validate_python(value)


def test_levels_of_language_compare_from_lowest_to_highest() -> None:
    assert sorted(Proficiency) == list(Proficiency)


def test_who_has_not_signed_is_named_in_both_languages() -> None:
    missing = missing_signers([Signer.SENDING])
    assert missing.sv == "studenten, värduniversitetet"
    assert missing.en == "the student, the receiving university"
    assert missing_signers(Signer).sv == ""


def test_all_words_are_exported_once() -> None:
    assert sorted(set(vocabulary.__all__)) == sorted(vocabulary.__all__)
    assert all(hasattr(vocabulary, name) for name in vocabulary.__all__)


# A definition's hash covers the functions of the vocabulary it uses, and its reading sees what they ask.

USING = (
    SOURCE.replace("    no,\n", "    no,\n    agreement_allows,\n    fact_day,\n    noting,\n    yes_if,\n", 1)
    .replace("guards=(has_a_purpose,)", "guards=(has_a_purpose, agreement_allows(len)), sets=noting('wanted_until')")
    .replace(
        'if view.facts.purpose is None:\n        return no("no_purpose", "Ändamål saknas", "There is no purpose")',
        "if fact_day('wanted_until')(view) is None:\n        return yes_if(view, 'a', 'b', 'c')",
    )
)


def defined(folder: Path, text: str = USING) -> Any:
    """Load the loan with this text."""
    path = folder / "loan.py"
    path.write_text(text, encoding="utf-8")
    return load(path)


def changed(monkeypatch: pytest.MonkeyPatch, module: str, old: str, new: str) -> None:
    """Let a module of the vocabulary read otherwise."""
    before = sources._vocabulary

    @cache
    def read(name: str) -> Source:
        text = before(name).text
        if name == f"engine.vocabulary.{module}":
            assert old in text
            text = text.replace(old, new)
        return Source(text, name)

    monkeypatch.setattr(sources, "_vocabulary", read)


@pytest.mark.parametrize(
    ("module", "old", "new"),
    [
        ("agreements", 'agreement.ask("allows", stay(view))', 'agreement.ask("in_force", stay(view))'),
        ("agreements", '"no_agreement"', '"none"'),
        ("noting", "**facts}", "}"),
        ("days", "7 * _number", "8 * _number"),
        ("days", "if isinstance(count, int)", "if not isinstance(count, str)"),
        ("conditions", "YES if holds else", "YES if not holds else"),
        ("words", "return No(Reason(", "return No(Reason (1, "),
    ],
)
def test_a_changed_function_of_the_vocabulary_changes_the_hash(
    module: str, old: str, new: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = defined(tmp_path).hash
    changed(monkeypatch, module, old, new)
    assert defined(tmp_path).hash != before


@pytest.mark.parametrize(
    ("module", "old", "new"),
    [
        ("agreements", '"Ärendet är inte kopplat till något avtal."', '"Inget avtal."'),
        ("noting", '"""Make a function that sets', '"""Sets'),
        ("agreements", 'agreement.ask("in_force", stay(view))', "YES"),
        ("messages", "Dear {{name}}", "Hello {{name}}"),
        ("agreements", '"agreement_allows_the_stay"', '"allowed"'),
    ],
)
def test_its_words_and_what_is_not_used_keep_the_hash(
    module: str, old: str, new: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = defined(tmp_path).hash
    changed(monkeypatch, module, old, new)
    assert defined(tmp_path).hash == before


def test_a_guard_made_by_the_vocabulary_reads_the_agreement(tmp_path: Path) -> None:
    read = defined(tmp_path).reads
    assert (read["lend"].relations, read["lend"].questions) == ({"agreement"}, {"allows"})
    assert read["refuse"] == Reads()
