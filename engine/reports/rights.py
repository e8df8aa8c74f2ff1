"""Who held which right on a day: roles, mandates, absences and substitutes, as the system had them then.

The rights in force at the end of the local day, by the version of the organisation that held then:
what was noted only later, for days that had gone, is not among them. It is the same version by which
the steps of that day were decided, and by which they are replayed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from engine.canonical import micros
from engine.paging import Page, seal, unseal
from engine.reports.shape import Column, Line, Moment, Period, Person, Question, Report, UnitOf, Value
from engine.store import person_rows, right_rows
from engine.store.right_rows import Right
from engine.vocabulary import Role, Text

WHAT: Final = {
    "membership": Text("roll", "role"),
    "mandate": Text("mandat", "mandate"),
    "absence": Text("frånvaro", "absence"),
}
WEEKDAYS: Final = (
    Text("måndagar", "Mondays"), Text("tisdagar", "Tuesdays"), Text("onsdagar", "Wednesdays"),
    Text("torsdagar", "Thursdays"), Text("fredagar", "Fridays"), Text("lördagar", "Saturdays"),
    Text("söndagar", "Sundays"),
)  # fmt: skip


def lines(question: Question, cursor: str | None, limit: int) -> Page[Line]:
    """A page of the report, in the order of the rights: roles, mandates, absences; each in the order given."""
    asked, day = question.asked, question.filter.until or question.asked.today
    institution = asked.scope.institution
    version = right_rows.version_before(asked.connection, institution, micros(asked.calendar.end_of(day)))
    standing = right_rows.rights(asked.connection, institution, version, day=day)
    held = [right for right in standing if _covers(right, day) and _is_in(question, right, standing)]
    first = int(unseal(cursor, int)[0]) if cursor else 0
    shown = held[max(first, 0) : max(first, 0) + limit]
    more = seal(first + limit) if len(held) > first + limit else None
    return Page(_lines(question, shown), more)


def _covers(right: Right, day: date) -> bool:
    """Whether a pattern of weekdays means this one; the span has been looked at."""
    return right.weekdays is None or str(day.weekday()) in right.weekdays.split(",")


def _is_in(question: Question, right: Right, held: Sequence[Right]) -> bool:
    """Whether the right counts in the unit asked for, or below it; an absence does with its person's roles."""
    unit = question.filter.unit
    if unit is None:
        return True
    reach = {*question.units, *question.asked.organisation.upwards(unit)}
    if right.unit is not None:
        return right.unit in reach
    return any(other.person == right.person and other.unit in reach for other in held)


def _lines(question: Question, shown: Sequence[Right]) -> tuple[Line, ...]:
    ids = {who for right in shown for who in (right.substitute, right.by) if who}
    cards = person_rows.by_id(question.asked.connection, question.asked.scope.institution, ids)
    names = {who: card.name for who, card in cards.items()}
    return tuple(_line(right, names) for right in shown)


def _line(right: Right, names: dict[str, str | None]) -> Line:
    values: dict[str, Value] = {
        "person": Person(right.person, right.name),
        "what": WHAT[right.what],
        "right": _right(right),
        "unit": UnitOf(right.unit) if right.unit else None,
        "from": right.starts_on,
        "to": right.ends_on,
        "substitute": Person(right.substitute, names.get(right.substitute)) if right.substitute else None,
        "noted_at": Moment(right.at) if right.at is not None else None,
        "noted_by": Person(right.by, names.get(right.by)) if right.by else None,
        "version": right.version,
    }
    return Line(values, version=right.version)


def _right(right: Right) -> Value:
    if right.what == "membership":
        return Role(right.of) if right.of in set(Role) else right.of
    if right.weekdays is not None:
        return tuple(WEEKDAYS[int(day)] for day in right.weekdays.split(",") if day)
    return right.of.replace("_", " ") if right.of else None


REPORT: Final = Report(
    name="rights",
    label=Text("Vem hade vilken rätt en viss dag", "Who held which right on a day"),
    about=Text(
        "Roller, mandat, frånvaro och ersättare som gällde dagens slut enligt registret så som det då såg ut; det är"
        " samma version som dagens steg prövades mot. En enhet visas med dem under och över den.",
        "Roles, mandates, absences and substitutes in force at the end of the day, by the register as it then stood:"
        " the version the steps of that day were judged by. A unit is shown with those below and above it.",
    ),
    columns=(
        Column("person", Text("Person", "Person")),
        Column("what", Text("Slag", "Kind")),
        Column("right", Text("Rätt", "Right")),
        Column("unit", Text("Enhet", "Unit")),
        Column("from", Text("Från och med", "From")),
        Column("to", Text("Till och med", "Until"), under="from"),
        Column("substitute", Text("Ersättare", "Substitute")),
        Column("noted_at", Text("Noterat", "Noted")),
        Column("noted_by", Text("Noterat av", "Noted by"), under="noted_at"),
        Column("version", Text("Ändring nr", "Change no."), shown=False),
    ),
    lines=lines,
    period=Period.DAY,
    by_workflow=False,
)
