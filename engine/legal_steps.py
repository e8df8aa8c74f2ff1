"""Which steps a definition allows at all: what can be looked up without guards, roles or facts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.definition import Definition
from engine.model import Kind
from engine.vocabulary import RECONSIDER

STANDING = (
    Kind.CORRECTED, Kind.COMMENTED, Kind.ASSIGNED, Kind.LINKED, Kind.RUNG_FIRED, Kind.DEADLINE_CHANGED,
    Kind.PLACE_TAKEN, Kind.PLACE_FREED, Kind.ERASED, Kind.RESTORED,
)  # fmt: skip
"""Kinds of events that nobody triggers and that leave a case in the state it is in."""


@dataclass(frozen=True, slots=True)
class LegalStep:
    """A step under a definition (named by its hash). The first event of a case comes from no state."""

    definition: str
    kind: str
    trigger: str | None
    from_state: str | None
    to_state: str


def legal_steps(definitions: Iterable[Definition]) -> Iterator[LegalStep]:
    """Give every step that some of these definitions allow, each once."""
    for definition in definitions:
        yield from dict.fromkeys(_of(definition))


def _of(definition: Definition) -> Iterator[LegalStep]:
    workflow, digest = definition.workflow, definition.hash
    for start in (workflow.initial, *workflow.registers_in):
        yield LegalStep(digest, Kind.OPENED, None, None, start)
    for (source, trigger), transition in definition.steps.items():
        kind = Kind.RECORDED if transition.recorded else Kind.MOVED
        if trigger == RECONSIDER:
            kind = Kind.REOPENED
        yield LegalStep(digest, kind, trigger, source, transition.target(source))
    for state in workflow.states:
        for kind in (*STANDING, Kind.MIGRATED):
            yield LegalStep(digest, kind, None, state.name, state.name)
    for migration in workflow.migrations:
        for before, after in migration.states.items():
            yield LegalStep(digest, Kind.MIGRATED, None, before, after)
