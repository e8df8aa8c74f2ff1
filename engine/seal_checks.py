"""Looks for the first thing wrong between events, the sealed tree, checkpoints, and checkpoints from outside.

Everything is worked out anew from the bytes of the events: their chain hashes, the tree
over them, its root at the size of every checkpoint. What is stored is only compared.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, NoReturn

from engine import merkle
from engine.canonical import GENESIS, chain
from engine.ports import Checkpoint
from engine.store import seal_rows
from engine.store.numbers import numbers_of
from engine.store.seal_rows import Run, Signed
from engine.store.store import Session, Store
from engine.tiles import HASH, WIDTH, Builder, TilePlace

Told = Callable[[int, int], None]
"""Is told how many events are done, of how many."""

AHEAD: Final = 64
"""Tiles that are read in one statement."""

TELL_EVERY: Final = 5_000


@dataclass(frozen=True, slots=True)
class Wrong:
    """The first thing wrong, as far as it can be told.

    `what` is an English sentence without its end. `leaf` counts from 0; `size` is that of
    the checkpoint concerned.
    """

    what: str
    case: str | None = None
    number: str | None = None
    sequence: int | None = None
    leaf: int | None = None
    size: int | None = None

    @property
    def words(self) -> str:
        """What is wrong, and where."""
        where = [f"case {self.number or self.case}"] if self.case else []
        where += [f"event {self.sequence}"] if self.sequence is not None else []
        where += [f"leaf {self.leaf}"] if self.leaf is not None else []
        where += [f"checkpoint of {self.size}"] if self.size is not None else []
        return f"{', '.join(where)}: {self.what}" if where else self.what


@dataclass(frozen=True, slots=True)
class Checked:
    """What was compared: so many sealed events of so many cases, with so many checkpoints, and what is wrong."""

    size: int
    cases: int
    checkpoints: int
    wrong: Wrong | None


class _Found(Exception):
    """The first thing wrong."""

    def __init__(self, wrong: Wrong) -> None:
        self.wrong = wrong
        super().__init__(wrong.words)


@dataclass
class _Walk:
    """Where a check stands while it goes through the events."""

    connection: Session
    institution: str
    sizes: frozenset[int]
    frontier: merkle.Frontier = field(default_factory=merkle.Frontier)
    builder: Builder = field(default_factory=Builder)
    heads: dict[str, tuple[int, str]] = field(default_factory=dict)
    at_sizes: dict[int, bytes] = field(default_factory=dict)
    tiles: int = 0
    run: Run | None = None
    _leaves: dict[TilePlace, bytes] = field(default_factory=dict)

    def stored_leaf(self, leaf: int) -> bytes:
        """The leaf's hash as the tree holds it; tiles are read ahead."""
        number, place = divmod(leaf, WIDTH)
        if (0, number) not in self._leaves:
            wanted = [(0, each) for each in range(number, number + AHEAD)]
            self._leaves = {(0, number): b"", **seal_rows.tiles(self.connection, self.institution, wanted)}
        return self._leaves[0, number][place * HASH : (place + 1) * HASH]

    def take(self, event: seal_rows.Sealed) -> None:
        """Compare one event with its place in its case and in the tree. Raises _Found."""
        run, leaf = event.run, self.frontier.size
        if run != self.run:
            self.finish_run()
            self.run = run
        sequence = run.first_sequence + leaf - run.first_leaf
        before, head = self.heads.get(run.case, (0, GENESIS))
        if not run.first_leaf <= leaf < run.first_leaf + run.count or sequence != before + 1:
            what = "the list of what was sealed does not go on here"
        elif event.sequence != sequence:
            what = "this event is gone"
        elif event.previous != head or chain(event.body, event.previous) != event.hash:
            what = "this event was changed after it was written"
        else:
            found = merkle.leaf_hash(bytes.fromhex(event.hash))
            if found == self.stored_leaf(leaf):
                self._grow(found)
                self.heads[run.case] = (sequence, event.hash)
                return
            what = "this event is not the one that was sealed"
        self.refuse(what, run, sequence, leaf)

    def finish_run(self) -> None:
        """Refuse to leave a run whose last events were not there. Raises _Found."""
        run, leaf = self.run, self.frontier.size
        if run is not None and leaf < run.first_leaf + run.count:
            self.refuse("this event is gone", run, run.first_sequence + leaf - run.first_leaf, leaf)

    def refuse(self, what: str, run: Run, sequence: int, leaf: int) -> NoReturn:
        """Raise _Found with the case's number."""
        number = numbers_of(self.connection, self.institution, [run.case]).get(run.case)
        raise _Found(Wrong(what, run.case, number, sequence, leaf))

    def _grow(self, leaf: bytes) -> None:
        self.frontier.append(leaf)
        self.builder.append(leaf)
        if self.frontier.size in self.sizes:
            self.at_sizes[self.frontier.size] = self.frontier.root()
        if self.frontier.size % (WIDTH * AHEAD) == 0:
            self.compare(self.builder.drained())

    def compare(self, made: dict[TilePlace, bytes]) -> None:
        """Compare tiles worked out with those stored. Raises _Found."""
        stored = seal_rows.tiles(self.connection, self.institution, list(made))
        self.tiles += len(made)
        for level, number in sorted(made):
            if stored.get((level, number)) != made[level, number]:
                raise _Found(Wrong(f"tile {number} of level {level} of the stored tree is not of these events"))


