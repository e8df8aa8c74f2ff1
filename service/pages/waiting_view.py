"""What the pages about waiting show: each thing that is waited for, by whom, and ready questions about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from engine.chasing import ready
from engine.vocabulary import Text
from engine.waiting import Awaited, Waiting, Waits
from service.pages.visiting import Visit
from service.shapes import is_id

SHOWN: Final = 5
"""Rows of a group that are shown at once."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is waited for, in the reader's words. `whom` holds names, `to` the recipients.

    `number` and `title` are those of the case it is waited for in; None where the reader may not read it.
    `mine`: it waits for the reader.
    """

    case: str
    number: str | None
    title: str | None
    label: str
    whom: str
    role: str
    to: tuple[str, ...]
    mine: bool
    since: int
    deadline: str
    due_on: date | None
    overdue: bool
    chased_at: int | None


@dataclass(frozen=True, slots=True)
class Group:
    """All that is waited for from the same people: what, in how many cases, the longest since an instant."""

    whom: str
    role: str
    to: tuple[str, ...]
    items: tuple[Item, ...]
    cases: int
    late: int
    since: int

    @property
    def first(self) -> tuple[Item, ...]:
        """What is shown at once."""
        return self.items if len(self.items) <= SHOWN + 1 else self.items[:SHOWN]

    @property
    def rest(self) -> tuple[Item, ...]:
        """What is folded away below it: never one alone, which is as soon read as unfolded."""
        return self.items[len(self.first) :]


@dataclass(frozen=True, slots=True)
class Question:
    """A ready question about one case, before it is sent."""

    case: str
    number: str
    title: str
    text: str
    language: str
    chased_at: int | None


def question_of(items: Sequence[Waiting], recipient: str, language: str, *, outside: bool) -> Question:
    chaser = ready(items, recipient=recipient, language=language, outside=outside)
    first = items[0]
    chased = [item.chased_at for item in items if item.chased_at is not None]
    return Question(first.case, first.number or "", first.title or "", chaser.text, language, max(chased, default=None))


def people_in(items: Iterable[Waiting]) -> frozenset[str]:
    return frozenset(person for item in items for person in item.whom.people)


def partners_in(visit: Visit, items: Iterable[Waiting]) -> Mapping[str, str]:
    """The names of the partners that are waited for, by id."""
    ids = {item.whom.partner for item in items if item.whom.partner}
    return visit.house.lookups.partners(visit.institution, ids)


def item_of(visit: Visit, item: Waiting, names: Mapping[str, str], partners: Mapping[str, str]) -> Item:
    whom = item.whom
    return Item(
        case=item.case,
        number=item.number,
        title=item.title,
        label=visit.speech.text(item.label),
        whom=", ".join(named(visit, each, names, partners) for each in whom.recipients) or _role(visit, whom),
        role=_role(visit, whom) if whom.recipients else "",
        to=whom.recipients,
        mine=visit.person in whom.people,
        since=item.since,
        deadline=visit.speech.text(item.deadline) if item.deadline != item.label else "",
        due_on=item.due_on,
        overdue=item.overdue,
        chased_at=item.chased_at,
    )


def _role(visit: Visit, whom: Awaited) -> str:
    return visit.speech.role(whom.role) if whom.role else "–"


def named(visit: Visit, recipient: str, names: Mapping[str, str], partners: Mapping[str, str]) -> str:
    kind, _, who = recipient.partition(":")
    if kind == "person":
        return names.get(who, "–")
    if kind == "partner":
        return partners.get(who, "–")
    unit = visit.organisation.units.get(who)
    return visit.speech.text(Text(unit.name_sv, unit.name_en)) if unit else who


def called(visit: Visit, to: tuple[str, ...]) -> str:
    """The recipients by name."""
    ids: dict[str, set[str]] = {"person": set(), "partner": set()}
    for each in to:
        kind, _, who = each.partition(":")
        if is_id(who):
            ids.setdefault(kind, set()).add(who)
    names = visit.house.queries.names(visit.institution, visit.known(ids["person"]))
    partners = visit.house.lookups.partners(visit.institution, ids["partner"])
    return ", ".join(named(visit, each, names, partners) for each in to)


def distinct(all_waits: Iterable[Waits], made: Callable[[Waiting], Item]) -> list[Item]:
    """Each thing once. What a case says of itself stands before what cases tied to it say of it."""
    own: list[Item] = []
    others: list[Item] = []
    for waits in all_waits:
        for item in waits.items:
            (own if item.case == waits.case.id else others).append(made(item))
    said = {(item.case, item.to) for item in own}
    return list(dict.fromkeys((*own, *(item for item in others if (item.case, item.to) not in said))))


def groups_of(items: Iterable[Item]) -> tuple[Group, ...]:
    """By whom is waited for; those with most that is late first, then whoever was waited for longest."""
    found: dict[tuple[str, tuple[str, ...]], list[Item]] = {}
    for item in items:
        found.setdefault((item.whom, item.to), []).append(item)
    groups = [
        Group(
            whom=whom,
            role=here[0].role,
            to=to,
            items=tuple(here),
            cases=len({item.case for item in here}),
            late=sum(item.overdue for item in here),
            since=min(item.since for item in here),
        )
        for (whom, to), here in found.items()
    ]
    return tuple(sorted(groups, key=lambda group: (-group.late, group.since, group.whom)))
