"""Log files as they come and go: packed or not, never larger than foreseen, whole or not there at all."""

from __future__ import annotations

import gzip
import io
import os
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import IO, Any, Final, cast
from zoneinfo import ZoneInfo

from engine.errors import EngineError
from engine.vocabulary import Text

STOCKHOLM: Final = ZoneInfo("Europe/Stockholm")
"""Where a time is meant that names no zone: the office's own."""

LARGEST: Final = 64 * 1024**3
"""Bytes a log may hold once unpacked. Reading takes no more memory for it, only time."""

HEAVIEST: Final = 256 * 1024**2
"""About how many bytes one case, object or event may bring; each is held in memory as a whole."""

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class LogUnreadable(EngineError):
    """The file cannot be read as an event log. `message` says what was found, for a person."""

    def __init__(self, sv: str, en: str) -> None:
        self.message = Text(sv, en)
        super().__init__(en)


class LogUnwritable(EngineError):
    """The log cannot be written in this format; no file was left behind."""


def too_large() -> LogUnreadable:
    """Refuse what no real log holds in one piece."""
    return LogUnreadable(
        "Filen innehåller ett ärende, en händelse eller ett attribut som är orimligt stort.",
        "The file holds a case, an event or an attribute that is unreasonably large.",
    )


def damaged(path: Path, why: object) -> LogUnreadable:
    """Refuse a file that is not what its name says."""
    return LogUnreadable(f"Filen {path.name} är skadad: {why}.", f"The file {path.name} is damaged: {why}.")


class _Bounded(io.RawIOBase):
    """Hands bytes on, and refuses to go on for ever: a small packed file may unpack to more than any disk holds."""

    def __init__(self, inner: IO[bytes], path: Path) -> None:
        self._inner, self._path, self._left = inner, path, LARGEST

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            got = self._inner.read(len(buffer))
        except (OSError, EOFError, zlib.error) as error:
            raise damaged(self._path, error) from error
        self._left -= len(got)
        if self._left < 0:
            raise too_large()
        buffer[: len(got)] = got
        return len(got)

    def close(self) -> None:
        self._inner.close()
        super().close()


@contextmanager
def reading(path: Path) -> Iterator[IO[bytes]]:
    """Open a log, unpacked where it is packed with gzip, whatever its name. Raises LogUnreadable."""
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        inner = cast("IO[bytes]", gzip.GzipFile(path)) if packed else path.open("rb")
    except OSError as error:
        raise LogUnreadable(
            f"Filen {path.name} kan inte öppnas: {error.strerror}.",
            f"The file {path.name} cannot be opened: {error.strerror}.",
        ) from error
    with io.BufferedReader(_Bounded(inner, path), 1024 * 1024) as file:
        yield file


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a name to write under; the file takes its own name only when it is whole."""
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    try:
        yield part
        os.replace(part, path)  # noqa: PTH105  (says that what stood there before goes)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def writing(path: Path) -> Iterator[IO[str]]:
    """Open a text file (UTF-8) to write, packed where its name ends in .gz; it appears when it is whole."""
    with replacing(path) as part, part.open("wb") as raw, ExitStack() as stack:
        inner = cast("IO[bytes]", raw)
        if path.suffix == ".gz":
            # No time and no name inside, so that the same log gives the same bytes.
            inner = cast("IO[bytes]", stack.enter_context(gzip.GzipFile("", "wb", fileobj=raw, mtime=0)))
        yield stack.enter_context(io.TextIOWrapper(inner, "utf-8", errors="replace", newline=""))


# Times.


def parsed(written: str, zone: tzinfo = STOCKHOLM) -> datetime:
    """Read an ISO 8601 instant as an aware datetime in UTC; without an offset it is meant in `zone`.

    Raises LogUnreadable for what is no instant between the years 1 and 9999.
    """
    try:
        found = datetime.fromisoformat(written.strip())
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        shown = written[:60]
        raise LogUnreadable(f"”{shown}” är ingen tidpunkt.", f"'{shown}' is no instant.") from error


def micros(at: datetime) -> int:
    """Count the microseconds from 1970-01-01 UTC to an aware instant."""
    return (at - EPOCH) // _MICROSECOND


def instant(at: int) -> datetime:
    """Read microseconds since 1970-01-01 UTC as an aware instant."""
    return EPOCH + timedelta(microseconds=at)


def written(at: datetime) -> str:
    """Write an instant as ISO 8601 in UTC, to the microsecond where it has them."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="auto") + "+00:00"
