"""`fardplan-verify`: checks an export of histories against a signed checkpoint, trusting nobody else.

This one file needs Python 3.11 or later and the package `cryptography`; it reads nothing of Färdplan.
It may be copied anywhere and run as `python3 verifier.py EXPORT --checkpoint FILE --key FILE`.

From top to bottom: signed notes (C2SP signed-note, tlog-checkpoint), the tree (RFC 9162 section 2.1),
what a definition allows, the events, the whole export, the report. Hashes are made over the bytes as
they stand in the file; nothing is written anew before it is hashed. Kept in memory is, for each case,
its last hash, sequence, state and definition, and each detail that is missing and not yet accounted for.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import contextlib
import gc
import json
import re
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NamedTuple, TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

if TYPE_CHECKING:
    from hashlib import _Hash as Hash

Keys: TypeAlias = dict[tuple[str, bytes], Ed25519PublicKey]
GENESIS: Final = b"0" * 64
EVENT, DETAIL, PROOF = b'{"hash":"', b'{"nonce":"', b'{"proof":'
HEADER: Final = {"fardplan": str, "institution": str, "origin": str, "size": int, "scope": str, "exported_at": int}
DEFINED: Final = {"definition": str, "workflow": str, "version": int, "behaviour": str}
STEPS: Final = frozenset({b"moved", b"recorded", b"reopened"})
STAYING: Final = frozenset(
    b"corrected commented assigned linked rung_fired deadline_changed place_taken place_freed erased restored".split()
)
SPECIAL: Final = frozenset({b"erased", b"migrated"})
ENTERED_BY: Final = frozenset({"coordinator", "officer"})
CUT: Final = "the export breaks off: its end was cut"
BLOCK_LEVEL: Final = 10
KEY_ID, HASH = 4, 32
FIRST: Final = 0.2
MOST_SEEN: Final = 20_000


@dataclass(eq=False)
class Fault(Exception):
    """The first thing wrong. `line` counts from 1 (0: the file as a whole); `sequence` is the event's number."""

    what: str
    line: int = 0
    case: str | None = None
    sequence: int | None = None


class Unusable(Exception):
    """The program was not given what it needs."""


class Begun(Exception):
    """A stretch begins a case that an earlier one has: only reading from the start can tell at which line."""


