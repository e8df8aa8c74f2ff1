"""The test clock: one row in the database, shared by all processes, that stands still.

While there are no cases it may be set to any instant; later only forward, at most 400
days at a time. Inside a move it stands at each due instant in turn, and mails due by
then go out before the move is over (DESIGN 5).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from engine.canonical import instant, micros
from engine.errors import EngineError
from engine.outbox import Outbox
from engine.store import clock_row
from engine.store.case_rows import any_case
from engine.store.store import Store
from engine.ticking import Ticker
from engine.vocabulary import Text

FARTHEST = timedelta(days=400)

EARLIEST, LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2190, 1, 1, tzinfo=UTC)
"""Outside of these no calendar can be asked, and the service could not be called back."""
EVERYTHING = 1_000_000
"""More rungs than are ever due at one instant."""


class ClockRefused(EngineError):
    """The test clock cannot be moved there."""

    def __init__(self, text: Text) -> None:
        self.text = text
        super().__init__(text.en)


class TestClock:
    """Tells the instant in the database; where none was ever set, sets it to the real one."""

    __test__ = False  # for pytest: this is no test class

    def __init__(self, store: Store) -> None:
        self._store = store

    def now(self) -> datetime:
        """The instant at which the clock stands, in UTC."""
        at = clock_row.stands_at(self._store)
        return instant(at if at is not None else clock_row.begin(self._store, micros(datetime.now(UTC))))

    def stand_at(self, at: datetime) -> None:
        """Put the clock somewhere, without anything happening on the way."""
        clock_row.stand_at(self._store, micros(at))


@dataclass(frozen=True)
class Mover:
    """Moves the test clock, and lets everything due on the way happen at its instant."""

    clock: TestClock
    store: Store
    ticker: Ticker
    outbox: Outbox

    def move(self, to: datetime, progress: Callable[[datetime], None] | None = None) -> int:
        """Move the clock; the number of rungs fired. Raises ClockRefused, moving nothing."""
        if to.tzinfo is None:
            raise ClockRefused(
                Text(
                    "Ange tidpunkten med tidszon, t.ex. 2026-12-21T10:00:00+01:00.",
                    "Give the instant with its time zone, e.g. 2026-12-21T10:00:00+01:00.",
                )
            )
        if not EARLIEST <= to <= LATEST:
            raise ClockRefused(
                Text(
                    f"Klockan står mellan {EARLIEST.year} och {LATEST.year}.",
                    f"The clock stands between {EARLIEST.year} and {LATEST.year}.",
                )
            )
        if not any_case(self.store):
            self.clock.stand_at(to)
            return 0
        now = self.clock.now()
        if to < now or to - now > FARTHEST:
            raise ClockRefused(
                Text(
                    f"Klockan går bara framåt, högst 400 dagar i taget (nu: {now.isoformat()}).",
                    "The clock only goes forward, at most 400 days at a time "
                    f"(now: {now.isoformat()}).",
                )
            )
        return self._travel(micros(to), progress)

    def _travel(self, target: int, progress: Callable[[datetime], None] | None) -> int:
        """Stop at every instant at which something is due, and do what is due there.

        What cannot be done there (a broken channel, a poisoned case) is logged and stays
        owed; the clock goes on to the next instant all the same.
        """
        at, fired = micros(self.clock.now()), self._happen()
        while (stop := self._next_stop(at, target)) is not None:
            at = stop
            self.clock.stand_at(instant(at))
            fired += self._happen()
            if progress:
                progress(instant(at))
        self.clock.stand_at(instant(target))
        return fired

    def _happen(self) -> int:
        """Fire what is due where the clock stands, then send what is owed; the rungs fired."""
        fired = self.ticker.tick(limit=EVERYTHING)
        self.outbox.deliver_all()
        return fired

    def _next_stop(self, after: int, target: int) -> int | None:
        stops = (
            self.ticker.next_due(target, after=after),
            self.outbox.next_stop(after=after, until=target),
        )
        return min((stop for stop in stops if stop is not None), default=None)
