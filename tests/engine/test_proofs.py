"""Proofs: a rule holds on every path, or there is a shortest one on which it does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.proofs import Path, Step, broken_rules, counterexample, in_words
from engine.vocabulary import (
    RECONSIDER,
    RECORDED,
    AnsweredBy,
    AtMostOnce,
    ExactlyOnce,
    HoldsNoPlace,
    NeverAfter,
    NotTogether,
    Precedes,
    Role,
    Rule,
    State,
    Text,
    Transition,
    Workflow,
    answered_by,
    at_most_once,
    exactly_once,
    holds_no_place,
    never_after,
    not_together,
    precedes,
)
from tests.engine.examples import LOAN, loan

WORDS = Text("Ord", "Words")
STATES = tuple("abcd")
TRIGGERS = ("x", "y", "z", RECONSIDER)
LONGEST = 7
"""How many steps paths are enumerated to; enough for every rule over four states."""


def step(source: str | tuple[str, ...], trigger: str, to: str) -> Transition:
    return Transition(trigger, WORDS, source, to, (Role.OFFICER,))


def graph(*steps: Transition, ends: tuple[str, ...] = ("d",), rules: tuple[Rule, ...] = ()) -> Workflow:
    """A workflow over the states a to d that begins in a."""
    states = tuple(State(name, WORDS, final=name in ends) for name in STATES)
    return loan(states=states, transitions=steps, initial="a", rules=rules)


# An abroad-like fragment: the way over the deviation leaves out what the rule asks for.
JOURNEY = graph(
    step("a", "sign", "b"),
    step("b", "depart", "c"),
    step("a", "depart_with_deviation", "c"),
    step("c", "note", RECORDED),
    step("c", "come_home", "d"),
)


def told(rule: Rule, workflow: Workflow = JOURNEY) -> str | None:
    """The path that breaks a rule, in words."""
    path = counterexample(workflow, rule)
    return None if path is None else " ".join(str(each) for each in path)


@pytest.mark.parametrize(
    "rule",
    [
        precedes("sign", "depart"),
        precedes(("sign", "depart_with_deviation"), "come_home"),
        answered_by("sign", "come_home"),
        answered_by("sign", "depart", "depart_with_deviation"),
        never_after("depart", "sign"),
        at_most_once("sign"),
        exactly_once("come_home"),
        not_together("sign", "depart_with_deviation"),
        holds_no_place("d"),
    ],
)
def test_a_rule_that_holds_is_proved(rule: Rule) -> None:
    assert told(rule) is None


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        (precedes("sign", "come_home"), "a --depart_with_deviation--> c c --come_home--> d"),
        (answered_by("depart_with_deviation", "sign"), "a --depart_with_deviation--> c c --come_home--> d"),
        (never_after("sign", "note"), "a --sign--> b b --depart--> c c --note--> c"),
        (
            at_most_once("note"),
            "a --depart_with_deviation--> c c --note--> c c --note--> c",
        ),
        (exactly_once("sign"), "a --depart_with_deviation--> c c --come_home--> d"),
        (not_together("note", "come_home"), "a --depart_with_deviation--> c c --note--> c c --come_home--> d"),
        (answered_by("note", "note"), "a --depart_with_deviation--> c c --note--> c c --come_home--> d"),
    ],
)
def test_a_broken_rule_has_a_shortest_path(rule: Rule, path: str) -> None:
    assert told(rule) == path


def test_no_case_ends_holding_a_place() -> None:
    states = tuple(replace(each, holds_place=each.name == "d") for each in JOURNEY.states)
    assert told(holds_no_place("d"), replace(JOURNEY, states=states)) == (
        "a --depart_with_deviation--> c c --come_home--> d"
    )


def test_a_state_on_the_way_may_hold_a_place() -> None:
    states = tuple(replace(each, holds_place=each.name != "d") for each in JOURNEY.states)
    assert told(holds_no_place("d"), replace(JOURNEY, states=states)) is None


def test_rules_are_proved_without_reconsider() -> None:
    assert told(answered_by("lend", "give_back"), LOAN) is None
    assert told(at_most_once("give_back"), LOAN) is None


def test_what_never_comes_to_an_end_breaks_nothing() -> None:
    workflow = graph(step("a", "x", "d"), step("a", "y", "b"), step("b", "z", RECORDED))
    assert told(at_most_once("z"), workflow) is None


def test_a_loop_does_not_make_the_search_endless() -> None:
    workflow = graph(step("a", "x", "b"), step("b", "y", "a"), step("b", "z", "d"))
    assert told(answered_by("x", "z"), workflow) is None
    assert told(exactly_once("x"), workflow) == "a --x--> b b --y--> a a --x--> b"


def test_a_broken_rule_is_told_in_words() -> None:
    workflow = replace(JOURNEY, rules=(precedes(("sign", "note"), "come_home"),))
    assert list(broken_rules(workflow)) == [
        "rule precedes(sign or note, come_home): is broken on the path a --depart_with_deviation--> c --come_home--> d"
    ]


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (precedes(("a", "b"), "c"), "precedes(a or b, c)"),
        (answered_by("a", "b", "c"), "answered_by(a, b or c)"),
        (never_after("a", "b"), "never_after(a, b)"),
        (at_most_once("a"), "at_most_once(a)"),
        (exactly_once("a"), "exactly_once(a)"),
        (not_together("a", "b"), "not_together(a, b)"),
        (holds_no_place("a", "b"), "holds_no_place(a or b)"),
    ],
)
def test_a_rule_is_said_as_it_is_written(rule: Rule, words: str) -> None:
    assert in_words(rule) == words


# Against every path there is, up to a length.


@st.composite
def graphs(draw: st.DrawFn) -> Workflow:
    """Any graph of up to six arrows over four states."""
    arrow = st.builds(
        step,
        st.sampled_from(STATES),
        st.sampled_from(TRIGGERS),
        st.sampled_from((*STATES, RECORDED)),
    )
    ends = tuple(draw(st.sets(st.sampled_from("bcd"), min_size=1, max_size=2)))
    arrows = {(each.source, each.trigger): each for each in draw(st.lists(arrow, max_size=6))}
    return graph(*arrows.values(), ends=ends)


one = st.sampled_from("xyz")
some = st.lists(one, min_size=1, max_size=2).map(tuple)
rules = st.one_of(
    st.builds(Precedes, some, one),
    st.builds(AnsweredBy, one, some),
    st.builds(NeverAfter, one, one),
    st.builds(AtMostOnce, one),
    st.builds(ExactlyOnce, one),
    st.builds(NotTogether, one, one),
)


def paths(workflow: Workflow) -> Iterator[Path]:
    """Every path from the start to an end, the shorter first."""
    ends = {state.name for state in workflow.states if state.final}
    beginnings: list[Path] = [()]
    for _ in range(LONGEST + 1):
        longer: list[Path] = []
        for path in beginnings:
            at = path[-1].target if path else workflow.initial
            if at in ends:
                yield path
                continue
            longer += [
                (*path, Step(at, each.trigger, each.target(at)))
                for each in workflow.transitions
                if at in each.sources and each.trigger != RECONSIDER
            ]
        beginnings = longer


def holds_on(rule: Rule, path: Path) -> bool:  # noqa: PLR0911 - one answer a rule
    """What a rule means, said over one whole path."""
    went = [each.trigger for each in path]
    match rule:
        case Precedes(first, then):
            return all(set(first) & set(went[:n]) for n, at in enumerate(went) if at == then)
        case AnsweredBy(first, answers):
            return all(set(answers) & set(went[n + 1 :]) for n, at in enumerate(went) if at == first)
        case NeverAfter(first, then):
            return not any(then in went[n + 1 :] for n, at in enumerate(went) if at == first)
        case AtMostOnce(trigger):
            return went.count(trigger) <= 1
        case ExactlyOnce(trigger):
            return went.count(trigger) == 1
        case NotTogether(a, b):
            return not (a in went and b in went)
        case HoldsNoPlace():
            return True
        case _:
            raise AssertionError(f"{rule} is held against a meaning of its own in tests/engine/declare")


@settings(max_examples=300)
@given(graphs(), rules)
def test_what_breaks_on_some_path_is_found_and_none_is_shorter(workflow: Workflow, rule: Rule) -> None:
    broken = [path for path in paths(workflow) if not holds_on(rule, path)]
    found = counterexample(workflow, rule)
    if broken:
        assert found is not None
        assert len(found) <= len(broken[0])


@settings(max_examples=300)
@given(graphs(), rules)
def test_a_counterexample_is_a_path_that_can_come_to_an_end(workflow: Workflow, rule: Rule) -> None:
    found = counterexample(workflow, rule)
    if found is None or len(found) > LONGEST - 3:
        return
    whole = [path for path in paths(workflow) if path[: len(found)] == found]
    assert whole
    assert not any(holds_on(rule, path) for path in whole)
