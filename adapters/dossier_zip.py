"""Writes files into a ZIP whose bytes depend on them alone, with a list of their SHA-256 sums.

The list is `SHA256SUMS`, as `sha256sum --check` reads it.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping
from typing import Final

MANIFEST: Final = "SHA256SUMS"
WHEN: Final = (1980, 1, 1, 0, 0, 0)
"""The time every file in it bears; the earliest the format knows."""

_READABLE: Final = 0o100644 << 16
_UNIX: Final = 3


def manifest_of(files: Mapping[str, bytes]) -> bytes:
    """The sums of these files, a line each, by name."""
    lines = (f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))
    return "".join(lines).encode()


def zip_file(files: Mapping[str, bytes]) -> bytes:
    """The files, by name, and their sums."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, content in (*sorted(files.items()), (MANIFEST, manifest_of(files))):
            member = zipfile.ZipInfo(name, WHEN)
            member.create_system, member.external_attr = _UNIX, _READABLE
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, content)
    return made.getvalue()
