"""Short ways to say yes or no: for guards, and for when a deadline runs or a message is sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TypeAlias

from engine.vocabulary.steps import AnyView, Guard
from engine.vocabulary.words import YES, Answer, Role, called, no

Predicate: TypeAlias = Callable[[AnyView], bool]
"""A pure function of the View that tells whether something is so."""


def yes_if(
    holds: object, code: str, sv: str, en: str, *, who_can: Role | None = None, from_date: date | None = None
) -> Answer:
    """Answer yes where `holds` is true (or not empty), else no with this reason.

    The words are made in either case: they may name nothing that is only there when it fails.
    """
    return YES if holds else no(code, sv, en, who_can=who_can, from_date=from_date)


def has_fact(name: str) -> Predicate:
    """Make a function that tells whether a fact is known."""

    def is_known(view: AnyView) -> bool:
        return getattr(view.facts, name) is not None

    return called(f"{name}_is_known", is_known)


def lacks_fact(name: str) -> Predicate:
    """Make a function that tells whether a fact is not known yet."""
    return unless(has_fact(name))


def in_state(*states: str) -> Predicate:
    """Make a function that tells whether the case stands in one of these states."""

    def stands_there(view: AnyView) -> bool:
        return view.state in states

    return called(f"is_{'_or_'.join(states)}", stands_there)


def unless(holds: Predicate) -> Predicate:
    """Make a function that tells the opposite."""

    def does_not_hold(view: AnyView) -> bool:
        return not holds(view)

    return called(f"not_{holds.__name__}", does_not_hold)


def says_yes(guard: Guard) -> Predicate:
    """Make a function that tells whether a guard would let the step through."""

    def lets_through(view: AnyView) -> bool:
        return guard(view) == YES

    return called(guard.__name__, lets_through)
