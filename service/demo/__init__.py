"""The demo office: a believable year at Umeå University, with its real partners and numbers."""

from __future__ import annotations

from service.demo.again import welcome_back
from service.demo.office import NotEmpty, NoTestClock, is_empty, open_office
from service.demo.welcome import Office

__all__ = ["NoTestClock", "NotEmpty", "Office", "is_empty", "open_office", "welcome_back"]
