"""`python -m tests.crash [--only MODE …] [--kills N] [--seed N]`: a few of every kind, or many of one.

Each run is printed, and added to build/crash.json.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from tests.crash import disk, races, running, standby, troubles, upgrading
from tests.crash.running import Tally
from tests.crash.troubles import Trouble
from tests.crash.verdict import PROMISES
from tests.recording import commit, listed, record

RECORD: Final = Path(__file__).parents[2] / "build/crash.json"
SHOWN: Final = 20
"""How much of what went wrong is printed."""


@dataclass(frozen=True, slots=True)
class Mode:
    """A way to break things: where, how often unless it is said, and who is at work meanwhile."""

    make: Callable[[Path], AbstractContextManager[Trouble | None]]
    strikes: int
    run: Callable[..., Tally] = running.run


MODES: Final = {
    "sqlite": Mode(troubles.sqlite, 8),
    "postgresql": Mode(troubles.postgresql, 8),
    "server": Mode(troubles.server_killed, 6),
    "network": Mode(troubles.network_cut, 10),
    "disk-sqlite": Mode(disk.sqlite_disk_full, 2),
    "disk-postgresql": Mode(disk.postgresql_disk_full, 2),
    "clock": Mode(troubles.wrong_clock, 5),
    "standby": Mode(standby.fail_over, 2),
    "upgrade-sqlite": Mode(troubles.sqlite, 1, upgrading.run),
    "upgrade-postgresql": Mode(troubles.postgresql, 1, upgrading.run),
    "places-sqlite": Mode(troubles.sqlite, 4, races.run),
    "places-postgresql": Mode(troubles.postgresql, 4, races.run),
}


def one(name: str, strikes: int, seed: int) -> Tally | None:
    """Run one mode in a folder of its own; None where this machine does not allow it."""
    with tempfile.TemporaryDirectory(prefix="fardplan_crash_") as made:
        folder = Path(made)
        # The database server may run as a user of its own, who must reach its folder.
        folder.chmod(0o711)
        with MODES[name].make(folder) as trouble:
            if trouble is None:
                return None
            return MODES[name].run(trouble, strikes=strikes, chance=random.Random(seed))


def told(name: str, seed: int, seconds: float, tally: Tally) -> dict[str, Any]:
    """A run in figures, for the record; printed as well."""
    broken = Counter(promise for promise, _ in tally.wrong)
    figures: dict[str, Any] = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "mode": name,
        "seed": seed,
        "seconds": round(seconds),
        "struck": dict(tally.struck),
        "seen": dict(tally.seen),
        "wrong": {promise: broken[promise] for promise in PROMISES},
    }
    print(f"{name} (seed {seed}, {figures['seconds']} s): {listed(tally.struck)}")
    print(f"  seen: {listed(tally.seen)}")
    print(f"  wrong: {listed(figures['wrong'])}")
    for promise, words in tally.wrong[:SHOWN]:
        print(f"  WRONG {promise}: {words}")
    sys.stdout.flush()
    return figures





def main() -> int:
    """Run all modes, or those asked for; 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=tuple(MODES), action="append", help="a mode; may be given again")
    parser.add_argument("--kills", type=int, help="how often something breaks, in each mode")
    parser.add_argument("--seed", type=int, default=20261121)
    options = parser.parse_args()
    # Whoever ends us ends what we have started, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    wrong = False
    for name in options.only or MODES:
        began = time.monotonic()
        tally = one(name, options.kills or MODES[name].strikes, options.seed)
        if tally is None:
            print(f"{name}: not run, for a small disk cannot be mounted here")
            continue
        record(RECORD, told(name, options.seed, time.monotonic() - began, tally))
        wrong = wrong or bool(tally.wrong)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
