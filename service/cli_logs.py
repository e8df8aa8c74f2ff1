"""Event logs on the command line: histories written for process-mining tools, and checked column by column."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Annotated, Any, Final, Protocol, TypeAlias, TypeVar
from zoneinfo import ZoneInfo

import typer

from engine.canonical import micros
from engine.eventlog import Trace
from engine.legal_steps import legal_steps
from engine.logs import CASE_ATTRIBUTES, COLUMNS, EVENT_ATTRIBUTES, HEAD, Logs, Span
from service.compose import House, load_catalogue
from service.terminal import FOUND_WRONG, JsonOption, Misused, Told, day, read_settings, show_json

STOCKHOLM: Final = ZoneInfo("Europe/Stockholm")
OCEL_ENDINGS: Final = (".jsonocel", ".json", ".xmlocel", ".xml", ".sqlite")
T = TypeVar("T")

Writes: TypeAlias = Callable[[House, Path, tuple[str, ...] | None, Told], Mapping[str, Any]]


class WritesLog(Protocol):
    """Writes a log of all cases, or of those of these ids that are chosen; gives counts for the report."""

    def __call__(
        self, house: House, out: Path, ids: tuple[str, ...] | None, told: Told, chosen: Choice | None = None
    ) -> Mapping[str, Any]: ...


WorkflowOption = Annotated[list[str] | None, typer.Option("--workflow", help="Only of this workflow; repeatable.")]
SinceOption = Annotated[str | None, typer.Option("--since", metavar="DAY", help="Only cases opened from this day on.")]
UntilOption = Annotated[str | None, typer.Option("--until", metavar="DAY", help="Only cases opened before this day.")]
FactsOption = Annotated[bool, typer.Option("--with-facts", help="With the facts of the cases, which may name people.")]


def add_to(history: typer.Typer) -> None:
    """Add the commands about logs to the group of those about histories."""
    history.command("legality")(legality)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which cases go out, and whether their facts go along."""

    span: Span = field(default_factory=Span)
    facts: bool = False

    @property
    def empty(self) -> bool:
        """Whether nothing but the ordinary was asked for."""
        return self == Choice()


def choice(
    house: House, *, workflow: Iterable[str] | None, since: str | None, until: str | None, with_facts: bool
) -> Choice:
    """What the options choose: cases opened from the day `since` on and before the day `until`. Raises Misused."""
    names = tuple(workflow or ())
    for name in names:
        if name not in house.catalogue.names:
            raise Misused(f"there is no workflow {name!r}; there are {', '.join(house.catalogue.names)}")
    span = Span(workflow=names, since=_begin(day(since, "--since")), until=_begin(day(until, "--until")))
    return Choice(span, with_facts)


def _begin(of: date | None) -> int | None:
    return None if of is None else micros(datetime.combine(of, time(), STOCKHOLM))


# The formats. Each writes the cases of these ids (None: all) that are chosen, and gives the counts of the report.


def write_xes(
    house: House, out: Path, ids: tuple[str, ...] | None, told: Told, chosen: Choice | None = None
) -> Mapping[str, Any]:
    """Write XES, packed where the name ends in .gz."""
    from adapters.eventlogs import xes  # noqa: PLC0415  (few commands write logs)

    going = _Going(house, ids, told, chosen)
    head = replace(HEAD, attributes={"concept:name": house.settings.institution})
    xes.write_xes(out, head, going.traces())
    return going.counts


def write_csv(
    house: House, out: Path, ids: tuple[str, ...] | None, told: Told, chosen: Choice | None = None
) -> Mapping[str, Any]:
    """Write CSV, packed where the name ends in .gz; facts, where asked for, are columns of their own."""
    from adapters.eventlogs import csv_log  # noqa: PLC0415

    going = _Going(house, ids, told, chosen)
    attributes = (*CASE_ATTRIBUTES, *going.fact_columns())
    csv_log.write_csv(out, going.traces(), case_attributes=attributes, event_attributes=EVENT_ATTRIBUTES)
    return going.counts


def write_ocel2(
    house: House, out: Path, ids: tuple[str, ...] | None, told: Told, chosen: Choice | None = None
) -> Mapping[str, Any]:
    """Write OCEL 2.0 as JSON, XML or SQLite, as the name ends. Raises Misused for another ending."""
    from adapters.eventlogs.ocel_json import write_ocel_json  # noqa: PLC0415
    from adapters.eventlogs.ocel_sqlite import write_ocel_sqlite  # noqa: PLC0415
    from adapters.eventlogs.ocel_xml import write_ocel_xml  # noqa: PLC0415

    writers = (write_ocel_json, write_ocel_json, write_ocel_xml, write_ocel_xml, write_ocel_sqlite)
    found = {ending: write for ending, write in zip(OCEL_ENDINGS, writers, strict=True) if out.name.endswith(ending)}
    if not found:
        raise Misused(f"{out.name}: for OCEL 2.0 let the name end in {', '.join(OCEL_ENDINGS)}")
    going = _Going(house, ids, told, chosen)
    if going.chosen.facts:
        raise Misused("facts go along in XES and CSV, not in OCEL 2.0")
    log = Logs(house.store).objects(house.settings.institution, going.span)
    counted = replace(
        log,
        objects=lambda: going.counted("objects", log.objects()),
        events=lambda: going.counted("events", log.events()),
    )
    next(iter(found.values()))(out, counted)
    return going.counts


