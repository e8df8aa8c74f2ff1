"""The rows of the days on which somebody wants to look at a case again."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from engine.tables import CaseRecord, FollowUpDay, table_of

_day = table_of(FollowUpDay)
_case = table_of(CaseRecord)

# One statement, so that two who press at the same moment meet in one row.
_PUT = sa.text(
    "INSERT INTO follow_up_day (institution, person, case_id, on_day, note, created_at) "
    "VALUES (:institution, :person, :case, :on_day, :note, :now) "
    "ON CONFLICT (institution, person, case_id) DO UPDATE SET on_day = excluded.on_day, note = excluded.note"
).bindparams(sa.bindparam("on_day", type_=sa.Date))


def put(
    connection: sa.Connection, institution: str, person: str, case: str, *, on_day: date, note: str, now: int
) -> None:
    """Note the day, in place of one noted before."""
    values = {"institution": institution, "person": person, "case": case, "on_day": on_day, "note": note, "now": now}
    connection.execute(_PUT, values)


def drop(connection: sa.Connection, institution: str, person: str, case: str) -> None:
    """Forget the day of a person for a case."""
    connection.execute(_day.delete().where(*_of(institution, person), _day.c.case_id == case))


def find(connection: sa.Connection, institution: str, person: str, case: str) -> tuple[date, str] | None:
    """The day and the note of a person for a case, or None."""
    query = sa.select(_day.c.on_day, _day.c.note).where(*_of(institution, person), _day.c.case_id == case)
    row = connection.execute(query).first()
    return (row.on_day, row.note) if row else None


def listed(
    connection: sa.Connection, institution: str, person: str, *, until: date | None
) -> list[tuple[str, str, str, date, str]]:
    """Case id, number, title, day and note of a person's cases to follow up until a day, the soonest first."""
    query = (
        sa.select(_day.c.case_id, _case.c.number, _case.c.title, _day.c.on_day, _day.c.note)
        .join_from(_day, _case, (_case.c.institution == _day.c.institution) & (_case.c.id == _day.c.case_id))
        .where(*_of(institution, person))
        .order_by(_day.c.on_day, _case.c.number)
    )
    if until is not None:
        query = query.where(_day.c.on_day <= until)
    return [(row.case_id, row.number, row.title, row.on_day, row.note) for row in connection.execute(query)]


def _of(institution: str, person: str) -> tuple[sa.ColumnElement[bool], ...]:
    return _day.c.institution == institution, _day.c.person == person
