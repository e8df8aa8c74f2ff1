"""The institution as the engine knows it: units, who holds which role, who is away.

One frozen value per version. It holds ids and dates only; names and addresses of
people stand in their own table and are looked up when something is shown or sent.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, TypeVar

from engine.calendar import Calendar
from engine.vocabulary import Role

T = TypeVar("T")

MOST_KEPT = 5000
"""So many things are kept of what follows from one version; then it is begun anew."""

STAFF = (
    Role.COORDINATOR,
    Role.REVIEWER,
    Role.HEAD,
    Role.OFFICER,
    Role.ADMISSIONS,
    Role.RECOGNISER,
    Role.SIGNATORY,
)
"""Roles of casework; AUDITOR reads without acting, ADMIN does neither."""


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit. `parent` is None for the root, whose code is the institution."""

    code: str
    name_sv: str
    name_en: str
    parent: str | None
    mailbox: str | None
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Span:
    """Local days, both included; None is open."""

    starts_on: date | None
    ends_on: date | None

    def covers(self, day: date) -> bool:
        """Whether the day lies within."""
        return (self.starts_on is None or self.starts_on <= day) and (
            self.ends_on is None or day <= self.ends_on
        )


@dataclass(frozen=True, slots=True)
class Membership:
    """A person holds a role in a unit over a span of days."""

    person: str
    role: Role
    unit: str
    span: Span


@dataclass(frozen=True, slots=True)
class Mandate:
    """A person may do something of a kind (for example `sign_agreement`) for a unit."""

    person: str
    kind: str
    unit: str
    span: Span


@dataclass(frozen=True, slots=True)
class Absence:
    """A person is away over a span, on all days or on some weekdays (Monday is 0)."""

    person: str
    span: Span
    weekdays: frozenset[int] | None
    substitute: str | None

    def takes(self, day: date) -> bool:
        """Whether the person is away that day because of this."""
        return self.span.covers(day) and (self.weekdays is None or day.weekday() in self.weekdays)


