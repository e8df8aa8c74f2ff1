"""What a serving process looks at when it looks for garbage: what came since it started, young or old."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from service.asgi import settle

OFTEN = (100, 5, 5)
"""Python is asked to look through the old, too, after some 3,600 objects."""
SOME = 15_000
"""Four times as many; of what a process has loaded it is not a quarter."""


class Ring:
    """Refers to itself, as much does that a page is made of."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def _settled() -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(*OFTEN)
    settle()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


def test_what_a_process_has_loaded_is_passed_by() -> None:
    assert gc.get_freeze_count() > 4 * SOME


def test_a_ring_that_has_grown_old_is_found_before_much_has_come() -> None:
    ring = Ring()
    seen = weakref.ref(ring)
    gc.collect(0)
    gc.collect(1)
    del ring
    assert seen() is not None
    kept: list[list[int]] = [[] for _ in range(SOME)]
    assert (len(kept), seen()) == (SOME, None)
