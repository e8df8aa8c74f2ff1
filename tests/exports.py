"""Exports made of a small house in which much has happened, and what an auditor needs to check them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from adapters.signing import FileSigner, new_key
from adapters.verifier import Fault, Report, read_checkpoint, read_keys, verify
from engine import keeping
from engine.canonical import micros
from engine.definition import Definition
from engine.exporting import prepare
from engine.model import IMPORT_PARTY, Comment, Erase, ErasureReason
from engine.sealing import Sealing
from engine.store.migrate import upgrade
from tests.engine import house_report, house_workflows
from tests.engine.house import CATALOGUE, INSTITUTION, House
from tests.engine.lives import Life, lived

ORIGIN = f"{INSTITUTION}/fardplan"
ERASE = Erase(ErasureReason.RETENTION)


@dataclass(frozen=True)
class Papers:
    """What an auditor holds: an export, its checkpoint, the key, and checkpoints kept from earlier."""

    export: Path
    checkpoint: Path
    key: Path
    older: tuple[Path, ...] = ()

    def check(self, processes: int = 1) -> Report:
        """What the verifier finds. Raises Fault."""
        keys = read_keys(self.key)
        head = read_checkpoint(self.checkpoint, keys)
        return verify(self.export, head, [read_checkpoint(each, keys) for each in self.older], keys, processes)

    def fault(self, processes: int = 1) -> Fault | None:
        """The first thing wrong, or None."""
        try:
            self.check(processes)
        except Fault as fault:
            return fault
        return None

    def words(self) -> list[str]:
        """The papers as the verifier's arguments."""
        older = ["--older", *map(str, self.older)] if self.older else []
        return [str(self.export), "--checkpoint", str(self.checkpoint), "--key", str(self.key), *older]


@dataclass
class Archive:
    """A house whose events are sealed into a folder outside its database."""

    life: Life
    sealing: Sealing
    folder: Path

    @property
    def house(self) -> House:
        return self.life.house

    def seal(self) -> Path:
        """Seal what is new; the checkpoint's file."""
        made = self.sealing.seal(INSTITUTION, sweep=True).checkpoint
        assert made is not None
        path = self.folder / f"checkpoint-{made.size}.txt"
        path.write_text(made.note, "utf-8")
        return path

    def papers(self, name: str = "export.jsonl", *, only: tuple[str, ...] | None = None, older: int = 9) -> Papers:
        """Export everything, or some cases; with the newest checkpoints made before."""
        before = sorted(self.folder.glob("checkpoint-*.txt"), key=lambda path: int(path.stem[11:]))
        checkpoint = self.seal()
        export = self.folder / name
        export.write_bytes(b"".join(prepare(self.sealing, CATALOGUE, INSTITUTION, only).lines()))
        kept = [path for path in before if path != checkpoint]
        return Papers(export, checkpoint, self.folder / "audit-key.pub", tuple(kept[max(0, len(kept) - older) :]))


def _source_of(definition: Definition) -> str:
    file = house_report.__file__ if definition.name == "report" else house_workflows.__file__
    return Path(file).read_text("utf-8")


def archive_of(life: Life, folder: Path) -> Archive:
    """Make a key for a house, and let it know its own definitions."""
    signer = FileSigner(folder / "key.pem", ORIGIN)
    key = new_key(signer.path, signer.name)
    (folder / "audit-key.pub").write_text(f"{key.line}\n", "utf-8")
    house = life.house
    keeping.record(house.store, INSTITUTION, CATALOGUE, _source_of, now=micros(house.clock.at))
    return Archive(life, Sealing(house.store, house.clock, signer), folder)


@contextmanager
def archived(url: str, folder: Path, *, stays: int = 12) -> Iterator[Archive]:
    """Lives, then so many stays: some withdrawn, some of these erased; sealed four times on the way."""
    with lived(url) as life:
        archive, house = archive_of(life, folder), life.house
        cases, contract = list[str](), house.contract(places=2 * stays)
        for number in range(stays):
            cases.append(house.stay_in("offered" if number % 3 else "proposed", contract, note=f"n {number}"))
            if number % 4 == 1:
                archive.seal()
            if number % 3 == 0:
                house.ask(Comment(f"seen {number}"), "ann", cases[number // 2])
            if number % 3 == 2:
                house.take(cases[number], "withdraw")
        for case in cases[2::6]:
            house.ask(ERASE, IMPORT_PARTY, case)
        yield archive


def fresh(folder: Path) -> str:
    """The URL of a migrated SQLite database in a folder, for what runs outside of pytest."""
    url = f"sqlite:///{folder / 'fardplan.db'}"
    upgrade(url)
    return url
