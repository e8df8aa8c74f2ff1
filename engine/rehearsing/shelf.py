"""Histories read many at a time, with those of the cases that their steps looked at."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator

from engine.archive import Archive, Kept
from engine.catalogue import Catalogue
from engine.model import Case, Kind
from engine.parts import in_parts
from engine.store.event_rows import Written

AT_ONCE = 128
"""How many cases are read in one go."""


class Shelf(Archive):
    """An archive that reads what is missing of a batch at once, and gives cases as they were."""

    def fetch(self, institution: str, ids: Iterable[str]) -> None:
        """Read those of some cases that are not kept."""
        missing = [each for each in dict.fromkeys(ids) if (institution, each) not in self._kept]
        for some in in_parts(missing, AT_ONCE):
            self.load(institution, some)

    def around(self, institution: str, batch: Iterable[str]) -> None:
        """Read some cases, and then all that their steps saw, touched or were linked to."""
        own = list(batch)
        self.fetch(institution, own)
        self.fetch(institution, [other for each in own for other in _named(self.get(institution, each))])

    def group(self, institution: str, first: Written) -> list[Written] | None:
        """All events of the step that began with this one, what it opened in order; None where one is missing."""
        order = {case: n for n, case in enumerate(first.body.get("opened", ()))}
        touched = sorted(first.body.get("touched", ()), key=lambda case: (order.get(case, -1), case))
        found = [first]
        for case in touched:
            sequence = first.body["seen"]["cases"].get(case, 0) + 1
            event = self.get(institution, case, version=sequence).event(sequence)
            if event is None or event.body.get("cause") != [first.case, first.sequence]:
                return None
            found.append(event)
        return found

    def was(self, institution: str, case: str, version: int, catalogue: Catalogue) -> Case:
        """The case after so many events. Raises LookupError where there are not so many."""
        return self.get(institution, case, version=version).as_of(version, catalogue)

    def at(self, institution: str, case: str, instant: int, catalogue: Catalogue) -> Case | None:
        """The case at an instant (UTC microseconds); None where it was not yet."""
        kept = self.get(institution, case)
        version = bisect_right([event.body.get("at", 0) for event in kept.events], instant)
        return kept.as_of(version, catalogue) if version else None


def workflow_of(kept: Kept) -> str:
    """The workflow of a case; none where nothing of it is there."""
    if kept.row is not None:
        return kept.row.workflow
    opened = (event.body.get("workflow", "") for event in kept.events if event.body.get("kind") == Kind.OPENED)
    return str(next(opened, ""))


def _named(kept: Kept) -> Iterator[str]:
    for event in kept.events:
        yield from event.body.get("seen", {}).get("cases", ())
        yield from event.body.get("touched", ())
        yield from (to for _, to in event.body.get("linked", ()))
