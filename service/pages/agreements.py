"""The register of agreements: found, filtered, with their places; and the balance of who goes out and comes in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from engine.balances import Balance, year_name
from service.pages.agreements_filters import Chosen, chips, found, panel, read, read_year, years
from service.pages.agreements_view import lines_of
from service.pages.balance_view import (
    AgreementBalance,
    BalanceLine,
    balance_lines,
    most_uneven,
    of_agreements,
    uneven_lines,
)
from service.pages.insight_view import READERS, asked_text, must_be_offered
from service.pages.visiting import Visit, Visiting
from service.shapes import Cursor

router = APIRouter(include_in_schema=False)

SHOWN: Final = 25
UNEVEN: Final = 10
YEARS_COMPARED: Final = 5

TOTAL: Final = "total"
YEARS: Final = "years"


@router.get("/agreements")
def agreements(visit: Visiting, cursor: Cursor = None) -> Response:
    """Show the register."""
    visit.must_hold(*READERS)
    chosen = read(visit)
    page = found(visit, chosen, cursor=cursor, limit=SHOWN)
    return visit.page(
        "agreements.html",
        lines=lines_of(visit, page.items),
        year=year_name(chosen.year),
        panel=panel(visit, chosen),
        chips=chips(visit, chosen),
        query=chosen.query,
        cursor=page.next_cursor,
        first_page=cursor is None,
    )


@router.get("/agreements/balance")
def balance(visit: Visiting, cursor: Cursor = None) -> Response:
    """Show students out and in: for each agreement, and (where asked, for it takes longer) in total."""
    visit.must_hold(*READERS)
    year, q, show = read_year(visit), asked_text(visit, "q"), asked_text(visit, "show")
    must_be_offered("show", [show], ("", TOTAL, YEARS))
    page = found(visit, Chosen(year=year, q=q), cursor=cursor, limit=SHOWN)
    # Of no agreement at all it would be the balance of every one.
    ids = tuple(row.case.id for row in page.items)
    rows = _balance(visit, (year,), ids).rows if ids else ()
    return visit.page(
        "agreements_balance.html",
        year=year_name(year),
        years=years(visit, year),
        q=q,
        show=show,
        lines=of_agreements(visit, page.items, rows),
        total=_total(visit, year) if show == TOTAL else None,
        compared=_compared(visit, year) if show == YEARS else None,
        cursor=page.next_cursor,
        first_page=cursor is None,
    )


@dataclass(frozen=True, slots=True)
class Total:
    """A year over all agreements, level by level; and the agreements furthest from balance."""

    levels: tuple[BalanceLine, ...]
    uneven: tuple[AgreementBalance, ...]


def _total(visit: Visit, year: int) -> Total:
    counted = _balance(visit, (year,))
    uneven = most_uneven(counted.rows, UNEVEN)
    return Total(balance_lines(visit, counted.totals), uneven_lines(visit, uneven))


def _compared(visit: Visit, year: int) -> tuple[BalanceLine, ...]:
    """The year chosen and those before it, the latest first."""
    back = range(year, year - YEARS_COMPARED, -1)
    totals = _balance(visit, tuple(back)).totals
    return balance_lines(visit, [row for each in back for row in totals if row.year == each])


def _balance(visit: Visit, years: tuple[int, ...], agreements: tuple[str, ...] = ()) -> Balance:
    return visit.house.insight.balance(visit.institution, visit.person, years=years, agreements=agreements)
