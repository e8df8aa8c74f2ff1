"""The migrated schema is the declared one, on both databases, down to the partial indexes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from engine.store.migrate import at_head, upgrade
from engine.tables import Table

TENANT = "institution"
OF_THE_WHOLE_INSTALLATION = {
    "token": "a token is looked up before it is known whose it is",
    "session": "a session is looked up before it is known whose it is",
    "sign_in_link": "a link is followed before it is known whose it is",
    "calendar_feed": "a feed is asked for before it is known whose it is",
    "test_clock": "one clock for the whole installation",
    "heartbeat": "one pulse for the whole installation",
}
LED_BY_TIME = {
    "ix_deadline_acts": "a tick asks for what is due in any institution",
    "ix_outbox_waiting": "a delivery asks for what waits in any institution",
}
BESIDE = {
    "sqlite": {
        "case_words", "case_words_index", *(f"case_words_index_{part}" for part in ("config", "data", "idx")),
        "case_reach",
    },
    "postgresql": {"case_words", "case_reach"},
}  # fmt: skip
"""What a database has of its own to find cases by parts of words, and by units; kept by triggers of the migrations."""
REACHING = {
    "link_reaching", "link_unreaching", "case_record_reaching", "case_record_ending", "case_record_unreaching",
}  # fmt: skip
TRIGGERS = {
    "sqlite": {
        "case_record_worded", "case_record_reworded", "case_record_unworded", "case_words_added",
        "case_words_changed", "case_words_removed", "person_named", "person_renamed", "person_unnamed", *REACHING,
    },
    "postgresql": {
        "case_record_worded", "case_record_reworded", "case_record_unworded", "person_named", "person_renamed",
        *REACHING,
    },
}  # fmt: skip
LISTED = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
}
TABLES = Table.metadata.tables


@pytest.fixture
def inspector(database_url: str) -> Iterator[sa.Inspector]:
    engine = sa.create_engine(database_url)
    with engine.connect() as connection:
        yield sa.inspect(connection)
    engine.dispose()


def normalised(predicate: object) -> str | None:
    """A partial index's predicate without what a database adds: brackets, casts, spaces."""
    if predicate is None:
        return None
    return re.sub(r"::\w+( varying)?|[()\s]", "", str(predicate)).casefold()


def predicate(index: Any, dialect: str) -> str | None:
    if isinstance(index, sa.Index):
        return normalised(index.dialect_options[dialect]["where"])
    return normalised(index.get("dialect_options", {}).get(f"{dialect}_where"))


def test_a_comparison_finds_nothing_to_migrate(database_url: str) -> None:
    engine = sa.create_engine(database_url)
    with engine.connect() as connection:
        ours = BESIDE[connection.dialect.name]
        opts = {"compare_type": True, "include_name": lambda name, kind, _: kind != "table" or name not in ours}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, Table.metadata) == []
    engine.dispose()


def test_the_tables_are_those_declared(inspector: sa.Inspector) -> None:
    assert set(inspector.get_table_names()) == {*TABLES, "alembic_version", *BESIDE[inspector.dialect.name]}


def test_the_triggers_that_keep_words_and_reach_in_step_are_there(database_url: str) -> None:
    engine = sa.create_engine(database_url)
    with engine.connect() as connection:
        found = set(connection.exec_driver_sql(LISTED[engine.dialect.name]).scalars())
    engine.dispose()
    assert found == TRIGGERS[engine.dialect.name]


def test_sqlite_is_told_what_to_expect_of_each_index_of_the_tables_that_grow(sqlite_url: str) -> None:
    engine = sa.create_engine(sqlite_url)
    with engine.connect() as connection:
        told = {
            (row.tbl, row.idx): len(row.stat.split()) - 1
            for row in connection.exec_driver_sql("SELECT tbl, idx, stat FROM sqlite_stat1")
        }
        there = {
            (table, index.name): len(connection.exec_driver_sql(f"PRAGMA index_info({index.name})").all())
            for table in {table for table, _ in told}
            for index in connection.exec_driver_sql(f"PRAGMA index_list({table})")
        }
    engine.dispose()
    assert told == there


def test_words_are_indexed_by_three_letters_where_postgresql_can(postgresql_url: str) -> None:
    engine = sa.create_engine(postgresql_url)
    with engine.connect() as connection:
        written = connection.exec_driver_sql(
            "SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_case_words_letters'"
        ).scalar_one()
    engine.dispose()
    assert written.endswith("USING gin (words gin_trgm_ops)")


