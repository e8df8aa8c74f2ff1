"""Whether just those messages are there that the history owes, and whether they get out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from engine.canonical import named_key, span
from engine.doctor.shape import CaseFile, Fault, Round
from engine.drafts import MAIL
from engine.model import Kind
from engine.outbox import LEASE

LATE: Final = 60 * 60_000_000
"""Microseconds that a message may wait beyond its time while workers live."""

LONGEST_LEASE: Final = span(2 * LEASE)


def owed(file: CaseFile) -> Mapping[str, int]:
    """The messages the history owes, by the key each must have: the sequence of the event that owes it."""
    return {
        named_key(file.kept.id, event.sequence, MAIL, template, recipient): event.sequence
        for event in file.kept.events
        for template, recipient, _ in event.body.get("told", ())
    }


def owed_by_an_event(file: CaseFile, _round: Round) -> Iterator[Fault]:
    """No message goes out that nobody owed."""
    known = owed(file)
    for row in file.messages:
        if row.id not in known:
            yield Fault(row.id, f"state={row.state} event={row.sequence} template={row.template}")


def there(file: CaseFile, _round: Round) -> Iterator[Fault]:
    """Every message owed is in the outbox, sent or not; to erase a case takes away what was not sent."""
    erased = max((event.sequence for event in file.kept.events if event.body.get("kind") == Kind.ERASED), default=0)
    stored = {row.id for row in file.messages}
    for key, sequence in owed(file).items():
        if key not in stored and sequence > erased:
            yield Fault(key, f"event={sequence}")


def in_time(file: CaseFile, round_: Round) -> Iterator[Fault]:
    """A message that is due is tried soon while workers live."""
    for row in file.messages:
        if row.state == "waiting" and round_.late(max(row.next_try, row.lease_until or 0), LATE):
            yield Fault(row.id, f"attempts={row.attempts} next_try={row.next_try}")


def let_go(file: CaseFile, round_: Round) -> Iterator[Fault]:
    """Nobody has a message in hand for longer than a node ever takes it."""
    for row in file.messages:
        if row.state == "waiting" and (row.lease_until or 0) > round_.now + LONGEST_LEASE:
            yield Fault(row.id, f"lease_until={row.lease_until}")
