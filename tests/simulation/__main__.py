"""`python -m tests.simulation [--seeds N | --seed S] [--steps M]`: plays many lives, counts what broke on the way."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.simulation.truth import Broken
from tests.simulation.world import life, template


def main() -> int:
    """Play the lives asked for; 1 if something that must hold did not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=200, help="how many lives, from --first on")
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--seed", type=int, help="one life, played again")
    parser.add_argument("--steps", type=int, default=60, help="how many things happen in each")
    options = parser.parse_args()
    seeds = [options.seed] if options.seed is not None else range(options.first, options.first + options.seeds)
    seen: Counter[str] = Counter()
    broken: list[str] = []
    transitions, began = 0, time.monotonic()
    memory = Path("/dev/shm")  # a folder in memory, where there is one
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        office = template(Path(name))
        for seed in seeds:
            try:
                world = life(seed, options.steps, office, Path(name))
            except Broken as found:
                broken.append(str(found))
                print(f"BROKEN {found}")
                continue
            seen.update(world.seen)
            transitions += world.truth.transitions
    for what, count in sorted(seen.items()):
        print(f"{count:10,}  {what}")
    seconds = time.monotonic() - began
    print(f"{len(seeds):,} lives, {transitions:,} transitions, {len(broken)} broken ({seconds:.0f} s)")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
