"""What carrying a case over would do to it, told without doing it. Pure: nothing is read or written."""

from __future__ import annotations

from engine.decide import Replayed, decide
from engine.drafts import Unwritten
from engine.model import IMPORT_PARTY, Decision, Migrate, Request, Snapshot
from engine.views import Definitions


def outlook(catalogue: Definitions, snapshot: Snapshot, case: str) -> Decision:
    """What migration to the catalogue's current definition would do to a case of the snapshot.

    Raises Refused where the case would be stuck. The hashes of events are not those that a
    commit would write, for their nonces are drawn then.
    """
    request = Request(snapshot.organisation.institution, Migrate(), IMPORT_PARTY, case=case)
    decision = decide(catalogue, snapshot, request, Unwritten())
    if isinstance(decision, Replayed):
        raise TypeError("a request without a key was done before")
    return decision
