"""Who a case waits for, for what, since when and until when: pure over a Lens.

Three things are waited for: the case's own state (its owner role), the milestones its
workflow declares, and open cases it is linked to. Nothing here decides; it only shows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from engine import rights
from engine.definition import Definition
from engine.model import Case, DeadlineRow, Status
from engine.telling import present, recipients
from engine.views import Lens
from engine.vocabulary import AtOnce, Milestone, Related, Role, State, Text, Who


class What(StrEnum):
    """What kind of thing is waited for."""

    STATE = "state"
    MILESTONE = "milestone"
    CASE = "case"


class Standing(StrEnum):
    """How a milestone stands. DONE: there, or asked for no more; LATER: not asked for yet."""

    DONE = "done"
    WAITING = "waiting"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Awaited:
    """On whom it waits: a role, and the people who now hold it, else the unit or partner by id."""

    role: Role | None
    people: tuple[str, ...] = ()
    unit: str | None = None
    partner: str | None = None

    @property
    def recipients(self) -> tuple[str, ...]:
        """The same as recipients of a comment."""
        named = [f"person:{person}" for person in self.people]
        named += [f"unit:{self.unit}"] if self.unit else []
        named += [f"partner:{self.partner}"] if self.partner else []
        return tuple(named)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that is waited for.

    `case` is the case it is waited for in: the one asked about, or one tied to it. Of a
    tied case the reader may not read, `state`, number, title and days are None and
    `whom` names the role alone. `label` is the office's word, `outside` what a student
    or partner may read. `deadline` is the label of the deadline that gives `due_on`.
    `since` and `chased_at` are instants; `chased_at` is when a comment last told whom it
    waits for. Days are the unit's local ones.
    """

    what: What
    name: str
    label: Text
    outside: Text
    state: Text | None
    whom: Awaited
    case: str
    number: str | None
    title: str | None
    deadline: Text | None
    since: int
    since_on: date
    due_on: date | None
    overdue: bool
    chased_at: int | None


@dataclass(frozen=True, slots=True)
class Mark:
    """One milestone of the checklist."""

    name: str
    label: Text
    standing: Standing


@dataclass(frozen=True, slots=True)
class Waits:
    """A case, all it waits for (nothing in a final state), and its checklist in the order of the process."""

    case: Case
    items: tuple[Waiting, ...]
    milestones: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Times:
    """What histories tell beside the cases: when each came where it stands, and when comments told whom.

    `entered` is keyed by case id, `told` by case id and recipient; both hold instants.
    """

    entered: Mapping[str, int] = field(default_factory=dict)
    told: Mapping[tuple[str, str], int] = field(default_factory=dict)


def waits_of(lens: Lens, case: Case, times: Times, person: str) -> Waits:
    """All the case waits for, as the person may see it. The lens holds the case and what it is tied to."""
    declared = newest(lens, case).workflow.milestones
    standing = [(each, _standing(lens, case, each)) for each in declared]
    marks = tuple(Mark(each.name, each.label, found) for each, found in standing if found is not None)
    if lens.definition(case).states[case.state].final:
        return Waits(case, (), marks)
    due = tuple(each for each, found in standing if found is Standing.WAITING)
    waited = [item for each in due for item in _of_milestone(lens, case, each, times)]
    own = _of_state(lens, case, times, due, waited)
    beside = _of_links(lens, case, times, {each.link for each in declared})
    shown = (_as_seen(lens, person, case, item) for item in (*own, *waited, *beside))
    return Waits(case, tuple(shown), marks)


def newest(lens: Lens, case: Case) -> Definition:
    """The definition whose words are shown: the workflow's newest, while there is one."""
    known = case.workflow in lens.catalogue.names
    return lens.catalogue.current(case.workflow) if known else lens.definition(case)


def _shown_state(lens: Lens, case: Case) -> State:
    return newest(lens, case).states.get(case.state) or lens.definition(case).states[case.state]


# Milestones.


