"""Commands that ask one thing of many cases: to erase their details, to carry them over to a newer version."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from engine.model import IMPORT_PARTY, ErasureReason
from engine.one_by_one import Result
from engine.store.keeping_rows import CaseLine
from service.compose import House
from service.terminal import FOUND_WRONG, JsonOption, Misused, cases_named, day, opened, progress, say, show_json

DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(erase)
    app.command()(migrate)


def erase(
    cases: Annotated[list[str] | None, typer.Argument(metavar="CASE…", help="Numbers or ids.")] = None,
    *,
    closed_before: Annotated[
        str | None, typer.Option("--closed-before", metavar="DATE", help="Every case closed before this day.")
    ] = None,
    workflow: Annotated[str | None, typer.Option("--workflow", help="Of those closed before: only these.")] = None,
    person: Annotated[
        str | None, typer.Option("--person", metavar="EMAIL", help="Every case about this person, and their name.")
    ] = None,
    reason: Annotated[ErasureReason | None, typer.Option("--reason", help="Why, as a code.")] = None,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Erase the details of closed cases for good. What happened, and when, stays and can be replayed."""
    if [bool(cases), closed_before is not None, person is not None].count(True) != 1:
        raise Misused("name the cases, or give --closed-before, or --person; one of the three")
    if workflow is not None and closed_before is None:
        raise Misused("--workflow goes with --closed-before")
    with opened() as house:
        institution = house.settings.institution
        subject = _person(house, person) if person is not None else None
        lines = _meant(house, cases or [], closed_before, workflow, subject)
        why = reason or (ErasureReason.REQUEST if subject else ErasureReason.RETENTION)
        with progress("Erasing") as told:
            results = house.erasures.erase(institution, lines, why, by=IMPORT_PARTY, only_try=dry_run, told=told)
        if subject is not None and not dry_run:
            house.erasures.forget(institution, subject)
        nameless = None if subject is None or dry_run else _is_nameless(house, subject)
    _show("erased", results, as_json=as_json, dry_run=dry_run, more={"reason": why.value, "name_erased": nameless})


def migrate(
    workflow: Annotated[str, typer.Argument(metavar="WORKFLOW")],
    *,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Carry open cases over to the version of the process now in force; run it again where it was broken off."""
    with opened() as house:
        if workflow not in house.catalogue.names:
            raise Misused(f"there is no workflow {workflow!r}; there are {', '.join(house.catalogue.names)}")
        institution, current = house.settings.institution, house.catalogue.current(workflow)
        lines = house.carrying.waiting(institution, workflow)
        with progress("Carrying over") as told:
            results = house.carrying.carry(institution, lines, by=IMPORT_PARTY, only_try=dry_run, told=told)
        still = house.carrying.still_under(institution, workflow)
    left = [{"version": each.version, "open": each.open, "closed": each.closed} for each in still]
    if not as_json:
        for each in still:
            say(f"version {each.version}: {each.open} open and {each.closed} closed case(s) stay under it")
    more = {"workflow": workflow, "version": current.version, "definition": current.hash, "still_under": left}
    _show("migrated", results, as_json=as_json, dry_run=dry_run, more=more)


def _person(house: House, email: str) -> str:
    found = house.directory.person_by_email(house.settings.institution, email)
    if found is None:
        raise Misused(f"nobody has the address {email}")
    return found.id


def _is_nameless(house: House, person: str) -> bool:
    found = house.directory.people(house.settings.institution, [person])
    return all(card.name is None for card in found.values())


def _meant(
    house: House, names: Sequence[str], closed_before: str | None, workflow: str | None, person: str | None
) -> list[CaseLine]:
    """The cases a command is about."""
    institution = house.settings.institution
    last = day(closed_before, "--closed-before")
    if workflow is not None and workflow not in house.catalogue.names:
        raise Misused(f"there is no workflow {workflow!r}; there are {', '.join(house.catalogue.names)}")
    if last is not None:
        return house.erasures.due(institution, closed_before=last, workflow=workflow)
    if person is not None:
        return house.erasures.about(institution, person)
    return house.erasures.named(institution, cases_named(house.store, institution, dict.fromkeys(names)))


def _show(what: str, results: Sequence[Result], *, as_json: bool, dry_run: bool, more: dict[str, Any]) -> None:
    """Tell what became of each case; those refused with why. Exit 1 where any was refused."""
    done = [each for each in results if each.after is not None]
    refused = [each for each in results if each.refused is not None]
    if as_json:
        told = {
            what: [_done_json(each) for each in done],
            "refused": [_refused_json(each) for each in refused],
            "left": len(results) - len(done) - len(refused),
        }
        show_json({"ok": not refused, "dry_run": dry_run, **more, **told})
    else:
        for each in refused:
            typer.echo(f"{each.line.number}: REFUSED: {_words(each)}")
        would = "would be " if dry_run else ""
        left = len(results) - len(done) - len(refused)
        typer.echo(f"{len(done)} case(s) {would}{what}, {len(refused)} refused, {left} were so already")
    if refused:
        raise typer.Exit(FOUND_WRONG)


def _done_json(each: Result) -> dict[str, Any]:
    after = each.after
    now = {"to": after.state, "version": after.version} if after is not None else {}
    return {"case": each.line.id, "number": each.line.number, "from": each.line.state, **now}


def _refused_json(each: Result) -> dict[str, Any]:
    codes = [reason.code for reason in each.refused.reasons] if each.refused is not None else []
    return {
        "case": each.line.id,
        "number": each.line.number,
        "state": each.line.state,
        "codes": codes,
        "why": _words(each),
    }


def _words(each: Result) -> str:
    if each.refused is None:
        return ""
    return "; ".join(dict.fromkeys((each.refused.message.en, *(reason.message.en for reason in each.refused.reasons))))
