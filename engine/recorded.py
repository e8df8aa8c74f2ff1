"""What a history recorded of its own making: the request of each step, its ids, nonces and definitions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.catalogue import Catalogue
from engine.definition import Definition
from engine.model import (
    Ask,
    Assign,
    Climb,
    Comment,
    Correct,
    Erase,
    ErasureReason,
    Kind,
    Migrate,
    Open,
    Recount,
    Request,
    Restore,
    Take,
    Tie,
)
from engine.store.event_rows import Written
from engine.vocabulary import Role

UNKNOWN_NONCE = b"\x00" * 16
"""Stands for the nonce of a detail that was not written; a step that asks for it differs from its event."""


class RecordedDraws:
    """Ids and nonces as the events of one step have them, the step's own event first."""

    def __init__(self, events: Sequence[Written]) -> None:
        self._opened = tuple(e.case for e in events if e.body["kind"] == Kind.OPENED)
        self._nonces = {(e.case, e.sequence): e.nonce for e in events}
        self._drawn = 0

    def id(self) -> str:
        """The id of the next case the step opened; a made-up one where it opens more than it did.

        A case with a made-up id differs from what is stored, unless it comes to nothing: what was tried and
        refused may have opened one on the way.
        """
        self._drawn += 1
        if self._drawn <= len(self._opened):
            return self._opened[self._drawn - 1]
        return f"ffffffff-ffff-7fff-bfff-{self._drawn:012d}"

    def nonce(self, case: str, sequence: int) -> bytes:
        """The nonce of the event's detail."""
        return self._nonces.get((case, sequence)) or UNKNOWN_NONCE


class DefinitionsThen:
    """The catalogue as it was: cases open under, and are carried over to, the definitions the events name."""

    def __init__(self, catalogue: Catalogue, events: Sequence[Written]) -> None:
        self.catalogue = catalogue
        named = (e.body["definition"] for e in events if e.body["kind"] in {Kind.OPENED, Kind.MIGRATED})
        self._then = {catalogue.by_hash(hash_).name: hash_ for hash_ in named}

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all workflows."""
        return self.catalogue.names

    def by_hash(self, hash_: str) -> Definition:
        """The definition a case is pinned to."""
        return self.catalogue.by_hash(hash_)

    def current(self, name: str) -> Definition:
        """The definition of the workflow that was current at the step."""
        then = self._then.get(name)
        return self.catalogue.current(name) if then is None else self.by_hash(then)


def request_of(event: Written, workflow: str) -> Request:
    """The request that led to an event of a case of `workflow`, from its body and detail."""
    body, told = event.body, event.told or {}
    case = event.case if body["kind"] != Kind.OPENED else None
    return Request(body["institution"], _ask_of(body, told, workflow), body["party"], case=case)


def _ask_of(  # noqa: C901, PLR0911 - one answer a kind
    body: Mapping[str, Any], told: Mapping[str, Any], workflow: str
) -> Ask:
    links = tuple((name, to) for name, to in body.get("linked", ()))
    if "rung" in body:
        rung = body["rung"]
        return Climb(workflow, rung["deadline"], rung["since"], rung["rung"])
    match Kind(body["kind"]):
        case Kind.OPENED:
            return Open(
                workflow=body["workflow"],
                unit=body["unit"],
                subject=body["subject"],
                facts=told.get("fields", {}),
                links=links,
                state=body["to"],
                evidence=told.get("evidence"),
            )
        case Kind.CORRECTED:
            return Correct(told["fields"], told["reason"])
        case Kind.COMMENTED:
            return Comment(told["text"], tuple(recipient for _, recipient, _ in body.get("told", ())))
        case Kind.ASSIGNED:
            return Assign(body["asked"])
        case Kind.LINKED:
            return Tie(*links[0])
        case Kind.DEADLINE_CHANGED:
            return Recount()
        case Kind.ERASED:
            return Erase(ErasureReason(body["why"]))
        case Kind.MIGRATED:
            return Migrate()
        case Kind.RESTORED:
            return Restore(body["backup_at"])
        case _:
            behalf = body["on_behalf_of"]
            return Take(
                body["trigger"],
                fields=told.get("fields", {}),
                reason=told.get("reason"),
                comment=told.get("comment"),
                on_behalf_of=Role(behalf) if behalf else None,
                evidence=told.get("evidence"),
            )
