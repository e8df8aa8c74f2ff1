"""What all commands share: opening the house, speaking to people and programs, ending well.

Results go to standard output, everything else to standard error. Exit 0: done; 1: found
wrong; 2: misused.
"""

from __future__ import annotations

import codecs
import errno
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Annotated, Any, Final, NoReturn

import typer

from engine.errors import BadFields, EngineError
from engine.store import case_rows
from engine.store.ready import DatabaseNotReady
from engine.store.store import Store
from service.compose import House, build
from service.logging import configure, quieten
from service.settings import LogLevel, Settings, SettingsWrong

FOUND_WRONG: Final = 1
MISUSED: Final = 2

JsonOption = Annotated[bool, typer.Option("--json", help="Answer as JSON, for programs.")]

Told = Callable[[int, int], None]
"""Is told how much is done, of how much."""


class Misused(EngineError):
    """The command was called with something it cannot work with."""


def tell(error: Exception) -> NoReturn:
    """Turn what a command raised into a clear sentence and an exit code."""
    if isinstance(error, Misused | SettingsWrong | DatabaseNotReady | BadFields):
        stop(str(error), MISUSED)
    if isinstance(error, EngineError):
        stop(str(error), FOUND_WRONG)
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        stop("there is no room left where this writes to; what was written is not whole", FOUND_WRONG)
    if _debugging():
        raise error
    # The words of an unforeseen error may hold what people wrote; its kind does not.
    stop(
        f"something unforeseen went wrong ({type(error).__name__}); "
        "set FARDPLAN_LOG_LEVEL=debug and run it again to see where",
        FOUND_WRONG,
    )


def stop(words: str, code: int) -> NoReturn:
    """Say why on standard error, and end."""
    say(f"fardplan: {words}")
    raise typer.Exit(code)


def say(words: str) -> None:
    """Tell a person something, on standard error."""
    typer.echo(words, err=True)


def show_json(value: Mapping[str, Any]) -> None:
    """Answer a program, on standard output."""
    # A stream that lacks a sign would write its number in a way that is no JSON; there is none where it is closed.
    any_sign = codecs.lookup(getattr(sys.stdout, "encoding", None) or "utf-8").name.startswith("utf")
    typer.echo(json.dumps(value, ensure_ascii=not any_sign, indent=2, default=str))


def read_settings(*, long_lived: bool = False, **given: Any) -> Settings:
    """The settings, with what options say standing first; logging follows them.

    A command that ends soon tells its outcome itself, so it logs warnings only unless asked.
    """
    settings = Settings.read(**{name: value for name, value in given.items() if value is not None})
    asked = long_lived or "log_level" in settings.model_fields_set
    configure(settings.log_level if asked else LogLevel.WARNING)
    quieten()
    return settings


@contextmanager
def opened(settings: Settings | None = None) -> Iterator[House]:
    """The house, closed at the end."""
    house = build(settings or read_settings())
    try:
        yield house
    finally:
        house.close()


@contextmanager
def progress(words: str) -> Iterator[Told]:
    """A progress bar on standard error, where that is a screen."""
    # Imported here: few commands take so long that they draw one.
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(words, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def cases_named(store: Store, institution: str, names: Iterable[str]) -> list[str]:
    """The ids of cases named by number or id, in this order. Raises Misused for the first that is none."""
    found = []
    for name in names:
        case = case_rows.find(store, institution, name)
        if case is None:
            raise Misused(f"there is no case {name}")
        found.append(case)
    return found


def day(written: str | None, option: str) -> date | None:
    """A day as YYYY-MM-DD. Raises Misused."""
    if written is None:
        return None
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise Misused(f"{option}: {written!r} is no day; write YYYY-MM-DD") from error


def _debugging() -> bool:
    """Whether whoever runs the command wants to see everything."""
    try:
        return Settings.read().log_level is LogLevel.DEBUG
    except SettingsWrong:
        return False
