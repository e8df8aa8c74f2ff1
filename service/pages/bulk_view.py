"""One step for many cases, as pages show it: what it asks for, for which it can be taken, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from engine.definition import Definition
from engine.errors import BadFields
from engine.model import Case, Outcome, Request, Take
from engine.reasons import ReasonCard
from engine.rights import OUTSIDERS
from engine.vocabulary import Reason, Role, Text, Transition
from service.bodies import CaseAndVersion
from service.bulk import Requests, Result
from service.pages.filters import Chosen
from service.pages.form_sent import Sent
from service.pages.form_shown import Showing, Shown, faults_of
from service.pages.form_values import ROOT, fresh, values_of
from service.pages.forms import NO_CONFLICT, Field, Kind, asked_of, declares, fields_of
from service.pages.lists_view import Row, may_ask, people_in, rows_of
from service.pages.lookups import Lookups
from service.pages.steps_view import answers_in, in_words, told_by
from service.pages.values import Shown as Said
from service.pages.visiting import Visit
from service.problems import NotAllowed, NotHere, problem_of

SHOWN: Final = 50
"""So many cases stand on a page to be ticked; more that were ticked before are carried along."""

ONE_PROCESS: Final = Text("Välj ärenden i en och samma process.", "Choose cases of one and the same process.")


@dataclass(frozen=True)
class Many:
    """One step, asked for many cases by somebody. `cases` are those they chose and may read.

    `source` is the state they were in when the form was begun, where it says so.
    """

    visit: Visit
    chosen: Chosen
    trigger: str
    cases: tuple[Case, ...]
    back: str
    source: str = ""

    def must_be_theirs(self) -> None:
        """Raise NotAllowed where none of the reader's roles takes such a step, NotHere where there is no such step."""
        if not may_ask(self.visit.roles, self.step):
            raise NotAllowed

    # What it is.

    @cached_property
    def definition(self) -> Definition:
        """The process: as the cases chosen are under it, else as it is today. Raises BadFields for several."""
        catalogue = self.visit.house.catalogue
        workflows = {case.workflow for case in self.cases} or set(self.chosen.many("workflow"))
        if len(workflows) != 1 or not workflows <= set(catalogue.names):
            raise BadFields(ONE_PROCESS, (Reason("form", ONE_PROCESS),))
        return catalogue.by_hash(self.cases[0].definition) if self.cases else catalogue.current(workflows.pop())

    @cached_property
    def state(self) -> str:
        """The state the cases are in, as far as one is meant."""
        states = (self.source, *self.chosen.many("state"), *(case.state for case in self.cases))
        return next(filter(None, states), "")

    @cached_property
    def step(self) -> Transition:
        """The step as it leaves that state, else as it is declared first. Raises NotHere."""
        if self.trigger not in self.definition.by_trigger:
            raise NotHere
        return self.definition.steps.get((self.state, self.trigger)) or self.definition.by_trigger[self.trigger][0]

    @property
    def target(self) -> Text | None:
        """The state the cases will be in; None where nothing moves."""
        if self.step.recorded:
            return None
        source = self.state if self.state in self.step.sources else self.step.sources[0]
        return self.definition.states[self.step.target(source)].label

    @property
    def told(self) -> Text:
        """Whom it tells; blank where nobody."""
        return told_by(self.visit, self.definition, self.step)

    @property
    def declares(self) -> bool:
        """Whether confirming is a declaration of no conflict of interest."""
        return declares(self.step.form)

    @property
    def behalf(self) -> Role | None:
        """For whom it would be entered, where it is only a student's or partner's; each case is judged by itself."""
        asked = {who.role for who in self.step.who}
        outsiders = (role for role in OUTSIDERS if role in asked)
        return None if self.visit.roles & asked else next(outsiders, None)

    @property
    def asks(self) -> bool:
        """Whether something must be filled in before it can be tried."""
        return bool(self.fields) or self.step.reason_required or self.behalf is not None

    # What it asks for.

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """What the page asks for, once for all cases."""
        return asked_of(self.step.form)

    def bank(self) -> tuple[ReasonCard, ...]:
        """The reasons that can be inserted."""
        return self.visit.house.reasons.of(self.visit.organisation, self.visit.person)

    @cached_property
    def untouched(self) -> dict[str, list[str]]:
        """The form as nobody has touched it, with a row for each line that the cases know by name."""
        begun = fresh(self.fields)
        for field in self.fields:
            if field.kind is Kind.PARTS and field.required:
                begun |= self._named_rows(field)
        return begun

    def _named_rows(self, field: Field) -> dict[str, list[str]]:
        names = next(iter(self._names.values()), ()) if "name" in {part.name for part in field.parts} else ()
        at = f"{ROOT}.{field.name}"
        found = {at: [str(place) for place in range(len(names))]} if names else {}
        for place, name in enumerate(names[: int(field.high or 0)]):
            found |= {**fresh(field.parts, f"{at}.{place}"), f"{at}.{place}.name": [name]}
        return found

    @cached_property
    def _names(self) -> dict[str, tuple[str, ...]]:
        """The names of the lines in each list of the facts, over all cases, by the list's name."""
        lists = [each.name for each in fields_of(self.definition.workflow.facts) if each.kind is Kind.PARTS]
        found = {name: tuple(dict.fromkeys(_names_in(case.facts.get(name) for case in self.cases))) for name in lists}
        return {name: names for name, names in found.items() if names}

    @property
    def suggested(self) -> dict[str, tuple[str, ...]]:
        """Likely texts: a field that names a line of a list is offered the names of all lines."""
        return {
            each.name: names
            for each in self.fields
            if each.kind is Kind.TEXT
            for name, names in self._names.items()
            if each.name.endswith(f"_{name.removesuffix('s')}")
        }

    def values(self, sent: Sent) -> dict[str, Any]:
        """What was typed, as values."""
        return values_of(self.fields, sent.typed)

    def take(self, sent: Sent) -> Take:
        """The step of each case as it is confirmed, or tried before that."""
        fields = self.values(sent)
        if self.declares:
            fields[NO_CONFLICT] = True
        return Take(
            self.step.trigger,
            fields=fields,
            reason=sent.text("reason") or None,
            comment=sent.text("comment") or None,
            on_behalf_of=self.behalf,
            evidence=sent.text("evidence") or None,
        )

    def answers(self, sent: Sent) -> list[tuple[str, Said]]:
        """What was answered, in words."""
        return answers_in(self.visit, self.step, self.values(sent), sent)


