"""Two who do the same at one instant: the second finds what the first has done, and is answered with it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from adapters.system import NothingStandsThere
from engine.cases import Cases
from engine.model import Key, NewPerson, Open, Outcome, Request
from engine.store.store import Store
from tests.engine.house import CATALOGUE, INSTITUTION, STINA, CountedNonces, House, open_house


@dataclass
class Meanwhile:
    """Lets somebody else act once, between the decision and its commit."""

    acts: Callable[[], Any] | None = None

    def pass_by(self, name: str) -> None:
        if name == "before_commit" and self.acts is not None:
            act, self.acts = self.acts, None
            act()


def beside(house: House, store: Store) -> Cases:
    """Another process of the same house."""
    nonces = CountedNonces(1_000_000)
    return Cases(store, CATALOGUE, house.clock, house.cases.ids, nonces, NothingStandsThere())


def opening(key: str, who: NewPerson = STINA) -> Request:
    return Request(INSTITUTION, Open("stay", "a", who, {}), "ann", key=Key(key, "f"))


def test_who_comes_second_with_a_key_is_answered_with_the_first(postgresql_url: str) -> None:
    meanwhile, done = Meanwhile(), list[Outcome]()
    with open_house(postgresql_url, seams=meanwhile) as house, closing(Store(postgresql_url)) as store:
        other = beside(house, store)
        meanwhile.acts = lambda: done.append(other.step(opening("k")))
        mine = house.cases.step(opening("k"))
        assert (mine.replayed, mine.case_id) == (True, done[0].case_id)
        assert len(house.rows("case_record")) == 1


def test_a_person_somebody_else_enters_at_that_instant_is_one_person(postgresql_url: str) -> None:
    meanwhile = Meanwhile()
    with open_house(postgresql_url, seams=meanwhile) as house, closing(Store(postgresql_url)) as store:
        other = beside(house, store)
        meanwhile.acts = lambda: other.step(opening("theirs"))
        assert not house.cases.step(opening("mine")).replayed
        assert len({row["subject"] for row in house.rows("case_record")}) == len(house.rows("person")) == 1
        assert [row["number"] for row in house.rows("case_record")] == ["STA-2026-0001", "STA-2026-0002"]
