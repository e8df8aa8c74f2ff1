"""How the tree is stored: in tiles of at most 256 hashes, after the idea of C2SP tlog-tiles.

A tile of level L holds roots of perfect subtrees of 256^L leaves: those of level 0 the
leaves themselves. A tile that is full never changes again, so that growth writes the new
hashes and at most one unfinished tile a level; a proof reads at most two tiles a level.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from engine.merkle import node_hash

HASH: Final = 32
HEIGHT: Final = 8
WIDTH: Final = 1 << HEIGHT

TilePlace = tuple[int, int]
"""Where a tile stands: its level and its number in that level."""


class TilesWrong(ValueError):
    """A stored tile is missing, or shorter than the tree says."""

    def __init__(self, place: TilePlace) -> None:
        self.place = place
        super().__init__(f"tile {place[1]} of level {place[0]} does not hold what the tree says")


def unfinished(size: int) -> Iterator[TilePlace]:
    """The tiles that a tree of this size has begun and not filled."""
    level, count = 0, size
    while count:
        if count % WIDTH:
            yield level, count // WIDTH
        level, count = level + 1, count // WIDTH


def folded(hashes: bytes) -> bytes:
    """The root over a power of two of hashes that stand one after another."""
    row = [hashes[at : at + HASH] for at in range(0, len(hashes), HASH)]
    while len(row) > 1:
        row = [node_hash(row[at], row[at + 1]) for at in range(0, len(row), 2)]
    return row[0]


def nodes_of(fetch: Callable[[int, int], bytes]) -> Callable[[int, int], bytes]:
    """The perfect subtrees of a stored tree (see `engine.merkle.Nodes`), from what fetches a tile.

    What it gives raises TilesWrong where a tile does not reach.
    """

    def node(level: int, index: int) -> bytes:
        storey, rest = divmod(level, HEIGHT)
        number, first = divmod(index << rest, WIDTH)
        hashes = fetch(storey, number)[first * HASH : (first + (1 << rest)) * HASH]
        if len(hashes) != HASH << rest:
            raise TilesWrong((storey, number))
        return folded(hashes)

    return node


class Builder:
    """Grows the tiles of a tree. `taken` are its unfinished tiles, as `unfinished` names them.

    Raises TilesWrong where one of them is shorter than the tree says.
    """

    def __init__(self, size: int = 0, taken: Mapping[TilePlace, bytes] | None = None) -> None:
        self._open: list[bytearray] = []
        self._counts: list[int] = []
        self._full: dict[TilePlace, bytes] = {}
        count = size
        while count:
            self._counts.append(count)
            held = (taken or {}).get((len(self._open), count // WIDTH), b"")[: count % WIDTH * HASH]
            if len(held) != count % WIDTH * HASH:
                raise TilesWrong((len(self._open), count // WIDTH))
            self._open.append(bytearray(held))
            count //= WIDTH

    def append(self, leaf: bytes) -> None:
        """Add a leaf by its hash."""
        found, level = leaf, 0
        while True:
            if level == len(self._open):
                self._open.append(bytearray())
                self._counts.append(0)
            self._open[level] += found
            self._counts[level] += 1
            if self._counts[level] % WIDTH:
                return
            done = bytes(self._open[level])
            self._full[level, self._counts[level] // WIDTH - 1] = done
            self._open[level] = bytearray()
            found, level = folded(done), level + 1

    def drained(self) -> dict[TilePlace, bytes]:
        """The tiles filled since this was last asked."""
        found, self._full = self._full, {}
        return found

    def begun(self) -> dict[TilePlace, bytes]:
        """The tiles that are not full."""
        return {(level, self._counts[level] // WIDTH): bytes(held) for level, held in enumerate(self._open) if held}
