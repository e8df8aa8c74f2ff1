"""`python -m tests.peers [--only PEER]`: our step beside its peers, in turn; adds its lines to build/bench.json.

A peer that cannot be installed or run here is named with the reason, and the others go on.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.bench.engine_step import engine_unit, office
from tests.bench.keeping import WRITTEN, keep
from tests.bench.measuring import Line, as_table, in_turn, line_of, rate
from tests.databases import conninfo, sibling_url, start_postgresql
from tests.peers.environments import NotInstalled, environment

FOLDER = Path(__file__).parent
ON_SQLITE = "engine step, SQLite FULL"
ON_POSTGRESQL = "engine step, PostgreSQL, 1 connection"
#: What a program may take besides its seconds: a busy machine starts a server slowly.
SPARE_SECONDS = 90

Run = Callable[[float], float]


@dataclass
class Peer:
    """A peer's program, one way of running it, and which step of ours it stands beside."""

    name: str
    way: str
    beside: str = ON_SQLITE
    told: dict[str, Any] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """What its line is called."""
        return str(self.told.get("measure", f"{self.name}, {self.way}"))

    def rate(self, folder: Path, seconds: float) -> float:
        """Run it in an empty folder. Raises NotInstalled, or subprocess's errors where it fails or hangs."""
        python = environment(self.name)
        own = Path(tempfile.mkdtemp(dir=folder))
        words: list[str | Path] = [python, FOLDER / f"steps_{self.name}.py", str(seconds), own, self.way]
        said = _said(words, own, seconds + SPARE_SECONDS)
        shutil.rmtree(own)
        self.told = json.loads(said.splitlines()[-1])
        return float(self.told["rate"])


def _said(words: list[str | Path], folder: Path, seconds: float) -> str:
    """What a program prints. One that hangs is ended with all that it has started."""
    with subprocess.Popen(
        words, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as program:
        try:
            told, faults = program.communicate(timeout=seconds)
        except BaseException:
            os.killpg(program.pid, signal.SIGKILL)
            raise
    if program.returncode:
        raise subprocess.CalledProcessError(program.returncode, words, told, faults)
    return told


def peers(postgresql: str) -> list[Peer]:
    """All of them; DBOS keeps its own schema in the database at this URL."""
    return [
        Peer("dbos", "sqlite"),
        Peer("dbos", postgresql, ON_POSTGRESQL),
        Peer("temporal", "signals"),
        Peer("temporal", "updates"),
        Peer("viewflow", "sqlite"),
        Peer("spiff", "sqlite"),
    ]


def able(asked: list[Peer], folder: Path) -> list[Peer]:
    """Those that run here, each tried once; of the others it is told why they do not."""
    found = []
    for peer in asked:
        print(f"setting up {peer.name}, {peer.way.partition(':')[0]}", file=sys.stderr)
        try:
            peer.rate(folder, 0.2)
        except NotInstalled as why:
            print(f"{peer.name} cannot be installed here and is not measured: {why}")
        except subprocess.CalledProcessError as failure:
            print(f"{peer.name} does not run here and is not measured: {failure.stderr.strip()[-500:]}")
        except subprocess.TimeoutExpired as failure:
            print(f"{peer.name} does not run here and is not measured: no answer in {failure.timeout} s")
        else:
            found.append(peer)
    return found


def beside(found: list[Peer], ours: Mapping[str, Run], folder: Path, *, rounds: int, seconds: float) -> list[Line]:
    """Every peer's own line, and our step held against it."""

    def of(peer: Peer) -> Run:
        return lambda seconds: peer.rate(folder, seconds)

    wanted = {peer.beside for peer in found}
    contestants = {name: run for name, run in ours.items() if name in wanted}
    rates = in_turn(
        {**contestants, **{peer.label: of(peer) for peer in found}}, rounds=rounds, seconds=seconds, warm=False
    )
    return [line for peer in found for line in _pair(peer, rates)]


def _pair(peer: Peer, rates: Mapping[str, list[float]]) -> list[Line]:
    return [line_of(peer.label, peer.label, rates), line_of(peer.beside, peer.label, rates)]


def as_kept(lines: list[Line], found: list[Peer]) -> list[dict[str, Any]]:
    """The lines as they stand in build/bench.json, with the versions of both sides."""
    own = {
        "python": platform.python_version(), "sqlite": sqlite3.sqlite_version,
        **{name: version(name) for name in ("psycopg", "fardplan")},
    }  # fmt: skip
    versions = {peer.label: own | peer.told["versions"] for peer in found}
    return [{**asdict(line), "versions": versions[line.against]} for line in lines]


def main() -> int:
    """Run the peers asked for; 1 where none of them runs here."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=sorted({peer.name for peer in peers("")}), action="append")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0)
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fardplan_peers_")))
        # The server may run as a user of its own, who must be let through to its folder.
        folder.chmod(0o711)
        url = stack.enter_context(start_postgresql(folder / "postgresql", durable=True))
        asked = [
            peer for peer in peers(conninfo(sibling_url(url, "dbos"))) if not options.only or peer.name in options.only
        ]
        found = able(asked, folder)
        if not found:
            return 1
        ours = {}
        for name, address in ((ON_SQLITE, f"sqlite:///{folder / 'ours.db'}"), (ON_POSTGRESQL, url)):
            cases = office(address)
            stack.callback(cases.store.close)
            unit = stack.enter_context(engine_unit(cases))
            ours[name] = lambda seconds, unit=unit: rate(unit, seconds)
        lines = beside(found, ours, folder, rounds=options.rounds, seconds=options.seconds)
    print(as_table(lines))
    print(f"\n{options.rounds} rounds of {options.seconds} s each")
    print("\n".join(f"{peer.label}: {peer.told['notes']}" for peer in found))
    keep(as_kept(lines, found))
    print(f"written to {WRITTEN}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
