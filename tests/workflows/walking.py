"""Walks through any workflow: opens what it needs, takes what is offered, lets time pass.

Nothing here knows a workflow by name. What a case needs beside it is read from the
declared links, places and openers, and found by trying.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from random import Random
from typing import Any

from engine import rights
from engine.canonical import instant
from engine.cases import Action
from engine.definition import Definition
from engine.errors import BadFields, CaseNotFound, GuardRefused, NotYourTurn, Refused
from engine.model import IMPORT_PARTY, Assign, Case, Comment, Open, Request, Take
from engine.views import Lens
from engine.vocabulary import Transition
from tests.workflows.filling import Filler, Known
from tests.workflows.fitting import fitting, new_facts
from tests.workflows.town import CATALOGUE, DEPARTMENTS, PARTNER, STUDENTS, Town

OPENING_TRIES = 40
FIELD_TRIES = 4

Arrow = tuple[str, str, str]
"""A transition taken: workflow, the state it left, trigger."""


class NotOpened(AssertionError):
    """No facts, people or state were found with which the case may be opened."""


@dataclass
class Walk:
    """One walk through one town. `focus` is the case it is about, `aim` the state it would reach next."""

    town: Town
    workflow: str
    taken: Counter[Arrow] = field(default_factory=Counter)
    reached: set[tuple[str, str]] = field(default_factory=set)
    focus: str = ""
    aim: str = ""

    # Opening.

    def begin(self, chance: Random) -> None:
        """Open the case the walk is about, with what it needs and some that lean on it."""
        definition = CATALOGUE.current(self.workflow)
        leaning = [(n, link) for n in CATALOGUE.names for link in CATALOGUE.current(n).workflow.links
                   if link.workflow == self.workflow]  # fmt: skip
        holders = [name for name, link in leaning if _holds_by(name, link.name)]
        facts = None
        if holders:
            facts = chance.choice(fitting(chance.choice(holders)))[0]
        self.aim = chance.choice(sorted(definition.states))
        links, facts = self._beside(definition, chance, facts)
        self.focus = self._open(definition, chance, facts=facts, links=links)
        for name, link in leaning:
            if name != self.workflow and chance.random() < 0.5:
                self._lean(name, link.name, chance)

    def _beside(
        self, definition: Definition, chance: Random, facts: dict[str, Any] | None
    ) -> tuple[tuple[tuple[str, str], ...], dict[str, Any] | None]:
        """The cases it is linked to, and facts that fit the one it may hold a place under."""
        links = []
        for link in definition.workflow.links:
            if not link.required and chance.random() < 0.5:
                continue
            target, given = CATALOGUE.current(link.workflow), None
            if _holds_by(definition.name, link.name):
                given, facts = chance.choice(fitting(definition.name))
            beside, given = self._beside(target, chance, given) if target != definition else ((), given)
            links.append((link.name, self._open(target, chance, facts=given, links=beside, registered=True)))
        return tuple(links), facts

    def _lean(self, name: str, link: str, chance: Random) -> None:
        """Open a case of another workflow that is linked to the one the walk is about."""
        definition = CATALOGUE.current(name)
        others, _ = self._beside(definition, chance, None)
        links = {**dict(others), link: self.focus}
        facts = chance.choice(fitting(name))[1] if _holds_by(name, link) else None
        # The one it would lean on may not be in a state for it; then it goes without.
        with suppress(NotOpened):
            self._open(definition, chance, facts=facts, links=tuple(links.items()))

    def _open(
        self,
        definition: Definition,
        chance: Random,
        *,
        facts: dict[str, Any] | None,
        links: tuple[tuple[str, str], ...],
        registered: bool = False,
    ) -> str:
        """Open by hand, or as an import does; by hand only what its own guards let in."""
        workflow = definition.workflow
        states = workflow.registers_in
        state = chance.choice(states) if states and (registered or chance.random() < 0.5) else None
        subject = chance.choice(STUDENTS) if workflow.needs_subject else None
        unit = chance.choice(DEPARTMENTS)
        refused: Refused | None = None
        for attempt in range(OPENING_TRIES):
            given = facts if facts is not None else new_facts(chance, definition)
            ask = Open(workflow.name, unit, subject, given, links, state)
            by = IMPORT_PARTY if state or attempt > OPENING_TRIES // 2 else chance.choice(self.town.people)
            try:
                opened = self.town.cases.step(Request(self.town.name, ask, by)).case_id
            except Refused as error:
                refused = error
                facts = facts if attempt < 10 else None
                continue
            self._note()
            return opened
        raise NotOpened(f"no way was found to open a case of {workflow.name}: {refused!r}")

    # Looking.

    def lens(self, case: str) -> Lens:
        with self.town.store.step() as ledger:
            return self.town.cases.lens(ledger, self.town.name, case, None)

    def all_cases(self) -> dict[str, tuple[str, str, int, str]]:
        """Workflow, state, version and head of every case, by id."""
        rows = self.town.rows("case_record", "id", "workflow", "state", "version", "head")
        return {row[0]: (row[1], row[2], row[3], row[4]) for row in rows}

    def picture(self) -> Any:
        """All that a refusal must leave as it was."""
        counted = ("event", "event_detail", "outbox", "link", "number_series", "idempotency", "person")
        deadlines = self.town.rows("deadline", "case_id", "name", "since", "status", "next_rung", "acts_at")
        records = self.town.rows("case_record", "id", "state", "version", "head", "updated_at", "assignee")
        return records, deadlines, self.town.counts(*counted)

    def state(self) -> str:
        """The state the focus is in."""
        return self.all_cases()[self.focus][1]

    def _note(self) -> None:
        self.reached |= {(workflow, state) for workflow, state, _, _ in self.all_cases().values()}

    def fill(self, transition: Transition, case: Case, lens: Lens, chance: Random) -> dict[str, Any]:
        facts = {other.id: dict(other.facts) for other in lens.cases.values()}
        day = lens.organisation.calendar(case.unit).local_date(self.town.clock.at)
        ids = (*self.town.people[:3], PARTNER, *STUDENTS[:1])
        known = Known(day, facts, ids, DEPARTMENTS)
        return Filler(chance, known).fill(transition.form)

    # Stepping.

    def act(self, chance: Random) -> None:
        """Do one thing somebody, or time, might do."""
        drawn, here = chance.random(), self.state()
        if here == self.aim:
            self.aim = chance.choice(sorted(CATALOGUE.current(self.workflow).states))
        if drawn < 0.5 and here in distances(self.workflow, self.aim):
            self.head_for(self.aim, chance)
        elif drawn < 0.8:
            self.try_something(chance)
        elif drawn < 0.92:
            self.let_time_pass(chance)
        else:
            self.note_something(chance)

    def try_something(self, chance: Random) -> None:
        case = self._some_case(chance)
        lens = self.lens(case)
        people = chance.sample(self.town.people, len(self.town.people))
        if chance.random() < 0.1:
            offered = self.town.cases.actions(lens, lens.cases[case], people[0])
            if offered:
                self.take(lens, case, chance.choice(offered), people[0], chance)
            return
        # An end is an end: to go there as readily as anywhere would make short walks of all.
        ends = chance.random() < 0.1
        for person in people:
            possible = [
                action
                for action in self.possible(lens, case, person)
                if ends or not lens.definition(lens.cases[case]).states[action.to].final
            ]
            if possible:
                rare = min(possible, key=lambda each: (self.taken[self._arrow(lens, case, each)], chance.random()))
                self.take(lens, case, rare, person, chance)
                return

    def possible(self, lens: Lens, case: str, person: str) -> list[Action]:
        """What somebody may do now; whoever has no role in any of it is not asked about guards."""
        found = lens.cases[case]
        offered = lens.definition(found).offered[found.state]
        if not any(rights.actor_for(lens, person, found, each) for each in offered):
            return []
        return [each for each in self.town.cases.actions(lens, found, person) if each.possible]

    def head_for(self, state: str, chance: Random) -> None:
        """Bring the focus one step nearer to a state, or else do something that may open the way."""
        lens = self.lens(self.focus)
        definition, case = CATALOGUE.current(self.workflow), lens.cases[self.focus]
        away = distances(self.workflow, state)
        here = away.get(case.state, 0)
        for person in chance.sample(self.town.people, len(self.town.people)):
            nearer = [
                action
                for action in self.possible(lens, self.focus, person)
                if away.get(action.to, here) < here
            ]
            if nearer and self.take(lens, self.focus, chance.choice(nearer), person, chance):
                return
        # Facts noted without moving may be what a guard asks for; else the clock may do it.
        noting = [each for each in definition.offered[case.state] if each.recorded]
        for transition in chance.sample(noting, min(2, len(noting))):
            self._take_as_anybody(lens, transition, chance)
        if chance.random() < 0.4:
            self.let_time_pass(chance)

    def _take_as_anybody(self, lens: Lens, transition: Transition, chance: Random) -> None:
        for person in chance.sample(self.town.people, len(self.town.people)):
            found = [a for a in self.possible(lens, self.focus, person) if a.transition is transition]
            if found and lens.cases[self.focus].version == self.all_cases()[self.focus][2]:
                self.take(lens, self.focus, found[0], person, chance)
                return

    def _arrow(self, lens: Lens, case: str, action: Action) -> Arrow:
        found = lens.cases[case]
        return found.workflow, found.state, action.transition.trigger

    def take(self, lens: Lens, case: str, action: Action, person: str, chance: Random) -> bool:
        """Take what was offered (or was not), and hold the answer to what `actions` promised."""
        for _ in range(FIELD_TRIES if action.possible else 1):
            fields = self.fill(action.transition, lens.cases[case], lens, chance)
            behalf = action.actor.on_behalf_of if action.actor else None
            ask = Take(
                action.transition.trigger, fields, reason="because", on_behalf_of=behalf,
                evidence="mail of today" if behalf else None,
            )  # fmt: skip
            refused = self.ask(ask, person, case)
            if refused is None:
                assert action.possible, f"{self._arrow(lens, case, action)} was taken against {action.reasons}"
                self.taken[self._arrow(lens, case, action)] += 1
                return True
            _hold_to_promise(lens, case, action, refused)
        return False

    def ask(self, ask: Any, person: str, case: str) -> Refused | None:
        """One request: either it is refused and nothing has changed, or each case it touched has one event more."""
        before, picture = self.all_cases(), self.picture()
        try:
            outcome = self.town.cases.step(Request(self.town.name, ask, person, case=case))
        except Refused as refused:
            assert self.picture() == picture, f"{ask} was refused and changed something"
            return refused
        self._hold_to_one_event(before, (outcome.case_id, outcome.sequence))
        self._note()
        return None

    def _hold_to_one_event(self, before: dict[str, Any], step: tuple[str, int]) -> None:
        after = self.all_cases()
        changed = {case for case in after if after[case] != before.get(case)}
        events = {row[:2]: row[2:] for row in self.town.rows(
            "event", "case_id", "sequence", "cause_case", "cause_sequence", "hash", "to_state")}  # fmt: skip
        for case in changed:
            workflow, state, version, head = after[case]
            cause_case, cause_sequence, digest, to_state = events[case, version]
            assert version == (before[case][2] if case in before else 0) + 1
            assert (cause_case, cause_sequence) == ((None, None) if case == step[0] else step)
            assert (digest, to_state) == (head, state)
            assert state in CATALOGUE.current(workflow).states
        assert len(events) == sum(found[2] for found in after.values())

    def let_time_pass(self, chance: Random) -> None:
        """Go forward, sometimes just to the next thing due, and let it fire."""
        due = self.town.ticker.next_due(self.town.now() + int(4e14))
        if due is not None and chance.random() < 0.6:
            self.town.clock.at = max(self.town.clock.at, instant(due))
        else:
            days = chance.choice((0.3, 1, 2, 5, 20, 60))
            self.town.clock.at += timedelta(days=days)
        before = {case: found[1] for case, found in self.all_cases().items()}
        self.town.ticker.tick()
        for row in self.town.rows("event", "case_id", "trigger", "from_state", "party"):
            if row[3] == "clock" and row[1] and before.get(row[0]):
                workflow = self.all_cases()[row[0]][0]
                self.taken[workflow, row[2], row[1]] += 1
        self._note()

    def note_something(self, chance: Random) -> None:
        """Comment, or make somebody the assignee."""
        case, person = self._some_case(chance), chance.choice(self.town.people)
        telling = Comment("ok", (f"person:{person}",))
        self.ask(chance.choice((telling, Assign(person), Assign(None))), person, case)

    def _some_case(self, chance: Random) -> str:
        return self.focus if chance.random() < 0.7 else chance.choice(sorted(self.all_cases()))


@lru_cache
def distances(workflow: str, state: str) -> dict[str, int]:
    """How many steps each state lies from one, along the arrows; those with no way are left out."""
    away, edge = {state: 0}, [state]
    while edge:
        here = edge.pop(0)
        for source, offered in CATALOGUE.current(workflow).offered.items():
            if source not in away and any(each.target(source) == here for each in offered):
                away[source] = away[here] + 1
                edge.append(source)
    return away


def _holds_by(name: str, link: str) -> bool:
    holds = CATALOGUE.current(name).workflow.holds
    return holds is not None and holds.link == link


def _hold_to_promise(lens: Lens, case: str, action: Action, refused: Refused) -> None:
    """What is called possible is refused for its fields alone; what is not, for the reason given first."""
    where = f"{lens.cases[case].workflow}.{action.transition.trigger}: {refused!r}"
    transition = action.transition
    if action.actor is None:
        assert isinstance(refused, NotYourTurn | CaseNotFound), where
    elif isinstance(refused, BadFields):
        assert transition.form.model_fields, where
    elif action.possible:
        assert isinstance(refused, Refused), where
        others = any(not follow_up.if_open for follow_up in transition.follow_ups)
        asked = transition.field_guards or transition.form.model_fields
        assert others or (isinstance(refused, GuardRefused) and asked), where
    else:
        assert isinstance(refused, GuardRefused), where
        assert refused.reasons[0].code == action.reasons[0].code, where


def walk_along(town: Town, workflow: str, seeds: Sequence[int]) -> Walk:
    """Walk as the seeds say; the first opens, each other is one act."""
    walk = Walk(town, workflow)
    walk.begin(Random(seeds[0]))
    for seed in seeds[1:]:
        walk.act(Random(seed))
    return walk
