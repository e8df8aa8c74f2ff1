"""`python -m tests.safeguards [--only NAME …] [--processes N] [--list]`: takes each safeguard out, prints who notices.

Ends with 1 where one goes unnoticed, or where its tests fail on the tree as it is.
"""

from __future__ import annotations

import argparse
import json
import queue
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from tests.databases import start_postgresql
from tests.safeguards.declaring import TREE, NotFound, Safeguard
from tests.safeguards.lists import SAFEGUARDS
from tests.safeguards.trying import Copy, Found, Run

WIDE = 52
ALL_OF_THEM = 1800
"""Seconds for all their tests on the tree as it is."""


def main() -> int:
    """Try what is asked for; 0 if every safeguard was noticed."""
    parser = argparse.ArgumentParser("python -m tests.safeguards", description=__doc__)
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="those whose name begins so")
    parser.add_argument("--processes", type=int, default=2, metavar="N", help="how many copies are tried at once")
    parser.add_argument("--list", action="store_true", help="say which there are, and try none")
    options = parser.parse_args()
    chosen = [each for each in SAFEGUARDS if not options.only or each.name.startswith(tuple(options.only))]
    if not chosen:
        parser.error(f"no safeguard's name begins with {' or '.join(options.only)}; --list says which there are")
    if options.list:
        for each in chosen:
            print(f"{each.name:{WIDE}} {each.promise:13} {each.file}")
        return 0
    try:
        for each in chosen:
            each.without((TREE / each.file).read_text())
    except NotFound as error:
        print(f"The list is out of date. {error}", file=sys.stderr)
        return 1
    with _copies(min(max(1, options.processes), len(chosen))) as copies:
        found = list(_tried(chosen, copies))
    return _told(found, whole=not options.only)


@contextmanager
def _copies(count: int) -> Iterator[list[Copy]]:
    """So many copies of the tree, and one PostgreSQL for their tests; all gone at the end."""
    with tempfile.TemporaryDirectory(prefix="fardplan_safeguards_") as name:
        folder = Path(name)
        # The account that runs PostgreSQL passes through.
        folder.chmod(0o711)
        with start_postgresql(folder / "postgresql") as database:
            first = Copy(TREE, folder / "copy_0", database)
            # Of the first, and not of the tree: somebody may be changing that meanwhile.
            yield [first, *(Copy(first.folder, folder / f"copy_{number}", database) for number in range(1, count))]


def _tried(chosen: Sequence[Safeguard], copies: Sequence[Copy]) -> Iterator[Found]:
    """Run all their tests on the tree as it is, then each safeguard's without it; told in the order of the list."""
    tests = list(dict.fromkeys(test for each in chosen for test in each.noticed_by))
    before = _as_it_is(tests, copies)
    for run in before:
        if not run.ran:
            sys.exit(f"The tests cannot be run on the tree as it is:\n{run.said[-20000:]}")
    failing = [each.test for run in before for each in run.failed]
    seconds = max(run.seconds for run in before)
    print(f"{len(tests)} tests on the tree as it is: {len(failing)} failed, {seconds:.0f} s\n", flush=True)
    free: queue.SimpleQueue[Copy] = queue.SimpleQueue()
    for copy in copies:
        free.put(copy)
    print(f"{'safeguard':{WIDE}} {'promise':13} {'seconds':>7}  noticed by", flush=True)
    with ThreadPoolExecutor(len(copies)) as pool:
        for found in pool.map(partial(_one, free, failing), chosen):
            _line(found)
            yield found


def _as_it_is(tests: Sequence[str], copies: Sequence[Copy]) -> list[Run]:
    """Run the tests on the tree as it is, file by file shared out among the copies."""
    files: dict[str, list[str]] = {}
    for test in tests:
        files.setdefault(test.partition("::")[0], []).append(test)
    shares: list[list[str]] = [[] for _ in copies]
    for place, some in enumerate(files.values()):
        shares[place % len(copies)] += some
    with ThreadPoolExecutor(len(copies)) as pool:
        begun = [
            pool.submit(copy.run, share, first=False, longest=ALL_OF_THEM)
            for copy, share in zip(copies, shares, strict=True)
            if share
        ]
        return [each.result() for each in begun]


def _one(free: queue.SimpleQueue[Copy], failing: Sequence[str], safeguard: Safeguard) -> Found:
    for test in safeguard.noticed_by:
        broken = next((each for each in failing if each == test or each.startswith((f"{test}[", f"{test}::"))), None)
        if broken is not None:
            return Found(safeguard, None, f"fails on the tree as it is: {broken}", 0.0)
    copy = free.get()
    try:
        return copy.try_without(safeguard)
    finally:
        free.put(copy)


def _line(found: Found) -> None:
    by = found.by.rpartition("::")[2] if found.by else f"NOT NOTICED: {found.why}"
    print(f"{found.safeguard.name:{WIDE}} {found.safeguard.promise:13} {found.seconds:7.1f}  {by}", flush=True)


def _told(found: Sequence[Found], *, whole: bool) -> int:
    """Say how many were noticed; keep what was found of the whole list in build/safeguards.json."""
    noticed = sum(each.noticed for each in found)
    print(f"\n{noticed} of {len(found)} safeguards noticed, {sum(each.seconds for each in found):.0f} s")
    if whole:
        kept = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "safeguards": [_row(each) for each in found]}
        target = TREE / "build" / "safeguards.json"
        target.parent.mkdir(exist_ok=True)
        target.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n")
    return 0 if noticed == len(found) else 1


def _row(found: Found) -> dict[str, Any]:
    one = found.safeguard
    return {
        "name": one.name, "promise": one.promise, "protects": one.protects, "file": one.file,
        "noticed_by": found.by, "why": found.why, "seconds": round(found.seconds, 1),
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
