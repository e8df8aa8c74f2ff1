"""The command that says who may do what in a process."""

from __future__ import annotations

from typing import Annotated

import typer

from engine.wording import Wording
from service.cli_cases import Language
from service.compose import load_catalogue
from service.rights_table import as_json as table_json
from service.rights_table import lines
from service.terminal import JsonOption, Misused, read_settings, show_json


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(rights)


def rights(
    workflow: Annotated[str | None, typer.Argument(metavar="WORKFLOW", help="Without: every process.")] = None,
    *,
    language: Annotated[Language, typer.Option("--language", help="Whose words.")] = Language.EN,
    as_json: JsonOption = False,
) -> None:
    """Say who may do what in a process, and under which conditions: each step, each role."""
    catalogue = load_catalogue(read_settings())
    if workflow is not None and workflow not in catalogue.names:
        raise Misused(f"there is no workflow {workflow!r}; there are {', '.join(catalogue.names)}")
    chosen = [Wording(catalogue.current(name), catalogue) for name in catalogue.names if workflow in {None, name}]
    if as_json:
        show_json({"workflows": [table_json(words) for words in chosen]})
        return
    for place, words in enumerate(chosen):
        if place:
            typer.echo()
        for line in lines(words, language.value):
            typer.echo(line)
