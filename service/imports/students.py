"""What lists of students share: the stay, the level, the courses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from adapters.columns import Parsed
from adapters.values_terms import Semester
from engine.model import Case
from engine.vocabulary import Direction, Level
from service.imports.source import Source
from service.imports.terms import follow

MOST_SEMESTERS = 2
WITH_CREDITS = re.compile(
    r"(?P<name>.*?\S)[\s,;(]+(?P<ects>\d{1,3}(?:[.,]\d)?)\s*(?:hp|ects|credits|högskolepoäng)\.?\s*(?:credits)?\s*\)?",
    re.IGNORECASE,
)


def level_of(source: Source, row: Parsed, agreement: Case, direction: Direction) -> Level:
    """The level the row gives, else the only one the agreement has places for. Raises Unfit."""
    for column in ("level", "eqf_level"):
        if row.values.get(column) is not None:
            return Level(row.values[column])
    levels = {
        level
        for places in agreement.facts.get("rows", ())
        if places["direction"] == direction
        for level in places["levels"] or Level
    }
    if len(levels) == 1:
        return Level(levels.pop())
    raise source.unfit(
        row,
        "level",
        "en nivå; avtalet har platser på flera",
        "a level; the agreement has places for more than one",
    )


def checked_semesters(source: Source, row: Parsed, semesters: Sequence[Semester]) -> Sequence[Semester]:
    """One semester or two that follow each other, in the academic year the row names. Raises Unfit."""
    one = semesters[0]
    if len(semesters) > MOST_SEMESTERS or not follow(semesters):
        raise source.unfit(
            row,
            "semesters",
            "en termin, eller två som följer på varandra",
            "one semester, or two that follow each other",
        )
    named = row.values.get("academic_year")
    if named is not None and named != one.academic_year:
        raise source.unfit(
            row,
            "academic_year",
            f"det läsår som {one} ligger i ({one.academic_year})",
            f"the academic year that {one} lies in ({one.academic_year})",
        )
    return semesters


def course_of(line: str) -> Mapping[str, Any]:
    """A course as a line names it: "Algorithms 7.5 hp", "Algorithms (7,5 ECTS)", or its name alone."""
    found = WITH_CREDITS.fullmatch(line.strip())
    if not found:
        return {"name": line.strip(), "ects": None}
    return {"name": found["name"].rstrip(" ,;("), "ects": Decimal(found["ects"].replace(",", "."))}


def courses_of(lines: Iterable[str] | None) -> list[Mapping[str, Any]]:
    """The courses of a cell."""
    return [course_of(line) for line in lines or ()]
