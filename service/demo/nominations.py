"""The incoming nominations of the demo year, each with the reviews of its courses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from engine.model import NewPerson
from engine.vocabulary import Role
from service.demo import reviews
from service.demo.agreements import Concluded
from service.demo.reviews import another, courses
from service.demo.stage import Life, Stage
from service.demo.year import INCOMING, Intake

RARE = (
    "plain", "rejected", "never applies", "late", "refused", "withdraws early", "below minimum", "never accepts",
    "withdraws in review", "no show", "unsigned", "interrupts", "withdraws admitted", "extends", "shortens",
    "late application", "not yet answered",
)  # fmt: skip
"""How nominations go: each of these once in the first round, then the common ones."""

COMMON = ("plain", "plain", "permit", "plain", "one fails", "plain", "plain", "plain", "withdraws early", "plain")
"""How they go otherwise, in turn."""

PORTIONS = (("30",), ("15", "15"), ("22.5", "7.5"), ("30",), ("15", "7.5", "7.5"))
"""Credits of the courses somebody applies for, in turn."""

DECISION: dict[str, Any] = {"no_conflict_of_interest": True, "presented_by": "Antagningshandläggare"}


@dataclass(frozen=True, slots=True)
class Coming:
    """One student a partner nominates: under which agreement, in which round, and how it goes.

    `number` counts the nominations of the round, from 0.
    """

    under: Concluded
    student: NewPerson
    intake: Intake
    how: str
    number: int


def is_nominated(stage: Stage, coming: Coming, day: date) -> Life:
    """A nomination, from the partner's mail to the transcript, or to where it ends."""
    under, intake, how = coming.under, coming.intake, coming.how
    late = how == "late"
    yield intake.closes_on + timedelta(days=5) if late else day
    while (by := stage.someone(Role.COORDINATOR, under.real.unit)) is None:
        yield 1
    case = stage.open(
        "incoming_nomination", under.real.unit, _facts(stage, coming), by=by, subject=coming.student,
        agreement=under.case,
    ).id  # fmt: skip
    yield 1 if late else stage.dice.randint(1, 8)
    if how == "not yet answered":
        return
    if how == "withdraws early":
        yield from stage.do(case, "withdraw", role=Role.PARTNER)
        return
    if how == "rejected":
        yield from stage.do(case, "reject_nomination", reason="The field is not covered by our agreement.")
        return
    if late:
        why = "Partnern bytte kontaktperson; vi har plats."
        yield from stage.do(case, "admit_late", reason=why, new_date=stage.day(5))
    yield from stage.do(case, "accept_nomination")
    if how != "never applies":
        yield from _applies(stage, case, coming)


def _facts(stage: Stage, coming: Coming) -> dict[str, Any]:
    term, real = coming.intake.term, coming.under.real
    return {
        "stay_from": term.starts_on,
        "stay_to": term.ends_on,
        "level": "master" if coming.number % 3 == 0 else "bachelor",
        "field": real.field,
        "semesters": 1,
        "sending_institution": real.name,
        "nominated_on": stage.today,
        "term_start": term.starts_on,
        "assessment_end": term.ends_on,
    }


def _applies(stage: Stage, case: str, coming: Coming) -> Life:
    intake, how, number = coming.intake, coming.how, coming.number
    if how == "late application":
        yield intake.closes_on + timedelta(days=16)
        why = "Betygsutdraget blev försenat hos hemuniversitetet."
        yield from stage.do(case, "admit_late", reason=why, new_date=stage.day(4))
        yield 1
    else:
        # Whoever was accepted late must hurry: applications close two weeks after nominations.
        hurry = stage.today > intake.closes_on + timedelta(days=3)
        yield 1 if hurry else stage.dice.randint(1, 6)
    unit = stage.read(case).unit
    portions = PORTIONS[3 if how in {"permit", "no show"} else number % len(PORTIONS)]
    wanted = [_course(unit, place, ects) for place, ects in enumerate(portions)]
    yield from stage.do(
        case, "submit_application", role=Role.STUDENT, courses=wanted, needs_residence_permit=how == "permit"
    )
    yield stage.dice.randint(1, 2)
    yield from stage.do(case, "start_review")
    _reviewed(stage, portions, how, number)
    yield from _admitted(stage, case, intake, how, len(portions))


