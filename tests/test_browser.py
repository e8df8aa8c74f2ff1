"""Which browser the tests take, and what becomes of them without one."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from playwright.sync_api import BrowserType

from tests import browser
from tests.browser import NAMES, Found, find, refuse, unpacked


@pytest.fixture
def chromium(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BrowserType:
    """Playwright on a machine without any browser; it would look for its own in `tmp_path`."""
    monkeypatch.delenv("BROWSER_PATH", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(browser, "unpacked", lambda: unpacked(tmp_path / "unpacked"))
    return cast("BrowserType", SimpleNamespace(executable_path=str(tmp_path / "playwright" / "chrome")))


def program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o755)
    return path


def test_without_a_browser_none_is_found(chromium: BrowserType) -> None:
    assert find(chromium) is None


def test_each_place_is_preferred_to_those_after_it(
    chromium: BrowserType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lib, fonts = tmp_path / "unpacked/al2023/lib", tmp_path / "unpacked/fonts"
    last = Found(program(tmp_path / "unpacked/chromium"), {"LD_LIBRARY_PATH": str(lib), "FONTCONFIG_PATH": str(fonts)})
    assert find(chromium) == last
    own = program(tmp_path / "playwright/chrome")
    assert find(chromium) == Found(own)
    for name in reversed(NAMES):
        on_path = program(tmp_path / "bin" / name)
        assert find(chromium) == Found(on_path)
    monkeypatch.setenv("BROWSER_PATH", str(own))
    assert find(chromium) == Found(own)


def test_a_browser_that_is_named_and_not_there_is_said_so(
    chromium: BrowserType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROWSER_PATH", "/nowhere/chromium")
    with pytest.raises(FileNotFoundError, match="BROWSER_PATH: there is no /nowhere/chromium"):
        find(chromium)


@pytest.mark.parametrize(("ci", "outcome"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_without_a_browser_ci_fails_and_a_desk_goes_on(
    monkeypatch: pytest.MonkeyPatch, ci: str, outcome: type[BaseException]
) -> None:
    monkeypatch.setenv("CI", ci)
    with pytest.raises(outcome, match="make setup-browser"):
        refuse()
