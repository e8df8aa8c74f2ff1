"""Commands for what histories keep of what was declared: rules, and the process itself.

Both look at the office's own histories, or at a log of another system with its names mapped.
"""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from engine.calendar import Calendar
from engine.declare.naming import Naming, NamingWrong, Renamed, naming_of
from engine.declare.rulebook import RulebookWrong, rules_of
from engine.declare.tallying import Tallies
from engine.definition import Definition
from engine.eventlog import Trace
from engine.fitness import Fit, Fitness, replay, replay_own
from engine.logs import Logs, Span
from engine.ruling import Ruling, check_log
from engine.store.ready import DatabaseNotReady
from engine.vocabulary import Relates, Rule
from service.compose import load_catalogue
from service.rule_reports import MANY, fitness_json, fitness_lines, rules_json, rules_lines
from service.settings import Settings
from service.terminal import FOUND_WRONG, JsonOption, Misused, opened, progress, read_settings, show_json

LogOption = Annotated[
    Path | None,
    typer.Option("--log", metavar="FILE", help="A log of another system: XES, OCEL 2.0 or CSV, packed or not."),
]
MapOption = Annotated[
    Path | None, typer.Option("--map", metavar="FILE", help="TOML or JSON: the log's names → triggers and states.")
]
TypeOption = Annotated[
    str | None, typer.Option("--object-type", metavar="TYPE", help="Of an OCEL: the objects that are the cases.")
]

LARGEST: Final = 1_000_000
"""Bytes of a file of rules or names."""


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(rules)
    app.command()(fitness)


