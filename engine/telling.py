"""Who is told, and when: roles looked up to people, and people to their working hours."""

from __future__ import annotations

from collections.abc import Callable

from engine.canonical import instant, micros
from engine.drafts import Work
from engine.model import Case
from engine.organisation import STAFF, Organisation, UnitRow
from engine.rights import today, units_of
from engine.views import Lens
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


def recipients(lens: Lens, case: Case, whom: Whom) -> tuple[str, ...]:
    """Name who a message goes to, as `person:ID`, `unit:CODE` or `partner:ID`."""
    if isinstance(whom, Person):
        return _assignee(lens, case)
    if whom.role is Role.STUDENT:
        return (f"person:{case.subject}",) if case.subject else ()
    if whom.role is Role.PARTNER:
        partner = partner_of(lens, case)
        return (f"partner:{partner}",) if partner else (f"unit:{case.unit}",)
    unit = lens.unit_of(case, whom.where)
    return () if unit is None else holders(lens, whom.role, unit)


def _assignee(lens: Lens, case: Case) -> tuple[str, ...]:
    if case.assignee is not None:
        return (f"person:{present(lens, case, case.assignee)}",)
    owner = lens.definition(case).states[case.state].owner_role
    return () if owner is None else recipients(lens, case, owner)


def partner_of(lens: Lens, case: Case) -> str | None:
    """The id of the partner the case is with, where it names one."""
    workflow = lens.definition(case).workflow
    return (workflow.partner(lens.view(case)) or None) if workflow.partner else None


def present(lens: Lens, case: Case, person: str) -> str:
    """The person, or their substitute while they are on leave."""
    day = today(lens, case.unit)
    if not lens.organisation.on_leave(person, day):
        return person
    return lens.organisation.substitute(person, day) or person


def holders(lens: Lens, role: Role, unit: str) -> tuple[str, ...]:
    """The nearest holders of a role; those on leave by their substitutes; else the unit's mailbox."""
    organisation = lens.organisation
    day = today(lens, unit)
    people = organisation.nearest(role, unit, day)
    at_work = [p for p in people if not organisation.on_leave(p, day)]
    standing_in = [organisation.substitute(p, day) for p in people if p not in at_work]
    told = sorted({*at_work, *(p for p in standing_in if p)})
    return tuple(f"person:{p}" for p in told) or (f"unit:{unit}",)


def addressees(lens: Lens, case: Case) -> tuple[str, ...]:
    """Everybody a comment on the case may tell: student, partner, units with a mailbox, then staff, by id.

    Staff are those who may read the case (`engine.rights.may_read`): what they are told
    they could have read. A substitute reads no more than that, so none is added.
    """
    organisation = lens.organisation
    units = tuple(dict.fromkeys(code for unit in units_of(lens, case) for code in organisation.upwards(unit)))
    partner = partner_of(lens, case)
    outside = [f"person:{case.subject}"] if case.subject else []
    outside += [f"partner:{partner}"] if partner else []
    boxes = [f"unit:{code}" for code in units if mailbox_of(organisation, code)]
    day = today(lens, case.unit)
    staff = {
        f"person:{held.person}"
        for held in organisation.memberships
        if held.unit in units and held.role in (*STAFF, Role.AUDITOR) and held.span.covers(day)
    }
    return tuple(dict.fromkeys((*outside, *boxes, *sorted(staff))))


def mailbox_of(organisation: Organisation, unit: str) -> UnitRow | None:
    """The unit whose mailbox is written to for a unit: its own, else the nearest above that has one."""
    above = (organisation.units[code] for code in organisation.upwards(unit))
    return next((row for row in above if row.mailbox), None)
