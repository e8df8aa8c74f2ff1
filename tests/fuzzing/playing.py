"""Plays pairs of roles against one application: two parties ask at random, and use what the other has learned."""

from __future__ import annotations

import random
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from fastapi import FastAPI
from pydantic import SecretStr

from adapters.memory import MemoryChannel
from engine.catalogue import Catalogue
from engine.tokens import Caller
from service.app import create_app
from service.compose import House, build
from service.settings import Environment, Settings
from tests.fuzzing.asgi import Answered, Asked, Headers, call
from tests.fuzzing.asking import Asking
from tests.fuzzing.judging import Judge, Marks
from tests.fuzzing.memory import Memory
from tests.fuzzing.outside import Outside
from tests.fuzzing.universities import Universities, institution_of
from tests.journeys.office import INSTITUTION

PAIRS: Final[tuple[tuple[str, str], ...]] = (
    ("stat.reviewer", "hist.reviewer"), ("stat.coordinator", "hist.coordinator"), ("stat.head", "hist.head"),
    ("stat.recogniser", "hist.recogniser"), ("stat.signatory", "hist.signatory"),
    ("officer", "lund.officer"), ("admissions", "lund.admissions"), ("auditor", "lund.auditor"),
    ("admin", "lund.admin"),
    ("stat.coordinator", "lund.coordinator"), ("stat.reviewer", "lund.reviewer"), ("nobody", "officer"),
)  # fmt: skip
"""Who asks beside whom: across departments, then across universities; at last somebody without any role."""

ERA: Final = 2_500
"""Requests after which all is judged as a whole and a fresh copy of the database taken."""

MOST_FOUND: Final = 200


def name_of(pair: Sequence[str]) -> str:
    return "+".join(pair)


@dataclass(frozen=True)
class Finding:
    """A request that was answered as none may be, and what is wrong with the answer."""

    asked: Asked
    wrong: str
    status: int = 0

    @property
    def kind(self) -> str:
        """What sort of wrong it is, whoever and whichever it concerns."""
        return self.wrong.partition(":")[0]


@dataclass
class Tally:
    """What was seen of a pair: requests by status, time (that of the clock, that of the processor), findings."""

    requests: int = 0
    seconds: float = 0.0
    processor: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    cases: int = 0

    def add(self, other: Tally) -> None:
        self.requests, self.seconds = self.requests + other.requests, self.seconds + other.seconds
        self.processor += other.processor
        self.statuses += other.statuses
        self.findings += other.findings[: max(0, MOST_FOUND - len(self.findings))]
        self.cases += other.cases


@dataclass
class Stage:
    """An application over a copy of the universities' database, and everybody's ways in."""

    made: Universities
    house: House
    app: FastAPI
    outside: Outside
    judge: Judge
    tokens: dict[str, str]
    sessions: dict[str, tuple[str, str]] = field(default_factory=dict)

    def own(self, asked: Asked) -> Headers:
        """What lets somebody in."""
        if asked.door == "token":
            return (("authorization", f"Bearer {self.tokens[asked.who]}"),)
        if asked.door == "session":
            return (("cookie", f"fardplan={self.session(asked.who)[0]}"),)
        return ()

    def session(self, who: str) -> tuple[str, str]:
        """What somebody's browser holds, and the proof its forms carry."""
        if who not in self.sessions:
            sessions = self.house.sessions
            secret = sessions.begin(Caller(institution_of(who), self.made.people[who]))
            visitor = sessions.visitor(secret)
            self.sessions[who] = (secret, visitor.csrf if visitor else "")
            self.outside.touched()
        return self.sessions[who]

    def let_in_again(self, who: str) -> None:
        """After a request has thrown them out: a new session and a new token."""
        self.sessions.pop(who, None)
        person = self.made.people[who]
        self.tokens[who] = self.house.directory.issue_token(institution_of(who), person)
        self.outside.touched()

    async def ask(self, asked: Asked) -> tuple[Answered | None, list[str]]:
        """Send a request; the answer and what is wrong with it."""
        try:
            answered = await call(self.app, asked, self.own(asked))
        except Exception as error:  # noqa: BLE001 - what comes through the application is what is looked for
            self.outside.touched()
            return None, [f"raised: {type(error).__name__}: {error}"[:300]]
        if not answered.status:
            # The client went before its answer began, which the application may take note of.
            return None, []
        return answered, self.judge.wrongs(asked, answered)

    def end(self) -> list[str]:
        """What is wrong with the database as a whole: gaps, and histories that do not replay."""
        replay = self.house.replay()
        verdicts = [each for institution in replay.institutions() for each in replay.all(institution)]
        return [*self.outside.gaps(), *(f"replay: {each.case} {each.first_wrong}" for each in verdicts if not each.ok)]


