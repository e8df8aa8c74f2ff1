"""Who is told that a step is taken can rely on it: it is committed, and it is on the disk."""

from __future__ import annotations

from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

from engine.store.store import Store
from tests.databases import administer
from tests.engine.house import open_house


def found_by_others(url: str, case: str) -> bool:
    """Whether somebody who connects now finds the case."""
    with closing(Store(url)) as store, store.asks() as driver:
        mark = "?" if store.sqlite else "%s"
        return driver.execute(f"SELECT 1 FROM case_record WHERE id = {mark}", (case,)).fetchone() is not None


def test_what_was_acknowledged_is_found_by_others_at_once(database_url: str) -> None:
    with open_house(database_url) as house:
        assert found_by_others(database_url, house.open())


def waits_for_the_disk(url: str, *, durable: bool = True) -> set[Any]:
    """What the database says of its commits, over each kind of connection that writes."""
    with closing(Store(url, durable=durable)) as store:
        asked = "PRAGMA synchronous" if store.sqlite else "SHOW synchronous_commit"
        with store.writes() as connection:
            said = {connection.exec_driver_sql(asked).scalar()}
        if store.sqlite:
            return said | set(store._open_writer().execute(asked).fetchone())
        with store.asks() as driver:
            return said | set(driver.execute(asked).fetchone())


def test_a_commit_waits_for_the_disk(database_url: str) -> None:
    if database_url.startswith("sqlite"):
        expected: tuple[Any, Any] = 2, 0  # FULL and OFF: https://sqlite.org/pragma.html#pragma_synchronous
    else:
        # The server of the tests does not wait, to be quick; this database of it does.
        name = urlsplit(database_url).path.removeprefix("/")
        administer(database_url, "ALTER DATABASE {name} SET synchronous_commit = on", name=name)
        expected = "on", "off"
    assert waits_for_the_disk(database_url) == {expected[0]}
    assert waits_for_the_disk(database_url, durable=False) == {expected[1]}
