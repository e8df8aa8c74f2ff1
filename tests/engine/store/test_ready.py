"""A setting that names no database of ours is told in words, whatever is wrong with it."""

from __future__ import annotations

import pytest

from engine.store.ready import DatabaseNotReady, reaching


@pytest.mark.parametrize(
    "url",
    [
        "garbage",
        "nosuch://x",
        "mysql://x",
        "sqlite+aiosqlite:///a.db",
        "postgresql+psycopg://a@127.0.0.1:abc/x",
        "postgresql+psycopg://[::1/x",
    ],
)
def test_what_is_no_database_of_ours_is_told_with_what_to_give(url: str) -> None:
    with pytest.raises(DatabaseNotReady, match=r"give sqlite:///FILE or postgresql\+psycopg://…"), reaching(url):
        pytest.fail("it was let in")


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_database_in_memory_is_refused_rather_than_upgraded_for_nothing(url: str) -> None:
    with pytest.raises(DatabaseNotReady, match="names no file"), reaching(url):
        pytest.fail("it was let in")


@pytest.mark.parametrize("url", ["sqlite:///å b.db", "postgresql://x/y", "postgresql+psycopg://a:b@[::1]:5432/x"])
def test_databases_of_ours_are_let_in(url: str) -> None:
    with reaching(url):
        pass
