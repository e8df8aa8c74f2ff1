"""Channels that keep what they are given, for tests and simulations."""

from __future__ import annotations

from collections import deque
from contextlib import AbstractContextManager, nullcontext

from adapters.mail import compose
from engine.errors import DeliveryFailed
from engine.ports import Message


class MemoryChannel:
    """Keeps each delivered message in `messages`, in the order of delivery.

    A message delivered twice stands there twice, so that doubles can be counted. What no
    mail can carry is refused as the other channels refuse it.
    """

    name = "memory"

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self._failures: deque[DeliveryFailed] = deque()

    def fail_next(self, count: int = 1, *, permanent: bool = False, text: str = "the channel is down") -> None:
        """Makes the next `count` deliveries fail, after those already asked to."""
        self._failures.extend(DeliveryFailed(text, permanent=permanent) for _ in range(count))

    def deliver(self, message: Message) -> None:
        compose(message)
        if self._failures:
            raise self._failures.popleft()
        self.messages.append(message)

    def opened(self) -> AbstractContextManager[MemoryChannel]:
        return nullcontext(self)
