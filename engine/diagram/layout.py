"""Finds where every box, label and bend of a picture goes. All measures are in pixels."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Final, TypeAlias

from engine.diagram.layers import Edge, Item, Rows, Ties, depths, downward, ordered, rows_of

Size: TypeAlias = tuple[float, float]
"""Width and height."""

Point: TypeAlias = tuple[float, float]

APART: Final = 18.0
"""Between neighbours in a row."""

PASSING: Final = 8.0
"""How wide an arrow is where it passes a row."""

ROW_GAP: Final = 24.0
WIDEST_ROW_GAP: Final = 54.0
PORT_GAP: Final = 16.0
"""Between arrows that leave or reach the same side of a box."""

LEAD: Final = 7.0
"""How far an arrow goes straight before it swings, and before its tip."""

STRAIGHT: Final = 4
"""How much harder an arrow pulls that is to be straight."""

LIGHT: Final = 0.01
"""How much a box without arrows counts against its neighbours."""

ROUNDS: Final = 100


@dataclass(frozen=True, slots=True)
class Stroke:
    """An arrow on the page: the bends before its label and those after, from tail to tip."""

    before: tuple[Point, ...]
    after: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where all is: the middles of boxes and of labels, the strokes, and the size of it all."""

    boxes: Mapping[str, Point]
    labels: Mapping[Edge, Point]
    strokes: Mapping[Edge, Stroke]
    width: float
    height: float


def lay_out(
    boxes: Mapping[str, Size],
    arrows: Mapping[Edge, Size],
    start: str,
    aside: Collection[Edge] = (),
) -> Layout:
    """Lay out boxes and arrows of given sizes, the start in the top row.

    Arrows `aside` bend so that the others can be straight.
    """
    names = tuple(boxes)
    kept = downward(names, arrows, start)
    rows, ties = rows_of(names, kept, depths(names, kept))
    rows = ordered(rows, ties)

    def size(item: Item) -> Size:
        if item.edge is None:
            return boxes[item.name]
        return arrows[item.edge] if item.labelled else (PASSING, 0.0)

    across = _across(rows, ties, lambda item: size(item)[0], aside)
    down = _down(rows, ties, across, lambda item: size(item)[1])
    left = min(across[item] - size(item)[0] / 2 for row in rows for item in row)
    across = {item: x - left for item, x in across.items()}
    width = max(across[item] + size(item)[0] / 2 for row in rows for item in row)
    bottom = down[len(rows) - 1]
    return Layout(
        boxes={i.name: (across[i], _middle(down[n])) for n, i in _items(rows) if i.edge is None},
        labels={i.edge: (across[i], _middle(down[n])) for n, i in _items(rows) if i.edge and i.labelled},
        strokes=_strokes(_Grid(rows, ties, across, down, boxes, arrows), kept),
        width=width,
        height=bottom[1],
    )


def _items(rows: Rows) -> list[tuple[int, Item]]:
    """Give every item with the number of its row."""
    return [(number, item) for number, row in enumerate(rows) for item in row]


def _middle(band: tuple[float, float]) -> float:
    return (band[0] + band[1]) / 2


def _across(rows: Rows, ties: Ties, width: Callable[[Item], float], aside: Collection[Edge]) -> dict[Item, float]:
    """Find where items stand in their rows: near what they are tied to, in order, not touching."""
    x: dict[Item, float] = {}
    for row in rows:
        at = 0.0
        for item in row:
            x[item] = at + width(item) / 2
            at += width(item) + APART
    tied: dict[Item, list[Item]] = {item: [] for row in rows for item in row}
    for upper, lower in ties:
        pulls = 1 if (upper.edge or lower.edge) in aside else STRAIGHT
        tied[upper] += [lower] * pulls
        tied[lower] += [upper] * pulls
    chains: dict[Edge, list[Item]] = {}
    for _, item in _items(rows):
        if item.edge is not None:
            chains.setdefault(item.edge, []).append(item)
    for turn in range(ROUNDS):
        for row in rows if turn % 2 == 0 else reversed(rows):
            wanted = [_pulled(item, tied, chains, x) for item in row]
            for left, right in pairwise(range(len(row))):
                # What nothing pulls at stands beside its neighbour.
                wanted[right] = wanted[right] if tied[row[right]] else wanted[left]
            weights = [1.0 if tied[item] else LIGHT for item in row]
            gaps = [(width(left) + width(right)) / 2 + APART for left, right in pairwise(row)]
            x.update(zip(row, spread(wanted, gaps, weights), strict=True))
    return x


