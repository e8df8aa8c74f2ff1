"""What staff see of cases and colleagues beside the usual road, and what is noted of it."""

from __future__ import annotations

from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.memory import MemoryChannel
from engine.auditing import Readings
from engine.catalogue import Catalogue
from engine.directory import Directory
from engine.tokens import Caller
from service.app import create_app
from service.compose import build, workflow_files
from tests.engine.rehearsed import REVIEWS, changed
from tests.service.office import INSTITUTION, Office
from tests.service.test_departments_apart import asked

# Who reads is noted.


def readings(office: Office, who: str, case: str) -> int:
    """How often somebody has read the case, as auditors see it."""
    found = Readings(office.house.store).of(INSTITUTION, case=case, person=office.ids[who]).items
    return sum(each.count for each in found)


def test_reading_the_history_over_the_api_is_noted_as_its_page_is(office: Office) -> None:
    case = office.review()["id"]
    assert office.get("second", f"/cases/{case}/events").json()["items"][0]["detail"]["changes"]["course"]
    assert readings(office, "second", case) == 1
    assert office.get("stranger", f"/cases/{case}/events").status_code == 404
    assert readings(office, "stranger", case) == 0


def test_opening_the_form_that_puts_facts_right_is_noted(desk: Office) -> None:
    case = desk.review()
    assert "Statistik A" in asked(desk, "admissions", f"/cases/{case['number']}/correct?fact=course").text
    assert readings(desk, "admissions", case["id"]) == 1


# A case in a state that a newer file has no more.


def test_a_link_to_a_case_in_a_state_of_an_older_file_still_lets_somebody_in(desk: Office, tmp_path: Path) -> None:
    case = desk.step("reviewer", desk.review(), "take")
    files = workflow_files(desk.house.settings).now
    old = next(file for file in files if file.stem == REVIEWS)
    new = changed(tmp_path, REVIEWS, (f'"{case["state"]}"', '"being_read"'))
    renamed = Catalogue.of([*(set(files) - {old}), new], [old])
    with closing(build(desk.house.settings, catalogue=renamed, clock=desk.clock, channel=MemoryChannel())) as house:
        app = create_app(house)
        reader = Caller(INSTITUTION, desk.ids["reviewer"])
        link = house.sessions.mailed(reader, f"/cases/{case['number']}", about="", lasts=timedelta(days=1))
        later = Office(house, app, desk.clock, desk.tokens, desk.ids)
        page = later.send("GET", f"/in/{link}", headers={"Accept": "text/html", "Accept-Language": "en"})
        app.state.committer.close()
    assert (page.status_code, case["number"] in page.text) == (200, True)
    assert case["label"]["en"] in page.text


# Absences of somebody who works elsewhere by now.


@pytest.mark.parametrize(("left", "told"), [(None, True), (date(2026, 12, 31), False)])
def test_who_leads_a_unit_somebody_has_left_is_not_told_of_their_absences(
    desk: Office, left: date | None, *, told: bool
) -> None:
    person, today = desk.ids["stranger"], date(2027, 1, 11)
    with desk.house.directory.change(INSTITUTION, by="installation", what="roles") as change:
        desk.ids["head"] = change.person(email="head@example.org", name="Hanna Prefekt", language="en").id
        change.member(desk.ids["head"], "head", "STAT")
        change.member(person, "reviewer", "STAT", starts_on=date(2026, 1, 1), ends_on=left)
        change.absence(person, starts_on=today, ends_on=date(2027, 3, 1), substitute=desk.ids["second"])
    for who, known in (("head", told), ("stranger", True)):
        page = asked(desk, who, f"/handover?giver={person}")
        assert page.status_code == 200
        assert ("1 March 2027" in page.text, "second@example.org" in page.text) == (known, known)


# Two who administer the same unit at once.


def meanwhile(monkeypatch: pytest.MonkeyPatch, office: Office, **unit: Any) -> None:
    """Let somebody else change a unit after a request was judged, while it waits for its turn to change."""
    change, others = Directory.change, [unit]

    def after_another(directory: Directory, institution: str, **given: Any) -> Any:
        if others:
            with change(directory, institution, by=office.ids["admin"], what="unit") as first:
                first.unit(**others.pop())
        return change(directory, institution, **given)

    monkeypatch.setattr(Directory, "change", after_another)


def test_settling_figures_does_not_undo_a_change_of_the_same_moment(
    desk: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    meanwhile(monkeypatch, desk, code="STAT", name_sv="Statistik", name_en="Data Science", mailbox="new@example.org")
    answer = asked(desk, "admin", "/admin/units/STAT/settings", {"setting.eligibility_review.answer_days": "5"})
    assert answer.status_code == 303
    unit = desk.house.directory.organisation(INSTITUTION).units["STAT"]
    assert (unit.name_en, unit.mailbox) == ("Data Science", "new@example.org")
    assert unit.settings["eligibility_review.answer_days"] == 5


def test_a_unit_is_added_once_though_two_add_it_in_the_same_moment(
    desk: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    meanwhile(monkeypatch, desk, code="LAW", name_sv="Juridik", name_en="Law", parent="HIST")
    given = {"code": "LAW", "name_sv": "Rätt", "name_en": "Rights", "parent": "STAT"}
    assert asked(desk, "admin", "/admin/units", given).status_code == 422
    unit = desk.house.directory.organisation(INSTITUTION).units["LAW"]
    assert (unit.name_en, unit.parent) == ("Law", "HIST")


def test_a_unit_moved_in_the_same_moment_is_moved_back_by_no_administrator_of_another_part(
    desk: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with desk.house.directory.change(INSTITUTION, by="installation", what="units") as change:
        change.unit("LAW", name_sv="Juridik", name_en="Law", parent="HIST")
        desk.ids["below"] = change.person(email="below@example.org", name="Bo Admin", language="en").id
        change.member(desk.ids["below"], "admin", "LAW")
    meanwhile(monkeypatch, desk, code="LAW", name_sv="Juridik", name_en="Law", parent="STAT")
    given = {"name_sv": "Juridik", "name_en": "Law", "parent": "HIST"}
    assert asked(desk, "below", "/admin/units/LAW", given).status_code == 403
    assert desk.house.directory.organisation(INSTITUTION).units["LAW"].parent == "STAT"
