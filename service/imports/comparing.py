"""Where a list says something else than it did, and than the case now says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from adapters.values import folded
from engine.errors import BadFields
from engine.faults import words_for
from engine.model import Case
from engine.store import natural_keys, person_rows
from engine.vocabulary import Text
from service.imports.matters import Asked, Desk, Matter
from service.imports.report import Difference, Result, Taken
from service.imports.source import plain


@dataclass(frozen=True, slots=True)
class Met:
    """A row whose case is there. `unchanged`: it says what the row said that opened it."""

    asked: Asked
    target: str
    unchanged: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """A case as it stands: the facts it was opened with (None: erased), and what its subject is called."""

    case: Case
    first: Mapping[str, Any] | None
    called: str | None


def compared(desk: Desk, met: Sequence[Met]) -> dict[int, Taken]:
    """Tell where rows say something else than their cases, by the number of the row."""
    looked_at = [each for each in met if desk.reader.judges or not each.unchanged]
    cases = desk.cases([each.target for each in looked_at])
    changed = [cases[each.target] for each in met if not each.unchanged]
    first = natural_keys.opened_with(desk.connection, desk.institution, [case.id for case in changed])
    subjects = {case.subject for case in changed if case.subject}
    cards = person_rows.by_id(desk.connection, desk.institution, subjects)
    taken = {each.asked.row.number: Taken(Result.UNCHANGED) for each in met}
    for each in looked_at:
        case = cases[each.target]
        card = cards.get(case.subject or "")
        taken[each.asked.row.number] = _told(
            desk, each, Standing(case, first.get(case.id), card.name if card else None)
        )
    return taken


def _told(desk: Desk, met: Met, standing: Standing) -> Taken:
    stopped = desk.reader.judged(desk, standing.case)
    if met.unchanged:
        return Taken(Result.UNCHANGED, stopped=stopped)
    matter = desk.matter(met.asked)
    if isinstance(matter, Taken):
        return matter
    try:
        found = tuple(_differences(desk, matter, _as_stored(desk, matter), standing))
    except BadFields as refused:
        return desk.bad(met.asked.row, refused)
    return Taken(Result.DIFFERING if found else Result.UNCHANGED, differences=found, stopped=stopped)


def _as_stored(desk: Desk, matter: Matter) -> Mapping[str, Any]:
    """The facts as the case would keep them. Raises BadFields."""
    model = desk.house.catalogue.current(desk.reader.workflow).workflow.facts
    try:
        stored = model.model_validate(dict(matter.facts)).model_dump(mode="json")
    except ValidationError as error:
        raise BadFields(Text("", ""), tuple(words_for(error))) from error
    return {name: stored[name] for name in matter.facts}


def _differences(desk: Desk, matter: Matter, facts: Mapping[str, Any], standing: Standing) -> Iterator[Difference]:
    case = standing.case

    def differs(name: str, was: Any, now: Any) -> Difference:
        return Difference(matter.shown, name, plain(was), plain(now), written=False)

    if matter.unit != case.unit:
        yield differs("unit", case.unit, matter.unit)
    for name, to in matter.links:
        linked = case.link(name)
        if linked != to:
            yield differs(name, desk.agreement(linked).number if linked else None, desk.agreement(to).number)
    for name, value in facts.items():
        said_before = standing.first is not None and standing.first.get(name) == value
        if not said_before and not _alike(case.facts.get(name), value):
            yield differs(name, case.facts.get(name), value)
    if matter.subject and standing.called and folded(standing.called) != folded(matter.subject.name):
        yield differs("name", standing.called, matter.subject.name)


def _alike(was: Any, now: Any) -> bool:
    """Whether two facts say the same: capital letters and spaces apart do not make it another."""
    if isinstance(was, str) and isinstance(now, str):
        return folded(was) == folded(now)
    return bool(was == now)
