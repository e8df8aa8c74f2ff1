"""Reads rows of requests for review: an applicant, a course, and what it demands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adapters.columns import Parsed
from adapters.values import folded
from service.imports.matters import Desk, Matter, Plainly, hashed
from service.imports.students import courses_of

SAME_NAME = (
    "course", "course_code", "ects", "round", "application_number", "answer_by", "registration_on",
    "registration_number",
)  # fmt: skip


class ReviewReader(Plainly):
    """Rows of requests, known again by applicant, course, term and admission round."""

    workflow = "eligibility_review"
    columns_of_facts: Mapping[str, str] = {"subject": "email"}
    without_place: frozenset[str] = frozenset()

    def key(self, _desk: Desk, row: Parsed) -> str:
        """Hashed, since it names a person."""
        values = row.values
        course = values.get("course_code") or values["course"]
        return hashed(values["email"], course, values.get("term"), values.get("round"))

    def matter(self, desk: Desk, row: Parsed) -> Matter:
        """A request to the unit that gives the course."""
        values = row.values
        facts: dict[str, Any] = {name: values[name] for name in SAME_NAME if values.get(name) is not None}
        if values.get("term") is not None:
            facts["term"] = str(values["term"])
        if values.get("requirements"):
            facts["requirements"] = tuple({"name": line} for line in values["requirements"])
        if values.get("alternatives"):
            facts["alternatives"] = tuple(
                {"course": each["name"], "ects": each["ects"]} for each in courses_of(values["alternatives"])
            )
        return Matter(
            unit=str(values["unit"]),
            facts=facts,
            shown=f"{folded(str(values['email']))}, {values.get('course_code') or values['course']}",
            subject=desk.student(row, "sv"),
        )
