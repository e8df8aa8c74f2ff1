"""A watch that gives up what takes longer than a tenth of a second."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from engine import ending


@contextmanager
def impatient() -> Iterator[ending._Watch]:
    """Decide under such a watch, which nobody looks for yet.

    Its own, as the thread that looks for the process's may be asleep for as long as `EVERY` was before.
    """
    watch = ending._Watch()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"_watch": watch, "MOST": 0.1, "EVERY": 0.05, "LINGERS": 2}.items():
            patch.setattr(ending, name, value)
        # To look through all the tests have in memory takes longer than that, and counts as the decision's own time.
        gc.disable()
        try:
            yield watch
        finally:
            gc.enable()
        until = time.monotonic() + 60
        while watch._looking:
            assert time.monotonic() < until
            time.sleep(0.05)
