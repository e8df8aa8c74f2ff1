"""Text that cannot be stored, or would show as something else, is refused in the same words on every database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from engine.errors import BadFields
from engine.model import Comment, Correct, Key, NewPerson, Open, Request, Take, Tie
from engine.texts import refuse_unwritable
from tests.engine.house import INSTITUTION, STINA, House, open_house

BAD = ("a\0b", "\ud800", "x\udfff", "\x1b[2J", "\x08", "\x7f", "\x9b", "annA\u202etxt", "\u2066a")


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    with open_house(database_url) as made:
        yield made


@pytest.mark.parametrize("text", BAD, ids=ascii)
def test_text_that_cannot_be_stored_is_refused_wherever_it_stands(text: str) -> None:
    asks: tuple[Any, ...] = (
        Comment(text),
        Correct({"note": text}, "why"),
        Correct({"note": "x"}, text),
        Take("propose", {"deep": [{"in": (text,)}]}),
        Take("propose", {text: "name"}),
        Take("propose", reason=text),
        Tie(text, "case"),
        Open("stay", "a", NewPerson(text, "a@example.com", "sv"), {}),
    )
    for ask in asks:
        with pytest.raises(BadFields) as raised:
            refuse_unwritable(Request(INSTITUTION, ask, "ann"))
        assert [reason.code for reason in raised.value.reasons] == ["unwritable_text"]
    for request in (Request(INSTITUTION, asks[0], "ann", case=text), Request("x", 1, "a", key=Key(text, "f"))):  # type: ignore[arg-type]  # any ask
        with pytest.raises(BadFields):
            refuse_unwritable(request)


@pytest.mark.parametrize("text", BAD, ids=ascii)
def test_it_changes_nothing(house: House, text: str) -> None:
    stay = house.open()
    before = house.dump()
    with pytest.raises(BadFields):
        house.take(stay, "propose", note=text)
    with pytest.raises(BadFields), house.store.transaction() as ledger:
        house.cases.step_in(ledger, Request(INSTITUTION, Open("stay", "a", STINA, {"note": text}), "ann"))
    assert house.dump() == before


def test_all_other_text_goes_through_and_comes_back(house: House) -> None:
    odd = "Å \t\r\n\x0b\x0c\x85\u2028\u200f\ufffe\U0001d11e \"'\\ %s {} :x ''"
    stay = house.open(note=odd)
    assert (house.case(stay).facts["note"], house.case(stay).title) == (odd, f"Stay 2027/2028 {odd}")
