"""What somebody may change of a case without a step, and who may hold it: for pages that offer it.

The change itself is judged again when it is asked for, by the same functions (`engine.notes`).
"""

from __future__ import annotations

from dataclasses import dataclass

from engine import rights
from engine.cases import Cases
from engine.decide import NOT_FOUND
from engine.drafts import Unwritten, Work
from engine.errors import CaseNotFound, Refused
from engine.model import AskKind, Assign, Case, Comment, Correct, Request, Tie
from engine.notes import may_note
from engine.organisation import STAFF
from engine.store import assignee_rows
from engine.views import Lens
from engine.vocabulary import Role


@dataclass(frozen=True, slots=True)
class MayChange:
    """A case, and why each small change is refused; None where it is not."""

    case: Case
    correct: Refused | None
    assign: Refused | None
    link: Refused | None


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who may hold a case: in which roles, with how many open cases assigned to them."""

    person: str
    roles: tuple[Role, ...]
    open_cases: int
    away: bool


@dataclass(frozen=True)
class SmallChanges:
    """Judges small changes of a case for somebody, as it now is."""

    cases: Cases

    def of(self, institution: str, person: str, case: str) -> MayChange:
        """What the person may change. Raises CaseNotFound."""
        with self.cases.store.reads() as connection:
            lens = self.cases.lens(self.cases.store.ledger_on(connection), institution, case, None)
        found = _readable(lens, person, case)
        judged = [_refusal(lens, found, person, kind) for kind in (Correct, Assign, Tie)]
        return MayChange(found, *judged)

    def holders(self, institution: str, person: str, case: str) -> tuple[Holder, ...]:
        """Who may hold the case, those with the fewest open cases first. Raises CaseNotFound."""
        with self.cases.store.reads() as connection:
            lens = self.cases.lens(self.cases.store.ledger_on(connection), institution, case, None)
            found = _readable(lens, person, case)
            people = _staff(lens, found)
            loads = assignee_rows.open_cases(connection, institution, list(people))
        day = rights.today(lens, found.unit)
        holders = (
            Holder(each, roles, loads.get(each, 0), lens.organisation.on_leave(each, day))
            for each, roles in people.items()
        )
        return tuple(sorted(holders, key=lambda holder: (holder.away, holder.open_cases, holder.person)))


def works_with(lens: Lens, person: str, case: Case) -> bool:
    """Whether somebody who may read a case works with it too: whoever does may comment on it."""
    return _refusal(lens, case, person, Comment) is None


def may_correct(lens: Lens, person: str, case: Case) -> bool:
    """Whether somebody who may read a case may put its facts right."""
    return _refusal(lens, case, person, Correct) is None


def _readable(lens: Lens, person: str, case: str) -> Case:
    found = lens.cases.get(case)
    if found is None or not rights.may_read(lens, person, found):
        raise CaseNotFound(NOT_FOUND, case=case)
    return found


def _refusal(lens: Lens, case: Case, person: str, kind: AskKind) -> Refused | None:
    asked = Request(case.institution, Assign(None), person, case=case.id)
    try:
        may_note(Work(lens, asked, Unwritten()), case, kind)
    except Refused as refused:
        return refused
    return None


def _staff(lens: Lens, case: Case) -> dict[str, tuple[Role, ...]]:
    """Everybody with a role of casework in the case's or a linked unit, or above; with those roles."""
    organisation, day = lens.organisation, rights.today(lens, case.unit)
    units = {code for unit in rights.units_of(lens, case) for code in organisation.upwards(unit)}
    found: dict[str, tuple[Role, ...]] = {}
    for held in organisation.memberships:
        if held.unit in units and held.role in STAFF and held.span.covers(day):
            found[held.person] = tuple(dict.fromkeys((*found.get(held.person, ()), held.role)))
    return found
