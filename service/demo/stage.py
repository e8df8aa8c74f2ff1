"""The stage the demo year is played on: the house's own parts, on a clock that is moved by hand.

Every step goes through `Cases`, with rights judged for the person who takes it. Chance is
drawn from a seed, so that every demo office is the same.
"""

from __future__ import annotations

import json
import random
from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any, TypeAlias

from engine import rights
from engine.calendar import Calendar
from engine.canonical import micros
from engine.cases import Cases
from engine.directory import Directory
from engine.model import IMPORT_PARTY, Ask, Case, NewPerson, Open, Outcome, Request, Snapshot, Take
from engine.organisation import Organisation
from engine.store.ledger import Ledger, Plan
from engine.store.store import Store
from engine.testclock import Mover
from engine.views import Lens
from engine.vocabulary import Role, Transition
from service.demo.held import HeldClock

Life: TypeAlias = Generator[int | date, None, None]
"""What becomes of a case. It rests by yielding working days to wait (0: some hours), or a day."""

Playable: TypeAlias = Generator[int | date, None, object]
"""Any life, whatever it gives in the end."""

Done: TypeAlias = Generator[int | date, None, Case]
"""A step that may have to wait for somebody to be at work; gives the case as it then is."""


class Overtaken(Exception):
    """The case is no longer where the life believed it: the clock or another case moved it."""


