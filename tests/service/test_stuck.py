"""What is stuck is seen: by an administrator at a page, and at the command line; both can have it tried again."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from engine.canonical import micros
from engine.store import stuck_rows
from engine.store.due_rows import Due
from engine.store.stuck_rows import Tried
from engine.tables import Table
from engine.tokens import Caller
from tests.service.office import INSTITUTION, MONDAY, Office


def held_up(office: Office) -> dict[str, Any]:
    """A case whose next rung could not be fired twice."""
    case, deadline = office.review(), Table.metadata.tables["deadline"]
    with office.house.store.writes() as connection:
        waits = sa.select(deadline).where(deadline.c.case_id == case["id"], deadline.c.next_rung.is_not(None))
        row = connection.execute(waits).mappings().first()
        assert row is not None
        due = Due(INSTITUTION, case["id"], row["name"], row["since"], row["next_rung"])
        later = micros(MONDAY) + 60_000_000
        stuck_rows.put(connection, due, Tried(2, micros(MONDAY), later), "KeyError (review.py, line 7, may_answer)")
    return case


def page_as(office: Office, who: str, method: str = "GET", rest: str = "", body: str = "") -> Any:
    secret = office.house.sessions.begin(Caller(INSTITUTION, office.ids[who]))
    visitor = office.house.sessions.visitor(secret)
    assert visitor is not None
    headers = {"Cookie": f"fardplan={secret}; fardplan_language=sv", "Accept": "text/html"}
    headers["Content-Type"] = "application/x-www-form-urlencoded"
    return office.send(method, f"/admin/stuck{rest}", f"csrf={visitor.csrf}{body}".encode(), headers)


def test_an_administrator_sees_which_cases_and_why_and_has_one_tried_again(office: Office) -> None:
    case = held_up(office)
    shown = page_as(office, "admin")
    assert shown.status_code == 200
    for words in (case["number"], "2 försök", "KeyError (review.py, line 7, may_answer)", "Ärenden som har fastnat"):
        assert words in shown.text
    assert page_as(office, "admin", "POST", "/again", f"&number={case['number']}").status_code == 303
    (line,) = office.house.ticker.stuck(INSTITUTION)
    assert line.next_try == micros(MONDAY)


def test_others_do_not_and_what_is_not_stuck_is_not_there(desk: Office) -> None:
    case = held_up(desk)
    assert page_as(desk, "reviewer").status_code == 403
    assert page_as(desk, "reviewer", "POST", "/again", f"&number={case['number']}").status_code == 403
    assert page_as(desk, "admin", "POST", "/again", "&number=NONE-1").status_code == 404
