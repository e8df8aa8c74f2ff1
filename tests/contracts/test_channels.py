"""What every channel promises, held against a real mail server, a folder and memory.

The mail server stands on the loopback, plain, with STARTTLS and with TLS from the first
byte, so whom it is trusted by is tried here too; its faults are in tests/adapters/test_smtp.py.
"""

from __future__ import annotations

import shutil
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
import trustme

from adapters.channels import channel_from
from adapters.folder import FolderChannel
from adapters.mail import compose
from adapters.memory import MemoryChannel
from adapters.smtp import SmtpChannel
from engine.errors import DeliveryFailed
from engine.ports import Channel, Message
from tests.mailserver import USER, MailServer

REMINDER = Message(
    key="019a2b3c-4d5e-7f60-8123-456789abcdef",
    institution="umu.se",
    to_name="Åsa Öberg",
    to_address="asa.oberg@umu.se",
    from_name="International Office",
    from_address="international@umu.se",
    subject="Svar väntas på ärendet",
    text="Hej!\n\n.\nEn punkt för sig, och en lång rad: " + "å" * 2000 + "\n",
    language="sv",
    written_at=datetime(2027, 3, 1, 7, 30, tzinfo=UTC),
)
PASSWORD_IN_URL = "p%40ss%3Aw%2Frd"


@dataclass(frozen=True)
class Certificate:
    """The authority that vouches for 127.0.0.1, and the server's side of it."""

    file: Path
    server: ssl.SSLContext


@dataclass(frozen=True)
class Carrier:
    """A channel, the mails that came out at its far end, and a way to put it out of order."""

    name: str
    channel: Channel
    arrived: Callable[[], list[bytes]]
    break_down: Callable[[], object]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """Made by an authority of its own, which `file` names."""
    authority = trustme.CA()
    file = tmp_path_factory.mktemp("certificate") / "authority.pem"
    authority.cert_pem.write_to_path(file)
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(server)
    return Certificate(file, server)


@pytest.fixture
def plain_server() -> Iterator[MailServer]:
    server = MailServer()
    yield server
    server.stop()


@pytest.fixture
def starttls_server(certificate: Certificate) -> Iterator[MailServer]:
    server = MailServer(starttls=certificate.server)
    yield server
    server.stop()


@pytest.fixture
def tls_server(certificate: Certificate) -> Iterator[MailServer]:
    server = MailServer(tls=certificate.server)
    yield server
    server.stop()


def _carrier_by_smtp(server: MailServer, url: str) -> Carrier:
    channel = SmtpChannel.from_url(url)
    return Carrier("smtp", channel, lambda: server.mailbox.mails, server.stop)


@pytest.fixture
def plain(plain_server: MailServer) -> Carrier:
    return _carrier_by_smtp(plain_server, f"smtp://127.0.0.1:{plain_server.port}")


@pytest.fixture
def starttls(starttls_server: MailServer, certificate: Certificate) -> Carrier:
    host = f"{USER}:{PASSWORD_IN_URL}@127.0.0.1:{starttls_server.port}"
    url = f"smtp://{host}?starttls=required&ca={certificate.file}"
    return _carrier_by_smtp(starttls_server, url)


@pytest.fixture
def smtps(tls_server: MailServer, certificate: Certificate) -> Carrier:
    host = f"{USER}:{PASSWORD_IN_URL}@127.0.0.1:{tls_server.port}"
    return _carrier_by_smtp(tls_server, f"smtps://{host}?ca={certificate.file}")


@pytest.fixture
def folder(tmp_path: Path) -> Carrier:
    place = tmp_path / "mail"

    def put_a_file_in_its_place() -> None:
        shutil.rmtree(place, ignore_errors=True)
        place.touch()

    def arrived() -> list[bytes]:
        return [file.read_bytes() for file in sorted(place.iterdir())]

    return Carrier("folder", FolderChannel(place), arrived, put_a_file_in_its_place)


@pytest.fixture
def memory() -> Carrier:
    channel = MemoryChannel()
    return Carrier(
        "memory",
        channel,
        lambda: [compose(message).content for message in channel.messages],
        channel.fail_next,
    )


@pytest.fixture(params=["plain", "starttls", "smtps", "folder", "memory"])
def carrier(request: pytest.FixtureRequest) -> Carrier:
    carrier: Carrier = request.getfixturevalue(request.param)
    return carrier


def read(mail: bytes) -> EmailMessage:
    return message_from_bytes(mail, policy=policy.default)


def test_a_channel_tells_its_name(carrier: Carrier) -> None:
    assert carrier.channel.name == carrier.name


