"""Replay: an untouched history holds, and whatever was tampered with is named with case and sequence."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from engine.replay import Verdict
from engine.store import case_rows
from tests.engine.house import INSTITUTION
from tests.engine.lives import Life, lived

MIDDLE = 6
"""Some event of the stay that is neither first nor last."""


def test_every_case_of_an_untouched_house_holds(database_url: str) -> None:
    with lived(database_url) as life:
        verdicts = list(life.replay().all(INSTITUTION))
        assert [(v.case, v.first_wrong, v.without_detail) for v in verdicts] == [
            (case, None, 0) for case in sorted((life.contract, life.stay, life.report))
        ]
        assert sum(v.events for v in verdicts) == len(life.house.rows("event"))


def test_a_case_can_be_named_by_its_number(sqlite_url: str) -> None:
    with lived(sqlite_url) as life:
        store = life.house.store
        assert case_rows.find(store, INSTITUTION, life.house.case(life.stay).number) == life.stay
        assert case_rows.find(store, INSTITUTION, "STA-1999-0001") is None
        assert life.replay().institutions() == [INSTITUTION]


def test_a_step_names_the_other_cases_it_touched(sqlite_url: str) -> None:
    with lived(sqlite_url) as life:
        touched = {
            (body["trigger"], tuple(body["touched"]))
            for body in life.house.bodies(life.stay)
            if "touched" in body
        }
        # A place is taken, exchanged by the correction (one semester for two), freed, taken again.
        assert touched == {
            ("offer", (life.contract,)),
            (None, (life.contract,)),
            ("finish", (life.contract, life.report)),
            ("reconsider", (life.contract,)),
        }
        caused = [body for body in life.house.bodies(life.contract) if body["cause"]]
        assert caused
        assert not any("touched" in body for body in caused)


def test_until_leaves_out_what_came_later(sqlite_url: str) -> None:
    with lived(sqlite_url) as life:
        life.change("event", {"party": "eve"}, case_id=life.stay, sequence=MIDDLE)
        assert life.verdict(life.stay, until=MIDDLE - 1).ok
        assert not life.verdict(life.stay, until=MIDDLE).ok


def test_a_byte_changed_anywhere_in_a_body_is_named(sqlite_url: str) -> None:
    with lived(sqlite_url) as life:
        body = life.house.events(life.stay)[MIDDLE - 1]["body"]
        for place in range(0, len(body), 7):
            changed = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
            life.change("event", {"body": changed}, case_id=life.stay, sequence=MIDDLE)
            assert life.wrong(life.stay) == (life.stay, MIDDLE), f"byte {place}"


@pytest.mark.parametrize("sequence", [1, MIDDLE, 16])
def test_a_byte_changed_in_any_event_is_named(sqlite_url: str, sequence: int) -> None:
    with lived(sqlite_url) as life:
        body = life.house.events(life.stay)[sequence - 1]["body"]
        life.change("event", {"body": body[:-1] + b"~"}, case_id=life.stay, sequence=sequence)
        assert life.wrong(life.stay) == (life.stay, sequence)


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "moved"}, {"trigger": "offer"}, {"from_state": "away"}, {"to_state": "away"},
        {"party": "eve"}, {"on_behalf_of": "student"}, {"role": "head"}, {"at": 1},
        {"definition": "0" * 64}, {"cause_case": "x"}, {"cause_sequence": 4},
        {"previous": "0" * 64}, {"hash": "0" * 64},
    ],
    ids=lambda change: next(iter(change)),
)  # fmt: skip
def test_a_column_that_is_no_copy_any_more_is_named(sqlite_url: str, change: dict[str, Any]) -> None:
    with lived(sqlite_url) as life:
        life.change("event", change, case_id=life.stay, sequence=5)
        assert life.wrong(life.stay) == (life.stay, 5)


@pytest.mark.parametrize("change", [{"detail": b"{}"}, {"nonce": b"0" * 16}], ids=["detail", "nonce"])
def test_a_changed_detail_is_named(sqlite_url: str, change: dict[str, bytes]) -> None:
    with lived(sqlite_url) as life:
        life.change("event_detail", change, case_id=life.stay, sequence=MIDDLE)
        assert life.wrong(life.stay) == (life.stay, MIDDLE)


def test_a_deleted_detail_is_named(database_url: str) -> None:
    with lived(database_url) as life:
        life.drop("event_detail", case_id=life.stay, sequence=MIDDLE)
        assert life.wrong(life.stay) == (life.stay, MIDDLE)


@pytest.mark.parametrize("sequence", [1, MIDDLE])
def test_a_deleted_event_is_named(sqlite_url: str, sequence: int) -> None:
    with lived(sqlite_url) as life:
        life.drop("event", case_id=life.stay, sequence=sequence)
        assert life.wrong(life.stay) == (life.stay, sequence)


def test_a_deleted_last_event_shows_in_the_case_row(sqlite_url: str) -> None:
    with lived(sqlite_url) as life:
        last = life.house.case(life.stay).version
        life.drop("event", case_id=life.stay, sequence=last)
        assert life.wrong(life.stay) == (life.stay, last - 1)


def test_a_deleted_history_and_a_deleted_row_are_named(sqlite_url: str) -> None:
    with lived(sqlite_url) as life:
        life.drop("event", case_id=life.report)
        life.drop("case_record", id=life.contract)
        wrong = {v.case for v in life.replay().all(INSTITUTION) if not v.ok}
        assert {life.report, life.contract} <= wrong


def test_a_swapped_pair_is_named(sqlite_url: str) -> None:
    with lived(sqlite_url) as life:
        for old, new in ((5, 999), (6, 5), (999, 6)):
            life.change("event", {"sequence": new}, case_id=life.stay, sequence=old)
        assert life.wrong(life.stay) == (life.stay, 5)


@pytest.mark.parametrize(
    "change",
    [
        {"state": "asked"}, {"facts": {}}, {"version": 7}, {"head": "0" * 64}, {"assignee": None},
        {"acts": {}}, {"unit": "b"}, {"subject": None}, {"closed_at": 1}, {"updated_at": 1},
        {"opened_at": 1},
    ],
    ids=lambda change: next(iter(change)),
)  # fmt: skip
def test_a_case_row_changed_around_the_engine_is_named(sqlite_url: str, change: dict[str, Any]) -> None:
    with lived(sqlite_url) as life:
        last = life.house.case(life.stay).version
        life.change("case_record", change, id=life.stay)
        assert life.wrong(life.stay) == (life.stay, last)


DAMAGE: dict[str, Callable[[Life], None]] = {
    "a running deadline moved": lambda life: life.change("deadline", {"due_at": 1}, case_id=life.stay, name="start"),
    "an ended deadline whitewashed": lambda life: life.change(
        "deadline", {"status": "met"}, case_id=life.stay, name="answer", status="missed"
    ),
    "a deadline gone": lambda life: life.drop("deadline", case_id=life.stay, name="start"),
    "a link bent": lambda life: life.change("link", {"to_case": "elsewhere"}, from_case=life.stay),
    "a link gone": lambda life: life.drop("link", from_case=life.stay),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_deadline_or_link_changed_around_the_engine_is_named(sqlite_url: str, damage: str) -> None:
    with lived(sqlite_url) as life:
        last = life.house.case(life.stay).version
        DAMAGE[damage](life)
        assert life.wrong(life.stay) == (life.stay, last)


@pytest.mark.parametrize(
    "changes",
    [{"party": "bea"}, {"role": "head"}, {"to": "offered"}, {"kind": "recorded"}, {"touched": ["elsewhere"]}],
    ids=lambda changes: next(iter(changes)),
)
def test_an_event_forged_with_its_whole_chain_does_not_follow_from_its_request(
    sqlite_url: str, changes: dict[str, Any]
) -> None:
    with lived(sqlite_url) as life:
        columns = {"to_state": "offered"} if "to" in changes else {}
        life.forge(life.stay, MIDDLE, **changes, **columns)
        case, sequence = life.wrong(life.stay)
        assert (case, sequence) == (life.stay, MIDDLE)


def test_a_case_whose_caused_event_is_gone_says_so(sqlite_url: str) -> None:
    with lived(sqlite_url) as life:
        offered = next(b["sequence"] for b in life.house.bodies(life.stay) if b["trigger"] == "offer")
        last = life.house.case(life.contract).version
        for sequence in range(2, last + 1):
            life.drop("event", case_id=life.contract, sequence=sequence)
        assert life.wrong(life.stay) == (life.stay, offered)


def test_a_step_that_rests_on_a_damaged_case_names_it(sqlite_url: str) -> None:
    with lived(sqlite_url) as life:
        body = life.house.events(life.contract)[0]["body"]
        life.change("event", {"body": body[:-1] + b"~"}, case_id=life.contract, sequence=1)
        found = life.verdict(life.stay).first_wrong
        assert found is not None
        assert f"rests on case {life.contract}, whose event 1 is wrong" in found.what


def test_a_detail_erased_by_an_event_that_says_so_is_fine_and_counted(database_url: str) -> None:
    with lived(database_url) as life:
        life.erase(life.stay)
        verdict = life.verdict(life.stay)
        assert verdict.first_wrong is None
        # From the first erased detail on the facts are not known any more: no step can be decided anew.
        assert verdict.without_detail == verdict.events - 1


def test_only_the_details_that_the_erasing_event_names_may_be_missing(sqlite_url: str) -> None:
    with lived(sqlite_url) as life:
        told = [row["sequence"] for row in life.house.rows("event_detail", case_id=life.stay)]
        life.erase(life.stay)
        life.forge(life.stay, life.house.case(life.stay).version, erased=told[1:])
        assert life.wrong(life.stay) == (life.stay, told[0])


@pytest.mark.parametrize(("forged", "what"), [({"to": "away"}, "does not lead"), ({"role": "auditor"}, "is not for")])
def test_without_detail_the_graph_and_the_roles_still_hold(
    sqlite_url: str, forged: dict[str, Any], what: str
) -> None:
    with lived(sqlite_url) as life:
        life.erase(life.stay)
        columns = {"to_state": "away"} if "to" in forged else {}
        proposed = next(b["sequence"] for b in life.house.bodies(life.stay) if b["trigger"] == "propose")
        life.forge(life.stay, proposed, **forged, **columns)
        found = life.verdict(life.stay).first_wrong
        assert found is not None
        assert (found.sequence, what in found.what) == (proposed, True)


def test_a_replay_of_all_reads_cases_that_lean_on_each_other_across_handfuls(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with lived(sqlite_url) as life:
        monkeypatch.setattr("engine.replay.AT_ONCE", 1)
        assert all(verdict.ok for verdict in life.replay().all(INSTITUTION))


def test_a_replay_that_lives_long_sees_what_was_written_since(sqlite_url: str) -> None:
    with lived(sqlite_url) as life:
        replay = life.replay()
        assert all(verdict.ok for verdict in replay.all(INSTITUTION))
        other = life.house.stay_in("offered", life.contract)
        found: list[Verdict] = [replay.case(INSTITUTION, case) for case in (other, life.contract)]
        assert [verdict.first_wrong for verdict in found] == [None, None]


def test_bytes_that_are_no_json_are_a_finding_and_no_failure(sqlite_url: str) -> None:
    with lived(sqlite_url) as life:
        for body in (b"", b"[]", b"\xff", json.dumps("x").encode()):
            life.change("event", {"body": body}, case_id=life.contract, sequence=2)
            assert life.wrong(life.contract) == (life.contract, 2)
            assert not life.verdict(life.stay).ok


def test_a_row_that_cannot_be_read_is_named_and_hides_no_other_case(database_url: str) -> None:
    with lived(database_url) as life:
        life.change("deadline", {"status": "nonsense"}, case_id=life.stay)
        found = {each.case: each.first_wrong for each in life.replay().all(INSTITUTION)}

        assert set(found) == {life.contract, life.stay, life.report}
        wrong = found[life.stay]
        assert wrong is not None
        assert wrong.what.startswith("its rows cannot be read: ValueError")
        assert life.verdict(life.stay).first_wrong == wrong
