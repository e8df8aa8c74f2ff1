"""A list is the same whether what it holds is gathered and put in order, or its order is walked to a full page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from engine.store import narrowing, ordering, scope, searching
from engine.store.narrowing import CaseFilter
from tests.engine.house import INSTITUTION, House, open_house
from tests.engine.rows_by_hand import queries_of, rows_of

SORTS = ("opened", "-updated", "number", "due", "-due")
FILTERS: tuple[dict[str, Any], ...] = (
    {}, {"closed": False}, {"closed": True}, {"workflow": ("stay",)}, {"workflow": ("stay", "contract")},
    {"state": ("asked",)}, {"unit": ("b",)}, {"overdue": True}, {"due": "overdue"}, {"due": "none"},
    {"unassigned": True}, {"q": "wien"}, {"q": "åsa"}, {"q": "s"}, {"q": "wien", "closed": False},
)  # fmt: skip
PEOPLE = ("olle", "ann", "adam")
"""Who reads all, a unit with what is linked to it, and nothing."""


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    """Twelve stays in two units, alike in what they are ordered by, some of them under a contract in the other unit."""
    with open_house(database_url) as made:
        rows = rows_of(made)
        rows.person("s", "Åsa Öberg")
        rows.case("con", workflow="contract", state="active", unit="a", title="Wien")
        for n in range(12):
            ended = {"state": "finished", "closed_at": 5} if n % 3 == 0 else {}
            rows.case(
                f"s{n:02}", unit="ab"[n % 2], title="Wien" if n % 4 else "Graz", subject="s" if n % 5 else None,
                opened_at=n // 2, updated_at=n // 3, due_at=n // 4 if n % 2 else None,
                missed_at=n if n % 6 == 1 else None, **ended,
            )  # fmt: skip
        rows.link("s01", "contract", "con")
        rows.link("s03", "contract", "con")
        yield made


def ids(house: House, who: str, sort: str, narrowed: CaseFilter) -> list[str]:
    """The whole list, page by page."""
    found: list[str] = []
    cursor: str | None = None
    while True:
        page = queries_of(house).list_cases(
            INSTITUTION, who, narrowed=narrowed, sort=sort, cursor=cursor, limit=5, counted=True
        )
        found += [case.id for case in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return found


@pytest.mark.parametrize("who", PEOPLE)
def test_every_list_is_the_same_whichever_way_is_gone(house: House, who: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ordering, "LOOKED", 7)  # so that some pages of words end before they are full
    asked = [(sort, CaseFilter(**narrowed)) for sort in SORTS for narrowed in FILTERS]
    gathered = [ids(house, who, sort, narrowed) for sort, narrowed in asked]
    for module, bound in ((searching, "FEW"), (narrowing, "COUNTED"), (scope, "MANY")):
        monkeypatch.setattr(module, bound, 0)

    assert [ids(house, who, sort, narrowed) for sort, narrowed in asked] == gathered
    assert who == "adam" or any(len(each) > 5 for each in gathered)


def test_what_is_counted_no_further_says_that_there_is_more(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(narrowing, "COUNTED", 4)
    queries, open_ones = queries_of(house), CaseFilter(closed=False)
    page = queries.list_cases(INSTITUTION, "olle", narrowed=open_ones, limit=3, counted=True)
    few = queries.list_cases(INSTITUTION, "olle", narrowed=CaseFilter(closed=True), limit=3, counted=True)

    assert (page.total, page.more) == (4, True)
    assert (few.total, few.more) == (4, False)


def test_words_that_many_say_are_counted_no_further_than_the_page(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "FEW", 0)
    queries = queries_of(house)
    short = queries.list_cases(INSTITUTION, "olle", narrowed=CaseFilter(q="wien"), limit=3, counted=True)
    whole = queries.list_cases(INSTITUTION, "olle", narrowed=CaseFilter(q="wien"), limit=50, counted=True)

    assert (short.total, short.more) == (3, True)
    assert (whole.total, whole.more) == (10, False)


def test_a_search_that_has_looked_far_enough_goes_on_with_the_next_page(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "FEW", 0)
    monkeypatch.setattr(ordering, "LOOKED", 2)
    queries, graz = queries_of(house), CaseFilter(q="graz")
    first = queries.list_cases(INSTITUTION, "olle", narrowed=graz, sort="number", counted=True)
    whole = ids(house, "olle", "number", graz)

    assert ([case.id for case in first.items], first.more) == (["s00"], True)
    assert whole == ["s00", "s04", "s08"]
