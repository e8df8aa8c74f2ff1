"""The command that makes audit folders: `fardplan dossier`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from engine.auditing import Readings
from engine.canonical import micros
from engine.dossiers.making import Dossiers
from engine.dossiers.values import Standing
from service.compose import House
from service.terminal import FOUND_WRONG, JsonOption, Misused, cases_named, day, opened, progress, say, show_json

MANY: Final = 200
"""From so many cases on only those with something missing or late are listed."""


class Format(StrEnum):
    """What a folder is written as."""

    ZIP = "zip"
    PDF = "pdf"


class Language(StrEnum):
    """The language of a folder."""

    SV = "sv"
    EN = "en"


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for on the command line."""

    cases: tuple[str, ...]
    out: Path
    format: Format
    language: Language
    reader: str | None
    number: int | None
    seed: str | None
    workflow: str | None
    since: str | None
    until: str | None

    @property
    def single(self) -> bool:
        """Whether `out` names a file rather than a folder."""
        return self.out.suffix in {".zip", ".pdf"} and not self.out.is_dir()


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(dossier)


def dossier(
    cases: Annotated[list[str] | None, typer.Argument(metavar="CASE…", help="Numbers or ids.")] = None,
    *,
    out: Annotated[Path, typer.Option("--out", help="A folder; of one case also a file, .zip or .pdf.")] = Path(),
    format_: Annotated[Format | None, typer.Option("--format", help="ZIP with all files, or the PDF alone.")] = None,
    language: Annotated[Language, typer.Option("--language", help="Whose words.")] = Language.SV,
    sample: Annotated[int | None, typer.Option("--sample", min=1, help="Draw so many ended cases.")] = None,
    seed: Annotated[str | None, typer.Option("--seed", help="Draws the same sample again.")] = None,
    workflow: Annotated[str | None, typer.Option("--workflow", help="The process to draw from.")] = None,
    closed_since: Annotated[str | None, typer.Option("--closed-since", help="Ended on this day or later.")] = None,
    closed_until: Annotated[str | None, typer.Option("--closed-until", help="Ended on this day or before.")] = None,
    reader: Annotated[str | None, typer.Option("--reader", help="Mail address of who reads it: that is noted.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 where something is missing or late.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Make audit folders: what is there, what is missing, what came after the fact, with the whole history."""
    chosen = format_ or (Format.PDF if out.suffix == ".pdf" else Format.ZIP)
    asked = Asked(tuple(cases or ()), out, chosen, language, reader, sample, seed, workflow, closed_since, closed_until)
    _must_fit(asked)
    with opened() as house, progress("Making folders") as told:
        made = []
        for done, total, each in _made(house, asked):
            made.append(each)
            told(done, total)
    _show(made, asked, as_json=as_json)
    if strict and any(each["missing"] or each["after_the_fact"] for each in made):
        raise typer.Exit(FOUND_WRONG)


def _must_fit(asked: Asked) -> None:
    drawing = asked.number is not None
    if bool(asked.cases) == drawing:
        raise Misused("name the cases, or give --sample N with --seed and --workflow")
    if drawing and (asked.seed is None or asked.workflow is None):
        raise Misused("--sample draws by --seed from the ended cases of --workflow: give both")
    if not drawing and any((asked.seed, asked.workflow, asked.since, asked.until)):
        raise Misused("--seed, --workflow, --closed-since and --closed-until go with --sample")
    if asked.single and (drawing or len(asked.cases) > 1):
        raise Misused(f"{asked.out} is one file: name a folder for several cases")
    if asked.single and asked.out.suffix != f".{asked.format}":
        raise Misused(f"{asked.out} does not end in .{asked.format}")


def _made(house: House, asked: Asked) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """Make the folders and write them; each with how many are done, of how many."""
    # Imported here: writing PDF is dear, and other commands need none of it.
    from service import dossier_files, dossier_words  # noqa: PLC0415
    from service.pages.saying import Speech  # noqa: PLC0415

    organisation = house.directory.organisation(house.settings.institution)
    dossiers = Dossiers(house.cases, organisation)
    draw = _draw(dossiers, asked)
    ids = _ids(house, asked.cases) if draw is None else [each.id for each in draw.sample.drawn]
    folders = []
    for place, folder in enumerate(dossiers.make(ids), start=1):
        told = dossier_words.tell(house, folder, organisation, asked.language.value)
        # Noted when it is made, and so not in the folder itself.
        _note(house, asked.reader, folder.case.id)
        make = dossier_files.folder_pdf if asked.format is Format.PDF else dossier_files.folder_zip
        content = make(told, draw)
        path = asked.out if asked.single else asked.out / f"{folder.case.number}.{asked.format}"
        _write(path, content)
        if draw is not None:
            folders.append(told)
        yield (
            place,
            len(ids),
            {
                "case": folder.case.id,
                "number": folder.case.number,
                "file": str(path),
                **{standing.value: folder.count(standing) for standing in Standing},
            },
        )
    if draw is not None:
        speech = Speech(asked.language.value, 0, organisation.calendar(organisation.institution))
        for name, content in dossier_files.sample_files(folders, draw, speech).items():
            _write(asked.out / name, content)


def _draw(dossiers: Dossiers, asked: Asked) -> Any:
    from service.dossier_files import Draw  # noqa: PLC0415 - as above

    if asked.number is None or asked.seed is None or asked.workflow is None:
        return None
    since, until = day(asked.since, "--closed-since"), day(asked.until, "--closed-until")
    sample = dossiers.sample(workflow=asked.workflow, seed=asked.seed, number=asked.number, since=since, until=until)
    say(f"drew {len(sample.drawn)} of {sample.size} ended cases by the seed {sample.seed!r}")
    return Draw(sample, asked.workflow, since, until)


def _ids(house: House, names: tuple[str, ...]) -> list[str]:
    return list(dict.fromkeys(cases_named(house.store, house.settings.institution, names)))


def _note(house: House, reader: str | None, case: str) -> None:
    """Note that the folder was made for somebody."""
    if reader is None:
        return
    institution = house.settings.institution
    person = house.directory.person_by_email(institution, reader)
    if person is None:
        raise Misused(f"--reader: there is nobody with the address {reader}")
    now = micros(house.clock.now())
    today = house.directory.organisation(institution).calendar(institution).day_at(now)
    Readings(house.store).note(institution, person.id, case, at=now, day=today)


def _write(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read: there are people in it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
    except OSError as error:
        raise Misused(f"{path} cannot be written: {error.strerror}") from error


def _show(made: list[dict[str, Any]], asked: Asked, *, as_json: bool) -> None:
    if as_json:
        show_json({"format": asked.format.value, "seed": asked.seed, "folders": made})
        return
    for each in made:
        if len(made) < MANY or each["missing"] or each["after_the_fact"]:
            typer.echo(_line(each))
    missing, after = (sum(each[name] for each in made) for name in ("missing", "after_the_fact"))
    typer.echo(f"{len(made)} folder(s): {missing} paper(s) missing, {after} after the fact")


def _line(made: dict[str, Any]) -> str:
    return (
        f"{made['number']}: {made['present']} present, {made['missing']} missing, "
        f"{made['after_the_fact']} after the fact, {made['erased']} erased: {made['file']}"
    )
