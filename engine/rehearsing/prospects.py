"""What carrying the open cases over to a file would do: which are stuck, which deadlines would move.

The very migration is decided (`engine.migrating`) and not written. A file from one of whose states
no end can be reached does not load, so a case that is carried over can always come to an end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from engine.cases import Cases
from engine.catalogue import Catalogue
from engine.definition import Definition
from engine.errors import Refused
from engine.model import IMPORT_PARTY, Case, DeadlineRow, Migrate, Request
from engine.outlook import outlook
from engine.rehearsing.report import Moved, Shift, Stuck
from engine.store.ledger import Ledger
from engine.vocabulary import Text
from engine.wording import Wording

FREE_PLACE: Final = Text(
    "Ge ärendet en plats i avtalet först, eller för statusen till en som inte håller någon plats.",
    "Give the case a place under the agreement first, or let the file send the status to one that holds no place.",
)
WHAT_TO_DO: Final = {
    "migration_no_state": Text(
        "Skriv i filens överföring vart statusen ska föras, eller ta ärendet vidare till en annan status före bytet.",
        "Write in the file’s migration where the status goes, or take the case on to another status before the change.",
    ),
    "migration_facts": Text(
        "Rätta uppgifterna i ärendet före bytet, eller låt filen godta dem som de är.",
        "Put the facts of the case right before the change, or let the file take them as they are.",
    ),
    "no_place_left": FREE_PLACE,
    "no_row_for_stay": FREE_PLACE,
    "stay_not_known": FREE_PLACE,
    "no_agreement": FREE_PLACE,
}
LEAVE_IT: Final = Text(
    "Låt ärendet avslutas enligt den version det började med, eller ändra filen.",
    "Let the case come to its end under the version it is in, or change the file.",
)


@dataclass(frozen=True)
class Prospects:
    """Tries to carry open cases over. `cases` reads; `catalogue` has the file in place of the current one."""

    cases: Cases
    catalogue: Catalogue
    file: Definition

    @classmethod
    def over(cls, cases: Cases, catalogue: Catalogue, file: Definition) -> Prospects:
        """Look at the open cases as the file would have them."""
        return cls(replace(cases, catalogue=catalogue), catalogue, file)

    def of(self, ledger: Ledger, case: Case) -> Stuck | tuple[Moved, ...]:
        """What becomes of an open case. One that is under the file already, or is closed by now, stays as it is."""
        if case.definition == self.file.hash or case.closed_at is not None:
            return ()
        request = Request(case.institution, Migrate(), IMPORT_PARTY, case=case.id)
        snapshot = self.cases.snapshot(ledger, request)
        try:
            decision = outlook(self.catalogue, snapshot, case.id)
        except Refused as refused:
            return self._stuck(case, refused)
        except Exception as error:  # noqa: BLE001 - a file being tried may fail in any way; such a case is stuck
            return self._failed(case, type(error).__name__)
        after = next(each for each in decision.cases if each.id == case.id)
        return tuple(self._moved(snapshot.cases[case.id], after))

    def _stuck(self, case: Case, refused: Refused) -> Stuck:
        code = refused.reasons[0].code if refused.reasons else refused.code
        words = [reason.message for reason in refused.reasons] or [refused.message]
        text = Text(" ".join(each.sv for each in words), " ".join(each.en for each in words))
        return self._told(case, code, text)

    def _failed(self, case: Case, kind: str) -> Stuck:
        sv = f"En fråga i den nya filen går inte att besvara för ärendet ({kind})."
        en = f"Something the new file asks of the case cannot be answered ({kind})."
        return self._told(case, "fails", Text(sv, en))

    def _told(self, case: Case, code: str, words: Text) -> Stuck:
        label = Wording(self.catalogue.by_hash(case.definition), self.catalogue).state(case.state)
        return Stuck(
            case=case.id,
            number=case.number,
            unit=case.unit,
            state=case.state,
            label=label,
            code=code,
            words=words,
            do=WHAT_TO_DO.get(code, LEAVE_IT),
        )

    def _moved(self, before: Case, after: Case) -> Iterator[Moved]:
        old = {row.name: row for row in before.deadlines}
        new = {row.name: row for row in after.deadlines}
        known = {**self.catalogue.by_hash(before.definition).deadlines, **self.file.deadlines}
        for name in sorted({*old, *new}):
            shift = _shift(old.get(name), new.get(name))
            if shift is not None:
                yield Moved(
                    case=before.id,
                    number=before.number,
                    unit=before.unit,
                    deadline=name,
                    label=known[name].label,
                    shift=shift,
                    before=old[name].due_on if name in old else None,
                    after=new[name].due_on if name in new else None,
                )


def _shift(before: DeadlineRow | None, after: DeadlineRow | None) -> Shift | None:
    if before is None or after is None:
        return Shift.STOPPED if before else Shift.STARTED if after else None
    if before.resting != after.resting:
        return Shift.RESTED if after.resting else Shift.RESUMED
    return Shift.MOVED if before.due_on != after.due_on else None
