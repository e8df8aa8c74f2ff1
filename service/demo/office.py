"""Opens the demo office: a believable year at one university, played through the real road."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from adapters.folder import FolderChannel
from engine.calendar import Calendar
from engine.errors import EngineError
from engine.lists import CaseFilter
from engine.model import Case
from engine.store.store import Store
from engine.testclock import TestClock
from engine.vocabulary import Role
from engine.writing import Writer
from service.compose import House, known_figures
from service.demo.cast import Player, hire
from service.demo.plot import FULL, Plot
from service.demo.script import Fault, Progress, Script
from service.demo.stage import Stage, build_stage
from service.demo.year import FIRST_DAY, OPENS, STANDS_AT, TODAY

SEED = 1965
"""Umeå University was founded in that year."""

LETTERS_KEPT = timedelta(days=21)

SIGHTS = {
    "borrowed_withdrawn": "a student gave up a borrowed place; both units were told in the same step",
    "deviation": "a student left without a signed learning agreement",
    "offered_from_reserve": "got a freed place from the reserve list, by the clock",
    "recognised_anew": "a recognition that was decided, reconsidered, and decided anew",
    "reconsidered": "an eligibility review that was reopened",
    "handed_over": "a review that went to the substitute of somebody on leave",
    "arrived_unsigned": "a student who came before the learning agreement was signed",
    "renewed": "an agreement renewal carried to its end",
    "new_agreement": "an agreement followed from draft to force",
}
"""What there is to see, by the name the lives give it."""


class NotEmpty(EngineError):
    """There are cases, people or units in this database already; a demo office needs an empty one."""


class NoTestClock(EngineError):
    """A demo office stands still on its own day: set FARDPLAN_TEST_CLOCK=true."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody of the office as whom a visitor may act."""

    id: str
    name: str
    email: str
    roles: tuple[Role, ...]
    unit: str
    token: str


@dataclass(frozen=True, slots=True)
class Sight:
    """A case worth a look."""

    case: str
    number: str
    words: str


@dataclass(frozen=True, slots=True)
class Office:
    """The demo office as it stands open.

    `cases` counts them by workflow. `first_step` is a case, its version and a trigger that
    `visitors[0]` may take at once. `faults` are steps that were refused though the year's
    script meant them to succeed; there should be none.
    """

    institution: str
    cases: dict[str, int]
    visitors: tuple[Visitor, ...]
    sights: tuple[Sight, ...]
    first_step: tuple[str, int, str]
    base_url: str
    faults: tuple[Fault, ...]

    @property
    def curl(self) -> str:
        """One call that takes the first step, as it can be typed into a shell."""
        case, version, trigger = self.first_step
        return (
            f"curl -X POST {self.base_url}/api/v1/cases/{case}/transitions \\\n"
            f"  -H 'Authorization: Bearer {self.visitors[0].token}' \\\n"
            f"  -H 'If-Match: \"{version}\"' -H 'Content-Type: application/json' \\\n"
            f"  -d '{{\"trigger\": \"{trigger}\"}}'"
        )


def is_empty(house: House) -> bool:
    """Whether there is nothing in the database yet that a demo office could disturb."""
    nobody = not house.directory.organisation(house.settings.institution).units
    return nobody and not house.replay().institutions()


def open_office(house: House, progress: Progress = lambda _done, _whole: None, *, cases: int = FULL) -> Office:
    """Play the demo year into an empty database; `cases` is about how many there will be.

    Raises NotEmpty, or NoTestClock where the house has none. Takes half a minute or so.
    """
    if house.mover is None:
        raise NoTestClock
    if not is_empty(house):
        raise NotEmpty
    script = Script(_stage(house))
    company = hire(script.stage.directory, script.stage.institution)
    Plot(script.stage, company, cases).begin()
    script.play(TODAY, progress)
    script.move(script.stage.calendar.at(TODAY, STANDS_AT))
    script.stage.clock.leave()
    return _opened(house, script, company)


def _stage(house: House) -> Stage:
    calendar = Calendar()
    begins, today = calendar.at(FIRST_DAY, OPENS), calendar.at(TODAY, STANDS_AT)
    return build_stage(
        institution=house.settings.institution,
        store=Store(house.settings.database_url, durable=False),
        catalogue=house.catalogue,
        writer=house.outbox.renderer,
        channel=FolderChannel(house.settings.mailbox),
        figures=house.directory.figures,
        seed=SEED,
        begins=begins,
        letters_since=today - LETTERS_KEPT,
    )
