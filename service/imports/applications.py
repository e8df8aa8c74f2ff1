"""Reads rows of applications for exchange: a student, an agreement, one semester or two."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_DOWN
from typing import Any

from adapters.columns import Parsed
from adapters.values import folded
from engine.vocabulary import Direction
from service.imports.matters import Desk, Matter, Plainly, hashed
from service.imports.students import checked_semesters, courses_of, level_of
from service.imports.terms import days_of, stay_over

SAME_NAME = {
    "isced": "field",
    "credits": "credits",
    "language_level": "language_level",
    "registration_number": "registration_number",
}


class ApplicationReader(Plainly):
    """Rows of applications, known again by student, agreement and first semester."""

    workflow = "outgoing_exchange"
    columns_of_facts: Mapping[str, str] = {
        "stay_from": "semesters",
        "stay_to": "semesters",
        "field": "isced",
        "course_choice": "courses",
        "wishes": "wish_number",
        "subject": "email",
        "links": "agreement",
    }
    without_place = frozenset(
        {
            "programme", "study_language", "call", "motivation", "alternatives", "applied_on", "application_number",
        }
    )  # fmt: skip

    def key(self, _desk: Desk, row: Parsed) -> str:
        """Hashed, since it names a person."""
        values = row.values
        return hashed(values["email"], values["agreement"], values["semesters"][0])

    def matter(self, desk: Desk, row: Parsed) -> Matter:
        """An application under the agreement the row names."""
        values = row.values
        semesters = checked_semesters(desk.source, row, values["semesters"])
        likely = stay_over(semesters, desk.figures(str(values["unit"])))
        agreed = desk.agreements.by_reference(row, "agreement", starts_on=likely.first, ends_on=likely.last)
        agreement = desk.agreement(agreed.id)
        figures = desk.figures(agreement.unit)
        stay = stay_over(semesters, figures)
        facts: dict[str, Any] = {
            "stay_from": stay.first,
            "stay_to": stay.last,
            "academic_year": semesters[0].academic_year,
            "semesters": len(semesters),
            "level": level_of(desk.source, row, agreement, Direction.OUTGOING),
            "host": agreed.partner_name,
            **{fact: values[column] for column, fact in SAME_NAME.items() if values.get(column) is not None},
        }
        if len(semesters) > 1:
            facts["second_term_from"] = days_of(semesters[1], figures).first
        if values.get("share_passed") is not None:
            # Never up: who has passed 74.9 per cent has not passed 75.
            facts["share_passed"] = int(values["share_passed"].to_integral_value(ROUND_DOWN))
        if values.get("points") is not None:
            facts["points"] = values["points"]
        if values.get("wish_number") is not None:
            facts["wishes"] = (f"{values['wish_number']}. {agreed.partner_name}"[:200],)
        if values.get("courses"):
            facts["course_choice"] = tuple(courses_of(values["courses"]))
        return Matter(
            unit=str(values["unit"]),
            facts=facts,
            shown=f"{folded(str(values['email']))}, {agreed.reference or agreed.number}, {semesters[0]}",
            subject=desk.student(row, "sv"),
            links=(("agreement", agreed.id),),
        )
