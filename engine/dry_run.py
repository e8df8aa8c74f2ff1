"""Tries steps and undoes them all: the very road of the steps, in one transaction that is rolled back."""

from __future__ import annotations

from collections.abc import Sequence

from engine.batching import without_faults
from engine.cases import Cases
from engine.errors import Refused
from engine.model import Outcome, Request
from engine.store.store import begin


def dry_run(cases: Cases, requests: Sequence[Request]) -> tuple[Outcome | Refused, ...]:
    """What each step would lead to, the earlier ones having been taken. Nothing is changed.

    Raises Busy. Numbers of cases opened are not given away: their series is rolled back too.
    """
    with cases.store.writes(undo=True) as connection:
        # The transaction must have begun before the first savepoint, or that would commit.
        begin(connection)
        return tuple(without_faults(cases.steps_in(cases.store.ledger_on(connection), requests)))
