"""Own histories as logs: what goes out, what never does, and as much memory for many cases as for few."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine.canonical import micros
from engine.eventlog import ObjectLog, Relation, Trace
from engine.legal_steps import LegalStep, legal_steps
from engine.logs import CASE_ATTRIBUTES, COLUMNS, EVENT_ATTRIBUTES, EVENT_TYPE, HEAD, Logs, Span
from engine.store import log_rows
from engine.tables import Table
from tests.engine.house import CATALOGUE, INSTITUTION, MONDAY
from tests.engine.lives import Life, lived


@pytest.fixture
def life(sqlite_url: str) -> Iterator[Life]:
    with lived(sqlite_url) as made:
        yield made


@pytest.fixture
def either(database_url: str) -> Iterator[Life]:
    with lived(database_url) as made:
        yield made


def logs(life: Life) -> Logs:
    return Logs(life.house.store)


def traces(life: Life, span: Span | None = None) -> dict[str, Trace]:
    return {str(trace.attributes["id"]): trace for trace in logs(life).traces(INSTITUTION, span or Span())}


def everything(log: ObjectLog) -> str:
    return repr((list(log.objects()), list(log.events())))


def test_a_case_is_a_trace_under_its_number_with_every_event(either: Life) -> None:
    found = traces(either)
    stay = found[either.stay]
    assert stay.case == either.house.case(either.stay).number
    assert len(stay.events) == either.house.case(either.stay).version
    assert [event.sequence for event in stay.events] == list(range(1, len(stay.events) + 1))
    assert {each.attributes["workflow"] for each in found.values()} == {"contract", "stay", "report"}


def test_an_event_is_named_by_its_trigger_or_kind_and_tells_states_role_and_party(life: Life) -> None:
    stay = traces(life)[life.stay]
    assert stay.names[0] == "opened"
    proposed = next(event for event in stay.events if event.name == "propose")
    assert (proposed.resource, proposed.attributes["org:role"]) == ("ann", "coordinator")
    assert (proposed.attributes["from"], proposed.attributes["to"]) == ("asked", "proposed")
    assert proposed.attributes["lifecycle:transition"] == "complete"
    assert any(event.resource == "clock" for event in stay.events)


def test_no_name_no_mail_address_and_no_free_text_goes_out(life: Life) -> None:
    told = repr(list(traces(life).values())) + everything(logs(life).objects(INSTITUTION, Span()))
    told += repr(list(logs(life).rows(INSTITUTION, Span())))
    details = [json.loads(row["detail"]) for row in life.house.rows("event_detail")]
    texts = [each[key] for each in details for key in ("reason", "comment", "evidence", "text") if each.get(key)]
    assert texts
    for never in (*texts, "Stina Student", "stina@example.com", life.house.case(life.stay).title):
        assert str(never) not in told


def test_facts_go_along_only_where_they_are_asked_for(life: Life) -> None:
    plain = {key for trace in traces(life).values() for key in trace.attributes}
    assert plain <= set(CASE_ATTRIBUTES)
    (stay,) = (t for t in logs(life).traces(INSTITUTION, Span(), facts=True) if t.attributes["id"] == life.stay)
    facts = life.house.case(life.stay).facts
    assert stay.attributes["fact:starts_on"] == facts["starts_on"]
    assert all(not isinstance(value, dict | list) for value in stay.attributes.values())


def test_every_attribute_is_one_that_is_declared(life: Life) -> None:
    events = [event for trace in traces(life).values() for event in trace.events]
    assert {key for event in events for key in event.attributes} <= set(EVENT_ATTRIBUTES)
    named = {"concept:name", "time:timestamp", "org:resource"}
    assert HEAD.event_globals.keys() - named <= set.intersection(*(set(event.attributes) for event in events))


def test_a_span_chooses_by_workflow_and_opening_and_cuts_no_history(either: Life) -> None:
    opened = either.house.case(either.report).opened_at
    assert traces(either, Span(workflow=("stay",))).keys() == {either.stay}
    assert traces(either, Span(since=opened)).keys() == {either.report}
    early = traces(either, Span(until=opened))
    assert either.report not in early
    assert early[either.stay] == traces(either)[either.stay]
    assert traces(either, Span(cases=(either.stay,))).keys() == {either.stay}
    assert logs(either).count(INSTITUTION, Span(workflow=("stay",))) == 1


def test_another_institution_has_nothing(life: Life) -> None:
    assert list(logs(life).traces("other.se", Span())) == []
    assert everything(logs(life).objects("other.se", Span())) == "([], [])"


def test_objects_are_cases_people_units_and_partners(either: Life) -> None:
    log = logs(either).objects(INSTITUTION, Span())
    objects = {each.id: each for each in log.objects()}
    stay = either.house.case(either.stay)
    assert {each.type for each in objects.values()} <= {each.name for each in log.object_types}
    assert objects[stay.number].type == "case:stay"
    assert Relation(f"person:{stay.subject}", "subject") in objects[stay.number].relations
    assert Relation("unit:a", "unit") in objects[stay.number].relations
    contract = either.house.case(either.contract).number
    assert Relation(contract, "contract") in objects[stay.number].relations
    assert {"person:ann", "person:hedda", "unit:a"} <= objects.keys()
    assert not {"person:clock", "person:import"} & objects.keys()


def test_a_case_object_tells_each_state_from_when_it_held(life: Life) -> None:
    stay = life.house.case(life.stay)
    (found,) = (each for each in logs(life).objects(INSTITUTION, Span()).objects() if each.id == stay.number)
    states = [(held.at, held.value) for held in found.held if held.name == "state"]
    assert states[0] == (0, "asked")
    assert states[-1][1] == stay.state
    assert [at for at, _ in states] == sorted(at for at, _ in states)


def test_every_relation_of_an_event_leads_to_an_object_that_is_there(either: Life) -> None:
    for span in (Span(), Span(workflow=("stay",)), Span(workflow=("contract",))):
        log = logs(either).objects(INSTITUTION, span)
        known = {each.id for each in log.objects()}
        told = [each.relations for each in log.objects()] + [each.relations for each in log.events()]
        assert {tie.object for ties in told for tie in ties} <= known


def test_an_event_caused_by_another_case_names_it(life: Life) -> None:
    report, stay = life.house.case(life.report).number, life.house.case(life.stay).number
    events = {event.id: event for event in logs(life).objects(INSTITUTION, Span()).events()}
    assert Relation(stay, "caused by") in events[f"{report}/1"].relations
    assert set(events[f"{report}/1"].attributes) <= {name for name, _ in EVENT_TYPE}


def test_rows_come_by_case_and_sequence_under_their_columns(either: Life) -> None:
    rows = list(logs(either).rows(INSTITUTION, Span()))
    assert {len(row) for row in rows} == {len(COLUMNS)}
    keys = [(row[COLUMNS.index("case_id")], row[COLUMNS.index("sequence")]) for row in rows]
    assert keys == sorted(keys)
    assert len(keys) == len(either.house.rows("event"))


def test_what_is_read_page_by_page_is_the_same_as_at_once(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = traces(life)
    monkeypatch.setattr(log_rows, "AT_ONCE", 1)
    assert traces(life) == whole


def test_every_step_a_life_took_is_among_the_legal_ones(life: Life) -> None:
    legal = set(legal_steps(CATALOGUE.now))
    for event in life.house.rows("event"):
        step = (event[name] for name in ("definition", "kind", "trigger", "from_state", "to_state"))
        assert LegalStep(*step) in legal


def test_what_a_definition_does_not_allow_is_not_legal() -> None:
    legal = set(legal_steps(CATALOGUE.now))
    stay = CATALOGUE.current("stay").hash
    assert LegalStep(stay, "moved", "propose", "asked", "proposed") in legal
    assert LegalStep(stay, "recorded", "propose", "asked", "proposed") not in legal
    assert LegalStep(stay, "moved", None, "asked", "proposed") not in legal
    assert LegalStep(stay, "opened", None, None, "away") not in legal


def test_ten_times_the_cases_take_no_more_memory(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_rows, "AT_ONCE", 20)

    def peak() -> int:
        tracemalloc.start()
        try:
            assert sum(1 for _ in logs(life).traces(INSTITUTION, Span())) >= 3
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    _copies(life, 0, 60)
    peak()
    few = peak()
    _copies(life, 60, 300)
    assert peak() < few * 1.5 + 200_000


def _copies(life: Life, first: int, end: int) -> None:
    """The same stay many times over, put in around the engine."""
    (case,) = life.house.rows("case_record", id=life.stay)
    events = life.house.events(life.stay)
    tables = Table.metadata.tables
    with life.house.store.writes() as connection:
        for n in range(first, end):
            late = micros(MONDAY + timedelta(days=n))
            own = {**case, "id": f"copy-{n:06}", "number": f"COPY-{n}", "opened_at": late}
            connection.execute(sa.insert(tables["case_record"]).values(**own))
            connection.execute(sa.insert(tables["event"]), [{**row, "case_id": own["id"]} for row in events])
