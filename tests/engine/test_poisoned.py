"""A poisoned case stops itself alone: its rung is put off ever longer, and is seen; a guard that fails is refused."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from engine import ticking
from engine.canonical import micros
from engine.errors import DefinitionUnknown, WorkflowFault
from engine.judging import reasons_against
from engine.model import Case, Request
from engine.store import due_rows
from engine.tables import Table
from engine.views import Lens
from engine.vocabulary import Actor, Reason, Transition
from tests.engine.house import INSTITUTION, House, local, refused
from tests.engine.posts import Post, open_post

MISSED, HAND_OVER = local("2026-12-29"), local("2026-12-31")
LADDER = ["remind", "escalate_to_head", "hand_over"]
MINUTE = timedelta(minutes=1)


def rungs(house: House, case: str) -> list[str]:
    return [body["rung"]["rung"] for body in house.bodies(case) if "rung" in body]


@contextmanager
def poisoned(url: str) -> Iterator[tuple[Post, str]]:
    """An office with a case of which no step succeeds, at an instant at which its whole ladder is due."""
    with open_post(url) as post:
        case = post.house.open()
        post.poison(case)
        post.house.clock.at = HAND_OVER
        yield post, case


def mend(post: Post, case: str) -> None:
    """Give the case the definition back that it was opened under."""
    record, event = Table.metadata.tables["case_record"], Table.metadata.tables["event"]
    with post.house.store.writes() as connection:
        opened = sa.select(event.c.definition).where(event.c.case_id == case, event.c.sequence == 1).scalar_subquery()
        connection.execute(sa.update(record).where(record.c.id == case).values(definition=opened))


def attempts(post: Post) -> list[int]:
    return [line.attempts for line in post.ticker.stuck(INSTITUTION)]


def test_a_rung_that_fails_is_tried_again_ever_more_seldom(database_url: str) -> None:
    with poisoned(database_url) as (post, _):
        seen = []
        for minutes in (0, 0.5, 1, 2.9, 3, 6.9, 7):
            post.house.clock.at = HAND_OVER + minutes * MINUTE
            post.ticker.tick()
            seen += attempts(post)
        assert seen == [1, 1, 2, 2, 3, 3, 4]


def test_it_is_tried_at_least_every_six_hours(sqlite_url: str) -> None:
    with poisoned(sqlite_url) as (post, _):
        for _ in range(30):
            post.ticker.tick()
            post.house.clock.at += timedelta(hours=6)
        assert attempts(post) == [30]


def test_what_a_fast_clock_put_off_is_tried_when_it_is_time(sqlite_url: str) -> None:
    with poisoned(sqlite_url) as (post, _):
        post.house.clock.at = HAND_OVER + timedelta(days=1)
        post.ticker.tick()
        post.house.clock.at = HAND_OVER
        post.ticker.tick()
        assert attempts(post) == [2]


def test_what_is_mended_climbs_its_whole_ladder_and_is_forgotten(database_url: str) -> None:
    with poisoned(database_url) as (post, case):
        post.ticker.tick()
        mend(post, case)
        assert post.ticker.tick() == 0
        post.house.clock.at += MINUTE
        assert post.ticker.tick() == 3
        assert (rungs(post.house, case), post.house.rows("stuck_rung")) == (LADDER, [])


def test_somebody_can_have_it_tried_at_once(database_url: str) -> None:
    with poisoned(database_url) as (post, case):
        post.ticker.tick()
        mend(post, case)
        number = post.ticker.stuck(INSTITUTION)[0].number
        assert post.ticker.try_again(INSTITUTION, number)
        assert post.ticker.tick() == 3
        assert not post.ticker.try_again(INSTITUTION, number)


def test_the_list_says_which_case_since_when_and_what_without_a_word_of_anybodys(database_url: str) -> None:
    with poisoned(database_url) as (post, case):
        post.ticker.tick()
        (line,) = post.ticker.stuck(INSTITUTION)
        shown = (line.case, line.rung, line.first_at, line.next_try)
        assert shown == (case, "remind", micros(HAND_OVER), micros(HAND_OVER + MINUTE))
        assert line.fault.startswith("DefinitionUnknown (")
        assert "lost" not in line.fault
        assert post.ticker.stuck("elsewhere.example") == []


def test_a_step_that_leads_the_case_on_frees_it_of_what_was_stuck(database_url: str) -> None:
    with poisoned(database_url) as (post, case):
        post.ticker.tick()
        mend(post, case)
        post.house.take(case, "propose", note="ready")
        post.house.take(case, "approve", by="hedda")
        assert post.ticker.stuck(INSTITUTION) == []
        assert (post.ticker.tidy(), post.ticker.tidy(), post.house.rows("stuck_rung")) == (1, 0, [])


def test_others_are_fired_however_many_are_poisoned(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ticking, "BATCH", 2)
    monkeypatch.setattr(ticking, "FOUND", 3)
    with open_post(database_url) as post:
        bad, good = [post.house.open() for _ in range(7)], [post.house.open() for _ in range(3)]
        for case in bad:
            post.poison(case)
        post.house.clock.at = HAND_OVER
        assert post.ticker.tick(limit=100) == 9
        assert [rungs(post.house, case) for case in good] == [LADDER] * 3
        assert attempts(post) == [1] * 7


def test_what_cannot_be_written_with_others_is_found_and_put_off_alone(
    database_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with open_post(database_url) as post:
        bad, good = post.house.open(), post.house.open()
        post.house.clock.at = MISSED
        together = post.house.cases.steps_in

        def breaks(ledger: Any, requests: Sequence[Request]) -> Any:
            if any(request.case == bad for request in requests):
                raise ValueError("what Anna wrote")
            return together(ledger, requests)

        monkeypatch.setattr(post.house.cases, "steps_in", breaks)
        with caplog.at_level(logging.ERROR):
            assert post.ticker.tick() == 2
        assert (rungs(post.house, good), rungs(post.house, bad)) == (LADDER[:2], [])
        assert [line.fault[:12] for line in post.ticker.stuck(INSTITUTION)] == ["ValueError ("]
        assert "Anna" not in caplog.messages[0]


def test_a_rung_in_somebodys_hand_is_not_stuck(postgresql_url: str) -> None:
    with open_post(postgresql_url) as post:
        held = post.house.open()
        post.house.clock.at = HAND_OVER
        with post.house.store.transaction() as somebody:
            somebody.lock(INSTITUTION, [held])
            post.ticker.tick()
        assert post.house.rows("stuck_rung") == []


def test_a_database_that_is_away_puts_nothing_off(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_post(sqlite_url) as post:
        post.house.open()
        post.house.clock.at = HAND_OVER

        def gone(*_: object) -> None:
            raise sa.exc.TimeoutError

        monkeypatch.setattr(due_rows, "take", gone)
        with pytest.raises(sa.exc.TimeoutError):
            post.ticker.tick()
        assert post.house.rows("stuck_rung") == []


def test_a_step_of_a_case_under_a_definition_that_is_not_known_changes_nothing(database_url: str) -> None:
    with open_post(database_url) as post:
        case = post.house.open()
        post.poison(case)
        before = post.house.dump()
        with pytest.raises(DefinitionUnknown, match="another release"):
            post.house.take(case, "propose", note="ready")
        assert post.house.dump() == before


def test_a_circle_of_follow_ups_is_a_fault_of_the_file(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_post(sqlite_url) as post:
        contract = post.house.contract()
        post.house.stay_in("offered", contract)
        monkeypatch.setattr("engine.advance.DEEPEST", 0)
        with refused(post.house, WorkflowFault, "follow_up_ring"):
            post.house.take(contract, "end", by="olle")


def test_a_guard_that_fails_hides_its_own_action_alone(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_post(sqlite_url) as post:
        case = post.house.open()
        sound = against(post.house, case)
        monkeypatch.setattr("engine.cases.reasons_against", failing_at("propose"))
        assert against(post.house, case) == sound | {"propose": ["workflow_fault"]}


def against(house: House, case: str) -> dict[str, list[str]]:
    """The codes of what speaks against each action."""
    with house.store.transaction() as ledger:
        lens = house.cases.lens(ledger, INSTITUTION, case, None)
    found = house.cases.actions(lens, lens.cases[case], "ann")
    return {action.transition.trigger: [reason.code for reason in action.reasons] for action in found}


def failing_at(trigger: str) -> Callable[..., Iterable[Reason]]:
    """Judges as ever, but for one trigger, whose guard fails."""

    def judged(lens: Lens, case: Case, transition: Transition, actor: Actor) -> Iterable[Reason]:
        if transition.trigger == trigger:
            raise ZeroDivisionError
        return reasons_against(lens, case, transition, actor)

    return judged
