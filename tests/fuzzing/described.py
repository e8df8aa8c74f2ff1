"""Follows the links of the OpenAPI description from answer to answer: schemathesis's state machine, two parties at it.

What the one has opened or found, the other asks for too. Parameters and bodies are drawn from the description, some of
them so that they do not fit it; those that do are often made to fit the house as well (`tests.fuzzing.fitting`).
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import hypothesis
import schemathesis
from anyio.from_thread import BlockingPortal, start_blocking_portal
from hypothesis.errors import Flaky, Unsatisfiable
from schemathesis.generation.stateful import APIStateMachine
from schemathesis.generation.stateful.state_machine import StepInput, StepOutput, release_state_machines

from tests.fuzzing.asgi import Answered, Asked
from tests.fuzzing.fitting import Fitting
from tests.fuzzing.memory import Memory
from tests.fuzzing.playing import Finding, Stage, Tally, name_of, starting
from tests.fuzzing.universities import LUND_ROLES, institution_of
from tests.fuzzing.wire import asked_by, not_as_described, on_the_wire, response_of

Walking = type[APIStateMachine]
Opened = Callable[[], AbstractAsyncContextManager[Stage]]
"""Opens a stage over a fresh copy."""

PAIRS: Final[tuple[tuple[str, str], ...]] = (
    *((f"stat.{role}" if unit == "STAT" else role, f"lund.{role}") for role, unit in LUND_ROLES.items()),
    ("stat.coordinator", "hist.coordinator"), ("stat.reviewer", "hist.reviewer"), ("nobody", "officer"),
)  # fmt: skip
"""Each role beside the same at the other university; two departments; somebody without any role."""

SCENARIOS: Final = 20
"""Scenarios played on one copy of the database; then it is judged as a whole."""

STEPS: Final = 15
SWAPPED: Final = 0.25
"""How often the other party takes a step."""

NOBODY: Final = 0.02
"""How often a step is taken without a token."""

@dataclass
class Walked:
    """What was seen: as of any pair, and besides by operation (`GET /path`) and status; links followed by name."""

    tally: Tally = field(default_factory=Tally)
    answered: Counter[tuple[str, int]] = field(default_factory=Counter)
    links: Counter[str] = field(default_factory=Counter)
    runs: int = 0
    broken_off: int = 0
    """Runs that hypothesis ended early, since the same draws led elsewhere than before: the cases had moved on."""

    def add(self, other: Walked) -> None:
        self.tally.add(other.tally)
        self.answered += other.answered
        self.links += other.links
        self.runs += other.runs
        self.broken_off += other.broken_off


def machine(opened: Opened) -> Walking:
    """The state machine of the description. Takes seconds to make."""
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(opened()) as set_up:
        schema: Any = schemathesis.openapi.from_dict(set_up.app.openapi())
    # Who asks is decided here, and nobody's token is drawn.
    schema.config.generation.update(with_security_parameters=False)
    # A stale version is told before the body is read (DESIGN 8); what is our fault is looked for by itself.
    schema.config.checks.negative_data_rejection.expected_statuses = ["4xx"]
    walking: Walking = schema.as_state_machine()
    return walking


@dataclass
class Ground:
    """Where a run of the machine walks: a stage behind a portal, and who goes there."""

    set_up: Stage
    portal: BlockingPortal
    pair: tuple[str, str]
    chance: random.Random
    memory: Memory
    fitting: Fitting
    walked: Walked = field(default_factory=Walked)
    who: str = ""
    """Whose scenario it is."""

    def begin(self) -> None:
        """A scenario begins: one of the two sets out."""
        self.who = self.chance.choice(self.pair)

    def step(self, step: StepInput) -> StepOutput | None:
        """Ask what was drawn; nothing where there was no answer to go on from."""
        other = next(each for each in self.pair if each != self.who)
        who = other if self.chance.random() < SWAPPED else self.who
        door = "none" if self.chance.random() < NOBODY else "token"
        if step.transition is not None:
            self.walked.links[step.transition.id] += 1
        if step.case.meta is None or step.case.meta.generation.mode.is_positive:
            self._fit(step.case, frozenset(name for _, name in step.applied_parameters if name), who)
        sent = on_the_wire(step.case)
        asked = asked_by(who, door, sent)
        answered, wrongs = self.portal.call(self._ask, asked)
        self.walked.tally.requests += 1
        output = None
        if answered is not None:
            output = StepOutput(response_of(sent, answered), step.case)
            wrongs += not_as_described(output)
            self._learn(step.case.operation.label, asked, answered)
        status = answered.status if answered else 0
        self.walked.tally.findings += [Finding(asked, wrong, status) for wrong in wrongs]
        return output

    def _learn(self, label: str, asked: Asked, answered: Answered) -> None:
        self.walked.tally.statuses[answered.status] += 1
        self.walked.answered[label, answered.status] += 1
        self.memory.learn(asked, answered)

    def _fit(self, case: Any, linked: frozenset[str], who: str) -> None:
        """Make what was drawn fit the house, most often."""
        if not self.fitting.wanted():
            return
        told, places = case.operation.definition.raw, dict(case.path_parameters or {})
        for name in places:
            if name not in linked and (known := self.fitting.place(told["operationId"], name)):
                places[name] = known
        case.path_parameters, path = places, str(places.get("case", ""))
        if case.query:
            case.query = {name: case.query[name] for name in self.fitting.kept(case.query, linked)}
        if "requestBody" in told:
            schema = told["requestBody"]["content"]["application/json"]["schema"]
            case.body = self.fitting.body(told["operationId"], schema, who=who, case=path)
        if "If-Match" in (case.headers or {}) and (version := self.fitting.version(path)):
            case.headers["If-Match"] = version

    # What follows looks at the database, and runs where it was opened.

    async def _ask(self, asked: Asked) -> tuple[Answered | None, list[str]]:
        answered, wrongs = await self.set_up.ask(asked)
        return answered, [*wrongs, *hidden_or_open(self.set_up, asked, answered)] if answered else wrongs

    async def end(self) -> None:
        """Judge the database as a whole."""
        tally = self.walked.tally
        tally.findings += [Finding(Asked("", "none", "", ""), wrong) for wrong in self.set_up.end()]
        tally.cases = len(self.set_up.outside.readers)


def hidden_or_open(set_up: Stage, asked: Asked, answered: Answered) -> Iterator[str]:
    """Whether a case that whoever asks may read is said not to be there, or the other way about."""
    _, _, rest = asked.path.partition("/api/v1/cases/")
    case, readers = rest.partition("/")[0], set_up.outside.readers
    if asked.method != "GET" or asked.door != "token" or case not in readers:
        return
    may = (institution_of(asked.who), set_up.made.people[asked.who]) in readers[case]
    if may and answered.status == 404 and "at=" not in asked.target:
        yield f"hidden: {asked.who} may read case {case}"
    if not may and answered.status != 404:
        yield f"open: {asked.who} may not read case {case}"


@contextmanager
def _ground(walking: Walking, opened: Opened, pair: tuple[str, str], chance: random.Random) -> Iterator[Ground]:
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(opened()) as set_up:
        memory = starting(set_up.made, pair)
        fitting = Fitting(set_up.made, memory, chance, walking.schema.raw_schema)
        ground = Ground(set_up, portal, pair, chance, memory, fitting)
        yield ground
        portal.call(ground.end)


def walk(
    walking: Walking, opened: Opened, pair: tuple[str, str], *, seed: str, scenarios: int = SCENARIOS,
    steps: int = STEPS,
) -> Walked:  # fmt: skip
    """So many scenarios of a pair on one stage; the same seed draws the same."""
    began, spent = time.monotonic(), time.process_time()
    settings = hypothesis.settings(
        max_examples=scenarios, stateful_step_count=steps, database=None, deadline=None,
        phases=[hypothesis.Phase.generate], suppress_health_check=list(hypothesis.HealthCheck),
    )  # fmt: skip
    with _ground(walking, opened, pair, random.Random(seed)) as ground:
        own = {
            "setup": ground.begin,
            "step": ground.step,
            "rule_order_seed": ground.chance.randrange(2**31),
        }
        walker: Any = hypothesis.seed(ground.chance.randrange(2**31))(type("Walker", (walking,), own))
        try:
            walker.run(settings=settings)
        except (Flaky, Unsatisfiable):
            ground.walked.broken_off += 1
        finally:
            release_state_machines(walker)
    walked = ground.walked
    walked.runs = 1
    walked.tally.seconds, walked.tally.processor = time.monotonic() - began, time.process_time() - spent
    return walked


def walks(walking: Walking, opened: Opened, pair: tuple[str, str], *, seed: int, seconds: float) -> Walked:
    """A pair's runs, each on a fresh copy, for so long; at least one."""
    walked, until, number = Walked(), time.monotonic() + seconds, 0
    while not number or time.monotonic() < until:
        walked.add(walk(walking, opened, pair, seed=f"{seed} {name_of(pair)} {number}"))
        number += 1
    return walked


def by_operation(walked: Walked, walking: Walking) -> dict[str, dict[str, int]]:
    """Each operation's answers by status, in the order of the description."""
    paths = walking.schema.raw_schema["paths"]
    labels = [f"{method.upper()} {path}" for path, item in paths.items() for method in item]
    return {
        label: {str(status): many for (of, status), many in sorted(walked.answered.items()) if of == label}
        for label in labels
    }


def never_well(counts: Mapping[str, Mapping[str, int]]) -> list[str]:
    """The operations that were never answered 2xx."""
    return [label for label, seen in counts.items() if not any(status.startswith("2") for status in seen)]
