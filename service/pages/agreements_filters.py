"""What the register of agreements is narrowed to, as its address says it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from engine.balances import AgreementRow, year_name, year_on
from engine.definition import Definition
from engine.paging import Page
from engine.vocabulary import Text
from service.pages.filters import states_of
from service.pages.filters_view import Chip, Option
from service.pages.insight_view import asked_text, must_be_offered, options, readable_units
from service.pages.visiting import Visit
from service.sent import refuse
from service.shapes import is_id

PATH: Final = "/agreements"
YEARS_BACK: Final = 6
YEARS_AHEAD: Final = 3
MOST_PARTNERS: Final = 150
"""So many partners at most are offered in a list; of more, one is found by its name."""

SORTS: Final[Mapping[str, Text]] = {
    "title": Text("Partner och titel, A–Ö", "Partner and title, A–Z"),
    "ends": Text("Löper ut först", "Ends first"),
    "-ends": Text("Löper ut sist", "Ends last"),
    "number": Text("Nummer", "Number"),
}
EXPIRING: Final[Mapping[str, Text]] = {
    "yes": Text("Löper ut inom 12 månader", "Ends within 12 months"),
    "no": Text("Löper inte ut inom 12 månader", "Does not end within 12 months"),
}
_EXPIRING: Final = {"yes": True, "no": False, "": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What somebody chose. `year` is the academic year whose places are shown; it narrows nothing."""

    year: int
    q: str = ""
    states: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    partner: str = ""
    expiring: str = ""
    sort: str = "title"

    @property
    def filters(self) -> tuple[tuple[str, str], ...]:
        """What narrows the list, as names and values of an address."""
        several = (("state", self.states), ("unit", self.units))
        found = [("q", self.q), *((name, value) for name, values in several for value in values)]
        return tuple(pair for pair in (*found, ("partner", self.partner), ("expiring", self.expiring)) if pair[1])

    @property
    def query(self) -> str:
        """The query string, without a question mark."""
        return urlencode((*self.filters, ("year", self.year), ("sort", self.sort)))

    def without(self, pair: tuple[str, str]) -> str:
        """The address without one of the filters."""
        kept = [each for each in self.filters if each != pair]
        return f"{PATH}?{urlencode((*kept, ('year', self.year), ('sort', self.sort)))}"


@dataclass(frozen=True, slots=True)
class Panel:
    """The filter form. `partners` is empty where there are too many to choose from."""

    q: str
    states: tuple[Option, ...]
    units: tuple[Option, ...]
    partners: tuple[Option, ...]
    expiring: tuple[Option, ...]
    years: tuple[Option, ...]
    sorts: tuple[Option, ...]
    partner: str


def read(visit: Visit) -> Chosen:
    """Read the address. Raises BadFields."""
    query = visit.request.query_params
    states, units = query.getlist("state"), query.getlist("unit")
    partner, expiring, sort = (asked_text(visit, name) for name in ("partner", "expiring", "sort"))
    must_be_offered("state", states, states_known(visit))
    must_be_offered("unit", units, visit.organisation.units)
    must_be_offered("expiring", [expiring], _EXPIRING)
    must_be_offered("sort", [sort], ("", *SORTS))
    if partner:
        must_be_offered("partner", [partner], {partner} if is_id(partner) else set())
    return Chosen(
        year=read_year(visit),
        q=asked_text(visit, "q"),
        states=tuple(dict.fromkeys(states)),
        units=tuple(dict.fromkeys(units)),
        partner=partner,
        expiring=expiring,
        sort=sort or "title",
    )


def read_year(visit: Visit) -> int:
    """The academic year chosen, by the calendar year it begins in; else the one of today. Raises BadFields."""
    written = asked_text(visit, "year")
    if not written:
        return year_on(visit.speech.today)
    if not (written.isascii() and written.isdigit() and len(written) == len("2027")):
        refuse(
            "field:year",
            "Läsåret går inte att läsa: skriv året det börjar, till exempel 2027.",
            "The academic year cannot be read: write the year it begins, for example 2027.",
        )
    return int(written)


def offering(visit: Visit) -> tuple[Definition, ...]:
    """The processes whose cases offer places: the agreements."""
    catalogue = visit.house.catalogue
    return tuple(each for each in map(catalogue.current, catalogue.names) if each.workflow.offers)


def states_known(visit: Visit) -> dict[str, str]:
    """The states of agreements, by name."""
    found: dict[str, str] = {}
    for definition in offering(visit):
        for name, label in states_of(visit.house.catalogue, definition.name).items():
            found.setdefault(name, visit.speech.text(label))
    return found


def years(visit: Visit, chosen: int) -> tuple[Option, ...]:
    """The academic years to choose among, the latest first."""
    now = year_on(visit.speech.today)
    offered = {*range(now - YEARS_BACK, now + YEARS_AHEAD + 1), chosen}
    return options({str(year): year_name(year) for year in sorted(offered, reverse=True)}, [str(chosen)])


def found(visit: Visit, chosen: Chosen, *, cursor: str | None, limit: int) -> Page[AgreementRow]:
    """A page of the agreements chosen. Raises BadFields for a cursor that is none of ours."""
    return visit.house.insight.agreements(
        visit.institution,
        visit.person,
        q=chosen.q or None,
        partner=chosen.partner or None,
        unit=chosen.units,
        state=chosen.states,
        expiring=_EXPIRING[chosen.expiring],
        year=chosen.year,
        sort=chosen.sort,
        cursor=cursor,
        limit=limit,
    )


def panel(visit: Visit, chosen: Chosen) -> Panel:
    """The filter form, what is chosen marked."""
    text = visit.speech.text
    known = visit.house.directory.search_partners(visit.institution, limit=MOST_PARTNERS + 1)
    partners = {each.id: each.name for each in known} if len(known) <= MOST_PARTNERS else {}
    return Panel(
        q=chosen.q,
        states=options(states_known(visit), chosen.states),
        units=options(readable_units(visit), chosen.units),
        partners=options(partners, [chosen.partner]),
        expiring=options({value: text(words) for value, words in EXPIRING.items()}, [chosen.expiring]),
        years=years(visit, chosen.year),
        sorts=options({value: text(words) for value, words in SORTS.items()}, [chosen.sort]),
        partner=chosen.partner,
    )


def chips(visit: Visit, chosen: Chosen) -> tuple[Chip, ...]:
    """What narrows the list, each with the way to the list without it."""
    return tuple(Chip(words, chosen.without(pair)) for pair, words in _chips(visit, chosen))


def _chips(visit: Visit, chosen: Chosen) -> Iterator[tuple[tuple[str, str], str]]:
    states, units, text = states_known(visit), visit.organisation.units, visit.speech.text
    for pair in chosen.filters:
        name, value = pair
        if name == "q":
            yield pair, f"{visit.say('Sökord', 'Search words')}: {value}"
        elif name == "state":
            yield pair, f"Status: {states[value]}"
        elif name == "unit":
            unit = Text(units[value].name_sv, units[value].name_en)
            yield pair, f"{visit.say('Enhet', 'Unit')}: {text(unit)}"
        elif name == "partner":
            known = visit.house.lookups.partners(visit.institution, [value])
            yield pair, f"Partner: {known.get(value) or visit.say('okänd', 'unknown')}"
        else:
            yield pair, text(EXPIRING[value])
