"""On PostgreSQL one node leases at a time, lest two each take a part of what one person is to get in one mail."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg
import sqlalchemy as sa

from engine.canonical import micros
from engine.store import owed_rows
from engine.store.owed_rows import LEASING
from engine.store.store import Store
from engine.tables import OutboxRecord, table_of
from tests.databases import conninfo
from tests.engine.house import INSTITUTION, MONDAY

NOW, UNTIL = micros(MONDAY), micros(MONDAY + timedelta(minutes=5))
WAITING = """
SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted
"""


def owe(store: Store, key: str) -> None:
    row = {
        "institution": INSTITUTION, "id": key, "case_id": "c1", "sequence": 1, "channel": "mail",
        "recipient": "person:ann", "template": "reminder", "grouped": True, "attempts": 0, "state": "waiting",
        "not_before": NOW, "next_try": NOW, "created_at": NOW,
    }  # fmt: skip
    with store.writes() as connection:
        connection.execute(sa.insert(table_of(OutboxRecord)).values(row))


def test_one_node_leases_at_a_time(postgresql_url: str) -> None:
    url, store = conninfo(postgresql_url), Store(postgresql_url)
    owe(store, "k1")
    with psycopg.connect(url) as other, psycopg.connect(url, autocommit=True) as looks, ThreadPoolExecutor(1) as pool:
        other.execute("SELECT pg_advisory_xact_lock(%s)", [LEASING])
        leasing = pool.submit(owed_rows.lease, store, now=NOW, until=UNTIL, limit=9)
        while looks.execute(WAITING).fetchone() == (0,) and not leasing.done():
            time.sleep(0.01)
        assert not leasing.done()
        # What the other took in hand meanwhile is not taken from it.
        other.execute("UPDATE outbox SET lease_until = %s WHERE id = 'k1'", [UNTIL])
        other.commit()
        assert leasing.result() == []
    store.close()
