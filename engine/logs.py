"""Our own histories as event logs: cases as sequences of events, and objects with the events they share.

A log tells what happened, when, and in which role, never who by name nor in whose words: people are
pseudonyms (the ids they have in the history, or `clock` and `import`), and reasons, comments, titles and
facts stay at home. Facts of cases go along only where that is asked for. ADR 16 says why.

A span chooses cases by when they were opened and gives each its whole history: a history that
is cut would break rules which the office kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from engine.canonical import instant
from engine.eventlog import Held, LogEvent, LogHead, LogObject, LogType, ObjectEvent, ObjectLog, Relation, Trace
from engine.model import CLOCK_PARTY, IMPORT_PARTY
from engine.store import log_rows
from engine.store.log_rows import Logged, Span
from engine.store.store import Session, Store

__all__ = ["CASE_ATTRIBUTES", "COLUMNS", "EVENT_ATTRIBUTES", "HEAD", "Logs", "Span"]

ROLE: Final = "org:role"
LIFECYCLE: Final = "lifecycle:transition"
COMPLETE: Final = "complete"
"""An event of a history is a fact: it is written when it has happened (lifecycle extension, IEEE 1849-2016)."""

CASE_ATTRIBUTES: Final = (
    "id", "workflow", "definition", "definition_version", "unit", "state", "opened", "closed",
)  # fmt: skip
EVENT_ATTRIBUTES: Final = (LIFECYCLE, ROLE, "on_behalf_of", "kind", "from", "to")
COLUMNS: Final = (
    "case_id", "number", "workflow", "unit", "definition", "sequence", "kind", "trigger", "from_state", "to_state",
    "party", "role", "on_behalf_of", "at",
)  # fmt: skip
"""A row of `Logs.rows`: texts but for `sequence` and `at` (UTC microseconds)."""

HEAD: Final = LogHead(
    extensions=(
        ("Concept", "concept", "http://www.xes-standard.org/concept.xesext"),
        ("Time", "time", "http://www.xes-standard.org/time.xesext"),
        ("Organizational", "org", "http://www.xes-standard.org/org.xesext"),
        ("Lifecycle", "lifecycle", "http://www.xes-standard.org/lifecycle.xesext"),
    ),
    case_globals={"concept:name": "", "id": "", "workflow": "", "unit": "", "state": ""},
    event_globals={
        "concept:name": "", "time:timestamp": instant(0), "org:resource": "", LIFECYCLE: COMPLETE, "kind": "", "to": "",
    },
    classifiers={"Event": ("concept:name",), "Event and role": ("concept:name", ROLE)},
)  # fmt: skip
"""What a XES log of ours says of itself: every case and every event has what the globals name."""

CASE_TYPE: Final = (
    ("id", "string"), ("definition_version", "integer"), ("opened", "time"), ("state", "string"),
)  # fmt: skip
OBJECTS_OF: Final = {"unit": "unit", "subject": "person", "partner": "partner"}
"""What of a case's row is an object of its own, by column: the type of object."""
EVENT_TYPE: Final = (
    ("sequence", "integer"), ("kind", "string"), ("from", "string"), ("to", "string"), ("role", "string"),
    ("on_behalf_of", "string"),
)  # fmt: skip


@dataclass(frozen=True)
class Logs:
    """Reads the histories of one store as logs, in bounded memory."""

    store: Store

    def count(self, institution: str, span: Span) -> int:
        """How many cases lie in the span."""
        with log_rows.one_instant(self.store) as connection:
            return log_rows.count(connection, institution, span)

    def traces(self, institution: str, span: Span, *, facts: bool = False) -> Iterator[Trace]:
        """Stream cases under their numbers; with `facts`, each fact stands as the attribute `fact:NAME`."""
        with log_rows.one_instant(self.store) as connection:
            versions = log_rows.versions(connection, institution)
            for case in log_rows.logged(connection, institution, span, facts=facts):
                yield _trace(case, versions)

    def rows(self, institution: str, span: Span) -> Iterator[tuple[str | int | None, ...]]:
        """Stream events as rows of `COLUMNS`, by case id and sequence: what a check column by column needs."""
        with log_rows.one_instant(self.store) as connection:
            for case in log_rows.logged(connection, institution, span):
                row = case.row
                for event in case.events:
                    of_case = (row["id"], row["number"], row["workflow"], row["unit"], event["definition"])
                    yield (*of_case, *(event[name] for name in COLUMNS[len(of_case) :]))

    def objects(self, institution: str, span: Span) -> ObjectLog:
        """The same histories as objects (cases by workflow, people, units, partners) and the events they share."""
        with log_rows.one_instant(self.store) as connection:
            names = log_rows.event_names(connection, institution, span)
            kinds = log_rows.workflows(connection, institution, span)
        beside = (LogType("partner"), LogType("person"), LogType("unit"))
        return ObjectLog(
            object_types=(*(LogType(f"case:{name}", CASE_TYPE) for name in kinds), *beside),
            event_types=tuple(LogType(name, EVENT_TYPE) for name in names),
            objects=lambda: self._objects(institution, span),
            events=lambda: self._events(institution, span),
        )

    def _objects(self, institution: str, span: Span) -> Iterator[LogObject]:
        with log_rows.one_instant(self.store) as connection:
            versions = log_rows.versions(connection, institution)
            for case in log_rows.logged(connection, institution, span):
                yield _object(case, versions)
            yield from _others(connection, institution, span)

    def _events(self, institution: str, span: Span) -> Iterator[ObjectEvent]:
        with log_rows.one_instant(self.store) as connection:
            for case in log_rows.logged(connection, institution, span):
                about = _about(case.row)
                yield from (_object_event(case.row["number"], event, about) for event in case.events)


