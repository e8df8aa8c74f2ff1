"""Walks XML that came from outside, in constant memory.

A document type is refused outright: no spreadsheet program writes one, and it is
where entity expansion ("billion laughs") and references to other files begin.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import IO, Protocol
from xml.parsers import expat

from adapters.tables_model import TableUnreadable
from engine.vocabulary import Text

CHUNK = 64 * 1024
LONGEST_PIECE = 8 * 1024 * 1024
"""Bytes of one tag or comment, which the parser holds in memory until it has the end of it."""
DEEPEST = 100
"""Elements inside one another; real workbooks stay under twenty."""
NATIVE = frozenset({"utf-8", "utf-16", "utf-16be", "utf-16le", "iso-8859-1", "us-ascii"})
"""Encodings that the parser knows by itself."""


class Handler(Protocol):
    """Hears what a document holds. Names come as written, with their prefix; see `local`."""

    def start(self, name: str, attributes: dict[str, str]) -> None: ...

    def end(self, name: str) -> None: ...

    def text(self, data: str) -> None: ...


def local(name: str) -> str:
    """Drop the prefix: two spreadsheet dialects differ in namespace but not in names."""
    return name.rpartition(":")[2] if ":" in name else name


def walk(file: IO[bytes], handler: Handler) -> Iterator[None]:
    """Feed a document to the handler, a pause after every piece so that results can be taken.

    Raises xml.parsers.expat.ExpatError where it is not well formed.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.XmlDeclHandler = _refuse_encoding
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = handler.start
    parser.EndElementHandler = handler.end
    parser.CharacterDataHandler = handler.text
    fed = 0
    while chunk := file.read(CHUNK):
        parser.Parse(chunk)
        fed += len(chunk)
        if fed - parser.CurrentByteIndex > LONGEST_PIECE:
            raise _refused()
        yield
    parser.Parse(b"", True)  # noqa: FBT003  (the parser takes no names)
    yield


def each_element(file: IO[bytes], hear: Callable[[str, str, dict[str, str]], None]) -> None:
    """Tell every element to `hear`: its parent's name, its own, its attributes (all without prefix)."""
    for _ in walk(file, _Elements(hear)):
        pass


class _Elements:
    """Keeps the way down to the present element; no text is heard."""

    def __init__(self, hear: Callable[[str, str, dict[str, str]], None]) -> None:
        self._hear = hear
        self._above = [""]

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._above) > DEEPEST:
            raise _refused()
        name = local(name)
        self._hear(self._above[-1], name, {local(key): value for key, value in attributes.items()})
        self._above.append(name)

    def end(self, name: str) -> None:  # noqa: ARG002  (the port names it)
        self._above.pop()

    def text(self, data: str) -> None:
        """Text between elements carries nothing here."""


def _refuse_encoding(_: str, encoding: str | None, __: int) -> None:
    """Refuse what the parser would not understand: it asks Python for a codec, and hands on what that raises.

    It reads those of one byte a sign.
    """
    if encoding is None or encoding.lower() in NATIVE:
        return
    every = bytes(range(256))
    try:
        signs = every.decode(encoding, "replace")
    except (LookupError, ValueError):
        signs = ""
    if len(signs) != len(every):
        raise _refused()


def _refuse_doctype(*_: object) -> None:
    raise _refused()


def _refused() -> TableUnreadable:
    return TableUnreadable(
        Text(
            "Filen innehåller XML som inget kalkylprogram skriver och läses därför inte. "
            "Öppna den i kalkylprogrammet och spara den på nytt.",
            "The file holds XML that no spreadsheet program writes, so it is not read. "
            "Open it in a spreadsheet program and save it again.",
        )
    )
