"""Takes a step on the one road, and counts it: for the API and the pages alike."""

from __future__ import annotations

from engine.errors import EngineError
from engine.model import Outcome, Request
from service.compose import House
from service.metrics import Metrics


def step(house: House, metrics: Metrics, asked: Request) -> Outcome:
    """Take one step. Raises what `Cases.step` raises."""
    try:
        outcome = house.cases.step(asked)
    except EngineError as error:
        metrics.refused(asked, error)
        raise
    metrics.stepped(asked, outcome)
    return outcome
