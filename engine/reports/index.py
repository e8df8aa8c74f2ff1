"""All reports for internal audit, and the one way to read them: as an auditor or administrator, or on the machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from engine.asking import asking
from engine.cases import Cases
from engine.errors import NotYourTurn
from engine.paging import Page
from engine.reports import absent, conflicts, cover, decisions, deviations, overdue, rights
from engine.reports.shape import Filter, Line, Question, Report
from engine.scope import Scope, holds_anywhere
from engine.vocabulary import Role, Text

__all__ = ["NOT_FOR_YOU", "READERS", "REPORTS", "Filter", "Line", "Report", "Reports"]

REPORTS: Final[Mapping[str, Report]] = MappingProxyType(
    {
        report.name: report
        for report in (
            deviations.REPORT,
            decisions.REPORT,
            rights.REPORT,
            absent.REPORT,
            cover.REPORT,
            conflicts.REPORT,
            overdue.REPORT,
        )
    }
)
"""Every report by its name, in the order they are listed."""

READERS: Final = (Role.AUDITOR, Role.ADMIN)
"""Who may read reports; of cases, each sees the lines about those they may read."""

NOT_FOR_YOU: Final = Text(
    "Rapporterna läses av revisorer och administratörer.", "The reports are read by auditors and administrators."
)

AT_ONCE: Final = 500
"""Lines read at a time where all of them are wanted."""


@dataclass(frozen=True)
class Reports:
    """Reads the reports. `reader` None: whoever runs the installation, who may read everything."""

    cases: Cases

    def page(
        self,
        institution: str,
        reader: str | None,
        name: str,
        narrowed: Filter,
        *,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Line]:
        """A page of a report. Raises KeyError (no such report), NotYourTurn, BadFields (cursor none of ours)."""
        report = REPORTS[name]
        with self._asked(institution, reader, narrowed) as question:
            return report.lines(question, cursor, limit)

    def all(self, institution: str, reader: str | None, name: str, narrowed: Filter) -> Iterator[Line]:
        """Every line of a report, read a page at a time, so that no long connection is held. Raises as `page`."""
        cursor: str | None = None
        while True:
            page = self.page(institution, reader, name, narrowed, cursor=cursor, limit=AT_ONCE)
            yield from page.items
            if page.next_cursor is None:
                return
            cursor = page.next_cursor

    @contextmanager
    def _asked(self, institution: str, reader: str | None, narrowed: Filter) -> Iterator[Question]:
        with asking(self.cases, institution, reader or "") as asked:
            if reader is not None and not holds_anywhere(asked.organisation, reader, asked.now, *READERS):
                raise NotYourTurn(NOT_FOR_YOU, party=reader)
            everything = Scope(institution, "", tuple(asked.organisation.units), everything=True)
            scope = everything if reader is None else asked.scope
            yield Question(self.cases, replace(asked, scope=scope), narrowed)
