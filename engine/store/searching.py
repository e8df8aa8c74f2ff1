"""Finding cases by parts of words, in what each database keeps for it (`case_words`; the migration says how).

Every word must occur in the number, the searchable text or the subject's name. A word of
one or two letters must begin a word there, or half the cases would be found.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from engine.store.scope import case_table, gathered

LETTERS = 3
"""The shortest word that is found inside others."""

FEW = 5000
"""Up to so many cases found by their words are gathered; of more, each case met is asked for its words.

PostgreSQL is believed where it expects more: to count 9,000 of a million it reads for 130 ms.
"""

LOOKED = 10_000
"""So many cases are asked for their words, for one page: as many as make it full where more than `FEW` of a million
say them. Words of long ago (a year) would else be looked for among all, for 13 s.
"""

_case = case_table
_words = sa.table(
    "case_words", sa.column("doc", sa.Integer), sa.column("institution"), sa.column("case_id"), sa.column("words")
)
_index = sa.table("case_words_index", sa.column("rowid", sa.Integer))


class Road(StrEnum):
    """From which end a search is gone about."""

    GATHER = "gather"
    """All that say the words are looked up: where these are few, or all are counted."""
    CHECK = "check"
    """Each row is looked at for whether it does: where others make them few, or most do."""
    EITHER = "either"
    """As many as they are."""


def said_by_few(connection: sa.Connection, institution: str, words: Sequence[str]) -> bool:
    """Whether the words occur in so few cases that these can be gathered. Costs no more where they occur in many."""
    sqlite = connection.dialect.name == "sqlite"
    found = _matches(words) if sqlite else _lines(institution, words)
    if not sqlite and _guessed(connection, found) > FEW:
        return False
    some = sa.select(sa.func.count()).select_from(found.limit(FEW + 1).subquery())
    return connection.execute(some).scalar_one() <= FEW


def _guessed(connection: sa.Connection, query: sa.Select[Any]) -> int:
    """How many rows PostgreSQL itself expects, of what it knows of all lines."""
    asked = query.compile(dialect=connection.dialect)
    plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {asked}", asked.params).scalar_one()
    return int(plan[0]["Plan"]["Plan Rows"])


def speak_of(
    connection: sa.Connection, institution: str, words: Sequence[str], *, road: Road = Road.EITHER
) -> sa.ColumnElement[bool]:
    """Hold for rows of case_record in which every word occurs."""
    if road is Road.EITHER:
        road = Road.GATHER if said_by_few(connection, institution, words) else Road.CHECK
    sqlite = connection.dialect.name == "sqlite"
    if road is Road.CHECK:
        return said_of(institution, words, _case.c.id, folded=not sqlite)
    if not sqlite:
        return _case.c.id.in_(_lines(institution, words))
    of_case = sa.select(_words.c.case_id).where(_words.c.institution == institution)
    return _case.c.id.in_(of_case.where(_words.c.doc.in_(_matches(words))))


def spoken_among(
    institution: str, words: Sequence[str], ids: sa.ScalarSelect[str], *, sqlite: bool
) -> sa.ColumnElement[bool]:
    """Hold for those of these cases in which every word occurs: their lines are looked at first, of few the rows."""
    line = sa.select(_words.c.case_id).where(_words.c.institution == institution, gathered(_words.c.case_id, ids))
    return gathered(_case.c.id, line.where(*_in_line(words, folded=not sqlite)).scalar_subquery())


def said_of(
    institution: str, words: Sequence[str], case: sa.ColumnElement[str], *, folded: bool
) -> sa.ColumnElement[bool]:
    """Look at the line of each case met, by its key. Where lines are not `folded`, only ASCII can be looked for so."""
    line = sa.select(_words.c.case_id).where(_words.c.institution == institution, _words.c.case_id == case)
    line = line.where(*_in_line(words, folded=folded))
    # As a value on PostgreSQL and not as an EXISTS, for which it might gather all lines that say the words.
    return line.limit(1).scalar_subquery().is_not(None) if folded else sa.exists(line)


def _in_line(words: Sequence[str], *, folded: bool) -> Iterator[sa.ColumnElement[bool]]:
    """What a line must hold to say the words."""
    if folded:
        yield from map(_like, words)
        return
    yield from (_words.c.words.contains(_inside(word, "  "), autoescape=True) for word in words if word.isascii())
    others = [word for word in words if not word.isascii()]
    if others:
        # A plus keeps the database from beginning with what stands behind it.
        yield sa.literal_column("+case_words.doc", sa.Integer).in_(_matches(others))


def _lines(institution: str, words: Sequence[str]) -> sa.Select[tuple[str]]:
    return sa.select(_words.c.case_id).where(_words.c.institution == institution, *map(_like, words))


def _matches(words: Sequence[str]) -> sa.Select[tuple[int]]:
    """The keys of the lines in SQLite's index."""
    asked = sa.literal_column("case_words_index").op("MATCH")(" AND ".join(map(_phrase, words)))
    return sa.select(_index.c.rowid).where(asked)


def _inside(word: str, blank: str) -> str:
    """A word as it stands in a line: a short one at the beginning of a word."""
    return word if len(word) >= LETTERS else f"{blank}{word}"


def _phrase(word: str) -> str:
    """A word as the index is asked for it; folded as searchable text is, or as a name may be written."""
    ways = sorted({word.casefold(), word.lower()})
    quoted = ['"{}"'.format(_inside(way, "  ").replace('"', '""')) for way in ways]
    return f"({' OR '.join(quoted)})"


def _like(word: str) -> sa.ColumnElement[bool]:
    # A database whose locale folds only A to Z leaves other letters of a name as they were written.
    ways = {word.casefold(), word.lower()} | {_ascii_lower(way) for way in (word.capitalize(), word.upper())}
    several = sorted(ways) if not word.isascii() else [word.lower()]
    return sa.or_(*(_words.c.words.contains(_inside(way, " "), autoescape=True) for way in several))


def _ascii_lower(word: str) -> str:
    return "".join(letter.lower() if letter.isascii() else letter for letter in word)
