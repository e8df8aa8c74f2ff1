"""What a case offered after any of its events, as far as that can be known now.

The case, the cases it was linked to, and the organisation are folded back to that moment.
Which other cases there were around it is not: relations are found by reading, and only the
present can be read. A condition that asked for one is therefore told as not judged, rather
than answered from what was not there. Four eyes and a person's own mandates are not judged
either: nobody in particular is asking.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.catalogue import Catalogue
from engine.history import History, fold
from engine.judging import answers
from engine.model import Case, Snapshot
from engine.organisation import Organisation
from engine.places import holds_place
from engine.store.event_rows import Written
from engine.views import Lens
from engine.vocabulary import Actor, AnyView, Reason, Transition

OrganisationAt = Callable[[str, int], Organisation]


@dataclass(frozen=True, slots=True)
class Offered:
    """A step that was offered then. `judged` is false where its conditions rest on more than is known."""

    transition: Transition
    to: str
    reasons: tuple[Reason, ...]
    judged: bool


@dataclass(frozen=True, slots=True)
class Was:
    """A case as it was after an event: it stood where, and offered what."""

    case: Case
    event: Written
    offered: tuple[Offered, ...]


class PastLens(Lens):
    """A lens that notices when something is asked that was not folded back."""

    def __init__(self, catalogue: Catalogue, snapshot: Snapshot) -> None:
        super().__init__(catalogue, snapshot)
        self.beyond = False

    def related(self, case_id: str, name: str) -> tuple[AnyView, ...]:
        """Views of linked cases; a relation that would have to be looked for is noticed."""
        case = self.cases[case_id]
        declared = self.definition(case).workflow
        linked = case.link(name)
        if any(each.name == name for each in declared.related) or (linked and linked not in self.cases):
            self.beyond = True
        return super().related(case_id, name)


@dataclass(frozen=True)
class Past:
    """Looks at cases as they were. `organisation_at` gives the organisation at a version of it."""

    history: History
    organisation_at: OrganisationAt

    def after(self, events: Sequence[Written], sequence: int, *, number: str, title: str) -> Was | None:
        """The case after one of its events, given all of them oldest first; None where there is no such event."""
        shown = [event for event in events if event.sequence <= sequence]
        if not shown or shown[-1].sequence != sequence:
            return None
        was = fold(None, shown[0], self.history.catalogue)
        for event in shown[1:]:
            was = fold(was, event, self.history.catalogue)
        dressed = was.but(number=number, title=title)
        return Was(dressed, shown[-1], self._offered(dressed, shown[-1].body["at"], _version(events, sequence)))

    def _offered(self, case: Case, at: int, version: int) -> tuple[Offered, ...]:
        definition = self.history.catalogue.by_hash(case.definition)
        lens = self._lens(case, at, version)
        return tuple(_judged(lens, case, transition) for transition in definition.offered[case.state])

    def _lens(self, case: Case, at: int, version: int) -> PastLens:
        found = {
            to: self.history.case_at(case.institution, to, at=at) for to in dict.fromkeys(to for _, to in case.links)
        }
        # Of an erased case nothing can be asked, so it is as one that was not found.
        cases = {case.id: case, **{to: each for to, each in found.items() if each is not None and not each.erased}}
        organisation = self.organisation_at(case.institution, version)
        return PastLens(self.history.catalogue, Snapshot(at, organisation, cases))


def _judged(lens: PastLens, case: Case, transition: Transition) -> Offered:
    lens.beyond = False
    target = transition.target(case.state)
    if case.erased:
        return Offered(transition, target, (), judged=False)
    view = lens.view(case, Actor(None, transition.who[0].role))
    reasons = tuple(answers(transition.guards, view))
    counts_places = not holds_place(lens, case, case.state) and holds_place(lens, case, target)
    known = not lens.beyond and not counts_places
    return Offered(transition, target, reasons if known else (), known)


def _version(events: Sequence[Written], sequence: int) -> int:
    """The version of the organisation last seen by a step of the case; what another case's step wrote names none."""
    named = [(event.sequence, event.body["seen"]["organisation"]) for event in events if "seen" in event.body]
    earlier = [version for at, version in named if at <= sequence]
    return int(earlier[-1] if earlier else named[0][1] if named else 0)
