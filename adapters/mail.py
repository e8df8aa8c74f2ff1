"""Composes the mail (RFC 5322) that carries an engine `Message`.

The text goes as quoted-printable UTF-8 and every header as ASCII, so that each server on
the way can take it and no line grows long. The bytes are laid out here rather than by
`email.message.EmailMessage`: how that folds names and long values differs between patch
releases of Python, and has let line breaks through and lost commas. What comes from
people is cleaned to one line; what steers the mail (addresses, key, institution,
language) is refused when it is not plainly right.
"""

from __future__ import annotations

import re
from binascii import b2a_qp
from dataclasses import dataclass
from email.header import Header
from email.utils import format_datetime
from unicodedata import category

import idna

from engine.errors import DeliveryFailed
from engine.ports import Message

# RFC 5322 section 2.1.1 asks for lines of at most 78 characters; 76 is what RFC 2047
# section 2 allows where encoded words stand.
LINE_LENGTH = 76

# RFC 5321 section 4.5.3.1.1, RFC 1035 section 2.3.4. The latter bounds the other steering values
# too: it keeps the longest line, the Message-ID, within the 998 characters of RFC 5322.
_LOCAL_PART_LENGTH = 64
_DOMAIN_LENGTH = 253

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL_PART = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_WORDS = re.compile(rf"{_ATOM}(?: {_ATOM})*")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_KEY = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")

# Control characters, unpaired surrogates, line and paragraph separators.
_NOT_IN_A_LINE = frozenset({"Cc", "Cs", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail ready for the wire.

    `sender` and `recipient` are bare addresses in ASCII, for the envelope. `content` is
    headers and body: ASCII bytes, lines ended by CRLF and never above 998 characters.
    """

    sender: str
    recipient: str
    content: bytes


def compose(message: Message) -> Mail:
    """The mail for `message`; the same message gives the same bytes.

    Raises `DeliveryFailed`, permanent, when an address, the key, the institution, the
    language or the instant is not fit to stand in a mail. The error names the field and
    not its value, since errors are kept longer than people's addresses may be.
    """
    sender = _address(message.from_address, field="from_address")
    recipient = _address(message.to_address, field="to_address")
    key = _checked(_KEY, message.key, field="key")
    institution = _domain(message.institution, field="institution")
    headers = (
        f"From: {_mailbox(message.from_name, sender)}",
        f"To: {_mailbox(message.to_name, recipient)}",
        f"Subject: {_text(message.subject)}",
        f"Date: {_date(message)}",
        f"Message-ID: <{key}@{institution}>",
        "MIME-Version: 1.0",
        'Content-Type: text/plain; charset="utf-8"',
        "Content-Transfer-Encoding: quoted-printable",
        f"Content-Language: {_checked(_LANGUAGE, message.language, field='language')}",
        # RFC 3834 section 5: answering machines are to keep silent.
        "Auto-Submitted: auto-generated",
    )
    head = "\r\n".join(headers).encode("ascii")
    return Mail(sender, recipient, head + b"\r\n\r\n" + _body(message.text))


def one_line(text: str) -> str:
    """`text` as a header can show it: control characters and runs of blanks become one space."""
    return " ".join("".join(" " if category(c) in _NOT_IN_A_LINE else c for c in text).split())


def _text(value: str) -> str:
    value = one_line(value)
    # What looks like an encoded word would be decoded by the reader, so it is encoded itself.
    plain = value.isascii() and "=?" not in value and len(value) <= LINE_LENGTH - len("Subject: ")
    return value if plain else _encoded(value, header="Subject")


def _mailbox(name: str, address: str) -> str:
    name = one_line(name)
    if not name:
        return address
    phrase = _phrase(name)
    short = "\r\n" not in phrase and len(f"From: {phrase} <{address}>") <= LINE_LENGTH
    return f"{phrase} <{address}>" if short else f"{phrase}\r\n <{address}>"


def _phrase(name: str) -> str:
    """A display name (RFC 5322 section 3.2.5): bare words, in quotes, or encoded."""
    if not name.isascii() or "=?" in name or len(name) > LINE_LENGTH // 2:
        return _encoded(name, header="From")
    if _WORDS.fullmatch(name):
        return name
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _encoded(value: str, *, header: str) -> str:
    """`value` as encoded words (RFC 2047), folded; `header` is what the first line begins with."""
    words = Header(value, charset="utf-8", header_name=header, maxlinelen=LINE_LENGTH)
    return words.encode(linesep="\r\n")


def _address(address: str, *, field: str) -> str:
    # A local part outside ASCII would need SMTPUTF8 on every server of the way (RFC 6531).
    local, _, domain = address.rpartition("@")
    if len(local) > _LOCAL_PART_LENGTH:
        raise _unfit(field)
    return f"{_checked(_LOCAL_PART, local, field=field)}@{_domain(domain, field=field)}"


def _domain(domain: str, *, field: str) -> str:
    """`domain` in small ASCII letters, internationalised labels by IDNA 2008 (RFC 5891)."""
    # Length first, as turning very long labels into ASCII is slow.
    if len(domain) > _DOMAIN_LENGTH:
        raise _unfit(field)
    if not domain.isascii():
        try:
            domain = idna.encode(domain, uts46=True).decode("ascii")
        except UnicodeError:
            raise _unfit(field) from None
    return _checked(_DOMAIN, domain.lower(), field=field)


def _date(message: Message) -> str:
    if message.written_at.utcoffset() is None:
        raise _unfit("written_at")
    return format_datetime(message.written_at)


def _body(text: str) -> bytes:
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    if not lines.endswith("\n"):
        lines += "\n"
    # A lone surrogate, which JSON can carry and UTF-8 cannot, becomes a question mark.
    return b2a_qp(lines.encode("utf-8", "replace")).replace(b"\n", b"\r\n")


def _checked(pattern: re.Pattern[str], value: str, *, field: str) -> str:
    if len(value) > _DOMAIN_LENGTH or not pattern.fullmatch(value):
        raise _unfit(field)
    return value


def _unfit(field: str) -> DeliveryFailed:
    return DeliveryFailed(f"the message's {field} is not fit to stand in a mail", permanent=True)
