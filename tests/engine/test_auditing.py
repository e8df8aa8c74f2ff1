"""Auditing: what happened across cases, who read what, who is there now; on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from engine.auditing import Audit, EventFilter, Presence, Readings
from engine.canonical import micros
from engine.errors import BadFields
from engine.model import NewPerson
from engine.paging import seal
from engine.store import audit_rows
from tests.engine.house import INSTITUTION, MONDAY, House, open_house

TODAY = date(2026, 12, 21)
NOW = micros(MONDAY)


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    with open_house(database_url) as opened:
        yield opened


def found(house: House, person: str = "ada", **narrowed: object) -> list[tuple[str, str | None]]:
    """Kind and trigger of the events somebody finds, newest first."""
    wanted = EventFilter(**narrowed)  # type: ignore[arg-type]  # each test gives what fits
    items = Audit(house.cases).events(INSTITUTION, person, narrowed=wanted).items
    return [(each.row.kind, each.row.trigger) for each in items]


def later(house: House, days: int = 1) -> None:
    house.clock.at += timedelta(days=days)


def test_events_of_all_cases_come_newest_first(house: House) -> None:
    case = house.open()
    later(house)
    house.open(unit="b", by="bea")
    later(house)
    house.take(case, "propose", note="ready")
    assert found(house) == [("moved", "propose"), ("opened", None), ("opened", None)]


def test_an_event_tells_case_step_states_party_and_role_in_words(house: House) -> None:
    case = house.open()
    house.take(case, "propose", note="ready")
    (entry,) = Audit(house.cases).events(INSTITUTION, "ada", narrowed=EventFilter(kind=("moved",))).items
    row = entry.row
    assert (row.case, row.number, row.unit, row.sequence) == (case, "STA-2026-0001", "a", 2)
    assert (row.party, row.name, row.role, row.on_behalf_of, row.at) == ("ann", None, "coordinator", None, NOW)
    assert entry.label is not None
    assert entry.from_label is not None
    assert [each.en for each in (entry.label, entry.from_label, entry.to_label)] == [
        "propose in English", "asked in English", "proposed in English",
    ]  # fmt: skip


def test_what_was_done_for_a_student_says_so(house: House) -> None:
    case = house.stay_in("offered", house.contract())
    house.student(case, "accept")
    (entry,) = Audit(house.cases).events(INSTITUTION, "ada", narrowed=EventFilter(trigger=("accept",))).items
    assert (entry.row.party, entry.row.on_behalf_of) == ("ann", "student")


def test_a_consequence_names_the_case_it_comes_from(house: House) -> None:
    contract = house.contract()
    case = house.stay_in("offered", contract)
    (entry,) = Audit(house.cases).events(INSTITUTION, "ada", narrowed=EventFilter(kind=("place_taken",))).items
    assert (entry.row.case, entry.row.cause, entry.row.cause_number) == (contract, case, "STA-2026-0001")


def test_what_the_clock_did_names_the_deadline(house: House) -> None:
    case = house.open()
    due = next(row.acts_at for row in house.case(case).deadlines if row.acts_at)
    house.climb(case, at=datetime.fromtimestamp(due / 1e6, UTC))
    (entry,) = Audit(house.cases).events(INSTITUTION, "ada", narrowed=EventFilter(party="clock")).items
    assert (entry.row.kind, entry.row.deadline, entry.row.rung) == ("rung_fired", "answer", "remind")


def test_each_part_of_the_filter_narrows(house: House) -> None:
    case = house.open()
    house.take(case, "propose", note="ready")
    later(house)
    house.contract(unit="b")
    assert found(house, workflow=("contract",)) == [("opened", None)]
    assert found(house, kind=("moved",)) == [("moved", "propose")]
    assert found(house, trigger=("propose",)) == [("moved", "propose")]
    assert found(house, party="olle") == [("opened", None)]
    assert found(house, unit=("b",)) == [("opened", None)]
    assert found(house, number=" sta-2026-0001 ") == [("moved", "propose"), ("opened", None)]
    assert found(house, number="STA-2026-000") == []


def test_days_are_local_and_both_included(house: House) -> None:
    # Half past eleven at night in Stockholm, still Monday there and in UTC; an hour later it is Tuesday.
    house.clock.at = MONDAY.replace(hour=22, minute=30)
    house.open()
    house.clock.at += timedelta(hours=1)
    house.contract()
    assert found(house, to_day=TODAY) == [("opened", None)]
    assert len(found(house, from_day=TODAY)) == 2
    assert len(found(house, from_day=date(2026, 12, 22), to_day=date(2026, 12, 22))) == 1
    assert found(house, from_day=date(2026, 12, 23)) == []


def test_events_are_shown_to_those_who_may_read_their_case(house: House) -> None:
    house.open()
    house.open(unit="b", by="bea")
    assert len(found(house, "ada")) == 2
    assert len(found(house, "bea")) == 1
    assert found(house, "adam") == []


def test_pages_of_events_show_each_once_even_of_one_instant(house: House) -> None:
    for _ in range(5):
        house.open()
    seen, cursor = [], None
    for _ in range(3):
        page = Audit(house.cases).events(INSTITUTION, "ada", narrowed=EventFilter(), cursor=cursor, limit=2)
        seen += [(each.row.case, each.row.sequence) for each in page.items]
        cursor = page.next_cursor
    assert len(set(seen)) == 5
    assert cursor is None


@pytest.mark.parametrize("stretch", [1, 2, 3, 50])
def test_what_is_rare_is_looked_for_a_stretch_at_a_time(
    house: House, monkeypatch: pytest.MonkeyPatch, stretch: int
) -> None:
    case = house.open()
    house.take(case, "propose", note="ready")
    for _ in range(5):
        house.open()
    monkeypatch.setattr(audit_rows, "STRETCH", stretch)
    seen, pages, cursor = [], 0, None
    while pages == 0 or cursor is not None:
        wanted = EventFilter(trigger=("propose",))
        page = Audit(house.cases).events(INSTITUTION, "ada", narrowed=wanted, cursor=cursor, limit=2)
        seen += [(each.row.case, each.row.sequence) for each in page.items]
        pages, cursor = pages + 1, page.next_cursor
    assert seen == [(case, 2)]
    assert pages == 7 // stretch + 1


def test_events_of_one_case_are_found_however_old_it_is(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.open()
    number = Audit(house.cases).events(INSTITUTION, "ada", narrowed=EventFilter()).items[0].row.number
    for _ in range(5):
        house.open()
    monkeypatch.setattr(audit_rows, "STRETCH", 1)
    assert found(house, number=number) == [("opened", None)]


def test_a_cursor_of_another_list_is_refused(house: House) -> None:
    with pytest.raises(BadFields):
        Audit(house.cases).events(INSTITUTION, "ada", narrowed=EventFilter(), cursor=seal("other"))


def test_events_take_one_statement_beside_the_organisation(house: House) -> None:
    house.open()
    found(house)
    asked: list[str] = []
    sa.event.listen(house.store.engine, "before_cursor_execute", lambda _c, _r, text, *_: asked.append(text))
    found(house)
    assert len([each for each in asked if not each.startswith("BEGIN")]) == 2


# Who read what.


def test_reading_a_case_again_on_a_day_counts_in_one_row(house: House) -> None:
    case, readings = house.open(), Readings(house.store)
    for minutes in (5, 0, 9):
        readings.note(INSTITUTION, "ann", case, at=NOW + minutes * 60_000_000, day=TODAY)
    readings.note(INSTITUTION, "ann", case, at=NOW + 86_400_000_000, day=date(2026, 12, 22))
    tomorrow, today = readings.of(INSTITUTION, case=case).items
    assert (today.first_at, today.last_at, today.count) == (NOW, NOW + 9 * 60_000_000, 3)
    assert (tomorrow.day, tomorrow.count) == (date(2026, 12, 22), 1)


def test_a_reading_tells_case_and_reader_by_name(house: House) -> None:
    case = house.open(subject=NewPerson("Rita Reader", "rita@example.com", "sv"))
    reader = house.case(case).subject or ""
    Readings(house.store).note(INSTITUTION, reader, case, at=NOW, day=TODAY)
    (told,) = Readings(house.store).of(INSTITUTION, person=reader).items
    assert (told.number, told.title, told.name) == ("STA-2026-0001", "Stay 2027/2028", "Rita Reader")


def read_twice(house: House) -> tuple[str, str]:
    """Ann and Bea each read a case of their unit."""
    mine, hers = house.open(), house.open(unit="b", by="bea")
    readings = Readings(house.store)
    readings.note(INSTITUTION, "ann", mine, at=NOW, day=TODAY)
    readings.note(INSTITUTION, "bea", hers, at=NOW + 1, day=TODAY)
    return mine, hers


def test_an_auditor_sees_all_readings_and_others_only_their_own(house: House) -> None:
    read_twice(house)
    audit = Audit(house.cases)
    assert [each.person for each in audit.readings(INSTITUTION, "ada").items] == ["bea", "ann"]
    assert [each.person for each in audit.readings(INSTITUTION, "ann").items] == ["ann"]
    assert audit.readings(INSTITUTION, "ann", reader="bea").items == ()
    assert audit.readings(INSTITUTION, "adam").items == ()


def test_of_a_case_one_may_no_longer_read_the_day_alone_is_told(house: House) -> None:
    house.member("zoe", "coordinator", "a", ends_on=TODAY)
    case, audit = house.open(), Audit(house.cases)
    Readings(house.store).note(INSTITUTION, "zoe", case, at=NOW, day=TODAY)
    (before,) = audit.readings(INSTITUTION, "zoe").items
    assert (before.number, before.title) == ("STA-2026-0001", "Stay 2027/2028")
    later(house)
    (after,) = audit.readings(INSTITUTION, "zoe").items
    assert (after.number, after.title, after.day, after.count) == (None, None, TODAY, 1)


def test_who_audits_a_unit_is_told_who_read_its_cases_alone(house: House) -> None:
    mine, hers = read_twice(house)
    house.member("bea", "auditor", "a")
    Readings(house.store).note(INSTITUTION, "ann", hers, at=NOW + 2, day=TODAY)
    audit = Audit(house.cases)
    told = [(each.case, each.person) for each in audit.readings(INSTITUTION, "bea").items]
    assert told == [(hers, "bea"), (mine, "ann")]
    assert audit.readings(INSTITUTION, "bea", case=hers, reader="ann").items == ()


def test_readings_are_narrowed_by_case_reader_and_days(house: House) -> None:
    mine, _ = read_twice(house)
    audit = Audit(house.cases)
    assert [each.person for each in audit.readings(INSTITUTION, "ada", case=mine).items] == ["ann"]
    assert [each.person for each in audit.readings(INSTITUTION, "ada", reader="bea").items] == ["bea"]
    assert audit.readings(INSTITUTION, "ada", to_day=date(2026, 12, 20)).items == ()
    assert len(audit.readings(INSTITUTION, "ada", from_day=TODAY, to_day=TODAY).items) == 2


def test_pages_of_readings_go_on_where_the_last_one_ended(house: House) -> None:
    readings = Readings(house.store)
    cases = [house.open() for _ in range(5)]
    for case in cases:
        readings.note(INSTITUTION, "ann", case, at=NOW, day=TODAY)
    seen, cursor = [], None
    for _ in range(3):
        page = readings.of(INSTITUTION, cursor=cursor, limit=2)
        seen += [each.case for each in page.items]
        cursor = page.next_cursor
    assert (seen, cursor) == (cases, None)


def test_nothing_is_read_across_institutions(house: House) -> None:
    case = house.open()
    Readings(house.store).note("y.se", "ann", case, at=NOW, day=TODAY)
    assert Readings(house.store).of("y.se").items == ()
    assert Readings(house.store).of(INSTITUTION).items == ()


# Who is there now.


def test_others_with_the_case_open_are_told_the_latest_first(house: House) -> None:
    case, presence = house.open(), Presence(house.store)
    for person, at in (("ann", NOW), ("arne", NOW + 1), ("hedda", NOW + 2), ("arne", NOW + 5), ("arne", NOW + 3)):
        presence.beat(INSTITUTION, case, person, at=at)
    others = presence.others(INSTITUTION, case, "ann", since=NOW)
    assert [(each.person, each.beat_at) for each in others] == [("arne", NOW + 5), ("hedda", NOW + 2)]


def test_who_fell_silent_or_left_is_not_there(house: House) -> None:
    case, presence = house.open(), Presence(house.store)
    presence.beat(INSTITUTION, case, "arne", at=NOW - 1)
    presence.beat(INSTITUTION, case, "hedda", at=NOW)
    presence.leave(INSTITUTION, case, "hedda")
    assert presence.others(INSTITUTION, case, "ann", since=NOW) == ()


def test_old_beats_are_forgotten(house: House) -> None:
    case, presence = house.open(), Presence(house.store)
    presence.beat(INSTITUTION, case, "arne", at=NOW - 1)
    presence.beat(INSTITUTION, case, "hedda", at=NOW)
    assert presence.forget(before=NOW) == 1
    assert [each.person for each in presence.others(INSTITUTION, case, "ann", since=0)] == ["hedda"]
