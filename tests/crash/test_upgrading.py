"""The run of two releases sees an upgrade that is half there, a command that misleads, and a row written too late."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crash.processes import TREE
from tests.crash.releases import VERSIONS, Release, changes, half_there, misled

NEWER = Release(Path(), "0011")
MADE = "newer_0011"


@pytest.mark.parametrize(
    ("schema", "table", "column", "wrong"),
    [
        ("0010", False, False, False),
        ("0011", True, True, False),
        ("0010", True, False, True),
        ("0010", True, True, True),
        ("0011", True, False, True),
        ("0011", False, False, True),
        (None, False, True, True),
    ],
)
def test_an_upgrade_that_is_half_there_is_seen(schema: str | None, table: bool, column: bool, wrong: bool) -> None:
    found = half_there(schema, NEWER, {MADE} if table else set(), {MADE} if column else set())
    assert (found is not None) is wrong


@pytest.mark.parametrize(
    ("ended", "said", "wrongs"),
    [(2, "stop first", 0), (0, "stop first", 1), (None, "stop first", 1), (1, "no", 2), (2, "OperationalError", 1)],
)
def test_a_command_that_does_not_say_what_to_do_is_seen(ended: int | None, said: str, wrongs: int) -> None:
    assert len([*misled(("worker",), ended, said, 2, ("stop",))]) == wrongs


def test_what_is_written_where_nothing_may_be_is_seen() -> None:
    before = {"event": ["1"], "outbox": ["a"], "token": []}
    assert [*changes(before, before)] == []
    after = {"event": ["1", "2"], "outbox": [], "finding": ["x"]}
    told = [words.rpartition(", in ")[2] for _, words in changes(before, after)]
    assert told == ["event: ['2']", "finding: ['x']", "outbox: rows are gone"]


def test_a_newer_release_has_one_schema_more_and_leaves_this_one_as_it_is(tmp_path: Path) -> None:
    this = Release.at(TREE)
    next_but_one = this.newer(tmp_path / "a").newer(tmp_path / "b")
    assert int(next_but_one.schema) == int(this.schema) + 2
    assert Release.at(next_but_one.tree) == next_but_one
    assert Release.at(TREE) == this
    assert not (TREE / VERSIONS / f"{next_but_one.schema}_newer.py").exists()