def rules(
    workflow: Annotated[str | None, typer.Argument(metavar="WORKFLOW", help="Without: all, or the log's own.")] = None,
    *,
    log: LogOption = None,
    names: MapOption = None,
    book: Annotated[
        Path | None, typer.Option("--rules", metavar="FILE", help="TOML: other rules, by template.")
    ] = None,
    object_type: TypeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check rules over histories: each case that broke one, with the events concerned."""
    settings = read_settings()
    given = _rules_in(book) if book else None
    _must_fit(log, names, object_type)
    if log is None:
        found = _over_own(settings, workflow, given)
        unknown = Counter[str]()
    else:
        found, unknown = _over_log(settings, log, workflow, names, given=given, object_type=object_type)
    if as_json:
        show_json(rules_json(found, unknown))
    else:
        for line in rules_lines(found, unknown):
            typer.echo(line)
    if any(tallies.broken for tallies in found.values()):
        raise typer.Exit(FOUND_WRONG)


def fitness(
    workflow: Annotated[str, typer.Argument(metavar="WORKFLOW")],
    *,
    log: LogOption = None,
    names: MapOption = None,
    object_type: TypeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare a declared process with what was really done: the share of steps that fit, and where cases left it."""
    settings = read_settings()
    _must_fit(log, names, object_type)
    definition = _definition(settings, workflow)
    fits: list[Fit] = []
    total = Fitness()
    for fit in _fits(settings, definition, log, names, object_type):
        total.add(fit)
        if as_json or (fit.departures and len(fits) < MANY):
            fits.append(fit)
    if as_json:
        show_json(fitness_json(definition, total, fits))
    else:
        for line in fitness_lines(definition, total, fits):
            typer.echo(line)
    if total.fitting_cases < total.cases:
        raise typer.Exit(FOUND_WRONG)


def _over_own(settings: Settings, workflow: str | None, given: tuple[Rule, ...] | None) -> Mapping[str, Tallies]:
    if given is not None and workflow is None:
        raise Misused("name the workflow whose histories the rules of the file are about")
    with opened(settings) as house, progress("Checking rules") as told:
        names = house.catalogue.names
        if workflow is not None and workflow not in names:
            raise Misused(f"there is no workflow {workflow!r}; there are {', '.join(names)}")
        institution = settings.institution
        organisation, ruling = house.directory.organisation(institution), Ruling(house.cases)
        return {
            name: ruling.all(institution, organisation, name, rules=given, told=told)
            for name in ([workflow] if workflow else names)
        }


def _over_log(
    settings: Settings,
    log: Path,
    workflow: str | None,
    names: Path | None,
    *,
    given: tuple[Rule, ...] | None,
    object_type: str | None,
) -> tuple[Mapping[str, Tallies], Counter[str]]:
    traces = _traces(log, object_type)
    if workflow is None:
        if given is None or names is not None:
            raise Misused("a log needs rules: give a WORKFLOW and --map, or --rules over the log's own names")
        return {log.name: check_log(given, traces, _calendar(settings, given))}, Counter()
    definition = _definition(settings, workflow)
    renamed = Renamed(_naming(names, definition), definition)
    chosen = definition.workflow.rules if given is None else given
    tallies = check_log(chosen, renamed.read(traces), _calendar(settings, chosen))
    return {workflow: tallies}, renamed.unknown


def _fits(
    settings: Settings, definition: Definition, log: Path | None, names: Path | None, object_type: str | None
) -> Iterator[Fit]:
    if log is not None:
        naming = _naming(names, definition)
        yield from (replay(definition, trace, naming) for trace in _traces(log, object_type))
        return
    with opened(settings) as house, progress("Replaying") as told:
        logs, span = Logs(house.store), Span(workflow=(definition.name,))
        count = logs.count(settings.institution, span)
        for done, trace in enumerate(logs.traces(settings.institution, span), start=1):
            yield replay_own(definition, trace)
            told(done, count)


# What is given.


def _must_fit(log: Path | None, names: Path | None, object_type: str | None) -> None:
    if log is None and (names or object_type):
        raise Misused("--map and --object-type are about a log; give --log FILE")
    for path in (log, names):
        if path is not None and not path.is_file():
            raise Misused(f"there is no file {path}")


def _definition(settings: Settings, workflow: str) -> Definition:
    catalogue = load_catalogue(settings)
    if workflow not in catalogue.names:
        raise Misused(f"there is no workflow {workflow!r}; there are {', '.join(catalogue.names)}")
    return catalogue.current(workflow)


def _traces(log: Path, object_type: str | None) -> Iterator[Trace]:
    """Stream a log case by case. Raises Misused where it cannot be read, at once or on the way."""
    # Imported here: the office's own histories need no reader of files.
    from adapters.eventlogs import LogUnreadable, read_traces  # noqa: PLC0415

    try:
        with progress(f"Reading {log.name}") as told:
            for done, trace in enumerate(read_traces(log, object_type=object_type), start=1):
                yield trace
                told(done, 0)
    except LogUnreadable as error:
        raise Misused(f"{log}: {error}") from error


def _rules_in(book: Path) -> tuple[Rule, ...]:
    try:
        return rules_of(_read(book))
    except RulebookWrong as error:
        raise Misused(f"{book}: {error}") from error


def _naming(names: Path | None, definition: Definition) -> Naming:
    try:
        return naming_of(_read(names), definition) if names else Naming()
    except NamingWrong as error:
        raise Misused(f"{names}: {error}") from error


def _read(path: Path) -> Mapping[str, Any]:
    """Read a table from TOML, or JSON where the name says so. Raises Misused."""
    if not path.is_file():
        raise Misused(f"there is no file {path}")
    if path.stat().st_size > LARGEST:
        raise Misused(f"{path} is larger than {LARGEST} bytes")
    try:
        text = path.read_text(encoding="utf-8")
        found = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise Misused(f"{path} cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise Misused(f"{path}: write a table")
    return found


def _calendar(settings: Settings, given: tuple[Rule, ...]) -> Calendar:
    """The institution's calendar; Sweden's public holidays alone where no database can be read."""
    if not any(isinstance(rule, Relates) and rule.within for rule in given):
        return Calendar()
    try:
        with opened(settings) as house:
            return house.directory.organisation(settings.institution).calendar(settings.institution)
    except DatabaseNotReady:
        return Calendar()
