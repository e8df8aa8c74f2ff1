"""Whether a step may be taken, and every reason why not.

One road for the step itself, for the list of actions, for pages and for dry runs.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine import places, rights
from engine.definition import Definition
from engine.model import Case
from engine.role_words import ROLE_NAMES
from engine.views import Lens
from engine.vocabulary import (
    Actor,
    AnyView,
    Guard,
    No,
    Reason,
    Text,
    Transition,
    Who,
)


def not_your_role(who: tuple[Who, ...]) -> Reason:
    """Say who may do it instead."""
    roles = tuple(dict.fromkeys(spec.role for spec in who))
    sv = ", ".join(ROLE_NAMES[role].sv for role in roles)
    en = ", ".join(ROLE_NAMES[role].en for role in roles)
    return Reason(
        "not_your_role", Text(f"Detta görs av: {sv}.", f"This is done by: {en}."), roles[0]
    )


FOUR_EYES = Reason(
    "four_eyes",
    Text(
        "Någon annan än den som gjorde det tidigare steget (eller dennes ersättare) måste göra detta.",
        "Somebody other than who took the earlier step (or their substitute) must do this.",
    ),
)


ERASED = Reason(
    "erased",
    Text(
        "Uppgifterna i ärendet är raderade; det kan inte ändras eller tas upp igen.",
        "The details of the case have been erased; it cannot be changed or taken up again.",
    ),
)


def reasons_against(
    lens: Lens, case: Case, transition: Transition, actor: Actor
) -> Iterator[Reason]:
    """Every reason that can be given without the fields. None given: the step is possible."""
    if case.erased:
        # No condition can be asked of facts that are not known.
        yield ERASED
        return
    definition = lens.definition(case)
    view = lens.view(case, actor)
    if four_eyes_broken(lens, case, transition, actor):
        yield FOUR_EYES
    yield from answers(transition.guards, view)
    target = transition.target(case.state)
    full = places.refusal(lens, view, case.state, target)
    if full is not None and not _changes_the_stay(definition, transition):
        yield full


def _changes_the_stay(definition: Definition, transition: Transition) -> bool:
    """Whether the step's own fields may change what place is asked for."""
    return bool(set(transition.form.model_fields) & set(definition.workflow.facts.model_fields))


def four_eyes_broken(lens: Lens, case: Case, transition: Transition, actor: Actor) -> bool:
    """Whether the actor, or one they stand in for, took a step that `not_by` names."""
    if actor.person is None:
        return False
    return any(
        rights.shares_eyes(lens.organisation, actor.person, case.acts.get(trigger, ()))
        for trigger in transition.not_by
    )


def answers(guards: tuple[Guard, ...], view: AnyView) -> Iterator[Reason]:
    """The reasons of the guards that say no."""
    for guard in guards:
        answer = guard(view)
        if isinstance(answer, No):
            yield answer.reason
