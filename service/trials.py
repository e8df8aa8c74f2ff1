"""Trials of many steps at once, of which one person has few under way at a time."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from engine.errors import Busy
from engine.tokens import Caller

MOST: Final = 2
"""How many trials one person has under way in one process."""


class Trials:
    """Counts what each person has under way.

    A trial takes up to 500 steps in one transaction that is undone, and on SQLite nobody else writes meanwhile. Whoever
    asks for many at once would keep all others waiting for as long as they last (CWE-770).
    """

    def __init__(self) -> None:
        self._under_way: Counter[Caller] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def one_of(self, caller: Caller) -> Iterator[None]:
        """While one of theirs lasts. Raises Busy where they have so many already."""
        with self._lock:
            if self._under_way[caller] >= MOST:
                raise Busy
            self._under_way[caller] += 1
        try:
            yield
        finally:
            with self._lock:
                self._under_way -= Counter((caller,))  # of whom there is nothing left, nothing is kept
