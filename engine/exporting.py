"""Complete exports of histories, for whoever checks them without trusting the database they came from.

The format is "fardplan-history/1": JSON lines in UTF-8, each spelled in one way only. First
the header, then every definition that events name, the rows of the organisation, the events
in the order of the tree, each as its bytes are stored and with its detail directly after it
(and, where only some cases are exported, with its inclusion proof), then the head of each case
by id, what shows that older checkpoints are beginnings of this tree, and last a signed
manifest over all lines but events, details and proofs. So a tail that was cut is found.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from engine.canonical import micros
from engine.catalogue import Catalogue
from engine.definition import Definition
from engine.errors import EngineError, SealFailed
from engine.fingerprint import behaviour
from engine.loading import load
from engine.parts import in_parts
from engine.ports import Checkpoint
from engine.sealing import Prover, Sealing
from engine.sources import Source
from engine.store import history_rows
from engine.store.history_rows import KeptDefinition, Stored
from engine.store.numbers import AT_ONCE, numbers_of
from engine.store.store import Session
from engine.store.unpacking_rows import organisation_rows


class NoSuchDefinition(EngineError):
    """The text kept of a definition does not give its hash: it was changed in the database."""


@dataclass
class Export:
    """One export: the lines of the tree of a checkpoint, of all cases or of some (by id).

    `events`, `details` and `cases` count what was written so far.
    """

    sealing: Sealing
    catalogue: Catalogue
    institution: str
    checkpoint: Checkpoint
    only: tuple[str, ...] | None = None
    events: int = field(default=0, init=False)
    details: int = field(default=0, init=False)
    _heads: dict[str, tuple[int, str]] = field(default_factory=dict, init=False)

    @property
    def cases(self) -> int:
        """How many cases have been met."""
        return len(self._heads)

    def lines(self) -> Iterator[bytes]:
        """Every line, with its end. Raises NoSuchDefinition, or SealFailed where the manifest cannot be signed."""
        beside = hashlib.sha256()
        with self.sealing.store.reads() as connection:
            for line in self._opening(connection):
                beside.update(line)
                yield line
            yield from self._history(connection)
            for line in self._closing(connection):
                beside.update(line)
                yield line
        yield self._manifest(beside.digest())

    def _opening(self, connection: Session) -> Iterator[bytes]:
        signer, checkpoint = self.sealing.signer, self.checkpoint
        yield line_of(
            {
                "fardplan": "history/1",
                "institution": self.institution,
                "origin": signer.name,
                "size": checkpoint.size,
                "scope": "all" if self.only is None else "cases",
                "exported_at": micros(self.sealing.clock.now()),
            }
        )
        for kept in history_rows.definitions(connection, self.institution, self.only):
            yield line_of(
                {
                    "definition": kept.hash,
                    "workflow": kept.name,
                    "version": kept.version,
                    "behaviour": self._behaviour(kept),
                }
            )
        for table, row in organisation_rows(self.sealing.store, self.institution):
            yield line_of({"organisation": {"table": table, "row": row}})

    def _behaviour(self, kept: KeptDefinition) -> str:
        """The text whose hash the definition bears."""
        text = behaviour(self._definition(kept).workflow, Source(kept.source))
        if hashlib.sha256(text.encode()).hexdigest() != kept.hash:
            raise NoSuchDefinition(f"the text kept of {kept.name} version {kept.version} does not give {kept.hash}")
        return text

    def _definition(self, kept: KeptDefinition) -> Definition:
        try:
            return self.catalogue.by_hash(kept.hash)
        except KeyError:
            # No case is under it any more, so its file may be gone; its text was kept.
            with TemporaryDirectory(prefix="fardplan_definition_") as folder:
                path = Path(folder) / f"{kept.name}.py"
                path.write_text(kept.source, encoding="utf-8")
                return load(path)

    def _history(self, connection: Session) -> Iterator[bytes]:
        prover = self.sealing.prover(self.institution, self.checkpoint.size) if self.only is not None else None
        for event in history_rows.stored(connection, self.institution, size=self.checkpoint.size, cases=self.only):
            self.events += 1
            self._heads[event.case] = (event.sequence, event.hash)
            yield event_line(event)
            if event.detail is not None and event.nonce is not None:
                self.details += 1
                yield detail_line(event.nonce, event.detail)
            if prover is not None:
                yield _proof_line(prover, event.leaf)

    def _closing(self, connection: Session) -> Iterator[bytes]:
        for some in in_parts(sorted(self._heads), AT_ONCE):
            numbers = numbers_of(connection, self.institution, some)
            for case in some:
                sequence, hashed = self._heads[case]
                told = {"case": case, "number": numbers.get(case, ""), "sequence": sequence, "hash": hashed}
                yield line_of({"head": told})
        if self.only is not None:
            prover = self.sealing.prover(self.institution, self.checkpoint.size)
            for older in self.sealing.checkpoints(self.institution, below=self.checkpoint.size):
                hashes = [each.hex() for each in prover.consistency(older.size)]
                yield line_of({"consistency": {"old": older.size, "hashes": hashes}})

    def _manifest(self, digest: bytes) -> bytes:
        signer = self.sealing.signer
        told = (
            f"{signer.name}/manifest",
            str(self.checkpoint.size),
            b64encode(digest).decode(),
            f"events {self.events}",
            f"cases {self.cases}",
        )
        return line_of({"manifest": signer.sign("".join(f"{line}\n" for line in told))})


def prepare(sealing: Sealing, catalogue: Catalogue, institution: str, cases: Sequence[str] | None = None) -> Export:
    """An export up to the newest checkpoint. Seal first. Raises SealFailed where there is none, or no key."""
    checkpoint = sealing.latest(institution)
    if checkpoint is None:
        raise SealFailed("nothing was sealed yet, so there is nothing an export could be checked against")
    if not sealing.signer.ready():
        raise SealFailed("there is no key to sign the export with")
    return Export(sealing, catalogue, institution, checkpoint, None if cases is None else tuple(cases))


def line_of(value: dict[str, Any]) -> bytes:
    """A line in its one spelling: keys as given, no spaces, text in UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def event_line(event: Stored) -> bytes:
    """An event, its body byte for byte."""
    return b'{"hash":"%s","previous":"%s","body":%s}\n' % (event.hash.encode(), event.previous.encode(), event.body)


def detail_line(nonce: bytes, detail: bytes) -> bytes:
    """A detail, byte for byte, with the nonce that blinds the commitment to it."""
    return b'{"nonce":"%s","detail":%s}\n' % (nonce.hex().encode(), detail)


def _proof_line(prover: Prover, leaf: int) -> bytes:
    return line_of({"proof": {"leaf": leaf, "hashes": [each.hex() for each in prover.inclusion(leaf)]}})
