"""The cases around a case: those that link to it. Those it links to are in the lens it is read through."""

from __future__ import annotations

from engine.organisation import Organisation
from engine.scope import scope_of
from engine.store.neighbour_rows import LinkedHere
from engine.store.neighbour_rows import linked_here as _linked_here
from engine.store.store import Store

__all__ = ["LinkedHere", "linked_here"]


def linked_here(
    store: Store, organisation: Organisation, person: str, case: str, *, now: int, limit: int
) -> tuple[LinkedHere, ...]:
    """The cases that link to the case, among those the person may read at an instant; open and new ones first."""
    scope = scope_of(organisation, person, now)
    with store.reads() as connection:
        return tuple(_linked_here(connection, scope, case, limit=limit))
