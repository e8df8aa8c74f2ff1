"""The register of agreements as a file: a row for each condition, so that places can be added up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

from fastapi import APIRouter
from starlette.responses import Response, StreamingResponse

from adapters.exports import CSV_TYPE, XLSX_TYPE, Cell, Column, csv_file, xlsx_file
from engine.balances import AgreementRow, year_name
from engine.paging import Page
from service.pages.agreements_filters import Chosen, found, read
from service.pages.agreements_view import AgreementLine, ConditionLine, lines_of
from service.pages.insight_view import READERS
from service.pages.visiting import Visit, Visiting

router = APIRouter(include_in_schema=False)

MOST: Final = 20_000
"""Agreements in one file; what is more is said in its last row."""

AT_ONCE: Final = 200

Ending = Literal["csv", "xlsx"]


@router.get("/agreements.csv")
def agreements_csv(visit: Visiting) -> Response:
    """The register as CSV."""
    return _file(visit, "csv")


@router.get("/agreements.xlsx")
def agreements_xlsx(visit: Visiting) -> Response:
    """The register as a workbook."""
    return _file(visit, "xlsx")


def _file(visit: Visit, ending: Ending) -> Response:
    visit.must_hold(*READERS)
    chosen = read(visit)
    # The first page is read before the answer begins, so that a refusal can still be one.
    rows = _rows(visit, chosen, found(visit, chosen, cursor=None, limit=AT_ONCE))
    title, columns = visit.say("Avtal", "Agreements"), _columns(visit)
    pieces = csv_file(columns, rows) if ending == "csv" else xlsx_file(title, columns, rows)
    name = f"{visit.say('avtal', 'agreements')}-{visit.speech.today.isoformat()}.{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(pieces, headers=headers, media_type=CSV_TYPE if ending == "csv" else XLSX_TYPE)


def _rows(visit: Visit, chosen: Chosen, first: Page[AgreementRow]) -> Iterator[list[Cell]]:
    page, count = first, 0
    while True:
        for line in lines_of(visit, page.items):
            yield from _cells(visit, line, year_name(chosen.year))
        count += len(page.items)
        if page.next_cursor is None:
            return
        if count >= MOST:
            yield [visit.say("Listan är längre; avgränsa den mer.", "The list is longer; narrow it further.")]
            return
        page = found(visit, chosen, cursor=page.next_cursor, limit=AT_ONCE)


def _columns(visit: Visit) -> list[Column]:
    say = visit.say
    return [
        Column(say("Nummer", "Number"), 16),
        Column(say("Avtal", "Agreement"), 40),
        Column(say("Partner", "Partner"), 32),
        Column(say("Status", "Status"), 22),
        Column(say("Enhet", "Unit"), 24),
        Column(say("Enhetskod", "Unit code"), 12),
        Column(say("Gäller från", "Valid from"), 12),
        Column(say("Gäller till", "Valid to"), 12),
        Column(say("Slutar senast", "Ends by"), 12),
        Column(say("Löper ut inom 12 månader", "Ends within 12 months"), 12),
        Column(say("Förnyelse", "Renewal"), 16),
        Column(say("Förnyelsens status", "Status of the renewal"), 22),
        Column(say("Läsår", "Academic year"), 12),
        Column(say("Villkor", "Condition"), 20),
        Column(say("Riktning", "Direction"), 12),
        Column(say("Nivåer", "Levels"), 24),
        Column(say("Ämnen", "Fields"), 16),
        Column(say("Månader", "Months"), 10),
        Column(say("Platser (terminer)", "Places (semesters)"), 12),
        Column(say("Tagna", "Taken"), 10),
        Column(say("Kvar", "Left"), 10),
        Column(say("Studenter", "Students"), 10),
    ]


def _cells(visit: Visit, line: AgreementLine, year: str) -> Iterator[list[Cell]]:
    renewal = (line.renewal.number, line.renewal.state) if line.renewal else (None, None)
    agreement: list[Cell] = [
        line.number, line.title, line.partner, line.state, line.unit, line.unit_code, line.valid_from, line.valid_to,
        line.ends_on, visit.say("ja", "yes") if line.expiring else visit.say("nej", "no"), *renewal, year,
    ]  # fmt: skip
    for condition in line.conditions:
        yield [*agreement, *_condition(condition)]
    if not line.conditions:
        yield agreement


def _condition(line: ConditionLine) -> list[Cell]:
    return [
        line.name, line.direction, line.levels, line.fields, line.months, line.places, line.taken, line.left,
        line.students.count,
    ]  # fmt: skip
