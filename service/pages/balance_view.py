"""The balance of exchanges as its page shows it: out against in, and the difference in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine.balances import AgreementRow, BalanceRow, CaseRef, Side, year_name
from engine.vocabulary import Level
from service.pages.charts import Stretch, apart, longest
from service.pages.codes import code_words
from service.pages.insight_view import Number, number_of
from service.pages.visiting import Visit

MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True, slots=True)
class SideLine:
    """One direction: the students, and their semesters together."""

    students: Number
    semesters: int


@dataclass(frozen=True, slots=True)
class BalanceLine:
    """Out against in of one year and level. `difference` is in words, `signed` the same as a number."""

    year: str
    level: str
    whole: bool
    outgoing: SideLine
    incoming: SideLine
    difference: str
    signed: str
    bar: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class AgreementBalance:
    """An agreement with the balance over all its levels (None: nobody has a place that year), and level by level."""

    number: str
    title: str
    state: str
    final: bool
    whole: BalanceLine | None
    levels: tuple[BalanceLine, ...]


def balance_lines(visit: Visit, rows: Sequence[BalanceRow]) -> tuple[BalanceLine, ...]:
    """Balances to stand under one another; their bars share one scale."""
    most = longest(side.students.count for row in rows for side in (row.outgoing, row.incoming))
    return tuple(_line(visit, row, most) for row in rows)


def _line(visit: Visit, row: BalanceRow, most: int) -> BalanceLine:
    return BalanceLine(
        year=year_name(row.year),
        level=_level(visit, row.level),
        whole=row.level is None,
        outgoing=_side(row.outgoing),
        incoming=_side(row.incoming),
        difference=difference(visit, row.imbalance),
        signed=signed(row.imbalance),
        bar=apart(row.outgoing.students.count, row.incoming.students.count, most),
    )


def _level(visit: Visit, level: Level | None) -> str:
    return visit.say("Alla nivåer", "All levels") if level is None else visit.speech.text(code_words("Level", level))


def _side(side: Side) -> SideLine:
    return SideLine(number_of(side.students), side.semesters)


def difference(visit: Visit, imbalance: int) -> str:
    """How many more went out than came in, in words."""
    if imbalance == 0:
        return visit.say("lika många ut som in", "as many out as in")
    if imbalance > 0:
        return visit.say("{n} fler ut än in", "{n} more out than in", n=imbalance)
    return visit.say("{n} fler in än ut", "{n} more in than out", n=-imbalance)


def signed(number: int) -> str:
    """A number with its sign: `+5`, `−5`, `0`."""
    return f"+{number}" if number > 0 else f"{MINUS}{-number}" if number else "0"


def of_agreements(
    visit: Visit, agreements: Iterable[AgreementRow], rows: Sequence[BalanceRow]
) -> tuple[AgreementBalance, ...]:
    """The balance of each agreement, in their order; `rows` are those of one year."""
    most = longest(side.students.count for row in rows for side in (row.outgoing, row.incoming))
    under: dict[str, list[BalanceRow]] = {}
    for row in rows:
        if row.agreement is not None:
            under.setdefault(row.agreement.id, []).append(row)
    return tuple(_agreement(visit, each.case, under.get(each.case.id, []), most) for each in agreements)


def uneven_lines(visit: Visit, rows: Sequence[BalanceRow]) -> tuple[AgreementBalance, ...]:
    """Agreements by their balance over all levels, in the order of the rows."""
    most = longest(side.students.count for row in rows for side in (row.outgoing, row.incoming))
    return tuple(_agreement(visit, row.agreement, [row], most) for row in rows if row.agreement)


def _agreement(visit: Visit, case: CaseRef, balances: list[BalanceRow], most: int) -> AgreementBalance:
    whole = [each for each in balances if each.level is None]
    levels = [each for each in balances if each.level is not None]
    return AgreementBalance(
        number=case.number,
        title=case.title,
        state=visit.speech.text(case.label),
        final=case.final,
        whole=_line(visit, whole[0], most) if whole else None,
        levels=tuple(_line(visit, each, most) for each in levels),
    )


def most_uneven(rows: Iterable[BalanceRow], limit: int) -> tuple[BalanceRow, ...]:
    """The agreements furthest from balance, the furthest first."""
    whole = [row for row in rows if row.level is None and row.agreement is not None and row.imbalance]
    return tuple(sorted(whole, key=lambda row: -abs(row.imbalance))[:limit])
