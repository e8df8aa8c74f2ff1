"""The audit folder: every paper names facts, steps, states and links that there are, and can be found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.vocabulary import Paper, Workflow


def named_rightly(workflow: Workflow) -> Iterator[str]:
    """Find papers about facts, steps, states or links that are not declared, and names given twice."""
    folder = workflow.dossier
    if folder is None:
        return
    names = [paper.name for paper in folder.papers]
    yield from (f"paper {name}: declared twice; name it once" for name in sorted({*names}) if names.count(name) > 1)
    steps, links = {step.trigger for step in workflow.transitions}, {link.name for link in workflow.links}
    known = {*workflow.facts.model_fields}
    for paper in folder.papers:
        yield from _of(paper, known, steps, links, {state.name for state in workflow.states})
    for name in sorted({*folder.decisions} - steps):
        yield f"dossier: names the decision {name}, which is no step; name one of transitions"
    call = folder.call
    if call is None:
        return
    if call.link not in links:
        yield f"dossier, call: looks along {call.link}, which is no link; declare it in links"
    for name in sorted({*call.facts, *call.ranks} - known):
        yield f"dossier, call: {name} is not a fact; name a field of {workflow.facts.__name__}"
    if call.ranked_by is not None and call.ranked_by not in steps:
        yield f"dossier, call: names the step {call.ranked_by}, which is not declared; name one of transitions"


def _of(paper: Paper, known: set[str], steps: set[str], links: set[str], states: set[str]) -> Iterator[str]:
    where = f"paper {paper.name}"
    # What a linked case knows is checked by nobody here: it is another process.
    named = {*paper.needs, *paper.shows, *paper.dated, *(name for group in paper.either for name in group)}
    own = named if paper.link is None else set()
    own |= {*paper.before_days, *(paper.attended or ()), *(paper.planned or ()), *(paper.signed_by or ())[:1]}
    for name in sorted(own - known):
        yield f"{where}: {name} is not a fact; name one of the facts"
    for name in sorted({*paper.steps, *paper.before_steps} - steps):
        yield f"{where}: names the step {name}, which is not declared; name one of transitions"
    for name in sorted({*paper.asked_in} - states):
        yield f"{where}: names the state {name}, which is not declared; name one of the states"
    tied = {paper.link, *(each.link for each in (paper.only, paper.unless) if each is not None)} - {None}
    for link in sorted({str(each) for each in tied} - links):
        yield f"{where}: looks along {link}, which is no link; declare it in links"
    if not (paper.needs or paper.either or paper.steps or paper.signed_by or paper.elsewhere):
        yield f"{where}: nothing shows it; name facts in needs, or steps, or say where it lies in elsewhere"


DOSSIER_CHECKS: Final = (named_rightly,)
