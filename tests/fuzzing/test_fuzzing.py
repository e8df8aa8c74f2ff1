"""A short round of fuzzing, everything that failed once, and whether the judges see what they are there to see."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.fuzzing import reading, reducing
from tests.fuzzing.asgi import Answered, Asked
from tests.fuzzing.playing import PAIRS, Finding, Stage, name_of, play, stage
from tests.fuzzing.reading import Crash, feed, raw_of, smaller, tried
from tests.fuzzing.target import Surroundings, Target, surroundings
from tests.fuzzing.targets import targets
from tests.fuzzing.universities import READABLE, Universities, mark
from tests.service.office import catalogue

PROCESSES = catalogue()
SHORT = [PAIRS[0], PAIRS[5], PAIRS[8]]
"""Across departments, across universities, and those who may change rights."""


@pytest.fixture(scope="module")
def around(made: Universities, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Surroundings]:
    with surroundings(tmp_path_factory.mktemp("targets"), made, PROCESSES) as made_up:
        yield made_up


def on_stage(made: Universities, play_it: Any) -> Any:
    """Do something with the application opened over a fresh copy."""

    async def played() -> Any:
        async with stage(made, PROCESSES) as set_up:
            return await play_it(set_up)

    return asyncio.run(played())


# Who may read which.


def test_table_by_hand_rows_and_service_agree_on_who_may_read_which_case(made: Universities) -> None:
    async def seen(set_up: Stage) -> None:
        readers = set_up.outside.readers
        for who, readable in READABLE.items():
            institution = "lu.se" if who.startswith("lund.") else "umu.se"
            me = (institution, made.people[who])
            for name in (name for name in made.cases if not name.startswith("a ")):
                case = made.cases[name]
                answered, wrongs = await set_up.ask(Asked(who, "token", "GET", f"/api/v1/cases/{case}"))
                assert answered is not None
                assert (answered.status == 200, me in readers[case], wrongs) == (name in readable, name in readable, [])

    on_stage(made, seen)


# Requests.


@pytest.mark.parametrize("pair", SHORT, ids=name_of)
def test_random_requests_break_nothing_leak_nothing_and_change_nothing_when_refused(
    made: Universities, pair: tuple[str, str]
) -> None:
    tally = asyncio.run(play(made, PROCESSES, pair, seed=1, most=150, seconds=900))
    assert [(finding.wrong, finding.asked) for finding in tally.findings] == []
    assert len(tally.statuses) > 3


def test_a_request_that_failed_once_is_answered_well_now(made: Universities) -> None:
    async def asked(set_up: Stage) -> list[tuple[str, list[str]]]:
        every = [(told, reducing.filled(reducing.read(told), set_up)) for told in reducing.kept()]
        return [(told["found"], (await set_up.ask(again))[1]) for told, again in every]

    answered = on_stage(made, asked)
    assert answered == [(found, []) for found, _ in answered]


def test_a_judge_sees_a_leak_a_fault_and_a_refusal_that_wrote(made: Universities) -> None:
    async def seen(set_up: Stage) -> None:
        ask = Asked("hist.reviewer", "token", "GET", "/api/v1/cases")
        good, _ = await set_up.ask(ask)
        assert good is not None

        def wrongs(status: int, body: str, who: str = "hist.reviewer") -> list[str]:
            answered = Answered(status, good.headers, body.encode(), 0.1)
            return [each.partition(":")[0] for each in set_up.judge.wrongs(ask.having(who=who), answered)]

        assert wrongs(200, mark("hist review")) == []
        assert wrongs(200, mark("stat review")) == ["leak"]
        assert wrongs(200, mark("student of stat review")) == ["leak"]
        assert wrongs(200, mark("stat review"), "lund.officer") == ["leak"]
        assert wrongs(200, mark("lu.se")) == ["leak"]
        assert wrongs(500, "") == ["status 500", "problem"]
        assert wrongs(404, "{}") == ["problem"]
        set_up.house.sessions.ask("umu.se", email="x@example.org", person=None, path="/", origin="x")
        assert wrongs(200, "") == ["only read, and wrote sign_in_link"]

    on_stage(made, seen)


def test_a_name_in_a_case_s_own_title_is_no_leak_to_those_who_may_read_that_case(made: Universities) -> None:
    lent, host = made.cases["a borrowing"], mark("stat agreement")
    listed = Asked("hist.coordinator", "token", "GET", "/api/v1/cases")
    tie = json.dumps({"name": "agreement", "case": made.cases["stat agreement"]})

    async def seen(set_up: Stage) -> None:
        before, _ = await set_up.ask(listed)
        assert before is not None
        hers = replace(before, body=host.encode())
        assert [each.partition(":")[0] for each in set_up.judge.wrongs(listed, hers)] == ["leak"]

        read, _ = await set_up.ask(listed.having(target=f"/api/v1/cases/{lent}"))
        assert read is not None
        headers = (("content-type", "application/json"), ("if-match", read.header("etag")))
        tied, _ = await set_up.ask(
            Asked("stat.coordinator", "token", "POST", f"/api/v1/cases/{lent}/links", headers, tie)
        )
        assert tied is not None
        assert tied.status == 200
        after, wrongs = await set_up.ask(listed)
        assert after is not None
        assert (host.encode() in after.body, wrongs) == (True, [])
        stranger = listed.having(who="lund.coordinator")
        assert "leak" in [each.partition(":")[0] for each in set_up.judge.wrongs(stranger, hers)]

    on_stage(made, seen)


def test_a_failing_request_is_made_small(made: Universities) -> None:
    async def reduced(set_up: Stage) -> Asked | None:
        def wrongs(asked: Asked, answered: Answered) -> list[str]:
            return ["status 500"] if "sort" in asked.target else []

        set_up.judge = type("Judge", (), {"wrongs": staticmethod(wrongs)})()
        case = made.cases["stat review"]
        asked = Asked("officer", "token", "GET", f"/api/v1/cases?q={case}&sort=due&limit=1", (("range", "x"),))
        finding = Finding(asked, "status 500")
        return await reducing.reduced(set_up, finding)

    assert on_stage(made, reduced) == Asked("officer", "token", "GET", "/api/v1/cases?sort=due")


# Parsers.


def test_every_parser_takes_its_examples_and_whatever_else_it_is_fed(around: Surroundings) -> None:
    for target in targets(around):
        taken = [tried(target, raw) for raw in target.examples]
        assert any(each is True for each in taken), target.name
        fed = feed(target, random.Random(1), seconds=3, most=50)
        assert fed.crashes == []


def test_an_input_that_crashed_once_is_taken_well_now(around: Surroundings) -> None:
    every = {target.name: target for target in targets(around)}
    for told in reading.kept():
        assert not isinstance(tried(every[told["target"]], raw_of(told)), Crash), told["found"]


def test_a_parser_that_raises_or_dawdles_is_noticed_and_the_input_made_small(tmp_path: Path) -> None:
    def read(raw: bytes) -> None:
        if b"!" in raw:
            raise KeyError("!")
        while b"?" in raw:
            pass

    target = Target("made up", read, [b"a"], (ValueError,))
    crash, slow = tried(target, b"abc!def" * 9), tried(target, b"?")
    assert isinstance(crash, Crash)
    assert smaller(target, crash).raw == b"!"
    assert isinstance(slow, Crash)
    assert slow.what == "slow: over 2 s"
    assert (tried(target, b"a"), tried(Target("no", int, [], (ValueError,)), b"a")) == (True, False)
