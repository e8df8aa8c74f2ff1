"""A document as headings, lines and tables, for whoever writes it as HTML or PDF. Everything in it is plain text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Mood: TypeAlias = Literal["", "good", "bad", "faint"]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 2 or 3; the title of the document is the one of level 1."""

    text: str
    level: Literal[2, 3] = 2


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph."""

    text: str
    faint: bool = False


@dataclass(frozen=True, slots=True)
class Pairs:
    """What is known, name by name."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings, as wide as `widths` say in relation to each other. A cell's lines are parted by newlines.

    `moods` colours the first cell of a row; its words say the same.
    """

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]
    moods: tuple[Mood, ...] = ()


Block: TypeAlias = Heading | Line | Pairs | Table


@dataclass(frozen=True, slots=True)
class Document:
    """A document in one language (`sv`, `en`).

    `page` says how a page is numbered, with `{page}`; `lost` is said in a form of it
    whose font lacks some of the characters.
    """

    title: str
    language: Literal["sv", "en"]
    author: str
    blocks: tuple[Block, ...]
    page: str
    lost: str
