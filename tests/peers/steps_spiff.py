"""SpiffWorkflow: a BPMN process of ten user tasks, kept as JSON in SQLite with WAL and FULL.

SpiffWorkflow has no database. As a server that keeps no case in memory must, each step reads the case's
JSON, completes one task and writes the JSON back, with a row of history, in one transaction.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from SpiffWorkflow.bpmn.parser import BpmnParser  # type: ignore[import-not-found,unused-ignore]  # its own environment
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer  # type: ignore[import-not-found,unused-ignore]
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow  # type: ignore[import-not-found,unused-ignore]
from SpiffWorkflow.util.task import TaskState  # type: ignore[import-not-found,unused-ignore]

STEPS = 10
MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
SCHEMA = (
    "CREATE TABLE kept (id INTEGER PRIMARY KEY, version INTEGER, body TEXT)",
    "CREATE TABLE event (case_id INTEGER, seq INTEGER, body TEXT, PRIMARY KEY (case_id, seq))",
)


def process() -> bytes:
    """A line of user tasks from start to end."""
    nodes = ["start", *(f"task_{n}" for n in range(STEPS)), "end"]
    parts = ['<startEvent id="start"/>', *(f'<userTask id="{name}"/>' for name in nodes[1:-1]), '<endEvent id="end"/>']
    parts += [
        f'<sequenceFlow id="flow_{n}" sourceRef="{nodes[n]}" targetRef="{nodes[n + 1]}"/>'
        for n in range(len(nodes) - 1)
    ]
    body = "".join(parts)
    return (
        f'<definitions xmlns="{MODEL}"><process id="line" isExecutable="true">{body}</process></definitions>'.encode()
    )


def fresh(spec: Any, serializer: Any) -> str:
    """A case that stands at its first task, as JSON."""
    workflow = BpmnWorkflow(spec)
    workflow.do_engine_steps()
    return str(serializer.serialize_json(workflow))


def onward(body: str, serializer: Any) -> str:
    """The same case with one task more done."""
    workflow = serializer.deserialize_json(body)
    task = workflow.get_next_task(state=TaskState.READY, manual=True)
    task.data["said"] = "x" * 20
    task.run()
    workflow.do_engine_steps()
    return str(serializer.serialize_json(workflow))


def step(connection: sqlite3.Connection, case: int, serializer: Any) -> None:
    """Read, take one step, write."""
    connection.execute("BEGIN IMMEDIATE")
    number, body = connection.execute("SELECT version, body FROM kept WHERE id = ?", (case,)).fetchone()
    body = onward(body, serializer)
    connection.execute("INSERT INTO event VALUES (?, ?, ?)", (case, number + 1, "x" * 200))
    connection.execute(
        "UPDATE kept SET version = ?, body = ? WHERE id = ? AND version = ?", (number + 1, body, case, number)
    )
    connection.execute("COMMIT")


def main() -> None:
    """Take steps for so many seconds; a case that has ended is followed by a new one."""
    seconds, folder = float(sys.argv[1]), Path(sys.argv[2])
    parser = BpmnParser()
    parser.add_bpmn_str(process())
    spec, serializer = parser.get_spec("line"), BpmnWorkflowSerializer()
    connection = sqlite3.connect(folder / "spiff.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    for statement in SCHEMA:
        connection.execute(statement)
    start_body, taken, case, start = fresh(spec, serializer), -STEPS, 0, time.perf_counter()
    while (passed := time.perf_counter() - start) < seconds or taken <= 0:
        if taken == 0:
            start = time.perf_counter()  # the first case warms it
        if taken % STEPS == 0:
            case += 1
            connection.execute("INSERT INTO kept VALUES (?, 1, ?)", (case, start_body))
        step(connection, case, serializer)
        taken += 1
    connection.close()
    told = {
        "peer": "spiff",
        "measure": "SpiffWorkflow, JSON in SQLite",
        "rate": taken / passed,
        "versions": {"spiffworkflow": version("spiffworkflow")},
        "notes": f"read, one of {STEPS} user tasks, written back; no role, no deadline, no message, no chain",
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
