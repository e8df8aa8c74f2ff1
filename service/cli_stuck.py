"""The command for what is stuck: rungs that could not be fired, and the cases they hold up."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from engine.canonical import instant
from engine.store.stuck_rows import StuckLine
from service.terminal import FOUND_WRONG, JsonOption, Misused, opened, say, show_json

AgainOption = Annotated[str | None, typer.Option("--again", help="Let the next tick try this case, by its number.")]


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(stuck)


def stuck(
    *,
    again: AgainOption = None,
    as_json: JsonOption = False,
) -> None:
    """List cases that a rung holds up, by a fault in a file or in the case; exit 1 where there is any."""
    with opened() as house:
        institution = house.settings.institution
        lines = house.ticker.stuck(institution)
        if again is not None:
            case = next((line.case for line in lines if line.number == again), None)
            if case is None or not house.ticker.try_again(institution, case):
                raise Misused(f"no case {again} is stuck")
            say(f"the next tick tries {again}")
            return
    if as_json:
        show_json({"stuck": [_shown(line) for line in lines]})
    for line in [] if as_json else lines:
        first = instant(line.first_at).date()
        typer.echo(f"{line.number}  {line.deadline}.{line.rung}  since {first}, {line.attempts} attempts  {line.fault}")
    if not lines:
        say("no case is stuck")
    elif not as_json:
        say(f"{len(lines)} stuck; mend the process or the case, then: fardplan stuck --again NUMBER")
    if lines:
        raise typer.Exit(FOUND_WRONG)


def _shown(line: StuckLine) -> dict[str, object]:
    return {**asdict(line), "first_at": instant(line.first_at), "next_try": instant(line.next_try)}
