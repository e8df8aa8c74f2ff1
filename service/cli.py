"""The command line: `fardplan`. The commands stand in `service.commands`, and each in its own module."""

from __future__ import annotations

import io
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import typer

from service.commands import Commands
from service.starting import begin

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Färdplan: cases of international mobility, their deadlines, and a history that can be checked.",
)


def main() -> None:
    """Run the command line."""
    begin()
    _write_any_sign()
    app(prog_name="fardplan")


def _write_any_sign() -> None:
    """On a terminal or in a locale that lacks a sign, write its number: a command must not end in mid-sentence."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - typer hands the flag over by position
    if wanted:
        try:
            typer.echo(f"fardplan {version('fardplan')}")
        except PackageNotFoundError:
            typer.echo("fardplan (run from its source, not installed)")
        raise typer.Exit


@app.callback()
def fardplan(
    *,
    show_version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Tell the version.")
    ] = False,
) -> None:
    """Färdplan: cases of international mobility, their deadlines, and a history that can be checked."""
