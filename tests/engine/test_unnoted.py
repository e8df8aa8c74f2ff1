"""What is only noted beside the work is not noted where the database cannot take it, and nobody is turned away."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from engine.errors import Full
from engine.sessions import Sessions
from engine.store.store import Store
from engine.tokens import Caller, Tokens
from tests.engine.registry import UMU, Registry, registry


def no_room() -> Exception:
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    return error


@contextmanager
def no_update(store: Store, failure: Callable[[], Exception]) -> Iterator[None]:
    """Nothing that is there can be changed while inside."""

    def fail(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("UPDATE"):
            raise failure()

    sa.event.listen(store.engine, "before_cursor_execute", fail)
    try:
        yield
    finally:
        sa.event.remove(store.engine, "before_cursor_execute", fail)


def shown(office: Registry) -> tuple[str, str]:
    """A token and a session of Anna's, whose last use is to be noted."""
    token = office.directory.issue_token(UMU, office.anna)
    session = Sessions(office.cases.store, office.clock, b"secret").begin(Caller(UMU, office.anna))
    office.clock.at = office.clock.at.replace(hour=11)
    return token, session


def known(office: Registry, store: Store, token: str, session: str) -> list[str]:
    """Who these are, as a process with this store says."""
    caller = Tokens(store, office.clock).authenticate(token)
    visitor = Sessions(store, office.clock, b"secret").visitor(session)
    assert caller is not None
    assert visitor is not None
    return [caller.person, visitor.caller.person]


@pytest.mark.parametrize("failure", [no_room, Full])
def test_on_a_full_disk_whoever_shows_a_token_or_a_session_is_known(
    database_url: str, failure: Callable[[], Exception]
) -> None:
    with registry(database_url) as office:
        token, session = shown(office)
        with no_update(office.cases.store, failure):
            assert known(office, office.cases.store, token, session) == [office.anna] * 2
        assert office.directory.tokens(UMU, office.anna)[0].last_used_on is None
        assert known(office, office.cases.store, token, session) == [office.anna] * 2
        assert office.directory.tokens(UMU, office.anna)[0].last_used_on == date(2026, 12, 7)


def test_on_a_standby_whoever_shows_a_token_or_a_session_is_known(postgresql_url: str) -> None:
    url = make_url(postgresql_url).update_query_dict({"options": "-c default_transaction_read_only=on"})
    with registry(postgresql_url) as office:
        token, session = shown(office)
        with closing(Store(url.render_as_string(hide_password=False))) as standby:
            assert known(office, standby, token, session) == [office.anna] * 2


def test_while_another_release_has_upgraded_whoever_shows_a_token_or_a_session_is_known(sqlite_url: str) -> None:
    with registry(sqlite_url) as office:
        token, session = shown(office)
        with office.cases.store.writes() as connection:
            connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
        assert known(office, office.cases.store, token, session) == [office.anna] * 2


def test_a_fault_of_ours_in_noting_is_raised(sqlite_url: str) -> None:
    with registry(sqlite_url) as office:
        token, session = shown(office)
        with no_update(office.cases.store, ZeroDivisionError), pytest.raises(ZeroDivisionError):
            known(office, office.cases.store, token, session)
