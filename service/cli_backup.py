"""Commands for the day something is lost: to back the database up, and to put a backup back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from adapters.system import SystemClock
from engine import backups
from engine.backups import Note
from engine.canonical import instant
from engine.recovery import Recovered, Recovery
from engine.store import restore_rows
from engine.store.backup_rows import BackupFailed, NotEmpty
from engine.store.migrate import upgrade
from engine.store.ready import reaching
from service.compose import House, build
from service.settings import Settings
from service.terminal import FOUND_WRONG, JsonOption, Misused, progress, read_settings, say, show_json

AFTERWARDS = """Nobody is signed in any more. What is left to do by hand (docs/recovery.md):
  - look at what may have been sent already: fardplan restore --list, and the page of messages (Admin)
  - withdraw again the tokens, and erase again what was erased, since the backup was made
  - give a new FARDPLAN_SECRET_KEY, so that links in old mails let nobody in
  - give a new FARDPLAN_CHECKPOINT_FOLDER and tell the auditors: checkpoints made since the backup no longer fit"""


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(backup)
    app.command()(restore)


def backup(
    to: Annotated[Path, typer.Argument(metavar="TO", help="The file to write; nothing is written over.")],
    *,
    as_json: JsonOption = False,
) -> None:
    """Back the whole database up while it is in use, and check what was written."""
    settings = read_settings()
    with _told_plainly(), reaching(settings.database_url):
        note = backups.make(settings.database_url, to, now=datetime.now(UTC))
    if as_json:
        show_json({"ok": True, "file": str(to), **asdict(note)})
    else:
        typer.echo(f"{to}: {_held(note)}, {note.bytes} bytes, checked; SHA-256 {note.sha256}")


def restore(
    source: Annotated[Path | None, typer.Argument(metavar="FROM", help="The backup.")] = None,
    *,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a restore that was broken off.")] = False,
    listing: Annotated[
        bool, typer.Option("--list", help="Only list what may have been sent already, of the last restore.")
    ] = False,
    leave_broken: Annotated[
        bool, typer.Option("--leave-broken", help="Finish although some cases cannot note it; their clocks run on.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Put a backup into an empty database, note it in every open case, and tell nobody anything twice."""
    if [source is not None, resume, listing].count(True) != 1:
        raise Misused("name the backup, or give --resume or --list; one of the three")
    settings = read_settings()
    if listing:
        _list(settings, as_json=as_json)
        return
    if settings.read_only:
        raise Misused("FARDPLAN_READ_ONLY is set: a restore changes the database; run it without")
    with _told_plainly(), reaching(settings.database_url):
        if source is not None:
            note = backups.put_back(settings.database_url, source, now=datetime.now(UTC))
            say(f"{source} is put back: {_held(note)}, as of {note.taken_at}; now it is noted in every open case")
        else:
            upgrade(settings.database_url)
    _finish(settings, leave_broken=leave_broken, as_json=as_json)


def _finish(settings: Settings, *, leave_broken: bool, as_json: bool) -> None:
    with _restoring(settings) as house, progress("Noting the restore") as told:
        done = Recovery(house.cases, house.ticker, SystemClock()).finish(leave_broken=leave_broken, told=told)
    if as_json:
        show_json({"ok": not done.broken, **asdict(done), "backup_at": instant(done.backup_at).isoformat()})
    else:
        _tell(done)
    if done.broken:
        raise typer.Exit(FOUND_WRONG)


def _tell(done: Recovered) -> None:
    typer.echo(
        f"{done.noted} open case(s) note it; {done.passed_by} reminder(s) passed by, {done.set_aside} message(s) set "
        f"aside: they may have been sent already; {done.steps} step(s) and reminders that were due were taken by the "
        "clock, and told nobody"
    )
    for each in done.broken:
        typer.echo(f"case {each.case}: NOT NOTED: {each.why}")
    if done.finished:
        say(AFTERWARDS)
    else:
        say(
            "the database is still read only: put the workflow file right and run fardplan restore --resume, or add "
            "--leave-broken to let the clocks of these cases run on as they are"
        )


def _list(settings: Settings, *, as_json: bool) -> None:
    with _restoring(settings) as house:
        found = Recovery(house.cases, house.ticker, SystemClock()).passed_by()
        aside = restore_rows.count_set_aside(house.store)
    if as_json:
        lines: list[dict[str, Any]] = [{**asdict(each), "due_at": instant(each.due_at).isoformat()} for each in found]
        show_json({"passed_by": lines, "set_aside": aside})
        return
    for each in found:
        typer.echo(f"{each.number}: {each.deadline}, {each.rung}, due {instant(each.due_at):%Y-%m-%d %H:%M} UTC")
    typer.echo(
        f"{len(found)} reminder(s) may have gone out already; {aside} message(s) are set aside: send again those that "
        "are missing, on the page of messages (Admin)"
    )


@contextmanager
def _restoring(settings: Settings) -> Iterator[House]:
    """The house of whoever puts the database back, closed at the end."""
    house = build(settings, restoring=True)
    try:
        yield house
    finally:
        house.close()


@contextmanager
def _told_plainly() -> Iterator[None]:
    """What stands in the way is for whoever called to mend."""
    try:
        yield
    except (BackupFailed, NotEmpty) as error:
        raise Misused(str(error)) from error


def _held(note: Note) -> str:
    newest = f", the newest of {note.newest_event}" if note.newest_event else ""
    return f"{note.cases} case(s), {note.events} event(s){newest}, schema {note.schema}"
