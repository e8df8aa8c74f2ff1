"""Ticks: at short intervals every process looks for what is due.

APScheduler only says "look now"; the truth is in the tables, so its jobs live in memory
and any number of processes may tick at once (DESIGN 5). A tick that was late or failed
is made good by the next one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler

from engine.auditing import Presence
from engine.canonical import micros
from engine.doctor.rounds import look
from engine.errors import SealFailed
from engine.recounting import OVERDUE, recount
from engine.store import heartbeat
from engine.store.outage import outage_of
from engine.store.ready import DatabaseNotReady
from service.compose import House
from service.logging import quieten

log = logging.getLogger(__name__)

TIDY_EVERY = timedelta(hours=1)
GONE_AFTER = timedelta(days=1)
"""After how long it is forgotten that somebody had a case open."""

DOCTOR_EVERY = timedelta(minutes=1)
"""How often each process asks whether the doctor's next look is due; the look itself comes less often."""

RECOUNT_EVERY = timedelta(minutes=1)
"""How often each process asks whether a change of calendar still owes deadlines."""

BEAT_EVERY = timedelta(seconds=10)
"""The heartbeat is written no more often, so that an idle office writes next to nothing."""


def _unless_resting(job: Callable[[Ticks], int]) -> Callable[[Ticks], int]:
    """Do nothing while everything is read only: the clock and the mail rest then, and all of it is made good later."""

    @wraps(job)
    def done(ticks: Ticks) -> int:
        return 0 if ticks.rest() else job(ticks)

    return done


class Ticks:
    """The ticks of one process. `deadlines` and `outbox` may also be called by hand."""

    def __init__(self, house: House, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._house, self._now = house, now
        self._beaten: datetime | None = None
        self._said: set[object] = set()

    @_unless_resting
    def deadlines(self) -> int:
        """Fire what is due, then note that the tick went well."""
        fired = self._house.ticker.tick()
        if fired:
            log.info("ticked", extra={"fired": fired})
        # The machine's clock: a test clock that stands still must not look like a dead tick.
        now = self._now()
        if self._beaten is None or now - self._beaten >= BEAT_EVERY:
            heartbeat.beat(self._house.store, heartbeat.TICK, now)
            self._beaten = now
        return fired

    @_unless_resting
    def outbox(self) -> int:
        """Deliver what is owed."""
        sent = self._house.outbox.deliver()
        if sent:
            log.info("delivered", extra={"sent": sent})
        return sent

    @_unless_resting
    def seals(self) -> int:
        """Seal what is new and put checkpoints where they belong; without a key, nothing."""
        sealing, institution = self._house.sealing, self._house.settings.institution
        if not sealing.signer.ready():
            self._say_once(logging.WARNING, "not_sealed", why="there is no key; make one with: fardplan audit-key new")
            return 0
        try:
            done = sealing.seal(institution)
        except SealFailed as error:
            self._say_once(logging.ERROR, "not_sealed", why=str(error))
            return 0
        for wrong in done.wrong:
            self._say_once(logging.ERROR, "not_sealed", why=wrong.what, case=wrong.case, sequence=wrong.sequence)
        for sent in sealing.publish(institution):
            if sent.error:
                log.warning("checkpoint_not_sent", extra={"place": sent.place, "size": sent.size, "why": sent.error})
        if done.events:
            log.info("sealed", extra={"events": done.events})
        return done.events

    @_unless_resting
    def recounts(self) -> int:
        """Work out the deadlines of a changed calendar, where whoever changed it did not; how many cases moved."""
        organisation = self._house.directory.organisation(self._house.settings.institution)
        moved = recount(self._house.cases, organisation, since=OVERDUE)
        if moved is not None:
            log.warning("recounted_late", extra={"moved": moved})
        return moved or 0

    @_unless_resting
    def doctor(self) -> int:
        """Look for cases that cannot be, if it is time; how many findings there are among those looked at."""
        done = look(self._house.doctor, self._house.settings.institution)
        if done is None:
            return 0
        # Of a case that is looked at for two reasons the same is found twice.
        found = len({*done.found})
        if found:
            log.error("impossible_cases", extra={"found": found, "cases": done.cases})
        return found

    def rest(self) -> bool:
        """Whether everything is read only now; that it is, is logged once."""
        resting = self._house.store.rests()
        if resting:
            self._say_once(logging.WARNING, "resting", why="the database is read only, or is being put back")
        return resting

    def _say_once(self, level: int, words: str, **about: object) -> None:
        key = (words, *about.values())
        if key not in self._said:
            self._said.add(key)
            log.log(level, words, extra=about)

    @_unless_resting
    def tidy(self) -> int:
        """Remove what nobody will ask for again: ended sessions, spent links, old drafts, who was there, what stuck."""
        gone = self._house.sessions.forget()
        gone += self._house.form_drafts.forget()
        gone += self._house.ticker.tidy()
        gone += Presence(self._house.store).forget(before=micros(self._now() - GONE_AFTER))
        if gone:
            log.info("tidied", extra={"rows": gone})
        return gone


def scheduler(house: House) -> BackgroundScheduler:
    """The scheduler of one process, not yet started."""
    made = BackgroundScheduler(
        jobstores={"default": MemoryJobStore()},
        executors={"default": ThreadPoolExecutor(3)},
        # A late tick is still wanted, several late ones only once, and never two at a time.
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        timezone=UTC,
    )
    ticks, seconds = Ticks(house), house.settings.tick_seconds
    made.add_job(ticks.deadlines, "interval", seconds=seconds, id="deadlines", next_run_time=datetime.now(UTC))
    made.add_job(ticks.outbox, "interval", seconds=seconds, id="outbox", next_run_time=datetime.now(UTC))
    made.add_job(ticks.seals, "interval", seconds=house.settings.seal_seconds, id="sealing")
    made.add_job(ticks.recounts, "interval", seconds=RECOUNT_EVERY.total_seconds(), id="recounting")
    made.add_job(ticks.doctor, "interval", seconds=DOCTOR_EVERY.total_seconds(), id="doctor")
    made.add_job(ticks.tidy, "interval", seconds=TIDY_EVERY.total_seconds(), id="tidying")
    made.add_listener(_log_failure, EVENT_JOB_ERROR | EVENT_JOB_MISSED)
    return made


@contextmanager
def ticking(house: House) -> Iterator[None]:
    """Tick in the background while inside; a tick under way is let finish."""
    quieten()
    running = scheduler(house)
    running.start()
    try:
        yield
    finally:
        running.shutdown(wait=True)


def _log_failure(event: Any) -> None:
    """Log a failed tick once, with its traceback unless the database is what failed; the next tick tries again."""
    error = getattr(event, "exception", None)
    why = error if isinstance(error, DatabaseNotReady) else outage_of(error) if error is not None else None
    if why is not None:
        log.warning("tick_put_off", extra={"tick": event.job_id, "why": str(why)})
        return
    log.error("tick_failed", extra={"tick": event.job_id}, exc_info=error)
