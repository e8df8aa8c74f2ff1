"""A house in which some cases have lived through everything a step can do, and hands to tamper with them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from engine.canonical import canonical, chain
from engine.history import History
from engine.model import IMPORT_PARTY, Assign, Comment, Correct, Erase, ErasureReason, Outcome
from engine.replay import Replay, Verdict
from engine.store.rows import read_organisation
from engine.tables import Table
from tests.engine.house import CATALOGUE, INSTITUTION, House, local
from tests.engine.posts import Post, open_post


@dataclass
class Life:
    """The house, and three cases: a contract, a stay that had a place under it, and its report."""

    post: Post
    contract: str
    stay: str
    report: str

    @property
    def house(self) -> House:
        return self.post.house

    @property
    def history(self) -> History:
        return History(self.house.store, CATALOGUE)

    def verdict(self, case: str, until: int | None = None) -> Verdict:
        """A replay that has seen nothing before."""
        return self.replay().case(INSTITUTION, case, until)

    def replay(self) -> Replay:
        def at(institution: str, version: int) -> Any:
            # Nobody's rights change in this house once it has cases.
            with self.house.store.step() as ledger:
                return read_organisation(institution, ledger.organisation_rows(institution))

        return Replay(self.house.store, CATALOGUE, at)

    def wrong(self, case: str) -> tuple[str, int]:
        """The case that is named, and the sequence."""
        found = self.verdict(case)
        assert found.first_wrong is not None
        return found.case, found.first_wrong.sequence

    def change(self, table: str, values: Mapping[str, Any], **where: Any) -> None:
        """Write into a table around the engine."""
        chosen = Table.metadata.tables[table]
        query = sa.update(chosen).where(*(chosen.c[name] == value for name, value in where.items()))
        with self.house.store.writes() as connection:
            assert connection.execute(query.values(dict(values))).rowcount > 0

    def drop(self, table: str, **where: Any) -> None:
        chosen = Table.metadata.tables[table]
        query = sa.delete(chosen).where(*(chosen.c[name] == value for name, value in where.items()))
        with self.house.store.writes() as connection:
            assert connection.execute(query).rowcount > 0

    def forge(self, case: str, sequence: int, **changes: Any) -> None:
        """Change an event as somebody would who knows the chain: every hash after it is made anew."""
        head = ""
        for row in self.house.events(case):
            body = json.loads(row["body"])
            if row["sequence"] == sequence:
                body |= changes
            previous = head or row["previous"]
            raw = canonical(body)
            head = chain(raw, previous)
            copied = {name: changes[name] for name in changes if name in row and row["sequence"] == sequence}
            self.change(
                "event", {"body": raw, "previous": previous, "hash": head, **copied},
                case_id=case, sequence=row["sequence"],
            )  # fmt: skip
        self.change("case_record", {"head": head}, id=case)

    def erase(self, case: str, why: ErasureReason = ErasureReason.RETENTION) -> Outcome:
        """Erase a case's details, as whoever runs the installation does, once it and what leans on it are closed."""
        while self.house.case(case).closed_at is None:
            self.house.take(case, "finish")
            for row in self.house.rows("case_record", workflow="report", closed_at=None):
                self.house.take(row["id"], "file")
        return self.house.ask(Erase(why), IMPORT_PARTY, case)


@contextmanager
def lived(url: str) -> Iterator[Life]:
    """Lives lived: opened, reminded, proposed, offered, away, put right, finished, reopened, reported."""
    with open_post(url) as post:
        house = post.house
        contract = house.contract(places=3)
        stay = house.open(links={"contract": contract}, starts_on="2027-08-30")
        house.clock.at = local("2026-12-29 09:00")
        post.ticker.tick()
        house.ask(Comment("seen", ("unit:a", "person:hedda")), "ann", stay)
        house.ask(Assign("arne"), "ann", stay)
        house.take(stay, "propose", note="ready")
        house.take(stay, "send_back", by="hedda", reason="more words")
        house.take(stay, "propose", note="ready now")
        house.take(stay, "approve", by="hedda")
        house.take(stay, "offer", by="olle")
        house.student(stay, "accept")
        house.ask(Correct({"semesters": 2}, "a whole year"), "olle", stay)
        house.take(stay, "book", day="2027-06-01")
        house.clock.at += timedelta(days=200)
        post.ticker.tick()
        house.take(stay, "finish")
        report = next(row["id"] for row in house.rows("case_record", workflow="report"))
        house.take(stay, "reconsider", by="hedda", reason="not yet")
        house.take(report, "file")
        yield Life(post, contract, stay, report)
