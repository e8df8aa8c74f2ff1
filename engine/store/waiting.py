"""What waits for somebody, as a set of case ids; and how pressing it is. The rule: `engine.tasks`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import sqlalchemy as sa

from engine.store.scope import case_table, gathered
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
    found = sa.union_all(_assigned(waiting), *(_of_group(waiting, group) for group in waiting.groups))
    return gathered(_case.c.id, found.scalar_subquery())


def _assigned(waiting: Waiting) -> sa.Select[Any]:
    own = case_table.alias("assigned_case")
    return sa.select(own.c.id).where(
        own.c.institution == waiting.institution,
        own.c.assignee.in_(waiting.people),
        own.c.closed_at.is_(None),
    )


def _of_group(waiting: Waiting, group: Group) -> sa.Select[Any]:
    own = case_table.alias("waiting_case")
    found = sa.select(own.c.id).where(
        own.c.institution == waiting.institution,
        own.c.workflow == group.workflow,
        own.c.state.in_(group.states),
        own.c.assignee.is_(None),
        own.c.closed_at.is_(None),
    )
    if group.where != CASE and group.units is not None:
        # Begun with the units, which are few, rather than with every open case of the institution.
        there = sa.select(_linked.c.id).where(_linked.c.institution == waiting.institution)
        tied = sa.select(_link.c.from_case).where(
            _link.c.institution == waiting.institution,
            _link.c.name == group.where,
            gathered(_link.c.to_case, there.where(_linked.c.unit.in_(group.units)).scalar_subquery()),
        )
        found = found.where(gathered(own.c.id, tied.scalar_subquery()))
    return found.where(*within(own, group))


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
