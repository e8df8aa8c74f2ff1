"""The audit folder on its page, its files, and samples drawn for an audit. Whoever opens one has read the case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from engine.auditing import Readings
from engine.dossiers.making import Dossiers
from engine.dossiers.values import Dossier, Standing
from engine.errors import BadFields
from engine.people import wrong
from service.dossier_files import Draw, folder_pdf, folder_zip, sample_zip
from service.dossier_words import Told, tell
from service.pages.cases import to_number
from service.pages.finding import case_numbered
from service.pages.folder_rights import DRAWERS, drawn_from, may_open, sight_of
from service.pages.visiting import Visit, Visiting
from service.problems import NotAllowed
from service.sent import is_text
from service.shapes import is_id

router = APIRouter(include_in_schema=False)

MOST: Final = 50
"""Cases in one sample on a page; the command line draws more."""

OFFERED: Final = 10
"""How many a form proposes."""


@dataclass(frozen=True, slots=True)
class Sampled:
    """A case of a sample: its place, and how complete its folder is."""

    place: int
    number: str
    title: str
    present: int
    missing: int
    after: int
    erased: int
    value: str


@dataclass(frozen=True, slots=True)
class Form:
    """What the form for a sample held, as it was typed."""

    workflow: str
    since: str
    until: str
    number: str
    seed: str


# One case.


@router.get("/cases/{number}/dossier")
def folder(visit: Visiting, number: str) -> Response:
    """Show what of the audit folder is there."""
    if is_id(number):
        return to_number(visit, number, "/dossier")
    told = _told(visit, number)
    return visit.page("dossier.html", told=told, dossier=told.dossier, case=told.dossier.case, standings=Standing)


@router.get("/cases/{number}/dossier.zip")
def folder_as_zip(visit: Visiting, number: str) -> Response:
    """Hand out the folder with all its files."""
    return _file(folder_zip(_told(visit, number)), "application/zip", f"{number}.zip")


@router.get("/cases/{number}/dossier.pdf")
def folder_as_pdf(visit: Visiting, number: str) -> Response:
    """Hand out the folder as one PDF."""
    return _file(folder_pdf(_told(visit, number)), "application/pdf", f"{number}.pdf")


def _told(visit: Visit, number: str) -> Told:
    """The folder in words; that it was made is noted. Raises CaseNotFound, NotAllowed, BadFields."""
    # First the case: whoever may not read it shall not learn that it is there.
    case = case_numbered(visit, number)
    if not may_open(visit, case):
        raise NotAllowed
    (made,) = _dossiers(visit).make([case], sight=sight_of(visit))
    return _noted(visit, made)


def _noted(visit: Visit, made: Dossier) -> Told:
    told = tell(visit.house, made, visit.organisation, visit.language)
    Readings(visit.house.store).note(
        visit.institution, visit.person, made.case.id, at=visit.now, day=visit.speech.today
    )
    return told


def _dossiers(visit: Visit) -> Dossiers:
    return Dossiers(visit.house.cases, visit.organisation)


def _file(content: bytes, kind: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=kind, headers=headers)


# A sample.


@router.get("/audit/sample")
def sample(
    *, visit: Visiting, workflow: str = "", since: str = "", until: str = "", number: str = "", seed: str = ""
) -> Response:
    """Show the form, and once a seed is given the sample with how complete its folders are."""
    visit.must_hold(*DRAWERS)
    form = Form(workflow, since, until, number, seed)
    if not seed:
        return _form(visit, form)
    try:
        draw = _draw(visit, form)
    except BadFields as refused:
        return _form(visit, form, refused)
    return _form(visit, form, draw=draw, rows=_sampled(visit, draw))


@router.get("/audit/sample.zip")
def sample_as_zip(
    *, visit: Visiting, workflow: str = "", since: str = "", until: str = "", number: str = "", seed: str = ""
) -> Response:
    """Hand out the folders of a sample, with the draw beside them."""
    visit.must_hold(*DRAWERS)
    draw = _draw(visit, Form(workflow, since, until, number, seed))
    made = list(_dossiers(visit).make([each.id for each in draw.sample.drawn], sight=sight_of(visit)))
    folders = [_noted(visit, each) for each in made]
    return _file(sample_zip(folders, draw, visit.speech), "application/zip", "sample.zip")


def _form(
    visit: Visit,
    form: Form,
    refused: BadFields | None = None,
    *,
    draw: Draw | None = None,
    rows: tuple[Sampled, ...] = (),
) -> Response:
    catalogue = visit.house.catalogue
    return visit.page(
        "dossier_sample.html",
        422 if refused else 200,
        form=form,
        offered=OFFERED,
        most=MOST,
        wrong=refused.reasons if refused else (),
        workflows=[(name, catalogue.current(name).workflow.label) for name in _dossiers(visit).workflows],
        draw=draw,
        rows=rows,
    )


def _draw(visit: Visit, form: Form) -> Draw:
    """Draw as the form says, from what the reader may draw from. Raises BadFields."""
    if not is_text(form.seed):
        raise wrong("seed", "skriv slumpfröet som vanlig text.", "write the seed as plain text.")
    since, until = _day(form.since, "since"), _day(form.until, "until")
    dossiers = _dossiers(visit)
    workflow = form.workflow or next(iter(dossiers.workflows), "")
    drawn = dossiers.sample(
        workflow=workflow,
        seed=form.seed,
        number=_number(form.number),
        since=since,
        until=until,
        scope=drawn_from(visit),
    )
    return Draw(drawn, workflow, since, until)


def _sampled(visit: Visit, draw: Draw) -> tuple[Sampled, ...]:
    ids = [each.id for each in draw.sample.drawn]
    made = {each.case.id: each for each in _dossiers(visit).make(ids, readings=False)}
    found = []
    for place, drawn in enumerate(draw.sample.drawn, start=1):
        each = made[drawn.id]
        found.append(
            Sampled(
                place=place,
                number=drawn.number,
                title=each.case.title,
                present=each.count(Standing.PRESENT),
                missing=each.count(Standing.MISSING),
                after=each.count(Standing.AFTER),
                erased=each.count(Standing.ERASED),
                value=drawn.value,
            )
        )
    return tuple(found)


def _number(written: str) -> int:
    if not written:
        return OFFERED
    fits = written.isascii() and written.isdigit() and len(written) <= len(str(MOST))
    if not fits or not 1 <= int(written) <= MOST:
        raise wrong("number", f"ska vara ett tal från 1 till {MOST}.", f"must be a number from 1 to {MOST}.")
    return int(written)


def _day(written: str, name: str) -> date | None:
    try:
        return date.fromisoformat(written) if written else None
    except ValueError:
        raise wrong(name, "ska vara ett datum, ÅÅÅÅ-MM-DD.", "must be a date, YYYY-MM-DD.") from None
