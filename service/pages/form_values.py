"""What was typed, as JSON values; and values, as they would be typed.

Typed is flat, as browsers send it: each name with all its values. A field `credits` is sent as
`f.credits`; of a list, `f.rows` names its rows ("0", "1") and `f.rows.0.places` is a field of
the first. Nothing is judged here: what cannot be read goes on as text no field takes, and the
engine says what is wrong with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from service.pages.forms import Field, Kind

Typed = Mapping[str, list[str]]

ROOT: Final = "f"

_SPACES: Final = re.compile(r"[\s\u00a0\u2009\u202f]+")
_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,15}")
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,10})?")
DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ROW: Final = re.compile(r"[0-9]{1,3}")
MOST_ROWS: Final = 200
"""Rows of one list that are read at all, more than any form takes; a page of thousands would hold everybody up."""

UNREADABLE: Final = "?"
"""Stands for a number or day that none can be read from. Left as typed, pydantic would take
"0" for the first of January 1970, and "1e3" for a thousand."""


# From typed to values.


def values_of(
    fields: Iterable[Field], typed: Typed, at: str = ROOT, *, before: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The values that were typed. What was left empty is absent; where `before` has it, it is taken away."""
    found: dict[str, Any] = {}
    for field in fields:
        value = _value(field, typed, f"{at}.{field.name}")
        emptied = before is not None and not field.required and before.get(field.name) not in (None, [], ())
        if value is not None:
            found[field.name] = value
        elif emptied:
            found[field.name] = [] if field.kind in {Kind.PARTS, Kind.LINES, Kind.CHOICES} else None
    return found


def _value(field: Field, typed: Typed, name: str) -> Any:  # noqa: PLR0911 - one a kind
    match field.kind:
        case Kind.PART:
            inside = values_of(field.parts, typed, name)
            # A part that may be left out is left out where nothing in it was touched.
            return inside if field.required or not blank(field, typed, name) else None
        case Kind.PARTS:
            return [values_of(field.parts, typed, f"{name}.{row}") for row in rows_of(typed, name)] or None
        case Kind.FLAG:
            return "true" in typed.get(name, ())
        case Kind.DECLARATION:
            return True if "true" in typed.get(name, ()) else None
        case Kind.CHOICES:
            sent = typed.get(name, [])
            known = [option.value for option in field.options if option.sent in sent]
            return known + [each for each in sent if each not in {option.sent for option in field.options}] or None
        case Kind.LINES:
            return [line for line in map(str.strip, one(typed, name).split("\n")) if line] or None
        case _:
            return _single(field, one(typed, name).strip())


def _single(field: Field, text: str) -> Any:
    if not text:
        return None
    match field.kind:
        case Kind.INTEGER:
            bare = _plain_number(text)
            return int(bare) if _WHOLE.fullmatch(bare) else UNREADABLE
        case Kind.DECIMAL:
            bare = _plain_number(text)
            return bare if _NUMBER.fullmatch(bare) else UNREADABLE
        case Kind.DATE:
            return text if DAY.fullmatch(text) else UNREADABLE
        case Kind.CHOICE:
            return next((option.value for option in field.options if option.sent == text), text)
        case _:
            return text


def _plain_number(text: str) -> str:
    """A number without spaces between thousands, with a point for the decimal comma."""
    return _SPACES.sub("", text).replace("\N{MINUS SIGN}", "-").replace(",", ".")


def one(typed: Typed, name: str) -> str:
    """The last value sent under a name; nothing where there is none."""
    return (typed.get(name) or [""])[-1]


# Rows.


def rows_of(typed: Typed, name: str) -> list[str]:
    """The rows of a list, in the order sent."""
    return list(dict.fromkeys(row for row in typed.get(name, ()) if _ROW.fullmatch(row)))[:MOST_ROWS]


def settled(fields: Iterable[Field], typed: Typed, at: str = ROOT) -> dict[str, list[str]]:
    """Typed without rows that nobody filled in, the others counted from 0, so that faults find their fields."""
    kept: dict[str, list[str]] = {}
    for field in fields:
        name = f"{at}.{field.name}"
        if field.kind is Kind.PART:
            kept |= settled(field.parts, typed, name)
        elif field.kind is Kind.PARTS:
            kept |= _settled_rows(field, typed, name)
        elif name in typed:
            kept[name] = typed[name]
        if f"q.{name}" in typed:
            kept[f"q.{name}"] = typed[f"q.{name}"]
    return kept


