"""Rehearsal: a changed workflow file, tried on the office's own past and open cases before it is switched on.

Nothing is written. What is found is told as it is: which open cases would be stuck, which past steps
the file would have refused or made otherwise, which deadlines would move, which roles nobody holds,
which of its rules past histories break. A file that behaves as the one in force finds nothing.

A case costs what replaying it costs; cases are read and let go a batch at a time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from engine.archive import Kept
from engine.canonical import micros
from engine.cases import Cases
from engine.catalogue import Catalogue
from engine.chains import blank
from engine.comparing import differences
from engine.definition import Definition
from engine.loading import load
from engine.organisation import Organisation
from engine.rehearsing.clocks import Clocks
from engine.rehearsing.collecting import Deviation, Groups, Lines
from engine.rehearsing.prospects import Prospects
from engine.rehearsing.report import MOST_LINES, Counts, Moved, Report, Stuck, Unheld, Version
from engine.rehearsing.retrying import Retried, Retrying, primary
from engine.rehearsing.seats import Seats
from engine.rehearsing.shelf import AT_ONCE, Shelf, workflow_of
from engine.rehearsing.tracks import Tracks
from engine.rehearsing.worlds import World, for_folding, with_file
from engine.store import rehearsal_rows
from engine.ties import ties
from engine.vocabulary.days import months_from

YEARS = 2
"""How far back histories are looked at, where nobody says otherwise."""

Told = Callable[[int, int], None]
"""Is told how much is done, of how much."""


@dataclass
class Rehearsal:
    """Tries workflow files on one institution. `organisation_at` gives the organisation at a version of it."""

    cases: Cases
    institution: str
    organisation: Organisation
    organisation_at: Callable[[str, int], Organisation]

    def run(self, path: Path, *, years: int = YEARS, told: Told = lambda _done, _total: None) -> Report:
        """Try the file at a path. Raises WorkflowInvalid where it does not load, or not beside the others."""
        text = path.read_bytes()
        return _Run(self, load(path), path.name, hashlib.sha256(text).hexdigest(), years).report(told)

    def size(self, workflow: str, *, years: int = YEARS) -> int:
        """How many cases trying a file of the workflow would look at."""
        catalogue = self.cases.catalogue
        names = concerned(catalogue, workflow)
        return rehearsal_rows.count(self.cases.store, self.institution, names, since=self.since(years))

    def since(self, years: int) -> int:
        """The instant from which on past steps are looked at: the local midnight so many years ago."""
        calendar = self.organisation.calendar(self.institution)
        return micros(calendar.start_of(months_from(self.today, -12 * years)))

    @property
    def today(self) -> date:
        """The institution's local day."""
        return self.organisation.calendar(self.institution).local_date(self.cases.clock.now())


def concerned(catalogue: Catalogue, workflow: str) -> frozenset[str]:
    """The workflow, and those whose steps may look at, move or open cases of it, directly or by way of others."""
    leads = {
        name: {
            other
            for each in catalogue.versions(name)
            for other in (
                *(tie.workflow for tie in ties(each.workflow)),
                *(opens.workflow for step in each.workflow.transitions for opens in step.opens),
            )
        }
        for name in catalogue.names
    }
    found, grown = {workflow}, True
    while grown:
        nearer = {name for name, others in leads.items() if others & found} - found
        found |= nearer
        grown = bool(nearer)
    return frozenset(found)


