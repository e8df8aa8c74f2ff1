"""The working paper of one step: the cases as they will be, and the event each one gets."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from engine.canonical import canonical, chain, commitment, named_key
from engine.definition import Definition
from engine.model import (
    Case,
    DeadlineRow,
    Decision,
    Kind,
    NewEvent,
    NewPerson,
    Owed,
    Request,
    Snapshot,
)
from engine.views import Lens
from engine.vocabulary import Actor, AnyView, Form

MAIL = "mail"


class Draws(Protocol):
    """Where a decision takes its identifiers and nonces from; a replay gives recorded ones."""

    def id(self) -> str: ...
    def nonce(self, _case: str, _sequence: int, /) -> bytes: ...


class Unwritten:
    """Draws for a decision that is only judged: it needs no secret, and it opens no case."""

    def id(self) -> str:
        """There is none to be had. Raises TypeError."""
        raise TypeError("a decision that is not written opens no case")

    def nonce(self, _case: str, _sequence: int, /) -> bytes:
        """Blank, for it is never written."""
        return bytes(16)


@dataclass(slots=True)
class Draft:
    """One case's event in the making."""

    kind: Kind
    actor: Actor
    party: str
    caused: bool
    from_state: str | None
    trigger: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)
    detail: dict[str, Any] = field(default_factory=dict)
    deadlines: dict[tuple[str, int], DeadlineRow] = field(default_factory=dict)
    owed: list[Owed] = field(default_factory=list)
    linked: list[tuple[str, str]] = field(default_factory=list)
    unlinked: list[tuple[str, str]] = field(default_factory=list)


class Work(Lens):
    """A lens whose cases change as the step goes on."""

    def __init__(self, lens: Lens, request: Request, draws: Draws) -> None:
        super().__init__(lens.catalogue, lens.snapshot)
        self.seen = lens.seen
        self.request = request
        self.draws = draws
        self.drafts: dict[str, Draft] = {}
        self.opened: set[str] = set()
        self.person: tuple[str, NewPerson] | None = None
        self.depth = 0

    @property
    def now(self) -> int:
        """The instant of the step."""
        return self.snapshot.now

    def attempt(self, step: Callable[[], None]) -> None:
        """Do something that leaves no trace when it raises."""
        kept = (dict(self.cases), copy.deepcopy(self.drafts), set(self.opened), self.depth)
        draws = copy.copy(self.draws)
        try:
            step()
        except Exception:
            self.cases, self.drafts, self.opened, self.depth = kept
            # A replay has the ids of what was opened in the end alone, so one that came to nothing gives its own back.
            self.draws = draws
            raise

    def draft(
        self, case: Case, kind: Kind, actor: Actor, *, caused: bool, trigger: str | None = None
    ) -> Draft:
        """Begin the case's event; a case that has one already keeps it."""
        if case.id not in self.drafts:
            self.drafts[case.id] = Draft(
                kind=kind,
                actor=actor,
                party=self.request.party,
                caused=caused,
                from_state=None if kind is Kind.OPENED else case.state,
                trigger=trigger,
            )
            self.seen.add(case.id)
        return self.drafts[case.id]

    def sequence(self, case_id: str) -> int:
        """The sequence of the event the case gets in this step."""
        return 1 if case_id in self.opened else self.snapshot.cases[case_id].version + 1

    def put(self, case: Case) -> None:
        """Note how the case now is."""
        self.cases[case.id] = case

    def change_facts(self, case_id: str, changes: Mapping[str, Any]) -> None:
        """Write facts. `changes` are values the facts model takes; only real changes are noted."""
        case = self.cases[case_id]
        model = self.definition(case).workflow.facts
        after = model.model_validate({**case.facts, **changes}).model_dump(mode="json")
        changed = {k: v for k, v in after.items() if case.facts.get(k, ...) != v}
        if changed:
            noted = self.drafts[case_id].detail.setdefault("changes", {})
            noted.update(changed)
            self.put(case.but(facts=after))

    def put_deadline(self, case_id: str, row: DeadlineRow) -> None:
        """Note how a deadline of the case now is."""
        case = self.cases[case_id]
        others = tuple(d for d in case.deadlines if (d.name, d.since) != (row.name, row.since))
        self.put(case.but(deadlines=(*others, row) if row.open else others))
        self.drafts[case_id].deadlines[row.name, row.since] = row

    def owe(
        self,
        case_id: str,
        *,
        template: str,
        recipients: Iterable[str],
        not_before: Callable[[str], int] | None = None,
        deadline: str | None = None,
    ) -> None:
        """Note messages owed, one a recipient; without `not_before` they go at once."""
        draft, sequence = self.drafts[case_id], self.sequence(case_id)
        known = {owed.id for owed in draft.owed}
        for recipient in recipients:
            key = named_key(case_id, sequence, MAIL, template, recipient)
            if key in known:
                continue
            known.add(key)
            when = not_before(recipient) if not_before else self.now
            draft.owed.append(
                Owed(
                    id=key,
                    case=case_id,
                    sequence=sequence,
                    channel=MAIL,
                    recipient=recipient,
                    template=template,
                    not_before=when,
                    grouped=not_before is not None,
                    deadline=deadline,
                )
            )

    def decision(self, primary: str) -> Decision:
        """Seal the drafts into events, the primary case's first, and say what must still hold."""
        order = [primary, *sorted(set(self.drafts) - {primary})]
        before = {i: c for i, c in self.snapshot.cases.items() if i in self.seen}
        seen = {i: case.version for i, case in sorted(before.items())}
        events = [self._seal(case_id, primary, seen) for case_id in order]
        drafts = [(case_id, self.drafts[case_id]) for case_id in order]
        cases = tuple(self._sealed(self.cases[e.case], e) for e in events)
        return Decision(
            institution=self.request.institution,
            seen=seen,
            organisation_version=self.organisation.version,
            case=primary,
            sequence=self.sequence(primary),
            cases=cases,
            opened=frozenset(self.opened),
            events=tuple(events),
            deadlines=tuple((i, row) for i, d in drafts for row in d.deadlines.values()),
            owed=tuple(owed for _, d in drafts for owed in d.owed),
            linked=tuple((i, name, to) for i, d in drafts for name, to in d.linked),
            unlinked=tuple((i, name, to) for i, d in drafts for name, to in d.unlinked),
            person=self.person,
            key=self.request.key,
            by=self.request.party,
            now=self.now,
            erased=tuple(case_id for case_id, draft in drafts if draft.kind is Kind.ERASED),
            left=self._left(cases) if self.request.shown else None,
        )

    def _left(self, cases: Sequence[Case]) -> Snapshot | None:
        """How the step leaves what it was decided on; None where it changed what lies around its case.

        With a tie or another case changed, other cases may lie around it than were read.
        """
        case, draft = cases[0], self.drafts[cases[0].id]
        if len(cases) > 1 or self.opened or draft.linked or draft.unlinked:
            return None
        return replace(self.snapshot, cases={**self.snapshot.cases, case.id: case})

    def _sealed(self, case: Case, event: NewEvent) -> Case:
        final = self.definition(case).states[case.state].final
        return case.but(
            version=event.sequence,
            head=event.hash,
            updated_at=self.now,
            closed_at=(case.closed_at or self.now) if final else None,
        )

    def _seal(self, case_id: str, primary: str, seen: Mapping[str, int]) -> NewEvent:
        case, draft = self.cases[case_id], self.drafts[case_id]
        sequence = self.sequence(case_id)
        detail = canonical(draft.detail) if draft.detail else None
        nonce = self.draws.nonce(case_id, sequence) if detail is not None else None
        cause = (primary, self.sequence(primary)) if draft.caused else None
        actor = draft.actor
        body: dict[str, Any] = {
            "institution": self.request.institution,
            "case": case_id,
            "sequence": sequence,
            "kind": draft.kind,
            "trigger": draft.trigger,
            "from": draft.from_state,
            "to": case.state,
            "party": draft.party,
            "role": actor.role,
            "on_behalf_of": actor.on_behalf_of,
            "at": self.now,
            "definition": case.definition,
            "cause": list(cause) if cause else None,
            "detail": commitment(nonce, detail) if nonce and detail else None,
            **draft.extra,
        }
        if not draft.caused:
            body["seen"] = {"organisation": self.organisation.version, "cases": dict(seen)}
            touched = sorted(set(self.drafts) - {case_id})
            if touched:
                body["touched"] = touched
        if draft.deadlines:
            body["deadlines"] = [written(row) for row in draft.deadlines.values()]
        if draft.owed:
            body["told"] = [[o.template, o.recipient, o.not_before] for o in draft.owed]
        if draft.linked:
            body["linked"] = [list(pair) for pair in draft.linked]
        if draft.unlinked:
            body["unlinked"] = [list(pair) for pair in draft.unlinked]
        sealed = canonical(body)
        return NewEvent(
            institution=self.request.institution,
            case=case_id,
            sequence=sequence,
            kind=draft.kind,
            trigger=draft.trigger,
            from_state=draft.from_state,
            to_state=case.state,
            party=draft.party,
            on_behalf_of=actor.on_behalf_of,
            role=actor.role,
            at=self.now,
            definition=case.definition,
            cause_case=cause[0] if cause else None,
            cause_sequence=cause[1] if cause else None,
            body=sealed,
            previous=case.head,
            hash=chain(sealed, case.head),
            detail=detail,
            nonce=nonce,
        )


