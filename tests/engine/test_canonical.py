"""One way to write a value, and the hashes over it."""

from __future__ import annotations

import hashlib
import json
import uuid
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.canonical import EPOCH, GENESIS, canonical, chain, commitment, instant, micros, named_key

texts = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=6,
)
moments = st.datetimes(datetime(1900, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC))


def test_keys_are_sorted_and_nothing_is_padded() -> None:
    assert canonical({"b": [1, {"d": None, "c": True}], "a": "Å"}) == '{"a":"Å","b":[1,{"c":true,"d":null}]}'.encode()


@given(st.dictionaries(texts, values, max_size=4))
def test_what_is_written_is_read_back(value: dict[str, Any]) -> None:
    assert json.loads(canonical(value)) == value


@given(st.dictionaries(texts, values, max_size=4))
def test_the_bytes_are_those_of_the_standard_library(value: dict[str, Any]) -> None:
    by_the_library = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    assert canonical(value) == by_the_library.encode()


@pytest.mark.parametrize("character", [*map(chr, range(0x20)), '"', "\\", "/", "\x7f", "\x85", "\u2028", "\U0001f600"])
def test_every_character_is_escaped_as_the_standard_library_does(character: str) -> None:
    assert canonical({character: character}).decode() == json.dumps(
        {character: character}, ensure_ascii=False, separators=(",", ":")
    )


def test_integers_beyond_64_bits_are_written_in_full() -> None:
    assert canonical({"a": 2**64, "b": -(10**30)}) == b'{"a":18446744073709551616,"b":-1000000000000000000000000000000}'


def test_keys_are_sorted_by_code_point_beyond_the_basic_plane_too() -> None:
    assert canonical({"\U0001f600": 1, "\uffff": 2}).decode() == '{"\uffff":2,"\U0001f600":1}'


def test_half_of_a_surrogate_pair_cannot_be_written() -> None:
    with pytest.raises(UnicodeEncodeError):
        canonical({"a": "\ud800"})


@given(st.dictionaries(texts, values, max_size=4))
def test_the_order_things_came_in_does_not_matter(value: dict[str, Any]) -> None:
    assert canonical(dict(reversed(value.items()))) == canonical(value)


@pytest.mark.parametrize("value", [1.0, float("nan"), date(2027, 1, 1), Decimal(1), b"x", {1}, uuid.UUID(int=1)])
def test_what_has_no_single_written_form_is_a_type_error(value: object) -> None:
    for nested in ({"a": value}, {"a": [value]}, {"a": {"b": (value,)}}):
        with pytest.raises(TypeError):
            canonical(nested)


@given(moments)
def test_an_instant_survives_being_counted(moment: datetime) -> None:
    assert instant(micros(moment)) == moment


@given(st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)), st.integers(-12, 14))
def test_an_instant_is_the_same_in_every_zone(moment: datetime, hours: int) -> None:
    assert micros(moment.astimezone(timezone(timedelta(hours=hours)))) == micros(moment)


def test_microseconds_are_counted_exactly() -> None:
    assert micros(EPOCH + timedelta(days=20000, microseconds=1)) == 20000 * 86_400_000_000 + 1


def test_the_chain_is_the_hash_of_mark_body_and_previous() -> None:
    first = chain(b"body", GENESIS)
    assert first == hashlib.sha256(b"\x00body" + bytes(32)).hexdigest()
    assert chain(b"body", first) == hashlib.sha256(b"\x00body" + bytes.fromhex(first)).hexdigest()


def test_the_commitment_hides_the_detail_behind_the_nonce() -> None:
    assert commitment(b"n" * 16, b"detail") == hashlib.sha256(b"n" * 16 + b"detail").hexdigest()
    assert commitment(b"m" * 16, b"detail") != commitment(b"n" * 16, b"detail")


def test_a_key_is_the_same_for_the_same_parts_and_no_others() -> None:
    key = named_key("case", 1, "mail")
    assert key == named_key("case", 1, "mail")
    assert [len(part) for part in key.split("-")] == [8, 4, 4, 4, 12]
    assert len({key, named_key("case", 11, "mail"), named_key("case1", "mail"), named_key("case", 1, "mai", "l")}) == 4