def write_parquet(
    house: House, out: Path, ids: tuple[str, ...] | None, told: Told, chosen: Choice | None = None
) -> Mapping[str, Any]:
    """Write Parquet, a row an event, in order of case and sequence: what `history legality` reads."""
    from adapters.eventlogs import columns  # noqa: PLC0415

    going = _Going(house, ids, told, chosen)
    if going.chosen.facts:
        raise Misused("facts go along in XES and CSV, not in Parquet")
    rows = Logs(house.store).rows(house.settings.institution, going.span)
    columns.write_parquet(out, COLUMNS, going.counted("events", rows))
    return going.counts


@dataclass
class _Going:
    """What goes out, counted as it goes."""

    house: House
    ids: tuple[str, ...] | None
    told: Told
    given: Choice | None
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def chosen(self) -> Choice:
        return self.given or Choice()

    @property
    def span(self) -> Span:
        return replace(self.chosen.span, cases=self.ids)

    def traces(self) -> Iterator[Trace]:
        logs, institution = Logs(self.house.store), self.house.settings.institution
        total = logs.count(institution, self.span)
        self.counts.update(cases=0, events=0)
        for trace in logs.traces(institution, self.span, facts=self.chosen.facts):
            yield trace
            self.counts["cases"] += 1
            self.counts["events"] += len(trace.events)
            self.told(self.counts["cases"], total)

    def counted(self, name: str, items: Iterable[T]) -> Iterator[T]:
        self.counts[name] = 0
        for item in items:
            yield item
            self.counts[name] += 1
            self.told(sum(self.counts.values()), 0)

    def fact_columns(self) -> tuple[str, ...]:
        """A column for each fact that the chosen workflows have or had."""
        if not self.chosen.facts:
            return ()
        catalogue = self.house.catalogue
        names = self.chosen.span.workflow or catalogue.names
        models = (each.workflow.facts for name in names for each in catalogue.versions(name))
        return tuple(dict.fromkeys(f"fact:{name}" for model in models for name in model.model_fields))


FORMATS: Final[Mapping[str, WritesLog]] = {
    "xes": write_xes,
    "ocel2": write_ocel2,
    "csv": write_csv,
    "parquet": write_parquet,
}
"""The formats of logs, by the name given to --format."""


def narrowed(format_: str, chosen: Choice) -> Writes:
    """Write only what is chosen. Raises Misused for a format that is no log."""
    if format_ not in FORMATS:
        raise Misused(f"--workflow, --since, --until and --with-facts go with {', '.join(FORMATS)}, not with {format_}")
    return lambda house, out, ids, told: FORMATS[format_](house, out, ids, told, chosen)


# The check.


def legality(
    file: Annotated[Path, typer.Argument(metavar="FILE.parquet", help="Written by `history export --format parquet`.")],
    *,
    as_json: JsonOption = False,
) -> None:
    """Check a Parquet export: no gap in any history, and every step allowed by the definition it was taken under."""
    from adapters.eventlogs import columns  # noqa: PLC0415

    if not file.is_file():
        raise Misused(f"there is no file {file}")
    catalogue = load_catalogue(read_settings())
    steps = legal_steps((*catalogue.past, *catalogue.now))
    edges = (columns.Edge(s.definition, s.kind, s.trigger, s.from_state, s.to_state) for s in steps)
    try:
        found = columns.legality(file, edges)
    except columns.ColumnsMissing as error:
        raise Misused(str(error)) from error
    wrong = found.first_wrong
    if as_json:
        first = {"case": wrong.case, "sequence": wrong.sequence, "what": wrong.what} if wrong else None
        show_json({"ok": wrong is None, "cases": found.cases, "events": found.events, "first_wrong": first})
    else:
        if wrong:
            typer.echo(f"{wrong.case}: WRONG at event {wrong.sequence}: {wrong.what}")
        typer.echo(f"{found.cases} case(s), {found.events} event(s): {'not legal' if wrong else 'all legal'}")
    if wrong:
        raise typer.Exit(FOUND_WRONG)
