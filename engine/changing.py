"""A change of the organisation: several rows, one version, one note of who did it.

Every word is checked before anything is written, so a refused row leaves the change as
it was and the next row can go on. What is written as it already stands is no change.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from engine import partners, people
from engine.calendar import Calendar
from engine.canonical import micros
from engine.errors import NotYourTurn
from engine.organisation import STAFF, Span
from engine.partners import Partner
from engine.people import PersonCard, wrong
from engine.ports import Ids
from engine.store import partner_rows, person_rows
from engine.store.registers import Rows
from engine.store.store import Session
from engine.vocabulary import Role, Text

HELD = (*STAFF, Role.AUDITOR, Role.ADMIN)
"""The roles somebody may hold in a unit; student, partner and clock are held by nobody."""

LONGEST_CODE = 60
CALENDAR_SETTINGS = ("zone", "bridge_days", "low_season")


NOT_YOURS = Text("Ingen av dina roller får ändra detta.", "None of your roles may change this.")


class Written(StrEnum):
    """What became of a row."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


@dataclass
class Change:
    """What is being written. Use it inside its `with` only, and nothing else that writes.

    `concerned` are the units whose calendar or figures have moved: the open deadlines
    there, and below, are owed to be worked out anew (`engine.recounting`). `touched` counts
    the versioned rows written or closed. `figures` maps the settings the workflows know,
    as "WORKFLOW.NAME", to their defaults.
    """

    connection: Session
    institution: str
    rows: Rows
    ids: Ids
    now: datetime
    figures: Mapping[str, Any] = field(default_factory=dict)
    concerned: set[str] = field(default_factory=set)
    touched: int = 0
    version: int | None = None

    def must_hold(self, person: str, *roles: Role) -> None:
        """Raise NotYourTurn unless the person holds one of the roles today, judged inside this very change."""
        day = self.today()
        held = self.rows.present("membership", person=person)
        if not any(Role(row["role"]) in roles and covers(row, day) for row in held):
            raise NotYourTurn(NOT_YOURS)

    def note(self) -> None:
        """Let it be noted who did this and when, though no row of the organisation moves."""
        self.touched += 1

    def today(self) -> date:
        """The institution's local day."""
        root = next(iter(self.rows.present("unit", code=self.institution)), None)
        settings: Mapping[str, Any] = root["settings"] if root else {}
        return Calendar(zone=str(settings.get("zone", "Europe/Stockholm"))).local_date(self.now)

    # People and partners: not versioned, for their names must be erasable.

    def person(self, *, email: str, name: str | None = None, language: str | None = None) -> PersonCard:
        """Add a person, or put name and language right; None leaves them as they are."""
        folded = people.folded_email(email)
        known = person_rows.by_email(self.connection, self.institution, folded)
        return self.write_person(known, email=folded, name=name, language=language)

    def known_person(self, person: str) -> PersonCard:
        """The person of an id. Raises BadFields where there is none."""
        found = person_rows.by_id(self.connection, self.institution, [person]).get(person)
        if found is None:
            raise wrong("person", "personen finns inte.", "there is no such person.")
        return found

    def write_person(
        self, known: PersonCard | None, *, email: str, name: str | None = None, language: str | None = None
    ) -> PersonCard:
        """Write what is given over what is known of the person of a folded address, or add them."""
        card = self.card(known, email=email, name=name, language=language)
        if card == known:
            return card
        # Whoever added the same address in the same moment gave the row its id.
        return replace(card, id=person_rows.write(self.connection, self.institution, card, now=micros(self.now)))

    def card(
        self, known: PersonCard | None, *, email: str, name: str | None = None, language: str | None = None
    ) -> PersonCard:
        """What the person of a folded address is to be, what is given over what is known. Writes nothing."""
        spoken = people.known_language(language) if language else None
        if known is None:
            if name is None:
                raise wrong("name", "ange ett namn för en ny person.", "name a new person.")
            return PersonCard(self._id(), people.clean_name(name), email, spoken or "sv")
        called = people.clean_name(name) if name is not None else known.name
        return replace(known, name=called, language=spoken or known.language)

    def write_people(self, cards: Collection[PersonCard]) -> None:
        """Write many people at once. Whoever is there already keeps the id they have."""
        person_rows.write_many(self.connection, self.institution, cards, now=micros(self.now))

    def partner(self, **given: Any) -> tuple[Partner, Written]:
        """Add a partner, or write what is given over what is known; None leaves a value as it is."""
        values = partners.cleaned(given)
        keys = {name: values.get(name) for name in ("erasmus_code", "pic", "name")}
        known = partner_rows.find(self.connection, self.institution, **keys)
        return self.write_partner(known, values)

    def write_partner(self, known: Partner | None, values: Mapping[str, Any]) -> tuple[Partner, Written]:
        """Write cleaned values over what is known of a partner, or add it."""
        if known is None and "name" not in values:
            raise wrong("name", "ange partnerns namn.", "give the partner's name.")
        found = replace(known, **values) if known else Partner(id=self._id(), **values)
        if found != known:
            partner_rows.write(self.connection, self.institution, found, new=known is None)
        return found, _written(known, found)

    # Units.

    def root(self) -> Written:
        """Make the unit that is the whole institution, where there is none."""
        if self.rows.present("unit", code=self.institution):
            return Written.SAME
        return self.unit(self.institution, name_sv=self.institution, name_en=self.institution)

    def unit(
        self,
        code: str,
        *,
        name_sv: str,
        name_en: str,
        parent: str | None = None,
        mailbox: str | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> Written:
        """Add a unit or change it. Without `parent` it stands right below the institution.

        `settings` None leaves those it has.
        """
        known = next(iter(self.rows.present("unit", code=_code(code))), None)
        kept: dict[str, Any] = dict(known["settings"]) if known else {}
        used = kept if settings is None else self._settings(settings)
        values = {
            "code": code,
            "name_sv": people.clean_name(name_sv, "name_sv"),
            "name_en": people.clean_name(name_en, "name_en"),
            "parent": self._parent(code, parent),
            "mailbox": people.folded_email(mailbox, "mailbox") if mailbox else None,
            "settings": used,
        }
        if known and (_moves(kept, used) or known["parent"] != values["parent"]):
            self.concerned.add(code)
        return self._put("unit", [known] if known else [], values)

    def _parent(self, code: str, parent: str | None) -> str | None:
        if code == self.institution:
            if parent:
                raise wrong("parent", "lärosätet står överst.", "the institution stands at the top.")
            return None
        above = parent or self.institution
        step: str | None = above
        while step is not None:
            known = next(iter(self.rows.present("unit", code=step)), None)
            if known is None:
                raise wrong("parent", f"enheten {step} finns inte.", f"there is no unit {step}.")
            if step == code:
                raise wrong(
                    "parent",
                    f"{above} ligger under {code}; det blev en cirkel.",
                    f"{above} lies below {code}; that would be a circle.",
                )
            step = known["parent"]
        return above

    def _settings(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        for name, value in settings.items():
            self._setting(name, value)
        try:
            Calendar(zone=str(settings.get("zone", "Europe/Stockholm")))
            return dict(json.loads(json.dumps(dict(settings), allow_nan=False)))
        except (TypeError, ValueError) as error:
            raise wrong("settings", f"går inte att använda: {error}.", f"cannot be used: {error}.") from error

    def _setting(self, name: str, value: Any) -> None:
        if name in {"bridge_days", "low_season"} and not isinstance(value, bool):
            raise wrong("settings", f"{name} är true eller false.", f"{name} is true or false.")
        workflow = name.partition(".")[0]
        if "." not in name or not any(known.startswith(f"{workflow}.") for known in self.figures):
            return
        if name not in self.figures:
            raise wrong("settings", f"{name} finns inte.", f"there is no {name}.")
        default = self.figures[name]
        fits = type(value) is type(default) and not (isinstance(value, int) and value < 0)
        if default is not None and not fits:
            raise wrong(
                "settings",
                f"{name} är av samma slag som {default!r}.",
                f"{name} is of the same kind as {default!r}.",
            )

    # Who holds what, and who is away. Days are local, both included; None is open.

    def member(
        self,
        person: str,
        role: str,
        unit: str,
        *,
        starts_on: date | None = None,
        ends_on: date | None = None,
    ) -> Written:
        """Give a person a role in a unit. The same role held there on some of these days is replaced."""
        held = _role(role)
        self._known(person, unit, starts_on, ends_on)
        values = {"person": person, "role": held, "unit": unit}
        return self._over_days("membership", values, starts_on, ends_on)

    def leave(self, person: str, role: str, unit: str, *, ends_on: date | None = None) -> int:
        """End a role: after that day, or as if never held (None). How many rows changed."""
        return self._cut("membership", ends_on, person=person, role=_role(role), unit=unit)

    def mandate(
        self,
        person: str,
        kind: str,
        unit: str,
        *,
        starts_on: date | None = None,
        ends_on: date | None = None,
    ) -> Written:
        """Give a person a mandate for a unit; it replaces one of the same kind on the same days."""
        self._known(person, unit, starts_on, ends_on)
        values = {"person": person, "kind": _code(kind, "kind"), "unit": unit}
        return self._over_days("mandate", values, starts_on, ends_on)

    def withdraw_mandate(self, person: str, kind: str, unit: str, *, ends_on: date | None = None) -> int:
        """End a mandate: after that day, or as if never given (None). How many rows changed."""
        return self._cut("mandate", ends_on, person=person, kind=kind, unit=unit)

    def absence(
        self,
        person: str,
        *,
        starts_on: date | None = None,
        ends_on: date | None = None,
        weekdays: Collection[int] | None = None,
        substitute: str | None = None,
    ) -> Written:
        """Note that a person is away, on all days or on some weekdays (Monday is 0).

        One that begins on the same day replaces an earlier one: leave a leave, a weekly
        pattern a pattern. `substitute` is a person's id.
        """
        self._known(person, None, starts_on, ends_on)
        self._substitute(person, substitute)
        days = _weekdays(weekdays)
        if starts_on is None and days is None:
            raise wrong(
                "starts_on",
                "ange från vilken dag, eller vilka veckodagar.",
                "give the first day, or the days of the week.",
            )
        same = [
            row
            for row in self.rows.present("absence", person=person)
            if row["starts_on"] == starts_on and (row["weekdays"] is None) == (days is None)
        ]
        values = {
            "person": person,
            "starts_on": starts_on,
            "ends_on": ends_on,
            "weekdays": days,
            "substitute": substitute,
        }
        return self._put("absence", same, values)

    def end_absence(self, person: str, *, starts_on: date | None = None) -> int:
        """Take back the absences that begin on that day (None: without a first day)."""
        return self._drop("absence", person=person, starts_on=starts_on)

    def closing_day(self, unit: str, day: date, name: str = "") -> Written:
        """Close a unit, and all below it, on a day."""
        self._unit(unit)
        values = {"unit": unit, "day": day, "name": " ".join(name.split())[:200]}
        same = self.rows.present("closing_day", unit=unit, day=day)
        if not same:
            self.concerned.add(unit)
        return self._put("closing_day", same, values)

    def reopen_day(self, unit: str, day: date) -> int:
        """Take a closing day back."""
        dropped = self._drop("closing_day", unit=unit, day=day)
        if dropped:
            self.concerned.add(unit)
        return dropped

    # What they share.

    def _known(self, person: str, unit: str | None, starts_on: date | None, ends_on: date | None) -> None:
        self.known_person(person)
        if unit is not None:
            self._unit(unit)
        if starts_on and ends_on and ends_on < starts_on:
            raise wrong("ends_on", "slutar före sin första dag.", "ends before its first day.")

    def _unit(self, unit: str) -> None:
        if not self.rows.present("unit", code=unit):
            raise wrong("unit", f"enheten {unit} finns inte.", f"there is no unit {unit}.")

    def _substitute(self, person: str, substitute: str | None) -> None:
        if substitute is None:
            return
        if substitute == person:
            raise wrong(
                "substitute",
                "ingen kan ersätta sig själv.",
                "nobody can stand in for themselves.",
            )
        if substitute not in person_rows.by_id(self.connection, self.institution, [substitute]):
            raise wrong("substitute", "personen finns inte.", "there is no such person.")

    def _over_days(
        self, table: str, values: Mapping[str, Any], starts_on: date | None, ends_on: date | None
    ) -> Written:
        """Write a row over a span, in place of those that share a day with it."""
        first, last = starts_on or date.min, ends_on or date.max
        sharing = [
            row
            for row in self.rows.present(table, **values)
            if (row["starts_on"] or date.min) <= last and first <= (row["ends_on"] or date.max)
        ]
        return self._put(table, sharing, {**values, "starts_on": starts_on, "ends_on": ends_on})

    def _cut(self, table: str, ends_on: date | None, **where: Any) -> int:
        """Let the rows end after a day, or altogether."""
        found = self.rows.present(table, **where)
        late = [r for r in found if ends_on is None or (r["ends_on"] or date.max) > ends_on]
        for row in late:
            self.rows.end(table, row)
            self.touched += 1
            if ends_on is not None and (row["starts_on"] or date.min) <= ends_on:
                kept = {**where, "starts_on": row["starts_on"], "ends_on": ends_on}
                self.rows.begin(table, self._id(), kept)
        return len(late)

    def _drop(self, table: str, **where: Any) -> int:
        found = self.rows.present(table, **where)
        for row in found:
            self.rows.end(table, row)
        self.touched += len(found)
        return len(found)

    def _put(self, table: str, before: list[Mapping[str, Any]], values: Mapping[str, Any]) -> Written:
        """Write one row in place of those before, unless it stands so already."""
        if len(before) == 1 and all(before[0][name] == value for name, value in values.items()):
            return Written.SAME
        for row in before:
            self.rows.end(table, row)
        self.rows.begin(table, self._id(), values)
        self.touched += 1
        return Written.CHANGED if before else Written.NEW

    def _id(self) -> str:
        return self.ids.new(self.now)


def _written(before: object, now: object) -> Written:
    if before is None:
        return Written.NEW
    return Written.SAME if before == now else Written.CHANGED


def _role(written: str) -> Role:
    if written not in set(HELD):
        roles = ", ".join(HELD)
        raise wrong("role", f"ange en av {roles}.", f"give one of {roles}.")
    return Role(written)


def _code(written: str, field: str = "code") -> str:
    """A code as it is: one word, as it is named in ROLE@UNIT and in addresses of pages."""
    if not written or len(written) > LONGEST_CODE or not written.isprintable() or set(written) & set(" @/;,?#"):
        raise wrong(
            field,
            f"ange en kod av högst {LONGEST_CODE} tecken utan mellanslag eller @ / ; , ? #.",
            f"give a code of at most {LONGEST_CODE} characters without spaces or @ / ; , ? #.",
        )
    return written


def _weekdays(days: Collection[int] | None) -> str | None:
    """Weekdays as they are stored: "0,2,4"."""
    if days is None:
        return None
    if not days or not set(days) <= set(range(7)):
        raise wrong("weekdays", "ange 0 (måndag) till 6 (söndag).", "give 0 (Monday) to 6 (Sunday).")
    return ",".join(str(day) for day in sorted(set(days)))


def _moves(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether deadlines may fall on other days under these settings: calendar or figures."""
    names = {name for name in {*before, *now} if before.get(name) != now.get(name)}
    return any(name in CALENDAR_SETTINGS or "." in name for name in names)


def covers(row: Mapping[str, Any], day: date) -> bool:
    """Whether the day lies within a row that begins and ends on days."""
    return Span(row["starts_on"], row["ends_on"]).covers(day)
