"""How the work stands: how old cases are, how long states take, who is late, what holds cases up.

Refusals are not stored, so what holds cases up is judged anew, over the longest waiting ones, for
nobody in particular: only what stands in the way whoever asks is counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from engine import judging
from engine.asking import Asking
from engine.canonical import micros
from engine.cases import Cases
from engine.model import Case, Snapshot
from engine.parts import in_parts
from engine.reading import ANY
from engine.selecting import Counted, Selection
from engine.store import insight_rows
from engine.store.insight_rows import AgeRow, LateRow, Narrowed
from engine.store.ledger import Plan, Reverse
from engine.views import NOBODY, Lens
from engine.vocabulary import CASE, Reason, Role, Text, Transition, Who, days_from

SAMPLE = 300
"""How many of the longest waiting cases of a workflow are judged to tell what blocks."""

BATCH = 50
"""How many cases are read at once to be judged."""


@dataclass(frozen=True, slots=True)
class Age:
    """Days since a case came into its state, both included; without a last day, all older ones."""

    first_day: int
    last_day: int | None


AGES = (Age(0, 7), Age(8, 30), Age(31, 90), Age(91, None))


@dataclass(frozen=True, slots=True)
class StateAges:
    """The open cases in a state: by age in the order of AGES, all of them, and since when the oldest stands there."""

    workflow: str
    state: str
    label: Text
    ages: tuple[Counted, ...]
    total: Counted
    oldest_at: int | None


@dataclass(frozen=True, slots=True)
class StateTime:
    """How long visits to a state lasted, in microseconds. Nearest ranks, so each is a visit there was."""

    workflow: str
    state: str
    label: Text
    visits: int
    median: int
    ninetieth: int


@dataclass(frozen=True, slots=True)
class OverdueBy:
    """Overdue cases of one assignee (with their name), or where nobody is assigned of one role in one unit."""

    workflow: str
    assignee: str | None
    name: str | None
    role: Role | None
    unit: str | None
    cases: Counted
    first_due_at: int | None


@dataclass(frozen=True, slots=True)
class Block:
    """A reason that stands against steps of cases: its words as most cases have it, and which steps.

    `held_up` counts the cases in which one of those steps would move the case on; in the
    others it only keeps something from being noted.
    """

    code: str
    message: Text
    steps: tuple[Text, ...]
    who_can: Role | None
    cases: Counted
    held_up: int


@dataclass(frozen=True, slots=True)
class Blocking:
    """What holds up the open cases of a workflow now. `judged` of the `open` ones were looked at, oldest first."""

    workflow: str
    judged: int
    open: int
    reasons: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class DefinitionCount:
    """A definition, and the open cases under it. One without its file is not `loaded`; its version may be unknown."""

    name: str
    version: int | None
    hash: str
    current: bool
    loaded: bool
    cases: Counted


def ages(cases: Cases, asked: Asking, narrowed: Narrowed) -> tuple[StateAges, ...]:
    """Count the open cases of each state by age."""
    begins = [asked.calendar.start_of(days_from(asked.today, -age.last_day)) for age in AGES if age.last_day]
    rows = insight_rows.ages(asked.connection, asked.scope, narrowed, bounds=[micros(day) for day in begins])
    found = {(row.workflow, row.state): row for row in rows}
    declared = [
        (definition.name, state.name)
        for definition in map(cases.catalogue.current, cases.catalogue.names)
        for state in definition.workflow.states
        if not state.final and (not narrowed.workflow or definition.name in narrowed.workflow)
    ]
    # Older definitions may know states that the newest has no more.
    there = dict.fromkeys((*declared, *sorted(found)))
    return tuple(_aged(cases, asked, narrowed, place, found.get(place)) for place in there)


def _aged(cases: Cases, asked: Asking, narrowed: Narrowed, place: tuple[str, str], row: AgeRow | None) -> StateAges:
    workflow, state = place
    chosen = Selection(workflow=(workflow,), state=(state,), unit=narrowed.unit, open=True)
    counts = row.counts if row else (0,) * len(AGES)

    def of_age(age: Age) -> Selection:
        first = None if age.last_day is None else days_from(asked.today, -age.last_day)
        last = days_from(asked.today, -age.first_day) if age.first_day else None
        return replace(chosen, entered_from=first, entered_to=last)

    return StateAges(
        workflow=workflow,
        state=state,
        label=label_of(cases, workflow, state),
        ages=tuple(Counted(count, of_age(age)) for count, age in zip(counts, AGES, strict=True)),
        total=Counted(sum(counts), chosen),
        oldest_at=row.oldest_at if row else None,
    )


def label_of(cases: Cases, workflow: str, state: str) -> Text:
    """Give a state's label in the newest definition that has it; its name where none is loaded."""
    labels = (
        definition.states[state].label
        for definition in cases.catalogue.versions(workflow)
        if state in definition.states
    )
    return next(labels, Text(state, state))


