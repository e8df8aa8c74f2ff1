"""Refuses text that cannot be kept, or would not show as what it is.

U+0000 and half of a surrogate pair cannot be kept: PostgreSQL takes neither, and the second cannot be written in UTF-8,
and so not hashed. Other control characters are orders to a terminal, and XML has no way to write them; marks that turn
the reading direction make one name look like another (Unicode Standard Annex 9; Unicode Technical Report 36, 3.3).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Final

from engine.errors import BadFields
from engine.model import Request
from engine.vocabulary import Reason, Text

# A tab and the ways to end a line or a page are text: they come along from word processors.
UNWRITABLE: Final = re.compile("[\0-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_REFUSAL: Final = Text(
    "Texten innehåller ett dolt tecken som inte kan sparas (ett styrtecken, ett halvt teckenpar eller ett som vänder på"
    " läsriktningen). Skriv texten på nytt, eller klistra in den som ren text.",
    "The text holds a hidden character that cannot be stored (a control character, half of a surrogate pair, or a mark"
    " that turns the reading direction). Type the text anew, or paste it as plain text.",
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