def test_a_message_arrives_byte_for_byte_as_composed(carrier: Carrier) -> None:
    carrier.channel.deliver(REMINDER)
    assert carrier.arrived() == [compose(REMINDER).content]


def test_a_message_arrives_readable(carrier: Carrier) -> None:
    carrier.channel.deliver(REMINDER)
    [mail] = map(read, carrier.arrived())
    assert mail["Subject"] == REMINDER.subject
    assert mail["To"] == "Åsa Öberg <asa.oberg@umu.se>"
    assert mail.get_content().replace("\r\n", "\n") == REMINDER.text


def test_each_message_arrives_under_its_own_key(carrier: Carrier) -> None:
    for key in ("first", "second", "third"):
        carrier.channel.deliver(replace(REMINDER, key=key))
    arrived = sorted(read(mail)["Message-ID"] for mail in carrier.arrived())
    assert arrived == ["<first@umu.se>", "<second@umu.se>", "<third@umu.se>"]


def test_many_messages_go_over_one_line(carrier: Carrier) -> None:
    messages = [replace(REMINDER, key=key) for key in ("first", "second", "third")]
    with carrier.channel.opened() as line:
        for message in messages:
            line.deliver(message)
    assert sorted(carrier.arrived()) == sorted(compose(message).content for message in messages)


def test_what_no_mail_can_carry_is_refused_alone_on_a_line(carrier: Carrier) -> None:
    with carrier.channel.opened() as line:
        line.deliver(REMINDER)
        with pytest.raises(DeliveryFailed) as refused:
            line.deliver(replace(REMINDER, key="second", to_address="nobody"))
        line.deliver(replace(REMINDER, key="third"))
    assert refused.value.permanent
    arrived = {read(mail)["Message-ID"] for mail in carrier.arrived()}
    assert arrived == {f"<{REMINDER.key}@umu.se>", "<third@umu.se>"}


# A mail server that hangs up in mid line: tests/adapters/test_smtp.py.
@pytest.mark.parametrize("carrier", ["folder", "memory"], indirect=True)
def test_what_was_delivered_stays_so_when_the_channel_breaks_down_on_the_way(carrier: Carrier) -> None:
    with carrier.channel.opened() as line:
        line.deliver(REMINDER)
        arrived = carrier.arrived()
        carrier.break_down()
        with pytest.raises(DeliveryFailed) as failed:
            line.deliver(replace(REMINDER, key="second"))
    assert (failed.value.permanent, arrived) == (False, [compose(REMINDER).content])


def test_a_line_to_a_channel_out_of_order_opens_and_fails_at_each_message(carrier: Carrier) -> None:
    carrier.break_down()
    with carrier.channel.opened() as line, pytest.raises(DeliveryFailed) as failed:
        line.deliver(REMINDER)
    assert not failed.value.permanent


def test_the_same_key_may_come_again_and_shows_itself_as_a_double(carrier: Carrier) -> None:
    carrier.channel.deliver(REMINDER)
    carrier.channel.deliver(REMINDER)
    assert {read(mail)["Message-ID"] for mail in carrier.arrived()} == {f"<{REMINDER.key}@umu.se>"}


def test_a_line_break_in_an_address_is_refused_for_good(carrier: Carrier) -> None:
    smuggled = replace(REMINDER, to_address="asa@umu.se\r\nRCPT TO:<all@umu.se>")
    with pytest.raises(DeliveryFailed) as refused:
        carrier.channel.deliver(smuggled)
    assert refused.value.permanent


def test_a_line_break_in_a_subject_adds_no_header(carrier: Carrier) -> None:
    carrier.channel.deliver(replace(REMINDER, subject="Svar\r\nBcc: all@umu.se"))
    [mail] = map(read, carrier.arrived())
    assert (mail["Subject"], mail["Bcc"]) == ("Svar Bcc: all@umu.se", None)


def test_a_channel_out_of_order_fails_for_now(carrier: Carrier) -> None:
    carrier.break_down()
    with pytest.raises(DeliveryFailed) as failed:
        carrier.channel.deliver(REMINDER)
    assert not failed.value.permanent


def test_memory_fails_as_often_and_as_it_was_told() -> None:
    channel = MemoryChannel()
    channel.fail_next(2)
    channel.fail_next(permanent=True, text="no such address")
    seen = []
    for _ in range(3):
        with pytest.raises(DeliveryFailed) as failed:
            channel.deliver(REMINDER)
        seen.append((str(failed.value), failed.value.permanent))
    channel.deliver(REMINDER)
    down = ("the channel is down", False)
    assert seen == [down, down, ("no such address", True)]
    assert channel.messages == [REMINDER]