def _standing(lens: Lens, case: Case, milestone: Milestone) -> Standing | None:
    """How a milestone stands; None where it hangs on a link the case need not have, and has not."""
    tied = _tied(lens, case, milestone.link) if milestone.link else ()
    link = next((each for each in newest(lens, case).workflow.links if each.name == milestone.link), None)
    if link is not None and not link.required and not tied:
        return None
    if not _is_given(case, milestone, tied):
        waits = case.state in _waits_in(newest(lens, case), milestone)
        if waits and (milestone.link is None or tied):
            return Standing.WAITING
        return Standing.DONE if case.state in milestone.done_in else Standing.LATER
    return Standing.DONE


def _is_given(case: Case, milestone: Milestone, tied: tuple[Case, ...]) -> bool:
    known = milestone.fact is not None and _is_known(case.facts.get(milestone.fact))
    if milestone.link is None:
        return known
    return not _missing(milestone, tied) and (known or bool(tied))


def _missing(milestone: Milestone, tied: tuple[Case, ...]) -> tuple[Case, ...]:
    """The tied cases that do not yet stand where the milestone wants them."""
    return tuple(each for each in tied if each.state not in milestone.given_in)


def _is_known(value: object) -> bool:
    """Whether a fact says anything: nought does, nothing, no and an empty list do not."""
    return not (value is None or value is False or value in ("", [], (), {}))


def _waits_in(definition: Definition, milestone: Milestone) -> Collection[str]:
    if milestone.waits_in:
        return milestone.waits_in
    return {state for name in milestone.deadlines for state in definition.deadlines[name].runs_in}


def _tied(lens: Lens, case: Case, name: str) -> tuple[Case, ...]:
    """The cases linked under a name, or found by it."""
    return tuple(lens.cases[view.id] for view in lens.related(case.id, name))


def _of_milestone(lens: Lens, case: Case, milestone: Milestone, times: Times) -> Iterator[Waiting]:
    """What is waited for until the milestone is there: from somebody, or in each tied case that lags."""
    if milestone.link is None:
        item = _waiting(lens, case, times, milestone.who, milestone.deadlines)
        # A milestone without states of its own is waited for since its clock began.
        began = [row.started_at for row in _open(lens, case, milestone.deadlines)]
        if began and not milestone.waits_in:
            item = _since(lens, case, item, min(began))
        yield replace(item, what=What.MILESTONE, name=milestone.name, label=milestone.label, outside=milestone.label)
        return
    for tied in _missing(milestone, _tied(lens, case, milestone.link)):
        item = _waiting(lens, tied, times, _owner(lens, tied), None)
        yield replace(item, what=What.MILESTONE, name=milestone.name, label=milestone.label, outside=milestone.label)


# The state, and linked cases.


def _of_state(
    lens: Lens, case: Case, times: Times, due: tuple[Milestone, ...], waited: list[Waiting]
) -> Iterator[Waiting]:
    """What the state itself waits for; nothing where a milestone says it better.

    That is so where the same people are waited for, and no deadline is left that no
    milestone speaks of.
    """
    spoken_of = {name for each in due for name in each.deadlines}
    left = [row.name for row in _open(lens, case, None) if row.name not in spoken_of]
    item = _waiting(lens, case, times, _owner(lens, case), left)
    if left or not any(each.whom == item.whom and each.case == case.id for each in waited):
        yield item


def _of_links(lens: Lens, case: Case, times: Times, spoken_of: Collection[str | None]) -> Iterator[Waiting]:
    """The open cases the case is linked to, of whose links no milestone speaks."""
    for name in dict.fromkeys(tie for tie, _ in case.links):
        tied = lens.cases.get(case.link(name) or "")
        if tied is None or tied.closed_at is not None or name in spoken_of:
            continue
        words = newest(lens, tied).workflow.label
        item = _waiting(lens, tied, times, _owner(lens, tied), None)
        yield replace(item, what=What.CASE, name=name, label=words, outside=words)


def _owner(lens: Lens, case: Case) -> Who | None:
    return lens.definition(case).states[case.state].owner_role


