"""The drawing of a process with one case in it, and the same as a list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, Protocol

from markupsafe import Markup

from engine.definition import Definition
from engine.diagram import Drawing, Language
from engine.vocabulary import Text
from service.pages.saying import Speech
from service.pages.timeline import Folded

Standing = Literal["done", "now", "possible", "ahead"]


class Possible(Protocol):
    """A step that may be possible now, and where it leads."""

    @property
    def to(self) -> str: ...
    @property
    def possible(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Place:
    """A state in the list: its label, and how the case stands to it."""

    label: Text
    standing: Standing


@dataclass(frozen=True, slots=True)
class Picture:
    """The drawing as SVG without a style sheet (the page has the rules), and the same as a list."""

    drawn: Markup
    places: tuple[Place, ...]


def picture_of(
    definition: Definition, speech: Speech, current: str, folded: Folded, steps: Iterable[Possible], *, at: int = 0
) -> Picture:
    """Draw the process as it stands for a case, up to an event (0: the last)."""
    told = [each.event.body for each in folded.told if not at or each.event.sequence <= at]
    been = {body["from"] for body in told} | {body["to"] for body in told}
    done = frozenset(name for name in been if name in definition.states and name != current)
    possible = frozenset(step.to for step in steps if step.possible and step.to != current)
    drawing = _laid_out(definition.hash, speech.language, _Same(definition))
    drawn = drawing.svg(current, done, possible=possible, styled=False)
    places = tuple(_place(definition, name, current, done, possible) for name in definition.states)
    return Picture(Markup(drawn), places)  # noqa: S704 - drawn by ourselves, every text in it escaped


class _Same:
    """A definition that counts as the same as any other: its hash stands beside it in the key."""

    def __init__(self, definition: Definition) -> None:
        self.definition = definition

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same)

    def __hash__(self) -> int:
        return 0


# Laying out takes longer than all the rest of a page together, and gives the same for every case.
@lru_cache(maxsize=64)
def _laid_out(_hash: str, language: Language, same: _Same) -> Drawing:
    return Drawing.of(same.definition, language)


def _place(definition: Definition, name: str, current: str, done: frozenset[str], possible: frozenset[str]) -> Place:
    standing: Standing = "ahead"
    if name == current:
        standing = "now"
    elif name in done:
        standing = "done"
    elif name in possible:
        standing = "possible"
    return Place(definition.states[name].label, standing)