@dataclass
class Stage:
    """What the lives of cases act on.

    `ledger` is the transaction of the present sitting, `opened` are the cases that the last
    step opened. `sights` names cases worth showing, by what there is to see.
    """

    institution: str
    store: Store
    clock: HeldClock
    cases: Cases
    directory: Directory
    mover: Mover
    dice: random.Random
    starting: list[tuple[int | date, Playable]] = field(default_factory=list)
    sights: dict[str, str] = field(default_factory=dict)
    opened: tuple[str, ...] = ()
    _ledger: Ledger | None = None

    @property
    def ledger(self) -> Ledger:
        """The transaction everything of this sitting happens in."""
        if self._ledger is None:
            raise RuntimeError("nobody is at work between the sittings")
        return self._ledger

    def at_work(self, ledger: Ledger | None) -> None:
        """Begin a sitting, or (None) end it."""
        self._ledger = ledger

    # What is known.

    @cached_property
    def organisation(self) -> Organisation:
        """Who is who: asked once, when everybody has been hired, and the same all year."""
        return self.directory.organisation(self.institution)

    @cached_property
    def calendar(self) -> Calendar:
        """The institution's calendar."""
        return self.organisation.calendar(self.institution)

    @property
    def today(self) -> date:
        """The local day."""
        return self.calendar.local_date(self.clock.now())

    def day(self, working_days: int) -> date:
        """The day so many working days on."""
        return self.calendar.add_working_days(self.today, working_days)

    def read(self, case: str) -> Case:
        """The case as it now is."""
        return self.lens(case).cases[case]

    def lens(self, case: str) -> Lens:
        """The case and those it is linked to."""
        reading = self.ledger.read(Plan(self.institution, (case,)))
        return Lens(self.cases.catalogue, Snapshot(micros(self.clock.now()), self.organisation, reading.cases))

    def agreement_of(self, case: str) -> Case:
        """The agreement a case stands under."""
        lens = self.lens(case)
        return lens.cases[lens.cases[case].link("agreement") or ""]

    def lies_in(self, case: str, *states: str) -> bool:
        """Whether the case is in one of the states."""
        return self.read(case).state in states

    def show(self, sight: str, case: str) -> None:
        """Remember the first case of a kind that visitors may want to see."""
        self.sights.setdefault(sight, case)

    # What is done.

    def start(self, life: Playable, after: int | date = 0) -> None:
        """Let a life begin, so many working days from now or on a day."""
        self.starting.append((after, life))

    def open(
        self, workflow: str, unit: str, facts: dict[str, Any], *, by: str, subject: str | NewPerson | None = None,
        agreement: str | None = None,
    ) -> Case:  # fmt: skip
        """Open a case as the person `by`."""
        links = (("agreement", agreement),) if agreement else ()
        return self._case(self.ask(Open(workflow, unit, subject, facts, links), by))

    def register(self, workflow: str, unit: str, facts: dict[str, Any], state: str) -> Case:
        """Read a case in that was under way before the house stood."""
        asked = Open(workflow, unit, None, facts, state=state, evidence="avtalsregistret / agreement register")
        return self._case(self.ask(asked, IMPORT_PARTY))

    def ask(self, ask: Ask, party: str, case: str | None = None) -> Outcome:
        """Take a step as a party. Raises Refused; then nothing has changed."""
        outcome = self.cases.step_in(self.ledger, Request(self.institution, ask, party, case=case))
        self.opened = tuple(json.loads(outcome.event.body).get("opened", ())) if outcome.event else ()
        # The next person needs a moment too.
        self.clock.stand_at(self.clock.now() + timedelta(seconds=self.dice.randint(15, 70)))
        return outcome

    def do(
        self, case: str, trigger: str, *, role: Role | None = None, by: str | None = None,
        reason: str | None = None, **fields: Any,
    ) -> Done:  # fmt: skip
        """Take a step as whoever may (in a role; or `by` one person), once they are at work."""
        while (doer := self.doer(case, trigger, role, by)) is None:
            yield 1
        person, behalf = doer
        evidence = f"e-post {self.today} / e-mail" if behalf else None
        return self._case(self.ask(Take(trigger, fields, reason, None, behalf, evidence), person, case))

    def doer(
        self, case_id: str, trigger: str, role: Role | None = None, by: str | None = None
    ) -> tuple[str, Role | None] | None:
        """Who takes the step, and for whom; None while nobody who may is at work.

        Raises Overtaken where the step cannot be taken from the present state.
        """
        lens = self.lens(case_id)
        case = lens.cases[case_id]
        transition = lens.definition(case).steps.get((case.state, trigger))
        if transition is None:
            raise Overtaken(f"{case.number}: no {trigger} from {case.state}")
        found = [
            (person, who.role if who.role in rights.OUTSIDERS else None)
            for who in transition.who
            if role in (None, who.role)
            for person in self._holders(lens, case, who.role, who.where)
            if by in (None, person)
        ]
        return self._chosen(case, transition, found)

    def _holders(self, lens: Lens, case: Case, role: Role, where: str) -> tuple[str, ...]:
        unit = lens.unit_of(case, where)
        held = Role.COORDINATOR if role in rights.OUTSIDERS else role
        return self.organisation.nearest(held, unit, self.today) if unit else ()

    def _chosen(
        self, case: Case, transition: Transition, found: list[tuple[str, Role | None]]
    ) -> tuple[str, Role | None] | None:
        """The assignee, where they may; else anybody who may and works today."""
        mine = [each for each in found if each[0] == case.assignee]
        earlier = [did for trigger in transition.not_by for did in case.acts.get(trigger, ())]
        free = [
            each
            for each in mine or found
            if self.organisation.works_on(each[0], self.today)
            and not rights.shares_eyes(self.organisation, each[0], tuple(earlier))
        ]
        return free[self.dice.randrange(len(free))] if free else None

    def _case(self, outcome: Outcome) -> Case:
        if outcome.case is None:
            raise RuntimeError("a step without a key is never a repeated one")
        return outcome.case

    def someone(self, role: Role, unit: str) -> str | None:
        """Somebody who holds the role nearest to the unit and works today."""
        held = self.organisation.nearest(role, unit, self.today)
        present = [person for person in held if self.organisation.works_on(person, self.today)]
        return present[self.dice.randrange(len(present))] if present else None

    def officer(self) -> str:
        """An officer who works today."""
        person = self.someone(Role.OFFICER, self.institution)
        if person is None:
            raise RuntimeError("the International Office is never empty")
        return person
