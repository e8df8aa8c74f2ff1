"""Two universities in one database, every case with marks of its own, and a table by hand of who may read which.

A mark is a word that stands nowhere else: in a case's title, facts, comments and in its student's name.
Where one is seen by somebody who may not read the case, something leaked.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.catalogue import Catalogue
from engine.vocabulary import Role
from tests.journeys import agreements, crowded, exchanges
from tests.journeys.crowded import STAY
from tests.journeys.office import HIST, INSTITUTION, STAT, Office, in_one_unit, open_office

LUND: Final = "lu.se"
MARK: Final = re.compile(r"mk[0-9a-f]{12}")

LUND_ROLES: Final = {
    "coordinator": "STAT", "reviewer": "STAT", "head": "STAT", "recogniser": "STAT", "signatory": "STAT",
    "officer": LUND, "admissions": LUND, "auditor": LUND, "admin": LUND,
}  # fmt: skip
"""Who works at Lund, and for which unit; its department has the code of one in Umeå."""

AT_STAT: Final = frozenset({"stat review", "stat agreement", "stat exchange", "borrowed exchange", "stat nomination"})
AT_HIST: Final = frozenset({"hist review", "hist agreement", "hist exchange", "borrowed exchange", "hist nomination"})
AT_UMEA: Final = AT_STAT | AT_HIST
AT_LUND: Final = frozenset({"lund review", "lund agreement"})
READABLE: Final[Mapping[str, frozenset[str]]] = {
    "officer": AT_UMEA, "admissions": AT_UMEA, "auditor": AT_UMEA, "admin": frozenset(), "nobody": frozenset(),
    "stat.coordinator": AT_STAT, "stat.reviewer": AT_STAT, "stat.head": AT_STAT, "stat.recogniser": AT_STAT,
    "stat.signatory": AT_STAT,
    "hist.coordinator": AT_HIST, "hist.reviewer": AT_HIST, "hist.head": AT_HIST, "hist.recogniser": AT_HIST,
    "hist.signatory": AT_HIST,
    "lund.coordinator": AT_LUND, "lund.reviewer": AT_LUND, "lund.head": AT_LUND, "lund.recogniser": AT_LUND,
    "lund.signatory": AT_LUND, "lund.officer": AT_LUND, "lund.admissions": AT_LUND, "lund.auditor": AT_LUND,
    "lund.admin": frozenset(),
}  # fmt: skip
"""Which of the marked cases each may read when all begins (PROCESSES 0): written by hand, asked of nobody."""


def mark(of: str) -> str:
    """The mark of a case, or of its student (`student of CASE`), or of a university."""
    return f"mk{hashlib.sha256(of.encode()).hexdigest()[:12]}"


def institution_of(who: str) -> str:
    return LUND if who.startswith("lund.") else INSTITUTION


@dataclass(frozen=True)
class Universities:
    """The database as a file to be copied, and what is in it: ids of people and cases by name, tokens."""

    file: Path
    people: Mapping[str, str]
    tokens: Mapping[str, str]
    cases: Mapping[str, str]

    @classmethod
    def make(cls, url: str, file: Path, processes: Catalogue) -> Universities:
        """Fill the migrated database at `url`, which lies in `file`."""
        with open_office(url, processes) as office:
            lived = crowded.crowd(office)
            _staff(office)
            cases = _marked(office)
            for name, case in cases.items():
                _say(office, name, case)
            return cls(file, office.ids, office.tokens, {**{f"a {n}": c for n, c in lived.items()}, **cases})

    def copy(self, target: Path) -> str:
        """A copy in the file `target`, as an SQLAlchemy URL."""
        shutil.copyfile(self.file, target)
        return f"sqlite:///{target}"


def _staff(office: Office) -> None:
    directory = office.house.directory
    with directory.change(INSTITUTION, by="installation", what="somebody without a role") as change:
        office.ids["nobody"] = change.person(email="nobody@example.org", name="Nils Ingen", language="sv").id
        change.unit("MRK", name_sv=mark(INSTITUTION), name_en=mark(INSTITUTION), parent=INSTITUTION)
    office.tokens["nobody"] = directory.issue_token(INSTITUTION, office.ids["nobody"])
    with directory.change(LUND, by="installation", what="a department and everybody in it") as change:
        change.unit("STAT", name_sv=mark(LUND), name_en=mark(LUND), parent=LUND, mailbox=f"{mark(LUND)}@example.org")
        for role, unit in LUND_ROLES.items():
            who = f"lund.{role}"
            office.ids[who] = change.person(email=f"{who}@example.org", name=f"{mark(LUND)} {role}", language="en").id
            change.member(office.ids[who], Role(role), unit)
        partner, _ = change.partner(name=mark(LUND), email="partner@example.org", language="en")
        office.ids["lund.partner"] = partner.id
    for role in LUND_ROLES:
        office.tokens[f"lund.{role}"] = directory.issue_token(LUND, office.ids[f"lund.{role}"])


def _student(of: str) -> dict[str, str]:
    name = mark(f"student of {of}")
    return {"name": f"{name} Student", "email": f"{name}@example.org", "language": "sv"}


def _marked(office: Office) -> dict[str, str]:
    cases: dict[str, str] = {}
    for unit in (STAT, HIST):
        own = unit.lower()
        agreement = f"{own} agreement"
        rows = [{**agreements.OUT, "places": 3}, agreements.IN]
        cases[agreement] = agreements.in_force(office, unit, partner_name=mark(agreement), rows=rows)
        review, nomination, exchange = f"{own} review", f"{own} nomination", f"{own} exchange"
        facts = {"course": mark(review), "requirements": [{"name": mark(review)}]}
        cases[review] = office.open("admissions", "eligibility_review", unit, facts, subject=_student(review))
        cases[nomination] = office.open(
            in_one_unit(unit, "coordinator"), "incoming_nomination", unit, STAY, subject=_student(nomination),
            agreement=cases[agreement],
        )  # fmt: skip
        cases[exchange] = _exchange(office, exchange, cases[agreement], unit)
        exchanges.ranked(office, cases[exchange], home=unit, owner=unit)
    cases["borrowed exchange"] = _exchange(office, "borrowed exchange", cases["stat agreement"], HIST)
    facts = {"course": mark("lund review"), "requirements": [{"name": mark("lund review")}]}
    student = _student("lund review")
    cases["lund review"] = office.open("lund.admissions", "eligibility_review", "STAT", facts, subject=student)
    terms = {**agreements.TERMS, "partner": office.ids["lund.partner"], "partner_name": mark("lund agreement")}
    cases["lund agreement"] = office.open("lund.coordinator", "agreement", "STAT", terms)
    return cases


def _exchange(office: Office, name: str, agreement: str, unit: str) -> str:
    who, student = in_one_unit(unit, "coordinator"), _student(name)
    facts = {**exchanges.AUTUMN, "host": mark(name), "wishes": [mark(name)]}
    return office.open(who, "outgoing_exchange", unit, facts, subject=student, agreement=agreement)


def _say(office: Office, name: str, case: str) -> None:
    """A comment with the case's mark, by whoever may read it."""
    who = "lund.officer" if name in AT_LUND else "officer"
    answer = office.post(who, f"/cases/{case}/comments", {"text": f"Anteckning {mark(name)}"})
    assert answer.status_code == 200, answer.text
