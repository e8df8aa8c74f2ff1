"""The road of every change: read, decide, commit; and if somebody was faster, again.

For a person, the clock, an import or another case's step alike.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from engine import rights
from engine.canonical import instant, micros
from engine.catalogue import Catalogue
from engine.decide import Replayed, decide
from engine.errors import Busy
from engine.judging import not_your_role, reasons_against
from engine.model import (
    Case,
    Climb,
    Decision,
    Erase,
    NewPerson,
    Open,
    Outcome,
    Request,
    Snapshot,
    Take,
    Tie,
)
from engine.organisation import Organisation
from engine.ports import Clock, Ids, Nonces, Seams
from engine.reading import OPENED
from engine.store.ledger import Ledger, Plan, Reverse
from engine.store.rows import read_organisation
from engine.store.store import Store
from engine.texts import refuse_unwritable
from engine.views import Lens
from engine.vocabulary import Actor, Fire, HandOver, Reason, Transition

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
        # What is read follows from the declarations alone, which do not change while we run. The
        # bound is for triggers that clients make up.
        self._reverse = lru_cache(maxsize=1024)(self._relations)

    def step(self, request: Request) -> Outcome:
        """Take one step in a transaction of its own. Raises Refused (nothing changed) or Busy."""
        refuse_unwritable(request)
        with self.store.step() as ledger:
            outcome = self._tried(ledger, request, TRIES)
        if outcome is None:
            with self.store.transaction() as ledger:
                outcome = self._under_locks(ledger, request)
        self.seams.pass_by("after_commit")
        return outcome

    def step_in(self, ledger: Ledger, request: Request) -> Outcome:
        """Take a step inside a handed transaction, alone in its failure."""
        refuse_unwritable(request)
        try:
            return self._alone(ledger, request)
        except Busy:
            # What it collided with is done by now, and the savepoint lets it be seen.
            return self._alone(ledger, request)

    def _alone(self, ledger: Ledger, request: Request) -> Outcome:
        with ledger.savepoint():
            outcome = self._tried(ledger, request, TRIES)
            return outcome or self._under_locks(ledger, request)

    def _tried(self, ledger: Ledger, request: Request, tries: int) -> Outcome | None:
        for _ in range(tries):
            snapshot = self.snapshot(ledger, request)
            drawn = _Drawn(self.ids, self.nonces, instant(snapshot.now))
            decision = decide(self.catalogue, snapshot, request, drawn)
            if isinstance(decision, Replayed):
                done = decision.done
                return Outcome(done.case, done.sequence, None, None, replayed=True)
            self.seams.pass_by("before_commit")
            numbers = ledger.write(decision)
            if numbers is not None:
                return _outcome(decision, numbers.get(decision.case))
        return None

    def _under_locks(self, ledger: Ledger, request: Request) -> Outcome:
        snapshot = self.snapshot(ledger, request)
        ledger.lock(request.institution, sorted(snapshot.cases))
        outcome = self._tried(ledger, request, TRIES)
        if outcome is None:
            raise Busy
        return outcome

    def snapshot(self, ledger: Ledger, request: Request) -> Snapshot:
        """Read what the request must see, at one instant."""
        now = micros(self.clock.now())
        reading = ledger.read(self._plan(request))
        return Snapshot(
            now=now,
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

    def _plan(self, request: Request) -> Plan:
        ask = request.ask
        start: tuple[str, ...] = (request.case,) if request.case else ()
        email = subject = workload = detailed = None
        reverse: tuple[Reverse, ...] = ()
        match ask:
            case Open():
                start += tuple(to for _, to in ask.links)
                if ask.workflow in self.catalogue.names:
                    reverse = self._reverse(OPENED, ask.workflow)
                if isinstance(ask.subject, NewPerson):
                    email = ask.subject.email
                else:
                    subject = ask.subject
            case Tie():
                start += (ask.case,)
                reverse = self._reverse(OPENED)
            case Take():
                reverse = self._reverse(ask.trigger)
            case Climb():
                reverse, workload = self._climbing(ask)
            case Erase():
                reverse, detailed = self._leaning(), request.case
            case _:
                reverse = self._reverse(OPENED)
        return Plan(
            institution=request.institution,
            cases=start,
            reverse=reverse,
            party=request.party,
            key=request.key.key if request.key else None,
            email=email,
            subject=subject,
            workload=workload,
            detailed=detailed,
        )

    def _leaning(self) -> tuple[Reverse, ...]:
        """The open cases that are linked to a case, under whatever name."""
        every = (each for name in self.catalogue.names for each in self.catalogue.versions(name))
        found = {Reverse(link.workflow, each.name, link.name, ()) for each in every for link in each.workflow.links}
        return tuple(sorted(found, key=repr))

    def _relations(self, trigger: str | None, *workflows: str) -> tuple[Reverse, ...]:
        """The relations a step of the trigger (None: any) may read, in the workflows given or in any."""
        found = {
            Reverse(owner, related.workflow, related.link, related.states)
            for name in workflows or self.catalogue.names
            for owner, related in self.catalogue.reach(name, trigger)
        }
        return tuple(sorted(found, key=repr))

    def _climbing(self, ask: Climb) -> tuple[tuple[Reverse, ...], str | None]:
        """What a rung reads: what its trigger does, or how much work everybody has."""
        rungs = [
            rung.does
            for definition in self.catalogue.versions(ask.workflow)
            if ask.deadline in definition.deadlines
            for rung in definition.deadlines[ask.deadline].ladder
            if rung.name == ask.rung
        ]
        fires = next((does.trigger for does in rungs if isinstance(does, Fire)), OPENED)
        hands_over = any(isinstance(does, HandOver) for does in rungs)
        return self._reverse(fires, ask.workflow), ask.workflow if hands_over else None

    def lens(self, ledger: Ledger, institution: str, case: str, trigger: str | None) -> Lens:
        """A lens on the case and all that a trigger (None: any) may read of its surroundings."""
        reading = ledger.read(Plan(institution, (case,), self._reverse(trigger)))
        organisation = self.organisation(ledger, institution, reading.organisation_version)
        now = micros(self.clock.now())
        return Lens(self.catalogue, Snapshot(now, organisation, reading.cases))

    def actions(self, lens: Lens, case: Case, person: str) -> tuple[Action, ...]:
        """What leaves, or is recorded in, the present state, judged for this person."""
        definition = lens.definition(case)
        return tuple(
            self._action(lens, case, transition, person)
            for transition in definition.offered[case.state]
        )

    def _action(self, lens: Lens, case: Case, transition: Transition, person: str) -> Action:
        actor = rights.actor_for(lens, person, case, transition)
        reasons: tuple[Reason, ...] = ()
        if actor is None:
            reasons = (not_your_role(transition.who),)
        judged = actor or Actor(person, None)
        reasons += tuple(reasons_against(lens, case, transition, judged))
        return Action(transition, transition.target(case.state), actor, reasons)


def _outcome(decision: Decision, number: str | None) -> Outcome:
    """The primary case and event of what was written."""
    case = next(case for case in decision.cases if case.id == decision.case)
    event = next(event for event in decision.events if event.case == decision.case)
    if number is not None:
        case = replace(case, number=number)
    return Outcome(decision.case, decision.sequence, case, event)
