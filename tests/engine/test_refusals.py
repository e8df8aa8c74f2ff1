"""Refusals: what a condition says when it says no, read off the source and never run."""

from __future__ import annotations

from functools import partial

from engine.refusals import Refusal, behaviour, explained, refusals
from engine.vocabulary import (
    YES,
    Answer,
    AnyView,
    Role,
    Tell,
    Text,
    agreement_allows,
    no,
    remind,
    used,
    yes_if,
)
from tests.engine.agreements_by_hand import real_catalogue
from tests.engine.house import CATALOGUE

STAY = CATALOGUE.current("stay")
BLUNT = no("blunt", "Nej", "No")


def is_blue(view: AnyView) -> Answer:
    """Refuse what is not blue.

    This part is for developers.
    """
    raise AssertionError("a condition is never run to be read")


def is_early(view: AnyView) -> Answer:
    return yes_if(view.today, "late", f"För sent: {view.today}", f"Too late: {view.today}", who_can=Role.HEAD)


def is_both(view: AnyView) -> Answer:
    if view.state == "asked":
        return no("asked", "Redan", "Already")
    return is_early(view) if view.unit else BLUNT


def says_a_made_word(view: AnyView) -> Answer:
    words = view.unit
    return YES if words else no("made", words, words)


def read(guard: object) -> list[tuple[str, str]]:
    return [(each.code, each.message.en) for each in refusals(guard, STAY, CATALOGUE)]  # type: ignore[arg-type]  # any callable may stand there


def test_words_are_read_with_gaps_for_values() -> None:
    assert refusals(is_early, STAY, CATALOGUE) == (Refusal("late", Text("För sent: …", "Too late: …")),)


def test_a_condition_is_read_with_what_it_calls_and_names() -> None:
    assert sorted(read(is_both)) == [("asked", "Already"), ("blunt", "No"), ("late", "Too late: …")]
    assert read(is_both)[0] == ("asked", "Already")


def test_words_that_are_made_when_it_runs_cannot_be_read() -> None:
    assert read(says_a_made_word) == []


def test_a_condition_without_words_is_explained_by_its_docstring_or_name() -> None:
    assert read(is_blue) == []
    assert explained(is_blue) == "Refuse what is not blue."
    assert explained(is_early) == "is early"


def test_questions_to_a_linked_case_are_read_in_its_own_process() -> None:
    definition = real_catalogue().current("outgoing_exchange")
    guard = agreement_allows(lambda view: view.facts)
    codes = [each.code for each in refusals(guard, definition, real_catalogue())]
    assert codes[0] == "no_agreement"
    assert {"agreement_not_in_force", "agreement_ends_too_early"} <= set(codes)


def test_a_function_of_no_module_has_no_words() -> None:
    assert read(partial(is_early)) == []
    unknown = lambda view: view  # noqa: E731 - a function whose home is then taken away
    unknown.__module__ = "nowhere"
    assert read(unknown) == []


def test_behaviour_is_equal_where_only_words_differ() -> None:
    one, other = (Tell("offered", Role.HEAD), Text("a", "b")), (Tell("offered", Role.HEAD), Text("c", "d"))
    assert behaviour(one) == behaviour(other)


def test_behaviour_differs_with_values_and_with_the_source_of_functions() -> None:
    assert behaviour(remind(used(2))) != behaviour(remind(used(3)))
    assert behaviour((is_blue,)) != behaviour((is_early,))
    assert behaviour({"a": {1, 2}, "b": Role.HEAD}) != behaviour({"a": {1, 2}, "b": Role.OFFICER})
