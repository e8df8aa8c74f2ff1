"""Comparing definitions: what was added, removed or changed, in words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.comparing import Change, Difference, Part, differences
from engine.definition import Definition
from engine.vocabulary import (
    YES,
    Answer,
    AnyView,
    Facts,
    Line,
    Role,
    Text,
    Workflow,
    at_most_once,
    known,
    no,
)
from tests.engine.agreements_by_hand import real_catalogue
from tests.engine.examples import LOAN, defined, loan, with_deadline, with_state, with_transition
from tests.engine.house import CATALOGUE


def between(before: Workflow, after: Workflow) -> list[Difference]:
    return list(differences(defined(before), defined(after), CATALOGUE))


def only(before: Workflow, after: Workflow, part: Part) -> Difference:
    (found,) = [each for each in between(before, after) if each.part is part]
    return found


def told(found: Difference) -> dict[str, tuple[str | None, str | None]]:
    """What reads otherwise: before and after, in English."""
    return {
        each.what.en: (each.before.text.en if each.before else None, each.after.text.en if each.after else None)
        for each in found.details
    }


@pytest.mark.parametrize("name", real_catalogue().names)
def test_a_definition_does_not_differ_from_itself(name: str) -> None:
    current = real_catalogue().current(name)
    assert differences(current, current, real_catalogue()) == ()


def test_another_label_is_a_difference_though_not_one_of_behaviour() -> None:
    state = LOAN.states[0]
    found = only(LOAN, with_state(state.name, label=Text("Nytt", "New")), Part.STATES)
    assert (found.name, found.change) == (state.name, Change.CHANGED)
    assert told(found)["label"] == (state.label.en, "New")


def test_a_rule_that_came_or_went_is_told() -> None:
    longer = loan(rules=(*LOAN.rules, at_most_once("lend")))
    assert only(LOAN, longer, Part.RULES).change is Change.ADDED
    gone = only(longer, LOAN, Part.RULES)
    assert (gone.change, gone.label.en.endswith("happens at most once.")) == (Change.REMOVED, True)


def test_who_may_take_a_step_is_told_by_step_and_by_role() -> None:
    step = LOAN.transitions[0]
    after = with_transition(step.trigger, by=(Role.OFFICER,))
    assert told(only(LOAN, after, Part.STEPS))["done by"][1] == "the International Office"
    roles = {each.name: each.change for each in between(LOAN, after) if each.part is Part.ROLES}
    assert roles["officer"] is Change.ADDED


def test_a_reason_asked_for_is_told_as_yes_and_no() -> None:
    step = LOAN.transitions[0]
    found = only(LOAN, with_transition(step.trigger, reason_required=not step.reason_required), Part.STEPS)
    assert told(found) == {"needs a reason": ("no", "yes") if not step.reason_required else ("yes", "no")}


def test_a_shorter_ladder_is_told_step_by_step() -> None:
    ladder = LOAN.deadlines[0].ladder
    found = only(LOAN, with_deadline(ladder=ladder[:-1]), Part.DEADLINES)
    (detail,) = found.details
    assert detail.before is not None
    assert detail.after is None


def is_quiet(view: AnyView) -> Answer:
    return YES if view.unit else no("loud", "Högt", "Loud")


def another(view: AnyView) -> Answer:
    return YES if view.number else no("loud", "Högt", "Loud")


def test_a_rewritten_condition_is_told_even_if_it_says_the_same() -> None:
    another.__name__ = is_quiet.__name__
    step = LOAN.transitions[0].trigger
    before, after = with_transition(step, guards=(is_quiet,)), with_transition(step, guards=(another,))
    (detail,) = only(before, after, Part.STEPS).details
    assert detail.what.en == "condition is_quiet"
    assert detail.before == detail.after


def test_a_condition_that_came_is_told_by_what_it_says() -> None:
    step = LOAN.transitions[0].trigger
    (detail,) = only(with_transition(step, guards=()), with_transition(step, guards=(is_quiet,)), Part.STEPS).details
    assert detail.before is None
    assert detail.after is not None
    assert detail.after.text == Text("Högt", "Loud")


class MoreFacts(Facts):
    colour: Line | None = known("Färg / Colour")


class OtherFacts(Facts):
    colour: Line = "blue"


def test_facts_are_compared_by_title_need_and_kind() -> None:
    bare = loan(facts=Facts, title=plain_title)
    more, other = loan(facts=MoreFacts, title=plain_title), loan(facts=OtherFacts, title=plain_title)
    assert only(bare, more, Part.FACTS).label == Text("Färg", "Colour")
    found = only(more, other, Part.FACTS)
    assert (found.name, set(told(found))) == ("colour", {"title", "what it may hold"})


def plain_title(view: AnyView) -> str:
    return view.number


def test_figures_are_compared_by_value() -> None:
    before, after = loan(figures={"limit": 3}), loan(figures={"limit": 4})
    assert told(only(before, after, Part.FIGURES)) == {"value": ("3", "4")}


def test_what_stands_beside_the_steps_is_compared_too() -> None:
    assert only(LOAN, loan(corrected_by=(Role.HEAD,)), Part.REST).name == "corrections"


def test_what_is_only_in_one_definition_is_added_or_removed_with_all_it_says() -> None:
    stay = CATALOGUE.current("stay")
    without = tuple(each for each in stay.workflow.deadlines if each.name != "start")
    fewer: Any = replace(stay, workflow=replace(stay.workflow, deadlines=without))
    assert isinstance(fewer, Definition)
    (gone,) = differences(stay, fewer, CATALOGUE)
    (back,) = differences(fewer, stay, CATALOGUE)
    assert (gone.change, back.change) == (Change.REMOVED, Change.ADDED)
    assert [each.before for each in gone.details] == [each.after for each in back.details]
