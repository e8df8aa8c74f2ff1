"""Takes steps on the one road, and counts them: for the API and the pages alike."""

from __future__ import annotations

from collections.abc import Sequence

from engine.batching import Result
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


def steps(house: House, metrics: Metrics, asked: Sequence[Request]) -> list[Result]:
    """Take many steps in this order; a result for each. Raises what `Cases.steps` raises."""
    results = house.cases.steps(asked)
    for request, result in zip(asked, results, strict=True):
        if isinstance(result, Outcome):
            metrics.stepped(request, result)
        elif isinstance(result, EngineError):
            metrics.refused(request, result)
    return results
