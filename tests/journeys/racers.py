"""Sixteen processes that ask for the same place in the same moment, each with a house of its own.

They are forked from a server that has read the processes of the office already
(`tests.journeys.warm`), so that sixteen houses cost little more than their connections.
"""

from __future__ import annotations

import functools
import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier

from adapters.memory import MemoryChannel
from engine.catalogue import Catalogue
from service.app import create_app
from service.compose import build
from service.settings import Environment, Settings
from tests.service import office as offices
from tests.service.office import INSTITUTION

WARM = "tests.journeys.warm"
LONGEST_WAIT = 200
"""Seconds until everybody stands at the line, on the slowest of machines."""

_line: list[Barrier] = []


@dataclass(frozen=True, slots=True)
class Turn:
    """What one process asks for: a step of a case in the version it has read, with somebody's token."""

    url: str
    token: str
    case: str
    version: int
    trigger: str


Answer = tuple[int, tuple[str, ...]]
"""The status, and the codes of the reasons against it."""


@functools.cache
def processes() -> Catalogue:
    """The processes of the office, read once; a fork of who has read them knows them too."""
    return offices.catalogue()


def together(turns: Sequence[Turn]) -> list[Answer]:
    """Take all turns in the same moment, each in a process of its own; the answers in their order."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([WARM])
    line = context.Barrier(len(turns), timeout=LONGEST_WAIT)
    with ProcessPoolExecutor(len(turns), mp_context=context, initializer=line_up, initargs=(line,)) as pool:
        return list(pool.map(take, turns))


def line_up(line: Barrier) -> None:
    """Learn where to wait for the others."""
    _line.append(line)


def take(turn: Turn) -> Answer:
    """Build a house, wait for all the others, and ask."""
    settings = Settings(
        database_url=turn.url, institution=INSTITUTION, environment=Environment.TEST, test_clock=True, pool_size=1
    )
    house = build(settings, catalogue=processes(), channel=MemoryChannel())
    app = create_app(house)
    office = offices.Office(house, app, offices.Still(), tokens={"racer": turn.token})
    try:
        office.get("racer", "/me")  # the connections are open and everything is loaded
        _line[0].wait()
        return ask(office, "racer", turn)
    finally:
        app.state.committer.close()
        house.close()


def ask(office: offices.Office, who: str, turn: Turn) -> Answer:
    """Ask for the step over HTTP."""
    path, body = f"/cases/{turn.case}/transitions", {"trigger": turn.trigger}
    answer = office.post(who, path, body, if_match=f'"{turn.version}"')
    return answer.status_code, tuple(reason["code"] for reason in answer.json().get("reasons", ()))
