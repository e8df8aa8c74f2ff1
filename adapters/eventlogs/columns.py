"""Histories column by column: written as Parquet, and checked for legality with SQL over it, by DuckDB.

DuckDB is an optional extra. It is given no network and loads no extension.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from adapters.eventlogs.files import LogUnreadable, replacing
from engine.errors import EngineError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

ROW_GROUP: Final = 122_880
"""Events a row group, DuckDB's own measure: what is held in memory while a file is written."""
NULL: Final = "\\N"
AS_THEY_STAND: Final = "read_parquet($path)"
IN_ORDER: Final = "(SELECT {needed} FROM read_parquet($path) ORDER BY case_id, sequence)"
INTEGERS: Final = frozenset({"sequence", "at"})
NEEDED: Final = ("case_id", "sequence", "definition", "kind", '"trigger"', "from_state", "to_state")

WRITE: Final = """
COPY (SELECT {shown}
      FROM read_csv($rows, columns = {columns}, header = false, auto_detect = false, delim = ',', quote = '"',
                    escape = '"', nullstr = '\\N', allow_quoted_nulls = false, parallel = false))
TO '{target}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {group})
"""

STEPS: Final = """
WITH step AS (
    SELECT {needed},
           lag(case_id) OVER () AS case_before, lag(sequence) OVER () AS sequence_before, lag(to_state) OVER () AS state
    FROM {rows}
), told AS (
    SELECT *, case_before IS NULL OR case_before <> case_id AS opens,
           CASE WHEN case_before > case_id OR (case_before = case_id AND sequence_before >= sequence) THEN 'order'
                WHEN sequence <> CASE WHEN opens THEN 1 ELSE sequence_before + 1 END THEN 'missing'
                WHEN from_state IS DISTINCT FROM CASE WHEN NOT opens THEN state END THEN 'apart'
           END AS wrong
    FROM step
)
"""
"""Every step beside the one before it, which the order of the rows gives: no sorting, one pass."""

IN_A_ROW: Final = (
    STEPS
    + """
SELECT count(*), count(*) FILTER (opens), count(wrong), count(*) FILTER (wrong = 'order') FROM told
"""
)

EDGES: Final = """
CREATE TABLE edge (definition VARCHAR, kind VARCHAR, "trigger" VARCHAR, from_state VARCHAR, to_state VARCHAR)
"""

ILLEGAL: Final = """
SELECT count(*)
FROM (SELECT DISTINCT definition, kind, "trigger", from_state, to_state FROM {rows}) AS step ANTI JOIN edge
  ON edge.definition = step.definition AND edge.kind = step.kind AND edge.to_state = step.to_state
 AND edge.from_state = coalesce(step.from_state, '') AND edge."trigger" = coalesce(step."trigger", '')
"""
"""How many different steps no definition allows: there are few different ones, however many events."""

FIRST_WRONG: Final = (
    STEPS
    + """
SELECT case_id, sequence, coalesce(wrong, 'illegal') AS wrong, told.kind, told."trigger", told.from_state,
       told.to_state, told.definition, CASE WHEN NOT opens THEN state END AS state
FROM told LEFT JOIN edge
  ON edge.definition = told.definition AND edge.kind = told.kind AND edge.to_state = told.to_state
 AND edge.from_state = coalesce(told.from_state, '') AND edge."trigger" = coalesce(told."trigger", '')
WHERE wrong IS NOT NULL OR edge.definition IS NULL
ORDER BY case_id, sequence LIMIT 1
"""
)
NAMES: Final = ("case", "sequence", "wrong", "kind", "trigger", "from", "to", "definition", "state")


class ColumnsMissing(EngineError):
    """Parquet needs the optional package duckdb, which is not installed: `pip install 'fardplan[columns]'`."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A step a definition allows. The first of a case leaves no state; nobody triggers what just happens."""

    definition: str
    kind: str
    trigger: str | None
    from_state: str | None
    to_state: str


@dataclass(frozen=True, slots=True)
class WrongStep:
    """The first step that is wrong, by case and sequence, and what is wrong with it."""

    case: str
    sequence: int
    what: str


@dataclass(frozen=True, slots=True)
class Legality:
    """What a check found."""

    events: int
    cases: int
    first_wrong: WrongStep | None


@contextmanager
def database() -> Iterator[DuckDBPyConnection]:
    """A DuckDB in memory that fetches nothing. Raises ColumnsMissing where it is not installed."""
    try:
        import duckdb  # noqa: PLC0415  (an optional extra)
    except ImportError as error:
        raise ColumnsMissing from error
    config = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    with (
        tempfile.TemporaryDirectory(prefix="fardplan_columns_") as folder,
        duckdb.connect(config={**config, "temp_directory": folder}) as connection,
    ):
        yield connection


