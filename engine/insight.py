"""What the office sees of its work as a whole: the register of agreements, balances, ages, times, what blocks.

Counted over the cases somebody may read, and nothing else. Every number comes with the selection
that lists exactly its cases. One connection a question, one instant seen.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine import balances, dashboards
from engine.asking import Asking, asking
from engine.balances import AgreementRow, Balance, CaseRef
from engine.canonical import micros
from engine.cases import Cases
from engine.dashboards import AGES, SAMPLE, Blocking, DefinitionCount, OverdueBy, StateAges, StateTime
from engine.decide import NOT_FOUND
from engine.errors import CaseNotFound
from engine.model import Case, Snapshot
from engine.paging import Page
from engine.selecting import Counted, Selection
from engine.store import agreement_rows, insight_rows
from engine.store.agreement_rows import RegisterFilter
from engine.store.insight_rows import Narrowed
from engine.views import Lens

__all__ = [
    "AGES", "AgreementRow", "Balance", "Blocking", "CaseRef", "Counted", "DefinitionCount", "Insight", "OverdueBy",
    "Selection", "StateAges", "StateTime",
]  # fmt: skip


@dataclass(frozen=True)
class Insight:
    """Reads over many cases at once."""

    cases: Cases

    # Agreements.

    def academic_year(self, institution: str, person: str) -> int:
        """The academic year that runs today, by the calendar year it begins in."""
        with asking(self.cases, institution, person) as asked:
            return balances.year_on(asked.today)

    def agreements(
        self,
        institution: str,
        person: str,
        *,
        q: str | None = None,
        partner: str | None = None,
        unit: tuple[str, ...] = (),
        state: tuple[str, ...] = (),
        expiring: bool | None = None,
        year: int | None = None,
        sort: str = "title",
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[AgreementRow]:
        """A page of the register. `sort`: title, number, ends, -ends. `year`: whose places are shown, else today's.

        `expiring`: only open agreements that end within twelve months of today, or only the others.
        """
        with asking(self.cases, institution, person) as asked:
            narrowed = RegisterFilter(
                workflow=self._offering(),
                q=q,
                partner=partner,
                unit=unit,
                state=state,
                ends_by=None if expiring is None else balances.soon(asked.today),
                beyond=expiring is False,
                endings=self._endings(),
            )
            page = agreement_rows.register(
                asked.connection, asked.scope, narrowed, sort=sort, cursor=cursor, limit=limit
            )
            return Page(self._rows(asked, page.items, year), page.next_cursor)

    def agreement(self, institution: str, person: str, case: str, *, year: int | None = None) -> AgreementRow:
        """One agreement of the register. Raises CaseNotFound."""
        with asking(self.cases, institution, person) as asked:
            found = agreement_rows.find(asked.connection, asked.scope, workflow=self._offering(), case=case)
            if found is None:
                raise CaseNotFound(NOT_FOUND, case=case)
            return self._rows(asked, (found,), year)[0]

    def balance(
        self, institution: str, person: str, *, years: tuple[int, ...] = (), agreements: tuple[str, ...] = ()
    ) -> Balance:
        """Students out and in by academic year, agreement and level; none named: all the person may read."""
        with asking(self.cases, institution, person) as asked:
            found = agreement_rows.agreements(asked.connection, asked.scope, workflow=self._offering(), ids=agreements)
            lens = self._lens(asked, found, years)
            named = {case.id: balances.case_ref(lens.definition(case), case) for case in found}
            return balances.balance(balances.holdings(lens, found, years), named)

    def _rows(self, asked: Asking, found: tuple[Case, ...], year: int | None) -> tuple[AgreementRow, ...]:
        renewals = self._renewals(asked, found)
        lens = Lens(self.cases.catalogue, Snapshot(asked.now, asked.organisation, {case.id: case for case in found}))
        shown = balances.year_on(asked.today) if year is None else year
        return tuple(
            balances.agreement_row(lens, case, year=shown, today=asked.today, renewal=renewals.get(case.id))
            for case in found
        )

    def _renewals(self, asked: Asking, found: tuple[Case, ...]) -> dict[str, CaseRef]:
        """The open renewal of each agreement, else its last one."""
        holding = {each.name for each in self.cases.catalogue.now if each.workflow.holds}
        ties = {
            tie
            for each in self.cases.catalogue.now
            if each.workflow.offers
            for tie in balances.matters(each.workflow, holding)
        }
        rows = agreement_rows.about(asked.connection, asked.scope, [case.id for case in found], ties=ties)
        last: dict[str, Case] = {}
        # They come oldest first; a closed one never takes the place of an open one.
        for row in rows:
            known = last.get(row.agreement)
            if known is None or known.closed_at is not None or row.case.closed_at is None:
                last[row.agreement] = row.case
        return {agreement: self._ref(case) for agreement, case in last.items()}

    def _ref(self, case: Case) -> CaseRef:
        return balances.case_ref(self.cases.catalogue.by_hash(case.definition), case)

    def _lens(self, asked: Asking, agreements: tuple[Case, ...], years: tuple[int, ...]) -> Lens:
        """A lens on agreements and on those who hold places under them in these years."""
        ids = {held.case for _, held, _ in balances.held_in(agreements, years)}
        holders = agreement_rows.holders(asked.connection, asked.scope.institution, ids)
        seen = {case.id: case for case in agreements} | holders
        return Lens(self.cases.catalogue, Snapshot(asked.now, asked.organisation, seen))

    def _offering(self) -> tuple[str, ...]:
        return tuple(each.name for each in self.cases.catalogue.now if each.workflow.offers)

    def _endings(self) -> frozenset[str]:
        offering = [each for name in self._offering() for each in self.cases.catalogue.versions(name)]
        return frozenset[str]().union(*(balances.endings(each.workflow) for each in offering))

    # What was counted.

    def listed(
        self, institution: str, person: str, selection: Selection, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Case]:
        """A page of exactly the cases a number counted, those longest in their state first."""
        with asking(self.cases, institution, person) as asked:
            narrowed = self._narrowed(asked, selection)
            return insight_rows.list_narrowed(asked.connection, asked.scope, narrowed, cursor=cursor, limit=limit)

    def _narrowed(self, asked: Asking, selection: Selection) -> Narrowed:
        calendar = asked.organisation.calendar(asked.scope.institution)
        came, left = selection.entered_from, selection.entered_to
        return Narrowed(
            workflow=selection.workflow,
            state=selection.state,
            unit=selection.unit,
            assignee=selection.assignee,
            unassigned=bool(selection.unassigned),
            open=selection.open,
            overdue=selection.overdue,
            definition=selection.definition,
            entered_since=micros(calendar.start_of(came)) if came else None,
            entered_before=micros(calendar.end_of(left)) if left else None,
            through=selection.through,
            linked_unit=selection.linked_unit,
            ids=self._ids(asked, selection),
        )

    def _ids(self, asked: Asking, selection: Selection) -> frozenset[str] | None:
        """The cases meant by what no column holds; None where nothing such is asked."""
        if selection.of_places:
            return self._holders(asked, selection)
        if selection.blocked_by is not None:
            found = [dashboards.judged(self.cases, asked, name, unit=selection.unit) for name in selection.workflow]
            return frozenset(
                case for judged in found for case, reasons in judged.reasons.items() if selection.blocked_by in reasons
            )
        return None

    def _holders(self, asked: Asking, selection: Selection) -> frozenset[str]:
        only = (selection.held_under,) if selection.held_under else ()
        years = () if selection.academic_year is None else (selection.academic_year,)
        found = agreement_rows.agreements(asked.connection, asked.scope, workflow=self._offering(), ids=only)
        places = balances.holdings(self._lens(asked, found, years), found, years)
        return frozenset(place.held.case for place in places if balances.chosen_by(selection)(place))

    # Dashboards.

    def ages(
        self, institution: str, person: str, *, workflow: tuple[str, ...] = (), unit: tuple[str, ...] = ()
    ) -> tuple[StateAges, ...]:
        """The open cases of each state by age; every open state in the order declared, empty ones too."""
        with asking(self.cases, institution, person) as asked:
            return dashboards.ages(self.cases, asked, Narrowed(workflow=workflow, unit=unit))

    def times(
        self,
        institution: str,
        person: str,
        *,
        workflow: tuple[str, ...] = (),
        unit: tuple[str, ...] = (),
        days: int = 90,
    ) -> tuple[StateTime, ...]:
        """How long visits to each state lasted that ended in the last `days` local days, today among them."""
        with asking(self.cases, institution, person) as asked:
            return dashboards.times(self.cases, asked, Narrowed(workflow=workflow, unit=unit), days=days)

    def overdue(
        self, institution: str, person: str, *, workflow: tuple[str, ...] = (), unit: tuple[str, ...] = ()
    ) -> tuple[OverdueBy, ...]:
        """Overdue cases by who has them: an assignee, else the role the state waits for. Most first."""
        with asking(self.cases, institution, person) as asked:
            return dashboards.overdue(self.cases, asked, Narrowed(workflow=workflow, unit=unit))

    def blocking(
        self, institution: str, person: str, workflow: str, *, unit: tuple[str, ...] = (), sample: int = SAMPLE
    ) -> Blocking:
        """What holds up the longest waiting open cases of a workflow, judged now, for nobody in particular.

        Raises KeyError for an unknown workflow.
        """
        with asking(self.cases, institution, person) as asked:
            return dashboards.blocking(self.cases, asked, workflow, unit=unit, sample=min(sample, SAMPLE))

    def definitions(self, institution: str, person: str) -> tuple[DefinitionCount, ...]:
        """Every definition the house knows or has used, with its open cases; by workflow, newest first."""
        with asking(self.cases, institution, person) as asked:
            return dashboards.definitions(self.cases, asked)
