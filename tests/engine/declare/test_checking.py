"""Rules on histories: every template against its formula, and the events that are named."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.calendar import Calendar
from engine.canonical import micros
from engine.declare.automata import automaton_of
from engine.declare.checking import Checker, How, Judged, Outcome
from engine.eventlog import LogEvent, Trace
from engine.vocabulary import (
    Occurs,
    Relates,
    Template,
    Unit,
    Within,
    absence,
    alternate_precedence,
    alternate_response,
    answered_by,
    at_most_once,
    chain_precedence,
    chain_response,
    chain_succession,
    co_existence,
    end,
    exactly,
    exactly_once,
    existence,
    holds_no_place,
    init,
    never_after,
    not_chain_succession,
    not_co_existence,
    not_succession,
    not_together,
    precedence,
    precedes,
    responded_existence,
    response,
    succession,
)
from engine.vocabulary.rules import Rule
from engine.vocabulary.templates import OF_ONE, TIMED
from tests.engine.declare.formulas import formula_of

OF_TWO = sorted(set(Template) - OF_ONE)
MONDAY = datetime(2027, 3, 1, 9, tzinfo=UTC)


def trace(names: Sequence[str], days: Sequence[int] | None = None) -> Trace:
    """A case of these activities, so many days after the Monday."""
    return Trace("1", tuple(
        LogEvent(name, micros(MONDAY + timedelta(days=days[place])) if days else None, place + 1)
        for place, name in enumerate(names)
    ))  # fmt: skip


def judged(rule: Rule, names: Sequence[str], *, over: bool = True) -> Judged:
    return Checker(rule).judge(trace(names), over=over)


def named(found: Judged) -> list[list[int]]:
    """The places of the events of each fault."""
    return [[event.sequence for event in fault.events] for fault in found.faults]


names = st.lists(st.sampled_from("abcd"), min_size=1, max_size=9)
counting = st.builds(
    Occurs, st.sampled_from(sorted(OF_ONE)), st.sampled_from([("a",), ("a", "b")]), st.integers(1, 4)
)  # fmt: skip
relating = st.builds(
    Relates, st.sampled_from(OF_TWO), st.sampled_from([("a",), ("a", "d")]), st.sampled_from([("b",), ("b", "c")])
)  # fmt: skip


@settings(max_examples=1000)
@given(st.one_of(counting, relating), names)
def test_every_template_holds_where_its_formula_does(rule: Occurs | Relates, went: list[str]) -> None:
    holds = formula_of(rule)(went, 0)
    assert (judged(rule, went).outcome is not Outcome.BROKEN) == holds


@settings(max_examples=300)
@given(st.one_of(counting, relating), names)
def test_the_automaton_that_proves_says_the_same_as_the_check(rule: Occurs | Relates, went: list[str]) -> None:
    automaton, memory = automaton_of(rule), 0
    for name in went:
        memory = automaton.after(memory, name)
    assert automaton.ends_well(memory) == (judged(rule, went).outcome is not Outcome.BROKEN)


@settings(max_examples=200)
@given(relating, names)
def test_a_rule_is_vacuous_where_it_holds_with_nothing_that_could_break_it(rule: Relates, went: list[str]) -> None:
    found = judged(rule, went)
    if found.outcome is Outcome.VACUOUS:
        activators = automaton_of(rule)
        assert not any(activators.letters.get(name, 0) & activators.meaning.activated_by for name in went)


@settings(max_examples=200)
@given(st.one_of(counting, relating), names, names)
def test_what_is_broken_while_under_way_stays_broken_whatever_follows(
    rule: Occurs | Relates, went: list[str], more: list[str]
) -> None:
    if judged(rule, went, over=False).outcome is Outcome.BROKEN:
        assert judged(rule, went + more).outcome is Outcome.BROKEN


@given(st.one_of(counting, relating), names)
def test_no_event_is_named_twice_in_a_fault_and_all_stand_in_order(rule: Occurs | Relates, went: list[str]) -> None:
    for places in named(judged(rule, went)):
        assert places == sorted(set(places))


# Which events are named, said over the whole trace.

Blame = Callable[[Sequence[str], int], bool]


def _since_last(went: Sequence[str], at: int, name: str) -> Sequence[str]:
    """What came since the last of that name, before an instant."""
    before = went[:at]
    return before[len(before) - before[::-1].index(name) :] if name in before else before


def _until_next(went: Sequence[str], at: int, name: str) -> Sequence[str]:
    after = went[at + 1 :]
    return after[: after.index(name)] if name in after else after


BLAMED: dict[Template, tuple[str, int, Blame]] = {
    Template.RESPONSE: ("a", 0, lambda went, at: "b" not in went[at + 1 :]),
    Template.PRECEDENCE: ("b", -1, lambda went, at: "a" not in went[:at]),
    Template.ALTERNATE_RESPONSE: ("a", 0, lambda went, at: "b" not in _until_next(went, at, "a")),
    Template.ALTERNATE_PRECEDENCE: ("b", -1, lambda went, at: "a" not in _since_last(went, at, "b")),
    Template.CHAIN_RESPONSE: ("a", 0, lambda went, at: went[at + 1 : at + 2] != ["b"]),
    Template.CHAIN_PRECEDENCE: ("b", -1, lambda went, at: went[max(at - 1, 0) : at] != ["a"]),
    Template.NOT_SUCCESSION: ("b", -1, lambda went, at: "a" in went[:at]),
    Template.NOT_CHAIN_SUCCESSION: ("b", -1, lambda went, at: went[max(at - 1, 0) : at] == ["a"]),
}
"""The activity that is at fault, where it stands in a fault at an event, and when it is."""


@pytest.mark.parametrize("template", BLAMED)
@settings(max_examples=150)
@given(went=names)
def test_exactly_the_events_at_fault_are_named(template: Template, went: list[str]) -> None:
    name, place, is_at_fault = BLAMED[template]
    found = judged(Relates(template, ("a",), ("b",)), went)
    blamed = {fault.events[place].sequence for fault in found.faults if fault.how is How.AT_EVENT}
    blamed |= {event.sequence for fault in found.faults if fault.how is How.AT_END for event in fault.events}
    assert blamed == {at + 1 for at, each in enumerate(went) if each == name and is_at_fault(went, at)}


@pytest.mark.parametrize(
    ("rule", "went", "outcome", "places"),
    [
        (response("a", "b"), "cc", Outcome.VACUOUS, []),
        (response("a", "b"), "abaa", Outcome.BROKEN, [[3, 4]]),
        (precedence("a", "b"), "a", Outcome.VACUOUS, []),
        (precedence("a", "b"), "bcb", Outcome.BROKEN, [[1], [3]]),
        (succession("a", "b"), "ba", Outcome.BROKEN, [[1], [2]]),
        (alternate_response("a", "b"), "acab", Outcome.BROKEN, [[1, 3]]),
        (alternate_precedence("a", "b"), "abb", Outcome.BROKEN, [[3]]),
        (chain_response("a", "b"), "acb", Outcome.BROKEN, [[1, 2]]),
        (chain_precedence("a", "b"), "acb", Outcome.BROKEN, [[3]]),
        (chain_succession("a", "b"), "ab", Outcome.KEPT, []),
        (responded_existence("a", "b"), "ba", Outcome.KEPT, []),
        (co_existence("a", "b"), "bb", Outcome.BROKEN, [[1, 2]]),
        (not_succession("a", "b"), "abb", Outcome.BROKEN, [[1, 2], [1, 3]]),
        (not_chain_succession("a", "b"), "acb", Outcome.KEPT, []),
        (not_co_existence("a", "b"), "bca", Outcome.BROKEN, [[1, 3]]),
        (existence("a", 2), "ab", Outcome.BROKEN, [[1]]),
        (existence("a"), "b", Outcome.BROKEN, [[1]]),
        (absence("a", 2), "aba", Outcome.BROKEN, [[1, 3]]),
        (absence("a"), "b", Outcome.KEPT, []),
        (exactly("a", 2), "aaa", Outcome.BROKEN, [[2, 3]]),
        (init("a"), "ba", Outcome.BROKEN, [[1]]),
        (end("a"), "ab", Outcome.BROKEN, [[2]]),
        (precedes(("a", "c"), "b"), "bcb", Outcome.BROKEN, [[1]]),
        (answered_by("a", "b", "c"), "ac", Outcome.KEPT, []),
        (never_after("a", "b"), "ab", Outcome.BROKEN, [[1, 2]]),
        (at_most_once("a"), "aa", Outcome.BROKEN, [[1, 2]]),
        (exactly_once("a"), "", Outcome.BROKEN, [[]]),
        (not_together("a", "b"), "ab", Outcome.BROKEN, [[1, 2]]),
        (holds_no_place("x"), "ab", Outcome.UNTOLD, []),
    ],
    ids=str,
)
def test_what_broke_a_rule_is_named(rule: Rule, went: str, outcome: Outcome, places: list[list[int]]) -> None:
    found = judged(rule, went)
    assert (found.outcome, named(found)) == (outcome, places)


def test_an_empty_case_has_nothing_that_must_be_there() -> None:
    assert [judged(rule, "").outcome for rule in (init("a"), end("a"), existence("a"))] == [Outcome.BROKEN] * 3
    assert [judged(rule, "").outcome for rule in (absence("a"), response("a", "b"))] == [Outcome.KEPT, Outcome.VACUOUS]


def test_what_may_still_come_breaks_nothing() -> None:
    assert judged(response("a", "b"), "a", over=False).outcome is Outcome.OPEN
    assert judged(existence("a", 2), "a", over=False).outcome is Outcome.OPEN
    assert judged(precedence("a", "b"), "b", over=False).outcome is Outcome.BROKEN


# Time limits.

NEAR: dict[Template, Callable[[Sequence[str], int], tuple[str, Sequence[int]]]] = {
    Template.RESPONSE: lambda went, at: ("a", range(at + 1, len(went))),
    Template.ALTERNATE_RESPONSE: lambda went, at: (
        "a", range(at + 1, at + 1 + len(_until_next(went, at, "a")))
    ),
    Template.CHAIN_RESPONSE: lambda went, at: ("a", range(at + 1, min(at + 2, len(went)))),
    Template.PRECEDENCE: lambda went, at: ("b", range(at)),
    Template.ALTERNATE_PRECEDENCE: lambda went, at: ("b", range(at - len(_since_last(went, at, "b")), at)),
    Template.CHAIN_PRECEDENCE: lambda went, at: ("b", range(max(at - 1, 0), at)),
}  # fmt: skip
"""Who must find a partner, and among which instants."""

HALVES = {
    Template.SUCCESSION: (Template.RESPONSE, Template.PRECEDENCE),
    Template.ALTERNATE_SUCCESSION: (Template.ALTERNATE_RESPONSE, Template.ALTERNATE_PRECEDENCE),
    Template.CHAIN_SUCCESSION: (Template.CHAIN_RESPONSE, Template.CHAIN_PRECEDENCE),
}

CLOSED = Calendar(closing_days=frozenset({date(2027, 3, 4)}))


def _late(start: date, until: date, within: Within) -> bool:
    return CLOSED.nth_counted_day(start, within.count, unit=within.unit.value, internal=False) < until


def in_time(template: Template, within: Within, went: list[str], days: list[int]) -> bool:
    """By the last day in time: free days after it do not prolong it."""
    if template in HALVES:
        return all(in_time(half, within, went, days) for half in HALVES[template])
    local = [(MONDAY + timedelta(days=day)).date() for day in days]
    for at, name in enumerate(went):
        asking, where = NEAR[template](went, at)
        partner = "b" if asking == "a" else "a"
        near = [sorted((at, each)) for each in where if went[each] == partner]
        if name == asking and all(_late(local[i], local[j], within) for i, j in near):
            return False
    return True


@settings(max_examples=500)
@given(
    st.sampled_from(sorted(TIMED)),
    st.builds(Within, st.integers(0, 4), st.sampled_from([Unit.DAYS, Unit.WORKING_DAYS])),
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 4)), min_size=1, max_size=7),
)
def test_a_limit_is_kept_where_each_finds_its_partner_in_time(
    template: Template, within: Within, steps: list[tuple[str, int]]
) -> None:
    went = [name for name, _ in steps]
    days = [sum(gap for _, gap in steps[: place + 1]) for place in range(len(steps))]
    found = Checker(Relates(template, ("a",), ("b",), within), CLOSED).judge(trace(went, days))
    assert (found.outcome is not Outcome.BROKEN) == in_time(template, within, went, days)


def test_a_late_answer_is_named_with_its_last_day() -> None:
    # Monday, five working days, one of them closed: the last is Tuesday of the week after.
    rule = response("a", "b", within=5)
    late, in_time_ = trace("ab", [0, 9]), trace("ab", [0, 8])
    (fault,) = Checker(rule, CLOSED).judge(late).faults
    assert (fault.how, [event.sequence for event in fault.events], fault.last_on) == (
        How.LATE, [1, 2], date(2027, 3, 9),
    )  # fmt: skip
    assert Checker(rule, CLOSED).judge(in_time_).outcome is Outcome.KEPT


def test_what_an_open_case_still_owes_is_late_once_its_last_day_has_passed() -> None:
    rule, open_case = response("a", "b", within=1), trace("a", [0])
    outcomes = [
        Checker(rule, CLOSED, date(2027, 3, day)).judge(open_case, over=False).outcome for day in (1, 2, 3)
    ]  # fmt: skip
    assert outcomes == [Outcome.OPEN, Outcome.OPEN, Outcome.BROKEN]


def test_days_are_those_of_stockholm() -> None:
    # 22:30 in UTC on the last day of summer time is the next day in Stockholm.
    at = datetime(2027, 7, 1, 22, 30, tzinfo=UTC)
    events = (LogEvent("a", micros(at - timedelta(days=1)), 1), LogEvent("b", micros(at), 2))
    rule = response("a", "b", within=Within(0, Unit.DAYS))
    (fault,) = Checker(rule).judge(Trace("1", events)).faults
    assert fault.last_on == date(2027, 7, 1)


def test_without_instants_a_limit_cannot_be_judged() -> None:
    assert judged(response("a", "b", within=3), "ab").outcome is Outcome.UNTOLD
    assert judged(response("a", "b", within=3), "a").outcome is Outcome.BROKEN


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: response("a", "a"), "response names a on both sides"),
        (lambda: Relates(Template.CO_EXISTENCE, ("a",), ("b",), Within(1)), "co_existence knows no time limit"),
        (lambda: Relates(Template.INIT, ("a",), ("b",)), "init is about one activity"),
        (lambda: Occurs(Template.RESPONSE, ("a",)), "response is about two activities"),
        (lambda: existence("a", 0), "existence counts from 1 to 1000, not 0"),
        (lambda: Within(2, Unit.MONTHS), "in working_days or days, not in months"),
        (lambda: Within(-1), "-1 days cannot be kept"),
    ],
)
def test_a_rule_that_means_nothing_cannot_be_written(make: Callable[[], object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        make()
