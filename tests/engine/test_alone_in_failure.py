"""A step that fails while it is written leaves nothing behind in the transaction it was handed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from engine.model import Comment, Request
from tests.engine.house import INSTITUTION, House, open_house


class Stopped(Exception):
    """What a database may raise once a part is written."""


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    with open_house(database_url) as made:
        yield made


def test_of_several_in_a_transaction_the_one_that_fails_is_undone(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    stays = [house.open() for _ in range(3)]
    with house.store.step() as ledger:
        kind = type(ledger)
    write = kind.write

    def failing(self: Any, decision: Any) -> Any:
        write(self, decision)
        if decision.case == stays[1]:
            raise Stopped
        return {}

    monkeypatch.setattr(kind, "write", failing)
    with house.store.transaction() as ledger:
        for stay in stays:
            with suppress(Stopped):
                house.cases.step_in(ledger, Request(INSTITUTION, Comment("once"), "ann", case=stay))
    assert [house.case(stay).version for stay in stays] == [2, 1, 2]
    assert [house.kinds(stay) for stay in stays] == [["opened", "commented"], ["opened"], ["opened", "commented"]]
