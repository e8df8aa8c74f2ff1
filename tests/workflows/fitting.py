"""Facts to open a case with; and of two cases, one of which holds a place of the other, facts that fit."""

from __future__ import annotations

from functools import lru_cache
from random import Random
from typing import Any

from engine import places
from engine.canonical import GENESIS, micros
from engine.definition import Definition
from engine.model import Case, Snapshot
from engine.organisation import Organisation, UnitRow
from engine.views import Lens
from engine.vocabulary import Held, Yes
from tests.workflows.filling import Filler, Known, patterns, sample, schema_of
from tests.workflows.town import CATALOGUE, DEPARTMENTS, PARTNER, START, TODAY

FITTING_TRIES = 40
FITTING = 6


def prepare() -> None:
    """Find a sample for every pattern: that cannot be done inside a property test."""
    for name in CATALOGUE.names:
        workflow = CATALOGUE.current(name).workflow
        models = {workflow.facts, *(each.form for each in workflow.transitions)}
        for model in models:
            for pattern in patterns(schema_of(model)):
                sample(pattern)
    for name in CATALOGUE.names:
        fitting(name)


@lru_cache
def fitting(holder: str) -> tuple[tuple[dict[str, Any], dict[str, Any]], ...]:
    """Pairs of facts (of a giver of places, of a case of `holder`) that fit each other.

    They fit where the giver has a row with a place left, and says yes to every question
    about the stay. Found by trying; none where the workflow holds no places.
    """
    workflow = CATALOGUE.current(holder).workflow
    if workflow.holds is None:
        return ()
    giver = next(link.workflow for link in workflow.links if link.name == workflow.holds.link)
    found = []
    for seed in range(FITTING_TRIES):
        chance = Random(seed)
        given = new_facts(chance, CATALOGUE.current(giver), wide=True)
        for _ in range(FITTING):
            asked = new_facts(chance, CATALOGUE.current(holder))
            if _fits(CATALOGUE.current(giver), given, CATALOGUE.current(holder), asked):
                found.append((given, asked))
                break
        if len(found) == FITTING:
            break
    assert found, f"no facts were found with which a case of {holder} gets a place of {giver}"
    return tuple(found)


def new_facts(chance: Random, definition: Definition, *, wide: bool = False) -> dict[str, Any]:
    """Facts for a new case, those that only the engine writes left out."""
    known = Known(TODAY, {}, (PARTNER,), DEPARTMENTS, wide)
    filled = Filler(chance, known).fill(definition.workflow.facts)
    # A new matter has no past yet: of what is not asked for, most is left out.
    required = schema_of(definition.workflow.facts).get("required", ())
    late = {name for name in filled if name not in required and chance.random() < 0.6 and not wide}
    return {n: v for n, v in filled.items() if n not in {*definition.workflow.protected, *late}}


def _fits(giver: Definition, given: dict[str, Any], holder: Definition, asked: dict[str, Any]) -> bool:
    holds = holder.workflow.holds
    if holds is None:
        return False
    try:
        entry = (*giver.workflow.registers_in, giver.workflow.initial)[0]
        source = _made_up(giver, "giver", given, state=entry)
        case = _made_up(holder, "holder", asked, links=((holds.link, "giver"),))
    except ValueError:
        return False
    organisation = Organisation("x", 1, {"a": UnitRow("a", "a", "a", None, None)})
    lens = Lens(CATALOGUE, Snapshot(micros(START), organisation, {"giver": source, "holder": case}))
    view = lens.view(case)
    stay = holds.stay(view)
    if not isinstance(places.claim(lens, view, stay), Held):
        return False
    answers = (lens.view(source).ask(question, stay) for question in giver.workflow.questions)
    return all(isinstance(answer, Yes) for answer in answers)


def _made_up(
    definition: Definition,
    name: str,
    facts: dict[str, Any],
    *,
    state: str | None = None,
    links: tuple[tuple[str, str], ...] = (),
) -> Case:
    moment = micros(START)
    read = definition.workflow.facts.model_validate(facts).model_dump(mode="json")
    return Case(
        institution="x", id=name, number="", workflow=definition.name, definition=definition.hash,
        state=state or definition.workflow.initial, unit="a", assignee=None, subject=None, title="",
        search="", facts=read, acts={}, version=1, head=GENESIS, opened_at=moment,
        updated_at=moment, closed_at=None, links=links,
    )  # fmt: skip
