"""The doctor: looks at cases stretch by stretch, keeps what it finds, and closes what holds no longer.

It changes no case. Between two stretches nothing is held, so it hinders nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Final

from engine.canonical import instant, micros
from engine.catalogue import Catalogue
from engine.doctor.checks import BY_NAME, CHECKS, EACH_TIME
from engine.doctor.files import read
from engine.doctor.shape import CaseFile, Fault, Round, cut
from engine.organisation import Organisation
from engine.parts import in_parts
from engine.ports import Clock
from engine.replay import Replay
from engine.scope import scope_of
from engine.store import doctor_rows, finding_rows, heartbeat, registers
from engine.store.doctor_rows import LostKey, Stretch
from engine.store.finding_rows import Finding, Kept, Position
from engine.store.numbers import numbers_of
from engine.store.store import Store

__all__ = ["Doctor", "Examined", "Finding", "Ward"]

AT_ONCE: Final = 25
"""Cases read in one transaction, and then looked at outside of it.

With nine events each they take some 40 ms of processor time and 2 MiB. Two hundred take 23 MiB, which a process
that lives for months does not give back, and all are looked at no sooner.
"""

KNOWN: Final = 1000
"""So many findings are looked for again."""

KEYS_AT_ONCE: Final = 10_000

ALIVE: Final = timedelta(minutes=2)
"""A worker whose last sign of life is younger lives; it gives one every ten seconds."""

UNSEEN: Final = timedelta(minutes=25)
"""Without a regular look for longer than this, nobody knows whether workers lived."""

Told = Callable[[int, int], None]


@dataclass
class Examined:
    """What was looked at, what was found, and how many findings held no longer."""

    cases: int = 0
    keys: int = 0
    found: list[Finding] = field(default_factory=list)
    closed: int = 0


@dataclass(frozen=True, slots=True)
class Ward:
    """What a reader is shown: findings, when the regular look last ended, and when it last came through all cases."""

    open: list[Kept]
    closed: list[Kept]
    looked_at: int | None
    whole_at: int | None


@dataclass(frozen=True)
class Doctor:
    """Looks for what cannot be. `clock` is the office's, `wall` the machine's, which never stands still."""

    store: Store
    catalogue: Catalogue
    clock: Clock
    wall: Clock

    def all(self, institution: str, *, deep: bool = False, told: Told | None = None) -> Examined:
        """Look at every case and every key of an institution; with `deep`, decide each step of theirs anew."""
        round_, done = self.round(institution), Examined()
        with self.store.reads() as connection:
            total = doctor_rows.count(connection, institution)
        for stretch in self.stretches(institution, ""):
            self.examine(stretch, round_, done, deep=deep)
            if told:
                told(done.cases, total)
        last: tuple[str, str] | None = ("", "")
        while last is not None:
            last = self.keys(institution, last, done)
        self.known_keys(institution, done)
        return done

    def these(self, institution: str, ids: Sequence[str], *, deep: bool = False) -> Examined:
        """Look at some cases."""
        round_, done = self.round(institution), Examined()
        for some in in_parts(ids, AT_ONCE):
            self.examine(Stretch(institution, tuple(some)), round_, done, deep=deep)
        return done

    # What is kept of it.

    def ward(self, organisation: Organisation, person: str, now: int, *, most: int, closed: int) -> Ward:
        """What is open, and what was closed last, with the numbers of the cases that the person may read at `now`."""
        scope = scope_of(organisation, person, now)
        position = finding_rows.position(self.store, scope.institution)
        with self.store.reads() as connection:
            return Ward(
                open=finding_rows.shown(connection, scope, closed=False, limit=most),
                closed=finding_rows.shown(connection, scope, closed=True, limit=closed),
                looked_at=position.looked_at,
                whole_at=position.whole_at,
            )

    def numbers(self, institution: str, found: Sequence[Finding]) -> dict[str, str]:
        """The numbers of the cases of findings, by id, of those that have a row: for whoever runs the installation."""
        with self.store.reads() as connection:
            return numbers_of(connection, institution, finding_rows.case_ids(found))

    # What an examination is made of.

    def round(self, institution: str) -> Round:
        """What checks need to know now, beside the cases."""
        since = self.alive_since(finding_rows.position(self.store, institution))
        return Round(
            catalogue=self.catalogue,
            organisation=self._organisation(institution),
            now=micros(self.clock.now()),
            alive=0 if since is None else micros(self.wall.now()) - since,
            step=partial(self._step, institution),
        )

    def worker_lives(self) -> bool:
        """Whether some process looks for what is due, and may do it."""
        beat = heartbeat.last_beat(self.store, heartbeat.TICK)
        return beat is not None and self.wall.now() - beat <= ALIVE and not self.store.rests()

    def alive_since(self, position: Position) -> int | None:
        """Since when a worker was seen alive at every regular look; None where none lives, or there was no look lately.

        While nobody looked, all may have been down, or the database may have been put back from a backup.
        """
        looked = position.looked_at is not None and self.wall.now() - instant(position.looked_at) <= UNSEEN
        return position.alive_since if looked and self.worker_lives() else None

    def stretches(self, institution: str, last: str) -> Iterator[Stretch]:
        """All cases after an id, by id, in stretches; the last has no end."""
        while True:
            with self.store.reads() as connection:
                stretch = doctor_rows.stretch_after(connection, institution, last, AT_ONCE)
            yield stretch
            if stretch.last is None:
                return
            last = stretch.last

    def examine(self, stretch: Stretch, round_: Round, done: Examined, *, deep: bool = False) -> None:
        """Look at a stretch, note what is found and close what is not found any more."""
        files, unreadable = read(self.store, self.catalogue, stretch)
        found = [_finding(case, "unreadable", Fault("", error)) for case, error in unreadable.items()]
        for file in files:
            found += _of(file, round_)
        if deep:
            found += self._replayed(stretch)
        checks = EACH_TIME | ({"replay"} if deep else set())
        done.closed += finding_rows.note(self.store, stretch, found, checks=checks, at=micros(self.wall.now()))
        done.cases += len(stretch.ids)
        done.found += found

    def keys(self, institution: str, last: tuple[str, str], done: Examined) -> tuple[str, str] | None:
        """Look at the next keys after one; where they end, None where there are no more."""
        with self.store.reads() as connection:
            some = doctor_rows.keys_after(connection, institution, last, KEYS_AT_ONCE)
        self._note_keys(institution, some.lost, done, known=())
        done.keys += some.count
        return some.last

    def known_keys(self, institution: str, done: Examined) -> None:
        """Look again at the keys that were found lost, and close what is in order."""
        known = finding_rows.open_ones(self.store, institution, check="key", limit=KNOWN)
        asked = [(party, key) for party, _, key in (each.about.partition(" ") for each in known)]
        with self.store.reads() as connection:
            lost = doctor_rows.lost_among(connection, institution, asked)
        self._note_keys(institution, lost, done, known=known)

    def _note_keys(
        self, institution: str, lost: Iterable[LostKey], done: Examined, *, known: Sequence[Finding]
    ) -> None:
        """Note lost keys; with the findings that are `known`, close those whose key is not among them."""
        found = [
            _finding(each.case, "key", Fault(f"{each.party} {each.key}", f"event={each.sequence}")) for each in lost
        ]
        done.closed += finding_rows.note_these(
            self.store, institution, found, known=known, at=micros(self.wall.now())
        )
        done.found += [each for each in found if each not in done.found]

    # Reading.

    def _replayed(self, stretch: Stretch) -> Iterator[Finding]:
        replay = Replay(self.store, self.catalogue, partial(registers.as_of, self.store))
        for verdict in replay.these(stretch.institution, stretch.ids):
            if verdict.first_wrong is not None:
                fault = Fault(str(verdict.first_wrong.sequence), cut(verdict.first_wrong.what))
                yield _finding(verdict.case, "replay", fault)

    def _organisation(self, institution: str) -> Organisation:
        with self.store.reads() as connection:
            return registers.at_version(connection, institution, registers.version_of(connection, institution))

    def _step(self, institution: str, case: str, sequence: int) -> tuple[str, str | None] | None:
        with self.store.reads() as connection:
            return doctor_rows.step_at(connection, institution, case, sequence)


def _of(file: CaseFile, round_: Round) -> Iterator[Finding]:
    """What all checks find of one case. Of one without a row only the rows that are left can be told."""
    for check in CHECKS:
        if check.look is None or (file.kept.row is None and check.name != "stray"):
            continue
        try:
            yield from [_finding(file.kept.id, check.name, fault) for fault in check.look(file, round_)]
        except Exception as error:  # noqa: BLE001 - what was written around the engine may fail anywhere; its case is named
            yield _finding(file.kept.id, "unreadable", Fault(check.name, type(error).__name__))


def _finding(case: str, check: str, fault: Fault) -> Finding:
    return Finding(case, check, BY_NAME[check].promise.value, fault.about, fault.what)
