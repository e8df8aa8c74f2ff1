"""A small university for tests of imports: units, partners, a clock that stands still, real processes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from adapters.memory import MemoryChannel
from engine.catalogue import Catalogue
from engine.model import IMPORT_PARTY, Case, Open, Request
from engine.store.ledger import Plan
from service.compose import House, build
from service.importing import Report, run
from service.settings import Environment, Settings
from tests.spreadsheets import row_of, workbook_parts, write_package

UMU = "umu.se"
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
PARTNERS = (
    {"name": "Universität Wien", "erasmus_code": "A  WIEN01", "pic": "999866966", "charter_to": date(2029, 12, 31)},
    {"name": "University of Oulu", "erasmus_code": "SF OULU01", "pic": "999843880", "email": "mobility@oulu.test"},
    {"name": "University of Otago"},
)


class Still:
    """A clock that stands where it is put."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


@dataclass
class Lists:
    """A house, a folder for files, and short words for what tests do over and over."""

    house: House
    folder: Path
    clock: Still

    def file(self, *lines: str, name: str = "lista.csv", encoding: str = "utf-8") -> Path:
        """A CSV file of these lines."""
        path = self.folder / name
        path.write_text("\n".join(lines) + "\n", encoding=encoding)
        return path

    def workbook(self, *rows: tuple[str, ...], name: str = "lista.xlsx") -> Path:
        """A workbook of these rows of texts."""
        sheet = "".join(row_of(number, *row) for number, row in enumerate(rows, start=1))
        return write_package(self.folder / name, workbook_parts(sheet))

    def take(self, kind: str, *lines: str, dry_run: bool = False) -> Report:
        """Import a CSV file of these lines."""
        return run(self.house, kind, self.file(*lines), dry_run=dry_run)

    def agreements(self, *more: str) -> Report:
        """Import agreements with Wien (W-1, in unit 12) and Oulu (O-1, in unit 13), and those of more lines."""
        return self.take(
            "agreements",
            "avtalsnummer;enhet;partner;gäller från;gäller till;platser ut;platser in;nivå",
            "W-1;12;A WIEN01;2021-01-01;2031-12-31;4;4;grundnivå",
            "O-1;13;University of Oulu;2021-01-01;;2;2;grundnivå, avancerad nivå",
            *more,
        )

    def open_by_hand(self, workflow: str, unit: str, facts: dict[str, Any], state: str | None = None) -> str:
        """Open a case that no list knows of; its id."""
        ask = Open(workflow, unit, None, facts, state=state)
        return self.house.cases.step(Request(UMU, ask, IMPORT_PARTY)).case_id

    def dump(self) -> dict[str, list[tuple[Any, ...]]]:
        """Everything the database holds, by table."""
        with self.house.store.reads() as connection:
            names = set(sa.inspect(connection).get_table_names()) - {"alembic_version", "definition"}
            return {
                name: sorted((tuple(row) for row in connection.execute(sa.text(f"SELECT * FROM {name}"))), key=repr)
                for name in names
            }

    def cases(self, workflow: str) -> list[Case]:
        """The cases of a workflow, by number."""
        query = sa.text("SELECT id FROM case_record WHERE workflow = :workflow ORDER BY number")
        with self.house.store.reads() as connection:
            ids = tuple(connection.execute(query, {"workflow": workflow}).scalars())
        with self.house.store.transaction() as ledger:
            found = ledger.read(Plan(UMU, ids)).cases
        return [found[each] for each in ids]

    def case(self, workflow: str) -> Case:
        """The only case of a workflow."""
        (case,) = self.cases(workflow)
        return case

    def evidence(self, case: Case) -> str:
        """What the first event of a case names as its evidence."""
        first = self.house.history.events(UMU, case.id)[0]
        return str((first.told or {}).get("evidence"))

    def replayed(self) -> list[object]:
        """What a replay of every case found wrong."""
        replay = self.house.replay()
        verdicts = [replay.case(UMU, case) for case in replay.cases(UMU)]
        return [verdict.first_wrong for verdict in verdicts if not verdict.ok]


def counts(report: Report) -> tuple[int, int, int, int]:
    """New, unchanged, differing, bad."""
    new, unchanged, differing, bad = report.counts.values()
    return new, unchanged, differing, bad


@contextmanager
def open_lists(url: str, catalogue: Catalogue, folder: Path) -> Iterator[Lists]:
    """The university in the empty database at `url`, closed at the end."""
    with over(url, catalogue, folder) as lists:
        with lists.house.directory.change(UMU, by="installation", what="start") as change:
            change.root()
            for code, name, parent in (("NAT", "Teknat", UMU), ("12", "Fysik", "NAT"), ("13", "Kemi", "NAT")):
                change.unit(code, name_sv=name, name_en=name, parent=parent, mailbox=f"{code}@umu.se")
            for partner in PARTNERS:
                change.partner(**partner)
        yield lists


@contextmanager
def over(url: str, catalogue: Catalogue, folder: Path) -> Iterator[Lists]:
    """What stands in the database at `url`, closed at the end."""
    settings = Settings(_env_file=None, database_url=url, environment=Environment.TEST, institution=UMU)
    clock = Still()
    with closing(build(settings, catalogue=catalogue, clock=clock, channel=MemoryChannel())) as house:
        yield Lists(house, folder, clock)
