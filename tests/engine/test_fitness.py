"""Fitness: what was really done, replayed on the graph that was declared."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.declare.naming import Naming
from engine.eventlog import LogEvent, Trace
from engine.fitness import Fit, Fitness, replay, replay_own
from tests.engine.examples import defined

LOAN = defined()


def trace(*names: str) -> Trace:
    return Trace("1", tuple(LogEvent(name, None, place) for place, name in enumerate(names, start=1)))


def left(fit: Fit) -> list[tuple[int, str, bool]]:
    """Where the case left the process."""
    return [(each.event.sequence, each.state, each.unknown) for each in fit.departures]


def test_what_was_done_as_declared_fits_wholly() -> None:
    fit = replay(LOAN, trace("note", "lend", "note", "give_back", "reconsider", "give_back"))
    assert (fit.share, fit.steps, fit.ended_in, fit.finished, left(fit)) == (1.0, 6, "returned", True, [])


def test_where_a_case_left_the_process_is_told_with_what_was_expected() -> None:
    fit = replay(LOAN, trace("give_back"))
    (departure,) = fit.departures
    assert (departure.event.sequence, departure.state, departure.unknown) == (1, "asked", False)
    assert set(departure.expected) == {t for (state, t) in LOAN.steps if state == "asked"}


def test_one_step_left_out_is_one_departure() -> None:
    fit = replay(LOAN, trace("give_back", "reconsider", "note", "give_back"))
    assert (left(fit), fit.fitting, fit.steps) == ([(1, "asked", False)], 3, 4)


def test_a_recorded_step_out_of_place_leaves_the_case_where_it_is() -> None:
    fit = replay(LOAN, trace("lend", "give_back", "note"))
    assert (left(fit), fit.ended_in) == ([(3, "returned", False)], "returned")


def test_a_name_the_process_does_not_know_counts_against_it_unless_ignored() -> None:
    assert left(replay(LOAN, trace("lend", "rain"))) == [(2, "lent", True)]
    assert replay(LOAN, trace("lend", "rain"), Naming(ignored=frozenset({"rain"}))).share == 1.0


def test_names_are_read_as_steps_and_as_states() -> None:
    naming = Naming(triggers={"Key out": "lend"}, states={"Key in": "returned", "Out": "lent"})
    fit = replay(LOAN, trace("Key out", "Out", "Key in"), naming)
    assert (fit.share, fit.ended_in, fit.finished) == (1.0, "returned", True)
    assert left(replay(LOAN, trace("Key in"), naming)) == [(1, "asked", False)]


def test_an_empty_case_fits_and_is_not_finished() -> None:
    fit = replay(LOAN, trace())
    assert (fit.share, fit.finished, fit.ended_in) == (1.0, False, "asked")


def test_a_log_adds_up() -> None:
    total = Fitness()
    cases = [trace("lend", "give_back"), trace("give_back"), trace("give_back", "rain")]
    for case in cases:
        total.add(replay(LOAN, case))
    assert (total.cases, total.fitting_cases, total.finished, total.steps, total.fitting) == (3, 1, 3, 5, 2)
    assert (total.share, total.left_at, total.unknown) == (0.4, {("asked", "give_back"): 2}, {"rain": 1})
    assert Fitness().share == 1.0


def test_our_own_history_begins_where_it_was_opened_or_carried_to() -> None:
    def event(name: str, kind: str, to: str, place: int) -> LogEvent:
        return LogEvent(name, None, place, attributes={"kind": kind, "to": to})

    opened_later = (event("opened", "opened", "lent", 1), event("commented", "commented", "lent", 2))
    assert replay_own(LOAN, Trace("1", (*opened_later, event("give_back", "moved", "returned", 3)))).share == 1.0
    carried = (event("opened", "opened", "gone", 1), event("migrated", "migrated", "lent", 2))
    assert replay_own(LOAN, Trace("1", (*carried, event("note", "recorded", "lent", 3)))).departures == ()


@given(st.integers(0, 10_000), st.integers(0, 12))
def test_any_walk_on_the_graph_fits(seed: int, length: int) -> None:
    went, _ = walk(seed, length)
    assert replay(LOAN, trace(*went)).share == 1.0


@given(st.integers(0, 10_000), st.integers(1, 12))
def test_a_step_that_was_not_allowed_is_found_at_its_place(seed: int, length: int) -> None:
    went, state = walk(seed, length)
    foreign = sorted(set(LOAN.by_trigger) - {trigger for at, trigger in LOAN.steps if at == state})
    fit = replay(LOAN, trace(*went, Random(seed).choice(foreign)))
    assert left(fit) == [(len(went) + 1, state, False)]
    assert fit.share == pytest.approx(len(went) / (len(went) + 1))


def walk(seed: int, length: int) -> tuple[Sequence[str], str]:
    """A walk on the graph, up to an end at most, and the state it came to."""
    chance, state, went = Random(seed), LOAN.workflow.initial, []
    for _ in range(length):
        offered = sorted(trigger for at, trigger in LOAN.steps if at == state)
        if not offered:
            break
        trigger = chance.choice(offered)
        went.append(trigger)
        state = LOAN.steps[state, trigger].target(state)
    return went, state
