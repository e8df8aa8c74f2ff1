"""Time and chance, from the machine itself."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from adapters.system import NothingStandsThere, RandomJitter, SecretNonces, SystemClock, Uuid7

NOON = datetime(2027, 1, 11, 12, 0, tzinfo=UTC)


def test_an_id_is_a_uuid_of_version_7_that_tells_its_instant() -> None:
    drawn = uuid.UUID(Uuid7().new(NOON))

    assert (drawn.version, drawn.variant) == (7, uuid.RFC_4122)
    assert drawn.int >> 80 == int(NOON.timestamp() * 1000)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=200))
def test_ids_sort_in_the_order_they_were_drawn_though_the_clock_stands(steps: list[int]) -> None:
    ids, now, drawn = Uuid7(), NOON, []
    for milliseconds in steps:
        now += timedelta(milliseconds=milliseconds)
        drawn.append(ids.new(now))

    assert drawn == sorted(set(drawn))


def test_more_ids_than_the_counter_holds_still_sort_in_one_millisecond() -> None:
    ids = Uuid7()
    drawn = [ids.new(NOON) for _ in range(10_000)]

    assert drawn == sorted(set(drawn))


def test_ids_go_on_rising_when_the_clock_goes_back() -> None:
    ids = Uuid7()

    assert ids.new(NOON) < ids.new(NOON - timedelta(hours=1))


def test_the_clock_is_aware_and_in_utc() -> None:
    assert SystemClock().now().tzinfo is UTC


def test_nonces_are_sixteen_bytes_and_never_the_same() -> None:
    drawn = {SecretNonces().new() for _ in range(100)}

    assert {len(nonce) for nonce in drawn} == {16}
    assert len(drawn) == 100


def test_jitter_is_a_factor_below_one() -> None:
    assert all(0 <= RandomJitter().draw() < 1 for _ in range(100))


def test_at_a_named_place_nothing_happens() -> None:
    NothingStandsThere().pass_by("before_commit")
