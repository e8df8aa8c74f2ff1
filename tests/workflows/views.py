"""What tests of workflow files share: a View without an engine, and the labels the offices agreed on."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engine.calendar import Calendar
from engine.vocabulary import (
    YES,
    Actor,
    Answer,
    AnyView,
    Deadline,
    Facts,
    Figure,
    Form,
    MessageText,
    No,
    Role,
    State,
    Transition,
    View,
    Who,
    Whom,
    Workflow,
)

TODAY = date(2027, 3, 10)
"""A Wednesday without a holiday near it."""

LABELS = Path(__file__).parents[3] / "shared" / "LABELS.md"


def numbered(number: int) -> str:
    """Give an id: the same number, the same id."""
    return f"00000000-0000-7000-8000-{number:012d}"


@dataclass(frozen=True)
class Asked:
    """A linked case that answers questions as it was told to, and remembers what it was asked."""

    answers: Mapping[str, Answer]
    questions: list[tuple[str, Any]]

    def __call__(self, question: str, about: Any) -> Answer:
        self.questions.append((question, about))
        return self.answers.get(question, YES)


def view_of(
    workflow: Workflow,
    facts: Facts | Mapping[str, Any],
    *,
    state: str | None = None,
    today: date = TODAY,
    opened_on: date | None = None,
    given: Form | None = None,
    figures: Mapping[str, Any] | None = None,
    related: Mapping[str, tuple[AnyView, ...]] | None = None,
    answer: Callable[[str, Any], Answer] | None = None,
    done_by: Mapping[str, tuple[str, ...]] | None = None,
    actor: Actor | None = None,
    unit: str = "statistics",
    number: int = 1,
    calendar: Calendar | None = None,
) -> AnyView:
    """Make the View of a case as the engine would; only what a test is about need be said.

    `figures` are laid over the defaults the workflow declares. `related` maps the name of a
    link or relation to the cases behind it. `answer` replies to questions put to this case.
    """
    known = facts if isinstance(facts, Facts) else workflow.facts.model_validate(dict(facts))
    beside = related or {}
    made: AnyView = View(
        id=numbered(number),
        number=f"{workflow.prefix}-2027-{number:04d}",
        workflow=workflow.name,
        state=state or workflow.initial,
        unit=unit,
        assignee=None,
        subject=numbered(900 + number),
        version=1,
        opened_on=opened_on or today,
        facts=known,
        today=today,
        actor=actor or Actor(numbered(800), Role.COORDINATOR),
        calendar=calendar or Calendar(),
        figures={**defaults_of(workflow), **(figures or {})},
        done_by=done_by or {},
        related=lambda name: beside.get(name, ()),
        answer=answer or Asked({}, []),
        given=given,
    )
    return made


def defaults_of(workflow: Workflow) -> dict[str, Any]:
    """Map each setting of a workflow to its default, those that stand in its deadlines too."""
    counts = [rung.at.count for deadline in workflow.deadlines for rung in deadline.ladder]
    counts += [getattr(deadline.due, "count", 0) for deadline in workflow.deadlines]
    used = {count.name: count.default for count in counts if isinstance(count, Figure)}
    return {**used, **workflow.figures}


def facts_after(view: AnyView, transition: Transition) -> Any:
    """Give the facts as they are after a step: the form's own fields, then what it sets."""
    changes: dict[str, Any] = {}
    if view.given is not None:
        sent = {name: getattr(view.given, name) for name in view.given.model_fields_set}
        changes |= {name: value for name, value in sent.items() if name in type(view.facts).model_fields}
    if transition.sets is not None:
        changes |= transition.sets(view)
    # Dumped and read again, as the engine stores it: whatever is set must fit the facts.
    dumped = {name: plain(value) for name, value in changes.items()}
    return type(view.facts).model_validate({**view.facts.model_dump(), **dumped})


def plain(value: Any) -> Any:
    """Write models inside a value as mappings."""
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value.model_dump() if hasattr(value, "model_dump") else value


def transition_of(workflow: Workflow, trigger: str, source: str | None = None) -> Transition:
    """Give the one transition of a trigger, from the state named where there are several."""
    found = [
        each for each in workflow.transitions
        if each.trigger == trigger and (source is None or source in each.sources)
    ]  # fmt: skip
    assert len(found) == 1, f"{trigger} from {source}: {len(found)} transitions"
    return found[0]


