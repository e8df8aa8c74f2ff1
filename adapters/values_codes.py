"""Reads the codes of institutions and fields of study."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from adapters.tables_model import Cell
from adapters.values import INVISIBLE, SPACES, ValueFault, text, unaccented, words, written
from engine.vocabulary import Text

ISCED = Text("en ISCED-F-kod med 2–4 siffror, som 0613", "an ISCED-F code of 2 to 4 digits, such as 0613")
ERASMUS = Text("en Erasmuskod, som S  UMEA01", "an Erasmus code, such as S  UMEA01")
PIC = Text("en PIC med nio siffror", "a PIC of nine digits")
OID = Text("ett OID, som E10209041", "an OID, such as E10209041")

# Prefixes of Erasmus codes, which are car plates rather than ISO 3166.
ERASMUS_COUNTRIES = words(
    "A AL B BA BG CH CY CZ D DK E EE F G HR HU I IRL IS LI LT LUX LV ME MK MT N NL P PL RO RS S SF SI SK TR UK XK"
)
BROAD_FIELDS = frozenset({*(f"{number:02}" for number in range(11)), "99"})
NAME = text()


class PartnerKey(StrEnum):
    """What a partner is named by."""

    ERASMUS_CODE = "erasmus_code"
    PIC = "pic"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class PartnerRef:
    """A partner as a list names it; the Erasmus code is padded."""

    by: PartnerKey
    value: str


def isced(cell: Cell) -> str:
    """Read an ISCED-F 2013 code, with or without its name; noughts that a spreadsheet dropped are put back."""
    found = re.fullmatch(r"([0-9]{1,4})(?:\s*[-–:]?\s*[^\W\d].*)?", SPACES.sub(" ", written(cell)).strip())
    code = found[1] if found else ""
    # No broad field begins with 11 to 98, so 613 can only have been 0613, and 7 only 07.
    if len(code) == 1 or code[:2] not in BROAD_FIELDS:
        code = f"0{code}"
    if code[:2] not in BROAD_FIELDS or len(code) > len("0613"):
        raise ValueFault(ISCED)
    return code


def erasmus_code(cell: Cell) -> str:
    """Read an Erasmus code and pad its country to three characters, as the partner network wants it.

    Published lists hold no-break spaces, a single space, or none at all; without
    any the country must be the only one that the code can begin with.
    """
    value = SPACES.sub(" ", unaccented(INVISIBLE.sub("", written(cell)))).strip().upper()
    if parted := re.fullmatch(r"([A-Z]{1,3}) ([A-Z][A-Z-]{0,11}) ?([0-9]{1,3})", value):
        state, place, number = parted.groups()
    elif joined := re.fullmatch(r"([A-Z][A-Z-]{1,14}) ?([0-9]{1,3})", value):
        state = _state_in(joined[1])
        place, number = joined[1][len(state) :], joined[2]
    else:
        raise ValueFault(ERASMUS)
    if not place[:1].isalpha():
        raise ValueFault(ERASMUS)
    return f"{state:<3}{place}{number}"


def _state_in(letters: str) -> str:
    if letters[:3] in ERASMUS_COUNTRIES:
        return letters[:3]
    possible = [letters[:length] for length in (1, 2) if letters[:length] in ERASMUS_COUNTRIES]
    if len(possible) != 1:
        raise ValueFault(ERASMUS)
    return possible[0]


def pic(cell: Cell) -> str:
    """Read the nine digits of a participant identification code."""
    return _matching(cell, r"\d{9}", PIC)


def oid(cell: Cell) -> str:
    """Read an organisation's id in the Commission's systems."""
    return _matching(cell, r"E\d{8}", OID)


def partner(cell: Cell) -> PartnerRef:
    """Read how a list names a partner: by Erasmus code, by PIC, or else by name."""
    for kind, parse in ((PartnerKey.ERASMUS_CODE, erasmus_code), (PartnerKey.PIC, pic)):
        try:
            return PartnerRef(kind, parse(cell))
        except ValueFault:
            continue
    return PartnerRef(PartnerKey.NAME, NAME(cell))


def _matching(cell: Cell, pattern: str, expected: Text) -> str:
    value = SPACES.sub("", INVISIBLE.sub("", written(cell))).upper()
    if not re.fullmatch(pattern, value, re.ASCII):
        raise ValueFault(expected)
    return value
