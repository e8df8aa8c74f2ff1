"""The command that replays histories: from the database, or from an export without one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Final

import typer

from engine.canonical import instant
from engine.model import Case
from engine.replay import Verdict
from engine.store.migrate import upgrade
from engine.store.ready import must_be_ready
from engine.store.store import Store
from engine.unpacking import Unpacked, unpack
from service import compose
from service.replaying import Limit, Reader, Source, spread
from service.settings import Settings
from service.terminal import FOUND_WRONG, JsonOption, Misused, cases_named, progress, read_settings, show_json

MANY: Final = 50
"""From so many cases on only those that are wrong are listed."""


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(replay)


def replay(
    cases: Annotated[list[str] | None, typer.Argument(metavar="CASE…", help="Numbers or ids.")] = None,
    *,
    all_: Annotated[bool, typer.Option("--all", help="Every case of the institution.")] = False,
    until: Annotated[
        str | None, typer.Option("--until", help="Only up to this: a sequence, a day or an instant (RFC 3339).")
    ] = None,
    facts: Annotated[bool, typer.Option("--facts", help="Show state and facts as they then were.")] = False,
    export: Annotated[
        Path | None, typer.Option("--export", help="Read an export (JSON lines) instead of the database.")
    ] = None,
    processes: Annotated[int, typer.Option("--processes", min=1, max=64, help="Spread over so many.")] = 1,
    quick: Annotated[bool, typer.Option("--quick", help="Only walk the steps along their graphs; with --all.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Replay histories through the very rules that ran them, and compare each byte."""
    if bool(cases) == all_:
        raise Misused("name the cases to replay, or give --all")
    limit, settings = _limit(until), read_settings()
    if quick:
        if not all_ or until or facts:
            raise Misused("--quick goes with --all, and with neither --until nor --facts")
        with _histories(settings, export) as reader:
            _walk(reader, as_json=as_json)
        return
    with _histories(settings, export) as reader:
        ids = cases_named(reader.store, reader.source.institution, cases) if cases else reader.ids()
        judged = reader.verdicts(ids, limit)
        if processes > 1:
            judged = spread(reader.source, settings, ids, limit, processes)
        verdicts: list[Verdict] = []
        with progress("Replaying") as told:
            for verdict in judged:
                verdicts.append(verdict)
                told(len(verdicts), len(ids))
        then = {case: reader.facts(case, limit) for case in ids} if facts else {}
    _show(verdicts, then, as_json=as_json)


@contextmanager
def _histories(settings: Settings, export: Path | None) -> Iterator[Reader]:
    """What is to be replayed, put away at the end."""
    catalogue = compose.load_catalogue(settings)
    if export is None:
        must_be_ready(settings.database_url)
        with closing(Reader(Source(settings.database_url, settings.institution), catalogue)) as reader:
            yield reader
        return
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'export.db'}"
        found = _unpacked(export, url)
        declared = {each.hash for name in catalogue.names for each in catalogue.versions(name)}
        for hash_, (workflow, version) in found.definitions.items():
            if hash_ not in declared:
                raise Misused(
                    f"no workflow file here declares {workflow} {version} as the export names it ({hash_[:12]}…); "
                    f"lay the file it was made with into past/{workflow}_{version}.py"
                )
        if not found.organisation:
            raise Misused("the export holds no organisation (roles, units, closing days), so no step can be decided")
        with closing(Reader(Source(url, found.institution, rows=False), catalogue)) as reader:
            yield reader


def _unpacked(export: Path, url: str) -> Unpacked:
    """Read the export into a database of its own, which is thrown away afterwards."""
    upgrade(url)
    store = Store(url, durable=False)
    try:
        with export.open("rb") as lines, progress(f"Reading {export.name}") as told:
            return unpack(lines, store, lambda done: told(done, done))
    except OSError as error:
        raise Misused(f"{export} cannot be read: {error.strerror}") from error
    finally:
        store.close()


def _walk(reader: Reader, *, as_json: bool) -> None:
    """Walk every history along its graph, and tell of those that leave it."""
    with progress("Walking") as told:
        walked, found = reader.walk(lambda done: told(done, done))
    if as_json:
        lines = [{"case": each.case, "sequence": each.sequence, "what": each.what} for each in found]
        show_json({"ok": not found, "cases": walked.cases, "events": walked.events, "wrong": lines})
    else:
        for each in found:
            typer.echo(f"{reader.number(each.case)}: WRONG at event {each.sequence}: {each.what}")
        typer.echo(f"{walked.cases} case(s), {walked.events} event(s) walked: {len(found)} case(s) wrong")
    if found:
        raise typer.Exit(FOUND_WRONG)


def _limit(until: str | None) -> Limit:
    """Up to where: a sequence, or an instant. A day is meant with all its hours (UTC)."""
    if until is None:
        return None
    if until.isascii() and until.isdigit():
        return int(until)
    try:
        if len(until) == len("2026-12-21"):
            last = date.fromisoformat(until)
            return datetime(last.year, last.month, last.day, 23, 59, 59, 999_999, tzinfo=UTC)
        at = datetime.fromisoformat(until)
    except ValueError as error:
        raise Misused(f"--until {until!r}: give a sequence, a day or an instant") from error
    if at.tzinfo is None:
        raise Misused(f"--until {until!r}: give the instant with its time zone")
    return at


def _show(verdicts: list[Verdict], then: Mapping[str, Case | None], *, as_json: bool) -> None:
    wrong = [each for each in verdicts if not each.ok]
    if as_json:
        show_json({"ok": not wrong, "cases": [_as_json(each) | _then(then, each.case) for each in verdicts]})
    else:
        for each in verdicts if len(verdicts) < MANY or then else wrong:
            typer.echo(_in_words(each))
            for line in _facts_in_words(then.get(each.case)):
                typer.echo(line)
        events, without = sum(v.events for v in verdicts), sum(v.without_detail for v in verdicts)
        typer.echo(f"{len(verdicts)} case(s), {events} event(s), {without} without detail: {len(wrong)} case(s) wrong")
    if wrong:
        raise typer.Exit(FOUND_WRONG)


def _as_json(verdict: Verdict) -> dict[str, Any]:
    wrong = verdict.first_wrong
    return {
        "case": verdict.case,
        "number": verdict.number,
        "ok": verdict.ok,
        "events": verdict.events,
        "without_detail": verdict.without_detail,
        "first_wrong": {"sequence": wrong.sequence, "what": wrong.what} if wrong else None,
    }


def _then(then: Mapping[str, Case | None], case: str) -> dict[str, Any]:
    """State and facts as they then were, where they were asked for."""
    if case not in then:
        return {}
    was = then[case]
    return {"then": {"state": was.state, "version": was.version, "facts": dict(was.facts)} if was else None}


def _facts_in_words(was: Case | None) -> Iterator[str]:
    if was is None:
        return
    yield f"  {was.state}, after event {was.version} of {instant(was.updated_at):%Y-%m-%d %H:%M} UTC"
    for name, value in was.facts.items():
        if value not in (None, [], {}):
            yield f"  {name}: {value}"


def _in_words(verdict: Verdict) -> str:
    wrong = verdict.first_wrong
    name = verdict.number or verdict.case
    if wrong is None:
        return f"{name}: {verdict.events} event(s) replayed"
    where = f"event {wrong.sequence}" if wrong.sequence else "the case row"
    return f"{name}: WRONG at {where}: {wrong.what}"