def _waiting(lens: Lens, case: Case, times: Times, who: Who | None, deadlines: Collection[str] | None) -> Waiting:
    """What is waited for in a case by its state, until the first of the deadlines (None: of any)."""
    state, whom = _shown_state(lens, case), awaited(lens, case, who)
    rows = _open(lens, case, deadlines)
    first = min((row for row in rows if row.due_on), key=lambda row: row.due_on or date.max, default=None)
    known = newest(lens, case).deadlines.get(first.name) if first else None
    told = [times.told[case.id, name] for name in whom.recipients if (case.id, name) in times.told]
    since = times.entered.get(case.id, case.opened_at)
    return Waiting(
        what=What.STATE,
        name=case.state,
        label=state.label,
        outside=state.subject_label or state.label,
        state=state.label,
        whom=whom,
        case=case.id,
        number=case.number,
        title=case.title,
        deadline=known.label if known else None,
        since=since,
        since_on=_local(lens, case, since),
        due_on=first.due_on if first else None,
        overdue=any(row.status is Status.MISSED for row in rows),
        chased_at=max(told, default=None),
    )


def _open(lens: Lens, case: Case, names: Collection[str] | None) -> list[DeadlineRow]:
    """The deadlines of these names (None: all) that run towards a day. What is due at once is the clock's own."""
    declared = lens.definition(case).deadlines
    return [
        row
        for row in case.deadlines
        if row.open and row.due_on and (names is None or row.name in names)
        if row.name not in declared or not isinstance(declared[row.name].due, AtOnce)
    ]


def _since(lens: Lens, case: Case, item: Waiting, since: int) -> Waiting:
    return replace(item, since=since, since_on=_local(lens, case, since))


def _local(lens: Lens, case: Case, at: int) -> date:
    return lens.organisation.calendar(case.unit).day_at(at)


def awaited(lens: Lens, case: Case, who: Who | None) -> Awaited:
    """The people behind a role: the assignee where they hold it there, else its nearest holders.

    A substitute who may not read the case can do nothing in it; where only such are left
    it waits for the unit.
    """
    if who is None:
        return Awaited(None)
    unit = lens.unit_of(case, who.where)
    told = _assignee_in(lens, case, who, unit) or recipients(lens, case, who)
    people = tuple(name for kind, name in map(_parts, told) if kind == "person")
    if who.role not in rights.OUTSIDERS:
        people = tuple(each for each in people if rights.may_read(lens, each, case))
    box = next((name for kind, name in map(_parts, told) if kind == "unit"), None)
    partner = next((name for kind, name in map(_parts, told) if kind == "partner"), None)
    return Awaited(who.role, people, box if people or partner else box or unit, partner)


def _assignee_in(lens: Lens, case: Case, who: Who, unit: str | None) -> tuple[str, ...]:
    """The assignee, or who stands in for them, where the role is theirs; nobody where it is not."""
    mine, day = case.assignee, rights.today(lens, case.unit)
    if mine is None or unit is None or not lens.organisation.holds(mine, who.role, unit, day):
        return ()
    return (f"person:{present(lens, case, mine)}",)


def _parts(recipient: str) -> tuple[str, str]:
    kind, _, name = recipient.partition(":")
    return kind, name


def _as_seen(lens: Lens, person: str, case: Case, item: Waiting) -> Waiting:
    """The same for somebody who may read this case, and perhaps not the tied one."""
    if item.case == case.id or rights.may_read(lens, person, lens.cases[item.case]):
        return item
    hidden = Awaited(item.whom.role)
    return replace(
        item,
        state=None,
        whom=hidden,
        number=None,
        title=None,
        deadline=None,
        due_on=None,
        overdue=False,
        chased_at=None,
    )


def relations(definition: Definition) -> tuple[Related, ...]:
    """The relations that the milestones look along: what must be read beside a case and its links."""
    named = {each.link for each in definition.workflow.milestones}
    return tuple(each for each in definition.workflow.related if each.name in named)
