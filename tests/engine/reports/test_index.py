"""Who may read the reports, and how they are read page by page."""

from __future__ import annotations

import pytest

from engine.errors import BadFields, NotYourTurn
from engine.reports.index import REPORTS, Filter, Reports
from engine.reports.shape import EventRef
from tests.engine.reports.told import lines, refused
from tests.journeys.office import INSTITUTION, Office


def test_whoever_neither_audits_nor_administers_is_refused(desk: Office) -> None:
    for reader in ("officer", "stat.coordinator", "admissions", "stat.deputy"):
        for name in REPORTS:
            with pytest.raises(NotYourTurn):
                lines(desk, name, reader=reader)


def test_an_auditor_of_one_unit_sees_the_cases_of_that_unit_alone(desk: Office) -> None:
    refused(desk)
    with desk.house.directory.change(INSTITUTION, by="installation", what="roles") as change:
        change.member(desk.ids["stat.deputy"], "auditor", "STAT")
        change.member(desk.ids["hist.deputy"], "auditor", "HIST")
    assert len(lines(desk, "decisions", reader="stat.deputy")) == 1
    assert lines(desk, "decisions", reader="hist.deputy") == []


def test_an_administrator_sees_rights_and_no_cases(desk: Office) -> None:
    refused(desk)
    assert lines(desk, "rights", reader="admin")
    assert lines(desk, "decisions", reader="admin") == []


def test_whoever_runs_the_installation_reads_all(desk: Office) -> None:
    refused(desk)
    assert len(lines(desk, "decisions", reader=None)) == 1


def test_pages_show_each_line_once(office: Office) -> None:
    for name in ("Nils", "Mia", "Max"):
        refused(office, name)
    for report, many in (("conflicts", 6), ("decisions", 3), ("rights", len(lines(office, "rights")))):
        assert len(paged(office, report)) == len(set(paged(office, report))) == many


def paged(office: Office, name: str) -> list[tuple[EventRef, ...] | str]:
    """All lines, two at a time."""
    found: list[tuple[EventRef, ...] | str] = []
    cursor: str | None = None
    while True:
        page = Reports(office.house.cases).page(
            INSTITUTION, office.ids["auditor"], name, Filter(), cursor=cursor, limit=2
        )
        found += [line.events or repr(line.values) for line in page.items]
        if page.next_cursor is None:
            return found
        cursor = page.next_cursor


def test_what_is_rare_is_looked_for_a_stretch_at_a_time(desk: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    refused(desk)
    whole = [line.values for line in lines(desk, "decisions")]
    monkeypatch.setattr("engine.store.report_rows.STRETCH", 2)
    monkeypatch.setattr("engine.reports.steps.STRETCHES", 1)
    assert whole
    assert [line.values for line in lines(desk, "decisions")] == whole
    first = Reports(desk.house.cases).page(INSTITUTION, None, "decisions", Filter(), limit=50)
    assert first.next_cursor is not None


def test_a_page_looks_at_so_many_events_and_no_more(desk: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("Nils", "Mia"):
        refused(desk, name)
    monkeypatch.setattr("engine.reports.steps.CHUNK", 1)
    monkeypatch.setattr("engine.reports.steps.MOST", 1)
    page = Reports(desk.house.cases).page(INSTITUTION, None, "absent", Filter())
    assert (page.items, page.next_cursor is None) == ((), False)
    assert lines(desk, "absent") == []


def test_a_cursor_that_is_none_of_ours_is_refused(desk: Office) -> None:
    for name in REPORTS:
        with pytest.raises(BadFields):
            Reports(desk.house.cases).page(INSTITUTION, desk.ids["auditor"], name, Filter(), cursor="abc")


def test_a_report_there_is_not_is_a_key_error(desk: Office) -> None:
    with pytest.raises(KeyError):
        lines(desk, "nothing")
