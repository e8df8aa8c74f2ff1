"""What the verifier holds to by itself, each where nothing else of it would notice."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from adapters import verifier
from adapters.signing import FileSigner, new_key
from adapters.verifier import Checkpoint, Fault, consistent
from tests.engine.house import INSTITUTION

NAME = f"{INSTITUTION}/fardplan"
ROOT = bytes(range(32))


def test_the_verifier_names_an_event_that_follows_another_history() -> None:
    events = verifier.Events(INSTITUTION, {}, 0, ())
    events.cases[b"c"] = (b"1" * 64, 1, b"asked", b"d")
    step: tuple[Any, ...] = (b"moved", b"asked", b"away", b"go", b"head", None, b"", False)
    with pytest.raises(Fault, match="does not name the hash of the event before it"):
        events.follow(verifier.Body(b"x.se", b"c", 2, b"d", None, step, {}), b"3" * 64, b"2" * 64)


def test_the_verifier_takes_no_text_that_was_not_signed(tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    (tmp_path / "audit-key.pub").write_text(new_key(key, NAME).line)
    note = FileSigner(key, NAME).sign(f"{NAME}\n7\n{b64encode(ROOT).decode()}\n")
    keys, checkpoint = verifier.read_keys(tmp_path / "audit-key.pub"), tmp_path / "checkpoint.txt"
    checkpoint.write_text(note)
    assert verifier.read_checkpoint(checkpoint, keys).size == 7
    checkpoint.write_text(note.replace("\n7\n", "\n8\n", 1))
    with pytest.raises(Fault, match="the signature is not valid"):
        verifier.read_checkpoint(checkpoint, keys)


@pytest.mark.parametrize("harmed", ["old", "new"])
def test_a_tree_that_does_not_go_on_from_an_older_one_is_refused(harmed: str) -> None:
    """Two leaves, of which the first was signed alone: its hash is the older root, the other the proof (RFC 9162)."""
    first, second = (sha256(b"\0" + leaf).digest() for leaf in (b"a", b"b"))
    roots = {"old": first, "new": verifier.node(first, second)}

    def held() -> bool:
        old, new = (Checkpoint("c", NAME, size, roots[name]) for name, size in (("old", 1), ("new", 2)))
        return consistent(old, new, [second])

    assert held()
    roots[harmed] = ROOT
    assert not held()
