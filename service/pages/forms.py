"""Fields for people, made from the JSON Schema of a form's or facts' model.

A title is "svenska / English". What a field's bounds are stands in its hint; what is typed
into it is read by `form_values`, what is shown of it made by `form_shown`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

from pydantic import BaseModel

from engine.schemas import schema_of
from engine.vocabulary import Form, Identifier, NoConflict, Prose, Text, UnitCode
from service.pages.codes import code_words, title_words

Schema = Mapping[str, Any]


class Kind(StrEnum):
    """How a field is asked for."""

    TEXT = "text"
    PROSE = "prose"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    FLAG = "flag"
    DECLARATION = "declaration"
    CHOICE = "choice"
    CHOICES = "choices"
    LINES = "lines"
    UNIT = "unit"
    PARTNER = "partner"
    CASE = "case"
    PERSON = "person"
    PART = "part"
    PARTS = "parts"


LOOKED_UP: Final = frozenset({Kind.PARTNER, Kind.CASE, Kind.PERSON})
"""What is found by words rather than typed."""

FEW: Final = 5
"""Up to so many choices stand as radio buttons, more in a list."""

LONGEST: Final = 200
"""A text that may be longer is running text."""

MOST_ROWS: Final = 100
"""How many rows a list without a bound of its own may have on a page."""


@dataclass(frozen=True, slots=True)
class Option:
    """One choice: the value as JSON has it, how a form sends it, and its words."""

    value: Any
    sent: str
    words: Text


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `low` and `high` bound a number, or how many rows or lines there may be.

    `workflow` names the process a case that is looked up must be of.
    """

    name: str
    label: Text
    kind: Kind
    required: bool
    hint: Text | None = None
    options: tuple[Option, ...] = ()
    parts: tuple[Field, ...] = ()
    low: Decimal | None = None
    high: Decimal | None = None
    longest: int | None = None
    default: Any = None
    workflow: str | None = None


YES: Final = Text("Ja", "Yes")
NO: Final = Text("Nej", "No")
_NOTHING: Final = Text("", "")
_SHAPES: Final[Mapping[str, Text]] = {
    r"^[0-9]{4}/([0-9]{2}|[0-9]{4})$": Text("Till exempel 2027/28.", "For example 2027/28."),
    r"^20[0-9]{2}/[0-9]{2}$": Text("Till exempel 2027/28.", "For example 2027/28."),
    r"^[0-9]{2,4}$": Text("Två till fyra siffror, till exempel 0541.", "Two to four digits, for example 0541."),
    r"^[A-Z]{2}$": Text("Landets två bokstäver, till exempel DE.", "The country’s two letters, for example DE."),
    r"^[a-z]{2,3}$": Text("Två eller tre små bokstäver, till exempel en.", "Two or three small letters, such as en."),
    r"^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$": Text("Månad och dag, till exempel 04-15.", "Month and day: 04-15."),
    r"^UTC[+-](0[0-9]|1[0-4]):[0-5][0-9]$": Text("Till exempel UTC+01:00.", "For example UTC+01:00."),
}
"""What a text of a pattern looks like. A pattern that stands in no row gives no hint."""


def _pattern_and_length(kind: Any) -> tuple[Any, Any]:
    """Pattern and greatest length of a text type of the vocabulary."""
    bounds = kind.__metadata__[0]
    return bounds.pattern, bounds.max_length


IDENTIFIER: Final = _pattern_and_length(Identifier)[0]
UNIT_CODE: Final = _pattern_and_length(UnitCode)[1]
PROSE: Final = _pattern_and_length(Prose)[1]


@lru_cache(maxsize=512)
def fields_of(model: type[BaseModel]) -> tuple[Field, ...]:
    """The fields of a model in the order declared. What holds only one value is not asked for."""
    schema = schema_of(model)
    return _fields(schema, schema.get("$defs", {}))


def asked_of(form: type[Form]) -> tuple[Field, ...]:
    """The fields a step's page asks for: all but the declaration its last button makes."""
    return tuple(field for field in fields_of(form) if not (declares(form) and field.name == NO_CONFLICT))


NO_CONFLICT: Final = next(iter(NoConflict.model_fields))


def declares(form: type[Form]) -> bool:
    """Whether a step asks its taker to declare that there is no conflict of interest (jäv)."""
    return issubclass(form, NoConflict)


def chosen(fields: Iterable[Field], names: Iterable[str]) -> tuple[Field, ...]:
    """The fields of these names, in their own order."""
    wanted = set(names)
    return tuple(field for field in fields if field.name in wanted)


def _fields(schema: Schema, defs: Mapping[str, Schema]) -> tuple[Field, ...]:
    required = set(schema.get("required", ()))
    made = (_field(name, part, defs, required=name in required) for name, part in schema.get("properties", {}).items())
    return tuple(field for field in made if field is not None)


def _field(name: str, declared: Schema, defs: Mapping[str, Schema], *, required: bool) -> Field | None:
    """One field, or None for what a page cannot ask for or needs not."""
    part, may_be_empty = _known(declared, defs)
    kind = _kind(name, part, defs)
    if kind is None:
        return None
    must = required and not may_be_empty
    label = title_words(name, declared.get("title"))
    bare = Field(name, label, kind, must, default=declared.get("default"))
    return _filled(bare, part, defs, may_be_empty=may_be_empty)


