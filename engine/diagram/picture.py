"""What a picture of a workflow shows, before it is known where: boxes and arrows.

A trigger that leads from many states to one (withdraw, from any open state) would bury the
picture under its arrows, so it is written in the boxes it leaves and in the one it leads to.
Recorded transitions are written in their states' boxes, not drawn as loops.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from engine.definition import Definition
from engine.diagram.wording import Language, said, width_of, wrapped
from engine.vocabulary import RECONSIDER, Role, State, Transition

MANY: Final = 4
"""From so many states on, a trigger to one state is written and not drawn."""

TITLE_SIZE: Final = 13.0
NOTE_SIZE: Final = 11.0
WIDEST_TITLE: Final = 150.0
WIDEST_NOTE: Final = 165.0
WIDEST_LABEL: Final = 120.0
LINE: Final = 1.3
"""The height of a line, in font sizes."""

BOLD: Final = 1.1
"""How much wider bold letters are."""

PADDING: Final = 10.0
INDENT: Final = "\u2003"
"""Lines that continue a note begin with this; it is drawn as a space as wide as a sign."""


@dataclass(frozen=True, slots=True)
class Box:
    """A state: its label in bold, below it what is done there without leaving an arrow.

    Sizes are in pixels.
    """

    state: State
    title: tuple[str, ...]
    notes: tuple[str, ...]
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Arrow:
    """All steps from one state to another. `by_clock` if nobody but the clock takes them."""

    source: str
    target: str
    lines: tuple[str, ...]
    width: float
    height: float
    by_clock: bool
    reopens: bool


def boxes(definition: Definition, language: Language) -> dict[str, Box]:
    """Draw up a box for each state, by name, in the order declared."""
    return {
        state.name: _box(state, tuple(_notes(definition, state, language)), language)
        for state in definition.workflow.states
    }


def arrows(definition: Definition, language: Language) -> tuple[Arrow, ...]:
    """Draw up the arrows, in the order in which their first transitions are declared."""
    between: dict[tuple[str, str], list[Transition]] = {}
    for transition in definition.workflow.transitions:
        if not transition.recorded and not is_written(definition, transition):
            for source in transition.sources:
                between.setdefault((source, transition.to), []).append(transition)
    return tuple(_arrow(source, target, tuple(steps), language) for (source, target), steps in between.items())


def is_written(definition: Definition, transition: Transition) -> bool:
    """Tell whether a transition is written in boxes because its arrows would be too many."""
    alike = (
        source
        for each in definition.by_trigger[transition.trigger]
        if each.to == transition.to and not each.recorded
        for source in each.sources
    )
    return not transition.recorded and len(tuple(alike)) >= MANY


def _box(state: State, notes: tuple[str, ...], language: Language) -> Box:
    title = wrapped(said(state.label, language), TITLE_SIZE, WIDEST_TITLE)
    widths = [width_of(line, TITLE_SIZE) * BOLD for line in title]
    widths += [width_of(line, NOTE_SIZE) for line in notes]
    height = len(title) * TITLE_SIZE * LINE + len(notes) * NOTE_SIZE * LINE
    apart = PADDING / 2 if notes else 0.0
    return Box(state, title, notes, max(widths) + 2 * PADDING, height + apart + 1.6 * PADDING)


def _notes(definition: Definition, state: State, language: Language) -> Iterator[str]:
    """Give the lines below a state's label."""
    for transition in definition.offered[state.name]:
        label = said(transition.label, language)
        if transition.recorded:
            yield from _note(f"· {label}")
        elif is_written(definition, transition):
            yield from _note(f"→ {label}")
    arriving: dict[str, int] = {}
    for transition in definition.workflow.transitions:
        if transition.to == state.name and is_written(definition, transition):
            label = said(transition.label, language)
            arriving[label] = arriving.get(label, 0) + len(transition.sources)
    for label, count in arriving.items():
        word = f"från {count} statusar" if language == "sv" else f"from {count} statuses"
        yield from _note(f"← {label}, {word}")


def _note(text: str) -> Iterator[str]:
    """Break a note into lines; those after the first are indented."""
    first, *others = wrapped(text, NOTE_SIZE, WIDEST_NOTE)
    yield first
    yield from (INDENT + line for line in others)


def _arrow(source: str, target: str, steps: tuple[Transition, ...], language: Language) -> Arrow:
    # Where several steps share an arrow, a dot shows where the next one's label begins.
    sign = "• " if len(steps) > 1 else ""
    lines = tuple(
        line for step in steps for line in wrapped(sign + said(step.label, language), NOTE_SIZE, WIDEST_LABEL)
    )
    return Arrow(
        source,
        target,
        lines,
        max(width_of(line, NOTE_SIZE) for line in lines),
        len(lines) * NOTE_SIZE * LINE,
        by_clock=all(who.role is Role.CLOCK for step in steps for who in step.who),
        reopens=all(step.trigger == RECONSIDER for step in steps),
    )
