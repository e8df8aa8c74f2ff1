"""How texts and instants stand in JSON, in answers and files alike."""

from __future__ import annotations

from datetime import datetime

from engine.vocabulary import Text


def both(text: Text) -> dict[str, str]:
    """A text in both languages."""
    return {"sv": text.sv, "en": text.en}


def zulu(at: datetime) -> str:
    """An instant of UTC as RFC 3339 writes it, section 5.6, with a Z."""
    return at.isoformat().replace("+00:00", "Z")
