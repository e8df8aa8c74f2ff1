"""Commands for internal audit's reports, and for what the histories tell of how processes really run."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Annotated, Any, Final

import typer

from engine.canonical import micros
from engine.reports.index import REPORTS, Filter, Line, Report, Reports
from engine.ways import Told, Ways
from service.compose import House
from service.pages.saying import Speech
from service.reporting import csv_of, json_of, said
from service.terminal import JsonOption, Misused, day, opened, progress, say, show_json
from service.terminal import Told as Progress

SinceOption = Annotated[str | None, typer.Option("--since", metavar="DATE", help="From this day on.")]
UntilOption = Annotated[
    str | None, typer.Option("--until", metavar="DATE", help="Until this day, itself included; for `rights`: on it.")
]
UnitOption = Annotated[str | None, typer.Option("--unit", metavar="CODE", help="A unit, with those below it.")]
WorkflowOption = Annotated[str | None, typer.Option("--workflow", metavar="NAME", help="One process.")]

DAY: Final = 86_400_000_000
"""Microseconds."""

WAYS: Final = 5
"""How many ways are printed of each process; `--json` gives more."""


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(report)
    app.command()(insight)


# Reports.


def report(
    name: Annotated[str, typer.Argument(metavar="NAME", help=f"{', '.join(REPORTS)}.")],
    *,
    since: SinceOption = None,
    until: UntilOption = None,
    unit: UnitOption = None,
    workflow: WorkflowOption = None,
    kind: Annotated[str | None, typer.Option("--kind", help="One kind of line, where the report has kinds.")] = None,
    csv: Annotated[Path | None, typer.Option("--csv", metavar="OUT", help="Write it as CSV; `-`: print it.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Print a report for internal audit; each line names the events it rests on."""
    if name not in REPORTS:
        raise Misused(f"there is no report {name!r}; there are {', '.join(REPORTS)}")
    if csv is not None and as_json:
        raise Misused("give --csv or --json, not both")
    chosen = REPORTS[name]
    with opened() as house:
        narrowed = Filter(
            since=day(since, "--since"),
            until=day(until, "--until"),
            unit=_known(unit, house.directory.organisation(house.settings.institution).units, "unit"),
            workflow=_known(workflow, house.catalogue.names, "workflow"),
            kind=_known(kind, chosen.kinds, "kind"),
        )
        with progress(f"Reading {name}") as told:
            lines = _counted(Reports(house.cases).all(house.settings.institution, None, name, narrowed), told)
            _write(house, chosen, narrowed, lines, csv=csv, as_json=as_json)


def _known(given: str | None, there: Iterable[str], what: str) -> str | None:
    if given is not None and given not in set(there):
        raise Misused(f"there is no {what} {given!r} here; there are {', '.join(sorted(there)) or 'none'}")
    return given


def _counted(lines: Iterable[Line], told: Progress) -> Iterator[Line]:
    for count, line in enumerate(lines, start=1):
        told(count, count)
        yield line


def _write(
    house: House, chosen: Report, narrowed: Filter, lines: Iterable[Line], *, csv: Path | None, as_json: bool
) -> None:
    organisation = house.directory.organisation(house.settings.institution)
    speech = Speech("en", micros(house.clock.now()), organisation.calendar(house.settings.institution))
    if as_json:
        _pour(json_of(chosen, narrowed, lines), sys.stdout.buffer)
    elif csv is not None and str(csv) != "-":
        with csv.open("wb") as file:
            _pour(csv_of(chosen, lines, speech, organisation), file)
        say(f"written to {csv}")
    elif csv is not None:
        _pour(csv_of(chosen, lines, speech, organisation), sys.stdout.buffer)
    else:
        for count, line in enumerate(lines):
            typer.echo(("\n" if count else "") + _told(chosen, line, speech, organisation))


def _pour(pieces: Iterable[bytes], file: IO[bytes]) -> None:
    for piece in pieces:
        file.write(piece)
    file.flush()


