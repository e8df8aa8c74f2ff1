"""Compares what the clients were told with what the database holds after the last restart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path

import sqlalchemy as sa

from engine.tables import (
    CaseRecord,
    Event,
    EventDetail,
    IdempotencyRecord,
    OutboxRecord,
    table_of,
)
from service.compose import House
from tests.crash.stream import Told

_event = table_of(Event)
_case = table_of(CaseRecord)
_outbox = table_of(OutboxRecord)
_key = table_of(IdempotencyRecord)
_detail = table_of(EventDetail)


def wrongs(house: House, told: list[Told], mailbox: Path) -> Iterator[str]:
    """Everything that is not as it must be. Empty when the promises hold."""
    yield from _lost(house, told)
    yield from _twice(house, told)
    yield from _half(house)
    yield from _rungs(house)
    yield from _mails(house, mailbox)


def _lost(house: House, told: list[Told]) -> Iterator[str]:
    """Every acknowledged step is there, as it was told."""
    query = sa.select(_event.c.case_id, _event.c.sequence, _event.c.trigger, _event.c.to_state)
    with house.store.reads() as connection:
        kept = {(row[0], row[1]): (row[2], row[3]) for row in connection.execute(query)}
    for step in told:
        found = kept.get((step.case, step.sequence))
        if found is None or found[0] != step.trigger:
            yield f"acknowledged and lost: {step}, found {found}"


def _twice(house: House, told: list[Told]) -> Iterator[str]:
    """Every key led to one event, the one that was told."""
    with house.store.reads() as connection:
        rows = connection.execute(sa.select(_key.c.key, _key.c.case_id, _key.c.sequence))
        kept = {row[0]: (row[1], row[2]) for row in rows}
    for step in told:
        if kept.get(step.key) != (step.case, step.sequence):
            yield f"another event than told: {step}, kept {kept.get(step.key)}"
    for place, count in Counter(kept.values()).items():
        if count > 1:
            yield f"{count} keys led to event {place}"


def _half(house: House) -> Iterator[str]:
    """No step is half there: every history replays to its case row, and counts agree."""
    replaying = house.replay()
    for institution in replaying.institutions():
        for case in replaying.cases(institution):
            verdict = replaying.case(institution, case)
            if not verdict.ok:
                yield f"{verdict.number}: {verdict.first_wrong}"
    orphans = (
        sa.select(sa.func.count())
        .select_from(_detail)
        .outerjoin(
            _event,
            (_event.c.institution == _detail.c.institution)
            & (_event.c.case_id == _detail.c.case_id)
            & (_event.c.sequence == _detail.c.sequence),
        )
        .where(_event.c.case_id.is_(None))
    )
    with house.store.reads() as connection:
        count = connection.execute(orphans).scalar()
    if count:
        yield f"{count} details without their event"


def _rungs(house: House) -> Iterator[str]:
    """No rung fired twice."""
    fired: Counter[tuple[object, ...]] = Counter()
    with house.store.reads() as connection:
        cases = [tuple(r) for r in connection.execute(sa.select(_case.c.institution, _case.c.id))]
    for institution, case in cases:
        for event in house.history.events(institution, case):
            if "rung" in event.body:
                rung = event.body["rung"]
                fired[case, rung["deadline"], rung["since"], rung["rung"]] += 1
    for which, count in fired.items():
        if count > 1:
            yield f"rung fired {count} times: {which}"


def rungs_fired(house: House) -> int:
    """How many rungs have fired, so that the proof is seen not to be empty."""
    query = sa.select(sa.func.count()).where(_event.c.kind == "rung_fired")
    with house.store.reads() as connection:
        return int(connection.execute(query).scalar() or 0)


def _mails(house: House, mailbox: Path) -> Iterator[str]:
    """Every message owed is in the mailbox; what is there was owed."""
    with house.store.reads() as connection:
        rows = connection.execute(
            sa.select(_outbox.c.id, _outbox.c.state, _outbox.c.sent_with)
        ).all()
    owed = {row[0] for row in rows}
    there = {_key_of(path) for path in mailbox.glob("*.eml")}
    for key, state, sent_with in rows:
        if state != "sent":
            yield f"message {key} is {state}, not sent"
        elif sent_with not in there:
            yield f"message {key} was marked sent and is not in the mailbox"
    for key in there - owed:
        yield f"mail {key} was never owed"


def _key_of(path: Path) -> str:
    header = message_from_bytes(path.read_bytes())["Message-ID"]
    return str(header).strip("<>").split("@")[0]
