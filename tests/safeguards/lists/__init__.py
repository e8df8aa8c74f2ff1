"""Every safeguard there is a test for."""

from __future__ import annotations

from typing import Final

from tests.safeguards.declaring import Safeguard
from tests.safeguards.lists import (
    deadlines,
    histories,
    institutions,
    messages,
    outside,
    people,
    rights,
    steps,
    versions,
)

SAFEGUARDS: Final[tuple[Safeguard, ...]] = (
    *versions.SAFEGUARDS,
    *steps.SAFEGUARDS,
    *deadlines.SAFEGUARDS,
    *messages.SAFEGUARDS,
    *histories.SAFEGUARDS,
    *institutions.SAFEGUARDS,
    *rights.SAFEGUARDS,
    *people.SAFEGUARDS,
    *outside.SAFEGUARDS,
)
"""In the order of the road of a step: what is seen, written, fired, told, read again; by whom; and what comes in."""
