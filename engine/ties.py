"""How cases are tied: by links of their own, and by relations through which they are found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from engine.definition import Definition
from engine.vocabulary import Link, Related, Workflow

Versions: TypeAlias = Mapping[str, tuple[Definition, ...]]
"""All definitions of each workflow: a case met may be under any of them."""


def versions_of(definitions: Iterable[Definition]) -> Versions:
    """Sort definitions by the name of their workflow."""
    found: dict[str, tuple[Definition, ...]] = {}
    for definition in definitions:
        found[definition.name] = (*found.get(definition.name, ()), definition)
    return found


def ties(workflow: Workflow) -> tuple[Link | Related, ...]:
    """Give a workflow's links and relations; guards and follow-ups look them up together."""
    return (*workflow.links, *workflow.related)


def towards(workflow: Workflow, along: str) -> tuple[str, ...]:
    """Name the workflow a link or relation leads to; none where it is not declared."""
    return tuple(tie.workflow for tie in ties(workflow) if tie.name == along)
