"""Whom a case waits for."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter
from starlette.responses import Response

from engine.canonical import instant
from engine.waiting import Waiting, Waits
from service.answering import plain
from service.auth import ReadableCase, SignedIn, TheHouse
from service.models import AwaitedRead, MarkRead, WaitingRead, WaitsRead, words
from service.openapi import answers
from service.reading import ROOT
from service.shapes import shown

router = APIRouter(prefix=ROOT, tags=["cases"])


@router.get("/cases/{case}/waiting", response_model=WaitsRead, responses=answers(404), operation_id="case_waiting")
def case_waiting(case: ReadableCase, caller: SignedIn, house: TheHouse) -> Response:
    """Read whom the case waits for, for what, since when and until when; and its checklist."""
    return plain(_read(house.queries.case_waits(caller.institution, caller.person, case)))


def _read(waits: Waits) -> WaitsRead:
    marks = [MarkRead(name=m.name, label=words(m.label), standing=m.standing) for m in waits.milestones]
    return WaitsRead(items=[_item(item) for item in waits.items], milestones=marks)


def _item(item: Waiting) -> WaitingRead:
    copied = ("what", "name", "case", "number", "title", "due_on", "overdue")
    return WaitingRead(
        **{name: getattr(item, name) for name in copied},
        label=words(item.label),
        state=words(item.state) if item.state else None,
        deadline=words(item.deadline) if item.deadline else None,
        whom=AwaitedRead(**asdict(item.whom), recipients=list(item.whom.recipients)),
        since=instant(item.since),
        chased_at=shown(item.chased_at),
    )