# Signed notes.


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint whose signature has been verified. `root` is of the tree of `size` leaves."""

    name: str
    origin: str
    size: int
    root: bytes


def as_text(word: bytes) -> str:
    """A word of a line, to be told; it may be none in UTF-8 where the line was forged."""
    return word.decode(errors="replace")


def exact_base64(text: str) -> bytes:
    """Decode standard base64. Raises ValueError for any spelling but the one (bits left over must be zero)."""
    value = base64.b64decode(text, validate=True)
    if base64.b64encode(value).decode() != text:
        raise ValueError("not the canonical base64")
    return value


def read_keys(path: Path) -> Keys:
    """Read verifier keys, NAME+KEYID+BASE64 a line, by name and key id. Raises Unusable."""
    keys = {}
    try:
        for line in path.read_text("utf-8").split("\n"):
            if line.strip():
                name, key_id, encoded = line.split("+", 2)
                key = exact_base64(encoded)
                made = sha256(name.encode() + b"\n" + key).digest()[:KEY_ID]
                fits = key[0] == 1 and made.hex() == key_id
                keys[name, made] = Ed25519PublicKey.from_public_bytes(key[1:] if fits else b"")
    except (ValueError, IndexError) as error:
        raise Unusable(f"{path} is no file of public keys, or is damaged") from error
    if not keys:
        raise Unusable(f"{path} holds no key")
    return keys


def open_note(note: str, name: str | None, keys: Keys, what: str) -> str:
    """Give the text of a note signed by a known key (of this name). Raises Fault."""
    text, blank, signatures = note.rpartition("\n\n")
    signed = False
    for line in signatures.split("\n")[:-1]:
        mark, _, rest = line.partition(" ")
        signer, _, encoded = rest.partition(" ")
        try:
            raw = exact_base64(encoded)
        except ValueError as error:
            raise Fault(f"{what}: a signature line is damaged") from error
        key = keys.get((signer, raw[:KEY_ID]))
        if mark != "\u2014" or len(raw) <= KEY_ID:
            raise Fault(f"{what}: a signature line is damaged")
        if key is not None and name in {None, signer}:
            try:
                key.verify(raw[KEY_ID:], (text + "\n").encode())
            except InvalidSignature as error:
                raise Fault(f"{what}: the signature is not valid: the text is not what was signed") from error
            signed = True
    if not blank or not note.endswith("\n") or not signed:
        raise Fault(f"{what}: it bears no signature by a key of the key file")
    return text + "\n"


def read_checkpoint(path: Path, keys: Keys) -> Checkpoint:
    """Read a C2SP tlog-checkpoint and verify its signature. Raises Fault, or Unusable without a file."""
    try:
        note = path.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise Fault(f"{path.name} is damaged: it is not UTF-8") from error
    lines = open_note(note, note.partition("\n")[0], keys, path.name).split("\n")
    try:
        origin, size, root = lines[0], int(lines[1]), exact_base64(lines[2])
    except (ValueError, IndexError) as error:
        raise Fault(f"{path.name} is signed, but is no checkpoint") from error
    if len(root) != HASH or str(size) != lines[1] or size < 0:
        raise Fault(f"{path.name} is signed, but is no checkpoint")
    return Checkpoint(path.name, origin, size, root)


# The tree.


def node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


@dataclass
class Range:
    """The leaves from `begin` to before `end` as the fewest whole subtrees: (level, hash), from left to right."""

    begin: int
    end: int
    nodes: list[tuple[int, bytes]] = field(default_factory=list)

    def append(self, level: int, value: bytes) -> None:
        """Add a whole subtree of 2**level leaves, and join what now makes a greater one."""
        self.end += 1 << level
        while self.nodes and self.nodes[-1][0] == level and self.end % (2 << level) == 0:
            value, level = node(self.nodes.pop()[1], value), level + 1
        self.nodes.append((level, value))

    def extend(self, leaves: Sequence[bytes]) -> None:
        """Add the hashes of leaves; whole blocks that begin where a block begins are folded row by row."""
        at, block = 0, 1 << BLOCK_LEVEL
        while at < len(leaves):
            if self.end % block or len(leaves) - at < block:
                self.append(0, leaves[at])
                at += 1
                continue
            row = leaves[at : at + block]
            while len(row) > 1:
                row = [sha256(b"\x01" + a + b).digest() for a, b in zip(row[::2], row[1::2], strict=True)]
            self.append(BLOCK_LEVEL, row[0])
            at += block

    def root(self) -> bytes:
        """The root of the tree, where the range begins at leaf 0."""
        if not self.nodes:
            return sha256(b"").digest()
        root = self.nodes[-1][1]
        for _, left in reversed(self.nodes[:-1]):
            root = node(left, root)
        return root


def included(leaf_hash: bytes, leaf: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Verify an inclusion proof (RFC 9162 section 2.1.3.2)."""
    at, last, found = leaf, size - 1, leaf_hash
    for each in path:
        if last == 0:
            return False
        if at % 2 or at == last:
            found = node(each, found)
            while at % 2 == 0 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node(found, each)
        at, last = at >> 1, last >> 1
    return 0 <= leaf < size and last == 0 and found == root


def consistent(old: Checkpoint, new: Checkpoint, given: Sequence[bytes]) -> bool:
    """Verify a consistency proof (RFC 9162 section 2.1.4.2)."""
    if old.size in {0, new.size}:
        return not given and (old.size == 0 or old.root == new.root)
    path = [old.root, *given] if old.size & (old.size - 1) == 0 else list(given)
    at, last = old.size - 1, new.size - 1
    while at % 2:
        at, last = at >> 1, last >> 1
    if not path or old.size > new.size:
        return False
    first = second = path[0]
    for each in path[1:]:
        if last == 0:
            return False
        if at % 2 or at == last:
            first, second = node(each, first), node(each, second)
            while at % 2 == 0 and at:
                at, last = at >> 1, last >> 1
        else:
            second = node(second, each)
        at, last = at >> 1, last >> 1
    return last == 0 and first == old.root and second == new.root


# What a definition allows.


class Definition:
    """The graph and the roles of a workflow, from the behaviour text whose SHA-256 is its hash."""

    def __init__(self, behaviour: str) -> None:
        declared = json.loads(behaviour)["declared"]
        self.states = {state["name"] for state in declared["states"]}
        final = {state["name"] for state in declared["states"] if state.get("final")}
        self.entries = {declared["initial"], *declared.get("registers_in", ())}
        self.openers = {_role(who) for who in declared["opened_by"]}
        self.ways: dict[tuple[str, str], list[tuple[str, set[str]]]] = {}
        for step in declared["transitions"]:
            for source in [step["source"]] if isinstance(step["source"], str) else step["source"]:
                # A final state is left by `reconsider` alone.
                if source not in final or step["trigger"] == "reconsider":
                    target = source if step["to"] == "(recorded)" else step["to"]
                    way = (target, {_role(who) for who in step["by"]})
                    self.ways.setdefault((source, step["trigger"]), []).append(way)


def _role(who: str | dict[str, Any]) -> str:
    return who if isinstance(who, str) else str(who["role"])


