"""Agreements used without cover: as they stood when the place was taken."""

from __future__ import annotations

from typing import Any

from engine.model import Open, Request
from engine.reports.index import Filter, Reports
from engine.vocabulary import Text
from tests.engine.house import open_house
from tests.engine.reports.told import at, erase, lines, said
from tests.journeys import agreements, exchanges
from tests.journeys.agreements import TERMS
from tests.journeys.office import INSTITUTION, STAT, Office


def brought_in(office: Office, **facts: Any) -> str:
    """An agreement that an import registers as already in force."""
    told = {**TERMS, "partner": office.partner, **facts}
    ask = Open("agreement", STAT, None, told, state="active")
    return office.house.cases.step(Request(INSTITUTION, ask, "import")).case_id


def offered(office: Office, agreement: str) -> str:
    case = exchanges.applies(office, agreement)
    exchanges.ranked(office, case)
    office.do("stat.coordinator", case, "offer")
    return case


def test_an_agreement_in_order_makes_no_line(desk: Office) -> None:
    offered(desk, agreements.in_force(desk))
    assert lines(desk, "cover") == []


def test_a_place_under_an_unsigned_agreement_without_a_number_is_found(office: Office) -> None:
    agreement = brought_in(office)
    case = offered(office, agreement)
    (line,) = lines(office, "cover")
    assert said(office, line, "missing") == ["signature missing", "registration number missing"]
    assert said(office, line, "used_by", "by") == (office.read(case)["number"], "stat.coordinator")
    assert at(office, line)[0][0] == agreement
    assert at(office, line)[1] == (case, office.read(case)["version"])


def test_what_is_put_right_later_was_missing_all_the_same(desk: Office) -> None:
    agreement = brought_in(desk)
    offered(desk, agreement)
    match = f'"{desk.read(agreement)["version"]}"'
    body = {"facts": {"registration_number": "FS 1"}, "reason": "Diariefört."}
    assert desk.post("officer", f"/cases/{agreement}/corrections", body, if_match=match).status_code == 200
    (line,) = lines(desk, "cover")
    assert "registration number missing" in said(desk, line, "missing")


def test_a_place_taken_after_the_end_is_found(sqlite_url: str) -> None:
    # The real processes do not let it come so far; one that gives places without asking does.
    with open_house(sqlite_url) as house:
        contract = house.contract(registration_number="FS 1")
        house.take(contract, "end", by="olle")
        house.stay_in("offered", contract)
        (line,) = Reports(house.cases).all("x.se", "ada", "cover", Filter())
    assert line.values["missing"] == (Text("efter avtalets slut", "after the agreement’s end"),)


def test_what_may_only_have_been_erased_says_so(desk: Office) -> None:
    agreement = brought_in(desk, registration_number="FS 1")
    offered(desk, agreement)
    erase(desk, agreement, 1)
    (line,) = lines(desk, "cover")
    assert said(desk, line, "missing")[-1] == "detail erased"


def test_a_unit_that_gave_no_place_has_no_line(desk: Office) -> None:
    offered(desk, brought_in(desk))
    assert lines(desk, "cover", unit="HIST") == []
