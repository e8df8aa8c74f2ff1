"""Reviews of eligibility as a grid: applicants against courses, requirement by requirement.

Which facts and steps of the process `eligibility_review` are shown stands here once; a test
holds that the process has them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Final

from engine.errors import BadFields
from engine.grids import GridFilter, GridRow, Grids
from engine.listing import line_of
from engine.model import Case
from engine.vocabulary import Reason, Text, Transition
from service.pages.codes import code_words
from service.pages.filters import LONGEST, SEVERAL, Chosen, read, states_of
from service.pages.filters_view import Narrowing, Option
from service.pages.lists_view import may_ask
from service.pages.visiting import Visit
from service.sent import is_text

WORKFLOW: Final = "eligibility_review"
COURSE: Final = ("course", "course_code")
NARROWS: Final = ("round", "term", "course")
"""The facts by which a grid is narrowed."""

OPEN: Final = "open"
ALL: Final = "all"

COLUMNS: Final = 6
"""So many courses stand beside each other; of more, those with most reviews."""

APPLICANTS: Final = 40
"""So many applicants stand on a page."""

SIGNS: Final[Mapping[str | None, str]] = {"met": "✓", "equivalent": "≈", "exempted": "◇", "not_met": "✗", None: "?"}
"""Beside the words of an assessment, never instead of them."""

NOT_ASSESSED: Final = Text("Inte bedömt", "Not assessed")
_NO_SUCH: Final = Text("Välj status och filter i listorna.", "Choose status and filters from the lists.")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the reader chose. `state` is one of the process, OPEN or ALL; `page` counts from 1."""

    units: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    state: str
    page: int

    def fact(self, name: str) -> str:
        """What a fact must say; empty where anything will do."""
        return next((value for key, value in self.facts if key == name), "")

    def filter(self, *, facts: bool = True) -> GridFilter:
        """What the engine is asked; without `facts`, as if none were chosen."""
        return GridFilter(
            workflow=WORKFLOW,
            unit=self.units,
            state=() if self.state in {OPEN, ALL} else (self.state,),
            closed=False if self.state == OPEN else None,
            facts=self.facts if facts else (),
        )


def wanted(visit: Visit) -> Wanted:
    """Read the address. Raises BadFields."""
    asked = visit.request.query_params
    chosen = read(visit.house.catalogue, [(n, v) for n, v in asked.multi_items() if n == SEVERAL[2]])
    facts = tuple((name, asked[name].strip()) for name in NARROWS if asked.get(name, "").strip())
    state, page = asked.get("state") or OPEN, asked.get("page", "1")
    sound = all(len(value) <= LONGEST and is_text(value) for _, value in facts)
    known = state in {OPEN, ALL, *states_of(visit.house.catalogue, WORKFLOW)}
    if not sound or not known or not (page.isascii() and page.isdigit() and len(page) < 6):  # noqa: PLR2004 - no grid has more pages
        raise BadFields(_NO_SUCH, (Reason("form", _NO_SUCH),))
    return Wanted(chosen.many("unit"), facts, state, max(int(page), 1))


# What there is to choose.


@dataclass(frozen=True, slots=True)
class Panel:
    """The filter form."""

    rounds: tuple[Option, ...]
    terms: tuple[Option, ...]
    courses: tuple[Option, ...]
    states: tuple[Option, ...]
    units: tuple[Option, ...]


def panel_of(visit: Visit, asked: Wanted) -> Panel:
    """What can be chosen, with how many reviews each has; what was chosen stays, though it has none."""
    names = ("round", "term", "course")
    found = Grids(visit.house.cases).values(visit.institution, visit.person, asked.filter(facts=False), names=names)
    counts: dict[str, Counter[str]] = {name: Counter() for name in names}
    for values, count in found:
        for name, value in zip(names, values, strict=True):
            if value is not None:
                counts[name][value] += count
    rounds, terms, courses = (_options(counts[name], asked.fact(name)) for name in names)
    narrowing = Narrowing(visit, "/eligibility", Chosen(tuple(("unit", unit) for unit in asked.units)))
    units = tuple(Option(code, visit.unit_name(code), code in asked.units) for code in narrowing.units())
    return Panel(rounds, terms, courses, _states(visit, asked), units)


def _options(counts: Counter[str], chosen: str) -> tuple[Option, ...]:
    there = sorted({*counts, *([chosen] if chosen else [])}, key=str.casefold)
    return tuple(Option(value, f"{value} ({counts[value]})", value == chosen) for value in there)


def _states(visit: Visit, asked: Wanted) -> tuple[Option, ...]:
    several = {
        OPEN: visit.say("Alla öppna", "All open"),
        ALL: visit.say("Alla, även avslutade", "All, closed ones too"),
    }
    labels = states_of(visit.house.catalogue, WORKFLOW)
    said = {**several, **{name: visit.speech.text(label) for name, label in labels.items()}}
    return tuple(Option(name, words, name == asked.state) for name, words in said.items())


# One review.


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement of a course and how it was judged, in the reader's words. `sign` stands beside the words."""

    name: str
    sign: str
    words: str
    replaced_by: str
    reason: str
    mandate: str


