"""The rules of the processes, checked over the histories of an institution."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from engine.asking import asking
from engine.calendar import Calendar
from engine.cases import Cases
from engine.declare.checking import Checker, check
from engine.declare.histories import HistoryCheck
from engine.declare.tallying import Tallies
from engine.eventlog import Trace
from engine.logs import Logs, Span
from engine.organisation import Organisation
from engine.store import ruled_rows
from engine.vocabulary import Rule

MOST_ON_A_PAGE: Final = 1000
"""Cases that are checked for a page, the newest. The command line checks all."""

Told = Callable[[int, int], None]
"""Is told how many cases are done, of how many."""


@dataclass(frozen=True, slots=True)
class Ruled:
    """What was found. `more` is true where there are older cases that were not looked at."""

    tallies: Tallies
    more: bool


@dataclass(frozen=True)
class Ruling:
    """Checks histories as they are stored."""

    cases: Cases

    def all(
        self,
        institution: str,
        organisation: Organisation,
        workflow: str,
        *,
        rules: tuple[Rule, ...] | None = None,
        told: Told = lambda _done, _of: None,
    ) -> Tallies:
        """Check every case of a workflow, whoever may read it; by other rules than its own where given."""
        logs, span = Logs(self.cases.store), Span(workflow=(workflow,))
        count = logs.count(institution, span)
        traces = _counted(logs.traces(institution, span), told, count)
        return self._tallied(workflow, self._check(organisation, rules), traces)

    def readable(self, institution: str, person: str, workflow: str, *, most: int = MOST_ON_A_PAGE) -> Ruled:
        """Check the newest cases of a workflow that the person may read."""
        with asking(self.cases, institution, person) as asked:
            newest = ruled_rows.newest(asked.connection, asked.scope, workflow, limit=most + 1)
            organisation = asked.organisation
        chosen = dict(newest[:most])
        span = Span(workflow=(workflow,), since=min(chosen.values(), default=None))
        logs = Logs(self.cases.store)
        traces = (trace for trace in logs.traces(institution, span) if trace.attributes["id"] in chosen)
        tallies = self._tallied(workflow, self._check(organisation, None), traces if chosen else ())
        return Ruled(tallies, len(newest) > most)

    def _check(self, organisation: Organisation, rules: tuple[Rule, ...] | None) -> HistoryCheck:
        calendar = organisation.calendar(organisation.institution)
        today = calendar.local_date(self.cases.clock.now())
        return HistoryCheck(self.cases.catalogue, organisation, today, rules)

    def _tallied(self, workflow: str, checking: HistoryCheck, traces: Iterable[Trace]) -> Tallies:
        rules = checking.rules
        tallies = Tallies.of(self.cases.catalogue.current(workflow).workflow.rules if rules is None else rules)
        for trace, judged in checking.judge(traces):
            tallies.add(trace.case, judged)
        return tallies


def check_log(rules: tuple[Rule, ...], traces: Iterable[Trace], calendar: Calendar) -> Tallies:
    """Check the cases of a log of another system, each taken as come to its end."""
    checkers = [Checker(rule, calendar) for rule in rules]
    tallies = Tallies.of(rules)
    for trace in traces:
        tallies.add(trace.case, check(checkers, trace))
    return tallies


def _counted(traces: Iterable[Trace], told: Told, count: int) -> Iterator[Trace]:
    for done, trace in enumerate(traces, start=1):
        yield trace
        told(done, count)
