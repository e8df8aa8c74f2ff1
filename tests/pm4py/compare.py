"""Loads our exports of a small demo with pm4py and compares its numbers with ours: `make pm4py`.

pm4py is AGPL: it lives in an environment of its own, and nothing here is imported by anything else.
The arguments are a folder with the exports and `expected.json` beside them; see `tests/pm4py/export.py`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pm4py  # type: ignore[import-not-found,unused-ignore]  # stands in an environment of its own


def of_traces(path: Path) -> dict[str, Any]:
    """Cases, events and attributes of a XES log as pm4py reads it."""
    log = pm4py.read_xes(str(path), return_legacy_log_object=True)
    return {
        "cases": len(log),
        "events": sum(len(trace) for trace in log),
        "case_attributes": sorted({key for trace in log for key in trace.attributes}),
        "event_attributes": sorted({key for trace in log for event in trace for key in event}),
        "first_variant": [event["concept:name"] for event in log[0]],
    }


def of_objects(read: Any, path: Path) -> dict[str, Any]:
    """Events, objects and relations of an OCEL 2.0 log as pm4py reads it."""
    log = read(str(path))
    return {
        "events": len(log.events),
        "objects": len(log.objects),
        "types": sorted(log.objects["ocel:type"].unique()),
        "activities": sorted(log.events["ocel:activity"].unique()),
        "event_relations": len(log.relations),
        "object_relations": len(log.o2o),
        "changes": len(log.object_changes),
        "event_attributes": sorted(name for name in log.events.columns if not name.startswith("ocel:")),
        "object_attributes": sorted(name for name in log.objects.columns if not name.startswith("ocel:")),
    }


def main() -> int:
    """Compare; 1 where a number differs."""
    folder = Path(sys.argv[1])
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    found = {
        "xes": of_traces(folder / "log.xes"),
        "xes.gz": of_traces(folder / "log.xes.gz"),
        "jsonocel": of_objects(pm4py.read_ocel2_json, folder / "log.jsonocel"),
        "xmlocel": of_objects(pm4py.read_ocel2_xml, folder / "log.xmlocel"),
        "sqlite": of_objects(pm4py.read_ocel2_sqlite, folder / "log.sqlite"),
    }
    wrong = [
        f"{form}: {name}: pm4py reads {told[name]!r}, we wrote {wanted!r}"
        for form, told in found.items()
        for name, wanted in expected["traces" if form.startswith("xes") else "objects"].items()
        if told[name] != wanted
    ]
    for each in wrong:
        print(each)
    traces, objects = expected["traces"], expected["objects"]
    print(f"pm4py: {traces['cases']} cases, {traces['events']} events, {objects['objects']} objects:")
    print("numbers differ" if wrong else "the same in five files")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
