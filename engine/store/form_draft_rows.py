"""The rows of forms that were begun and not yet sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from engine.store.store import Session, Store
from engine.tables import FormDraft, table_of

_draft = table_of(FormDraft)


def put(connection: Session, row: Mapping[str, Any]) -> None:
    """Write a draft in place of the one of the same person, case and form."""
    # Both databases have it, each in its own dialect; of two saved at once the later one stands.
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    written = insert(_draft).values(dict(row))
    keys = [column.name for column in _draft.primary_key]
    changed = {name: written.excluded[name] for name in row if name not in keys}
    connection.execute(written.on_conflict_do_update(index_elements=keys, set_=changed))


def find(store: Store, institution: str, person: str, case: str, form: str) -> Mapping[str, Any] | None:
    """The draft, by column, or None."""
    with store.reads() as connection:
        row = connection.execute(sa.select(_draft).where(*_of(institution, person, case, form))).first()
    return row._asdict() if row else None


def remove(connection: Session, institution: str, person: str, case: str, form: str) -> int:
    """Remove a draft; how many there were."""
    return connection.execute(_draft.delete().where(*_of(institution, person, case, form))).rowcount


def remove_beyond(connection: Session, institution: str, person: str, *, most: int, case: str, form: str) -> int:
    """Remove the person's oldest drafts until there are `most`, the one named counted and kept; how many went."""
    mine = (_draft.c.institution == institution, _draft.c.person == person)
    others = sa.or_(_draft.c.case_id != case, _draft.c.form != form)
    newest_first = (_draft.c.updated_at.desc(), _draft.c.case_id, _draft.c.form)
    keys = sa.tuple_(_draft.c.case_id, _draft.c.form)
    beyond = sa.select(_draft.c.case_id, _draft.c.form).where(*mine, others).order_by(*newest_first).offset(most - 1)
    return connection.execute(_draft.delete().where(*mine, keys.in_(beyond))).rowcount


def remove_older(connection: Session, *, before: int) -> int:
    """Remove what has not been touched since an instant; how many there were."""
    return connection.execute(_draft.delete().where(_draft.c.updated_at < before)).rowcount


def _of(institution: str, person: str, case: str, form: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        _draft.c.institution == institution,
        _draft.c.person == person,
        _draft.c.case_id == case,
        _draft.c.form == form,
    )
