"""What a request must see, told before anything is read: it follows from the declarations alone."""

from __future__ import annotations

from functools import lru_cache

from engine.catalogue import Catalogue
from engine.model import Climb, Erase, NewPerson, Open, Request, Take, Tie
from engine.reading import OPENED
from engine.store.ledger import Plan, Reverse
from engine.vocabulary import Fire, HandOver


class Planner:
    """Plans the reading for requests."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        # The declarations do not change while we run. The bound is for triggers that clients make up.
        self.relations = lru_cache(maxsize=1024)(self._relations)
        self.around = lru_cache(maxsize=1024)(self._around)

    def plan(self, request: Request) -> Plan:
        """Everything the request may look at."""
        ask = request.ask
        start: tuple[str, ...] = (request.case,) if request.case else ()
        email = subject = workload = detailed = None
        reverse: tuple[Reverse, ...] = ()
        match ask:
            case Open():
                start += tuple(to for _, to in ask.links)
                if ask.workflow in self._catalogue.names:
                    reverse = self.relations(OPENED, ask.workflow)
                if isinstance(ask.subject, NewPerson):
                    email = ask.subject.email
                else:
                    subject = ask.subject
            case Tie():
                start += (ask.case,)
                reverse = self.relations(OPENED)
            case Take():
                reverse = self.relations(ask.trigger)
            case Climb():
                reverse, workload = self._climbing(ask)
            case Erase():
                reverse, detailed = self._leaning(), request.case
            case _:
                reverse = self.relations(OPENED)
        if request.shown and request.case is not None:
            reverse = self.around(ask.trigger if isinstance(ask, Take) else None)
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

    def _around(self, trigger: str | None) -> tuple[Reverse, ...]:
        """The relations that any step of a case may read which has this trigger (None: of any case)."""
        having = (n for n in self._catalogue.names if any(trigger in v.by_trigger for v in self._catalogue.versions(n)))
        names = self._catalogue.names if trigger is None else tuple(having)
        return self.relations(None, *names) if names else ()

    def _leaning(self) -> tuple[Reverse, ...]:
        """The open cases that are linked to a case, under whatever name."""
        every = (each for name in self._catalogue.names for each in self._catalogue.versions(name))
        found = {Reverse(link.workflow, each.name, link.name, ()) for each in every for link in each.workflow.links}
        return tuple(sorted(found, key=repr))

    def _relations(self, trigger: str | None, *workflows: str) -> tuple[Reverse, ...]:
        """The relations a step of the trigger (None: any) may read, in the workflows given or in any."""
        found = {
            Reverse(owner, related.workflow, related.link, related.states)
            for name in workflows or self._catalogue.names
            for owner, related in self._catalogue.reach(name, trigger)
        }
        return tuple(sorted(found, key=repr))

    def _climbing(self, ask: Climb) -> tuple[tuple[Reverse, ...], str | None]:
        """What a rung reads: what its trigger does, or how much work everybody has."""
        rungs = [
            rung.does
            for definition in self._catalogue.versions(ask.workflow)
            if ask.deadline in definition.deadlines
            for rung in definition.deadlines[ask.deadline].ladder
            if rung.name == ask.rung
        ]
        fires = next((does.trigger for does in rungs if isinstance(does, Fire)), OPENED)
        hands_over = any(isinstance(does, HandOver) for does in rungs)
        return self.relations(fires, ask.workflow), ask.workflow if hands_over else None
