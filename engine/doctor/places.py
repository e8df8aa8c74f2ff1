"""Whether agreements give no more places than they have, and know who holds them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from engine.balances import year_of
from engine.doctor.shape import CaseFile, Fault, Round
from engine.model import Case
from engine.store.doctor_rows import Tied
from engine.store.event_rows import Written

Place: TypeAlias = tuple[str, str]
"""A row of an agreement and an academic year, written as whoever holds a place there wrote it first."""


def agreed(file: CaseFile, round_: Round) -> Iterator[Fault]:
    """An agreement and the cases under it agree on who holds a place."""
    workflow, case = round_.definition(file.row).workflow, file.row
    if workflow.holds is not None and round_.definition(case).states[case.state].holds_place:
        under = case.link(workflow.holds.link)
        if under is None or under not in file.targets:
            yield Fault("", f"state={case.state} holds a place under no case")
    if workflow.offers is None or case.erased:
        return
    held = Counter(str(each["case"]) for each in case.facts.get("held", ()))
    standing = {tied.case for tied in file.under if _holds(tied, round_)}
    for holder in sorted({*held} | standing):
        if held[holder] != (holder in standing):
            yield Fault(holder, f"held={held[holder]} stands_for_it={'yes' if holder in standing else 'no'}")


def _holds(tied: Tied, round_: Round) -> bool:
    """Whether the case tied to the agreement stands in a state that holds a place under it."""
    definition = round_.catalogue.by_hash(tied.definition)
    holds = definition.workflow.holds
    return holds is not None and holds.link == tied.name and definition.states[tied.state].holds_place


def enough(file: CaseFile, round_: Round) -> Iterator[Fault]:
    """No more places are given than the agreement has in that year.

    An agreement may be cut below what it has given, and places are carried over from a predecessor
    as they are: what was no more than it had when the last of them was given is in order.
    """
    if round_.definition(file.row).workflow.offers is None or file.row.erased:
        return
    for place, taken in sorted(_taken(file.row).items()):
        room = _room(file.row, place, round_)
        if taken > room and not _in_order(file, place, round_):
            yield Fault(" ".join(place), f"taken={taken} places={room}")


def _taken(case: Case) -> Mapping[Place, int]:
    """The semesters held, by place."""
    found: Counter[Place] = Counter()
    first: dict[tuple[str, object], Place] = {}
    for each in case.facts.get("held", ()):
        place = first.setdefault(_same(each), (each["row"], each["academic_year"]))
        found[place] += each["semesters"]
    return found


def _same(held: Mapping[str, Any]) -> tuple[str, object]:
    """What two ways to write one academic year have in common."""
    year = year_of(held["academic_year"])
    return held["row"], held["academic_year"] if year is None else year


def _room(case: Case, place: Place, round_: Round) -> int:
    """The semesters the agreement has there: what is left of it while nobody holds any."""
    offers = round_.definition(case).workflow.offers
    empty = case.but(facts={**case.facts, "held": []})
    return offers.left(round_.view(empty), *place) if offers else 0


def _in_order(file: CaseFile, place: Place, round_: Round) -> bool:
    """Whether the history tells of these places, and there was room for the last that was given."""
    if file.folded is None or dict(file.folded.facts) != dict(file.row.facts):
        return False
    given = next((event for event in reversed(file.kept.events) if _gives(event, place)), None)
    if given is None:
        return False
    if _carried_over(given, round_):
        return True
    then = file.kept.as_of(given.sequence, round_.catalogue)
    same = (each for each in then.facts.get("held", ()) if _same(each) == _as_held(place))
    return sum(int(each["semesters"]) for each in same) <= _room(then, place, round_)


def _gives(event: Written, place: Place) -> bool:
    taken = (each["taken"] for each in event.body.get("places", ()) if "taken" in each)
    return any(_same(each) == _as_held(place) for each in taken)


def _as_held(place: Place) -> tuple[str, object]:
    return _same({"row": place[0], "academic_year": place[1]})


def _carried_over(event: Written, round_: Round) -> bool:
    """Whether the event was caused by a step that carries cases over to another agreement."""
    cause = event.body.get("cause")
    definition, trigger = round_.step(cause[0], cause[1]) or ("", None) if cause else ("", None)
    return trigger is not None and any(
        step.relinks for step in round_.catalogue.by_hash(definition).by_trigger.get(trigger, ())
    )
