"""The real logs that developers share, where they lie beside the project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[4] / "shared" / "data" / "eventlogs"
MUST_READ = os.environ.get("CI") == "true" and FOLDER.is_dir()


def real(name: str) -> Path:
    """A real log; the test is passed over where it is not there."""
    path = FOLDER / name
    if not path.is_file() and not MUST_READ:
        pytest.skip(f"{name} is not shared here")
    return path