@dataclass(frozen=True)
class Organisation:
    """An institution at one version of its rights, units and calendar."""

    institution: str
    version: int
    units: Mapping[str, UnitRow]
    memberships: tuple[Membership, ...] = ()
    mandates: tuple[Mandate, ...] = ()
    absences: tuple[Absence, ...] = ()
    closing_days: Mapping[str, frozenset[date]] = field(default_factory=dict)

    @cached_property
    def _by_person(self) -> Mapping[str, tuple[Membership, ...]]:
        return _grouped(self.memberships, lambda held: held.person)

    @cached_property
    def _by_seat(self) -> Mapping[tuple[str, Role], tuple[Membership, ...]]:
        return _grouped(self.memberships, lambda held: (held.unit, held.role))

    @cached_property
    def _away(self) -> Mapping[str, tuple[Absence, ...]]:
        return _grouped(self.absences, lambda absence: absence.person)

    @cached_property
    def _mandates(self) -> Mapping[str, tuple[Mandate, ...]]:
        return _grouped(self.mandates, lambda mandate: mandate.person)

    @cached_property
    def _calendars(self) -> dict[str, Calendar]:
        return {}

    @cached_property
    def _settings(self) -> dict[str, Mapping[str, Any]]:
        return {}

    @cached_property
    def _above(self) -> dict[str, tuple[str, ...]]:
        return {}

    @cached_property
    def _own_figures(self) -> dict[tuple[str, str], Mapping[str, Any]]:
        return {}

    @cached_property
    def _kept(self) -> dict[Hashable, tuple[tuple[date, ...], Any]]:
        return {}

    @cached_property
    def _zones(self) -> tuple[Calendar, ...]:
        """A calendar of each time zone that units live in."""
        return tuple({calendar.zone: calendar for calendar in map(self.calendar, self.units)}.values())

    def kept(self, what: Hashable, now: int, work_out: Callable[[], T]) -> T:
        """What `work_out` gives, kept until the local day changes anywhere in the house.

        For what follows from this version and the day alone, and goes through all units: of 400
        a third of a page of tasks.
        """
        days = tuple(calendar.day_at(now) for calendar in self._zones)
        found = self._kept.get(what)
        if found is None or found[0] != days:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            found = self._kept[what] = (days, work_out())
        value: T = found[1]
        return value

    def upwards(self, unit: str) -> tuple[str, ...]:
        """The unit and those above it, nearest first. Empty for an unknown unit."""
        found = self._above.get(unit)
        if found is None and unit in self.units:
            found = self._above[unit] = tuple(self._climbed(unit))
        return found or ()

    def _climbed(self, unit: str) -> list[str]:
        found: list[str] = []
        while unit in self.units and unit not in found:
            found.append(unit)
            unit = self.units[unit].parent or ""
        return found

    def holds(self, person: str, role: Role, unit: str, day: date) -> bool:
        """Whether the person holds the role in the unit or above it that day (PROCESSES 0)."""
        return self.holds_any(person, (role,), unit, day)

    def holds_any(self, person: str, roles: Collection[Role], unit: str, day: date) -> bool:
        """Whether the person holds one of the roles in the unit or above it that day."""
        above = self.upwards(unit)
        for held in self._by_person.get(person, ()):
            if held.role in roles and held.unit in above and held.span.covers(day):
                return True
        return False

    def roles_of(self, person: str, day: date) -> tuple[Membership, ...]:
        """What the person holds that day, in the order it was given."""
        return tuple(h for h in self._by_person.get(person, ()) if h.span.covers(day))

    def nearest(self, role: Role, unit: str, day: date) -> tuple[str, ...]:
        """The nearest holders of a role, looked up in the unit, then upwards; ids in order."""
        for code in self.upwards(unit):
            people = {h.person for h in self._by_seat.get((code, role), ()) if h.span.covers(day)}
            if people:
                return tuple(sorted(people))
        return ()

    def works_on(self, person: str, day: date) -> bool:
        """Whether the person is not away that day (the calendar is asked elsewhere)."""
        return not any(absence.takes(day) for absence in self._away.get(person, ()))

    def on_leave(self, person: str, day: date) -> bool:
        """Whether the person is away that day other than by a weekly pattern."""
        return any(a.weekdays is None and a.takes(day) for a in self._away.get(person, ()))

    def substitute(self, person: str, day: date) -> str | None:
        """The substitute named for the person that day: of the day's absence, else of a pattern."""
        away = [a for a in self._away.get(person, ()) if a.substitute and a.span.covers(day)]
        away.sort(key=lambda a: (not a.takes(day), a.weekdays is not None))
        return away[0].substitute if away else None

    def substitutes(self, person: str) -> frozenset[str]:
        """Everybody ever named as the person's substitute in what is now in force."""
        return frozenset(a.substitute for a in self._away.get(person, ()) if a.substitute)

    def mandates_of(self, person: str, unit: str, day: date) -> tuple[str, ...]:
        """The kinds of mandate the person has in the unit or above it that day, sorted."""
        given = self._mandates.get(person)
        if given is None:
            return ()
        above = self.upwards(unit)
        return tuple(sorted({m.kind for m in given if m.unit in above and m.span.covers(day)}))

    def settings(self, unit: str) -> Mapping[str, Any]:
        """The unit's settings, those of units above filling what it leaves open."""
        if unit not in self._settings:
            merged: dict[str, Any] = {}
            for code in reversed(self.upwards(unit)):
                merged.update(self.units[code].settings)
            self._settings[unit] = merged
        return self._settings[unit]

    def figures(self, workflow: str, unit: str) -> Mapping[str, Any]:
        """What the unit, or one above it, has set of a workflow's figures: `workflow.name` in its settings."""
        own = self._own_figures.get((workflow, unit))
        if own is None:
            prefix = f"{workflow}."
            own = {k[len(prefix) :]: v for k, v in self.settings(unit).items() if k.startswith(prefix)}
            self._own_figures[workflow, unit] = own
        return own

    def calendar(self, unit: str) -> Calendar:
        """The unit's calendar: public holidays, its own closing days and those above it."""
        if unit not in self._calendars:
            settings = self.settings(unit)
            closed = frozenset[date]().union(
                *(self.closing_days.get(code, frozenset()) for code in self.upwards(unit))
            )
            self._calendars[unit] = Calendar(
                zone=str(settings.get("zone", "Europe/Stockholm")),
                closing_days=closed,
                bridge_days=bool(settings.get("bridge_days", True)),
                low_season=bool(settings.get("low_season", False)),
            )
        return self._calendars[unit]


def _grouped(rows: Iterable[Any], key: Any) -> Mapping[Any, tuple[Any, ...]]:
    groups: dict[Any, list[Any]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return {name: tuple(members) for name, members in groups.items()}
