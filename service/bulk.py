"""Many cases at once, for the API and the pages alike: each its own step, each alone in its failure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Final

from engine.decide import NOT_FOUND, refuse_other_use
from engine.directory import Caller
from engine.dry_run import dry_run
from engine.errors import CaseNotFound, EngineError
from engine.model import Ask, Done, Key, Outcome, Request
from engine.parts import in_parts
from engine.store import key_rows
from engine.store.narrowing import CaseFilter
from engine.store.outage import outage_of
from service.afterwards import afterwards
from service.bodies import CaseAndVersion
from service.committing import Committer
from service.compose import House
from service.sent import refuse
from service.shapes import is_id

MOST: Final = 500
"""How many cases one call may be about."""

AT_ONCE: Final = 50
"""How many steps of a call are taken before others get their turn."""

Requests = Sequence[Request | EngineError]
Result = Outcome | Exception
"""What became of one of them, or would."""


def done_before(house: House, caller: Caller, key: Key | None) -> list[Done]:
    """What an earlier call under this key has done. Raises KeyReused where that was another call."""
    if key is None:
        return []
    done = key_rows.done_under(house.store, caller.institution, caller.person, key.key)
    for each in done:
        refuse_other_use(each, key)
    return done


def found(house: House, caller: Caller, narrowed: CaseFilter) -> list[CaseAndVersion]:
    """The cases the caller may read that a filter leaves. Raises BadFields where they are more than MOST."""
    page = house.queries.list_cases(caller.institution, caller.person, narrowed=narrowed, limit=MOST)
    if page.next_cursor is not None:
        refuse(
            "field:filter",
            f"filter: fler än {MOST} ärenden; avgränsa mer.",
            f"filter: more than {MOST} cases; narrow it further.",
        )
    return [CaseAndVersion(id=case.id, version=case.version) for case in page.items]


def step_of(
    caller: Caller, each: CaseAndVersion, ask: Ask, *, key: Key | None, item: str | int
) -> Request | EngineError:
    """The step of one case. `item` tells it from the others of the call, so that each has a key of its own."""
    if not is_id(each.id):
        return CaseNotFound(NOT_FOUND, case=each.id)
    return Request(
        caller.institution,
        ask,
        caller.person,
        case=each.id,
        expected=each.version,
        key=part_of(key, item),
        must_expect=True,
    )


def part_of(key: Key | None, item: str | int) -> Key | None:
    """A key for one item of a call, so that a repeated call repeats none of its steps."""
    return replace(key, key=key_rows.part(key.key, item)) if key else None


def tried(house: House, caller: Caller, requests: Requests) -> list[Result]:
    """Judge them all by taking the steps in one transaction that is undone. Raises Busy."""
    # Without keys: what is only tried must not be taken for done when it is asked in earnest.
    trial = [replace(each, key=None) for each in requests if isinstance(each, Request)]
    with house.trials.one_of(caller):
        judged = iter(dry_run(house.cases, trial))
    return [each if isinstance(each, EngineError) else next(judged) for each in requests]


async def done(committer: Committer, requests: Requests, *, still: Callable[[], object]) -> list[Result]:
    """Take the steps, each alone in its failure. Other people's steps get their turn in between.

    Before they go on `still` is asked whether whoever wants them is still let in; once it raises, so
    does each that is left: a token that is revoked, or a session that is ended, takes no more of them.
    So with all else that ends them halfway, lest nobody be told of those that were taken before.
    """
    results: list[Result] = []
    for some in in_parts(requests, AT_ONCE):
        asked = [each for each in some if isinstance(each, Request)]
        try:
            if results:
                await committer.run(still, bounded=False)
            taken: Iterator[Result] = iter(await committer.steps(asked, bounded=not results))
        except Exception as error:
            ended = _told(error)
            if not results or not isinstance(ended, EngineError):
                raise
            left = requests[len(results) :]
            results += [each if isinstance(each, EngineError) else ended for each in left]
            break
        results += [_told(next(taken)) if isinstance(each, Request) else each for each in some]
    fault = next((each for each in results if not isinstance(each, Outcome | EngineError | OverflowError)), None)
    if fault is not None:
        raise fault
    return results


def answering(results: Sequence[Result]) -> AbstractContextManager[None]:
    """While the answer to these is made: what was done stays said."""
    return afterwards([each for each in results if isinstance(each, Outcome)])


def _told(result: Result) -> Result:
    """What is told of it: of what a database raised that is away, that it is."""
    away = None if isinstance(result, Outcome | EngineError) else outage_of(result)
    return away or result
