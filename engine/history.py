"""Histories: the events of a case, and the case as it was after any of them.

A case is folded from its events alone: every event's body says what it changed of
state, deadlines, links and places; its detail, unless erased, what it changed of the
facts. No rule is asked; `engine.replay` asks them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.canonical import GENESIS
from engine.catalogue import Catalogue
from engine.model import Case, Kind
from engine.store import case_rows, event_rows
from engine.store.event_rows import Written
from engine.store.ledger import read_deadline
from engine.store.store import Store


def fold(case: Case | None, event: Written, catalogue: Catalogue) -> Case:
    """The case after the event, from the case before it (None for the first)."""
    body = event.body
    told = event.told or {}
    if case is None:
        case = _born(event)
    left_behind = told.get("dropped", {})
    facts = {**case.facts, **told.get("changes", {})}
    facts = {name: value for name, value in facts.items() if name not in left_behind}
    if body["kind"] == Kind.ERASED:
        facts = {}
    rows = {(row.name, row.since): row for row in case.deadlines}
    for written in body.get("deadlines", ()):
        row = read_deadline(written)
        rows[row.name, row.since] = row
    gone = {tuple(pair) for pair in body.get("unlinked", ())}
    links = [tie for tie in case.links if tie not in gone]
    # In the order in which the store gives those of one event, which decides who acts in what role.
    links += sorted((name, to) for name, to in body.get("linked", ()))
    definition = catalogue.by_hash(body["definition"])
    final = definition.states[body["to"]].final
    return case.but(
        state=body["to"],
        definition=body["definition"],
        facts=facts,
        assignee=body.get("assignee", case.assignee),
        acts=_acts(case, event, definition.watched),
        links=tuple(links),
        deadlines=tuple(row for _, row in sorted(rows.items()) if row.open),
        version=event.sequence,
        head=event.hash,
        updated_at=body["at"],
        closed_at=(case.closed_at or body["at"]) if final else None,
    )


def _acts(
    case: Case, event: Written, watched: frozenset[str]
) -> Mapping[str, tuple[str, ...]]:
    trigger, party = event.body["trigger"], event.body["party"]
    if trigger not in watched or party in {"clock", "import"}:
        return case.acts
    earlier = case.acts.get(trigger, ())
    return case.acts if party in earlier else {**case.acts, trigger: (*earlier, party)}


def _born(event: Written) -> Case:
    body = event.body
    return Case(
        institution=body["institution"],
        id=body["case"],
        number="",
        workflow=body["workflow"],
        definition=body["definition"],
        state=body["to"],
        unit=body["unit"],
        assignee=None,
        subject=body["subject"],
        title="",
        search="",
        facts={},
        acts={},
        version=0,
        head=GENESIS,
        opened_at=body["at"],
        updated_at=body["at"],
        closed_at=None,
    )


@dataclass(frozen=True)
class History:
    """Reads histories from the store."""

    store: Store
    catalogue: Catalogue

    def events(
        self, institution: str, case: str, *, after: int = 0, limit: int | None = None
    ) -> list[Written]:
        """The case's events after a sequence, oldest first."""
        return event_rows.events(self.store, institution, case, after=after, limit=limit)

    def case_at(
        self, institution: str, case: str, *, sequence: int | None = None, at: int | None = None
    ) -> Case | None:
        """The case as it was after a sequence, or at an instant; None where it was not yet."""
        was: Case | None = None
        for event in self.events(institution, case):
            if sequence is not None and event.sequence > sequence:
                break
            if at is not None and event.body["at"] > at:
                break
            was = fold(was, event, self.catalogue)
        return self._dressed(was) if was is not None else None

    def _dressed(self, was: Case) -> Case:
        """Give a folded case what stands in no event: its number and its words."""
        words = case_rows.words(self.store, was.institution, was.id)
        return was.but(number=words[0], title=words[1], search=words[2]) if words else was
