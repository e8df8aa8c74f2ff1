"""Partners are found by code, PIC or name, and searched by words."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.directory import Directory
from tests.engine.registry import UMU, registry


@pytest.fixture
def directory(database_url: str) -> Iterator[Directory]:
    with registry(database_url) as made:
        yield made.directory


def test_a_partner_is_found_by_code_pic_or_name_in_any_writing(directory: Directory) -> None:
    made = directory.put_partner(UMU, name="Universität Wien", erasmus_code="a wien01", pic="999 866 883")
    assert made.erasmus_code == "A  WIEN01"
    assert directory.find_partner(UMU, erasmus_code="A  WIEN01") == made
    assert directory.find_partner(UMU, pic="999866883") == made
    assert directory.find_partner(UMU, name="UNIVERSITAT  Wien") == made
    assert directory.partner(UMU, made.id) == made


def test_the_register_is_searched_by_words_code_and_pic(directory: Directory) -> None:
    wien = directory.put_partner(UMU, name="Universität Wien", erasmus_code="A  WIEN01", pic="999866883")
    directory.put_partner(UMU, name="Universitetet i Oslo", erasmus_code="N  OSLO01")
    for words in ("wien", "Universitat W", "A  WIEN", "wien01", "99986"):
        assert directory.search_partners(UMU, words) == [wien]
    assert [each.city for each in directory.search_partners(UMU, limit=1)] == [None]


@pytest.mark.parametrize("typed", ["%", "_", "\\", "' or 1=1"])
def test_what_is_typed_into_the_search_stands_for_itself(directory: Directory, typed: str) -> None:
    directory.put_partner(UMU, name="Universität Wien", erasmus_code="A  WIEN01")
    assert directory.search_partners(UMU, typed) == []
