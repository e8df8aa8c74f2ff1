"""Several decisions as one thing to write: each row once, as the last decision leaves it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.model import Case, DeadlineRow, Decision, NewEvent, Owed


@dataclass(slots=True)
class Merged:
    """What some decisions of one institution write together.

    `seen` has every version as it was before any of them. `entered` are instants at which
    cases entered their present state; a case without one stays in the state it was in.
    Cases opened carry their series in place of a number, and are numbered in this order.
    """

    institution: str
    organisation_version: int
    seen: dict[str, int] = field(default_factory=dict)
    opened: list[Case] = field(default_factory=list)
    changed: dict[str, Case] = field(default_factory=dict)
    entered: dict[str, int] = field(default_factory=dict)
    events: list[NewEvent] = field(default_factory=list)
    deadlines: dict[tuple[str, str, int], DeadlineRow] = field(default_factory=dict)
    owed: list[tuple[Owed, int]] = field(default_factory=list)
    linked: list[tuple[str, str, str, int]] = field(default_factory=list)
    unlinked: list[tuple[str, str, str]] = field(default_factory=list)
    erased: list[str] = field(default_factory=list)
    people: list[tuple[Any, ...]] = field(default_factory=list)
    keys: list[tuple[Any, ...]] = field(default_factory=list)


def merged(decisions: Sequence[Decision]) -> Merged:
    """Bring decisions together, in their order.

    `people` are (id, name, email, language, created at), `keys` are (party, key,
    fingerprint, case, sequence, at).
    """
    together = Merged(decisions[0].institution, decisions[0].organisation_version)
    for decision in decisions:
        for case_id, version in decision.seen.items():
            together.seen.setdefault(case_id, version)
        _cases(together, decision)
        together.events += decision.events
        for case_id, row in decision.deadlines:
            together.deadlines[case_id, row.name, row.since] = row
        together.owed += [(owed, decision.now) for owed in decision.owed]
        together.unlinked += decision.unlinked
        together.erased += decision.erased
        if decision.linked:
            sequences = {event.case: event.sequence for event in decision.events}
            together.linked += [(case, name, to, sequences[case]) for case, name, to in decision.linked]
        if decision.person is not None:
            person, who = decision.person
            together.people.append((person, who.name, who.email, who.language, decision.now))
        if decision.key is not None:
            key = decision.key
            together.keys.append(
                (decision.by, key.key, key.fingerprint, decision.case, decision.sequence, decision.now)
            )
    return together


def _cases(together: Merged, decision: Decision) -> None:
    for case, event in zip(decision.cases, decision.events, strict=True):
        if case.id in decision.opened:
            together.opened.append(case)
            continue
        together.changed[case.id] = case
        if event.from_state != event.to_state:
            together.entered[case.id] = case.updated_at
