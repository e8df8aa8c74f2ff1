"""Lives that once found something, played again with every `make test`.

A seed plays another life once the simulation itself draws otherwise; so what an entry
found has a test of its own besides, and the entry may go when it no longer comes by there.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Found(NamedTuple):
    """A life, and what it found."""

    seed: int
    steps: int
    what: str


KEPT: Final[tuple[Found, ...]] = (
    Found(4, 50, "places are given and carried over in one commit, more than there are, as they may be"),
    Found(3, 600, "a database that is gone amid a tick puts no rung off as the fault of its case"),
    Found(10794, 165, "the simulation itself: in a group to which nobody came somebody led for ever"),
    Found(12114, 165, "the simulation itself: of nobody one was to come twice"),
)
