"""Where the clock would have been faster than people: a step it takes by itself, due before a deadline ended.

A step taken again happens when it happened; that a shorter deadline would have run out before it is
found here. Counted with the calendar as it now is, for deadlines that have ended, were not resting
then, and are in the file; and only where the file the case was under would not have done so too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine import deadlines
from engine.archive import Kept
from engine.catalogue import Catalogue
from engine.clockwork import day_of
from engine.deadlines import Measure
from engine.definition import Definition
from engine.model import Case, DeadlineRow, Snapshot
from engine.organisation import Organisation
from engine.rehearsing.collecting import Deviation
from engine.rehearsing.worlds import NoSuchState, World
from engine.store.event_rows import Written
from engine.views import Definitions, Lens
from engine.vocabulary import Deadline, Fire, Rung, Text
from engine.wording import Wording


@dataclass(frozen=True, slots=True)
class Overtaken:
    """A step that the clock would have taken at an instant (UTC microseconds), before an event that then happened."""

    deadline: Deadline
    rung: Rung
    trigger: str
    due_at: int
    event: Written


@dataclass(frozen=True)
class Clocks:
    """Works the ended deadlines of histories out anew. `then` are the definitions they were under."""

    world: World
    then: Catalogue
    organisation: Organisation

    def overtaken(self, kept: Kept, since: int) -> Iterator[Overtaken]:
        """The steps the clock would have taken first, in a case of the file's workflow, from an instant on."""
        for row in kept.deadlines:
            if row.ended_at is None or row.ended_at < since or row.resting:
                continue
            event = next((e for e in kept.events if _ends(e, row)), None)
            if event is not None and event.sequence > 1:
                yield from self._of(kept.as_of(event.sequence - 1, self.then), row, event)

    def told(self, found: Overtaken) -> Deviation:
        """Say what the clock would have done, and when."""
        words = Wording(self.world.current(self.world.workflow), self.world)
        step = words.step(found.trigger)
        day = self.organisation.calendar(self.organisation.institution).day_at(found.due_at)
        return Deviation(
            workflow=self.world.workflow,
            step=found.trigger,
            code=f"clock:{found.deadline.name}:{found.rung.name}",
            label=step,
            words=Text(
                f"Klockan skulle ha tagit steget av sig självt den {day} ({found.deadline.label.sv}).",
                f"The clock would have taken the step by itself on {day} ({found.deadline.label.en}).",
            ),
        )

    def _of(self, before: Case, row: DeadlineRow, event: Written) -> Iterator[Overtaken]:
        file = self.world.current(self.world.workflow)
        declared = file.deadlines.get(row.name)
        if declared is None:
            return
        earlier = self.then.by_hash(before.definition)
        already: dict[str, int] = {}
        if row.name in earlier.deadlines:
            for _, trigger, due_at in self._due(before, row, earlier, self.then):
                already[trigger] = min(due_at, already.get(trigger, due_at))
        try:
            carried = self.world.case(before)
        except NoSuchState:
            return
        for rung, trigger, due_at in self._due(carried, row, file, self.world):
            overtakes = due_at <= event.body["at"] and rung.name not in row.fired
            # A step that the clock did not take at all is as much news as one it took later.
            if overtakes and (trigger not in already or already[trigger] > event.body["at"]):
                yield Overtaken(declared, rung, trigger, due_at, event)

    def _due(
        self, case: Case, row: DeadlineRow, definition: Definition, catalogue: Definitions
    ) -> Iterator[tuple[Rung, str, int]]:
        """The rungs of a deadline that take a step, the step's trigger, and when each is due."""
        deadline = definition.deadlines[row.name]
        firing = [(rung, rung.does.trigger) for rung in deadline.ladder if isinstance(rung.does, Fire)]
        lens = Lens(catalogue, Snapshot(case.updated_at, self.organisation, {case.id: case}))
        if not firing or case.state not in deadline.runs_in:
            return
        measure = Measure(self.organisation.calendar(case.unit), lens.figures(definition, case.unit))
        day = day_of(lens, case, deadline)
        if deadlines.dayless(deadline, day):
            return
        due_on = deadlines.last_day(deadline, row, measure=measure, day=day)
        for rung, trigger in firing:
            yield rung, trigger, deadlines.moment(deadline, row, rung, due_on, measure=measure)


def _ends(event: Written, row: DeadlineRow) -> bool:
    """Whether an event is the one that ended this running of a deadline."""
    return any(
        each["name"] == row.name and each["since"] == row.since and each["ended_at"] is not None
        for each in event.body.get("deadlines", ())
    )
