"""A house in which cases of the real processes have lived, and changed copies of their files to try on them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from engine.catalogue import Catalogue
from engine.model import IMPORT_PARTY, Open
from engine.organisation import Organisation
from engine.rehearsal import Rehearsal
from engine.rehearsing.report import Finding, Report
from engine.store.rows import read_organisation
from engine.ticking import Ticker
from engine.vocabulary import Migration, Role
from tests.engine.agreements_by_hand import WORKFLOWS, real_catalogue
from tests.engine.house import INSTITUTION, House, local, open_house

FAIR: Final = {"no_conflict_of_interest": True}
REVIEWS: Final = "eligibility_review"
DECISION: Final = {
    **FAIR, "decided_on": "2027-01-12", "told_on": "2027-01-12", "told_how": "NyA", "presented_by": "Adel",
}  # fmt: skip


@dataclass
class Lived:
    """The house, and its cases by name."""

    house: House
    cases: dict[str, str] = field(default_factory=dict)

    def rehearse(self, file: Path, *, years: int = 2, catalogue: Catalogue | None = None) -> Report:
        """Try a file on everything."""
        return self.rehearsal(catalogue).run(file, years=years)

    def rehearsal(self, catalogue: Catalogue | None = None) -> Rehearsal:
        """A rehearsal, beside another catalogue if one is given."""
        cases = replace(self.house.cases, catalogue=catalogue or self.house.cases.catalogue)
        return Rehearsal(cases, INSTITUTION, self.organisation(), lambda *_: self.organisation())

    def organisation(self) -> Organisation:
        """The organisation as it is; nobody came or went while the cases lived."""
        with self.house.store.transaction() as ledger:
            return read_organisation(INSTITUTION, ledger.organisation_rows(INSTITUTION))

    def number(self, name: str) -> str:
        return self.house.case(self.cases[name]).number

    def named(self, finding: Finding) -> set[str]:
        """The cases a finding names, by their names here."""
        names = {case: name for name, case in self.cases.items()}
        return {names[example.case] for example in finding.examples}


def changed(folder: Path, workflow: str, *swaps: tuple[str, str], migration: Migration | None = None) -> Path:
    """A copy of a process file as version 2, with some texts in place of others; each must be there."""
    text = (WORKFLOWS / f"{workflow}.py").read_text(encoding="utf-8")
    declared = f", migrations=({migration!r},)" if migration else ""
    for old, new in (*swaps, ("version=1,", f"version=2{declared},")):
        assert old in text, f"{workflow} has no {old!r}"
        text = text.replace(old, new)
    if migration:
        text = text.replace("from engine.vocabulary import (", "from engine.vocabulary import (\n    Migration,", 1)
    path = folder / f"{workflow}.py"
    path.write_text(text, encoding="utf-8")
    return path


@contextmanager
def lived(url: str) -> Iterator[Lived]:
    """Reviews found, decided, waiting, lapsed and chosen anew, one of them for a nomination under an agreement."""
    with open_house(url, catalogue=real_catalogue()) as house:
        for person, role, unit in (("rut", "reviewer", "a"), ("adel", "admissions", "x.se"), ("rut", "reviewer", "b")):
            house.member(person, role, unit)
        life = Lived(house)
        house.clock.at = local("2027-01-11 09:00")
        _nominated(life)
        _reviewed(life)
        _waiting(life)
        yield life


def _nominated(life: Lived) -> None:
    rows = [{"name": "in", "direction": "incoming", "places": 4}]
    facts = {"partner_name": "KTH", "valid_from": "2024-07-01", "valid_to": "2030-06-30", "rows": rows}
    opened = life.house.ask(Open("agreement", "a", None, facts, state="active", evidence="list"), IMPORT_PARTY)
    life.cases["agreement"] = opened.case_id
    stay: dict[str, Any] = {
        "level": "bachelor", "stay_from": "2027-08-30", "stay_to": "2028-01-16",
    }  # fmt: skip
    links = {"agreement": opened.case_id}
    nomination = life.house.open("incoming_nomination", links=links, **stay)
    life.house.take(nomination, "accept_nomination")
    wanted = [{"course": "Statistics", "ects": 15}]
    beside = {"on_behalf_of": Role.STUDENT, "evidence": "mail of today"}
    life.house.take(nomination, "submit_application", courses=wanted, **beside)
    life.house.take(nomination, "start_review")
    life.cases["nomination"] = nomination
    life.cases["decided"] = life.house.rows("case_record", workflow=REVIEWS)[0]["id"]


def _reviewed(life: Lived) -> None:
    house, cases = life.house, life.cases
    house.take(cases["decided"], "take", by="rut")
    house.take(cases["decided"], "find_eligible", by="rut", **FAIR)
    house.take(cases["decided"], "record_decision", by="adel", **DECISION)
    cases["elsewhere"] = _taken(life)
    house.take(cases["elsewhere"], "find_ineligible", by="rut", reason="no", failed_requirement="Math", **FAIR)
    other = {"course": "History", "unit": "b"}
    house.take(cases["elsewhere"], "request_reselection", by="adel", alternatives=[other])
    house.take(cases["elsewhere"], "reselect_elsewhere", by="adel")
    cases["opened"] = house.rows("case_record", workflow=REVIEWS, unit="b")[0]["id"]
    cases["answered"] = _taken(life)
    house.take(cases["answered"], "ask_for_information", by="rut", missing_information="Grades")
    house.clock.at = local("2027-01-20 09:00")
    house.take(cases["answered"], "receive_information", by="rut")
    house.take(cases["answered"], "find_eligible", by="rut", **FAIR)
    house.take(cases["answered"], "record_decision", by="adel", **DECISION)


def _waiting(life: Lived) -> None:
    """Open ones: with information owed, overdue and reminded, and just come in."""
    house, cases = life.house, life.cases
    cases["awaiting"] = _taken(life)
    house.take(cases["awaiting"], "ask_for_information", by="rut", missing_information="Grades")
    cases["overdue"] = _taken(life)
    house.clock.at = local("2027-01-26 09:00")
    Ticker(house.cases).tick()
    cases["new"] = house.open(REVIEWS, by="adel", course="Statistics")


def _taken(life: Lived) -> str:
    case = life.house.open(REVIEWS, by="adel", course="Statistics")
    life.house.take(case, "take", by="rut")
    return case
