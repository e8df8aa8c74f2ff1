"""What the locks name: the packages we run on, and those that test and build them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from packaging.utils import canonicalize_name

FOLDER: Final = Path(__file__).parents[2] / "requirements"
_PIN: Final = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(\[[^\]]*\])?==(?P<version>\S+)")
_HASH: Final = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Pinned:
    """A package at a version, and the SHA-256 of each file of it that may be installed."""

    name: str
    version: str
    hashes: tuple[str, ...]


def pinned(lock: str) -> dict[str, Pinned]:
    """The packages of `requirements/LOCK.txt`, by their names as PyPI compares them."""
    text = (FOLDER / f"{lock}.txt").read_text(encoding="utf-8").replace("\\\n", " ")
    found: dict[str, Pinned] = {}
    for line in text.splitlines():
        pin = _PIN.match(line)
        if pin:
            name = canonicalize_name(pin["name"])
            found[name] = Pinned(name, pin["version"], tuple(_HASH.findall(line)))
    return found
