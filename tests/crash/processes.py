"""The service and workers as processes of their own, started and killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import weakref
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

import httpx

from tests.ports import kept_port

SLOWEST_START: Final = 90
"""Seconds after which a service that does not answer is broken."""

SLOWEST_STOP: Final = 60
"""Seconds after which a process that was asked to stop is broken."""

TREE: Final = Path(__file__).parents[2]
"""Where this release lies."""

SERVICE: Final = "serve"
WORKER: Final = "worker"


@dataclass
class Processes:
    """A service and workers over a database, by name, in a folder of their own: those of the release in `tree`."""

    url: str
    folder: Path
    institution: str
    tree: Path = TREE
    port: int = field(init=False)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # Kept as long as this is: between two services nobody else may be given it.
        kept = ExitStack()
        self.port = kept.enter_context(kept_port())
        weakref.finalize(self, kept.close)

    @property
    def base(self) -> str:
        """Where the service answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self, *names: str, off: int = 0) -> None:
        """Start processes, whose clock is `off` seconds wrong; the service answers when this returns.

        Names other than that of the service are workers.
        """
        for name in names:
            self._start(name, off)
        if SERVICE in names:
            self._wait()

    def kill(self, *names: str) -> None:
        """`kill -9` of these, or of all, with everything they have started."""
        gone = [self.running.pop(name) for name in names or tuple(self.running)]
        for process in gone:
            # One that has ended by itself is told of by `ended`, and is no reason to leave the others alive.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        for process in gone:
            process.wait()

    def stop(self, *names: str) -> None:
        """Ask these, or all, to stop, as whoever runs them does, and wait until they have."""
        gone = [self.running.pop(name) for name in names or tuple(self.running)]
        for process in gone:
            process.terminate()
        for process in gone:
            process.wait(SLOWEST_STOP)

    def send(self, which: signal.Signals) -> None:
        """Send all of them a signal, with everything they have started."""
        for process in self.running.values():
            os.killpg(process.pid, which)

    def call(self, *command: str) -> subprocess.Popen[str]:
        """Begin another command of the release. What it says on either road comes out of its `stdout`."""
        return subprocess.Popen(
            self._program(command), env=self._environment(), cwd=self.tree, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip

    def command(self, name: str) -> Sequence[str]:
        """How the service, or a worker, is called."""
        return (name, "--port", str(self.port)) if name == SERVICE else (WORKER,)

    def ended(self) -> list[str]:
        """The processes that have ended without being killed: there must be none."""
        return [name for name, process in self.running.items() if process.poll() is not None]

    def _start(self, name: str, off: int) -> None:
        log: IO[bytes] = (self.folder / f"{name}.log").open("ab")
        self.running[name] = subprocess.Popen(
            self._program(self.command(name), off), env=self._environment(), cwd=self.tree,
            stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
        log.close()

    def _program(self, command: Sequence[str], off: int = 0) -> Sequence[str]:
        return (sys.executable, "-m", "tests.crash.node", str(off), *command)

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "FARDPLAN_DATABASE_URL": self.url,
            "FARDPLAN_INSTITUTION": self.institution,
            # For tests: nobody is told to ask less often.
            "FARDPLAN_ENVIRONMENT": "test",
            "FARDPLAN_TEST_CLOCK": "true",
            "FARDPLAN_TICK_SECONDS": "0.1",
            "FARDPLAN_MAILBOX": str(self.folder / "mailbox"),
            "FARDPLAN_BASE_URL": self.base,
        }

    def _wait(self) -> None:
        until = time.monotonic() + SLOWEST_START
        while not self._answers():
            if self.running[SERVICE].poll() is not None or time.monotonic() > until:
                log = (self.folder / f"{SERVICE}.log").read_text(encoding="utf-8", errors="replace")
                raise SystemExit(f"the service does not start; its log ends:\n{log[-3000:]}")
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.base}/livez", timeout=2).is_success
        except httpx.HTTPError:
            return False
