"""Cursors: what was sealed is read back, and nothing else is taken for one."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import BadFields
from engine.paging import seal, unseal

texts = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=40)
numbers = st.integers(-(2**63) + 1, 2**63 - 1)


@given(numbers, texts)
def test_a_cursor_is_read_back(number: int, text: str) -> None:
    assert unseal(seal(number, text), int, str) == (number, text)


@given(st.text(max_size=60))
def test_anything_else_is_refused(cursor: str) -> None:
    with pytest.raises(BadFields):
        unseal(cursor, int, str, int)


@pytest.mark.parametrize(
    "value", [[1], ["1"], [1, 2], [True, "a"], [2**64, "a"], [1, "\0"], [1, "\ud800"], {"a": 1}, None, 7, [1, None]]
)
def test_a_cursor_of_another_shape_is_refused(value: object) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps(value).encode()).decode()
    with pytest.raises(BadFields):
        unseal(cursor, int, str)
