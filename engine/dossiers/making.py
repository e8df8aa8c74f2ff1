"""Makes audit folders of mobilities: reads all that belongs in them, many cases at a time, and has it judged.

What a system check by the national Erasmus agency asks for stands in the workflow file
(`AuditFolder`); what of it is there is judged by `engine.dossiers.judging`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from engine.auditing import Readings
from engine.calendar import Calendar
from engine.canonical import micros
from engine.cases import Cases
from engine.dossiers.drawing import MOST, Sample, draw
from engine.dossiers.judging import Read, as_told, judge
from engine.dossiers.values import Application, Decided, Dossier, Ranked, ReadBy, Sent, Subject
from engine.errors import BadFields
from engine.model import Case
from engine.organisation import Organisation
from engine.parts import in_parts
from engine.scope import Scope
from engine.store import dossier_rows, event_rows
from engine.store.audit_rows import Sight
from engine.store.event_rows import Written
from engine.store.store import Session
from engine.vocabulary import AuditFolder, Call, Reason, Text

AT_ONCE: Final = 50
"""How many folders are read together."""

MOST_READINGS: Final = 1_000
LONGEST_SEED: Final = 100


@dataclass(frozen=True)
class Around:
    """What was read for several folders at once, in the same few statements."""

    cases: Mapping[str, Case]
    events: Mapping[str, tuple[Written, ...]]
    rivals: Sequence[Case]
    ranked: Mapping[str, Ranked]
    sent: Sequence[Sent]

    def subject(self, case: str) -> Subject:
        """A case with its history."""
        return Subject(self.cases[case], self.events.get(case, ()))


@dataclass(frozen=True)
class Dossiers:
    """Makes audit folders. `organisation` gives the calendar by which days are told."""

    cases: Cases
    organisation: Organisation

    def folder_of(self, workflow: str) -> AuditFolder | None:
        """What belongs in the folder of such a case, as its newest file says; None where it says nothing."""
        return self.cases.catalogue.current(workflow).workflow.dossier

    @property
    def workflows(self) -> tuple[str, ...]:
        """The workflows that declare an audit folder."""
        return tuple(name for name in self.cases.catalogue.names if self.folder_of(name) is not None)

    def make(self, ids: Iterable[str], *, sight: Sight | None = None, readings: bool = True) -> Iterator[Dossier]:
        """The folders of these cases, in this order; ids of no case are left out.

        With `sight` other applicants' numbers, and what the cases it is linked to hold, are told only where
        they may be read; how it is with each paper is told all the same. Of a case that its person does not audit
        their own readings alone are told. Raises BadFields for a case whose process declares no folder.
        """
        for some in in_parts(list(ids), AT_ONCE):
            yield from self._some(some, sight, readings=readings)

    def sample(
        self,
        *,
        workflow: str,
        seed: str,
        number: int,
        since: date | None = None,
        until: date | None = None,
        scope: Scope | None = None,
    ) -> Sample:
        """Draw so many of the cases that ended on these local days. Raises BadFields."""
        if not seed.strip() or len(seed) > LONGEST_SEED or not seed.isprintable():
            raise _bad("seed", f"Ange ett slumpfrö, högst {LONGEST_SEED} tecken.",
                       f"Give a seed of at most {LONGEST_SEED} characters.")  # fmt: skip
        if not 1 <= number <= MOST:
            raise _bad("number", f"Ange ett antal från 1 till {MOST}.", f"Give a number from 1 to {MOST}.")
        if workflow not in self.workflows:
            raise _undeclared()
        calendar = self._calendar(self.organisation.institution)
        with self.cases.store.reads() as connection:
            members = dossier_rows.drawable(
                connection,
                self.organisation.institution,
                workflow=workflow,
                since=micros(calendar.start_of(since)) if since else None,
                before=micros(calendar.end_of(until)) if until else None,
                scope=scope,
            )
        return draw(members, seed, number)

    def _calendar(self, unit: str) -> Calendar:
        return self.organisation.calendar(unit)

    # One reading for many.

    def _some(self, ids: Sequence[str], sight: Sight | None, *, readings: bool) -> Iterator[Dossier]:
        institution = self.organisation.institution
        with self.cases.store.reads() as connection:
            around = self._around(connection, ids)
            others = {*around.cases, *(rival.id for rival in around.rivals)} - {*ids}
            readable = dossier_rows.may_read(connection, sight.told, others) if sight else others
            hidden = frozenset(others - readable)
            audited = _audited(connection, sight, ids)
        notes = Readings(self.cases.store)
        for case in (case for case in ids if case in around.cases):
            reader = sight.told.person if sight and case not in audited else None
            read_by = notes.of(institution, case=case, person=reader, limit=MOST_READINGS).items if readings else ()
            yield self._one(around, case, hidden, ReadBy(read_by, reader))

    def _around(self, connection: Session, ids: Sequence[str]) -> Around:
        institution = self.organisation.institution
        cases = dict(dossier_rows.cases(connection, institution, ids))
        calls = [call for case in cases.values() if (call := self._folder(case).call) is not None]
        tied = {to for case in list(cases.values()) for _, to in case.links}
        cases |= dossier_rows.cases(connection, institution, tied - {*cases})
        rivals: dict[str, Case] = {}
        for call in dict.fromkeys(calls):
            of = [case for case in ids if case in cases and self._folder(cases[case]).call == call]
            to = {found for case in of if (found := cases[case].link(call.link)) is not None}
            workflows = {cases[case].workflow for case in of}
            others = dossier_rows.linked_to(connection, institution, link=call.link, to=to, workflows=workflows)
            rivals |= {rival.id: rival for rival in others}
        steps = {call.ranked_by for call in calls if call.ranked_by is not None}
        return Around(
            cases=cases,
            events=_by_case(event_rows.all_events(connection, institution, cases)),
            rivals=sorted(rivals.values(), key=lambda rival: (rival.number, rival.id)),
            ranked=dossier_rows.first_steps(connection, institution, rivals, steps),
            sent=dossier_rows.messages(connection, institution, ids),
        )

    def _folder(self, case: Case) -> AuditFolder:
        folder = self.folder_of(case.workflow)
        if folder is None:
            raise _undeclared()
        return folder

    # One folder.

    def _one(self, around: Around, case: str, hidden: frozenset[str], read_by: ReadBy) -> Dossier:
        subject = around.subject(case)
        folder = self._folder(subject.case)
        same = _of_call(subject.case, folder.call, around.rivals)
        ranked = [around.ranked[each.id] for each in same if each.id in around.ranked]
        first = min(ranked, key=lambda each: (each.at, each.case), default=None)
        links = {name: around.subject(to) for name, to in subject.case.links if to in around.cases}
        read = Read(subject, links, self._calendar(subject.case.unit), first)
        told_of = (*same, *(tied.case for tied in links.values()))
        unseen = frozenset(each.number for each in told_of if each.id in hidden)
        return Dossier(
            subject=subject,
            folder=folder,
            findings=tuple(as_told(finding, unseen) for finding in judge(folder, read)),
            linked={name: _outline(tied.case) if tied.case.id in hidden else tied.case for name, tied in links.items()},
            applications=tuple(_applications(subject.case, folder.call, same, around.ranked, unseen)),
            decisions=tuple(_decided(subject, folder, around.sent)),
            read_by=read_by,
        )


def _audited(connection: Session, sight: Sight | None, ids: Collection[str]) -> Collection[str]:
    """Those of these cases of which everybody's readings are told."""
    if sight is None or sight.audited.everything:
        return ids
    return dossier_rows.may_read(connection, sight.audited, ids) if sight.audited.units else ()