def _filled(field: Field, part: Schema, defs: Mapping[str, Schema], *, may_be_empty: bool) -> Field:
    """The field with what its kind needs."""
    items = _known(part.get("items", {}), defs)[0]
    match field.kind:
        case Kind.CHOICE:
            return replace(field, options=_options(part, may_be_empty=may_be_empty))
        case Kind.CHOICES:
            return replace(field, options=_options(items, may_be_empty=False))
        case Kind.PART:
            return replace(field, parts=_fields(part, defs))
        case Kind.PARTS | Kind.LINES:
            low, high = part.get("minItems", 0), min(part.get("maxItems", MOST_ROWS), MOST_ROWS)
            hint = Text("En på varje rad.", "One on each line.") if field.kind is Kind.LINES else None
            return replace(field, parts=_fields(items, defs), low=Decimal(low), high=Decimal(high), hint=hint)
        case Kind.INTEGER | Kind.DECIMAL:
            return _number(field, part)
        case _:
            return replace(field, longest=part.get("maxLength"), hint=_SHAPES.get(part.get("pattern", "")))


def _kind(name: str, part: Schema, defs: Mapping[str, Schema]) -> Kind | None:  # noqa: PLR0911 - one a type
    if "const" in part:
        return Kind.DECLARATION if part["const"] is True else None
    if "enum" in part:
        return Kind.CHOICE
    match part.get("type"):
        case "boolean":
            return Kind.FLAG if part.get("flag") else Kind.CHOICE
        case "integer":
            return Kind.INTEGER
        case "number":
            return Kind.DECIMAL
        case "array":
            return _list_kind(_known(part.get("items", {}), defs)[0])
        case "object":
            return Kind.PART if "properties" in part else None
        case "string":
            return _text_kind(name, part)
        case _:
            return None


def _list_kind(items: Schema) -> Kind | None:
    if "enum" in items:
        return Kind.CHOICES
    if "properties" in items:
        return Kind.PARTS
    return Kind.LINES if items.get("type") == "string" else None


def _text_kind(name: str, part: Schema) -> Kind:
    longest = part.get("maxLength", 0)
    if part.get("format") == "date":
        return Kind.DATE
    if part.get("pattern") == IDENTIFIER:
        return _register(name)
    if longest == UNIT_CODE:
        return Kind.UNIT
    return Kind.PROSE if longest > LONGEST else Kind.TEXT


def _register(name: str) -> Kind:
    """Which register an id is of. The vocabulary has one type for all; the field's name says which."""
    if "partner" in name:
        return Kind.PARTNER
    return Kind.PERSON if name.endswith(("person", "_by", "student", "reviewer")) else Kind.CASE


def _known(declared: Schema, defs: Mapping[str, Schema]) -> tuple[Schema, bool]:
    """What the value is once it is known, and whether it may be left unknown."""
    part: dict[str, Any] = dict(declared)
    while "$ref" in part:
        kind = str(part.pop("$ref")).rpartition("/")[2]
        part = {**defs[kind], **part, "set": kind}
    ways = [_known(way, defs)[0] for way in part.get("anyOf", ())]
    if ways:
        real = [way for way in ways if way.get("type") != "null"]
        # A number may be sent as text too; people are asked for the number.
        first = next((way for way in real if way.get("type") in {"number", "integer"}), real[0])
        return first, len(real) < len(ways)
    if part.get("type") == "boolean" and isinstance(part.get("default"), bool):
        part["flag"] = True
    return part, False


def _options(part: Schema, *, may_be_empty: bool) -> tuple[Option, ...]:
    if part.get("type") == "boolean":
        made: tuple[Option, ...] = (
            Option(value=True, sent="true", words=YES),
            Option(value=False, sent="false", words=NO),
        )
    else:
        made = tuple(_option(value, part.get("set", "")) for value in part["enum"])
    return (Option(None, "", Text("Inget svar", "No answer")), *made) if may_be_empty else made


def _option(value: object, kind: str) -> Option:
    """A choice, its words beginning with a capital."""
    words = code_words(kind, str(value))
    return Option(value, str(value), Text(*(each[:1].upper() + each[1:] for each in (words.sv, words.en))))


def _number(field: Field, part: Schema) -> Field:
    low, high = _bound(part, "minimum"), _bound(part, "maximum")
    step = part.get("multipleOf")
    said = _range(low, high)
    if step is not None:
        written = str(step).replace(".", ",")
        said = Text(f"{said.sv}, i steg om {written}", f"{said.en}, in steps of {step}")
    hint = Text(f"{said.sv}.", f"{said.en}.") if said.sv else None
    return replace(field, low=low, high=high, hint=hint)


def _bound(part: Schema, name: str) -> Decimal | None:
    return Decimal(str(part[name])) if name in part else None


def _range(low: Decimal | None, high: Decimal | None) -> Text:
    if low is not None and high is not None:
        return Text(f"Mellan {low} och {high}", f"Between {low} and {high}")
    if low is not None:
        return Text(f"Minst {low}", f"At least {low}")
    return _NOTHING if high is None else Text(f"Högst {high}", f"At most {high}")
