"""What somebody has begun to write in a form about a case, kept until it is sent or thirty days old.

A draft belongs to one person; nobody else reads it. It holds personal data as typed, so it is
removed when the step is taken, when it is discarded, when it is old, and when a case is erased.
One person keeps so many at most; the oldest gives way, and nobody is told: a draft is a
convenience, and forgetting what was touched longest ago is better than refusing what is being
written now.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from engine.canonical import micros
from engine.erasures import refuse_erased
from engine.errors import BadFields
from engine.ports import Clock
from engine.store import form_draft_rows
from engine.store.store import Store
from engine.vocabulary import Reason, Text

KEPT: Final = timedelta(days=30)
"""How long a draft is kept after it was last touched."""

LONGEST: Final = 200_000
"""How many characters a draft holds at most, names of fields counted."""

LONGEST_NAME: Final = 100

MOST: Final = 100
"""How many drafts one person keeps, of all cases together."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What was typed (each field with all its values), at which version of the case, and when."""

    version: int
    given: Mapping[str, list[str]]
    updated_at: int


@dataclass(frozen=True)
class FormDrafts:
    """Keeps drafts. `case` is a case's id, or whatever else the form is about."""

    store: Store
    clock: Clock

    def save(
        self, institution: str, person: str, *, case: str, form: str, version: int, given: Mapping[str, list[str]]
    ) -> int:
        """Keep a draft in place of an earlier one; the instant. Raises BadFields for one too long, and Busy.

        Raises GuardRefused where the details of the case are erased, lest new ones gather in drafts.
        Where the person then has more than MOST, the one touched longest ago is forgotten without a word.
        """
        if len(form) > LONGEST_NAME or sum(len(n) + sum(map(len, v)) for n, v in given.items()) > LONGEST:
            raise _too_long()
        now = micros(self.clock.now())
        row = {
            "institution": institution,
            "person": person,
            "case_id": case,
            "form": form,
            "version": version,
            "given": dict(given),
            "updated_at": now,
        }
        with self.store.writes() as connection:
            refuse_erased(connection, institution, case)
            form_draft_rows.put(connection, row)
            form_draft_rows.remove_beyond(connection, institution, person, most=MOST, case=case, form=form)
        return now

    def find(self, institution: str, person: str, *, case: str, form: str) -> Draft | None:
        """The person's draft; one that is too old is no longer there."""
        row = form_draft_rows.find(self.store, institution, person, case, form)
        if row is None or row["updated_at"] < self._oldest():
            return None
        return Draft(row["version"], row["given"], row["updated_at"])

    def discard(self, institution: str, person: str, *, case: str, form: str) -> bool:
        """Remove the person's draft; whether there was one. Those of anybody that are too old go with it."""
        with self.store.writes() as connection:
            form_draft_rows.remove_older(connection, before=self._oldest())
            return form_draft_rows.remove(connection, institution, person, case, form) > 0

    def forget(self) -> int:
        """Remove drafts that are too old; how many there were."""
        with self.store.writes() as connection:
            return form_draft_rows.remove_older(connection, before=self._oldest())

    def _oldest(self) -> int:
        return micros(self.clock.now() - KEPT)


def _too_long() -> BadFields:
    text = Text(
        f"Utkastet är för långt för att sparas: högst {LONGEST} tecken.",
        f"The draft is too long to be saved: at most {LONGEST} characters.",
    )
    return BadFields(text, (Reason("draft_too_long", text),))
