"""A handover on one page: what somebody leaves, what is due next, whom to ask, what the receiver cannot see yet.

For whoever takes over for good, and for a substitute. Nothing is changed here: cases are handed
over by steps of their own. Shown is what the asker may read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from engine.asking import asking
from engine.balances import AgreementRow
from engine.insight import Insight
from engine.model import Case, DeadlineRow
from engine.organisation import STAFF, Membership, Organisation
from engine.paging import Page
from engine.people import PersonCard
from engine.queries import Queries
from engine.scope import scope_of
from engine.store import insight_rows, person_rows
from engine.store.narrowing import CaseFilter
from engine.vocabulary import Role, Text

MOST_CASES = 200
"""How many cases one page of a handover shows, the most pressing first."""

MOST_AGREEMENTS = 100
NEXT_DEADLINES = 25


@dataclass(frozen=True, slots=True)
class NextDeadline:
    """A deadline that is open and has a day, of a case handed over."""

    case: Case
    label: Text
    row: DeadlineRow


@dataclass(frozen=True, slots=True)
class PartnerRef:
    """A partner of the agreements handed over; one that is not in the register has no id."""

    id: str | None
    name: str


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to ask: the nearest holders of a role for a unit. `unit` is whose work it is about."""

    role: Role
    unit: str
    people: tuple[PersonCard, ...]


@dataclass(frozen=True, slots=True)
class Handover:
    """What is handed over.

    `assigned` are the giver's own open cases, `pooled` those that nobody has and that wait for
    a role of theirs; of both only the most pressing where `more` is true. `away_until` is the
    last day of the giver's present absence. `out_of_reach` names cases the receiver may not
    read, `missing` what the giver holds and the receiver does not.
    """

    giver: PersonCard
    receiver: PersonCard | None
    away_until: date | None
    held: tuple[Membership, ...]
    assigned: tuple[Case, ...]
    pooled: tuple[Case, ...]
    more: bool
    deadlines: tuple[NextDeadline, ...]
    agreements: tuple[AgreementRow, ...]
    more_agreements: bool
    partners: tuple[PartnerRef, ...]
    ask: tuple[Contact, ...]
    out_of_reach: frozenset[str]
    missing: tuple[Membership, ...]


@dataclass(frozen=True, slots=True)
class Choices:
    """Between whom a handover may be shown, both by name.

    `givers`: oneself, and for a head, officer or administrator whoever holds or has held a role
    in their unit or below it. `receivers`: those who hold a role in one of the giver's units
    or above it, today or later, and the giver's substitutes.
    """

    givers: tuple[PersonCard, ...]
    receivers: tuple[PersonCard, ...]


@dataclass(frozen=True, slots=True)
class _Around:
    """Who takes over and who can be asked, and what of it does not fit yet."""

    cards: Mapping[str, PersonCard]
    receiver: str | None
    held: tuple[Membership, ...]
    away_until: date | None
    contacts: tuple[Contact, ...]
    out_of_reach: frozenset[str]
    missing: tuple[Membership, ...]


