"""Commands for whole histories: exporting them for auditors and other programs, and checking the database's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Final, TypeAlias

import typer

from adapters.checkpoints import KEY_FILE
from adapters.signing import NoteWrong, VerifierKey, open_checkpoint, read_keys
from engine import exporting
from engine.errors import EngineError, SealFailed
from engine.ports import Checkpoint
from engine.replay import Verdict
from engine.sealing import Sealing
from service import cli_logs
from service.compose import House
from service.terminal import FOUND_WRONG, JsonOption, Misused, Told, cases_named, opened, progress, say, show_json

Writes: TypeAlias = Callable[[House, Path, tuple[str, ...] | None, Told], Mapping[str, Any]]
"""Writes an export of all cases, or of those of these ids, to a path; gives counts for the report."""

TELL_EVERY: Final = 1000

history = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Whole histories: export and check them.")


class HistoryWrong(EngineError):
    """What was to be exported is not whole."""


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(history, name="history")
    cli_logs.add_to(history)


# Export.


@history.command()
def export(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The file to write.")],
    cases: Annotated[list[str] | None, typer.Argument(metavar="CASE…", help="Numbers or ids; without: all.")] = None,
    *,
    format_: Annotated[str, typer.Option("--format", help="How it is written; jsonl is complete.")] = "jsonl",
    workflow: cli_logs.WorkflowOption = None,
    since: cli_logs.SinceOption = None,
    until: cli_logs.UntilOption = None,
    with_facts: cli_logs.FactsOption = False,
    as_json: JsonOption = False,
) -> None:
    """Write histories to a file. The format jsonl is complete and can be checked with fardplan-verify."""
    writes = FORMATS.get(format_)
    if writes is None:
        raise Misused(f"there is no format {format_!r}; give one of {', '.join(FORMATS)}")
    _must_take_a_file(out)
    with opened() as house, progress(f"Writing {out.name}") as told:
        chosen = cli_logs.choice(house, workflow=workflow, since=since, until=until, with_facts=with_facts)
        if not chosen.empty:
            writes = cli_logs.narrowed(format_, chosen)
        try:
            report = writes(house, out, _ids(house, cases or []), told)
        except OSError as error:
            raise Misused(f"{error.filename or out} cannot be written: {error.strerror}") from error
    if as_json:
        show_json({"format": format_, "file": str(out), **report})
    else:
        counts = ", ".join(f"{value} {name}" for name, value in report.items())
        typer.echo(f"{out}: {counts}")


def _must_take_a_file(out: Path) -> None:
    """Raise Misused where no file can stand. A device would be replaced by the file that is to take its place."""
    if out.exists() and not out.is_file():
        raise Misused(f"{out} is a folder or something else than a file; name the file to write")
    if not out.parent.is_dir():
        raise Misused(f"{out} cannot be written: there is no folder {out.parent}")


def _ids(house: House, names: list[str]) -> tuple[str, ...] | None:
    """The ids of the cases named; None where none is."""
    return tuple(dict.fromkeys(cases_named(house.store, house.settings.institution, names))) or None


def _write_jsonl(house: House, out: Path, ids: tuple[str, ...] | None, told: Told) -> Mapping[str, Any]:
    """Seal first, so that the export holds what has happened until now; then write it whole or not at all."""
    institution = house.settings.institution
    if not house.sealing.signer.ready():
        key = house.settings.audit_key
        raise SealFailed(f"there is no key to sign with in {key}; make one: fardplan audit-key new")
    sealed = house.sealing.seal(institution, sweep=True)
    failed = [each for each in house.sealing.publish(institution) if each.error]
    export_ = exporting.prepare(house.sealing, house.catalogue, institution, ids)
    with _in_place_of(out) as file:
        for line in export_.lines():
            file.write(line)
            if export_.events % TELL_EVERY == 0:
                told(export_.events, export_.checkpoint.size)
    for place in failed:
        say(f"the checkpoint could not be put into {place.place}: {place.error}")
    if sealed.wrong:
        raise HistoryWrong(f"{out} holds what was sealed; not sealed: {sealed.wrong[0].words}")
    counts = {"events": export_.events, "details": export_.details, "cases": export_.cases}
    return counts | {"checkpoint": export_.checkpoint.size}


@contextmanager
def _in_place_of(out: Path) -> Iterator[BinaryIO]:
    """A file that takes the place of another once it is whole; what was there stays until then."""
    draft = out.with_name(f"{out.name}.part")
    try:
        with draft.open("wb") as file:
            yield file
        draft.replace(out)
    finally:
        draft.unlink(missing_ok=True)


FORMATS: Final[Mapping[str, Writes]] = {"jsonl": _write_jsonl, **cli_logs.FORMATS}
"""The formats, by the name given to --format."""


# Check.


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong. `sequence` is None, and `case` is, where it cannot be told."""

    what: str
    case: str | None = None
    number: str | None = None
    sequence: int | None = None

    @property
    def words(self) -> str:
        """What is wrong, and where."""
        where = [f"case {self.number or self.case}"] if self.case else []
        where += [f"event {self.sequence}"] if self.sequence else []
        return f"{', '.join(where)}: {self.what}" if where else self.what


