"""What must hold of a whole institution, whatever was done in it."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from engine.declare.checking import Outcome
from engine.declare.histories import HistoryCheck
from engine.fitness import replay_own
from engine.history import History
from engine.logs import Logs, Span
from engine.model import Case, Kind, Snapshot
from engine.store.ledger import Plan
from engine.tables import Event, table_of
from engine.views import Lens
from tests.workflows.town import CATALOGUE, Town

_event = table_of(Event)


def hold_all(town: Town) -> None:
    """Every promise the engine makes about what stands in the database."""
    bodies = _bodies(town)
    versions_have_no_gap(town, bodies)
    a_step_wrote_one_event_a_case(town)
    rungs_fired_once_and_in_order(bodies)
    a_finished_case_owes_nothing(town)
    places_are_held_by_those_who_may(town)
    no_place_was_given_twice(town, bodies)
    replay_gives_what_is_stored(town)
    rules_hold_on_every_history(town)


def _bodies(town: Town) -> list[dict[str, Any]]:
    """The bodies of all events, case by case, oldest first."""
    query = sa.select(_event.c.body).where(_event.c.institution == town.name)
    with town.store.reads() as connection:
        rows = connection.execute(query.order_by(_event.c.case_id, _event.c.sequence)).scalars()
        return [json.loads(body) for body in rows]


def _cases(town: Town) -> dict[str, Case]:
    ids = tuple(row[0] for row in town.rows("case_record", "id"))
    with town.store.step() as ledger:
        return dict(ledger.read(Plan(town.name, ids)).cases)


def versions_have_no_gap(town: Town, bodies: list[dict[str, Any]]) -> None:
    last = dict(town.rows("case_record", "id", "version"))
    for case, own in groupby(bodies, lambda body: body["case"]):
        assert [body["sequence"] for body in own] == list(range(1, last[case] + 1))


def a_step_wrote_one_event_a_case(town: Town) -> None:
    caused = town.rows("event", "case_id", "cause_case", "cause_sequence")
    written = Counter(row for row in caused if row[1] is not None)
    assert [row for row, count in written.items() if count > 1 or row[0] == row[1]] == []


def rungs_fired_once_and_in_order(bodies: list[dict[str, Any]]) -> None:
    """Once each; never early; and, while the last day stays the same, in the order they were due."""
    fired: dict[tuple[str, str, int], list[dict[str, Any]]] = {}
    moved: dict[tuple[str, str, int], set[str]] = {}
    for body in bodies:
        for row in body.get("deadlines", ()):
            if row["due_on"]:
                moved.setdefault((body["case"], row["name"], row["since"]), set()).add(row["due_on"])
        if "rung" in body:
            rung = body["rung"]
            assert rung["due_at"] <= body["at"]
            fired.setdefault((body["case"], rung["deadline"], rung["since"]), []).append(rung)
    for deadline, rungs in fired.items():
        names = [rung["rung"] for rung in rungs]
        assert len(names) == len(set(names)), f"{deadline} fired {names}"
        due = [rung["due_at"] for rung in rungs]
        assert due == sorted(due) or len(moved[deadline]) > 1, f"{deadline} fired {names} out of order"


def a_finished_case_owes_nothing(town: Town) -> None:
    closed = {row[0] for row in town.rows("case_record", "id", "closed_at") if row[1] is not None}
    owing = [row for row in town.rows("deadline", "case_id", "name", "ended_at") if row[2] is None]
    assert [row for row in owing if row[0] in closed] == []


def places_are_held_by_those_who_may(town: Town) -> None:
    """A case holds one place, there, exactly while it stands in a state that holds one."""
    cases = _cases(town)
    entitled: Counter[tuple[str | None, str]] = Counter()
    for case in cases.values():
        definition = CATALOGUE.by_hash(case.definition)
        holds = definition.workflow.holds
        if holds is not None and definition.states[case.state].holds_place:
            entitled[case.link(holds.link), case.id] += 1
    offering = [c for c in cases.values() if CATALOGUE.by_hash(c.definition).workflow.offers]
    held = Counter((giver.id, place["case"]) for giver in offering for place in giver.facts["held"])
    assert held == entitled


def no_place_was_given_twice(town: Town, bodies: list[dict[str, Any]]) -> None:
    """Each place was there to be taken: the giver, as it was just before, had it left."""
    history = History(town.store, CATALOGUE)
    for body in bodies:
        taken = [change["taken"] for change in body.get("places", ()) if "taken" in change]
        carried = any("freed" in change for change in body.get("places", ())) or _relinked(body, bodies)
        if not taken or carried or body["kind"] != Kind.PLACE_TAKEN:
            continue
        giver = history.case_at(town.name, body["case"], sequence=body["sequence"] - 1)
        assert giver is not None
        view = Lens(CATALOGUE, Snapshot(body["at"], town.organisation(), {giver.id: giver})).view(giver)
        offers = CATALOGUE.by_hash(giver.definition).workflow.offers
        assert offers is not None
        wanted = Counter[tuple[str, str]]()
        for place in taken:
            wanted[place["row"], place["academic_year"]] += place["semesters"]
        for (row, year), semesters in wanted.items():
            assert offers.left(view, row, year) >= semesters, f"{body['case']} gave more of {row} than it had"


def rules_hold_on_every_history(town: Town) -> None:
    """What was proved over every path of the graph holds of what was really done."""
    checking = HistoryCheck(CATALOGUE, town.organisation(), date.max)
    for trace, judged in checking.judge(Logs(town.store).traces(town.name, Span())):
        assert [each for each in judged if each.outcome is Outcome.BROKEN] == [], trace.names
        fit = replay_own(CATALOGUE.by_hash(trace.attributes["definition"]), trace)
        assert fit.departures == (), trace.names


def _relinked(body: dict[str, Any], bodies: list[dict[str, Any]]) -> bool:
    """Whether the place came along with a case that was moved from another giver."""
    linked = [other for other in bodies if other.get("cause") == body["cause"] and other["kind"] == Kind.LINKED]
    return bool(linked)


def replay_gives_what_is_stored(town: Town) -> None:
    wrong = [verdict for verdict in town.replay.all(town.name) if not verdict.ok]
    assert wrong == []
