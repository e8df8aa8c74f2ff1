"""How handing in a mail goes wrong, played by a mail server that keeps to a script.

The servers that go right, and TLS, are in tests/contracts/test_channels.py.
"""

from __future__ import annotations

import base64
import re
import socket
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Event, Thread

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from adapters.smtp import SmtpChannel
from adapters.smtp_server import Encryption, SmtpServer
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
    text="Hej!\nDet är allt.\n",
    language="sv",
    written_at=datetime(2027, 3, 1, 7, 30, tzinfo=UTC),
)
# What a server does at a command instead of answering.
HANG_UP, KEEP_SILENT = "hang up", "keep silent"
Answer = str | Callable[[str], str]
# Answers by the command's first word; `greeting` stands before the first, `text` after the
# first line of the mail, `.` after its last.
GOOD: Mapping[str, Answer] = {
    "greeting": "220 played.example",
    "EHLO": "250 played.example",
    "MAIL": "250 fine",
    "RCPT": "250 fine",
    "DATA": "354 go on",
    "text": "",
    ".": "250 taken",
    "RSET": "250 fine",
    "QUIT": "221 bye",
}
SIGN_IN_OFFERED = "250-played.example\r\n250 AUTH PLAIN"
PASSWORD = "hemligt"
PATIENT = 60.0
"""Seconds to wait for a server that will answer, however busy the machine."""

IN_LOGIN = base64.b64encode(PASSWORD.encode()).decode()
IN_PLAIN = base64.b64encode(f"\0fardplan\0{PASSWORD}".encode()).decode()


class ScriptedServer(ThreadingTCPServer):
    """Answers by `script`; `heard` holds every line that came in."""

    daemon_threads = False

    def __init__(self, script: Mapping[str, Answer]) -> None:
        super().__init__(("127.0.0.1", 0), ScriptedSession)
        self.script = {**GOOD, **script}
        self.heard: list[str] = []
        self.over = Event()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"

    @property
    def where(self) -> str:
        return f"mail server 127.0.0.1:{self.server_address[1]}"

    def commands(self) -> list[str]:
        return [line.split()[0].upper() for line in self.heard if line.strip()]


class ScriptedSession(StreamRequestHandler):
    server: ScriptedServer

    def handle(self) -> None:
        said = self.play("greeting", "")
        in_text = False
        while said is not None and (raw := self.rfile.readline()):
            line = raw.decode("ascii").rstrip("\r\n")
            self.server.heard.append(line)
            in_text = (in_text or said.startswith("354")) and line != "."
            said = self.play("text" if in_text else line.split()[0].upper(), line)

    def play(self, part: str, line: str) -> str | None:
        """What was said, perhaps nothing; None when it is time to hang up."""
        answer = self.server.script.get(part, "502 not in the script")
        words = answer(line) if callable(answer) else answer
        if words == KEEP_SILENT:
            self.server.over.wait(timeout=60)
        if words in {HANG_UP, KEEP_SILENT}:
            return None
        if words:
            self.wfile.write(words.encode() + b"\r\n")
        return words


@contextmanager
def server_with(script: Mapping[str, Answer]) -> Iterator[ScriptedServer]:
    with ScriptedServer(script) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            server.shutdown()
            thread.join()


def failure(url: str, message: Message = REMINDER, *, timeout_seconds: float = PATIENT) -> DeliveryFailed:
    with pytest.raises(DeliveryFailed) as failed:
        SmtpChannel.from_url(url, timeout_seconds=timeout_seconds).deliver(message)
    return failed.value


def with_password(url: str) -> str:
    return url.replace("smtp://", f"smtp://fardplan:{PASSWORD}@")


def test_a_mail_goes_in_by_the_book() -> None:
    with server_with({}) as server:
        SmtpChannel.from_url(server.url).deliver(REMINDER)
    assert [c for c in server.commands() if c in GOOD] == ["EHLO", "MAIL", "RCPT", "DATA", ".", "QUIT"]
    assert "mail FROM:<international@umu.se>" in server.heard
    assert "rcpt TO:<asa.oberg@umu.se>" in server.heard


def test_each_mail_has_a_connection_of_its_own() -> None:
    with server_with({}) as server:
        channel = SmtpChannel.from_url(server.url)
        channel.deliver(REMINDER)
        channel.deliver(REMINDER)
    assert server.commands().count("EHLO") == server.commands().count("QUIT") == 2


def mails(count: int, **at: str) -> list[Message]:
    """So many messages; `at` has the address of some of them, by key."""
    return [replace(REMINDER, key=f"k{n}", to_address=at.get(f"k{n}", f"p{n}@umu.se")) for n in range(count)]


