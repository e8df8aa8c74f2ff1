"""The idempotency keys of calls that take many steps: each step has a key of its own below the call's."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from engine.model import Done
from engine.store.store import Store
from engine.tables import IdempotencyRecord, table_of

_key = table_of(IdempotencyRecord)

# No key that is sent holds a line end, so none can be taken for a part of another.
_PART: Final = "\n"


def part(key: str, item: str | int) -> str:
    """The key of one step of a call."""
    return f"{key}{_PART}{item}"


def done_under(store: Store, institution: str, party: str, key: str) -> list[Done]:
    """What was done under a key, by a single step or by those of a call, in the order of their keys."""
    below = key + _PART
    query = sa.select(_key.c.fingerprint, _key.c.case_id, _key.c.sequence).where(
        _key.c.institution == institution,
        _key.c.party == party,
        sa.or_(_key.c.key == key, sa.func.substr(_key.c.key, 1, len(below)) == below),
    )
    with store.reads() as connection:
        return [Done(*row) for row in connection.execute(query.order_by(_key.c.key))]
