"""What steps set: facts that follow from the step itself, not from what was sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.vocabulary.steps import AnyView


def noting(*on_this_day: str, **facts: object) -> Callable[[AnyView], Mapping[str, object]]:
    """Make a function that sets some facts to the present day, and others as told."""

    def set_facts(view: AnyView) -> Mapping[str, object]:
        return {**dict.fromkeys(on_this_day, view.today), **facts}

    return set_facts


def told(view: AnyView) -> Mapping[str, object]:
    """Note how somebody was told of a decision: by this step's message, where nothing else is said.

    The form has the fields `told_on` and `told_how`, as a `DecisionForm` has.
    """
    return {
        "told_on": view.fields.told_on or view.today,
        "told_how": view.fields.told_how or "e-post / e-mail",
    }
