"""Ways, waiting and rework of traces: pure, and the same whatever the order of the cases."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from engine.eventlog import LogEvent, Trace
from engine.variants import EXACT, Spans, Tally, visits_of

NOW = 1_000


def trace(*steps: tuple[str, str, int], case: str = "1", kind: str = "moved") -> Trace:
    """A trace of (activity, state after it, instant)."""
    events = (
        LogEvent(name, at, place, None, {"to": state, "kind": kind if place > 1 else "opened"})
        for place, (name, state, at) in enumerate(steps, start=1)
    )
    return Trace(case, tuple(events))


def tallied(traces: Iterable[Trace], finals: Iterable[str] = ("end",)) -> Tally:
    found = Tally(NOW, frozenset(finals))
    for each in traces:
        found.add(each)
    return found


STRAIGHT = trace(("open", "a", 0), ("go", "b", 10), ("close", "end", 40))
ROUND = trace(("open", "a", 0), ("go", "b", 10), ("back", "a", 30), ("go", "b", 50), ("close", "end", 60))
OPEN = trace(("open", "a", 900))


def test_time_in_a_state_is_counted_from_entry_to_exit() -> None:
    found = tallied([STRAIGHT, ROUND])
    assert (found.states["a"].ended.count, found.states["a"].ended.total) == (3, 10 + 10 + 20)
    assert found.states["b"].ended.median == 20


def test_a_case_that_stands_still_waits_until_now_but_not_at_its_end() -> None:
    found = tallied([STRAIGHT, OPEN])
    assert (found.states["a"].standing.count, found.states["a"].standing.total) == (1, 100)
    assert found.states["end"].waited == 0


def test_bottlenecks_begin_with_where_most_waiting_lies() -> None:
    assert [state for state, _ in tallied([STRAIGHT, ROUND]).bottlenecks()] == ["b", "a"]


def test_variants_are_the_ways_with_their_share_and_time_from_end_to_end() -> None:
    found = tallied([STRAIGHT, STRAIGHT, ROUND, OPEN]).variants(2)
    assert [(each.states, each.cases, each.median) for each in found] == [
        (("a", "b", "end"), 2, 40), (("a",), 1, None),
    ]  # fmt: skip


def test_rework_is_entered_again_undone_and_repeated() -> None:
    found = tallied([STRAIGHT, ROUND])
    assert (found.reworked, found.states["a"].again, found.states["end"].again) == (1, 1, 0)
    assert found.undone == {("b", "a"): 1, ("a", "b"): 1}
    assert found.repeated == {"go": 1}


def test_what_is_only_noted_is_no_step_taken_again() -> None:
    noted = trace(("open", "a", 0), ("sign", "a", 1), ("sign", "a", 2), kind="recorded")
    found = tallied([noted])
    assert (dict(found.repeated), found.reworked, len(visits_of(noted.events))) == ({}, 0, 1)


def test_a_foreign_log_without_states_is_read_by_its_activities() -> None:
    log = Trace("x", (LogEvent("register", 0, 1), LogEvent("decide", 5, 2), LogEvent("unknown day", None, 3)))
    found = tallied([log], finals=())
    assert [each.states for each in found.variants(1)] == [("register", "decide")]
    assert found.events == 2


def test_a_trace_without_instants_is_passed_over() -> None:
    assert tallied([Trace("x", (LogEvent("a", None, 1),))]).cases == 0


@given(st.lists(st.integers(0, 10**15), min_size=1, max_size=200), st.integers(1, 100))
def test_a_rank_is_a_span_there_was(spans: list[int], percent: int) -> None:
    told = Spans()
    for span in spans:
        told.add(span)
    rank = (len(spans) * percent + 99) // 100
    assert told.rank(percent) == sorted(spans)[rank - 1]


def test_ranks_of_very_many_are_right_to_a_hundredth() -> None:
    told = Spans()
    for span in range(1, EXACT * 5):
        told.add(span * 1000)
    for percent in (1, 50, 90, 100):
        exact = (((EXACT * 5 - 1) * percent + 99) // 100) * 1000
        assert abs(told.rank(percent) - exact) <= exact * 0.011


@given(st.lists(st.sampled_from([STRAIGHT, ROUND, OPEN]), max_size=12), st.randoms())
def test_the_order_of_the_cases_changes_nothing(found: list[Trace], random: object) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a Random
    one, other = tallied(found), tallied(shuffled)
    assert (one.variants(9), one.undone, one.repeated) == (other.variants(9), other.undone, other.repeated)


@given(st.lists(st.sampled_from([STRAIGHT, ROUND, OPEN]), max_size=12))
def test_every_case_takes_exactly_one_way(found: list[Trace]) -> None:
    told = tallied(found)
    assert sum(each.cases for each in told.variants(99)) + told.other_ways == told.cases == len(found)
