"""Whether deadlines are what the history says, and their rungs fire once and in time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from typing import Final

from engine.doctor.shape import CaseFile, Fault, Round, cut
from engine.model import DeadlineRow
from engine.replay import deadlines_of

LATE: Final = 15 * 60_000_000
"""Microseconds that a due rung may wait while workers live; a tick comes every few seconds."""

_NAMES: Final = tuple(field.name for field in fields(DeadlineRow))


def kept_true(file: CaseFile, _round: Round) -> Iterator[Fault]:
    """Each deadline is as the last event that speaks of it leaves it, and names its next rung with its instant."""
    told = deadlines_of(file.kept)
    stored = {(row.name, row.since): row for row in file.kept.deadlines}
    for name, since in sorted({*told, *stored}):
        row, was = stored.get((name, since)), told.get((name, since))
        if row is None:
            yield Fault(f"{name} {since}", "its row is missing")
        elif was is None:
            yield Fault(f"{name} {since}", "no event speaks of it")
        elif row != was:
            other = (each for each in _NAMES if getattr(row, each) != getattr(was, each))
            pairs = (f"{each}={getattr(row, each)} history={getattr(was, each)}" for each in other)
            yield Fault(f"{name} {since}", cut(" ".join(pairs)))
        elif _torn(row):
            yield Fault(f"{name} {since}", cut(f"next_rung={row.next_rung} acts_at={row.acts_at}"))


def _torn(row: DeadlineRow) -> bool:
    """Whether the next rung stands without its instant, or beside an end or a rest."""
    acts = row.acts_at is not None
    return acts != (row.next_rung is not None) or (acts and (not row.open or row.resting))


def over(file: CaseFile, _round: Round) -> Iterator[Fault]:
    """A closed case owes nothing."""
    if file.row.closed_at is not None:
        yield from (Fault(f"{row.name} {row.since}", f"status={row.status}") for row in file.kept.deadlines if row.open)


def in_time(file: CaseFile, round_: Round) -> Iterator[Fault]:
    """What is due fires soon while workers live."""
    for row in file.kept.deadlines:
        # A rung may be written with an instant long past; it waits only since then.
        if row.acts_at is not None and round_.late(max(row.acts_at, file.row.updated_at), LATE):
            yield Fault(f"{row.name} {row.since}", f"rung={row.next_rung} acts_at={row.acts_at}")


def once(file: CaseFile, _round: Round) -> Iterator[Fault]:
    """No rung fires twice."""
    told = (event.body.get("rung") for event in file.kept.events)
    fired = Counter((rung["deadline"], rung["since"], rung["rung"]) for rung in told if rung)
    noted = Counter((row.name, row.since, rung) for row in file.kept.deadlines for rung in row.fired)
    for which in sorted({*fired, *noted}):
        if fired[which] > 1 or noted[which] > 1:
            name, since, rung = which
            yield Fault(f"{name} {since} {rung}", f"events={fired[which]} noted={noted[which]}")
