"""The command that tries a changed workflow file on past and open cases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Final

import typer

from engine.canonical import instant
from engine.rehearsal import YEARS
from engine.rehearsing.report import Finding, Moved, Report, Shift
from service import rehearsing
from service.terminal import FOUND_WRONG, JsonOption, Misused, opened, progress, say, show_json

SHOWN: Final = 20
"""Of one kind of finding so many lines are shown; `--json` gives the others."""

MOST_YEARS: Final = 50

SHIFTS: Final = {
    Shift.MOVED: "{before} -> {after}",
    Shift.STARTED: "would start, due {after}",
    Shift.STOPPED: "would stop (was due {before})",
    Shift.RESTED: "would rest (was due {before})",
    Shift.RESUMED: "would run again, due {after}",
}


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(rehearse)


def rehearse(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A changed workflow file that is not in force.")],
    *,
    years: Annotated[
        int, typer.Option("--years", min=0, max=MOST_YEARS, help="How far back past steps are tried.")
    ] = YEARS,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the report beside the file; the pages show it.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Try a changed workflow file on past and open cases. Nothing is changed."""
    if not file.is_file():
        raise Misused(f"there is no file {file}")
    with opened() as house, progress(f"Trying {file.name}") as told:
        report = rehearsing.rehearsal(house).run(file, years=years, told=told)
    if keep:
        try:
            say(f"the report is kept in {rehearsing.keep(report, file)}")
        except OSError as error:
            raise Misused(f"the report cannot be kept beside {file}: {error.strerror}") from error
    if as_json:
        show_json(report.as_json())
    else:
        typer.echo("\n".join(in_words(report)))
    if not report.ok:
        raise typer.Exit(FOUND_WRONG)


def in_words(report: Report) -> Iterator[str]:
    """The report as lines of text."""
    before = f"version {report.before.number}" if report.before else "nothing"
    yield f"{report.label.en}: {report.file}, version {report.after.number}, held against {before}"
    since = instant(report.since).date()
    yield f"{report.cases} case(s) looked at; {report.open} open one(s) of the process"
    yield f"{report.steps} step(s) since {since} tried again"
    if report.without_detail:
        yield f"{report.without_detail} step(s) without detail: only held against the order of steps"
    if report.not_judged:
        yield f"{report.not_judged} step(s) not judged: the file asks for more than a history tells"
    counts = report.counts
    yield from _part("Open cases that would be stuck", counts.stuck, _stuck(report))
    yield from _part("Past steps that would have been refused", counts.refused, _findings(report.refused))
    yield from _part("Past steps that would have come out otherwise", counts.changed, _findings(report.changed))
    yield from _part("Deadlines of open cases that would move", counts.deadlines, map(_moved, report.deadlines))
    yield from _part("Roles nobody holds", counts.roles, _roles(report))
    yield from _part("Rules that past histories break", counts.rules, _findings(report.rules))
    yield from _part("Differences between the files", len(report.differences), _differences(report))
    yield "" if not report.ok else "\nNothing was found: past and open cases would go on as they do."


def _part(title: str, count: int, lines: Iterator[str]) -> Iterator[str]:
    if not count:
        return
    yield f"\n{title}: {count}"
    for nth, line in enumerate(lines):
        if nth == SHOWN:
            yield "  … more with --json"
            return
        yield f"  {line}"


def _stuck(report: Report) -> Iterator[str]:
    for each in report.stuck:
        yield f"{each.number} ({each.label.en}): {each.words.en} To do: {each.do.en}"


def _findings(found: tuple[Finding, ...]) -> Iterator[str]:
    for each in found:
        named = ", ".join(f"{one.number} (event {one.sequence})" for one in each.examples)
        yield f"{each.label.en}: {each.words.en} {each.times} time(s) in {each.cases} case(s): {named}"


def _moved(each: Moved) -> str:
    words = SHIFTS[each.shift].format(before=_day(each.before), after=_day(each.after))
    return f"{each.number}, {each.label.en}: {words}"


def _day(day: date | None) -> str:
    return day.isoformat() if day else "no day"


def _roles(report: Report) -> Iterator[str]:
    for each in report.roles:
        yield f"{' or '.join(each.roles)}@{each.unit}: {each.label.en} ({each.need}), {each.cases} open case(s)"


def _differences(report: Report) -> Iterator[str]:
    for each in report.differences:
        what = ", ".join(detail.what.en for detail in each.details)
        yield f"{each.change} in {each.part}: {each.label.en}{f' ({what})' if what else ''}"
