"""The list of safeguards does not rot: each stands where it says, and so does each test that must notice."""

from __future__ import annotations

import ast
import re

import pytest

from tests.safeguards.declaring import TREE, NotFound, Promise, Safeguard
from tests.safeguards.lists import SAFEGUARDS


@pytest.mark.parametrize("safeguard", SAFEGUARDS, ids=lambda each: each.name)
def test_a_safeguard_stands_once_in_its_file_and_the_file_is_a_program_without_it(safeguard: Safeguard) -> None:
    whole = (TREE / safeguard.file).read_text()
    without = safeguard.without(whole)
    assert without != whole
    ast.parse(without)


@pytest.mark.parametrize("safeguard", SAFEGUARDS, ids=lambda each: each.name)
def test_the_tests_that_must_notice_are_there(safeguard: Safeguard) -> None:
    assert safeguard.noticed_by
    for test in safeguard.noticed_by:
        file, _, name = test.partition("::")
        text = (TREE / file).read_text()
        assert not name or re.search(rf"^(async )?def {name.partition('[')[0]}\(", text, re.MULTILINE), test


def test_no_two_safeguards_bear_one_name() -> None:
    names = [each.name for each in SAFEGUARDS]
    assert len(set(names)) == len(names)


def test_every_promise_has_a_safeguard_and_is_told_in_the_docs() -> None:
    assert {each.promise for each in SAFEGUARDS} == set(Promise)
    told = (TREE / "docs" / "reliability.md").read_text()
    assert [promise for promise in Promise if f"**{promise}**" not in told] == []


def test_a_text_that_stands_elsewhere_by_now_or_twice_is_said_so() -> None:
    safeguard = Safeguard("n", Promise.ONCE, "p", "file.py", "if x:", "if False:", ("t",))
    assert safeguard.without("a\nif x:\n") == "a\nif False:\n"
    for text in ("", "if x:\nif x:\n"):
        with pytest.raises(NotFound, match=r"n: stands [02] times in file\.py"):
            safeguard.without(text)
