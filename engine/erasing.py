"""Erases the details of a closed case on the working paper; what happened, and when, remains.

The event says which events' details are gone and, as a code, why; it has no detail itself.
Whoever opens the case finds states, instants and parties, and no facts, reasons or comments.
Source: Regulation (EU) 2016/679 (GDPR), articles 5.1 e and 17.
"""

from __future__ import annotations

from engine import rights
from engine.drafts import Work
from engine.errors import GuardRefused, NotYourTurn, StaleCase
from engine.judging import ERASED, not_your_role
from engine.model import IMPORT_PARTY, Case, Erase, Kind
from engine.vocabulary import Actor, Reason, Role, Text, Who

TITLE = "(uppgifterna är raderade / details erased)"
"""What stands in lists instead of a title. A title is one text for readers of either language."""

KEEPERS = (Who(Role.ADMIN),)
"""Who may erase details, and carry cases over to a new version of their process."""

STILL_OPEN = Reason(
    "not_final",
    Text(
        "Ärendet är inte avslutat; bara avslutade ärendens uppgifter kan raderas.",
        "The case is not closed; only the details of closed cases can be erased.",
    ),
)
LEANED_ON = Reason(
    "open_cases_linked",
    Text(
        "Ett öppet ärende är kopplat till detta och behöver dess uppgifter; avsluta det först.",
        "An open case is linked to this one and needs its details; close that first.",
    ),
)


def keeper(work: Work, case: Case) -> Actor:
    """Whoever runs the installation, or an admin in the case's unit or above. Raises NotYourTurn."""
    person = work.request.person
    role = rights.role_among(work, person, case, KEEPERS) if person else None
    if role is None and work.request.party != IMPORT_PARTY:
        reason = not_your_role(KEEPERS)
        raise NotYourTurn(reason.message, (reason,), case=case.id, state=case.state)
    return Actor(person, role)


def erase(work: Work, case: Case, ask: Erase) -> None:
    """Write on the working paper that the details are gone. Raises Refused."""
    actor = keeper(work, case)
    _refuse(work, case)
    draft = work.draft(case, Kind.ERASED, actor, caused=False)
    draft.extra.update(erased=list(work.snapshot.detailed), why=ask.why)
    work.put(case.but(facts={}, title=TITLE, search=""))


def _refuse(work: Work, case: Case) -> None:
    if not work.snapshot.detailed:
        raise StaleCase(ERASED.message, (ERASED,), case=case.id, state=case.state)
    against = None
    if not work.definition(case).states[case.state].final:
        against = STILL_OPEN
    elif any(other.closed_at is None and _leans_on(other, case) for other in work.cases.values()):
        against = LEANED_ON
    if against is not None:
        raise GuardRefused(against.message, (against,), case=case.id, state=case.state)


def _leans_on(other: Case, case: Case) -> bool:
    return any(to == case.id for _, to in other.links)
