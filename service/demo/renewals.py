"""The renewals of the demo year. The clock opens them; here is what the office makes of each."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

from engine.model import Case, Tie
from engine.queries import Queries
from engine.store.narrowing import CaseFilter
from service.demo.agreements import is_drafted
from service.demo.stage import Life, Stage
from service.demo.year import TODAY

DECISION: dict[str, Any] = {"no_conflict_of_interest": True, "presented_by": "Internationell handläggare"}

STOPS = (
    "renewed", "not renewed", "due", "negotiating", "renewed", "evaluating", "signing", "partner says no",
    "partner agreed", "to be renewed", "to be told",
)  # fmt: skip
"""How far they come, in the order they are opened."""

FATES = {
    "is replaced": "replaced",
    "lapses": "evaluating",
    "lapses later": "due",
    "is renewed": "renewed",
    "renews itself": "evaluating",
}
"""How far the renewal comes of an agreement with a fate of its own."""


def watch(stage: Stage, fates: dict[str, str]) -> Life:
    """Look every morning for renewals the clock has opened. `fates` are named by the agreement's case."""
    queries, stops, seen = Queries(stage.cases), itertools.cycle(STOPS), set[str]()
    while stage.today < TODAY:
        officer = stage.officer()
        page = queries.list_cases(
            stage.institution, officer, narrowed=CaseFilter(workflow=("agreement_renewal",), state=("due",)),
            sort="opened", limit=200,
        )  # fmt: skip
        for found in page.items:
            if found.id not in seen:
                seen.add(found.id)
                fate = fates.get(found.link("agreement") or "", "runs")
                stage.start(is_renewed(stage, found, FATES.get(fate) or next(stops)), stage.dice.randint(5, 30))
        yield 1


def is_renewed(stage: Stage, renewal: Case, stop: str) -> Life:
    """A renewal, from the evaluation to its end, or to where it stops."""
    case = renewal.id
    if stop == "due":
        return
    figures = _evaluation(stage)
    yield from stage.do(case, "start_evaluation", evaluation=figures)
    yield stage.dice.randint(4, 12)
    if stop == "evaluating":
        return
    if stop in {"not renewed", "to be told"}:
        why = "Utbytet är mycket obalanserat och få studenter söker."
        yield from stage.do(case, "decide_not_renew", reason=why, evaluation=figures, **DECISION)
        yield 6
        if stop == "not renewed":
            yield from stage.do(case, "tell_partner")
        return
    yield from stage.do(case, "decide_renew", evaluation=figures, **DECISION)
    yield 3
    if stop != "to be renewed":
        yield from _negotiated(stage, case, figures, stop)


def _negotiated(stage: Stage, case: str, figures: dict[str, Any], stop: str) -> Life:
    yield from stage.do(case, "open_negotiation")
    yield stage.dice.randint(8, 20)
    if stop == "negotiating":
        return
    if stop == "partner says no":
        why = "Partnern vill inte fortsätta."
        yield from stage.do(case, "decide_not_renew", reason=why, evaluation=figures, **DECISION)
        yield 2
        yield from stage.do(case, "tell_partner", told_on=stage.today, told_how="videomöte")
        return
    yield from stage.do(case, "record_partner_agreement", partner_agreed_on=stage.today)
    yield 4
    if stop == "partner agreed":
        return
    yield from stage.do(case, "send_for_signature")
    yield 9
    if stop == "signing":
        return
    if stop == "replaced":
        yield from _replaced(stage, case)
    yield from stage.do(case, "complete_renewal", renewed_to=date(2030, 9, 30))
    stage.show("renewed", case)


def _replaced(stage: Stage, case: str) -> Life:
    """A new agreement in the old one's stead; the open cases move there when the renewal is completed."""
    renewal, old = stage.read(case), stage.agreement_of(case)
    new = {name: old.facts[name] for name in CARRIED} | {"valid_from": stage.today, "valid_to": date(2030, 9, 30)}
    successor = yield from is_drafted(stage, new, renewal.unit, "signed")
    stage.ask(Tie("successor", successor), stage.officer(), case)
    stage.show("replaced", successor)
    yield 1


CARRIED = (
    "partner", "partner_name", "programme", "study_plan", "nomination_autumn", "nomination_spring", "rows",
    "charter_valid_to",
)  # fmt: skip


def _evaluation(stage: Stage) -> dict[str, Any]:
    out, came = stage.dice.randint(1, 6), stage.dice.randint(1, 9)
    return {
        "years": [{"academic_year": "2025/26", "outgoing": out, "incoming": came}],
        "balance_semesters": came - out,
        "withdrawals": stage.dice.randint(0, 2),
        "missed_deadlines": stage.dice.randint(0, 3),
        "refused_nominations": 0,
    }
