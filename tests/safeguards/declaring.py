"""What a safeguard is, as the lists declare it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

TREE: Final = Path(__file__).parents[2]
"""The tree whose safeguards these are."""


class Promise(StrEnum):
    """What is kept by safeguards, in the words of docs/reliability.md."""

    DURABLE = "durable"
    ONCE = "once"
    LINEAR = "linear"
    REFUSED = "refused"
    RUNG = "rung"
    PLACES = "places"
    PARENTS = "parents"
    OWED = "owed"
    REPLAY = "replay"
    CHAIN = "chain"
    APART = "apart"
    LISTS = "lists"
    RIGHTS = "rights"
    OUTSIDE = "outside"


class NotFound(Exception):
    """The text of a safeguard does not stand in its file exactly once."""


@dataclass(frozen=True, slots=True)
class Safeguard:
    """A safeguard, how it is taken out, and who must notice.

    `out` stands exactly once in `file` and is replaced by `instead`, so that the program still
    runs: what fails then fails for want of the safeguard. `noticed_by` are ids of tests, as pytest
    takes them, of which one at least must fail; the quickest comes first.
    """

    name: str
    promise: Promise
    protects: str
    file: str
    out: str
    instead: str
    noticed_by: tuple[str, ...]

    def without(self, text: str) -> str:
        """The text of the file without the safeguard. Raises NotFound."""
        found = text.count(self.out)
        if found != 1:
            raise NotFound(f"{self.name}: stands {found} times in {self.file}, and not once: {self.out!r}")
        return text.replace(self.out, self.instead)