def _names_in(lists: Iterable[Any]) -> Iterator[str]:
    for lines in lists:
        yield from (line["name"] for line in lines or () if isinstance(line, dict) and line.get("name"))


@dataclass(frozen=True)
class Listing:
    """The cases on the form: some rows to tick, of all that the filters leave or of those that were ticked.

    `rest` are those ticked that stand in no row. `offers_all` is whether all `total` can be chosen in one.
    """

    cases: tuple[Case, ...]
    rows: tuple[Row, ...]
    ticked: frozenset[str]
    rest: tuple[CaseAndVersion, ...]
    total: int
    offers_all: bool
    all_of_them: bool = False
    cursor: str | None = None


def listed(visit: Visit, chosen: Chosen, *, cursor: str | None = None, all_of_them: bool = False) -> Listing:
    """A page of what the filters leave, soonest due first."""
    queries, narrowed = visit.house.queries, chosen.narrowed(visit.person)
    page = queries.list_cases(
        visit.institution, visit.person, narrowed=narrowed, sort="due", cursor=cursor, limit=SHOWN
    )
    total = queries.total(visit.institution, visit.person, narrowed=narrowed)
    ticked = frozenset(case.id for case in page.items) if all_of_them else frozenset()
    rows = _rows(visit, page.items)
    return Listing(
        page.items, rows, ticked, (), total, offers_all=True, all_of_them=all_of_them, cursor=page.next_cursor
    )


def ticked(visit: Visit, picked: tuple[CaseAndVersion, ...], cases: tuple[Case, ...]) -> Listing:
    """What was ticked before, in the version it was ticked in: all of it still is."""
    shown = cases[:SHOWN]
    standing = {case.id for case in shown}
    rest = tuple(each for each in picked if each.id not in standing)
    return Listing(shown, _rows(visit, shown), frozenset(standing), rest, len(picked), offers_all=False)


