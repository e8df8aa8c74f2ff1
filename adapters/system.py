"""The ports of time and chance, from the machine itself."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime


class SystemClock:
    """The machine's clock. In production all machines keep it true by NTP."""

    def now(self) -> datetime:
        """The present instant, in UTC."""
        return datetime.now(UTC)


class Uuid7:
    """UUID version 7: 48 bits of Unix milliseconds, then chance (RFC 9562 section 5.7)."""

    def new(self, now: datetime) -> str:
        """Draw an identifier that sorts by the instant it was drawn at."""
        milliseconds = int(now.timestamp() * 1000) & (1 << 48) - 1
        value = milliseconds << 80 | secrets.randbits(80)
        value = value & ~(0xF << 76) | 0x7 << 76
        value = value & ~(0x3 << 62) | 0x2 << 62
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
