"""Makes values that fit a JSON Schema, with what was learned in its places, and wrong ones now and then."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any, Final

from tests.fuzzing.memory import Memory
from tests.fuzzing.oddities import TEXTS, VALUES

Schema = Mapping[str, Any]

ODD: Final = 0.06
"""How often a value is one that does not belong there."""

DEEPEST: Final = 6
POOL_OF: Final[Mapping[str, str]] = {
    "case": "case", "id": "case", "workflow": "workflow", "unit": "unit", "subject": "person", "assignee": "person",
    "person": "person", "state": "state", "trigger": "trigger", "cursor": "cursor", "owed": "owed", "number": "number",
    "to": "recipient", "partner": "person", "agreement": "case", "linked_to": "case", "version": "version",
}  # fmt: skip
"""From which pool a member or parameter of a name is filled."""

SORTS: Final = ("due", "-due", "updated", "-updated", "opened", "-opened", "number", "-number", "title")
DAYS: Final = ("2027-01-11", "2027-02-01", "2026-12-31", "2028-02-29", "2030-06-30")


class Maker:
    """Makes values by chance. `parts` are the schemas that references lead to."""

    def __init__(self, chance: random.Random, memory: Memory, parts: Mapping[str, Schema]) -> None:
        self._chance, self._memory, self._parts = chance, memory, parts

    def word(self, name: str) -> str:
        """A value for a parameter in an address, by its name."""
        chance = self._chance
        if chance.random() < ODD:
            return chance.choice(TEXTS)
        if name in POOL_OF:
            return self._memory.one(POOL_OF[name], chance, "x")
        known: dict[str, tuple[str, ...]] = {
            "limit": ("1", "2", "50", "200"), "sort": SORTS, "due_before": DAYS, "overdue": ("true", "false"),
            "at": ("1", "2", "3", "2027-01-11T09:00:00Z"), "q": ("stat", "Anna", "REV-2027", "a", "mk"),
            "role": ("admin", "officer"),
        }  # fmt: skip
        return chance.choice(known.get(name, ("1", "x", "", "true", *DAYS)))

    def made(self, schema: Schema, name: str = "", depth: int = 0) -> Any:  # noqa: PLR0911 - one a kind of schema
        """A value that fits the schema, most often."""
        chance = self._chance
        if depth and chance.random() < ODD:
            return chance.choice((*VALUES, chance.choice(TEXTS)))
        if "$ref" in schema:
            return self.made(self._parts.get(str(schema["$ref"]).rpartition("/")[2], {}), name, depth)
        for choice in ("anyOf", "oneOf"):
            if choice in schema:
                return self.made(chance.choice(schema[choice]), name, depth + 1)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return chance.choice(schema["enum"])
        if name == "facts" and not schema.get("properties"):
            return {chance.choice(("course", "stay_from", "host", "partner_name")): chance.choice((*DAYS, "Ny"))}
        return self._of_type(schema, name, depth)

    def _of_type(self, schema: Schema, name: str, depth: int) -> Any:  # noqa: PLR0911 - one a type
        chance = self._chance
        match schema.get("type"):
            case "object":
                return self._object(schema, name, depth)
            case "array":
                many = 0 if depth > DEEPEST else chance.choice((0, 1, 1, 2, 5))
                return [self.made(schema.get("items", {}), name, depth + 1) for _ in range(many)]
            case "integer":
                return chance.choice((schema.get("minimum", 0), 1, 2, 15, 90, schema.get("maximum", 100)))
            case "number":
                return chance.choice((0, 1, 7.5, 30, schema.get("maximum", 100)))
            case "boolean":
                return chance.random() < 0.8
            case "null":
                return None
            case _:
                return self._string(schema, name)

    def _object(self, schema: Schema, name: str, depth: int) -> Any:
        chance, declared = self._chance, schema.get("properties", {})
        if not declared:
            return {} if depth > DEEPEST or chance.random() < 0.5 else {self.word("link"): self.word("case")}
        needed = set(schema.get("required", ()))
        made = {
            each: self.made(of, each, depth + 1)
            for each, of in declared.items()
            if (each in needed and chance.random() > ODD / 2) or (each not in needed and chance.random() < 0.4)
        }
        if chance.random() < ODD:
            made[chance.choice(TEXTS[:40])] = chance.choice(VALUES)
        return made

    def _string(self, schema: Schema, name: str) -> str:
        chance = self._chance
        match schema.get("format"):
            case "date":
                return chance.choice(DAYS)
            case "date-time":
                return "2027-01-12T09:00:00+01:00"
        if name in POOL_OF and chance.random() < 0.9:
            return self._memory.one(POOL_OF[name], chance, "x")
        if "pattern" in schema and "-" in schema["pattern"] and chance.random() < 0.5:
            return chance.choice(("04-15", "2027/28", "0613"))
        return chance.choice(("Ny uppgift", "Skäl finns.", "a@example.org", "SE", "en", "2027/28", "04-15"))
