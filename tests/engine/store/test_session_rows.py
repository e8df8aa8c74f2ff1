"""Whether a link is unused is asked by the very statement that uses it, so that of two at once one is let in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from engine.store import session_rows
from engine.store.store import Store


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    with closing(Store(database_url)) as made:
        yield made


def link(name: str, **more: Any) -> dict[str, Any]:
    row = {"hash": name, "institution": "x.se", "person": "ann", "path": "/", "address": "", "origin": "", "made_at": 1}
    return row | {"expires_at": 10} | more


def test_a_link_is_used_once_and_in_its_time(store: Store) -> None:
    session_rows.put_link(store, link("asked"))
    session_rows.put_link(store, link("late"))
    with store.writes() as connection:
        assert [session_rows.use_link(connection, "asked", now=5) for _ in range(2)] == [True, False]
        assert not session_rows.use_link(connection, "late", now=10)


def test_a_mailed_link_is_used_once(store: Store) -> None:
    with store.writes() as connection:
        row = link("mailed", used_at=5)
        assert [session_rows.use_mailed(connection, row) for _ in range(2)] == [True, False]