@dataclass(frozen=True)
class Review:
    """One review: of one applicant for one course."""

    visit: Visit
    case: Case

    def fact(self, name: str) -> Any:
        """What a fact says."""
        return self.case.facts.get(name)

    @cached_property
    def course(self) -> tuple[str, str]:
        """Name and code of the course."""
        return self.fact("course") or "", self.fact("course_code") or ""

    @cached_property
    def line(self) -> Any:
        """State, and what is owed first."""
        return line_of(self.visit.house.catalogue, self.case)

    @cached_property
    def requirements(self) -> tuple[Requirement, ...]:
        """Requirement by requirement."""
        return tuple(_requirement(self.visit, each) for each in self.fact("requirements") or ())

    @property
    def settle_by(self) -> date | None:
        """The day by which a condition must be met."""
        written = self.fact("settle_by")
        return date.fromisoformat(written) if written else None

    @cached_property
    def steps(self) -> tuple[Transition, ...]:
        """The steps that leave its state which the reader's roles can take; those of this very state first."""
        offered = self.visit.house.catalogue.by_hash(self.case.definition).offered[self.case.state]
        return tuple(
            sorted((step for step in offered if may_ask(self.visit.roles, step)), key=lambda step: len(step.sources))
        )


def _requirement(visit: Visit, each: Mapping[str, Any]) -> Requirement:
    assessment = each.get("assessment")
    words = code_words("Assessment", assessment) if assessment else NOT_ASSESSED
    return Requirement(
        name=each.get("name") or "–",
        sign=SIGNS.get(assessment, "?"),
        words=visit.speech.text(words),
        replaced_by=each.get("replaced_by") or "",
        reason=each.get("reason") or "",
        mandate=each.get("mandate") or "",
    )


# The grid.


@dataclass(frozen=True, slots=True)
class Course:
    """A column: a course, and how many reviews it has."""

    name: str
    code: str
    count: int


@dataclass(frozen=True, slots=True)
class Applicant:
    """A row: an applicant by name (None: not known, or erased), with how many reviews, and those of each column."""

    subject: str | None
    name: str | None
    count: int
    cells: tuple[tuple[Review, ...], ...]


@dataclass(frozen=True, slots=True)
class StepsOf:
    """The steps that can be asked for many reviews in one state."""

    label: Text
    steps: tuple[Transition, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """Applicants against courses. `left_out` are courses without a column; `applicants` counts over all pages."""

    courses: tuple[Course, ...]
    left_out: tuple[Course, ...]
    rows: tuple[Applicant, ...]
    reviews: int
    applicants: int
    pages: int
    steps: tuple[StepsOf, ...]


def grid_of(visit: Visit, asked: Wanted) -> Grid:
    """The grid, as far as the reader may read it."""
    found = Grids(visit.house.cases).rows(visit.institution, visit.person, asked.filter(), names=COURSE)
    courses = _courses(found)
    columns = tuple(sorted(courses[:COLUMNS], key=lambda course: (course.name.casefold(), course.code)))
    places = {(course.name, course.code): place for place, course in enumerate(columns)}
    people: dict[str, list[GridRow]] = {}
    for row in found:
        people.setdefault(row.subject or row.case, []).append(row)
    there = [rows for rows in people.values() if any(_course(row) in places for row in rows)]
    page = there[(asked.page - 1) * APPLICANTS : asked.page * APPLICANTS]
    reviews = _reviews(visit, [row.case for rows in page for row in rows if _course(row) in places])
    return Grid(
        courses=columns,
        left_out=courses[COLUMNS:],
        rows=tuple(_applicant(rows, reviews, len(columns), places) for rows in page),
        reviews=len(found),
        applicants=len(there),
        pages=-(-len(there) // APPLICANTS),
        steps=_steps(visit, reviews.values()),
    )


def _course(row: GridRow) -> tuple[str, str]:
    name, code = row.texts
    return name or "", code or ""


def _courses(found: Iterable[GridRow]) -> tuple[Course, ...]:
    counted = Counter(map(_course, found))
    return tuple(
        Course(name, code, count)
        for (name, code), count in sorted(counted.items(), key=lambda each: (-each[1], each[0]))
    )


def _reviews(visit: Visit, ids: Sequence[str]) -> dict[str, Review]:
    cases = visit.house.queries.these(visit.institution, visit.person, ids)
    return {case.id: Review(visit, case) for case in cases}


def _applicant(
    rows: Sequence[GridRow], reviews: Mapping[str, Review], width: int, places: Mapping[tuple[str, str], int]
) -> Applicant:
    cells: list[list[Review]] = [[] for _ in range(width)]
    for row in rows:
        if row.case in reviews and _course(row) in places:
            cells[places[_course(row)]].append(reviews[row.case])
    return Applicant(rows[0].subject, rows[0].name, len(rows), tuple(map(tuple, cells)))


def _steps(visit: Visit, reviews: Iterable[Review]) -> tuple[StepsOf, ...]:
    """What can be asked for many of those shown, by the state they are in."""
    there = {review.case.state: review for review in reviews if review.steps}
    definition = visit.house.catalogue.current(WORKFLOW)
    return tuple(StepsOf(state.label, there[name].steps) for name, state in definition.states.items() if name in there)


# One applicant.


def reviews_about(visit: Visit, subject: str) -> tuple[str | None, tuple[Review, ...]]:
    """An applicant's name and reviews, open ones first."""
    asked = GridFilter(workflow=WORKFLOW, subject=subject)
    found = Grids(visit.house.cases).rows(visit.institution, visit.person, asked, names=COURSE)
    reviews = _reviews(visit, [row.case for row in found]).values()
    ordered = sorted(reviews, key=lambda review: (review.line.final, review.course))
    return (found[0].name if found else None), tuple(ordered)
