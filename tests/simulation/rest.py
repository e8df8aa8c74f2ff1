"""What must be true when all has come to rest: everything is looked at once more, not only what has moved."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from typing import Final

from engine.catalogue import Catalogue
from engine.directory import Directory
from engine.replay import Replay
from engine.store.store import Store
from tests.simulation.faults import Mail
from tests.simulation.office import INSTITUTIONS
from tests.simulation.truth import Truth, broken

SHARES: Final = (1.0, 0.1, 0.1, 0.1)
"""Which share of a life's histories is decided again; one life in four is decided again as a whole."""

APART: Final[Mapping[str, str]] = {
    "a link from a case": "link l ON_CASE l.from_case",
    "a link to a case": "link l ON_CASE l.to_case",
    "a deadline": "deadline l ON_CASE l.case_id",
    "a message": "outbox l ON_CASE l.case_id",
    "a key": "idempotency l ON_CASE l.case_id",
    "an event": "event l ON_CASE l.case_id",
    "a detail": "event_detail l ON_CASE l.case_id",
}
"""Rows that belong to a case, and must do so in their own institution."""


def all_holds(truth: Truth, mail: Mail) -> None:
    """Everything that was told is there, every case is as last seen, every message is out, nothing is mixed up."""
    truth.lasting(all_of_it=True)
    _as_last_seen(truth)
    _owed(truth, mail.carried)
    _apart(truth)
    if mail.mixed:
        broken("apart", mail.mixed[0])


def _as_last_seen(truth: Truth) -> None:
    """No case has moved without an event, and no event is there that no look has found."""
    rows = truth.database.execute("SELECT institution, id, version, head FROM case_record").fetchall()
    for institution, case, version, head in rows:
        known = truth.known(institution, case)
        if known is None or (known.version, known.head) != (version, head):
            broken("linear", f"{case} is at {version}, and was last seen as {known}")
    (events,) = truth.database.execute("SELECT count(*) FROM event").fetchone()
    if (len(rows), events) != (sum(len(truth.cases(each)) for each in INSTITUTIONS), len(truth.events)):
        broken("durable", "a case or an event that was seen is gone")


def _owed(truth: Truth, carried: Counter[str]) -> None:
    """Every message owed went out or is a dead letter, but for those about a case erased before they were sent."""
    query = "SELECT institution, id, state, sent_with FROM outbox"
    rows = {(row[0], row[1]): row[2:] for row in truth.database.execute(query)}
    erased = set(truth.database.execute("SELECT institution, case_id FROM event WHERE kind = 'erased'"))
    for (institution, key), place in truth.owing.items():
        state, sent_with = rows.get((institution, key), ("gone", None))
        if state == "waiting":
            broken("owed", f"message {key} still waits")
        if state == "gone" and place[:2] not in erased:
            broken("owed", f"message {key} of {place} is gone")
        if state == "sent" and carried[sent_with] < 1:
            broken("owed", f"message {key} was marked sent and never went out")
    strangers = carried.keys() - {key for _, key in truth.owing}
    if strangers:
        broken("owed", f"{strangers} went out, and nobody owed them")
    if rows.keys() - truth.owing.keys():
        broken("owed", f"{rows.keys() - truth.owing.keys()} are owed, and no event says so")


def _apart(truth: Truth) -> None:
    """Nothing crosses institutions: what belongs to a case belongs to one of the same institution."""
    for what, joined in APART.items():
        case = joined.replace("ON_CASE", "LEFT JOIN case_record c ON c.institution = l.institution AND c.id =")
        found = truth.database.execute(f"SELECT l.institution FROM {case} WHERE c.id IS NULL").fetchone()
        if found is not None:
            broken("apart", f"{what} of {found[0]} belongs to no case of it")


def replayed(truth: Truth, store: Store, catalogue: Catalogue, directory: Directory, dice: random.Random) -> int:
    """Histories, drawn, replay to their cases to the byte. How many."""
    share = dice.choice(SHARES)
    replay, count = Replay(store, catalogue, directory.as_of), 0
    for institution in INSTITUTIONS:
        drawn = [case for case in truth.cases(institution) if share == 1.0 or dice.random() < share]
        for verdict in replay.these(institution, drawn):
            count += 1
            if not verdict.ok:
                broken("replay", f"{verdict.number}: {verdict.first_wrong}")
    return count
