"""What is sealed together: which events hold together with those before, and the stored tree they are added to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from engine import merkle
from engine.canonical import GENESIS, chain
from engine.errors import SealFailed
from engine.seal_checks import Wrong
from engine.store import seal_rows
from engine.store.seal_rows import Fresh, Run, Signed
from engine.store.store import Session
from engine.tiles import Builder, TilesWrong, nodes_of, unfinished

BATCH: Final = 20_000
"""Events in one transaction."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Events that hold together, in the order of the tree; and the first that does not, of each case."""

    events: tuple[Fresh, ...]
    wrong: tuple[Wrong, ...]

    def runs(self, first_leaf: int) -> Iterator[Run]:
        """Where they stand in the tree."""
        start = 0
        for at in range(1, len(self.events) + 1):
            if at == len(self.events) or self.events[at].case != self.events[start].case:
                begun = self.events[start]
                yield Run(begun.case, begun.sequence, self.events[at - 1].sequence, first_leaf + start)
                start = at


def portions(waiting: list[seal_rows.Waiting]) -> Iterator[list[str]]:
    """Cases, as many at a time as make up a batch."""
    cases: list[str] = []
    events = 0
    for each in waiting:
        if cases and events + each.last - each.sealed > BATCH:
            yield cases
            cases, events = [], 0
        cases.append(each.case)
        events += each.last - each.sealed
    if cases:
        yield cases


def sound(rows: list[Fresh]) -> tuple[list[Fresh], list[Fresh]]:
    """The events that hold together with the ones before, and of each case the first that does not.

    `rows` come by case and sequence, each case led by its last sealed event where it has one.
    """
    good: list[Fresh] = []
    bad: list[Fresh] = []
    for _, events in groupby(rows, key=lambda row: row.case):
        expected, head = 1, GENESIS
        for row in events:
            if row.sequence == row.sealed:
                expected, head = row.sequence + 1, row.hash
                continue
            if row.sequence != expected or row.previous != head or chain(row.body, row.previous) != row.hash:
                bad.append(row)
                break
            good.append(row)
            expected, head = row.sequence + 1, row.hash
    return good, bad


def grown(connection: Session, institution: str, last: Signed | None) -> tuple[Builder, merkle.Frontier]:
    """The stored tree, ready to grow. Raises SealFailed where it is not the one that was signed last."""
    if last is None:
        return Builder(), merkle.Frontier()
    taken = seal_rows.tiles(connection, institution, list(unfinished(last.size)))
    wanted: dict[tuple[int, int], bytes] = dict(taken)

    def fetch(level: int, number: int) -> bytes:
        at = (level, number)
        if at not in wanted:
            wanted[at] = seal_rows.tiles(connection, institution, [at]).get(at, b"")
        return wanted[at]

    try:
        builder, frontier = Builder(last.size, taken), merkle.Frontier.of(last.size, nodes_of(fetch))
    except TilesWrong as error:
        raise SealFailed(f"the stored tree is damaged: {error}") from error
    if frontier.root().hex() != last.root:
        raise SealFailed(f"the stored tree is not the one whose {last.size} events were signed last")
    return builder, frontier
