"""Which errors of a driver mean that the database is away or full, and how a pool gets over it."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from engine.errors import Away, Busy, DefinitionUnknown, Full
from engine.store.admission import DatabaseNotReady
from engine.store.outage import concerns_the_database, outage_of
from engine.store.store import Store
from tests.databases import administer, conninfo


def test_a_fault_of_ours_is_no_outage(database_url: str) -> None:
    with (
        closing(Store(database_url)) as store,
        store.asks() as driver,
        pytest.raises((sqlite3.Error, psycopg.Error)) as raised,
    ):
        driver.execute("SELECT nothing FROM nowhere")
    assert outage_of(raised.value) is None
    assert outage_of(ValueError()) is None


def test_a_disk_without_room_is_told_as_full(sqlite_url: str) -> None:
    with closing(Store(sqlite_url)) as store, store.asks() as driver:
        driver.execute("PRAGMA max_page_count = 1")
        with pytest.raises(sqlite3.OperationalError) as raised:
            driver.execute("CREATE TABLE much AS SELECT zeroblob(1000000) AS it")
    assert type(outage_of(raised.value)) is Full
    assert type(outage_of(psycopg.errors.DiskFull("no space left on device"))) is Full


def test_what_is_read_only_or_cannot_be_reached_is_away() -> None:
    nowhere = "postgresql+psycopg://nobody@/nothing?host=/nowhere"
    with closing(Store(nowhere)) as store, pytest.raises(sa.exc.DBAPIError) as raised, store.reads():
        pass
    assert type(outage_of(raised.value)) is Away
    assert type(outage_of(psycopg.errors.ReadOnlySqlTransaction("a standby"))) is Away


def test_connections_that_were_cut_while_they_lay_idle_are_never_handed_out(postgresql_url: str) -> None:
    with closing(Store(postgresql_url)) as store:
        for _ in range(3):
            with store.asks() as one, store.asks() as other, store.reads() as third:
                drivers: tuple[Any, ...] = (one, other, third.connection.driver_connection)
                pids = [driver.info.backend_pid for driver in drivers]
            # With a time to wait, for without one they are only asked to end.
            administer(postgresql_url, f"SELECT pg_terminate_backend(p, 60000) FROM unnest(ARRAY{pids}) p")
        with store.asks() as driver, store.reads() as connection:
            assert driver.execute("SELECT 1").fetchone() == (1,)
            assert connection.execute(sa.text("SELECT 1")).scalar() == 1


def test_a_server_that_hangs_up_on_fresh_connections_too_is_away(database_url: str) -> None:
    def hang_up(*_: object) -> None:
        raise sa.exc.InvalidatePoolError

    with closing(Store(database_url)) as store:
        sa.event.listen(store.engine, "checkout", hang_up)
        with pytest.raises(sa.exc.InvalidRequestError) as raised, store.reads():
            pass
        assert type(outage_of(raised.value)) is Away
    assert outage_of(sa.exc.InvalidRequestError("a fault of ours")) is None


def test_a_transaction_that_was_ended_for_its_silence_is_away(postgresql_url: str) -> None:
    with closing(Store(postgresql_url)) as store, store.reads() as connection:
        pid = connection.execute(sa.text("SELECT pg_backend_pid()")).scalar_one()
        connection.execute(sa.text("SET LOCAL idle_in_transaction_session_timeout = 50"))
        with psycopg.connect(conninfo(postgresql_url), autocommit=True) as looks:
            while looks.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", [pid]).fetchone():
                time.sleep(0.01)
        with pytest.raises(sa.exc.DBAPIError) as raised:
            connection.execute(sa.text("SELECT 1"))
    assert isinstance(raised.value.orig, psycopg.errors.IdleInTransactionSessionTimeout)
    assert type(outage_of(raised.value)) is Away


@pytest.mark.parametrize("code", ["25P04", "57P01", "57P02", "57P03", "57P05"])
def test_a_server_that_is_stopped_or_ends_a_session_is_away(code: str) -> None:
    class Said(psycopg.Error):
        sqlstate = code

    assert type(outage_of(Said())) is Away


@pytest.mark.parametrize("failure", [Busy(), Full(), DatabaseNotReady(), psycopg.errors.AdminShutdown()])
def test_what_the_database_cannot_take_now_concerns_it_alone(failure: Exception) -> None:
    assert concerns_the_database(failure)
    assert not concerns_the_database(DefinitionUnknown("of one case"))
    assert not concerns_the_database(psycopg.errors.UniqueViolation())
