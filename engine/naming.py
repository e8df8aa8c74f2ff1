"""What the ids in a case and its history stand for.

Of a case only its number is told, which lets nobody read it; names of people are shown to
whoever may read the case they occur in.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal, cast

from engine.store import naming_rows
from engine.store.store import Store

Kind = Literal["person", "case", "partner"]


@dataclass(frozen=True, slots=True)
class Named:
    """What an id stands for. `words` is None for a person who has been erased."""

    kind: Kind
    words: str | None


def named(store: Store, institution: str, ids: Collection[str]) -> Mapping[str, Named]:
    """What these ids stand for, by id; unknown ones are left out."""
    if not ids:
        return {}
    with store.reads() as connection:
        rows = naming_rows.named(connection, institution, ids)
    return {id_: Named(cast("Kind", kind), words) for kind, id_, words in rows}
