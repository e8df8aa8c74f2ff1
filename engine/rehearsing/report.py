"""What a rehearsal found: values that are shown, written as JSON, and read again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

from pydantic import TypeAdapter

from engine.comparing import Difference
from engine.vocabulary import Text

MOST_LINES: Final = 1000
"""Of one kind of finding so many lines are kept, the oldest cases first; all are counted."""

MOST_EXAMPLES: Final = 5
"""So many cases are named under one finding; all are counted."""


class Shift(StrEnum):
    """What becomes of a deadline of an open case."""

    MOVED = "moved"
    STARTED = "started"
    STOPPED = "stopped"
    RESTED = "rested"
    RESUMED = "resumed"


@dataclass(frozen=True, slots=True)
class Version:
    """A definition: the number its file gives it, and the hash of its behaviour."""

    number: int
    hash: str


@dataclass(frozen=True, slots=True)
class Stuck:
    """An open case that cannot be carried over: where it stands, why, and what to do about it.

    `code` is that of the refusal: `migration_no_state`, `no_end`, `migration_facts`, `no_place_left`, …
    """

    case: str
    number: str
    unit: str
    state: str
    label: Text
    code: str
    words: Text
    do: Text


@dataclass(frozen=True, slots=True)
class Example:
    """A case in which something was found: at which event (0: at its end), when (UTC microseconds), in which words."""

    case: str
    number: str
    sequence: int
    at: int
    words: Text


@dataclass(frozen=True, slots=True)
class Finding:
    """The same thing found in one case or several.

    `step` is the trigger, the kind of small change, or the rule as it is written; `label` says it.
    `times` counts events, `cases` the cases they stand in.
    """

    workflow: str
    step: str
    code: str
    label: Text
    words: Text
    cases: int
    times: int
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Moved:
    """A deadline of an open case that would be due another day (local days, both included), start, stop or rest."""

    case: str
    number: str
    unit: str
    deadline: str
    label: Text
    shift: Shift
    before: date | None
    after: date | None


@dataclass(frozen=True, slots=True)
class Unheld:
    """Something the new file gives to a role that nobody holds in a unit (or above it) where there are open cases."""

    roles: tuple[str, ...]
    unit: str
    need: str
    label: Text
    cases: int


@dataclass(frozen=True, slots=True)
class Counts:
    """How much was found of each kind, whether or not it stands among the lines."""

    stuck: int
    refused: int
    changed: int
    deadlines: int
    roles: int
    rules: int

    @property
    def all(self) -> int:
        """Everything found."""
        return self.stuck + self.refused + self.changed + self.deadlines + self.roles + self.rules


@dataclass(frozen=True, slots=True)
class Report:
    """What came of trying a file. Instants are UTC microseconds, days local.

    `source` is the SHA-256 of the file's text. `cases` and `steps` were looked at, `open` of the cases are open ones of
    the workflow; `without_detail` steps were only held against the graph, because their detail was erased;
    `not_judged` steps rest on more than a history names. Findings come in the order of the oldest case they
    stand in; of each kind at most MOST_LINES.
    """

    workflow: str
    label: Text
    file: str
    source: str
    before: Version | None
    after: Version
    made_at: int
    since: int
    cases: int
    open: int
    steps: int
    without_detail: int
    not_judged: int
    counts: Counts
    stuck: tuple[Stuck, ...]
    refused: tuple[Finding, ...]
    changed: tuple[Finding, ...]
    deadlines: tuple[Moved, ...]
    roles: tuple[Unheld, ...]
    rules: tuple[Finding, ...]
    differences: tuple[Difference, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.counts.all

    def as_json(self) -> dict[str, Any]:
        """The report as JSON values; `ok` stands first."""
        written: dict[str, Any] = _ADAPTER.dump_python(self, mode="json")
        return {"ok": self.ok, **written}

    def to_json(self) -> str:
        """The report as the JSON text that `read_report` reads."""
        return json.dumps(self.as_json(), ensure_ascii=False, indent=1)


_ADAPTER: Final = TypeAdapter(Report)


def read_report(text: str) -> Report:
    """Read a report that was written as JSON. Raises ValueError where it is none."""
    return _ADAPTER.validate_json(text)
