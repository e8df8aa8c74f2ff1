"""Walks histories along the graphs of their definitions, without deciding any step anew.

It sees that sequences have no gap, that each step leaves the state the one before led to, and that
the definition it names has such a step. Guards, roles, facts and hashes it does not see: those are
for `engine.replay`, which costs a hundred times as much.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from engine.catalogue import Catalogue
from engine.definition import Definition
from engine.legal_steps import legal_steps
from engine.model import Kind
from engine.store.walk_rows import Row

Legal: TypeAlias = frozenset[tuple[str | None, str | None, str]]
"""The steps of one definition: from, trigger, to. An opening comes from nowhere; what moves nothing has no trigger."""

Graphs: TypeAlias = Mapping[str, Legal]
"""The steps of every definition, by its hash."""


@dataclass(frozen=True, slots=True)
class Misstep:
    """The first step of a case that its definition does not have, or that does not follow on the one before."""

    case: str
    sequence: int
    what: str


@dataclass(slots=True)
class Walked:
    """How many cases and events were walked so far."""

    cases: int = 0
    events: int = 0


def graphs(catalogue: Catalogue) -> Graphs:
    """Compile every definition of a catalogue."""
    return {each.hash: legal(each) for name in catalogue.names for each in catalogue.versions(name)}


def legal(definition: Definition) -> Legal:
    """Compile the steps within a definition; of a migration, which comes from another, `walk` judges itself."""
    within = (step for step in legal_steps([definition]) if step.kind != Kind.MIGRATED)
    return frozenset((step.from_state, step.trigger, step.to_state) for step in within)


def walk(
    parts: Iterable[Sequence[Row]], known: Graphs, walked: Walked, told: Callable[[int], None] = lambda _: None
) -> Iterator[Misstep]:
    """Give the first misstep of each case that has one. Rows stand case by case, oldest first, many to a part.

    `walked` is counted up as it goes; `told` is told the number of events after each part.
    """
    at, place, state, pinned, lost = "", 0, None, "", False
    steps: Legal = frozenset()
    for rows in parts:
        for case, sequence, source, trigger, to, definition in rows:
            if case != at:
                walked.cases += 1
                at, place, state, pinned, lost = case, 0, None, definition, False
                steps = known.get(definition, frozenset())
            place += 1
            if (source, trigger, to) in steps and source == state and sequence == place and definition == pinned:
                state = to
            elif not lost:
                what = _wrong(
                    (source, trigger, to, definition), gap=sequence - place, state=state, pinned=pinned, known=known
                )
                lost = what is not None
                if what is not None:
                    yield Misstep(case, place, what)
                state, pinned, steps = to, definition, known.get(definition, frozenset())
        walked.events += len(rows)
        told(walked.events)


def _wrong(
    step: tuple[str | None, str | None, str, str], *, gap: int, state: str | None, pinned: str, known: Graphs
) -> str | None:
    """Say what is wrong with a step; None for the one that may go from one definition to another."""
    source, trigger, to, definition = step
    if gap:
        return f"it is missing; the event {gap} further on follows" if gap > 0 else "an event stands there twice"
    if source != state:
        return f"it leaves {source}, but the case was in {state}"
    if definition not in known:
        return f"no workflow file declares its definition {definition[:12]}…"
    if definition == pinned:
        return f"{trigger or 'nothing'} does not lead from {source or 'nowhere'} to {to}"
    migrated = trigger is None and source is not None and (to, None, to) in known[definition]
    return None if migrated else f"the case was under the definition {pinned[:12]}…, and nothing migrated it"
