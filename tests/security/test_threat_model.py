"""The threat model points at what is there: every test, page and setting it names exists."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from service.settings import Settings

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
THREATS: Final = re.findall(r"^\| (T\d+) \|(.*)\|$", PAGE, re.MULTILINE)


def test_every_file_that_is_named_is_there() -> None:
    named = set(re.findall(r"`((?:tests|engine|adapters|service|workflows)/[\w./]+)`", PAGE))
    assert len(named) > 30
    assert sorted(path for path in named if not (ROOT / path).exists()) == []


def test_every_threat_is_numbered_once_and_names_what_shows_that_it_is_stopped() -> None:
    numbers = [int(number[1:]) for number, _ in THREATS]
    assert numbers == list(range(1, len(numbers) + 1))
    assert [number for number, row in THREATS if "`tests/" not in row and "not covered" not in row] == []


def test_every_setting_that_is_named_is_one() -> None:
    named = set(re.findall(r"FARDPLAN_([A-Z_]+)", PAGE))
    assert named - {name.upper() for name in Settings.model_fields} == set()


def test_every_link_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", PAGE)
    assert [link for link in links if "://" not in link and not (ROOT / "docs" / link).exists()] == []