def handed_over(url: str, messages: list[Message], *, timeout_seconds: float = PATIENT) -> list[str]:
    """Hand the messages over one line; what became of each: nothing, or the failure and whether it is for good."""
    became = []
    with SmtpChannel.from_url(url, timeout_seconds=timeout_seconds).opened() as line:
        for message in messages:
            try:
                line.deliver(message)
            except DeliveryFailed as failed:
                became.append(f"{'for good' if failed.permanent else 'for now'}: {failed}")
            else:
                became.append("")
    return became


def test_many_mails_go_over_one_connection_and_each_begins_anew() -> None:
    with server_with({}) as server:
        assert handed_over(server.url, mails(3)) == ["", "", ""]
    spoken = [command for command in server.commands() if command in GOOD]
    mail = ["MAIL", "RCPT", "DATA", "."]
    assert spoken == ["EHLO", *mail, "RSET", *mail, "RSET", *mail, "QUIT"]


def test_one_refused_recipient_fails_alone_and_the_connection_stays() -> None:
    def knows(line: str) -> str:
        return "550 5.1.1 no such user" if "gone" in line else "250 fine"

    with server_with({"RCPT": knows}) as server:
        became = handed_over(server.url, mails(3, k1="gone@umu.se"))
    assert became == ["", f"for good: {server.where} answered 550 5.1.1 no such user", ""]
    assert (server.commands().count("EHLO"), server.commands().count("DATA")) == (1, 2)


def _patience(goodbye: str) -> float:
    """A silence is waited out, and every other answer for as long as it takes."""
    return 8.0 if goodbye == KEEP_SILENT else PATIENT


@pytest.mark.parametrize("goodbye", ["421 enough for one connection", "502 what?", HANG_UP, KEEP_SILENT])
def test_a_server_that_takes_no_more_over_one_connection_gets_another(goodbye: str) -> None:
    with server_with({"RSET": goodbye}) as server:
        assert handed_over(server.url, mails(3), timeout_seconds=_patience(goodbye)) == ["", "", ""]
    assert (server.commands().count("EHLO"), server.commands().count("DATA")) == (3, 3)


def test_a_mail_whose_fate_is_not_known_is_not_sent_twice_and_the_next_goes() -> None:
    heard: list[str] = []

    def hangs_up_once(line: str) -> str:
        heard.append(line)
        return HANG_UP if len(heard) == 1 else "250 taken"

    with server_with({".": hangs_up_once}) as server:
        first, second = handed_over(server.url, mails(2))
    assert (first.startswith("for now: "), second, len(heard)) == (True, "", 2)


@pytest.mark.parametrize("part", ["greeting", "EHLO", "AUTH"])
@pytest.mark.parametrize("code", [454, 554])
def test_where_no_connection_can_be_had_the_others_are_not_tried_and_all_wait(part: str, code: int) -> None:
    script = {"EHLO": SIGN_IN_OFFERED, "HELO": "500 no", "AUTH": "235 welcome", part: f"{code} not now"}
    with server_with(script) as server:
        became = handed_over(with_password(server.url) + "?starttls=never", mails(3))
    assert (len(set(became)), became[0].startswith(f"for now: {server.where} answered")) == (1, True)
    assert max(server.commands().count("EHLO"), server.commands().count("AUTH")) <= 1


def test_a_line_that_carried_nothing_never_spoke_to_the_server() -> None:
    with server_with({}) as server:
        assert handed_over(server.url, []) == []
    assert server.heard == []


@pytest.mark.parametrize("part", ["MAIL", "RCPT", "DATA", "."])
@pytest.mark.parametrize(("code", "permanent"), [(550, True), (421, False), (451, False)])
def test_only_an_answer_of_5xx_is_for_good(part: str, code: int, permanent: bool) -> None:
    with server_with({part: f"{code} 4.2.0 because"}) as server:
        failed = failure(server.url)
    assert str(failed) == f"{server.where} answered {code} 4.2.0 because"
    assert failed.permanent is permanent


def test_a_server_that_refuses_everybody_fails_for_now() -> None:
    with server_with({"greeting": "554 no service here"}) as server:
        failed = failure(server.url)
    assert str(failed) == f"{server.where} answered 554 no service here"
    assert not failed.permanent


def test_a_server_may_refuse_one_recipient_and_take_the_next() -> None:
    def knows_asa(line: str) -> str:
        return "250 fine" if "asa.oberg" in line else "550 5.1.1 no such user"

    with server_with({"RCPT": knows_asa}) as server:
        refused = failure(server.url, replace(REMINDER, to_address="bo@umu.se"))
        SmtpChannel.from_url(server.url).deliver(REMINDER)
    assert refused.permanent
    assert str(refused) == f"{server.where} answered 550 5.1.1 no such user"
    assert server.commands().count("DATA") == 1


def test_a_forwarding_server_has_taken_the_mail() -> None:
    with server_with({"RCPT": "251 not here, will forward"}) as server:
        SmtpChannel.from_url(server.url).deliver(REMINDER)
    assert "." in server.heard


