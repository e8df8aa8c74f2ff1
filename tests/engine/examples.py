"""Small workflows the engine's tests are about: a loan of a key, and the key itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import Field

from engine import checks
from engine.definition import Definition, define
from engine.vocabulary import (
    MISSED,
    RECONSIDER,
    RECORDED,
    YES,
    Answer,
    Budget,
    Deadline,
    Facts,
    Figure,
    Fire,
    Form,
    Held,
    Holds,
    Line,
    Link,
    MessageText,
    Moment,
    Role,
    Rung,
    Side,
    State,
    Tell,
    Text,
    Transition,
    Unit,
    View,
    Workflow,
    answered_by,
    escalate,
    final,
    no,
    remind,
    used,
)

SOURCE = Path(__file__).read_text(encoding="utf-8")


class LoanFacts(Facts):
    """What a loan knows."""

    wanted_until: date | None = None
    purpose: Line | None = None


class GivingFacts(LoanFacts):
    """Facts of who gives places."""

    held: tuple[Held, ...] = ()


class LendForm(Form):
    """Asked of whoever lends."""

    wanted_until: date = Field(title="Behövs till / Wanted until")


def has_a_purpose(view: View[LoanFacts, Form]) -> Answer:
    """Tell whether the borrower has said what the key is for."""
    if view.facts.purpose is None:
        return no("no_purpose", "Ändamål saknas", "There is no purpose")
    return YES


def title(view: View[LoanFacts, Form]) -> str:
    """Name a loan."""
    return f"Loan {view.number}"


WORDS = Text("Ord", "Words")

STATES = (
    State("asked", Text("Begärd", "Asked for"), Role.COORDINATOR),
    State("lent", Text("Utlånad", "Lent"), Role.STUDENT, waits_because=Text("Så länge", "As long")),
    final("returned", "Återlämnad", "Returned", reopens_to="lent"),
    final("refused", "Nekad", "Refused"),
)

ANSWER = Deadline(
    "answer",
    Text("Svar", "Answer"),
    ("asked",),
    Budget(Figure("answer_days", 3), Unit.WORKING_DAYS),
    (
        remind(used(2)),
        escalate(MISSED, Role.HEAD),
        Rung("give_up", Moment(Side.AFTER, 5), does=Fire("lapse")),
    ),
    answers=("lend", "refuse"),
)

TRANSITIONS = (
    Transition(
        "lend",
        Text("Låna ut", "Lend"),
        "asked",
        "lent",
        (Role.COORDINATOR,),
        form=LendForm,
        guards=(has_a_purpose,),
        not_by=("note",),
    ),
    Transition("refuse", Text("Neka", "Refuse"), "asked", "refused", (Role.COORDINATOR, Role.HEAD)),
    Transition("lapse", Text("Förfaller", "Lapse"), "asked", "refused", (Role.CLOCK,)),
    Transition(
        "note",
        Text("Anteckna", "Note"),
        ("asked", "lent"),
        RECORDED,
        (Role.COORDINATOR, Role.HEAD),
    ),
    Transition(
        "give_back",
        Text("Lämna tillbaka", "Give back"),
        "lent",
        "returned",
        (Role.STUDENT,),
        tells=(Tell("thanks", Role.STUDENT),),
    ),
    Transition(
        RECONSIDER,
        Text("Ompröva", "Reconsider"),
        "returned",
        "lent",
        (Role.HEAD,),
        reason_required=True,
    ),
)

MESSAGES = (
    MessageText("reminder", Text("Påminnelse", "Reminder"), Text("{number}", "{number}")),
    MessageText("escalation", Text("Sen", "Late"), Text("{days_late}", "{days_late}")),
    MessageText("thanks", Text("Tack", "Thanks"), Text("Tack {name}", "Thank you {name}")),
)


def declare() -> Workflow:
    """Declare the loan of a key."""
    return Workflow(
        name="loan",
        version=1,
        label=Text("Nyckellån", "Loan of a key"),
        purpose=Text("Att låna ut en nyckel.", "To lend a key."),
        prefix="LOAN",
        facts=LoanFacts,
        initial="asked",
        opened_by=(Role.COORDINATOR,),
        states=STATES,
        transitions=TRANSITIONS,
        deadlines=(ANSWER,),
        messages=MESSAGES,
        title=title,
        rules=(answered_by("lend", "give_back"),),
    )


LOAN = declare()


def loan(**changes: Any) -> Workflow:
    """The loan, with some of its parts replaced."""
    return replace(LOAN, **changes)


def with_transition(name: str, **changes: Any) -> Workflow:
    """The loan, with one transition changed."""
    changed = (replace(each, **changes) if each.trigger == name else each for each in TRANSITIONS)
    return loan(transitions=tuple(changed))


def with_state(name: str, **changes: Any) -> Workflow:
    """The loan, with one state changed."""
    return loan(states=tuple(replace(each, **changes) if each.name == name else each for each in STATES))


def with_deadline(**changes: Any) -> Workflow:
    """The loan, with its deadline changed."""
    return loan(deadlines=(replace(ANSWER, **changes),))


def defined(workflow: Workflow = LOAN) -> Definition:
    """The definition of a workflow declared in this file."""
    return define(workflow, SOURCE)


def keys(**changes: Any) -> Workflow:
    """Another workflow: a key that can be in or out, for what crosses from one to the other."""
    states = (
        State("in_box", Text("I lådan", "In the box"), Role.HEAD, waits_because=Text("Ja", "Yes")),
        final("lost", "Borta", "Lost"),
    )
    lose = Transition("lose", Text("Tappa", "Lose"), "in_box", "lost", (Role.HEAD,))
    made = Workflow(
        name="key",
        version=1,
        label=Text("Nyckel", "Key"),
        purpose=Text("En nyckel.", "A key."),
        prefix="KEY",
        facts=Facts,
        initial="in_box",
        opened_by=(Role.HEAD,),
        states=states,
        transitions=(lose,),
        deadlines=(),
        messages=(),
        title=title,
    )
    return replace(made, **changes)


KEY_LINK = Link("key", "key")


def only_fault(workflow: Workflow) -> str:
    """The one fault of a workflow."""
    found = checks.problems(workflow)
    assert len(found) == 1, found
    return found[0]


def with_step(trigger: str, source: str | tuple[str, ...], to: str, **changes: Any) -> Workflow:
    """The loan with one transition more."""
    step = Transition(trigger, WORDS, source, to, (Role.HEAD,))
    return loan(transitions=(*TRANSITIONS, replace(step, **changes)))


def with_rung(*rungs: Rung) -> Workflow:
    """The loan with other rungs on its deadline's ladder."""
    return with_deadline(ladder=rungs)


def held(**changes: Any) -> Workflow:
    """The loan, holding a place under a key while lent."""
    states = tuple(replace(each, holds_place=each.name == "lent") for each in STATES)
    holds = Holds("key", lambda _: None)
    return replace(loan(states=states, links=(KEY_LINK,), holds=holds), **changes)