def _outline(case: Case) -> Case:
    """What is told of a linked case that may not be read: that it is there."""
    return case.but(title="", facts={})


def _by_case(events: Iterable[Written]) -> dict[str, tuple[Written, ...]]:
    found: dict[str, list[Written]] = {}
    for event in events:
        found.setdefault(event.case, []).append(event)
    return {case: tuple(several) for case, several in found.items()}


def _of_call(case: Case, call: Call | None, rivals: Iterable[Case]) -> list[Case]:
    """The applications of the same call as the case, itself among them."""
    if call is None:
        return []
    to = case.link(call.link)
    return [
        rival
        for rival in rivals
        if rival.workflow == case.workflow
        and rival.link(call.link) == to
        and all(rival.facts.get(name) == case.facts.get(name) for name in call.facts)
    ]


def _applications(
    case: Case, call: Call | None, same: list[Case], ranked: Mapping[str, Ranked], hidden: Collection[str]
) -> Iterator[Application]:
    for place, rival in enumerate(same, start=1):
        first = ranked.get(rival.id)
        yield Application(
            place=place,
            number=None if rival.number in hidden else rival.number,
            own=rival.id == case.id,
            state=rival.state,
            definition=rival.definition,
            ranks={name: rival.facts.get(name) for name in (call.ranks if call else ())},
            ranked_at=first.at if first else None,
        )


def _decided(subject: Subject, folder: AuditFolder, sent: Sequence[Sent]) -> Iterator[Decided]:
    for event in subject.events:
        if event.body.get("trigger") in folder.decisions:
            about = (each for each in sent if (each.case, each.sequence) == (subject.case.id, event.sequence))
            yield Decided(event, tuple(about))


def _bad(field: str, sv: str, en: str) -> BadFields:
    text = Text(sv, en)
    return BadFields(text, (Reason(f"field:{field}", text),))


def _undeclared() -> BadFields:
    return _bad("workflow", "Processen har ingen granskningsmapp.", "The process has no audit folder.")
