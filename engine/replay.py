"""Replays histories: the chain, the columns, and every step through the very `decide` that ran it.

Each step is decided anew over the cases as they then were (folded to the versions its
body names), the organisation of that version, and the recorded request; the bodies
that come out must be the bytes that are stored. Where detail was erased the graph,
roles and chain are checked and the step is counted as without detail (DESIGN 7).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.archive import Archive, Kept
from engine.catalogue import Catalogue
from engine.chains import Wrong, blank
from engine.decide import Replayed, decide
from engine.errors import EngineError
from engine.migrating import mapped_state
from engine.model import Case, Kind, NewEvent, Snapshot
from engine.organisation import Organisation
from engine.parts import in_parts
from engine.recorded import DefinitionsThen, RecordedDraws, request_of
from engine.rights import ENTERED_BY
from engine.store import case_rows
from engine.store.event_rows import Written
from engine.store.ledger import read_deadline
from engine.store.rows import DERIVED_FIELDS, derived_values
from engine.store.store import Store

AT_ONCE = 256
"""How many cases are read in one go when all are replayed."""
FOLDED = (
    "version", "head", "state", "definition", "unit", "assignee", "subject", "acts",
    "closed_at", "updated_at", "opened_at",
)  # fmt: skip
"""What of a case's row is compared with its history; its facts, links and deadlines come beside."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a replay of one case found."""

    case: str
    number: str
    events: int
    without_detail: int
    first_wrong: Wrong | None

    @property
    def ok(self) -> bool:
        """Whether nothing was found wrong."""
        return self.first_wrong is None


class Mismatch(EngineError):
    """Something in a history does not agree."""

    def __init__(self, sequence: int, what: str) -> None:
        self.wrong = Wrong(sequence, what)
        super().__init__(what)


