"""What agreements say and hold, counted: conditions, places taken and left, students out and in.

A case holds a place in the states its workflow declares so, final ones too (`State.holds_place`);
its agreement keeps who does, as `held`. So whoever withdrew before the stay is not counted, and
whoever has come home is. What a stay is (direction, level, year) its workflow's `Holds.stay` tells.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from pydantic import BaseModel, ConfigDict

from engine.definition import Definition
from engine.model import Case, DeadlineRow
from engine.selecting import Counted, Selection
from engine.views import Lens
from engine.vocabulary import Direction, Fire, Held, Level, Stay, Text, Workflow, months_from

YEAR_TURNS_IN = 7
"""The month in which one academic year gives way to the next (July, as in incoming nominations)."""

SOON_MONTHS = 12
"""How long before its end an agreement counts as expiring in the register."""


@dataclass(frozen=True, slots=True)
class CaseRef:
    """A case as a list names it."""

    id: str
    number: str
    title: str
    workflow: str
    state: str
    label: Text
    unit: str
    final: bool


class Condition(BaseModel):
    """One cooperation condition: places in one direction that levels and fields share; none named: all."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    direction: Direction
    places: int
    levels: tuple[Level, ...] = ()
    fields: tuple[str, ...] = ()
    months: int | None = None


class Terms(BaseModel):
    """What the register shows of an agreement's facts.

    This is the one place where the engine knows such facts by name. A workflow that offers
    places and declares facts of these names is shown with them; others without.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    partner: str | None = None
    partner_name: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    rows: tuple[Condition, ...] = ()
    held: tuple[Held, ...] = ()


@dataclass(frozen=True, slots=True)
class ConditionRow:
    """A condition with its places, in semesters of one academic year. `cases` hold the places taken."""

    name: str
    direction: Direction
    levels: tuple[Level, ...]
    fields: tuple[str, ...]
    months: int | None
    places: int
    taken: int
    left: int
    cases: Counted


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """An agreement in the register. Days are local; `year` is the academic year its places are shown for.

    `ends_on` is the last day in force as far as it is known: by its own end, or by notice.
    `renewal` is the open renewal, else the last one.
    """

    case: CaseRef
    partner: str | None
    partner_name: str | None
    valid_from: date | None
    valid_to: date | None
    ends_on: date | None
    expiring: bool
    year: int
    conditions: tuple[ConditionRow, ...]
    renewal: CaseRef | None


@dataclass(frozen=True, slots=True)
class Side:
    """One direction of a balance: how many students, and how many semesters they are away together."""

    students: Counted
    semesters: int


@dataclass(frozen=True, slots=True)
class BalanceRow:
    """Out and in for one year and level (None: all levels), of one agreement (None: of all)."""

    agreement: CaseRef | None
    year: int
    level: Level | None
    outgoing: Side
    incoming: Side

    @property
    def imbalance(self) -> int:
        """How many students more went out than came in."""
        return self.outgoing.students.count - self.incoming.students.count

    @property
    def semesters(self) -> int:
        """How many semesters more were spent out than in."""
        return self.outgoing.semesters - self.incoming.semesters


@dataclass(frozen=True, slots=True)
class Balance:
    """Rows by year, agreement and level; and the same over all agreements. Years rise."""

    years: tuple[int, ...]
    rows: tuple[BalanceRow, ...]
    totals: tuple[BalanceRow, ...]


@dataclass(frozen=True, slots=True)
class Holding:
    """A place held: by which case, under which agreement, and for what stay (None where it is not known)."""

    agreement: str
    held: Held
    year: int
    direction: Direction | None
    level: Level | None


def year_name(begins: int) -> str:
    """Write an academic year, 2027 as "2027/2028"."""
    return f"{begins:04d}/{begins + 1:04d}"


def year_of(written: str) -> int | None:
    """Read the calendar year an academic year begins in, from "2027/28" or "2027/2028"; else None."""
    return int(written[:4]) if re.fullmatch(r"[0-9]{4}(/([0-9]{2}|[0-9]{4}))?", written) else None


def year_on(day: date) -> int:
    """Give the academic year a local day lies in, by the calendar year it begins in."""
    return day.year if day.month >= YEAR_TURNS_IN else day.year - 1


def case_ref(definition: Definition, case: Case) -> CaseRef:
    """Name a case for a list."""
    state = definition.states[case.state]
    return CaseRef(case.id, case.number, case.title, case.workflow, case.state, state.label, case.unit, state.final)


def terms_of(case: Case) -> Terms:
    """Read what the register shows of an agreement; nothing of one whose facts were erased."""
    return Terms.model_validate(case.facts)


def endings(workflow: Workflow) -> frozenset[str]:
    """Name the deadlines by which the clock ends a case of this workflow."""
    finals = {state.name for state in workflow.states if state.final}
    ends = {step.trigger for step in workflow.transitions if step.to in finals}
    return frozenset(
        deadline.name
        for deadline in workflow.deadlines
        for rung in deadline.ladder
        if isinstance(rung.does, Fire) and rung.does.trigger in ends
    )


def matters(workflow: Workflow, holding: Collection[str]) -> tuple[tuple[str, str], ...]:
    """Give (workflow, link) of the cases about an agreement that hold no place: its renewals."""
    found = ((each.workflow, each.link) for each in workflow.related if each.link and each.workflow not in holding)
    return tuple(dict.fromkeys(found))


def ends_on(terms: Terms, deadlines: Iterable[DeadlineRow], named: Collection[str]) -> date | None:
    """Give the earliest of its own last day and the days on which the clock will end it."""
    days = [row.due_on for row in deadlines if row.open and row.name in named]
    return min((day for day in (terms.valid_to, *days) if day), default=None)


def soon(today: date) -> date:
    """Give the last day on which an agreement's end still counts as near."""
    return months_from(today, SOON_MONTHS)


