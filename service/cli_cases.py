"""Commands for workflow files, for what is due, and for lists that are read in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from engine import keeping
from engine.catalogue import Catalogue
from engine.definition import Definition
from engine.diagram import mermaid, svg
from engine.errors import WorkflowInvalid
from engine.loading import load
from engine.store.ready import DatabaseNotReady, must_be_ready
from engine.store.store import Store
from service.compose import load_catalogue, workflow_files
from service.settings import Settings
from service.terminal import FOUND_WRONG, JsonOption, Misused, opened, progress, read_settings, say, show_json


class Format(StrEnum):
    """How a diagram is written."""

    SVG = "svg"
    MERMAID = "mermaid"


class Language(StrEnum):
    """The language of a diagram."""

    SV = "sv"
    EN = "en"


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("import")(import_)
    for command in (check, diagram, tick):
        app.command()(command)


# Lists.


def import_(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="partners, units, people, absences, mandates, "
                                        "closing_days, agreements, applications, nominations or reviews.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV or XLSX.")],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Read a list in. The same list again changes nothing."""
    # Imported here: reading spreadsheets is dear, and other commands need none.
    from adapters.import_kinds import KINDS  # noqa: PLC0415
    from service import importing  # noqa: PLC0415

    if kind not in KINDS:
        raise Misused(f"there is no kind {kind!r}; give one of {', '.join(KINDS)}")
    if not file.is_file():
        raise Misused(f"there is no file {file}")
    with opened() as house, progress(f"Reading {file.name}") as told:
        report = importing.run(house, kind, file, dry_run=dry_run, progress=told)
    if as_json:
        show_json(report.as_json())
    else:
        typer.echo(report.as_text())
    if not report.ok:
        raise typer.Exit(FOUND_WRONG)


# Workflow files.


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a workflow file, or with what cases need of it."""

    workflow: str
    what: str


def check(
    files: Annotated[list[Path] | None, typer.Argument(metavar="FILE…", help="Without: all of this house.")] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Check workflow files: every fault, with the shortest way that breaks a rule."""
    settings = read_settings()
    given = files or []
    for path in given:
        if not path.is_file():
            raise Misused(f"there is no file {path}")
    known = workflow_files(settings)
    examined = tuple(given) or known.all
    loaded: dict[Path, Definition] = {}
    problems = list(_problems_of(examined, loaded))
    if not problems:
        problems = list(_problems_between(settings, given, loaded))
    if as_json:
        found = [{"workflow": each.workflow, "problem": each.what} for each in problems]
        show_json({"ok": not problems, "files": len(examined), "problems": found})
    else:
        for each in problems:
            typer.echo(f"{each.workflow}: {each.what}")
        say(f"{len(examined)} file(s) checked, {len(problems)} problem(s)")
    if problems:
        raise typer.Exit(FOUND_WRONG)


def _problems_of(paths: Iterable[Path], loaded: dict[Path, Definition]) -> Iterator[Problem]:
    """What is wrong within each file. Those that are right are added to `loaded`."""
    for path in paths:
        try:
            loaded[path] = load(path)
        except WorkflowInvalid as fault:
            yield from (Problem(fault.workflow, what) for what in fault.problems)


def _problems_between(settings: Settings, given: list[Path], loaded: dict[Path, Definition]) -> Iterator[Problem]:
    """What is wrong between files that are right each by itself, and what cases miss of them."""
    known = workflow_files(settings)
    now = {path.name: path for path in (*known.now, *given) if path not in known.past}
    beside = [path for path in (*now.values(), *known.past) if path not in loaded]
    wrong = list(_problems_of(beside, loaded))
    if wrong:
        yield from wrong
        return
    try:
        catalogue = Catalogue(
            now=tuple(loaded[path] for path in sorted(now.values())), past=tuple(loaded[path] for path in known.past)
        )
    except WorkflowInvalid as fault:
        yield from (Problem(fault.workflow, what) for what in fault.problems)
        return
    if given:
        return
    try:
        must_be_ready(settings.database_url)
    except DatabaseNotReady:
        say("cases were not looked at: there is no database that could be read")
        return
    store = Store(settings.database_url)
    try:
        yield from (Problem(each.workflow, each.words) for each in keeping.orphans(store, catalogue))
    finally:
        store.close()


def diagram(
    workflow: Annotated[str, typer.Argument(metavar="WORKFLOW")],
    *,
    format_: Annotated[Format, typer.Option("--format", help="How it is written.")] = Format.SVG,
    language: Annotated[Language, typer.Option("--language", help="Whose words.")] = Language.EN,
) -> None:
    """Draw a workflow, on standard output."""
    catalogue = load_catalogue(read_settings())
    if workflow not in catalogue.names:
        raise Misused(f"there is no workflow {workflow!r}; there are {', '.join(catalogue.names)}")
    draw = svg if format_ is Format.SVG else mermaid
    typer.echo(draw(catalogue.current(workflow), language.value), nl=False)


# Cases.


def tick(*, as_json: JsonOption = False) -> None:
    """Fire what is due and deliver what is owed, once."""
    with opened() as house:
        fired, sent = house.ticker.tick(limit=1_000_000), house.outbox.deliver_all()
    if as_json:
        show_json({"fired": fired, "sent": sent})
    else:
        typer.echo(f"{fired} rung(s) fired, {sent} message(s) sent")
