"""DBOS: workflows of ten steps, each step's result kept before the next begins; WAY is its database's URL.

An SQLite file is set to WAL beforehand, which is quicker than DBOS's own setting; DBOS leaves
`synchronous` as SQLite has it, which is FULL.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import time
from importlib.metadata import version
from pathlib import Path

from dbos import DBOS  # type: ignore[import-not-found,unused-ignore]  # stands in an environment of its own

STEPS = 10
STATE = "x" * 200


def moved(number: int) -> str:
    """What a step leaves: about as much as a row of our history holds."""
    return f"{number}{STATE}"


def main() -> None:
    """Take steps for so many seconds."""
    seconds, folder, url = float(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    if url == "sqlite":
        url = f"sqlite:///{folder / 'dbos.db'}"
        with sqlite3.connect(folder / "dbos.db") as connection:
            connection.execute("PRAGMA journal_mode = WAL")
    DBOS(config={"name": "peer", "system_database_url": url, "log_level": "ERROR", "enable_otlp": False})
    take = DBOS.step()(moved)

    def case() -> int:
        for number in range(STEPS):
            take(number)
        return STEPS

    workflow = DBOS.workflow()(case)
    DBOS.launch()
    for _ in range(3):
        workflow()
    done, start = 0, time.perf_counter()
    while (passed := time.perf_counter() - start) < seconds:
        done += workflow()
    DBOS.destroy()
    told = {
        "peer": "dbos",
        "measure": f"DBOS step, {'SQLite' if url.startswith('sqlite') else 'PostgreSQL'}",
        "rate": done / passed,
        "versions": {"dbos": version("dbos")},
        "notes": f"workflows of {STEPS} steps; no guard, no role, no deadline, no message, no chain",
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
