"""Makes cases of a log about objects: each object of one type is a case, with the events that concern it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from adapters.eventlogs.gathering import gathered
from engine.eventlog import LogEvent, ObjectLog, Trace


def flattened(log: ObjectLog, object_type: str) -> Iterator[Trace]:
    """Stream a case for each object of the type, its events in order of time; objects nothing happened to have none.

    An event that concerns several objects stands in the case of each. An attribute of the
    object has the last value it held. What is held in memory is one case, and the ids of the type.
    """
    return (_trace(case, found) for case, found in gathered(_items(log, object_type)))


def _items(log: ObjectLog, object_type: str) -> Iterator[tuple[str, int | None, Any]]:
    """First every object with its attributes, then its events. All objects come from before all events."""
    ids = set()
    for each in log.objects():
        if each.type == object_type:
            ids.add(each.id)
            held = sorted(each.held, key=lambda value: value.at)
            yield each.id, _EARLIEST, ["object", {value.name: value.value for value in held}]
    for event in log.events():
        for concerned in dict.fromkeys(tie.object for tie in event.relations):
            if concerned in ids:
                told = {"id": event.id, **event.attributes}
                yield concerned, event.at, ["event", event.type, event.at, told]


_EARLIEST = -(2**62)


def _trace(case: str, found: Sequence[Any]) -> Trace:
    (_, attributes), *events = found
    told = (
        LogEvent(name, at, sequence, attributes=attributes_of_event)
        for sequence, (_, name, at, attributes_of_event) in enumerate(events, start=1)
    )
    return Trace(case, tuple(told), attributes)
