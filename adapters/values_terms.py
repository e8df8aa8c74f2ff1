"""Reads semesters and academic years."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from adapters.tables_model import Cell
from adapters.values import ValueFault, folded, words, written
from engine.vocabulary import Text

SEMESTER = Text("en termin, som HT2027 eller VT2028", "a semester, such as autumn 2027 or spring 2028")
SEMESTERS = Text(
    "en eller flera terminer, som HT2027, VT2028 eller helår 2027/28",
    "one or more semesters, such as autumn 2027, spring 2028 or full year 2027/28",
)
ACADEMIC_YEAR = Text("ett läsår, som 2027/28", "an academic year, such as 2027/28")

CENTURY = 100


class Term(StrEnum):
    """Half of an academic year; the autumn comes first."""

    AUTUMN = "autumn"
    SPRING = "spring"


@dataclass(frozen=True, slots=True)
class Semester:
    """A semester, by the calendar year it lies in (the spring of 2027/28 is 2028)."""

    year: int
    term: Term

    @property
    def academic_year(self) -> str:
        """The academic year as written in Sweden, "2027/28"."""
        return _written_year(self.year - (self.term is Term.SPRING))

    def __str__(self) -> str:
        return f"{'HT' if self.term is Term.AUTUMN else 'VT'}{self.year}"


AUTUMN_WORDS = words("h ht host hosten hosttermin hostterminen autumn fall winter ws")
SPRING_WORDS = words("v vt var varen vartermin varterminen spring summer ss")
YEAR_WORDS = words("helar lasar lasaret hela full whole academic year ar both bada")
TERM_NOISE = words("termin terminen terminer term terms semester semesters of the och and")
BETWEEN_SEMESTERS = re.compile(r"[,;+&|]|\b(?:and|och|to|till)\b|[-–/](?=\s*[a-z])")


def semester(cell: Cell) -> Semester:
    """Read one semester: HT2027, H27, autumn 2027, autumn 2027/28, 20272."""
    found = _semesters_in(folded(written(cell)))
    if len(found) != 1:
        raise ValueFault(SEMESTER)
    return found[0]


def semesters(cell: Cell) -> tuple[Semester, ...]:
    """Read one or more semesters, earliest first; an academic year alone is both of its halves."""
    value = folded(written(cell))
    parts = [part for part in BETWEEN_SEMESTERS.split(value) if part.strip()]
    each = [_semesters_in(part) for part in parts]
    found = [one for part in each for one in part] if all(len(part) == 1 for part in each) else []
    found = found or _semesters_in(value) or _whole_year(value)
    if not found:
        raise ValueFault(SEMESTERS)
    return tuple(sorted(set(found), key=lambda one: (one.year, one.term is Term.AUTUMN)))


def academic_year(cell: Cell) -> str:
    """Read an academic year, as "2027/28"."""
    named, numbers = _words_and_numbers(folded(written(cell)))
    if (start := _pair(numbers)) is None or named - YEAR_WORDS:
        raise ValueFault(ACADEMIC_YEAR)
    return _written_year(start)


def _words_and_numbers(value: str) -> tuple[set[str], list[str]]:
    return set(re.findall(r"[a-z]+", value)) - TERM_NOISE, re.findall(r"[0-9]+", value)


def _semesters_in(value: str) -> list[Semester]:
    """Give the semesters a phrase of one year names: none, one, or both halves of an academic year.

    20271 and 20272 are the spring and the autumn of 2027, as Ladok writes them.
    """
    named, numbers = _words_and_numbers(value)
    if ladok := re.fullmatch(r"(20[0-9]{2})([12])", value):
        return [Semester(int(ladok[1]), Term.SPRING if ladok[2] == "1" else Term.AUTUMN)]
    if not named or named - AUTUMN_WORDS - SPRING_WORDS or not re.fullmatch(r"[\w\s./–-]+", value):
        return []
    start = _pair(numbers)
    terms = [t for t, names in ((Term.AUTUMN, AUTUMN_WORDS), (Term.SPRING, SPRING_WORDS)) if named & names]
    if start is not None:
        return [Semester(start + (term is Term.SPRING), term) for term in terms]
    year = _year(numbers[0]) if len(numbers) == len(terms) == 1 else None
    return [] if year is None else [Semester(year, terms[0])]


def _whole_year(value: str) -> list[Semester]:
    named, numbers = _words_and_numbers(value)
    start = _pair(numbers)
    if start is None or named - YEAR_WORDS:
        return []
    return [Semester(start, Term.AUTUMN), Semester(start + 1, Term.SPRING)]


def _year(digits: str) -> int | None:
    """Read a year of four digits, or of two in this century."""
    if len(digits) == len("27"):
        return 2000 + int(digits)
    return int(digits) if len(digits) == len("2027") and digits[:2] in {"19", "20", "21"} else None


def _pair(numbers: list[str]) -> int | None:
    """Give the first of two years that follow one another."""
    if len(numbers) != len(("2027", "28")) or (start := _year(numbers[0])) is None:
        return None
    end = _year(numbers[1])
    return start if end is not None and end % CENTURY == (start + 1) % CENTURY else None


def _written_year(start: int) -> str:
    return f"{start}/{(start + 1) % CENTURY:02}"