def test_the_envelope_is_the_mails_own_addresses(plain: Carrier, plain_server: MailServer) -> None:
    plain.channel.deliver(replace(REMINDER, to_address="asa@räksmörgås.se"))
    envelope = ("international@umu.se", ["asa@xn--rksmrgs-5wao1o.se"])
    assert plain_server.mailbox.envelopes == [envelope]


def test_a_user_signs_in_behind_starttls(starttls: Carrier, starttls_server: MailServer) -> None:
    starttls.channel.deliver(REMINDER)
    assert starttls_server.mailbox.signed_in == [True]


def test_a_user_signs_in_behind_implicit_tls(smtps: Carrier, tls_server: MailServer) -> None:
    smtps.channel.deliver(REMINDER)
    assert tls_server.mailbox.signed_in == [True]


def test_a_wrong_password_is_refused_without_being_told(tls_server: MailServer, certificate: Certificate) -> None:
    host = f"{USER}:hemligt@127.0.0.1:{tls_server.port}"
    channel = SmtpChannel.from_url(f"smtps://{host}?ca={certificate.file}")
    with pytest.raises(DeliveryFailed) as refused:
        channel.deliver(REMINDER)
    assert str(refused.value) == f"mail server 127.0.0.1:{tls_server.port} answered 535 to the sign-in"
    assert tls_server.mailbox.mails == []


def test_starttls_is_used_when_it_is_offered(starttls_server: MailServer, certificate: Certificate) -> None:
    url = f"smtp://127.0.0.1:{starttls_server.port}?ca={certificate.file}"
    SmtpChannel.from_url(url).deliver(REMINDER)  # this server takes nothing without it
    assert len(starttls_server.mailbox.mails) == 1


def test_starttls_is_not_used_when_told_never(starttls_server: MailServer) -> None:
    url = f"smtp://127.0.0.1:{starttls_server.port}?starttls=never"
    with pytest.raises(DeliveryFailed, match="530"):
        SmtpChannel.from_url(url).deliver(REMINDER)
    assert starttls_server.mailbox.mails == []


def test_a_starttls_server_nobody_vouches_for_gets_nothing(starttls_server: MailServer) -> None:
    channel = SmtpChannel.from_url(f"smtp://127.0.0.1:{starttls_server.port}")
    with pytest.raises(DeliveryFailed, match="certificate verify failed") as failed:
        channel.deliver(REMINDER)
    assert not failed.value.permanent
    assert starttls_server.mailbox.mails == []


def test_a_tls_server_nobody_vouches_for_gets_nothing(tls_server: MailServer) -> None:
    channel = SmtpChannel.from_url(f"smtps://127.0.0.1:{tls_server.port}")
    with pytest.raises(DeliveryFailed, match="certificate verify failed") as failed:
        channel.deliver(REMINDER)
    assert not failed.value.permanent
    assert tls_server.mailbox.mails == []


def test_a_server_under_another_name_than_its_certificate_gets_nothing(
    tls_server: MailServer, certificate: Certificate
) -> None:
    url = f"smtps://localhost:{tls_server.port}?ca={certificate.file}"
    with pytest.raises(DeliveryFailed, match="certificate verify failed") as failed:
        SmtpChannel.from_url(url).deliver(REMINDER)
    assert not failed.value.permanent


def test_tls_with_a_plain_server_fails_for_now(plain_server: MailServer) -> None:
    channel = SmtpChannel.from_url(f"smtps://127.0.0.1:{plain_server.port}")
    with pytest.raises(DeliveryFailed) as failed:
        channel.deliver(REMINDER)
    assert not failed.value.permanent


@pytest.mark.parametrize("url", [None, "", "  "])
def test_without_a_url_messages_go_to_the_folder(tmp_path: Path, url: str | None) -> None:
    channel = channel_from(url, folder=tmp_path)
    channel.deliver(REMINDER)
    assert channel.name == "folder"
    assert [file.suffix for file in tmp_path.iterdir()] == [".eml"]


def test_with_a_url_messages_go_to_the_mail_server(tmp_path: Path, plain_server: MailServer) -> None:
    channel = channel_from(f" smtp://127.0.0.1:{plain_server.port}\n", folder=tmp_path)
    channel.deliver(REMINDER)
    assert channel.name == "smtp"
    assert len(plain_server.mailbox.mails) == 1


def test_a_url_of_another_kind_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="begins with smtp:// or smtps://"):
        channel_from("https://mail.umu.se", folder=tmp_path)
