"""Facts that grow beyond their room are refused on every road; what was larger before can be read, left and reduced."""

from __future__ import annotations

import string
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import room
from engine.canonical import size_of
from engine.dry_run import dry_run
from engine.errors import FactsTooLarge, Refused
from engine.model import Correct, Open, Outcome, Request, Take
from tests.engine.house import INSTITUTION, House, held_by, open_house, refused
from tests.engine.lives import lived
from tests.engine.posts import Post, open_post

NOTE = "å" * 200
"""Four hundred bytes in UTF-8: as much as a line may be."""


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    with open_house(database_url) as made:
        yield made


def spare(monkeypatch: pytest.MonkeyPatch, house: House, case: str, spare: int) -> None:
    """Leave so many bytes of room beyond what a case has."""
    monkeypatch.setattr(room, "ROOM", size(house, case) + spare)


def size(house: House, case: str) -> int:
    return size_of(house.case(case).facts)


def proposal(case: str) -> Request:
    return Request(INSTITUTION, Take("propose", {"note": NOTE}), "ann", case=case)


# Every road.


def test_a_case_cannot_be_opened_with_more_than_there_is_room_for(house: House) -> None:
    years = [f"year {number}" for number in range(30_000)]
    with refused(house, FactsTooLarge, "facts_too_large"):
        house.contract(years=years)
    assert house.contract(years=years[:15_000])


