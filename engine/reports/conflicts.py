"""Declarations of no conflict of interest (jäv), and where one is contradicted.

Source: Förvaltningslagen (2017:900), 16-18 §§. Whoever declares a conflict cannot take the step, so
what a history holds are the declarations of none; a declarer who is the case's own person is told apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from engine.paging import Page
from engine.reports import steps
from engine.reports.shape import DETAIL_ERASED, Column, Line, Question, Report
from engine.reports.steps import BY, HEAD
from engine.store.report_rows import Told
from engine.vocabulary import Text

FIELD: Final = "no_conflict_of_interest"

NONE: Final = Text("inget jäv", "no conflict")
OWN_CASE: Final = Text("inget jäv, men ärendet gäller personen själv", "no conflict, but the case is the person’s own")
UNDECLARED: Final = Text("ingen försäkran", "no declaration")


def lines(question: Question, cursor: str | None, limit: int) -> Page[Line]:
    """A page of the report."""
    wanted = question.wanted(steps=steps.named(question.cases.catalogue, steps.declares))

    def judge(rows: Sequence[Told]) -> list[Line | None]:
        return [_line(question, row) for row in rows]

    return steps.walk(question, wanted, judge, cursor, limit)


def _line(question: Question, row: Told) -> Line | None:
    step = steps.step_of(question.cases.catalogue, row)
    if step is None or not steps.declares(step):
        return None
    values = steps.head(question, row) | steps.by(row)
    return Line(values | {"declared": _declared(row)}, (steps.ref(row),))


def _declared(row: Told) -> Text:
    if row.erased:
        return DETAIL_ERASED
    if steps.fields_of(row).get(FIELD) is not True:
        return UNDECLARED
    return OWN_CASE if row.party == row.subject else NONE


REPORT: Final = Report(
    name="conflicts",
    label=Text("Försäkringar om jäv", "Declarations on conflicts of interest"),
    about=Text(
        "Varje steg som frågar efter jäv, och vad som försäkrades. Den som är jävig kan inte ta steget; den som tar"
        " det i ett ärende om sig själv märks ut.",
        "Every step that asks about conflicts of interest, and what was declared. Whoever has one cannot take the"
        " step; whoever takes it in a case about themselves is marked.",
    ),
    columns=(*HEAD, *BY, Column("declared", Text("Försäkrat", "Declared"))),
    lines=lines,
)