class Body(NamedTuple):
    """What the check reads of an event's body.

    `step` is kind, from, to, trigger, role, on behalf of, "clock" where that is the party, and whether the
    step was ruled: caused by another case's step, or an import. `verdicts` on it are shared by all events
    that say the same. `left` is the definition migrated from.
    """

    institution: bytes
    case: bytes
    sequence: int
    definition: bytes
    detail: bytes | None
    step: tuple[Any, ...]
    verdicts: dict[tuple[Any, ...], tuple[str | None, bytes, bytes]]
    erased: tuple[int, ...] = ()
    left: bytes | None = None


def illegal(  # noqa: C901, PLR0911 - one answer a rule
    known: dict[bytes, Definition], before: tuple[bytes, bytes] | None, definition: bytes, step: tuple[Any, ...]
) -> str | None:
    """Say why a step is not allowed after `before` (state, definition; None: a new case); None where it is."""
    kind, *words, ruled = step
    origin, to, trigger, role, behalf, party = (None if word is None else word.decode() for word in words)
    declared = known.get(definition)
    if declared is None:
        return f"its definition {as_text(definition)} is not in the export"
    if (kind == b"opened") != (before is None):
        return "a history begins with `opened`, and has it once"
    if origin != (before[0].decode() if before else None):
        return f"it leaves {origin}, but the case was in {before[0].decode() if before else 'no state'}"
    if role is None and not ruled and kind in STEPS:
        return "nobody's role is named, and no rule or import took the step"
    if (role == "clock") != (party == "clock") and role is not None:
        return f"{'the clock' if party else 'somebody'} acted in the role {role}"
    if before is None:
        wrong = to not in declared.entries or (not ruled and role not in declared.openers)
        return f"a case cannot be opened in {to} by {role}" if wrong else None
    if kind == b"migrated":
        return None if to in declared.states and not trigger else f"a case cannot be carried over to {to}"
    if definition != before[1]:
        return "it stands under another definition than the event before it, and nothing migrated it"
    if kind in STAYING:
        return None if to == origin and trigger is None else f"{kind.decode()} moves no case ({origin} to {to})"
    if kind not in STEPS or (kind == b"reopened") != (trigger == "reconsider"):
        return f"there is no such kind of event: {kind.decode()} by {trigger}"
    ways = [roles for target, roles in declared.ways.get((str(origin), str(trigger)), ()) if target == to]
    if not ways:
        return f"{trigger} does not lead from {origin} to {to}"
    roles = set().union(*ways)
    entered = behalf in roles & {"student", "partner"} and role in ENTERED_BY
    return None if role is None or entered or (behalf is None and role in roles) else f"{trigger} is not for a {role}"


# The events.

Seen: TypeAlias = dict[tuple[Any, ...], tuple[bytes, tuple[Any, ...], dict[Any, Any]]]


def body_of(raw: bytes, seen: Seen) -> Body:
    """Read a body. Raises ValueError. `seen` remembers steps that were read, by the pieces that say them.

    A body has its names sorted, so each is sought behind the one before. Where one is found more than
    once behind it, or anything needs a second look, the whole body is read as JSON (`whole_body`).
    """
    try:
        head, rest = raw.split(b',"definition":"')
        proof, rest = rest.split(b',"from":')
        way, rest = rest.split(b',"party":"')
        party, rest = rest.split(b',"role":')
        role, rest = rest.split(b',"sequence":')
        sequence, to = rest.split(b',"to":"')
        _, case = head.split(b'"case":"')
    except ValueError:
        return whole_body(raw)
    if b"\\" in raw or case[36:46] != b'","cause":' or proof[64:75] != b'","detail":':
        return whole_body(raw)
    if b',"linked":' in way:
        way = way[: way.index(b',"linked":')] + way[way.index(b',"on_behalf_of":') :]
    if b',"touched":' in to:
        to = to[: to.index(b',"touched":')] + to[to.index(b',"trigger":') :]
    key = (way, role[: role.find(b",")], to, party[:6] == b'clock"', case[46:50] != b"null" or party[:7] == b'import"')
    known = seen.get(key)
    if known is None:
        body = whole_body(raw)
        if body.step[0] not in SPECIAL and len(seen) < MOST_SEEN:
            seen[key] = (body.institution, body.step, body.verdicts)
        return body
    number = int(sequence[: sequence.index(b",")] if b"," in sequence else sequence)
    detail = None if proof[75:76] == b"n" else proof[76:140]
    return Body(known[0], case[:36], number, proof[:64], detail, known[1], known[2])


