"""Compares what the clients were told with what the database holds after the last restart."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from email import message_from_bytes
from pathlib import Path
from typing import Final

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
from tests.crash.asking import Call
from tests.crash.linear import out_of_order

PROMISES: Final = (
    "lost", "doubled", "refused and done", "half done", "rungs twice", "mails lost", "mails never owed", "order",
    "time", "places", "answers", "recovery", "releases",
)  # fmt: skip
"""What is counted of what went wrong: what was promised, and was not so."""

Wrong = tuple[str, str]
"""Which promise was broken, and how."""

_event = table_of(Event)
_case = table_of(CaseRecord)
_outbox = table_of(OutboxRecord)
_key = table_of(IdempotencyRecord)
_detail = table_of(EventDetail)


def wrongs(house: House, calls: Sequence[Call], mailbox: Path | None) -> Iterator[Wrong]:
    """Everything that is not as it must be. Empty when the promises hold. Without a mailbox no mail is looked for."""
    told = [call for call in calls if call.what == "wrote"]
    yield from _lost(house, told)
    yield from _twice(house, calls)
    yield from _half(house)
    yield from _rungs(house)
    if mailbox is not None:
        yield from _mails(house, mailbox)
    yield from _order(house, calls)


def _lost(house: House, told: Sequence[Call]) -> Iterator[Wrong]:
    """Every acknowledged step is there, as it was told."""
    query = sa.select(_event.c.case_id, _event.c.sequence, _event.c.trigger)
    with house.store.reads() as connection:
        kept = {(row[0], row[1]): row[2] for row in connection.execute(query)}
    for call in told:
        found = kept.get((call.case, call.version), "nothing")
        if found != call.trigger:
            yield "lost", f"acknowledged and lost: {call}, found {found}"


def _twice(house: House, calls: Sequence[Call]) -> Iterator[Wrong]:
    """Every key led to one event, the one that was told; a key that was refused led to none."""
    with house.store.reads() as connection:
        rows = connection.execute(sa.select(_key.c.key, _key.c.case_id, _key.c.sequence))
        kept = {row[0]: (row[1], row[2]) for row in rows}
    for call in calls:
        if call.what == "wrote" and kept.get(str(call.key)) != (call.case, call.version):
            yield "doubled", f"another event than told: {call}, kept {kept.get(str(call.key))}"
        if call.what in {"stale", "refused", "full"} and call.key in kept:
            yield "refused and done", f"told that it was refused, and it was done: {call}"
    for place, count in Counter(kept.values()).items():
        if count > 1:
            yield "doubled", f"{count} keys led to event {place}"


def _half(house: House) -> Iterator[Wrong]:
    """No step is half there: every history replays to its case row, and counts agree."""
    replaying = house.replay()
    for institution in replaying.institutions():
        for case in replaying.cases(institution):
            verdict = replaying.case(institution, case)
            if not verdict.ok:
                yield "half done", f"{verdict.number}: {verdict.first_wrong}"
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
        yield "half done", f"{count} details without their event"


def _rungs(house: House) -> Iterator[Wrong]:
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
            yield "rungs twice", f"rung fired {count} times: {which}"


def rungs_fired(house: House) -> int:
    """How many rungs have fired, so that the proof is seen not to be empty."""
    query = sa.select(sa.func.count()).where(_event.c.kind == "rung_fired")
    with house.store.reads() as connection:
        return int(connection.execute(query).scalar() or 0)


def _mails(house: House, mailbox: Path) -> Iterator[Wrong]:
    """Every message owed is in the mailbox; what is there was owed."""
    with house.store.reads() as connection:
        rows = connection.execute(sa.select(_outbox.c.id, _outbox.c.state, _outbox.c.sent_with)).all()
    owed = {row[0] for row in rows}
    there = {_key_of(path) for path in mailbox.glob("*.eml")}
    for key, state, sent_with in rows:
        if state != "sent":
            yield "mails lost", f"message {key} is {state}, not sent"
        elif sent_with not in there:
            yield "mails lost", f"message {key} was marked sent and is not in the mailbox"
    for key in there - owed:
        yield "mails never owed", f"mail {key} was never owed"


def _key_of(path: Path) -> str:
    header = message_from_bytes(path.read_bytes())["Message-ID"]
    return str(header).strip("<>").split("@")[0]


def _order(house: House, calls: Sequence[Call]) -> Iterator[Wrong]:
    """Versions without a gap, instants that never go back, and nothing seen out of order."""
    instants: dict[str, list[tuple[int, int]]] = defaultdict(list)
    by_order = sa.select(_event.c.case_id, _event.c.sequence, _event.c.at).order_by(_event.c.case_id, _event.c.sequence)
    with house.store.reads() as connection:
        versions = {row[0]: row[1] for row in connection.execute(sa.select(_case.c.id, _case.c.version))}
        for case, sequence, at in connection.execute(by_order):
            instants[case].append((sequence, at))
    for case, events in instants.items():
        if [sequence for sequence, _ in events] != [*range(1, versions[case] + 1)]:
            yield "order", f"{case} has version {versions[case]} and the events {events}"
        times = [at for _, at in events]
        if times != sorted(times):
            yield "time", f"time goes back in {case}: {times}"
    for words in out_of_order(calls, versions):
        yield "order", words
