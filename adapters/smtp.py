"""Hands messages to a mail server (SMTP, RFC 5321).

The server is named by a URL:

- `smtp://host` port 25 unless given, encrypted by STARTTLS when the server offers it;
  `?starttls=required` sends nothing without it, `?starttls=never` does not ask for it;
- `smtps://host` port 465 unless given, encrypted from the first byte (RFC 8314);
- `user:password@` before the host signs in, special characters percent-encoded;
- `?ca=FILE` trusts the certificates in FILE (PEM) beside those the system trusts.

Certificates are always checked. The password is in no error text and no repr.
"""

from __future__ import annotations

import smtplib
import ssl
from base64 import b64encode
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from adapters.mail import compose, one_line
from engine.errors import DeliveryFailed
from engine.ports import Message

# RFC 5321 section 4.2.1: do not try the same again.
_FOR_GOOD = range(500, 600)
# A mistyped password or a server out of order concerns no message: all wait until it is mended.
_OF_THE_CONNECTION = (smtplib.SMTPConnectError, smtplib.SMTPHeloError, smtplib.SMTPAuthenticationError)


class Encryption(StrEnum):
    """How the line to the server is protected."""

    OFFERED = "offered"
    REQUIRED = "required"
    NEVER = "never"
    IMPLICIT = "implicit"


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """A mail server and how to speak to it; `user` None means without signing in."""

    host: str
    port: int
    encryption: Encryption = Encryption.OFFERED
    user: str | None = field(default=None, repr=False)
    password: str = field(default="", repr=False)
    ca_file: str | None = None

    @classmethod
    def from_url(cls, url: str) -> Self:
        """Raises ValueError when the URL cannot be understood.

        Nothing of the URL is repeated in the error. A password whose special characters
        were not encoded is easily taken for a port, a path or an option.
        """
        try:
            parts = urlsplit(url)
            port = parts.port
            options = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True))
        except ValueError:
            raise _unclear("it is not a URL") from None
        if parts.scheme not in {"smtp", "smtps"}:
            raise _unclear("it begins with smtp:// or smtps://")
        if not parts.hostname or parts.path.strip("/") or parts.fragment:
            raise _unclear("it names a host, and nothing between the host and a question mark")
        user, password = _credentials(parts)
        return cls(
            host=parts.hostname,
            port=port or (465 if parts.scheme == "smtps" else 25),
            encryption=_encryption(parts.scheme, options),
            user=user,
            password=password,
            ca_file=options.get("ca"),
        )


class SmtpChannel:
    """Delivers each message over a connection of its own, so it may be shared by threads.

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
        mail = compose(message)
        try:
            connection = self._connect()
            try:
                self._sign_in(connection, encrypted=self._encrypt(connection))
                connection.sendmail(mail.sender, [mail.recipient], mail.content)
            finally:
                _leave(connection)
        except (OSError, ValueError) as error:
            # The cause is left off on purpose: smtplib's errors carry the server's words
            # whole, and those may repeat what was sent to it. ValueError is what smtplib
            # lets through when a server answers nonsense to a sign-in.
            raise self._failed(error) from None

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

    def _failed(self, error: OSError | ValueError) -> DeliveryFailed:
        answer = _answer(error)
        if answer is None:
            # The text of a bare ValueError may quote what was being sent; its name is enough.
            words = str(error) if isinstance(error, OSError) else type(error).__name__
            return DeliveryFailed(f"{self._where} could not be used: {self._safe(words)}")
        code, words = answer
        text = f"{self._where} answered {code} {self._safe(words)}".rstrip()
        ours = isinstance(error, _OF_THE_CONNECTION)
        return DeliveryFailed(text, permanent=code in _FOR_GOOD and not ours)

    def _safe(self, words: str) -> str:
        for secret in self._secrets:
            words = words.replace(secret, "***")
        return one_line(words)[:200]


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


def _leave(connection: smtplib.SMTP) -> None:
    # The mail is taken, or refused, before this: a server that parts badly changes neither.
    with suppress(OSError, ValueError):
        connection.quit()
    connection.close()


def _credentials(parts: SplitResult) -> tuple[str | None, str]:
    if parts.username is None and parts.password is None:
        return None, ""
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    # smtplib signs in with ASCII alone and would break off in the middle of the sign-in.
    if not user or not password or not (user + password).isascii():
        raise _unclear("a user goes with a password, both in ASCII")
    return user, password


def _encryption(scheme: str, options: dict[str, str]) -> Encryption:
    known = {"ca"} if scheme == "smtps" else {"ca", "starttls"}
    if not options.keys() <= known:
        raise _unclear("the options are ca, and with smtp:// starttls")
    if scheme == "smtps":
        return Encryption.IMPLICIT
    wanted = options.get("starttls", Encryption.OFFERED)
    if wanted not in {Encryption.OFFERED, Encryption.REQUIRED, Encryption.NEVER}:
        raise _unclear("starttls is required, offered or never")
    return Encryption(wanted)


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


def _unclear(rule: str) -> ValueError:
    return ValueError(
        f"the mail server's URL is not understood: {rule} (percent-encode special characters in user and password)"
    )
