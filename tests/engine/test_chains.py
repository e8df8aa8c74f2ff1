"""The chain of a case's events by itself: bytes, links, details, whatever else might notice as well."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.canonical import chain
from engine.chains import Wrong, chain_wrong
from engine.store import event_rows
from tests.engine.house import INSTITUTION
from tests.engine.lives import Life, lived


@pytest.fixture
def life(sqlite_url: str) -> Iterator[Life]:
    with lived(sqlite_url) as made:
        yield made


def wrong_in(life: Life, case: str) -> Wrong | None:
    return chain_wrong(event_rows.events(life.house.store, INSTITUTION, case))


def test_an_untouched_chain_holds(life: Life) -> None:
    assert [wrong_in(life, case) for case in (life.contract, life.stay, life.report)] == [None] * 3


def test_a_byte_more_in_an_event_is_named(life: Life) -> None:
    """One that says nothing: what is read of the event stays the same, and so do its columns."""
    event = life.house.events(life.stay)[3]
    life.change("event", {"body": bytes(event["body"]) + b" "}, case_id=life.stay, sequence=event["sequence"])
    assert wrong_in(life, life.stay) == Wrong(event["sequence"], "the event's bytes do not give its hash")


def test_an_event_that_follows_another_history_is_named(life: Life) -> None:
    """Its own hash is right, and the case's row says so: only that the one before is another tells."""
    last = life.house.events(life.stay)[-1]
    elsewhere = "1" * 64
    own = chain(bytes(last["body"]), elsewhere)
    life.change("event", {"previous": elsewhere, "hash": own}, case_id=life.stay, sequence=last["sequence"])
    life.change("case_record", {"head": own}, id=life.stay)
    assert life.wrong(life.stay) == (life.stay, last["sequence"])


def test_a_detail_that_was_changed_is_named_by_the_chain(life: Life) -> None:
    kept = life.house.rows("event_detail", case_id=life.stay)[0]
    changed = bytes(kept["detail"]).replace(b"{", b'{"z":"z",', 1)
    life.change("event_detail", {"detail": changed}, case_id=life.stay, sequence=kept["sequence"])
    assert wrong_in(life, life.stay) == Wrong(kept["sequence"], "the detail is not the one that was committed to")
