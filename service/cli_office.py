"""Commands for people, units, absences and closing days, and for access tokens."""

from __future__ import annotations

import json
import re
from contextlib import AbstractContextManager
from typing import Annotated, Any, Final

import typer

from engine.canonical import instant, micros
from engine.directory import Change, PersonCard, Written
from engine.recounting import recount
from service.compose import House
from service.terminal import JsonOption, Misused, day, opened, progress, say, show_json

BY = "installation"
"""Who changes the organisation by the command line: whoever runs the installation."""

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_TOKEN_ID: Final = re.compile(r"[0-9a-f]{16}")

FromOption = Annotated[str | None, typer.Option("--from", metavar="DATE", help="The first day (YYYY-MM-DD).")]
ToOption = Annotated[str | None, typer.Option("--to", metavar="DATE", help="The last day (YYYY-MM-DD).")]
Email = Annotated[str, typer.Argument(metavar="EMAIL")]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    for name, help_, command in (
        ("person", "People and what they may do.", person_add),
        ("unit", "Units of the institution.", unit_add),
        ("absence", "Who is away, and who stands in.", absence_add),
        ("closing-day", "Days on which a unit is closed.", closing_day_add),
    ):
        group = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help=help_)
        group.callback()(_together)
        group.command("add")(command)
        app.add_typer(group, name=name)
    app.command("token")(token)


def _together() -> None:
    """Keep `add` a word of its own although a group has one command only."""


def person_add(  # noqa: PLR0917 - each is an option with its name
    email: Email,
    name: Annotated[str | None, typer.Option("--name", help="Needed for a new person.")] = None,
    role: Annotated[list[str] | None, typer.Option("--role", metavar="ROLE@UNIT", help="May be repeated.")] = None,
    language: Annotated[str | None, typer.Option("--language", help="sv or en.")] = None,
    starts_on: FromOption = None,
    ends_on: ToOption = None,
) -> None:
    """Add a person or put them right; roles come on top of those held."""
    first, last = day(starts_on, "--from"), day(ends_on, "--to")
    pairs = [_role_at(written) for written in role or ()]
    with opened() as house, _changing(house, what="person, roles") as change:
        change.root()
        card = change.person(email=email, name=name, language=language)
        for held, unit in pairs:
            change.member(card.id, held, unit, starts_on=first, ends_on=last)
    say(f"{card.email} is {card.id}")


