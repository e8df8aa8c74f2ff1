"""Refuses text that not every database can keep: U+0000, and half of a surrogate pair.

PostgreSQL takes neither, SQLite the first; in UTF-8, and so in what is hashed, the second
cannot be written at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Final

from engine.errors import BadFields
from engine.model import Request
from engine.vocabulary import Reason, Text

UNWRITABLE: Final = re.compile("[\0\ud800-\udfff]")
_REFUSAL: Final = Text(
    "Texten innehåller ett tecken som inte kan sparas (U+0000 eller ett halvt teckenpar).",
    "The text holds a character that cannot be stored (U+0000 or half of a surrogate pair).",
)


def refuse_unwritable(request: Request) -> None:
    """Raise BadFields if any text of the request cannot be stored."""
    if any(UNWRITABLE.search(text) for text in _texts(request)):
        raise BadFields(_REFUSAL, (Reason("unwritable_text", _REFUSAL),))


def _texts(value: object) -> Iterator[str]:
    """Give every text in a value, however deep; names of fields sent count as well."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _texts(name)
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
    elif is_dataclass(value):
        for part in fields(value):
            yield from _texts(getattr(value, part.name))