@history.command()
def verify(
    *,
    checkpoints: Annotated[
        list[Path] | None, typer.Option("--checkpoint", metavar="FILE", help="A checkpoint kept elsewhere; repeatable.")
    ] = None,
    key: Annotated[
        Path | None, typer.Option("--key", metavar="FILE", help="The public keys; else those of the checkpoint folder.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Check the database itself: every history by replay, the rows beside it, the seals, outside checkpoints."""
    with opened() as house:
        institution = house.settings.institution
        keys = _keys(key or house.settings.checkpoint_folder / KEY_FILE)
        outside = [_checkpoint(path, keys) for path in checkpoints or []]
        with progress("Replaying") as told:
            verdicts = _replayed(house, institution, told)
        with progress("Comparing the seals") as told:
            checked = house.sealing.check(institution, outside=outside, told=told)
        notes = list(wrong_notes(house.sealing, institution, keys))
    found = [
        Finding(each.first_wrong.what, each.case, each.number, each.first_wrong.sequence)
        for each in verdicts
        if each.first_wrong
    ]
    if checked.wrong:
        wrong = checked.wrong
        found.append(Finding(wrong.what, wrong.case, wrong.number, wrong.sequence))
    found += (Finding(what) for what in notes)
    counts = {
        "cases": len(verdicts),
        "events": sum(each.events for each in verdicts),
        "without_detail": sum(each.without_detail for each in verdicts),
        "sealed": checked.size,
        "outside_checkpoints": len(outside),
    }
    _show(counts, found, as_json=as_json)
    if found:
        raise typer.Exit(FOUND_WRONG)


def _replayed(house: House, institution: str, told: Told) -> list[Verdict]:
    replaying = house.replay()
    total = len(list(replaying.cases(institution)))
    verdicts = []
    for verdict in replaying.all(institution):
        verdicts.append(verdict)
        told(len(verdicts), total)
    return verdicts


def wrong_notes(sealing: Sealing, institution: str, keys: Sequence[VerifierKey]) -> Iterator[str]:
    """Which stored checkpoints are not what was signed, in words. Without any key nothing is compared."""
    try:
        stored = sealing.checkpoints(institution) if keys else ()
    except ValueError as error:
        yield f"the stored checkpoints cannot be read: {error}"
        return
    for each in stored:
        try:
            said = open_checkpoint(each.note, keys)
        except NoteWrong as error:
            yield f"the stored checkpoint of {each.size}: {error}"
        else:
            if (said.origin, said.size, said.root) != (each.origin, each.size, each.root):
                yield f"the stored checkpoint of {each.size} is not what its note says"


def _keys(path: Path) -> tuple[VerifierKey, ...]:
    """The keys of a file. Raises Misused; where the checkpoint folder has no such file, says so."""
    if not path.exists() and path.name == KEY_FILE:
        say(f"signatures were not looked at: there is no {path}")
        return ()
    try:
        return read_keys(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise Misused(f"{path} cannot be read: {error}") from error


def _checkpoint(path: Path, keys: Sequence[VerifierKey]) -> Checkpoint:
    """A checkpoint from outside, its signature verified. Raises Misused, or HistoryWrong for a wrong signature."""
    try:
        note = path.read_text("utf-8")
    except (OSError, ValueError) as error:
        raise Misused(f"{path} cannot be read: {error}") from error
    try:
        return open_checkpoint(note, keys)
    except NoteWrong as error:
        raise HistoryWrong(f"{path}: {error}") from error


def _show(counts: Mapping[str, int], found: list[Finding], *, as_json: bool) -> None:
    if as_json:
        wrong = [{"case": f.case, "number": f.number, "sequence": f.sequence, "what": f.what} for f in found]
        show_json({"ok": not found, **counts, "wrong": wrong})
        return
    for each in found:
        typer.echo(f"WRONG: {each.words}")
    typer.echo(
        f"{counts['events']} event(s) of {counts['cases']} case(s) replayed, "
        f"{counts['without_detail']} without detail; "
        f"{counts['sealed']} sealed; {counts['outside_checkpoints']} outside checkpoint(s) compared; "
        f"{len(found)} thing(s) wrong"
    )
