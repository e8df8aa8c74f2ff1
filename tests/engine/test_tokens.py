"""Access tokens: shown once, kept as a hash, good until they expire or are revoked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from engine.canonical import instant
from engine.directory import Caller
from engine.errors import BadFields
from engine.tokens import TokenTerms, hashed
from tests.engine.registry import UMU, Registry, registry

STOCKHOLM: Final = ZoneInfo("Europe/Stockholm")


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


def test_a_token_for_reading_says_so_and_is_listed_as_one(office: Registry) -> None:
    token = office.directory.issue_token(UMU, office.anna, "export", reads_only=True)
    other = office.directory.issue_token(UMU, office.anna, "robot")
    caller = office.directory.authenticate(token)
    assert caller == Caller(UMU, office.anna, reads_only=True)
    assert office.directory.authenticate(other) == Caller(UMU, office.anna)
    listed = {card.label: card.reads_only for card in office.directory.tokens(UMU, office.anna)}
    assert listed == {"export": True, "robot": False}


@pytest.mark.parametrize(
    ("terms", "asked", "last"),
    [
        (TokenTerms(), None, None),
        (TokenTerms(days=30), None, date(2027, 1, 6)),
        (TokenTerms(days=30, longest_days=7), None, date(2026, 12, 14)),
        (TokenTerms(days=30, longest_days=60), date(2027, 2, 5), date(2027, 2, 5)),
        (TokenTerms(longest_days=60), None, date(2027, 2, 5)),
    ],
)
def test_a_token_ends_when_it_was_said_to_or_by_the_terms(
    office: Registry, terms: TokenTerms, asked: date | None, last: date | None
) -> None:
    directory = replace(office.directory, terms=terms)
    directory.issue_token(UMU, office.anna, expires_on=asked)
    (card,) = directory.tokens(UMU, office.anna)
    ends = None if card.expires_at is None else instant(card.expires_at).astimezone(STOCKHOLM)
    assert (ends and (ends - timedelta(days=1)).date()) == last


def test_no_token_is_issued_for_longer_than_the_terms_allow(office: Registry) -> None:
    directory = replace(office.directory, terms=TokenTerms(days=30, longest_days=60))
    with pytest.raises(BadFields, match="give 2027-02-05 at the latest"):
        directory.issue_token(UMU, office.anna, expires_on=date(2027, 2, 6))
    assert directory.tokens(UMU, office.anna) == []


def test_a_card_says_whether_its_token_is_still_good(office: Registry) -> None:
    office.directory.issue_token(UMU, office.anna, expires_on=date(2026, 12, 8))
    (card,) = office.directory.tokens(UMU, office.anna)
    assert card.expires_at is not None
    assert (card.is_good(card.expires_at - 1), card.is_good(card.expires_at)) == (True, False)
    office.directory.revoke(UMU, office.anna)
    assert not office.directory.tokens(UMU, office.anna)[0].is_good(0)


def test_a_token_is_issued_to_nobody_unknown_and_for_no_day_gone_by(office: Registry) -> None:
    with pytest.raises(BadFields, match="no such person"):
        office.directory.issue_token(UMU, "nobody")
    with pytest.raises(BadFields, match="has passed"):
        office.directory.issue_token(UMU, office.anna, expires_on=date(2026, 12, 6))
