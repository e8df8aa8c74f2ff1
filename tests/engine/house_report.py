"""The smallest of the three workflows: a report, opened by a stay that is finished."""

from __future__ import annotations

from pathlib import Path

from engine.definition import Definition, define
from engine.vocabulary import AnyView, Facts, FollowUp, Line, Link, Role, State, Text, Transition, Workflow, final

SOURCE = Path(__file__).read_text(encoding="utf-8")
LONG = Text("Så länge det behövs", "As long as needed")


def words(name: str) -> Text:
    return Text(f"{name} på svenska", f"{name} in English")


class ReportFacts(Facts):
    about: Line | None = None


def report_title(view: AnyView) -> str:
    return f"Report on {view.facts.about}"


REPORT = Workflow(
    name="report",
    version=1,
    label=words("report"),
    purpose=words("report"),
    prefix="REP",
    facts=ReportFacts,
    initial="due",
    opened_by=(Role.COORDINATOR,),
    states=(
        State("due", words("due"), Role.STUDENT, waits_because=LONG),
        final("filed", "Inlämnad", "Filed"),
    ),
    transitions=(
        Transition(
            "file",
            words("file"),
            "due",
            "filed",
            (Role.COORDINATOR,),
            follow_ups=(FollowUp("stay", "note_report", if_open=True),),
        ),
        Transition(
            "file_strictly",
            words("file strictly"),
            "due",
            "filed",
            (Role.COORDINATOR,),
            follow_ups=(FollowUp("stay", "note_report"),),
        ),
    ),
    deadlines=(),
    messages=(),
    title=report_title,
    links=(Link("stay", "stay", required=True),),
)


def report() -> Definition:
    """The definition of a report."""
    return define(REPORT, SOURCE)
