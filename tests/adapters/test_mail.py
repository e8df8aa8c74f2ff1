"""What stands in a mail, read back by the standard library's own parser."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.mail import compose, one_line
from engine.errors import DeliveryFailed
from engine.ports import Message

REMINDER = Message(
    key="019a2b3c-4d5e-7f60-8123-456789abcdef",
    institution="umu.se",
    to_name="Åsa Öberg",
    to_address="asa.oberg@umu.se",
    from_name="International Office",
    from_address="international@umu.se",
    subject="Svar väntas",
    text="Hej!\nÄrendet OUT-2027-0012 väntar på dig.\n",
    language="sv",
    written_at=datetime(2027, 3, 1, 7, 30, tzinfo=UTC),
)
HEADERS = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
    "Content-Language",
    "Auto-Submitted",
]
# Unpaired surrogates are in: JSON can carry them here, though UTF-8 cannot carry them on.
ANY_TEXT = st.text(st.characters())
# What people type, and what would hurt: breaks, encoded words, quotes, and the marks of addresses.
AWKWARD_PARTS = (
    *("\r\n", "\n", "\r", "\x85", "\u2028", "\0", " ", "\t", "=?utf-8?q?=0A?=", "=?", "?=", '"'),
    *("\\", ",", ";", ":", "@", "<", ">", "(", ")", ".", "å", "Łódź", "學", "🎓", "Bcc: x@y.z"),
    *("Anna", "x" * 90),
)
AWKWARD_TEXT = st.lists(st.sampled_from(AWKWARD_PARTS)).map("".join)
TEXT = ANY_TEXT | AWKWARD_TEXT


def read_back(message: Message) -> EmailMessage:
    return message_from_bytes(compose(message).content, policy=policy.default)


def text_of(message: Message) -> str:
    text: str = read_back(message).get_content()
    return text.replace("\r\n", "\n")


def recipient_of(message: Message) -> tuple[str, str]:
    """Name and address under To, read by the older parser.

    The newer one puts a blank between two encoded words of a name, against RFC 2047 section 6.2.
    """
    header = message_from_bytes(compose(message).content, policy=policy.compat32)["To"]
    phrase, address = parseaddr(header)
    return str(make_header(decode_header(phrase))), address


def test_a_mail_is_laid_out_line_by_line() -> None:
    assert compose(REMINDER).content.decode("ascii").split("\r\n") == [
        "From: International Office <international@umu.se>",
        "To: =?utf-8?b?w4VzYSDDlmJlcmc=?= <asa.oberg@umu.se>",
        "Subject: =?utf-8?q?Svar_v=C3=A4ntas?=",
        "Date: Mon, 01 Mar 2027 07:30:00 +0000",
        "Message-ID: <019a2b3c-4d5e-7f60-8123-456789abcdef@umu.se>",
        "MIME-Version: 1.0",
        'Content-Type: text/plain; charset="utf-8"',
        "Content-Transfer-Encoding: quoted-printable",
        "Content-Language: sv",
        "Auto-Submitted: auto-generated",
        "",
        "Hej!",
        "=C3=84rendet OUT-2027-0012 v=C3=A4ntar p=C3=A5 dig.",
        "",
    ]


def test_the_envelope_carries_the_bare_addresses() -> None:
    mail = compose(REMINDER)
    assert (mail.sender, mail.recipient) == ("international@umu.se", "asa.oberg@umu.se")


def test_the_same_message_gives_the_same_bytes() -> None:
    assert compose(REMINDER) == compose(replace(REMINDER))


@given(TEXT)
@example("ends in blanks \t \n and a dot\n.\n")
def test_any_text_arrives_as_it_was_written(text: str) -> None:
    sent = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode()
    assert text_of(replace(REMINDER, text=text)) == (sent if sent.endswith("\n") else sent + "\n")


@given(TEXT)
def test_any_subject_arrives_on_one_line(subject: str) -> None:
    assert read_back(replace(REMINDER, subject=subject))["Subject"] == one_line(subject)


@given(TEXT)
@example("Öberg, Åsa; <rektor@umu.se>")
@example('Anna "the" Berg\\')
def test_any_name_arrives_beside_its_own_address(name: str) -> None:
    message = replace(REMINDER, to_name=name, from_name=name)
    assert recipient_of(message) == (one_line(name), "asa.oberg@umu.se")
    [sender] = read_back(message)["From"].addresses
    assert sender.addr_spec == "international@umu.se"


@given(st.text(st.characters(codec="utf-8"), max_size=11))
def test_any_short_name_arrives_by_the_newer_parser_too(name: str) -> None:
    [sender] = read_back(replace(REMINDER, from_name=name))["From"].addresses
    assert sender.display_name == one_line(name)


@given(TEXT, TEXT, TEXT)
def test_nothing_a_person_wrote_adds_a_header(name: str, subject: str, text: str) -> None:
    message = replace(REMINDER, to_name=name, from_name=name, subject=subject, text=text)
    assert read_back(message).keys() == HEADERS


@given(TEXT, TEXT, TEXT)
def test_every_line_is_short_ascii_and_ends_in_crlf(name: str, subject: str, text: str) -> None:
    message = replace(REMINDER, to_name=name, from_name=name, subject=subject, text=text)
    lines = compose(message).content.decode("ascii").split("\r\n")
    assert not [line for line in lines if "\r" in line or "\n" in line]
    assert max(len(line) for line in lines) <= 78


@given(TEXT)
def test_one_line_is_one_line_and_stays_as_it_is(text: str) -> None:
    assert len(one_line(text).splitlines()) <= 1
    assert one_line(one_line(text)) == one_line(text)


STEERING: Mapping[str, Callable[[str], Message]] = {
    "to_address": lambda value: replace(REMINDER, to_address=value),
    "from_address": lambda value: replace(REMINDER, from_address=value),
    "key": lambda value: replace(REMINDER, key=value),
    "institution": lambda value: replace(REMINDER, institution=value),
    "language": lambda value: replace(REMINDER, language=value),
}


@pytest.mark.parametrize("field", STEERING)
@given(value=TEXT)
@example(value="umu.se\r\nBcc: everybody@umu.se")
@example(value="anna@umu.se\n")
@example(value="sv\n")
def test_any_steering_value_is_right_or_refused(field: str, value: str) -> None:
    try:
        mail = read_back(STEERING[field](value))
    except DeliveryFailed:
        return
    assert mail.keys() == HEADERS


@pytest.mark.parametrize("field", STEERING)
def test_a_line_break_in_a_steering_value_is_refused_for_good(field: str) -> None:
    for value in ("umu.se\r\nBcc: everybody@umu.se", "anna@umu.se\n", "sv\r", "sv\n"):
        with pytest.raises(DeliveryFailed, match=f"the message's {field} is not fit") as refused:
            compose(STEERING[field](value))
        assert refused.value.permanent


@pytest.mark.parametrize(
    "address",
    [
        "",
        "anna",
        "@umu.se",
        "anna@",
        "anna@@umu.se",
        "anna berg@umu.se",
        "anna.@umu.se",
        "anna@umu..se",
        "anna@umu.se.",
        "anna@-umu.se",
        "anna@umu.se, bo@umu.se",
        "<anna@umu.se>",
        "åsa@umu.se",
        "a" * 65 + "@umu.se",
        "anna@" + "a" * 64 + ".se",
        "anna@" + "å" * 300,
        "anna@xn--.åå",
    ],
)
def test_an_address_no_mail_can_reach_is_refused_for_good(address: str) -> None:
    with pytest.raises(DeliveryFailed) as refused:
        compose(replace(REMINDER, to_address=address))
    assert refused.value.permanent
    assert str(refused.value) == "the message's to_address is not fit to stand in a mail"


@pytest.mark.parametrize(
    ("domain", "ascii_domain"),
    [
        ("UMU.se", "umu.se"),
        ("räksmörgås.se", "xn--rksmrgs-5wao1o.se"),
        ("STRAẞE.de", "xn--strae-oqa.de"),  # IDNA 2003 would make this another domain, strasse.de
        ("東京大学.jp", "xn--1lq68wkwbj6u.jp"),
        ("localhost", "localhost"),
    ],
)
def test_an_internationalised_domain_travels_in_ascii(domain: str, ascii_domain: str) -> None:
    message = replace(REMINDER, to_address=f"Anna.Berg@{domain}", institution=domain)
    assert compose(message).recipient == f"Anna.Berg@{ascii_domain}"
    assert read_back(message)["To"].addresses[0].addr_spec == f"Anna.Berg@{ascii_domain}"
    assert read_back(message)["Message-ID"] == f"<{REMINDER.key}@{ascii_domain}>"


def test_a_nameless_recipient_is_only_an_address() -> None:
    content = compose(replace(REMINDER, to_name=" \t")).content
    assert b"\r\nTo: asa.oberg@umu.se\r\n" in content


@pytest.mark.parametrize(
    ("name", "phrase"),
    [
        ("Anna Berg", "Anna Berg"),
        ("Anna K. Berg", '"Anna K. Berg"'),
        ('Berg, "Anna"', r'"Berg, \"Anna\""'),
        ("=?utf-8?q?Rektor?=", "=?utf-8?b?PT91dGYtOD9xP1Jla3Rvcj89?="),
    ],
)
def test_a_name_stays_readable_as_far_as_it_can(name: str, phrase: str) -> None:
    lines = compose(replace(REMINDER, to_name=name)).content.decode("ascii").split("\r\n")
    assert lines[1] == f"To: {phrase} <asa.oberg@umu.se>"


def test_a_text_in_one_long_line_is_broken_softly() -> None:
    text = "ö" * 5000 + "\n"
    message = replace(REMINDER, text=text)
    assert max(len(line) for line in compose(message).content.splitlines()) <= 78
    assert text_of(message) == text


def test_the_date_keeps_its_own_zone() -> None:
    summer = datetime(2027, 7, 1, 9, 30, tzinfo=timezone(timedelta(hours=2)))
    assert read_back(replace(REMINDER, written_at=summer))["Date"].datetime == summer


def test_an_instant_without_a_zone_is_refused() -> None:
    naive = REMINDER.written_at.replace(tzinfo=None)
    with pytest.raises(DeliveryFailed, match="written_at") as refused:
        compose(replace(REMINDER, written_at=naive))
    assert refused.value.permanent


def test_answering_machines_are_asked_to_keep_silent() -> None:
    mail = read_back(REMINDER)
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Content-Language"] == "sv"
    assert mail["Content-Type"] == 'text/plain; charset="utf-8"'
