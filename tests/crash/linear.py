"""Linearizability of what clients saw, from their own records: everything happened as if one after the other.

Of a case the version gives the order, so that a look at each call is enough: whatever ended before
another began must come before it (Wing and Gong 1993, made easy by a register that tells its version).
Of the places under an agreement it is asked how many could have been taken, and how many surely were.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate

from tests.crash.asking import Call


def out_of_order(calls: Iterable[Call], versions: Mapping[str, int]) -> Iterator[str]:
    """What cannot have happened one after the other. `versions` are those the cases have in the end."""
    by_case: dict[str, list[Call]] = defaultdict(list)
    for call in calls:
        by_case[call.case].append(call)
    for case, own in by_case.items():
        yield from _of_one_case(own, versions.get(case, 0))


def _of_one_case(calls: Sequence[Call], last: int) -> Iterator[str]:
    """A write stands at its version, a read between its version and the next."""
    at: dict[int, list[Call]] = defaultdict(list)
    for call in calls:
        if call.version is not None:
            at[2 * call.version + (call.what == "read")].append(call)
            if call.what == "wrote" and call.version != (call.expected or 0) + 1:
                yield f"taken in another version than asked for: {call}"
    latest: Call | None = None
    for place in range(2, 2 * max(last, max(at, default=0)) + 2):
        here = at.get(place, ())
        if place % 2 == 0 and len(here) > 1:
            yield f"several were told they wrote version {place // 2}: {here}"
        for call in here:
            if latest is not None and call.ended < latest.began:
                yield f"ended before one began that it comes after: {call}, {latest}"
        latest = max((*here, *([latest] if latest else [])), key=lambda call: call.began, default=None)
    yield from _stale(calls, {place // 2: here[0] for place, here in at.items() if place % 2 == 0}, last)


def _stale(calls: Sequence[Call], wrote: Mapping[int, Call], last: int) -> Iterator[str]:
    """Whoever was told that somebody was faster: somebody was, by then."""
    for call in calls:
        if call.what != "stale":
            continue
        faster = (call.expected or 0) + 1
        # Without a call of that version it was the clock, or somebody whose answer was lost.
        if faster > last or (faster in wrote and wrote[faster].began > call.ended):
            yield f"told that somebody was faster, and nobody was: {call}"


def misgiven(calls: Sequence[Call], places: int) -> Iterator[str]:
    """Places given above what there are, and places refused while one was free for the whole call.

    A place is given by a call "wrote" with the trigger `offer`, and freed by one with `withdraw`.
    """
    given = [call for call in calls if call.trigger == "offer" and call.what in {"wrote", "unknown"}]
    freed = [call for call in calls if call.trigger == "withdraw" and call.what in {"wrote", "unknown"}]
    sure = [(call.ended, 1) for call in given if call.what == "wrote"] + [(call.began, -1) for call in freed]
    # At one instant what frees comes first here, for nothing is sure that may have ended.
    for held in accumulate(step for _, step in sorted(sure)):
        if held > places:
            yield f"{held} hold a place at once where there are {places}"
    could = [(call.began, 1) for call in given] + [(call.ended, -1) for call in freed if call.what == "wrote"]
    could.sort(key=lambda change: (change[0], -change[1]))
    instants = [at for at, _ in could]
    held_after = [0, *accumulate(step for _, step in could)]
    for call in calls:
        if call.what == "full":
            window = held_after[bisect_left(instants, call.began) : bisect_right(instants, call.ended) + 1]
            if max(window) < places:
                yield f"refused a place though one of {places} was free all the while: {call}"
