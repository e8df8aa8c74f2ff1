"""Help: how to work here, what a state means, the words of the field, and how accessible all of it is.

Whoever is not signed in may read it too: it tells of processes, never of cases.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from engine.definition import Definition
from engine.vocabulary import State, Text
from engine.wording import Wording
from service.pages.glossary import in_order
from service.pages.processes_view import DeadlinePage, StatePage, deadline_page, state_page
from service.pages.visiting import Anybody, Visit
from service.problems import NotHere

router = APIRouter(include_in_schema=False)

EXAMINED_ON: Final = date(2026, 11, 22)
"""When the statement on accessibility was last gone through; whoever changes the pages moves it."""


@dataclass(frozen=True, slots=True)
class Meant:
    """A state as its help page tells it: from where one comes, and the deadlines that run or rest in it."""

    page: StatePage
    comes_by: tuple[tuple[Text, Text], ...]
    deadlines: tuple[DeadlinePage, ...]


@router.get("/help")
def help_page(visit: Anybody) -> Response:
    """Tell how to work here."""
    catalogue = visit.house.catalogue
    return visit.page("help.html", processes=[catalogue.current(name).workflow for name in catalogue.names])


@router.get("/help/{workflow}/{state}")
def help_on_state(visit: Anybody, workflow: str, state: str) -> Response:
    """Tell what a state means, who is waited for, and what comes next."""
    definition, found = _find(visit, workflow, state)
    words = Wording(definition, visit.house.catalogue)
    return visit.page("help_state.html", definition=definition, state=found, meant=meaning(words, found))


@router.get("/glossary")
def glossary(visit: Anybody) -> Response:
    """Explain the words of the field."""
    return visit.page("glossary.html", words=in_order(visit.language))


@router.get("/accessibility")
def accessibility(visit: Anybody) -> Response:
    """State how accessible the pages are (lagen 2018:1937 om tillgänglighet till digital offentlig service)."""
    root = visit.organisation.units.get(visit.institution)
    return visit.page(
        "accessibility.html",
        owner=Text(root.name_sv, root.name_en) if root else Text(visit.institution, visit.institution),
        contact=root.mailbox if root and root.mailbox else visit.house.settings.sender,
        examined=EXAMINED_ON,
    )


def meaning(words: Wording, state: State) -> Meant:
    """Put the help on a state together."""
    definition = words.definition
    entering = (step for step in definition.workflow.transitions if step.to == state.name)
    comes_by = [(step.label, words.state(source)) for step in entering for source in step.sources]
    here = [each for each in definition.workflow.deadlines if state.name in each.runs_in or each.name in state.pauses]
    return Meant(state_page(words, state), tuple(comes_by), tuple(deadline_page(words, each) for each in here))


def _find(visit: Visit, workflow: str, state: str) -> tuple[Definition, State]:
    """The state as the newest version that has it declares it. Raises NotHere."""
    catalogue = visit.house.catalogue
    known = catalogue.versions(workflow) if workflow in catalogue.names else ()
    for definition in known:
        if state in definition.states:
            return definition, definition.states[state]
    raise NotHere
