"""A safeguard taken out of a small tree: noticed, not noticed, and what is no trial at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.safeguards import trying
from tests.safeguards.declaring import Promise, Safeguard
from tests.safeguards.trying import Copy

DOOR = """
def opens(key):
    if key != "right":
        return False
    while key is None:
        pass
    return True
"""
TESTS = """
from house.door import opens

def test_the_right_key_opens():
    assert opens("right")

def test_another_key_does_not_open():
    assert not opens("wrong"), "anybody gets in"

def test_nobody_waits_at_the_door():
    assert not opens(None)
"""
GUARD = 'key != "right"'


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Copy:
    monkeypatch.setattr(trying, "COPIED", ("house", "tests"))
    monkeypatch.setattr(trying, "FILES", ())
    for name, text in (("house/door.py", DOOR), ("tests/test_door.py", TESTS)):
        (tmp_path / "tree" / name).parent.mkdir(parents=True)
        (tmp_path / "tree" / name).write_text(text)
    return Copy(tmp_path / "tree", tmp_path / "copy", "")


def guard(instead: str, *tests: str) -> Safeguard:
    ids = tuple(f"tests/test_door.py::{test}" for test in tests)
    return Safeguard("the lock", Promise.RIGHTS, "the house", "house/door.py", GUARD, instead, ids)


def test_the_test_that_fails_without_it_is_named_and_it_is_put_back(copy: Copy) -> None:
    both = guard("key is None", "test_the_right_key_opens", "test_another_key_does_not_open")
    found = copy.try_without(both)
    assert (found.noticed, found.by) == (True, "tests/test_door.py::test_another_key_does_not_open")
    assert found.why == "AssertionError: anybody gets in"
    assert (copy.folder / "house/door.py").read_text() == DOOR
    assert copy.run(both.noticed_by, first=False).failed == ()


def test_where_all_pass_without_it_nobody_has_noticed(copy: Copy) -> None:
    found = copy.try_without(guard("key is None", "test_the_right_key_opens"))
    assert (found.noticed, found.why) == (False, "no test failed")


def test_a_program_that_does_not_run_any_more_proves_nothing(copy: Copy) -> None:
    found = copy.try_without(guard("key !=", "test_the_right_key_opens"))
    assert not found.noticed
    assert "without it nothing runs" in found.why
    assert "SyntaxError" in found.why


def test_one_that_comes_to_no_end_without_it_is_ended(copy: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trying, "LONGEST", 4)
    found = copy.try_without(guard("key == 5", "test_nobody_waits_at_the_door"))
    assert (found.noticed, found.why) == (True, "came to no end in 4 s")