def form_of(
    workflow: Workflow, trigger: str, fields: Mapping[str, Any] | None = None, *, source: str | None = None
) -> Any:
    """Fill in the form of a trigger; a ValidationError where the fields do not fit."""
    return transition_of(workflow, trigger, source).form.model_validate(dict(fields or {}))


def facts_of(workflow: Workflow, facts: Mapping[str, Any]) -> Any:
    """Read facts as the workflow knows them."""
    return workflow.facts.model_validate(dict(facts))


def deadline_of(workflow: Workflow, name: str) -> Deadline:
    """Give the deadline of that name."""
    return next(deadline for deadline in workflow.deadlines if deadline.name == name)


def state_of(workflow: Workflow, name: str) -> State:
    """Give the state of that name."""
    return next(state for state in workflow.states if state.name == name)


def ladder_of(workflow: Workflow, name: str) -> list[tuple[Any, ...]]:
    """Write a ladder as rows: rung, side, count, unit, whom it tells, what it does."""
    figures = defaults_of(workflow)
    return [
        (
            rung.name,
            rung.at.side.value,
            figures[rung.at.count.name] if isinstance(rung.at.count, Figure) else rung.at.count,
            rung.at.unit.value,
            tuple(named(whom) for whom in rung.whom),
            type(rung.does).__name__ if rung.does else None,
        )
        for rung in deadline_of(workflow, name).ladder
    ]


def arrows_of(workflow: Workflow) -> set[tuple[str, str, str]]:
    """Write the graph as (trigger, from, to); what is recorded leads to where it is."""
    return {(each.trigger, source, each.target(source)) for each in workflow.transitions for source in each.sources}


def arrows(rows: tuple[tuple[Any, ...], ...]) -> set[tuple[str, str, str]]:
    """Write a table's rows (trigger, from, to, roles) as arrows; `to` None means recorded."""
    return {
        (trigger, source, to or source)
        for trigger, sources, to, *_ in rows
        for source in ((sources,) if isinstance(sources, str) else sources)
    }


def roles_of(transition: Transition) -> set[str]:
    """Name the roles that may take a step."""
    return {who.role.value for who in transition.who}


def told_by(transition: Transition) -> set[tuple[str, str]]:
    """Give what a step may tell, as (message, whom)."""
    return {(tell.message, named(tell.whom)) for tell in transition.tells}


def named(whom: Whom) -> str:
    """Name an addressee: the role, or "assignee"."""
    return whom.role.value if isinstance(whom, Who) else whom.value


def refused(answer: Answer, code: str) -> bool:
    """Tell whether a guard said no, with this code, in both languages."""
    if not isinstance(answer, No):
        return False
    said = answer.reason
    return said.code == code and bool(said.message.sv.strip()) and bool(said.message.en.strip())


def message_of(workflow: Workflow, name: str) -> MessageText:
    """Give the message of that name."""
    return next(message for message in workflow.messages if message.name == name)


def agreed_labels(workflow: str, kind: str) -> dict[str, tuple[str, str, str | None, str | None]]:
    """Read the offices' words for the states or triggers of a workflow.

    Maps each name to Swedish, English, and the same as the student reads it where that
    differs. Skips the test where the page is not there.
    """
    if not LABELS.exists() and not (os.environ.get("CI") == "true" and LABELS.parent.exists()):
        pytest.skip("the page of labels is not here")
    states, triggers = _paragraphs(LABELS.read_text(encoding="utf-8"), workflow)
    entries = (states if kind == "states" else triggers).split(" · ")
    return dict(_entry(entry) for entry in entries)


def _paragraphs(page: str, workflow: str) -> tuple[str, str]:
    found = re.search(rf"\*\*{workflow}, states\*\* — (.+)\n\n\*\*triggers\*\* — (.+)", page)
    assert found is not None, f"no labels for {workflow}"
    return found[1], found[2]


def _entry(entry: str) -> tuple[str, tuple[str, str, str | None, str | None]]:
    found = re.fullmatch(r"(\w+): (.+?) / (.+?)(?: ⟨(.+?) / (.+?)⟩)?", entry.strip())
    assert found is not None, entry
    return found[1], (found[2], found[3], found[4], found[5])


def own_labels(workflow: Workflow, kind: str) -> dict[str, tuple[str, str]]:
    """Give the words the file has for its states or triggers."""
    if kind == "states":
        return {state.name: (state.label.sv, state.label.en) for state in workflow.states}
    return {each.trigger: (each.label.sv, each.label.en) for each in workflow.transitions}
