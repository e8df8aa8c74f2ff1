"""Finding cases by parts of words, in what each database keeps for it (`case_words`; the migration says how).

Every word must occur in the number, the searchable text or the subject's name. A word of
one or two letters must begin a word there, or half the cases would be found.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import sqlalchemy as sa

from engine.store.scope import case_table

LETTERS = 3
"""The shortest word that is found inside others."""

FEW = 3000
"""Up to so many cases found by their words are looked up; of more, the list is walked in its own order."""

MANY = 40_000
"""Up to so many, those found are listed before the walk; of more, each case met is asked for its words."""

SECOND = 1_000_000
"""In microseconds."""

_case = case_table
_words = sa.table(
    "case_words", sa.column("doc", sa.Integer), sa.column("institution"), sa.column("case_id"), sa.column("words")
)
_index = sa.table("case_words_index", sa.column("rowid", sa.Integer))


def seeks_inside(q: str) -> bool:
    """Whether a search has a word that is found inside others. Shorter ones are everywhere: a list soon meets them."""
    return any(len(word) >= LETTERS for word in q.split())


class Road(StrEnum):
    """From which end a search is gone about, on SQLite. PostgreSQL sees for itself."""

    GATHER = "gather"
    """All that say the words are looked up: for counting them."""
    CHECK = "check"
    """Each row is looked at for whether it does: where others make them few."""
    EITHER = "either"
    """As many as they are: for a page of them."""


def speak_of(
    connection: sa.Connection, institution: str, words: Sequence[str], *, road: Road = Road.EITHER
) -> sa.ColumnElement[bool]:
    """Hold for rows of case_record in which every word occurs."""
    if connection.dialect.name == "sqlite":
        return _on_sqlite(connection, institution, words, road)
    found = sa.select(_words.c.case_id).where(_words.c.institution == institution, *map(_like, words))
    return _case.c.id.in_(found)


def _on_sqlite(connection: sa.Connection, institution: str, words: Sequence[str], road: Road) -> sa.ColumnElement[bool]:
    matches = sa.literal_column("case_words_index").op("MATCH")(" AND ".join(map(_phrase, words)))
    found = sa.select(_index.c.rowid).where(matches)
    of_case = sa.select(_words.c.case_id).where(_words.c.institution == institution)
    listed = of_case.where(_words.c.doc.in_(found))
    # A plus keeps the database from beginning with what stands behind it.
    document, case = (sa.literal_column(f"+{name}", sa.Integer) for name in ("case_words.doc", "case_record.id"))
    said = sa.exists(of_case.where(_words.c.case_id == _case.c.id, document.in_(found)))
    if road is not Road.EITHER:
        return _case.c.id.in_(listed) if road is Road.GATHER else said
    some = sa.select(sa.func.count()).select_from(found.limit(MANY + 1).subquery())
    many = connection.execute(some).scalar_one()
    if many <= FEW:
        return _case.c.id.in_(listed)
    # What is newer than the newest found need not be walked: no key is less than the second of opening.
    newest = found.order_by(_index.c.rowid.desc()).limit(1).scalar_subquery()
    return sa.and_(said if many > MANY else case.in_(listed), _case.c.opened_at < (newest + 1) * SECOND)


def _phrase(word: str) -> str:
    """A word as the index is asked for it; folded as searchable text is, or as a name may be written."""
    ways = sorted({word.casefold(), word.lower()})
    quoted = ['"{}{}"'.format("" if len(way) >= LETTERS else "  ", way.replace('"', '""')) for way in ways]
    return f"({' OR '.join(quoted)})"


def _like(word: str) -> sa.ColumnElement[bool]:
    # A database whose locale folds only A to Z leaves other letters of a name as they were written.
    ways = {word.casefold(), word.lower()} | {_ascii_lower(way) for way in (word.capitalize(), word.upper())}
    several = sorted(ways) if not word.isascii() else [word.lower()]
    return sa.or_(
        *(_words.c.words.contains(way if len(way) >= LETTERS else f" {way}", autoescape=True) for way in several)
    )


def _ascii_lower(word: str) -> str:
    return "".join(letter.lower() if letter.isascii() else letter for letter in word)