def write_parquet(
    path: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]], *, row_group: int = ROW_GROUP
) -> None:
    """Write rows of texts (`sequence` and `at` integers; `at` becomes a timestamp in UTC). It appears when whole."""
    with database() as store, replacing(path) as part, tempfile.TemporaryDirectory(prefix="fardplan_rows_") as folder:
        # DuckDB reads a file far faster than it takes rows one by one, and holds only a row group of it.
        between = Path(folder) / "rows.csv"
        with between.open("w", encoding="utf-8", errors="replace", newline="") as out:
            # Cells are quoted where they hold what ends a line: both marks, so that a lone one comes back.
            written = csv.writer(out, lineterminator="\r\n")
            written.writerows([NULL if cell is None else cell for cell in row] for row in rows)
        types = {name: "BIGINT" if name in INTEGERS else "VARCHAR" for name in columns}
        shown = ", ".join('make_timestamp("at") AS "at"' if name == "at" else f'"{name}"' for name in columns)
        target = str(part.resolve()).replace("'", "''")
        query = WRITE.format(shown=shown, columns=types, target=target, group=int(row_group))
        store.execute(query, {"rows": str(between)})


def legality(path: Path, edges: Iterable[Edge]) -> Legality:
    """Check that every case of a Parquet export begins as it may, goes on without a gap, and takes allowed steps only.

    Raises LogUnreadable where the file is no such export.
    """
    with database() as store:
        _must_hold(store, path)
        store.execute(EDGES)
        told = [[e.definition, e.kind, e.trigger or "", e.from_state or "", e.to_state] for e in dict.fromkeys(edges)]
        # One statement for all: row by row DuckDB takes longer over the edges than over a million events.
        by_column = [list(column) for column in zip(*told, strict=True)] or [[]] * 5
        store.execute("INSERT INTO edge SELECT unnest(?), unnest(?), unnest(?), unnest(?), unnest(?)", by_column)
        events, cases, apart, mixed = _one(store, IN_A_ROW, path, AS_THEY_STAND)
        (illegal,) = _one(store, ILLEGAL, path, AS_THEY_STAND)
        if not apart and not illegal:
            return Legality(events, cases, None)
        # Rows in another order than they were exported in are no fault; they are put in order first.
        rows = IN_ORDER if mixed else AS_THEY_STAND
        _, cases, _, _ = _one(store, IN_A_ROW, path, rows)
        found = _one(store, FIRST_WRONG, path, rows)
    if not found:
        return Legality(events, cases, None)
    wrong = dict(zip(NAMES, found, strict=True))
    return Legality(events, cases, WrongStep(wrong["case"], wrong["sequence"], _words(wrong, {e[0] for e in told})))


def _one(store: DuckDBPyConnection, query: str, path: Path, rows: str) -> tuple[Any, ...]:
    """The only row of a query over the file; nothing where there is none."""
    written = query.format(needed=", ".join(NEEDED), rows=rows.format(needed=", ".join(NEEDED)))
    return store.execute(written, {"path": str(path)}).fetchone() or ()


def _must_hold(store: DuckDBPyConnection, path: Path) -> None:
    import duckdb  # noqa: PLC0415  (an optional extra; the connection shows that it is there)

    try:
        described = store.execute("DESCRIBE SELECT * FROM read_parquet($path)", {"path": str(path)}).fetchall()
    except duckdb.Error as error:
        raise LogUnreadable(
            f"Filen {path.name} kan inte läsas som Parquet.", f"The file {path.name} cannot be read as Parquet."
        ) from error
    missing = [name.strip('"') for name in NEEDED if name.strip('"') not in {row[0] for row in described}]
    if missing:
        raise LogUnreadable(
            f"Filen {path.name} är ingen export av historiken: kolumnen {missing[0]} saknas.",
            f"The file {path.name} is no export of histories: the column {missing[0]} is missing.",
        )


def _words(wrong: dict[str, Any], known: set[str]) -> str:
    step = f"{wrong['kind']} {wrong['trigger']}" if wrong["trigger"] else str(wrong["kind"])
    match wrong["wrong"]:
        case "missing":
            return "an event before it is missing"
        case "order":
            return "it stands twice"
        case "apart":
            return f"it leaves {wrong['from'] or 'nothing'}, but the case was in {wrong['state'] or 'no state yet'}"
        case _ if wrong["definition"] not in known:
            return f"its definition {wrong['definition'][:12]}… is not among those known here"
        case _:
            return f"{step} does not lead from {wrong['from'] or 'the beginning'} to {wrong['to']}"