def checked(store: Store, institution: str, outside: tuple[Checkpoint, ...], told: Told | None) -> Checked:
    """Compare everything (see `engine.sealing.Sealing.check`)."""
    with store.reads() as connection:
        seal_rows.steady(connection)
        signed = seal_rows.checkpoints(connection, institution)[::-1]
        size = signed[-1].size if signed else 0
        sizes = frozenset({*(row.size for row in signed), *(each.size for each in outside)})
        walk = _Walk(connection, institution, sizes)
        wrong = None
        try:
            _walked(walk, size, told)
            _signed(walk, signed)
            _from_outside(walk, outside, size)
        except _Found as found:
            wrong = found.wrong
    return Checked(size, len(walk.heads), len(signed) + len(outside), wrong)


def _walked(walk: _Walk, size: int, told: Told | None) -> None:
    """Go through the events of the tree, then compare what they make with what is stored."""
    for event in seal_rows.sealed_events(walk.connection, walk.institution):
        if event.run.first_leaf >= size and walk.frontier.size == size:
            walk.refuse("more is listed as sealed than was signed", event.run, event.run.first_sequence, size)
        walk.take(event)
        if told and walk.frontier.size % TELL_EVERY == 0:
            told(walk.frontier.size, size)
    walk.finish_run()
    if walk.frontier.size != size:
        raise _Found(Wrong("the list of what was sealed ends here", leaf=walk.frontier.size, size=size))
    walk.compare(walk.builder.drained() | walk.builder.begun())
    if seal_rows.all_tiles(walk.connection, walk.institution) != walk.tiles:
        raise _Found(Wrong("there are more tiles stored than the tree has", size=size))
    if told:
        told(size, size)


def _signed(walk: _Walk, signed: list[Signed]) -> None:
    """Compare the stored checkpoints, oldest first, with what the events make. Raises _Found."""
    before = 0
    for row in signed:
        root = walk.at_sizes[row.size]
        said = [str(row.size), b64encode(root).decode(), ""]
        if row.previous != before:
            raise _Found(Wrong("the checkpoint before this one is gone", size=row.size))
        if row.root != root.hex() or row.note.split("\n")[1:4] != said:
            raise _Found(Wrong("this stored checkpoint is not of these events", size=row.size))
        before = row.size


def _from_outside(walk: _Walk, outside: tuple[Checkpoint, ...], size: int) -> None:
    """Compare checkpoints that were kept elsewhere with what the events make. Raises _Found."""
    for each in sorted(outside, key=lambda known: known.size):
        if each.size > size:
            what = f"so many events were signed outside, and here are {size}: the end is cut off"
            raise _Found(Wrong(what, size=each.size))
        if walk.at_sizes.get(each.size, merkle.EMPTY) != each.root:
            what = "what was signed outside is not of these events: the history was written anew"
            raise _Found(Wrong(what, size=each.size))
