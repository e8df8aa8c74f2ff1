"""The road of a request that changes cases: read, authenticate, ask the engine, render.

All of it but the reading of the body happens on a thread of the committer. What is refused for its body
changes nothing, and does not come that far: it is answered on a thread of those who read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from engine.directory import Caller
from engine.errors import BadFields
from engine.model import Ask, AskKind, NewEvent, Outcome, Take, Unreadable
from engine.model import Request as Asked
from engine.store.event_rows import Written
from service.afterwards import afterwards
from service.auth import BEARER, authenticate, case_id, house_of
from service.committing import Committer
from service.compose import House
from service.metrics import Metrics
from service.models import EventRead
from service.reading import ROOT, as_json, case_read, event_model, event_read
from service.sent import Sent, sent

Model = TypeVar("Model", bound=BaseModel)
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Changing:
    """One request that changes cases."""

    request: Request
    sent: Sent
    house: House
    committer: Committer
    metrics: Metrics

    async def run(self, work: Callable[[Caller], Result]) -> Result:
        """Do the work for whoever asks, on the committer. A bad token comes before all else."""
        await self._must_be_taken()
        return await self.committer.run(lambda: work(self._caller()))

    async def _must_be_taken(self) -> None:
        """Raise what a body is refused for, or what comes before it: a bad token. It takes no place in the line."""
        if self.sent.refused is not None:
            await run_in_threadpool(self._caller)

    def _caller(self) -> Caller:
        caller = authenticate(self.request)
        self.sent.check()
        return caller

    async def open(self, model: type[Model], ask: Callable[[Model], Ask]) -> Response:
        """Open a case; 201 with its address."""

        def asked(caller: Caller) -> Asked:
            return Asked(caller.institution, self._ask(model, ask), caller.person, key=self.sent.key)

        def answer(caller: Caller, outcome: Outcome) -> Response:
            return self._answer(caller, outcome, 201, {"Location": f"{ROOT}/cases/{outcome.case_id}"})

        return await self._step(asked, answer)

    async def change(
        self, case: str, model: type[Model], ask: Callable[[Model], Ask], *, kind: AskKind, versioned: bool = True
    ) -> Response:
        """Take a step of a case. `versioned`: only in the version named by If-Match.

        `kind` is what is asked for, known before the body can be read.
        """

        def asked(caller: Caller) -> Asked:
            return Asked(
                caller.institution,
                self._ask(model, ask, kind),
                caller.person,
                case=case_id(case),
                expected=self.sent.expected if versioned else None,
                key=self.sent.key,
                must_expect=versioned,
                shown=True,
            )

        def answer(caller: Caller, outcome: Outcome) -> Response:
            return self._answer(caller, outcome, 200, {})

        return await self._step(asked, answer)

    async def _step(self, asked: Callable[[Caller], Asked], answer: Callable[[Caller, Outcome], Response]) -> Response:
        """Take the step that whoever asks wants, with those that others want now. A bad token comes before all else."""
        callers: list[Caller] = []

        def ask() -> Asked:
            callers.append(self._caller())
            return asked(callers[0])

        def answered(outcome: Outcome) -> Response:
            with afterwards([outcome]):
                return answer(callers[0], outcome)

        await self._must_be_taken()
        return await self.committer.step(ask, answered)

    def _ask(self, model: type[Model], ask: Callable[[Model], Ask], kind: AskKind | None = None) -> Ask:
        """What is asked; a body that cannot be read is judged by the engine in its turn."""
        read = self.sent.read(model)
        if isinstance(read, tuple):
            return Unreadable(read, kind, self.sent.trigger if kind is Take else None)
        try:
            return ask(read)
        except BadFields as refused:
            return Unreadable(refused.reasons)

    def _answer(self, caller: Caller, outcome: Outcome, status: int, headers: dict[str, str]) -> Response:
        read = {"case": self._case(caller, outcome), "event": event_read(self._written(caller, outcome))}
        self.request.state.case = outcome.case_id
        etag = {"ETag": f'"{outcome.sequence}"'}
        return Response(as_json(read), status, {**headers, **etag}, "application/json")

    def _case(self, caller: Caller, outcome: Outcome) -> dict[str, Any]:
        """The case after the step; after a later one too, where a key repeats an earlier step."""
        catalogue = self.house.catalogue
        seen = self.house.queries.after(caller.institution, caller.person, outcome)
        if seen.case.version == outcome.sequence:
            return case_read(seen.case, seen.actions, catalogue)
        was = self.house.history.case_at(caller.institution, outcome.case_id, sequence=outcome.sequence)
        return case_read(was or seen.case, (), catalogue)

    def event(self, caller: Caller, outcome: Outcome) -> EventRead:
        """The event of a step among others."""
        return event_model(self._written(caller, outcome))

    def _written(self, caller: Caller, outcome: Outcome) -> NewEvent | Written:
        """The event of a step, read back where a key repeats it."""
        if outcome.event is not None:
            return outcome.event
        # Who has lost the right to read it since is told that there is no such case.
        self.house.queries.readable(caller.institution, caller.person, outcome.case_id)
        history = self.house.history
        return history.events(caller.institution, outcome.case_id, after=outcome.sequence - 1, limit=1)[0]


async def changing(request: Request, _: Annotated[object, Depends(BEARER)]) -> Changing:
    """Read the request's body and bring together what a change needs."""
    state = request.app.state
    return Changing(request, await sent(request), house_of(request), state.committer, state.metrics)


Change = Annotated[Changing, Depends(changing)]
