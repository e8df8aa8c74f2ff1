"""Signs and reads notes after C2SP signed-note, with Ed25519 (RFC 8032) and keys in files.

A note is a text of whole lines, a blank line, and signature lines, each an em dash, the
key's name, and in base64 its id (4 bytes) with the signature (64 bytes). A key's id is
the beginning of SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key), so that a name cannot be put on
another's key. A public key is written as NAME+ID+BASE64(0x01 ‖ public key).
"""

from __future__ import annotations

import hashlib
import os
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from engine.errors import SealFailed
from engine.ports import Checkpoint

ED25519: Final = b"\x01"
KEY_LENGTH: Final = 32
ID_LENGTH: Final = 4
DASH: Final = "— "
MOST_SIGNATURES: Final = 100

_NAME = re.compile(r"[^\s+]+")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


class NoteWrong(ValueError):
    """The note, or the key to it, is not what it should be; the text says how."""


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key under a name. `public` is 32 bytes."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """Four bytes that tell this key from others of its name."""
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:ID_LENGTH]

    @property
    def line(self) -> str:
        """The key as it is written in a line, without the line's end."""
        return f"{self.name}+{self.id.hex()}+{b64encode(ED25519 + self.public).decode()}"

    def fits(self, text: str, signature: bytes) -> bool:
        """Whether the key made this signature of the text."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class Rotated:
    """A key that took another's place. `note` hands over: the new line, signed by the old key."""

    old: VerifierKey
    new: VerifierKey
    note: str
    moved_to: Path


class FileSigner:
    """Signs with the key in a file, which is read anew each time: a key that was rotated counts at once."""

    def __init__(self, path: Path, name: str) -> None:
        self.path, self.name = path, name

    def ready(self) -> bool:
        """Whether there is a key file."""
        return self.path.is_file()

    def sign(self, text: str) -> str:
        """The signed note of a text. Raises SealFailed without a key that can be read."""
        return _signed(_read(self.path), self.name, text)

    def key(self) -> VerifierKey:
        """The public half. Raises SealFailed without a key that can be read."""
        return _public(_read(self.path), self.name)


def new_key(path: Path, name: str) -> VerifierKey:
    """Make a key file that only its owner may read. Raises SealFailed where something is there."""
    key = Ed25519PrivateKey.generate()
    try:
        _write(path, key)
    except FileExistsError as error:
        raise SealFailed(f"there is a key already in {path}") from error
    except OSError as error:
        raise SealFailed(f"the key cannot be written to {path}: {error.strerror}") from error
    return _public(key, name)


def rotate(path: Path, name: str) -> Rotated:
    """Put a new key in place of the old, which is moved aside and not destroyed. Raises SealFailed."""
    old, new = _read(path), Ed25519PrivateKey.generate()
    before, after = _public(old, name), _public(new, name)
    aside = path.with_name(f"{path.stem}-{before.id.hex()}{path.suffix}")
    draft = path.with_name(f"{path.name}.new")
    note = _signed(old, name, f"{name}/key-handover\n{after.line}\n")
    if aside.exists():
        raise SealFailed(f"the old key cannot be moved aside: there is a file {aside}")
    try:
        draft.unlink(missing_ok=True)
        _write(draft, new)
        # The old key first gets a second name, so that at no instant there is none.
        os.link(path, aside)
        draft.replace(path)
    except OSError as error:
        raise SealFailed(f"the key in {path} cannot be replaced: {error.strerror}") from error
    return Rotated(before, after, note, aside)


def _write(path: Path, key: Ed25519PrivateKey) -> None:
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())


def _read(path: Path) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except FileNotFoundError as error:
        raise SealFailed(f"there is no key to sign with in {path}") from error
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SealFailed(f"the key in {path} cannot be read ({type(error).__name__})") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise SealFailed(f"the key in {path} is not of the kind Ed25519")
    return key


