"""The regular look: what changed since the last one, and a part of all the rest each time.

One process at a time looks, for all of them: whoever takes it puts off when it is next due. A process
that dies while it looks is followed by another, which begins where the last whole look had ended.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final

from engine.canonical import micros, span
from engine.doctor.examining import AT_ONCE, KNOWN, Doctor, Examined
from engine.doctor.shape import Round
from engine.parts import in_parts
from engine.store import doctor_rows, finding_rows
from engine.store.doctor_rows import Stretch
from engine.store.finding_rows import Position

PAUSE: Final = timedelta(minutes=5)
"""Between two looks, whichever process makes them."""

LEASE: Final = timedelta(minutes=15)
"""Longer than a look takes; after that another process may begin one."""

CHANGED: Final = 5000 // AT_ONCE
ROLLING: Final = 4000 // AT_ONCE
"""So many stretches of changed cases, and of all, at most in a look: a million cases take a day."""

DEEP: Final = 50
"""So many cases that a replay had found are replayed again in a look."""

OVERLAP: Final = span(timedelta(minutes=1))
"""How far before the newest change known the next look begins: for steps whose commit came late."""


def look(doctor: Doctor, institution: str) -> Examined | None:
    """Look, if it is time and nobody else does; None else. Raises what the database raises."""
    now = doctor.wall.now()
    was = finding_rows.claim(doctor.store, institution, now=micros(now), until=micros(now + LEASE))
    if was is None:
        return None
    alive_since = doctor.alive_since(was) or (micros(now) if doctor.worker_lives() else None)
    at = replace(was, alive_since=alive_since)
    done, round_ = Examined(), doctor.round(institution)
    _found_before(doctor, round_, institution, done)
    at = _changed(doctor, round_, at, done)
    at = _rolling(doctor, round_, at, done)
    at = _keys(doctor, at, done)
    ended = doctor.wall.now()
    finding_rows.put_back(doctor.store, replace(at, next_at=micros(ended + PAUSE), looked_at=micros(ended)))
    return done


def _found_before(doctor: Doctor, round_: Round, institution: str, done: Examined) -> None:
    """Look again where something was found, so that what was put right is closed."""
    known = finding_rows.open_ones(doctor.store, institution, limit=KNOWN)
    some = finding_rows.case_ids([each for each in known if each.check not in {"key", "replay"}])
    for part in in_parts(some, AT_ONCE):
        doctor.examine(Stretch(institution, tuple(part)), round_, done)
    replayed = finding_rows.case_ids([each for each in known if each.check == "replay"])
    if replayed:
        doctor.examine(Stretch(institution, replayed[:DEEP]), round_, done, deep=True)
    doctor.known_keys(institution, done)


def _changed(doctor: Doctor, round_: Round, at: Position, done: Examined) -> Position:
    """Look at what changed, oldest change first; where it has all been seen, the next look overlaps this one."""
    last = (at.changed_at, at.changed_id)
    for _ in range(CHANGED):
        with doctor.store.reads() as connection:
            some = doctor_rows.changed_after(connection, at.institution, last, AT_ONCE)
        if some:
            doctor.examine(Stretch(at.institution, tuple(case for _, case in some)), round_, done)
            last = some[-1]
        if len(some) < AT_ONCE:
            return replace(at, changed_at=max(0, last[0] - OVERLAP), changed_id="")
    return replace(at, changed_at=last[0], changed_id=last[1])


def _rolling(doctor: Doctor, round_: Round, at: Position, done: Examined) -> Position:
    """Look at the next part of all cases, changed or not, and at rows that have lost theirs."""
    for count, stretch in enumerate(doctor.stretches(at.institution, at.after_case), start=1):
        doctor.examine(stretch, round_, done)
        if stretch.last is None:
            return replace(at, after_case="", whole_at=micros(doctor.wall.now()))
        at = replace(at, after_case=stretch.last)
        if count == ROLLING:
            break
    return at


def _keys(doctor: Doctor, at: Position, done: Examined) -> Position:
    """Look at the next part of the idempotency keys."""
    party, key = doctor.keys(at.institution, (at.after_party, at.after_key), done) or ("", "")
    return replace(at, after_party=party, after_key=key)
