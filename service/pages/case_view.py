"""A case page as values: everything read in one go, then said for the reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any, Final

from engine.canonical import instant, micros
from engine.definition import Definition
from engine.follow_ups import FollowUp, FollowUps
from engine.looking import Look, look
from engine.model import Case, DeadlineRow, Status
from engine.naming import Named
from engine.neighbours import LinkedHere, linked_here
from engine.queries import Seen
from engine.rights import may_read
from engine.small_changes import may_correct, works_with
from engine.store.event_rows import Written
from engine.telling import addressees, partner_of
from engine.vocabulary import Role, Text
from engine.wording import Wording
from service.pages.case_steps import Holders, Steps, people_in, steps_of
from service.pages.codes import title_words
from service.pages.folder_rights import may_open
from service.pages.naming import names_for
from service.pages.sentences import party
from service.pages.timeline import SHOWN, Folded, LastChange, Told, Topic, fold_history, ids_of, typed_ids_of
from service.pages.values import Reader, Shown, declared_in, ids_in
from service.pages.visiting import Visit

MOST_LINKED: Final = 50
"""How many cases that link to this one stand on its page; an agreement has hundreds."""

LINKS: Final[Mapping[str, Text]] = {
    "agreement": Text("Avtal", "Agreement"),
    "parent": Text("Hör till", "Belongs to"),
    "successor": Text("Nytt avtal", "New agreement"),
    "reselected_from": Text("Omval från", "New choice after"),
}
"""What the links of the house's processes are called; another is called by its name."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A known fact, readable, with who changed it last."""

    title: Text
    shown: Shown
    last: LastChange | None


@dataclass(frozen=True, slots=True)
class Linked:
    """A case tied to this one. Where the reader may not read it, only its number is told."""

    words: Text
    number: str
    title: str = ""
    state: Text | None = None
    final: bool = False
    due_on: date | None = None
    late: bool = False
    readable: bool = False


@dataclass(frozen=True, slots=True)
class Clocked:
    """A deadline in words. `rule` says how it was declared, `next` what happens next and when."""

    label: Text
    status: Status
    due_on: date | None
    rule: Text
    next: str
    open: bool


