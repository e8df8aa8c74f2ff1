"""Finds every fault of a declared workflow, each as "where: what", with what to do about it.

A check is a small function from the workflow to the faults it finds. None relies on another
having found nothing, so that one look at a file shows all that is wrong with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Final, TypeAlias

from engine import proofs
from engine.checks.deadlines import DEADLINE_CHECKS
from engine.checks.dossier import DOSSIER_CHECKS
from engine.checks.facts import FACT_CHECKS
from engine.checks.graph import GRAPH_CHECKS
from engine.checks.milestones import MILESTONE_CHECKS
from engine.checks.names import NAME_CHECKS
from engine.checks.people import PEOPLE_CHECKS
from engine.checks.steps import STEP_CHECKS
from engine.checks.words import WORD_CHECKS
from engine.vocabulary import Workflow

Check: TypeAlias = Callable[[Workflow], Iterator[str]]

CHECKS: Final[tuple[Check, ...]] = (
    *NAME_CHECKS,
    *GRAPH_CHECKS,
    *PEOPLE_CHECKS,
    *STEP_CHECKS,
    *DEADLINE_CHECKS,
    *FACT_CHECKS,
    *WORD_CHECKS,
    *MILESTONE_CHECKS,
    *DOSSIER_CHECKS,
)


def problems(workflow: Workflow) -> tuple[str, ...]:
    """List every fault of a workflow, none twice; empty where it may load.

    Rules are proved only over a graph that is whole: a path over a state that is not
    declared proves nothing.
    """
    found = tuple(dict.fromkeys(chain.from_iterable(check(workflow) for check in CHECKS)))
    return found or tuple(proofs.broken_rules(workflow))