def _told(chosen: Report, line: Line, speech: Speech, organisation: Any) -> str:
    """A line as a paragraph: the events it rests on, then each column that has something to say."""
    rests = ", ".join(f"{event.number}/{event.sequence}" for event in line.events)
    first = rests or f"change {line.version}"
    pairs = ((column.label.en, said(speech, organisation, line.values.get(column.name))) for column in chosen.columns)
    return "\n".join([first, *(f"  {label}: {words}" for label, words in pairs if words)])


# How processes run.


def insight(
    workflow: Annotated[str | None, typer.Argument(metavar="WORKFLOW", help="Without: all of them.")] = None,
    *,
    since: SinceOption = None,
    until: UntilOption = None,
    unit: UnitOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell how processes really run: waiting, ways taken, rework; of the cases opened in a period."""
    first, last = day(since, "--since"), day(until, "--until")
    with opened() as house:
        named = _known(workflow, house.catalogue.names, "workflow")
        organisation = house.directory.organisation(house.settings.institution)
        top = _known(unit, organisation.units, "unit")
        units = tuple(code for code in organisation.units if top in organisation.upwards(code)) if top else ()
        with progress("Reading histories"):
            found = Ways(house.cases).told(
                house.settings.institution,
                None,
                workflow=(named,) if named else (),
                unit=units,
                since=first,
                until=last,
            )
    if as_json:
        show_json({"processes": [as_told(each) for each in found]})
    elif not found:
        say("no case was opened in that period")
    else:
        typer.echo("\n\n".join(_printed(each) for each in found))


def as_told(told: Told) -> dict[str, Any]:
    """What is told of a process, for a program. Times are in days."""
    return {
        "workflow": told.workflow,
        "cases": told.cases,
        "events": told.events,
        "states": [
            {
                "state": each.state, "waits_for": each.role, "visits": each.visits, "median_days": _days(each.median),
                "ninetieth_days": _days(each.ninetieth), "standing": each.standing, "waited_days": _days(each.waited),
                "share_percent": each.share, "entered_again": each.again,
            }
            for each in told.stays
        ],
        "waiting": [
            {"role": each.role, "waited_days": _days(each.waited), "share_percent": each.share}
            for each in told.waiting
        ],
        "ways": [
            {
                "states": [state.en for state in each.states], "cases": each.cases, "share_percent": each.share,
                "median_days": None if each.median is None else _days(each.median),
            }
            for each in told.ways
        ],
        "different_ways": told.different,
        "reworked": told.reworked,
        "entered_again": {each.words.en: each.cases for each in told.again},
        "went_back": {each.words.en: each.cases for each in told.undone},
        "repeated": {each.words.en: each.cases for each in told.repeated},
    }  # fmt: skip


def _printed(told: Told) -> str:
    lines = [f"{told.label.en}: {told.cases} case(s), {told.different} different way(s), {told.reworked} with rework"]
    lines.append("  where cases wait (days: median, nine in ten within, all together)")
    for stay in told.stays:
        share = "waits for nothing" if stay.share is None else f"{stay.share:.1f} % of all waiting"
        whom = f", for {stay.role}" if stay.role else ""
        lines.append(
            f"    {stay.label.en}{whom}: {_days(stay.median)}, {_days(stay.ninetieth)}, {_days(stay.waited)}; {share}"
        )
    lines.append("  ways taken")
    for way in told.ways[:WAYS]:
        took = "" if way.median is None else f", median {_days(way.median)} days"
        lines.append(f"    {way.cases} ({way.share:.1f} %{took}): {' > '.join(state.en for state in way.states)}")
    for heading, found in (("entered again", told.again), ("went back", told.undone), ("repeated", told.repeated)):
        lines += [f"  {heading}: {each.words.en}, {each.cases} case(s)" for each in found[:WAYS]]
    return "\n".join(lines)


def _days(microseconds: int) -> float:
    return round(microseconds / DAY, 1)
