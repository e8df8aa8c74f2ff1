"""What a case asks of the agreement it is linked to, under the name `agreement`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.vocabulary.stay import Stay
from engine.vocabulary.steps import AnyView, Guard
from engine.vocabulary.words import Answer, Role, called, no

NO_AGREEMENT = no(
    "no_agreement", "Ärendet är inte kopplat till något avtal.", "The case is linked to no agreement.",
    who_can=Role.COORDINATOR,
)  # fmt: skip


def agreement_fact(view: AnyView, name: str) -> Any:
    """Read a fact of the linked agreement; None where there is no agreement, or it does not say."""
    agreement = view.linked("agreement")
    return None if agreement is None else getattr(agreement.facts, name, None)


def partner_of_agreement(view: AnyView) -> str | None:
    """Give the id of the agreement's partner, or None while it names none."""
    partner = agreement_fact(view, "partner")
    return None if partner is None else str(partner)


def agreement_allows(stay: Callable[[AnyView], Stay]) -> Guard:
    """Make a guard: in force over the stay, and a row for its direction, level and field.

    The agreement's refusal says which of them fails.
    """

    def allows_it(view: AnyView) -> Answer:
        agreement = view.linked("agreement")
        return NO_AGREEMENT if agreement is None else agreement.ask("allows", stay(view))

    return called("agreement_allows_the_stay", allows_it)


def agreement_in_force(stay: Callable[[AnyView], Stay]) -> Guard:
    """Make a guard: the agreement is in force over the stay, to the day after it ends."""

    def is_in_force(view: AnyView) -> Answer:
        agreement = view.linked("agreement")
        return NO_AGREEMENT if agreement is None else agreement.ask("in_force", stay(view))

    return called("agreement_is_in_force", is_in_force)
