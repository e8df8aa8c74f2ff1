"""Whether a case's events are what was written: bytes, hashes, columns, details, in one chain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.canonical import GENESIS, chain, commitment
from engine.model import Kind
from engine.store.event_rows import Written

COPIES = (
    "institution", "sequence", "kind", "trigger", "party", "on_behalf_of", "role", "at",
    "definition",
)  # fmt: skip
"""The columns that bear the same name as what they copy from the body."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """The first thing found wrong: at which event (0: there is none), and what."""

    sequence: int
    what: str


def chain_wrong(events: Sequence[Written]) -> Wrong | None:
    """The first event whose bytes, columns or detail do not agree; None where all do."""
    previous, gone = GENESIS, _gone(events)
    for place, event in enumerate(events, start=1):
        if event.sequence != place:
            return Wrong(place, f"event {place} is missing; {event.sequence} follows")
        if event.previous != previous or chain(event.raw, previous) != event.hash:
            return Wrong(place, "the event's bytes do not give its hash")
        what = _copies_wrong(event) or _detail_wrong(event, gone)
        if what:
            return Wrong(place, what)
        previous = event.hash
    return None


def blank(event: Written) -> bool:
    """Whether the event had a detail that is no longer there."""
    return event.detail is None and event.body.get("detail") is not None


def _copies_wrong(event: Written) -> str | None:
    body, columns = event.body, event.columns
    pairs = {name: (columns[name], body.get(name)) for name in COPIES}
    pairs["case"] = (columns["case_id"], body.get("case"))
    pairs["from"] = (columns["from_state"], body.get("from"))
    pairs["to"] = (columns["to_state"], body.get("to"))
    cause = body.get("cause") or [None, None]
    pairs["cause"] = ([columns["cause_case"], columns["cause_sequence"]], cause)
    wrong = next((name for name, (column, own) in pairs.items() if column != own), None)
    return f"column {wrong} differs from the event's body" if wrong else None


def _detail_wrong(event: Written, gone: frozenset[int]) -> str | None:
    owed = event.body.get("detail")
    if event.detail is not None and event.nonce is not None:
        if owed != commitment(event.nonce, event.detail):
            return "the detail is not the one that was committed to"
        if event.sequence in gone:
            return "the detail is there, but an event says it was erased"
    elif owed is not None and event.sequence not in gone:
        return "the detail is missing and no event says it was erased"
    return None


def _gone(events: Sequence[Written]) -> frozenset[int]:
    """The events whose details a later event says were erased."""
    erasing = [event for event in events if event.body.get("kind") == Kind.ERASED]
    return frozenset(
        sequence for later in erasing for sequence in later.body.get("erased", ()) if sequence < later.sequence
    )
