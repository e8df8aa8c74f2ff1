"""Opens the demo office: a believable year at one university, played through the real road."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

from adapters.folder import FolderChannel
from engine.calendar import Calendar
from engine.errors import EngineError
from engine.model import Case
from engine.store.narrowing import CaseFilter
from engine.store.store import Store
from engine.vocabulary import Role
from service.compose import House
from service.demo.cast import Player, hire
from service.demo.plot import FULL, MOST, Plot
from service.demo.rig import build_stage
from service.demo.script import Progress, Script
from service.demo.stage import Stage
from service.demo.welcome import Office, Sight, Step, Visitor
from service.demo.year import FIRST_DAY, OPENS, STANDS_AT, TODAY

SEED = 1965
"""The year in which Umeå University was founded."""

LETTERS_KEPT = timedelta(days=21)
"""So far back mails are written into the mailbox folder; older ones count as read and thrown away."""

SIGHTS = {
    "borrowed_withdrawn": "a student gave up a borrowed place; both departments were told in the same step",
    "offered_from_reserve": "the clock gave a freed place to the first on the reserve list",
    "deviation": "a student left before the learning agreement was signed",
    "recognised_anew": "a recognition decided, reconsidered, and decided anew",
    "handed_over": "a review that went by itself to the substitute of somebody on leave",
    "reconsidered": "an eligibility decision that was reopened",
    "arrived_unsigned": "a student who came before the learning agreement was signed",
    "new_agreement": "an agreement from its draft to force",
    "renewed": "a renewal carried through",
    "replaced": "an agreement that took over the open cases of another",
}
"""What there is to see, by the name the lives of the cases give it."""

VISITED = (Role.COORDINATOR, Role.OFFICER, Role.ADMISSIONS, Role.HEAD, Role.RECOGNISER, Role.AUDITOR, Role.ADMIN)
"""The roles a visitor may try, after the reviewer who takes the first step."""


class NotEmpty(EngineError):
    """There is something in this database already; a demo office wants an empty one."""


class NoTestClock(EngineError):
    """A demo office stands still on a day of its own: set FARDPLAN_TEST_CLOCK=true."""


def is_empty(house: House) -> bool:
    """Whether there is nothing in the database that a demo office could disturb."""
    units = house.directory.organisation(house.settings.institution).units
    return not units and not house.replay().institutions()


def open_office(house: House, progress: Progress = lambda _done, _whole: None, *, cases: int = FULL) -> Office:
    """Play the demo year into an empty database; `cases` is about how many there will be.

    Raises NotEmpty; NoTestClock where the house has none; ValueError for more cases than
    the partners have places for. `progress` is told days done, and of how many.
    """
    if house.mover is None:
        raise NoTestClock
    if not is_empty(house):
        raise NotEmpty
    if cases > MOST:
        raise ValueError(f"a demo office has at most {MOST} cases")
    # Half a minute of steps is not made to wait for the disk: what a power cut spoils is made anew.
    with closing(Store(house.settings.database_url, durable=False)) as store:
        script = Script(_stage(house, store))
        company = hire(script.stage.directory, script.stage.institution)
        Plot(script.stage, company, cases).begin()
        script.play(TODAY, progress)
        script.move(script.stage.calendar.at(TODAY, STANDS_AT))
    house.mover.clock.stand_at(script.stage.clock.now())
    return _opened(house, script, company)


def _stage(house: House, store: Store) -> Stage:
    calendar = Calendar()
    return build_stage(
        institution=house.settings.institution,
        store=store,
        catalogue=house.catalogue,
        writer=house.outbox.renderer,
        # Never the mail server: nobody is to get a letter from a demo.
        channel=FolderChannel(house.settings.mailbox),
        figures=house.directory.figures,
        seed=SEED,
        begins=calendar.at(FIRST_DAY, OPENS),
        letters_since=calendar.at(TODAY, STANDS_AT) - LETTERS_KEPT,
    )


def _opened(house: House, script: Script, company: tuple[Player, ...]) -> Office:
    officer = _first(company, Role.OFFICER)
    found = {case.id: case for case in _all_cases(house, officer)}
    waiting = next(
        case
        for case in sorted(found.values(), key=lambda case: case.number)
        if case.workflow == "eligibility_review" and case.state == "requested"
    )
    reviewer = _first(company, Role.REVIEWER, waiting.unit)
    people = [reviewer, *(_first(company, role, waiting.unit) for role in VISITED)]
    names = sorted(case.workflow for case in found.values())
    return Office(
        institution=house.settings.institution,
        today=TODAY,
        cases={name: names.count(name) for name in dict.fromkeys(names)},
        visitors=tuple(_visitor(house, player) for player in people),
        sights=tuple(
            Sight(name, script.stage.sights[name], found[script.stage.sights[name]].number, words)
            for name, words in SIGHTS.items()
            if name in script.stage.sights
        ),
        first_step=Step(waiting.id, waiting.number, waiting.version, "take"),
        base_url=house.settings.base_url,
        faults=tuple(script.faults),
    )


def _first(company: tuple[Player, ...], role: Role, unit: str | None = None) -> Player:
    """The first who holds the role, in the unit where anybody does, and is there every day."""
    held = [player for player in company if role in player.post.roles and not player.post.note]
    return next((player for player in held if player.post.unit == unit), held[0])


def _visitor(house: House, player: Player) -> Visitor:
    token = house.directory.issue_token(house.settings.institution, player.id, "demo")
    return Visitor(player.id, player.name, player.email, player.post.roles, player.post.unit, token)


def _all_cases(house: House, reader: Player) -> Iterator[Case]:
    cursor: str | None = None
    while True:
        page = house.queries.list_cases(
            house.settings.institution, reader.id, narrowed=CaseFilter(), sort="opened", cursor=cursor, limit=200
        )
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return
