"""A newer release comes while an older one is at work: two releases and one database, and nothing may be lost.

Each strike is a whole upgrade, and a bad one: the newer release is started too early, its upgrade is run under
load and broken off amid its transaction, the older one is left running (on PostgreSQL: it hangs, its
connections are ended, and it comes to itself afterwards) or started again when it is too late. Clients
send to the older service what they have, and then to the newer one under the same keys.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final
from unittest import mock

import httpx
import sqlalchemy as sa

from engine.store import admission
from engine.store.admission import IN_USE, Standing
from engine.store.migrate import schema_of, upgrade
from service.compose import House
from tests.crash.asking import Asker
from tests.crash.office import INSTITUTION
from tests.crash.processes import SERVICE, TREE, WORKER, Processes
from tests.crash.releases import AMID, PLACES, Release, changes, half_there, misled
from tests.crash.running import Tally, at_work, compare, house_of, recovery, time_passes, worker_alone
from tests.crash.troubles import Trouble

UPGRADE: Final = ("db", "upgrade")
DONE, MISUSED = 0, 2
"""How a command ends."""

BROKEN_OFF: Final = 2
"""How often each upgrade is broken off before it is let through."""

LONGEST_HOLD: Final = 0.5
"""Seconds for which an upgrade is held up before it is killed."""

SLOWEST: Final = 60
"""Seconds after which a command is said to run on, and a service not to notice that it is shut out."""

WATCHED: Final = 1.5
"""Seconds for which it is seen that the older release writes nothing."""

SHUT_OUT: Final = "503 not_ready"
"""What clients note of a service whose release does not know the schema."""

TOO_EARLY: Final = ("older release", "fardplan db upgrade")
TOO_LATE: Final = ("newer than this release knows", "put back a backup", "docs/recovery.md")
IN_THE_WAY: Final = ("in use", "fardplan serve", "fardplan worker")
"""What a person must be told, who does one thing before the other."""


@contextmanager
def outside() -> Iterator[None]:
    """Our own looks at the database belong to no release: they are always let in, and in nobody's way."""

    def looked_at(connection: Any) -> Standing:
        found = admission.standing(connection)
        connection.rollback()
        return found

    with mock.patch.object(admission, "must_know"), mock.patch.object(admission, "enter", looked_at):
        yield


def run(trouble: Trouble, *, strikes: int, chance: random.Random) -> Tally:
    """Upgrade so many times under load, each time to a newer release, then compare."""
    processes = Processes(trouble.node_url, trouble.folder, INSTITUTION)
    upgrade(trouble.url)
    with outside():
        house = house_of(processes, trouble.url)
        upgrades = Upgrades(trouble, house, chance, Tally(), processes, Release.at(TREE))
        try:
            with at_work(processes, house, trouble.workers, chance) as askers:
                for _ in range(strikes):
                    time_passes(house, chance)
                    upgrades.to_the_next(askers)
            upgrades.tally.wrong += worker_alone(house, upgrades.processes)
        finally:
            upgrades.kill()
        compare(house, trouble, askers, upgrades.tally)
    return upgrades.tally


