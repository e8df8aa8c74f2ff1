"""Facts and forms: published, exact, titled, and fitting each other."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal

import pytest
from pydantic import Field

from engine import checks
from engine.checks.facts import spelt
from engine.vocabulary import (
    MISSED,
    Facts,
    FollowUp,
    Form,
    Identifier,
    Line,
    OnDay,
    Workflow,
    fact_day,
    fire,
    has_fact,
    lacks_fact,
    noting,
    unless,
)
from tests.engine.examples import (
    LoanFacts,
    loan,
    only_fault,
    with_deadline,
    with_transition,
)


def asking(form: type[Form], facts: type[Facts] = LoanFacts) -> Workflow:
    """The loan, lent by another form."""
    return replace(with_transition("lend", form=form), facts=facts)


class Strange(Form):
    """Holds what JSON does not know."""

    wanted: type = Field(title="Vad / What")


class Weight(StrEnum):
    """A few words."""

    LIGHT = "light"
    HEAVY = "heavy"


class WiderFacts(Facts):
    """Facts of many kinds."""

    amount: Decimal | None = None
    count: int = 0
    weight: Weight = Weight.LIGHT
    days: tuple[date, ...] = ()
    note: str = ""
    owner: Identifier = "00000000-0000-7000-8000-000000000000"


def test_a_form_can_be_published() -> None:
    assert only_fault(asking(Strange)).startswith("form Strange: has no JSON Schema")


def test_facts_hold_no_floats() -> None:
    class Floating(LoanFacts):
        share: float = 0.5

    assert only_fault(loan(facts=Floating)) == ("facts Floating, field share: is a float; use int, or Decimal")


@pytest.mark.parametrize("title", [None, "Bara svenska", "Svenska / ", " / English"])
def test_a_field_has_a_title_in_both_languages(title: str | None) -> None:
    class Asked(Form):
        keys: int = Field(title=title)

    assert only_fault(asking(Asked)).startswith("form Asked, field keys: its title is")


@pytest.mark.parametrize(
    ("name", "kind", "told"),
    [
        ("count", str, "may be string, but the fact count is integer"),
        ("count", int | None, "may be null, but the fact count is integer"),
        ("weight", str, "may be string, but the fact weight is the value 'heavy' or the value 'light'"),
        ("days", tuple[str, ...], "may be array of string, but the fact days is array of string (date)"),
        ("amount", date, "may be string (date), but the fact amount is decimal or null"),
        ("owner", Line, "may be string, but the fact owner is string (^[0-9a-f]{8}"),
        ("count", Literal["1"], "may be the value '1', but the fact count is integer"),
    ],
)
def test_what_is_asked_for_fits_the_fact_of_its_name(name: str, kind: Any, told: str) -> None:
    fields = {"__annotations__": {name: kind}, name: Field(title="Fält / Field")}
    asked = type("Asked", (Form,), fields | {"__module__": __name__})
    found = checks.problems(asking(asked, WiderFacts))
    assert found[0].startswith(f"form Asked, field {name}: {told}")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("count", int),
        ("amount", int),
        ("amount", Decimal),
        ("weight", Weight),
        ("days", tuple[date, ...]),
        ("note", date),
        ("note", Weight),
        ("owner", Identifier),
        ("count", Literal[1]),
    ],
)
def test_a_fact_takes_what_is_narrower(name: str, kind: Any) -> None:
    fields = {"__annotations__": {name: kind}, name: Field(title="Fält / Field")}
    asked = type("Asked", (Form,), fields | {"__module__": __name__})
    assert checks.problems(replace(asking(asked, WiderFacts), guards=())) == ()


def test_protected_facts_exist() -> None:
    assert only_fault(loan(protected=("colour",))) == ("protected: colour is not a fact; name a field of LoanFacts")


LAPSE = (fire(MISSED, "lapse"),)


@pytest.mark.parametrize(
    "workflow",
    [
        with_deadline(due=OnDay(fact_day("wanted_until", "wanted_untill")), ladder=LAPSE),
        with_deadline(applies=unless(has_fact("wanted_untill"))),
        with_deadline(applies=lacks_fact("wanted_untill")),
        with_transition("lend", sets=noting(wanted_untill=None)),
        with_transition("lend", sets=noting("wanted_untill")),
    ],
)
def test_a_fact_named_to_the_vocabulary_must_exist(workflow: Workflow) -> None:
    assert "wanted_untill" in only_fault(workflow)
    assert "not a fact; name a field of LoanFacts" in only_fault(workflow)


def test_facts_named_to_the_vocabulary_may_be_any_that_exist() -> None:
    workflow = with_deadline(due=OnDay(fact_day("wanted_until")), applies=has_fact("purpose"), ladder=LAPSE)
    assert checks.problems(workflow) == ()


def test_a_figure_named_to_the_vocabulary_must_exist() -> None:
    due = OnDay(fact_day("wanted_until", days="-grace", weeks=1))
    assert only_fault(with_deadline(due=due, ladder=LAPSE)).startswith("functions: grace is not a figure")
    assert checks.problems(replace(with_deadline(due=due, ladder=LAPSE), figures={"grace": 3})) == ()


def test_what_a_follow_up_sends_is_not_a_fact_of_its_own_case() -> None:
    assert list(spelt(with_transition("lend", follow_ups=(FollowUp("key", "take", fields=noting(due=None)),)))) == []
