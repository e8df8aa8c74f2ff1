"""A soak of a few seconds, all parts of it, so that the long one is known to run."""

from __future__ import annotations

import random
from pathlib import Path

from tests.soak.measuring import Plan
from tests.soak.running import run

SHORT = Plan(seconds=12.0, fill=1.0, top=2.0, quiet=0.5, calm=1.0, sample=0.2, gentle=0.4, hard=1.5, lies=3)
"""Too short to tell what grows: what idles takes ten seconds to go. A window is two seconds, for a busy machine."""


def test_a_few_seconds_break_no_promise(tmp_path: Path) -> None:
    measured, tally = run("sqlite", tmp_path, plan=SHORT, chance=random.Random(1))

    assert tally.wrong == []
    assert measured.top > 0
    assert tally.seen["mails"] > 0
    assert {line.measure for line in measured.lines} >= {
        "serve: RSS",
        "worker: threads, at least",
        "quiet: connections",
    }
    assert len(tally.struck) > 3
