"""The register of partners: known again by Erasmus code, PIC or name."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.directory import Directory
from engine.errors import BadFields
from engine.partners import folded_name
from tests.engine.registry import UMU, registry


@pytest.fixture
def directory(database_url: str) -> Iterator[Directory]:
    with registry(database_url) as made:
        yield made.directory


def test_what_is_not_given_stays(directory: Directory) -> None:
    made = directory.put_partner(UMU, name="Universität Wien", erasmus_code="A  WIEN01", city="Wien")
    again = directory.put_partner(UMU, erasmus_code="A  WIEN01", email="Office@univie.ac.at", city=None)
    assert (again.id, again.city, again.email) == (made.id, "Wien", "office@univie.ac.at")
    assert directory.search_partners(UMU) == [again]


def test_several_are_found_by_their_ids_at_once(directory: Directory) -> None:
    first, second = (directory.put_partner(UMU, name=name) for name in ("Lund", "Wien"))
    assert directory.partners(UMU, {first.id, second.id, "nobody"}) == {first.id: first, second.id: second}
    assert directory.partners(UMU, ()) == {}


def test_two_of_one_name_but_other_codes_are_two_partners(directory: Directory) -> None:
    first = directory.put_partner(UMU, name="Business School", erasmus_code="D  BERLIN13")
    second = directory.put_partner(UMU, name="Business School", erasmus_code="F  PARIS001")
    assert first.id != second.id
    assert directory.find_partner(UMU, name="Business School") is None


def test_a_code_that_becomes_known_later_is_written_to_the_partner_of_the_name(directory: Directory) -> None:
    first = directory.put_partner(UMU, name="Business School")
    assert directory.put_partner(UMU, name="Business School", pic="123456789").id == first.id


@pytest.mark.parametrize(
    "bad",
    [{}, {"name": "X", "pic": "12"}, {"name": "X", "erasmus_code": "WIEN"}, {"name": "X", "email": "x"}, {"nam": "X"}],
)
def test_a_wrong_partner_is_refused(directory: Directory, bad: dict[str, str]) -> None:
    with pytest.raises(BadFields):
        directory.put_partner(UMU, **bad)
    assert directory.search_partners(UMU) == []


def test_names_are_folded_without_accents_case_and_signs() -> None:
    assert folded_name("  Università degli Studi – Ca' Foscari ") == "universita degli studi ca foscari"
