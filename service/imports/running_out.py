"""Says which agreements stop the next call or nomination: they end before its stays do.

The rule is the agreements' own (PROCESSES 0, in force): to the day after the stay ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from adapters.values_terms import Semester, Term
from engine.model import Case
from engine.vocabulary import Text
from service.imports.report import Stopped
from service.imports.terms import day_in, days_of, figure, next_on

NAMES = {Term.AUTUMN: Text("hösten", "the autumn of"), Term.SPRING: Text("våren", "the spring of")}


@dataclass(frozen=True, slots=True)
class Round:
    """The next call, or the next nomination for a term: until when its stays last, and its day."""

    name: Text
    closes_on: date
    stays_end_on: date


def stopped(case: Case, figures: Mapping[str, Any], today: date) -> tuple[Stopped, ...]:
    """What the agreement stops: the rounds whose stays it does not cover, the next first."""
    until = holds_until(case)
    if until is None:
        return ()
    facts = case.facts
    failing = [each for each in rounds(facts, figures, today) if until <= each.stays_end_on]
    return tuple(
        Stopped(
            number=case.number,
            reference=facts.get("reference"),
            partner=str(facts.get("partner_name") or "–"),
            holds_until=until,
            stops=each.name,
            closes_on=each.closes_on,
        )
        for each in sorted(failing, key=lambda each: each.closes_on)
    )


def holds_until(case: Case) -> date | None:
    """The last day in force, by the agreement's end or by notice; None without an end."""
    notice = case.facts.get("notice") or {}
    days = [_day(case.facts.get("valid_to"))]
    if takes_effect := _day(notice.get("takes_effect_on")):
        days.append(takes_effect - timedelta(days=1))
    return min((day for day in days if day), default=None)


def rounds(facts: Mapping[str, Any], figures: Mapping[str, Any], today: date) -> Iterator[Round]:
    """The next nomination for an autumn and for a spring, and the next call where its day is known."""
    for term in Term:
        yield _nomination(facts, figures, today, term)
    if opens := facts.get("call_opens"):
        opens_on = next_on(opens, today)
        first = _term_after(opens_on, Term.AUTUMN, figures)
        last = days_of(Semester(first.year + 1, Term.SPRING), figures).last
        yield Round(
            Text(
                f"stoppar utlysningen för läsåret {first.academic_year}, som öppnar {opens_on}",
                f"stops the call for {first.academic_year}, which opens {opens_on}",
            ),
            opens_on,
            last,
        )


def _nomination(facts: Mapping[str, Any], figures: Mapping[str, Any], today: date, term: Term) -> Round:
    """The next nomination for the term: by the partner's day where the agreement names one."""
    by = str(facts.get(f"nomination_{term}") or figure(figures, f"nomination_{term}"))
    closes_on = next_on(by, today)
    semester = _term_after(closes_on, term, figures)
    name = NAMES[term]
    return Round(
        Text(
            f"stoppar nomineringen för {name.sv} {semester.year}, senast {closes_on}",
            f"stops the nomination for {name.en} {semester.year}, due {closes_on}",
        ),
        closes_on,
        days_of(semester, figures).last,
    )


def _term_after(day: date, term: Term, figures: Mapping[str, Any]) -> Semester:
    """The first such term that begins after a day."""
    begins = day_in(day.year, figure(figures, f"{term}_begins"))
    return Semester(day.year if begins > day else day.year + 1, term)


def _day(written: Any) -> date | None:
    return date.fromisoformat(written) if written else None
