"""Starting: processor time of `fardplan serve` until its first answer and until its pages are there, and of commands.

Held against the hand-written endpoint, which reads in the same web framework and one driver and has
nothing to load. Processor seconds, for a start waits for nobody; the clock on the wall tells of the
machine's other work. Python keeps what it has compiled, as it does wherever it is installed; the
first start, which compiles, is a line of its own.
"""

from __future__ import annotations

import http.client
import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

from engine.store.migrate import upgrade
from tests.bench.bare import sqlite_unit
from tests.bench.measuring import Line, line_of
from tests.bench.serving import ROOT, Server, by_hand, fardplan

OURS, HAND = "start of fardplan serve, SQLite", "start of the hand-written endpoint"
PAGES, COMPILING = f"{OURS}: until a page is answered", f"{OURS}: the first ever, which compiles"
COMMANDS = {"fardplan --help": ("--help",), "fardplan check": ("check",)}

LAPS = """
import json, sys, time
from service.starting import begin
begin()
laps, last = {}, time.process_time()
def lap(name):
    global last
    now = time.process_time()
    laps[name], last = now - last, now
import fastapi, sqlalchemy, sqlmodel, uvicorn, typer, prometheus_client, pydantic_settings
import apscheduler.schedulers.background
lap("libraries read in")
import service.cli_service, service.asgi
lap("the house read in")
from service.compose import build, load_catalogue
from service.settings import Settings
settings = Settings(database_url=sys.argv[1], environment="test")
catalogue = load_catalogue(settings)
lap("workflows loaded and proved")
house = build(settings, catalogue=catalogue)
lap("database looked at")
app = service.asgi.with_ticks(house)
lap("application made")
app.state.pages.bring()
lap("pages brought, after the port listens")
house.close()
print(json.dumps(laps))
"""


def starting(folder: Path, *, rounds: int, seconds: float) -> list[Line]:
    """Processor milliseconds from the process's birth to its first answer; then its parts, against the whole."""
    url, bare = f"sqlite:///{folder / 'start.db'}", folder / "start-by-hand.db"
    upgrade(url)
    with sqlite_unit(bare):
        pass
    seen: dict[str, list[float]] = {}
    compiled = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder / "compiled")}
    with patch.dict(os.environ, compiled):
        with fardplan(folder, url) as first:
            seen[COMPILING] = [first.cpu_seconds * 1000] * rounds
            _page(first)
        with by_hand(folder, str(bare)):
            pass
        for _ in range(rounds):
            _one_round(folder, url, bare, seen)
    whole = [line_of(name, HAND, seen, unit="ms") for name in (OURS, HAND, *COMMANDS)]
    return [*whole, *(line_of(name, OURS, seen, unit="ms") for name in seen if name.startswith(f"{OURS}:"))]


def _one_round(folder: Path, url: str, bare: Path, seen: dict[str, list[float]]) -> None:
    with fardplan(folder, url) as ours:
        seen.setdefault(OURS, []).append(ours.cpu_seconds * 1000)
        seen.setdefault(PAGES, []).append(_page(ours) * 1000)
    with by_hand(folder, str(bare)) as hand:
        seen.setdefault(HAND, []).append(hand.cpu_seconds * 1000)
    for name, words in COMMANDS.items():
        seen.setdefault(name, []).append(_spent(folder, *words) * 1000)
    for name, lap in _laps(folder, url).items():
        seen.setdefault(f"{OURS}: {name}", []).append(lap * 1000)


def _page(server: Server) -> float:
    """Processor seconds since the process's birth, once a page is answered."""
    asked = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    asked.request("GET", "/sign-in")
    status = asked.getresponse().status
    if status != 200:
        raise RuntimeError(f"the page is answered with {status}")
    return server.cpu()


def _spent(folder: Path, *words: str) -> float:
    """Processor seconds of a command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    program = [sys.executable, "-c", "from service.cli import main; main()", *words]
    subprocess.run(program, env=_environment(), cwd=folder, capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _laps(folder: Path, url: str) -> dict[str, float]:
    ran = subprocess.run(
        [sys.executable, "-c", LAPS, url], env=_environment(), cwd=folder, capture_output=True, text=True, check=True
    )
    told: dict[str, float] = json.loads(ran.stdout)
    return told


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}
