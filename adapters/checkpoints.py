"""Places outside the database where checkpoints are put: a folder, mails to auditors, a web address."""

from __future__ import annotations

import http.client
import os
import re
import urllib.error
import urllib.request
from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

from engine.errors import DeliveryFailed, SealFailed
from engine.ports import Channel, Checkpoint, Message

KEY_FILE: Final = "audit-key.pub"
READABLE: Final = 0o644
"""Auditors read the folder; nothing in it is secret."""

DAY_SECONDS: Final = 24 * 60 * 60
PATIENCE_SECONDS: Final = 10.0
_FILE = re.compile(r"checkpoint-([1-9][0-9]{0,18})\.txt")


class FolderPlace:
    """Writes `checkpoint-SIZE.txt`, and in `audit-key.pub` the line of the key that signed.

    The folder is made on first use. A file appears whole or not at all. A checkpoint of the
    same size that says something else is never written over: one of the two is forged, and
    both are wanted.
    """

    name = "folder"
    pause_seconds = 0

    def __init__(self, path: Path, key_line: Callable[[], str]) -> None:
        self.path, self._key_line = path, key_line

    def publish(self, checkpoint: Checkpoint) -> None:
        target = self.path / f"checkpoint-{checkpoint.size}.txt"
        try:
            if target.exists() and target.read_text(encoding="utf-8") != checkpoint.note:
                raise DeliveryFailed(f"the folder holds another checkpoint of {checkpoint.size} events", permanent=True)
            add_key(self.path, self._key_line())
            write_whole(target, checkpoint.note)
        except (OSError, ValueError, SealFailed) as error:
            raise DeliveryFailed(f"the checkpoint folder cannot be written: {_kind(error)}") from error

    def newest(self) -> Checkpoint | None:
        try:
            sizes = [int(found[1]) for each in self.path.iterdir() if (found := _FILE.fullmatch(each.name))]
            if not sizes:
                return None
            note = (self.path / f"checkpoint-{max(sizes)}.txt").read_text(encoding="utf-8")
            origin, size, root = note.split("\n")[:3]
            return Checkpoint(origin, int(size), b64decode(root, validate=True), note)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise DeliveryFailed(f"the checkpoint folder's newest checkpoint cannot be read: {_kind(error)}") from error


class MailPlace:
    """Mails the newest checkpoint to auditors, once a day at most; it keeps nothing."""

    name = "mail"
    pause_seconds = DAY_SECONDS

    def __init__(self, channel: Channel, to: tuple[str, ...], sender: str, institution: str) -> None:
        self._channel, self._to, self._sender, self._institution = channel, to, sender, institution
        self._had: dict[str, int] = {}

    def publish(self, checkpoint: Checkpoint) -> None:
        """Mail it to all. While an address fails it is tried again, and the others still get one a day at most."""
        at, failed = checkpoint.at or 0, None
        for address in self._to:
            if address in self._had and at < self._had[address] + DAY_SECONDS * 1_000_000:
                continue
            try:
                self._channel.deliver(self._message(checkpoint, address))
            except DeliveryFailed as error:
                failed = error
            else:
                self._had[address] = at
        if failed is not None:
            raise failed
        self._had.clear()

    def newest(self) -> Checkpoint | None:
        return None

    def _message(self, checkpoint: Checkpoint, address: str) -> Message:
        written = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=checkpoint.at or 0)
        return Message(
            # The same for the same checkpoint, so that a double can be dropped.
            key=str(uuid5(NAMESPACE_URL, f"{checkpoint.origin}/{checkpoint.size}/{address}")),
            institution=self._institution,
            to_name="",
            to_address=address,
            from_name="Färdplan",
            from_address=self._sender,
            subject=f"Checkpoint {checkpoint.size} {checkpoint.origin}",
            text="Spara det här mejlet: mot det kan historiken kontrolleras.\n"
            f"Keep this mail: histories can be checked against it.\n\n{checkpoint.note}",
            language="sv",
            written_at=written,
        )


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A checkpoint goes where it was meant to go, or nowhere."""

    def redirect_request(self, *_: Any) -> None:
        return None


class WebhookPlace:
    """Posts each checkpoint as text to a web address, which answers with 2xx; it keeps nothing."""

    name = "webhook"
    pause_seconds = 0

    def __init__(self, url: str, *, patience_seconds: float = PATIENCE_SECONDS) -> None:
        """Raises ValueError, without the address in its text, for what is none: it may hold a secret."""
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("must begin with http:// or https:// and name a host")
        if not url.isascii():
            raise ValueError("holds a sign that stands in no web address: write it as %XX, or the host as xn--")
        self._url, self._patience = url, patience_seconds
        self._opener = urllib.request.build_opener(_NoRedirects)

    def publish(self, checkpoint: Checkpoint) -> None:
        headers = {"Content-Type": "text/plain; charset=utf-8", "User-Agent": "fardplan"}
        request = urllib.request.Request(  # noqa: S310 - the scheme was checked when the place was made
            self._url, data=checkpoint.note.encode(), headers=headers, method="POST"
        )
        try:
            with self._opener.open(request, timeout=self._patience):
                pass
        except urllib.error.HTTPError as error:
            error.close()
            raise DeliveryFailed(f"the web address answered {error.code}") from error
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise DeliveryFailed(f"the web address could not be reached ({_kind(error)})") from error

    def newest(self) -> Checkpoint | None:
        return None


def add_key(folder: Path, line: str) -> None:
    """Add a public key's line to the folder's key file, unless it stands there. Raises OSError."""
    file = folder / KEY_FILE
    known = file.read_text(encoding="utf-8") if file.exists() else ""
    if line not in known.splitlines():
        write_whole(file, f"{known}{line}\n")


def read_key_file(folder: Path) -> str | None:
    """The folder's public keys, as they stand in its file; None where none can be read."""
    try:
        return (folder / KEY_FILE).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return None


def write_whole(path: Path, text: str) -> None:
    """Write a file that appears whole or not at all. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # A rename is atomic only within one file system, so the draft lies in the same folder.
    with NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as draft:
        try:
            draft.write(text.encode())
            draft.flush()
            os.fsync(draft.fileno())
            Path(draft.name).chmod(READABLE)
            Path(draft.name).replace(path)
        except BaseException:
            Path(draft.name).unlink(missing_ok=True)
            raise


def _kind(error: Exception) -> str:
    return getattr(error, "strerror", None) or type(error).__name__
