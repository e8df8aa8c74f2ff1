"""The reports internal audit asks for: a list of them, each as a page, as CSV and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response, StreamingResponse

from adapters.exports import CSV_TYPE
from engine.errors import CaseNotFound
from engine.people import wrong
from engine.reports.index import REPORTS, Filter, Line, Report, Reports
from engine.reports.shape import Column, EventRef, Period
from engine.vocabulary import Role, Text
from service.pages.filters_view import Option
from service.pages.insight_view import asked_text, must_be_offered, options, process_name
from service.pages.visiting import Visit, Visiting, query_of
from service.reporting import csv_of, json_of, said

router = APIRouter(prefix="/audit/reports", include_in_schema=False)

PAGE: Final = 50
JSON_TYPE: Final = "application/json; charset=utf-8"
ASKED: Final = ("since", "until", "unit", "workflow", "kind")


@dataclass(frozen=True, slots=True)
class CellShown:
    """What stands in a cell under a heading, and below it: pairs of a heading and words, those there are."""

    heading: str
    words: str
    below: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A line as it is shown, and the events it rests on."""

    cells: tuple[CellShown, ...]
    events: tuple[EventRef, ...]
    version: int | None


@dataclass(frozen=True, slots=True)
class Choices:
    """What the filters offer."""

    units: tuple[Option, ...]
    workflows: tuple[Option, ...]
    kinds: tuple[Option, ...]


@router.get("")
def reports(visit: Visiting) -> Response:
    """List the reports there are."""
    visit.must_hold(Role.AUDITOR, Role.ADMIN)
    return visit.page("reports.html", reports=tuple(REPORTS.values()))


@router.get("/{name}.csv")
def report_csv(visit: Visiting, name: str) -> Response:
    """Give a report as CSV, all of it."""
    report, _, lines = _whole(visit, name)
    return _file(visit, name, "csv", csv_of(report, lines, visit.speech, visit.organisation), CSV_TYPE)


@router.get("/{name}.json")
def report_json(visit: Visiting, name: str) -> Response:
    """Give a report as JSON, all of it."""
    report, narrowed, lines = _whole(visit, name)
    return _file(visit, name, "json", json_of(report, narrowed, lines), JSON_TYPE)


@router.get("/{name}")
def report_page(visit: Visiting, name: str, cursor: str | None = None) -> Response:
    """Show a page of a report."""
    report = _named(visit, name)
    narrowed = _read(visit, report)
    found = Reports(visit.house.cases).page(visit.institution, visit.person, name, narrowed, cursor=cursor, limit=PAGE)
    return visit.page(
        "report.html",
        report=report,
        headings=[visit.speech.text(column.label) for column in _beside(report)],
        lines=[_shown(visit, report, line) for line in found.items],
        cursor=found.next_cursor,
        choices=_choices(visit, report, narrowed),
        narrowed=narrowed,
        by_day=report.period is Period.DAY,
        query=query_of([(key, value) for key, value in visit.request.query_params.multi_items() if key in ASKED], {}),
    )


def _named(visit: Visit, name: str) -> Report:
    """The report of this name. Raises NotAllowed, CaseNotFound."""
    visit.must_hold(Role.AUDITOR, Role.ADMIN)
    if name not in REPORTS:
        raise CaseNotFound(Text("Rapporten finns inte.", "There is no such report."))
    return REPORTS[name]


def _read(visit: Visit, report: Report) -> Filter:
    """Read the filter of the address. Raises BadFields."""
    given = {name: asked_text(visit, name) for name in ASKED}
    must_be_offered("unit", [given["unit"]], ("", *visit.organisation.units))
    must_be_offered("workflow", [given["workflow"]], ("", *visit.house.catalogue.names))
    must_be_offered("kind", [given["kind"]], ("", *report.kinds))
    return Filter(
        since=_day(given["since"], "since"),
        until=_day(given["until"], "until"),
        unit=given["unit"] or None,
        workflow=given["workflow"] or None,
        kind=given["kind"] or None,
    )


def _day(written: str, name: str) -> date | None:
    try:
        return date.fromisoformat(written) if written else None
    except ValueError:
        raise wrong(name, "ska vara ett datum, ÅÅÅÅ-MM-DD.", "must be a date, YYYY-MM-DD.") from None


def _whole(visit: Visit, name: str) -> tuple[Report, Filter, Iterator[Line]]:
    """A report with all its lines; the first are read before the answer begins, so that a refusal can still be one."""
    report = _named(visit, name)
    narrowed = _read(visit, report)
    lines = Reports(visit.house.cases).all(visit.institution, visit.person, name, narrowed)
    first = next(lines, None)
    return report, narrowed, lines if first is None else chain((first,), lines)


def _file(visit: Visit, name: str, ending: str, pieces: Iterator[bytes], media_type: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}-{visit.speech.today.isoformat()}.{ending}"'}
    return StreamingResponse(pieces, headers=headers, media_type=media_type)


def _shown(visit: Visit, report: Report, line: Line) -> Shown:
    def pair(column: Column) -> tuple[str, str]:
        return visit.speech.text(column.label), said(visit.speech, visit.organisation, line.values.get(column.name))

    def cell(column: Column) -> CellShown:
        below = (pair(each) for each in report.columns if each.under == column.name)
        return CellShown(*pair(column), tuple(each for each in below if each[1]))

    return Shown(tuple(cell(column) for column in _beside(report)), line.events, line.version)


def _beside(report: Report) -> tuple[Column, ...]:
    """The columns that stand beside each other; the others stand below one of them."""
    return tuple(column for column in report.columns if column.shown and column.under is None)


def _choices(visit: Visit, report: Report, narrowed: Filter) -> Choices:
    units = {code: visit.unit_name(code) for code in visit.organisation.units}
    processes = {name: process_name(visit, name) for name in visit.house.catalogue.names}
    kinds = {kind: visit.speech.text(words) for kind, words in report.kinds.items()}
    return Choices(
        units=options(dict(sorted(units.items(), key=lambda pair: pair[1].casefold())), [narrowed.unit or ""]),
        workflows=options(processes, [narrowed.workflow or ""]),
        kinds=options(kinds, [narrowed.kind or ""]),
    )
