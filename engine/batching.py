"""Many steps at once: read together, decided one after the other, written together.

What becomes of each is what becomes of it alone, after those before it (ADR 0021): it is
judged on what it would have read by then, and what refuses it, or a fault in its workflow's
file, concerns nobody else. What cannot be done together is done one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from engine.board import Board
from engine.decide import Replayed
from engine.errors import Busy, Refused
from engine.model import Decision, Outcome, Request
from engine.store.ledger import Ledger, Plan

if TYPE_CHECKING:
    from engine.cases import Cases

AT_ONCE: Final = 200
"""How many steps are read for and written together."""

Result: TypeAlias = Outcome | Exception
"""What became of a step; an Exception is what taking it alone would have raised."""


def without_faults(results: Iterable[Result]) -> Iterator[Outcome | Refused]:
    """The results, each a step taken or refused. Raises the first fault: what is neither is no answer to anybody."""
    for result in results:
        if not isinstance(result, Outcome | Refused):
            raise result
        yield result


@dataclass(frozen=True)
class Batch:
    """Takes steps of one institution on a ledger.

    `alone` takes one step by itself, and `apart` is entered around what is written together,
    so that it can fail and leave nothing behind.
    """

    cases: Cases
    ledger: Ledger
    alone: Callable[[Request], Outcome]
    apart: Callable[[], AbstractContextManager[None]]

    def take(self, requests: Sequence[Request]) -> list[Result]:
        """Take them in this order. Raises what makes the ledger unusable."""
        results: list[Result] = []
        size = AT_ONCE
        while len(results) < len(requests):
            some = requests[len(results) : len(results) + size]
            done = self._stretch(some)
            # Where steps build on new cases they are soon past what was read; no use in reading far ahead.
            size = AT_ONCE if len(done) == len(some) else 2 * len(done)
            results += done
        return results

    def _stretch(self, requests: Sequence[Request]) -> list[Result]:
        """Take as many of them as one reading is enough for: at least one."""
        plans = self._plans(requests)
        together = _Stretch(self, requests, plans).run() if len(plans) > 1 else []
        return together or [self.by_itself(requests[0])]

    def _plans(self, requests: Sequence[Request]) -> list[Plan]:
        """The plans of the requests, as far as they can be planned."""
        plans: list[Plan] = []
        for request in requests:
            try:
                plans.append(self.cases.plan(request))
            except Exception:  # noqa: BLE001 - it is raised again where this request is taken alone
                break
        return plans

    def by_itself(self, request: Request) -> Result:
        """Take one step alone."""
        try:
            return self.alone(request)
        except Exception as error:  # noqa: BLE001 - told to whoever asked for this step, as if it had been the only one
            return error


class _Stretch:
    """Steps that one reading is enough for.

    `results` holds a Decision for a step that is not yet written; up to `written` all is settled.
    """

    def __init__(self, batch: Batch, requests: Sequence[Request], plans: Sequence[Plan]) -> None:
        self.batch, self.requests, self.plans = batch, requests, plans
        read = batch.ledger.read_together(plans)
        self.board = Board(plans, read)
        self.organisation = batch.cases.organisation(batch.ledger, plans[0].institution, read.organisation_version)
        self.results: list[Result | Decision] = []
        self.written = 0

    def run(self) -> list[Result]:
        for request, plan in zip(self.requests, self.plans, strict=False):
            reach = self.board.reach(plan)
            if reach is None or (self.board.unnumbered(reach) and not self._write()):
                break
            decided = self._decided(request, plan, reach)
            if not isinstance(decided, Decision):
                self.results.append(decided)
            elif not self._noted(decided):
                break
        self._write()
        return [each for each in self.results if not isinstance(each, Decision)]

    def _decided(self, request: Request, plan: Plan, reach: Sequence[str]) -> Result | Decision:
        cases = self.batch.cases
        try:
            snapshot = self.board.snapshot(plan, reach, now=cases.now(), organisation=self.organisation)
            decided = cases.decided(snapshot, request)
        except Exception as error:  # noqa: BLE001 - told to whoever asked for this step, as if it had been the only one
            return error
        return cases.outcome(decided) if isinstance(decided, Replayed) else decided

    def _noted(self, decision: Decision) -> bool:
        """Keep what was decided for the next writing; False if the steps must be read for anew."""
        # What takes rows away is written apart: on PostgreSQL the parts of one statement do not see each other's rows.
        takes_away = bool(decision.unlinked or decision.erased)
        if takes_away and not self._write():
            return False
        self.results.append(decision)
        self.board.note(decision)
        return not takes_away or self._write()

    def _write(self) -> bool:
        """Write what is decided; False if that did not hold: then each was taken alone, and the board is too old."""
        decisions = [each for each in self.results[self.written :] if isinstance(each, Decision)]
        numbers = self._written(decisions) if decisions else {}
        unsettled = range(self.written, len(self.results))
        self.written = len(self.results)
        if numbers is None:
            for place in unsettled:
                self.results[place] = self.batch.by_itself(self.requests[place])
            return False
        self.board.number(numbers)
        for place in unsettled:
            each = self.results[place]
            if isinstance(each, Decision):
                self.results[place] = self.batch.cases.outcome(each, numbers.get(each.case))
        return True

    def _written(self, decisions: Sequence[Decision]) -> Mapping[str, str] | None:
        self.batch.cases.seams.pass_by("before_commit")
        try:
            with self.batch.apart():
                return self.batch.ledger.write_together(decisions)
        except Busy:
            return None
