"""Where checkpoints are put: a folder that never contradicts itself, mails, and a web address."""

from __future__ import annotations

import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from adapters.checkpoints import FolderPlace, MailPlace, WebhookPlace, add_key, read_key_file
from adapters.memory import MemoryChannel
from engine.errors import DeliveryFailed, SealFailed
from engine.ports import Checkpoint
from tests.ports import kept_port

ROOT = bytes(range(32))


def signed(size: int, root: bytes = ROOT) -> Checkpoint:
    note = f"x.se/fardplan\n{size}\n{b64encode(root).decode()}\n\n— x.se/fardplan AAAA\n"
    return Checkpoint("x.se/fardplan", size, root, note, at=1_800_000_000_000_000)


# The folder.


@pytest.fixture
def folder(tmp_path: Path) -> FolderPlace:
    return FolderPlace(tmp_path / "audit", lambda: "x.se/fardplan+00000000+KEY")


def test_the_folder_holds_checkpoints_and_the_public_key_and_nothing_else(folder: FolderPlace) -> None:
    for size in (3, 12):
        folder.publish(signed(size))
    held = {each.name: each.read_text(encoding="utf-8") for each in folder.path.iterdir()}
    assert held == {
        "audit-key.pub": "x.se/fardplan+00000000+KEY\n",
        "checkpoint-3.txt": signed(3).note,
        "checkpoint-12.txt": signed(12).note,
    }
    assert {each.stat().st_mode & 0o777 for each in folder.path.iterdir()} == {0o644}


def test_the_newest_checkpoint_is_the_one_over_most_events(folder: FolderPlace) -> None:
    assert folder.newest() is None
    for size in (12, 3, 100, 20):
        folder.publish(signed(size))
    (folder.path / "checkpoint-7000.txt.part").write_text("a draft")
    found = folder.newest()
    assert found is not None
    assert (found.size, found.root, found.note) == (100, ROOT, signed(100).note)


def test_the_same_checkpoint_may_come_again_and_another_of_its_size_may_not(folder: FolderPlace) -> None:
    folder.publish(signed(3))
    folder.publish(signed(3))
    with pytest.raises(DeliveryFailed, match="another checkpoint of 3 events") as raised:
        folder.publish(signed(3, bytes(32)))
    assert raised.value.permanent
    assert (folder.path / "checkpoint-3.txt").read_text(encoding="utf-8") == signed(3).note


def test_a_folder_that_cannot_be_written_or_read_is_said_to_be_so(tmp_path: Path) -> None:
    (tmp_path / "audit").write_text("a file stands here")
    with pytest.raises(DeliveryFailed, match="checkpoint folder"):
        FolderPlace(tmp_path / "audit", lambda: "KEY").publish(signed(1))
    with pytest.raises(DeliveryFailed, match="cannot be read"):
        FolderPlace(tmp_path / "audit", lambda: "KEY").newest()


def test_a_key_that_cannot_be_read_is_a_failed_delivery(tmp_path: Path) -> None:
    def no_key() -> str:
        raise SealFailed("no key")

    with pytest.raises(DeliveryFailed):
        FolderPlace(tmp_path, no_key).publish(signed(1))


def test_a_spoilt_checkpoint_in_the_folder_is_said_to_be_so(folder: FolderPlace) -> None:
    folder.publish(signed(3))
    (folder.path / "checkpoint-4.txt").write_text("nonsense")
    with pytest.raises(DeliveryFailed, match="cannot be read"):
        folder.newest()


def test_public_keys_stand_one_a_line_and_the_newest_last(tmp_path: Path) -> None:
    for line in ("old", "new", "old"):
        add_key(tmp_path, line)
    assert read_key_file(tmp_path) == "old\nnew\n"
    assert read_key_file(tmp_path / "nowhere") is None


# Mail.


def test_each_auditor_gets_the_note_by_mail_and_the_same_key_again() -> None:
    channel = MemoryChannel()
    place = MailPlace(channel, ("a@x.se", "b@x.se"), "fardplan@x.se", "x.se")
    place.publish(signed(3))
    place.publish(signed(3))
    assert [message.to_address for message in channel.messages] == ["a@x.se", "b@x.se"] * 2
    assert len({message.key for message in channel.messages}) == 2
    assert all(message.text.endswith(signed(3).note) for message in channel.messages)
    assert (place.pause_seconds, place.newest()) == (86_400, None)


def test_a_mail_that_is_not_delivered_is_a_failed_delivery() -> None:
    channel = MemoryChannel()
    channel.fail_next()
    with pytest.raises(DeliveryFailed):
        MailPlace(channel, ("a@x.se",), "fardplan@x.se", "x.se").publish(signed(3))


# A web address.


@dataclass
class Receiver:
    """A web server on the loopback that keeps what is posted to it."""

    url: str = ""
    status: int = 204
    answers: threading.Event = field(default_factory=threading.Event)
    got: list[tuple[str, str, bytes]] = field(default_factory=list)


@contextmanager
def receiving(receiver: Receiver, *, silent: bool = False) -> Iterator[Receiver]:
    if not silent:
        receiver.answers.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.got.append((self.path, self.headers["Content-Type"], body))
            receiver.answers.wait(60)
            self.send_response(receiver.status)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST  # noqa: N815 - the server looks for this name

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/in?token=secret"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.answers.set()
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_checkpoint_is_posted_as_text() -> None:
    with receiving(Receiver()) as receiver:
        WebhookPlace(receiver.url).publish(signed(3))
    assert receiver.got == [("/in?token=secret", "text/plain; charset=utf-8", signed(3).note.encode())]


@pytest.mark.parametrize("status", [302, 307, 403, 500])
def test_any_other_answer_is_a_failed_delivery_and_no_redirect_is_followed(status: int) -> None:
    with receiving(Receiver(status=status)) as receiver:
        with pytest.raises(DeliveryFailed, match=str(status)) as raised:
            WebhookPlace(receiver.url).publish(signed(3))
        assert "secret" not in str(raised.value)
    assert len(receiver.got) == 1


def test_an_answer_that_does_not_come_is_not_waited_for() -> None:
    with receiving(Receiver(), silent=True) as receiver, pytest.raises(DeliveryFailed, match="could not be reached"):
        WebhookPlace(receiver.url, patience_seconds=0.1).publish(signed(3))


def test_an_address_nobody_listens_at_is_a_failed_delivery() -> None:
    with kept_port() as port, pytest.raises(DeliveryFailed, match="could not be reached"):
        WebhookPlace(f"http://127.0.0.1:{port}/").publish(signed(3))


@pytest.mark.parametrize("url", ["", "ftp://x.se/secret", "file:///etc/passwd", "https://", "x.se/secret"])
def test_what_is_no_web_address_is_refused_without_being_named(url: str) -> None:
    with pytest.raises(ValueError, match="must begin with http") as raised:
        WebhookPlace(url)
    assert "secret" not in str(raised.value)
