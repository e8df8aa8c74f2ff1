"""Reads stretches of cases with everything that lies around them, each stretch as of one instant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from typing import TypeVar

from engine.archive import Kept
from engine.catalogue import Catalogue
from engine.doctor.shape import CaseFile
from engine.model import Case
from engine.store import doctor_rows
from engine.store.doctor_rows import Stretch
from engine.store.seal_rows import steady
from engine.store.store import Session, Store
from engine.store.whole_cases import Whole, read_whole

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


def read(store: Store, catalogue: Catalogue, stretch: Stretch) -> tuple[list[CaseFile], dict[str, str]]:
    """The cases of a stretch; and those that cannot be read, by id, with the kind of error.

    One short transaction: a case and the cases around it must not be read one before and one after a step.
    """
    with store.reads() as connection:
        steady(connection)
        strays = doctor_rows.strays(connection, stretch)
        ids = [*stretch.ids, *sorted(strays.keys() - {*stretch.ids})]
        whole, unreadable = _whole(connection, stretch.institution, ids)
        around = _Around(connection, stretch.institution, [each for each in whole if each.row is not None])
        files = [_file(each, catalogue, around, strays.get(each.id, ())) for each in whole]
    return files, unreadable


def _whole(connection: Session, institution: str, ids: Sequence[str]) -> tuple[list[Whole], dict[str, str]]:
    """All of them; where one cannot be read, each alone."""
    try:
        return list(read_whole(connection, institution, ids)), {}
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        # What was written into a row around the engine may be no JSON, or JSON of another shape.
        if len(ids) == 1:
            return [], {ids[0]: type(error).__name__}
    whole: list[Whole] = []
    unreadable: dict[str, str] = {}
    for case in ids:
        one, bad = _whole(connection, institution, [case])
        whole += one
        unreadable |= bad
    return whole, unreadable


class _Around:
    """What lies around the cases of a stretch, by case."""

    def __init__(self, connection: Session, institution: str, whole: Sequence[Whole]) -> None:
        ids = [each.id for each in whole]
        links = {to for each in whole if each.row for _, to in each.row.links}
        self.messages = _by((row.case_id, row) for row in doctor_rows.messages(connection, institution, ids))
        self.under = _by((tied.to, tied) for tied in doctor_rows.tied_to(connection, institution, ids))
        self.reached = _by(doctor_rows.reached(connection, institution, ids))
        self.targets = doctor_rows.units_of(connection, institution, links)
        lost = links - self.targets.keys()
        self.abroad = doctor_rows.abroad(connection, institution, lost) if lost else frozenset()
        self.unspoken = doctor_rows.unspoken(connection, institution, ids)


def _by(pairs: Iterable[tuple[Key, Value]]) -> dict[Key, list[Value]]:
    found: dict[Key, list[Value]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return found


def _file(whole: Whole, catalogue: Catalogue, around: _Around, strays: tuple[str, ...]) -> CaseFile:
    kept = Kept(whole.id, whole.row, whole.derived, whole.deadlines, whole.events)
    links = {to for _, to in whole.row.links} if whole.row else set()
    return CaseFile(
        kept=kept,
        folded=_folded(kept, catalogue),
        messages=tuple(around.messages.get(whole.id, ())),
        under=tuple(around.under.get(whole.id, ())),
        targets={to: around.targets[to] for to in links & around.targets.keys()},
        abroad=around.abroad & links,
        reached=frozenset(around.reached.get(whole.id, ())),
        unspoken=whole.id in around.unspoken,
        strays=strays,
    )


def _folded(kept: Kept, catalogue: Catalogue) -> Case | None:
    """The case after its last event; None where what is stored of the events does not let itself be followed."""
    try:
        return kept.as_of(len(kept.events), catalogue)
    except Exception:  # noqa: BLE001 - whatever was written into an event, the case it stands in is named
        return None
