"""The house's stay in newer versions, and a house that has gone over to one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import Field

from engine.cases import Cases
from engine.catalogue import Catalogue
from engine.definition import Definition, define
from engine.history import History
from engine.model import IMPORT_PARTY, Migrate, Outcome
from engine.replay import Replay
from engine.store.rows import read_organisation
from engine.vocabulary import Deadline, Line, Migration, State, Transition, Workflow
from tests.engine.house import CATALOGUE, House
from tests.engine.house_workflows import SOURCE, STAY, StayFacts

OLD = CATALOGUE.current("stay")
TEXT = SOURCE + Path(__file__).read_text(encoding="utf-8")
"""What a definition's functions and models are read from: the house's file, and this one."""


class WiderFacts(StayFacts):
    """The stay's facts with one more, and one whose bounds are narrower."""

    semesters: int = Field(default=1, ge=1, le=2)
    mentor: Line | None = None


def stay_with(**changes: Any) -> Workflow:
    """The stay as version 2, with some fields of the workflow changed."""
    return replace(STAY, version=2, **changes)


def renamed(names: Mapping[str, str], workflow: Workflow, *, said: bool = True) -> Workflow:
    """The workflow with states under other names, and (`said`) a migration that says so."""

    def new(name: str) -> str:
        return names.get(name, name)

    def state(each: State) -> State:
        return replace(each, name=new(each.name), reopens_to=new(each.reopens_to) if each.reopens_to else None)

    def step(each: Transition) -> Transition:
        return replace(each, source=tuple(new(name) for name in each.sources), to=new(each.to))

    def deadline(each: Deadline) -> Deadline:
        return replace(each, runs_in=tuple(new(name) for name in each.runs_in))

    return replace(
        workflow,
        initial=new(workflow.initial),
        states=tuple(state(each) for each in workflow.states),
        transitions=tuple(step(each) for each in workflow.transitions),
        deadlines=tuple(deadline(each) for each in workflow.deadlines),
        migrations=(Migration(1, dict(names)),) if said else (),
    )


def catalogue_of(workflow: Workflow) -> Catalogue:
    """The house's catalogue after the stay has been replaced by this workflow."""
    others = tuple(CATALOGUE.current(name) for name in ("contract", "report"))
    return Catalogue((define(workflow, TEXT), *others), (OLD,))


def go_over(house: House, workflow: Workflow) -> Definition:
    """Let the house run with another version of the stay from now on; the new definition."""
    return run_under(house, catalogue_of(workflow))


def run_under(house: House, catalogue: Catalogue) -> Definition:
    """Let the house run under these definitions from now on; the stay's."""
    cases = house.cases
    house.cases = Cases(cases.store, catalogue, cases.clock, cases.ids, cases.nonces, cases.seams)
    return catalogue.current("stay")


def migrate(house: House, case: str, by: str = IMPORT_PARTY) -> Outcome:
    """Carry a case over."""
    return house.ask(Migrate(), by, case)


def replay_of(house: House) -> Replay:
    """A replay under the definitions the house now has; nobody's rights have changed in it."""

    def at(institution: str, _version: int) -> Any:
        with house.store.step() as ledger:
            return read_organisation(institution, ledger.organisation_rows(institution))

    return Replay(house.store, house.cases.catalogue, at)


def history_of(house: House) -> History:
    """The histories of the house under the definitions it now has."""
    return History(house.store, house.cases.catalogue)
