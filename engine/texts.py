"""Refuses text that not every database can keep: U+0000, and half of a surrogate pair.

PostgreSQL takes neither, SQLite the first; in UTF-8, and so in what is hashed, the second
cannot be written at all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Final

from engine.errors import BadFields
from engine.model import Request
from engine.vocabulary import Reason, Text

UNWRITABLE: Final = re.compile("[\0\ud800-\udfff]")
_REFUSAL: Final = Text(
    "Texten innehåller ett tecken som inte kan sparas (U+0000 eller ett halvt teckenpar).",
    "The text holds a character that cannot be stored (U+0000 or half of a surrogate pair).",
)

_NO_TEXT: Final = frozenset({"bool", "int", "int | None"})
_PARTS: Final[dict[type[Any], tuple[str, ...]]] = {}


def refuse_unwritable(request: Request) -> None:
    """Raise BadFields if any text of the request cannot be stored."""
    if _unwritable(request):
        raise BadFields(_REFUSAL, (Reason("unwritable_text", _REFUSAL),))


def _unwritable(value: Any) -> bool:
    """Whether a text in a value, however deep, cannot be stored; names of fields sent count as well."""
    if isinstance(value, str):
        return UNWRITABLE.search(value) is not None
    if value is None or isinstance(value, int):
        return False
    if isinstance(value, Mapping):
        return any(map(_unwritable, value)) or any(map(_unwritable, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_unwritable, value))
    return any(_unwritable(getattr(value, name)) for name in _parts(type(value)))


def _parts(kind: type[Any]) -> tuple[str, ...]:
    """The names of a dataclass's fields that may hold a text, looked up once for each; of anything else none."""
    if kind not in _PARTS:
        found = fields(kind) if is_dataclass(kind) else ()
        _PARTS[kind] = tuple(part.name for part in found if part.type not in _NO_TEXT)
    return _PARTS[kind]
