"""Feeds a parser, watches time and memory, and keeps what it does not take well."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import resource
import signal
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, Final

import hypothesis
from hypothesis import strategies as st

from tests.fuzzing.oddities import PIECES, TEXTS
from tests.fuzzing.target import Target

MOST_SECONDS: Final = 2.0
"""Of processor time for one input of at most two megabytes."""

MOST_MEGABYTES: Final = 200
"""By which one input may make the process grow."""

KEPT: Final = Path(__file__).with_name("inputs.json")
LONGEST_KEPT: Final = 20_000
SMALLER: Final = 400
"""Tries to make an input smaller."""


class TooSlow(BaseException):
    """An input has taken more processor time than any may; no parser catches this."""


@dataclass(frozen=True)
class Crash:
    """An input that was not taken well: the parser's name, the input, what happened and where."""

    target: str
    raw: bytes
    what: str
    where: str = ""

    @property
    def kind(self) -> tuple[str, str]:
        """What sort of error it is, and where: of many inputs that crash so one is kept."""
        return self.what.partition(":")[0], self.where


@dataclass
class Fed:
    """What became of the inputs of one parser: how many were read, refused by its own word, or neither."""

    inputs: int = 0
    read: int = 0
    refused: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    crashes: list[Crash] = field(default_factory=list)

    def crashed(self, crash: Crash) -> None:
        """Keep a crash, unless one happened in the same place."""
        if crash.kind not in {each.kind for each in self.crashes}:
            self.crashes.append(crash)


@contextmanager
def hurried() -> Iterator[None]:
    """Raise TooSlow where what happens inside takes too much processor time; other programs' time does not count."""

    def late(number: int, frame: FrameType | None) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGPROF, late)
    signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def megabytes() -> float:
    """The most memory this process has ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def tried(target: Target, raw: bytes) -> Crash | bool:
    """Feed one input: True where it was read, False where refused by the parser's own word, else how it crashed."""
    before, began = megabytes(), time.process_time()
    try:
        with hurried():
            target.read(raw)
    except target.refusals:
        read = False
    except TooSlow as slow:
        return Crash(target.name, raw, f"slow: over {MOST_SECONDS:.0f} s", _where(slow))
    except Exception as error:  # noqa: BLE001 - whatever a parser raises that is no word of its own
        return Crash(target.name, raw, f"{type(error).__name__}: {error}"[:200], _where(error))
    else:
        read = True
    if (took := time.process_time() - began) > MOST_SECONDS:
        return Crash(target.name, raw, f"slow: {took:.1f} s")
    if (grew := megabytes() - before) > MOST_MEGABYTES:
        return Crash(target.name, raw, f"large: {grew:.0f} MB more")
    return read


def _where(error: BaseException) -> str:
    """The last place of ours on the way to an error."""
    ours = [f for f in traceback.extract_tb(error.__traceback__) if "/site-packages/" not in f.filename]
    ours = [f for f in ours if any(f"/{part}/" in f.filename for part in ("engine", "adapters", "service"))]
    return f"{Path(ours[-1].filename).name}:{ours[-1].name}" if ours else ""


def feed(target: Target, chance: random.Random, *, seconds: float, most: int = 10**9) -> Fed:
    """Feed a parser with its examples, then with mutated ones, and strings of hypothesis's between."""
    fed, until, began = Fed(), time.monotonic() + seconds, time.monotonic()
    for raw in target.examples:
        _one(fed, target, raw)
    while time.monotonic() < until and fed.inputs < most:
        for _ in range(40):
            _one(fed, target, target.mutate(chance, chance.choice(target.examples), target.examples))
        _by_hypothesis(fed, target, chance.randrange(2**32))
    fed.seconds = time.monotonic() - began
    fed.crashes = [smaller(target, crash) for crash in fed.crashes]
    return fed


def _one(fed: Fed, target: Target, raw: bytes) -> None:
    began = time.process_time()
    found = tried(target, raw)
    fed.inputs += 1
    fed.slowest = max(fed.slowest, time.process_time() - began)
    if isinstance(found, Crash):
        fed.crashed(found)
    elif found:
        fed.read += 1
    else:
        fed.refused += 1


_PIECES: Final = st.one_of(
    st.binary(max_size=60),
    st.text(max_size=40).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.sampled_from([*PIECES, *(text.encode() for text in TEXTS)]),
)


def _by_hypothesis(fed: Fed, target: Target, seed: int) -> None:
    """Some strings that follow no example: bytes, text of any script, odd pieces, one after the other."""

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=10, database=None, deadline=None, phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )  # fmt: skip
    @hypothesis.given(st.lists(_PIECES, max_size=6))
    def fed_with(pieces: list[bytes]) -> None:
        _one(fed, target, b"".join(pieces))

    fed_with()


def smaller(target: Target, crash: Crash) -> Crash:
    """The shortest input found that crashes in the same place, by leaving out ever smaller pieces."""
    left = SMALLER
    if crash.kind[0] in {"slow", "large"}:
        return crash
    size = max(1, len(crash.raw) // 2)
    while size and left:
        at = 0
        while at < len(crash.raw) and left:
            left -= 1
            found = tried(target, crash.raw[:at] + crash.raw[at + size :])
            if isinstance(found, Crash) and found.kind == crash.kind:
                crash = found
            else:
                at += size
        size //= 2
    return crash


# What crashed once.


def kept() -> list[Mapping[str, Any]]:
    """The inputs that were not taken well once."""
    told: list[Mapping[str, Any]] = json.loads(KEPT.read_text("utf-8"))
    return told


def raw_of(told: Mapping[str, Any]) -> bytes:
    return base64.b64decode(told["input"])


def keep(crashes: Sequence[Crash]) -> None:
    """Keep inputs that crashed among those every later run of the tests tries; very long ones are left out."""
    every = list(kept())
    known = {(each["target"], each["input"]) for each in every}
    for crash in crashes:
        raw = base64.b64encode(crash.raw).decode()
        told = {"target": crash.target, "found": f"{crash.what} ({crash.where})", "input": raw}
        if len(crash.raw) <= LONGEST_KEPT and (crash.target, told["input"]) not in known:
            every.append(told)
    KEPT.write_text(json.dumps(every, indent=1, ensure_ascii=False) + "\n", "utf-8")


def shown(crash: Crash) -> str:
    """A crash in one line."""
    digest = hashlib.sha256(crash.raw).hexdigest()[:8]
    size = f"{len(crash.raw)} bytes {crash.raw[:120]!r} ({digest})"
    return f"{crash.target}: {crash.what} in {crash.where or '?'}, {size}"


def all_fed(
    targets: Sequence[Target], *, seed: int, seconds: float, told: Callable[[Target, Fed], None]
) -> dict[str, Fed]:
    """Feed all parsers in turn, each its share of the time."""
    shares, found = sum(target.share for target in targets), dict[str, Fed]()
    for target in targets:
        chance = random.Random(f"{seed} {target.name}")
        with suppress(KeyboardInterrupt):
            found[target.name] = feed(target, chance, seconds=seconds * target.share / shares)
            told(target, found[target.name])
    return found
