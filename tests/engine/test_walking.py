"""Walking: a quick look at every history sees gaps, jumps and steps that a process does not have."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import machine
from engine.definition import Definition
from engine.store import walk_rows
from engine.store.walk_rows import Row
from engine.walking import Misstep, Walked, graphs, legal, walk
from tests.engine.house import CATALOGUE, INSTITUTION
from tests.engine.lives import Life, lived

GRAPHS = graphs(CATALOGUE)
STAY: Definition = CATALOGUE.current("stay")


def walked(life: Life) -> tuple[Walked, list[Misstep]]:
    counted = Walked()
    return counted, list(walk(walk_rows.steps(life.house.store, INSTITUTION), GRAPHS, counted))


def path(*triggers: str, definition: Definition = STAY, case: str = "c") -> list[Row]:
    """Rows of a case that takes these steps, lawful or not."""
    steps, state = machine.table(definition.workflow), definition.workflow.initial
    rows: list[Row] = [(case, 1, None, None, state, definition.hash)]
    for trigger in triggers:
        to = steps.get((state, trigger), state)
        rows.append((case, len(rows) + 1, state, trigger, to, definition.hash))
        state = to
    return rows


def wrong(rows: Sequence[Row]) -> list[tuple[int, str]]:
    return [(each.sequence, each.what) for each in walk([rows], GRAPHS, Walked())]


def changed(rows: list[Row], place: int, **values: Any) -> list[Row]:
    names = ("case", "sequence", "from", "trigger", "to", "definition")
    row = dict(zip(names, rows[place - 1], strict=True)) | values
    made: Any = tuple(row[name] for name in names)
    return [*rows[: place - 1], made, *rows[place:]]


def test_an_untouched_house_is_walked_to_its_end(database_url: str) -> None:
    with lived(database_url) as life:
        counted, found = walked(life)

        assert (counted.cases, counted.events, found) == (3, len(life.house.rows("event")), [])


@pytest.mark.parametrize(
    ("column", "value"),
    [("from_state", "nowhere"), ("to_state", "nowhere"), ("trigger", "fly"), ("definition", "f" * 64)],
)
def test_a_column_changed_in_the_store_is_named(database_url: str, column: str, value: str) -> None:
    with lived(database_url) as life:
        life.change("event", {column: value}, case_id=life.stay, sequence=6)
        _, found = walked(life)

        assert [(each.case, each.sequence) for each in found] == [(life.stay, 6)]


def test_an_event_taken_away_is_named(sqlite_url: str) -> None:
    with lived(sqlite_url) as life:
        life.drop("event_detail", case_id=life.stay, sequence=4)
        life.drop("event", case_id=life.stay, sequence=4)
        _, found = walked(life)

        assert [(each.case, each.sequence) for each in found] == [(life.stay, 4)]


def test_each_kind_of_wrong_is_said_in_words() -> None:
    rows = path("propose", "withdraw")
    cases = {
        "it is missing": [rows[0], rows[2]],
        "an event stands there twice": [rows[0], rows[0], *rows[1:]],
        "it leaves": changed(rows, 3, **{"from": "draft"})
        if rows[2][2] != "draft"
        else changed(rows, 3, **{"from": "x"}),
        "does not lead from": changed(rows, 2, trigger="fly"),
        "nothing does not lead from nowhere": changed(rows, 1, to="elsewhere"),
        "no workflow file declares": changed(rows, 2, definition="0" * 64),
        "nothing migrated it": changed(rows, 2, definition=CATALOGUE.current("contract").hash),
    }
    assert {what: what in wrong(given)[0][1] for what, given in cases.items()} == dict.fromkeys(cases, True)


def test_only_the_first_misstep_of_a_case_is_told() -> None:
    rows = changed(changed(path("propose", "withdraw"), 2, trigger="fly"), 3, trigger="swim")

    assert [place for place, _ in wrong(rows)] == [2]


def test_one_bad_case_hides_no_other() -> None:
    rows = [*changed(path("propose", case="a"), 2, trigger="fly"), *path("propose", case="b")]

    assert [each.case for each in walk([rows], GRAPHS, Walked())] == ["a"]


@given(st.data())
def test_a_step_is_legal_exactly_where_the_machine_takes_it(data: st.DataObject) -> None:
    definition = data.draw(st.sampled_from(CATALOGUE.now))
    states = [state.name for state in definition.workflow.states]
    state, trigger = data.draw(st.sampled_from(states)), data.draw(st.sampled_from(sorted(definition.by_trigger)))
    target = definition.legality.target(state, trigger)

    assert {to for to in states if (state, trigger, to) in legal(definition)} == ({target} if target else set())


@given(st.lists(st.sampled_from(sorted(STAY.by_trigger)), max_size=8), st.lists(st.integers(0, 9), max_size=3))
def test_it_does_not_matter_where_the_rows_are_parted(triggers: list[str], cuts: list[int]) -> None:
    rows = path(*triggers)
    ends = sorted({min(cut, len(rows)) for cut in cuts} | {0, len(rows)})
    parts = [rows[a:b] for a, b in pairwise(ends)]

    assert list(walk(parts, GRAPHS, Walked())) == list(walk([rows], GRAPHS, Walked()))
