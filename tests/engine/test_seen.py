"""A case with what may be done in it is shown to those who may read it, and to nobody else."""

from __future__ import annotations

import pytest

from engine.errors import CaseNotFound
from engine.queries import Queries
from tests.engine.house import INSTITUTION, open_house


def test_a_case_is_seen_by_those_who_may_read_it(database_url: str) -> None:
    with open_house(database_url) as house:
        case, queries = house.open(), Queries(house.cases)
        for person in ("ann", "hedda", "olle", "ada"):
            assert queries.seen(INSTITUTION, person, case).case.id == case
        for person in ("bea", "adam", "nobody"):
            with pytest.raises(CaseNotFound):
                queries.seen(INSTITUTION, person, case)