def _course(unit: str, place: int, ects: str) -> dict[str, Any]:
    """A course in the nomination's own unit; the third is another's."""
    where = another(unit) if place > 1 else unit
    name, code = courses(where)[place % len(courses(where))]
    return {"course": name, "course_code": code, "ects": ects, "unit": where}


def _reviewed(stage: Stage, portions: tuple[str, ...], how: str, number: int) -> None:
    """Let the reviews go so that the nomination can end as it is to end."""
    for place, child in enumerate(stage.opened):
        goes = reviews.COMMON[(number + place) % len(reviews.COMMON)]
        if how in {"refused", "below minimum"} or (how == "one fails" and Decimal(portions[place]) < Decimal(10)):
            goes = "ineligible"
        elif how == "withdraws in review":
            goes = "long overdue"
        stage.start(reviews.goes(stage, child, goes))


def _admitted(stage: Stage, case: str, intake: Intake, how: str, asked: int) -> Life:
    yield 2
    if how == "withdraws in review":
        yield from stage.do(case, "withdraw", role=Role.STUDENT)
        return
    while len(stage.read(case).facts["reviews"]) < asked:
        yield 1
    yield stage.dice.randint(1, 5)
    if how == "refused":
        yield from stage.do(case, "refuse", reason="Förkunskaperna räcker inte för någon av kurserna.", **DECISION)
        return
    if how == "below minimum":
        why = "Studenten läser in det som saknas; hemuniversitetet har godkänt."
        yield from stage.do(case, "admit_with_deviation", reason=why, **DECISION)
    else:
        yield from stage.do(case, "admit", **DECISION)
    if how == "never accepts":
        return
    yield stage.dice.randint(1, 5)
    if how == "withdraws admitted":
        yield from stage.do(case, "withdraw", role=Role.STUDENT)
        return
    yield from stage.do(case, "accept_place")
    yield from _comes(stage, case, intake, how)


def _comes(stage: Stage, case: str, intake: Intake, how: str) -> Life:
    start = intake.term.starts_on
    yield start - timedelta(days=stage.dice.randint(30, 60))
    if stage.agreement_of(case).facts["study_plan"] == "home_approval":
        yield from stage.do(case, "confirm_study_plan", study_plan_approved_on=stage.today)
    elif how != "unsigned":
        for signer in ("student", "sending", "receiving"):
            yield from stage.do(case, "record_signature", signer=signer, signed_on=stage.today)
            yield stage.dice.randint(1, 4)
        yield from stage.do(case, "sign_learning_agreement")
    if how == "no show":
        yield start + timedelta(days=14)
        yield from stage.do(case, "report_no_show")
        return
    yield start + timedelta(days=stage.dice.randint(0, 3))
    if stage.lies_in(case, "admitted"):
        why = "Hemuniversitetets underskrift dröjer; studenten är här."
        yield from stage.do(case, "arrive_with_deviation", reason=why, arrived_on=stage.today)
        stage.show("arrived_unsigned", case)
    else:
        yield from stage.do(case, "confirm_arrival", arrived_on=stage.today)
    yield stage.dice.randint(1, 4)
    yield from stage.do(case, "register", registered_on=stage.today)
    yield from _stays(stage, case, intake, how)


def _stays(stage: Stage, case: str, intake: Intake, how: str) -> Life:
    first, last = intake.term.starts_on, intake.term.ends_on
    consents: dict[str, Any] = {"student_consents": True, "partner_consents": True}
    if how == "interrupts":
        yield 35
        yield from stage.do(case, "interrupt", reason="Familjeskäl.", interrupted_on=stage.today)
    elif how == "extends":
        yield first + timedelta(days=80)
        yield from stage.do(case, "extend_stay", stay_to=INCOMING[1].term.ends_on, semesters=2, **consents)
        return
    elif how == "shortens":
        yield first + timedelta(days=60)
        last -= timedelta(days=20)
        yield from stage.do(case, "shorten_stay", stay_to=last, semesters=1, **consents)
    if not stage.lies_in(case, "departed"):
        yield last + timedelta(days=stage.dice.randint(0, 6))
        yield from stage.do(case, "confirm_departure", attended_from=first, attended_to=last)
    yield stage.dice.randint(14, 40)
    yield from stage.do(case, "send_transcript")
    yield stage.dice.randint(2, 9)
    yield from stage.do(case, "complete")