def _settled_rows(field: Field, typed: Typed, name: str) -> dict[str, list[str]]:
    filled = [row for row in rows_of(typed, name) if not blank(field, typed, f"{name}.{row}")]
    kept: dict[str, list[str]] = {name: [str(place) for place in range(len(filled))]}
    for place, row in enumerate(filled):
        inside = settled(field.parts, typed, f"{name}.{row}")
        kept |= {_moved(key, f"{name}.{row}", f"{name}.{place}"): value for key, value in inside.items()}
    return kept


def _moved(key: str, old: str, new: str) -> str:
    search = "q." if key.startswith("q.") else ""
    return f"{search}{new}{key.removeprefix(search)[len(old) :]}"


def blank(field: Field, typed: Typed, at: str) -> bool:
    """Whether a part, or a row, says no more than a fresh one does."""
    return values_of(field.parts, typed, at) == values_of(field.parts, fresh(field.parts, at), at)


def with_row(field: Field, typed: Typed, name: str) -> dict[str, list[str]]:
    """Typed with one more row of a list; unchanged where it is full."""
    rows = rows_of(typed, name)
    if field.high is not None and len(rows) >= field.high:
        return dict(typed)
    row = str(max(map(int, rows), default=-1) + 1)
    return {**typed, name: [*rows, row], **fresh(field.parts, f"{name}.{row}")}


def without_row(typed: Typed, name: str) -> dict[str, list[str]]:
    """Typed without a row, named as "f.rows.1"."""
    of, _, row = name.rpartition(".")
    kept = {key: value for key, value in typed.items() if not f"{key}.".removeprefix("q.").startswith(f"{name}.")}
    return {**kept, of: [each for each in rows_of(typed, of) if each != row]}


def field_at(fields: Iterable[Field], path: str) -> Field | None:
    """The field of a path like "rows.0.languages"; None where there is none."""
    name, _, rest = path.partition(".")
    field = next((field for field in fields if field.name == name), None)
    if field is None or not rest:
        return field
    if field.kind is Kind.PARTS:
        _, _, rest = rest.partition(".")
    return field_at(field.parts, rest) if rest else field


# From values to typed.


def typed_of(fields: Iterable[Field], values: Mapping[str, Any], at: str = ROOT) -> dict[str, list[str]]:
    """Values as they would be typed; a field that has none is empty."""
    found: dict[str, list[str]] = {}
    for field in fields:
        found |= _typed(field, values.get(field.name), f"{at}.{field.name}")
    return found


def fresh(fields: Iterable[Field], at: str = ROOT) -> dict[str, list[str]]:
    """A form nobody has touched: its defaults, and as many rows as each list needs, one at least."""
    found: dict[str, list[str]] = {}
    for field in fields:
        name = f"{at}.{field.name}"
        found |= _typed(field, field.default, name)
        if field.kind is Kind.PART:
            found |= fresh(field.parts, name)
        elif field.kind is Kind.PARTS and field.required:
            found |= _fresh_rows(field, name)
    return found


def _fresh_rows(field: Field, name: str) -> dict[str, list[str]]:
    count = max(int(field.low or 0), 1)
    found = {name: [str(row) for row in range(count)]}
    for row in range(count):
        found |= fresh(field.parts, f"{name}.{row}")
    return found


def _typed(field: Field, value: Any, name: str) -> dict[str, list[str]]:  # noqa: PLR0911 - one a kind
    match field.kind:
        case Kind.PART:
            return typed_of(field.parts, value, name) if value else {}
        case Kind.PARTS:
            rows = value or ()
            found = {name: [str(row) for row in range(len(rows))]}
            for row, inside in enumerate(rows):
                found |= typed_of(field.parts, inside, f"{name}.{row}")
            return found
        case Kind.FLAG | Kind.DECLARATION:
            return {name: ["true"] if value else []}
        case Kind.CHOICES:
            return {name: [option.sent for option in field.options if option.value in (value or ())]}
        case Kind.LINES:
            return {name: ["\n".join(map(str, value or ()))]}
        case Kind.CHOICE:
            return {name: [option.sent for option in field.options if option.value == value][:1]}
        case _:
            return {name: ["" if value is None else str(value)]}
