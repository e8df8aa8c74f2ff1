"""Erasing: a closed case loses every word about people, and its history still holds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from engine.canonical import micros
from engine.errors import BadFields, CaseNotFound, GuardRefused, NotYourTurn, StaleCase, TransitionNotAllowed
from engine.model import (
    IMPORT_PARTY,
    Assign,
    Comment,
    Correct,
    Erase,
    ErasureReason,
    NewPerson,
    Outcome,
    Tie,
)
from engine.past import Past
from tests.engine.house import INSTITUTION, STINA, House, open_house, refused
from tests.engine.lives import Life, lived

SECRET = "Stinas sjukdom"
ERASE = Erase(ErasureReason.RETENTION)


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    with open_house(database_url) as opened:
        yield opened


def withdrawn(house: House, **facts: Any) -> str:
    """A closed stay in which somebody wrote what is nobody's business."""
    case = house.open(note=SECRET, **facts)
    house.ask(Comment(SECRET), "ann", case)
    house.take(case, "withdraw")
    return case


def finished(house: House) -> str:
    """A closed stay that somebody could take up again, and on which nothing open leans."""
    case = house.stay_in("away", house.contract())
    house.take(case, "finish")
    (report,) = house.rows("case_record", workflow="report")
    house.take(report["id"], "file")
    return case


def erase(house: House, case: str, by: str = IMPORT_PARTY) -> Outcome:
    return house.ask(ERASE, by, case)


def test_nothing_anybody_wrote_is_left_in_any_table(house: House) -> None:
    case = withdrawn(house)
    assert SECRET in str(house.dump())
    erase(house, case)
    dump = str(house.dump())
    assert (SECRET in dump, "Stina" in dump, SECRET.encode().hex() in dump) == (False, False, False)
    found = house.case(case)
    assert (dict(found.facts), found.search, house.rows("event_detail", case_id=case)) == ({}, "", [])


def test_the_event_names_what_is_gone_and_why_and_has_no_detail(house: House) -> None:
    case = withdrawn(house)
    told = [row["sequence"] for row in house.rows("event_detail", case_id=case)]
    event = erase(house, case, by="adam").event
    assert event is not None
    body = json.loads(event.body)
    assert (body["kind"], body["erased"], body["why"], body["detail"]) == ("erased", told, "retention_over", None)
    assert (body["party"], body["role"], body["from"], body["to"]) == ("adam", "admin", "withdrawn", "withdrawn")


def test_the_case_stays_closed_when_it_was_and_keeps_what_names_nobody(house: House) -> None:
    contract = house.contract()
    case = withdrawn(house, links={"contract": contract})
    before = house.case(case)
    house.clock.at = house.clock.at.replace(year=2031)
    erase(house, case)
    after = house.case(case)
    kept = ("number", "state", "unit", "subject", "links", "acts", "closed_at", "opened_at", "definition")
    assert [getattr(after, name) for name in kept] == [getattr(before, name) for name in kept]
    assert after.updated_at == micros(house.clock.at)


def test_only_a_closed_case_is_erased(house: House) -> None:
    case = house.open()
    with refused(house, GuardRefused, "not_final"):
        erase(house, case)


def test_a_case_that_an_open_one_leans_on_is_not_erased(house: House) -> None:
    case = house.stay_in("away", house.contract())
    house.take(case, "finish")
    with refused(house, GuardRefused, "open_cases_linked"):
        erase(house, case)
    (report,) = house.rows("case_record", workflow="report")
    house.take(report["id"], "file")
    assert erase(house, case).case_id == case


def test_nothing_is_erased_twice(house: House) -> None:
    case = withdrawn(house)
    erase(house, case)
    with refused(house, StaleCase, "erased"):
        erase(house, case)


@pytest.mark.parametrize("who", ["ann", "hedda", "ada", "clock"])
def test_casework_audit_and_the_clock_erase_nothing(house: House, who: str) -> None:
    case = withdrawn(house)
    with refused(house, NotYourTurn):
        erase(house, case, by=who)


def test_an_admin_of_another_unit_does_not_learn_that_the_case_is_there(house: House) -> None:
    house.member("bo", "admin", "b")
    case = withdrawn(house)
    with refused(house, CaseNotFound):
        erase(house, case, by="bo")


def test_nobody_writes_on_an_erased_case_or_takes_it_up_again(house: House) -> None:
    case, other = finished(house), house.open()
    erase(house, case)
    with refused(house, TransitionNotAllowed, "erased"):
        house.take(case, "reconsider", by="hedda", reason="once more")
    for ask in (Correct({"note": "x"}, "x"), Comment("x"), Assign("ann"), Tie("contract", other)):
        with refused(house, GuardRefused, "erased"):
            house.ask(ask, "olle", case)


def test_nothing_is_linked_to_an_erased_case(house: House) -> None:
    case = withdrawn(house)
    erase(house, case)
    with refused(house, BadFields, "field:links.stay"):
        house.open("report", links={"stay": case})


def test_what_it_offered_is_refused_in_the_list_of_steps_too(house: House) -> None:
    case = finished(house)
    erase(house, case)
    with house.store.reads() as connection:
        lens = house.cases.lens(house.store.ledger_on(connection), INSTITUTION, case, None)
    actions = house.cases.actions(lens, lens.cases[case], "hedda")
    assert {action.reasons[-1].code for action in actions} == {"erased"}


