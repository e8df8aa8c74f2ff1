"""The bank of reasons: one's own, or a unit's; changed by who wrote them; on both databases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.errors import BadFields
from engine.organisation import Organisation
from engine.queries import Queries
from engine.reasons import LONGEST_TEXT, MOST, Reasons, Wanted
from tests.engine.house import INSTITUTION, House, open_house

MATHS = Wanted("Matematik saknas", "Kravet är inte uppfyllt.", "The requirement is not met.", None)


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    with open_house(database_url) as opened:
        yield opened


def bank(house: House) -> Reasons:
    return Reasons(house.store, house.clock, house.cases.ids)


def organisation(house: House) -> Organisation:
    return Queries(house.cases).organisation(INSTITUTION)


def add(house: House, wanted: Wanted = MATHS, *, person: str = "ann") -> str:
    return bank(house).add(organisation(house), person, wanted)


def names(house: House, person: str) -> list[str]:
    return [card.name for card in bank(house).of(organisation(house), person)]


def shared(unit: str, name: str = "Delat") -> Wanted:
    return Wanted(name, "Text", "", unit)


def test_a_reason_is_kept_as_it_was_written_but_for_blanks_around_it(house: House) -> None:
    add(house, Wanted("  Matematik  saknas ", " Kravet. ", "", None))
    (card,) = bank(house).of(organisation(house), "ann")
    assert (card.name, card.text_sv, card.text_en, card.unit, card.owner) == (
        "Matematik saknas", "Kravet.", "", None, "ann",
    )  # fmt: skip


def test_one_s_own_is_nobody_else_s(house: House) -> None:
    add(house)
    assert names(house, "olle") == []


def test_a_shared_one_is_read_where_one_works_and_below(house: House) -> None:
    add(house, shared("a"))
    add(house, shared(INSTITUTION, "Allas"), person="olle")
    assert names(house, "ann") == ["Allas", "Delat"]


def test_it_is_shared_only_where_one_holds_a_role(house: House) -> None:
    with pytest.raises(BadFields) as refused:
        add(house, shared(INSTITUTION))
    assert [reason.code for reason in refused.value.reasons] == ["field:unit"]


def test_who_wrote_it_changes_and_removes_it_and_nobody_else(house: House) -> None:
    card, here = add(house, shared("a")), organisation(house)
    assert not bank(house).change(here, "arne", card, MATHS)
    assert not bank(house).remove(INSTITUTION, "arne", card)
    assert bank(house).change(here, "ann", card, MATHS)
    assert names(house, "ann") == ["Matematik saknas"]
    assert bank(house).remove(INSTITUTION, "ann", card)
    assert names(house, "ann") == []


def test_everything_that_is_wrong_is_said_at_once(house: House) -> None:
    with pytest.raises(BadFields) as refused:
        add(house, Wanted(" ", "", "x" * (LONGEST_TEXT + 1), "nowhere"))
    assert [reason.code for reason in refused.value.reasons] == ["field:text_en", "field:name", "field:unit"]


def test_a_text_in_one_language_is_enough_and_none_is_not(house: House) -> None:
    add(house, Wanted("a", "", "English only", None))
    with pytest.raises(BadFields) as refused:
        add(house, Wanted("b", " ", " ", None))
    assert [reason.code for reason in refused.value.reasons] == ["field:text_sv"]


def test_a_bank_has_an_end(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.reasons.MOST", 1)
    add(house)
    with pytest.raises(BadFields, match="1 reasons already"):
        add(house)
    assert MOST == 200
