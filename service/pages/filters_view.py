"""The filter panel beside a list, and the chips above it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final
from urllib.parse import urlencode

from engine import rights
from engine.errors import CaseNotFound
from engine.organisation import STAFF
from engine.store.waiting import Due
from engine.vocabulary import Text
from service.pages.filters import ME, NAMES, NOBODY, SORT, Chosen, states_of
from service.pages.visiting import Visit

MOST_PEOPLE: Final = 150
"""So many people at most are offered as assignees; of more, choose a unit first."""

DUE_WORDS: Final[Mapping[Due, Text]] = {
    "overdue": Text("Försenat", "Overdue"),
    "today": Text("I dag", "Today"),
    "week": Text("Den här veckan", "This week"),
    "later": Text("Senare", "Later"),
    "none": Text("Utan datum", "No date"),
}
SORT_WORDS: Final[Mapping[str, Text]] = {
    "due": Text("Förfaller först", "Due first"),
    "-updated": Text("Senast ändrade", "Last changed"),
    "-opened": Text("Senast öppnade", "Last opened"),
    "number": Text("Nummer", "Number"),
}
_ASKED: Final = frozenset({"workflow", "state", "unit", "q", "assignee", "due", "due_before", "open", SORT})


@dataclass(frozen=True, slots=True)
class Option:
    """Something to choose, in the reader's words."""

    value: str
    words: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that was chosen: its words, and the address without it."""

    words: str
    href: str


@dataclass(frozen=True, slots=True)
class Panel:
    """The filter form. `fixed` are filters that came with a link: carried along, and shown as chips only."""

    path: str
    q: str
    due_before: str
    workflows: tuple[Option, ...]
    states: tuple[Option, ...]
    units: tuple[Option, ...]
    assignees: tuple[Option, ...]
    too_many_people: bool
    dues: tuple[Option, ...]
    opens: tuple[Option, ...]
    sorts: tuple[Option, ...]
    fixed: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Narrowing:
    """Makes panel and chips of one list.

    `omits` are filters the page sets itself, so that nobody is asked for them; `kept` are
    pairs of the address that are no filter and stay.
    """

    visit: Visit
    path: str
    chosen: Chosen
    omits: frozenset[str] = frozenset()
    kept: tuple[tuple[str, str], ...] = ()

    def units(self) -> tuple[str, ...]:
        """The units whose cases the reader may read, in the order of their names."""
        return self._units

    # Kept with the organisation: in a house of 400 departments each took 5 ms of every page.

    @property
    def _units(self) -> tuple[str, ...]:
        what = ("units", self.visit.person, self.visit.language)
        return self.visit.organisation.kept(what, self.visit.now, self._sorted_units)

    def _sorted_units(self) -> tuple[str, ...]:
        organisation, person, today = self.visit.organisation, self.visit.person, self.visit.speech.today
        found = (code for code in organisation.units if rights.reads_in(organisation, person, code, today))
        return tuple(sorted(found, key=lambda code: self.visit.unit_name(code).casefold()))

    def people(self) -> frozenset[str]:
        """Whose names the panel and the chips need. Who is asked for is named to those alone who may know of them."""
        named = {value for name, value in self.chosen.pairs if name in {"assignee", "subject"}} - {ME, NOBODY}
        known = self.visit.known(named)
        colleagues = self._colleagues
        return known | (colleagues if len(colleagues) <= MOST_PEOPLE else frozenset())

    @cached_property
    def _colleagues(self) -> frozenset[str]:
        """Those who hold a role of casework in the units that are chosen, or may be read; the root's come along."""
        chosen = self.chosen.many("unit")
        if chosen:
            return self._staff_of(chosen)
        what = ("colleagues", self.visit.person)
        return self.visit.organisation.kept(what, self.visit.now, lambda: self._staff_of(self.units()))

    def _staff_of(self, chosen: tuple[str, ...]) -> frozenset[str]:
        units = {code for unit in chosen for code in self.visit.organisation.upwards(unit)}
        today = self.visit.speech.today
        return frozenset(
            held.person
            for held in self.visit.organisation.memberships
            if held.unit in units and held.role in STAFF and held.span.covers(today)
        )

    # The panel.

    def panel(self, names: Mapping[str, str], *, sort: str | None = None) -> Panel:
        """The form, what is chosen ticked. `names` are those of `people`; `sort` is the order, where one may choose."""
        text, catalogue = self.visit.speech.text, self.visit.house.catalogue
        labels = {name: text(catalogue.current(name).workflow.label) for name in catalogue.names}
        opens = {"open": self.visit.say("Öppna", "Open"), "closed": self.visit.say("Avslutade", "Closed")}
        return Panel(
            path=self.path,
            q=self.chosen.one("q"),
            due_before=self.chosen.one("due_before"),
            workflows=self._options("workflow", labels),
            states=self._options("state", self._states()),
            units=self._options("unit", {code: self.visit.unit_name(code) for code in self.units()}),
            assignees=() if "assignee" in self.omits else self._options("assignee", self._assignees(names)),
            too_many_people=len(self._colleagues) > MOST_PEOPLE,
            dues=self._options("due", {group: text(words) for group, words in DUE_WORDS.items()}),
            opens=() if "open" in self.omits else self._options("open", opens),
            sorts=tuple(Option(each, text(words), each == sort) for each, words in SORT_WORDS.items()) if sort else (),
            fixed=(*(pair for pair in self.chosen.pairs if pair[0] not in _ASKED), *self.kept),
        )

    def _options(self, name: str, words: Mapping[str, str]) -> tuple[Option, ...]:
        chosen = self.chosen.many(name)
        unknown = {value: value for value in chosen if value not in words}
        return tuple(Option(value, said, value in chosen) for value, said in {**words, **unknown}.items())

    def _states(self) -> dict[str, str]:
        """The states of the chosen processes; a name that two of them have is one choice."""
        catalogue, said = self.visit.house.catalogue, dict[str, list[str]]()
        for workflow in self.chosen.many("workflow"):
            if workflow in catalogue.names:
                for name, label in states_of(catalogue, workflow).items():
                    said.setdefault(name, []).append(self.visit.speech.text(label))
        return {name: " / ".join(dict.fromkeys(words)) for name, words in said.items()}

    def _assignees(self, names: Mapping[str, str]) -> dict[str, str]:
        colleagues = self._colleagues
        offered = sorted((names[each], each) for each in colleagues if each in names and each != self.visit.person)
        return {
            ME: self.visit.say("Jag", "Me"),
            NOBODY: self.visit.say("Ingen", "Nobody"),
            **{each: name for name, each in (offered if len(colleagues) <= MOST_PEOPLE else ())},
            **{each: names[each] for each in self.chosen.many("assignee") if each in names},
        }

    # The chips.

    def chips(self, names: Mapping[str, str]) -> tuple[Chip, ...]:
        """What was chosen, each with the way to the list without it."""
        return tuple(self._chips(names))

    def _chips(self, names: Mapping[str, str]) -> Iterator[Chip]:
        for name, value in self.chosen.filters:
            if name != "link":
                words, said = self.visit.speech.text(NAMES[name]), self._said(name, value, names)
                less = self.chosen.without(name, value)
                # The name of a link says nothing without the case it leads to.
                pairs = (*(pair for pair in less.pairs if (pair[0], name) != ("link", "linked_to")), *self.kept)
                href = f"{self.path}?{urlencode(pairs)}" if pairs else self.path
                yield Chip(f"{words}: {said}" if said else words, href)

    def _said(self, name: str, value: str, names: Mapping[str, str]) -> str:
        """A value in the reader's words; a text that was typed, or is not known, as it is."""
        say, text = self.visit.say, self.visit.speech.text
        known: dict[str, Mapping[str, str]] = {
            "open": {"open": say("öppna", "open"), "closed": say("avslutade", "closed")},
            "assignee": {**names, ME: say("jag", "me"), NOBODY: say("ingen", "nobody")},
            "subject": names,
            "waits": {ME: say("mig", "me")},
            "overdue": {"1": ""},
            "due": {group: text(words) for group, words in DUE_WORDS.items()},
        }
        if value in known.get(name, {}):
            return known[name][value]
        look_up = {
            "unit": self.visit.unit_name,
            "workflow": self._process,
            "state": self._state,
            "partner": self._partner,
            "linked_to": self._number,
        }.get(name)
        return (look_up(value) if look_up else None) or value

    def _process(self, workflow: str) -> str | None:
        catalogue = self.visit.house.catalogue
        known = workflow in catalogue.names
        return self.visit.speech.text(catalogue.current(workflow).workflow.label) if known else None

    def _state(self, state: str) -> str | None:
        catalogue = self.visit.house.catalogue
        workflows = [name for name in self.chosen.many("workflow") if name in catalogue.names] or catalogue.names
        said = (states_of(catalogue, name).get(state) for name in workflows)
        return " / ".join(dict.fromkeys(self.visit.speech.text(label) for label in said if label)) or None

    def _partner(self, partner: str) -> str | None:
        return self.visit.house.lookups.partners(self.visit.institution, [partner]).get(partner)

    def _number(self, case: str) -> str | None:
        """The number of a case the reader may read."""
        visit = self.visit
        try:
            visit.house.queries.readable(visit.institution, visit.person, case)
        except CaseNotFound:
            return None
        return visit.house.queries.titles(visit.institution, [case])[case].number
