"""The large office of the measurements is as the small one: every row is there, found and tied."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from engine.catalogue import Catalogue
from engine.store.store import Store
from tests.bench import filling


def test_an_office_is_multiplied_with_all_its_rows(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filling, "MADE", 100)
    monkeypatch.setattr(filling, "OF_DEPARTMENTS", 150)
    store = Store(database_url, durable=False)
    expected = "SELECT tbl, idx, stat FROM sqlite_stat1 ORDER BY 1, 2"
    with store.engine.connect() as connection:
        before = connection.exec_driver_sql(expected).all() if store.sqlite else []
    filling.fill(store, Catalogue.of((Path(__file__).parents[2] / "workflows").glob("*.py")), cases=300, events=2)
    with store.engine.connect() as connection:

        def count(table: str) -> int:
            return int(connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one())

        tied = count("link JOIN case_record f ON f.id = from_case JOIN case_record t ON t.id = to_case")
        assert (count("case_record"), count("case_words"), count("event")) == (300, 300, 600)
        assert count("link") == tied > 100
        assert count("case_reach") > 100
        assert count("case_record c JOIN unit u ON u.code = c.unit") == 300
        assert count("case_record WHERE unit LIKE '%.1'") == 100
        if store.sqlite:
            assert connection.exec_driver_sql(expected).all() == before
            assert count("case_words_index('\"2022\"')") == count("case_words WHERE words LIKE '%2022%'")
    store.close()