def times(cases: Cases, asked: Asking, narrowed: Narrowed, *, days: int) -> tuple[StateTime, ...]:
    """Tell how long visits lasted that ended in the last `days` local days, today among them."""
    since = micros(asked.calendar.start_of(days_from(asked.today, 1 - days)))
    rows = insight_rows.times(asked.connection, asked.scope, narrowed, since=since)
    return tuple(
        StateTime(
            row.workflow, row.state, label_of(cases, row.workflow, row.state), row.visits, row.median, row.ninetieth
        )
        for row in sorted(rows, key=lambda row: _place(cases, row.workflow, row.state))
    )


def _place(cases: Cases, workflow: str, state: str) -> tuple[str, int, str]:
    """Order states as they are declared."""
    names = list(cases.catalogue.current(workflow).states) if workflow in cases.catalogue.names else []
    return (workflow, names.index(state) if state in names else len(names), state)


@dataclass(frozen=True, slots=True)
class _Owner:
    """Who is waited for: somebody, or a role in a unit (of the case, or of the one linked as `through`)."""

    workflow: str
    assignee: str | None = None
    name: str | None = None
    role: Role | None = None
    through: str = CASE
    unit: str | None = None


def overdue(cases: Cases, asked: Asking, narrowed: Narrowed) -> tuple[OverdueBy, ...]:
    """Count overdue cases by who has them."""
    owners = _owners(cases)
    elsewhere: dict[str, set[tuple[str, str]]] = {}
    for place, who in owners.items():
        if who.where != CASE:
            elsewhere.setdefault(who.where, set()).add(place)
    rows = insight_rows.late(asked.connection, asked.scope, narrowed, elsewhere=elsewhere)
    groups: dict[_Owner, list[LateRow]] = {}
    for row in rows:
        groups.setdefault(_owner(row, owners.get((row.workflow, row.state))), []).append(row)
    found = [_overdue(owner, late, narrowed) for owner, late in groups.items()]
    return tuple(sorted(found, key=lambda each: (-each.cases.count, each.first_due_at or 0, each.workflow)))


def _owners(cases: Cases) -> dict[tuple[str, str], Who]:
    """The role each state waits for, by workflow and state; the newest definition that has it says so."""
    return {
        (definition.name, state.name): state.owner_role
        for name in cases.catalogue.names
        for definition in reversed(cases.catalogue.versions(name))
        for state in definition.workflow.states
        if state.owner_role is not None
    }


def _owner(row: LateRow, who: Who | None) -> _Owner:
    if row.assignee is not None:
        return _Owner(row.workflow, assignee=row.assignee, name=row.name)
    if who is None:
        return _Owner(row.workflow, unit=row.unit)
    if who.where == CASE:
        return _Owner(row.workflow, role=who.role, unit=row.unit)
    return _Owner(row.workflow, role=who.role, through=who.where, unit=row.linked_unit)


def _overdue(owner: _Owner, late: Sequence[LateRow], narrowed: Narrowed) -> OverdueBy:
    due = [row.first_due_at for row in late if row.first_due_at is not None]
    count = sum(row.cases for row in late)
    return OverdueBy(
        workflow=owner.workflow,
        assignee=owner.assignee,
        name=owner.name,
        role=owner.role,
        unit=owner.unit,
        cases=Counted(count, _selected(owner, late, narrowed)),
        first_due_at=min(due, default=None),
    )


def _selected(owner: _Owner, late: Sequence[LateRow], narrowed: Narrowed) -> Selection:
    chosen = Selection(workflow=(owner.workflow,), unit=narrowed.unit, overdue=True)
    if owner.assignee is not None:
        return replace(chosen, assignee=owner.assignee)
    chosen = replace(chosen, unassigned=True, state=tuple(sorted({row.state for row in late})))
    if owner.through != CASE:
        return replace(chosen, through=owner.through, linked_unit=owner.unit)
    return replace(chosen, unit=(owner.unit,) if owner.unit else chosen.unit)


@dataclass(frozen=True, slots=True)
class Judged:
    """Which reasons stand against which steps of which cases: by case, then by code; and how many cases are open."""

    reasons: Mapping[str, Mapping[str, tuple[tuple[Transition, Reason], ...]]]
    open: int


