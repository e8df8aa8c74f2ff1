"""Any list as a file: CSV or XLSX of the very view, all of its pages, written as it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, Literal

from fastapi import APIRouter
from starlette.responses import Response, StreamingResponse

from adapters.exports import CSV_TYPE, XLSX_TYPE, Cell, Column, csv_file, xlsx_file
from engine.model import Case
from engine.paging import Page
from engine.store.narrowing import CaseFilter
from service.pages import case_list, tasks
from service.pages.lists_view import Row, people_in, rows_of
from service.pages.visiting import Visit, Visiting

router = APIRouter(include_in_schema=False)

MOST: Final = 50_000
"""Cases in one file; what is more is said in its last row."""

AT_ONCE: Final = 500

Ending = Literal["csv", "xlsx"]
Read = Callable[[str | None], Page[Case]]
"""Reads the page of a list that a cursor leads to."""


@router.get("/tasks.csv")
def tasks_csv(visit: Visiting) -> Response:
    """The reader's tasks as CSV."""
    return _tasks(visit, "csv")


@router.get("/tasks.xlsx")
def tasks_xlsx(visit: Visiting) -> Response:
    """The reader's tasks as a workbook."""
    return _tasks(visit, "xlsx")


@router.get("/cases.csv")
def cases_csv(visit: Visiting) -> Response:
    """The cases as CSV."""
    return _cases(visit, "csv")


@router.get("/cases.xlsx")
def cases_xlsx(visit: Visiting) -> Response:
    """The cases as a workbook."""
    return _cases(visit, "xlsx")


def _tasks(visit: Visit, ending: Ending) -> Response:
    narrowed = tasks.wanted(visit).all.narrowed(visit.person)

    def read(cursor: str | None) -> Page[Case]:
        found = visit.house.queries.tasks(
            visit.institution, visit.person, narrowed=narrowed, cursor=cursor, limit=AT_ONCE
        )
        return found.cases

    return _file(visit, ending, visit.say("Mina uppgifter", "My tasks"), read)


def _cases(visit: Visit, ending: Ending) -> Response:
    chosen = case_list.wanted(visit)
    narrowed: CaseFilter = chosen.narrowed(visit.person)

    def read(cursor: str | None) -> Page[Case]:
        return visit.house.queries.list_cases(
            visit.institution,
            visit.person,
            narrowed=narrowed,
            sort=case_list.sort_of(chosen),
            cursor=cursor,
            limit=AT_ONCE,
        )

    return _file(visit, ending, visit.say("Ärenden", "Cases"), read)


def _file(visit: Visit, ending: Ending, title: str, read: Read) -> Response:
    # The first page is read before the answer begins, so that a refusal can still be one.
    rows = _rows(visit, read(None), read)
    columns = _columns(visit)
    pieces = csv_file(columns, rows) if ending == "csv" else xlsx_file(title, columns, rows)
    name = f"{visit.say('arenden', 'cases')}-{visit.speech.today.isoformat()}.{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(pieces, headers=headers, media_type=CSV_TYPE if ending == "csv" else XLSX_TYPE)


def _rows(visit: Visit, first: Page[Case], read: Read) -> Iterator[list[Cell]]:
    page, count = first, 0
    while True:
        names = visit.house.queries.names(visit.institution, people_in(page.items))
        yield from (_cells(visit, row) for row in rows_of(visit, page.items, names))
        count += len(page.items)
        if page.next_cursor is None:
            return
        if count >= MOST:
            yield [visit.say("Listan är längre; avgränsa den mer.", "The list is longer; narrow it further.")]
            return
        page = read(page.next_cursor)


def _columns(visit: Visit) -> list[Column]:
    say = visit.say
    return [
        Column(say("Nummer", "Number"), 16),
        Column(say("Ärende", "Case"), 40),
        Column(say("Student", "Student"), 24),
        Column(say("Process", "Process"), 22),
        Column(say("Status", "Status"), 24),
        Column(say("Förfaller", "Due"), 12),
        Column(say("Vad som förfaller", "What is due"), 32),
        Column(say("Försenat", "Overdue"), 10),
        Column(say("Väntar på", "Waiting for"), 22),
        Column(say("Handläggare", "Assignee"), 22),
        Column(say("Enhet", "Unit"), 24),
        Column(say("Enhetskod", "Unit code"), 12),
        Column(say("Öppnat", "Opened"), 17),
        Column(say("Ändrat", "Changed"), 17),
        Column(say("Avslutat", "Closed"), 17),
    ]


def _cells(visit: Visit, row: Row) -> list[Cell]:
    def local(at: int | None) -> Cell:
        return None if at is None else visit.speech.local(at).replace(tzinfo=None, microsecond=0)

    return [
        row.number, row.title, row.student, row.process, row.state, row.due_on, row.deadline,
        visit.say("ja", "yes") if row.overdue else visit.say("nej", "no"), row.whom, row.assignee,
        row.unit, row.unit_code, local(row.opened_at), local(row.updated_at), local(row.closed_at),
    ]  # fmt: skip
