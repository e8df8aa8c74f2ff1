"""Puts boxes into rows, top to bottom, and in an order with few crossings.

After K. Sugiyama, S. Tagawa, M. Toda, "Methods for Visual Understanding of Hierarchical
System Structures", IEEE Transactions on Systems, Man, and Cybernetics 11(2), 1981: arrows
that go back are turned around, rows are longest paths, and rows are sorted by barycentres.
Every arrow crosses at least one row between boxes, where its label stands as an item among
others: so no label can cover a box or another label.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeAlias

Edge: TypeAlias = tuple[str, str]

SWEEPS: Final = 24


@dataclass(frozen=True, slots=True)
class Item:
    """Something in a row: a box (`edge` is None), or the place where an arrow passes.

    The label of an arrow stands where it passes the row below its upper box.
    """

    name: str
    edge: Edge | None = None
    labelled: bool = False


Rows: TypeAlias = list[list[Item]]
Ties: TypeAlias = list[tuple[Item, Item]]
"""Which item in one row is drawn on to which in the next."""


def downward(names: Sequence[str], edges: Iterable[Edge], start: str) -> dict[Edge, bool]:
    """Tell which arrows keep their direction when all shall lead down; the others turn around.

    Those turned around are the ones that lead back to where a walk from the start came from.
    """
    following: dict[str, list[str]] = {name: [] for name in names}
    for source, target in edges:
        following[source].append(target)
    kept: dict[Edge, bool] = {}
    walked: set[str] = set()

    def walk(name: str, path: frozenset[str]) -> None:
        walked.add(name)
        for target in following[name]:
            kept[name, target] = target not in path | {name}
            if target not in walked:
                walk(target, path | {name})

    for name in (start, *names):
        if name not in walked:
            walk(name, frozenset())
    return kept


def depths(names: Sequence[str], kept: Mapping[Edge, bool]) -> dict[str, int]:
    """Give each box the length of the longest way down to it; boxes without arrows go last."""
    down = [edge if keeps else (edge[1], edge[0]) for edge, keeps in kept.items()]
    depth = dict.fromkeys(names, 0)
    for _ in names:
        for upper, lower in down:
            depth[lower] = max(depth[lower], depth[upper] + 1)
    tied = {name for edge in kept for name in edge}
    deepest = max((depth[name] for name in tied), default=0)
    return {name: depth[name] if name in tied or len(names) == 1 else deepest for name in names}


def rows_of(names: Sequence[str], kept: Mapping[Edge, bool], depth: Mapping[str, int]) -> tuple[Rows, Ties]:
    """Set up the rows: boxes in the even ones, labels in the odd ones, arrows through all."""
    rows: Rows = [[] for _ in range(2 * max(depth.values()) + 1)]
    at = {name: Item(name) for name in names}
    for name in names:
        rows[2 * depth[name]].append(at[name])
    ties: Ties = []
    for (source, target), keeps in kept.items():
        upper, lower = (source, target) if keeps else (target, source)
        here = at[upper]
        for row in range(2 * depth[upper] + 1, 2 * depth[lower]):
            labelled = row == 2 * depth[upper] + 1
            passing = Item(f"{source}>{target}@{row}", (source, target), labelled)
            rows[row].append(passing)
            ties.append((here, passing))
            here = passing
        ties.append((here, at[lower]))
    return rows, ties


def ordered(rows: Rows, ties: Ties) -> Rows:
    """Sort each row by the middle of what its items are tied to, and keep the best of all tries."""
    above: dict[Item, list[Item]] = {item: [] for row in rows for item in row}
    below: dict[Item, list[Item]] = {item: [] for row in rows for item in row}
    for upper, lower in ties:
        below[upper].append(lower)
        above[lower].append(upper)
    best, fewest = rows, crossings(rows, below)
    for sweep in range(SWEEPS):
        downwards = sweep % 2 == 0
        rows = _swept(rows, above if downwards else below, downwards=downwards)
        count = crossings(rows, below)
        if count < fewest:
            best, fewest = rows, count
    return best


def crossings(rows: Rows, below: Mapping[Item, list[Item]]) -> int:
    """Count the pairs of arrows that cross between neighbouring rows."""
    count = 0
    for upper, lower in pairwise(rows):
        place = {item: index for index, item in enumerate(lower)}
        ends: list[int] = []
        for item in upper:
            reached = sorted(place[each] for each in below[item])
            count += sum(1 for end in ends for each in reached if end > each)
            ends += reached
    return count


def _swept(rows: Rows, tied: Mapping[Item, list[Item]], *, downwards: bool) -> Rows:
    """Sort every row by the one before it, once through all rows."""
    sorted_rows: Rows = []
    for row in rows if downwards else reversed(rows):
        if not sorted_rows:
            sorted_rows.append(row)
            continue
        width = len(sorted_rows[-1]) or 1
        place = {item: (index + 0.5) / width for index, item in enumerate(sorted_rows[-1])}

        def middle(item: Item, row: list[Item] = row, place: dict[Item, float] = place) -> float:
            ends = [place[each] for each in tied[item]]
            return sum(ends) / len(ends) if ends else (row.index(item) + 0.5) / len(row)

        sorted_rows.append(sorted(row, key=middle))
    return sorted_rows if downwards else sorted_rows[::-1]
