"""Trying a changed process: what a file that waits in the folder `next` would do to past and open cases.

A file is chosen by its name among those that lie there; nothing is taken from the browser.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from engine.errors import WorkflowInvalid
from engine.organisation import STAFF
from engine.rehearsal import YEARS
from engine.rehearsing.report import Report, Shift
from engine.vocabulary import Role, Text
from service import rehearsing
from service.pages.posting import Posting
from service.pages.processes import PARTS
from service.pages.visiting import Visit, Visiting
from service.problems import NotHere
from service.rehearsing import Waiting

router = APIRouter(include_in_schema=False)

MOST_HERE: Final = 1_000
"""So many cases are tried while somebody waits, some ten seconds; more by the command, which keeps its report."""

SHIFTS: Final[Mapping[Shift, Text]] = {
    Shift.MOVED: Text("flyttas", "moves"),
    Shift.STARTED: Text("börjar löpa", "starts"),
    Shift.STOPPED: Text("upphör", "stops"),
    Shift.RESTED: Text("vilar", "rests"),
    Shift.RESUMED: Text("löper igen", "runs again"),
}

# One at a time in a process: a rehearsal is dear, and a second click need not begin another.
_under_way = threading.Lock()


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why nothing could be tried or kept: the words, and the faults of the file where it has any."""

    words: Text
    faults: tuple[str, ...] = ()


BUSY: Final = Trouble(
    Text(
        "En provkörning pågår redan. Vänta tills den är klar och läs in sidan igen.",
        "A rehearsal is under way already. Wait until it is done and load the page again.",
    )
)
NOT_KEPT: Final = Trouble(
    Text(
        "Rapporten kunde inte sparas bredvid filen. Skriv ut den nu.",
        "The report could not be kept beside the file. Print it now.",
    )
)


@router.get("/processes/{name}/rehearsal")
def rehearsal(visit: Visiting, name: str) -> Response:
    """Show the files that wait, and the newest report of the one chosen."""
    found = _files(visit, name)
    return _page(visit, name, found, _chosen(visit, found))


@router.get("/processes/{name}/rehearsal.json")
def rehearsal_json(visit: Visiting, name: str) -> Response:
    """The report as JSON, as the command gives it."""
    chosen = _chosen(visit, _files(visit, name))
    if chosen is None or chosen.report is None:
        raise NotHere
    headers = {"Content-Disposition": f'attachment; filename="{chosen.path.stem}{rehearsing.KEPT}"'}
    return Response(chosen.report.to_json(), headers=headers, media_type="application/json")


@router.post("/processes/{name}/rehearsal")
async def rehearse(form: Posting, name: str) -> Response:
    """Try the file, and keep the report beside it."""

    def judged(visit: Visit) -> tuple[Visit, tuple[Waiting, ...], Waiting]:
        found = _files(visit, name)
        return visit, found, _named(found, form.one("file"))

    visit, found, chosen = await form.run(judged)
    # Beside the committer: other people's steps do not wait for it, and it writes nothing to the database.
    return await run_in_threadpool(_tried, visit, name, found, chosen)


def _tried(visit: Visit, name: str, found: tuple[Waiting, ...], chosen: Waiting) -> Response:
    rehearsal = rehearsing.rehearsal(visit.house)
    cases = rehearsal.size(name)
    if cases > MOST_HERE:
        return _page(visit, name, found, chosen, _too_many(cases), status=409)
    if not _under_way.acquire(blocking=False):
        return _page(visit, name, found, chosen, BUSY, status=409)
    try:
        report = rehearsal.run(chosen.path)
    except WorkflowInvalid as invalid:
        words = Text(
            "Filen går inte att läsa in. Rätta den och prova igen.",
            "The file cannot be read in. Put it right and try again.",
        )
        return _page(visit, name, found, chosen, Trouble(words, _faults(invalid, chosen)), status=422)
    finally:
        _under_way.release()
    if report.workflow != name:
        return _page(visit, name, found, chosen, _other(report), status=422)
    try:
        rehearsing.keep(report, chosen.path)
    except OSError:
        return _page(visit, name, found, Waiting(chosen.path, report, changed=False), NOT_KEPT)
    return visit.go(f"/processes/{name}/rehearsal?{urlencode({'file': chosen.name})}")


def _page(
    visit: Visit,
    name: str,
    found: tuple[Waiting, ...],
    chosen: Waiting | None,
    trouble: Trouble | None = None,
    *,
    status: int = 200,
) -> Response:
    report = chosen.report if chosen else None
    differences = report.differences if report else ()
    parts = [(words, [each for each in differences if each.part is part]) for part, words in PARTS.items()]
    return visit.page(
        "rehearsal.html",
        status,
        definition=visit.house.catalogue.current(name),
        files=found,
        chosen=chosen,
        report=report,
        trouble=trouble,
        shifts=SHIFTS,
        parts=[(words, several) for words, several in parts if several],
        years=YEARS,
        # An administrator keeps the installation and reads no cases by that.
        may_open=bool(visit.roles & {*STAFF, Role.AUDITOR}),
    )


def _files(visit: Visit, name: str) -> tuple[Waiting, ...]:
    """The files that wait under the process's name. Raises NotAllowed, NotHere."""
    visit.must_hold(Role.ADMIN)
    names = visit.house.catalogue.names
    # A report tells of every case of the house's own institution: no administrator of a department or of another
    # institution is led here.
    may = rehearsing.may_rehearse(visit.house, visit.organisation, visit.person, visit.speech.today)
    if name not in names or not may:
        raise NotHere
    return tuple(each for each in rehearsing.waiting(visit.house.settings) if _process_of(each, names) == name)


def _process_of(file: Waiting, names: tuple[str, ...]) -> str:
    """The process a file is named after: `agreement.py`, `agreement-2028.py`; the longest name that fits."""
    stem = file.path.stem
    return max(
        (name for name in names if stem == name or stem.startswith((f"{name}-", f"{name}_"))), key=len, default=""
    )


def _chosen(visit: Visit, found: tuple[Waiting, ...]) -> Waiting | None:
    """The file asked for, else the one with the newest report, else the first. Raises NotHere."""
    asked = visit.request.query_params.get("file")
    if asked is not None:
        return _named(found, asked)
    return max(found, key=lambda each: each.report.made_at if each.report else -1, default=None)


def _named(found: tuple[Waiting, ...], name: str) -> Waiting:
    chosen = next((each for each in found if each.name == name), None)
    if chosen is None:
        raise NotHere
    return chosen


def _faults(invalid: WorkflowInvalid, chosen: Waiting) -> tuple[str, ...]:
    """What is wrong with the file, under its name alone: where it lies on the machine is nobody's business here."""
    return tuple(each.replace(str(chosen.path), chosen.name) for each in invalid.problems)


def _too_many(cases: int) -> Trouble:
    return Trouble(
        Text(
            f"Här finns {cases} ärenden att gå igenom, fler än de {MOST_HERE} som provas medan någon väntar."
            " Be den som sköter installationen köra fardplan rehearse med --keep; rapporten visas sedan här.",
            f"There are {cases} cases to go through, more than the {MOST_HERE} that are tried while somebody waits."
            " Ask whoever runs the installation for fardplan rehearse with --keep; its report is then shown here.",
        )
    )


def _other(report: Report) -> Trouble:
    sv, en = report.label.sv, report.label.en
    return Trouble(
        Text(
            f"Filen beskriver en annan process ({sv}). Döp om den efter sin process.",
            f"The file declares another process ({en}). Name it after its process.",
        )
    )
