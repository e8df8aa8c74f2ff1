"""What waits for somebody, as a set of case ids; and how pressing it is. The rule: `engine.tasks`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import sqlalchemy as sa

from engine.store.scope import case_table, gathered, reach_table
from engine.tables import LinkRecord, table_of
from engine.tasks import Group, Waiting
from engine.vocabulary.people import CASE

Due: TypeAlias = Literal["overdue", "today", "week", "later", "none"]
GROUPS: tuple[Due, ...] = ("overdue", "today", "week", "later", "none")
"""How pressing a case is, the most pressing first."""

_case = case_table
_linked = case_table.alias("owning_case")
_link = table_of(LinkRecord)


@dataclass(frozen=True, slots=True)
class Bounds:
    """The instants (UTC microseconds) at which the local day, tomorrow and the coming Monday begin.

    What is due at the very instant a day begins was owed on the day before.
    """

    today: int
    tomorrow: int
    monday: int

    def group_of(self, due_at: int | None, missed_at: int | None) -> Due:
        """How pressing a case is whose row says so. The same as `group`, for one row."""
        if missed_at is not None or (due_at is not None and due_at <= self.today):
            return "overdue"
        if due_at is None:
            return "none"
        if due_at <= self.tomorrow:
            return "today"
        return "week" if due_at <= self.monday else "later"

    def group(self) -> sa.ColumnElement[str]:
        """How pressing a row of case_record is."""
        due = _case.c.due_at
        return sa.case(
            (sa.or_(_case.c.missed_at.is_not(None), due <= self.today), "overdue"),
            (due.is_(None), "none"),
            (due <= self.tomorrow, "today"),
            (due <= self.monday, "week"),
            else_="later",
        )


def waits(waiting: Waiting) -> sa.ColumnElement[bool]:
    """Hold for rows of case_record that wait for the person."""
    own = case_table.alias("waiting_case")
    found = sa.union_all(*(sa.select(own.c.id).where(*part) for part in parts_of(waiting, own)))
    return gathered(_case.c.id, found.scalar_subquery())


def parts_of(waiting: Waiting, own: Any) -> Iterator[list[sa.ColumnElement[bool]]]:
    """What waits for the person part by part, as conditions on `own`, rows of case_record; no row is in two parts."""
    still = [own.c.institution == waiting.institution, own.c.closed_at.is_(None)]
    yield [*still, own.c.assignee.in_(waiting.people)]
    for group in waiting.groups:
        alike = [own.c.workflow == group.workflow, own.c.state.in_(group.states), own.c.assignee.is_(None)]
        yield [*still, *alike, *_tied(waiting, group, own), *within(own, group)]


def _tied(waiting: Waiting, group: Group, own: Any) -> Iterator[sa.ColumnElement[bool]]:
    """Cases that are linked to the units of a group.

    Begun with what `case_reach` keeps of these, which is little, rather than with every open case of the
    institution, or with every link that cases of the units ever had (1,900 for 380, at a million).
    """
    if group.where != CASE and group.units is not None:
        tied = sa.select(reach_table.c.case_id).where(
            reach_table.c.institution == waiting.institution,
            reach_table.c.unit.in_(group.units),
            reach_table.c.workflow == group.workflow,
            reach_table.c.ended == "",
        )
        yield gathered(own.c.id, tied.scalar_subquery())


def within(own: Any, group: Group) -> list[sa.ColumnElement[bool]]:
    """What a group asks of unassigned cases (rows of `own`) beside workflow and state."""
    asked = [own.c.definition.in_(group.definitions)] if group.definitions else []
    if group.where != CASE:
        return [*asked, _owned_from(own, group)]
    return asked if group.units is None else [*asked, own.c.unit.in_(group.units)]


def _owned_from(own: Any, group: Group) -> sa.ColumnElement[bool]:
    """Hold where the newest case linked under the group's name lies in one of its units."""
    newest = (
        sa.select(_linked.c.unit)
        .join(_link, (_linked.c.institution == _link.c.institution) & (_linked.c.id == _link.c.to_case))
        .where(_link.c.institution == own.c.institution, _link.c.from_case == own.c.id, _link.c.name == group.where)
        .order_by(_link.c.sequence.desc(), _link.c.to_case.desc())
        .limit(1)
        # Said outright, for a subquery of a subquery would else take the outermost rows for its own.
        .correlate(own)
        .scalar_subquery()
    )
    return newest.is_not(None) if group.units is None else newest.in_(group.units)