@dataclass
class Replay:
    """Replays cases of one store. Keeps what it has read, so one object serves many cases.

    `organisation_at` gives the organisation of an institution at a version of it. `rows` says
    whether the row of a case, its links and its deadlines are compared with its whole history;
    an export has none.
    """

    store: Store
    catalogue: Catalogue
    organisation_at: Callable[[str, int], Organisation]
    rows: bool = True
    _organisations: dict[tuple[str, int], Organisation] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._archive = Archive(self.store)

    def institutions(self) -> list[str]:
        """The institutions that have cases."""
        return case_rows.institutions(self.store)

    def cases(self, institution: str) -> Iterator[str]:
        """The ids of the institution's cases, in the order they were opened."""
        yield from self._archive.ids(institution)

    def all(self, institution: str, until: int | None = None) -> Iterator[Verdict]:
        """Replay every case of the institution, reading many at a time."""
        yield from self.these(institution, self._archive.ids(institution), until)

    def these(self, institution: str, ids: Sequence[str], until: int | None = None) -> Iterator[Verdict]:
        """Replay some cases in their order, reading many at a time."""
        for some in in_parts(ids, AT_ONCE):
            try:
                self._archive.load(institution, some)
            except Exception:  # noqa: BLE001 - a row that cannot be read stops those read with it; each is then read alone
                yield from (self.case(institution, case, until) for case in some)
            else:
                yield from (self._judge(institution, case, until) for case in some)

    def case(self, institution: str, case: str, until: int | None = None) -> Verdict:
        """Replay one case, wholly or up to a sequence. One whose rows cannot even be read is named as wrong."""
        try:
            self._archive.load(institution, [case])
        except Exception as error:  # noqa: BLE001 - whatever was written into a row, the case it stands in is named
            return Verdict(case, "", 0, 0, Wrong(0, f"its rows cannot be read: {type(error).__name__}: {error}"[:500]))
        return self._judge(institution, case, until)

    def _judge(self, institution: str, case: str, until: int | None) -> Verdict:
        kept = self._archive.get(institution, case)
        shown = [e for e in kept.events if until is None or e.sequence <= until]
        without, wrong, place = 0, kept.wrong_by(until), 0
        try:
            for event in shown if wrong is None else ():
                place = event.sequence
                without += self._step(institution, kept, event)
            if wrong is None and until is None and self.rows:
                self._row(kept)
        except Mismatch as found:
            wrong = found.wrong
        except Exception as error:  # noqa: BLE001 - what was tampered with may fail anywhere
            wrong = Wrong(place, f"cannot be decided anew: {type(error).__name__}: {error}"[:500])
        number = kept.row.number if kept.row else ""
        return Verdict(case, number, len(shown), without, wrong)

    # The steps.

    def _step(self, institution: str, kept: Kept, event: Written) -> int:
        """Decide the step anew that wrote this event; 1 where detail is wanting."""
        group = self._group(institution, event)
        primary = group[0]
        seen: Mapping[str, int] = primary.body["seen"]["cases"]
        for case, version in seen.items():
            self._must_hold(institution, event, case, version)
        # To erase, nothing of the facts is asked; so that step can always be decided anew.
        if primary.body["kind"] != Kind.ERASED and self._lacks_detail(institution, group, seen):
            _check_graph(self.catalogue, kept, event)
            return 1
        made = self._decided(institution, group, event.sequence)
        again = next((e for e in made if e.case == event.case), None)
        if again is None or again.sequence != event.sequence:
            raise Mismatch(event.sequence, "deciding the step anew does not touch this case")
        if again.body != event.raw:
            raise Mismatch(event.sequence, _difference(event.body, json.loads(again.body)))
        if again.detail != event.detail:
            raise Mismatch(event.sequence, "deciding the step anew gives another detail")
        return 0

    def _group(self, institution: str, event: Written) -> list[Written]:
        """All events of one step: the one that began it, then those it caused.

        Those it opened come in the order in which they were opened.
        """
        cause = event.body.get("cause")
        first = event
        if cause:
            found = self._archive.get(institution, cause[0], version=cause[1]).event(cause[1])
            if found is None:
                raise Mismatch(event.sequence, "the event that caused this one does not exist")
            first = found
        order = {case: n for n, case in enumerate(first.body.get("opened", ()))}
        touched = sorted(first.body.get("touched", ()), key=lambda case: (order.get(case, -1), case))
        caused = [self._caused(institution, event, first, case) for case in touched]
        return [first, *caused]

    def _caused(self, institution: str, event: Written, first: Written, case: str) -> Written:
        cause = [first.case, first.sequence]
        # The event lies at one past the version the step saw; a case it opened has it first.
        sequence = first.body["seen"]["cases"].get(case, 0) + 1
        found = self._archive.get(institution, case, version=sequence).event(sequence)
        if found is None or found.body.get("cause") != cause:
            what = f"the event it wrote in case {case} is missing (number {sequence} there)"
            raise Mismatch(event.sequence, what)
        return found

    def _must_hold(self, institution: str, event: Written, case: str, version: int) -> None:
        """The other case must be whole up to the version that was seen, or this step proves nothing."""
        if case == event.case:
            return
        kept = self._archive.get(institution, case, version=version)
        wrong = kept.wrong_by(version)
        if wrong is None and len(kept.events) < version:
            wrong = Wrong(version, "it is missing")
        if wrong is not None:
            what = f"it rests on case {case}, whose event {wrong.sequence} is wrong: {wrong.what}"
            raise Mismatch(event.sequence, what)

    def _lacks_detail(
        self, institution: str, group: Sequence[Written], seen: Mapping[str, int]
    ) -> bool:
        """Whether something the step wrote, or the facts it saw, can no longer be known."""
        return any(blank(event) for event in group) or any(
            self._archive.get(institution, case, version=version).blank_by(version)
            for case, version in seen.items()
        )

    def _decided(
        self, institution: str, group: Sequence[Written], place: int
    ) -> tuple[NewEvent, ...]:
        primary = group[0]
        snapshot = self._snapshot(institution, primary)
        workflow = primary.body.get("workflow") or snapshot.cases[primary.case].workflow
        then = DefinitionsThen(self.catalogue, group)
        try:
            decision = decide(then, snapshot, request_of(primary, workflow), RecordedDraws(group))
        except EngineError as refused:
            raise Mismatch(place, f"the step would be refused: {refused}") from refused
        if isinstance(decision, Replayed):
            raise Mismatch(place, "the step would not be taken")
        return decision.events

    def _snapshot(self, institution: str, primary: Written) -> Snapshot:
        seen = primary.body["seen"]
        cases = {
            case: self._archive.get(institution, case, version=version).as_of(
                version, self.catalogue
            )
            for case, version in seen["cases"].items()
        }
        return Snapshot(
            now=primary.body["at"],
            organisation=self._organisation(institution, seen["organisation"]),
            cases=cases,
            workload=primary.body.get("found", {}).get("workload", {}),
            detailed=self._detailed(institution, primary),
        )

    def _detailed(self, institution: str, primary: Written) -> tuple[int, ...]:
        """The events whose details were there before the step: those written with one, unless erased by then."""
        kept = self._archive.get(institution, primary.case, version=primary.sequence - 1)
        before = kept.events[: primary.sequence - 1]
        gone = {sequence for event in before for sequence in event.body.get("erased", ())}
        return tuple(e.sequence for e in before if e.body.get("detail") is not None and e.sequence not in gone)

    def _organisation(self, institution: str, version: int) -> Organisation:
        key = (institution, version)
        if key not in self._organisations:
            self._organisations[key] = self.organisation_at(institution, version)
        return self._organisations[key]

    # The case row.

    def _row(self, kept: Kept) -> None:
        """Compare the stored row, links and deadlines with what the history makes of them."""
        if kept.row is None or not kept.events:
            raise Mismatch(0, "the case has no row, or no history")
        last = len(kept.events)
        folded = kept.as_of(last, self.catalogue)
        for name in FOLDED:
            if getattr(folded, name) != getattr(kept.row, name):
                raise Mismatch(last, f"the case row's {name} differs from its history")
        if sorted(folded.links) != sorted(kept.row.links):
            raise Mismatch(last, "the case's links differ from its history")
        if deadlines_of(kept) != {(row.name, row.since): row for row in kept.deadlines}:
            raise Mismatch(last, "the case's deadlines differ from its history")
        known = not kept.blank_by(last) or kept.events[-1].body["kind"] == Kind.ERASED
        if known and dict(folded.facts) != dict(kept.row.facts):
            raise Mismatch(last, "the case row's facts differ from its history")
        for name, value in derived_of(kept, folded, known=known).items():
            if kept.derived[name] != value:
                raise Mismatch(last, f"the case row's {name} differs from its history")


