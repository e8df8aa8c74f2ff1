"""Tries steps and undoes them all: the very road of the steps, in one transaction that is rolled back."""

from __future__ import annotations

from collections.abc import Sequence

from engine.batching import Result
from engine.cases import Cases
from engine.errors import Refused
from engine.model import Outcome, Request
from engine.store.store import begin


class _Undo(Exception):
    """Leaves the transaction without a commit."""


def dry_run(cases: Cases, requests: Sequence[Request]) -> tuple[Outcome | Refused, ...]:
    """What each step would lead to, the earlier ones having been taken. Nothing is changed.

    Raises Busy. Numbers of cases opened are not given away: their series is rolled back too.
    """
    found: list[Result] = []
    try:
        with cases.store.writes() as connection:
            # The transaction must have begun before the first savepoint, or that would commit.
            begin(connection)
            found += cases.steps_in(cases.store.ledger_on(connection), requests)
            raise _Undo  # noqa: TRY301 - leaving by an error is what undoes a transaction
    except _Undo:
        pass
    fault = next((each for each in found if not isinstance(each, Outcome | Refused)), None)
    if fault is not None:
        raise fault
    return tuple(each for each in found if isinstance(each, Outcome | Refused))
