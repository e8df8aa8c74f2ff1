"""What others wrote and we serve is what it says it is, and asks nobody else for anything."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

VENDOR = Path(__file__).parents[2] / "service/pages/static/vendor"
TABLE = re.findall(
    r"^\| (\S+) \| (\S+) \| (\S+) \| (\S+) \| ([0-9a-f]{64}) \|$", (VENDOR / "VENDOR.md").read_text(), re.MULTILINE
)
SCRIPTS = [row[0] for row in TABLE]


def test_every_file_from_elsewhere_stands_in_the_table() -> None:
    assert sorted(SCRIPTS) == sorted(path.name for path in VENDOR.iterdir() if path.name != "VENDOR.md")


@pytest.mark.parametrize(("file", "name", "version", "licence", "sha256"), TABLE, ids=SCRIPTS)
def test_a_file_from_elsewhere_is_unchanged(file: str, name: str, version: str, licence: str, sha256: str) -> None:
    assert file == f"{name.partition('.')[0]}-{version}.min.js"
    assert licence in {"0BSD", "BSD-2-Clause", "BSD-3-Clause", "MIT", "ISC"}
    assert hashlib.sha256((VENDOR / file).read_bytes()).hexdigest() == sha256


@pytest.mark.parametrize("file", SCRIPTS)
def test_a_script_from_elsewhere_names_no_map_and_no_other_server(file: str) -> None:
    assert re.findall(r"sourceMappingURL|https?://", (VENDOR / file).read_text()) == []
