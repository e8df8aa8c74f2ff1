"""Which cases a step may read, its follow-ups in other cases included."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.definition import Definition
from engine.reading import ANY, OPENED, Reads
from engine.ties import Versions, ties, towards
from engine.vocabulary import Related, Transition


class Reach:
    """Follows steps from case to case to tell what they may read on the way."""

    def __init__(self, versions: Versions) -> None:
        self._versions = versions
        # Asked for at every step; the definitions never change, so all is worked out once.
        self._found: dict[tuple[str, str | None], frozenset[tuple[str, Related]]] = {}
        for workflow, definitions in versions.items():
            triggers = {name for definition in definitions for name in definition.by_trigger}
            steps = {name: frozenset(self._of_step(workflow, name)) for name in (*triggers, OPENED)}
            self._found |= {(workflow, name): found for name, found in steps.items()}
            self._found[workflow, None] = frozenset[tuple[str, Related]]().union(*steps.values())

    def of(self, workflow: str, trigger: str | None) -> frozenset[tuple[str, Related]]:
        """Tell which relations a step may read; without a trigger, a step of any.

        `engine.reading.OPENED` in place of a trigger: what opening a case reads. An unknown
        trigger reads nothing, an unknown workflow is a KeyError.
        """
        everything = self._found[workflow, None]
        return everything if trigger is None else self._found.get((workflow, trigger), frozenset())

    def _of_step(self, workflow: str, trigger: str) -> Iterator[tuple[str, Related]]:
        """Give what a step reads, then what its follow-ups and openings read.

        It comes to an end because chains of follow-ups were seen to be short and no rings.
        """
        for definition in self._versions[workflow]:
            yield from self._asked(definition, definition.reads.get(trigger, Reads()))
            for transition in definition.by_trigger.get(trigger, ()):
                yield from self._moved(definition, transition)

    def _moved(self, definition: Definition, transition: Transition) -> Iterator[tuple[str, Related]]:
        """Give what is read to find the cases a transition moves, and to move them."""
        yield from _own(definition, {each.along for each in transition.follow_ups})
        yield from _own(definition, {each.along for each in transition.relinks})
        for follow_up in transition.follow_ups:
            for workflow in towards(definition.workflow, follow_up.along):
                yield from self._of_step(workflow, follow_up.trigger)
        for opens in transition.opens:
            for opened in self._versions[opens.workflow]:
                yield from self._asked(opened, opened.reads[OPENED])

    def _asked(self, definition: Definition, asked: Reads) -> Iterator[tuple[str, Related]]:
        """Give the relations that functions ask for, of this case or of one beside it."""
        beside = self._beside(definition)
        for each in (definition, *beside):
            yield from _own(each, asked.relations)
        for each in beside:
            for question, answer in each.answers.items():
                # Whether there is a place left is asked of it whenever a case may hold one.
                counts = question == OPENED and _holds_under(definition, each)
                if counts or question in asked.questions or ANY in asked.questions:
                    yield from _own(each, answer.relations)
            if _holds_under(definition, each):
                yield from _own(each, each.reads[OPENED].relations)

    def _beside(self, definition: Definition) -> tuple[Definition, ...]:
        """Give the definitions of the cases one link or relation away."""
        names = {tie.workflow for tie in ties(definition.workflow)}
        return tuple(each for name in sorted(names) for each in self._versions[name])


def _own(definition: Definition, names: Iterable[str]) -> Iterator[tuple[str, Related]]:
    """Give a workflow's own relations of these names."""
    wanted = set(names)
    for related in definition.workflow.related:
        if related.name in wanted or ANY in wanted:
            yield definition.name, related


def _holds_under(definition: Definition, other: Definition) -> bool:
    """Tell whether cases of one workflow hold places under cases of another."""
    holds = definition.workflow.holds
    return holds is not None and other.name in towards(definition.workflow, holds.link)
