"""Keeps the figures of several runs together in build/bench.json: a newer line takes the place of an older one."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

WRITTEN = Path("build/bench.json")


def keep(lines: Iterable[Mapping[str, Any]], path: Path = WRITTEN) -> None:
    """Merge lines into the list at `path`, which is made if missing; those of other measures stay.

    A line is known by its measure and what it is held against. A file that cannot be read
    is written anew; it holds nothing that another run does not give again.
    """
    known = {_name(line): line for line in _kept(path)}
    known |= {_name(line): line for line in lines}
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}.draft")
    draft.write_text(json.dumps(list(known.values()), indent=1, ensure_ascii=False), encoding="utf-8")
    draft.replace(path)


def _name(line: Mapping[str, Any]) -> tuple[Any, Any]:
    return line["measure"], line.get("against")


def _kept(path: Path) -> list[Mapping[str, Any]]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return []
    return [line for line in found if isinstance(line, dict) and "measure" in line] if isinstance(found, list) else []
