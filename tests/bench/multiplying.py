"""Makes a large office of a small one: every case, with all its rows, is copied inside the database.

Python puts in some thousand cases a second, a statement that copies them some ten
thousand. A copy is opened shortly after what it is copied from, so that ids, numbers and
searchable lines stand in the order of opening, as they do where cases are opened one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import sqlalchemy as sa

from engine.store.store import Store
from engine.tables import Table

ID = "substr({name}, 1, 24) || copy.tag"
LATER, EARLIER = "{name} + copy.n * :apart", "{name} - copy.n * :apart"
CHANGED: Mapping[str, Mapping[str, str]] = {
    "person": {"id": "id || '-' || copy.n", "email": "copy.n || '-' || email"},
    "case_record": {
        "id": ID, "number": "number || substr(copy.tag, 9)", "unit": "unit || copy.division",
        "assignee": "replace(assignee, unit, unit || copy.division)", "subject": "subject || '-' || copy.n",
        "opened_at": LATER, "updated_at": EARLIER, "entered_at": EARLIER, "closed_at": EARLIER,
    },
    "event": {"case_id": ID},
    "deadline": {"case_id": ID},
    "link": {"from_case": ID, "to_case": ID},
    "case_reach": {"case_id": ID, "unit": "unit || copy.division", "own": "own || copy.division"},
}  # fmt: skip
"""What differs in a copy of each table's rows; all else is as it was. Ids end in twelve digits."""

REACH = ("institution", "case_id", "unit", "own", "workflow", "ended")
"""The columns of the one table that is not declared."""

WORDS = {
    # The keys rise with the opening and are never less than its second, as the migration promises.
    "sqlite": "INSERT INTO case_words (doc, institution, case_id, words) "
    "SELECT c.opened_at / 1000000, c.institution, c.id, replace(w.words, b.number, c.number)",
    "postgresql": "INSERT INTO case_words (institution, case_id, words) "
    "SELECT c.institution, c.id, replace(w.words, lower(b.number), lower(c.number))",
}
OF_COPIES = (
    " FROM case_record b JOIN case_words w ON w.institution = b.institution AND w.case_id = b.id "
    "JOIN copy ON copy.n > 0 JOIN case_record c ON c.institution = b.institution "
    "AND c.id = substr(b.id, 1, 24) || copy.tag WHERE b.id LIKE '%000000000000' ORDER BY c.opened_at"
)


def multiply(store: Store, *, times: int, apart: int, divisions: int) -> None:
    """Have `times` as many cases as there are, those beside each other opened so many microseconds apart.

    They lie in so many divisions of each department: `D07`, `D07.1`, `D07.2`…
    """
    copies = " UNION ALL ".join(
        f"SELECT CAST({n} AS BIGINT) AS n, '{n:012}' AS tag, '{_division(n % divisions)}' AS division"
        for n in range(1, times)
    )
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if store.sqlite:
            connection.exec_driver_sql("PRAGMA cache_size = -1000000")
        with _without_triggers(connection), _without_indexes(connection):
            connection.exec_driver_sql(f"CREATE TABLE copy AS {copies}")
            for table, changed in CHANGED.items():
                values = {"apart": apart} if "opened_at" in changed else {}
                connection.execute(sa.text(_copying(table, changed)), values)
            connection.execute(sa.text(WORDS[connection.dialect.name] + OF_COPIES))
            connection.exec_driver_sql("DROP TABLE copy")
        if store.sqlite:
            connection.exec_driver_sql("INSERT INTO case_words_index(case_words_index) VALUES ('rebuild')")


def _division(number: int) -> str:
    return f".{number}" if number else ""


def _copying(table: str, changed: Mapping[str, str]) -> str:
    columns = REACH if table == "case_reach" else [column.name for column in Table.metadata.tables[table].columns]
    chosen = [changed.get(name, "{name}").format(name=f'"{name}"') for name in columns]
    # Only students are many: the staff stay as they are.
    which = "WHERE id IN (SELECT subject FROM case_record)" if table == "person" else ""
    names = ", ".join(f'"{name}"' for name in columns)
    copied = f"SELECT {', '.join(chosen)} FROM {table} JOIN copy ON copy.n > 0 {which}"
    return f"INSERT INTO {table} ({names}) {copied} ORDER BY {table}.{columns[1]}, copy.n"


@contextmanager
def _without_triggers(connection: sa.Connection) -> Iterator[None]:
    if connection.dialect.name == "postgresql":
        for way in ("DISABLE", "ENABLE"):
            for table in ("case_record", "person", "link"):
                connection.exec_driver_sql(f"ALTER TABLE {table} {way} TRIGGER USER")
            if way == "DISABLE":
                yield
        return
    found = connection.exec_driver_sql(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' "
        "AND tbl_name IN ('case_record', 'person', 'case_words', 'link')"
    ).all()
    for name, _ in found:
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    yield
    for _, made in found:
        connection.exec_driver_sql(made)


@contextmanager
def _without_indexes(connection: sa.Connection) -> Iterator[None]:
    """Make the indexes of the copied tables anew when all rows are there: far quicker than row by row."""
    tables = ", ".join(f"'{table}'" for table in (*CHANGED, "case_words"))
    sqlite = connection.dialect.name == "sqlite"
    found = connection.exec_driver_sql(
        f"SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({tables})"
        if sqlite
        else f"SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN ({tables}) AND left(indexname, 3) <> 'pk_'"
    ).all()
    # What SQLite was told to expect of an index goes with it.
    expected = connection.exec_driver_sql("SELECT tbl, idx, stat FROM sqlite_stat1").all() if sqlite else []
    for name, _ in found:
        connection.exec_driver_sql(f"DROP INDEX {name}")
    yield
    for _, made in found:
        connection.exec_driver_sql(made.replace("%", "%%"))
    if sqlite:
        connection.exec_driver_sql("DELETE FROM sqlite_stat1")
        for row in expected:
            connection.exec_driver_sql("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)", tuple(row))
