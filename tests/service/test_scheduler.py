"""The ticks of a process: they look, log what fails, and leave a heartbeat."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from engine.catalogue import Catalogue
from engine.recounting import OVERDUE
from engine.store.heartbeat import TICK, beat, last_beat
from engine.ticking import Ticker
from engine.tokens import Caller
from service.compose import House, build
from service.scheduler import BEAT_EVERY, Ticks, scheduler, ticking
from service.settings import Settings
from tests.engine.examples import defined
from tests.service.office import Still

NOON = datetime(2026, 12, 7, 12, tzinfo=UTC)


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    settings = Settings.read(database_url=database_url, environment="test", tick_seconds=0.05)
    made = build(settings, catalogue=Catalogue((defined(),)))
    yield made
    made.close()


def test_a_tick_leaves_a_heartbeat(house: House) -> None:
    assert last_beat(house.store, TICK) is None
    Ticks(house, lambda: NOON).deadlines()
    assert last_beat(house.store, TICK) == NOON


def test_the_heartbeat_is_not_written_at_every_tick(house: House) -> None:
    instants = [NOON, NOON + BEAT_EVERY - timedelta(seconds=1), NOON + BEAT_EVERY]
    ticks, beats = Ticks(house, iter(instants).__next__), []
    for _ in instants:
        ticks.deadlines()
        beats.append(last_beat(house.store, TICK))
    assert beats == [NOON, NOON, NOON + BEAT_EVERY]


def test_a_beat_of_another_name_is_its_own(house: House) -> None:
    beat(house.store, "backup", NOON)
    beat(house.store, "backup", NOON + BEAT_EVERY)
    assert (last_beat(house.store, "backup"), last_beat(house.store, TICK)) == (NOON + BEAT_EVERY, None)


def test_ticks_are_late_rather_than_lost_and_never_two_at_a_time(house: House) -> None:
    made = scheduler(house)
    made.start(paused=True)
    told = {job.id: (job.misfire_grace_time, job.coalesce, job.max_instances) for job in made.get_jobs()}
    made.shutdown()
    assert told == dict.fromkeys(("deadlines", "outbox", "sealing", "recounting", "doctor", "tidying"), (None, True, 1))


def test_tidying_removes_what_is_over_and_then_finds_nothing(house: House) -> None:
    house.sessions.begin(Caller("umu.se", "nobody"))
    at = datetime.now(UTC) + timedelta(days=60)
    house = replace(house, sessions=replace(house.sessions, clock=Still(at)))
    ticks = Ticks(house, lambda: at)
    assert (ticks.tidy(), ticks.tidy()) == (1, 0)


def test_the_clock_works_out_what_a_change_of_calendar_left(house: House, caplog: pytest.LogCaptureFixture) -> None:
    institution = house.settings.institution
    with house.directory.change(institution, by="installation", what="closing day") as change:
        change.root()
        change.closing_day(institution, date(2026, 12, 9))
    late = replace(house, cases=replace(house.cases, clock=Still(datetime.now(UTC) + OVERDUE)))
    ticks = [Ticks(each) for each in (house, late, late)]
    assert [each.recounts() for each in ticks] == [0, 0, 0]
    assert [record.message for record in caplog.records] == ["recounted_late"]


def test_it_ticks_while_inside_and_not_after(house: House) -> None:
    with ticking(house):
        seen = _wait_for(house)
    assert seen is not None
    assert not [thread for thread in threading.enumerate() if "APScheduler" in thread.name]


def test_a_tick_that_fails_is_logged_once_and_the_next_one_comes(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    failures = iter([ValueError("Anna Berg"), None])

    def tick(_: Ticker, limit: int = 200) -> int:
        error = next(failures, None)
        if error is not None:
            raise error
        return 0

    monkeypatch.setattr(Ticker, "tick", tick)
    with caplog.at_level(logging.ERROR), ticking(house):
        assert _wait_for(house) is not None
    assert [(record.message, vars(record)["tick"]) for record in caplog.records] == [("tick_failed", "deadlines")]


def test_a_process_left_behind_by_an_upgrade_logs_what_to_do(
    sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings.read(database_url=sqlite_url, environment="test", tick_seconds=0.05)
    with closing(build(settings, catalogue=Catalogue((defined(),)))) as house:
        with house.store.writes() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        with caplog.at_level(logging.WARNING), ticking(house):
            _until(lambda: bool(caplog.records))
    told = {(record.message, vars(record)["why"]) for record in caplog.records}
    assert [message for message, _ in told] == ["tick_put_off"]
    assert "install the release it was upgraded with" in told.pop()[1]


def _wait_for(house: House) -> datetime | None:
    """The first heartbeat, within a minute."""
    _until(lambda: last_beat(house.store, TICK) is not None)
    return last_beat(house.store, TICK)


def _until(so: Callable[[], bool]) -> None:
    """Wait until it is so, a minute at most."""
    until = time.monotonic() + 60
    while not so() and time.monotonic() < until:
        time.sleep(0.05)
