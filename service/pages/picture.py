"""The drawing of a process with one case in it, and the same as a list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, Protocol

from markupsafe import Markup

from engine.definition import Definition
from engine.diagram import Language, svg
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
    drawn = _drawn(definition.hash, speech.language, current, done, possible, _Drawing(definition))
    return Picture(drawn, tuple(_place(definition, name, current, done, possible) for name in definition.states))


@dataclass(frozen=True, slots=True)
class _Drawing:
    """A definition that counts as the same as any other: its hash stands beside it in the key."""

    definition: Definition

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Drawing)

    def __hash__(self) -> int:
        return 0


# Laying out takes longer than all the rest of a page, and cases stand in few places.
@lru_cache(maxsize=256)
def _drawn(
    _hash: str, language: Language, current: str, done: frozenset[str], possible: frozenset[str], drawing: _Drawing
) -> Markup:
    made = svg(drawing.definition, language, current, sorted(done), possible=possible, styled=False)
    return Markup(made)  # noqa: S704 - drawn by ourselves, every text in it escaped


def _place(definition: Definition, name: str, current: str, done: frozenset[str], possible: frozenset[str]) -> Place:
    standing: Standing = "ahead"
    if name == current:
        standing = "now"
    elif name in done:
        standing = "done"
    elif name in possible:
        standing = "possible"
    return Place(definition.states[name].label, standing)
