"""The whole cast of the journeys, for reports about what they did."""

from __future__ import annotations

from tests.journeys.conftest import desk, office, processes

__all__ = ["desk", "office", "processes"]
