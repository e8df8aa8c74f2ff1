"""Notes every statement that is asked, and has the database say how it would answer it.

The tables of a test are small. SQLite is told to expect large ones (migration 0003) and
plans as it would for them; PostgreSQL is kept from reading a table from end to end where it
can help it, so what still does so has no index to follow. How long anything takes is not
told by this.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from engine.store.store import Store
from tests.bench.filling import NOW

LARGE = "case_record|event|event_detail|deadline|link|outbox|person|case_words"
WHOLE = re.compile(
    # SQLite says SCAN for a whole table, and SEARCH by the institution alone for nearly that. An
    # index that holds all that is asked may be read so, and one of open cases only.
    rf"SCAN ({LARGE}|\w+_case)\b(?! VIRTUAL)|SEARCH ({LARGE}|\w+_case) USING "
    r"(PRIMARY KEY|INDEX (?!ix_case_record_(due|open|overdue|standing))\w+) \(institution=\?\)"
    # PostgreSQL is asked not to where it can help it, for the tables of a test are small; an
    # index it then follows by the institution alone is no better.
    rf"|Seq Scan on ({LARGE})\b"
    r"|Scan (on|using) (ix|pk)_(event|deadline|outbox)\w*\b[^\n]*\n\s*Index Cond: "
    r"\(\(institution\)::text = '[^']*'::text\)\n"
)
WALKED = re.compile(
    r"SEARCH case_record USING INDEX (ix_case_record_(opened|updated)|uq_case_record_number|sqlite_autoindex_\w+) "
    r"\(institution=\?\)"
)
"""An index whose order a list is in: it is followed until a page is full, if nothing is gathered first."""

COLUMN = {"event": "kind", "deadline": "status"}
"""Of each table, a column by which no index finds its rows."""


def reads_whole(plan: str) -> bool:
    """Whether a plan goes through all of a large table."""
    return bool(WHOLE.search(plan if "MATERIALIZE found" in plan else WALKED.sub("", plan)))


@dataclass
class Watched:
    """A store with some years of cases, and every statement that is asked of it."""

    store: Store
    statements: list[tuple[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        sa.event.listen(self.store.engine, "before_cursor_execute", self._note)

    def _note(self, _connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith(("SELECT", "WITH")):
            self.statements.append((statement, parameters))

    def plans(self) -> Iterator[str]:
        """How the database would answer each statement, as one text a statement."""
        with self.store.engine.connect() as connection:
            cursor = connection.connection.cursor()
            if not self.store.sqlite:
                cursor.execute("SET enable_seqscan = off")
            for statement, parameters in tuple(self.statements):
                cursor.execute(f"EXPLAIN {'QUERY PLAN ' if self.store.sqlite else ''}{statement}", parameters)
                yield "\n".join(str(row[-1]) for row in cursor.fetchall()) + "\n"
            connection.rollback()


class StillClock:
    """Stands where the office's years end."""

    def now(self) -> datetime:
        return NOW.astimezone(UTC)
