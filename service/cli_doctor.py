"""The command that looks for cases that should be impossible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from itertools import groupby
from typing import Annotated, Any, Final

import typer

from engine.doctor.checks import BY_NAME
from engine.doctor.examining import Examined, Finding
from service.plain import both
from service.terminal import FOUND_WRONG, JsonOption, cases_named, opened, progress, show_json

MANY: Final = 20
"""So many findings of one check are printed; `--json` gives all."""


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(doctor)


def doctor(
    *,
    case: Annotated[
        list[str] | None, typer.Option("--case", metavar="NUMBER", help="Only this case; may be given several times.")
    ] = None,
    deep: Annotated[
        bool, typer.Option("--deep", help="Also decide every step anew, as `fardplan replay` does.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Look for cases that should be impossible, and say what to do about each. It repairs nothing."""
    with opened() as house:
        institution = house.settings.institution
        ids = cases_named(house.store, institution, case) if case else None
        with progress("Looking") if ids is None else nullcontext() as told:
            done = (
                house.doctor.all(institution, deep=deep, told=told)
                if ids is None
                else house.doctor.these(institution, ids, deep=deep)
            )
        numbers = house.doctor.numbers(institution, done.found)
    if as_json:
        show_json(_as_json(done, numbers, deep=deep))
    else:
        _tell(done, numbers)
    if done.found:
        raise typer.Exit(FOUND_WRONG)


def _tell(done: Examined, numbers: Mapping[str, str]) -> None:
    """What is wrong, by check, and what to do."""
    in_order = sorted(done.found, key=lambda each: (each.check, numbers.get(each.case, each.case), each.about))
    for name, group in groupby(in_order, key=lambda each: each.check):
        check, some = BY_NAME[name], list(group)
        typer.echo(f"{check.promise}: {check.label.en} ({name})")
        for each in some[:MANY]:
            typer.echo(f"  {_line(each, numbers)}")
        if len(some) > MANY:
            typer.echo(f"  … and {len(some) - MANY} more; --json lists all")
        typer.echo(f"  To do: {check.advice.en}")
    typer.echo(f"{done.cases} case(s) looked at: {_wrong(done.found)}")


def _line(found: Finding, numbers: Mapping[str, str]) -> str:
    about = "; ".join(words for words in (found.about.replace("\n", " "), found.what) if words)
    number = numbers.get(found.case, found.case)
    return f"{number}: {about}" if about else number


def _wrong(found: Sequence[Finding]) -> str:
    cases = len({each.case for each in found})
    return f"{len(found)} finding(s) in {cases} case(s)" if found else "nothing found"


def _as_json(done: Examined, numbers: Mapping[str, str], *, deep: bool) -> dict[str, Any]:
    return {
        "ok": not done.found,
        "deep": deep,
        "cases": done.cases,
        "keys": done.keys,
        "closed": done.closed,
        "findings": [_finding_as_json(each, numbers) for each in done.found],
    }


def _finding_as_json(found: Finding, numbers: Mapping[str, str]) -> dict[str, Any]:
    check = BY_NAME[found.check]
    return {
        "case": found.case,
        "number": numbers.get(found.case),
        "check": found.check,
        "promise": found.promise,
        "about": found.about,
        "what": found.what,
        "says": both(check.label),
        "do": both(check.advice),
    }
