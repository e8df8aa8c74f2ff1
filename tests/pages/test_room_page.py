"""A case that would hold too much is told on its own form, and among those that are stuck."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from engine import room
from engine.canonical import micros
from engine.store import stuck_rows
from engine.store.due_rows import Due
from engine.store.stuck_rows import Tried
from engine.tables import Table
from tests.pages.plain import Plain
from tests.pages.serving import Served
from tests.service.office import INSTITUTION, MONDAY

Enter = Callable[..., Plain]


def test_a_correction_that_would_be_too_much_is_told_on_its_form_and_what_was_typed_is_kept(
    served: Served, plainly: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = plainly("officer").go(f"/cases/{served.number('applied')}/correct?fact=wishes")
    monkeypatch.setattr(room, "ROOM", 1_000)
    page.press("Rätta", **{"f.wishes": "\n".join(["Keio " * 30] * 9)}, reason="Fler önskemål.")
    assert page.status == 409
    assert "Mest är ”Önskemål i ordning” (wishes): 2 kB. Korta där eller ta bort" in page.words
    assert "Keio Keio" in page.text


def test_a_step_that_would_be_too_much_is_told_on_its_form(
    served: Served, plainly: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = plainly("admissions").go(f"/cases/{served.number('received')}/steps/set_answer_by")
    monkeypatch.setattr(room, "ROOM", 300)
    page.press("Sätt svarsdag", **{"f.answer_by": "2027-03-01"})
    assert (page.status, "skulle få för mycket uppgifter" in page.words) == (409, True)


@pytest.mark.parametrize(
    ("fault", "helps"),
    [("facts_too_large", "Öppna det och korta"), ("WithoutEnd (review.py, line 7, asks)", "blir aldrig färdigt")],
)
def test_among_the_stuck_it_is_said_what_helps(served: Served, plainly: Enter, fault: str, helps: str) -> None:
    deadline = Table.metadata.tables["deadline"]
    waits = sa.select(deadline).where(deadline.c.case_id == served.office.cases["received"], deadline.c.next_rung != "")
    with served.house.store.writes() as connection:
        row = connection.execute(waits).mappings().first()
        assert row is not None
        due = Due(INSTITUTION, row["case_id"], row["name"], row["since"], row["next_rung"])
        stuck_rows.put(connection, due, Tried(2, micros(MONDAY), micros(MONDAY)), fault)
    page = plainly("admin").go("/admin/stuck")
    assert (fault in page.words, helps in page.words) == (True, True)
