"""A mail server that fails: it is away, puts mails off, or takes one and says nothing. What it took is kept."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path
from typing import ClassVar

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.mailserver import MailServer


class FailingMailServer(MailServer):
    """Keeps what it takes in `mailbox`, a file a mail, also what comes twice. `mood` is how it behaves just now."""

    WELL: ClassVar[str] = "well"
    MOODS: ClassVar[tuple[str, ...]] = ("away", "puts off", "takes and says nothing")

    def __init__(self, mailbox: Path) -> None:
        self.folder, self.mood = mailbox, self.WELL
        self._numbers = itertools.count()
        mailbox.mkdir(exist_ok=True)
        super().__init__()

    @property
    def url(self) -> str:
        """How it is named in the settings."""
        return f"smtp://127.0.0.1:{self.port}?starttls=never"

    def _session(self) -> SMTP:
        return SMTP(self, hostname="mail.example")

    async def handle_EHLO(  # noqa: N802  # aiosmtpd finds it by this name
        self, server: SMTP, session: Session, _envelope: Envelope, hostname: str, answers: list[str]
    ) -> list[str]:
        session.host_name = hostname
        if self.mood == "away":
            _hang_up(server)
        return answers

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  # as above
        if self.mood == "puts off":
            return "451 come again later"
        assert isinstance(envelope.content, bytes)
        # The mail is there before anybody is told so.
        (self.folder / f"{next(self._numbers)}.eml").write_bytes(envelope.content)
        if self.mood == "takes and says nothing":
            _hang_up(server)
        return "250 taken"


def _hang_up(server: SMTP) -> None:
    # aiosmtpd's own type is the base of all transports; over TCP there is one that can be torn off.
    if isinstance(server.transport, asyncio.WriteTransport):
        server.transport.abort()
