"""What a row of each register says, and how it is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from adapters.columns import Parsed
from adapters.import_kinds import person_name
from engine import partners, people
from engine.directory import PersonCard, Written
from engine.people import clean_name
from engine.store import partner_rows
from service.imports.registers import NEW, Desk, SetAside, given
from service.imports.report import Difference, Result, Taken
from service.imports.source import plain

PARTNER_COLUMNS = {
    "name": "name",
    "erasmus_code": "erasmus_code",
    "pic": "pic",
    "oid": "oid",
    "city": "city",
    "country": "country",
    "website": "website",
    "email": "email",
    "eche_start": "charter_from",
    "eche_end": "charter_to",
}
PARTNER_WITHOUT_PLACE = frozenset({"hei_id", "street", "post_code", "proposal_number", "preferred"})


def partner(desk: Desk, row: Parsed) -> Taken:
    """A partner institution, known again by Erasmus code, else PIC, else name."""
    values = partners.cleaned(given(row.values, PARTNER_COLUMNS))
    keys = {name: values.get(name) for name in ("erasmus_code", "pic", "name")}
    known = partner_rows.find(desk.change.connection, desk.institution, **keys)
    before = asdict(known) if known else {}
    if known and all(before[name] == value for name, value in values.items()):
        desk.first_to_say(row, known.id)
        return Taken(Result.UNCHANGED)
    found, done = desk.change.write_partner(known, values)
    key = values.get("erasmus_code") or values.get("pic") or found.name
    return desk.judge(row, thing=found.id, key=str(key), done=done, before=before, after=values)


def unit(desk: Desk, row: Parsed) -> Taken:
    """A unit, known again by its code. What the file does not say stays as it is."""
    values = row.values
    code = str(values["code"])
    known: Mapping[str, Any] = next(iter(desk.change.rows.present("unit", code=code)), {})
    names = {name: values.get(name) or known.get(name) for name in ("name_sv", "name_en")}
    mailbox = values.get("mailbox") or known.get("mailbox")
    after: dict[str, Any] = {
        "name_sv": names["name_sv"] or names["name_en"],
        "name_en": names["name_en"] or names["name_sv"],
        "parent": values.get("parent") or known.get("parent"),
        "mailbox": people.folded_email(str(mailbox), "mailbox") if mailbox else None,
        "settings": values.get("settings"),
    }
    done = desk.change.unit(code, **after)
    return desk.judge(row, thing=code, key=code, done=done, before=known, after=after)


def person(desk: Desk, row: Parsed) -> Taken:
    """A person, known again by mail address, and the roles the row gives. Roles not named stay."""
    if row.values.get("roles"):
        # Who is given a role must stand in the register, under the id the register has.
        desk.write_people()
    email = people.folded_email(str(row.values["email"]))
    said = given({**row.values, "name": clean_name(person_name(row.values))}, {"name": "name", "language": "language"})
    before = desk.known(email)
    known = asdict(before) if before else {}
    card = before
    if card is None or any(known[name] != value for name, value in said.items()):
        card = desk.change.card(before, email=email, **said)
    done = Written.NEW if before is None else Written.SAME if card == before else Written.CHANGED
    taken = desk.judge(row, thing=email, key=email, done=done, before=known, after=said)
    if row.values.get("roles"):
        return _with_roles(desk, row, before, card, taken)
    if card != before:
        desk.write_later(card)
    return taken


def _with_roles(desk: Desk, row: Parsed, before: PersonCard | None, card: PersonCard, taken: Taken) -> Taken:
    """Write a person and their roles, or neither."""
    with desk.ledger.savepoint():
        if card != before:
            card = desk.change.write_person(before, email=str(card.email), name=card.name, language=card.language)
        given_anew, changed = _roles(desk, row, card.id, str(card.email))
    desk.knows(card)
    if taken.differences or changed:
        return Taken(Result.DIFFERING, differences=(*taken.differences, *changed))
    return NEW if given_anew else taken


def _roles(desk: Desk, row: Parsed, person_id: str, email: str) -> tuple[bool, tuple[Difference, ...]]:
    """Give the roles of a row: whether any is new, and those that were held on other days."""
    starts_on, ends_on = row.values.get("from"), row.values.get("to")
    given_anew, changed = False, []
    for held in row.values.get("roles") or ():
        seat = {"person": person_id, "role": held.role, "unit": held.unit}
        before = desk.change.rows.present("membership", **seat)
        done = desk.change.member(person_id, held.role, held.unit, starts_on=starts_on, ends_on=ends_on)
        first = desk.first_to_say(row, tuple(seat.values()))
        given_anew = given_anew or done is Written.NEW
        if done is Written.CHANGED:
            was = ", ".join(_span(each["starts_on"], each["ends_on"]) for each in before)
            name, now = f"{held.role}@{held.unit}", _span(starts_on, ends_on)
            changed.append(Difference(email, name, was, now, written=first))
            if not first:
                told = desk.said_otherwise(tuple(seat.values()), f"{email}, {name}")
                raise SetAside(Taken(Result.DIFFERING, differences=tuple(changed), warnings=(told,)))
    return given_anew, tuple(changed)


def absence(desk: Desk, row: Parsed) -> Taken:
    """An absence, known again by person, first day, and whether it is a weekly pattern."""
    values = row.values
    card = desk.person(row, "email")
    substitute = desk.person(row, "substitute").id if values.get("substitute") else None
    starts_on, weekdays = values.get("from"), values.get("weekdays")
    before: Mapping[str, Any] = next(
        (
            each
            for each in desk.change.rows.present("absence", person=card.id)
            if each["starts_on"] == starts_on and (each["weekdays"] is None) == (weekdays is None)
        ),
        {},
    )
    done = desk.change.absence(
        card.id, starts_on=starts_on, ends_on=values.get("to"), weekdays=weekdays, substitute=substitute
    )
    after = {
        "ends_on": values.get("to") or "",
        "weekdays": ",".join(str(day) for day in weekdays) if weekdays else None,
        "substitute": substitute or "",
    }
    return desk.judge(
        row,
        thing=(card.id, starts_on, weekdays is None),
        key=f"{card.email} {starts_on or ''}".strip(),
        done=done,
        before={name: value or "" for name, value in before.items()},
        after=after,
    )


def mandate(desk: Desk, row: Parsed) -> Taken:
    """A mandate, known again by person, kind and unit where the days meet."""
    values = row.values
    card = desk.person(row, "email")
    what = {"person": card.id, "kind": values["kind"], "unit": values["unit"]}
    earlier = desk.change.rows.present("mandate", **what)
    starts_on, ends_on = values.get("from"), values.get("to")
    done = desk.change.mandate(card.id, what["kind"], what["unit"], starts_on=starts_on, ends_on=ends_on)
    was = ", ".join(_span(each["starts_on"], each["ends_on"]) for each in earlier)
    return desk.judge(
        row,
        thing=tuple(what.values()),
        key=f"{card.email} {what['kind']}@{what['unit']}",
        done=done,
        before={"days": was},
        after={"days": _span(starts_on, ends_on)},
    )


def closing_day(desk: Desk, row: Parsed) -> Taken:
    """A closing day, known again by unit and day. Without a unit it is the whole institution's."""
    closed_unit, day = str(row.values.get("unit") or desk.institution), row.values["date"]
    before: Mapping[str, Any] = next(iter(desk.change.rows.present("closing_day", unit=closed_unit, day=day)), {})
    name = row.values.get("name") or before.get("name") or ""
    done = desk.change.closing_day(closed_unit, day, name)
    return desk.judge(
        row, thing=(closed_unit, day), key=f"{closed_unit} {day}", done=done, before=before, after={"name": name}
    )


def _span(starts_on: date | None, ends_on: date | None) -> str:
    return f"{plain(starts_on)}–{plain(ends_on)}"
