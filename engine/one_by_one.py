"""One ask put to many cases, each a step of its own; or only tried. What stops one stops no other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.batching import without_faults
from engine.cases import Cases
from engine.dry_run import dry_run
from engine.errors import Refused, StaleCase
from engine.model import Case, Erase, Migrate, Outcome, Request
from engine.parts import in_parts
from engine.store.keeping_rows import CaseLine

AT_ONCE = 50
"""How many cases are done, or tried, in one transaction, which others wait for on SQLite."""

Told = Callable[[int, int], None]
"""Is told how much is done, of how much."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one case: `after` where it was done or would be, `refused` where not.

    With neither the case was as asked already.
    """

    line: CaseLine
    after: Case | None = None
    refused: Refused | None = None


def ask_each(
    cases: Cases,
    institution: str,
    lines: Sequence[CaseLine],
    ask: Erase | Migrate,
    *,
    by: str,
    only_try: bool = False,
    told: Told | None = None,
) -> list[Result]:
    """Put the ask to each case, in this order. Raises Busy; what was done by then stays done."""
    results: list[Result] = []
    for some in in_parts(lines, AT_ONCE):
        requests = [Request(institution, ask, by, case=line.id) for line in some]
        outcomes = dry_run(cases, requests) if only_try else without_faults(cases.steps(requests))
        results += [_result(line, outcome) for line, outcome in zip(some, outcomes, strict=True)]
        if told is not None:
            told(len(results), len(lines))
    return results


def _result(line: CaseLine, outcome: Outcome | Refused) -> Result:
    if isinstance(outcome, StaleCase):
        return Result(line)
    if isinstance(outcome, Refused):
        return Result(line, refused=outcome)
    return Result(line, after=outcome.case)
