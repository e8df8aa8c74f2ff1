"""The outgoing exchanges of the demo year, from the application to the departure."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from engine.model import Correct, NewPerson, Tie
from engine.vocabulary import Role
from service.demo.abroad import is_away
from service.demo.exchange_plan import CHOICE, FREE, PRESENTED, Plan
from service.demo.stage import Life, Stage
from service.demo.year import OUTGOING

RARE = (
    "plain", "borrowed, withdraws", "deviation", "not eligible", "declines", "does not answer", "refused by host",
    "recognised anew", "interrupts", "not selected", "withdraws early", "changes", "registers first",
    "no results", "not eligible, reconsidered", "advice", "extends", "refused, no other place", "shortens",
    "not selected, reconsidered", "registered late", "term changed",
)  # fmt: skip
"""How exchanges go: each of these once in the first round, then the common ones."""

COMMON = (
    "plain", "borrowed", "plain", "changes", "plain", "waits", "plain", "registers first", "plain", "declines", "plain",
)  # fmt: skip
"""How they go otherwise, in turn."""


def goes_out(stage: Stage, plan: Plan, student: NewPerson, day: date) -> Life:
    """An exchange, from the application on."""
    yield day
    case = yield from applies(stage, plan, student)
    if plan.how == "withdraws early":
        yield 3
        yield from stage.do(case, "withdraw", role=Role.STUDENT)
        return
    yield plan.intake.closes_on + timedelta(days=stage.dice.choice((2, 4, 6, 8, 10, 11, 16, 22)))
    if plan.how.startswith("not eligible"):
        yield from _is_not_eligible(stage, case, plan)
        if stage.lies_in(case, "not_eligible"):
            return
    yield from stage.do(case, "check_eligibility", checked_against_the_call=True, **FREE)
    yield plan.intake.closes_on + timedelta(days=stage.dice.randint(15, 19))
    yield from is_selected(stage, case, plan)


def applies(stage: Stage, plan: Plan, student: NewPerson) -> Any:
    """Open the application; gives the case's id."""
    while (by := stage.someone(Role.COORDINATOR, plan.unit)) is None:
        yield 1
    term, real = plan.intake.term, plan.under.real
    facts = {
        "stay_from": term.starts_on,
        "stay_to": term.ends_on,
        "academic_year": term.academic_year,
        "semesters": 1,
        "level": "bachelor",
        "field": real.field,
        "host": real.name,
        "host_country": real.country,
        "call_closes_on": plan.intake.closes_on,
        "credits": 60 + 15 * stage.dice.randint(0, 6),
        "share_passed": stage.dice.randint(76, 100),
        "language_required": "B2",
        "language_level": stage.dice.choice(("B2", "C1", "C2")),
        "wishes": [real.name, plan.other.real.name],
    }
    if plan.how.startswith("not eligible"):
        facts["credits"] = 45
    case = stage.open("outgoing_exchange", plan.unit, facts, by=by, subject=student, agreement=plan.under.case)
    return case.id


def _is_not_eligible(stage: Stage, case: str, plan: Plan) -> Life:
    why = "45 hp avklarade; utlysningen kräver 60."
    yield from stage.do(case, "find_not_eligible", reason=why, failed_requirement="credits", **PRESENTED)
    if plan.how.endswith("reconsidered"):
        yield 3
        yield from stage.do(case, "reconsider", reason="15 hp var inrapporterade men syntes inte.")
        stage.ask(Correct({"credits": 60}, "Rättat efter Ladok."), stage.officer(), case)


def is_selected(stage: Stage, case: str, plan: Plan) -> Life:
    """Ranked, offered, answered."""
    yield from stage.do(case, "rank", points=stage.dice.randint(40, 100), **FREE)
    yield 1
    if plan.how.startswith("not selected"):
        yield from stage.do(case, "close_without_place", reasons="Fler sökande än platser.", because="no_place_left")
        if not plan.how.endswith("reconsidered"):
            return
        yield 4
        yield from stage.do(case, "reconsider", reason="En plats till blev klar.")
    if plan.how == "waits":
        yield from stage.do(case, "place_on_reserve", reserve_number=9)
        return
    yield from _lent(stage, case)
    yield from stage.do(case, "offer")
    if plan.how == "does not answer":
        return
    yield stage.dice.randint(1, 4)
    if plan.how == "declines":
        yield from stage.do(case, "decline")
        return
    yield from stage.do(case, "accept_place")
    yield from is_prepared(stage, case, plan)


def _lent(stage: Stage, case: str) -> Life:
    if stage.agreement_of(case).unit != stage.read(case).unit:
        yield from stage.do(case, "lend_place")
        yield 1


def is_prepared(stage: Stage, case: str, plan: Plan) -> Life:
    """Nominated, accepted by the host, and made ready."""
    yield stage.dice.randint(2, 6)
    yield from stage.do(case, "approve_course_choice", course_choice=CHOICE)
    yield stage.dice.randint(2, 8)
    yield from stage.do(case, "nominate")
    yield stage.dice.randint(10, 22)
    if plan.how.startswith("refused"):
        yield from _is_refused(stage, case, plan)
        return
    ends = stage.read(case).facts["stay_to"]
    yield from stage.do(
        case, "record_host_acceptance", letter_on=stage.today, letter="Letter of acceptance",
        host_assessment_ends_on=date.fromisoformat(ends) + timedelta(days=10),
    )  # fmt: skip
    plan = yield from _changes_before(stage, case, plan)
    if plan.how == "registers first":
        yield from _registered(stage, case, plan)
        yield 5
        yield from _agreed(stage, case, plan)
    else:
        yield from _agreed(stage, case, plan)
        if plan.how == "borrowed, withdraws":
            yield from _withdraws(stage, case, plan)
            return
        if not stage.lies_in(case, "abroad"):
            yield from _registered(stage, case, plan)
    yield from is_away(stage, case, plan)


