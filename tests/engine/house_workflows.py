"""Three small workflows: a contract gives places, a stay holds one, a report closes it.

They are as small as they can be with everything in them that a step may bring about.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

from pydantic import Field

from engine.definition import Definition, define
from engine.vocabulary import (
    MISSED,
    RECONSIDER,
    RECORDED,
    YES,
    Answer,
    AnyView,
    Assign,
    AtOnce,
    Budget,
    Deadline,
    Direction,
    Facts,
    Figure,
    FollowUp,
    Form,
    HandOver,
    Held,
    Holds,
    Level,
    Line,
    Link,
    MessageText,
    Offers,
    OnDay,
    Opening,
    Opens,
    Related,
    Relinks,
    Role,
    Rung,
    State,
    Stay,
    Tell,
    Text,
    Transition,
    Unit,
    Workflow,
    at,
    before,
    escalate,
    final,
    fire,
    no,
    remind,
    used,
)
from engine.vocabulary.people import ASSIGNEE
from tests.engine.house_report import LONG, report, words

SOURCE = Path(__file__).read_text(encoding="utf-8")
YEAR = "2027/2028"
NAMES = {
    "reminder": Text("Påminnelse", "Reminder"),
    "escalation": Text("Försenat", "Late"),
    "offered": Text("Erbjudande", "Offer"),
    "welcome": Text("Välkommen", "Welcome"),
    "partner_told": Text("Till partnern", "To the partner"),
}


def messages(*names: str) -> tuple[MessageText, ...]:
    return tuple(MessageText(name, NAMES[name], Text("{number}", "{number}")) for name in names)


# The contract.


class ContractFacts(Facts):
    name: Line | None = None
    places: int = 1
    years: tuple[str, ...] = (YEAR, "2028/2029")
    held: tuple[Held, ...] = ()


def row_for(view: AnyView, stay: Stay) -> str | None:
    return "row" if stay.academic_year in view.facts.years else None


def left(view: AnyView, row: str, year: str) -> int:
    taken = sum(held.semesters for held in view.facts.held if held.academic_year == year)
    free: int = view.facts.places - taken
    return free


def by_rank(view: AnyView) -> int:
    rank: int = view.facts.rank
    return rank


def successor(view: AnyView) -> str | None:
    found = view.linked("successor")
    return found.id if found else None


def has_nobody_asking(view: AnyView) -> Answer:
    if any(stay.state == "asked" for stay in view.related("stays")):
        return no("still_asking", "Någon väntar på svar", "Somebody waits for an answer")
    return YES


def contract_title(view: AnyView) -> str:
    return f"Contract in {view.unit}"


CONTRACT = Workflow(
    name="contract",
    version=1,
    label=words("contract"),
    purpose=words("contract"),
    prefix="CON",
    facts=ContractFacts,
    initial="active",
    opened_by=(Role.OFFICER, Role.COORDINATOR),
    needs_subject=False,
    states=(
        State("active", words("active"), Role.OFFICER, waits_because=LONG),
        final("ended", "Slut", "Ended"),
    ),
    transitions=(
        Transition(
            "offer_next",
            words("offer next"),
            "active",
            RECORDED,
            (Role.CLOCK,),
            follow_ups=(FollowUp("queue", "offer", first_only=True),),
        ),
        Transition(
            "end",
            words("end"),
            "active",
            "ended",
            (Role.OFFICER,),
            follow_ups=(FollowUp("stays", "withdraw", if_open=True),),
        ),
        Transition(
            "end_strictly",
            words("end strictly"),
            "active",
            "ended",
            (Role.OFFICER,),
            follow_ups=(FollowUp("stays", "withdraw"),),
        ),
        Transition(
            "end_quietly",
            words("end quietly"),
            "active",
            "ended",
            (Role.OFFICER,),
            guards=(has_nobody_asking,),
        ),
        Transition(
            "carry_over",
            words("carry over"),
            "active",
            RECORDED,
            (Role.OFFICER,),
            relinks=(Relinks("stays", "contract", successor),),
        ),
    ),
    deadlines=(
        Deadline(
            "freed", words("freed"), ("active",), AtOnce(), (fire(MISSED, "offer_next"),)
        ),
    ),
    messages=(),
    title=contract_title,
    links=(Link("successor", "contract"),),
    related=(
        Related("stays", "stay", link="contract"),
        Related("queue", "stay", link="contract", states=("waiting",), order=by_rank),
    ),
    offers=Offers(row_for, left, when_freed="freed"),
    protected=("held",),
)


# The stay.


class StayFacts(Facts):
    year: str = YEAR
    semesters: int = Field(default=1, ge=1, le=4)
    rank: int = 0
    starts_on: date | None = None
    credits: Decimal | None = None
    note: Line | None = None
    locked: bool = False
    partner_id: str | None = None
    reports: int = 0


class ProposeForm(Form):
    note: Line = Field(title="Anteckning / Note")
    remark: Line | None = Field(default=None, title="Övrigt / Remark")


class BookForm(Form):
    day: date = Field(title="Dag / Day")


class ChangeForm(Form):
    year: str = Field(default=YEAR, title="Läsår / Academic year")
    semesters: int = Field(default=1, ge=1, le=4, title="Terminer / Semesters")


class LockForm(Form):
    locked: bool = Field(title="Låst / Locked")


def stay_of(view: AnyView) -> Stay | None:
    return Stay(
        direction=Direction.OUTGOING,
        starts_on=date(2027, 8, 30),
        ends_on=date(2028, 1, 16),
        academic_year=view.facts.year,
        semesters=view.facts.semesters,
        level=Level.BACHELOR,
    )


def is_not_locked(view: AnyView) -> Answer:
    if view.facts.locked:
        return no("locked", "Låst", "Locked", who_can=Role.HEAD)
    return YES


def books_ahead(view: AnyView) -> Answer:
    if view.fields.day <= view.today:
        return no("not_ahead", "Dagen har varit", "That day is past", from_date=view.today)
    return YES


def one_more_report(view: AnyView) -> Mapping[str, object]:
    return {"reports": view.facts.reports + 1}


def its_report(view: AnyView) -> tuple[Opening, ...]:
    return (Opening(unit=view.unit, facts={"about": view.number}, subject=view.subject),)


def stay_title(view: AnyView) -> str:
    contract = view.linked("contract")
    under = contract.facts.name if contract else None
    return " ".join(filter(None, ("Stay", view.facts.year, view.facts.note, under)))


def start_day(view: AnyView) -> date | None:
    day: date | None = view.facts.starts_on
    return day


def partner_of(view: AnyView) -> str | None:
    partner: str | None = view.facts.partner_id
    return partner


OPEN = ("asked", "resting", "proposed", "waiting", "offered", "away")
COORDINATOR = (Role.COORDINATOR, at("contract", Role.COORDINATOR))
ANSWER = Deadline(
    "answer",
    words("answer"),
    ("asked", "proposed"),
    Budget(Figure("answer_days", 3), Unit.WORKING_DAYS),
    (
        remind(used(2)),
        escalate(MISSED, Role.HEAD),
        Rung("hand_over", used(5), "reminder", (ASSIGNEE,), HandOver((Role.COORDINATOR, Role.OFFICER))),
    ),
    answers=("approve",),
)
START = Deadline(
    "start", words("start"), ("offered", "away"), OnDay(start_day), (remind(before(5)),), internal=False
)
STAY = Workflow(
    name="stay",
    version=1,
    label=words("stay"),
    purpose=words("stay"),
    prefix="STA",
    facts=StayFacts,
    initial="asked",
    opened_by=(Role.COORDINATOR, at("contract", Role.COORDINATOR)),
    states=(
        State("asked", words("asked"), Role.COORDINATOR),
        State("resting", words("resting"), Role.STUDENT, pauses=("answer",), waits_because=LONG),
        State("proposed", words("proposed"), Role.HEAD),
        State("waiting", words("waiting"), Role.OFFICER, waits_because=LONG),
        State("offered", words("offered"), Role.STUDENT, holds_place=True, waits_because=LONG),
        State("away", words("away"), Role.STUDENT, holds_place=True, waits_because=LONG),
        final("finished", "Klar", "Finished", reopens_to="away"),
        final("withdrawn", "Återtagen", "Withdrawn"),
    ),
    transitions=(
        Transition("take", words("take"), "asked", RECORDED, COORDINATOR, assigns=Assign.ACTOR),
        Transition("release", words("release"), "asked", RECORDED, COORDINATOR, assigns=Assign.NOBODY),
        Transition("ask", words("ask"), "asked", "resting", COORDINATOR),
        Transition("receive", words("receive"), "resting", "asked", COORDINATOR),
        Transition("propose", words("propose"), "asked", "proposed", COORDINATOR, form=ProposeForm),
        Transition(
            "approve",
            words("approve"),
            "proposed",
            "waiting",
            (Role.COORDINATOR, Role.HEAD),
            guards=(is_not_locked,),
            not_by=("propose",),
        ),
        Transition(
            "send_back", words("send back"), "proposed", "asked", (Role.HEAD,), reason_required=True
        ),
        Transition("send_back", words("send back"), "waiting", "proposed", (Role.OFFICER,)),
        Transition(
            "offer",
            words("offer"),
            "waiting",
            "offered",
            (Role.OFFICER,),
            tells=(Tell("offered", Role.STUDENT), Tell("partner_told", Role.PARTNER)),
            follow_ups=(FollowUp("companion", "note_companion"),),
        ),
        Transition("note_companion", words("note companion"), "asked", RECORDED, COORDINATOR),
        Transition("decline", words("decline"), "offered", "waiting", (Role.STUDENT,)),
        Transition("accept", words("accept"), "offered", "away", (Role.STUDENT,)),
        Transition("lock", words("lock"), OPEN, RECORDED, (Role.HEAD,), form=LockForm),
        Transition(
            "book", words("book"), "away", RECORDED, COORDINATOR, form=BookForm, field_guards=(books_ahead,)
        ),
        Transition("change", words("change"), "away", RECORDED, COORDINATOR, form=ChangeForm),
        Transition(
            "note_report", words("note report"), "away", RECORDED, COORDINATOR, sets=one_more_report
        ),
        Transition(
            "finish",
            words("finish"),
            "away",
            "finished",
            COORDINATOR,
            opens=(Opens("report", "stay", its_report),),
        ),
        Transition(
            "withdraw",
            words("withdraw"),
            OPEN,
            "withdrawn",
            COORDINATOR,
            guards=(is_not_locked,),
        ),
        Transition(
            RECONSIDER, words("reconsider"), "finished", "away", (Role.HEAD,), reason_required=True
        ),
    ),
    deadlines=(ANSWER, START),
    messages=messages("reminder", "escalation", "offered", "partner_told", "welcome"),
    title=stay_title,
    tells=(Tell("welcome", Role.COORDINATOR),),
    links=(Link("contract", "contract"), Link("companion", "stay")),
    holds=Holds("contract", stay_of),
    protected=("reports",),
    partner=partner_of,
)


def defined() -> tuple[Definition, ...]:
    """The three definitions, made anew."""
    return (define(CONTRACT, SOURCE), define(STAY, SOURCE), report())
