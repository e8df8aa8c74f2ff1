"""What somebody has just done, said on the page they come back to; with the step back, where the process has one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from engine.model import Case, Kind
from engine.queries import Seen
from engine.store.event_rows import Written
from engine.vocabulary import Text
from service.pages.deeds import deed
from service.pages.visiting import Visit

_LONGEST: Final = 15

_KINDS: Final[Mapping[str, Text]] = {
    Kind.OPENED: Text("öppnade ärendet", "opened the case"),
    Kind.CORRECTED: Text("rättade uppgifter", "corrected the facts"),
    Kind.COMMENTED: Text("kommenterade", "commented"),
    Kind.ASSIGNED: Text("bytte handläggare", "changed the assignee"),
    Kind.LINKED: Text("kopplade ärendet till ett annat", "linked the case to another"),
}
_SAVED: Final = Text("sparade", "saved it")


@dataclass(frozen=True, slots=True)
class Back:
    """A step that leads back to where the case was."""

    trigger: str
    label: Text


@dataclass(frozen=True, slots=True)
class Done:
    """What was done, to follow "you"; the number of its event; the step back (None: there is none, or not for you)."""

    words: Text
    sequence: int
    back: Back | None


def done_of(visit: Visit, seen: Seen, sequence: str | None) -> Done | None:
    """What the reader did in the event of this number, as the address of the case page has it; None where nothing."""
    if sequence is None or not sequence.isascii() or not sequence.isdigit() or len(sequence) > _LONGEST:
        return None
    found = visit.house.history.events(visit.institution, seen.case.id, after=int(sequence) - 1, limit=1)
    if not found or found[0].sequence != int(sequence) or found[0].body["party"] != visit.person:
        return None
    return Done(_words(visit, found[0]), found[0].sequence, _back(seen, seen.case, found[0]))


def _words(visit: Visit, event: Written) -> Text:
    definition = visit.house.catalogue.by_hash(event.body["definition"])
    steps = definition.by_trigger.get(event.body["trigger"] or "")
    return deed(steps[0].label) if steps else _KINDS.get(event.body["kind"], _SAVED)


def _back(seen: Seen, case: Case, event: Written) -> Back | None:
    """The step back, as long as nobody has done anything since."""
    moved = event.body["from"] not in (None, event.body["to"])
    if not moved or event.sequence != case.version:
        return None
    for action in seen.actions:
        if action.possible and not action.transition.recorded and action.to == event.body["from"]:
            return Back(action.transition.trigger, action.transition.label)
    return None
