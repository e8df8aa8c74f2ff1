"""Loading: a file becomes a definition, and what is wrong with it is told with its line."""

from __future__ import annotations

import inspect
import pickle
import re
import sys
from pathlib import Path

import pytest

from engine.catalogue import Catalogue
from engine.errors import WorkflowInvalid
from tests.engine.examples import (
    SOURCE,
    defined,
)


def written(folder: Path, name: str, text: str) -> Path:
    """A file with this text."""
    path = folder / f"{name}.py"
    path.write_text(text, encoding="utf-8")
    return path


def test_files_are_loaded(tmp_path: Path) -> None:
    catalogue = Catalogue.of([written(tmp_path, "loan", SOURCE)])
    assert catalogue.current("loan").hash == defined().hash


def test_a_past_file_keeps_its_own_behaviour(tmp_path: Path) -> None:
    newer = SOURCE.replace("version=1", "version=2").replace('"no_purpose"', '"purpose_missing"')
    now, past = written(tmp_path, "loan", newer), written(tmp_path, "loan_1", SOURCE)
    catalogue = Catalogue.of([now], [past])
    assert [each.version for each in catalogue.versions("loan")] == [2, 1]
    assert catalogue.by_hash(defined().hash).version == 1


def test_an_init_file_is_passed_over(tmp_path: Path) -> None:
    files = [written(tmp_path, "__init__", ""), written(tmp_path, "loan", SOURCE)]
    assert Catalogue.of(files).names == ("loan",)


def test_a_change_within_the_same_second_is_seen(tmp_path: Path) -> None:
    before = Catalogue.of([written(tmp_path, "loan", SOURCE)]).current("loan")
    changed = SOURCE.replace('Figure("answer_days", 3)', 'Figure("answer_days", 5)')
    after = Catalogue.of([written(tmp_path, "loan", changed)]).current("loan")
    assert (before.figures["answer_days"], after.figures["answer_days"]) == (3, 5)


def test_source_and_pickle_work_for_what_a_file_defines(tmp_path: Path) -> None:
    facts = Catalogue.of([written(tmp_path, "loan", SOURCE)]).current("loan").workflow.facts
    assert "What a loan knows" in inspect.getsource(facts)
    assert pickle.loads(pickle.dumps(facts(purpose="work"))) == facts(purpose="work")  # type: ignore[call-arg]  # facts of a file made here


def test_a_file_in_a_package_keeps_its_dotted_name(tmp_path: Path) -> None:
    package = tmp_path / "house_of_keys"
    package.mkdir()
    written(package, "__init__", "")
    facts = Catalogue.of([written(package, "loan", SOURCE)]).current("loan").workflow.facts
    assert facts.__module__ == "house_of_keys.loan"


def test_a_module_somebody_imported_is_not_made_twice() -> None:
    here = sys.modules["tests.engine.examples"]
    loaded = Catalogue.of([Path(str(here.__file__))]).current("loan")
    assert loaded.hash == defined().hash


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("def declare(:\n", r"loan\.py:1: is not Python: "),
        ("x = 1\n\nimport no_such_thing\n", r"loan\.py:3: does not import: No module named"),
        ("x = 1\n\ny = x / 0\n", r"loan\.py:3: ZeroDivisionError: division by zero"),
        ("x = 1\n", r"loan\.py:1: has no function declare\(\)"),
        ("def declare():\n    return 3\n", r"loan\.py:1: declare\(\) gives a int"),
        ("def declare():\n\n    return [][1]\n", r"loan\.py:3: IndexError"),
    ],
)
def test_a_broken_file_is_told_with_its_line(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(WorkflowInvalid) as caught:
        Catalogue.of([written(tmp_path, "loan", text)])
    assert re.search(told, caught.value.problems[0])


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(WorkflowInvalid, match=r"gone\.py:1: cannot be read"):
        Catalogue.of([tmp_path / "gone.py"])


def test_a_file_that_fails_leaves_no_half_made_module(tmp_path: Path) -> None:
    before = set(sys.modules)
    with pytest.raises(WorkflowInvalid):
        Catalogue.of([written(tmp_path, "loan", "1 / 0")])
    assert set(sys.modules) == before


def test_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    files = [written(tmp_path, "one", "1 / 0"), written(tmp_path, "two", "def f(:")]
    with pytest.raises(WorkflowInvalid) as caught:
        Catalogue.of(files)
    assert [problem.split(":")[0] for problem in caught.value.problems] == ["one", "two"]
