"""Logs made up by hypothesis: odd Unicode, missing times, values of every kind, values with values inside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from engine.eventlog import Held, LogEvent, LogObject, LogType, Nested, ObjectEvent, ObjectLog, Relation, Trace

LATEST = 253_000_000_000_000_000
KINDS = ("string", "time", "integer", "float", "boolean")

# What XML 1.0 can hold; controls and lone surrogates are tried apart.
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=12)
spaced = st.text(st.sampled_from("aå=;,\"'<>&\t\n\r 漢😀"), max_size=8)
words = texts | spaced
names = st.text(st.sampled_from("abcXYZåäö:_ -"), min_size=1, max_size=8)
micros = st.integers(-LATEST // 5, LATEST)
instants = st.datetimes(datetime(1900, 1, 1), datetime(9000, 1, 1), timezones=st.just(UTC), allow_imaginary=False).map(
    lambda at: at.replace(fold=0)
)
numbers = st.integers(-(2**63), 2**63 - 1)
floats = st.floats(allow_nan=False)
scalars = words | st.booleans() | numbers | floats | instants | st.uuids()
attributes = st.dictionaries(names, scalars, max_size=4)
nested = st.builds(Nested, scalars, st.dictionaries(names, scalars, min_size=1, max_size=2))
lists = st.lists(st.tuples(names, scalars), max_size=3).map(tuple)
values = scalars | nested | lists | attributes


def _own(told: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes that no part of a case or event has a name of its own for."""
    return {key: value for key, value in told.items() if not key.startswith(("concept:", "time:", "org:"))}


def _numbered(events: list[tuple[str, int | None, str | None, dict[str, Any]]]) -> tuple[LogEvent, ...]:
    return tuple(LogEvent(name, at, n, by, told) for n, (name, at, by, told) in enumerate(events, start=1))


def traces(of_values: st.SearchStrategy[Any] = values) -> st.SearchStrategy[list[Trace]]:
    """Cases with names of their own."""
    told = st.dictionaries(names, of_values, max_size=3).map(_own)
    events = st.lists(st.tuples(words, st.none() | micros, st.none() | words, told), max_size=4).map(_numbered)
    return st.lists(st.builds(Trace, words, events, told), max_size=4, unique_by=lambda trace: trace.case)


def same(one: Any, other: Any) -> bool:
    """Equality that also tells a bool from an int, and an int from a float."""
    return repr(one) == repr(other)


# Logs about objects.

_of_kind: dict[str, st.SearchStrategy[Any]] = {
    "string": words,
    "time": instants,
    "integer": numbers,
    # Without a negative zero, which SQLite keeps as 0.
    "float": st.floats(allow_nan=False, allow_infinity=False).map(lambda number: number + 0.0),
    "boolean": st.booleans(),
}
ties = st.lists(st.builds(Relation, st.sampled_from(["o0", "o1", "o2"]), words), max_size=3, unique=True).map(tuple)
types = st.lists(
    st.builds(
        LogType,
        words,
        st.lists(
            st.tuples(names.filter(lambda name: not name.startswith("ocel")), st.sampled_from(KINDS)),
            max_size=3,
            unique_by=lambda each: each[0].casefold(),
        ).map(tuple),
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda type_: type_.name,
).map(tuple)


@st.composite
def object_logs(draw: st.DrawFn) -> ObjectLog:
    """A log with a few objects and events, each attribute of the kind its type declares."""
    object_types, event_types = draw(types), draw(types)
    objects = tuple(_object(draw, f"o{n}", draw(st.sampled_from(object_types))) for n in range(3))
    events = tuple(_event(draw, f"e{n}", draw(st.sampled_from(event_types))) for n in range(draw(st.integers(0, 4))))
    return fixed(object_types, event_types, objects, events)


def fixed(
    object_types: tuple[LogType, ...],
    event_types: tuple[LogType, ...],
    objects: tuple[LogObject, ...],
    events: tuple[ObjectEvent, ...],
) -> ObjectLog:
    """A log that is already whole."""
    return ObjectLog(
        object_types=object_types, event_types=event_types, objects=lambda: iter(objects), events=lambda: iter(events)
    )


def _object(draw: st.DrawFn, id_: str, type_: LogType) -> LogObject:
    first = [Held(name, 0, draw(_of_kind[kind])) for name, kind in type_.attributes if draw(st.booleans())]
    later = [
        Held(name, draw(st.integers(1, LATEST)), draw(_of_kind[kind]))
        for name, kind in type_.attributes
        if draw(st.booleans())
    ]
    return LogObject(id_, type_.name, (*first, *later), draw(ties))


def _event(draw: st.DrawFn, id_: str, type_: LogType) -> ObjectEvent:
    told = {name: draw(_of_kind[kind]) for name, kind in type_.attributes if draw(st.booleans())}
    return ObjectEvent(id_, type_.name, draw(micros), told, draw(ties))


def told(log: ObjectLog) -> tuple[Any, ...]:
    """Everything a log says, in an order that no format changes."""
    return (
        sorted(log.object_types, key=repr),
        sorted(log.event_types, key=repr),
        sorted((o.id, o.type, sorted(o.held, key=repr), sorted(o.relations, key=repr)) for o in log.objects()),
        sorted(
            (e.id, e.type, e.at, sorted(map(repr, e.attributes.items())), sorted(e.relations, key=repr))
            for e in log.events()
        ),
    )


def many(cases: int, events: int = 10) -> Iterator[Trace]:
    """A log of any size, made as it is asked for."""
    for number in range(cases):
        made = (
            LogEvent(f"step {n}", 1_700_000_000_000_000 + n, n, "clock", {"lifecycle:transition": "complete"})
            for n in range(1, events + 1)
        )
        yield Trace(f"case {number}", tuple(made), {"unit": "law"})