@dataclass(frozen=True)
class Sight:
    """All that was read of a case for one page."""

    visit: Visit
    seen: Seen
    folded: Folded
    here: tuple[LinkedHere, ...]
    names: Mapping[str, Named]
    present: str
    follow_up: FollowUp | None
    shown: tuple[Told, ...]
    older: int | None

    @property
    def case(self) -> Case:
        """The case as it now is."""
        return self.seen.case

    @cached_property
    def definition(self) -> Definition:
        """The definition the case is under."""
        return self.visit.house.catalogue.by_hash(self.case.definition)

    @cached_property
    def reader(self) -> Reader:
        """Reads values for whoever is here."""
        return Reader(self.visit.speech, self.names, self.visit.organisation.units)

    @cached_property
    def holders(self) -> Holders:
        """Finds who holds a role about the case."""
        return Holders(self.seen.lens, self.case)

    @cached_property
    def states(self) -> Mapping[str, Text]:
        """The labels of all states, by name."""
        return {name: state.label for name, state in self.definition.states.items()}

    @property
    def final(self) -> bool:
        """Whether the case has ended."""
        return self.definition.states[self.case.state].final

    @property
    def corrects(self) -> bool:
        """Whether the reader may put the facts right."""
        return may_correct(self.seen.lens, self.visit.person, self.case)

    @cached_property
    def mine(self) -> bool:
        """Whether the reader works with the case; others, as auditors, are offered nothing that changes it."""
        return works_with(self.seen.lens, self.visit.person, self.case)

    @cached_property
    def opens_folder(self) -> bool:
        """Whether the case has an audit folder that the reader may open."""
        return self.definition.workflow.dossier is not None and may_open(self.visit, self.case.id)

    # The head of the page.

    @cached_property
    def waited_for(self) -> str:
        """Who is waited for, role and names; blank in a final state."""
        owner = self.definition.states[self.case.state].owner_role
        if owner is None:
            return ""
        if owner.role is Role.PARTNER:
            partner = partner_of(self.seen.lens, self.case)
            known = self.names.get(partner or "")
            name = known.words if known else self.case.facts.get("partner_name")
            return f"{self.visit.speech.role(owner.role)} ({name})" if name else self.visit.speech.role(owner.role)
        return self.holders.words((owner,), self.reader)

    @cached_property
    def due(self) -> DeadlineRow | None:
        """The open deadline that is due first; one that rests has no last day."""
        dated = [row for row in self.case.deadlines if row.open and row.due_on is not None and not row.resting]
        return min(dated, key=lambda row: row.due_on or date.max, default=None)

    def person(self, id_: str | None) -> str:
        """Somebody's name, or nothing."""
        return self.reader.named(id_).words if id_ else ""

    def author(self, party_: str) -> str:
        """Who did something: a name, the clock, or a file."""
        return party(party_, self.reader)

    # The parts of the page.

    @cached_property
    def steps(self) -> Steps:
        """What can be done now."""
        finals = frozenset(name for name, state in self.definition.states.items() if state.final)
        return steps_of(self.seen.actions, self.states, finals, self.holders, self.reader)

    @cached_property
    def facts(self) -> tuple[Fact, ...]:
        """The facts that are known, in the order declared."""
        return facts_of(self.definition, self.case.facts, self.folded.last, self.reader)

    @cached_property
    def links(self) -> tuple[Linked, ...]:
        """The cases this one links to, then those that link to it."""
        return (*self._linked_from_here(), *(self._linked_here(each) for each in self.here[:MOST_LINKED]))

    @property
    def more_links(self) -> bool:
        """Whether more cases link here than are shown."""
        return len(self.here) > MOST_LINKED

    def _linked_from_here(self) -> list[Linked]:
        lens, found = self.seen.lens, []
        for name, to in self.case.links:
            other = lens.cases.get(to)
            words = LINKS.get(name, title_words(name, None))
            if other is None or not may_read(lens, self.visit.person, other):
                found.append(Linked(words=words, number=self.reader.named(to).words))
                continue
            state = lens.definition(other).states[other.state]
            open_rows = [row for row in other.deadlines if row.open and row.due_on and not row.resting]
            due = min((row.due_on for row in open_rows if row.due_on), default=None)
            late = any(row.status is Status.MISSED for row in open_rows)
            found.append(
                Linked(
                    words=words,
                    number=other.number,
                    title=other.title,
                    state=state.label,
                    final=state.final,
                    due_on=due,
                    late=late,
                    readable=True,
                )
            )
        return found

    def _linked_here(self, other: LinkedHere) -> Linked:
        definition = self.visit.house.catalogue.by_hash(other.definition)
        state = definition.states[other.state]
        # The last day ends at the local midnight that is stored.
        ends = instant(other.due_at) - timedelta(microseconds=1) if other.due_at is not None else None
        due = self.visit.speech.calendar.local_date(ends) if ends else None
        return Linked(
            words=definition.workflow.label,
            number=other.number,
            title=other.title,
            state=state.label,
            final=state.final,
            due_on=due,
            late=other.missed_at is not None,
            readable=True,
        )

    @cached_property
    def deadlines(self) -> tuple[Clocked, ...]:
        """The newest running of each deadline: open ones first, of these the soonest due."""
        wording = Wording(
            self.definition, self.visit.house.catalogue, self.seen.lens.figures(self.definition, self.case.unit)
        )
        rows = sorted(self.case.deadlines, key=lambda row: (not row.open, row.due_on or date.max, row.name))
        return tuple(self._clocked(row, wording) for row in rows if row.name in self.definition.deadlines)

    def _clocked(self, row: DeadlineRow, wording: Wording) -> Clocked:
        deadline, speech = self.definition.deadlines[row.name], self.visit.speech
        rung = next((each for each in deadline.ladder if each.name == row.next_rung), None)
        following = ""
        if rung is not None and row.acts_at is not None:
            following = (
                f"{speech.weekday(speech.local(row.acts_at).date())}: {speech.text(wording.rung(deadline, rung))}"
            )
        rested = row.resting and row.status is not Status.MISSED
        status = Status.PAUSED if rested and row.open else row.status
        return Clocked(deadline.label, status, row.due_on, wording.deadline(deadline), following, row.open)

    @cached_property
    def mentionable(self) -> tuple[tuple[str, str], ...]:
        """Whom a comment may tell: recipient and words, by words."""
        found = []
        for recipient in addressees(self.seen.lens, self.case):
            kind, _, id_ = recipient.partition(":")
            found.append((recipient, self._unit(id_) if kind == "unit" else self.person(id_)))
        return tuple(sorted(found, key=lambda each: each[1].casefold()))

    def _unit(self, code: str) -> str:
        unit = self.visit.organisation.units[code]
        return self.visit.say(f"{unit.name_sv} (brevlåda)", f"{unit.name_en} (mailbox)")

    @property
    def unit(self) -> Text:
        """The name of the case's unit."""
        unit = self.visit.organisation.units[self.case.unit]
        return Text(unit.name_sv, unit.name_en)


