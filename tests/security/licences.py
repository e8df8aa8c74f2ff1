"""`python -m tests.security.licences`: under which licences is what we use, and may we use it so? Without network.

Read off the metadata of what is installed: the SPDX expression (PEP 639), else the field `License` where it is
one, else the classifiers, else what somebody read in the package itself (`READ`). Exit 1 where one is not
allowed, or not known.

Färdplan is under the EUPL-1.2. What runs with it may be under a permissive licence, the MPL or the LGPL, not
under the GPL or AGPL. What only tests may be under others, each named with its reason.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from typing import Any, Final

from license_expression import ExpressionError, get_spdx_licensing

from tests.security.locks import Pinned, pinned

PERMISSIVE: Final = frozenset({
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MIT-0", "MIT-CMU", "PSF-2.0", "Zlib",
})  # fmt: skip
ALLOWED: Final = PERMISSIVE | {"MPL-2.0", "LGPL-3.0-only", "LGPL-3.0-or-later", "LGPL-2.1-or-later", "EUPL-1.2"}
"""Licences of what runs. The MPL and the LGPL bind changes of the library itself, and we change none."""

ONLY_TESTS: Final[Mapping[str, tuple[str, str]]] = {
    "pymerkle": ("GPL-3.0-or-later", "a test compares our Merkle tree with its; no package of ours imports it"),
}
"""What is neither imported nor delivered: its licence, and why it may be there."""

READ: Final[Mapping[str, str]] = {
    "axe-playwright-python": "MIT AND MPL-2.0",  # the axe it carries is Deque's, under the MPL
    "colorama": "BSD-3-Clause",  # installed on Windows only
}
"""What stands in the package and not in its metadata."""

CLASSIFIERS: Final[Mapping[str, str]] = {
    "Apache Software License": "Apache-2.0",
    # The classifier leaves open which BSD; every one of them is permissive.
    "BSD License": "BSD-3-Clause",
    "GNU General Public License v3 or later (GPLv3+)": "GPL-3.0-or-later",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "OSI Approved": "",
    "Python Software Foundation License": "PSF-2.0",
}

_SPDX: Final[Any] = get_spdx_licensing()


@dataclass(frozen=True, slots=True)
class Licensed:
    """A package and its licence as an SPDX expression; None where nothing tells."""

    name: str
    version: str
    expression: str | None


def of(package: Pinned) -> Licensed:
    """The licence of a package."""
    if package.name in READ:
        return Licensed(package.name, package.version, READ[package.name])
    try:
        about = metadata.metadata(package.name)
    except metadata.PackageNotFoundError:
        return Licensed(package.name, package.version, None)
    return Licensed(package.name, package.version, declared(about))


def declared(about: Any) -> str | None:
    """The licence that a package's metadata declare, as an SPDX expression."""
    for field in ("License-Expression", "License"):
        written = about.get(field)
        if written and is_spdx(written):
            return str(written)
    lines = [line.rpartition(" :: ")[2] for line in about.get_all("Classifier") or () if line.startswith("License ::")]
    if not lines or not set(lines) <= set(CLASSIFIERS):
        return None
    return " AND ".join(sorted({CLASSIFIERS[line] for line in lines} - {""})) or None


def is_spdx(written: str) -> bool:
    """Whether a text is an SPDX expression of known licences."""
    try:
        return not _SPDX.unknown_license_keys(_SPDX.parse(written))
    except ExpressionError:
        return False


def is_allowed(expression: str, allowed: frozenset[str] = ALLOWED) -> bool:
    """Whether one of the ways in which something may be used is allowed: all of AND, one of OR."""
    return _holds(_SPDX.parse(expression), allowed)


def _holds(part: Any, allowed: frozenset[str]) -> bool:
    if isinstance(part, _SPDX.OR):
        return any(_holds(each, allowed) for each in part.args)
    if isinstance(part, _SPDX.AND):
        return all(_holds(each, allowed) for each in part.args)
    # A licence WITH an exception is one symbol, and so is allowed as a whole or not at all.
    return part.render() in allowed


def faults(run: Mapping[str, Pinned], dev: Mapping[str, Pinned]) -> list[str]:
    """What may not be used, or nobody knows whether it may."""
    found = []
    for name, package in sorted({**dev, **run}.items()):
        licensed = of(package)
        if licensed.expression is None:
            found.append(f"{name} {package.version}: no licence is declared; read it, and name it in READ")
        elif is_allowed(licensed.expression):
            continue
        elif name in run or ONLY_TESTS.get(name, ("",))[0] != licensed.expression:
            found.append(f"{name} {package.version}: {licensed.expression} is not allowed")
    return found


def main() -> int:
    """Print every fault, else how many packages were looked at."""
    run, dev = pinned("run"), pinned("dev")
    found = faults(run, dev)
    for fault in found:
        print(fault, file=sys.stderr)
    if not found:
        print(f"licences: {len(run)} packages that run and {len(dev.keys() - run.keys())} that test may be used")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
