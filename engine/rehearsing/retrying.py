"""Takes recorded steps again, through the very `decide`, as if a file had always been in force.

Each step is taken by itself, from the case as it then was (its state carried over as the file's
migrations say), with the recorded fields, person, instant and organisation. What one step would
have made otherwise is told at that step; the next begins again from what was recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from engine.archive import Kept
from engine.catalogue import Catalogue
from engine.chains import blank
from engine.decide import Replayed, decide
from engine.errors import EngineError, Refused
from engine.model import IMPORT_PARTY, Case, Climb, Kind, Open, Request, Snapshot
from engine.organisation import Organisation
from engine.reading import ANY, OPENED, Reads
from engine.recorded import DefinitionsThen, RecordedDraws, request_of
from engine.rehearsing.collecting import Deviation
from engine.rehearsing.deviations import Telling
from engine.rehearsing.shelf import Shelf, workflow_of
from engine.rehearsing.worlds import NoSuchState, World
from engine.store.event_rows import Written

NOT_TAKEN_AGAIN: Final = frozenset({Kind.COMMENTED, Kind.DEADLINE_CHANGED, Kind.MIGRATED, Kind.ERASED, Kind.RESTORED})
"""Events on which a workflow file has no say, or that another file brought about."""


@dataclass(frozen=True, slots=True)
class Retried:
    """What came of taking a step again: `refused` and `changed` name what the file would have made otherwise.

    `judged` is false where the step rests on what the history does not name.
    """

    refused: tuple[Deviation, ...] = ()
    changed: tuple[Deviation, ...] = ()
    with_detail: bool = True
    judged: bool = True


class NotKnown(EngineError):
    """A case that the step saw is not there as it then was."""


NOTHING: Final = Retried()
NOT_JUDGED: Final = Retried(judged=False)


@dataclass
class Retrying:
    """Takes the steps of one institution again. `folding` is the catalogue by which cases are folded."""

    institution: str
    shelf: Shelf
    folding: Catalogue
    organisation_at: Callable[[str, int], Organisation]
    _organisations: dict[int, Organisation] = field(default_factory=dict)

    def concerns(self, first: Written, workflow: str) -> bool:
        """Whether a step looked at, moved or opened a case of the workflow."""
        cases = {first.case, *first.body["seen"]["cases"], *first.body.get("touched", ())}
        return any(workflow_of(self.shelf.get(self.institution, case)) == workflow for case in cases)

    def retry(self, first: Written, world: World) -> Retried:
        """Take the step that began with this event again."""
        group = self.shelf.group(self.institution, first)
        if group is None:
            return NOT_JUDGED
        telling = Telling(world, self.folding, self._workflow(first), group, self._workflow)
        if self._lacks_detail(group):
            return replace(self._by_graph(first, world, telling), with_detail=False)
        if self._rests_on_more(first, world):
            return NOT_JUDGED
        return self._decided(first, group, world, telling)

    def _workflow(self, event: Written) -> str:
        return workflow_of(self.shelf.get(self.institution, event.case))

    def _lacks_detail(self, group: Sequence[Written]) -> bool:
        seen: Mapping[str, int] = group[0].body["seen"]["cases"]
        return any(map(blank, group)) or any(
            self.shelf.get(self.institution, case, version=version).blank_by(version) for case, version in seen.items()
        )

    def _by_graph(self, first: Written, world: World, telling: Telling) -> Retried:
        """Hold a step whose detail was erased against the graph alone."""
        body, trigger = first.body, first.body["trigger"]
        if telling.workflow != world.workflow or not trigger or body["from"] is None:
            return NOTHING
        state = world.state_of(body["definition"], body["from"])
        if state is None:
            return Retried(refused=(telling.no_state(body["from"]),))
        if world.current(world.workflow).legality.target(state, trigger) is None:
            return Retried(refused=(telling.no_step(state),))
        return NOTHING

    def _rests_on_more(self, first: Written, world: World) -> bool:
        """Whether the file asks for relations that the step did not ask for: only the present could be searched."""
        workflow = self._workflow(first)
        if workflow != world.workflow:
            return False
        trigger = OPENED if first.body["kind"] == Kind.OPENED else first.body["trigger"] or ""
        file, then = world.current(workflow), self.folding.by_hash(first.body["definition"])
        asked = file.reads.get(trigger, Reads()).relations - then.reads.get(trigger, Reads()).relations
        searched = {related.name for related in file.workflow.related} | {ANY}
        return bool(asked & searched)

    def _decided(self, first: Written, group: list[Written], world: World, telling: Telling) -> Retried:
        try:
            return Retried(changed=tuple(self._changes(first, group, world, telling)))
        except Refused as refused:
            return Retried(refused=tuple(telling.refused(refused)))
        except NoSuchState as error:
            return Retried(refused=(telling.no_state(str(error)),))
        except NotKnown:
            return NOT_JUDGED
        except Exception as error:  # noqa: BLE001 - a file being tried may fail in any way; each is a finding
            return Retried(refused=(telling.failed(error),))

    def _changes(self, first: Written, group: list[Written], world: World, telling: Telling) -> Iterator[Deviation]:
        request = self._request(first, world)
        gone = telling.gone(request.ask) if isinstance(request.ask, Climb) else None
        if gone is not None:
            yield gone
            return
        snapshot = self._snapshot(first, world)
        decision = decide(DefinitionsThen(world, group), snapshot, request, RecordedDraws(group))
        if not isinstance(decision, Replayed):
            yield from telling.compared(decision)

    def _request(self, first: Written, world: World) -> Request:
        """The recorded request. Who opened a case by hand named no state; an import named one."""
        request = request_of(first, self._workflow(first))
        ask = request.ask
        if not isinstance(ask, Open):
            return request
        named = world.state_of(first.body["definition"], ask.state or "") if request.party == IMPORT_PARTY else None
        return replace(request, ask=replace(ask, state=named))

    def _snapshot(self, first: Written, world: World) -> Snapshot:
        seen = first.body["seen"]
        cases = {case: world.case(self._was(case, version)) for case, version in seen["cases"].items()}
        # The file may look along links that nobody looked along then.
        for to in dict.fromkeys(to for case in list(cases.values()) for _, to in case.links if to not in cases):
            other = self.shelf.at(self.institution, to, first.body["at"], self.folding)
            if other is not None and _has_place(other, world):
                cases[to] = world.case(other)
        return Snapshot(
            now=first.body["at"],
            organisation=self._organisation(seen["organisation"]),
            cases=cases,
            workload=first.body.get("found", {}).get("workload", {}),
        )

    def _was(self, case: str, version: int) -> Case:
        try:
            return self.shelf.was(self.institution, case, version, self.folding)
        except LookupError as error:
            raise NotKnown(str(error)) from error

    def _organisation(self, version: int) -> Organisation:
        if version not in self._organisations:
            self._organisations[version] = self.organisation_at(self.institution, version)
        return self._organisations[version]


def primary(kept: Kept, *, since: int) -> Iterator[Written]:
    """The events of a case that began a step of their own at or after an instant, and that a file has a say on."""
    for event in kept.events:
        body = event.body
        if "seen" in body and body["at"] >= since and Kind(body["kind"]) not in NOT_TAKEN_AGAIN:
            yield event


def _has_place(was: Case, world: World) -> bool:
    """Whether the file has a state for a case as it then was."""
    return world.state_of(was.definition, was.state) is not None
