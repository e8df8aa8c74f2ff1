"""What all tables share: their metadata, and the kinds of columns."""

from __future__ import annotations

from typing import Any, Final, cast

from sqlalchemy import JSON, BigInteger, Column, MetaData
from sqlalchemy import Table as CoreTable
from sqlmodel import Field, SQLModel

UNDER_ITS_KEY: Final = {"sqlite_with_rowid": False}
"""Of a table whose rows are small and found by their key. SQLite then keeps them in the key's own index.

Otherwise it keeps a table beside the index, and writes a page of each where a row is added. A large
row is better kept apart: of one beyond 1,002 bytes a part would be given a page of its own.
"""


class Table(SQLModel):
    """What all tables share: one set of metadata of their own."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def instant(*, nullable: bool = False) -> Any:
    """A column of UTC microseconds."""
    return Field(sa_column=Column(BigInteger, nullable=nullable))


def json_column(default: str) -> Any:
    """A column of JSON, which holds `default` where nothing is written."""
    return Field(sa_column=Column(JSON, nullable=False, server_default=default))


def table_of(model: type[Table]) -> CoreTable:
    """The Core table of a declared one, to write statements with."""
    return cast("CoreTable", model.__table__)  # type: ignore[attr-defined]  # set by the metaclass
