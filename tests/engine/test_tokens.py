"""Access tokens: shown once, kept as a hash, good until they expire or are revoked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from engine.directory import Caller
from engine.errors import BadFields
from engine.tokens import hashed
from tests.engine.registry import UMU, Registry, registry


@pytest.fixture
def office(database_url: str) -> Iterator[Registry]:
    with registry(database_url) as made:
        yield made


def test_a_token_says_whose_it_is(office: Registry) -> None:
    token = office.directory.issue_token(UMU, office.anna, "laptop")
    assert office.directory.authenticate(token) == Caller(UMU, office.anna)
    assert token.startswith("fp_")
    assert len(token) == len("fp_") + 43


@pytest.mark.parametrize("wrong", ["", "fp_", "fp_wrong", "Bearer fp_x", "x" * 10_000, "fp_\x00å"])
def test_what_was_never_issued_is_nobodys(office: Registry, wrong: str) -> None:
    assert office.directory.authenticate(wrong) is None


def test_no_token_is_kept(office: Registry) -> None:
    token = office.directory.issue_token(UMU, office.anna, "laptop")
    with office.cases.store.reads() as connection:
        row = connection.execute(sa.text("SELECT * FROM token")).one()
    assert row.hash == hashed(token)
    assert token not in str(row)


def test_a_token_works_through_its_last_local_day(office: Registry) -> None:
    token = office.directory.issue_token(UMU, office.anna, expires_on=date(2026, 12, 8))
    office.clock.at = datetime(2026, 12, 8, 22, 59, tzinfo=UTC)
    assert office.directory.authenticate(token) is not None
    office.clock.at = datetime(2026, 12, 8, 23, 0, tzinfo=UTC)
    assert office.directory.authenticate(token) is None


def test_a_revoked_token_is_refused_at_once_and_the_others_stay(office: Registry) -> None:
    first = office.directory.issue_token(UMU, office.anna, "first")
    second = office.directory.issue_token(UMU, office.anna, "second")
    named = {card.label: card.id for card in office.directory.tokens(UMU, office.anna)}
    assert office.directory.revoke(UMU, office.anna, named["first"]) == 1
    assert office.directory.authenticate(first) is None
    assert office.directory.authenticate(second) is not None


def test_nobody_revokes_the_token_of_another(office: Registry) -> None:
    token = office.directory.issue_token(UMU, office.anna)
    assert office.directory.revoke(UMU, office.bo, hashed(token)) == 0
    assert office.directory.authenticate(token) is not None


def test_all_tokens_of_a_person_are_revoked_together(office: Registry) -> None:
    tokens = [office.directory.issue_token(UMU, office.anna) for _ in range(3)]
    assert office.directory.revoke(UMU, office.anna) == 3
    assert [office.directory.authenticate(token) for token in tokens] == [None] * 3
    assert office.directory.revoke(UMU, office.anna) == 0


def test_the_last_use_is_written_once_a_day(office: Registry) -> None:
    token = office.directory.issue_token(UMU, office.anna)
    writes: list[str] = []
    sa.event.listen(
        office.cases.store.engine,
        "before_cursor_execute",
        lambda _c, _r, statement, *_: writes.append(statement) if statement.startswith("UPDATE") else None,
    )
    for _ in range(3):
        office.directory.authenticate(token)
    office.clock.at = datetime(2026, 12, 8, 9, tzinfo=UTC)
    office.directory.authenticate(token)
    assert len(writes) == 2
    assert office.directory.tokens(UMU, office.anna)[0].last_used_on == date(2026, 12, 8)


def test_a_token_is_issued_to_nobody_unknown_and_for_no_day_gone_by(office: Registry) -> None:
    with pytest.raises(BadFields, match="no such person"):
        office.directory.issue_token(UMU, "nobody")
    with pytest.raises(BadFields, match="has passed"):
        office.directory.issue_token(UMU, office.anna, expires_on=date(2026, 12, 6))
