"""Replays every case of a database that may have been tampered with: what cannot even be read is named, too.

The tree over the events is checked by `engine.seal_checks`, a workflow file by `engine.checks`,
the rules of a process on its histories by `engine.declare.checking`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.chains import Wrong
from engine.replay import Replay, Verdict

AT_ONCE: Final = 256


def every_case(replaying: Replay, institution: str) -> Iterator[Verdict]:
    """The verdict on each case, in the order they were opened."""
    ids = list(replaying.cases(institution))
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        try:
            yield from list(replaying.these(institution, some))
        except Exception:  # noqa: BLE001 - a row that cannot be read stops those read with it; each is then tried alone
            yield from (_alone(replaying, institution, case) for case in some)


def _alone(replaying: Replay, institution: str, case: str) -> Verdict:
    try:
        return replaying.case(institution, case)
    except Exception as error:  # noqa: BLE001 - whatever was written into a row, the case it stands in is named
        what = f"its rows, or those of a case it is linked to, cannot be read: {type(error).__name__}: {error}"
        return Verdict(case, "", 0, 0, Wrong(0, what[:500]))
