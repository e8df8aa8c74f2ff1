"""The kinds of values of OCEL 2.0 (ocel-standard.org, 2.0 specification, section 3), and how texts become them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, tzinfo
from typing import Any, Final

from adapters.eventlogs.files import LogUnreadable, parsed, written
from engine.eventlog import LogType

FROM_THE_BEGINNING: Final = "1970-01-01T00:00:00Z"
"""The time of values that an object has from the first."""

KIND_OF: Final = {
    "text": "string", "varchar": "string", "str": "string",
    "date": "time", "timestamp": "time", "datetime": "time",
    "int": "integer", "bigint": "integer",
    "double": "float", "real": "float", "numeric": "float",
    "bool": "boolean",
}  # fmt: skip
"""Other names that kinds go by in files, in lower case."""


def kind(written_as: str) -> str:
    """Name a kind as the standard does; what is unknown is a string."""
    name = written_as.strip().lower()
    name = KIND_OF.get(name, name)
    return name if name in {"string", "time", "integer", "float", "boolean"} else "string"


def value(raw: Any, of_kind: str, zone: tzinfo) -> Any:
    """Make a value of what a file holds. What does not fit its kind stays as it was written."""
    if raw is None:
        return None
    try:
        if of_kind == "time":
            return raw if isinstance(raw, datetime) else parsed(str(raw), zone)
        return MADE_BY[of_kind](raw)
    except (ValueError, TypeError, OverflowError, LogUnreadable):
        return raw


def _boolean(raw: Any) -> bool:
    text = str(raw).strip().lower()
    if text not in {"true", "false", "1", "0"}:
        raise ValueError(text)
    return text in {"true", "1"}


MADE_BY: Final[Mapping[str, Callable[[Any], Any]]] = {
    "string": str,
    "integer": int,
    "float": float,
    "boolean": _boolean,
}


def text(of: Any) -> str:
    """Write a value where only texts are possible."""
    if isinstance(of, bool):
        return "true" if of else "false"
    if isinstance(of, datetime):
        return written(of)
    return repr(of) if isinstance(of, float) else str(of)


def at(micros_: int, as_written: str) -> str:
    """The time of an object's value: the standard's word for 'from the beginning', or the instant."""
    return as_written if micros_ else FROM_THE_BEGINNING


class Kinds:
    """The kind of each attribute of each type; one that is not declared is a string."""

    def __init__(self, types: Iterable[LogType]) -> None:
        self._known: Mapping[str, Mapping[str, str]] = {each.name: dict(each.attributes) for each in types}

    def of(self, type_: str, name: str) -> str:
        return self._known.get(type_, {}).get(name, "string")