def agreement_row(lens: Lens, case: Case, *, year: int, today: date, renewal: CaseRef | None) -> AgreementRow:
    """Put one agreement together for the register."""
    definition, terms = lens.definition(case), terms_of(case)
    ends = ends_on(terms, case.deadlines, endings(definition.workflow))
    return AgreementRow(
        case=case_ref(definition, case),
        partner=terms.partner,
        partner_name=terms.partner_name,
        valid_from=terms.valid_from,
        valid_to=terms.valid_to,
        ends_on=ends,
        expiring=case.closed_at is None and ends is not None and ends <= soon(today),
        year=year,
        conditions=tuple(_condition(lens, case, row, year, terms.held) for row in terms.rows),
        renewal=renewal,
    )


def _condition(lens: Lens, case: Case, row: Condition, year: int, held: tuple[Held, ...]) -> ConditionRow:
    taken = [each for each in held if each.row == row.name and year_of(each.academic_year) == year]
    offers = lens.definition(case).workflow.offers
    chosen = Selection(held_under=case.id, academic_year=year, row=row.name)
    return ConditionRow(
        name=row.name,
        direction=row.direction,
        levels=row.levels,
        fields=row.fields,
        months=row.months,
        places=row.places,
        taken=sum(each.semesters for each in taken),
        left=offers.left(lens.view(case), row.name, year_name(year)) if offers else 0,
        cases=Counted(len({each.case for each in taken}), chosen),
    )


def held_in(agreements: Iterable[Case], years: Collection[int] = ()) -> Iterator[tuple[Case, Held, int]]:
    """Give every place held under these agreements in these academic years (none named: in any)."""
    for agreement in agreements:
        for held in terms_of(agreement).held:
            year = year_of(held.academic_year)
            if year is not None and (not years or year in years):
                yield agreement, held, year


def holdings(lens: Lens, agreements: Iterable[Case], years: Collection[int] = ()) -> tuple[Holding, ...]:
    """Tell the places held apart by direction and level.

    `lens` sees the holders; of one it does not see, only the condition's direction is told.
    """
    return tuple(_holding(lens, *place) for place in held_in(agreements, years))


def _holding(lens: Lens, agreement: Case, held: Held, year: int) -> Holding:
    stay = _stay(lens, held.case)
    if stay is not None:
        return Holding(agreement.id, held, year, stay.direction, stay.level)
    rows = {row.name: row.direction for row in terms_of(agreement).rows}
    return Holding(agreement.id, held, year, rows.get(held.row), None)


def _stay(lens: Lens, case: str) -> Stay | None:
    # An erased case has no facts left to make a view of.
    found = lens.cases.get(case)
    if found is None or not found.facts:
        return None
    holds = lens.definition(found).workflow.holds
    return holds.stay(lens.view(found)) if holds else None


def balance(found: Collection[Holding], agreements: Mapping[str, CaseRef]) -> Balance:
    """Count places held by year, agreement and level, out against in."""
    years = tuple(sorted({place.year for place in found}))
    rows = [row for year in years for row in _by_agreement([p for p in found if p.year == year], year, agreements)]
    totals = [row for year in years for row in _by_level([p for p in found if p.year == year], year, None)]
    return Balance(years, tuple(rows), tuple(totals))


def _by_agreement(found: list[Holding], year: int, agreements: Mapping[str, CaseRef]) -> Iterator[BalanceRow]:
    under: dict[str, list[Holding]] = {}
    for place in found:
        under.setdefault(place.agreement, []).append(place)
    for agreement in sorted(under, key=lambda each: (agreements[each].title, each)):
        yield from _by_level(under[agreement], year, agreements[agreement])


def _by_level(found: list[Holding], year: int, agreement: CaseRef | None) -> Iterator[BalanceRow]:
    """Give a row for each level there is, lowest first, and one over all levels."""
    there = {place.level for place in found}
    for level in (*(level for level in Level if level in there), None):

        def side(direction: Direction, level: Level | None = level) -> Side:
            mine = [p for p in found if p.direction is direction and (level is None or p.level is level)]
            chosen = Selection(
                held_under=agreement.id if agreement else None,
                academic_year=year,
                direction=direction.value,
                level=level.value if level else None,
            )
            return Side(Counted(len({p.held.case for p in mine}), chosen), sum(p.held.semesters for p in mine))

        yield BalanceRow(agreement, year, level, side(Direction.OUTGOING), side(Direction.INCOMING))


def chosen_by(selection: Selection) -> Callable[[Holding], bool]:
    """Make a function that tells whether a selection means a place held."""
    asked = {
        "agreement": selection.held_under,
        "year": selection.academic_year,
        "direction": selection.direction,
        "level": selection.level,
    }
    wanted = {name: value for name, value in asked.items() if value is not None}

    def is_meant(place: Holding) -> bool:
        right = all(getattr(place, name) == value for name, value in wanted.items())
        return right and selection.row in {None, place.held.row}

    return is_meant
