"""Signed notes and keys: as their specification says, with published vectors and a reader of the test's own."""

from __future__ import annotations

import base64
import hashlib
import stat
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from adapters.signing import (
    FileSigner,
    NoteWrong,
    new_key,
    open_checkpoint,
    open_note,
    read_key,
    read_keys,
    rotate,
)
from engine.errors import SealFailed

NAME = "umu.se/fardplan"
ROOT = base64.b64encode(hashlib.sha256(b"").digest()).decode()

# The example of the format's first implementation: key, private key, text and note.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_PRIVATE = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PETER_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PETER_MARK = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
ENOCH = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
ENOCH_MARK = (
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"
)


@pytest.fixture
def signer(tmp_path: Path) -> FileSigner:
    made = FileSigner(tmp_path / "audit-key.pem", NAME)
    new_key(made.path, made.name)
    return made


def read_by_the_specification(note: bytes, vkey: str) -> tuple[str, int, bytes]:
    """Origin, size and root of a signed checkpoint, read after C2SP signed-note and tlog-checkpoint, and nothing else.

    "The note text MUST end with a newline"; it is "followed by an empty line" and "one or more
    signature lines", each "—" (U+2014), a space, the key name, a space, and base64 of the
    key ID (4 bytes, big-endian) and the signature; Ed25519's key ID is
    "SHA-256(<name> || 0x0A || 0x01 || 32-byte Ed25519 public key)[:4]".
    """
    name, key_id, key = vkey.split("+", 2)
    material = base64.standard_b64decode(key)
    assert material[0] == 1
    assert len(material) == 33
    assert hashlib.sha256(name.encode() + b"\x0a" + material).digest()[:4].hex() == key_id
    cut = note.rindex(b"\n\n")
    text, marks = note[: cut + 1], note[cut + 2 :].decode().splitlines()
    for mark in marks:
        dash, signed_by, encoded = mark.split(" ")
        signature = base64.standard_b64decode(encoded)
        assert (dash, signed_by, signature[:4].hex(), len(signature)) == ("\u2014", name, key_id, 68)
        Ed25519PublicKey.from_public_bytes(material[1:]).verify(signature[4:], text)
    origin, size, root, end = text.decode().split("\n")
    assert (end, str(int(size)), len(base64.standard_b64decode(root))) == ("", size, 32)
    return origin, int(size), base64.standard_b64decode(root)


# As the specification says.


def test_the_published_key_and_note_are_read() -> None:
    assert open_note(f"{PETER_TEXT}\n{PETER_MARK}", [read_key(PETER)]) == PETER_TEXT
    assert read_key(PETER).line == PETER


def test_the_published_private_key_gives_the_published_note(tmp_path: Path) -> None:
    key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(PETER_PRIVATE)[1:])
    path = tmp_path / "peter.pem"
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    assert FileSigner(path, "PeterNeumann").sign(PETER_TEXT) == f"{PETER_TEXT}\n{PETER_MARK}"


def test_signatures_of_others_are_passed_over() -> None:
    note = f"{PETER_TEXT}\n{PETER_MARK}{ENOCH_MARK}"
    for keys in ([PETER], [ENOCH], [PETER, ENOCH]):
        assert open_note(note, [read_key(each) for each in keys]) == PETER_TEXT


@pytest.mark.parametrize(
    "note",
    [
        PETER_TEXT,
        PETER_TEXT + "\n",
        f"{PETER_TEXT}\n{PETER_MARK}"[:-1],
        f"\x01{PETER_TEXT}\n{PETER_MARK}",
        f"{PETER_TEXT}\n— Bad Name {PETER_MARK.rsplit(maxsplit=1)[-1]}\n",
        f"{PETER_TEXT}\n{PETER_MARK}Unexpected line.\n",
        f"{PETER_TEXT}\n{PETER_MARK * 101}",
        f"{PETER_TEXT}\n{PETER_MARK[:60]}ABCD{PETER_MARK[60:]}",
        f"{PETER_TEXT}\n{ENOCH_MARK}",
        f"{PETER_TEXT.upper()}\n{PETER_MARK}",
        "",
    ],
)
def test_what_the_published_tests_refuse_is_refused(note: str) -> None:
    with pytest.raises(NoteWrong):
        open_note(note, [read_key(PETER)])


def test_no_mangled_public_key_is_taken() -> None:
    for place in range(len(PETER)):
        for mangled in (
            PETER[:place] + chr(ord(PETER[place]) + 1) + PETER[place + 1 :],
            PETER[:place],
            PETER[place + 1 :],
        ):
            with pytest.raises(NoteWrong):
                read_key(mangled)
    for mangled in (
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ):
        with pytest.raises(NoteWrong):
            read_key(mangled)


