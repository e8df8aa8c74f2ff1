"""What has happened to a case since a form was made: event by event, and fact by fact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from engine.model import Case
from service.pages.naming import names_for
from service.pages.timeline import Change, Entry, entry_of, fold_history, ids_of, typed_ids_of
from service.pages.values import Reader, Shown, declared_in, ids_in
from service.pages.visiting import Visit


@dataclass(frozen=True, slots=True)
class Both:
    """A fact as it was when the form was made, as it is now, and what was typed (None: nothing about it)."""

    title: str
    before: Shown
    now: Shown
    typed: Shown | None


@dataclass(frozen=True, slots=True)
class Since:
    """What has happened, the latest first; and each fact that is another now."""

    entries: tuple[Entry, ...]
    facts: tuple[Both, ...]


def changed_since(
    visit: Visit, case: Case, version: int | None, *, typed: Mapping[str, Any], model: type[BaseModel]
) -> Since:
    """What has changed since a version (None: since the case was opened). `typed` are values of a form of `model`."""
    house = visit.house
    folded = fold_history(house.history.events(visit.institution, case.id), house.catalogue)
    later = [told for told in folded.told if told.event.sequence > (version or 0)]
    changes = _merged(change for told in later for change in told.changes)
    names = names_for(visit, ids_of(later), typed_ids_of(later) | set(ids_in(dict(typed))))
    reader = Reader(visit.speech, names, visit.organisation.units)
    facts = tuple(_both(change, reader, typed, model) for change in changes)
    return Since(tuple(entry_of(told, reader) for told in reversed(later)), facts)


def _merged(changes: Iterable[Change]) -> tuple[Change, ...]:
    """One change a fact: from what it was first to what it is now."""
    found: dict[str, Change] = {}
    for change in changes:
        first = found.get(change.name, change)
        found[change.name] = Change(change.name, change.title, first.before, change.after, change.declared)
    return tuple(change for change in found.values() if change.before != change.after)


def _both(change: Change, reader: Reader, typed: Mapping[str, Any], model: type[BaseModel]) -> Both:
    asked = change.name in model.model_fields
    mine = reader.read(typed.get(change.name), declared_in(model, change.name), change.name) if asked else None
    return Both(
        reader.speech.text(change.title),
        reader.read(change.before, change.declared, change.name),
        reader.read(change.after, change.declared, change.name),
        mine,
    )
