"""Single random changes to an export or to a database, and whether each is found, and found where it was made.

`python -m tests.tampering --changes 10000 [--seed N]` makes so many, half of them to exports and half to
the database, and prints what became of them. A change is named by its seed: the same seed makes the same.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from adapters.signing import read_keys
from engine.tables import Table
from service.cli_history import wrong_notes
from tests.engine.house import INSTITUTION
from tests.exports import Archive, Papers, archived, fresh

Place = tuple[str, int]
"""An event: case and sequence."""


@dataclass(frozen=True)
class Change:
    """What was done, and the events it concerns; empty where no single event can be told from what is left."""

    kind: str
    concerned: frozenset[Place] = frozenset()


@dataclass(frozen=True)
class Outcome:
    """What was found of a change: whether anything was, and whether it names an event the change concerns."""

    change: Change
    found: bool
    named: bool
    words: str

    @property
    def right(self) -> bool:
        """Found, and with the right case and sequence where that can be told."""
        return self.found and (self.named or not self.change.concerned)


# Exports.


class Export:
    """An export taken apart into lines, each with the event it belongs to."""

    def __init__(self, papers: Papers, other: Papers) -> None:
        self.papers = papers
        self.lines = papers.export.read_bytes().splitlines(keepends=True)
        self.other = other.export.read_bytes().splitlines(keepends=True)
        self.places: list[Place | None] = []
        self.last: dict[str, int] = {}
        for line in self.lines:
            if line.startswith(b'{"hash":'):
                body = json.loads(line)["body"]
                self.places.append((body["case"], body["sequence"]))
                self.last[body["case"]] = body["sequence"]
            else:
                own = line.startswith((b'{"nonce":', b'{"proof":'))
                self.places.append(self.places[-1] if own else None)

    def events(self) -> list[int]:
        """Where the lines of events stand."""
        return [n for n, line in enumerate(self.lines) if line.startswith(b'{"hash":')]

    def near(self, *numbers: int) -> frozenset[Place]:
        """The events of some lines; empty where one of the lines belongs to none."""
        found = {self.places[number] for number in numbers}
        return frozenset(place for place in found if place) if None not in found else frozenset()

    def begins(self, number: int, raw: bytes) -> bool:
        """Whether the change is to the very name of a case in its first event: then nothing tells which it was."""
        place = self.places[number]
        kept = f'"case":"{place[0]}"'.encode() if place else b""
        return bool(place and place[1] == 1 and self.lines[number].startswith(b'{"hash"')) and kept not in raw


Tamper = Callable[[Export, random.Random], tuple[Change, list[bytes]]]


def bit(export: Export, draw: random.Random) -> tuple[Change, list[bytes]]:
    """Turn one bit of any line around."""
    number = draw.randrange(len(export.lines))
    raw = bytearray(export.lines[number])
    raw[draw.randrange(len(raw))] ^= 1 << draw.randrange(8)
    # A line that is split or joined is told by what follows, which may be the next event's line.
    near = [number] if bytes(raw).count(b"\n") == 1 and raw.endswith(b"\n") else [number, number + 1]
    concerned = export.near(*(n for n in near if n < len(export.lines)))
    changed = [*export.lines[:number], bytes(raw), *export.lines[number + 1 :]]
    return Change("bit", frozenset() if export.begins(number, bytes(raw)) else concerned), changed


def field(export: Export, draw: random.Random) -> tuple[Change, list[bytes]]:
    """Write another value into one field of an event's body, rightly spelled."""
    number = draw.choice(export.events())
    read = json.loads(export.lines[number])
    name = draw.choice([each for each in read["body"] if not isinstance(read["body"][each], dict)])
    value = read["body"][name]
    read["body"][name] = value + 1 if isinstance(value, int) else f"{value or ''}x" if value != "x" else None
    raw = json.dumps(read, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
    changed = [*export.lines[:number], raw, *export.lines[number + 1 :]]
    return Change("field", frozenset() if export.begins(number, raw) else export.near(number)), changed


def removed(export: Export, draw: random.Random) -> tuple[Change, list[bytes]]:
    """Take a line out."""
    number = draw.randrange(len(export.lines))
    return Change("line removed", export.near(number)), [*export.lines[:number], *export.lines[number + 1 :]]


def doubled(export: Export, draw: random.Random) -> tuple[Change, list[bytes]]:
    """Let a line stand twice."""
    number = draw.randrange(len(export.lines))
    return Change("line doubled", export.near(number)), [*export.lines[: number + 1], *export.lines[number:]]


def swapped(export: Export, draw: random.Random) -> tuple[Change, list[bytes]]:
    """Let two different lines change places. Which was moved can often not be told."""
    first, second = sorted(draw.sample(range(len(export.lines)), 2))
    changed = list(export.lines)
    changed[first], changed[second] = changed[second], changed[first]
    return Change("lines swapped"), changed


def moved(export: Export, draw: random.Random) -> tuple[Change, list[bytes]]:
    """Give an event to another case, at its end."""
    number = draw.choice(export.events())
    case, sequence = export.places[number] or ("", 0)
    other = draw.choice([each for each in export.last if each != case])
    raw = export.lines[number].replace(case.encode(), other.encode())
    concerned = {(case, sequence), (other, sequence), (other, export.last[other] + 1)}
    return Change("event moved", frozenset(concerned)), [*export.lines[:number], raw, *export.lines[number + 1 :]]


def cut(export: Export, draw: random.Random) -> tuple[Change, list[bytes]]:
    """Leave the tail out."""
    return Change("tail cut"), export.lines[: draw.randrange(1, len(export.lines))]


def definition(export: Export, draw: random.Random) -> tuple[Change, list[bytes]]:
    """Let a definition allow something else."""
    number = draw.choice([n for n, line in enumerate(export.lines) if line.startswith(b'{"definition":')])
    words = draw.choice(sorted(set(re.findall(rb"[a-z_]{4,}", export.lines[number].partition(b'"behaviour"')[2]))))
    raw = export.lines[number].replace(words, words[::-1] + b"x", 1)
    return Change("definition altered"), [*export.lines[:number], raw, *export.lines[number + 1 :]]


def manifest(export: Export, draw: random.Random) -> tuple[Change, list[bytes]]:
    """Put the manifest of another export in place of this one's."""
    return Change("manifest of another export"), [*export.lines[:-1], export.other[-1]]


LINES: Sequence[Tamper] = (bit, field, removed, doubled, swapped, moved, cut, definition, manifest)


def tamper_with_export(export: Export, folder: Path, seed: int) -> Outcome:
    """Make the change of this seed to an export or to its checkpoint, and look for it."""
    draw = random.Random(f"export {seed}")
    chosen = draw.randrange(len(LINES) + 2)
    if chosen == len(LINES):
        return _judged(Change("older checkpoint as new"), replace(export.papers, checkpoint=export.papers.older[0]))
    changed = folder / "changed"
    if chosen > len(LINES):
        note = bytearray(draw.choice([export.papers.checkpoint, *export.papers.older]).read_bytes())
        note[draw.randrange(len(note))] ^= 1 << draw.randrange(8)
        changed.write_bytes(note)
        return _judged(Change("checkpoint altered"), replace(export.papers, checkpoint=changed))
    change, lines = LINES[chosen](export, draw)
    if lines == export.lines:
        return tamper_with_export(export, folder, seed + 1_000_000)
    changed.write_bytes(b"".join(lines))
    return _judged(change, replace(export.papers, export=changed))


def _judged(change: Change, papers: Papers) -> Outcome:
    fault = papers.fault()
    if fault is None:
        return Outcome(change, found=False, named=False, words="nothing found")
    named = (fault.case, fault.sequence) in change.concerned
    words = f"line {fault.line}, {fault.case} {fault.sequence}: {fault.what}"
    return Outcome(change, found=True, named=named, words=words)


# The database.

COLUMNS = {
    "event": (
        "kind", "trigger", "from_state", "to_state", "party", "on_behalf_of", "role", "at", "definition", "cause_case",
        "cause_sequence", "body", "previous", "hash", "sequence",
    ),
    "event_detail": ("detail", "nonce", "sequence"),
    "case_record": (
        "definition", "state", "unit", "assignee", "subject", "facts", "acts", "version", "head", "opened_at",
        "updated_at", "closed_at", "entered_at", "due_at", "missed_at", "partner",
    ),
    "link": ("name", "to_case"),
    "deadline": (
        "status", "started_at", "ledger", "due_on", "due_at", "fired", "next_rung", "acts_at", "ended_at", "since",
    ),
    "seal_tile": ("hashes",),
    "seal_run": ("first_sequence", "last_sequence", "first_leaf"),
    "checkpoint": ("root", "size", "note"),
}  # fmt: skip
"""What is compared with the histories. Number, title and words of a case stand in no event."""


def tamper_with_database(archive: Archive, seed: int) -> Outcome:
    """Make the change of this seed to one row, look for it, and put the row back."""
    draw = random.Random(f"database {seed}")
    name = draw.choice(sorted(COLUMNS))
    table, rows = Table.metadata.tables[name], archive.house.rows(name)
    row = draw.choice(rows)
    if draw.random() < 0.3:
        kind, changed = f"{name}: row removed", None
    else:
        column = draw.choice(COLUMNS[name])
        kind, changed = f"{name}.{column}", {**row, column: _another(row[column], column, draw)}
    with _as(archive, table, row, changed) as done:
        if done:
            # A detail that was given to another event is wrong there, and missing here.
            return _found(archive, Change(kind, _concerned(name, row) | _concerned(name, changed or row)))
    return tamper_with_database(archive, seed + 1_000_000)


def _concerned(name: str, row: dict[str, Any]) -> frozenset[Place]:
    case = row.get("case_id") or (row["id"] if name == "case_record" else row.get("from_case"))
    exact = name in {"event", "event_detail"}
    return frozenset({(case, row["sequence"] if exact else 0)}) if case and name != "seal_run" else frozenset()


def _another(value: Any, column: str, draw: random.Random) -> Any:  # noqa: PLR0911 - one answer a kind of value
    """A value of the same kind that differs."""
    match value:
        case bool() | None:
            return 7 if column.endswith(("_at", "sequence")) else "x"
        case int():
            return value + draw.choice([-1, 1, 1000])
        case bytes():
            turned = bytearray(value)
            turned[draw.randrange(len(turned))] ^= 1 << draw.randrange(8)
            return bytes(turned)
        case dict():
            return {**value, "seen": "x"}
        case list():
            return [*value, "x"]
        case str():
            at = draw.randrange(len(value)) if value else 0
            return value[:at] + ("y" if value[at : at + 1] == "x" else "x") + value[at + 1 :]
    return value.replace(year=value.year + 1)


@contextmanager
def _as(archive: Archive, table: sa.Table, row: dict[str, Any], changed: dict[str, Any] | None) -> Iterator[bool]:
    """The row as it was changed, or gone; at the end as it was. False where the database does not take it."""
    store = archive.house.store
    with store.writes() as connection:
        connection.execute(sa.delete(table).where(*(table.c[k.name] == row[k.name] for k in table.primary_key)))
    try:
        done = True
        if changed is not None:
            try:
                with store.writes() as connection:
                    connection.execute(sa.insert(table).values(changed))
            except sa.exc.DBAPIError:
                done, changed = False, None
        yield done
    finally:
        with store.writes() as connection:
            if changed is not None:
                keys = (table.c[k.name] == changed[k.name] for k in table.primary_key)
                connection.execute(sa.delete(table).where(*keys))
            connection.execute(sa.insert(table).values(row))


def _found(archive: Archive, change: Change) -> Outcome:
    """What replay, and then the comparison with the seals, find first."""
    wrongs = [(v.case, v.first_wrong) for v in archive.life.replay().all(INSTITUTION) if v.first_wrong]
    checked = archive.sealing.check(INSTITUTION).wrong
    keys = read_keys((archive.folder / "audit-key.pub").read_text("utf-8"))
    notes = list(wrong_notes(archive.sealing, INSTITUTION, keys))
    words = "; ".join([*(f"{case} {wrong.sequence}: {wrong.what}" for case, wrong in wrongs), str(checked), *notes])
    places = {(case, wrong.sequence) for case, wrong in wrongs}
    if checked and checked.case:
        places.add((checked.case, checked.sequence or 0))
    wanted = {case for case, sequence in change.concerned if not sequence}
    named = bool(places & change.concerned) or bool(wanted & {case for case, _ in places})
    return Outcome(change, found=bool(wrongs or checked or notes), named=named, words=words)


# The command.


def main() -> int:
    """Make the changes, and tell what became of them; 1 where one was not found, or found in the wrong place."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--changes", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    counts: Counter[tuple[str, str]] = Counter()
    missed: list[str] = []
    with tempfile.TemporaryDirectory(prefix="fardplan_tampering_") as name:
        folder = Path(name)
        with archived(fresh(folder), folder, stays=24) as archive:
            other = archive.papers("other.jsonl", only=(archive.life.stay,))
            export = Export(archive.papers(), other)
            assert export.papers.fault() is None
            for seed in range(asked.seed, asked.seed + asked.changes):
                ours = seed % 2 == 0
                done = tamper_with_export(export, folder, seed) if ours else tamper_with_database(archive, seed)
                kind = done.change.kind if ours else done.change.kind.partition(".")[0]
                counts[kind, "right" if done.right else "wrong place" if done.found else "NOT FOUND"] += 1
                if not done.right:
                    missed.append(f"seed {seed}: {done.change.kind}: {done.words}")
            assert export.papers.fault() is None, "false alarm"
            assert _found(archive, Change("none")).found is False, "false alarm"
    for (kind, answer), count in sorted(counts.items()):
        print(f"{count:6}  {answer:12} {kind}")
    print("\n".join(missed[:50]))
    print(f"{asked.changes} changes, {len(missed)} not found where they were made; seeds from {asked.seed}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
