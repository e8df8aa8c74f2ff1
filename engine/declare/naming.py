"""The names of another system's log, said in ours: which step an activity is, or which state it tells.

A TOML or JSON file of three tables, all optional:

    ignore = ["Reminder printed"]
    [triggers]
    "Declaration SUBMITTED by EMPLOYEE" = "submit"
    [states]
    "Payment Handled" = "paid"

A name that stands nowhere keeps itself: where it is a trigger of the workflow it is taken as
that, else it is unknown, and reported.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.definition import Definition
from engine.errors import EngineError
from engine.eventlog import LogEvent, Trace


class NamingWrong(EngineError):
    """The file that maps names cannot be read as such, or names what the workflow does not have."""


@dataclass(frozen=True, slots=True)
class Naming:
    """How a log's names are read. `triggers` and `states` are keyed by the log's names."""

    triggers: Mapping[str, str] = field(default_factory=dict)
    states: Mapping[str, str] = field(default_factory=dict)
    ignored: frozenset[str] = frozenset()

    def trigger(self, name: str) -> str:
        """The step a name tells: what it is mapped to, else itself."""
        return self.triggers.get(name, name)


def naming_of(written: Mapping[str, Any], definition: Definition) -> Naming:
    """Read a mapping of names for a workflow. Raises NamingWrong."""
    strange = sorted(set(written) - {"triggers", "states", "ignore"})
    if strange:
        raise NamingWrong(f"{strange[0]} is none of triggers, states and ignore")
    naming = Naming(_table(written, "triggers"), _table(written, "states"), frozenset(_list(written, "ignore")))
    for kind, named, known in (
        ("trigger", naming.triggers, definition.by_trigger), ("state", naming.states, definition.states),
    ):  # fmt: skip
        for name, ours in named.items():
            if ours not in known:
                raise NamingWrong(f"{name!r}: the workflow {definition.name} has no {kind} {ours!r}")
    twice = sorted(set(naming.triggers) & set(naming.states) | (naming.ignored & {*naming.triggers, *naming.states}))
    if twice:
        raise NamingWrong(f"{twice[0]!r} is mapped in two ways")
    return naming


def _table(written: Mapping[str, Any], name: str) -> Mapping[str, str]:
    table = written.get(name, {})
    if not isinstance(table, dict) or not all(isinstance(value, str) for value in table.values()):
        raise NamingWrong(f"{name}: write a table of names")
    return table


def _list(written: Mapping[str, Any], name: str) -> list[str]:
    several = written.get(name, [])
    if not isinstance(several, list) or not all(isinstance(one, str) for one in several):
        raise NamingWrong(f"{name}: write a list of names")
    return several


@dataclass
class Renamed:
    """Traces in the workflow's own words, for its rules. `unknown` counts the names nobody mapped, as they pass.

    What tells a state tells no step, so the rules do not see it.
    """

    naming: Naming
    definition: Definition
    unknown: Counter[str] = field(default_factory=Counter)

    def read(self, traces: Iterable[Trace]) -> Iterator[Trace]:
        """Rename case after case."""
        for trace in traces:
            yield replace(trace, events=tuple(self._events(trace)))

    def _events(self, trace: Trace) -> Iterator[LogEvent]:
        for event in trace.events:
            trigger = self.naming.trigger(event.name)
            if event.name in self.naming.ignored or event.name in self.naming.states:
                continue
            if trigger in self.definition.by_trigger:
                yield replace(event, name=trigger)
            else:
                self.unknown[event.name] += 1
