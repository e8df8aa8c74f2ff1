"""What the steps of a batch see: what was read for all of them, as those before have left it.

Each step is judged on just the cases it would have read alone, found anew in memory.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from engine.model import Case, Decision, Done, Snapshot, after
from engine.organisation import Organisation
from engine.store.ledger import Plan, Readings, Reverse

Relations = tuple[Reverse, ...]


class Board:
    """The cases of one institution, and what else steps ask for, while a batch goes on."""

    def __init__(self, plans: Iterable[Plan], read: Readings) -> None:
        self.cases: dict[str, Case] = {}
        self._done = dict(read.done)
        self._known = dict(read.known)
        self._subjects = set(read.subjects)
        self._workload = {workflow: dict(loads) for workflow, loads in read.workload.items()}
        self._detailed = dict(read.detailed)
        self._linked: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self._about: defaultdict[str, set[str]] = defaultdict(set)
        self._unnumbered: set[str] = set()
        for case in read.cases.values():
            self._put(case)
        self._followed: dict[Relations, set[str]] = {}
        starts: defaultdict[Relations, dict[str, None]] = defaultdict(dict)
        for plan in plans:
            starts[plan.reverse].update(dict.fromkeys(plan.cases))
        for reverse, cases in starts.items():
            whole = Plan("", tuple(cases), reverse)
            self._followed[reverse] = {case for edge in self._edges(whole) for case in edge}

    def reach(self, plan: Plan) -> Sequence[str] | None:
        """The cases that reading for this plan alone would find now; None if they were not all read."""
        followed = self._followed[plan.reverse]
        found: dict[str, None] = dict.fromkeys(plan.cases)
        for edge in self._edges(plan, found):
            if not followed.issuperset(edge):
                return None
        return [case for case in found if case in self.cases]

    def unnumbered(self, reach: Iterable[str]) -> bool:
        """Whether one of these was opened here and has no number yet."""
        return not self._unnumbered.isdisjoint(reach)

    def snapshot(self, plan: Plan, reach: Iterable[str], *, now: int, organisation: Organisation) -> Snapshot:
        """What reading for this plan alone would see now."""
        cases = {case: self.cases[case] for case in reach}
        return Snapshot(
            now=after(cases.values(), now),
            organisation=organisation,
            cases=cases,
            done=self._done.get((plan.party or "", plan.key)) if plan.key is not None else None,
            workload=dict(self._workload[plan.workload]) if plan.workload is not None else {},
            known=self._known.get(plan.email) if plan.email is not None else None,
            subject_exists=plan.subject is None or plan.subject in self._subjects,
            detailed=self._detailed[plan.detailed] if plan.detailed is not None else (),
        )

    def note(self, decision: Decision) -> None:
        """Let what was decided be seen by the steps that follow."""
        for case in decision.cases:
            before = self.cases.get(case.id)
            self._count(before, case)
            self._put(_as_read(case, before, decision), before)
        for opened in decision.opened:
            self._unnumbered.add(opened)
            self._follow_opened(self.cases[opened])
        if decision.key is not None:
            done = Done(decision.key.fingerprint, decision.case, decision.sequence)
            self._done[decision.by, decision.key.key] = done
        if decision.person is not None:
            person, who = decision.person
            self._known[who.email] = person
            self._subjects.add(person)
        if self._detailed:
            self._note_details(decision)

    def number(self, numbers: Mapping[str, str]) -> None:
        """Give the cases opened their numbers."""
        for case, number in numbers.items():
            self.cases[case] = self.cases[case].but(number=number)
        self._unnumbered.difference_update(numbers)

    def _put(self, case: Case, before: Case | None = None) -> None:
        self.cases[case.id] = case
        if before is not None and before.links == case.links:
            return
        for name, to in before.links if before else ():
            self._linked[to, name].discard(case.id)
        for name, to in case.links:
            self._linked[to, name].add(case.id)
        if case.subject is not None:
            self._about[case.subject].add(case.id)

    def _edges(self, plan: Plan, found: dict[str, None] | None = None) -> Iterator[Sequence[str]]:
        """Go from the plan's cases outwards as the ledgers do; `found` collects all that is come by.

        Each edge given is one that is followed further.
        """
        found = dict.fromkeys(plan.cases) if found is None else found
        relations = _by_owner(plan.reverse)
        edge: Sequence[str] = list(found)
        for _ in range(plan.deepest):
            yield edge
            nearby = dict.fromkeys(case for near in edge for case in self._nearby(near, relations))
            edge = [case for case in nearby if case not in found]
            if not edge:
                return
            found.update(dict.fromkeys(edge))

    def _nearby(self, near: str, relations: Mapping[str, Relations]) -> Iterator[str]:
        case = self.cases.get(near)
        if case is None:
            return
        yield from (to for _, to in case.links)
        for reverse in relations.get(case.workflow, ()):
            if reverse.link is not None:
                candidates = self._linked.get((case.id, reverse.link), ())
            else:
                candidates = self._about.get(case.subject, ()) if case.subject is not None else ()
            for other in candidates:
                if other != near and _is_meant(self.cases[other], reverse):
                    yield other

    def _follow_opened(self, case: Case) -> None:
        """Mark a new case as followed: who is linked to it is known, as nobody else knows of it.

        Who else it is about is not, where a relation asks for that.
        """
        for reverse, followed in self._followed.items():
            if all(each.link is not None for each in _by_owner(reverse).get(case.workflow, ())):
                followed.add(case.id)
            else:
                followed.discard(case.id)

    def _count(self, before: Case | None, after: Case) -> None:
        loads = self._workload.get(after.workflow)
        if loads is None:
            return
        for case, change in ((before, -1), (after, 1)):
            if case is not None and case.assignee is not None and case.closed_at is None:
                loads[case.assignee] = loads.get(case.assignee, 0) + change
                if not loads[case.assignee]:
                    del loads[case.assignee]

    def _note_details(self, decision: Decision) -> None:
        for event in decision.events:
            if event.detail is not None and event.case in self._detailed:
                self._detailed[event.case] += (event.sequence,)
        self._detailed.update((case, ()) for case in decision.erased if case in self._detailed)


@lru_cache(maxsize=1024)
def _by_owner(reverse: Relations) -> Mapping[str, Relations]:
    return {owner: tuple(each for each in reverse if each.owner == owner) for owner in {e.owner for e in reverse}}


def _is_meant(case: Case, reverse: Reverse) -> bool:
    if case.workflow != reverse.workflow:
        return False
    return case.state in reverse.states if reverse.states else case.closed_at is None


def _as_read(case: Case, before: Case | None, decision: Decision) -> Case:
    """A case as the store would give it back: deadlines by name, links in the order they were made."""
    links, deadlines = case.links, case.deadlines
    earlier = before.links if before else ()
    if links != earlier:
        new = {(name, to) for tied, name, to in decision.linked if tied == case.id}
        links = (*(tie for tie in earlier if tie in links and tie not in new), *sorted(new.intersection(links)))
    if len(deadlines) > 1:
        deadlines = tuple(sorted(deadlines, key=lambda row: (row.name, row.since)))
    if links is case.links and deadlines is case.deadlines:
        return case
    return case.but(links=links, deadlines=deadlines)
