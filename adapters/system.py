"""The ports of time and chance, from the machine itself."""

from __future__ import annotations

import secrets
import threading
from datetime import UTC, datetime

COUNTER_BITS = 12


class SystemClock:
    """The machine's clock. In production all machines keep it true by NTP."""

    def now(self) -> datetime:
        """The present instant, in UTC."""
        return datetime.now(UTC)


class Uuid7:
    """UUID version 7: Unix milliseconds, a counter, then chance (RFC 9562 sections 5.7 and 6.2).

    Those drawn one after the other sort so, also where the clock stands still: a full
    counter runs over into the milliseconds.
    """

    def __init__(self) -> None:
        self._last = 0
        self._drawing = threading.Lock()

    def new(self, now: datetime) -> str:
        """Draw an identifier that sorts after all that this object has drawn at or before `now`."""
        with self._drawing:
            self._last = max(self._last + 1, int(now.timestamp() * 1000) << COUNTER_BITS)
            milliseconds, counter = divmod(self._last, 1 << COUNTER_BITS)
        chance = secrets.randbits(62)
        value = milliseconds << 80 | 0x7 << 76 | counter << 64 | 0x2 << 62 | chance
        text = f"{value:032x}"
        return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


class SecretNonces:
    """Nonces from the operating system."""

    def new(self) -> bytes:
        """Draw 16 unguessable bytes."""
        return secrets.token_bytes(16)


class RandomJitter:
    """Chance from the operating system."""

    def draw(self) -> float:
        """Draw a factor in [0, 1)."""
        return secrets.randbelow(1_000_000) / 1_000_000


class NothingStandsThere:
    """Named places on the road at which nothing happens."""

    def pass_by(self, name: str) -> None:
        """Go on."""
