"""Words for what pydantic finds wrong in a field, in both languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from engine.vocabulary import Reason, Text

MOST = 100
"""How many faults are told; what can be sent holds a hundred thousand, and telling takes time."""

_WORDS: dict[str, tuple[str, str]] = {
    "missing": ("måste fyllas i", "must be given"),
    "extra_forbidden": ("finns inte här; ta bort det", "does not exist here; leave it out"),
    "string_type": ("ska vara text", "must be text"),
    "string_too_short": ("är för kort", "is too short"),
    "string_too_long": ("är för lång", "is too long"),
    "too_short": ("ska ha minst {min_length}", "must have at least {min_length}"),
    "too_long": ("ska ha högst {max_length}", "must have at most {max_length}"),
    "string_pattern_mismatch": ("har fel form", "has the wrong form"),
    "int_type": ("ska vara ett heltal", "must be a whole number"),
    "int_parsing": ("ska vara ett heltal", "must be a whole number"),
    "decimal_parsing": ("ska vara ett tal", "must be a number"),
    "bool_type": ("ska vara ja eller nej (true/false)", "must be yes or no (true/false)"),
    "bool_parsing": ("ska vara ja eller nej (true/false)", "must be yes or no (true/false)"),
    "date_type": ("ska vara ett datum, ÅÅÅÅ-MM-DD", "must be a date, YYYY-MM-DD"),
    "date_from_datetime_parsing": ("ska vara ett datum, ÅÅÅÅ-MM-DD", "must be a date, YYYY-MM-DD"),
    "date_parsing": ("ska vara ett datum, ÅÅÅÅ-MM-DD", "must be a date, YYYY-MM-DD"),
    "enum": ("ska vara ett av: {expected}", "must be one of: {expected}"),
    "literal_error": ("ska vara {expected}", "must be {expected}"),
    "greater_than_equal": ("ska vara minst {ge}", "must be at least {ge}"),
    "less_than_equal": ("ska vara högst {le}", "must be at most {le}"),
    "greater_than": ("ska vara större än {gt}", "must be more than {gt}"),
    "less_than": ("ska vara mindre än {lt}", "must be less than {lt}"),
}


def words_for(error: ValidationError) -> list[Reason]:
    """One reason a fault, of the first hundred: code `field:WHERE`, and what was expected there."""
    faults = error.errors(include_url=False, include_input=False)[:MOST]
    return [reason_for(fault) for fault in faults if not _follows(fault, faults)]


def _follows(fault: Mapping[str, Any], faults: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether a list is called too short only because what was wrong in it was not counted."""
    where = fault["loc"]
    inside = (other["loc"] for other in faults if len(other["loc"]) > len(where))
    return fault["type"] == "too_short" and any(loc[: len(where)] == where for loc in inside)


def reason_for(fault: Mapping[str, Any]) -> Reason:
    """Words for one fault, as pydantic lists them."""
    where = ".".join(str(step) for step in fault["loc"]) or "fields"
    context = {key: str(value) for key, value in fault.get("ctx", {}).items()}
    sv, en = _WORDS.get(fault["type"], ("går inte att läsa", _plain(fault["msg"])))
    if fault["type"] == "value_error":
        sv, en = _spoken(fault["msg"])
    try:
        sv, en = sv.format(**context).replace("' or '", "' eller '"), en.format(**context)
    except (KeyError, IndexError, ValueError):
        sv, en = "har fel värde", "has a wrong value"
    return Reason(f"field:{where}", Text(f"{where}: {sv}.", f"{where}: {en}."))


def _plain(message: str) -> str:
    return message.replace("{", "(").replace("}", ")").rstrip(".")


def _spoken(message: str) -> tuple[str, str]:
    """A model's own check speaks both languages, parted by a slash: 'svenska / English'."""
    said = _plain(message.removeprefix("Value error, "))
    sv, slash, en = said.partition(" / ")
    return (sv, en) if slash else (said, said)