@dataclass(frozen=True)
class Handing:
    """Puts handovers together."""

    queries: Queries
    insight: Insight

    def handover(self, institution: str, person: str, *, giver: str, receiver: str | None = None) -> Handover | None:
        """What `giver` leaves to `receiver` (None: the substitute of the day), as `person` may read it.

        None where nobody of the institution is called so.
        """
        tasks = self.queries.tasks(institution, person, narrowed=CaseFilter(waits_for=giver), limit=MOST_CASES)
        found = tasks.cases.items
        around = self._around(institution, person, giver, receiver, found)
        if giver not in around.cards:
            return None
        page = self._agreements(institution, person, _units(around.held))
        return Handover(
            giver=around.cards[giver],
            receiver=around.cards.get(around.receiver or ""),
            away_until=around.away_until,
            held=around.held,
            assigned=tuple(case for case in found if case.assignee == giver),
            pooled=tuple(case for case in found if case.assignee is None),
            more=tasks.cases.next_cursor is not None,
            deadlines=tuple(self._next(found)),
            agreements=page.items,
            more_agreements=page.next_cursor is not None,
            partners=_partners(page.items),
            ask=around.contacts,
            out_of_reach=around.out_of_reach,
            missing=around.missing,
        )

    def choices(self, institution: str, person: str, *, giver: str) -> Choices:
        """Whose handover the person may see, and who may be meant to take over from `giver`."""
        with asking(self.insight.cases, institution, person) as asked:
            givers = _led(asked.organisation, person, asked.today) | {person}
            receivers = _near(asked.organisation, giver, asked.today) - {giver}
            cards = person_rows.by_id(asked.connection, institution, givers | receivers)
        named = sorted(cards.values(), key=lambda card: (card.name or "", card.id))
        return Choices(
            tuple(card for card in named if card.id in givers), tuple(card for card in named if card.id in receivers)
        )

    def _around(
        self, institution: str, person: str, giver: str, receiver: str | None, found: tuple[Case, ...]
    ) -> _Around:
        """Look up the people around a handover, and what the receiver reaches, over one connection."""
        with asking(self.insight.cases, institution, person) as asked:
            organisation, today = asked.organisation, asked.today
            takes = receiver or organisation.substitute(giver, today)
            held = organisation.roles_of(giver, today)
            whom = _contacts(organisation, held, today, besides={giver, takes})
            ids = {giver, *filter(None, [takes]), *(each for _, _, people in whom for each in people)}
            cards = person_rows.by_id(asked.connection, institution, ids)
            scope = scope_of(organisation, takes, asked.now) if takes else asked.scope
            reached = insight_rows.reached(asked.connection, scope, [case.id for case in found])
        return _Around(
            cards=cards,
            receiver=takes,
            held=held,
            away_until=_away_until(organisation, giver, today),
            contacts=tuple(
                Contact(role, unit, tuple(cards[each] for each in people if each in cards))
                for role, unit, people in whom
            ),
            out_of_reach=frozenset(case.id for case in found) - reached,
            missing=_missing(organisation, held, takes, today),
        )

    def _agreements(self, institution: str, person: str, units: tuple[str, ...]) -> Page[AgreementRow]:
        """The agreements of the units themselves; no unit has none, and does not mean all."""
        if not units:
            return Page((), None)
        return self.insight.agreements(institution, person, unit=units, sort="ends", limit=MOST_AGREEMENTS)

    def _next(self, found: Iterable[Case]) -> list[NextDeadline]:
        """The deadlines with a day of these cases, the soonest first."""
        dated = [(case, row) for case in found for row in case.deadlines if row.open and row.due_on is not None]
        dated.sort(key=lambda pair: (pair[1].due_at or 0, pair[0].id, pair[1].name))
        return [NextDeadline(case, self._label(case, row), row) for case, row in dated[:NEXT_DEADLINES]]

    def _label(self, case: Case, row: DeadlineRow) -> Text:
        deadline = self.insight.cases.catalogue.by_hash(case.definition).deadlines.get(row.name)
        return deadline.label if deadline else Text(row.name, row.name)


LEADERS = frozenset({Role.HEAD, Role.OFFICER, Role.ADMIN})
"""Who may see what the people of their units hand over."""


def _led(organisation: Organisation, person: str, day: date) -> frozenset[str]:
    """Everybody of the units the person leads, and of those below them."""
    led = {held.unit for held in organisation.roles_of(person, day) if held.role in LEADERS}
    below = {code for code in organisation.units if led.intersection(organisation.upwards(code))}
    return frozenset(each.person for each in organisation.memberships if each.unit in below)


def _near(organisation: Organisation, giver: str, day: date) -> frozenset[str]:
    """Everybody who may take over from somebody, by what they hold and by absences."""
    units = {up for unit in _units(organisation.roles_of(giver, day)) for up in organisation.upwards(unit)}
    near = (each for each in organisation.memberships if each.unit in units and not _over(each, day))
    return frozenset(each.person for each in near) | organisation.substitutes(giver)


def _over(held: Membership, day: date) -> bool:
    """Whether a membership has ended."""
    return held.span.ends_on is not None and held.span.ends_on < day


def _units(held: Iterable[Membership]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.unit for each in held))


def _contacts(
    organisation: Organisation, held: Iterable[Membership], day: date, *, besides: set[str | None]
) -> list[tuple[Role, str, tuple[str, ...]]]:
    """The nearest holders of every role of casework for each unit, those left out who hand over and take over."""
    found = []
    for unit in _units(held):
        for role in STAFF:
            people = tuple(each for each in organisation.nearest(role, unit, day) if each not in besides)
            if people:
                found.append((role, unit, people))
    return found


def _away_until(organisation: Organisation, person: str, day: date) -> date | None:
    """The last day of an absence that takes the person today, weekly patterns left out; None where one has none."""
    spans = (away.span for away in organisation.absences if away.person == person and away.weekdays is None)
    last = max((span.ends_on or date.max for span in spans if span.covers(day)), default=date.max)
    return None if last == date.max else last


def _missing(
    organisation: Organisation, held: Iterable[Membership], receiver: str | None, day: date
) -> tuple[Membership, ...]:
    """What the giver holds that the receiver holds neither there nor above."""
    if receiver is None:
        return ()
    return tuple(each for each in held if not organisation.holds(receiver, each.role, each.unit, day))


def _partners(rows: Iterable[AgreementRow]) -> tuple[PartnerRef, ...]:
    """The partners of some agreements, each once, in their order."""
    named = (PartnerRef(row.partner, row.partner_name) for row in rows if row.partner_name)
    return tuple({ref.id or ref.name: ref for ref in named}.values())
