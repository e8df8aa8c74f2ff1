"""Backs a PostgreSQL database up while others work with it, and puts a backup back, by PostgreSQL's own programs.

`pg_dump` writes its own format (-Fc), of a snapshot that is shared with it, so that what is told of a backup was
counted in that very backup. What is put back goes in as one transaction, with the mark that says so
(https://www.postgresql.org/docs/current/app-pgdump.html, app-pgrestore.html).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Final

import psycopg
from sqlalchemy.engine import URL, make_url

from engine.store.admission import IN_USE, be_alone
from engine.store.backup_rows import OURS, BackupFailed, Held, held, marks, refuse_full

_DEBIAN: Final = Path("/usr/lib/postgresql")
_NEEDED: Final = ("TABLE DATA", "event"), ("TABLE DATA", "case_record"), ("TABLE DATA", "heartbeat")


class ToolMissing(BackupFailed):
    """A program of PostgreSQL's is not on this machine."""


def save(url: str, to: Path) -> Held:
    """Dump a database, as of now, into a new file, and check that; what it holds. Raises BackupFailed, ToolMissing."""
    with _connected(url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        (snapshot,) = _row(connection, "SELECT pg_export_snapshot()")
        found = held(connection)
        version = _version(connection)
        dump, restore = _tool("pg_dump", version), _tool("pg_restore", version)
        _run([dump, "-Fc", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={to}"], url)
    _check(restore, to)
    return found


def _check(restore: str, file: Path) -> None:
    """Raise BackupFailed where a file cannot be read to its end, or is no backup of ours."""
    listed = _listed(restore, file)
    missing = [name for kind, name in _NEEDED if not re.search(rf" {kind} \S+ {name} ", listed)]
    if missing:
        raise BackupFailed(f"{file} holds no {', no '.join(missing)}: it is no whole backup of Färdplan")
    # The list stands at the beginning: only who reads all of it knows that the end is there.
    _run([restore, f"--file={os.devnull}", str(file)], None)


def refuse_full_database(url: str) -> None:
    """Raise NotEmpty where the database holds something."""
    with _connected(url) as connection:
        refuse_full(connection, frozenset(_tables(connection)))


def put_back(url: str, source: Path, *, backup_at: int, begun_at: int) -> None:
    """Put a backup into an empty database, marked; in the schema it was made in. Raises DatabaseInUse, BackupFailed."""
    with _connected(url) as connection, _alone(connection):
        refuse_full(connection, frozenset(_tables(connection)))
        version, emptied = _version(connection), _emptying(connection)
        (extended,) = _row(connection, "SELECT count(*) > 0 FROM pg_extension WHERE extname = 'pg_trgm'")
        connection.commit()
        restore, psql = _tool("pg_restore", version), _tool("psql", version)
        _check(restore, source)
        listed = _listed(restore, source)
        ending = [_qualified(each, listed) for each in marks(backup_at=backup_at, begun_at=begun_at)]
        with tempfile.TemporaryDirectory() as folder:
            wanted = Path(folder) / "list"
            wanted.write_text(_without_extension(listed, there=extended), "utf-8")
            read = [restore, "--no-owner", "--no-privileges", f"--use-list={wanted}", "--file=-", str(source)]
            _pour(read, psql, url, beginning=emptied, ending=ending)


# What is asked of the database.


@contextmanager
def _connected(url: str) -> Iterator[psycopg.Connection[Any]]:
    whole = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        with psycopg.connect(whole, connect_timeout=10) as connection:
            yield connection
    except psycopg.OperationalError as error:
        raise BackupFailed(f"the database cannot be used: {' '.join(str(error).split())[:300]}") from error


@contextmanager
def _alone(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """Keep everybody else out. Given back by a statement: a connection that ends is let go some time afterwards."""
    be_alone(lambda: _row(connection, "SELECT pg_try_advisory_lock(%s)", IN_USE)[0])
    try:
        yield
    finally:
        with suppress(psycopg.Error):  # then the connection is gone, and the lock with it
            connection.rollback()
            _row(connection, "SELECT pg_advisory_unlock(%s)", IN_USE)


def _row(connection: psycopg.Connection[Any], asked: str, *values: object) -> tuple[Any, ...]:
    row: tuple[Any, ...] = connection.execute(asked.encode(), values).fetchone() or ()
    return row


def _version(connection: psycopg.Connection[Any]) -> int:
    return connection.info.server_version // 10_000


def _tables(connection: psycopg.Connection[Any]) -> list[str]:
    rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
    return [row[0] for row in rows if row[0] in OURS]


def _emptying(connection: psycopg.Connection[Any]) -> list[str]:
    """The statements that drop what tables of ours are there, all of them empty, and what their triggers call."""
    tables = _tables(connection)
    called = connection.execute(
        "SELECT DISTINCT tgfoid::regprocedure::text FROM pg_trigger WHERE NOT tgisinternal "
        "AND tgrelid = ANY(SELECT to_regclass(name) FROM unnest(%s::text[]) AS name)",
        (tables,),
    ).fetchall()
    return [*(f'DROP TABLE "{name}" CASCADE' for name in tables), *(f"DROP FUNCTION {row[0]}" for row in called)]


# What is asked of the programs.


def _tool(name: str, at_least: int) -> str:
    """A program of PostgreSQL's, of this major version or else the next there is. Raises ToolMissing.

    A much newer one may write words that the server does not know.
    """
    found = [path for path in (shutil.which(name), *map(str, _DEBIAN.glob(f"*/bin/{name}"))) if path is not None]
    told = {path: re.search(r"\) (\d+)", _call([path, "--version"], None).stdout) for path in found}
    versions = {path: int(version[1]) for path, version in told.items() if version}
    fit = sorted((version, path) for path, version in versions.items() if version >= at_least)
    if fit:
        return fit[0][1]
    older = " (what is here is older)" if versions else ""
    raise ToolMissing(
        f"{name} of version {at_least} or newer is not on this machine{older}: install PostgreSQL's client programs "
        "(Debian: apt install postgresql-client), or make and read backups on the database's own machine"
    )


def _listed(restore: str, file: Path) -> str:
    return _run([restore, "--list", str(file)], None)


def _without_extension(listed: str, *, there: bool) -> str:
    """The list of what is put back, without the extension where it is there; to remark on it is for its owner."""
    gone = re.compile(r" EXTENSION | COMMENT - EXTENSION " if there else r" COMMENT - EXTENSION ")
    return "".join(line for line in listed.splitlines(keepends=True) if not gone.search(line))


def _qualified(statement: str, listed: str) -> str:
    """A statement about `heartbeat` with the schema it is put back in, for nothing is found without."""
    found = re.search(r" TABLE (\S+) heartbeat ", listed)
    return statement.replace(" heartbeat ", f' "{found[1] if found else "public"}".heartbeat ', 1)


def _run(command: Sequence[str], url: str | None) -> str:
    """Run a program to its end; what it said. Raises BackupFailed with its last words."""
    given = [*command, f"--dbname={_shown(url)}"] if url else command
    ran = _call(given, url)
    if ran.returncode != 0:
        raise BackupFailed(f"{Path(command[0]).name} failed: {_last_words(ran.stderr)}")
    return ran.stdout


def _call(command: Sequence[str], url: str | None) -> subprocess.CompletedProcess[str]:
    """Run a program without a shell."""
    return subprocess.run(command, capture_output=True, text=True, check=False, env=_environment(url))  # noqa: S603 - one that `_tool` found


def _pour(read: Sequence[str], psql: str, url: str, *, beginning: Sequence[str], ending: Sequence[str]) -> None:
    """Let one program read a backup and another write it, with statements around it, as one transaction."""
    write = [psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", f"--dbname={_shown(url)}"]
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(read, stdout=subprocess.PIPE, stderr=said) as reader,  # noqa: S603 - as above
        subprocess.Popen(  # noqa: S603 - as above
            write, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said, env=_environment(url)
        ) as writer,
    ):
        if reader.stdout is None or writer.stdin is None:
            raise BackupFailed("the programs cannot be tied together")
        whole = _poured(reader, reader.stdout, writer.stdin, beginning=beginning, ending=ending)
        written = writer.wait() == 0
        said.seek(0)
        if not (whole and written):
            raise BackupFailed(f"nothing was put back: {_last_words(said.read().decode(errors='replace'))}")


def _poured(
    reader: subprocess.Popen[bytes],
    out: IO[bytes],
    into: IO[bytes],
    *,
    beginning: Sequence[str],
    ending: Sequence[str],
) -> bool:
    """Whether all was read and handed over; it is committed only then."""
    try:
        into.write("".join(f"{each};\n" for each in ("BEGIN", *beginning)).encode())
        shutil.copyfileobj(out, into)
        whole = reader.wait() == 0
        into.write("".join(f"{each};\n" for each in ((*ending, "COMMIT") if whole else ("ROLLBACK",))).encode())
        into.close()
    except BrokenPipeError:
        # Who writes has stopped at a fault and says which; nothing was committed.
        reader.kill()
        with suppress(BrokenPipeError):
            into.close()
        return False
    return whole


def _shown(url: str) -> str:
    """The URL without its password: whoever lists processes may read it."""
    return _bare(make_url(url)).render_as_string(hide_password=False)


def _bare(url: URL) -> URL:
    return URL.create(
        "postgresql", url.username, None, url.host, url.port, url.database,
        {name: value for name, value in url.query.items() if name != "password"},
    )  # fmt: skip


def _environment(url: str | None) -> dict[str, str]:
    """The environment of a program, with the password."""
    parsed = make_url(url) if url else None
    password = (parsed.password or parsed.query.get("password")) if parsed else None
    return {**os.environ, **({"PGPASSWORD": str(password)} if password else {})}


def _last_words(said: str) -> str:
    return " ".join(said.split())[-400:] or "it did not say why"