# What is compared.


def _check_graph(catalogue: Catalogue, kept: Kept, event: Written) -> None:
    """Check what needs no detail: the step leads on from the one before, and the role may take it."""
    body, definition = event.body, catalogue.by_hash(event.body["definition"])
    before = kept.events[event.sequence - 2].body["to"] if event.sequence > 1 else None
    if body["from"] != before:
        raise Mismatch(event.sequence, f"it leaves {body['from']}, but the case was in {before}")
    if before is None:
        return
    trigger = body["trigger"]
    if body["kind"] == Kind.MIGRATED:
        target = mapped_state(catalogue.by_hash(body["from_definition"]), definition, before)
    else:
        target = definition.legality.target(before, trigger) if trigger else before
    if target != body["to"]:
        raise Mismatch(event.sequence, f"{trigger} does not lead from {before} to {body['to']}")
    if trigger and body["role"] and body["kind"] in {Kind.MOVED, Kind.RECORDED, Kind.REOPENED}:
        allowed = {who.role for who in definition.steps[before, trigger].who}
        entered = body["on_behalf_of"] in allowed and body["role"] in ENTERED_BY
        if body["role"] not in allowed and not entered:
            raise Mismatch(event.sequence, f"{trigger} is not for a {body['role']}")


def deadlines_of(kept: Kept) -> dict[tuple[str, int], Any]:
    """Every deadline the case ever had, as the last event that speaks of it leaves it."""
    written = (row for event in kept.events for row in event.body.get("deadlines", ()))
    return {(row["name"], row["since"]): read_deadline(row) for row in written}


def derived_of(kept: Kept, folded: Case, *, known: bool) -> dict[str, Any]:
    """The columns by which lists find the case, as its history gives them; the partner if its facts are known."""
    entered = next(event for event in reversed(kept.events) if event.body["from"] != event.body["to"])
    found = dict(zip(DERIVED_FIELDS, derived_values(folded), strict=True)) | {"entered_at": entered.body["at"]}
    if not known:
        del found["partner"]
    return found


def _difference(stored: Mapping[str, Any], again: Mapping[str, Any]) -> str:
    for name in sorted({*stored, *again}):
        if stored.get(name) != again.get(name):
            return (
                f"deciding the step anew gives another {name}: "
                f"{again.get(name)!r}, stored {stored.get(name)!r}"
            )[:500]
    return "deciding the step anew gives other bytes"
