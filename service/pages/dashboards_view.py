"""What the dashboards show: tables of states by age, of times, of who is late and of what holds cases up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import Final

from engine.dashboards import AGES, Age, Block, Blocking, OverdueBy, StateAges, StateTime
from engine.selecting import Counted
from service.pages.charts import Stretch, longest, reaching, single, stacked
from service.pages.insight_view import Number, begin, list_of, number_of, process_name
from service.pages.visiting import Visit

KINDS: Final = ("age-1", "age-2", "age-3", "age-4")
"""The class of each age's colour, youngest first."""


@dataclass(frozen=True, slots=True)
class AgeLine:
    """The open cases of a state, or of a whole process, by age. `oldest_at` is UTC microseconds."""

    label: str
    ages: tuple[Number, ...]
    total: Number
    oldest_at: int | None
    bar: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class AgeTable:
    """A process: its states, and all of them together. `empty` counts the states left out for having no case."""

    process: str
    workflow: str
    lines: tuple[AgeLine, ...]
    whole: AgeLine
    empty: int


@dataclass(frozen=True, slots=True)
class TimeLine:
    """How long visits to a state lasted, in microseconds."""

    label: str
    visits: int
    median: int
    ninetieth: int
    bar: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class TimeTable:
    """A process and its states."""

    process: str
    workflow: str
    lines: tuple[TimeLine, ...]


@dataclass(frozen=True, slots=True)
class OverdueLine:
    """Who has overdue cases of a process, and the first day that has passed."""

    who: str
    unassigned: bool
    process: str
    cases: Number
    first_due_on: date | None
    bar: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class BlockLine:
    """A condition that is not met: in how many of the cases judged, and in how many it holds up the way on."""

    words: str
    steps: str
    who: str
    cases: Number
    held_up: int
    bar: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class BlockTable:
    """A process: what holds cases up, and what only keeps something from being noted."""

    process: str
    workflow: str
    judged: int
    open: int
    holding: tuple[BlockLine, ...]
    noting: tuple[BlockLine, ...]


def age_words(visit: Visit, age: Age) -> str:
    """`0–7 dagar`, `mer än 90 dagar`."""
    if age.last_day is None:
        return visit.say("mer än {n} dagar", "more than {n} days", n=age.first_day - 1)
    return visit.say("{a}–{b} dagar", "{a}–{b} days", a=age.first_day, b=age.last_day)


def ages_said(visit: Visit) -> list[tuple[str, str]]:
    """The class and the words of each age, youngest first."""
    return [(kind, age_words(visit, age)) for kind, age in zip(KINDS, AGES, strict=True)]


def age_tables(visit: Visit, found: Iterable[StateAges], *, with_empty: bool) -> tuple[AgeTable, ...]:
    """A table for each process, in the order they come; processes without open cases are left out unless wanted."""
    tables = (_age_table(visit, name, list(states), with_empty=with_empty) for name, states in _by_process(found))
    return tuple(table for table in tables if with_empty or table.lines)


def _by_process(found: Iterable[StateAges]) -> Iterable[tuple[str, Iterable[StateAges]]]:
    # States that only older definitions know come after all others; they belong with their process.
    ordered = list(found)
    names = list(dict.fromkeys(state.workflow for state in ordered))
    return groupby(sorted(ordered, key=lambda state: names.index(state.workflow)), key=lambda state: state.workflow)


def _age_table(visit: Visit, workflow: str, states: Sequence[StateAges], *, with_empty: bool) -> AgeTable:
    shown = [state for state in states if with_empty or state.total.count]
    most = longest(state.total.count for state in shown)
    lines = tuple(_age_line(visit.speech.text(s.label), s.ages, s.total, s.oldest_at, most) for s in shown)
    return AgeTable(process_name(visit, workflow), workflow, lines, _whole(visit, states), len(states) - len(shown))


def _age_line(label: str, ages: Sequence[Counted], total: Counted, oldest_at: int | None, most: int) -> AgeLine:
    bar = stacked([age.count for age in ages], most, KINDS)
    return AgeLine(label, tuple(number_of(age) for age in ages), number_of(total), oldest_at, bar)


def _whole(visit: Visit, states: Sequence[StateAges]) -> AgeLine:
    """All states of a process; the same selections, but for the state."""
    columns = zip(*(state.ages for state in states), strict=True)
    ages = [_together(column) for column in columns]
    total = _together([state.total for state in states])
    oldest = min((state.oldest_at for state in states if state.oldest_at is not None), default=None)
    return _age_line(visit.say("Alla statusar", "All statuses"), ages, total, oldest, total.count)


def _together(counted: Sequence[Counted]) -> Counted:
    return Counted(sum(each.count for each in counted), replace(counted[0].selection, state=()))


def time_tables(visit: Visit, found: Sequence[StateTime]) -> tuple[TimeTable, ...]:
    """A table for each process."""
    return tuple(
        _time_table(visit, workflow, list(states)) for workflow, states in groupby(found, key=lambda row: row.workflow)
    )


def _time_table(visit: Visit, workflow: str, states: Sequence[StateTime]) -> TimeTable:
    most = longest(state.ninetieth for state in states)
    lines = (
        TimeLine(
            visit.speech.text(row.label),
            row.visits,
            row.median,
            row.ninetieth,
            reaching(row.median, row.ninetieth, most),
        )
        for row in states
    )
    return TimeTable(process_name(visit, workflow), workflow, tuple(lines))


def overdue_lines(visit: Visit, found: Sequence[OverdueBy]) -> tuple[OverdueLine, ...]:
    """Who is late, in the order found."""
    most = longest(row.cases.count for row in found)
    return tuple(_overdue(visit, row, most) for row in found)


def _overdue(visit: Visit, row: OverdueBy, most: int) -> OverdueLine:
    # The instant is the midnight that follows the last day.
    last = None if row.first_due_at is None else visit.speech.local(row.first_due_at - 1).date()
    return OverdueLine(
        who=_owner(visit, row),
        unassigned=row.assignee is None,
        process=process_name(visit, row.workflow),
        cases=number_of(row.cases),
        first_due_on=last,
        bar=single(row.cases.count, most, "late"),
    )


def _owner(visit: Visit, row: OverdueBy) -> str:
    if row.assignee is not None:
        return row.name or visit.say("någon utan namn", "somebody without a name")
    role = begin(visit.speech.role(row.role)) if row.role else visit.say("Ingen roll", "No role")
    return f"{role}, {visit.unit_name(row.unit)}" if row.unit else role


def block_table(visit: Visit, found: Blocking) -> BlockTable:
    """What holds up the cases of a process."""
    most = longest(block.cases.count for block in found.reasons)
    holding = tuple(_block(visit, block, most) for block in found.reasons if block.held_up)
    noting = tuple(_block(visit, block, most) for block in found.reasons if not block.held_up)
    process = process_name(visit, found.workflow)
    return BlockTable(process, found.workflow, found.judged, found.open, holding, noting)


def _block(visit: Visit, block: Block, most: int) -> BlockLine:
    text = visit.speech.text
    return BlockLine(
        words=text(block.message),
        steps=", ".join(text(step) for step in block.steps),
        who=begin(visit.speech.role(block.who_can)) if block.who_can else "",
        cases=Number(block.cases.count, list_of(block.cases.selection)),
        held_up=block.held_up,
        bar=stacked((block.held_up, block.cases.count - block.held_up), most, ("near", "far")),
    )