@dataclass
class _Run:
    """One rehearsal under way."""

    rehearsal: Rehearsal
    file: Definition
    name: str
    source: str
    years: int
    stuck: Lines[Stuck] = field(default_factory=Lines)
    deadlines: Lines[Moved] = field(default_factory=Lines)
    roles: Lines[Unheld] = field(default_factory=Lines)
    refused: Groups = field(default_factory=Groups)
    changed: Groups = field(default_factory=Groups)
    rules: Groups = field(default_factory=Groups)
    seen: int = 0
    open: int = 0
    steps: int = 0
    without_detail: int = 0
    not_judged: int = 0

    def __post_init__(self) -> None:
        cases, catalogue = self.rehearsal.cases, self.rehearsal.cases.catalogue
        self.candidate = with_file(catalogue, self.file)
        self.then = for_folding(catalogue, self.file)
        self.before = catalogue.current(self.file.name) if self.file.name in catalogue.names else None
        self.since = self.rehearsal.since(self.years)
        self.shelf = Shelf(cases.store)
        self.retrying = Retrying(self.rehearsal.institution, self.shelf, self.then, self.rehearsal.organisation_at)
        self.prospects = Prospects.over(cases, self.candidate, self.file)
        self.seats = Seats(self.file, self.before)
        self.tracks = Tracks(self.file, self.then, self.rehearsal.organisation, self.rehearsal.today)
        self.world = World.under(catalogue, self.file)
        # What the file in force would have made otherwise of a case under an older one is no news.
        self.present = World.under(catalogue, self.before) if self.before is not None else None
        self.clocks = Clocks(self.world, self.then, self.rehearsal.organisation)

    def report(self, told: Told) -> Report:
        store, institution = self.rehearsal.cases.store, self.rehearsal.institution
        names = concerned(self.candidate, self.file.name)
        total = rehearsal_rows.count(store, institution, names, since=self.since)
        for batch in rehearsal_rows.ids(store, institution, names, since=self.since, at_once=AT_ONCE):
            self.shelf.around(institution, batch)
            for case in batch:
                self._case(self.shelf.get(institution, case))
                self.seen += 1
                told(self.seen, total)
            self._prospects(batch)
        for line in self.seats.unheld(self.rehearsal.organisation, self.rehearsal.today):
            self.roles.add(line)
        return self._report()

    def _case(self, kept: Kept) -> None:
        own = workflow_of(kept) == self.file.name
        if own:
            for broken in self.tracks.broken(kept):
                self._note(self.rules, [self.tracks.told(broken)], kept, broken.sequence, broken.at)
            self._clocked(kept)
        for first in primary(kept, since=self.since):
            if not self.retrying.concerns(first, self.file.name):
                continue
            found = self._news(self.retrying.retry(first, self.world), kept, first.sequence)
            self.steps += 1
            self.without_detail += not found.with_detail
            self.not_judged += not found.judged
            self._note(self.refused, list(found.refused), kept, first.sequence, first.body["at"])
            self._note(self.changed, list(found.changed), kept, first.sequence, first.body["at"])

    def _news(self, found: Retried, kept: Kept, sequence: int) -> Retried:
        """What was found, without what the file in force would have made otherwise just the same."""
        if self.present is None or not (found.refused or found.changed):
            return found
        first = kept.events[sequence - 1]
        known = self.retrying.retry(first, self.present)
        old = {(each.step, each.code) for each in (*known.refused, *known.changed)}
        return Retried(
            tuple(each for each in found.refused if (each.step, each.code) not in old),
            tuple(each for each in found.changed if (each.step, each.code) not in old),
            with_detail=found.with_detail,
            judged=found.judged,
        )

    def _clocked(self, kept: Kept) -> None:
        if any(map(blank, kept.events)):
            return
        try:
            found = list(self.clocks.overtaken(kept, self.since))
        except Exception:  # noqa: BLE001 - a file being tried may fail in any way; its steps are judged beside
            self.not_judged += 1
            return
        for each in found:
            self._note(self.changed, [self.clocks.told(each)], kept, each.event.sequence, each.event.body["at"])

    def _note(self, groups: Groups, deviations: list[Deviation], kept: Kept, sequence: int, at: int) -> None:
        number = kept.row.number if kept.row else ""
        for deviation in deviations:
            groups.add(deviation, case=kept.id, number=number, sequence=sequence, at=at)

    def _prospects(self, batch: list[str]) -> None:
        """Look at the open cases of a batch, all over one connection."""
        store, institution = self.rehearsal.cases.store, self.rehearsal.institution
        with store.reads() as connection:
            ledger = store.ledger_on(connection)
            for case in batch:
                kept = self.shelf.get(institution, case)
                row = kept.row
                if row is None or row.closed_at is not None or row.workflow != self.file.name:
                    continue
                self.open += 1
                self.seats.note(self.shelf, institution, kept)
                found = self.prospects.of(ledger, row)
                if isinstance(found, Stuck):
                    self.stuck.add(found)
                else:
                    for moved in found:
                        self.deadlines.add(moved)

    def _report(self) -> Report:
        counts = Counts(
            stuck=self.stuck.count,
            refused=self.refused.times,
            changed=self.changed.times,
            deadlines=self.deadlines.count,
            roles=self.roles.count,
            rules=self.rules.times,
        )
        before = self.before
        return Report(
            workflow=self.file.name,
            label=self.file.workflow.label,
            file=self.name,
            source=self.source,
            before=Version(before.version, before.hash) if before else None,
            after=Version(self.file.version, self.file.hash),
            made_at=micros(self.rehearsal.cases.clock.now()),
            since=self.since,
            cases=self.seen,
            open=self.open,
            steps=self.steps,
            without_detail=self.without_detail,
            not_judged=self.not_judged,
            counts=counts,
            stuck=tuple(self.stuck.kept),
            refused=self.refused.findings(),
            changed=self.changed.findings(),
            deadlines=tuple(self.deadlines.kept),
            roles=tuple(self.roles.kept),
            rules=self.rules.findings(),
            differences=differences(before, self.file, self.candidate)[:MOST_LINES] if before else (),
        )
