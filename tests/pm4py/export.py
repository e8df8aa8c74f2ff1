"""Exports a small demo in all formats of logs, with the numbers that another reader must find: `make pm4py`."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from engine.eventlog import ObjectLog
from engine.logs import Logs, Span
from engine.store.migrate import upgrade
from service import cli_logs
from service.compose import build
from service.demo import open_office
from service.settings import Settings

FILES = {
    "log.xes": cli_logs.write_xes,
    "log.xes.gz": cli_logs.write_xes,
    "log.jsonocel": cli_logs.write_ocel2,
    "log.xmlocel": cli_logs.write_ocel2,
    "log.sqlite": cli_logs.write_ocel2,
}


def of_traces(logs: Logs, institution: str) -> dict[str, Any]:
    """What a reader of the XES log must find."""
    found = list(logs.traces(institution, Span()))
    own = {"concept:name", "time:timestamp", "org:resource"}
    return {
        "cases": len(found),
        "events": sum(len(trace.events) for trace in found),
        "case_attributes": sorted({"concept:name"}.union(*(trace.attributes for trace in found))),
        "event_attributes": sorted(own.union(*(event.attributes for trace in found for event in trace.events))),
        "first_variant": list(found[0].names),
    }


def of_objects(log: ObjectLog) -> dict[str, Any]:
    """What a reader of the OCEL 2.0 log must find."""
    objects, events = list(log.objects()), list(log.events())
    return {
        "events": len(events),
        "objects": len(objects),
        "types": sorted({each.type for each in objects}),
        "activities": sorted({each.type for each in events}),
        "event_relations": sum(len(each.relations) for each in events),
        "object_relations": sum(len(each.relations) for each in objects),
        "changes": sum(1 for each in objects for held in each.held if held.at),
        "event_attributes": sorted(set().union(*(each.attributes for each in events))),
        "object_attributes": sorted({held.name for each in objects for held in each.held}),
    }


def main() -> None:
    """Play the demo in a database that goes again, and write it into the folder named."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fardplan_pm4py_") as name:
        url = f"sqlite:///{Path(name) / 'demo.db'}"
        upgrade(url)
        settings = Settings.read(database_url=url, environment="demo", test_clock=True).with_own_secret()
        house = build(settings)
        open_office(house, lambda *_: None)
        for file, write in FILES.items():
            write(house, folder / file, None, lambda *_: None)
        logs, institution = Logs(house.store), settings.institution
        expected = {
            "traces": of_traces(logs, institution),
            "objects": of_objects(logs.objects(institution, Span())),
        }
        (folder / "expected.json").write_text(json.dumps(expected, ensure_ascii=False, indent=1), encoding="utf-8")
        house.close()


if __name__ == "__main__":
    main()
