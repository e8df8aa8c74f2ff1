"""`python -m tests.fuzzing [--only NAME] [--minutes N] [--requests N] [--seed N] [--keep]`.

NAME: `requests`, `described` or `parsers`, a pair of roles (`officer+lund.officer`, `described/officer+lund.officer`),
or a part of a parser's name. Counts are printed, and added to build/fuzzing.json. With --keep what went wrong is made
small and kept for the tests.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import random
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from engine.catalogue import Catalogue
from engine.store.migrate import upgrade
from tests.fuzzing import described, reading, reducing
from tests.fuzzing.described import Walked, by_operation, never_well
from tests.fuzzing.playing import PAIRS, Finding, Tally, by_status, name_of, play, stage
from tests.fuzzing.reading import Fed, all_fed, shown
from tests.fuzzing.target import Target, surroundings
from tests.fuzzing.targets import targets
from tests.fuzzing.universities import Universities
from tests.recording import commit, record
from tests.service.office import catalogue

WRITTEN: Final = Path("build/fuzzing.json")
Counts = dict[str, dict[str, int]]
"""Answers by operation (`GET /path`) and status."""

ENOUGH: Final = 50_000
"""Requests a pair of roles is to be asked."""


@dataclass(frozen=True)
class Options:
    """What was asked for. `minutes` are shared among all that is chosen."""

    only: str
    minutes: float
    requests: int
    seed: int
    keep: bool


def _options() -> Options:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="see above")
    parser.add_argument("--minutes", type=float, default=5.0, help="for all together")
    parser.add_argument("--requests", type=int, default=ENOUGH, help="at most so many a pair")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--keep", action="store_true", help="keep what went wrong among the cases of the tests")
    return Options(**vars(parser.parse_args()))


def main() -> int:
    """Fuzz what was asked for; 1 if anything went wrong, 2 if there is no such thing."""
    options = _options()
    logging.disable(logging.CRITICAL)
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        folder, processes = Path(name), catalogue()
        url = f"sqlite:///{folder / 'universities.db'}"
        upgrade(url)
        made = Universities.make(url, folder / "universities.db", processes)
        pairs = [pair for pair in PAIRS if options.only in {"", "requests", name_of(pair)}]
        walkers = [pair for pair in described.PAIRS if options.only in {"", "described", f"described/{name_of(pair)}"}]
        with surroundings(folder, made, processes) as around:
            chosen = [each for each in targets(around) if options.only in {"", "parsers"} or options.only in each.name]
            if not pairs and not walkers and not chosen:
                print(f"there is no {options.only}", file=sys.stderr)
                return 2
            share = 60 * options.minutes / sum(map(bool, (pairs, walkers, chosen)))
            fed = _parsers(options, chosen, share) if chosen else {}
        each = share / max(1, len(pairs))
        played = {name_of(pair): asyncio.run(_pair(options, made, processes, pair, each)) for pair in pairs}
        walked, counts = _described(options, made, processes, walkers, share) if walkers else ({}, {})
    _write(options, played, walked, counts, fed)
    tallies = [*played.values(), *(each.tally for each in walked.values())]
    return 1 if any(t.findings for t in tallies) or any(f.crashes for f in fed.values()) else 0


def _parsers(options: Options, chosen: list[Target], seconds: float) -> dict[str, Fed]:
    def told(target: Target, fed: Fed) -> None:
        rate = fed.inputs / max(fed.seconds, 0.001)
        print(f"{fed.inputs:10,}  {target.name}: {fed.read:,} read, {fed.refused:,} refused, "
              f"{len(fed.crashes)} crashes; {rate:,.0f} a second, slowest {fed.slowest:.2f} s", flush=True)  # fmt: skip
        for crash in fed.crashes:
            print(f"  CRASH {shown(crash)}", flush=True)

    fed = all_fed(chosen, seed=options.seed, seconds=seconds, told=told)
    if options.keep:
        reading.keep([crash for each in fed.values() for crash in each.crashes])
    return fed


async def _pair(
    options: Options, made: Universities, processes: Catalogue, pair: tuple[str, str], seconds: float
) -> Tally:
    tally = await play(made, processes, pair, seed=options.seed, most=options.requests, seconds=seconds)
    alone = tally.requests / max(tally.processor, 0.001)
    enough = ENOUGH / max(alone, 0.001) / 60
    _told(name_of(pair), tally, f"{alone:,.0f} of the processor's; {ENOUGH:,} take {enough:.0f} min of it")
    await _wrong(options, made, processes, tally)
    return tally


def _described(
    options: Options, made: Universities, processes: Catalogue, pairs: list[tuple[str, str]], seconds: float
) -> tuple[dict[str, Walked], Counts]:
    """The walks of all pairs by name, and the answers of them all by operation and status."""
    opened = partial(stage, made, processes)
    walking, walked, every = described.machine(opened), dict[str, Walked](), Walked()
    for pair in pairs:
        own = described.walks(walking, opened, pair, seed=options.seed, seconds=seconds / len(pairs))
        name = f"described/{name_of(pair)}"
        _told(name, own.tally, f"{len(own.links)} links followed {own.links.total():,} times, {own.runs} runs")
        asyncio.run(_wrong(options, made, processes, own.tally))
        walked[name_of(pair)] = own
        every.add(own)
    counts = by_operation(every, walking)
    for label, seen in counts.items():
        print(f"{sum(seen.values()):10,}  {label}: {seen}", flush=True)
    print(f"never answered 2xx: {', '.join(never_well(counts)) or 'none'}", flush=True)
    return walked, counts


def _told(name: str, tally: Tally, more: str) -> None:
    counted = f"{by_status(tally.statuses)}, {tally.cases:,} cases, {len(tally.findings)} findings"
    rate = tally.requests / max(tally.seconds, 0.001)
    print(f"{tally.requests:10,}  {name}: {counted}; {rate:,.0f} a second, {more}", flush=True)


async def _wrong(options: Options, made: Universities, processes: Catalogue, tally: Tally) -> None:
    """Tell what went wrong, each sort once, and keep it if that is wanted."""
    seen: set[str] = set()
    for finding in tally.findings:
        if finding.wrong[:70] not in seen:
            seen.add(finding.wrong[:70])
            asked = finding.asked
            print(f"  WRONG {finding.wrong[:300]}\n    {asked.who} ({asked.door}) {asked.method} {asked.target[:200]}"
                  f" {dict(asked.headers)} {asked.body[:300]}", flush=True)  # fmt: skip
            if options.keep and asked.who:
                await _keep(made, processes, finding)


async def _keep(made: Universities, processes: Catalogue, finding: Finding) -> None:
    async with stage(made, processes) as set_up:
        small = await reducing.reduced(set_up, finding)
    if small is None:
        print("    it needs what went before it")
    else:
        reducing.keep(small, finding.wrong)


def _write(
    options: Options, played: dict[str, Tally], walked: dict[str, Walked], counts: Counts, fed: dict[str, Fed]
) -> None:
    """Add this run to those before."""
    run = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"), "commit": commit(), "seed": options.seed,
        "requests": {name: _of_pair(tally) for name, tally in played.items()},
        "described": {name: _of_walk(each) for name, each in walked.items()}, "operations": counts,
        "never_well": never_well(counts) if walked else [],
        "parsers": {name: _of_parser(each) for name, each in fed.items()},
    }  # fmt: skip
    record(WRITTEN, run)


def _of_pair(tally: Tally) -> dict[str, Any]:
    return {
        "requests": tally.requests,
        "seconds": round(tally.seconds, 1),
        "processor_seconds": round(tally.processor, 1),
        "statuses": by_status(tally.statuses),
        "findings": sorted({finding.wrong[:200] for finding in tally.findings}),
    }


def _of_walk(walked: Walked) -> dict[str, Any]:
    return _of_pair(walked.tally) | {"links": dict(walked.links.most_common()), "runs": walked.runs}


def _of_parser(fed: Fed) -> dict[str, Any]:
    return {
        "inputs": fed.inputs,
        "seconds": round(fed.seconds, 1),
        "read": fed.read,
        "refused": fed.refused,
        "slowest": round(fed.slowest, 3),
        "crashes": [shown(crash) for crash in fed.crashes],
    }


if __name__ == "__main__":
    sys.exit(main())