def _public(key: Ed25519PrivateKey, name: str) -> VerifierKey:
    return VerifierKey(name, key.public_key().public_bytes_raw())


def _signed(key: Ed25519PrivateKey, name: str, text: str) -> str:
    if not text.endswith("\n") or _forbidden(text):
        raise ValueError("a note's text is made of whole lines")
    mark = _public(key, name).id + key.sign(text.encode())
    return f"{text}\n{DASH}{name} {b64encode(mark).decode()}\n"


def _forbidden(text: str) -> bool:
    return any(character < " " and character != "\n" for character in text)


# Reading.


def read_keys(text: str) -> tuple[VerifierKey, ...]:
    """The keys of a public key file, one a line, the newest last. Raises NoteWrong."""
    return tuple(read_key(line) for line in text.splitlines() if line.strip())


def read_key(line: str) -> VerifierKey:
    """A public key as it is written in a line. Raises NoteWrong."""
    name, _, rest = line.strip().partition("+")
    key_id, _, encoded = rest.partition("+")
    found = _decoded(encoded)
    if not _NAME.fullmatch(name) or found[:1] != ED25519 or len(found) != 1 + KEY_LENGTH:
        raise NoteWrong("this is no public key of the kind Ed25519")
    key = VerifierKey(name, found[1:])
    if key.id.hex() != key_id:
        raise NoteWrong(f"the public key of {name} and its id do not belong together")
    return key


def open_note(note: str, keys: Iterable[VerifierKey]) -> str:
    """The text of a note that at least one of the keys signed. Raises NoteWrong.

    Signatures of other keys are passed over, as the specification wants; one that names a
    known key and does not fit makes the whole note wrong.
    """
    head, blank, tail = note.rpartition("\n\n")
    text, known = head + "\n", {(key.name, key.id): key for key in keys}
    lines = tail.split("\n")
    if not head or not blank or lines.pop() or not lines or len(lines) > MOST_SIGNATURES or _forbidden(note):
        raise NoteWrong("this is no signed note")
    good = 0
    for line in lines:
        name, mark = _signature(line)
        key = known.get((name, mark[:ID_LENGTH]))
        if key is None:
            continue
        if not key.fits(text, mark[ID_LENGTH:]):
            raise NoteWrong(f"the signature of {name} does not fit: this text was not signed")
        good += 1
    if not good:
        raise NoteWrong("none of the known keys signed this note")
    return text


def _signature(line: str) -> tuple[str, bytes]:
    name, blank, encoded = line.removeprefix(DASH).partition(" ")
    mark = _decoded(encoded)
    if not line.startswith(DASH) or not blank or not _NAME.fullmatch(name) or len(mark) <= ID_LENGTH:
        raise NoteWrong("this is no signed note")
    return name, mark


def open_checkpoint(note: str, keys: Iterable[VerifierKey]) -> Checkpoint:
    """The checkpoint that a note says. Raises NoteWrong where it is unsigned, or says none of ours."""
    keys = tuple(keys)
    lines = open_note(note, keys).split("\n")
    if len(lines) != len(("origin", "size", "root", "")):
        raise NoteWrong("this note is no checkpoint")
    origin, size, root = lines[0], lines[1], _decoded(lines[2])
    if (
        origin not in {key.name for key in keys}
        or not _SIZE.fullmatch(size)
        or len(root) != hashlib.sha256().digest_size
    ):
        raise NoteWrong("this note is no checkpoint")
    return Checkpoint(origin, int(size), root, note)


def _decoded(encoded: str) -> bytes:
    """Base64 with nothing else in it (RFC 4648 section 4). Raises NoteWrong."""
    try:
        found = b64decode(encoded, validate=True)
    except ValueError as error:
        raise NoteWrong("this is no base64") from error
    # What is left over in the last character must be nothing, or one value could be written in several ways.
    if b64encode(found).decode() != encoded:
        raise NoteWrong("this is no base64")
    return found
