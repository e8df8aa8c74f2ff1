"""Finds partners, cases and people by words, among what the reader may know of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from engine.directory import folded_email
from engine.errors import BadFields, CaseNotFound
from engine.store.narrowing import CaseFilter
from engine.vocabulary import Reason, Text
from service.pages.form_shown import looked_up
from service.pages.form_values import Typed, one
from service.pages.forms import Field, Kind, Option
from service.pages.visiting import Visit
from service.shapes import is_id

MOST: Final = 15
"""How many hits are offered; whoever wants others writes more words."""

LONGEST: Final = 100

UNNAMED: Final = Text("Personen med den adressen", "The person with that address")
"""Whom a whole address finds is chosen without their name, by one who may not know of them."""

CHOOSE: Final = Text("välj en av träffarna, eller töm sökrutan", "choose one of the hits, or empty the search box")


@dataclass(frozen=True)
class Lookups:
    """Looks things up for one visit."""

    visit: Visit

    def for_form(self, fields: Iterable[Field], typed: Typed) -> dict[str, tuple[Option, ...]]:
        """What there is to choose from, by the name of the field: hits of its words, and what is chosen."""
        return {name: self.hits(field, typed, name) for field, name in looked_up(fields, typed)}

    def hits(self, field: Field, typed: Typed, name: str) -> tuple[Option, ...]:
        """Hits of the words typed for a field, what is chosen already first."""
        chosen, words = one(typed, name), one(typed, f"q.{name}").strip()[:LONGEST]
        found = self.search(field.kind, words, field.workflow) if words else ()
        known = self.named(field.kind, chosen) if chosen else None
        return tuple(dict.fromkeys((known, *found))) if known else found

    def search(self, kind: Kind, words: str, workflow: str | None = None) -> tuple[Option, ...]:
        """What the words find."""
        match kind:
            case Kind.PARTNER:
                found = self.visit.house.directory.search_partners(self.visit.institution, words, limit=MOST)
                return tuple(_option(each.id, _listed(each.name, each.city, each.country)) for each in found)
            case Kind.PERSON:
                return self._people(words)
            case _:
                return self._cases(words, workflow)

    def named(self, kind: Kind, chosen: str) -> Option | None:
        """What has been chosen, in words; None for what is not there, or not the reader's to know."""
        if not is_id(chosen):
            return None
        house, institution = self.visit.house, self.visit.institution
        match kind:
            case Kind.PARTNER:
                partner = house.directory.partner(institution, chosen)
                return _option(chosen, _listed(partner.name, partner.city, partner.country)) if partner else None
            case Kind.PERSON:
                name = house.queries.names(institution, [chosen]).get(chosen)
                return self._person(chosen, name) if name else None
            case _:
                return self._case(chosen)

    def _case(self, chosen: str) -> Option | None:
        queries, institution = self.visit.house.queries, self.visit.institution
        try:
            queries.readable(institution, self.visit.person, chosen)
        except CaseNotFound:
            return None
        words = queries.titles(institution, [chosen]).get(chosen)
        return _option(chosen, f"{words.number} {words.title}") if words else None

    def _cases(self, words: str, workflow: str | None) -> tuple[Option, ...]:
        narrowed = CaseFilter(q=words, workflow=(workflow,) if workflow else ())
        found = self.visit.house.queries.list_cases(
            self.visit.institution, self.visit.person, narrowed=narrowed, limit=MOST
        )
        return tuple(_option(case.id, f"{case.number} {case.title}") for case in found.items)

    def _people(self, words: str) -> tuple[Option, ...]:
        """People whose cases the reader may read, by name; and whoever has exactly this address."""
        house, institution = self.visit.house, self.visit.institution
        cases = house.queries.list_cases(institution, self.visit.person, narrowed=CaseFilter(q=words), limit=50)
        names = house.queries.names(institution, {case.subject for case in cases.items if case.subject})
        wanted = words.casefold().split()
        fitting = {id_: name for id_, name in names.items() if all(each in name.casefold() for each in wanted)}
        return (*self._of_address(words), *(_option(*each) for each in sorted(fitting.items(), key=_by_name)[:MOST]))

    def _of_address(self, words: str) -> tuple[Option, ...]:
        try:
            card = self.visit.house.directory.person_by_email(self.visit.institution, folded_email(words))
        except BadFields:
            return ()
        return (self._person(card.id, card.name or words),) if card else ()

    def _person(self, id_: str, name: str) -> Option:
        """A person, named to those alone who may know of them."""
        return _option(id_, name) if self.visit.known([id_]) else Option(id_, id_, UNNAMED)


def undecided(fields: Iterable[Field], typed: Typed) -> list[Reason]:
    """One reason for each field that words were typed for and nothing chosen: they must not get lost."""
    return [
        Reason(
            f"field:{name.partition('.')[2]}",
            Text(f"{field.label.sv}: {CHOOSE.sv}.", f"{field.label.en}: {CHOOSE.en}."),
        )
        for field, name in looked_up(fields, typed)
        if one(typed, f"q.{name}").strip() and not one(typed, name)
    ]


def _option(id_: str, words: str) -> Option:
    return Option(id_, id_, Text(words, words))


def _listed(*parts: str | None) -> str:
    return ", ".join(filter(None, parts))


def _by_name(found: tuple[str, str]) -> str:
    return found[1].casefold()
