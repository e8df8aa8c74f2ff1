"""Event logs as files: XES (IEEE 1849-2016), OCEL 2.0 (JSON, XML, SQLite), CSV and Parquet.

All are written and read in bounded memory: one case, one object or one event at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import tzinfo
from pathlib import Path
from typing import Final

from adapters.eventlogs.csv_log import OURS, Columns, read_csv
from adapters.eventlogs.files import STOCKHOLM, LogUnreadable, LogUnwritable
from adapters.eventlogs.flattening import flattened
from adapters.eventlogs.ocel_json import read_ocel_json
from adapters.eventlogs.ocel_sqlite_reading import read_ocel_sqlite
from adapters.eventlogs.ocel_xml import read_ocel_xml
from adapters.eventlogs.xes import XesLog
from engine.eventlog import ObjectLog, Trace

__all__ = ["Columns", "LogUnreadable", "LogUnwritable", "flattened", "read_objects", "read_traces"]

OCEL: Final[dict[str, Callable[[Path, tzinfo], ObjectLog]]] = {
    ".jsonocel": read_ocel_json,
    ".json": read_ocel_json,
    ".xmlocel": read_ocel_xml,
    ".xml": read_ocel_xml,
    ".sqlite": read_ocel_sqlite,
    ".db": read_ocel_sqlite,
}
"""How OCEL 2.0 files end, the names the standard proposes first."""


def read_traces(
    path: Path, *, columns: Columns = OURS, object_type: str | None = None, zone: tzinfo = STOCKHOLM
) -> Iterator[Trace]:
    """Read any log case by case; which format it is its name tells, packed (.gz) or not.

    `columns` names the columns of a CSV; `object_type` whose objects an OCEL's cases are; in
    `zone` times are meant that name none. Raises LogUnreadable, at once or while reading.
    """
    ending = _ending(path)
    if ending == ".xes":
        return XesLog(path).traces()
    if ending == ".csv":
        return read_csv(path, columns, zone)
    log = read_objects(path, zone=zone)
    types = ", ".join(sorted(each.name for each in log.object_types))
    if object_type is None or all(each.name != object_type for each in log.object_types):
        raise LogUnreadable(
            f"Ange vilken typ av objekt som är ärenden: {types}.", f"Say which type of objects are the cases: {types}."
        )
    return flattened(log, object_type)


def read_objects(path: Path, *, zone: tzinfo = STOCKHOLM) -> ObjectLog:
    """Open an OCEL 2.0 log in any of its three forms. Raises LogUnreadable, at once or while reading."""
    ending = _ending(path)
    if ending not in OCEL:
        raise LogUnreadable(
            f"Filnamnet {path.name} säger inte vilket slags logg det är: .xes, .csv, .jsonocel, .xmlocel, .sqlite.",
            f"The name {path.name} does not say what kind of log it is: .xes, .csv, .jsonocel, .xmlocel, .sqlite.",
        )
    return OCEL[ending](path, zone)


def _ending(path: Path) -> str:
    return Path(path.name.removesuffix(".gz")).suffix.lower()
