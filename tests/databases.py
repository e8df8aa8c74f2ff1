"""Databases for tests: a PostgreSQL of our own, and fresh migrated copies on it and on SQLite.

Everything lies in one folder under the system's temporary directory. For each kind of database a
template is migrated once a run; every test then gets a copy, which is much cheaper than migrating.
The processes of a run share the folder: whoever comes first makes the server and the templates,
the others wait at a file lock.
"""

from __future__ import annotations

import fcntl
import itertools
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from tests.postgresql import Server, start_server, stop_server

#: Brings the database at this SQLAlchemy URL to the newest schema, and leaves no connection to it open:
#: PostgreSQL copies no database that somebody is connected to.
Prepare = Callable[[str], None]

_numbers = itertools.count(1)


def prepare(url: str) -> None:
    """Migrate the database at `url`."""
    # Imported late, so that tests without a database neither need nor pay for the store.
    from engine.store.migrate import upgrade  # noqa: PLC0415

    upgrade(url)


@contextmanager
def start_postgresql(folder: Path, *, durable: bool = False) -> Iterator[str]:
    """Run a PostgreSQL in `folder`, made by mkdtemp, and stop it at the end; the folder stays.

    Gives the URL of its database `postgres`; `sibling_url` names others on the same server.
    `durable` keeps fsync and synchronous commit as in production, for crash tests and measurements.
    """
    server = start_server(folder, durable=durable)
    try:
        yield server.url
    finally:
        stop_server(server)


def sibling_url(url: str, database: str) -> str:
    """The same server, another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


def conninfo(url: str) -> str:
    """The SQLAlchemy URL as psycopg itself reads it."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def administer(url: str, statement: str, **names: str) -> None:
    """Run one statement that must not stand in a transaction; `names` are its quoted identifiers."""
    quoted = {key: sql.Identifier(name) for key, name in names.items()}
    with psycopg.connect(conninfo(url), autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(**quoted))


@dataclass(frozen=True)
class Databases:
    """The databases of one run of the tests, as one of its processes sees them.

    `given` is the URL of a server to use instead of starting one; it must allow CREATE DATABASE.
    The process that called `make` also calls `close`, after all others have ended.
    """

    folder: Path
    given: str | None = None
    prepare: Prepare = prepare

    @classmethod
    def make(cls) -> Databases:
        """Start a run: a folder of its own, and the server that FARDPLAN_TEST_DATABASE_URL names, if any."""
        folder = Path(tempfile.mkdtemp(prefix="fardplan_"))
        # The account that runs PostgreSQL passes through, but sees only its own folder in it.
        folder.chmod(0o711)
        return cls(folder, os.environ.get("FARDPLAN_TEST_DATABASE_URL"))

    def close(self) -> None:
        """Stop what was started and remove the folder."""
        if self.given and self._mark("template").exists():
            administer(self.given, "DROP DATABASE {name}", name=self._template)
        if self._mark("server").exists():
            stop_server(Server.read(self._mark("server")))
        shutil.rmtree(self.folder)

    def sqlite(self, target: Path) -> str:
        """A migrated SQLite database in the file `target`, as an SQLAlchemy URL."""
        shutil.copyfile(self._sqlite_template(), target)
        return f"sqlite:///{target}"

    @contextmanager
    def postgresql(self) -> Iterator[str]:
        """The URL of a migrated PostgreSQL database; at the end it goes, with whoever is connected to it."""
        server, template = self._server(), self._template
        self._migrate_template(server)
        name = f"{template}_{os.getpid()}_{next(_numbers)}"
        administer(server, "CREATE DATABASE {name} TEMPLATE {template}", name=name, template=template)
        try:
            yield sibling_url(server, name)
        finally:
            administer(server, "DROP DATABASE {name} WITH (FORCE)", name=name)

    @property
    def _template(self) -> str:
        # The folder's name is unique, so that several runs can share one given server.
        return self.folder.name

    def _mark(self, name: str) -> Path:
        return self.folder / f"{name}.done"

    @contextmanager
    def _once(self, name: str) -> Iterator[bool]:
        """True for the first process to come by; the others wait until it is done, and take its place if it fails."""
        with (self.folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            first = not self._mark(name).exists()
            yield first
            if first:
                self._mark(name).touch()

    def _server(self) -> str:
        if self.given:
            return self.given
        with self._once("server") as first:
            if first:
                start_server(self.folder / "postgresql", durable=False).write(self._mark("server"))
        return Server.read(self._mark("server")).url

    def _migrate_template(self, server: str) -> None:
        with self._once("template") as first:
            if first:
                name = self._template
                administer(server, "DROP DATABASE IF EXISTS {name}", name=name)
                administer(server, "CREATE DATABASE {name} TEMPLATE template0", name=name)
                self.prepare(sibling_url(server, name))

    def _sqlite_template(self) -> Path:
        template = self.folder / "template.db"
        with self._once("sqlite") as first:
            if first:
                self.prepare(f"sqlite:///{template}")
                # Only the main file is copied, so nothing may be left in the write-ahead log.
                with closing(sqlite3.connect(template)) as connection:
                    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return template
