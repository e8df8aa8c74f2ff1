"""Tries steps and undoes them all: the very road of the steps, in one transaction that is rolled back."""

from __future__ import annotations

from collections.abc import Sequence

from engine.cases import Cases
from engine.errors import Refused
from engine.model import Outcome, Request
from engine.store.ledger import Ledger
from engine.store.store import begin


class _Undo(Exception):
    """Leaves the transaction without a commit."""


def dry_run(cases: Cases, requests: Sequence[Request]) -> tuple[Outcome | Refused, ...]:
    """What each step would lead to, the earlier ones having been taken. Nothing is changed.

    Raises Busy. Numbers of cases opened are not given away: their series is rolled back too.
    """
    found: list[Outcome | Refused] = []
    try:
        with cases.store.writes() as connection:
            # The transaction must have begun before the first savepoint, or that would commit.
            begin(connection)
            ledger = cases.store.ledger_on(connection)
            found += [_tried(cases, ledger, request) for request in requests]
            raise _Undo  # noqa: TRY301 - leaving by an error is what undoes a transaction
    except _Undo:
        return tuple(found)


def _tried(cases: Cases, ledger: Ledger, request: Request) -> Outcome | Refused:
    try:
        return cases.step_in(ledger, request)
    except Refused as refused:
        return refused
