"""Rules on our own histories: the steps of every way to an end, each case by its own rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from engine.declare.checking import How, Outcome
from engine.declare.histories import HistoryCheck, ways
from engine.eventlog import LogEvent, Trace
from engine.fitness import replay_own
from engine.logs import Logs, Span
from engine.store.rows import read_organisation
from engine.vocabulary import at_most_once, end, exactly_once, holds_no_place, precedence, response
from engine.vocabulary.rules import Rule
from tests.engine.examples import LOAN, defined
from tests.engine.house import CATALOGUE, INSTITUTION
from tests.engine.lives import Life, lived

WEEK = 7 * 86_400_000_000
KEY = defined()


@pytest.fixture
def life(sqlite_url: str) -> Iterator[Life]:
    with lived(sqlite_url) as found:
        yield found


def trace(*steps: tuple[str, str, str], kind: str = "moved") -> Trace:
    """A case of these steps as (trigger, from, to), a week apart; `reconsider` reopens."""
    opened = LogEvent("opened", 0, 1, attributes={"kind": "opened", "to": "asked"})
    taken = (
        LogEvent(name, place * WEEK, place + 1, attributes={
            "kind": "reopened" if name == "reconsider" else kind, "from": source, "to": to,
        })
        for place, (name, source, to) in enumerate(steps, start=1)
    )  # fmt: skip
    return Trace("LOAN-1", (opened, *taken), {"id": "1", "unit": "a", "definition": KEY.hash})


LENT = ("lend", "asked", "lent")
BACK = ("give_back", "lent", "returned")
AGAIN = ("reconsider", "returned", "lent")
NOTED = ("note", "lent", "lent")


def checking(life: Life, *rules: Rule) -> HistoryCheck:
    with life.house.store.step() as ledger:
        organisation = read_organisation(INSTITUTION, ledger.organisation_rows(INSTITUTION))
    return HistoryCheck(CATALOGUE, organisation, date(2028, 1, 1), rules or None)


def traces(life: Life, workflow: str = "stay") -> list[Trace]:
    return list(Logs(life.house.store).traces(INSTITUTION, Span(workflow=(workflow,))))


def test_only_steps_are_read() -> None:
    commented = LogEvent("commented", 5, 3, attributes={"kind": "commented", "from": "lent", "to": "lent"})
    whole = trace(LENT, BACK)
    noisy = replace(whole, events=(*whole.events[:2], commented, *whole.events[2:]))
    (way,) = ways(noisy, KEY)
    assert (way.trace.names, way.over, way.to) == (("lend", "give_back"), True, "returned")


def test_a_case_taken_up_again_goes_on_from_where_it_stood() -> None:
    first, second = ways(trace(LENT, NOTED, BACK, AGAIN, BACK), KEY)
    assert (first.trace.names, first.over) == (("lend", "note", "give_back"), True)
    assert (second.trace.names, second.over) == (("lend", "note", "give_back"), True)
    assert [event.sequence for event in second.trace.events] == [2, 3, 6]


def test_what_was_taken_up_again_and_is_under_way_is_not_over() -> None:
    assert [way.over for way in ways(trace(LENT, BACK, AGAIN), KEY)] == [True, False]


def test_each_case_is_judged_by_its_own_rules(life: Life) -> None:
    declared = {name: CATALOGUE.current(name).workflow.rules for name in ("stay", "contract", "report")}
    for name, rules in declared.items():
        for _, judged in checking(life).judge(traces(life, name)):
            assert tuple(each.rule for each in judged) == rules


def test_a_life_of_everything_keeps_rules_that_hold_of_its_graph(life: Life) -> None:
    rules = (precedence("propose", "approve"), precedence("offer", "accept"), response("accept", "finish"))
    ((_, judged),) = checking(life, *rules).judge(traces(life))
    assert [each.outcome for each in judged] == [Outcome.KEPT, Outcome.KEPT, Outcome.OPEN]


def test_a_rule_that_reopening_seems_to_break_is_judged_way_by_way(life: Life) -> None:
    (stay,) = traces(life)
    assert [event.name for event in stay.events].count("finish") == 1
    ((_, judged),) = checking(life, at_most_once("finish"), exactly_once("finish"), end("finish")).judge([stay])
    assert [each.outcome for each in judged] == [Outcome.KEPT, Outcome.OPEN, Outcome.OPEN]


def test_a_planted_violation_is_found_with_its_event(life: Life) -> None:
    (offer,) = [row for row in life.house.events(life.stay) if row["trigger"] == "offer"]
    life.forge(life.stay, offer["sequence"], trigger="lock")
    ((found, judged),) = checking(life, precedence("offer", "accept")).judge(traces(life))
    (accept,) = [event.sequence for event in found.events if event.name == "accept"]
    ((fault,),) = [each.faults for each in judged]
    assert (fault.how, [event.sequence for event in fault.events]) == (How.AT_EVENT, [accept])


def test_a_fault_on_two_ways_is_told_once(life: Life) -> None:
    went = trace(NOTED, LENT, BACK, AGAIN, BACK)
    under = replace(went, attributes={**went.attributes, "definition": CATALOGUE.current("stay").hash})
    # Any definition will do for a rule that is given; its states are those of no end here.
    ((_, (judged,)),) = checking(life, precedence("lend", "note")).judge([under])
    assert [[event.sequence for event in fault.events] for fault in judged.faults] == [[2]]


def test_places_are_told_by_the_state_a_case_ends_in(life: Life) -> None:
    stay = CATALOGUE.current("stay")
    ends = [name for name, state in stay.states.items() if state.final]
    ((_, judged),) = checking(life, holds_no_place(*ends), holds_no_place("nowhere")).judge(traces(life))
    assert [each.outcome for each in judged] == [Outcome.KEPT, Outcome.VACUOUS]


def test_every_own_history_fits_the_process_it_was_under(life: Life) -> None:
    for name in ("stay", "contract", "report"):
        for each in traces(life, name):
            fit = replay_own(CATALOGUE.by_hash(each.attributes["definition"]), each)
            assert (fit.departures, fit.share) == ((), 1.0)


def test_the_rules_of_the_loan_hold_of_a_loan_taken_up_again() -> None:
    assert LOAN.rules
    for way in ways(trace(LENT, BACK, AGAIN, BACK), KEY):
        assert way.trace.names == ("lend", "give_back")
