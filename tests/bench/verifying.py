"""Measures the verifier: a generated export of many cases, against a bare loop that reads and hashes its lines.

The events are those of a small house, told over for other cases: rightly chained, sealed into one tree, signed.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from adapters import verifier
from adapters.signing import FileSigner, new_key
from engine.canonical import GENESIS, chain
from engine.exporting import line_of
from engine.merkle import Frontier, leaf_hash
from engine.sealing import text_of
from tests.bench.measuring import Line, compare
from tests.exports import ORIGIN, Papers, archived, fresh

EVENTS = 100_000
BASE = "read and hash an export's lines, bare"


def verifying(folder: Path, *, rounds: int, seconds: float) -> list[Line]:
    """One process and two, against the bare loop over the same file in the same round; in events a second."""
    own = folder / "verifying"
    own.mkdir()
    papers = generated(own, events=EVENTS)
    return compare(
        {
            BASE: _rate(lambda: bare(papers.export)),
            "fardplan-verify, 1 process": _rate(lambda: program(papers, 1)),
            "fardplan-verify, 2 processes": _rate(lambda: program(papers, 2)),
        },
        base=BASE,
        rounds=rounds,
        seconds=seconds,
    )


def _rate(work: Callable[[], int]) -> Callable[[float], float]:
    """Events a second, over one whole export: it takes as long as it takes."""

    def run(_: float) -> float:
        start = time.perf_counter()
        return work() / (time.perf_counter() - start)

    return run


def program(papers: Papers, processes: int) -> int:
    """Run the verifier as an auditor does, its start included; how many events it took as right."""
    words = [sys.executable, verifier.__file__, *papers.words(), "--json", "--processes", str(processes)]
    return int(json.loads(subprocess.run(words, check=True, capture_output=True).stdout)["events"])


def bare(export: Path) -> int:
    """Read every line, hash each event's chain, its leaf and each detail; how many events there were."""
    events = 0
    with export.open("rb") as file:
        for line in file:
            if line.startswith(b'{"hash":'):
                digest = hashlib.sha256(b"\x00" + line[160:-2] + bytes.fromhex(line[87:151].decode())).digest()
                hashlib.sha256(b"\x00" + digest).digest()
                events += 1
            elif line.startswith(b'{"nonce":'):
                hashlib.sha256(bytes.fromhex(line[10:42].decode()) + line[53:-2]).digest()
    return events


@dataclass
class Generated:
    """An export in the making: what was told so far, and the head of each case."""

    tree: Frontier = field(default_factory=Frontier)
    heads: list[dict[str, object]] = field(default_factory=list)

    def tell(self, history: list[tuple[bytes, bytes]], old: bytes) -> Iterator[bytes]:
        """The lines of a history, told of a new case."""
        number = len(self.heads)
        case, previous = f"{number:08x}-0000-7000-8000-000000000000", GENESIS
        for told, detail in history:
            body = told.replace(old, case.encode())
            hashed = chain(body, previous)
            self.tree.append(leaf_hash(bytes.fromhex(hashed)))
            yield b'{"hash":"%s","previous":"%s","body":%s}\n' % (hashed.encode(), previous.encode(), body)
            yield detail
            previous = hashed
        self.heads.append({"case": case, "number": f"N-{number}", "sequence": len(history), "hash": previous})


def generated(folder: Path, *, events: int) -> Papers:
    """An export of at least so many events in `folder`, with its checkpoint and key."""
    definitions, histories = _told(folder / "small")
    signer, made = FileSigner(folder / "key.pem", ORIGIN), Generated()
    (folder / "audit-key.pub").write_text(f"{new_key(signer.path, signer.name).line}\n", "utf-8")
    with (folder / "events").open("wb") as file:
        while made.tree.size < events:
            for case, history in histories.items():
                file.writelines(made.tell(history, case))
    size, export = made.tree.size, folder / "export.jsonl"
    header = {"fardplan": "history/1", "institution": ORIGIN.partition("/")[0], "origin": ORIGIN, "size": size}
    before = [line_of(header | {"scope": "all", "exported_at": 0}), *definitions]
    after = [line_of({"head": head}) for head in made.heads]
    with export.open("wb") as file, (folder / "events").open("rb") as between:
        file.writelines(before)
        file.writelines(between)
        file.writelines(after)
        digest = b64encode(hashlib.sha256(b"".join([*before, *after])).digest()).decode()
        told = f"{ORIGIN}/manifest\n{size}\n{digest}\nevents {size}\ncases {len(after)}\n"
        file.write(line_of({"manifest": signer.sign(told)}))
    checkpoint = folder / f"checkpoint-{size}.txt"
    checkpoint.write_text(signer.sign(text_of(ORIGIN, size, made.tree.root())), "utf-8")
    return Papers(export, checkpoint, folder / "audit-key.pub")


def _told(folder: Path) -> tuple[list[bytes], dict[bytes, list[tuple[bytes, bytes]]]]:
    """The definitions of a small house, and its histories by case: bodies, each with the line of its detail."""
    folder.mkdir()
    histories: dict[bytes, list[tuple[bytes, bytes]]] = {}
    with archived(fresh(folder), folder) as archive:
        lines = archive.papers().export.read_bytes().splitlines(keepends=True)
    for place, line in enumerate(lines):
        if line.startswith(b'{"hash":'):
            detail = lines[place + 1] if lines[place + 1].startswith(b'{"nonce":') else b""
            case = json.loads(line)["body"]["case"].encode()
            histories.setdefault(case, []).append((line[160:-2], detail))
    return [line for line in lines if line.startswith(b'{"definition":')], histories
