"""The eligibility reviews of the demo year: asked by admissions, or for a nomination's courses."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from engine.model import NewPerson
from engine.vocabulary import Role
from service.demo.stage import Done, Life, Stage
from service.demo.units import DEPARTMENTS

LAST_DAYS_BEFORE_LEAVE = date(2027, 2, 11)

FREE: dict[str, Any] = {"no_conflict_of_interest": True}
COMMON = ("plain", "plain", "slow", "plain", "equivalent", "plain", "asked", "plain", "condition", "released")
"""How reviews that end well go, in turn."""

RARE = (
    "overdue", "ineligible", "reselects", "overdue", "lapses", "elsewhere", "exempted", "condition fails",
    "unanswered", "two pairs of eyes", "returned", "withdrawn", "answer day", "reconsidered", "long overdue",
    "asked now", "condition now", "proposed now", "choosing now", "undecided now", "refused now", "just asked",
)  # fmt: skip
"""How reviews asked by admissions themselves go: each of these once, then the common ones."""


def is_asked(stage: Stage, unit: str, applicant: NewPerson, how: str, day: date) -> Life:
    """Admissions asks a department about an applicant of its own."""
    yield day
    term = "HT 2026" if day < date(2026, 6, 1) else "VT 2027" if day < date(2026, 12, 1) else "HT 2027"
    case = yield from _ask(stage, unit, applicant, term)
    yield from goes(stage, case.id, how)


def _ask(stage: Stage, unit: str, applicant: NewPerson, term: str) -> Done:
    while (by := stage.someone(Role.ADMISSIONS, stage.institution)) is None:
        yield 1
    name, code = stage.dice.choice(courses(unit))
    facts = {
        "course": name,
        "course_code": code,
        "ects": "15",
        "term": term,
        "round": "Internationella masteromgången",
        "requirements": [{"name": "90 hp i huvudområdet"}, {"name": "Engelska 6"}],
    }
    return stage.open("eligibility_review", unit, facts, by=by, subject=applicant)


def is_left_behind(stage: Stage, unit: str, applicant: NewPerson, reviewer: str, *, answered: bool) -> Life:
    """A review somebody takes just before a long leave: it goes to the substitute by itself."""
    yield LAST_DAYS_BEFORE_LEAVE
    case = yield from _ask(stage, unit, applicant, "HT 2027")
    yield 1
    yield from stage.do(case.id, "take", by=reviewer)
    stage.show("handed_over", case.id)
    while stage.read(case.id).assignee == reviewer:
        yield 1
    if answered:
        yield 1
        yield from _assessed(stage, case.id, "plain")


def goes(stage: Stage, case: str, how: str) -> Life:
    """A review from the asking to the decision, or to where it stops."""
    if how in {"just asked", "overdue"}:
        return
    yield {"slow": 5, "answer day": 0}.get(how, stage.dice.randint(0, 2))
    if how == "withdrawn":
        yield from stage.do(case, "withdraw")
        return
    if how == "answer day":
        yield from stage.do(case, "set_answer_by", answer_by=stage.today + timedelta(days=9))
        yield 4
    yield from stage.do(case, "take")
    if how == "released":
        yield from stage.do(case, "release")
        yield 1
        yield from stage.do(case, "take")
    yield stage.dice.randint(0, 1)
    if how == "long overdue":
        return
    yield from _asks(stage, case, how)
    if not stage.lies_in(case, "under_review"):
        return
    yield from _assessed(stage, case, how)


def _asks(stage: Stage, case: str, how: str) -> Life:
    if how not in {"asked", "asked now", "unanswered"}:
        return
    yield from stage.do(case, "ask_for_information", missing_information="Kursplaner för de två sista terminerna.")
    if how == "asked":
        yield 4
        yield from stage.do(case, "receive_information")
    elif how == "unanswered":
        while not stage.lies_in(case, "under_review"):
            yield 2


ASSESSED: dict[str, dict[str, str]] = {
    "equivalent": {"assessment": "equivalent", "replaced_by": "Motsvarande kurser från hemuniversitetet"},
    "exempted": {"assessment": "exempted", "reason": "Lång yrkeserfarenhet.", "mandate": "Delegation 2026:4"},
}
FAILING = ("ineligible", "reselects", "elsewhere", "lapses", "choosing now", "refused now", "reconsidered")
TWO_PAIRS = ("two pairs of eyes", "returned", "proposed now")


def _assessed(stage: Stage, case: str, how: str) -> Life:
    fails = how in FAILING or how in TWO_PAIRS
    first = {"assessment": "not_met"} if fails else ASSESSED.get(how, {"assessment": "met"})
    names = [each["name"] for each in stage.read(case).facts["requirements"]] or ["Särskild behörighet"]
    assessed = [{"name": names[0], **first}, *({"name": name, "assessment": "met"} for name in names[1:])]
    yield from stage.do(case, "record_assessment", assessed=assessed, transcript_seen=True)
    if how in TWO_PAIRS or (fails and stage.read(case).unit == "jus.umu.se"):
        yield from _by_two(stage, case, how, names[0])
    elif fails:
        why = "De åberopade kurserna ligger på en lägre nivå."
        yield from stage.do(case, "find_ineligible", reason=why, failed_requirement=names[0], **FREE)
    elif how in {"condition", "condition fails", "condition now"}:
        yield from _on_condition(stage, case, how)
    else:
        yield from stage.do(case, "find_eligible", **FREE)
    yield from _answered(stage, case, how)


def _by_two(stage: Stage, case: str, how: str, requirement: str) -> Life:
    why = "Det saknas 30 hp i huvudområdet."
    yield from stage.do(case, "propose_ineligible", reason=why, failed_requirement=requirement, **FREE)
    yield 1
    if how == "proposed now":
        return
    if how == "returned":
        yield from stage.do(case, "return_to_review", reason="Se även betygsutdraget från det andra lärosätet.")
        yield 1
        met = [{"name": requirement, "assessment": "met"}]
        if stage.read(case).assignee is None:
            yield from stage.do(case, "record_assessment", assessed=met, transcript_seen=True)
        yield from stage.do(case, "find_eligible", **FREE)
        return
    yield from stage.do(case, "confirm_ineligible", **FREE)


def _on_condition(stage: Stage, case: str, how: str) -> Life:
    days = {"condition": 25, "condition fails": 12}.get(how, 60)
    yield from stage.do(
        case, "find_conditionally_eligible", condition="Kandidatexamen ska vara utfärdad.",
        settle_by=stage.today + timedelta(days=days), **FREE,
    )  # fmt: skip
    if how == "condition":
        yield 9
        yield from stage.do(case, "confirm_condition_met", **FREE)
    elif how == "condition fails":
        while stage.lies_in(case, "conditionally_eligible"):
            yield 3


def _answered(stage: Stage, case: str, how: str) -> Life:
    if how in {"reselects", "elsewhere", "lapses", "choosing now"}:
        yield from _chooses_again(stage, case, how)
    yield stage.dice.randint(1, 3)
    if how in {"undecided now", "refused now"} or not stage.lies_in(case, "eligible", "ineligible"):
        return
    decision: dict[str, Any] = {"decided_on": stage.today, "presented_by": "Antagningshandläggare"}
    yield from stage.do(case, "record_decision", **decision, **FREE)
    if how == "reconsidered":
        yield 8
        why = "Sökanden har visat upp ett nytt betygsutdrag."
        yield from stage.do(case, "reconsider", reason=why)
        stage.show("reconsidered", case)
        yield 2
        yield from _assessed(stage, case, "plain")


def _chooses_again(stage: Stage, case: str, how: str) -> Life:
    unit = stage.read(case).unit
    offered = [
        {"course": "Annan kurs i samma ämne", "ects": "7.5"},
        {"course": "Statistics A", "course_code": "DEMO-ST1", "ects": "7.5", "unit": another(unit)},
    ]
    yield 1
    yield from stage.do(case, "request_reselection", alternatives=offered)
    if how == "choosing now":
        return
    yield 2
    if how == "lapses":
        while stage.lies_in(case, "reselection_requested"):
            yield 2
    elif how == "elsewhere":
        yield from stage.do(case, "reselect_elsewhere", choice=2)
        for child in stage.opened:
            stage.start(goes(stage, child, "plain"))
    else:
        yield from stage.do(case, "reselect", role=Role.STUDENT, choice=1)
        yield 1
        yield from _assessed(stage, case, "plain")


def courses(unit: str) -> tuple[tuple[str, str], ...]:
    return next(each.courses for each in DEPARTMENTS if each.code == unit)


def another(unit: str) -> str:
    return "cs.umu.se" if unit == "usbe.umu.se" else "usbe.umu.se"