@asynccontextmanager
async def stage(made: Universities, processes: Catalogue) -> AsyncIterator[Stage]:
    """Open the application over a fresh copy, which lies beside the first."""
    with tempfile.TemporaryDirectory(dir=made.file.parent) as folder:
        file = Path(folder) / "universities.db"
        settings = Settings(
            database_url=made.copy(file), institution=INSTITUTION, environment=Environment.TEST, test_clock=True,
            base_url="http://office.test", secret_key=SecretStr("a secret of the tests"), mailbox=Path(folder) / "mail",
        )  # fmt: skip
        house = build(settings, catalogue=processes, channel=MemoryChannel())
        outside = Outside(file)
        try:
            app = create_app(house)
            async with app.router.lifespan_context(app):
                app.state.pages.bring()
                judge = Judge(made, Marks.of(made, outside), outside)
                yield Stage(made, house, app, outside, judge, dict(made.tokens))
        finally:
            outside.close()
            house.close()


def starting(made: Universities, pair: Sequence[str]) -> Memory:
    """What both parties know beforehand: ids of everything, so that guessing them is no defence."""
    memory = Memory()
    memory.put("case", [case for name, case in made.cases.items() if not name.startswith("a ")])
    memory.put("case", list(made.cases.values()))
    memory.put("person", list(made.people.values()))
    memory.put("unit", ["STAT", "HIST", "umu.se", "lu.se"])
    memory.put(
        "workflow",
        ["outgoing_exchange", "incoming_nomination", "eligibility_review", "agreement", "agreement_renewal"],
    )
    memory.put("trigger", ["take", "release", "withdraw", "nominate", "submit_for_review"])
    memory.put("report", ["deviations", "decisions"])
    memory.put("recipient", [f"person:{made.people[who]}" for who in pair])
    return memory


async def era(
    made: Universities, processes: Catalogue, pair: Sequence[str], *, chance: random.Random, most: int, until: float
) -> Tally:
    """So many requests of a pair, in turns, on a fresh copy; then everything is judged as a whole."""
    tally, began, spent = Tally(), time.monotonic(), time.process_time()
    async with stage(made, processes) as set_up:
        memory = starting(made, pair)
        asking = Asking(set_up.app, memory, chance)
        while tally.requests < most and time.monotonic() < until:
            who = pair[tally.requests % len(pair)]
            csrf = set_up.session(who)[1]
            asked = asking.next(who, csrf)
            answered, wrongs = await set_up.ask(asked)
            tally.requests += 1
            again = asked.having(body=asked.body.replace(csrf, "<csrf>"))
            tally.findings += [Finding(again, wrong, answered.status if answered else 0) for wrong in wrongs]
            if answered is None:
                continue
            tally.statuses[answered.status] += 1
            memory.learn(asked, answered)
            if _thrown_out(asked, answered):
                set_up.let_in_again(who)
        tally.findings += [Finding(Asked("", "none", "", ""), wrong) for wrong in set_up.end()]
        tally.cases = len(set_up.outside.readers)
    tally.seconds, tally.processor = time.monotonic() - began, time.process_time() - spent
    return tally


def _thrown_out(asked: Asked, answered: Answered) -> bool:
    """Whether somebody known was taken for nobody: their token is revoked, or their session has ended."""
    to_the_door = answered.status == 303 and answered.header("location").startswith("/sign-in")
    return asked.door != "none" and (answered.status == 401 or to_the_door)


async def play(
    made: Universities, processes: Catalogue, pair: Sequence[str], *, seed: int, most: int, seconds: float
) -> Tally:
    """A pair's requests: at most so many, and for so long."""
    tally, until, number = Tally(), time.monotonic() + seconds, 0
    while tally.requests < most and time.monotonic() < until:
        chance = random.Random(f"{seed} {name_of(pair)} {number}")
        left = min(ERA, most - tally.requests)
        tally.add(await era(made, processes, pair, chance=chance, most=left, until=until))
        number += 1
    return tally


def by_status(statuses: Mapping[int, int]) -> dict[str, int]:
    """The counts in order of the status."""
    return {str(status): statuses[status] for status in sorted(statuses)}
