"""Every safeguard there is a test for."""

from __future__ import annotations

from typing import Final

from tests.safeguards.declaring import Safeguard
from tests.safeguards.lists import (
    browsers,
    deadlines,
    doctor,
    doctor_looking,
    histories,
    institutions,
    keys,
    messages,
    outside,
    overload,
    parcels,
    people,
    recovery,
    releases,
    rights,
    room,
    seen,
    silence,
    steps,
    stopping,
    stuck,
    versions,
)

SAFEGUARDS: Final[tuple[Safeguard, ...]] = (
    *versions.SAFEGUARDS,
    *seen.SAFEGUARDS,
    *steps.SAFEGUARDS,
    *deadlines.SAFEGUARDS,
    *stuck.SAFEGUARDS,
    *messages.SAFEGUARDS,
    *histories.SAFEGUARDS,
    *doctor.SAFEGUARDS,
    *doctor_looking.SAFEGUARDS,
    *releases.SAFEGUARDS,
    *recovery.SAFEGUARDS,
    *institutions.SAFEGUARDS,
    *rights.SAFEGUARDS,
    *people.SAFEGUARDS,
    *keys.SAFEGUARDS,
    *outside.SAFEGUARDS,
    *parcels.SAFEGUARDS,
    *silence.SAFEGUARDS,
    *browsers.SAFEGUARDS,
    *overload.SAFEGUARDS,
    *room.SAFEGUARDS,
    *stopping.SAFEGUARDS,
)
"""In the order of the road of a step: what is seen, written, fired, told, read again; by whom; and what comes in."""
