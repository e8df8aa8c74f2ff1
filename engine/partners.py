"""The register of partner institutions.

A partner is known again by Erasmus code, else by PIC, else by name. Erasmus codes are
kept with the country padded to three characters ("S  UMEA01"), as the partner network
writes them, and compared without regard to spaces.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from engine.people import clean_name, folded_email, known_language, wrong


@dataclass(frozen=True, slots=True)
class Partner:
    """An institution in the register; what is not known is None."""

    id: str
    name: str
    erasmus_code: str | None = None
    pic: str | None = None
    oid: str | None = None
    city: str | None = None
    country: str | None = None
    website: str | None = None
    email: str | None = None
    language: str = "en"
    charter_from: date | None = None
    charter_to: date | None = None


COLUMNS = frozenset(field.name for field in fields(Partner)) - {"id"}


def folded_name(name: str) -> str:
    """The name for comparing: small letters without accents, one space between words."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(re.findall(r"[^\W_]+", bare))


def padded_code(written: str) -> str:
    """The Erasmus code with its country padded to three characters. Raises BadFields."""
    bare = " ".join(written.upper().split())
    found = re.fullmatch(r"([A-Z]{3})([A-Z-]+[0-9]{1,3})|([A-Z]{1,3}) ([A-Z-]+[0-9]{1,3})", bare)
    if not found:
        raise wrong(
            "erasmus_code",
            "det är ingen Erasmuskod; skriv t.ex. S  UMEA01.",
            "this is no Erasmus code; write for example S  UMEA01.",
        )
    country, place = (found[1], found[2]) if found[1] else (found[3], found[4])
    return f"{country:<3}{place}"


def cleaned(given: Mapping[str, Any]) -> dict[str, Any]:
    """What is to be written of a partner: known columns with a value. Raises BadFields."""
    unknown = sorted(set(given) - COLUMNS)
    if unknown:
        raise wrong(unknown[0], "uppgiften finns inte.", "there is no such column.")
    values = {name: value for name, value in given.items() if value not in (None, "")}
    readers = {
        "name": clean_name,
        "erasmus_code": padded_code,
        "pic": _pic,
        "email": folded_email,
        "language": known_language,
    }
    for name, read in readers.items():
        if name in values:
            values[name] = read(values[name])
    starts, ends = values.get("charter_from"), values.get("charter_to")
    if starts and ends and ends < starts:
        raise wrong("charter_to", "slutar före sin början.", "ends before it begins.")
    return values


def _pic(written: str) -> str:
    bare = "".join(written.split())
    if not re.fullmatch(r"[0-9]{9}", bare):
        raise wrong("pic", "en PIC har nio siffror.", "a PIC has nine digits.")
    return bare
