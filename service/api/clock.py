"""The test clock, where there is one."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from starlette.responses import Response

from engine.directory import Caller
from engine.errors import BadFields
from engine.testclock import Mover
from engine.vocabulary import Role
from service.answering import plain
from service.auth import SignedIn, TheHouse
from service.bodies import SetClock
from service.changing import Change
from service.compose import House
from service.models import ClockMoved, ClockRead
from service.openapi import answers, takes
from service.problems import NotAllowed, NotHere
from service.reading import ROOT
from service.sent import refuse

router = APIRouter(prefix=ROOT, tags=["clock"])


@router.get("/clock", response_model=ClockRead, responses=answers(404), operation_id="read_clock")
def read_clock(_: SignedIn, house: TheHouse) -> Response:
    """Read where the test clock stands."""
    _mover(house)
    return plain(ClockRead(now=house.clock.now()))


@router.put(
    "/clock",
    response_model=ClockMoved,
    responses=answers(403, 404, 413, 415),
    openapi_extra=takes(SetClock, keyed=False),
    operation_id="move_clock",
)
async def move_clock(change: Change) -> Response:
    """Move the test clock forward; what is due on the way happens at its instant."""

    def move(caller: Caller) -> Response:
        mover = _mover(change.house)
        if not change.house.queries.holds(caller.institution, caller.person, Role.ADMIN):
            raise NotAllowed
        fired = mover.move(_instant(change))
        change.metrics.rungs_fired(fired)
        return plain(ClockMoved(now=change.house.clock.now(), fired=fired))

    return await change.run(move)


def _mover(house: House) -> Mover:
    if house.mover is None or not house.settings.test_clock:
        raise NotHere
    return house.mover


def _instant(change: Change) -> datetime:
    read = change.sent.read(SetClock)
    if isinstance(read, tuple):
        raise BadFields(read[0].message, read)
    try:
        return datetime.fromisoformat(read.now)
    except ValueError:
        refuse(
            "field:now",
            "now: ska vara en tidpunkt med tidszon, t.ex. 2027-01-11T09:00:00+01:00.",
            "now: must be an instant with its time zone, e.g. 2027-01-11T09:00:00+01:00.",
        )