def facts_of(
    definition: Definition, facts: Mapping[str, Any], last: Mapping[str, LastChange], reader: Reader
) -> tuple[Fact, ...]:
    """The facts that are known. A flag that nobody ever raised says nothing and is left out."""
    model = definition.workflow.facts
    return tuple(
        Fact(title_words(name, field.title), reader.read(facts[name], declared_in(model, name), name), last.get(name))
        for name, field in model.model_fields.items()
        if name in facts and _says_something(facts[name], last.get(name))
    )


def _says_something(value: object, last: LastChange | None) -> bool:
    # Opening writes every flag as lowered; one lowered later was raised before.
    return value not in (None, "", [], {}, False) or (value is False and last is not None and last.sequence > 1)


def case_sight(visit: Visit, case: str, *, topic: Topic | None, before: int | None) -> Sight:
    """Read all of a case's page; that it was read is noted. Raises CaseNotFound, Busy."""
    house = visit.house
    seen = house.queries.seen(visit.institution, visit.person, case)
    folded = fold_history(house.history.events(visit.institution, case), house.catalogue)
    chosen = [told for told in folded.narrowed(topic) if before is None or told.event.sequence < before]
    shown = tuple(chosen[:SHOWN])
    here = linked_here(house.store, visit.organisation, visit.person, case, now=visit.now, limit=MOST_LINKED + 1)
    present = look(house.store, looked(visit, case))
    return Sight(
        visit=visit,
        seen=seen,
        folded=folded,
        here=here,
        names=names_for(visit, _here(seen, folded, shown), _typed(seen, shown)),
        present=present_words(visit, [each.name or "–" for each in present]),
        follow_up=FollowUps(house.store).of(visit.institution, visit.person, case),
        shown=shown,
        older=shown[-1].event.sequence if len(chosen) > SHOWN else None,
    )


def present_words(visit: Visit, names: list[str]) -> str:
    """Who else has the case open, as a sentence; blank where nobody has."""
    if not names:
        return ""
    *first, last = names
    if not first:
        return visit.say("{who} har också ärendet öppet.", "{who} has the case open too.", who=last)
    return visit.say(
        "{first} och {last} har också ärendet öppet.", "{first} and {last} have the case open too.",
        first=", ".join(first), last=last,
    )  # fmt: skip


def looked(visit: Visit, case: str) -> Look:
    """That the reader has the case before them now."""
    wall = micros(visit.house.sessions.clock.now())
    return Look(
        institution=visit.institution, person=visit.person, case=case, at=visit.now, day=visit.speech.today, wall=wall
    )


def _here(seen: Seen, folded: Folded, shown: tuple[Told, ...]) -> set[str]:
    case, lens = seen.case, seen.lens
    holders = Holders(lens, case)
    owner = lens.definition(case).states[case.state].owner_role
    people = {case.subject, case.assignee, *(each.party for each in folded.last.values())}
    told = {each.partition(":")[2] for each in addressees(lens, case) if each.startswith("person:")}
    waited = set(holders.of(owner) if owner else ())
    found = people | told | waited | people_in(seen.actions, holders) | ids_of(shown)
    return {each for each in (*found, *(to for _, to in case.links)) if each}


def _typed(seen: Seen, shown: tuple[Told, ...]) -> set[str]:
    """What stands in facts. A partner does, too: the process says which fact tells whom the case is with."""
    return {partner_of(seen.lens, seen.case) or "", *typed_ids_of(shown), *ids_in(seen.case.facts)} - {""}


def written(event: Written) -> dict[str, Any]:
    """An event as a line of a file: body and detail as the very text that is hashed."""
    return {
        "sequence": event.sequence,
        "body": event.raw.decode(),
        "previous": event.previous,
        "hash": event.hash,
        "detail": event.detail.decode() if event.detail is not None else None,
        "nonce": event.nonce.hex() if event.nonce is not None else None,
    }
