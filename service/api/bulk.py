"""Many cases at once: each its own step, each alone in its failure."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from fastapi import APIRouter
from starlette.responses import Response

from engine.directory import Caller
from engine.errors import BadFields, CaseNotFound, EngineError
from engine.model import Ask, Done, Outcome, Request, Unreadable
from service import bulk
from service.answering import plain
from service.asking import narrowing, opening, taking
from service.auth import authenticate
from service.bodies import BulkCases, BulkSteps, CaseAndVersion, Filter, NewCase
from service.bulk import Requests, Result
from service.changing import Change, Changing
from service.models import BulkOutcome, BulkRead
from service.openapi import answers, takes
from service.problems import language_of, problem_of
from service.reading import ROOT

router = APIRouter(prefix=ROOT, tags=["bulk"])

Many = TypeVar("Many", BulkSteps, BulkCases)


@router.post(
    "/bulk/transitions",
    response_model=BulkRead,
    responses=answers(403, 413, 415),
    openapi_extra=takes(BulkSteps),
    operation_id="take_steps",
)
async def take_steps(change: Change) -> Response:
    """Take one step of many cases, listed or found; at most 500. `dry_run` judges and changes nothing."""
    return plain(await _run(change, BulkSteps, _steps))


@router.post(
    "/bulk/cases",
    response_model=BulkRead,
    responses=answers(403, 413, 415),
    openapi_extra=takes(BulkCases),
    operation_id="open_cases",
)
async def open_cases(change: Change) -> Response:
    """Open many cases; at most 500. `dry_run` judges and changes nothing."""
    return plain(await _run(change, BulkCases, _openings))


async def _run(
    change: Changing, model: type[Many], asked: Callable[[Changing, Many, Caller, list[Done]], Requests]
) -> BulkRead:
    """Do, or try, what is asked of each case."""

    def prepared(caller: Caller) -> tuple[Caller, bool, Requests]:
        done = bulk.done_before(change.house, caller, change.sent.key)
        body = change.sent.read(model)
        if isinstance(body, tuple):
            raise BadFields(body[0].message, body)
        return caller, body.dry_run, asked(change, body, caller, done)

    caller, trying, requests = await change.run(prepared)
    if trying:
        results = await change.committer.run(partial(bulk.tried, change.house, caller, requests))
    else:
        results = await bulk.done(change.committer, requests, still=lambda: authenticate(change.request))

    def outcomes() -> list[BulkOutcome]:
        pairs = zip(requests, results, strict=True)
        return [_outcome(change, caller, each, result, tried=trying) for each, result in pairs]

    if trying:
        return BulkRead(outcomes=await change.committer.run(outcomes))
    with bulk.answering(results):
        return BulkRead(outcomes=await change.committer.run(outcomes, bounded=False))


def _steps(change: Changing, body: BulkSteps, caller: Caller, done: list[Done]) -> Requests:
    """One step for each case listed, or for each that the filter finds or found under this key before."""
    ask, key = taking(body), change.sent.key
    if body.cases is not None:
        return [bulk.step_of(caller, each, ask, key=key, item=place) for place, each in enumerate(body.cases)]
    before = {each.case: CaseAndVersion(id=each.case) for each in done}
    found = {each.id: each for each in bulk.found(change.house, caller, narrowing(body.filter or Filter()))}
    return [bulk.step_of(caller, each, ask, key=key, item=each.id) for each in (found | before).values()]


def _openings(change: Changing, body: BulkCases, caller: Caller, _: list[Done]) -> Requests:
    """One new case each."""
    key = change.sent.key
    return [
        Request(caller.institution, _opening(each), caller.person, key=bulk.part_of(key, place))
        for place, each in enumerate(body.cases)
    ]


def _opening(body: NewCase) -> Ask:
    try:
        return opening(body)
    except BadFields as refused:
        return Unreadable(refused.reasons)


def _outcome(
    change: Changing, caller: Caller, asked: Request | EngineError, result: Result, *, tried: bool
) -> BulkOutcome:
    case = asked.case if isinstance(asked, Request) else None
    if not isinstance(result, Outcome):
        return _refused(change, case, result)
    status = 200 if case else 201
    if tried:
        return BulkOutcome(case=case, status=status)
    try:
        return BulkOutcome(case=result.case_id, status=status, event=change.event(caller, result))
    except CaseNotFound as gone:
        return _refused(change, case, gone)


def _refused(change: Changing, case: str | None, error: Exception) -> BulkOutcome:
    problem = problem_of(error, language=language_of(change.request))
    return BulkOutcome(case=case or getattr(error, "case", None), status=problem.status, problem=problem)