def token(
    email: Email,
    expires: Annotated[str | None, typer.Option("--expires", metavar="DATE", help="The last day it works.")] = None,
    label: Annotated[str, typer.Option("--label", help="What it is for.")] = "command line",
    *,
    read_only: Annotated[bool, typer.Option("--read-only", help="It reads, and changes nothing.")] = False,
    revoke: Annotated[bool, typer.Option("--revoke", help="Revoke all tokens of the person instead.")] = False,
    only: Annotated[str | None, typer.Option("--id", metavar="ID", help="Revoke this one, as --list names it.")] = None,
    shown: Annotated[bool, typer.Option("--list", help="List the tokens instead, never what they are.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Issue an access token and print it; it cannot be shown again. Or list or revoke those there are."""
    last = day(expires, "--expires")
    if only is not None and not _TOKEN_ID.fullmatch(only):
        raise Misused(f"--id {only!r}: give the 16 signs that `fardplan token EMAIL --list` begins a line with")
    with opened() as house:
        person = _known(house, email)
        institution = house.settings.institution
        if revoke or only:
            say(f"{house.directory.revoke(institution, person.id, only)} token(s) revoked")
        elif shown:
            _list_tokens(house, person, as_json=as_json)
        else:
            typer.echo(house.directory.issue_token(institution, person.id, label, last, reads_only=read_only))


def _list_tokens(house: House, person: PersonCard, *, as_json: bool) -> None:
    """List a person's tokens: the beginning of each one's hash, and what became of it. Instants are in UTC."""
    now = micros(house.clock.now())
    rows = [
        {
            "id": each.id,
            "label": each.label,
            "may": "read" if each.reads_only else "write",
            "good": each.is_good(now),
            "created_at": instant(each.created_at),
            "expires_at": None if each.expires_at is None else instant(each.expires_at),
            "revoked_at": None if each.revoked_at is None else instant(each.revoked_at),
            "last_used_on": each.last_used_on,
        }
        for each in house.directory.tokens(house.settings.institution, person.id)
    ]
    if as_json:
        show_json({"person": person.id, "tokens": rows})
        return
    for row in rows:
        ends = f"until {row['expires_at']:%Y-%m-%d}" if row["expires_at"] else "without end"
        state = ends if row["good"] else "revoked" if row["revoked_at"] else "expired"
        used = f"last used {row['last_used_on']}" if row["last_used_on"] else "never used"
        typer.echo(f"{row['id']}  {row['may']:<5}  {state}, {used}  {row['label']}")


def unit_add(
    code: Annotated[str, typer.Argument(metavar="CODE")],
    *,
    name_sv: Annotated[str | None, typer.Option("--name-sv", help="The name in Swedish.")] = None,
    name_en: Annotated[str | None, typer.Option("--name-en", help="The name in English.")] = None,
    parent: Annotated[str | None, typer.Option("--parent", metavar="CODE", help="The unit above.")] = None,
    mailbox: Annotated[str | None, typer.Option("--mailbox", help="The shared address.")] = None,
    setting: Annotated[
        list[str] | None, typer.Option("--setting", metavar="NAME=JSON", help="May be repeated.")
    ] = None,
) -> None:
    """Add a unit or change it; what is not named stays as it is."""
    with opened() as house:
        known = house.directory.organisation(house.settings.institution).units.get(code)
        called = {"sv": name_sv or name_en, "en": name_en or name_sv}
        if known is None and not (name_sv or name_en):
            raise Misused("a new unit needs --name-sv or --name-en")
        settings = dict(known.settings) if known else {}
        settings.update(_setting(written) for written in setting or ())
        with _changing(house, what="unit") as change:
            change.root()
            done = change.unit(
                code,
                name_sv=(name_sv or known.name_sv) if known else str(called["sv"]),
                name_en=(name_en or known.name_en) if known else str(called["en"]),
                parent=parent or (known.parent if known else None),
                mailbox=mailbox or (known.mailbox if known else None),
                settings=settings,
            )
        _tell(done, f"unit {code}")
        work_out_anew(house)


def absence_add(
    email: Email,
    *,
    starts_on: FromOption = None,
    ends_on: ToOption = None,
    weekdays: Annotated[
        str | None, typer.Option("--weekdays", metavar="DAYS", help="Away on some days only: mon,wed.")
    ] = None,
    substitute: Annotated[str | None, typer.Option("--substitute", metavar="EMAIL", help="Who stands in.")] = None,
) -> None:
    """Note that somebody is away, for some days or on some weekdays."""
    first, last = day(starts_on, "--from"), day(ends_on, "--to")
    with opened() as house:
        person = _known(house, email)
        stands_in = _known(house, substitute).id if substitute else None
        with _changing(house, what="absence") as change:
            done = change.absence(
                person.id,
                starts_on=first,
                ends_on=last,
                weekdays=_weekdays(weekdays),
                substitute=stands_in,
            )
    _tell(done, "absence")


def closing_day_add(
    unit: Annotated[str, typer.Argument(metavar="UNIT")],
    date: Annotated[str, typer.Argument(metavar="DATE")],
    name: Annotated[str, typer.Option("--name", help="What day it is.")] = "",
) -> None:
    """Close a unit, and those below it, on a day; open deadlines move accordingly."""
    closed = day(date, "DATE")
    if closed is None:
        raise Misused("DATE is missing")
    with opened() as house:
        with _changing(house, what="closing day") as change:
            done = change.closing_day(unit, closed, name)
        _tell(done, f"closing day {closed} of {unit}")
        work_out_anew(house)


def work_out_anew(house: House) -> None:
    """Work out open deadlines of units whose calendar or figures have changed, now or when a command was broken off."""
    organisation = house.directory.organisation(house.settings.institution)
    with progress("Working out deadlines anew") as told:
        moved = recount(house.cases, organisation, told)
    if moved is not None:
        say(f"deadlines moved in {moved} case(s)")


def _changing(house: House, *, what: str) -> AbstractContextManager[Change]:
    return house.directory.change(house.settings.institution, by=BY, what=what)


def _known(house: House, email: str) -> PersonCard:
    found = house.directory.person_by_email(house.settings.institution, email)
    if found is None:
        raise Misused(f"nobody has the address {email}; add them with `fardplan person add`")
    return found


def _role_at(written: str) -> tuple[str, str]:
    role, at, unit = written.partition("@")
    if not (role and at and unit):
        raise Misused(f"--role {written!r}: write ROLE@UNIT, for example officer@umu.se")
    return role.strip().lower(), unit.strip()


def _weekdays(written: str | None) -> list[int] | None:
    if written is None:
        return None
    names = [part.strip().lower()[:3] for part in written.split(",") if part.strip()]
    if not names or not set(names) <= set(DAYS):
        raise Misused(f"--weekdays {written!r}: write days like {','.join(DAYS[:3])}")
    return [DAYS.index(name) for name in names]


def _setting(written: str) -> tuple[str, Any]:
    name, sign, value = written.partition("=")
    if not (name and sign):
        raise Misused(f"--setting {written!r}: write NAME=JSON, for example low_season=true")
    try:
        return name.strip(), json.loads(value)
    except (ValueError, RecursionError) as error:
        raise Misused(f"--setting {name}: {value!r} is not JSON; texts stand in quotes") from error


def _tell(done: Written, what: str) -> None:
    words = {Written.NEW: "added", Written.CHANGED: "changed", Written.SAME: "stood so already"}
    say(f"{what}: {words[done]}")
