"""Runs that are kept, so that many of them add up: in figures, with the commit they were made at."""

from __future__ import annotations

import fcntl
import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def commit() -> str:
    """What is run: the commit, with a + where files have changed since; empty where there is no git."""
    said = subprocess.run(["git", "describe", "--always", "--dirty=+"], capture_output=True, text=True, check=False)
    return said.stdout.strip()


def record(file: Path, figures: Mapping[str, Any]) -> None:
    """Add a run to those before it; several may end at once."""
    file.parent.mkdir(exist_ok=True)
    with file.open("a+", encoding="utf-8") as kept:
        fcntl.flock(kept, fcntl.LOCK_EX)
        kept.seek(0)
        before = json.loads(kept.read() or "[]")
        kept.truncate(0)
        kept.write(json.dumps([*before, figures], indent=1, ensure_ascii=False) + "\n")


def listed(counts: Mapping[str, int]) -> str:
    """Counts in one line, by name."""
    return ", ".join(f"{what} {count}" for what, count in sorted(counts.items())) or "nothing"
