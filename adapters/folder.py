"""Puts messages as mail files into a folder, where there is no mail server: demo and trial."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC
from pathlib import Path
from tempfile import NamedTemporaryFile

from adapters.mail import compose
from engine.errors import DeliveryFailed
from engine.ports import Message


class FolderChannel:
    """Writes each message as `DATE_KEY.eml`, DATE being the UTC day it was written at.

    The folder is made on first use. The same message again replaces its own file. A file
    appears whole or not at all, and only the user who runs the service can read it.
    Whatever the file system refuses is a passing `DeliveryFailed`: a full disk or a wrong
    right can be mended.
    """

    name = "folder"

    def __init__(self, path: Path) -> None:
        self.path = path

    def __repr__(self) -> str:
        return f"FolderChannel({str(self.path)!r})"

    def deliver(self, message: Message) -> None:
        # Composing comes first: it refuses a key that could lead out of the folder.
        content = compose(message).content
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            _write_whole(self.path / _file_name(message), content)
        except OSError as error:
            text = f"the mail folder cannot be written: {error.strerror or type(error).__name__}"
            raise DeliveryFailed(text) from error

    def opened(self) -> AbstractContextManager[FolderChannel]:
        return nullcontext(self)


def _file_name(message: Message) -> str:
    return f"{message.written_at.astimezone(UTC):%Y-%m-%d}_{message.key}.eml"


def _write_whole(path: Path, content: bytes) -> None:
    # A rename is atomic only within one file system, so the draft lies in the same folder;
    # its ending keeps it from being taken for a mail.
    with NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as draft:
        try:
            draft.write(content)
            draft.flush()
            # Without this a power cut may leave the new name with nothing behind it.
            os.fsync(draft.fileno())
            Path(draft.name).replace(path)
        except BaseException:
            Path(draft.name).unlink(missing_ok=True)
            raise
