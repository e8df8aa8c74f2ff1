"""`python -m tests.soak [--only sqlite|postgresql] [--minutes N] [--seed N]`: presses so long on each database.

The table is printed, and added to build/soak.json. Ends with 1 where something grew or a promise was broken.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from tests.crash.running import Tally
from tests.crash.verdict import PROMISES
from tests.recording import commit, listed, record
from tests.soak.grounds import GROUNDS
from tests.soak.judging import windows
from tests.soak.measuring import SHARE, Measured, Plan
from tests.soak.running import run
from tests.soak.sampling import Look

RECORD: Final = Path(__file__).parents[2] / "build/soak.json"
MINUTES: Final = 5.0
SHOWN: Final = 20
"""How much of what went wrong is printed."""


def one(kind: str, minutes: float, seed: int) -> dict[str, Any]:
    """Soak one kind of database in a folder of its own; the run in figures, printed as well."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="fardplan_soak_") as made:
        folder = Path(made)
        # The database server may run as a user of its own, who must reach its folder.
        folder.chmod(0o711)
        measured, tally = run(kind, folder, plan=Plan.of(minutes * 60), chance=random.Random(seed))
    broken = Counter(promise for promise, _ in tally.wrong)
    figures: dict[str, Any] = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "database": kind,
        "seed": seed,
        "minutes": minutes,
        "seconds": round(time.monotonic() - began),
        "top": round(measured.top, 1),
        "calmed": round(measured.calmed, 1),
        "windows": [[span.begins, span.ends] for span in windows(minutes * 60)],
        "lines": [[line.measure, line.first, line.last, line.most, line.unit] for line in measured.lines],
        "looks": [_brief(look) for look in measured.looks],
        "struck": dict(tally.struck),
        "seen": dict(tally.seen),
        "wrong": {promise: broken[promise] for promise in PROMISES},
        "grown": [line.measure for line in measured.lines if line.wrong],
    }
    _show(figures, measured, tally)
    return figures


def _brief(look: Look) -> dict[str, Any]:
    """A look for the record: MiB, threads and descriptors of each process, and connections."""
    held = {
        name: [round(each.rss / 2**20, 1), each.threads, sum(each.fds.values())]
        for name, each in look.processes.items()
    }
    return {"at": round(look.at), **held, "connections": look.connections, "events": look.events}


def _show(figures: dict[str, Any], measured: Measured, tally: Tally) -> None:
    spent = f"{figures['minutes']:g} minutes, {figures['seconds']} s in all"
    print(f"{figures['database']} (seed {figures['seed']}, {spent})")
    print(f"  top speed {measured.top:.1f} turns/s, pressed at {measured.top * SHARE:.1f}", end="; ")
    print(f"all quiet {measured.calmed:.0f} s after the load")
    print(_row("", *(f"{begins:.0f}-{ends:.0f} s" for begins, ends in figures["windows"]), "at most"))
    for line in measured.lines:
        values = ("" if value is None else _said(value, line.unit) for value in (line.first, line.last, line.most))
        print(_row(line.measure, *values) + ("  GROWN" if line.wrong else ""))
    for what in ("struck", "seen", "wrong"):
        print(f"  {what}: {listed(figures[what])}")
    for promise, words in tally.wrong[:SHOWN]:
        print(f"  WRONG {promise}: {words}")
    sys.stdout.flush()


def _row(measure: str, *values: str) -> str:
    return "  ".join((f"  {measure:38}", *(f"{value:>12}" for value in values)))


def _said(value: float, unit: str) -> str:
    if unit == "B":
        return f"{value / 2**20:.1f} MiB"
    return f"{value:.2f} {unit}" if unit else f"{value:.0f}"


def failed(figures: dict[str, Any]) -> bool:
    """Whether something grew, or a promise was broken."""
    return bool(figures["grown"]) or any(figures["wrong"].values())


def main() -> int:
    """Soak both, or the one asked for; 1 if anything grew or is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=tuple(GROUNDS), action="append", help="a database; both unless it is said")
    parser.add_argument("--minutes", type=float, default=MINUTES, help="how long each is pressed")
    parser.add_argument("--seed", type=int, default=20261122)
    options = parser.parse_args()
    # Whoever ends us ends what we have started, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    # The voices and the network between share this process: none is to keep the others waiting for long.
    sys.setswitchinterval(0.001)
    wrong = False
    for kind in options.only or GROUNDS:
        figures = one(kind, options.minutes, options.seed)
        record(RECORD, figures)
        wrong = wrong or failed(figures)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