def test_a_person_keeps_their_name_until_their_last_case_is_erased(house: House) -> None:
    first, second = withdrawn(house), withdrawn(house)
    subject = house.case(first).subject
    erase(house, first)
    (person,) = house.rows("person", id=subject)
    assert person["name"] == STINA.name
    erase(house, second)
    (person,) = house.rows("person", id=subject)
    assert (person["name"], person["email"]) == (None, None)


def test_whoever_has_worked_here_keeps_their_name(house: House) -> None:
    case = withdrawn(house, subject=NewPerson("Ann Anställd", "ann@example.com", "sv"))
    subject = house.case(case).subject
    assert subject is not None
    house.member(subject, "coordinator", "a")
    erase(house, case)
    assert house.rows("person", id=subject)[0]["name"] == "Ann Anställd"


def test_what_was_not_sent_yet_is_not_sent_any_more(house: House) -> None:
    case = house.stay_in("offered", house.contract())
    house.take(case, "withdraw")
    assert house.told(case)
    erase(house, case)
    assert house.told(case) == []


def test_other_cases_of_the_house_are_left_as_they_are(house: House) -> None:
    contract = house.contract(places=2)
    other, case = house.stay_in("offered", contract), withdrawn(house, links={"contract": contract})
    before = {name: house.rows("event_detail", case_id=name) for name in (other, contract)}
    erase(house, case)
    assert {name: house.rows("event_detail", case_id=name) for name in (other, contract)} == before
    house.student(other, "accept")


# Replayed.


def erased_all(life: Life) -> None:
    life.erase(life.stay)
    life.erase(life.report)
    for case in (row["id"] for row in life.house.rows("case_record", workflow="report")):
        if case != life.report:
            life.erase(case)


def test_every_history_holds_after_an_erasure(database_url: str) -> None:
    with lived(database_url) as life:
        erased_all(life)
        verdicts = list(life.replay().all(INSTITUTION))
        assert [verdict.first_wrong for verdict in verdicts] == [None] * len(verdicts)
        stay = next(verdict for verdict in verdicts if verdict.case == life.stay)
        # The erasing itself asks nothing of the facts, so it is decided anew.
        assert stay.without_detail == stay.events - 1


@pytest.mark.parametrize(
    "forged", [{"why": "no_code_of_ours"}, {"party": "ann"}, {"erased": list(range(1, 99))}, {"role": "admin"}]
)
def test_a_forged_erasure_is_named(sqlite_url: str, forged: dict[str, Any]) -> None:
    with lived(sqlite_url) as life:
        life.erase(life.stay)
        last = life.house.case(life.stay).version
        life.forge(life.stay, last, **forged)
        assert life.wrong(life.stay) == (life.stay, last)


@pytest.mark.parametrize("put_back", [{"facts": {"note": SECRET}}, {"partner": "p1"}, {"entered_at": 1}])
def test_what_is_put_back_into_an_erased_row_is_named(sqlite_url: str, put_back: dict[str, Any]) -> None:
    with lived(sqlite_url) as life:
        life.erase(life.stay)
        last = life.house.case(life.stay).version
        life.change("case_record", put_back, id=life.stay)
        assert life.wrong(life.stay) == (life.stay, last)


def test_a_detail_that_came_back_from_a_backup_is_named(sqlite_url: str) -> None:
    with lived(sqlite_url) as life:
        kept = life.house.rows("event_detail", case_id=life.stay, sequence=1)[0]
        life.erase(life.stay)
        with life.house.store.writes() as connection:
            connection.exec_driver_sql(
                "INSERT INTO event_detail (institution, case_id, sequence, detail, nonce) VALUES (?, ?, ?, ?, ?)",
                tuple(kept[name] for name in ("institution", "case_id", "sequence", "detail", "nonce")),
            )
        assert life.wrong(life.stay) == (life.stay, 1)


def test_its_history_gives_the_states_and_no_facts(sqlite_url: str) -> None:
    with lived(sqlite_url) as life:
        before = [life.history.case_at(INSTITUTION, life.stay, sequence=n) for n in range(1, 17)]
        life.erase(life.stay)
        after = [life.history.case_at(INSTITUTION, life.stay, sequence=n) for n in range(1, 17)]
        assert [was.state for was in after if was] == [was.state for was in before if was]
        assert [dict(was.facts) for was in after if was] == [{}] * 16


def test_what_it_offered_then_is_told_as_not_known(sqlite_url: str) -> None:
    with lived(sqlite_url) as life:
        life.erase(life.stay)
        events = life.history.events(INSTITUTION, life.stay)
        past = Past(life.history, life.replay().organisation_at)
        was = past.after(events, 5, number="", title="")
        assert was is not None
        assert [(each.judged, each.reasons) for each in was.offered] == [(False, ())] * len(was.offered)


def test_a_step_beside_an_erased_case_is_still_taken_and_replayed(sqlite_url: str) -> None:
    with lived(sqlite_url) as life:
        erased_all(life)
        other = life.house.stay_in("away", life.contract)
        life.house.take(other, "finish")
        assert [v.first_wrong for v in life.replay().all(INSTITUTION) if not v.ok] == []
