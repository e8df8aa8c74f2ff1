"""Lines of an export that only a forger writes are a fault the verifier tells in its own words, and no crash."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from adapters import verifier
from tests.fuzzing import corpora


@pytest.fixture(scope="module")
def papers() -> dict[str, bytes]:
    return corpora.papers()


def _another(name: str, value: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda told: {**told, name: value}


def _defined(behaviour: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    digest = sha256(str(behaviour).encode()).hexdigest()
    return lambda told: {**told, "definition": digest, "behaviour": behaviour}


FORGED = [
    ("fardplan", _another("size", "41")),
    ("fardplan", _another("scope", ["all"])),
    ("fardplan", _another("institution", None)),
    ("definition", _defined(7)),
    ("definition", _defined("{}")),
    ("definition", _defined("[" * 100_000)),
    ("definition", _defined('{"declared": {"states": 1}}')),
    ("head", _another("head", 1.5)),
    ("head", _another("head", {"case": None, "sequence": [1]})),
    ("consistency", _another("consistency", {"old": [], "hashes": [1]})),
    ("consistency", _another("consistency", {"old": 1e999, "hashes": []})),
    ("manifest", _another("manifest", True)),
]


@pytest.mark.parametrize(("kind", "change"), FORGED, ids=[f"{kind} {n}" for n, (kind, _) in enumerate(FORGED)])
def test_a_line_of_another_shape_is_a_fault_of_the_export(
    papers: dict[str, bytes], tmp_path: Path, kind: str, change: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    lines = papers["some"].splitlines()
    place = next(place for place, line in enumerate(lines) if line.startswith(f'{{"{kind}":'.encode()))
    told = change(json.loads(lines[place]))
    lines[place] = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    for name, raw in {**papers, "export": b"\n".join(lines) + b"\n"}.items():
        (tmp_path / name).write_bytes(raw)
    keys = verifier.read_keys(tmp_path / "key")
    with pytest.raises(verifier.Fault):
        verifier.verify(tmp_path / "export", verifier.read_checkpoint(tmp_path / "checkpoint", keys), [], keys)
