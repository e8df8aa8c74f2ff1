"""Reads single values as people write them: text, dates, numbers, yes and no.

Every parser takes a cell and gives a value, or raises ValueFault with what was
expected, in words that stand after "expected:". Blank cells do not come here.
Dates are in `values_dates`, semesters in `values_terms`, codes in `values_codes`, and
the other words of student exchange in `values_exchange`.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from adapters.tables_model import Cell
from engine.errors import EngineError
from engine.vocabulary import Text

T = TypeVar("T")


def words(listing: str) -> frozenset[str]:
    """Make a set of the words in a line, which is how word lists are read best."""
    return frozenset(listing.split())


LONGEST_LINE = 200
LONGEST_PROSE = 4000
LONGEST_SETTINGS = 20_000
MOST_DIGITS, MOST_DECIMALS = 12, 15

# Marks that carry nothing and come along from the web: zero-width space, byte order mark,
# soft hyphen, direction marks, word joiner.
INVISIBLE = re.compile("[\u200b\ufeff\u00ad\u200e\u200f\u2060]")
# Marks that turn the reading direction can make a name look like another.
TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
# What å, ä, ö and é become when UTF-8 is taken for Windows-1252 and saved once more.
GARBLED = re.compile(
    "\ufffd|[ÃÂ][\u0080-\u009f\u00a1-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u2013-\u203a\u20ac\u2122]"
)
SPACES = re.compile(r"\s+")


NUMBER = re.compile(
    r"(?P<sign>[+-]?)"
    r"(?P<whole>\d+|\d{1,3}(?P<between>[ '.,])\d{3}(?:(?P=between)\d{3})*)"
    r"(?:(?P<mark>[.,])(?P<fraction>\d+))?"
)
YES = words("ja j yes y x sant true t 1 ✓ ✔")
NO = words("nej n no falskt false f 0")

ONE_LINE = Text("en text på högst {n} tecken", "a text of at most {n} characters")
CLEAN = Text(
    "en text utan styrtecken eller trasiga bokstäver (spara filen som CSV UTF-8)",
    "a text without control characters or broken letters (save the file as CSV UTF-8)",
)
DECIMAL = Text("ett tal, som 22,5 eller 1 250", "a number, such as 22.5 or 1 250")
BOOLEAN = Text("ja eller nej", "yes or no")
EMAIL = Text("en e-postadress, som namn@umu.se", "an e-mail address, such as name@umu.se")
LANGUAGE = Text("sv eller en", "sv or en")
PERCENT = Text("en andel, som 75 % eller 0,75", "a share, such as 75 % or 0.75")
SETTINGS = Text('ett JSON-objekt, som {"four_eyes": true}', 'a JSON object, such as {"four_eyes": true}')


class ValueFault(EngineError):
    """A value is not what its column asks for; `expected` says what is, for a person."""

    def __init__(self, expected: Text) -> None:
        self.expected = expected
        super().__init__(expected.en)


def text(*, longest: int = LONGEST_LINE) -> Callable[[Cell], str]:
    """Make a parser for one line of text: spaces of every kind and line breaks become single spaces."""

    def parse(cell: Cell) -> str:
        return _not_longer(SPACES.sub(" ", _clean(written(cell))).strip(), longest)

    return parse


def prose(*, longest: int = LONGEST_PROSE) -> Callable[[Cell], str]:
    """Make a parser for running text: line breaks are kept, spaces within a line folded."""

    def parse(cell: Cell) -> str:
        lines = _clean(written(cell)).splitlines()
        return _not_longer("\n".join(SPACES.sub(" ", line).strip() for line in lines).strip(), longest)

    return parse


def written(cell: Cell) -> str:
    """Give a cell as text, whole numbers without a decimal point and days as YYYY-MM-DD.

    A ticked box is "true", so that nobody takes it for the number 1.
    """
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        return f"{cell:.15g}"
    if isinstance(cell, date):
        return cell.isoformat()
    return "" if cell is None else str(cell)


def folded(value: str) -> str:
    """Give a value for comparison: lower case, no accents, single spaces."""
    return SPACES.sub(" ", INVISIBLE.sub("", unaccented(value).casefold())).strip()


def unaccented(value: str) -> str:
    """Take the accents off: Umeå becomes Umea."""
    if value.isascii():
        return value
    return "".join(c for c in unicodedata.normalize("NFKD", value) if not unicodedata.combining(c))


def one_of(meanings: dict[str, T], expected: Text) -> Callable[[Cell], T]:
    """Make a parser that looks a word up, folded; the keys of `meanings` are folded likewise."""
    by_fold = {folded(word).rstrip("."): value for word, value in meanings.items()}

    def parse(cell: Cell) -> T:
        key = folded(written(cell)).rstrip(".")
        if key not in by_fold:
            raise ValueFault(expected)
        return by_fold[key]

    return parse


def listed(parse: Callable[[Cell], T], *, separators: str = r"[;,|\n]") -> Callable[[Cell], tuple[T, ...]]:
    """Make a parser for several values in one cell; empty places between separators are passed over."""

    def parse_all(cell: Cell) -> tuple[T, ...]:
        return tuple(parse(part.strip()) for part in re.split(separators, written(cell)) if part.strip())

    return parse_all


def decimal(cell: Cell) -> Decimal:
    """Read a number with comma or point, thousands apart by spaces.

    A lone comma or point is the decimal one, as in Sweden: 1,250 is one and a quarter.
    """
    if isinstance(cell, (bool, date)):
        raise ValueFault(DECIMAL)
    value = SPACES.sub(" ", written(cell)).strip().replace("−", "-").replace("’", "'")
    match = NUMBER.fullmatch(value)
    if not match or (match["mark"] and match["mark"] == match["between"]):
        raise ValueFault(DECIMAL)
    sign, whole, fraction = match["sign"], match["whole"], match["fraction"]
    digits = re.sub(r"\D", "", whole)
    if len(digits) > MOST_DIGITS or len(fraction or "") > MOST_DECIMALS:
        raise ValueFault(DECIMAL)
    # Adding nought writes 1E+2 out as 100 and takes the sign off -0.
    return Decimal(f"{sign}{digits}.{fraction or 0}").normalize() + 0


def integer(*, lowest: int = 0, highest: int = 1_000_000) -> Callable[[Cell], int]:
    """Make a parser for a whole number between two bounds, both included."""
    expected = Text(f"ett heltal från {lowest} till {highest}", f"a whole number from {lowest} to {highest}")

    def parse(cell: Cell) -> int:
        try:
            number = decimal(cell)
        except ValueFault as fault:
            raise ValueFault(expected) from fault
        if number != number.to_integral_value() or not lowest <= number <= highest:
            raise ValueFault(expected)
        return int(number)

    return parse


def percent(cell: Cell) -> Decimal:
    """Read a share as percent, 0 to 100. Without a sign, up to 1 means the whole: 0,75 is 75."""
    value = written(cell).strip()
    signed = value.endswith("%") or folded(value).endswith("procent")
    try:
        number = decimal(re.sub(r"\s*(%|procent)$", "", value, flags=re.IGNORECASE))
    except ValueFault as fault:
        raise ValueFault(PERCENT) from fault
    if not signed and 0 < number <= 1:
        number = (number * 100).normalize() + 0
    if not 0 <= number <= 100:  # noqa: PLR2004  (a share of the whole)
        raise ValueFault(PERCENT)
    return number


def boolean(cell: Cell) -> bool:
    """Read yes and no in both languages, and the cross of a form."""
    if isinstance(cell, bool):
        return cell
    word = folded(written(cell))
    if word in YES or word in NO:
        return word in YES
    raise ValueFault(BOOLEAN)


def email(cell: Cell) -> str:
    """Read one address, also as "Name <address>"; the part after @ is lower-cased (RFC 5321, 2.4)."""
    value = INVISIBLE.sub("", written(cell)).strip()
    if named := re.fullmatch(r"[^<>]*<([^<>]*)>", value):
        value = named[1].strip()
    value = value.removeprefix("mailto:")
    if not re.fullmatch(r"[^\s@,;<>()\[\]\"\\\x00-\x1f\x7f]{1,64}@[\w-]+(\.[\w-]+)+", value) or ".." in value:
        raise ValueFault(EMAIL)
    account, domain = value.split("@")
    return _not_longer(f"{account}@{domain.lower()}", 254)


language = one_of(
    {
        "sv": "sv", "swe": "sv", "sv-se": "sv", "svenska": "sv", "swedish": "sv",
        "en": "en", "eng": "en", "en-gb": "en", "en-us": "en", "engelska": "en", "english": "en",
    },
    LANGUAGE,
)  # fmt: skip
"""The language a person is written to in."""


def settings(cell: Cell) -> dict[str, Any]:
    """Read a JSON object of at most 20,000 characters; a name that stands twice is refused."""
    value = written(cell)
    if len(value) > LONGEST_SETTINGS:
        raise ValueFault(SETTINGS)
    try:
        found = json.loads(value, object_pairs_hook=_named_once, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ValueFault(SETTINGS) from error
    if not isinstance(found, dict):
        raise ValueFault(SETTINGS)
    return found


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError(pairs)
    return dict(pairs)


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _clean(value: str) -> str:
    """Compose letters, drop marks that show nothing; refuse what would be wrong on a page."""
    if value.isascii() and value.isprintable():
        return value
    value = unicodedata.normalize("NFC", INVISIBLE.sub("", value)).replace("\x0b", "\n")
    if GARBLED.search(value) or TURNING.search(value):
        raise ValueFault(CLEAN)
    if any(unicodedata.category(c) in {"Cc", "Cs"} and not c.isspace() for c in value):
        raise ValueFault(CLEAN)
    return value


def _not_longer(value: str, longest: int) -> str:
    if len(value) > longest:
        raise ValueFault(Text(ONE_LINE.sv.format(n=longest), ONE_LINE.en.format(n=longest)))
    return value
