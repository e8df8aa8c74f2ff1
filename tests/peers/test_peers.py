"""Peers are set up apart, and one that cannot be is named with the reason."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.peers import __main__ as driver
from tests.peers import environments
from tests.peers.environments import NotInstalled

PROGRAMS = sorted(Path(driver.__file__).parent.glob("steps_*.py"))


def own_python(_: str) -> Path:
    return Path(sys.executable)


def absent(_: str) -> Path:
    raise NotInstalled("no such package here")


def test_every_peer_has_a_program_and_a_lock() -> None:
    asked = {peer.name for peer in driver.peers("postgresql:///dbos")}
    assert asked == {path.stem.removeprefix("steps_") for path in PROGRAMS}
    assert [name for name in asked if not (environments.ROOT / f"requirements/peer-{name}.txt").exists()] == []


def test_a_peer_that_cannot_be_installed_is_named_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(driver, "environment", absent)
    assert driver.able([driver.Peer("dbos", "sqlite")], tmp_path) == []
    assert "dbos cannot be installed here and is not measured: no such package here" in capsys.readouterr().out


def test_a_peer_that_fails_is_named_with_its_words_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "steps_good.py").write_text("""print('{"measure": "good step", "rate": 5, "versions": {}}')""")
    (tmp_path / "steps_bad.py").write_text("raise SystemExit('no disk')")
    monkeypatch.setattr(driver, "FOLDER", tmp_path)
    monkeypatch.setattr(driver, "environment", own_python)
    found = driver.able([driver.Peer("bad", "x"), driver.Peer("good", "x")], tmp_path)
    assert [peer.label for peer in found] == ["good step"]
    assert "bad does not run here and is not measured: no disk" in capsys.readouterr().out


def test_a_program_that_hangs_is_ended(tmp_path: Path) -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        driver._said([sys.executable, "-c", "import time; time.sleep(60)"], tmp_path, 0.5)


def test_our_step_is_held_against_each_peer_and_the_versions_of_both_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = """print('{"measure": "their step", "rate": 5, "versions": {"theirs": "1.0"}}')"""
    (tmp_path / "steps_good.py").write_text(told)
    monkeypatch.setattr(driver, "FOLDER", tmp_path)
    monkeypatch.setattr(driver, "environment", own_python)
    found = driver.able([driver.Peer("good", "x")], tmp_path)
    ours = {driver.ON_SQLITE: lambda _: 20.0, driver.ON_POSTGRESQL: lambda _: 1.0}
    lines = driver.beside(found, ours, tmp_path, rounds=2, seconds=0.1)
    assert [(each.measure, each.ratio) for each in lines] == [("their step", 1.0), (driver.ON_SQLITE, 4.0)]
    assert all({"theirs", "python"} <= set(each["versions"]) for each in driver.as_kept(lines, found))
