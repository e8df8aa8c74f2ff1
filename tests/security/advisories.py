"""Has anything we use a known vulnerability? `python -m tests.security.advisories PROGRAM [--or-say-so]`.

PROGRAM is pip-audit, from an environment of its own; it asks the advisory service about every package of the
locks. A package it was told nothing about counts as not asked, never as sound: where a mirror knows no
advisories, pip-audit itself says "No known vulnerabilities found" and exits 0.

Exit 0: all were asked about, and none is known to be vulnerable. 1: some are, each named. 3: some could not be
asked about; with `--or-say-so` that is said in as many words, and is no fault of the tree (exit 0).
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from tests.security.locks import FOLDER, pinned

LOCKS: Final = ("dev", "setup")
"""All that is installed here; what runs is among what tests."""

PROBE: Final = "idna"
PATIENCE_SECONDS: Final = 120
NAMED: Final = 5
"""So many packages that were not asked about are named."""

VULNERABLE, NOT_ASKED = 1, 3


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard: the vulnerabilities, and of how many packages something was heard, and of which nothing."""

    known: tuple[str, ...]
    asked: int
    unheard: tuple[str, ...]


def heard(answer: Any) -> Heard:
    """Read pip-audit's JSON."""
    known, unheard, asked = [], [], 0
    for each in answer["dependencies"]:
        if "skip_reason" in each:
            unheard.append(each["name"])
            continue
        asked += 1
        known += [
            f"{each['name']} {each['version']}: {fault['id']}"
            + (f", mended in {', '.join(fault['fix_versions'])}" if fault["fix_versions"] else ", not mended yet")
            for fault in each["vulns"]
        ]
    return Heard(tuple(known), asked, tuple(unheard))


def ask(program: str, file: Path) -> Heard:
    """Have pip-audit ask about a lock; nothing heard at all where it could not."""
    words = [program, "--requirement", str(file), "--disable-pip", "--format", "json"]
    words += ["--progress-spinner", "off", "--timeout", "10"]
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)
        return heard(json.loads(done.stdout))
    except (OSError, subprocess.TimeoutExpired, ValueError, KeyError):
        return silence(file)


def silence(file: Path) -> Heard:
    """Nothing is heard about a lock."""
    return Heard((), 0, (f"all of {file.name}",))


def somebody_answers(program: str) -> bool:
    """Whether the advisory service knows one package that everybody knows: else the others need not be asked about."""
    known = pinned("run")[PROBE]
    hashes = " ".join(f"--hash=sha256:{each}" for each in known.hashes)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "one.txt"
        file.write_text(f"{known.name}=={known.version} {hashes}\n", encoding="utf-8")
        return ask(program, file).asked > 0


def verdict(found: Sequence[Heard], *, or_say_so: bool) -> tuple[int, list[str]]:
    """The exit code, and what is said."""
    known = sorted({each for one in found for each in one.known})
    unheard = sorted({each for one in found for each in one.unheard})
    asked = sum(one.asked for one in found)
    said = known[:]
    if unheard:
        said.append(
            f"advisories: NOT ASKED about {', '.join(unheard[:NAMED])}"
            f"{f' and {len(unheard) - NAMED} more' if len(unheard) > NAMED else ''}: the advisory service could not be "
            "reached, or does not know them. Nothing is known of them; run `make audit` where it can be reached."
        )
    if known:
        return VULNERABLE, said
    if unheard:
        return (0 if or_say_so else NOT_ASKED), said
    return 0, [f"advisories: {asked} pinned packages were asked about; no vulnerability is known"]


def main() -> int:
    """Ask about every lock, and say what was heard."""
    program, *more = sys.argv[1:]
    files = [FOLDER / f"{lock}.txt" for lock in LOCKS]
    there = somebody_answers(program)
    found = [ask(program, file) if there else silence(file) for file in files]
    code, said = verdict(found, or_say_so="--or-say-so" in more)
    print("\n".join(said), file=sys.stderr if code else sys.stdout)
    return code


if __name__ == "__main__":
    sys.exit(main())
