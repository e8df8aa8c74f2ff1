"""The command for what is stuck: rungs that could not be fired, and the cases they hold up."""

from __future__ import annotations

from collections.abc import Sequence
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
        if again is not None:
            if not house.ticker.try_again(institution, again):
                raise Misused(f"no case {again} is stuck")
            say(f"the next tick tries {again}")
            return
        lines = house.ticker.stuck(institution)
    if as_json:
        show_json({"stuck": [_shown(line) for line in lines]})
    else:
        _tell(lines)
    if lines:
        raise typer.Exit(FOUND_WRONG)


def _tell(lines: Sequence[StuckLine]) -> None:
    for line in lines:
        first = instant(line.first_at).date()
        typer.echo(f"{line.number}  {line.deadline}.{line.rung}  since {first}, {line.attempts} attempts  {line.fault}")
    if lines:
        say(f"{len(lines)} stuck; mend the process or the case, then: fardplan stuck --again NUMBER")
    else:
        say("no case is stuck")


def _shown(line: StuckLine) -> dict[str, object]:
    return {**asdict(line), "first_at": instant(line.first_at), "next_try": instant(line.next_try)}
