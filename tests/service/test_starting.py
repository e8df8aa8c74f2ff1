"""Starting: a process reads in only what it works with, so that it stands soon."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from service.commands import ENTRIES

HOUSE = {"engine", "workflows", "adapters"}
WEB = {"fastapi", "starlette", "uvicorn"}
RARE = {"alembic", "duckdb", "openpyxl", "reportlab", "xlsxwriter", "icalendar", "rich.progress", "holidays.countries"}
PAGES = {"jinja2", "service.pages.routes", "engine.rehearsal", "engine.reports", "engine.dossiers"}

HELP = "import service.cli as cli\ntry: cli.app(['--help'], prog_name='fardplan')\nexcept SystemExit: pass"
CHECK = "import service.cli_cases"
WORKER = "import service.cli_service, service.scheduler"
SERVE = "import service.cli_service, service.asgi"


def read_in(program: str) -> set[str]:
    """The modules that a fresh process has after this program."""
    told = f"{program}\nimport sys; print(*sys.modules, file=sys.stderr)"
    ran = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    return set(ran.stderr.split())


@pytest.mark.parametrize(
    ("program", "spared"),
    [
        (HELP, {*HOUSE, *WEB, *RARE, "pydantic", "sqlalchemy", "service.compose", "service.settings"}),
        (CHECK, {*WEB, *RARE, *PAGES, "apscheduler", "psycopg"}),
        (WORKER, {*WEB, *RARE, *PAGES, "psycopg"}),
        (SERVE, {*RARE, *PAGES, "psycopg"}),
    ],
    ids=["the help", "a command that ends soon", "a worker", "what serves, until it listens"],
)
def test_what_is_not_needed_is_not_read_in(program: str, spared: set[str]) -> None:
    assert spared & read_in(program) == set()


def test_the_list_of_commands_says_what_their_modules_say() -> None:
    real = {}
    for name in dict.fromkeys(entry.module for entry in ENTRIES):
        app = typer.Typer()
        app.callback()(lambda: None)
        import_module(f"service.{name}").add_to(app)
        group = typer.main.get_command(app)
        assert isinstance(group, TyperGroup)
        real.update({(each, name): command.get_short_help_str(200) for each, command in group.commands.items()})

    assert real == {(entry.name, entry.module): entry.says for entry in ENTRIES}


def test_every_module_of_commands_is_in_the_list() -> None:
    folder = Path(import_module("service").__path__[0])
    modules = {path.stem for path in folder.glob("cli_*.py")} - {"cli_logs"}  # a part of cli_history

    assert {entry.module for entry in ENTRIES} == modules


MANY_THREADS = """
import ctypes, threading
from service.starting import begin
begin()
here = threading.Barrier(12)
def work():
    here.wait()
    ctypes.CDLL(None).malloc(5000)
    here.wait()
threads = [threading.Thread(target=work) for _ in range(12)]
for each in threads: each.start()
for each in threads: each.join()
ctypes.CDLL(None).malloc_info(0, ctypes.c_void_p.in_dll(ctypes.CDLL(None), "stdout"))
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries have one pool for all threads")
@pytest.mark.parametrize(("chosen", "most"), [({}, 2), ({"MALLOC_ARENA_MAX": "5"}, 5)], ids=["by itself", "as told"])
def test_all_threads_of_a_process_share_a_few_pools_of_memory(chosen: dict[str, str], most: int) -> None:
    there = {name: value for name, value in os.environ.items() if name != "MALLOC_ARENA_MAX"}
    ran = subprocess.run(
        [sys.executable, "-c", MANY_THREADS], capture_output=True, text=True, check=True, env=there | chosen
    )
    assert ran.stdout.count("<heap nr=") == most


MUCH_THAT_WENT = """
import gc, sys
from service.starting import begin
begin()
def resident():
    return int(open("/proc/self/statm").read().split()[1])
parts = [bytes(20_000) for _ in range(5_000)]
stays = parts[::50]
full = resident()
del parts
before = resident()
gc.collect(int(sys.argv[1]))
print(*(round(each / full, 2) for each in (before, resident())))
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries are not asked to give back")
@pytest.mark.parametrize(("generation", "given"), [("1", False), ("2", True)], ids=["a quick look", "a full look"])
def test_what_lies_free_between_what_stays_is_given_back_after_a_full_look(generation: str, *, given: bool) -> None:
    ran = subprocess.run([sys.executable, "-c", MUCH_THAT_WENT, generation], capture_output=True, text=True, check=True)
    before, after = map(float, ran.stdout.split())
    assert before > 0.8
    assert (after < 0.5) == given
