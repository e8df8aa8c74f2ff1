"""Messages that nobody owed, that are lost, late, or held for ever, are found."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.canonical import named_key
from tests.engine.doctor.wards import Ward, now_of

HOURS = 3_600_000_000


def a_message(ward: Ward) -> str:
    """The key of a message about the stay."""
    return str(ward.life.house.rows("outbox", case_id=ward.life.stay)[0]["id"])


@pytest.mark.parametrize("state", ["sent", "waiting", "dead"])
def test_a_message_that_no_event_owes_is_found(ward: Ward, state: str) -> None:
    key = named_key("nobody asked for this")
    ward.life.post.put(
        "outbox", id=key, case_id=ward.life.stay, sequence=1, channel="mail", recipient="person:ann", state=state,
        template="reminder", grouped=False, not_before=1, next_try=1, attempts=0, created_at=1,
    )  # fmt: skip
    assert ward.about("message_stray") == {key: f"state={state} event=1 template=reminder"}


def test_a_message_to_somebody_else_than_was_owed_is_found(ward: Ward) -> None:
    key = a_message(ward)
    ward.change("outbox", {"id": named_key("another")}, id=key)
    assert {("message_stray", ward.life.stay), ("message_lost", ward.life.stay)} == ward.found()


def test_a_message_that_is_gone_is_found(ward: Ward) -> None:
    key = a_message(ward)
    ward.life.drop("outbox", id=key)
    assert set(ward.about("message_lost")) == {key}


def test_a_message_taken_away_with_an_erased_case_is_not_missed(ward: Ward) -> None:
    ward.life.erase(ward.life.stay)
    unsent = [row for row in ward.life.house.rows("outbox", case_id=ward.life.stay) if row["state"] != "sent"]
    assert unsent == []
    assert ward.found() == set()


def test_a_message_that_is_due_and_never_tried_is_found_while_workers_live(ward: Ward) -> None:
    key = a_message(ward)
    ward.change("outbox", {"state": "waiting", "next_try": now_of(ward) - 2 * HOURS}, id=key)
    assert ward.found() == set()
    ward.watch(timedelta(hours=2))
    assert set(ward.about("message_late")) == {key}


def test_a_message_in_somebodys_hand_is_not_late_and_one_held_for_ever_is_found(ward: Ward) -> None:
    key = a_message(ward)
    waits = {"state": "waiting", "next_try": now_of(ward) - 2 * HOURS}
    ward.change("outbox", {**waits, "lease_until": now_of(ward) + HOURS // 30}, id=key)
    ward.watch(timedelta(hours=2))
    assert ward.found() == set()
    ward.change("outbox", {"lease_until": now_of(ward) + HOURS}, id=key)
    assert set(ward.about("message_leased")) == {key}
