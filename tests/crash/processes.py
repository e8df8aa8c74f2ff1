"""The service and a worker as processes of their own, started and killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import httpx

SLOWEST_START = 60
"""Seconds after which a service that does not answer is broken."""


@dataclass
class Processes:
    """One service and one worker over a database, in a folder of their own."""

    url: str
    folder: Path
    institution: str
    port: int = field(init=False)
    _running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]

    @property
    def environment(self) -> dict[str, str]:
        """The settings both run under."""
        return {
            **os.environ,
            "FARDPLAN_DATABASE_URL": self.url,
            "FARDPLAN_INSTITUTION": self.institution,
            "FARDPLAN_ENVIRONMENT": "demo",
            "FARDPLAN_TEST_CLOCK": "true",
            "FARDPLAN_TICK_SECONDS": "0.1",
            "FARDPLAN_MAILBOX": str(self.folder / "mailbox"),
            "FARDPLAN_BASE_URL": self.base,
        }

    @property
    def base(self) -> str:
        """Where the service answers."""
        return f"http://127.0.0.1:{self.port}"

    @contextmanager
    def running(self) -> Iterator[None]:
        """Both run inside; at its end they are killed."""
        try:
            self._start_both()
            yield
        finally:
            self._kill()

    def _start_both(self) -> None:
        self._start("serve", "--port", str(self.port))
        self._start("worker")
        until = time.monotonic() + SLOWEST_START
        while not self._answers():
            if self._running[0].poll() is not None or time.monotonic() > until:
                log = (self.folder / "serve.log").read_text(encoding="utf-8", errors="replace")
                raise SystemExit(f"the service does not start; its log ends:\n{log[-3000:]}")
            time.sleep(0.05)

    def _start(self, *command: str) -> None:
        log: IO[bytes] = (self.folder / f"{command[0]}.log").open("ab")
        program = (sys.executable, "-c", "from service.cli import main; main()", *command)
        self._running.append(
            subprocess.Popen(
                program, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        )
        log.close()

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.base}/livez", timeout=2).is_success
        except httpx.HTTPError:
            return False

    def _kill(self) -> None:
        """`kill -9` of both, with everything they have started."""
        for process in self._running:
            os.killpg(process.pid, signal.SIGKILL)
        for process in self._running:
            process.wait()
        self._running.clear()