def whole_body(raw: bytes) -> Body:
    """Read any body, as JSON. Raises ValueError."""
    try:
        body = json.loads(raw)
        word: dict[str, Any] = {name: body[name].encode() for name in ALWAYS}
        word.update((name, None if body[name] is None else body[name].encode()) for name in SOMETIMES)
        party, left = word["party"], body.get("from_definition")
        step = (
            word["kind"], word["from"], word["to"], word["trigger"], word["role"], word["on_behalf_of"],
            party if party == b"clock" else b"", body["cause"] is not None or party == b"import",
        )  # fmt: skip
        return Body(
            institution=word["institution"],
            case=word["case"],
            sequence=int(body["sequence"]),
            definition=word["definition"],
            detail=word["detail"],
            step=step,
            verdicts={},
            erased=tuple(int(number) for number in body.get("erased", ())),
            left=left and left.encode(),
        )
    except (KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise ValueError("the body is not one of an event") from error


ALWAYS: Final = ("institution", "case", "definition", "kind", "to", "party")
SOMETIMES: Final = ("detail", "from", "trigger", "role", "on_behalf_of")
"""The words of a body: those each event has, and those that may be null."""


class Events:
    """The events of an export, or of one stretch of it. What is wrong first ends up in `fault`."""

    def __init__(self, institution: str, known: dict[bytes, Definition], begin: int, sizes: Iterable[int]) -> None:
        self.institution, self.known = institution.encode(), known
        self.leaves, self.pending = Range(begin, begin), list[bytes]()
        self.sizes = sorted(size for size in sizes if size > begin)
        self.ranges: dict[int, Range] = {}
        self.cases: dict[bytes, tuple[bytes, int, bytes, bytes]] = {}
        self.seen: Seen = {}
        self.joins: dict[bytes, tuple[Body, bytes, int]] = {}
        self.owing: dict[tuple[bytes, int], int] = {}
        self.named: list[tuple[bytes, int]] = []
        self.fault: Fault | None = None
        self.stray: Fault | None = None
        self.owed: bytes | None = None
        self.at: tuple[bytes, int] = (b"", 0)
        self.leaf, self.unproved, self.line, self.offset = b"", False, 0, 0
        self.last_leaf, self.count, self.details, self.erased = -1, 0, 0, 0
        self.tree: Checkpoint | None = None

    def read(self, path: Path, offset: int, end: int, line: int) -> Events:
        """Read lines from one offset (with `line` lines before it) to another, or to the first of another kind."""
        self.offset, self.line = offset, line
        gc.disable()  # nothing here refers to itself, and looking for what does takes longer the more cases there are
        try:
            self._lines(path, end)
        except Fault as fault:
            self.fault = fault
        finally:
            gc.enable()
        self._flush()
        return self

    def _lines(self, path: Path, end: int) -> None:
        with path.open("rb") as file:
            file.seek(self.offset)
            for text in file if self.offset < end else ():
                if not self._take(text):
                    break
                self.offset += len(text)
                if self.offset >= end:
                    break
            self._settle()

    def _take(self, text: bytes) -> bool:
        self.line += 1
        if text[:9] == EVENT:
            if self.owed is not None or self.unproved:
                self._settle()
            self._event(text)
        elif text[:10] == DETAIL:
            self._detail(text)
        elif text.startswith(PROOF) and self.tree is not None:
            self._proof(text)
        else:
            self.line -= 1
            return False
        return True

    def _event(self, text: bytes) -> None:
        previous, raw = text[87:151], text[160:-2]
        try:
            digest = sha256(b"\0" + raw + binascii.unhexlify(previous)).digest()
            body = body_of(raw, self.seen)
        except ValueError:
            raise self._broken(text, previous, None) from None
        spelled = text[73:87] == b'","previous":"' and text[151:160] == b'","body":' and text[-2:] == b"}\n"
        if not spelled or binascii.hexlify(digest) != text[9:73]:
            raise self._broken(text, previous, body)
        self.at = (body.case, body.sequence)
        if body.institution != self.institution:
            raise self._wrong(f"it is an event of {body.institution.decode()}")
        if self.leaves.begin and body.sequence != 1 and body.case not in self.cases:
            self.joins[body.case] = (body, previous, self.line)
            self.cases[body.case] = (text[9:73], body.sequence, body.step[2], body.definition)
        else:
            self.follow(body, previous, text[9:73])
        self.owed, self.leaf = body.detail, sha256(b"\0" + digest).digest()
        self.unproved = self.tree is not None
        self.count += 1
        self.pending.append(self.leaf)
        if len(self.pending) >= 1 << BLOCK_LEVEL:
            self._flush()
        for sequence in body.erased:
            self.erased += self.owing.pop((body.case, sequence), None) is not None
            self.named.append((body.case, sequence))

    def follow(self, body: Body, previous: bytes, own: bytes) -> None:
        """Check that an event goes on from what is known of its case, and by a lawful step."""
        last = self.cases.get(body.case)
        expected = last[1] + 1 if last else 1
        if body.sequence != expected:
            self.at = (body.case, min(body.sequence, expected))
            twice = body.sequence < expected
            raise self._wrong("it stands here a second time" if twice else f"it is missing; {body.sequence} follows")
        if previous != (last[0] if last else GENESIS):
            raise self._wrong("it does not name the hash of the event before it")
        if body.left is not None and (last is None or body.left != last[3]):
            raise self._wrong("it was carried over from another definition than the one it stood under")
        before = last[2:] if last else None
        found = body.verdicts.get((before, body.definition))
        if found is None:
            found = (illegal(self.known, before, body.definition, body.step), body.step[2], body.definition)
            body.verdicts[before, body.definition] = found
        what, state, definition = found
        if what:
            raise self._wrong(what)
        self.cases[body.case] = (own, body.sequence, state, definition)

    def _detail(self, text: bytes) -> None:
        nonce, spelled = text[10:42], text[42:53] == b'","detail":' and text[-2:] == b"}\n"
        try:
            digest = sha256(binascii.unhexlify(nonce) + text[53:-2]).hexdigest().encode()
        except ValueError:
            spelled, digest = False, b""
        if spelled and digest == self.owed and nonce == nonce.lower():
            self.owed, self.details = None, self.details + 1
            return
        wrong = self._wrong("the detail is not the one the event before it commits to")
        if self.owed is not None:
            raise wrong
        # It may be what is left of an event: then a gap in that event's case tells which.
        self.stray = self.stray or wrong

    def _proof(self, text: bytes) -> None:
        proof = exact_line(text, {"proof": dict}, self.line)["proof"]
        try:
            leaf, path = int(proof["leaf"]), [bytes.fromhex(each) for each in proof["hashes"]]
            held = [each.hex() for each in path] == proof["hashes"] and leaf > self.last_leaf and self.unproved
        except (KeyError, TypeError, ValueError, OverflowError):
            leaf, path, held = 0, [], False
        if self.tree is None or not held or not included(self.leaf, leaf, self.tree.size, path, self.tree.root):
            raise self._wrong("the proof does not show that the event is in the tree of the checkpoint")
        self.unproved, self.last_leaf = False, leaf

    def _settle(self) -> None:
        """Note what the event before this line still owes: its detail, its proof."""
        if self.owed is not None:
            self.owing[self.at] = self.line - 1
            self.owed = None
        if self.unproved:
            raise self._wrong("it stands without a proof that it is in the tree")

    def _flush(self) -> None:
        """Put the leaves read so far into the range, keeping it as it was at each size asked for."""
        while self.pending:
            upto = self.sizes[0] - self.leaves.end if self.sizes else len(self.pending)
            self.leaves.extend(self.pending[:upto])
            self.pending = self.pending[upto:]
            if self.sizes and self.leaves.end == self.sizes[0]:
                self.ranges[self.sizes.pop(0)] = Range(self.leaves.begin, self.leaves.end, list(self.leaves.nodes))

    def _wrong(self, what: str) -> Fault:
        return Fault(what, self.line, self.at[0].decode(errors="replace") or None, self.at[1] or None)

    def _broken(self, text: bytes, previous: bytes, body: Body | None) -> Fault:
        """Name an event whose bytes do not give its hash: by its own words if they fit, else by whom it follows."""
        last = self.cases.get(body.case) if body else None
        if body is None or (last[1] + 1 if last else 1) != body.sequence:
            found = next((each for each, known in self.cases.items() if known[0] == previous), None)
            if found is not None:
                self.at = (found, self.cases[found][1] + 1)
            elif body is not None:
                self.at = (body.case, 1 if previous == GENESIS else body.sequence)
            else:
                case, sequence = named_in(text)
                self.at = (case, 1 if previous == GENESIS else sequence)
        else:
            self.at = (body.case, body.sequence)
        return self._wrong("the event's bytes do not give its hash")

    def join(self, other: Events) -> None:
        """Add the stretch that comes after this one. Raises the first Fault, or Begun."""
        if any(case in self.cases for case in other.cases if case not in other.joins):
            raise Begun
        for body, previous, self.line in sorted(other.joins.values(), key=lambda each: each[2]):
            if other.fault is not None and other.fault.line < self.line:
                break
            own, *_ = other.cases[body.case]
            self.at = (body.case, body.sequence)
            self.follow(body, previous, own)
        if other.fault is not None:
            raise other.fault
        self.stray = self.stray or other.stray
        self.cases |= other.cases
        for size, part in other.ranges.items():
            self.ranges[size] = Range(0, self.leaves.end, list(self.leaves.nodes))
            for level, value in part.nodes:
                self.ranges[size].append(level, value)
        for level, value in other.leaves.nodes:
            self.leaves.append(level, value)
        self.owing |= other.owing
        self.erased += other.erased + sum(self.owing.pop(key, None) is not None for key in other.named)
        self.count, self.details = self.count + other.count, self.details + other.details
        self.line, self.offset, self.at = other.line, other.offset, other.at


def named_in(text: bytes) -> tuple[bytes, int]:
    """The case and sequence a damaged line still tells, as far as it does."""
    case, sequence = (re.search(found, text) for found in (rb'"case":"([^"]*)"', rb'"sequence":(\d{1,9})\b'))
    return case[1] if case else b"", int(sequence[1]) if sequence else 0


def exact_line(text: bytes, members: dict[str, type], line: int) -> dict[str, Any]:
    """Read a line that may be spelled in one way only, with members of these kinds. Raises Fault."""
    try:
        read = json.loads(text)
        again = json.dumps(read, ensure_ascii=False, separators=(",", ":")) + "\n"
        kinds = [(name, type(value)) for name, value in read.items()]
        if kinds == list(members.items()) and again.encode() == text:
            return dict(read)
    except (ValueError, TypeError, AttributeError, RecursionError):
        pass
    raise Fault(f"the line is not spelled as a line of {next(iter(members))} is", line)


# The whole export.


@dataclass(frozen=True)
class Report:
    """What was found in an export that holds."""

    institution: str
    scope: str
    size: int
    events: int
    cases: int
    details: int
    details_erased: int
    definitions: int
    older_checkpoints: int


def verify(path: Path, head: Checkpoint, older: Sequence[Checkpoint], keys: Keys, processes: int = 1) -> Report:
    """Check the whole export. Raises Fault with the first thing wrong."""
    try:
        return _verified(path, head, older, keys, processes)
    except Begun:
        return _verified(path, head, older, keys, 1)


def _verified(path: Path, head: Checkpoint, older: Sequence[Checkpoint], keys: Keys, processes: int) -> Report:
    for each in older:
        if each.origin != head.origin or each.size > head.size:
            raise Fault(f"{each.name} is newer than {head.name}, or of another institution: it cannot be an older one")
    rest = sha256()
    with path.open("rb") as file:
        known, header, line = _opening(file, head, rest)
        start = file.tell()
    whole = header["scope"] == "all"
    sizes = {each.size for each in older if each.size} if whole else set()
    events = Events(header["institution"], known, 0, sizes)
    events.tree = None if whole else head
    try:
        _read(events, path, start, line, processes if whole else 1)
        older_proofs = _closing(path, events, header, rest, keys)
    except Fault as fault:
        if events.stray is None:
            raise
        raise Fault(fault.what, events.stray.line, fault.case, fault.sequence) from fault
    if events.stray is not None:
        raise events.stray
    if whole and (events.count != head.size or events.leaves.root() != head.root):
        raise Fault(
            f"the {events.count} events are not those of the checkpoint ({head.size}): each history holds in itself, "
            "but the tree over them has another root; some were left out, moved, or made anew"
        )
    for each in older:
        if whole:
            root = events.ranges[each.size].root() if each.size else sha256(b"").digest()
            held = root == each.root
        else:
            held = each.size in older_proofs and consistent(each, head, older_proofs[each.size])
        if not held:
            what = "is no beginning of this history: what it sealed was changed since"
            raise Fault(f"{each.name} (size {each.size}) {what}")
    counts = (events.count, len(events.cases), events.details, events.erased, len(known), len(older))
    return Report(header["institution"], header["scope"], head.size, *counts)


def _opening(file: BinaryIO, head: Checkpoint, rest: Hash) -> tuple[dict[bytes, Definition], dict[str, Any], int]:
    """Read the header and the definitions; the file then stands before the first line that is neither."""
    text = file.readline()
    header = exact_line(text, HEADER, 1)
    if header["fardplan"] != "history/1" or header["scope"] not in {"all", "cases"}:
        raise Fault("it is no export of a kind this program knows", 1)
    if header["size"] != head.size:
        age = "an older" if head.size < header["size"] else "a newer"
        what = f"is {age} checkpoint, not the one of this export ({header['size']})"
        raise Fault(f"{head.name} (size {head.size}) {what}", 1)
    if header["origin"] != head.origin or header["origin"] != f"{header['institution']}/fardplan":
        raise Fault(f"the export is of {header['origin']}, the checkpoint of {head.origin}", 1)
    rest.update(text)
    known: dict[bytes, Definition] = {}
    line, offset = 1, file.tell()
    while (text := file.readline()).startswith((b'{"definition":', b'{"organisation":')):
        line, offset = line + 1, file.tell()
        rest.update(text)
        if text.startswith(b'{"definition":'):
            told = exact_line(text, DEFINED, line)
            if sha256(told["behaviour"].encode()).hexdigest() != told["definition"]:
                raise Fault(f"the definition of {told['workflow']} does not give its hash: it was altered", line)
            try:
                known[told["definition"].encode()] = Definition(told["behaviour"])
            except (LookupError, TypeError, AttributeError, ValueError, RecursionError) as error:
                raise Fault(f"the definition of {told['workflow']} is none this program can read", line) from error
    file.seek(offset)
    return known, header, line


def _read(events: Events, path: Path, start: int, line: int, processes: int) -> None:
    """Read all events, by several processes where asked: each takes a stretch, the stretches are then joined."""
    end = path.stat().st_size
    # This process begins at once and counts nothing, so it takes a little more than each of the others.
    share = (end - start) / (processes + FIRST)
    cuts = sorted({_event_after(path, start + int(share * (n + FIRST))) for n in range(1, processes)})
    bounds = list(pairwise([start, *cuts, end]))
    with contextlib.ExitStack() as stack:
        jobs = []
        if len(bounds) > 1:
            pool = stack.enter_context(ProcessPoolExecutor(len(bounds) - 1, get_context("spawn")))
            new = (events.institution.decode(), events.known, events.sizes)
            jobs = [pool.submit(_stretch, new, path, start, bound, line) for bound in bounds[1:]]
        events.read(path, start, bounds[0][1], line)
        if events.fault is not None:
            raise events.fault
        for job, (begin, _) in zip(jobs, bounds[1:], strict=True):
            # A stretch that ended early met a line that is no event's: what follows is not joined to it.
            if events.offset < begin:
                break
            events.join(job.result())


New: TypeAlias = tuple[str, dict[bytes, Definition], list[int]]
"""What a stretch begins with: the institution, the definitions, the sizes at which the tree is to be kept."""


def _stretch(new: New, path: Path, start: int, bound: tuple[int, int], line: int) -> Events:
    """Read one stretch, in a process of its own, after counting what lies between it and the first event."""
    institution, known, sizes = new
    lines, leaves = _count(path, start, bound[0])
    return Events(institution, known, leaves, sizes).read(path, *bound, line + lines)


def _event_after(path: Path, offset: int) -> int:
    """Where the first line of an event begins at or after an offset; the end of the file where none does."""
    with path.open("rb") as file:
        file.seek(offset)
        file.readline()
        while (text := file.readline()) and not text.startswith(EVENT):
            pass
        return file.tell() - len(text)


def _count(path: Path, offset: int, end: int) -> tuple[int, int]:
    """Count the lines, and the events, that begin in a stretch of the file."""
    lines, events, kept = 0, 0, b"\n"
    with path.open("rb") as file:
        file.seek(offset)
        while offset < end and (read := file.read(min(1 << 20, end - offset))):
            offset += len(read)
            lines, events = lines + read.count(b"\n"), events + (kept + read).count(b"\n" + EVENT)
            kept = (kept + read)[-len(EVENT) :]
    return lines, events


def _closing(path: Path, events: Events, header: dict[str, Any], rest: Hash, keys: Keys) -> dict[int, list[bytes]]:
    """Check what comes after the events; the consistency proofs, by the size of the older tree."""
    with path.open("rb") as file:
        file.seek(events.offset)
        text, line = file.readline(), events.line + 1
        if not text.startswith((b'{"head":', b'{"consistency":', b'{"manifest":')):
            case, sequence = named_in(text) if b'"body":' in text else (b"", 0)
            if b'"detail":' in text and not case:
                case, sequence = events.at
            what = "the line is none of those an export holds" if text else CUT
            raise Fault(what, line, case.decode(errors="replace") or None, sequence or None)
        owed, proofs = iter(sorted(events.cases)), dict[int, list[bytes]]()
        while text.startswith((b'{"head":', b'{"consistency":')):
            rest.update(text)
            if text.startswith(b'{"head":'):
                _head(text, next(owed, None), events, line)
            else:
                told = exact_line(text, {"consistency": dict}, line)["consistency"]
                try:
                    proofs[int(told["old"])] = [bytes.fromhex(each) for each in told["hashes"]]
                except (KeyError, TypeError, ValueError, OverflowError) as error:
                    raise Fault("it is no proof that an older tree is the beginning of this one", line) from error
            text, line = file.readline(), line + 1
        left = next(owed, None)
        if left is not None or not text:
            raise Fault("its head is missing" if text else CUT, line, as_text(left) if left else None)
        # After the heads: where the event that names the erased is itself missing, that is what is wrong.
        for (name, number), where in sorted(events.owing.items(), key=lambda item: item[1]):
            raise Fault("its detail is missing, and no event says it was erased", where, as_text(name), number)
        manifest = exact_line(text, {"manifest": str}, line)["manifest"]
        if file.read(1):
            raise Fault("lines come after the manifest, which is the last", line + 1)
    signed = open_note(manifest, header["origin"], keys, "the manifest")
    digest = base64.b64encode(rest.digest()).decode()
    counts = f"events {events.count}\ncases {len(events.cases)}\n"
    if signed != f"{header['origin']}/manifest\n{header['size']}\n{digest}\n{counts}":
        raise Fault("the manifest is not of this export, or lines beside the events were changed", line)
    return proofs


def _head(text: bytes, owed: bytes | None, events: Events, line: int) -> None:
    """Compare the head of a case, as the export has it, with the last event seen of the case whose turn it is."""
    own, seen, *_ = events.cases[owed] if owed else (b"", 0)
    before, after = b'{"head":{"case":"%s","number":"' % (owed or b""), b'","sequence":%d,"hash":"%s"}}\n' % (seen, own)
    if owed and text.startswith(before) and text.endswith(after):
        return
    head = exact_line(text, {"head": dict}, line)["head"]
    case, sequence = str(head.get("case")), head.get("sequence")
    if not owed or case != as_text(owed):
        raise Fault("its events are missing, or its head is", line, min(case, as_text(owed)) if owed else case)
    lost = seen + 1 if isinstance(sequence, int) and sequence > seen else seen
    raise Fault(f"the head says {sequence} events, {seen} are here", line, case, lost)


# The report.

CHECKED = """Checked:
  - the signature of the checkpoint and of the manifest, by a key of the key file;
  - each event's hash, the hash of the event before it, and that no number is missing;
  - that the events together are those the checkpoint was signed over;
  - each detail against what its event commits to; missing ones against the events that say "erased";
  - each step against the states, ways and roles of the definition that was in force;
  - the last event of each case against the signed list.
Not proved: that what was entered is true; that the rules beyond states and roles were kept (replay shows that);
  what happened after the checkpoint; that the key is the office's (compare it with what you were given)."""


def _number(path: Path, case: str) -> str | None:
    """The number of a case, as the export itself gives it."""
    begin = b'{"head":{"case":' + json.dumps(case).encode()
    with path.open("rb") as file:
        for text in file:
            if text.startswith(begin):
                with contextlib.suppress(ValueError, KeyError, TypeError):
                    return str(json.loads(text)["head"]["number"])
    return None


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("fardplan-verify", description="Check an export of histories.")
    parser.add_argument("export", type=Path, metavar="EXPORT")
    parser.add_argument("--checkpoint", type=Path, required=True, metavar="FILE", help="the checkpoint of the export")
    parser.add_argument("--key", type=Path, required=True, metavar="FILE", help="the public keys (audit-key.pub)")
    parser.add_argument("--older", type=Path, nargs="+", default=[], metavar="FILE", help="checkpoints kept earlier")
    parser.add_argument("--processes", type=int, default=1, metavar="N", help="how many processes share the work")
    parser.add_argument("--json", action="store_true", help="answer as JSON, for programs")
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """Run the program: 0 where all holds, 1 where something is wrong, 2 where it was not given what it needs."""
    asked = _arguments(words)
    try:
        keys = read_keys(asked.key)
        head = read_checkpoint(asked.checkpoint, keys)
        older = [read_checkpoint(each, keys) for each in asked.older]
        report = verify(asked.export, head, older, keys, max(1, asked.processes))
    except Fault as fault:
        number = _number(asked.export, fault.case) if fault.case and asked.export.is_file() else None
        if asked.json:
            print(json.dumps({"ok": False, "first_wrong": {**vars(fault), "number": number}}))
            return 1
        where = [f"case {number or fault.case}"] if fault.case else []
        where += [f"event {fault.sequence}"] if fault.sequence else []
        where += [f"line {fault.line}"] if fault.line else []
        print(f"WRONG: {', '.join([*where, fault.what])}")
        return 1
    except (Unusable, OSError) as error:
        print(f"fardplan-verify: {error}", file=sys.stderr)
        return 2
    if asked.json:
        print(json.dumps({"ok": True, "first_wrong": None} | asdict(report)))
        return 0
    share = "the whole history" if report.scope == "all" else f"a part of the history ({report.size} events in all)"
    print(f"RIGHT: {report.events} events of {report.cases} cases of {report.institution}, {share}, as signed")
    print(f"  {report.details} details are here, {report.details_erased} details erased, as events say")
    print(f"  {report.older_checkpoints} older checkpoint(s) are beginnings of this history")
    print(CHECKED)
    return 0


if __name__ == "__main__":
    sys.exit(main())
