"""Seals events into the tree of their institution, signs checkpoints of it, and proves from it.

One tree an institution; the entry of an event is its chain hash as 32 raw bytes, which
covers its body and, through the hash before it, its whole case. Events are sealed after
they were written and never on the road of a step, in batches, within one by case and
sequence: a case's events stand in order of sequence over the whole tree. What a
checkpoint has been signed of can only grow: before the next is signed, the stored tree
must still have the root that was signed last.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Final

from engine import merkle
from engine.canonical import micros, span
from engine.errors import DeliveryFailed, SealFailed
from engine.ports import Checkpoint, Clock, Place, Signer
from engine.seal_batches import Batch, grown, portions, sound
from engine.seal_checks import Checked, Told, Wrong, checked
from engine.store import seal_rows
from engine.store.numbers import numbers_of
from engine.store.seal_rows import Run, Signed
from engine.store.store import Store
from engine.tiles import nodes_of

__all__ = ["Checked", "LeafProof", "Prover", "Run", "Sealed", "Sealing", "Sent", "Wrong", "text_of"]

OVERLAP: Final = timedelta(days=1)
"""How far before the latest sealed instant events are looked for: for those whose commit came late."""

AT_ONCE: Final = 100
"""Checkpoints that a place gets in one go."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What one sealing did: how many events, the newest checkpoint, and the events it refused to seal.

    `wrong` names for each case the first event that does not hold together with the one
    before; that and what follows it stay unsealed.
    """

    events: int
    checkpoint: Checkpoint | None
    wrong: tuple[Wrong, ...] = ()


@dataclass(frozen=True, slots=True)
class Sent:
    """That a place got a checkpoint; or why not."""

    place: str
    size: int
    error: str | None = None


@dataclass(frozen=True, slots=True)
class LeafProof:
    """That an event is in the tree: its leaf, its chain hash (hex) and the path to the root."""

    sequence: int
    leaf: int
    hash: str
    hashes: tuple[bytes, ...]


class Prover:
    """Reads paths from a stored tree; it keeps the tiles it has read, so use one for many leaves."""

    def __init__(self, store: Store, institution: str, size: int) -> None:
        self.size = size

        @lru_cache(maxsize=1024)
        def fetch(level: int, number: int) -> bytes:
            with store.reads() as connection:
                return seal_rows.tiles(connection, institution, [(level, number)]).get((level, number), b"")

        self.nodes = nodes_of(fetch)

    def root(self) -> bytes:
        """The root of the tree."""
        return merkle.root(self.size, self.nodes)

    def inclusion(self, leaf: int) -> tuple[bytes, ...]:
        """The path from a leaf to the root."""
        return merkle.inclusion_proof(leaf, self.size, self.nodes)

    def consistency(self, old: int) -> tuple[bytes, ...]:
        """What shows that the tree of `old` leaves is the beginning of this one."""
        return merkle.consistency_proof(old, self.size, self.nodes)


@dataclass(frozen=True)
class Sealing:
    """The seals of a house. `clock` is the machine's, never a test clock."""

    store: Store
    clock: Clock
    signer: Signer
    places: tuple[Place, ...] = ()

    # Sealing.

    def seal(self, institution: str, *, sweep: bool = False, told: Told | None = None) -> Sealed:
        """Seal what is new, and sign a checkpoint of each batch.

        New events are looked for from a day before the latest sealed one; with `sweep`, and
        the first time, in every case. Where another process seals at the same moment, one
        of them gives way. Raises SealFailed, and signs nothing, without a key, or where the
        stored tree is not what was signed last, or a place holds what the database does not
        know (which was then put back to an older state): what is signed must never contradict.
        """
        if not self.signer.ready():
            raise SealFailed("there is no key to sign with")
        with self.store.reads() as connection:
            last = seal_rows.latest(connection, institution)
            since = None if sweep or last is None else last.through - span(OVERLAP)
            waiting = seal_rows.waiting(connection, institution, since=since)
        if waiting:
            self._contradict_nothing(institution, last.size if last else 0)
        total, done = sum(each.last - each.sealed for each in waiting), 0
        wrong: list[Wrong] = []
        for cases in portions(waiting):
            # Read before the events: whoever seals some of them from here on takes the place after it.
            with self.store.reads() as connection:
                last = seal_rows.latest(connection, institution)
            batch = self._gather(institution, cases)
            wrong += batch.wrong
            if batch.events and not self._write(institution, last, batch):
                break
            done += len(batch.events)
            if told:
                told(done, total)
        return Sealed(done, self.latest(institution), tuple(wrong))

    def _contradict_nothing(self, institution: str, size: int) -> None:
        """Raise SealFailed where a place holds a checkpoint that the stored ones do not know."""
        for place in self.places:
            try:
                found = place.newest()
            except DeliveryFailed as error:
                raise SealFailed(f"what was sent out before cannot be compared: {error}") from error
            if found is None:
                continue
            known = self.at_size(institution, found.size)
            if found.size > size or known is None or known.root != found.root:
                raise SealFailed(
                    f"{place.name} holds a checkpoint of {found.size} events that the database does not know "
                    f"(it has sealed {size}); it was put back to an older state, or another office's lie there"
                )

    def _gather(self, institution: str, cases: list[str]) -> Batch:
        with self.store.reads() as connection:
            good, bad = sound(seal_rows.fresh(connection, institution, cases))
            numbers = numbers_of(connection, institution, [row.case for row in bad])
        wrong = (
            Wrong(
                "this event does not hold together with the one before", row.case, numbers.get(row.case), row.sequence
            )
            for row in bad
        )
        return Batch(tuple(good), tuple(wrong))

    def _write(self, institution: str, last: Signed | None, batch: Batch) -> bool:
        """Write a batch as one whole: checkpoint, tiles and runs; False where another process was quicker."""
        with self.store.reads() as connection:
            builder, frontier = grown(connection, institution, last)
        size = last.size if last else 0
        for event in batch.events:
            leaf = merkle.leaf_hash(bytes.fromhex(event.hash))
            builder.append(leaf)
            frontier.append(leaf)
        through = max([event.at for event in batch.events] + ([last.through] if last else []))
        now, root = micros(self.clock.now()), frontier.root()
        made = Signed(frontier.size, size, root.hex(), "", now, through)
        with self.store.writes() as connection:
            # The claim comes before the signature, so that no second one is ever signed beside it.
            if not seal_rows.claim(connection, institution, made):
                return False
            note = self.signer.sign(text_of(self.signer.name, frontier.size, root))
            seal_rows.put_note(connection, institution, frontier.size, note)
            seal_rows.put_tiles(connection, institution, builder.drained() | builder.begun())
            seal_rows.put_runs(connection, institution, batch.runs(size))
        return True

    def waiting(self, institution: str) -> int:
        """How many events are not sealed yet, of the cases to which something happened lately."""
        with self.store.reads() as connection:
            last = seal_rows.latest(connection, institution)
            since = last.through - span(OVERLAP) if last else None
            return sum(each.last - each.sealed for each in seal_rows.waiting(connection, institution, since=since))

    # Publishing.

    def publish(self, institution: str) -> tuple[Sent, ...]:
        """Put checkpoints where they have not been put yet; a place that fails gets them the next time."""
        return tuple(sent for place in self.places for sent in self._put(institution, place))

    def _put(self, institution: str, place: Place) -> Iterator[Sent]:
        for each in self._owed(institution, place):
            try:
                place.publish(self._checkpoint(each))
            except DeliveryFailed as error:
                yield Sent(place.name, each.size, str(error))
                return
            with self.store.writes() as connection:
                seal_rows.note_sent(connection, institution, place.name, each.size, micros(self.clock.now()))
            yield Sent(place.name, each.size)

    def _owed(self, institution: str, place: Place) -> list[Signed]:
        with self.store.reads() as connection:
            if not place.pause_seconds:
                return seal_rows.unsent(connection, institution, place.name, limit=AT_ONCE)
            last = seal_rows.last_sent_at(connection, institution, place.name)
            pause = span(timedelta(seconds=place.pause_seconds))
            if last is not None and micros(self.clock.now()) < last + pause:
                return []
            newest = seal_rows.latest(connection, institution)
            owed = seal_rows.unsent(connection, institution, place.name, limit=1)
            return [newest] if newest and owed else []

    # Checkpoints.

    def latest(self, institution: str) -> Checkpoint | None:
        """The newest checkpoint."""
        return next(iter(self.checkpoints(institution, limit=1)), None)

    def checkpoints(
        self, institution: str, *, limit: int | None = None, below: int | None = None
    ) -> tuple[Checkpoint, ...]:
        """Checkpoints, the newest first; with `below`, those over fewer events."""
        with self.store.reads() as connection:
            found = seal_rows.checkpoints(connection, institution, limit=limit, below=below)
        return tuple(self._checkpoint(each) for each in found)

    def at_size(self, institution: str, size: int) -> Checkpoint | None:
        """The checkpoint over so many events; None where none was signed."""
        with self.store.reads() as connection:
            found = seal_rows.at_size(connection, institution, size)
        return self._checkpoint(found) if found else None

    def sent(self, institution: str, sizes: Iterable[int]) -> dict[int, tuple[tuple[str, int], ...]]:
        """Where some checkpoints went and when (UTC microseconds), as (place, instant), by size."""
        with self.store.reads() as connection:
            return seal_rows.sent(connection, institution, list(sizes))

    def _checkpoint(self, found: Signed) -> Checkpoint:
        return Checkpoint(self.signer.name, found.size, bytes.fromhex(found.root), found.note, found.at)

    # Proofs.

    def prover(self, institution: str, size: int) -> Prover:
        """What reads paths in the tree of the first `size` events."""
        return Prover(self.store, institution, size)

    def runs(self, institution: str, *, size: int) -> Iterator[Run]:
        """The events of the tree of `size`, in its order, as runs of a case each."""
        with self.store.reads() as connection:
            yield from _cut(seal_rows.runs(connection, institution), size)

    def runs_of(self, institution: str, case: str, *, size: int) -> tuple[Run, ...]:
        """The events of one case in the tree of `size`."""
        with self.store.reads() as connection:
            return tuple(_cut(seal_rows.runs(connection, institution, case=case), size))

    def prove_case(self, institution: str, case: str, *, size: int) -> tuple[LeafProof, ...]:
        """That the events of a case are in the tree of `size`, one by one; empty where none is."""
        prover = self.prover(institution, size)
        with self.store.reads() as connection:
            hashes = seal_rows.hashes(connection, institution, case)
        return tuple(
            LeafProof(sequence, leaf, hashes.get(sequence, ""), prover.inclusion(leaf))
            for run in self.runs_of(institution, case, size=size)
            for leaf, sequence in enumerate(range(run.first_sequence, run.last_sequence + 1), run.first_leaf)
        )

    def consistency(self, institution: str, old: int, new: int) -> tuple[bytes, ...]:
        """What shows that the tree of `old` events is the beginning of that of `new`."""
        return self.prover(institution, new).consistency(old)

    def check(
        self,
        institution: str,
        *,
        outside: Iterable[Checkpoint] = (),
        told: Told | None = None,
    ) -> Checked:
        """Compare events, tree and checkpoints of the database with each other and with checkpoints from outside.

        Whether those are rightly signed is asked of whoever read them. `told` is told how
        many events were looked at, of how many.
        """
        return checked(self.store, institution, tuple(outside), told)


def text_of(origin: str, size: int, root: bytes) -> str:
    """The text of a checkpoint (C2SP tlog-checkpoint): origin, size and root, a line each."""
    return f"{origin}\n{size}\n{b64encode(root).decode()}\n"


def _cut(runs: Iterator[Run], size: int) -> Iterator[Run]:
    """The runs of the tree as it was when it had `size` leaves."""
    for run in runs:
        if run.first_leaf >= size:
            return
        over = max(0, run.first_leaf + run.count - size)
        yield Run(run.case, run.first_sequence, run.last_sequence - over, run.first_leaf)
