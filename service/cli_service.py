"""Commands that run the service itself: serving, ticking, the demo; and bringing the database up to date."""

from __future__ import annotations

import math
import os
import signal
import time
from dataclasses import asdict
from functools import partial
from typing import Annotated

import typer

from engine.catalogue import Catalogue
from engine.store.migrate import schema_of, upgrade
from engine.store.ready import reaching
from service.compose import build
from service.logging import configure
from service.settings import Environment, Settings
from service.terminal import JsonOption, opened, progress, read_settings, say, show_json

database = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The database.")

HostOption = Annotated[str | None, typer.Option("--host", help="The address to listen on.")]
PortOption = Annotated[int | None, typer.Option("--port", min=1, max=65535, help="The port to listen on.")]
LONGEST_SILENCE = 30
"""Seconds after which one of several server processes that gives no sign is ended and another begun; uvicorn's own
five are soon over on a busy machine, and what a process had taken is lost with it."""

WorkersOption = Annotated[int | None, typer.Option("--workers", min=1, max=64, help="How many processes.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(database, name="db")
    for command in (serve, worker, demo):
        app.command()(command)


@database.command("upgrade")
def db_upgrade() -> None:
    """Create the tables, or bring them to the newest schema."""
    settings = read_settings()
    with reaching(settings.database_url):
        before = schema_of(settings.database_url)
        upgrade(settings.database_url)
        after = schema_of(settings.database_url)
    say(f"the database has the newest tables: schema {after}, " + _come_from(before, after))


def _come_from(before: str | None, after: str | None) -> str:
    if before is None:
        return "made now"
    return "as before" if before == after else f"upgraded from {before}"


def serve(host: HostOption = None, port: PortOption = None, workers: WorkersOption = None) -> None:
    """Serve the pages and the API; each process also looks for what is due."""
    settings = read_settings(long_lived=True, host=host, port=port, workers=workers)
    if settings.environment is Environment.PRODUCTION:
        settings.must_have_secret()
    _serve(_reached_at(settings))


def worker() -> None:
    """Look for deadlines and mails that are due, without serving anything, until told to stop."""
    # Imported here, as in `_serve`: the other commands end soon and start no scheduler.
    from service.scheduler import ticking  # noqa: PLC0415
    from service.stopping import end_within  # noqa: PLC0415

    told: list[int] = []
    settings = read_settings(long_lived=True)

    def stop(number: int, _: object) -> None:
        if not told:
            end_within(settings.stop_seconds)
        told.append(number)

    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, stop)
    with opened(settings) as house, ticking(house):
        say(f"looking for what is due every {house.settings.tick_seconds:g} s")
        # Not by an event: a signal may come while this very thread holds its lock, and would wait for itself.
        while not told:
            time.sleep(0.2)


def demo(
    *,
    and_serve: Annotated[bool, typer.Option("--serve", help="Serve it afterwards; load only if empty.")] = False,
    port: PortOption = None,
    if_empty: Annotated[bool, typer.Option("--if-empty", help="Do nothing where something is there.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Load the demo office, with a clock that stands still; and serve it."""
    # Imported here: nobody but the demo pays for its year and its key.
    from service import cli_seals  # noqa: PLC0415
    from service import demo as year  # noqa: PLC0415

    chosen = read_settings(port=port, environment=Environment.DEMO, test_clock=True)
    settings = _reached_at(chosen).with_own_secret()
    with reaching(settings.database_url):
        upgrade(settings.database_url)
    with opened(settings) as house:
        cli_seals.for_demo(settings, anew=year.is_empty(house))
        if year.is_empty(house) or not (and_serve or if_empty):
            with progress("Playing the demo year") as told:
                office = year.open_office(house, told)
            if as_json:
                show_json(asdict(office))
            else:
                typer.echo(office.words)
        else:
            say(year.welcome_back(house))
    if and_serve:
        _serve(settings, house.catalogue)


def _reached_at(settings: Settings) -> Settings:
    """The settings with the address that links in mails begin with, where none was set."""
    if "base_url" in settings.model_fields_set:
        return settings
    return settings.model_copy(update={"base_url": f"http://{settings.host}:{settings.port}"})


def _serve(settings: Settings, catalogue: Catalogue | None = None) -> None:
    # Imported here, as below: the other commands serve nothing.
    import uvicorn  # noqa: PLC0415

    from service.connection import Patient  # noqa: PLC0415

    # Built once here, so that what is wrong is said at once and not by each process.
    house = build(settings, catalogue=catalogue, serves=True)
    configure(settings.log_level)
    say(f"Färdplan is served on http://{settings.host}:{settings.port}")
    run = partial(
        uvicorn.run,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        log_config=None,
        access_log=False,
        server_header=False,
        http=Patient,
        timeout_graceful_shutdown=math.ceil(settings.finishing_seconds),
        timeout_worker_healthcheck=LONGEST_SILENCE,
    )
    if settings.workers == 1:
        from service.asgi import with_ticks  # noqa: PLC0415

        run(with_ticks(house))
        return
    house.close()
    # The processes read their settings from the environment; options have been put there.
    os.environ.update(settings.as_environment())
    run("service.starting:application", factory=True)
