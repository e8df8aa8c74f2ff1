"""`python -m tests.crash.node SECONDS COMMAND…`: Färdplan on a machine whose clock is so many seconds wrong."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta

from engine.testclock import TestClock
from service.cli import main


def set_wrong(off: timedelta) -> None:
    """Let this process believe another time than the one all share."""
    right = TestClock.now

    def wrong(self: TestClock) -> datetime:
        return right(self) + off

    TestClock.now = wrong  # type: ignore[method-assign]  # the machine's clock is wrong, not the house's


if __name__ == "__main__":
    seconds = int(sys.argv.pop(1))
    if seconds:
        set_wrong(timedelta(seconds=seconds))
    main()
