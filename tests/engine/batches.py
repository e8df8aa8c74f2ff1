"""Lists of requests as people, files and the clock might send them, and what becomes of them on two roads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from hypothesis import strategies as st

from adapters.system import NothingStandsThere
from engine.batching import Result
from engine.model import (
    IMPORT_PARTY,
    Assign,
    Climb,
    Comment,
    Correct,
    Erase,
    ErasureReason,
    Key,
    Migrate,
    NewPerson,
    Open,
    Outcome,
    Recount,
    Request,
    Take,
    Tie,
    Unreadable,
)
from engine.ports import Seams
from engine.store.ledger import Ledger
from engine.store.store import begin
from engine.tables import Table
from engine.vocabulary import Reason, Role, Text
from tests.engine.house import (
    INSTITUTION,
    NOBODYS,
    STINA,
    CountedIds,
    CountedNonces,
    House,
    held_by,
    local,
    open_house,
)

ALREADY_DRAWN = 5_000
"""Where ids and nonces are drawn from on both roads, past those of the cases that are there."""
TRIGGERS = (
    "take", "release", "ask", "receive", "propose", "approve", "send_back", "offer", "decline", "accept",
    "lock", "book", "change", "note_report", "finish", "withdraw", "reconsider", "offer_next", "end",
    "end_strictly", "end_quietly", "carry_over", "file", "fly",
)  # fmt: skip
PEOPLE = ("ann", "arne", "bea", "hedda", "olle", "adam", "nobody", IMPORT_PARTY, "clock")
FIELDS: Mapping[str, Mapping[str, Any]] = {
    "propose": {"note": "ready"},
    "book": {"day": "2027-06-01"},
    "change": {"semesters": 2},
    "lock": {"locked": True},
}
SUBJECTS = (STINA, NewPerson("Nils", "nils@example.com", "en"), NewPerson("Nils N", "nils@example.com", "sv"), NOBODYS)


@dataclass(frozen=True)
class Street:
    """A house with cases in many states, over which batches are tried and undone."""

    house: House
    cases: tuple[str, ...]

    def asks(self) -> st.SearchStrategy[Request]:
        """Anything that may be asked: legal or not, of one case twice, stale, under a key used before."""
        return st.builds(
            self._request,
            st.sampled_from(self.cases),
            self._ask(),
            st.sampled_from(PEOPLE),
            st.sampled_from((None, None, None, 1, 2, 3)),
            st.sampled_from((None, None, None, Key("k", "f"), Key("k", "g"), Key("l", "f"))),
        )

    def likely(self) -> st.SearchStrategy[Request]:
        """What stands a good chance: the right person takes the next step of a case, or opens one under a contract."""
        road = ("take", "propose", "approve", "offer", "accept", "finish", "withdraw", "decline")
        step = st.builds(self.step, st.sampled_from(self.cases), st.sampled_from(road))
        links = st.sampled_from([(("contract", case),) for case in self.cases[:2]])
        opening = st.builds(
            lambda subject, links: Request(INSTITUTION, Open("stay", "a", subject, {}, links), "ann"),
            st.sampled_from(SUBJECTS[:2]), links,
        )  # fmt: skip
        return st.one_of(step, step, opening, self._climbs())

    def step(self, case: str, trigger: str) -> Request:
        """The step as it is asked for by whoever may take it."""
        by = {"approve": "hedda", "offer": "olle"}.get(trigger, "ann")
        behalf = Role.STUDENT if trigger in {"accept", "decline"} else None
        take = Take(trigger, FIELDS.get(trigger, {}), on_behalf_of=behalf, evidence="mail" if behalf else None)
        return Request(INSTITUTION, take, by, case=case)

    def _climbs(self) -> st.SearchStrategy[Request]:
        rows = [row for row in self.house.rows("deadline", ended_at=None) if row["acts_at"]]
        climbs = [
            Request(INSTITUTION, Climb(self._workflow(row["case_id"]), row["name"], row["since"], rung), "clock",
                    case=row["case_id"])
            for row in rows
            for rung in {row["next_rung"], "missed", "hand_over"}
        ]  # fmt: skip
        return st.sampled_from(sorted(climbs, key=repr))

    def _workflow(self, case: str) -> str:
        return str(self.house.rows("case_record", id=case)[0]["workflow"])

    @staticmethod
    def _request(case: str, ask: Any, by: str, expected: int | None, key: Key | None) -> Request:
        opens = isinstance(ask, Open)
        return Request(
            INSTITUTION, ask, by, case=None if opens else case, expected=None if opens else expected, key=key
        )

    def _ask(self) -> st.SearchStrategy[Any]:
        cases = st.sampled_from(self.cases)
        takes = st.sampled_from(TRIGGERS).map(lambda name: Take(name, FIELDS.get(name, {}), reason="because"))
        links = st.lists(st.tuples(st.sampled_from(("contract", "companion", "successor")), cases), max_size=2)
        opens = st.builds(
            Open, st.sampled_from(("stay", "contract", "report", "nothing")), st.sampled_from(("a", "b", "zz")),
            st.sampled_from(SUBJECTS), st.sampled_from(({}, {"semesters": 2}, {"places": 2}, {"rank": "x"})),
            links.map(tuple),
        )  # fmt: skip
        ties = st.builds(Tie, st.sampled_from(("contract", "companion", "successor")), cases)
        said = Text("fel", "wrong")
        rest = st.sampled_from(
            (
                Assign("arne"), Assign(None), Comment("words", ("unit:a",)), Comment("lone \ud800"),
                Recount(), Migrate(),
                Correct({"semesters": 2}, "misread"), Correct({"places": 1}, "misread"),
                Erase(ErasureReason.REQUEST), Unreadable((Reason("x", said),), Take, "take"),
            )
        )  # fmt: skip
        return st.one_of(takes, takes, opens, ties, rest)

    # The two roads.

    def one_by_one(self, ledger: Ledger, requests: Sequence[Request]) -> list[Result]:
        """Each taken alone, after those before it."""
        results: list[Result] = []
        for request in requests:
            try:
                results.append(self.house.cases.step_in(ledger, request))
            except Exception as error:  # noqa: BLE001 - whatever it is, the other road must give the same
                results.append(error)
        return results

    def tried(self, road: Callable[[Ledger, Sequence[Request]], list[Result]], requests: Sequence[Request]) -> Any:
        """What each request led to, and every row of every table after it; then all is undone."""
        self.house.cases.ids = CountedIds(ALREADY_DRAWN)
        self.house.cases.nonces = CountedNonces(ALREADY_DRAWN)
        with undone(self.house) as (connection, ledger):
            results = road(ledger, requests)
            return [shown(result) for result in results], rows(connection)


def rows(connection: sa.Connection) -> dict[str, list[str]]:
    """Everything in every table, as the transaction sees it."""
    found = {
        name: sorted(repr(tuple(row)) for row in connection.execute(sa.select(table)))
        for name, table in Table.metadata.tables.items()
    }
    return {name: kept for name, kept in found.items() if kept}


def shown(result: Result) -> Any:
    """What can be compared of a result."""
    if isinstance(result, Outcome):
        return result
    return type(result), [repr(arg) for arg in result.args], {name: repr(kept) for name, kept in vars(result).items()}


class _Undo(Exception):
    """Leaves the transaction without a commit."""


@contextmanager
def undone(house: House) -> Iterator[tuple[sa.Connection, Ledger]]:
    """A transaction and its ledger, rolled back at the end."""
    with suppress(_Undo), house.store.writes() as connection:
        begin(connection)
        yield connection, house.store.ledger_on(connection)
        raise _Undo


@contextmanager
def street(url: str, seams: Seams | None = None) -> Iterator[Street]:
    """Two contracts, the first with one place left, and stays in every state; some deadlines are due."""
    with open_house(url, seams=seams or NothingStandsThere()) as house:
        old, new = house.contract(places=2, name="Old"), house.contract(places=1, name="New")
        house.ask(Tie("successor", new), "olle", old)
        states = ("asked", "proposed", "waiting", "waiting", "offered", "away")
        stays = [house.stay_in(state, old, rank=rank) for rank, state in enumerate(states)]
        stays.append(house.stay_in("asked", None, subject=SUBJECTS[1]))
        done = house.stay_in("away", new)
        house.take(done, "finish")
        report = next(row["id"] for row in house.rows("case_record", workflow="report"))
        house.take(stays[0], "take", by="arne")
        assert len(held_by(house, old)) == 2
        house.clock.at = local("2026-12-30 09:00")
        yield Street(house, (old, new, *stays, done, report))


def of(case: str, ask: Any, by: str = "ann", **more: Any) -> Request:
    return replace(Request(INSTITUTION, ask, by), case=case, **more)
