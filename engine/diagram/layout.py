"""Finds where every box, label and bend of a picture goes. All measures are in pixels."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from engine.diagram.layers import Edge, Item, Rows, Ties, depths, downward, ordered, rows_of

Size: TypeAlias = tuple[float, float]
"""Width and height."""

Point: TypeAlias = tuple[float, float]

APART: Final = 18.0
"""Between neighbours in a row."""

PASSING: Final = 8.0
"""How wide an arrow is where it passes a row."""

ROW_GAP: Final = 22.0
WIDEST_ROW_GAP: Final = 54.0
PORT_GAP: Final = 16.0
"""Between arrows that leave or reach the same side of a box."""

ROUNDS: Final = 160


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
    boxes: Mapping[str, Size], arrows: Mapping[Edge, Size], start: str
) -> Layout:
    """Lay out boxes and arrows of given sizes, the start in the top row."""
    names = tuple(boxes)
    kept = downward(names, arrows, start)
    rows, ties = rows_of(names, kept, depths(names, kept))
    rows = ordered(rows, ties)

    def size(item: Item) -> Size:
        if item.edge is None:
            return boxes[item.name]
        return arrows[item.edge] if item.labelled else (PASSING, 0.0)

    across = _across(rows, ties, lambda item: size(item)[0])
    down = _down(rows, ties, across, lambda item: size(item)[1])
    left = min(across[item] - size(item)[0] / 2 for row in rows for item in row)
    across = {item: x - left for item, x in across.items()}
    width = max(across[item] + size(item)[0] / 2 for row in rows for item in row)
    bottom = down[len(rows) - 1]
    return Layout(
        boxes={i.name: (across[i], _middle(down[n])) for n, i in _items(rows) if i.edge is None},
        labels={i.edge: (across[i], _middle(down[n])) for n, i in _items(rows) if i.edge and i.labelled},
        strokes=_strokes(rows, ties, across, down, kept, boxes, arrows),
        width=width,
        height=bottom[1],
    )


def _items(rows: Rows) -> list[tuple[int, Item]]:
    """Give every item with the number of its row."""
    return [(number, item) for number, row in enumerate(rows) for item in row]


def _middle(band: tuple[float, float]) -> float:
    return (band[0] + band[1]) / 2


def _across(rows: Rows, ties: Ties, width: Callable[[Item], float]) -> dict[Item, float]:
    """Find where items stand in their rows: near what they are tied to, in order, not touching."""
    x: dict[Item, float] = {}
    for row in rows:
        at = 0.0
        for item in row:
            x[item] = at + width(item) / 2
            at += width(item) + APART
    tied: dict[Item, list[Item]] = {item: [] for row in rows for item in row}
    for upper, lower in ties:
        tied[upper].append(lower)
        tied[lower].append(upper)
    chains: dict[Edge, list[Item]] = {}
    for _, item in _items(rows):
        if item.edge is not None:
            chains.setdefault(item.edge, []).append(item)
    for turn in range(ROUNDS):
        for row in rows if turn % 2 == 0 else reversed(rows):
            wanted = [_pulled(item, tied, chains, x) for item in row]
            gaps = [
                (width(left) + width(right)) / 2 + APART
                for left, right in zip(row, row[1:], strict=False)
            ]
            x.update(zip(row, spread(wanted, gaps), strict=True))
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


def spread(wanted: Sequence[float], gaps: Sequence[float]) -> list[float]:
    """Place points in order, at least so far apart, as near as can be to where they want to be.

    Least squares by pooling adjacent violators (M. Ayer et al., Annals of Mathematical
    Statistics 26, 1955): points that would be too near share what they want.
    """
    offsets = [0.0]
    for gap in gaps:
        offsets.append(offsets[-1] + gap)
    pools: list[tuple[float, int]] = []
    for want, offset in zip(wanted, offsets, strict=False):
        mean, count = want - offset, 1
        while pools and pools[-1][0] > mean:
            other, others = pools.pop()
            mean = (mean * count + other * others) / (count + others)
            count += others
        pools.append((mean, count))
    flat = [mean for mean, count in pools for _ in range(count)]
    return [mean + offset for mean, offset in zip(flat, offsets, strict=False)]


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


def _strokes(
    rows: Rows,
    ties: Ties,
    across: Mapping[Item, float],
    down: Sequence[tuple[float, float]],
    kept: Mapping[Edge, bool],
    boxes: Mapping[str, Size],
    arrows: Mapping[Edge, Size],
) -> dict[Edge, Stroke]:
    """Draw each arrow through its row places, box to box, around its label."""
    band = {item: down[row] for row, item in _items(rows)}
    at = {item.name: item for _, item in _items(rows)}
    ports = _ports(ties, across, boxes)
    passing: dict[Edge, list[Item]] = {edge: [] for edge in kept}
    for _, item in _items(rows):
        if item.edge:
            passing[item.edge].append(item)
    strokes = {}
    for edge, keeps in kept.items():
        upper, lower = edge if keeps else (edge[1], edge[0])
        label, *others = passing[edge]
        label_y, label_height = _middle(band[label]), arrows[edge][1]
        out, into = ports[at[upper], label], ports[at[lower], (others or [label])[-1]]
        first = (
            (out, _middle(band[at[upper]]) + boxes[upper][1] / 2),
            (out, band[at[upper]][1]),
            (across[label], band[label][0]),
            (across[label], label_y - label_height / 2),
        )
        last = (
            (across[label], label_y + label_height / 2),
            (across[label], band[label][1]),
            *((across[item], y) for item in others for y in band[item]),
            (into, band[at[lower]][0]),
            (into, _middle(band[at[lower]]) - boxes[lower][1] / 2),
        )
        strokes[edge] = Stroke(first, last) if keeps else Stroke(last[::-1], first[::-1])
    return strokes


def _ports(
    ties: Ties, across: Mapping[Item, float], boxes: Mapping[str, Size]
) -> dict[tuple[Item, Item], float]:
    """Spread the arrows at a side of a box along it, in the order of where they come from."""
    sides: dict[tuple[Item, bool], list[Item]] = {}
    for upper, lower in ties:
        if upper.edge is None:
            sides.setdefault((upper, True), []).append(lower)
        if lower.edge is None:
            sides.setdefault((lower, False), []).append(upper)
    ports = {}
    for (box, _), ends in sides.items():
        room = boxes[box.name][0] - 2 * PORT_GAP
        step = min(PORT_GAP, room / max(len(ends) - 1, 1))
        for place, end in enumerate(sorted(ends, key=lambda end: across[end])):
            ports[box, end] = across[box] + (place - (len(ends) - 1) / 2) * step
    return ports
