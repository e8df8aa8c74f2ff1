"""Waiting until somebody waits: for tests in which one takes what another holds."""

from __future__ import annotations

import time
from concurrent.futures import Future
from typing import Any

import psycopg

from tests.databases import conninfo
from tests.engine.house import House

_WAITING = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def until_it_waits(house: House, waiting: Future[Any]) -> None:
    """Until PostgreSQL says that somebody waits. SQLite does not say; there a fifth of a second has to do."""
    if house.store.sqlite:
        time.sleep(0.2)
        return
    with psycopg.connect(conninfo(house.store.url.render_as_string(hide_password=False)), autocommit=True) as looks:
        while looks.execute(_WAITING).fetchone() is None:
            assert not waiting.done(), "it waits for nobody"
            time.sleep(0.01)
