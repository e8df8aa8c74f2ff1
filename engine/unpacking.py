"""An export read back into an empty store, so that its histories can be replayed without the database they came from.

Only the bytes are taken over; whether they are what was sealed is the verifier's to say.
The columns beside a body are made from it anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from engine.canonical import canonical
from engine.chains import COPIES
from engine.errors import EngineError
from engine.store import unpacking_rows
from engine.store.store import Store

FORMAT: Final = "history/1"
AT_ONCE: Final = 2000


class NoExport(EngineError):
    """The file is no export, or not whole; the words name the line."""


OF_ANOTHER_SHAPE: Final = (ValueError, LookupError, TypeError, AttributeError, RecursionError)
"""What is raised where a line holds other values than one of an export: a list, say, where a name should be."""


@dataclass(slots=True)
class Unpacked:
    """What an export held: its institution, how many events and cases, the definitions named (workflow and version)."""

    institution: str = ""
    events: int = 0
    cases: int = 0
    definitions: dict[str, tuple[str, int]] = field(default_factory=dict)
    organisation: int = 0


def unpack(lines: Iterable[bytes], store: Store, told: Callable[[int], None] = lambda _: None) -> Unpacked:
    """Write an export (complete, as JSON lines) into a store that holds nothing.

    `told` is told the number of events now and then. Raises NoExport.
    """
    taking = _Taking(store, told)
    for place, line in enumerate(lines, start=1):
        try:
            read = json.loads(line)
            taking.take(read)
        except OF_ANOTHER_SHAPE as error:
            raise NoExport(f"line {place} is not a line of an export ({type(error).__name__})") from error
    if not taking.found.institution:
        raise NoExport("the file is empty")
    try:
        taking.write()
    except OF_ANOTHER_SHAPE as error:
        raise NoExport(f"a row of the organisation or a history cannot be kept ({type(error).__name__})") from error
    return taking.found


class _Taking:
    """Takes line after line; writes many at a time."""

    def __init__(self, store: Store, told: Callable[[int], None]) -> None:
        self.found = Unpacked()
        self._store, self._told = store, told
        self._events: list[Mapping[str, Any]] = []
        self._details: list[Mapping[str, Any]] = []
        self._organisation: list[tuple[str, Mapping[str, Any]]] = []
        self._openings: dict[str, Mapping[str, Any]] = {}
        self._numbers: list[tuple[str, str]] = []

    def take(self, line: dict[str, Any]) -> None:
        """Take one line, by its first key; those of the tree are none of a replay's business."""
        if not self.found.institution:
            if line["fardplan"] != FORMAT:
                raise ValueError
            self.found.institution = line["institution"]
        elif "body" in line:
            self._event(line)
        elif "nonce" in line:
            self._detail(line)
        elif "definition" in line:
            self.found.definitions[line["definition"]] = (line["workflow"], line["version"])
        elif "organisation" in line:
            row = line["organisation"]
            self._organisation.append((row["table"], row["row"]))
        elif "head" in line:
            self._numbers.append((line["head"]["case"], line["head"]["number"]))
        elif not line.keys() & {"proof", "consistency", "manifest"}:
            raise ValueError

    def _event(self, line: Mapping[str, Any]) -> None:
        if len(self._events) >= AT_ONCE:
            self.write()
        body = line["body"]
        cause = body["cause"] or (None, None)
        if body["sequence"] == 1:
            self._openings[body["case"]] = {name: body[name] for name in ("workflow", "unit", "definition", "to", "at")}
        self._events.append(
            {
                **{name: body[name] for name in COPIES},
                "case_id": body["case"],
                "from_state": body["from"],
                "to_state": body["to"],
                "cause_case": cause[0],
                "cause_sequence": cause[1],
                "body": canonical(body),
                "previous": line["previous"],
                "hash": line["hash"],
            }
        )

    def _detail(self, line: Mapping[str, Any]) -> None:
        event = self._events[-1]
        self._details.append(
            {
                "institution": event["institution"],
                "case_id": event["case_id"],
                "sequence": event["sequence"],
                "detail": canonical(line["detail"]),
                "nonce": bytes.fromhex(line["nonce"]),
            }
        )

    def write(self) -> None:
        """Write what was taken since the last time."""
        unpacking_rows.keep_organisation(self._store, self.found.institution, self._organisation)
        unpacking_rows.keep_events(self._store, self._events, self._details)
        numbered = [(case, number, self._openings[case]) for case, number in self._numbers]
        unpacking_rows.keep_numbers(self._store, self.found.institution, numbered)
        self.found.events += len(self._events)
        self.found.organisation += len(self._organisation)
        self.found.cases += len(self._numbers)
        self._told(self.found.events)
        self._events, self._details, self._organisation, self._numbers = [], [], [], []
