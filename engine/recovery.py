"""Brings a database that was put back from a backup to work again: told in every case, and nobody told twice.

While this is under way everybody else only reads. It may be broken off anywhere and run again: what is
done is left. In order: messages that were due are set aside; every open case notes the restore, which passes
by the reminders that are due; the clock takes what steps are due; what those would tell is set aside too.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from engine.canonical import micros
from engine.cases import Cases
from engine.errors import EngineError, StaleCase
from engine.model import IMPORT_PARTY, Outcome, Request, Restore
from engine.ports import Clock
from engine.store import restore_rows
from engine.store.outage import concerns_the_database
from engine.store.restore_rows import Unnoted
from engine.ticking import Ticker

log = logging.getLogger(__name__)

AT_ONCE: Final = 200
"""How many cases note it in one go."""

Told = Callable[[int, int], None]
"""Is told how much is done, of how much."""


class NothingToFinish(EngineError):
    """This database is not being put back from a backup, so there is nothing to finish."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A case that cannot note the restore, and why."""

    case: str
    why: str


@dataclass(slots=True)
class Recovered:
    """What was done. `finished` is false where cases are left that cannot note it; then all goes on resting."""

    backup_at: int
    noted: int = 0
    passed_by: int = 0
    steps: int = 0
    set_aside: int = 0
    broken: list[Broken] = field(default_factory=list)
    finished: bool = False


@dataclass(frozen=True, slots=True)
class PassedBy:
    """A reminder that may have gone out between a backup and its restore: of which case, and when it was due."""

    case: str
    number: str
    deadline: str
    rung: str
    due_at: int


@dataclass(frozen=True)
class Recovery:
    """Finishes a restore. Its store must be one that is `restoring`; `wall` is the machine's clock."""

    cases: Cases
    ticker: Ticker
    wall: Clock

    def finish(self, *, leave_broken: bool = False, told: Told | None = None) -> Recovered:
        """Do what is left to do. Raises NothingToFinish.

        Raises Busy, or what else a database fails with; what was done by then stays done, and it may be run again.
        """
        store, at = self.cases.store, restore_rows.instants(self.cases.store)
        if restore_rows.BEGUN not in at or at[restore_rows.BEGUN] <= at.get(restore_rows.DONE, -1):
            raise NothingToFinish
        since = self._since(at)
        done = Recovered(at[restore_rows.FROM])
        restore_rows.sign_everybody_out(store)
        done.set_aside = restore_rows.set_aside(store, due_by=self.cases.now(), made_since=since)
        self._note_all(done, since, told)
        if done.broken and not leave_broken:
            return done
        while fired := self.ticker.tick():
            done.steps += fired
        done.set_aside += restore_rows.set_aside(store, due_by=self.cases.now(), made_since=since)
        restore_rows.note(store, restore_rows.DONE, micros(self.wall.now()))
        done.finished = True
        return done

    def passed_by(self) -> list[PassedBy]:
        """The reminders that may have gone out already, of the last restore, by the number of their case."""
        since = restore_rows.instants(self.cases.store).get(restore_rows.NOTING)
        if since is None:
            return []
        return [
            PassedBy(each.case, each.number, rung["deadline"], rung["rung"], rung["due_at"])
            for each in restore_rows.noted(self.cases.store, since=since)
            for rung in each.body.get("passed_by", ())
        ]

    def _since(self, at: Mapping[str, int]) -> int:
        """Since when cases note this restore; now, where none has yet."""
        store = self.cases.store
        if restore_rows.NOTING not in at:
            restore_rows.note(store, restore_rows.NOTING, self.cases.now())
        return restore_rows.instants(store)[restore_rows.NOTING]

    def _note_all(self, done: Recovered, since: int, told: Told | None) -> None:
        total, last = restore_rows.open_cases(self.cases.store), ""
        while some := restore_rows.unnoted(self.cases.store, since=since, after=last, limit=AT_ONCE):
            self._note(some, done)
            last = some[-1].case
            if told is not None:
                told(done.noted, total)

    def _note(self, some: Sequence[Unnoted], done: Recovered) -> None:
        # The version makes it once, should two try at the same time.
        ask = Restore(done.backup_at)
        requests = [Request(each.institution, ask, IMPORT_PARTY, each.case, each.version) for each in some]
        for each, result in zip(some, self.cases.steps(requests), strict=True):
            if isinstance(result, Outcome):
                done.noted += 1
                done.passed_by += _passed_by(result)
            elif concerns_the_database(result):
                raise result  # no fault of the case, which would go on without having noted it
            elif not isinstance(result, StaleCase):
                log.error("restore_not_noted", exc_info=result, extra={"case": each.case})
                done.broken.append(Broken(each.case, type(result).__name__))


def _passed_by(outcome: Outcome) -> int:
    """How many reminders the event says were passed by."""
    return 0 if outcome.event is None else len(json.loads(outcome.event.body).get("passed_by", ()))
