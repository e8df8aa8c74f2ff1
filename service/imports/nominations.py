"""Reads rows of incoming nominations: a student whom a partner nominates for a stay here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from adapters.columns import Parsed
from adapters.values import folded
from adapters.values_terms import Semester
from engine.store.natural_keys import Agreed
from engine.vocabulary import Direction, Text
from service.imports.matters import Desk, Matter, Plainly, hashed
from service.imports.source import Unfit
from service.imports.students import checked_semesters, courses_of, level_of
from service.imports.terms import Days, semester_of, stay_over

SAME_NAME = {"isced": "field", "nominated_on": "nominated_on", "registration_number": "registration_number"}


class NominationReader(Plainly):
    """Rows of nominations, known again by student, partner and first semester."""

    workflow = "incoming_nomination"
    columns_of_facts: Mapping[str, str] = {
        "stay_from": "starts_on",
        "stay_to": "ends_on",
        "field": "isced",
        "sending_institution": "partner",
        "needs_residence_permit": "residence_permit",
        "subject": "email",
        "links": "agreement",
    }
    without_place = frozenset(
        {
            "birth_date", "nationality", "gender", "esi", "subject_area", "programme", "credits", "language_level",
            "housing", "contact_name", "contact_email",
        }
    )  # fmt: skip

    def key(self, desk: Desk, row: Parsed) -> str:
        """Hashed, since it names a person. Not by the agreement: the same student may be moved to another."""
        return hashed(row.values["email"], _sender(desk, row).key, _first_semester(row))

    def matter(self, desk: Desk, row: Parsed) -> Matter:
        """A nomination under the agreement the row names, or the only one in force with its partner."""
        values, sender = row.values, _sender(desk, row)
        warnings = list(sender.warnings)
        named_unit = values.get("unit")
        likely = _stay(desk, row, str(named_unit or desk.institution))
        agreed = _agreement(desk, row, likely)
        agreement = desk.agreement(agreed.id)
        stay = _stay(desk, row, agreement.unit)
        facts: dict[str, Any] = {
            "stay_from": stay.first,
            "stay_to": stay.last,
            "level": level_of(desk.source, row, agreement, Direction.INCOMING),
            "sending_institution": sender.name or agreed.partner_name,
            **{fact: values[column] for column, fact in SAME_NAME.items() if values.get(column) is not None},
        }
        if values.get("semesters"):
            facts["semesters"] = len(values["semesters"])
        if values.get("residence_permit") is not None:
            facts["needs_residence_permit"] = values["residence_permit"]
        for name in ("courses", "alternatives"):
            if found := tuple(_with_credits(values.get(name), warnings)):
                facts[name] = found
        return Matter(
            unit=str(named_unit or agreement.unit),
            facts=facts,
            shown=f"{folded(str(values['email']))}, {facts['sending_institution']}, {_first_semester(row)}",
            subject=desk.student(row, "en"),
            links=(("agreement", agreed.id),),
            warnings=tuple(warnings),
        )


@dataclass(frozen=True, slots=True)
class Sender:
    """The partner that nominates; `key` is its id, or what the row calls the agreement if that names none."""

    key: str
    name: str | None
    warnings: tuple[Text, ...] = ()


def _sender(desk: Desk, row: Parsed) -> Sender:
    """Who nominates: by the agreement the row names, else by its columns of the partner. Raises Unfit."""
    said = row.values.get("agreement")
    by_agreement = next((each for each in desk.agreements.called(str(said or "")) if each.partner), None)
    if by_agreement is None:
        named = desk.partner(row)
        return Sender(named.id, named.name) if named else Sender(str(said), None)
    agreed = Sender(str(by_agreement.partner), by_agreement.partner_name)
    try:
        named = desk.partner(row)
    except Unfit as unfit:
        called = unfit.faults[0].value
        told = Text(
            f"”{called}” finns inte i partnerregistret; avtalets partner gäller: {agreed.name}.",
            f"“{called}” is not in the register of partners; the agreement's partner counts: {agreed.name}.",
        )
        return replace(agreed, warnings=(told,))
    if named is not None and named.id != agreed.key:
        expected = Text(f"avtalets partner, {agreed.name}", f"the agreement's partner, {agreed.name}")
        raise Unfit(desk.source.fault(row, _partner_column(row), expected))
    return agreed


def _partner_column(row: Parsed) -> str:
    columns = ("partner_erasmus_code", "partner_pic", "partner")
    return next((each for each in columns if row.values.get(each) is not None), "partner")


def _agreement(desk: Desk, row: Parsed, stay: Days) -> Agreed:
    values = row.values
    if values.get("agreement") is not None:
        return desk.agreements.by_reference(row, "agreement", starts_on=stay.first, ends_on=stay.last)
    partner = desk.partner(row)
    if partner is None:
        raise desk.source.unfit(row, "partner", "en partner eller ett avtal", "a partner or an agreement")
    unit = str(values["unit"]) if values.get("unit") else None
    return desk.agreements.of_partner(
        row, _partner_column(row), partner, unit=unit, starts_on=stay.first, ends_on=stay.last
    )


def _first_semester(row: Parsed) -> Semester:
    """The semester the stay belongs to: stable where a day of it is put right."""
    semesters = row.values.get("semesters")
    return semesters[0] if semesters else semester_of(row.values["starts_on"])


def _stay(desk: Desk, row: Parsed, unit: str) -> Days:
    """The days of the stay; those the row does not give are the semesters' own. Raises Unfit."""
    first: date | None = row.values.get("starts_on")
    last: date | None = row.values.get("ends_on")
    semesters: Sequence[Semester] = row.values.get("semesters") or ()
    if not semesters and (first is None or last is None):
        raise desk.source.unfit(row, "ends_on", "vistelsens sista dag, eller en termin", "the last day, or a semester")
    if first and last:
        return Days(first, last)
    of_term = stay_over(checked_semesters(desk.source, row, semesters), desk.figures(unit))
    return Days(first or of_term.first, last or of_term.last)


def _with_credits(lines: Iterable[str] | None, warnings: list[Text]) -> Iterable[Mapping[str, Any]]:
    """The courses that are given with their credits; without them a course cannot be reviewed."""
    for course in courses_of(lines):
        if course["ects"] is not None:
            yield {"course": course["name"], "ects": course["ects"]}
        else:
            warnings.append(
                Text(
                    f"kursen ”{course['name']}” saknar högskolepoäng och utelämnades (skriv t.ex. 7,5 hp"
                    " efter namnet).",
                    f"the course “{course['name']}” has no credits and was left out (write for example 7.5 ects after"
                    " its name).",
                )
            )