@dataclass
class Upgrades:
    """One upgrade after the other. `processes` are those of the `release` that is at work."""

    trouble: Trouble
    house: House
    chance: random.Random
    tally: Tally
    processes: Processes
    release: Release
    _left: Processes | None = None

    def to_the_next(self, askers: Sequence[Asker]) -> None:
        """Make the next release, do everything wrong that can be done, upgrade, and move over to it."""
        coming = self.release.newer(self.trouble.folder / f"newer_than_{self.release.schema}")
        newer = replace(self.processes, tree=coming.tree, running={})
        self._too_early(newer, coming)
        self._broken_off(newer, coming, askers)
        self._upgraded(newer)
        self._shut_out(askers, coming)
        self._moved_over(newer, askers)
        self.release = coming

    def kill(self) -> None:
        """Leave nobody behind."""
        for each in (self.processes, self._left):
            if each is not None:
                each.kill()

    def _too_early(self, newer: Processes, coming: Release) -> None:
        """The newer release does not start, and says what to do first."""
        self._does_not_start(newer, (self.release.schema, coming.schema, *TOO_EARLY))
        self.tally.struck["newer release started too early"] += 1

    def _broken_off(self, newer: Processes, coming: Release, askers: Sequence[Asker]) -> None:
        """An upgrade is broken off again and again; the older release works on, or works again."""
        if not self.house.store.sqlite:
            self._ends(newer, MISUSED, IN_THE_WAY)
            if schema_of(self.trouble.url) != self.release.schema:
                raise SystemExit(f"tables were changed under a release that works with them: {self.tally.wrong}")
            self.tally.struck["upgrade refused, the database in use"] += 1
            self._works(self.processes, askers)
            self.processes.stop()
        for _ in range(BROKEN_OFF):
            self._break_off(newer, coming)
        if not self.house.store.sqlite:
            self.processes.start(SERVICE, *self.trouble.workers)
        self._works(self.processes, askers)

    def _break_off(self, newer: Processes, coming: Release) -> None:
        place = self.chance.choice(PLACES)
        with coming.held_up(place):
            upgrading = newer.call(*UPGRADE)
            if not _says(upgrading, AMID):
                self._wrong("the upgrade was over before it was broken off")
            time.sleep(self.chance.uniform(0, LONGEST_HOLD))
            os.killpg(upgrading.pid, signal.SIGKILL)
            upgrading.communicate()
        with self.house.store.reads() as connection:
            look = sa.inspect(connection)
            tables, columns = look.get_table_names(), [each["name"] for each in look.get_columns("case_record")]
        half = half_there(schema_of(self.trouble.url), coming, tables, columns)
        self.tally.wrong += [("releases", half)] if half else []
        self.tally.struck[f"upgrade broken off, {place} changed"] += 1

    def _upgraded(self, newer: Processes) -> None:
        """The upgrade is let through, while the older release is at work, or hangs."""
        if self.house.store.sqlite:
            self._ends(newer, DONE, ("upgraded from",))
            self.tally.struck["upgrade under load"] += 1
            return
        self.processes.send(signal.SIGSTOP)
        self._end_connections()
        self._ends(newer, DONE, ("upgraded from",))
        self.processes.send(signal.SIGCONT)
        self.tally.struck["upgrade while the older release hung"] += 1

    def _end_connections(self) -> None:
        """End whatever says "in use", as the server does with those whose machine has gone silent."""
        key = {"high": IN_USE >> 32, "low": IN_USE & 0xFFFFFFFF}
        with self.house.store.writes() as connection:
            connection.execute(
                sa.text(
                    "SELECT pg_terminate_backend(pid) FROM pg_locks "
                    "WHERE locktype = 'advisory' AND classid = :high AND objid = :low"
                ),
                key,
            )

    def _shut_out(self, askers: Sequence[Asker], coming: Release) -> None:
        """The older release writes nothing more, says so, lives, and does not start again."""
        self._says_so(askers)
        time_passes(self.house, self.chance)
        before = self._everything()
        time.sleep(WATCHED)
        self.tally.wrong += changes(before, self._everything())
        ready = httpx.get(f"{self.processes.base}/readyz", timeout=20)
        if ready.status_code != httpx.codes.SERVICE_UNAVAILABLE or ready.json()["migrations"]:
            self._wrong(f"the older service is ready still: {ready.status_code} {ready.text}")
        self._does_not_start(self.processes, (self.release.schema, coming.schema, *TOO_LATE))
        self.tally.struck["older release started too late"] += 1

    def _says_so(self, askers: Sequence[Asker]) -> None:
        """Each client is told by the older service that it is shut out."""
        told, until = [asker.seen[SHUT_OUT] for asker in askers], time.monotonic() + SLOWEST
        while any(asker.seen[SHUT_OUT] == before for asker, before in zip(askers, told, strict=True)):
            if time.monotonic() > until:
                self._wrong(f"not every client was answered {SHUT_OUT} by the older service")
                return
            time.sleep(0.05)

    def _moved_over(self, newer: Processes, askers: Sequence[Asker]) -> None:
        """The newer release starts beside the older one; clients move over, half of them first."""
        self._left, self.processes = self.processes, newer
        self.processes.start(SERVICE, *self.trouble.workers)
        half = len(askers) // 2
        for some in (askers[:half], askers[half:]):
            for asker in some:
                asker.move(self.processes.base)
            self._works(self.processes, some)
        self.tally.wrong += [("releases", f"{name} of the older release has ended") for name in self._left.ended()]
        self._left.kill()

    def _works(self, processes: Processes, askers: Sequence[Asker]) -> None:
        self.tally.wrong += recovery([*askers], processes)

    def _does_not_start(self, processes: Processes, words: Sequence[str]) -> None:
        """Neither service nor worker of a release starts; both say why."""
        commands = [processes.command(name) for name in (SERVICE, WORKER)]
        for command, begun in [(command, processes.call(*command)) for command in commands]:
            self._ended(begun, command, MISUSED, words)

    def _ends(self, processes: Processes, code: int, words: Sequence[str]) -> None:
        """An upgrade ends as it should and says what it should."""
        self._ended(processes.call(*UPGRADE), UPGRADE, code, words)

    def _ended(self, begun: subprocess.Popen[str], command: Sequence[str], code: int, words: Sequence[str]) -> None:
        ended: int | None = None
        try:
            said, _ = begun.communicate(timeout=SLOWEST)
            ended = begun.returncode
        except subprocess.TimeoutExpired:
            os.killpg(begun.pid, signal.SIGKILL)
            said, _ = begun.communicate()
        self.tally.wrong += misled(command, ended, said, code, words)

    def _everything(self) -> dict[str, list[str]]:
        """Every row of every table."""
        with self.house.store.reads() as connection:
            names = sa.inspect(connection).get_table_names()
            rows = {name: connection.execute(sa.text(f"SELECT * FROM {name}")) for name in names}
            return {name: sorted(map(repr, found)) for name, found in rows.items()}

    def _wrong(self, words: str) -> None:
        self.tally.wrong.append(("releases", words))


def _says(process: subprocess.Popen[str], words: str) -> bool:
    """Whether a process says these words before it ends; when it does, it goes on."""
    assert process.stdout is not None
    return any(words in line for line in process.stdout)
