"""Reads a list in: the whole file is looked through first, then each row is taken in by itself.

What cannot be read as a table is found before any row is written (`adapters.tables`). A bad row
is told and does not stop the others. A dry run takes the same road in one transaction that is
rolled back, so it tells the same; on SQLite others wait meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from adapters.columns import BadRow, Match, Outcome, Parsed
from adapters.import_kinds import KINDS
from adapters.tables import Table, open_table
from engine.errors import Busy
from engine.recounting import recount
from service.compose import House
from service.imports import register_rows
from service.imports.agreements import AgreementReader
from service.imports.applications import ApplicationReader
from service.imports.cases import CaseImport
from service.imports.matters import Reader
from service.imports.nominations import NominationReader
from service.imports.registers import RegisterImport, Take, alone, ordered
from service.imports.report import Report, Result, Taken
from service.imports.reviews import ReviewReader
from service.imports.source import Source, not_kept

__all__ = ["KINDS", "Report", "run"]

ROWS_AT_ONCE = 200
"""Rows in one transaction: few enough that others need not wait long, many enough to be quick."""

TRIES = 3
"""How often a batch is begun anew when the database was busy."""

MOST_NAMED = 30

Progress = Callable[[int, int], None]
"""Is told how many rows are done, of how many."""

REGISTERS: dict[str, Take] = {
    "partners": alone(register_rows.partner),
    "units": alone(register_rows.unit),
    "people": register_rows.person,
    "absences": alone(register_rows.absence),
    "mandates": alone(register_rows.mandate),
    "closing_days": alone(register_rows.closing_day),
}
READERS: dict[str, Callable[[], Reader]] = {
    "agreements": AgreementReader,
    "applications": ApplicationReader,
    "nominations": NominationReader,
    "reviews": ReviewReader,
}


class Importer(Protocol):
    """Takes rows in under a transaction of its own; of each it tells what became of it, in their order.

    `look` may be called before: it reads what need not be read while others wait for the transaction.
    """

    def look(self, rows: Collection[Parsed]) -> None: ...

    def within(self, *, undo: bool) -> AbstractContextManager[Callable[[Collection[Parsed]], Iterator[Taken]]]: ...


def run(
    house: House,
    kind: str,
    path: Path,
    *,
    institution: str | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Read a list of a kind (one of KINDS) in, and tell what became of its rows.

    Raises TableUnreadable where the file is no such table (nothing was written then), Busy
    where the database stays busy: what was read till then is in, and the same file goes on
    from there.
    """
    institution = institution or house.settings.institution
    table = open_table(path)
    match = KINDS[kind].match(table)
    report = Report(kind, path.name, dry_run)
    rows = _told(KINDS[kind].read(table), table, progress)
    if kind in REGISTERS:
        _registers(house, institution, report, match, rows)
    else:
        _cases(house, institution, report, match, rows)
    if not report.rows:
        report.warn("filen har inga rader under rubrikerna.", "the file has no rows below its headers.")
    if progress:
        progress(table.total, table.total)
    return report


def _registers(house: House, institution: str, report: Report, match: Match, rows: Iterator[Outcome]) -> None:
    source = Source(report.kind, report.file, match.header_of, _columns(report.kind))
    _about_columns(report, match, register_rows.PARTNER_WITHOUT_PLACE if report.kind == "partners" else frozenset())
    importer = RegisterImport(house, institution, source, REGISTERS[report.kind], needs_units=report.kind != "partners")
    # A unit may stand above the one it belongs to, so units are taken together and put in order.
    _take_all(importer, report, iter(_in_order(rows)) if report.kind == "units" else rows)
    if not importer.concerned:
        return
    units = ", ".join(sorted(importer.concerned)[:MOST_NAMED])
    report.warn(
        f"kalender eller inställningar har ändrats ({units}); öppna frister där räknas om.",
        f"calendar or settings have changed ({units}); open deadlines there are worked out anew.",
    )
    if not report.dry_run:
        recount(house.cases, house.directory.organisation(institution))


def _cases(house: House, institution: str, report: Report, match: Match, rows: Iterator[Outcome]) -> None:
    reader = READERS[report.kind]()
    _about_columns(report, match, reader.without_place)
    source = Source(report.kind, report.file, match.header_of, _columns(report.kind), reader.columns_of_facts)
    _take_all(CaseImport(house, institution, source, reader), report, rows)


def _columns(kind: str) -> frozenset[str]:
    return frozenset(column.name for column in KINDS[kind].columns)


def _take_all(importer: Importer, report: Report, rows: Iterator[Outcome]) -> None:
    """Take the rows in, some hundred in a transaction; all in one where it is to be undone."""
    if report.dry_run:
        with importer.within(undo=True) as take:
            for batch in _batches(rows):
                _tell(report, _taken(take, batch))
        return
    for batch in _batches(rows):
        _tell(report, _committed(importer, batch))


def _tell(report: Report, taken: Iterable[tuple[int, Taken]]) -> None:
    for row, each in taken:
        report.add(row, each)


def _committed(importer: Importer, batch: list[Outcome]) -> list[tuple[int, Taken]]:
    """Take one batch in; nothing of it is told before it is committed. Raises Busy after some tries."""
    importer.look(_readable(batch))
    for attempt in range(1, TRIES + 1):
        try:
            with importer.within(undo=False) as take:
                taken = list(_taken(take, batch))
        except Busy:
            if attempt == TRIES:
                raise
        else:
            return taken
    raise Busy


def _taken(take: Callable[[Collection[Parsed]], Iterator[Taken]], batch: list[Outcome]) -> Iterator[tuple[int, Taken]]:
    """Each row of a batch with what became of it, in the order of the file."""
    outcomes = take(_readable(batch))
    for row in batch:
        yield row.number, Taken(Result.BAD, faults=row.faults) if isinstance(row, BadRow) else next(outcomes)


def _readable(batch: list[Outcome]) -> list[Parsed]:
    return [row for row in batch if isinstance(row, Parsed)]


def _batches(rows: Iterator[Outcome]) -> Iterator[list[Outcome]]:
    batch: list[Outcome] = []
    for row in rows:
        batch.append(row)
        if len(batch) == ROWS_AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _told(rows: Iterator[Outcome], table: Table, progress: Progress | None) -> Iterator[Outcome]:
    """The rows, telling now and then how far it has come."""
    for count, row in enumerate(rows):
        if progress and count % ROWS_AT_ONCE == 0:
            progress(row.number - table.header_row - 1, table.total)
        yield row


def _in_order(rows: Iterable[Outcome]) -> list[Outcome]:
    """The bad rows first, then the others so that each unit comes after the one above it."""
    every = list(rows)
    good = [row for row in every if isinstance(row, Parsed)]
    return [*(row for row in every if isinstance(row, BadRow)), *ordered(good)]


def _about_columns(report: Report, match: Match, without_place: frozenset[str]) -> None:
    """Tell which columns of the file are not taken in."""
    if unknown := match.unknown[:MOST_NAMED]:
        named = ", ".join(f"”{header}”" for header in unknown)
        report.warn(f"kolumner som inte känns igen: {named}.", f"columns that are not known: {named}.")
    if left := not_kept(match.header_of, without_place):
        named = ", ".join(f"”{header}”" for header in left)
        report.warn(
            f"kolumner som inte har någon plats här och inte sparas: {named}.",
            f"columns that have no place here and are not kept: {named}.",
        )
