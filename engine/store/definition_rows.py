"""The rows of definitions ever used, and which of them cases stand under."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from engine.store.store import Store
from engine.tables import CaseRecord, DefinitionRecord, Event, table_of

_case = table_of(CaseRecord)
_definition = table_of(DefinitionRecord)
_event = table_of(Event)
_KEEP = sa.text(
    "INSERT INTO definition (institution, hash, name, version, source, first_used_at) "
    "VALUES (:institution, :hash, :name, :version, :source, :now) "
    "ON CONFLICT (institution, hash) DO NOTHING"
)


def known(store: Store, institution: str) -> frozenset[str]:
    """The hashes of the definitions that are kept."""
    query = sa.select(_definition.c.hash).where(_definition.c.institution == institution)
    with store.reads() as connection:
        return frozenset(connection.execute(query).scalars())


def keep(store: Store, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep definitions: institution, hash, name, version, source, now (the instant of first use).

    Several processes start at once and all of them may find one new; the first to write it wins.
    """
    with store.writes(beside=True) as connection:
        for row in rows:
            connection.execute(_KEEP, dict(row))


def in_use(store: Store) -> tuple[list[tuple[str, str, int]], dict[str, int]]:
    """Workflow, hash and number of cases of each definition in use anywhere; and the versions kept, by hash."""
    groups = (_case.c.workflow, _case.c.definition)
    query = sa.select(*groups, sa.func.count()).group_by(*groups).order_by(*groups)
    with store.reads() as connection:
        used = [(row[0], row[1], row[2]) for row in connection.execute(query)]
        kept = connection.execute(sa.select(_definition.c.hash, _definition.c.version))
        return used, {row.hash: row.version for row in kept}


def only_in_histories(store: Store, declared: frozenset[str]) -> list[tuple[str, str, int]]:
    """Workflow, hash and number of cases of each definition kept that is not declared, and that only events name.

    Those are the definitions cases have gone over from: their histories are read under them.
    """
    unknown = sa.select(_definition.c.hash, _definition.c.name).where(_definition.c.hash.not_in(sorted(declared)))
    with store.reads() as connection:
        names = {row.hash: row.name for row in connection.execute(unknown.distinct())}
        # Nothing is asked of the events, of which there are many, unless a file is missing.
        counts = sa.select(_event.c.definition, sa.func.count(_event.c.case_id.distinct())).where(
            _event.c.definition.in_(sorted(names))
        )
        found = connection.execute(counts.group_by(_event.c.definition)) if names else ()
        return sorted((names[row[0]], row[0], row[1]) for row in found)
