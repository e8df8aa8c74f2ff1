"""The bank of reasons: texts to write a decision with, one's own or shared with a unit.

Shared ones are read by everybody who holds a role in the unit or below it, and changed by
whoever wrote them. A text taken from the bank is copied into the decision; changing it later
changes no decision.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from engine.canonical import micros
from engine.errors import BadFields
from engine.organisation import Organisation
from engine.ports import Clock, Ids
from engine.scope import units_held
from engine.store import reason_rows
from engine.store.store import Store
from engine.vocabulary import Reason, Text

LONGEST_NAME: Final = 80
LONGEST_TEXT: Final = 4000
MOST: Final = 200
"""How many reasons one person may keep."""


@dataclass(frozen=True, slots=True)
class ReasonCard:
    """A kept reason. `unit` is None where it is the owner's alone; one of the texts may be empty."""

    id: str
    owner: str
    unit: str | None
    name: str
    text_sv: str
    text_en: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to keep."""

    name: str
    text_sv: str
    text_en: str
    unit: str | None


@dataclass(frozen=True)
class Reasons:
    """Keeps reasons. The organisation handed in is the one that now is."""

    store: Store
    clock: Clock
    ids: Ids

    def units_of(self, organisation: Organisation, person: str) -> tuple[str, ...]:
        """The units the person may share a reason with: where they hold a role today, in order of code."""
        return units_held(organisation, person, micros(self.clock.now()))

    def of(self, organisation: Organisation, person: str) -> tuple[ReasonCard, ...]:
        """The person's own reasons and those of their units and of the units above, by name."""
        above = {code for unit in self.units_of(organisation, person) for code in organisation.upwards(unit)}
        rows = reason_rows.seen_by(self.store, organisation.institution, person, above)
        return tuple(
            ReasonCard(row["id"], row["owner"], row["unit"], row["name"], row["text_sv"], row["text_en"])
            for row in rows
        )

    def add(self, organisation: Organisation, person: str, wanted: Wanted) -> str:
        """Keep a reason; its id. Raises BadFields with a reason a field."""
        values = self._values(organisation, person, wanted)
        now = self.clock.now()
        fresh = {"institution": organisation.institution, "id": self.ids.new(now), "owner": person}
        with self.store.writes() as connection:
            if reason_rows.count_of(connection, organisation.institution, person) >= MOST:
                full = _wrong("name", f"Du har redan {MOST} motiveringar; ta bort någon först.",
                              f"You keep {MOST} reasons already; remove one first.")  # fmt: skip
                raise BadFields(full.message, (full,))
            reason_rows.insert(connection, {**fresh, **values, "created_at": micros(now)})
        return fresh["id"]

    def change(self, organisation: Organisation, person: str, reason: str, wanted: Wanted) -> bool:
        """Write over one's own reason; False where it is not there. Raises BadFields."""
        values = self._values(organisation, person, wanted)
        with self.store.writes() as connection:
            return reason_rows.update(connection, organisation.institution, person, reason, values)

    def remove(self, institution: str, person: str, reason: str) -> bool:
        """Remove one's own reason; False where it is not there."""
        with self.store.writes() as connection:
            return reason_rows.delete(connection, institution, person, reason)

    def _values(self, organisation: Organisation, person: str, wanted: Wanted) -> dict[str, str | None]:
        """What is to be written. Raises BadFields with everything that is wrong."""
        name = " ".join(wanted.name.split())
        sv, en = wanted.text_sv.strip(), wanted.text_en.strip()
        bounds = (("name", name, LONGEST_NAME), ("text_sv", sv, LONGEST_TEXT), ("text_en", en, LONGEST_TEXT))
        faults = [fault for field, text, most in bounds for fault in _too_long(field, text, most)]
        if not name:
            faults.append(_wrong("name", "Ge motiveringen ett namn.", "Give the reason a name."))
        if not sv and not en:
            faults.append(
                _wrong("text_sv", "Skriv texten på minst ett språk.", "Write the text in one language at least.")
            )
        if wanted.unit is not None and wanted.unit not in self.units_of(organisation, person):
            faults.append(_wrong("unit", "Välj en enhet där du har en roll.", "Choose a unit where you hold a role."))
        if faults:
            raise BadFields(faults[0].message, tuple(faults))
        return {"name": name, "text_sv": sv, "text_en": en, "unit": wanted.unit}


def _too_long(field: str, text: str, most: int) -> list[Reason]:
    if len(text) <= most:
        return []
    return [_wrong(field, f"För långt: högst {most} tecken.", f"Too long: at most {most} characters.")]


def _wrong(field: str, sv: str, en: str) -> Reason:
    return Reason(f"field:{field}", Text(sv, en))
