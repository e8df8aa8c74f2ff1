"""Who may do what in a process, as a table: a row for each thing that can be done, a column for each role.

It is read off the declaration, as `engine.rights` reads it for every step. A role is held in a unit and
reaches the units below it; where a cell says `linked`, the role is held where a linked case lies, or above.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from engine.definition import Definition
from engine.organisation import STAFF
from engine.rights import ENTERED_BY, OUTSIDERS, READERS
from engine.vocabulary import CASE, Role, Text, Transition, Who
from engine.vocabulary.people import as_who
from engine.wording import Wording, declares_no_conflict
from service.plain import both


class How(StrEnum):
    """In which way a role may do something."""

    HERE = "here"
    """Held in the case's own unit, or above it."""

    LINKED = "linked"
    """Held in the unit of a linked case, or above that."""

    ENTERED = "entered"
    """Enters what a student or partner did, and names the evidence."""


@dataclass(frozen=True, slots=True)
class Row:
    """Something that can be done: its name in the API, its words, where a case must stand, by whom, and if what."""

    name: str
    label: Text
    leaves: tuple[str, ...]
    by: Mapping[Role, tuple[How, ...]]
    conditions: tuple[Text, ...] = field(default=())


EVERYWHERE: Final = (How.HERE, How.LINKED)


def rows(words: Wording) -> Iterator[Row]:
    """Everything that can be done with a case of the process, from reading it to its last step."""
    workflow, definition = words.definition.workflow, words.definition
    in_order = [role for role in Role if role in READERS]
    yield Row("read", Text("Läsa ärendet", "Read the case"), (), dict.fromkeys(in_order, EVERYWHERE))
    yield Row("open", Text("Öppna ett ärende", "Open a case"), (), _by(workflow.openers))
    corrects = tuple(as_who(spec) for spec in workflow.corrected_by)
    yield Row("correct", Text("Rätta uppgifter", "Correct facts"), (), _by(corrects), (REASON,))
    noting = dict.fromkeys((role for role in in_order if role in STAFF), EVERYWHERE)
    yield Row("note", Text("Kommentera, lämna över, koppla", "Comment, hand over, link"), (), noting)
    for transition in _in_order(definition):
        yield Row(
            transition.trigger,
            transition.label,
            tuple(state for state in definition.states if transition in definition.offered[state]),
            _by(transition.who),
            tuple(_conditions(words, transition)),
        )


def _in_order(definition: Definition) -> list[Transition]:
    """Every step once, where the process first offers it."""
    offered = [step for state in definition.states for step in definition.offered[state]]
    return list({id(step): step for step in (*offered, *definition.workflow.transitions)}.values())


def _by(who: Iterable[Who]) -> Mapping[Role, tuple[How, ...]]:
    """Who may, and how."""
    found: dict[Role, list[How]] = {}
    for spec in who:
        found.setdefault(spec.role, []).append(How.HERE if spec.where == CASE else How.LINKED)
        if spec.role in OUTSIDERS:
            for role in ENTERED_BY:
                found.setdefault(role, []).append(How.ENTERED)
    return {role: tuple(dict.fromkeys(found[role])) for role in Role if role in found}


REASON: Final = Text("en motivering skrivs", "a reason is written")
NO_CONFLICT: Final = Text("intygar att det inte finns något jäv", "declares no conflict of interest")


def _conditions(words: Wording, step: Transition) -> Iterator[Text]:
    """What must hold beside the role, in words, in the order it is judged."""
    if step.not_by:
        other = words.quoted(step.not_by)
        yield Text(
            f"inte den som gjorde {other.sv}, eller dennes ersättare",
            f"not whoever did {other.en}, or their substitute",
        )
    for condition in words.conditions(step):
        said = condition.said.text
        yield Text(f"inte om: {said.sv}", f"not if: {said.en}") if condition.refusals else said
    if declares_no_conflict(step):
        yield NO_CONFLICT
    if step.reason_required:
        yield REASON


# As text and as JSON.

MARKS: Final[Mapping[How, str]] = {How.HERE: "x", How.LINKED: "l", How.ENTERED: "e"}
LEGEND: Final = Text(
    "x: i ärendets enhet eller ovanför. l: i det kopplade ärendets enhet eller ovanför.\n"
    "e: registrerar åt studenten eller partnern, med underlag.",
    "x: in the case's unit or above. l: in the linked case's unit or above.\n"
    "e: enters it for the student or partner, with evidence.",
)
WIDEST: Final = 44
"""Signs of a label in the table; a longer one is cut."""


def lines(words: Wording, language: str) -> Iterator[str]:
    """The table of a process for people, conditions below it."""
    found, swedish = tuple(rows(words)), language == "sv"
    roles = [role for role in Role if any(role in row.by for row in found)]
    head = words.definition.workflow.label
    yield f"{head.sv if swedish else head.en} ({words.definition.name}, version {words.definition.version})"
    yield f"{'':{WIDEST}}  " + "  ".join(roles)
    for number, row in enumerate(found, start=1):
        label = f"{number:>2} {row.label.sv if swedish else row.label.en}"
        cells = ("".join(MARKS[how] for how in row.by.get(role, ())) for role in roles)
        marks = "  ".join(f"{mark:<{len(role)}}" for mark, role in zip(cells, roles, strict=True))
        yield f"{label[:WIDEST]:{WIDEST}}  {marks}".rstrip()
    yield ""
    yield LEGEND.sv if swedish else LEGEND.en
    for number, row in enumerate(found, start=1):
        for condition in row.conditions:
            yield f"{number:>2}: {condition.sv if swedish else condition.en}"


def as_json(words: Wording) -> dict[str, Any]:
    """The table of a process for programs."""
    return {
        "name": words.definition.name,
        "version": words.definition.version,
        "label": both(words.definition.workflow.label),
        "rights": [
            {
                "name": row.name,
                "label": both(row.label),
                "from": list(row.leaves),
                "by": [{"role": role, "how": list(how)} for role, how in row.by.items()],
                "conditions": [both(condition) for condition in row.conditions],
            }
            for row in rows(words)
        ],
    }
