"""Starting `fardplan serve`: processor time until the first answer, and what it goes to.

Held against the hand-written endpoint, which reads in the same web framework and one driver and has
nothing to load. Processor seconds, for a start waits for nobody; the clock on the wall tells of the
machine's other work.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from engine.store.migrate import upgrade
from tests.bench.bare import sqlite_unit
from tests.bench.measuring import Line, line_of
from tests.bench.serving import ROOT, by_hand, fardplan

OURS, HAND = "start of fardplan serve, SQLite", "start of the hand-written endpoint"

LAPS = """
import json, sys, time
laps, last = {}, time.process_time()
def lap(name):
    global last
    now = time.process_time()
    laps[name], last = now - last, now
import fastapi, sqlmodel, jinja2, uvicorn, typer, prometheus_client, pydantic_settings, psycopg
lap("libraries read in")
import service.cli, service.asgi
lap("the house read in")
from service.compose import build, load_catalogue
from service.settings import Settings
settings = Settings(database_url=sys.argv[1], environment="test")
catalogue = load_catalogue(settings)
lap("workflows loaded and proved")
house = build(settings, catalogue=catalogue)
lap("database looked at")
service.asgi.with_ticks(house)
lap("application made")
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
    for _ in range(rounds):
        with fardplan(folder, url) as ours:
            seen.setdefault(OURS, []).append(ours.cpu_seconds * 1000)
        with by_hand(folder, str(bare)) as hand:
            seen.setdefault(HAND, []).append(hand.cpu_seconds * 1000)
        for name, lap in _laps(folder, url).items():
            seen.setdefault(f"{OURS}: {name}", []).append(lap * 1000)
    whole = [line_of(name, HAND, seen, unit="ms") for name in (OURS, HAND)]
    return [*whole, *(line_of(name, OURS, seen, unit="ms") for name in seen if name not in {OURS, HAND})]


def _laps(folder: Path, url: str) -> dict[str, float]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(
        [sys.executable, "-c", LAPS, url], env=environment, cwd=folder, capture_output=True, text=True, check=True
    )
    told: dict[str, float] = json.loads(ran.stdout)
    return told
