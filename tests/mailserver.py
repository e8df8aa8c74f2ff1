"""A real mail server on the loopback, for tests that want mail to arrive somewhere."""

from __future__ import annotations

import asyncio
import ssl
import threading

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "fardplan", "p@ss:w/rd"


class Mailbox:
    """The far end of a mail server: keeps what it is given."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []
        self.envelopes: list[tuple[str | None, list[str]]] = []
        self.signed_in: list[bool] = []

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd finds it by this name
        assert isinstance(envelope.content, bytes)
        self.mails.append(envelope.content)
        self.envelopes.append((envelope.mail_from, envelope.rcpt_tos))
        self.signed_in.append(session.authenticated is True)
        return "250 taken"


class MailServer:
    """A real mail server on a free port of the loopback, in a thread of its own."""

    def __init__(self, *, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None) -> None:
        self.mailbox = Mailbox()
        self.port = 0
        self._starttls, self._tls = starttls, tls
        self._loop = asyncio.new_event_loop()
        self._ready, self._stopped = threading.Event(), asyncio.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        assert self._ready.wait(timeout=20)

    def stop(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopped.set)
            self._thread.join(timeout=20)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        server = await self._loop.create_server(self._session, "127.0.0.1", 0, ssl=self._tls)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stopped.wait()
        server.close()

    def _session(self) -> SMTP:
        return SMTP(
            self.mailbox,
            hostname="mail.example",
            tls_context=self._starttls,
            require_starttls=self._starttls is not None,
            # aiosmtpd counts only STARTTLS as encryption, not TLS from the first byte.
            auth_require_tls=self._tls is None,
            authenticator=_knows_the_password,
        )


def _knows_the_password(
    _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: object
) -> AuthResult:
    known = LoginPassword(USER.encode(), PASSWORD.encode())
    return AuthResult(success=given == known, handled=False)
