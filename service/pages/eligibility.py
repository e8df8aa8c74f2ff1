"""Eligibility: applicants against courses for whoever reviews, one applicant, and the file for admissions."""

from __future__ import annotations

from typing import Final, Literal

from fastapi import APIRouter
from starlette.responses import Response, StreamingResponse

from adapters.exports import CSV_TYPE, XLSX_TYPE, csv_file, xlsx_file
from engine.auditing import Readings
from engine.vocabulary import Role
from service.pages.eligibility_files import columns, lines
from service.pages.eligibility_view import grid_of, panel_of, reviews_about, wanted
from service.pages.visiting import Visit, Visiting
from service.problems import NotHere
from service.shapes import is_id

router = APIRouter(include_in_schema=False)

READERS: Final = (Role.REVIEWER, Role.HEAD, Role.ADMISSIONS, Role.OFFICER)


@router.get("/eligibility")
def eligibility(visit: Visiting) -> Response:
    """Show the reviews as a grid: a row for each applicant, a column for each course."""
    visit.must_hold(*READERS)
    asked = wanted(visit)
    return visit.page(
        "eligibility.html", asked=asked, panel=panel_of(visit, asked), grid=grid_of(visit, asked), back=visit.here
    )


@router.get("/eligibility/applicants/{subject}")
def applicant(visit: Visiting, subject: str) -> Response:
    """Show one applicant, requirement by requirement. That it was read is noted for each of the reviews."""
    visit.must_hold(*READERS)
    name, reviews = reviews_about(visit, subject) if is_id(subject) else (None, ())
    if not reviews:
        raise NotHere
    read = (review.case.id for review in reviews)
    Readings(visit.house.store).note(visit.institution, visit.person, *read, at=visit.now, day=visit.speech.today)
    return visit.page("eligibility_applicant.html", name=name, reviews=reviews)


@router.get("/eligibility.csv")
def eligibility_csv(visit: Visiting) -> Response:
    """What was found, as CSV."""
    return _file(visit, "csv")


@router.get("/eligibility.xlsx")
def eligibility_xlsx(visit: Visiting) -> Response:
    """What was found, as a workbook."""
    return _file(visit, "xlsx")


def _file(visit: Visit, ending: Literal["csv", "xlsx"]) -> Response:
    visit.must_hold(*READERS)
    # Read before the answer begins, so that a refusal can still be one.
    heads, rows = columns(visit), list(lines(visit, wanted(visit)))
    title = visit.say("Behörighet", "Eligibility")
    pieces = csv_file(heads, rows) if ending == "csv" else xlsx_file(title, heads, rows)
    name = f"{visit.say('behorighet', 'eligibility')}-{visit.speech.today.isoformat()}.{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(pieces, headers=headers, media_type=CSV_TYPE if ending == "csv" else XLSX_TYPE)
