"""Lists kept under a name: whose they are, who sees them, and what is refused; on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from engine.errors import BadFields
from engine.saved_views import LONGEST_NAME, LONGEST_QUERY, MOST, SavedViews
from engine.store.rows import read_organisation
from tests.engine.house import INSTITUTION, House, open_house

ELSEWHERE = "y.se"


@dataclass
class Shelf:
    """The views of a house, with the organisation as it now is."""

    house: House

    @property
    def views(self) -> SavedViews:
        return SavedViews(self.house.store, self.house.clock, self.house.cases.ids)

    def organisation(self) -> Any:
        with self.house.store.transaction() as ledger:
            return read_organisation(INSTITUTION, ledger.organisation_rows(INSTITUTION))

    def save(self, person: str, name: str = "mine", **more: Any) -> str:
        given = {"page": "/cases", "query": "state=open", "unit": None, **more}
        return self.views.save(self.organisation(), person, name=name, **given)

    def of(self, person: str) -> list[str]:
        return [each.name for each in self.views.of(self.organisation(), person)]

    def kept(self) -> list[tuple[str, str]]:
        return sorted((row["owner"], row["name"]) for row in self.house.rows("saved_view"))


@pytest.fixture
def shelf(database_url: str) -> Iterator[Shelf]:
    with open_house(database_url) as house:
        yield Shelf(house)


def test_one_s_own_view_is_seen_by_nobody_else_and_views_stand_by_name(shelf: Shelf) -> None:
    shelf.save("ann", "c")
    shelf.save("ann", "a")
    shelf.save("arne", "b")
    assert (shelf.of("ann"), shelf.of("arne"), shelf.of("olle")) == (["a", "c"], ["b"], [])


def test_a_unit_s_view_is_seen_there_and_below_and_neither_above_nor_beside(shelf: Shelf) -> None:
    shelf.save("ann", "of a", unit="a")
    shelf.save("olle", "of all", unit="x.se")
    seen = {person: shelf.of(person) for person in ("ann", "arne", "hedda", "bea", "olle", "ada")}
    below = ["of a", "of all"]
    assert seen == {
        "ann": below, "arne": below, "hedda": below, "bea": ["of all"], "olle": ["of all"], "ada": ["of all"],
    }  # fmt: skip


def test_whose_role_has_ended_sees_the_unit_s_views_no_more_but_their_own(shelf: Shelf) -> None:
    today = shelf.house.clock.at.date()
    shelf.house.member("guest", "coordinator", "b", ends_on=today)
    shelf.save("guest", "own")
    shelf.save("bea", "of b", unit="b")
    assert shelf.of("guest") == ["of b", "own"]
    shelf.house.clock.at += timedelta(days=1)
    assert shelf.of("guest") == ["own"]


@pytest.mark.parametrize("unit", ["b", "x.se", "nowhere", ""])
def test_nobody_saves_a_view_for_a_unit_where_they_hold_no_role(shelf: Shelf, unit: str) -> None:
    with refused_for("unit", "Välj en enhet där du har en roll.", "Choose a unit where you hold a role."):
        shelf.save("ann", unit=unit)
    assert shelf.kept() == []


def test_a_role_that_begins_tomorrow_is_none_today(shelf: Shelf) -> None:
    tomorrow = shelf.house.clock.at.date() + timedelta(days=1)
    shelf.house.member("ann", "coordinator", "b", starts_on=tomorrow)
    with refused_for("unit"):
        shelf.save("ann", unit="b")
    shelf.house.clock.at += timedelta(days=1)
    assert shelf.save("ann", unit="b")


NAMELESS = ["", " \t\n ", "a" * (LONGEST_NAME + 1), "a\x00b", "a\u202eb", "e\u0301" * (LONGEST_NAME + 1)]


@pytest.mark.parametrize("name", NAMELESS, ids=ascii)
def test_a_name_that_is_none_is_refused_when_saved_and_when_changed(shelf: Shelf, name: str) -> None:
    view = shelf.save("ann", "good")
    with refused_for("name", "Skriv ett namn med högst 80 tecken.", "Write a name of at most 80 characters."):
        shelf.save("ann", name)
    with refused_for("name"):
        shelf.views.rename(INSTITUTION, "ann", view, name=name)
    assert shelf.kept() == [("ann", "good")]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("  my\n list ", "my list"),
        ("a" * LONGEST_NAME, "a" * LONGEST_NAME),
        ("e\u0301" * LONGEST_NAME, "é" * LONGEST_NAME),
    ],
    ids=["two lines", "long", "long once composed"],
)
def test_a_name_stands_on_one_line_composed_and_may_be_as_long_as_is_said(
    shelf: Shelf, written: str, kept: str
) -> None:
    view = shelf.save("ann", written)
    assert shelf.kept() == [("ann", kept)]
    assert shelf.views.rename(INSTITUTION, "ann", view, name=written)
    assert shelf.kept() == [("ann", kept)]


def test_filters_are_kept_up_to_their_end_and_not_beyond(shelf: Shelf) -> None:
    shelf.save("ann", query="q" * LONGEST_QUERY)
    too_long = "Urvalet är för långt för att sparas; välj färre filter."
    with refused_for("query", too_long, "The filters are too long to be saved; choose fewer."):
        shelf.save("ann", query="q" * (LONGEST_QUERY + 1))
    assert [row["query"] for row in shelf.house.rows("saved_view")] == ["q" * LONGEST_QUERY]


def test_whoever_has_as_many_as_may_be_saves_one_more_after_removing_one_and_others_save_theirs(shelf: Shelf) -> None:
    views = [shelf.save("ann", f"{number}") for number in range(MOST)]
    full = "Du har redan 100 sparade vyer; ta bort någon först."
    with refused_for("name", full, "You already have 100 saved views; remove one first."):
        shelf.save("ann", "one more")
    assert len(shelf.kept()) == MOST
    assert shelf.save("arne")
    assert shelf.views.remove(INSTITUTION, "ann", views[0])
    assert shelf.save("ann", "one more")


def test_only_its_owner_changes_or_removes_a_view_and_only_in_their_own_institution(shelf: Shelf) -> None:
    view = shelf.save("ann", "of a", unit="a")
    for institution, person in ((INSTITUTION, "arne"), (INSTITUTION, "adam"), (ELSEWHERE, "ann")):
        assert not shelf.views.rename(institution, person, view, name="another")
        assert not shelf.views.remove(institution, person, view)
    assert shelf.kept() == [("ann", "of a")]
    assert shelf.views.rename(INSTITUTION, "ann", view, name="another")
    assert shelf.of("arne") == ["another"]
    assert shelf.views.remove(INSTITUTION, "ann", view)
    assert not shelf.views.remove(INSTITUTION, "ann", view)
    assert shelf.kept() == []


@contextmanager
def refused_for(field: str, sv: str | None = None, en: str | None = None) -> Iterator[None]:
    """Expect a refusal that names the field, in these words of both languages where they are given."""
    with pytest.raises(BadFields) as raised:
        yield
    (reason,) = raised.value.reasons
    assert reason.code == f"field:{field}"
    assert sv is None or (reason.message.sv, reason.message.en) == (sv, en)
