"""One story, told on SQLite and on PostgreSQL, leaves the very same rows in every table."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

from engine.errors import Refused
from engine.model import IMPORT_PARTY, Assign, Comment, Correct, Erase, ErasureReason, Key, Open, Take, Tie
from tests.engine.house import STINA, House, local, open_house


def story(house: House) -> None:
    """Everything that can happen to a case, and a few things that are refused."""
    old, new = house.contract(places=2, name="Old Å"), house.contract(places=1, name="New")
    house.ask(Tie("successor", new), "olle", old)
    first = house.stay_in("away", old, starts_on="2027-08-30", credits="7.50", note='"quoted" 𝄞')
    second = house.stay_in("offered", old)
    waiting = [house.stay_in("waiting", old, rank=rank) for rank in (3, 1, 2)]
    asked = house.ask(Open("stay", "a", STINA, {}, (("contract", old),)), "ann", key=Key("k", "f")).case_id
    house.ask(Open("stay", "a", STINA, {}, (("contract", old),)), "ann", key=Key("k", "f"))
    for refused in ("fly", "offer", "receive"):
        with suppress(Refused):
            house.take(asked, refused)
    house.take(asked, "take", by="arne")
    house.clock.at = local("2026-12-22 14:00")
    house.take(asked, "ask", comment="what is missing?")
    house.clock.at = local("2026-12-28 09:00")
    house.take(asked, "receive")
    for at in ("2026-12-30 00:00", "2026-12-31 08:00", "2027-01-08 10:00"):
        house.climb(asked, at=local(at))
    house.ask(Assign("ann"), "hedda", asked)
    house.ask(Comment("sent again"), "ann", asked)
    house.ask(Correct({"starts_on": "2027-09-06", "semesters": 1}, "misread"), "olle", first)
    house.take(second, "withdraw")
    house.climb(old)
    house.climb(old)
    house.take(first, "finish")
    house.climb(old)
    (report,) = house.bodies(first)[-1]["opened"]
    house.take(waiting[0], "withdraw")
    house.take(report, "file")
    house.student(waiting[1], "accept")
    house.take(waiting[2], "withdraw")
    with suppress(Refused):
        house.ask(Take("end_quietly"), "olle", old)
    house.take(old, "carry_over", by="olle")
    house.take(new, "end", by="olle")
    for case in (report, first, second):
        house.ask(Erase(ErasureReason.RETENTION), IMPORT_PARTY, case)


def told(url: str) -> dict[str, Any]:
    with open_house(url) as house:
        story(house)
        return house.dump()


def test_both_databases_hold_the_same_rows_after_the_same_story(sqlite_url: str, postgresql_url: str) -> None:
    on_sqlite, on_postgresql = told(sqlite_url), told(postgresql_url)
    for table, rows in on_sqlite.items():
        assert rows == on_postgresql[table], table


def test_the_story_is_worth_comparing(sqlite_url: str) -> None:
    dump = told(sqlite_url)
    kinds = set(re.findall(r"'kind': '(\w+)'", " ".join(dump["event"])))
    assert kinds >= {
        "opened", "moved", "recorded", "corrected", "commented", "assigned", "linked", "rung_fired",
        "place_taken", "place_freed", "erased",
    }  # fmt: skip
    tables = ("case_record", "event_detail", "deadline", "outbox", "link", "person", "idempotency")
    assert [table for table in tables if not dump[table]] == []
