"""Who is told, and when: roles looked up to people, and people to their working hours."""

from __future__ import annotations

from collections.abc import Callable

from engine.canonical import instant, micros
from engine.clockwork import local_today
from engine.drafts import Work
from engine.model import Case
from engine.vocabulary import AnyView, Person, Role, Rung, Who, Whom
from engine.vocabulary.steps import Tell


def tell(work: Work, case_id: str, tells: tuple[Tell, ...], view: AnyView) -> None:
    """Owe the messages of a step; what a step tells goes at once."""
    for owed in tells:
        if owed.when is None or owed.when(view):
            work.owe(
                case_id,
                template=owed.message,
                recipients=recipients(work, work.cases[case_id], owed.whom),
            )


def tell_of_rung(work: Work, case_id: str, rung: Rung, deadline: str) -> None:
    """Owe the messages of a rung; they wait for each recipient's working window."""
    if rung.message is None:
        return
    case = work.cases[case_id]
    for whom in rung.whom:
        outside = isinstance(whom, Who) and whom.role in {Role.STUDENT, Role.PARTNER}
        work.owe(
            case_id,
            template=rung.message,
            recipients=recipients(work, case, whom),
            not_before=None if outside else window_of(work, case),
            deadline=deadline,
        )


def window_of(work: Work, case: Case) -> Callable[[str], int]:
    """When a recipient next works: 07:30-16:00 on a working day they are not away."""
    calendar = work.organisation.calendar(case.unit)

    def opens(recipient: str) -> int:
        kind, _, person = recipient.partition(":")
        window = calendar.next_window(
            instant(work.now),
            works_on=lambda day: kind != "person" or work.organisation.works_on(person, day),
        )
        return micros(window)

    return opens


def recipients(work: Work, case: Case, whom: Whom) -> tuple[str, ...]:
    """Name who a message goes to, as `person:ID`, `unit:CODE` or `partner:ID`."""
    if isinstance(whom, Person):
        return _assignee(work, case)
    if whom.role is Role.STUDENT:
        return (f"person:{case.subject}",) if case.subject else ()
    if whom.role is Role.PARTNER:
        return _partner(work, case)
    unit = work.unit_of(case, whom.where)
    return () if unit is None else holders(work, whom.role, unit)


def _assignee(work: Work, case: Case) -> tuple[str, ...]:
    if case.assignee is not None:
        return (f"person:{present(work, case, case.assignee)}",)
    owner = work.definition(case).states[case.state].owner_role
    return () if owner is None else recipients(work, case, owner)


def _partner(work: Work, case: Case) -> tuple[str, ...]:
    workflow = work.definition(case).workflow
    partner = workflow.partner(work.view(case)) if workflow.partner else None
    return (f"partner:{partner}",) if partner else (f"unit:{case.unit}",)


def present(work: Work, case: Case, person: str) -> str:
    """The person, or their substitute while they are on leave."""
    day = local_today(work, case)
    if not work.organisation.on_leave(person, day):
        return person
    return work.organisation.substitute(person, day) or person


def holders(work: Work, role: Role, unit: str) -> tuple[str, ...]:
    """The nearest holders of a role; those on leave by their substitutes; else the unit's mailbox."""
    organisation = work.organisation
    day = organisation.calendar(unit).local_date(instant(work.now))
    people = organisation.nearest(role, unit, day)
    at_work = [p for p in people if not organisation.on_leave(p, day)]
    standing_in = [organisation.substitute(p, day) for p in people if p not in at_work]
    told = sorted({*at_work, *(p for p in standing_in if p)})
    return tuple(f"person:{p}" for p in told) or (f"unit:{unit}",)
