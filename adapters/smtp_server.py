"""A mail server (SMTP, RFC 5321), and how its URL is read.

- `smtp://host` port 25 unless given, encrypted by STARTTLS when the server offers it;
  `?starttls=required` sends nothing without it, `?starttls=never` does not ask for it;
- `smtps://host` port 465 unless given, encrypted from the first byte (RFC 8314);
- `user:password@` before the host signs in, special characters percent-encoded;
- `?ca=FILE` trusts the certificates in FILE (PEM) beside those the system trusts.

The password is in no error text and no repr.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit


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


def _unclear(rule: str) -> ValueError:
    return ValueError(
        f"the mail server's URL is not understood: {rule} (percent-encode special characters in user and password)"
    )