# Our own.


def test_a_checkpoint_we_sign_is_read_by_a_reader_of_the_specification(signer: FileSigner) -> None:
    note = signer.sign(f"{NAME}\n7\n{ROOT}\n")
    assert read_by_the_specification(note.encode(), signer.key().line) == (NAME, 7, base64.b64decode(ROOT))
    found = open_checkpoint(note, [signer.key()])
    assert (found.origin, found.size, found.root, found.note) == (NAME, 7, base64.b64decode(ROOT), note)
    with pytest.raises(InvalidSignature):
        read_by_the_specification(note.replace("\n7\n", "\n8\n").encode(), signer.key().line)


@given(st.data())
def test_no_bit_of_a_signed_checkpoint_can_be_changed(data: st.DataObject) -> None:
    key = read_key(PETER)
    note = bytearray(f"{PETER_TEXT}\n{PETER_MARK}".encode())
    place = data.draw(st.integers(0, len(note) - 1))
    note[place] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(ValueError, match=r".*"):
        assert open_note(note.decode(), [key]) == PETER_TEXT


@pytest.mark.parametrize(
    "text",
    [
        f"{NAME}\n07\n{ROOT}\n",
        f"{NAME}\n-7\n{ROOT}\n",
        f"{NAME}\n7\n{ROOT[:-4]}\n",
        f"{NAME}\n7\n{ROOT}\nmore\n",
        f"{NAME}\n7\n",
        f"other.se/fardplan\n7\n{ROOT}\n",
        f"{NAME}/manifest\n7\n{ROOT}\n",
    ],
)
def test_a_note_that_is_no_checkpoint_of_ours_is_not_taken_for_one(signer: FileSigner, text: str) -> None:
    note = signer.sign(text)
    with pytest.raises(NoteWrong):
        open_checkpoint(note, [signer.key()])


def test_a_text_that_is_no_note_is_not_signed(signer: FileSigner) -> None:
    for text in ("no end", "a\x00b\n"):
        with pytest.raises(ValueError, match="whole lines"):
            signer.sign(text)


def test_a_key_of_the_same_name_is_another_key(signer: FileSigner, tmp_path: Path) -> None:
    other = new_key(tmp_path / "other.pem", NAME)
    with pytest.raises(NoteWrong, match="none of the known keys"):
        open_note(signer.sign("text\n"), [other])


# Key files.


def test_a_key_file_is_its_owners_alone_and_is_never_written_over(signer: FileSigner) -> None:
    before = signer.path.read_bytes()
    assert stat.S_IMODE(signer.path.stat().st_mode) == 0o600
    assert before.startswith(b"-----BEGIN PRIVATE KEY-----")
    with pytest.raises(SealFailed, match="there is a key already"):
        new_key(signer.path, NAME)
    assert signer.path.read_bytes() == before


def test_a_rotated_key_counts_at_once_and_the_old_hands_over(signer: FileSigner) -> None:
    old = signer.sign("before\n")
    done = rotate(signer.path, NAME)
    assert signer.key() == done.new != done.old
    assert open_note(done.note, [done.old]) == f"{NAME}/key-handover\n{done.new.line}\n"
    assert open_note(signer.sign("after\n"), [done.new]) == "after\n"
    assert FileSigner(done.moved_to, NAME).sign("before\n") == old
    assert [stat.S_IMODE(each.stat().st_mode) for each in (signer.path, done.moved_to)] == [0o600, 0o600]


def test_keys_can_be_rotated_again_and_again(signer: FileSigner) -> None:
    chain = [rotate(signer.path, NAME) for _ in range(3)]
    assert [each.new for each in chain[:-1]] == [each.old for each in chain[1:]]
    lines = "".join(f"{each.new.line}\n" for each in chain)
    assert read_keys(lines) == tuple(each.new for each in chain)


def test_without_a_key_that_can_be_read_nothing_is_signed(tmp_path: Path) -> None:
    missing = FileSigner(tmp_path / "none.pem", NAME)
    assert not missing.ready()
    spoilt = FileSigner(tmp_path / "spoilt.pem", NAME)
    spoilt.path.write_text("no key")
    for each in (missing, spoilt):
        with pytest.raises(SealFailed):
            each.sign("text\n")
        with pytest.raises(SealFailed):
            rotate(each.path, NAME)
