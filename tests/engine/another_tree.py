"""A Merkle tree by another hand, to compare ours with."""

from __future__ import annotations

from collections.abc import Sequence

from pymerkle import InmemoryTree


class AnotherTree:
    """A tree that grows by its entries, hashed with SHA-256 as RFC 6962 says."""

    def __init__(self, entries: Sequence[bytes] = ()) -> None:
        self._tree = InmemoryTree.init_from_entries(entries, algorithm="sha256")

    def append(self, entry: bytes) -> None:
        self._tree.append_entry(entry)

    def root(self) -> bytes:
        return bytes(self._tree.get_root())