def judged(cases: Cases, asked: Asking, workflow: str, *, unit: tuple[str, ...] = (), sample: int = SAMPLE) -> Judged:
    """Judge every step of the longest waiting open cases, as if nobody in particular asked."""
    ids, still_open = insight_rows.longest_waiting(
        asked.connection, asked.scope, Narrowed(workflow=(workflow,), unit=unit), limit=sample
    )
    found: dict[str, Mapping[str, tuple[tuple[Transition, Reason], ...]]] = {}
    for some in in_parts(ids, BATCH):
        lens = _lens(cases, asked, workflow, some)
        found |= {case: _against(lens, lens.cases[case]) for case in some if case in lens.cases}
    return Judged(found, still_open)


def _lens(cases: Cases, asked: Asking, workflow: str, ids: Sequence[str]) -> Lens:
    """A lens on some cases of a workflow and on all that their guards may read."""
    plan = Plan(asked.scope.institution, tuple(ids), _reverse(cases, workflow))
    reading = cases.store.ledger_on(asked.connection).read(plan)
    return Lens(cases.catalogue, Snapshot(asked.now, asked.organisation, reading.cases))


def _reverse(cases: Cases, workflow: str) -> tuple[Reverse, ...]:
    """The relations functions of the workflow ask for, or answers to its questions.

    Those that are only followed to move other cases are left out: nothing is moved here, and
    an agreement may have hundreds of cases.
    """
    catalogue = cases.catalogue
    own = [reads for each in catalogue.versions(workflow) for reads in each.reads.values()]
    answers = [
        reads for name in catalogue.names for each in catalogue.versions(name) for reads in each.answers.values()
    ]
    named = frozenset[str]().union(*(reads.relations for reads in (*own, *answers)))
    found = (
        Reverse(owner, related.workflow, related.link, related.states)
        for owner, related in catalogue.reach(workflow, None)
        if related.name in named or ANY in named
    )
    return tuple(sorted(set(found), key=repr))


def _against(lens: Lens, case: Case) -> Mapping[str, tuple[tuple[Transition, Reason], ...]]:
    """Every reason against a step that people take, by code."""
    found: dict[str, tuple[tuple[Transition, Reason], ...]] = {}
    for step in lens.definition(case).offered[case.state]:
        if {who.role for who in step.who} == {Role.CLOCK}:
            continue
        for reason in judging.reasons_against(lens, case, step, NOBODY):
            found[reason.code] = (*found.get(reason.code, ()), (step, reason))
    return found


def blocking(cases: Cases, asked: Asking, workflow: str, *, unit: tuple[str, ...], sample: int) -> Blocking:
    """Count what holds up the longest waiting open cases of a workflow, most first."""
    verdicts = judged(cases, asked, workflow, unit=unit, sample=sample)
    codes = Counter(code for reasons in verdicts.reasons.values() for code in reasons)
    chosen = Selection(workflow=(cases.catalogue.current(workflow).name,), unit=unit)
    blocks = [
        _block(
            Counted(count, replace(chosen, blocked_by=code)), [r[code] for r in verdicts.reasons.values() if code in r]
        )
        for code, count in codes.items()
    ]
    blocks.sort(key=lambda block: (-block.held_up, -block.cases.count, block.code))
    return Blocking(workflow, len(verdicts.reasons), verdicts.open, tuple(blocks))


def _block(counted: Counted, found: Sequence[tuple[tuple[Transition, Reason], ...]]) -> Block:
    pairs = [pair for case in found for pair in case]
    (reason, _), *_ = Counter(reason for _, reason in pairs).most_common(1)
    return Block(
        code=reason.code,
        message=reason.message,
        steps=tuple(dict.fromkeys(step.label for step, _ in pairs)),
        who_can=reason.who_can,
        cases=counted,
        held_up=sum(any(not step.recorded for step, _ in case) for case in found),
    )


def definitions(cases: Cases, asked: Asking) -> tuple[DefinitionCount, ...]:
    """Every definition the house knows or has used, with the open cases under it that may be read."""
    open_under = {row.hash: (row.workflow, row.open) for row in insight_rows.under(asked.connection, asked.scope)}
    known: dict[str, tuple[str, int | None]] = {digest: (name, None) for digest, (name, _) in open_under.items()}
    known |= insight_rows.kept(asked.connection, asked.scope.institution)
    loaded = {each.hash: each for name in cases.catalogue.names for each in cases.catalogue.versions(name)}
    known |= {digest: (each.name, each.version) for digest, each in loaded.items()}
    current = {cases.catalogue.current(name).hash for name in cases.catalogue.names}
    found = (
        DefinitionCount(
            name=name,
            version=version,
            hash=digest,
            current=digest in current,
            loaded=digest in loaded,
            cases=Counted(
                open_under.get(digest, (name, 0))[1], Selection(workflow=(name,), definition=digest, open=True)
            ),
        )
        for digest, (name, version) in known.items()
    )
    return tuple(sorted(found, key=lambda each: (each.name, not each.current, -(each.version or 0), each.hash)))
