"""Finds the case a page's address names."""

from __future__ import annotations

from typing import Final

from engine.decide import NOT_FOUND
from engine.errors import CaseNotFound
from service.pages.visiting import Visit
from service.sent import is_text

LONGEST: Final = 60
"""No number of a case is longer."""


def case_numbered(visit: Visit, number: str) -> str:
    """The id of the case of this number, if the reader may read it. Raises CaseNotFound."""
    if len(number) > LONGEST or not is_text(number):
        raise CaseNotFound(NOT_FOUND)
    return visit.house.queries.numbered(visit.institution, visit.person, number)
