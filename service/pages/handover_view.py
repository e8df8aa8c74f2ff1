"""What a handover shows beside the cases: the absence, the partners to write to, the unit's views, the roles."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from engine.handing import Handover, PartnerRef
from engine.organisation import Organisation, Span
from engine.partners import Partner
from engine.saved_views import ViewCard
from engine.vocabulary import Text
from service.pages.lists_view import Row, people_in, rows_of
from service.pages.roles_page import RolePage
from service.pages.visiting import Visit


@dataclass(frozen=True, slots=True)
class Line:
    """A case that is handed over. `reached` is false where the receiver may not read it."""

    row: Row
    reached: bool


@dataclass(frozen=True, slots=True)
class PartnerLine:
    """A partner, with what the register knows of how to reach it."""

    name: str
    place: str
    email: str | None
    website: str | None


@dataclass(frozen=True, slots=True)
class ViewLine:
    """A saved view of a unit, as a link."""

    name: str
    href: str
    unit: Text


@dataclass(frozen=True, slots=True)
class Leaving:
    """What the page tells of somebody who leaves, for good or for a while."""

    absence: Span | None
    assigned: tuple[Line, ...]
    pooled: tuple[Line, ...]
    partners: tuple[PartnerLine, ...]
    views: tuple[ViewLine, ...]
    roles: tuple[RolePage, ...]


def absence_of(organisation: Organisation, person: str, today: date) -> Span | None:
    """The absence that runs today, else the next one; weekly patterns left out."""
    spans = [each.span for each in organisation.absences if each.person == person and each.weekdays is None]
    ahead = [span for span in spans if span.ends_on is None or span.ends_on >= today]
    return min(ahead, key=lambda span: span.starts_on or date.min, default=None)


def lines_of(visit: Visit, found: Handover) -> tuple[Line, ...]:
    """The cases as rows, those assigned first, and whether the receiver reaches each."""
    cases = (*found.assigned, *found.pooled)
    names = visit.house.queries.names(visit.institution, people_in(cases))
    return tuple(Line(row, row.id not in found.out_of_reach) for row in rows_of(visit, cases, names))


def partner_lines(named: Iterable[PartnerRef], known: Mapping[str, Partner]) -> tuple[PartnerLine, ...]:
    """The partners in their order; one that is not in the register has its name alone."""
    return tuple(_partner_line(each.name, known.get(each.id or "")) for each in named)


def _partner_line(name: str, partner: Partner | None) -> PartnerLine:
    if partner is None:
        return PartnerLine(name, "", None, None)
    place = ", ".join(filter(None, (partner.city, partner.country)))
    # Only what is an address of the web becomes a link; the register holds what was imported.
    web = partner.website if (partner.website or "").startswith(("https://", "http://")) else None
    return PartnerLine(name, place, partner.email, web)


def unit_views(visit: Visit, units: Collection[str]) -> tuple[ViewLine, ...]:
    """The saved views of these units that the reader sees too."""
    rows = visit.organisation.units
    seen = visit.house.saved_views.of(visit.organisation, visit.person)
    return tuple(
        ViewLine(each.name, _href(each), Text(rows[each.unit].name_sv, rows[each.unit].name_en))
        for each in seen
        if each.unit is not None and each.unit in units and each.unit in rows
    )


def _href(view: ViewCard) -> str:
    return f"{view.page}?{view.query}" if view.query else view.page