def _pulled(
    item: Item,
    tied: Mapping[Item, list[Item]],
    chains: Mapping[Edge, list[Item]],
    x: Mapping[Item, float],
) -> float:
    """Give where an item would stand if it were alone in its row."""
    pulling = [x[other] for other in tied[item]]
    if item.edge is not None:
        # Long arrows are to be straight, so their bends pull hardest at each other.
        chain = chains[item.edge]
        pulling += [sum(x[each] for each in chain) / len(chain)] * (3 * len(chain) - 3)
    return sum(pulling) / len(pulling) if pulling else x[item]


def spread(wanted: Sequence[float], gaps: Sequence[float], weights: Sequence[float]) -> list[float]:
    """Place points in order, at least so far apart, as near as can be to where they want to be.

    Weighted least squares by pooling adjacent violators (M. Ayer et al., Annals of
    Mathematical Statistics 26, 1955): points that would be too near share what they want.
    """
    offsets = list(accumulate(gaps, initial=0.0))[: len(wanted)]
    pools: list[tuple[float, float, int]] = []
    for want, offset, weight in zip(wanted, offsets, weights, strict=True):
        mean, heavy, count = want - offset, weight, 1
        while pools and pools[-1][0] > mean:
            other, its_weight, its_count = pools.pop()
            mean = (mean * heavy + other * its_weight) / (heavy + its_weight)
            heavy, count = heavy + its_weight, count + its_count
        pools.append((mean, heavy, count))
    flat = [mean for mean, _, count in pools for _ in range(count)]
    return [mean + offset for mean, offset in zip(flat, offsets, strict=True)]


def _down(
    rows: Rows, ties: Ties, across: Mapping[Item, float], height: Callable[[Item], float]
) -> list[tuple[float, float]]:
    """Give top and bottom of each row; where arrows swing wide, rows stand further apart."""
    number = {item: row for row, item in _items(rows)}
    swing = [0.0] * len(rows)
    for upper, lower in ties:
        row = number[upper]
        swing[row] = max(swing[row], abs(across[upper] - across[lower]))
    bands: list[tuple[float, float]] = []
    top = 0.0
    for row, items in enumerate(rows):
        bottom = top + max((height(item) for item in items), default=0.0)
        bands.append((top, bottom))
        top = bottom + min(ROW_GAP + swing[row] * 0.06, WIDEST_ROW_GAP)
    return bands


@dataclass(frozen=True, slots=True)
class _Grid:
    """Where everything stands, before the arrows are drawn between."""

    rows: Rows
    ties: Ties
    across: Mapping[Item, float]
    down: Sequence[tuple[float, float]]
    boxes: Mapping[str, Size]
    arrows: Mapping[Edge, Size]


def _strokes(grid: _Grid, kept: Mapping[Edge, bool]) -> dict[Edge, Stroke]:
    """Draw each arrow through its places in the rows, box to box, around its label."""
    across, band = grid.across, {item: grid.down[row] for row, item in _items(grid.rows)}
    at = {item.name: item for item in band}
    ports = _ports(grid)
    passing: dict[Edge, list[Item]] = {edge: [] for edge in kept}
    for item in band:
        if item.edge:
            passing[item.edge].append(item)
    strokes = {}
    for edge, keeps in kept.items():
        upper, lower = (at[name] for name in (edge if keeps else edge[::-1]))
        label, *others = passing[edge]
        label_y, half = _middle(band[label]), grid.arrows[edge][1] / 2
        out, into = ports[upper, label], ports[lower, (others or [label])[-1]]
        first = (
            (out, _middle(band[upper]) + grid.boxes[upper.name][1] / 2),
            (out, band[upper][1] + LEAD),
            (across[label], band[label][0]),
            (across[label], label_y - half),
        )
        last = (
            (across[label], label_y + half),
            (across[label], band[label][1]),
            *((across[item], y) for item in others for y in band[item]),
            (into, band[lower][0] - LEAD),
            (into, _middle(band[lower]) - grid.boxes[lower.name][1] / 2),
        )
        strokes[edge] = Stroke(first, last) if keeps else Stroke(last[::-1], first[::-1])
    return strokes


def _ports(grid: _Grid) -> dict[tuple[Item, Item], float]:
    """Spread the arrows at a side of a box along it, in the order of where they come from."""
    sides: dict[tuple[Item, bool], list[Item]] = {}
    for upper, lower in grid.ties:
        if upper.edge is None:
            sides.setdefault((upper, True), []).append(lower)
        if lower.edge is None:
            sides.setdefault((lower, False), []).append(upper)
    ports = {}
    for (box, _), ends in sides.items():
        room = grid.boxes[box.name][0] - 2 * PORT_GAP
        step = min(PORT_GAP, room / max(len(ends) - 1, 1))
        for place, end in enumerate(sorted(ends, key=grid.across.__getitem__)):
            ports[box, end] = grid.across[box] + (place - (len(ends) - 1) / 2) * step
    return ports