def name_of(event: Mapping[str, Any]) -> str:
    """What happened: the trigger, or the kind where nobody asked for anything."""
    return str(event["trigger"] or event["kind"])


def _trace(case: Logged, versions: Mapping[str, int]) -> Trace:
    row = case.row
    told = {
        "id": row["id"], "workflow": row["workflow"], "definition": row["definition"],
        "definition_version": versions.get(row["definition"]), "unit": row["unit"], "state": row["state"],
        "opened": instant(row["opened_at"]), "closed": instant(row["closed_at"]) if row["closed_at"] else None,
    }  # fmt: skip
    told |= {f"fact:{name}": _fact(value) for name, value in row.get("facts", {}).items()}
    return Trace(row["number"], tuple(map(_event, case.events)), _told(told))


def _fact(value: Any) -> Any:
    """A fact as a single value: what has parts is JSON."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value


def _event(event: Mapping[str, Any]) -> LogEvent:
    told = {
        LIFECYCLE: COMPLETE, ROLE: event["role"], "on_behalf_of": event["on_behalf_of"], "kind": event["kind"],
        "from": event["from_state"], "to": event["to_state"],
    }  # fmt: skip
    return LogEvent(name_of(event), event["at"], event["sequence"], event["party"], _told(told))


def _told(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


# As objects.


def _object(case: Logged, versions: Mapping[str, int]) -> LogObject:
    row = case.row
    first = _told({
        "id": row["id"], "definition_version": versions.get(row["definition"]), "opened": instant(row["opened_at"]),
    })  # fmt: skip
    held = [Held(name, 0, value) for name, value in first.items()]
    held += _states(case)
    ties = [Relation(number, name) for name, number in case.links]
    return LogObject(row["number"], f"case:{row['workflow']}", tuple(held), (*_about(row)[1:], *ties))


def _states(case: Logged) -> Iterator[Held]:
    """The state as it changed; the first holds from the beginning, as OCEL 2.0 writes first values (its section 3)."""
    before = None
    for event in case.events:
        if event["to_state"] != before:
            yield Held("state", 0 if before is None else event["at"], event["to_state"])
        before = event["to_state"]


def _about(row: Mapping[str, Any]) -> tuple[Relation, ...]:
    """The objects each event of a case is about: the case itself first."""
    told = ((f"{kind}:{row[name]}", name) for name, kind in OBJECTS_OF.items() if row[name] is not None)
    return (Relation(row["number"], "case"), *(Relation(*each) for each in told))


def _object_event(number: str, event: Mapping[str, Any], about: tuple[Relation, ...]) -> ObjectEvent:
    told = {
        "sequence": event["sequence"], "kind": event["kind"], "from": event["from_state"], "to": event["to_state"],
        "role": event["role"], "on_behalf_of": event["on_behalf_of"],
    }  # fmt: skip
    ties = list(about)
    if event["party"] not in {CLOCK_PARTY, IMPORT_PARTY}:
        ties.append(Relation(f"person:{event['party']}", "by"))
    if event["cause"] is not None:
        ties.append(Relation(event["cause"], "caused by"))
    return ObjectEvent(f"{number}/{event['sequence']}", name_of(event), event["at"], _told(told), tuple(ties))


def _others(connection: Session, institution: str, span: Span) -> Iterator[LogObject]:
    for kind, ids in (("partner", log_rows.partners), ("person", log_rows.people), ("unit", log_rows.units)):
        yield from (LogObject(f"{kind}:{each}", kind) for each in ids(connection, institution, span))
