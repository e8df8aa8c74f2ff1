"""What is written about a case while it is being erased goes with it, or is refused; on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Event
from typing import Any

import pytest

from engine.errors import GuardRefused
from engine.follow_ups import FollowUps
from engine.form_drafts import FormDrafts
from engine.model import IMPORT_PARTY, Erase, ErasureReason, Request
from engine.store import follow_up_rows, form_draft_rows
from tests.engine.house import INSTITUTION, House, open_house
from tests.engine.lock_waits import until_it_waits

TODAY = date(2026, 12, 21)


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    with open_house(database_url) as opened:
        yield opened


def draft(house: House, case: str) -> None:
    drafts = FormDrafts(house.store, house.clock)
    drafts.save(INSTITUTION, "ann", case=case, form="correct", version=1, given={"reason": ["Stina"]})


def note(house: House, case: str) -> None:
    FollowUps(house.store).set(INSTITUTION, "ann", case, on_day=TODAY, note="Ring Stina", today=TODAY, now=1)


WRITERS = pytest.mark.parametrize(
    ("write", "rows", "table"), [(draft, form_draft_rows, "form_draft"), (note, follow_up_rows, "follow_up_day")]
)


@WRITERS
def test_what_was_being_written_when_a_case_was_erased_goes_with_it(
    house: House, monkeypatch: pytest.MonkeyPatch, write: Callable[[House, str], None], rows: Any, table: str
) -> None:
    case, written, go_on = house.open(), Event(), Event()
    house.take(case, "withdraw")
    put = rows.put

    def put_and_wait(*args: Any, **named: Any) -> None:
        put(*args, **named)
        written.set()
        assert go_on.wait(30)

    monkeypatch.setattr(rows, "put", put_and_wait)
    with ThreadPoolExecutor(2) as pool:
        writing = pool.submit(write, house, case)
        assert written.wait(30)
        erasing = pool.submit(house.ask, Erase(ErasureReason.RETENTION), IMPORT_PARTY, case)
        until_it_waits(house, erasing)
        go_on.set()
        writing.result(30)
        erasing.result(30)
    assert house.case(case).erased
    assert house.rows(table) == []


@WRITERS
def test_what_comes_while_a_case_is_being_erased_is_refused(
    house: House, write: Callable[[House, str], None], rows: Any, table: str
) -> None:
    case = house.open()
    house.take(case, "withdraw")
    with ThreadPoolExecutor(1) as pool:
        with house.store.transaction() as ledger:
            house.cases.step_in(ledger, Request(INSTITUTION, Erase(ErasureReason.RETENTION), IMPORT_PARTY, case=case))
            writing = pool.submit(write, house, case)
            until_it_waits(house, writing)
        with pytest.raises(GuardRefused) as raised:
            writing.result(30)
    assert [reason.code for reason in raised.value.reasons] == ["erased"]
    assert house.rows(table) == []
