"""Merkle trees after RFC 6962 section 2.1 (the same in RFC 9162 section 2.1), with SHA-256.

Hashes are raw 32 bytes; leaves count from 0. A tree is read through its perfect subtrees:
`Nodes` answers with the root of the one over the leaves from INDEX × 2^LEVEL, 2^LEVEL of
them. How they are stored is no matter of this module (`engine.tiles`), nor who signs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import Final

Nodes = Callable[[int, int], bytes]
"""The root of a perfect subtree, by its level (0: leaves) and its index in that level."""

EMPTY: Final = hashlib.sha256(b"").digest()
"""The root of a tree without leaves."""


def leaf_hash(entry: bytes) -> bytes:
    """The hash of a leaf, from its entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees put together."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def peaks(size: int) -> Iterator[tuple[int, int]]:
    """The greatest perfect subtrees that make up a tree, from the left, as (level, index)."""
    start = 0
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            yield level, start >> level
            start += 1 << level


class Frontier:
    """A tree that grows leaf by leaf and keeps its peaks alone: at most one hash a level."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []

    @classmethod
    def of(cls, size: int, nodes: Nodes) -> Frontier:
        """The frontier of a tree that is stored."""
        made = cls()
        made.size, made._peaks = size, [nodes(level, index) for level, index in peaks(size)]
        return made

    def append(self, leaf: bytes) -> None:
        """Add a leaf by its hash."""
        found, size = leaf, self.size
        while size & 1:
            found = node_hash(self._peaks.pop(), found)
            size >>= 1
        self._peaks.append(found)
        self.size += 1

    def root(self) -> bytes:
        """The root of the tree as it now is."""
        return _folded(self._peaks)


def _folded(tops: Sequence[bytes]) -> bytes:
    """One root over peaks, put together from the right."""
    if not tops:
        return EMPTY
    found = tops[-1]
    for left in reversed(tops[:-1]):
        found = node_hash(left, found)
    return found


def root(size: int, nodes: Nodes) -> bytes:
    """The root of the tree over its first `size` leaves."""
    return _range(0, size, nodes)


def _range(start: int, end: int, nodes: Nodes) -> bytes:
    """The root over some leaves. `start` must be where a subtree as great as the range may begin."""
    tops = []
    for level, index in peaks(end - start):
        tops.append(nodes(level, (start >> level) + index))
    return _folded(tops)


def _split(size: int) -> int:
    """The greatest power of two less than `size`, which is at least two."""
    return 1 << ((size - 1).bit_length() - 1)


def inclusion_proof(leaf: int, size: int, nodes: Nodes) -> tuple[bytes, ...]:
    """The path from a leaf to the root (RFC 9162 section 2.1.3.1). Raises ValueError for no such leaf."""
    if not 0 <= leaf < size:
        raise ValueError(f"there is no leaf {leaf} in a tree of {size}")
    path, start, end = [], 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if leaf < middle:
            path.append(_range(middle, end, nodes))
            end = middle
        else:
            path.append(_range(start, middle, nodes))
            start = middle
    return tuple(reversed(path))


def consistency_proof(old: int, new: int, nodes: Nodes) -> tuple[bytes, ...]:
    """What shows that the tree of `old` leaves is the beginning of that of `new` (RFC 9162 section 2.1.4.1).

    Empty where there is nothing to show: from no leaves, and from a tree to itself.
    Raises ValueError where `old` is the greater.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {old} is not the beginning of one of {new}")
    if old in {0, new}:
        return ()
    path, start, end = [], 0, new
    known = True
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(_range(middle, end, nodes))
            end = middle
        else:
            path.append(_range(start, middle, nodes))
            start, known = middle, False
    if not known:
        path.append(_range(start, end, nodes))
    return tuple(reversed(path))


def verify_inclusion(leaf_hash: bytes, leaf: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the proof leads from the leaf to the root (RFC 9162 section 2.1.3.2)."""
    if not 0 <= leaf < size:
        return False
    place, last, found = leaf, size - 1, leaf_hash
    for other in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node_hash(other, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, other)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def verify_consistency(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the proof shows one tree to be the beginning of the other (RFC 9162 section 2.1.4.2)."""
    if old in {0, new}:
        begins = EMPTY if old == 0 else new_root
        return old <= new and not proof and old_root == begins and (new > 0 or new_root == EMPTY)
    if not 0 < old < new or not proof:
        return False
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    before = after = path[0]
    for other in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            before, after = node_hash(other, before), node_hash(other, after)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            after = node_hash(after, other)
        place, last = place >> 1, last >> 1
    return last == 0 and before == old_root and after == new_root
