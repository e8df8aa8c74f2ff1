"""An agreement of the register as its page shows it: how long it runs, its conditions and places, its renewal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import urlencode

from engine.balances import AgreementRow, CaseRef, ConditionRow
from engine.vocabulary import months_from
from service.pages.agreements_filters import PATH
from service.pages.charts import Stretch, single
from service.pages.codes import code_words
from service.pages.insight_view import Number, number_of
from service.pages.saying import Speech
from service.pages.visiting import Visit

DAYS_SAID: Final = 45
"""An end that is no further away is said in days."""

MONTHS_SAID: Final = 24
"""An end that is further away is said in years."""


@dataclass(frozen=True, slots=True)
class ConditionLine:
    """A condition with its places, in semesters of the year shown. `students` hold those that are taken."""

    name: str
    direction: str
    levels: str
    fields: str
    months: int | None
    places: int
    taken: int
    left: int
    students: Number
    bar: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class RenewalLine:
    """The case about an agreement's renewal."""

    number: str
    state: str
    final: bool


@dataclass(frozen=True, slots=True)
class AgreementLine:
    """An agreement in the reader's language. `ends` says in words when it ends; empty where it has no known end."""

    number: str
    title: str
    partner: str
    partner_href: str | None
    state: str
    final: bool
    unit: str
    unit_code: str
    valid_from: date | None
    valid_to: date | None
    ends_on: date | None
    ends: str
    expiring: bool
    conditions: tuple[ConditionLine, ...]
    renewal: RenewalLine | None


def lines_of(visit: Visit, rows: Iterable[AgreementRow]) -> tuple[AgreementLine, ...]:
    """The agreements of a page of the register."""
    return tuple(_line(visit, row) for row in rows)


def _line(visit: Visit, row: AgreementRow) -> AgreementLine:
    case = row.case
    return AgreementLine(
        number=case.number,
        title=case.title,
        partner=row.partner_name or "",
        partner_href=f"{PATH}?{urlencode({'partner': row.partner})}" if row.partner else None,
        state=visit.speech.text(case.label),
        final=case.final,
        unit=visit.unit_name(case.unit),
        unit_code=case.unit,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        ends_on=row.ends_on,
        ends="" if case.final else ends_in(visit.speech, row.ends_on),
        expiring=row.expiring,
        conditions=tuple(_condition(visit, each) for each in row.conditions),
        renewal=_renewal(visit, row.renewal),
    )


def _condition(visit: Visit, row: ConditionRow) -> ConditionLine:
    text = visit.speech.text
    return ConditionLine(
        name=row.name,
        direction=text(code_words("Direction", row.direction)),
        levels=", ".join(text(code_words("Level", level)) for level in row.levels),
        fields=", ".join(row.fields),
        months=row.months,
        places=row.places,
        taken=row.taken,
        left=row.left,
        students=number_of(row.cases),
        bar=single(row.taken, row.taken + row.left, "taken"),
    )


def _renewal(visit: Visit, case: CaseRef | None) -> RenewalLine | None:
    return None if case is None else RenewalLine(case.number, visit.speech.text(case.label), case.final)


def ends_in(speech: Speech, ends_on: date | None) -> str:
    """When something ends, in words: `löper ut om 5 månader`, whole months, rounded down."""
    if ends_on is None:
        return ""
    away = (ends_on - speech.today).days
    if away < 0:
        return speech.say("gick ut för {days} sedan", "ended {days} ago", days=_days(speech, -away))
    if away == 0:
        return speech.say("löper ut i dag", "ends today")
    months = whole_months(speech.today, ends_on)
    if away <= DAYS_SAID:
        said = _days(speech, away)
    elif months < MONTHS_SAID:
        said = speech.many(months, ("månad", "månader"), ("month", "months"))
    else:
        said = speech.many(months // 12, ("år", "år"), ("year", "years"))
    return speech.say("löper ut om {said}", "ends in {said}", said=said)


def _days(speech: Speech, days: int) -> str:
    return speech.many(days, ("dag", "dagar"), ("day", "days"))


def whole_months(first: date, last: date) -> int:
    """How many calendar months lie between two days; a month that is not over does not count."""
    months = (last.year - first.year) * 12 + last.month - first.month
    return months if months_from(first, months) <= last else months - 1
