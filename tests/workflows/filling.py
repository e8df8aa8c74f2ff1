"""Fills a form from its JSON Schema alone, as a client would that knows nothing of the workflow.

What a reader of the page would know helps: the days and names that stand in the case
already are likely answers, and of two days the one called an end is the later.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from random import Random
from typing import Any

from hypothesis import Phase, find, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

TRIES = 30
WORDS = ("Keio", "Statistics A", "Mathematics B", "letter 12", "ok", "row 1")
"""Short answers; several of the shapes an office writes, for what a pattern asks."""
SHAPES = (
    "04-01", "10-01", "SE", "JP", "061", "0541", "30", "7.5", "UTC+01:00",
    "2027/28", "2027/2028", "2026/27", "2028/29",
)  # fmt: skip
ENDS = re.compile(r"(_to|_until|ends?_on|_end|ended_on|departed_on)$")
BEGINS = re.compile(r"(_from|begins_on|begin_on|starts?_on)$")


@lru_cache
def sample(pattern: str) -> str:
    """One text that fits a pattern. Must first be asked for outside a property test."""
    fitting = [shape for shape in SHAPES if re.search(pattern, shape)]
    if fitting:
        return fitting[0]
    return find(st.from_regex(pattern), lambda _: True, settings=settings(phases=(Phase.generate,), database=None))


def patterns(schema: Any) -> Iterator[str]:
    """Every pattern that stands somewhere in a schema."""
    if isinstance(schema, Mapping):
        if isinstance(schema.get("pattern"), str):
            yield schema["pattern"]
        for part in schema.values():
            yield from patterns(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from patterns(part)


@lru_cache
def schema_of(model: type[BaseModel]) -> Mapping[str, Any]:
    return model.model_json_schema()


@dataclass(frozen=True)
class Known:
    """What the writer has before them: the day, and what is known of the case and around it.

    `wide` fills as one who leaves room: the whole of the near years, all rows, much of everything.
    """

    today: date
    facts: Any
    ids: tuple[str, ...]
    units: tuple[str, ...]
    wide: bool = False


class Filler:
    """Fills one form after another from one source of chance."""

    def __init__(self, chance: Random, known: Known) -> None:
        self.chance, self.known = chance, known
        self._texts = tuple(_texts(known.facts))
        self._tables = tuple(_tables(known.facts))

    def fill(self, model: type[BaseModel]) -> dict[str, Any]:
        """Fields that fit the schema, and the model's own checks where some tries find such."""
        schema = schema_of(model)
        filled: dict[str, Any] = {}
        for _ in range(TRIES):
            filled = self._object(schema, schema.get("$defs", {}), {})
            try:
                model.model_validate(filled)
            except ValidationError:
                continue
            return filled
        return filled

    def _object(
        self, schema: Mapping[str, Any], defs: Mapping[str, Any], like: Mapping[str, Any]
    ) -> dict[str, Any]:
        required = schema.get("required", ())
        share = self.chance.choice((0.2, 0.6, 0.9))
        filled = {}
        for name, part in schema.get("properties", {}).items():
            if name in like and _kind(part, defs) not in {"array", "object"}:
                filled[name] = like[name]
            elif name in required or self.chance.random() < share or self._roomy(part, defs):
                filled[name] = self._value(part, defs, name)
        return filled

    def _roomy(self, schema: Mapping[str, Any], defs: Mapping[str, Any]) -> bool:
        return self.known.wide and _kind(schema, defs) == "array"

    def _value(self, schema: Mapping[str, Any], defs: Mapping[str, Any], name: str) -> Any:  # noqa: PLR0911 - one a type
        schema = _resolved(schema, defs)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self.chance.choice(schema["enum"])
        choices = schema.get("anyOf") or schema.get("oneOf")
        if choices:
            real = [choice for choice in choices if choice.get("type") != "null"]
            empty = len(real) < len(choices) and self.chance.random() < 0.1
            return None if empty else self._value(self.chance.choice(real), defs, name)
        match schema.get("type"):
            case "object":
                return self._object(schema, defs, {})
            case "array":
                return self._array(schema, defs, name)
            case "boolean":
                return self.chance.random() < 0.75
            case "integer" | "number":
                return self._number(schema)
            case "null":
                return None
        return self._text(schema, name)

    def _array(self, schema: Mapping[str, Any], defs: Mapping[str, Any], name: str) -> list[Any]:
        items = schema.get("items", {})
        low, high = schema.get("minItems", 0), schema.get("maxItems", 8)
        part = _resolved(items, defs)
        likely = [table for table in self._tables if set(table[0]) & set(part.get("properties", ()))]
        if part.get("type") == "object" and likely and self.chance.random() < 0.6:
            # One line for each line of a list that is there already: outcomes of components.
            rows = self.chance.choice(likely)[:high]
            return [self._object(part, defs, row) for row in rows]
        count = min(high, max(low, 6 if self.known.wide else self.chance.randint(1, 3)))
        made = [self._value(items, defs, name) for _ in range(count)]
        # Lines are told apart by their names, where they have one.
        keys = [item.get("name", item) if isinstance(item, dict) else item for item in made]
        return [item for n, item in enumerate(made) if keys[n] not in keys[:n]]

    def _number(self, schema: Mapping[str, Any]) -> int | float:
        low = schema.get("minimum", schema.get("exclusiveMinimum", 0))
        high = schema.get("maximum", schema.get("exclusiveMaximum", low + 60))
        step = schema.get("multipleOf", 1)
        low += step if "exclusiveMinimum" in schema else 0
        high -= step if "exclusiveMaximum" in schema else 0
        near = min(high, low + 40)
        drawn = self.chance.choice((low, low + step, high) if self.known.wide else (low, near, high, (low + near) / 2))
        found: float = low + step * ((drawn - low) // step)
        return int(found) if float(found).is_integer() else found

    def _text(self, schema: Mapping[str, Any], name: str) -> str:
        if schema.get("format") == "date":
            return self._day(name).isoformat()
        if schema.get("format") == "date-time":
            return f"{self._day(name).isoformat()}T10:00:00Z"
        pattern = schema.get("pattern")
        if pattern is None:
            pool = (*WORDS, *self._texts, *(self.known.units if "unit" in name else ()))
            fitting = [text for text in pool if len(text) <= schema.get("maxLength", 200)]
            if "unit" in name:
                fitting = list(self.known.units)
            return self.chance.choice(fitting)
        pool = (*self.known.ids, *self._texts, *SHAPES)
        fitting = [text for text in pool if re.search(pattern, text)]
        return self.chance.choice(fitting) if fitting else sample(pattern)

    def _day(self, name: str) -> date:
        today = self.known.today
        if self.known.wide and BEGINS.search(name):
            return today - timedelta(days=400)
        if self.known.wide and ENDS.search(name):
            return today + timedelta(days=2000)
        noted = [day for day in map(_as_day, self._texts) if day is not None]
        if noted and self.chance.random() < 0.4:
            return self.chance.choice(noted) + timedelta(days=self.chance.choice((-1, 0, 0, 1, 30)))
        if ENDS.search(name):
            return today + timedelta(days=self.chance.randint(100, 300))
        return today + timedelta(days=self.chance.choice((-20, -1, 0, 0, 1, 5, 20, 60)))


def _resolved(schema: Mapping[str, Any], defs: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in schema or len(schema.get("allOf", ())) == 1:
        found = schema["$ref"] if "$ref" in schema else schema["allOf"][0]
        schema = defs[found.rpartition("/")[2]] if isinstance(found, str) else found
    return schema


def _kind(schema: Mapping[str, Any], defs: Mapping[str, Any]) -> str:
    return str(_resolved(schema, defs).get("type", ""))


def _texts(value: Any) -> Iterator[str]:
    """Every text somewhere in the facts."""
    if isinstance(value, str) and value:
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part)


def _tables(value: Any) -> Iterable[list[Mapping[str, Any]]]:
    """Every list of lines somewhere in the facts."""
    parts = value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ()
    if isinstance(value, list | tuple) and value and all(isinstance(item, Mapping) for item in value):
        yield list(value)
    for part in parts:
        yield from _tables(part)


def _as_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
