"""Bulk calls: what is asked of each case, tried or done, and what became of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TypeVar

from engine.decide import NOT_FOUND, refuse_other_use
from engine.directory import Caller
from engine.dry_run import dry_run
from engine.errors import BadFields, CaseNotFound, EngineError
from engine.model import Ask, Done, Key, Outcome, Request, Unreadable
from engine.store import key_rows
from service.asking import narrowing, opening, taking
from service.bodies import BulkCases, BulkSteps, CaseAndVersion, Filter, NewCase
from service.changing import Changing
from service.models import BulkOutcome, BulkRead
from service.problems import language_of, problem_of
from service.sent import refuse
from service.shapes import is_id

MOST = 500
"""How many cases one call may be about."""

Many = TypeVar("Many", BulkSteps, BulkCases)
Requests = list[Request | EngineError]


async def run(
    change: Changing, model: type[Many], asked: Callable[[Changing, Many, Caller, list[Done]], Requests]
) -> BulkRead:
    """Do, or try, what is asked of each case. Other people's steps get their turn in between."""

    def prepared(caller: Caller) -> tuple[Caller, bool, Requests]:
        done = _done_before(change, caller)
        body = change.sent.read(model)
        if isinstance(body, tuple):
            raise BadFields(body[0].message, body)
        return caller, body.dry_run, asked(change, body, caller, done)

    caller, trying, requests = await change.run(prepared)
    if trying:
        outcomes = await change.committer.run(partial(_tried, change, requests))
    else:
        outcomes = [await change.committer.run(partial(_done, change, caller, each)) for each in requests]
    return BulkRead(outcomes=outcomes)


def _done_before(change: Changing, caller: Caller) -> list[Done]:
    """What an earlier call under this key has done. Raises KeyReused where that was another call."""
    key = change.sent.key
    if key is None:
        return []
    done = key_rows.done_under(change.house.store, caller.institution, caller.person, key.key)
    for each in done:
        refuse_other_use(each, key)
    return done


def steps(change: Changing, body: BulkSteps, caller: Caller, done: list[Done]) -> Requests:
    """One step for each case listed, or for each that the filter finds or found under this key before."""
    ask = taking(body)
    if body.cases is not None:
        return [_step(change, caller, each, ask, place) for place, each in enumerate(body.cases)]
    before = {each.case: CaseAndVersion(id=each.case) for each in done}
    found = {each.id: each for each in _found(change, caller, body.filter or Filter())}
    return [_step(change, caller, each, ask, each.id) for each in (found | before).values()]


def _step(change: Changing, caller: Caller, each: CaseAndVersion, ask: Ask, item: str | int) -> Request | EngineError:
    if not is_id(each.id):
        return CaseNotFound(NOT_FOUND, case=each.id)
    return Request(
        caller.institution,
        ask,
        caller.person,
        case=each.id,
        expected=each.version,
        key=_key(change, item),
        must_expect=True,
    )


def openings(change: Changing, body: BulkCases, caller: Caller, _: list[Done]) -> Requests:
    """One new case each."""
    return [
        Request(caller.institution, _opening(each), caller.person, key=_key(change, place))
        for place, each in enumerate(body.cases)
    ]


def _opening(body: NewCase) -> Ask:
    try:
        return opening(body)
    except BadFields as refused:
        return Unreadable(refused.reasons)


def _key(change: Changing, item: str | int) -> Key | None:
    """A key for each item, so that a repeated call repeats none of its steps."""
    key = change.sent.key
    return replace(key, key=key_rows.part(key.key, item)) if key else None


def _found(change: Changing, caller: Caller, wanted: Filter) -> list[CaseAndVersion]:
    page = change.house.queries.list_cases(caller.institution, caller.person, narrowed=narrowing(wanted), limit=MOST)
    if page.next_cursor is not None:
        refuse(
            "field:filter",
            f"filter: fler än {MOST} ärenden; avgränsa mer.",
            f"filter: more than {MOST} cases; narrow it further.",
        )
    return [CaseAndVersion(id=case.id, version=case.version) for case in page.items]


def _done(change: Changing, caller: Caller, asked: Request | EngineError) -> BulkOutcome:
    if isinstance(asked, EngineError):
        return _refused(change, None, asked)
    try:
        outcome = change.step(asked)
    except (EngineError, OverflowError) as error:
        return _refused(change, asked.case, error)
    status = 200 if asked.case else 201
    return BulkOutcome(case=outcome.case_id, status=status, event=change.event(caller, outcome))


def _tried(change: Changing, requests: Requests) -> list[BulkOutcome]:
    """Judge them all by taking the steps in one transaction that is undone."""
    # Without keys: what is only tried must not be taken for done when it is asked in earnest.
    trial = [replace(each, key=None) for each in requests if isinstance(each, Request)]
    judged = iter(dry_run(change.house.cases, trial))
    return [
        _refused(change, None, each) if isinstance(each, EngineError) else _judged(change, each, next(judged))
        for each in requests
    ]


def _judged(change: Changing, asked: Request, found: Outcome | EngineError) -> BulkOutcome:
    if isinstance(found, EngineError):
        return _refused(change, asked.case, found)
    return BulkOutcome(case=asked.case, status=200 if asked.case else 201)


def _refused(change: Changing, case: str | None, error: Exception) -> BulkOutcome:
    problem = problem_of(error, language=language_of(change.request))
    return BulkOutcome(case=case or getattr(error, "case", None), status=problem.status, problem=problem)