def written(row: DeadlineRow) -> dict[str, Any]:
    """A deadline as it stands in an event's body: all of it, so that a fold needs no rule."""
    return {
        "name": row.name,
        "since": row.since,
        "status": row.status,
        "started_at": row.started_at,
        "ledger": [list(pause) for pause in row.ledger],
        "due_on": row.due_on.isoformat() if row.due_on else None,
        "due_at": row.due_at,
        "fired": list(row.fired),
        "next_rung": row.next_rung,
        "acts_at": row.acts_at,
        "ended_at": row.ended_at,
    }


def note_actor(work: Work, case: Case, definition: Definition, trigger: str) -> Case:
    """Remember who did a step that a four-eyes rule watches."""
    person = work.request.person
    if person is None or trigger not in definition.watched:
        return case
    earlier = case.acts.get(trigger, ())
    return case if person in earlier else case.but(acts={**case.acts, trigger: (*earlier, person)})


def record_fields(draft: Draft, form: Form) -> None:
    """Keep what was sent in the event's detail."""
    sent = form.model_dump(mode="json", exclude_unset=True)
    if sent:
        draft.detail["fields"] = sent


def titled(work: Work, case_id: str) -> None:
    """Build the case's title and the words it is found by, from its facts as they now are."""
    case = work.cases[case_id]
    view: AnyView = work.view(case)
    title = work.catalogue.current(case.workflow).workflow.title(view)[:300]
    words = " ".join(filter(None, (title, case.facts.get("registration_number"))))
    if (title, words.casefold()) != (case.title, case.search):
        work.put(case.but(title=title, search=words.casefold()))
