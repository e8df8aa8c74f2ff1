"""`python -m tests.simulation`: plays many lives, counts what broke on the way, and keeps the count.

A seed plays one life, always the same one. 1 is answered if something that must hold did not.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tests.recording import commit
from tests.simulation.playing import lives
from tests.simulation.sittings import Sitting, append, in_all, table
from tests.simulation.world import template

TELL_SECONDS = 20


def main() -> int:
    """Play the lives asked for."""
    options = _options()
    one = options.seed is not None
    seeds: Sequence[int] = [options.seed] if one else range(options.first, options.first + options.seeds)
    sitting = Sitting(options.steps, commit())
    memory = Path("/dev/shm")  # a folder in memory, where there is one
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        _play(options, seeds, Path(name), sitting)
    print(table(sitting.seen))
    print(sitting.line)
    if options.append is not None:
        sittings = append(options.append, sitting)
        print(table(sum((each.seen for each in sittings), Counter())))
        print(in_all(sittings))
    return 1 if sitting.broken else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=200, help="how many lives, from --first on")
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--seed", type=int, help="one life, played again")
    parser.add_argument("--steps", type=int, default=200, help="how many things happen in each")
    parser.add_argument("--processes", type=int, default=1, help="how many processes play")
    parser.add_argument("--minutes", type=float, help="stop after so many minutes, whatever has been played by then")
    parser.add_argument("--append", type=Path, help="a file of sittings, to which this one is added")
    return parser.parse_args()


def _play(options: argparse.Namespace, seeds: Sequence[int], folder: Path, sitting: Sitting) -> None:
    """Play, and tell now and then how far it has come; an interruption leaves what was played by then."""
    began = told = time.monotonic()
    office = template(folder)
    try:
        for lived in lives(seeds, options.steps, office, folder, processes=options.processes):
            sitting.add(lived)
            if lived.broken:
                print(f"BROKEN {lived.broken}", flush=True)
            elif len(seeds) == 1:
                print(f"seed {lived.seed}: {lived.digest}")
            if (now := time.monotonic()) - told > TELL_SECONDS:
                told = now
                print(sitting.line, file=sys.stderr, flush=True)
            if options.minutes and now - began > options.minutes * 60:
                break
    except KeyboardInterrupt:
        print("interrupted; what was played by then counts", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
