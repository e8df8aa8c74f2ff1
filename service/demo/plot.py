"""Plans the year: how many cases of each kind, under which agreements, and how each one goes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from engine.model import NewPerson
from service.demo import agreements, cast, exchanges, nominations, renewals, reviews
from service.demo.agreements import FATES, Concluded, fate_of
from service.demo.cast import Player
from service.demo.exchange_plan import Plan
from service.demo.names import students
from service.demo.partners import PARTNERS, RealPartner
from service.demo.stage import Stage
from service.demo.units import DEPARTMENTS
from service.demo.year import FIRST_DAY, INCOMING, OUTGOING, TODAY, Intake

FULL = 500
"""How many cases there are about in a whole demo office."""

MOST = 800
"""More than that would need more places than the partners had."""

FEWEST_PARTNERS = 16
QUEUE_AT = "E  SEVILLA01"
"""The partner with two places and four applicants."""


@dataclass
class Plot:
    """What is to be played. `cases` is about how many cases there will be."""

    stage: Stage
    company: tuple[Player, ...]
    cases: int = FULL
    _names: dict[str, Iterator[NewPerson]] = field(default_factory=dict)
    _ids: dict[str, str] = field(default_factory=dict)
    _left: dict[str, Iterator[Concluded]] = field(default_factory=dict)

    def begin(self) -> None:
        """Start every life; the script plays them."""
        concluded = self._agreements()
        carrying = [each for each in concluded if fate_of(each.real, 0).carries]
        self._nominations(carrying)
        self._exchanges(carrying)
        self._queue(concluded)
        self._reviews()

    def share(self, whole: int) -> int:
        """So many of something as fit a demo office of this size."""
        return max(1, round(whole * self.cases / FULL))

    def student(self, country: str) -> NewPerson:
        """The next invented student of a country."""
        return next(self._names.setdefault(country, students(country)))

    # Agreements and renewals.

    def partners(self) -> list[tuple[int, RealPartner]]:
        """The busiest partners, and those with a fate of their own; each with its number in the list."""
        wanted = max(FEWEST_PARTNERS, self.share(len(PARTNERS)))
        special = [each for each in enumerate(PARTNERS) if each[1].code in FATES]
        busy = [each for each in enumerate(PARTNERS) if each[1].code not in FATES]
        return sorted(busy[: wanted - len(special)] + special)

    def _agreements(self) -> list[Concluded]:
        stage, fates, concluded = self.stage, dict[str, str](), []
        for number, real in self.partners():
            fate = fate_of(real, number)
            self._ids[real.code] = cast.register(stage.directory, stage.institution, real)
            facts = agreements.terms(real, self._ids[real.code], fate, number)
            with stage.store.transaction() as ledger:
                stage.at_work(ledger)
                concluded.append(agreements.in_force(stage, real, facts, number))
            fates[concluded[-1].case] = fate.what
        stage.at_work(None)
        stage.start(renewals.watch(stage, fates))
        for each in concluded:
            self._has_a_fate(each, fates[each.case])
        self._drafts()
        return concluded

    def _has_a_fate(self, each: Concluded, what: str) -> None:
        stage = self.stage
        if what in {"rests", "rested"}:
            stage.start(agreements.rests(stage, each.case, resumed=what == "rested"))
        elif what.startswith("notice"):
            told = date(2026, 5, 11) if what == "notice" else date(2026, 3, 2)
            stage.start(agreements.gives_notice(stage, each.case, told))
        elif each.real.code == PARTNERS[1].code:
            stage.start(agreements.grows(stage, each.case))

    def _drafts(self) -> None:
        """New agreements with partners we have: another department, another field."""
        stage = self.stage
        for number, stop in enumerate(agreements.STOPS[: max(4, self.share(len(agreements.STOPS)))]):
            index, real = self.partners()[number]
            facts = agreements.terms(real, self._ids[real.code], agreements.Fate(date(2029, 9, 30)), index)
            facts |= {"valid_from": date(2026, 8, 1), "reference": f"IO_{2000 + number}"}
            unit = DEPARTMENTS[number % len(DEPARTMENTS)].code
            late = stop in {"draft", "review", "partner", "signature"}
            day = date(2026, 12, 1) + timedelta(days=9 * number) if late else FIRST_DAY + timedelta(days=17 * number)
            stage.start(agreements.is_drafted(stage, facts, unit, stop), day)

    # Students who come, students who go, applicants.

    def _nominations(self, carrying: list[Concluded]) -> None:
        stage, hows = self.stage, _turns(nominations.RARE, nominations.COMMON)
        for intake, count in _spread(INCOMING, self.share(125)):
            places = self._places(carrying, intake, incoming=True)
            for number in range(count):
                how = next(hows)
                under = next(places)
                day = intake.day(number / count)
                student = self.student(under.real.country)
                coming = nominations.Coming(under, student, intake, how, number)
                stage.start(nominations.is_nominated(stage, coming, day), day)

    def _exchanges(self, carrying: list[Concluded]) -> None:
        stage, hows = self.stage, _turns(exchanges.RARE, exchanges.COMMON)
        for intake, count in _spread(OUTGOING, self.share(80)):
            places = self._places(carrying, intake, incoming=False)
            for number in range(count):
                plan = self._plan(next(places), carrying, intake, next(hows))
                day = intake.day(number / count)
                stage.start(exchanges.goes_out(stage, plan, self.student("SE"), day), day)

    def _places(self, carrying: list[Concluded], intake: Intake, *, incoming: bool) -> Iterator[Concluded]:
        """The places of an academic year in a chance order, each given once; its two rounds share them."""
        year = f"{intake.term.academic_year} {incoming}"
        if year not in self._left:
            places = [
                each
                for each in carrying
                if each.lasts_beyond(intake.term.ends_on)
                for _ in range(each.real.received if incoming else each.real.sent)
            ]
            self.stage.dice.shuffle(places)
            self._left[year] = iter(places)
        return self._left[year]

    def _plan(self, under: Concluded, carrying: list[Concluded], intake: Intake, how: str) -> Plan:
        unit = under.real.unit
        if how.startswith("borrowed"):
            unit = next(each.code for each in DEPARTMENTS if each.code != unit)
        other = max((each for each in carrying if each.case != under.case), key=lambda each: each.real.sent)
        return Plan(under, unit, intake, how, other)

    def _queue(self, concluded: list[Concluded]) -> None:
        under = next(each for each in concluded if each.real.code == QUEUE_AT)
        plan = Plan(under, under.real.unit, OUTGOING[0], "plain", under)
        four = tuple(self.student("SE") for _ in range(4))
        self.stage.start(exchanges.queue(self.stage, plan, four, date(2026, 2, 9)))

    def _reviews(self) -> None:
        stage = self.stage
        hows = _turns(reviews.RARE, reviews.COMMON)
        countries = itertools.cycle(("TR", "DE", "FR", "IT", "ES", "GB", "FI"))
        for number in range(self.share(45)):
            how, unit = next(hows), DEPARTMENTS[number % len(DEPARTMENTS)].code
            if how in reviews.TWO_PAIRS:
                unit = "jus.umu.se"
            day = _asked_on(how, number)
            stage.start(reviews.is_asked(stage, unit, self.student(next(countries)), how, day), day)
        away = next(player for player in self.company if player.post.note == "on leave")
        for answered in (True, False, False):
            applicant = self.student(next(countries))
            life = reviews.is_left_behind(stage, away.post.unit, applicant, away.id, answered=answered)
            stage.start(life)


def _asked_on(how: str, number: int) -> date:
    """Reviews that are to be open today were asked for shortly before it."""
    if how == "just asked":
        return TODAY - timedelta(days=3)
    if how.endswith("now"):
        return TODAY - timedelta(days=10)
    if how.endswith("overdue"):
        return TODAY - timedelta(days=11 + number % 3)
    return date(2026, 3, 2) + timedelta(days=7 * number % 300)


def _turns(rare: tuple[str, ...], common: tuple[str, ...]) -> Iterator[str]:
    return itertools.chain(rare, itertools.cycle(common))


def _spread(rounds: tuple[Intake, ...], count: int) -> Iterator[tuple[Intake, int]]:
    """So many among the rounds, by their weight."""
    whole = sum(each.weight for each in rounds)
    for each in rounds:
        yield each, max(1, round(count * each.weight / whole))
