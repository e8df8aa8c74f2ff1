"""What the XML formats of event logs share: hostile documents refused, texts written so that they come back.

A document type is refused (there begin entity expansion and references to other files), and so are
elements nested deeper, and pieces larger, than any log has; see `adapters.tables_xml`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from xml.parsers import expat

from adapters.eventlogs.files import LogUnreadable, damaged, reading
from adapters.tables_model import TableUnreadable
from adapters.tables_xml import DEEPEST, Handler, local, walk

__all__ = ["DEEPEST", "Handler", "attribute", "heard", "local"]

_FORBIDDEN: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 (2.2) cannot hold, however written."""
_MEANT: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
_SPECIAL: Final = re.compile('[&<>"\t\n\r]')


def attribute(text: str) -> str:
    """Write a text as an attribute's value or an element's content, quotes not included.

    What XML cannot hold becomes U+FFFD.
    """
    if text.isprintable() and not _SPECIAL.search(text):
        return text
    return _SPECIAL.sub(lambda found: _MEANT[found[0]], _FORBIDDEN.sub("\ufffd", text))


def heard(path: Path, handler: Handler) -> Iterator[None]:
    """Feed a file to the handler, a pause after every piece. Raises LogUnreadable."""
    with reading(path) as file:
        try:
            yield from walk(file, handler)
        except expat.ExpatError as error:
            raise damaged(path, error) from error
        except TableUnreadable as error:
            raise hostile() from error


def hostile() -> LogUnreadable:
    """Refuse XML as no system writes it for a log."""
    return LogUnreadable(
        "Filen innehåller XML som ingen händelselogg har (dokumenttyp, för djupt eller för stort) och läses inte.",
        "The file holds XML that no event log has (a document type, too deep or too large), so it is not read.",
    )