def test_a_step_that_would_leave_too_much_is_refused(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    case = house.open()
    spare(monkeypatch, house, case, 396)
    with refused(house, FactsTooLarge, "facts_too_large"):
        house.take(case, "propose", note=NOTE)
    monkeypatch.setattr(room, "ROOM", room.ROOM + 2)
    house.take(case, "propose", note=NOTE)
    assert size(house, case) == room.ROOM


def test_so_is_a_correction(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    case = house.open()
    spare(monkeypatch, house, case, 100)
    with refused(house, FactsTooLarge, "facts_too_large"):
        house.ask(Correct({"note": NOTE}, "a better note"), "olle", case)


def test_another_case_that_would_have_too_much_refuses_the_whole_step(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract = house.contract()
    waiting = house.stay_in("waiting", contract)
    spare(monkeypatch, house, contract, 100)
    with refused(house, FactsTooLarge, "facts_too_large"):
        house.take(waiting, "offer", by="olle")
    monkeypatch.setattr(room, "ROOM", room.ROOM + 50)
    house.take(waiting, "offer", by="olle")
    assert held_by(house, contract) == [waiting]


def test_of_steps_taken_together_the_one_with_too_much_is_refused_alone(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = [house.open(), house.open(rank=10**200), house.open()]
    spare(monkeypatch, house, cases[0], 500)
    asked = [proposal(case) for case in cases]
    tried = dry_run(house.cases, asked)
    taken = house.cases.steps(asked)
    kinds = [Outcome, FactsTooLarge, Outcome]
    assert ([type(each) for each in tried], [type(each) for each in taken]) == (kinds, kinds)
    assert [house.case(case).state for case in cases] == ["proposed", "asked", "proposed"]


def test_it_is_said_what_takes_most_how_much_there_may_be_and_what_to_do(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "ROOM", 4_000)
    with pytest.raises(FactsTooLarge) as told:
        house.contract(years=["x" * 97] * 59)
    assert told.value.message.en == (
        "The case would hold too much: 6 kB of facts, and there may be 4 kB at most. "
        "Most of it is “years” (years): 6 kB. Shorten it or take out what is not needed (correct the facts), "
        "or spread it over several cases. "
        "Nothing was changed."
    )
    assert "”years” (years): 6 kB. Korta där eller ta bort" in told.value.message.sv
    assert (told.value.code, told.value.reasons[0].who_can) == ("facts_too_large", None)


def test_a_case_is_named_by_its_number_and_who_helps_where_nobody_writes_the_fact(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract = house.contract(places=9)
    house.stay_in("offered", contract)
    waiting = house.stay_in("waiting", contract)
    spare(monkeypatch, house, contract, 50)
    with pytest.raises(FactsTooLarge) as told:
        house.take(waiting, "offer", by="olle")
    assert f"Case {house.case(contract).number} would hold too much" in told.value.message.en
    assert "(held): 1 kB. Fältet skrivs av systemet" in told.value.message.sv
    assert (told.value.case, told.value.reasons[0].who_can) == (contract, "admin")


# What is larger already.


def test_what_was_larger_before_can_be_read_led_on_and_made_smaller(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = house.open(note=NOTE)
    monkeypatch.setattr(room, "ROOM", 200)
    house.take(case, "take")
    with refused(house, FactsTooLarge, "facts_too_large"):
        house.ask(Correct({"partner_id": "a partner"}, "one more"), "olle", case)
    house.ask(Correct({"note": NOTE[:100]}, "shorter, and still too long"), "olle", case)
    house.ask(Correct({"note": None}, "none"), "olle", case)
    assert (house.case(case).version, size(house, case) < room.ROOM) == (4, True)


def test_a_place_can_be_given_back_to_an_agreement_that_has_too_much(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract = house.contract()
    offered = house.stay_in("offered", contract)
    spare(monkeypatch, house, contract, -40)
    house.student(offered, "decline")
    assert held_by(house, contract) == []


def test_a_history_with_more_than_there_may_be_now_is_replayed(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with lived(database_url) as life:
        monkeypatch.setattr(room, "ROOM", 1)
        assert all(verdict.ok for verdict in life.replay().all(INSTITUTION))


# The clock.


def due_for_an_offer(post: Post) -> tuple[str, str]:
    """A contract that must look for the next at once, and the stay that would have the place."""
    contract = post.house.contract()
    holder, waiting = post.house.stay_in("offered", contract), post.house.stay_in("waiting", contract)
    post.house.student(holder, "decline")
    post.house.take(holder, "withdraw")
    return contract, waiting


def test_a_rung_whose_step_would_leave_too_much_is_put_off_and_listed_and_others_go_on(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_post(database_url) as post:
        (first, full), (second, well) = due_for_an_offer(post), due_for_an_offer(post)
        post.house.ask(Correct({"name": "N" * 200}, "a long name"), "olle", first)
        spare(monkeypatch, post.house, second, 150)
        post.ticker.tick()
        assert [post.house.case(each).state for each in (full, well)] == ["waiting", "offered"]
        assert [(line.case, line.fault) for line in post.ticker.stuck(INSTITUTION)] == [(first, "facts_too_large")]
        assert "refused" not in post.house.bodies(first)[-1]


def test_once_there_is_room_the_rung_fires(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_post(database_url) as post:
        contract, waiting = due_for_an_offer(post)
        spare(monkeypatch, post.house, contract, 10)
        post.ticker.tick()
        post.house.ask(Correct({"years": ["2027/2028"]}, "only one year"), "olle", contract)
        monkeypatch.setattr(room, "ROOM", room.ROOM + 80)
        post.house.clock.at += timedelta(minutes=1)
        post.ticker.tick()
        assert (post.house.case(waiting).state, post.ticker.stuck(INSTITUTION)) == ("offered", [])


# Whatever is asked.

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["open", "correct", "take"]),
        st.text(string.ascii_letters + "åäö€😀", min_size=1, max_size=60),
        st.integers(60, 400),
    ),
    max_size=8,
)


def _asked(case: str, kind: str, text: str) -> Request:
    if kind == "open":
        return Request(INSTITUTION, Open("contract", "a", None, {"name": text}, ()), "olle")
    if kind == "correct":
        return Request(INSTITUTION, Correct({"note": text}, "why"), "olle", case=case)
    return Request(INSTITUTION, Take("propose", {"note": text}), "ann", case=case)


def test_no_step_leaves_more_than_there_is_room_for_or_was_before(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    @settings(max_examples=20, deadline=None)
    @given(steps=STEPS)
    def hold(steps: list[tuple[str, str, int]]) -> None:
        monkeypatch.setattr(room, "ROOM", 10_000)
        case = house.open()
        for kind, text, most in steps:
            monkeypatch.setattr(room, "ROOM", most)
            before = 0 if kind == "open" else size(house, case)
            with suppress(Refused):
                left = house.send(_asked(case, kind, text)).case
                assert left is not None
                assert size_of(left.facts) <= max(most, before)

    hold()
