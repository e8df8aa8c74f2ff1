"""What an import found and did: counts, bad rows, differing rows, warnings."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from adapters.tables_model import Fault
from engine.vocabulary import Text
from service.plain import both

MOST_KEPT = 10_000
"""Lines of each sort that a report keeps; beyond them it only counts."""


class Result(StrEnum):
    """What became of a row."""

    NEW = "new"
    UNCHANGED = "unchanged"
    DIFFERING = "differing"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Difference:
    """A known key under which the file says something else.

    `written` is true where the register was brought up to date, false where nothing was
    changed: a case is put right by a correction, with a reason, never by a list.
    """

    key: str
    field: str
    was: str
    now: str
    written: bool


@dataclass(frozen=True, slots=True)
class Stopped:
    """An agreement that ends before the stays of a round have ended.

    `closes_on` is the day of the call or nomination that cannot be carried through.
    """

    number: str
    reference: str | None
    partner: str
    holds_until: date
    stops: Text
    closes_on: date


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one row, with everything that is to be said about it."""

    result: Result
    faults: tuple[Fault, ...] = ()
    differences: tuple[Difference, ...] = ()
    warnings: tuple[Text, ...] = ()
    stopped: tuple[Stopped, ...] = ()


@dataclass
class Report:
    """The outcome of one import. Faults, differences and warnings come with the number of their row.

    A warning without a row is about the file as a whole. `left_out` counts the lines beyond
    MOST_KEPT, which are counted and not kept.
    """

    kind: str
    file: str
    dry_run: bool
    counts: dict[Result, int] = field(default_factory=lambda: dict.fromkeys(Result, 0))
    faults: list[tuple[int, Fault]] = field(default_factory=list)
    differences: list[tuple[int, Difference]] = field(default_factory=list)
    warnings: list[tuple[int | None, Text]] = field(default_factory=list)
    stopped: list[tuple[int, Stopped]] = field(default_factory=list)
    left_out: int = 0

    @property
    def ok(self) -> bool:
        """Whether every row could be read and taken in."""
        return not self.counts[Result.BAD]

    @property
    def rows(self) -> int:
        """How many rows held something."""
        return sum(self.counts.values())

    def add(self, row: int, taken: Taken) -> None:
        """Count a row, and keep what is to be said about it."""
        self.counts[taken.result] += 1
        self._keep(self.faults, row, taken.faults)
        self._keep(self.differences, row, taken.differences)
        self._keep(self.warnings, row, taken.warnings)
        self._keep(self.stopped, row, taken.stopped)

    def warn(self, sv: str, en: str) -> None:
        """Warn about the file as a whole."""
        self.warnings.append((None, Text(sv, en)))

    def _keep(self, kept: list[Any], row: int, more: tuple[Any, ...]) -> None:
        room = max(0, MOST_KEPT - len(kept))
        kept.extend((row, each) for each in more[:room])
        self.left_out += max(0, len(more) - room)

    def as_text(self, language: str | None = None) -> str:
        """The report for a person, in Swedish or English; by the machine's language if none is given."""
        # Imported here: the words are long, and a program that asks for JSON needs none.
        from service.imports.words import written  # noqa: PLC0415

        return written(self, language)

    def as_json(self) -> dict[str, Any]:
        """The report for a program: names in English, texts in both languages, days as YYYY-MM-DD."""
        return {
            "ok": self.ok,
            "kind": self.kind,
            "file": self.file,
            "dry_run": self.dry_run,
            "rows": self.rows,
            **{result.value: count for result, count in self.counts.items()},
            "bad_rows": [
                {"row": row, "column": f.column, "value": f.value, "expected": both(f.expected)}
                for row, f in self.faults
            ],
            "differing_rows": [
                {"row": row, "key": d.key, "field": d.field, "was": d.was, "now": d.now, "written": d.written}
                for row, d in self.differences
            ],
            "stopped_agreements": [
                {
                    "row": row,
                    "number": s.number,
                    "reference": s.reference,
                    "partner": s.partner,
                    "holds_until": s.holds_until.isoformat(),
                    "stops": both(s.stops),
                    "closes_on": s.closes_on.isoformat(),
                }
                for row, s in self.stopped
            ],
            "warnings": [{"row": row, "text": both(text)} for row, text in self.warnings],
            "left_out": self.left_out,
        }