def test_columns_have_the_declared_types_nullability_and_defaults(inspector: sa.Inspector) -> None:
    dialect = inspector.dialect
    for name, table in TABLES.items():
        found = {
            each["name"]: (each["type"].compile(dialect), each["nullable"], default(each["default"], dialect))
            for each in inspector.get_columns(name)
        }
        assert found == {
            each.name: (each.type.compile(dialect), each.nullable, default(each.server_default, dialect))
            for each in table.columns
        }


def default(value: Any, dialect: sa.Dialect) -> str | None:
    """A server default without quotes and casts; a number PostgreSQL draws for a key is none."""
    text = getattr(value, "arg", value)
    text = text.compile(dialect=dialect) if isinstance(text, sa.ClauseElement) else text
    if text is None or str(text).startswith("nextval("):
        return None
    return re.sub(r"::\w+|'", "", str(text))


def test_primary_keys_are_the_declared_ones_in_their_order(inspector: sa.Inspector) -> None:
    found = {name: inspector.get_pk_constraint(name)["constrained_columns"] for name in TABLES}
    assert found == {name: [column.name for column in table.primary_key] for name, table in TABLES.items()}


def test_indexes_have_the_declared_columns_rules_and_predicates(inspector: sa.Inspector) -> None:
    dialect = inspector.dialect.name
    for name, table in TABLES.items():
        found = {
            index["name"]: (index["column_names"], bool(index["unique"]), predicate(index, dialect))
            for index in inspector.get_indexes(name)
        }
        assert found == {
            index.name: ([column.name for column in index.columns], bool(index.unique), predicate(index, dialect))
            for index in table.indexes
        }


def test_there_are_no_unique_rules_beside_the_unique_indexes(inspector: sa.Inspector) -> None:
    assert [name for name in TABLES if inspector.get_unique_constraints(name)] == []


def test_some_indexes_are_partial_so_the_comparison_above_says_something(inspector: sa.Inspector) -> None:
    dialect = inspector.dialect.name
    found = {
        index["name"]: predicate(index, dialect)
        for name in TABLES
        for index in inspector.get_indexes(name)
        if predicate(index, dialect)
    }
    assert found == {
        "ix_case_record_assigned": "assigneeisnotnull",
        "ix_case_record_due": "closed_atisnull",
        "ix_case_record_open": "closed_atisnull",
        "ix_case_record_overdue": "missed_atisnotnullandclosed_atisnull",
        "ix_case_record_partner": "partnerisnotnull",
        "ix_case_record_standing": "closed_atisnull",
        "ix_deadline_acts": "acts_atisnotnull",
        "ix_deadline_open": "ended_atisnull",
        "ix_outbox_recipient": {"sqlite": "groupedis1", "postgresql": "groupedistrue"}[dialect],
        "ix_outbox_waiting": "state='waiting'",
    }


def test_rows_lie_under_their_key_where_it_is_declared(sqlite_url: str) -> None:
    engine = sa.create_engine(sqlite_url)
    with engine.connect() as connection:
        listed = connection.exec_driver_sql("SELECT name FROM pragma_table_list WHERE wr = 1").scalars()
        found = {name for name in listed if name in TABLES}
    engine.dispose()
    declared = {name for name, table in TABLES.items() if not table.dialect_options["sqlite"]["with_rowid"]}
    assert found == declared == {"event_detail", "outbox", "idempotency", "natural_key"}


def test_the_institution_leads_every_primary_key() -> None:
    leading = {name: next(column.name for column in table.primary_key) for name, table in TABLES.items()}
    assert {name for name, column in leading.items() if column != TENANT} == set(OF_THE_WHOLE_INSTALLATION)


def test_the_institution_leads_every_index() -> None:
    others = {
        index.name
        for table in TABLES.values()
        for index in table.indexes
        if next(column.name for column in index.columns) != TENANT
    }
    assert others == set(LED_BY_TIME)


def test_every_unique_rule_holds_within_an_institution() -> None:
    unique = [index for table in TABLES.values() for index in table.indexes if index.unique]
    assert {index.name for index in unique if TENANT not in {column.name for column in index.columns}} == set()


def test_upgrading_again_changes_nothing(database_url: str) -> None:
    engine = sa.create_engine(database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO heartbeat (name, at) VALUES ('tick', 1)")
    upgrade(database_url)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT name, at FROM heartbeat").all() == [("tick", 1)]
    engine.dispose()
    assert at_head(database_url)


def test_an_empty_database_is_not_at_its_head(tmp_path: Any) -> None:
    url = f"sqlite:///{tmp_path}/empty.db"
    assert not at_head(url)
    upgrade(url)
    assert at_head(url)
