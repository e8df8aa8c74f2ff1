"""What an auditor may ask: what happened across cases, and who read what; and who has a case open now.

Events are shown to whoever may read their case. Readings of others are shown to auditors alone, of
the cases they audit; everybody sees their own, and of which case as long as they may read it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from engine.asking import Asking, asking
from engine.canonical import micros
from engine.cases import Cases
from engine.dashboards import label_of
from engine.paging import Page
from engine.scope import scope_of_roles
from engine.store import audit_rows
from engine.store.audit_rows import EventRow, Present, Reading, ReadingFilter, Sight, Trace
from engine.store.store import Store
from engine.vocabulary import Role, Text

__all__ = ["Audit", "Entry", "EventFilter", "Presence", "Present", "Reading", "Readings", "Sight"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """Which events are looked for. Empty and None narrow nothing.

    `party` is a person's id, "clock" or "import"; `number` a case number as it is written;
    days are local and both included.
    """

    workflow: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    trigger: tuple[str, ...] = ()
    party: str | None = None
    unit: tuple[str, ...] = ()
    from_day: date | None = None
    to_day: date | None = None
    number: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """An event in words: the label of its step (None where it was none), and of the states."""

    row: EventRow
    label: Text | None
    from_label: Text | None
    to_label: Text


@dataclass(frozen=True)
class Audit:
    """Reads across cases, for auditors and for whoever may read the cases."""

    cases: Cases

    def events(
        self, institution: str, person: str, *, narrowed: EventFilter, cursor: str | None = None, limit: int = 50
    ) -> Page[Entry]:
        """A page of events, the newest first. Raises BadFields for a cursor that is none of ours."""
        with asking(self.cases, institution, person) as asked:
            trace = _trace(asked, narrowed)
            page = audit_rows.events(asked.connection, asked.scope, trace, cursor=cursor, limit=limit)
        return Page(tuple(self._entry(row) for row in page.items), page.next_cursor)

    def readings(
        self,
        institution: str,
        person: str,
        *,
        case: str | None = None,
        reader: str | None = None,
        from_day: date | None = None,
        to_day: date | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Reading]:
        """A page of who read what, the latest first: one's own, and all of the cases one audits.

        One's own readings stay one's own when the right to read the case has ended; number and
        title of the case are then no longer told.
        """
        with asking(self.cases, institution, person) as asked:
            audited = scope_of_roles(asked.organisation, person, asked.now, Role.AUDITOR)
            if not audited.units and reader not in {None, person}:
                return Page((), None)
            who = reader if audited.units else person
            wanted = ReadingFilter(case=case, person=who, from_day=from_day, to_day=to_day)
            sight = Sight(asked.scope, audited)
            return audit_rows.readings(asked.connection, institution, wanted, sight=sight, cursor=cursor, limit=limit)

    def _entry(self, row: EventRow) -> Entry:
        return Entry(
            row=row,
            label=self._step_label(row),
            from_label=label_of(self.cases, row.workflow, row.from_state) if row.from_state else None,
            to_label=label_of(self.cases, row.workflow, row.to_state),
        )

    def _step_label(self, row: EventRow) -> Text | None:
        steps = (
            step
            for definition in self.cases.catalogue.versions(row.workflow)
            for step in definition.by_trigger.get(row.trigger or "", ())
        )
        found = sorted(steps, key=lambda step: (row.from_state or "") not in step.sources)
        return found[0].label if found else None


def _trace(asked: Asking, narrowed: EventFilter) -> Trace:
    first, last = narrowed.from_day, narrowed.to_day
    return Trace(
        workflow=narrowed.workflow,
        kind=narrowed.kind,
        trigger=narrowed.trigger,
        party=narrowed.party,
        unit=narrowed.unit,
        since=micros(asked.calendar.start_of(first)) if first else None,
        before=micros(asked.calendar.end_of(last)) if last else None,
        number=narrowed.number.strip().upper() if narrowed.number else None,
    )


@dataclass(frozen=True)
class Readings:
    """Notes who reads a case: one row for a person, a case and a local day."""

    store: Store

    def note(self, institution: str, person: str, *cases: str, at: int, day: date) -> None:
        """Note that the person reads these cases at an instant. Raises Busy where the database is."""
        values = {"institution": institution, "person": person, "at": at, "day": day}
        with self.store.writes(beside=True) as connection:
            for case in cases:
                audit_rows.note_reading(connection, {**values, "case": case})

    def of(
        self,
        institution: str,
        *,
        case: str | None = None,
        person: str | None = None,
        from_day: date | None = None,
        to_day: date | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Reading]:
        """A page of readings, the latest first, whoever asks; `Audit.readings` judges who may."""
        wanted = ReadingFilter(case=case, person=person, from_day=from_day, to_day=to_day)
        with self.store.reads() as connection:
            return audit_rows.readings(connection, institution, wanted, sight=None, cursor=cursor, limit=limit)


@dataclass(frozen=True)
class Presence:
    """Knows who has a case open. What it forgets, nobody misses."""

    store: Store

    def beat(self, institution: str, case: str, person: str, *, at: int) -> None:
        """Note that the person has the case open at an instant."""
        values = {"institution": institution, "case": case, "person": person, "at": at}
        with self.store.writes(beside=True) as connection:
            audit_rows.beat(connection, values)

    def others(self, institution: str, case: str, person: str, *, since: int) -> tuple[Present, ...]:
        """Who else has had the case open at or after an instant."""
        with self.store.reads() as connection:
            return audit_rows.present(connection, institution, case, besides=person, since=since)

    def leave(self, institution: str, case: str, person: str) -> None:
        """Note that the person has closed the case."""
        with self.store.writes(beside=True) as connection:
            audit_rows.leave(connection, institution, case, person)

    def forget(self, *, before: int) -> int:
        """Forget whoever was last there before an instant, in every institution; how many."""
        with self.store.writes(beside=True) as connection:
            return audit_rows.forget(connection, before=before)
