"""Reads a JSON object whose members are long lists, one item of a list at a time.

The standard library reads JSON whole or not at all; a log may be larger than memory.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from json.decoder import JSONDecodeError
from typing import IO, Any, Final

CHUNK: Final = 256 * 1024
LONGEST: Final = 64 * 1024 * 1024
"""Characters of one item, which is held in memory as a whole."""
SPACE: Final = " \t\n\r"

_decode = json.JSONDecoder().raw_decode


class Malformed(ValueError):
    """The text is no JSON object; says where."""


class Items:
    """Walks through the members of one JSON object."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._buffer, self._at, self._ended, self._gone = "", 0, False, 0

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        """Give each item of each member that is a list, with the member's name; other members are passed over.

        Raises Malformed.
        """
        self._expect("{")
        if self._next() == "}":
            return
        while True:
            name = self._value()
            if not isinstance(name, str):
                raise self._wrong("a name was expected")
            self._expect(":")
            if self._next() == "[":
                yield from ((name, item) for item in self._list())
            else:
                self._value()
            if self._separator("}"):
                return

    def _list(self) -> Iterator[Any]:
        self._expect("[")
        if self._next() == "]":
            self._expect("]")
            return
        while True:
            yield self._value()
            if self._separator("]"):
                return

    def _separator(self, closing: str) -> bool:
        """Step over a comma, or over what closes the list or object; whether it was the latter."""
        found = self._next()
        if found not in {",", closing}:
            raise self._wrong(f"a comma or {closing} was expected")
        self._at += 1
        return found == closing

    def _expect(self, mark: str) -> None:
        if self._next() != mark:
            raise self._wrong(f"{mark} was expected")
        self._at += 1

    def _next(self) -> str:
        """The next character that is no space; it is not stepped over."""
        while True:
            while self._at < len(self._buffer):
                if self._buffer[self._at] not in SPACE:
                    return self._buffer[self._at]
                self._at += 1
            if not self._more(CHUNK):
                raise self._wrong("it ends too soon")

    def _value(self) -> Any:
        self._next()
        wanted = CHUNK
        while True:
            try:
                value, end = _decode(self._buffer, self._at)
            except JSONDecodeError as error:
                # Whether it is wrong or only not there yet shows when there is more of it.
                if not self._more(wanted):
                    raise self._wrong(error.msg) from error
            except ValueError as error:
                raise self._wrong("a number is unreasonably long") from error
            except RecursionError as error:
                raise self._wrong("it is nested too deep") from error
            else:
                # A number at the end of what is there may go on.
                if end < len(self._buffer) or not self._more(CHUNK):
                    self._at = end
                    return value
            wanted *= 2
            if len(self._buffer) - self._at > LONGEST:
                raise self._wrong("one item is unreasonably large")

    def _more(self, count: int) -> bool:
        """Read on; False where nothing is left. What has been stepped over is forgotten."""
        if self._ended:
            return False
        got = self._file.read(count)
        self._ended = not got
        self._gone += self._at
        self._buffer, self._at = self._buffer[self._at :] + got, 0
        return bool(got)

    def _wrong(self, what: str) -> Malformed:
        return Malformed(f"{what}, after {self._gone + self._at} characters")