@pytest.mark.parametrize("part", ["greeting", "EHLO", "MAIL", "RCPT", "DATA", "text", "."])
def test_a_server_that_hangs_up_fails_for_now(part: str) -> None:
    with server_with({part: HANG_UP}) as server:
        failed = failure(server.url)
    assert str(failed).startswith(f"{server.where} could not be used: ")
    assert not failed.permanent


@pytest.mark.parametrize("part", ["greeting", "EHLO", "MAIL", "RCPT", "DATA", "."])
def test_a_server_that_keeps_silent_is_left_after_the_timeout(part: str) -> None:
    with server_with({part: KEEP_SILENT}) as server:
        failed = failure(server.url, timeout_seconds=0.3)
    assert "timed out" in str(failed)
    assert not failed.permanent


@pytest.mark.parametrize("goodbye", ["500 what?", "421 too late", HANG_UP, KEEP_SILENT])
def test_a_mail_once_taken_is_delivered_however_the_server_parts(goodbye: str) -> None:
    with server_with({"QUIT": goodbye}) as server:
        SmtpChannel.from_url(server.url, timeout_seconds=_patience(goodbye)).deliver(REMINDER)
    assert "." in server.heard


@pytest.mark.parametrize("greeting", ["", "hello", "199 almost", "\0", "x" * 9000])
def test_a_server_that_talks_nonsense_fails_and_nothing_else(greeting: str) -> None:
    with server_with({"greeting": greeting, "EHLO": greeting, "HELO": greeting}) as server:
        failure(server.url, timeout_seconds=0.3)
    assert "MAIL" not in server.commands()


def test_a_port_nobody_listens_on_fails_for_now() -> None:
    with socket.socket() as taken:  # bound, but not listening
        taken.bind(("127.0.0.1", 0))
        failed = failure(f"smtp://127.0.0.1:{taken.getsockname()[1]}")
    assert "refused" in str(failed)
    assert not failed.permanent


def test_a_message_no_mail_can_carry_does_not_reach_the_server() -> None:
    with server_with({}) as server:
        failed = failure(server.url, replace(REMINDER, to_address="nobody"))
    assert failed.permanent
    assert server.heard == []


def test_required_starttls_sends_nothing_without_it() -> None:
    with server_with({}) as server:
        failed = failure(server.url + "?starttls=required")
    assert "STARTTLS" in str(failed)
    assert not failed.permanent
    assert "MAIL" not in server.commands()


def test_a_starttls_that_is_offered_and_then_refused_sends_nothing() -> None:
    offer = "250-played.example\r\n250 STARTTLS"
    with server_with({"EHLO": offer, "STARTTLS": "454 not just now"}) as server:
        failed = failure(server.url)
    assert str(failed) == f"{server.where} answered 454 not just now"
    assert "MAIL" not in server.commands()


def test_a_password_is_not_sent_in_the_clear() -> None:
    with server_with({"EHLO": SIGN_IN_OFFERED}) as server:
        failed = failure(with_password(server.url))
    assert "offers no encryption" in str(failed)
    assert not failed.permanent
    assert not {"AUTH", "MAIL"} & set(server.commands())


def test_a_password_is_sent_in_the_clear_when_told_so() -> None:
    with server_with({"EHLO": SIGN_IN_OFFERED, "AUTH": "235 welcome"}) as server:
        SmtpChannel.from_url(with_password(server.url) + "?starttls=never").deliver(REMINDER)
    assert f"AUTH PLAIN {IN_PLAIN}" in server.heard


@pytest.mark.parametrize("part", ["AUTH", "MAIL", "RCPT", "."])
@pytest.mark.parametrize("secret", [PASSWORD, IN_LOGIN, IN_PLAIN])
def test_a_password_the_server_repeats_is_in_no_error(part: str, secret: str) -> None:
    echo = f"535 5.7.8 {secret} is wrong, {secret}!"
    script = {"EHLO": SIGN_IN_OFFERED, "AUTH": "235 welcome", part: echo}
    with server_with(script) as server:
        failed = failure(with_password(server.url) + "?starttls=never")
    assert secret not in "".join(traceback.format_exception(failed))
    assert str(failed).startswith(f"{server.where} answered 535 ")


def test_a_long_answer_is_cut_and_stands_on_one_line() -> None:
    long_answer = "550-first\r\n550-second\r\n550 " + "x" * 900
    with server_with({"RCPT": long_answer}) as server:
        text = str(failure(server.url))
    assert text.startswith(f"{server.where} answered 550 first second xxx")
    assert len(text) < 300


