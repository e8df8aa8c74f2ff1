"""What is planned for one student's exchange, and what is the same in all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from service.demo.agreements import Concluded
from service.demo.year import Intake

FREE: dict[str, Any] = {"no_conflict_of_interest": True}
CHOICE = [{"name": "Course at the host I", "ects": "15"}, {"name": "Course at the host II", "ects": "15"}]
PRESENTED: dict[str, Any] = {"presented_by": "Studievägledare", **FREE}


@dataclass(frozen=True, slots=True)
class Plan:
    """One student's exchange: under which agreement, from which unit, in which round, and how it goes.

    `other` is an agreement with a place left, where this one does not come off.
    """

    under: Concluded
    unit: str
    intake: Intake
    how: str
    other: Concluded
