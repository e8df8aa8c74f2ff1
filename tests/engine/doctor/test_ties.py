"""Links that lead nowhere or abroad, rows without their case, and what lists read, are found where they are wrong."""

from __future__ import annotations

from typing import Any

import pytest

from engine.model import Key, Open, Request
from tests.engine.doctor.wards import Ward
from tests.engine.house import INSTITUTION, STINA

NOWHERE = "00000000-0000-7000-8000-999999999999"


def copy_abroad(ward: Ward, case: str, as_id: str) -> None:
    """Let another institution have a case of this id."""
    (row,) = ward.life.house.rows("case_record", id=case)
    names = [name for name in row if name not in {"institution", "id"}]
    ward.sql(
        f"INSERT INTO case_record (institution, id, {', '.join(names)}) "
        f"SELECT 'y.se', '{as_id}', {', '.join(names)} FROM case_record WHERE id = :case",
        case=case,
    )


def test_a_link_that_leads_nowhere_is_found(ward: Ward) -> None:
    ward.change("link", {"to_case": NOWHERE}, from_case=ward.life.report)
    assert ward.about("link") == {f"stay {NOWHERE}": "it leads nowhere"}


def test_a_link_that_crosses_institutions_is_found(ward: Ward) -> None:
    copy_abroad(ward, ward.life.contract, NOWHERE)
    ward.change("link", {"to_case": NOWHERE}, from_case=ward.life.report)
    assert ward.about("link") == {f"stay {NOWHERE}": "it crosses institutions"}


def test_another_institutions_cases_are_not_looked_at(ward: Ward) -> None:
    own = ward.all().cases
    copy_abroad(ward, ward.life.contract, NOWHERE)
    assert (ward.found(), ward.all().cases) == (set(), own)


def test_rows_whose_case_is_gone_are_found(ward: Ward) -> None:
    report = ward.life.report
    ward.life.drop("case_record", id=report)
    found = ward.all().found
    assert {each.about for each in found if each.case == report} >= {"event", "event_detail", "link"}
    assert {(each.check, each.promise) for each in found if each.case == report} == {("stray", "durable")}


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("deadline", {"name": "odd", "since": 1, "status": "met", "started_at": 1, "ledger": [], "fired": []}),
        ("event_detail", {"sequence": 1, "detail": b"{}", "nonce": b"x"}),
        ("outbox", {
            "id": "o", "sequence": 1, "channel": "mail", "recipient": "r", "template": "t", "grouped": False,
            "not_before": 1, "attempts": 0, "next_try": 1, "state": "sent", "created_at": 1,
        }),
    ],
)  # fmt: skip
def test_a_row_of_a_case_that_never_was_is_found_beyond_the_last_case(
    ward: Ward, table: str, row: dict[str, Any]
) -> None:
    ward.life.post.put(table, case_id=NOWHERE, **row)
    assert ward.found() == {("stray", NOWHERE)}
    assert ward.about("stray") == {table: ""}


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM case_reach WHERE case_id = :case",
        "UPDATE case_reach SET ended = 'odd' WHERE case_id = :case",
        "UPDATE case_reach SET own = 'b' WHERE case_id = :case",
        "UPDATE case_reach SET unit = 'x.se' WHERE case_id = :case",
    ],
)
def test_units_that_read_a_case_wrongly_are_found(ward: Ward, statement: str) -> None:
    ward.sql(statement, case=ward.life.stay)
    assert ward.found() == {("reach", ward.life.stay)}


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM case_words WHERE case_id = :case", "UPDATE case_words SET words = 'odd' WHERE case_id = :case"],
)
def test_words_that_are_not_the_cases_own_are_found(ward: Ward, statement: str) -> None:
    ward.sql(statement, case=ward.life.stay)
    assert ward.found() == {("words", ward.life.stay)}


def keyed(ward: Ward, key: str) -> str:
    """Open a stay under a key; its id."""
    ask = Open("stay", "a", STINA, {}, ())
    return ward.life.house.send(Request(INSTITUTION, ask, "ann", key=Key(key, "fingerprint"))).case_id


def test_a_key_that_names_an_event_which_is_not_there_is_found_and_closed_once_it_is(ward: Ward) -> None:
    case = keyed(ward, "one")
    assert ward.all().keys == 1
    ward.change("idempotency", {"sequence": 99}, key="one")
    assert ward.about("key") == {"ann one": "event=99"}
    ward.change("idempotency", {"sequence": 1}, key="one")
    assert ward.all().closed == 1
    assert (ward.found(), [each.case for each in ward.kept(closed=True)]) == (set(), [case])
