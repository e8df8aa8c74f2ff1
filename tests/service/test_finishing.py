"""What a process has begun when it is asked to stop is done before the database is closed."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator

import pytest

from engine.catalogue import Catalogue
from service.committing import Committer
from service.compose import House, build
from service.scheduler import Ticks, ticking
from service.settings import Settings
from tests.engine.examples import defined

LONGEST = 60


@pytest.fixture
def house(sqlite_url: str) -> Iterator[House]:
    settings = Settings.read(database_url=sqlite_url, environment="test", tick_seconds=0.05)
    made = build(settings, catalogue=Catalogue((defined(),)))
    yield made
    made.close()


class Slow:
    """Something that takes its time once it has begun."""

    def __init__(self) -> None:
        self.begun, self.done = threading.Event(), False

    def __call__(self, *_: object) -> int:
        self.begun.set()
        time.sleep(0.5)
        self.done = True
        return 1


def test_a_committer_that_is_closed_finishes_what_it_took(house: House) -> None:
    work = Slow()
    committer = Committer(house.store, house.cases.steps)
    asking = threading.Thread(target=lambda: asyncio.run(committer.run(work)))
    asking.start()
    assert work.begun.wait(LONGEST)
    committer.close()
    assert work.done
    asking.join(LONGEST)


def test_a_tick_under_way_is_finished(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    tick = Slow()
    monkeypatch.setattr(Ticks, "deadlines", tick)
    with ticking(house):
        assert tick.begun.wait(LONGEST)
    assert tick.done