def _rows(visit: Visit, cases: tuple[Case, ...]) -> tuple[Row, ...]:
    return rows_of(visit, cases, visit.house.queries.names(visit.institution, people_in(cases)))


@dataclass(frozen=True)
class ManyForm:
    """The form of a step for many, as it is shown once. `versions` are those that were ticked, by case."""

    many: Many
    listing: Listing
    typed: Mapping[str, list[str]]
    reasons: tuple[Reason, ...] = ()
    versions: Mapping[str, int | None] | None = None
    key: str | None = None

    def version(self, row: Row) -> int | None:
        """The version a row is ticked in: the one seen first, so that nothing is overlooked meanwhile."""
        return (self.versions or {}).get(row.id, row.version)

    @cached_property
    def fields(self) -> tuple[Shown, ...]:
        """The fields with what was typed, and what is wrong."""
        found = Lookups(self.many.visit).for_form(self.many.fields, self.typed)
        return Showing(self.typed, faults_of(self.reasons), found, self.many.suggested).all(self.many.fields)

    def beside(self, name: str) -> str:
        """A text beside the fields as it was typed."""
        return (self.typed.get(name) or [""])[-1]

    def fault(self, name: str) -> Text | None:
        """What is wrong with a text beside the fields."""
        return faults_of(self.reasons).get(name)


# What can be done, and what was.


@dataclass(frozen=True, slots=True)
class Named:
    """A case in a result: number, title, whom it is about and state; nameless where it is not the reader's to know."""

    number: str
    title: str
    about: str
    state: Text | None


@dataclass(frozen=True, slots=True)
class Hindrance:
    """Why it cannot be done for some cases, in the reader's words: one or several reasons they share."""

    why: tuple[str, ...]
    cases: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Results:
    """For which cases a step can be taken, or was; and for which not."""

    good: tuple[Named, ...]
    bad: tuple[Hindrance, ...]

    @property
    def failed(self) -> int:
        """For how many not."""
        return sum(len(each.cases) for each in self.bad)


def results(many: Many, requests: Requests, found: Iterable[Result], cases: Iterable[Case]) -> Results:
    """Sort what was found, case by case; those that share their reasons stand together."""
    visit, known = many.visit, {case.id: case for case in cases}
    names = visit.house.queries.names(visit.institution, people_in(known.values()))
    good: list[Named] = []
    bad: dict[tuple[str, ...], list[Named]] = {}
    for asked, each in zip(requests, found, strict=True):
        named = _named(visit, known.get(asked.case or "") if isinstance(asked, Request) else None, names)
        if isinstance(each, Outcome):
            good.append(named)
        else:
            bad.setdefault(_why(many, each), []).append(named)
    return Results(tuple(good), tuple(Hindrance(why, tuple(some)) for why, some in bad.items()))


def _named(visit: Visit, case: Case | None, names: Mapping[str, str]) -> Named:
    if case is None:
        unknown = visit.say("Ett ärende som inte finns, eller inte är ditt", "A case that is not there, or not yours")
        return Named("", unknown, "", None)
    label = visit.house.catalogue.by_hash(case.definition).states[case.state].label
    return Named(case.number, case.title, names.get(case.subject or "", ""), label)


def _why(many: Many, error: Exception) -> tuple[str, ...]:
    """The reasons in words; who can help stands with them."""
    speech = many.visit.speech
    if isinstance(error, BadFields):
        return tuple(speech.text(reason.message) for reason in in_words(error.reasons, many.fields))
    problem = problem_of(error, language=speech.language)
    said = []
    for reason in problem.reasons or ():
        words = reason.message.sv if speech.swedish else reason.message.en
        if reason.who_can is not None:
            who = speech.role(reason.who_can)
            words += " " + speech.say("Kan hjälpa: {who}.", "Can help: {who}.", who=who)
        if reason.from_date is not None:
            day = speech.day(reason.from_date)
            words += " " + speech.say("Från och med {day}.", "From {day}.", day=day)
        said.append(words)
    return tuple(said) or (problem.detail,)
