"""Finds the browser that tests and screenshots drive: one that stands on the machine already.

Looked for in this order: the one BROWSER_PATH names; Chromium or Chrome on PATH; Playwright's
own, where somebody has installed it; the one `make setup-browser` unpacked into this folder.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import pytest
from playwright.sync_api import Browser, BrowserType

UNPACKED = Path(__file__).parents[1] / ".browser"
"""Where `make setup-browser` puts a browser that came without apt."""

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chromium-headless-shell",
    "headless_shell",
)

NOWHERE = "no Chromium or Chrome on this machine: run `make setup-browser`, or name one in BROWSER_PATH"

# A browser's own errands are not those of the tests. The rule for names sees to it even where a
# flag is forgotten: nothing but the loopback has an address.
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--metrics-recording-only",
    "--no-default-browser-check",
    "--no-first-run",
    "--no-pings",
)


@dataclass(frozen=True)
class Found:
    """A browser's program, and the environment it needs beside our own."""

    program: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def launch(self, chromium: BrowserType) -> Browser:
        """Start it without a window. Raises playwright's Error where it does not start."""
        return chromium.launch(executable_path=self.program, args=list(QUIET), env={**os.environ, **self.environment})


def find(chromium: BrowserType) -> Found | None:
    """The first browser there is. Raises FileNotFoundError where BROWSER_PATH names none."""
    named = os.environ.get("BROWSER_PATH")
    if named:
        if not Path(named).is_file():
            raise FileNotFoundError(f"BROWSER_PATH: there is no {named}")
        return Found(Path(named))
    on_path = next(filter(None, map(shutil.which, NAMES)), None)
    if on_path:
        return Found(Path(on_path))
    if Path(chromium.executable_path).is_file():
        return Found(Path(chromium.executable_path))
    return unpacked()


def unpacked(folder: Path = UNPACKED) -> Found | None:
    """The browser that `make setup-browser` unpacked, with the libraries and fonts beside it."""
    program = folder / "chromium"
    if not program.is_file():
        return None
    return Found(program, {"LD_LIBRARY_PATH": str(folder / "al2023" / "lib"), "FONTCONFIG_PATH": str(folder / "fonts")})


def refuse() -> NoReturn:
    """End a test that has no browser: CI must have one, at a desk it may wait."""
    if os.environ.get("CI") == "true":
        pytest.fail(NOWHERE)
    pytest.skip(NOWHERE)
