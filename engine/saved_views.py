"""Lists kept under a name: somebody's own, or a unit's for everybody who holds a role there or below.

A view is a page and its query string, no more: what it shows is worked out anew, with the
rights of whoever opens it.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final

from engine.canonical import micros
from engine.errors import BadFields
from engine.organisation import Organisation
from engine.ports import Clock, Ids
from engine.scope import units_held
from engine.store import view_rows
from engine.store.store import Store
from engine.vocabulary import Reason, Text

LONGEST_NAME: Final = 80
LONGEST_QUERY: Final = 2_000
MOST: Final = 100
"""How many views one person may save."""


@dataclass(frozen=True, slots=True)
class ViewCard:
    """A saved view. `unit` is None where it is the owner's alone; `query` has no question mark."""

    id: str
    owner: str
    unit: str | None
    name: str
    page: str
    query: str


@dataclass(frozen=True)
class SavedViews:
    """Keeps views. The organisation handed in is the one that now is."""

    store: Store
    clock: Clock
    ids: Ids

    def units_of(self, organisation: Organisation, person: str) -> tuple[str, ...]:
        """The units for which the person may save a view: where they hold a role today, in order of code."""
        return units_held(organisation, person, micros(self.clock.now()))

    def of(self, organisation: Organisation, person: str) -> tuple[ViewCard, ...]:
        """The person's own views and those of their units and of the units above, by name."""
        above = {code for unit in self.units_of(organisation, person) for code in organisation.upwards(unit)}
        rows = view_rows.seen_by(self.store, organisation.institution, person, above)
        return tuple(
            ViewCard(row["id"], row["owner"], row["unit"], row["name"], row["page"], row["query"]) for row in rows
        )

    def save(
        self, organisation: Organisation, person: str, *, name: str, page: str, query: str, unit: str | None
    ) -> str:
        """Keep a view; its id. Raises BadFields for a name, query or unit that cannot be."""
        called = clean_name(name)
        if len(query) > LONGEST_QUERY:
            raise _wrong("query", "Urvalet är för långt för att sparas; välj färre filter.",
                         "The filters are too long to be saved; choose fewer.")  # fmt: skip
        if unit is not None and unit not in self.units_of(organisation, person):
            raise _wrong("unit", "Välj en enhet där du har en roll.", "Choose a unit where you hold a role.")
        institution, now = organisation.institution, self.clock.now()
        row = {
            "institution": institution, "id": self.ids.new(now), "owner": person, "unit": unit, "name": called,
            "page": page, "query": query, "created_at": micros(now),
        }  # fmt: skip
        with self.store.writes() as connection:
            if view_rows.count_of(connection, institution, person) >= MOST:
                raise _wrong("name", f"Du har redan {MOST} sparade vyer; ta bort någon först.",
                             f"You already have {MOST} saved views; remove one first.")  # fmt: skip
            view_rows.insert(connection, row)
        return str(row["id"])

    def rename(self, institution: str, person: str, view: str, *, name: str) -> bool:
        """Give one's own view another name; False where it is not there. Raises BadFields."""
        called = clean_name(name)
        with self.store.writes() as connection:
            return view_rows.rename(connection, institution, person, view, name=called)

    def remove(self, institution: str, person: str, view: str) -> bool:
        """Remove one's own view; False where it is not there."""
        with self.store.writes() as connection:
            return view_rows.delete(connection, institution, person, view)


def clean_name(written: str) -> str:
    """The name on one line, composed. Raises BadFields where nothing is left, or too much."""
    name = " ".join(unicodedata.normalize("NFC", written).split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise _wrong("name", f"Skriv ett namn med högst {LONGEST_NAME} tecken.",
                     f"Write a name of at most {LONGEST_NAME} characters.")  # fmt: skip
    return name


def _wrong(field: str, sv: str, en: str) -> BadFields:
    return BadFields(Text(sv, en), (Reason(f"field:{field}", Text(sv, en)),))