@pytest.mark.parametrize("challenge", ["334 a", "334 \xe5", "334", "334 ****"])
def test_a_nonsensical_sign_in_fails_for_now(challenge: str) -> None:
    offer = "250-played.example\r\n250 AUTH CRAM-MD5 LOGIN"
    with server_with({"EHLO": offer, "AUTH": challenge}) as server:
        failed = failure(with_password(server.url) + "?starttls=never")
    assert PASSWORD not in str(failed)


def test_a_server_without_sign_in_fails_for_now() -> None:
    with server_with({}) as server:
        failed = failure(with_password(server.url) + "?starttls=never")
    assert "AUTH" in str(failed)
    assert not failed.permanent


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.umu.se", SmtpServer("mail.umu.se", 25)),
        ("SMTP://Mail.umu.se:587/", SmtpServer("mail.umu.se", 587)),
        ("smtp://[::1]:2525", SmtpServer("::1", 2525)),
        ("smtps://mail.umu.se", SmtpServer("mail.umu.se", 465, Encryption.IMPLICIT)),
        ("smtp://h?starttls=offered", SmtpServer("h", 25)),
        ("smtp://h?starttls=required", SmtpServer("h", 25, Encryption.REQUIRED)),
        ("smtp://h?starttls=never", SmtpServer("h", 25, Encryption.NEVER)),
        ("smtp://h?ca=/etc/ca%20one.pem", SmtpServer("h", 25, ca_file="/etc/ca one.pem")),
        ("smtp://u:pw@h:587", SmtpServer("h", 587, user="u", password="pw")),
        ("smtp://u%40umu.se:p%3A%2F%3F%23@h", SmtpServer("h", 25, user="u@umu.se", password="p:/?#")),
    ],
)
def test_a_url_names_the_server_and_how_to_speak_to_it(url: str, server: SmtpServer) -> None:
    assert SmtpServer.from_url(url) == server


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.umu.se:25",
        "http://u:hemligt@mail.umu.se",
        "smtp://",
        "smtp://u:hemligt@",
        "smtp://u:hemligt@h/path",
        "smtp://u:hemligt@h#part",
        "smtp://u:hemligt/x@h",
        "smtp://u:hemligt#x@h",
        "smtp://u:hemligt?x@h",
        "smtp://u:25/hemligt@h",
        "smtp://u:25?hemligt@h",
        "smtp://u:25?hemligt=x@h",
        "smtp://u:hemligt@[h",
        "smtp://u:hemligt@h:hemligt",
        "smtp://u:hemligt@h:99999",
        "smtp://u:hemligt\u2100@h",
        "smtp://u:hemlig%C3%B6hemligt@h",
        "smtp://:hemligt@h",
        "smtp://u@h",
        "smtp://u:hemligt@h?starttls=hemligt",
        "smtp://u:hemligt@h?starttls=implicit",
        "smtp://u:hemligt@h?hemligt=yes",
        "smtps://u:hemligt@h?starttls=required",
    ],
)
def test_an_unclear_url_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ValueError, match="the mail server's URL is not understood") as unclear:
        SmtpChannel.from_url(url)
    assert "hemligt" not in "".join(traceback.format_exception_only(unclear.value))
    assert unclear.value.__suppress_context__ or unclear.value.__context__ is None


def shown_of(url: str) -> str:
    """What there is to read of a URL: of the server it names, or of its refusal."""
    try:
        return repr(SmtpServer.from_url(url))
    except ValueError as unclear:
        return str(unclear)


@given(st.text(st.characters(codec="utf-8"), max_size=20))
@example("/")
@example("?")
@example("\n")
@example("@[")
def test_a_password_written_unencoded_is_never_shown(rest: str) -> None:
    # Only what follows `ca=` would be shown; a password that holds that names a file.
    assume("ca=" not in rest)
    shown = shown_of(f"smtp://user:XYZ{rest}ZYX@mail.umu.se")
    assert "XYZ" not in shown
    assert "ZYX" not in shown


@given(st.text(st.characters(codec="utf-8")))
def test_any_setting_is_understood_or_refused(url: str) -> None:
    for text in (url, f"smtp://{url}", f"smtps://h?{url}"):
        assert re.search(r"^SmtpServer\(host=|is not understood", shown_of(text))


def test_a_channel_shows_no_credentials() -> None:
    channel = SmtpChannel.from_url("smtp://fardplan:hemligt@mail.umu.se:587?starttls=required")
    assert "hemligt" not in repr(channel)
    assert "fardplan" not in repr(channel)
    assert "host='mail.umu.se', port=587" in repr(channel)


def test_a_ca_file_that_is_missing_or_empty_stops_the_start(tmp_path: Path) -> None:
    empty = tmp_path / "empty.pem"
    empty.touch()
    for file in (tmp_path / "missing.pem", empty):
        with pytest.raises(ValueError, match="ca file cannot be read"):
            SmtpChannel.from_url(f"smtps://u:hemligt@mail.umu.se?ca={file}")
