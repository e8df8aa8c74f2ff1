"""What the engine needs of the world, one small Protocol each.

Time, identifiers and chance are ports as well, so that a test, a replay or a
simulation can hold them still.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the instant it is, aware and in UTC."""

    def now(self) -> datetime: ...


class Ids(Protocol):
    """Draws identifiers: UUIDv7 (RFC 9562 section 5.7) as 36 characters, rising with time."""

    def new(self, now: datetime) -> str: ...


class Nonces(Protocol):
    """Draws 16 unguessable bytes that blind the commitment to an event's detail."""

    def new(self) -> bytes: ...


class Jitter(Protocol):
    """Draws a factor in [0, 1) by which pauses between attempts are spread."""

    def draw(self) -> float: ...


class Seams(Protocol):
    """Named places on the road of a step where a fault can be put in by a test.

    Names in use: `before_commit`, `after_commit`, `before_delivery`, `after_delivery`.
    In production nothing stands there.
    """

    def pass_by(self, name: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one address, ready to send.

    `key` is the outbox row's key (36 characters); it travels as the Message-ID so
    that the receiver can drop a double. `language` is a BCP 47 tag ("sv" or "en").
    """

    key: str
    institution: str
    to_name: str
    to_address: str
    from_name: str
    from_address: str
    subject: str
    text: str
    language: str
    written_at: datetime


class Line(Protocol):
    """Takes messages one after the other. May be called again with the same key.

    Raises `engine.errors.DeliveryFailed` and nothing else when it could not.
    """

    def deliver(self, message: Message) -> None: ...


class Channel(Line, Protocol):
    """Carries messages out of the house, each by itself or many over one line.

    What has been delivered when a line is closed, or breaks, stays delivered.
    """

    name: str

    def opened(self) -> AbstractContextManager[Line]:
        """A line for many messages, one after the other. Raises nothing: a fault is told at a message."""
        ...


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What was signed of a log: its first `size` events have the tree root `root` (32 bytes).

    `note` is the whole signed note (C2SP tlog-checkpoint): origin, size and root in its
    text. `at` is when it was made, in UTC microseconds; None where only the note is known.
    """

    origin: str
    size: int
    root: bytes
    note: str
    at: int | None = None


class Signer(Protocol):
    """Signs texts as signed notes (C2SP signed-note), under one name, which is the log's origin.

    `ready` says whether there is a key. `sign` takes a text of whole lines and gives the
    note; it raises `engine.errors.SealFailed` without a key that can be used.
    """

    @property
    def name(self) -> str: ...

    def ready(self) -> bool: ...

    def sign(self, text: str) -> str: ...


class Place(Protocol):
    """A place outside the database where checkpoints are put. May be called again with the same one.

    A place with `pause_seconds` gets the newest checkpoint, and no sooner than that after
    the last; one without gets each. `newest` is the greatest it still holds, its `note`
    unread; None where it keeps nothing. Both raise `engine.errors.DeliveryFailed` and
    nothing else.
    """

    @property
    def name(self) -> str: ...

    @property
    def pause_seconds(self) -> int: ...

    def publish(self, checkpoint: Checkpoint) -> None: ...

    def newest(self) -> Checkpoint | None: ...
