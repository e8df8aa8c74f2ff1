"""What all tables share: their metadata, and the kinds of columns."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import JSON, BigInteger, Column, MetaData
from sqlalchemy import Table as CoreTable
from sqlmodel import Field, SQLModel


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
