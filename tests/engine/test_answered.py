"""A step is answered as reading its case says, also where that is seen from another, or others moved with it."""

from __future__ import annotations

import inspect
from dataclasses import replace
from typing import Any, Final

from engine.catalogue import Catalogue
from engine.definition import define
from engine.model import Outcome, Take, Tie
from engine.queries import Queries, Seen
from engine.vocabulary import YES, Answer, AnyView, no
from tests.engine.house import INSTITUTION, House, open_house
from tests.engine.house_report import report
from tests.engine.house_workflows import CONTRACT, SOURCE, STAY


def nobody_is_asking(view: AnyView) -> Answer:
    """Looks from the stay at its contract, and from there at all stays, this one among them."""
    contract = view.linked("contract")
    if contract is not None and any(stay.state == "asked" for stay in contract.related("stays")):
        return no("still_asking", "Någon väntar på svar", "Somebody waits for an answer")
    return YES


LOOKING_BACK: Final = replace(
    STAY,
    transitions=tuple(
        replace(each, guards=(nobody_is_asking,)) if each.trigger == "approve" else each for each in STAY.transitions
    ),
)


def told(seen: Seen) -> tuple[Any, ...]:
    reasons = {each.transition.trigger: [reason.code for reason in each.reasons] for each in seen.actions}
    return seen.case.state, seen.case.version, seen.case.links, reasons


def answers(house: House, person: str, outcome: Outcome) -> tuple[Any, Any]:
    """What the person is told from what the step was decided on, and what reading says."""
    queries = Queries(house.cases)
    after, read = queries.after(INSTITUTION, person, outcome), queries.seen(INSTITUTION, person, outcome.case_id)
    return told(after), told(read)


WRITTEN: Final = f"{SOURCE}\n\n{inspect.getsource(nobody_is_asking)}"
"""What a guard may look at is read off its source."""
CATALOGUE: Final = Catalogue((define(CONTRACT, SOURCE), define(LOOKING_BACK, WRITTEN), report()))


def test_a_guard_that_looks_back_at_its_own_case_sees_it_as_the_step_left_it(database_url: str) -> None:
    with open_house(database_url, catalogue=CATALOGUE) as house:
        stay = house.open(links={"contract": house.contract()})
        outcome = house.ask(Take("propose", {"note": "ready"}), "ann", stay, shown=True)
        after, read = answers(house, "hedda", outcome)
        assert outcome.left is not None
        assert after == read
        assert after[-1]["approve"] == []


def test_what_the_answer_looks_at_is_read_with_a_step_that_does_not_look_at_it(database_url: str) -> None:
    with open_house(database_url, catalogue=CATALOGUE) as house:
        contract = house.contract()
        stay, _ = (house.open(links={"contract": contract}) for _ in range(2))
        outcome = house.ask(Take("propose", {"note": "ready"}), "ann", stay, shown=True)
        after, read = answers(house, "hedda", outcome)
        assert after == read
        assert after[-1]["approve"] == ["still_asking"]


def test_where_other_cases_moved_with_a_step_they_are_seen_where_they_are_now(database_url: str) -> None:
    """All that stood in the way of the end is carried over to another contract."""
    with open_house(database_url) as house:
        old, new = house.contract(), house.contract()
        house.open(links={"contract": old})
        house.ask(Tie("successor", new), "olle", old)
        outcome = house.ask(Take("carry_over"), "olle", old, shown=True)
        after, read = answers(house, "olle", outcome)
        assert after == read
        assert after[-1]["end_quietly"] == []


def test_a_case_that_a_step_tied_is_answered_with_its_tie(database_url: str) -> None:
    with open_house(database_url) as house:
        contract, stay = house.contract(), house.open()
        outcome = house.ask(Tie("contract", contract), "olle", stay, shown=True)
        after, read = answers(house, "olle", outcome)
        assert after == read
        assert after[2] == (("contract", contract),)
