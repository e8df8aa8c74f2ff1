"""Collects findings as they come: counted without end, kept up to a bound."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from engine.rehearsing.report import MOST_EXAMPLES, MOST_LINES, Example, Finding
from engine.vocabulary import Text

Line = TypeVar("Line")


@dataclass
class Lines(Generic[Line]):
    """The first lines of a kind, and how many there were."""

    count: int = 0
    kept: list[Line] = field(default_factory=list)

    def add(self, line: Line) -> None:
        """Count a line, and keep it while there is room."""
        self.count += 1
        if len(self.kept) < MOST_LINES:
            self.kept.append(line)


@dataclass(frozen=True, slots=True)
class Deviation:
    """One thing that the new file would have made otherwise, in one event of one case."""

    workflow: str
    step: str
    code: str
    label: Text
    words: Text


@dataclass
class _Group:
    first: Deviation
    times: int = 0
    cases: int = 0
    last_case: str = ""
    examples: list[Example] = field(default_factory=list)


@dataclass
class Groups:
    """Deviations put together by workflow, step and code. A case's deviations must come one after the other."""

    _found: dict[tuple[str, str, str], _Group] = field(default_factory=dict)

    def add(self, deviation: Deviation, *, case: str, number: str, sequence: int, at: int) -> None:
        """Count a deviation; the first cases of each group are named."""
        key = (deviation.workflow, deviation.step, deviation.code)
        group = self._found.setdefault(key, _Group(deviation))
        group.times += 1
        if group.last_case == case:
            return
        group.cases += 1
        group.last_case = case
        if len(group.examples) < MOST_EXAMPLES:
            group.examples.append(Example(case, number, sequence, at, deviation.words))

    @property
    def times(self) -> int:
        """How many deviations there were."""
        return sum(group.times for group in self._found.values())

    def findings(self) -> tuple[Finding, ...]:
        """The groups, in the order in which they were first met."""
        found = (
            Finding(
                workflow=group.first.workflow,
                step=group.first.step,
                code=group.first.code,
                label=group.first.label,
                words=group.first.words,
                cases=group.cases,
                times=group.times,
                examples=tuple(group.examples),
            )
            for group in self._found.values()
        )
        return tuple(each for _, each in zip(range(MOST_LINES), found, strict=False))
