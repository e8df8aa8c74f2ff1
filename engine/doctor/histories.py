"""Whether a case is what its history says: its events in one unbroken row, its row their sum."""

from __future__ import annotations

from collections.abc import Iterator

from engine.doctor.shape import CaseFile, Fault, Round, cut
from engine.replay import FOLDED, derived_of


def gapless(file: CaseFile, _round: Round) -> Iterator[Fault]:
    """The version is the number of events, and the sequence of the last."""
    events, version = file.kept.events, file.row.version
    last = events[-1].sequence if events else 0
    if not version == len(events) == last:
        yield Fault("", f"version={version} events={len(events)} last={last}")


def chained(file: CaseFile, _round: Round) -> Iterator[Fault]:
    """Each event follows the one before: bytes, hashes, columns and details."""
    wrong = file.kept.wrong_by(None)
    if wrong is not None:
        yield Fault(str(wrong.sequence), wrong.what)


def agreeing(file: CaseFile, _round: Round) -> Iterator[Fault]:
    """State, head, instants, assignee, links and facts of the row are those of the last event."""
    if file.folded is None:
        yield Fault("", "the history cannot be followed")
        return
    for name in FOLDED:
        stored, told = getattr(file.row, name), getattr(file.folded, name)
        if stored != told:
            yield Fault(name, cut(f"stored={stored} history={told}"))
    if sorted(file.row.links) != sorted(file.folded.links):
        apart = sorted({*file.row.links} ^ {*file.folded.links})
        yield Fault("links", cut(" ".join(f"{name}:{to}" for name, to in apart)))
    if file.facts_known and dict(file.row.facts) != dict(file.folded.facts):
        stored, told = file.row.facts, file.folded.facts
        # Their names alone: what they say is about people.
        names = (name for name in {**stored, **told} if stored.get(name, ...) != told.get(name, ...))
        yield Fault("facts", cut(" ".join(sorted(names))))


def derived(file: CaseFile, _round: Round) -> Iterator[Fault]:
    """The columns by which lists find the case follow from it."""
    if file.folded is None:
        return
    for name, told in derived_of(file.kept, file.folded, known=file.facts_known).items():
        stored = file.kept.derived[name]
        if stored != told:
            yield Fault(name, cut(f"stored={stored} history={told}"))
