"""Cases are found by parts of words in number, text and the subject's name, alike on both databases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.store import searching
from engine.store.searching import LETTERS
from tests.engine.house import House, open_house
from tests.engine.rows_by_hand import Rows, rows_of

CASES = {
    "c1": ("Statistik, Wien", "Åsa Öberg"),
    "c2": ("Statistik, Århus", "Bo Ek"),
    "c3": ('100 % "Fysik" _ \\ Graz', "O'Brien Müller"),
    "c4": ("Straße 9 (FS 1.2-3)", "BJÖRN ÅKE STRAẞE"),
    "c5": ("Statistik, Oulu", None),
}


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    with open_house(database_url) as made:
        yield made


@pytest.fixture
def rows(house: House) -> Rows:
    """Five cases, four of them about somebody with a name."""
    made = rows_of(house)
    for case, (title, name) in CASES.items():
        made.person(f"s{case}", name)
        made.case(case, title=title, subject=f"s{case}")
    return made


@pytest.fixture(params=[3000, 0], ids=["few", "many"])
def road(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways of going through what is found, which depend on how many are."""
    monkeypatch.setattr(searching, "FEW", request.param)


@pytest.mark.usefixtures("road")
def test_every_word_occurs_in_number_text_or_name(rows: Rows) -> None:
    expected = {
        "tist": ["c1", "c2", "c5"], "statistik wien": ["c1"], "Wien STATISTIK öber": ["c1"], "STA-2026-c2": ["c2"],
        "2026-C": sorted(CASES), "öberg": ["c1"], "ÖBERG": ["c1"], "bErG": ["c1"], "århus": ["c2"], "björn": ["c4"],
        "åke": ["c4"], "STRASSE": ["c4"], "straße": ["c4"], "o'brien": ["c3"], '"fysik"': ["c3"], "oberg": [],
        "öberg århus": [], "tist AND wien": [], "s*": [], "NEAR(": [], "stat% wien": [], "st_t": [], "words:wien": [],
    }  # fmt: skip
    assert {q: rows.found(q=q) for q in expected} == expected


@pytest.mark.usefixtures("road")
def test_a_word_of_one_or_two_letters_begins_a_word(rows: Rows) -> None:
    expected = {
        "ek": ["c2"], "ö": ["c1"], "bj": ["c4"], "st": sorted(CASES), "s statistik": ["c1", "c2", "c5"], "fs": [],
        "ti": [], "%": ["c3"], "_": ["c3"], "\\": ["c3"], '"': ["c3"], '"f': ["c3"], "'": [],
    }  # fmt: skip
    assert {q: rows.found(q=q) for q in expected} == expected


def test_rows_that_are_few_for_another_reason_are_asked_for_their_words(rows: Rows) -> None:
    assert (rows.found(q="wien", subject="sc1"), rows.found(q="oulu", subject="sc1")) == (["c1"], [])


def test_a_name_put_right_is_found_as_it_now_is(rows: Rows) -> None:
    rows.change("person", {"name": "Åsa Nyström"}, id="sc1")
    assert (rows.found(q="öberg"), rows.found(q="nyström")) == ([], ["c1"])


@pytest.mark.parametrize("gone", [{"name": None}, None])
def test_an_erased_name_is_found_no_more_and_stands_in_no_line(rows: Rows, gone: dict[str, None] | None) -> None:
    rows.change("person", gone, id="sc1")
    assert (rows.found(q="öberg"), rows.found(q="wien")) == ([], ["c1"])
    with rows.store.reads() as connection:
        lines = connection.exec_driver_sql("SELECT words FROM case_words").scalars().all()
    assert not [line for line in lines if "berg" in line.casefold()]


def test_the_index_keeps_nothing_of_an_erased_name(sqlite_url: str) -> None:
    with open_house(sqlite_url) as house:
        rows = rows_of(house)
        rows.person("s", "Xerxes")
        rows.case("c1", subject="s")
        rows.change("person", {"name": None}, id="s")
        with rows.store.writes() as connection:
            # The index itself compares what it holds with the lines.
            connection.exec_driver_sql(
                "INSERT INTO case_words_index(case_words_index, rank) VALUES('integrity-check', 1)"
            )
        assert rows.found(q="xer") == []


def test_words_follow_the_case(rows: Rows) -> None:
    rows.change("case_record", {"search": "historia, lyon", "subject": "sc2"}, id="c1")
    assert (rows.found(q="wien"), rows.found(q="lyon"), rows.found(q="bo lyon")) == ([], ["c1"], ["c1"])
    rows.change("case_record", None, id="c1")
    assert rows.found(q="lyon") == []


def test_a_person_who_comes_after_their_case_is_found(rows: Rows) -> None:
    rows.case("c6", subject="late")
    rows.person("late", "Fatima")
    assert rows.found(q="fatima") == ["c6"]


def test_no_search_reaches_into_another_institution(rows: Rows) -> None:
    with rows.store.writes() as connection:
        connection.exec_driver_sql("UPDATE case_record SET institution = 'y.se', id = 'y1' WHERE id = 'c1'")
    assert rows.found(q="statistik") == ["c2", "c5"]


def test_the_keys_of_the_lines_are_never_less_than_the_second_of_opening(sqlite_url: str) -> None:
    with open_house(sqlite_url) as house:
        rows = rows_of(house)
        for number, second in enumerate((5, 5, 900, 4)):
            rows.case(f"c{number}", opened_at=second * 1_000_000 + 7)
        with rows.store.reads() as connection:
            keys = connection.exec_driver_sql("SELECT doc FROM case_words ORDER BY case_id").scalars().all()
        assert keys == [5, 6, 900, 901]


LETTER = st.sampled_from("aAåÅöÖß -%_\\\"'9*")
TEXTS = st.lists(st.text(LETTER, max_size=9), min_size=1, max_size=4)


@pytest.mark.usefixtures("road")
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(q=st.text(LETTER, min_size=1, max_size=6), titles=TEXTS)
def test_what_is_found_is_what_reading_every_line_finds(house: House, q: str, titles: list[str]) -> None:
    rows = rows_of(house)
    rows.change("case_record", None, workflow="stay")
    lines = {rows.case(f"n{n}", title=title): f" sta-2026-n{n} {title} ".casefold() for n, title in enumerate(titles)}
    wanted = [word if len(word) >= LETTERS else f" {word}" for word in q.casefold().split()]
    expected = [case for case, line in lines.items() if all(word in line for word in wanted)]
    assert rows.found(q=q) == rows.found(q=q, counted=True) == expected
