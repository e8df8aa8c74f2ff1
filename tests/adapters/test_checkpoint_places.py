"""Places for checkpoints that fail: the others get theirs, once, and it is told."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import pytest

from adapters.checkpoints import MailPlace, WebhookPlace
from engine.errors import DeliveryFailed
from engine.ports import Checkpoint, Message

DAY = 24 * 60 * 60 * 1_000_000
TO = ("first@umu.se", "gone@umu.se", "last@umu.se")


class OneIsGone:
    """A mail server that refuses one address for as long as it is said to be gone."""

    name = "one is gone"

    def __init__(self) -> None:
        self.gone = "gone@umu.se"
        self.sent: list[str] = []

    def deliver(self, message: Message) -> None:
        if message.to_address == self.gone:
            raise DeliveryFailed("no such address", permanent=True)
        self.sent.append(message.to_address)

    def opened(self) -> AbstractContextManager[OneIsGone]:
        return nullcontext(self)


def at(instant: int) -> Checkpoint:
    return Checkpoint("umu.se/fardplan", 1, b"", "note", instant)


def test_an_auditor_whose_address_is_gone_neither_keeps_mails_from_others_nor_doubles_them() -> None:
    mails = OneIsGone()
    place = MailPlace(mails, TO, "fardplan@umu.se", "umu.se")
    for minute in range(5):
        with pytest.raises(DeliveryFailed, match="no such address"):
            place.publish(at(DAY + minute * 60_000_000))
    assert mails.sent == ["first@umu.se", "last@umu.se"]
    with pytest.raises(DeliveryFailed):
        place.publish(at(2 * DAY))
    assert mails.sent == ["first@umu.se", "last@umu.se"] * 2
    mails.gone = ""
    place.publish(at(2 * DAY + 1))
    assert mails.sent[4:] == ["gone@umu.se"]
    # All have one: when the next is due is told by whoever publishes.
    place.publish(at(2 * DAY + 2))
    assert mails.sent[5:] == list(TO)


@pytest.mark.parametrize("host", ["x..se", "a" * 70 + ".se", "127.0.0.1:abc"])
def test_a_web_address_that_leads_nowhere_is_a_failed_delivery(host: str) -> None:
    with pytest.raises(DeliveryFailed, match="could not be reached"):
        WebhookPlace(f"http://{host}/", patience_seconds=1).publish(at(0))


def test_a_web_address_with_other_letters_is_refused_at_the_start_without_its_words() -> None:
    with pytest.raises(ValueError, match="write it as %XX") as caught:
        WebhookPlace("https://x.se/hemligå")
    assert "heml" not in str(caught.value)
