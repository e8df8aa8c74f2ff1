"""How a process of Färdplan begins, before it reads in the rest of the house."""

from __future__ import annotations

import ctypes
import gc
import os
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import FastAPI

YOUNG: Final = 10_000
"""After so many new objects Python looks for rings among them.

A start makes 400,000, half of which stay. With Python's own 700, looking through them again and
again takes a fifth of the start (2.7 s of processor time against 2.2, in the same memory); with
50,000 or 100,000 nothing more is won.
"""

POOLS: Final = 2
"""From so many pools the threads of a process take their memory.

glibc gives each of some twenty threads one of its own (eight a processor at most), and each keeps the most its
thread ever needed. Threads that run one at a time, as Python's do, hardly wait for each other at two.
"""

_OLD: Final = 2
"""The generation of Python's collector that holds what has stayed longest."""

_M_ARENA_MAX: Final = -8
"""As mallopt(3) knows it."""


def begin() -> None:
    """Set this process up for a start, before it has threads."""
    gc.set_threshold(YOUNG)
    with suppress(AttributeError):  # another C library than glibc has neither call
        library = ctypes.CDLL(None)
        if "MALLOC_ARENA_MAX" not in os.environ:  # whoever runs it may have chosen otherwise
            library.mallopt(_M_ARENA_MAX, POOLS)
        gc.callbacks.append(giving_back(library.malloc_trim))


def giving_back(trim: Callable[[int], object]) -> Callable[[str, dict[str, int]], None]:
    """What gives the system back, after each full look for garbage, the memory that lies free.

    Between what stays, glibc keeps what went: under load 6 MiB after a minute and 12 after seven,
    of which 1 to 3 go back each time; of one large piece of work nearly all goes back.
    """

    def told(phase: str, found: dict[str, int]) -> None:
        if phase == "stop" and found["generation"] == _OLD:
            trim(0)

    return told


def application() -> FastAPI:
    """Make the application in one of several processes, as uvicorn asks for it."""
    begin()
    made: FastAPI = import_module("service.asgi").application()
    return made
