"""Histories: what is folded from the events is what is stored, and any moment can be looked at again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.canonical import instant, micros
from engine.model import Case
from engine.store.event_rows import all_events
from tests.engine.house import INSTITUTION, MONDAY
from tests.engine.lives import Life, lived


def at(life: Life, sequence: int) -> Case:
    found = life.history.case_at(INSTITUTION, life.stay, sequence=sequence)
    assert found is not None
    return found


def test_the_fold_of_all_events_is_the_stored_case(database_url: str) -> None:
    with lived(database_url) as life:
        for case in (life.contract, life.stay, life.report):
            stored = life.house.case(case)
            folded = life.history.case_at(INSTITUTION, case)
            assert folded == replace(stored, facts=dict(stored.facts))


def test_a_case_is_shown_as_it_was_after_any_event(database_url: str) -> None:
    with lived(database_url) as life:
        events = life.house.events(life.stay)
        for event in events:
            was = at(life, event["sequence"])
            assert (was.version, was.state, was.head) == (event["sequence"], event["to_state"], event["hash"])


def test_facts_deadlines_and_assignee_are_shown_as_they_were(sqlite_url: str) -> None:
    with lived(sqlite_url) as life:
        first, last = at(life, 1), at(life, 10_000)
        assert (first.facts["note"], last.facts["note"]) == (None, "ready now")
        assert (first.facts["semesters"], last.facts["semesters"]) == (1, 2)
        assert [row.name for row in first.deadlines] == ["answer"]
        assert (first.assignee, last.assignee) == (None, "arne")
        assert first.acts == {}
        assert last.acts == {"propose": ("ann",)}


def test_a_case_is_shown_as_it_was_at_an_instant(sqlite_url: str) -> None:
    with lived(sqlite_url) as life:
        moment = micros(MONDAY)
        was = life.history.case_at(INSTITUTION, life.stay, at=moment)
        assert was is not None
        assert (was.version, was.state) == (1, "asked")
        assert life.history.case_at(INSTITUTION, life.stay, at=moment - 1) is None


def test_the_last_event_of_an_instant_is_what_counts(sqlite_url: str) -> None:
    with lived(sqlite_url) as life:
        events = life.house.events(life.stay)
        moment = events[-1]["at"]
        was = life.history.case_at(INSTITUTION, life.stay, at=moment)
        assert was is not None
        assert was.version == len(events)
        assert instant(moment) == life.house.clock.at


def test_before_its_first_event_and_in_another_house_there_is_no_case(sqlite_url: str) -> None:
    with lived(sqlite_url) as life:
        assert life.history.case_at(INSTITUTION, life.stay, sequence=0) is None
        assert life.history.case_at("y.se", life.stay) is None


@pytest.mark.parametrize(("after", "limit", "sequences"), [(0, 2, [1, 2]), (3, 2, [4, 5]), (99, None, [])])
def test_events_are_read_page_by_page(
    sqlite_url: str, after: int, limit: int | None, sequences: list[int]
) -> None:
    with lived(sqlite_url) as life:
        found = life.history.events(INSTITUTION, life.stay, after=after, limit=limit)
        assert [event.sequence for event in found] == sequences


def test_all_events_come_case_by_case_oldest_first(database_url: str) -> None:
    with lived(database_url) as life:
        with life.house.store.reads() as connection:
            streamed = [(e.case, e.sequence) for e in all_events(connection, INSTITUTION)]
        rows = life.house.rows("event")
        assert streamed == sorted((row["case_id"], row["sequence"]) for row in rows)
