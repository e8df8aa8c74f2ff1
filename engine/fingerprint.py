"""The hash of a definition: the same as long as cases under it are treated the same.

It covers what is declared (graph, roles, deadlines, rules, links, figures), the JSON Schema
of facts and forms, and the source of every function and class the declaration names, with
all that those name in the file and all functions of the vocabulary they use. It leaves out
what people read (labels, titles, message texts, milestones, the audit folder, comments,
docstrings), the version number and the migrations, so that a better word never strands an open case.

A value that equals the vocabulary's default is left out too: a new word in the vocabulary
changes no hash of a file that does not use it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import partial
from types import FunctionType
from typing import Any, Final

from pydantic import BaseModel

from engine.schemas import schema_of
from engine.sources import Source
from engine.vocabulary import Text, Workflow

WORDS_ONLY: Final = frozenset({"version", "label", "purpose", "title", "migrations", "milestones", "dossier"})
"""Fields of a workflow that do not bear on how a case is treated."""

UNORDERED: Final = frozenset(
    {"states", "transitions", "deadlines", "messages", "rules", "links", "related", "protected"}
)
"""Fields of a workflow whose order only the reader sees."""


def fingerprint(workflow: Workflow, source: Source) -> str:
    """Hash a workflow's behaviour: SHA-256 as 64 hexadecimal characters. Raises what `behaviour` raises."""
    return hashlib.sha256(behaviour(workflow, source).encode()).hexdigest()


def behaviour(workflow: Workflow, source: Source) -> str:
    """Write a workflow's behaviour as the canonical JSON that is hashed: `declared`, and `source` of its functions.

    Raises what pydantic raises for a model without a JSON Schema; `engine.checks` has
    refused such a model before.
    """
    declaration = _Declaration(source)
    declared = {
        part.name: declaration.write(getattr(workflow, part.name))
        for part in fields(workflow)
        if part.name not in WORDS_ONLY and not _is_default(part, getattr(workflow, part.name))
    }
    for name in UNORDERED & declared.keys():
        declared[name] = sorted(declared[name], key=_canonical)
    return _canonical({"declared": declared, "source": declaration.code()})


class _Declaration:
    """Writes declared values as JSON, and remembers the functions and classes it meets."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._named: list[Callable[..., Any]] = []

    def code(self) -> dict[str, Any]:
        """Write the source of all functions and classes met so far, and of what they name."""
        roots = [passage for named in self._named for passage in self._source.passages_of(named)]
        # A lambda has no name to be found under, so it stands beside the named ones.
        unnamed = [root.written for root in roots if root.name is None]
        unnamed.sort(key=_canonical)
        code = {root.name: [root.written] for root in roots if root.name is not None}
        closure = self._source.closure(roots)
        code |= {name: [passage.written for passage in passages] for name, passages in closure.items()}
        return {"named": code, "unnamed": unnamed}

    def write(self, value: object) -> Any:
        """Write any value a declaration may hold; words become null."""
        if value is None or isinstance(value, Text):
            return None
        if isinstance(value, Enum):
            return value.value
        if isinstance(value, bool | int | str):
            return value
        if isinstance(value, Decimal | date | float):
            return f"{type(value).__name__}:{value}"
        return self._type(value) if isinstance(value, type) else self._composed(value)

    def _composed(self, value: object) -> Any:
        if isinstance(value, BaseModel):
            return {"is": type(value).__name__, "value": value.model_dump(mode="json")}
        if is_dataclass(value):
            return self._dataclass(value)
        if isinstance(value, Mapping):
            return {str(self.write(key)): self.write(item) for key, item in value.items()}
        if isinstance(value, tuple | list):
            return [self.write(item) for item in value]
        if isinstance(value, set | frozenset):
            return sorted((self.write(item) for item in value), key=_canonical)
        return self._callable(value)

    def _dataclass(self, value: Any) -> Any:
        parts = {
            part.name: self.write(getattr(value, part.name))
            for part in fields(value)
            if not _is_default(part, getattr(value, part.name))
            if not isinstance(getattr(value, part.name), Text)
        }
        return {"is": type(value).__name__} | parts

    def _type(self, named: type) -> Any:
        self._named.append(named)
        if not issubclass(named, BaseModel):
            return named.__qualname__
        return {"model": named.__name__, "schema": without_words(schema_of(named))}

    def _callable(self, value: Any) -> Any:
        if isinstance(value, partial):
            return [self._callable(value.func), self.write(value.args), self.write(value.keywords)]
        self._named.append(value)
        name = getattr(value, "__qualname__", type(value).__qualname__)
        cells = value.__closure__ or () if isinstance(value, FunctionType) else ()
        # What a function made inside another has closed over is part of what it does.
        inside = (cell.cell_contents for cell in cells)
        return [name, *(self.write(content) for content in inside if content is not value)]


def without_words(schema: Any) -> Any:
    """Take titles and descriptions out of a JSON Schema, but no field that bears such a name."""
    if isinstance(schema, list):
        return [without_words(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {}
    for key, item in schema.items():
        if key in {"properties", "$defs"} and isinstance(item, dict):
            kept[key] = {name: without_words(inner) for name, inner in item.items()}
        elif key not in {"title", "description", "examples"}:
            kept[key] = without_words(item)
    return kept


def _is_default(part: Field[Any], value: object) -> bool:
    """Tell whether a field holds what it would hold if it had not been written."""
    if part.default is not MISSING:
        return type(value) is type(part.default) and bool(value == part.default)
    return part.default_factory is not MISSING and bool(value == part.default_factory())


def _canonical(value: Any) -> str:
    """Write JSON in one way only: keys sorted, no spaces."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
