"""Outgoing exchanges from the departure on: the stay, the return, the recognition."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from service.demo.exchange_plan import CHOICE, PRESENTED, Plan
from service.demo.stage import Life, Stage


def is_away(stage: Stage, case: str, plan: Plan) -> Life:
    """The stay, from the arrival at the host to the closed case, or to where it stands."""
    term = plan.intake.term
    if not stage.lies_in(case, "abroad"):
        yield term.starts_on + timedelta(days=stage.dice.randint(1, 6))
        yield from stage.do(case, "depart", began_on=term.starts_on)
    if plan.how == "registered late":
        yield 6
        yield from stage.do(case, "register_late", registered_on=stage.today)
        yield 2
        yield from stage.do(case, "reissue_insurance", host_country=plan.under.real.country)
    if plan.how == "changes":
        yield 8
        wanted = "Kurs II ställs in; en annan kurs om 15 hp i stället."
        yield from stage.do(case, "request_change", change_wanted=wanted)
        yield 5
        yield from stage.do(case, "agree_change")
    if plan.how == "extends":
        yield 40
        yield from stage.do(case, "extend_stay", stay_to=term.ends_on + timedelta(days=160), semesters=2)
        yield 1
        yield from stage.do(case, "reissue_insurance", host_country=plan.under.real.country)
    if plan.how == "interrupts":
        yield 30
        why = "Sjukdom; vården sköts hemma."
        yield from stage.do(case, "interrupt", reason=why, ended_on=stage.today, force_majeure=True)
    yield from _comes_home(stage, case, plan)


def _comes_home(stage: Stage, case: str, plan: Plan) -> Life:
    if stage.lies_in(case, "abroad"):
        last = date.fromisoformat(stage.read(case).facts["stay_to"])
        yield last + timedelta(days=stage.dice.randint(2, 12))
        yield from stage.do(case, "confirm_return", ended_on=last)
    if plan.how == "no results":
        yield 6
        yield from stage.do(case, "close_without_results", reason="Studenten tog inga poäng hos värden.")
        return
    # Whoever is to be reconsidered must have been decided on in good time.
    yield 10 if plan.how == "recognised anew" else stage.dice.randint(18, 42)
    yield from stage.do(case, "receive_transcript", transcript="Transcript of Records")
    yield stage.dice.randint(1, 6)
    yield from stage.do(case, "apply_for_recognition", components=CHOICE)
    yield from _recognised(stage, case, plan)


GRANTED: list[dict[str, Any]] = [
    {"name": "Course at the host I", "result": "granted", "ects": "15", "recognised_as": "Valbar kurs, 15 hp"},
    {"name": "Course at the host II", "result": "granted", "ects": "15", "recognised_as": "Valbar kurs, 15 hp"},
]
PARTLY = [GRANTED[0], {**GRANTED[1], "result": "partly", "ects": "7.5", "reasons": "Hälften är redan läst hemma."}]


def _recognised(stage: Stage, case: str, plan: Plan) -> Life:
    anew = plan.how == "recognised anew"
    yield stage.dice.randint(2, 9)
    yield from stage.do(case, "give_opinion", opinion="Kurserna motsvarar valbara kurser i programmet.")
    yield stage.dice.randint(1, 8)
    yield from stage.do(case, "recognise", outcomes=PARTLY if anew else GRANTED, **PRESENTED)
    yield 1 if anew else stage.dice.randint(1, 12)
    yield from stage.do(case, "file_report", report="Reserapport")
    if anew:
        yield 2
        why = "Studenten har visat att kurserna inte överlappar."
        yield from stage.do(case, "reconsider", reason=why)
        stage.show("recognised_anew", case)
        yield 2
        yield from stage.do(case, "recognise", outcomes=GRANTED, **PRESENTED)