def _is_refused(stage: Stage, case: str, plan: Plan) -> Life:
    yield from stage.do(case, "record_host_refusal", host_refusal="No places left in the programme.")
    yield 2
    if plan.how.endswith("no other place"):
        yield from stage.do(case, "close_without_place", because="refused_by_host")
        return
    stage.ask(Tie("agreement", plan.other.case), stage.officer(), case)
    longer = {"nomination_by": stage.today + timedelta(days=45)}
    stage.ask(Correct(longer, "Den nya partnern tar emot en sen nominering."), stage.officer(), case)
    yield 1
    yield from _lent(stage, case)
    yield from stage.do(case, "reallocate")
    yield 2
    yield from stage.do(case, "accept_place")
    yield from is_prepared(stage, case, Plan(plan.other, plan.unit, plan.intake, "plain", plan.other))


def _changes_before(stage: Stage, case: str, plan: Plan) -> Generator[int | date, None, Plan]:
    """What is changed before departure; gives the plan as it then is."""
    if plan.how == "advice":
        yield 10
        yield from stage.do(case, "note_travel_advice", travel_advice="against_all")
        yield 30
        yield from stage.do(case, "note_travel_advice", travel_advice="none")
    if plan.how == "shortens":
        yield 10
        ends = plan.intake.term.ends_on - timedelta(days=14)
        yield from stage.do(case, "shorten_stay", stay_to=ends, semesters=1)
    if plan.how == "term changed":
        yield 10
        term = OUTGOING[1].term
        yield from stage.do(
            case, "change_term", stay_from=term.starts_on, stay_to=term.ends_on, semesters=1,
            academic_year=term.academic_year,
        )  # fmt: skip
        return replace(plan, intake=OUTGOING[1])
    return plan


def _agreed(stage: Stage, case: str, plan: Plan) -> Life:
    """The learning agreement signed by three, or the study plan confirmed; or neither."""
    yield plan.intake.term.starts_on - timedelta(days=stage.dice.randint(45, 75))
    if plan.how in {"deviation", "registered late"}:
        yield plan.intake.term.starts_on + timedelta(days=1)
        why = "Värden dröjer med underskriften; terminen har börjat."
        what = "neither" if plan.how == "registered late" else "learning_agreement_unsigned"
        if plan.how == "deviation":
            yield from _registered(stage, case, plan, insured=False)
        yield from stage.do(
            case, "depart_with_deviation", reason=why, deviation=what, began_on=plan.intake.term.starts_on
        )
        stage.show("deviation", case)
        return
    if stage.agreement_of(case).facts["study_plan"] == "home_approval":
        yield from stage.do(case, "confirm_study_plan", **FREE)
        return
    for party in ("student", "sending", "receiving"):
        yield from stage.do(case, "record_signature", party=party, signed_on=stage.today)
        yield stage.dice.randint(1, 5)
    yield from stage.do(case, "sign_learning_agreement", **FREE)


def _registered(stage: Stage, case: str, plan: Plan, *, insured: bool = True) -> Life:
    if stage.lies_in(case, "accepted_by_partner"):
        yield from stage.do(case, "admit_in_ladok", ladok_admitted_on=stage.today, agreement_and_occasion_exist=True)
        yield 1
    yield plan.intake.term.starts_on - timedelta(days=stage.dice.randint(15, 28))
    yield from stage.do(
        case, "register", registered_on=stage.today, checked_again=True,
        departure_credits=90, departure_share_passed=92,
    )  # fmt: skip
    if insured:
        yield stage.dice.randint(1, 3)
        yield from stage.do(case, "issue_insurance", host_country=plan.under.real.country)


def _withdraws(stage: Stage, case: str, plan: Plan) -> Life:
    """Återbud from a borrowed place, all prepared: the other unit is told in the same step."""
    yield from _registered(stage, case, plan)
    yield 2
    yield from stage.do(case, "withdraw", role=Role.STUDENT, reason="Studenten har fått en praktikplats.")
    stage.show("borrowed_withdrawn", case)


def queue(stage: Stage, plan: Plan, students: tuple[NewPerson, ...], day: date) -> Life:
    """Two places, four students: two are offered, two wait, one withdraws, and the clock offers the next."""
    yield day
    cases = []
    for student in students:
        case = yield from applies(stage, plan, student)
        cases.append(case)
    yield plan.intake.closes_on + timedelta(days=4)
    for case in cases:
        yield from stage.do(case, "check_eligibility", checked_against_the_call=True, **FREE)
    yield 8
    for case, points in zip(cases, (95, 90, 85, 70), strict=True):
        yield from stage.do(case, "rank", points=points, **FREE)
    for case in cases[:2]:
        yield from stage.do(case, "offer")
    for number, case in enumerate(cases[2:], 1):
        yield from stage.do(case, "place_on_reserve", reserve_number=number)
    yield 2
    for case in cases[:2]:
        yield from stage.do(case, "accept_place")
    yield 3
    yield from stage.do(cases[0], "withdraw", role=Role.STUDENT)
    stage.show("offered_from_reserve", cases[2])
    stage.start(is_prepared(stage, cases[1], plan))
    yield 3
    yield from stage.do(cases[2], "accept_place")
    yield from is_prepared(stage, cases[2], plan)
