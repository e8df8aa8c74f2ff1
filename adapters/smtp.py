"""Hands messages to a mail server (SMTP, RFC 5321).

The server is named by a URL (`adapters.smtp_server`). Certificates are always checked.
The password is in no error text and no repr.
"""

from __future__ import annotations

import smtplib
import ssl
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Self

from adapters.mail import compose, one_line
from adapters.smtp_server import Encryption, SmtpServer
from engine.errors import DeliveryFailed
from engine.ports import Message

# RFC 5321 section 4.2.1: do not try the same again.
_FOR_GOOD = range(500, 600)
_FINE = range(200, 300)


class SmtpChannel:
    """Delivers messages over a connection each, or many over one (`opened`); it may be shared by threads.

    `timeout_seconds` bounds the wait for each answer of the server. An answer of 5xx to
    the message is a permanent `DeliveryFailed`; any other fault passes (4xx, time-out, no
    connection, TLS, a refused sign-in).
    Raises ValueError when the server's `ca_file` cannot be read.
    """

    name = "smtp"

    def __init__(self, server: SmtpServer, *, timeout_seconds: float = 20.0) -> None:
        self._server = server
        self._timeout_seconds = timeout_seconds
        self._trust = _trust(server.ca_file)
        self._secrets = _secrets(server)

    @classmethod
    def from_url(cls, url: str, *, timeout_seconds: float = 20.0) -> Self:
        return cls(SmtpServer.from_url(url), timeout_seconds=timeout_seconds)

    def __repr__(self) -> str:
        return f"SmtpChannel({self._server!r})"

    def deliver(self, message: Message) -> None:
        with self.opened() as line:
            line.deliver(message)

    @contextmanager
    def opened(self) -> Iterator[SmtpLine]:
        line = SmtpLine(self)
        try:
            yield line
        finally:
            line.leave()

    def connect(self) -> smtplib.SMTP:
        """A connection that is ready for mail. Raises DeliveryFailed, which passes: it concerns no message."""
        try:
            connection = self._connect()
            try:
                self._sign_in(connection, encrypted=self._encrypt(connection))
            except BaseException:
                leave(connection)
                raise
        except (OSError, ValueError) as error:
            # A mistyped password or a server out of order: whatever it answers, all wait until it is mended.
            raise DeliveryFailed(str(self.failed(error))) from None
        return connection

    def _connect(self) -> smtplib.SMTP:
        where = (self._server.host, self._server.port)
        if self._server.encryption is Encryption.IMPLICIT:
            return smtplib.SMTP_SSL(*where, timeout=self._timeout_seconds, context=self._trust)
        return smtplib.SMTP(*where, timeout=self._timeout_seconds)

    def _encrypt(self, connection: smtplib.SMTP) -> bool:
        """Starts TLS as far as it is wanted; true when the line is then encrypted."""
        wanted = self._server.encryption
        connection.ehlo_or_helo_if_needed()
        if wanted is Encryption.IMPLICIT:
            return True
        offered = wanted is Encryption.OFFERED and connection.has_extn("starttls")
        if wanted is not Encryption.REQUIRED and not offered:
            return False
        connection.starttls(context=self._trust)
        return True

    def _sign_in(self, connection: smtplib.SMTP, *, encrypted: bool) -> None:
        if self._server.user is None:
            return
        # Whoever sits on the line can strike the offer of STARTTLS from the server's greeting.
        # Only an explicit `never` lets a password go in the clear.
        if not encrypted and self._server.encryption is not Encryption.NEVER:
            raise DeliveryFailed(f"{self._where} offers no encryption, and the password is not sent without it")
        connection.login(self._server.user, self._server.password)

    @property
    def _where(self) -> str:
        return f"mail server {self._server.host}:{self._server.port}"

    def failed(self, error: OSError | ValueError) -> DeliveryFailed:
        """What went wrong, in words that tell no secret; permanent where the server refused for good.

        To be raised `from None`: smtplib's errors carry the server's words whole, and those may
        repeat what was sent to it. ValueError is what smtplib lets through when a server answers
        nonsense.
        """
        answer = _answer(error)
        if answer is None:
            # The text of a bare ValueError may quote what was being sent; its name is enough.
            words = str(error) if isinstance(error, OSError) else type(error).__name__
            return DeliveryFailed(f"{self._where} could not be used: {self._safe(words)}")
        code, words = answer
        text = f"{self._where} answered {code} {self._safe(words)}".rstrip()
        return DeliveryFailed(text, permanent=code in _FOR_GOOD)

    def _safe(self, words: str) -> str:
        for secret in self._secrets:
            words = words.replace(secret, "***")
        return one_line(words)[:200]


class SmtpLine:
    """A connection made for the first message and kept for those that follow.

    A refused message fails alone. Where no connection can be had, the messages that follow
    fail with the same words: each would wait for it as long, and as vainly.
    """

    def __init__(self, channel: SmtpChannel) -> None:
        self._channel = channel
        self._connection: smtplib.SMTP | None = None
        self._down: str | None = None

    def deliver(self, message: Message) -> None:
        mail = compose(message)
        connection = self._ready()
        try:
            connection.sendmail(mail.sender, [mail.recipient], mail.content)
        except (OSError, ValueError) as error:
            if _answer(error) is None:
                # Whatever comes next on it may belong to this mail.
                self.leave()
            raise self._channel.failed(error) from None

    def leave(self) -> None:
        """Part from the server, if there is one."""
        if self._connection is not None:
            leave(self._connection)
            self._connection = None

    def _ready(self) -> smtplib.SMTP:
        """The connection, made where there is none or the server has left it."""
        if self._down is not None:
            raise DeliveryFailed(self._down)
        if self._connection is not None and not _at_rest(self._connection):
            self.leave()
        if self._connection is None:
            try:
                self._connection = self._channel.connect()
            except DeliveryFailed as failure:
                self._down = str(failure)
                raise
        return self._connection


def _at_rest(connection: smtplib.SMTP) -> bool:
    """Whether the connection takes another mail.

    Servers take only so many over one connection (RFC 5321 section 3.8); asked before the
    mail, they can leave without its being in doubt whether they have it.
    """
    try:
        code, _ = connection.rset()
    except (OSError, ValueError):
        return False
    return code in _FINE


def _answer(error: OSError | ValueError) -> tuple[int, str] | None:
    """The server's code and words, when it was an answer of the server that failed us."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        # The words are left out: a careless server repeats the credentials it refuses.
        return error.smtp_code, "to the sign-in"
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        # One entry by address, and a mail has one recipient.
        [(code, words)] = error.recipients.values()
        return code, _decoded(words)
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code, _decoded(error.smtp_error)
    return None


def _decoded(words: bytes | str) -> str:
    return words.decode("utf-8", "replace") if isinstance(words, bytes) else words


def leave(connection: smtplib.SMTP) -> None:
    """Part, however the server takes it."""
    # The mail is taken, or refused, before this: a server that parts badly changes neither.
    with suppress(OSError, ValueError):
        connection.quit()
    connection.close()


def _secrets(server: SmtpServer) -> tuple[str, ...]:
    """The password as it is, and as it goes over the line (RFC 4616 and AUTH LOGIN)."""
    if not server.password:
        return ()
    sent = (server.password, f"\0{server.user}\0{server.password}")
    return (server.password, *(b64encode(text.encode("ascii")).decode("ascii") for text in sent))


def _trust(ca_file: str | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if ca_file is not None:
        try:
            context.load_verify_locations(cafile=ca_file)
        except OSError as error:
            raise ValueError(f"the mail server's ca file cannot be read: {error}") from error
    return context
