"""The road of every change: read, decide, commit; and if somebody was faster, again.

For a person, the clock, an import or another case's step alike.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from engine import rights
from engine.batching import AT_ONCE, Batch, Result
from engine.canonical import instant, micros
from engine.catalogue import Catalogue
from engine.climbing import still_due
from engine.decide import Replayed, decide
from engine.ending import bounded
from engine.errors import Busy, EngineError
from engine.faulty import FAULTY, faulty
from engine.gathering import Gathering
from engine.judging import not_your_role, reasons_against
from engine.model import Case, Decision, Outcome, Request, Snapshot, after
from engine.organisation import Organisation
from engine.parts import in_parts
from engine.planning import Planner
from engine.ports import Clock, Ids, Nonces, Seams
from engine.room import within_room
from engine.store.ledger import Ledger, Plan
from engine.store.rows import read_organisation
from engine.store.store import Store
from engine.texts import refuse_unwritable
from engine.views import Lens
from engine.vocabulary import Actor, Reason, Transition

log = logging.getLogger(__name__)

LEADERS = 2
"""How many groups of steps are under way at once on PostgreSQL: one decides while the other waits for its answer."""

TRIES = 4
"""How often a step is decided anew before it waits for its cases under locks."""


@dataclass(frozen=True, slots=True)
class Action:
    """One transition that leaves (or is recorded in) the present state, and why not, if not."""

    transition: Transition
    to: str
    actor: Actor | None
    reasons: tuple[Reason, ...]

    @property
    def possible(self) -> bool:
        """Whether nothing that can be judged without the fields says no."""
        return not self.reasons


class _Drawn:
    """Ids and nonces of one decision, from the ports."""

    def __init__(self, ids: Ids, nonces: Nonces, now: datetime) -> None:
        self._ids, self._nonces, self._now = ids, nonces, now

    def id(self) -> str:
        return self._ids.new(self._now)

    def nonce(self, _case: str, _sequence: int) -> bytes:
        return self._nonces.new()


@dataclass
class Cases:
    """Keeps cases true. Everything it needs of the world comes in through ports."""

    store: Store
    catalogue: Catalogue
    clock: Clock
    ids: Ids
    nonces: Nonces
    seams: Seams

    def __post_init__(self) -> None:
        self._organisations: dict[str, Organisation] = {}
        self._planner = Planner(self.catalogue)
        self.plan = self._planner.plan
        self._gathering = Gathering(self._group, leaders=1 if self.store.sqlite else LEADERS)

    def step(self, request: Request) -> Outcome:
        """Take one step, durable when this returns. Raises Refused (nothing changed) or Busy.

        Steps that other threads ask for at the same time share its commit (ADR 0021).
        """
        outcome = self._gathering.step(request)
        self.seams.pass_by("after_commit")
        return outcome

    def steps(self, requests: Sequence[Request]) -> list[Result]:
        """Take many steps in this order, some hundreds in a commit; a result for each.

        An Exception among the results is what taking that step alone would have raised; it
        stops no other. Raises Busy, or what else a commit fails with: what was committed by
        then stays done, and nothing after it.
        """
        results: list[Result] = []
        for some in in_parts(requests, AT_ONCE):
            results += self._together(some)
            self.seams.pass_by("after_commit")
        return results

    def step_in(self, ledger: Ledger, request: Request) -> Outcome:
        """Take a step inside a handed transaction, alone in its failure."""
        try:
            return self._alone(ledger, request)
        except Busy:
            # What it collided with is done by now, and the savepoint lets it be seen.
            return self._alone(ledger, request)

    def steps_in(self, ledger: Ledger, requests: Sequence[Request]) -> list[Result]:
        """Take many steps inside a handed transaction, in this order; a result for each, as in `steps`."""
        return self._batch(ledger, requests, partial(self.step_in, ledger), ledger.savepoint)

    def _group(self, requests: Sequence[Request]) -> list[Result]:
        """Take steps that threads ask for at once; what is raised is meant for all of them."""
        return [self._by_itself(requests[0])] if len(requests) == 1 else self._together(requests)

    def _together(self, requests: Sequence[Request]) -> list[Result]:
        """Take steps in one commit of their own where nobody else is in the way."""
        if self.store.sqlite:
            with self.store.transaction() as ledger:
                return self.steps_in(ledger, requests)
        with self.store.step() as ledger:
            # In autocommit each writing statement is a transaction, and fails as a whole.
            return self._batch(ledger, requests, partial(self._on, ledger), nullcontext)

    def _batch(
        self,
        ledger: Ledger,
        requests: Sequence[Request],
        alone: Callable[[Request], Outcome],
        apart: Callable[[], AbstractContextManager[None]],
    ) -> list[Result]:
        """Take the steps of each institution together; no step sees anything of another institution."""
        places: dict[str, list[int]] = {}
        for place, request in enumerate(requests):
            places.setdefault(request.institution, []).append(place)
        batch = Batch(self, ledger, alone, apart)
        results = {
            place: result
            for own in places.values()
            for place, result in zip(own, batch.take([requests[place] for place in own]), strict=True)
        }
        return [results[place] for place in range(len(requests))]

    def _by_itself(self, request: Request) -> Outcome:
        """Take one step in a transaction of its own."""
        with self.store.step() as ledger:
            outcome = self._tried(ledger, request, TRIES)
        return outcome or self._in_the_end(request)

    def _on(self, ledger: Ledger, request: Request) -> Outcome:
        return self._tried(ledger, request, TRIES) or self._in_the_end(request)

    def _in_the_end(self, request: Request) -> Outcome:
        """Take a step that others were faster than again and again."""
        with self.store.transaction() as ledger:
            return self._under_locks(ledger, request)

    def _alone(self, ledger: Ledger, request: Request) -> Outcome:
        with ledger.savepoint():
            outcome = self._tried(ledger, request, TRIES)
            return outcome or self._under_locks(ledger, request)

    def _tried(self, ledger: Ledger, request: Request, tries: int) -> Outcome | None:
        refuse_unwritable(request)
        for _ in range(tries):
            decided = self._decided(self.snapshot(ledger, request), request)
            if isinstance(decided, Replayed):
                return self.outcome(decided)
            self.seams.pass_by("before_commit")
            numbers = ledger.write(decided)
            if numbers is not None:
                return self.outcome(decided, numbers.get(decided.case))
        return None

    def decided(self, snapshot: Snapshot, request: Request) -> Decision | Replayed:
        """Decide what a request leads to. Raises Refused."""
        refuse_unwritable(request)
        return self._decided(snapshot, request)

    def _decided(self, snapshot: Snapshot, request: Request) -> Decision | Replayed:
        draws = _Drawn(self.ids, self.nonces, instant(snapshot.now))
        try:
            decided = bounded(partial(self._judged, snapshot, request, draws))
            # Beside `decide` and not in it: a replay decides anew what was written when there was more room.
            return within_room(self.catalogue, snapshot, decided)
        except (EngineError, OverflowError):
            raise  # a refusal; a number or a day that lies too far away
        except Exception as error:
            raise faulty(request, error) from error

    def _judged(self, snapshot: Snapshot, request: Request, draws: _Drawn) -> Decision | Replayed:
        return decide(self.catalogue, snapshot, still_due(self.catalogue, snapshot, request), draws)

    def outcome(self, decided: Decision | Replayed, number: str | None = None) -> Outcome:
        """What somebody is told of a step: the primary case and event of what was written."""
        if isinstance(decided, Replayed):
            return Outcome(decided.done.case, decided.done.sequence, None, None, replayed=True)
        case = next(case for case in decided.cases if case.id == decided.case)
        event = next(event for event in decided.events if event.case == decided.case)
        if number is not None:
            case = case.but(number=number)
        return Outcome(decided.case, decided.sequence, case, event, left=decided.left)

    def _under_locks(self, ledger: Ledger, request: Request) -> Outcome:
        snapshot = self.snapshot(ledger, request)
        ledger.lock(request.institution, sorted(snapshot.cases))
        outcome = self._tried(ledger, request, TRIES)
        if outcome is None:
            raise Busy
        return outcome

    def now(self) -> int:
        """The instant it is."""
        return micros(self.clock.now())

    def snapshot(self, ledger: Ledger, request: Request) -> Snapshot:
        """Read what the request must see, at one instant."""
        now = self.now()
        reading = ledger.read(self.plan(request))
        return Snapshot(
            now=after(reading.cases.values(), now),
            organisation=self.organisation(
                ledger, request.institution, reading.organisation_version
            ),
            cases=reading.cases,
            done=reading.done,
            workload=reading.workload,
            known=reading.known,
            subject_exists=reading.subject_exists,
            detailed=reading.detailed,
        )

    def organisation(self, ledger: Ledger, institution: str, version: int) -> Organisation:
        """The organisation at its present version, kept in memory until that moves on."""
        known = self._organisations.get(institution)
        if known is None or known.version != version:
            known = read_organisation(institution, ledger.organisation_rows(institution))
            self._organisations[institution] = known
        return known

    def lens(self, ledger: Ledger, institution: str, case: str, trigger: str | None) -> Lens:
        """A lens on the case and all that a trigger (None: any) may read of its surroundings."""
        reading = ledger.read(Plan(institution, (case,), self._planner.relations(trigger)))
        organisation = self.organisation(ledger, institution, reading.organisation_version)
        return Lens(self.catalogue, Snapshot(self.now(), organisation, reading.cases))

    def actions(self, lens: Lens, case: Case, person: str) -> tuple[Action, ...]:
        """What leaves, or is recorded in, the present state, judged for this person."""
        offered = lens.definition(case).offered[case.state]
        return tuple(self._action(lens, case, transition, person) for transition in offered)

    def _action(self, lens: Lens, case: Case, transition: Transition, person: str) -> Action:
        actor = rights.actor_for(lens, person, case, transition)
        reasons: tuple[Reason, ...] = ()
        if actor is None:
            reasons = (not_your_role(transition.who),)
        judged = actor or Actor(person, None)
        try:
            reasons += bounded(lambda: tuple(reasons_against(lens, case, transition, judged)))
        except Exception:
            # The case is still to be seen, and what else may be done with it.
            log.exception("workflow_fault", extra={"case": case.id, "trigger": transition.trigger})
            reasons += (FAULTY,)
        return Action(transition, transition.target(case.state), actor, reasons)

