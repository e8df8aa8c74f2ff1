"""Makes the View a decision sees, out of a snapshot and what the step has changed so far."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any, Protocol

from engine.definition import Definition
from engine.model import Case, Snapshot
from engine.organisation import Organisation
from engine.vocabulary import Actor, Answer, AnyView, Facts, Form, Related, View

NOBODY = Actor(None, None)


class Definitions(Protocol):
    """The definitions a decision is taken under: those of today, or at a replay those of then."""

    @property
    def names(self) -> tuple[str, ...]: ...
    def current(self, name: str, /) -> Definition: ...
    def by_hash(self, hash_: str, /) -> Definition: ...


class Lens:
    """Looks at the cases of one snapshot. Remembers which ones were looked at.

    `current` gives a case as the step has it so far; `seen` collects the ids of all
    cases a guard or rule has looked at: their versions must hold at the commit.
    """

    def __init__(self, catalogue: Definitions, snapshot: Snapshot) -> None:
        self.catalogue = catalogue
        self.snapshot = snapshot
        self.organisation: Organisation = snapshot.organisation
        self.cases: dict[str, Case] = dict(snapshot.cases)
        self.seen: set[str] = set()
        self._shown: dict[Hashable, tuple[Case, AnyView]] = {}
        self._read: dict[Hashable, tuple[Case, Facts]] = {}

    def definition(self, case: Case) -> Definition:
        """The definition the case is pinned to."""
        return self.catalogue.by_hash(case.definition)

    def figures(self, definition: Definition, unit: str) -> Mapping[str, Any]:
        """The unit's settings for the workflow, over the defaults it declares."""
        own = self.organisation.figures(definition.name, unit)
        return {**definition.figures, **own} if own else definition.figures

    def view(self, case: Case, actor: Actor = NOBODY, given: Form | None = None) -> AnyView:
        """The case as a guard may see it."""
        self.seen.add(case.id)
        if given is not None:
            return self._made(case, actor, given)
        # Deadlines and the title look many times in a step at a case of which a view would say
        # the same, and so do the guards of all that may be done. It is kept beside its view so
        # that the identity of its facts stays their own.
        same = (
            actor,
            case.id, case.definition, case.state, case.unit, case.assignee, case.subject, case.version,
            case.number, id(case.facts), id(case.acts),
        )  # fmt: skip
        shown = self._shown.get(same)
        if shown is None:
            shown = self._shown[same] = (case, self._made(case, actor, given))
        return shown[1]

    def _facts(self, case: Case, definition: Definition) -> Facts:
        """The facts as the workflow's own model reads them, once for all views of a case that has them."""
        same = (id(case.facts), case.definition)
        kept = self._read.get(same)
        if kept is None:
            facts = _blank(definition) if case.erased else definition.workflow.facts.model_validate(case.facts)
            kept = self._read[same] = (case, facts)
        return kept[1]

    def _made(self, case: Case, actor: Actor, given: Form | None) -> AnyView:
        definition = self.definition(case)
        calendar = self.organisation.calendar(case.unit)
        today = calendar.day_at(self.snapshot.now)
        made: AnyView = View(
            id=case.id,
            number=case.number,
            workflow=case.workflow,
            state=case.state,
            unit=case.unit,
            assignee=case.assignee,
            subject=case.subject,
            version=case.version,
            opened_on=calendar.day_at(case.opened_at),
            facts=self._facts(case, definition),
            today=today,
            actor=actor,
            calendar=calendar,
            figures=self.figures(definition, case.unit),
            done_by=case.acts,
            related=lambda name: self.related(case.id, name),
            answer=self._answering(case.id, definition),
            given=given,
            mandates=self.organisation.mandates_of(actor.person, case.unit, today)
            if actor.person
            else (),
        )
        return made

    def related(self, case_id: str, name: str) -> tuple[AnyView, ...]:
        """Views of the cases linked under `name`, or found under that name; unknown: none."""
        case = self.cases[case_id]
        found = next(
            (r for r in self.definition(case).workflow.related if r.name == name), None
        )
        if found is None:
            linked = case.link(name)
            return (self.view(self.cases[linked]),) if linked in self.cases else ()
        views = [self.view(other) for other in self._found(case, found)]
        if found.order is not None:
            views.sort(key=found.order)
        return tuple(views)

    def _found(self, case: Case, related: Related) -> list[Case]:
        others = (
            other
            for other in self.cases.values()
            if other.workflow == related.workflow
            and other.id != case.id
            # Nothing is known any more that a rule could ask of it.
            and not other.erased
            and (other.state in related.states if related.states else other.closed_at is None)
            and (
                other.link(related.link) == case.id
                if related.link
                else other.subject is not None and other.subject == case.subject
            )
        )
        return sorted(others, key=lambda other: (other.opened_at, other.id))

    def _answering(self, case_id: str, definition: Definition) -> Callable[[str, Any], Answer]:
        def answer(question: str, about: Any) -> Answer:
            asked = definition.workflow.questions[question]
            return asked(self.view(self.cases[case_id]), about)

        return answer

    def unit_of(self, case: Case, where: str) -> str | None:
        """The unit a role is held in: the case's own, or that of a linked case."""
        if where == "case":
            return case.unit
        linked = case.link(where)
        if linked is None or linked not in self.cases:
            return None
        self.seen.add(linked)
        return self.cases[linked].unit


def _blank(definition: Definition) -> Facts:
    """Facts of which nothing is known any more: what has a default has it, the rest is None."""
    model = definition.workflow.facts
    needed = {name: None for name, declared in model.model_fields.items() if declared.is_required()}
    return model.model_construct(None, **needed)
