"""After the calendar has changed, open deadlines are worked out anew by steps of the clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from engine.climbing import recount_all
from engine.drafts import Work
from engine.model import Case, NewPerson, Open, Request
from engine.recounting import OVERDUE, recount, with_those_below
from engine.store import recount_rows
from tests.engine.registry import UMU, Registry, registry


@pytest.fixture
def office(database_url: str) -> Iterator[Registry]:
    with registry(database_url) as made:
        yield made


def opened(office: Registry, unit: str) -> Case:
    """A loan opened on Monday, due on Thursday."""
    ask = Open("loan", unit, NewPerson("Ola", f"ola.{unit}@x.se", "sv"), {"purpose": "Lab"})
    case = office.cases.step(Request(UMU, ask, "import")).case
    assert case is not None
    return case


def due_on(office: Registry, case: Case) -> date | None:
    with office.cases.store.step() as ledger:
        return office.cases.lens(ledger, UMU, case.id, None).cases[case.id].deadlines[0].due_on


def close(office: Registry, unit: str, day: date) -> int:
    decide_on(office, unit, day)
    moved = recount(office.cases, office.directory.organisation(UMU))
    assert moved is not None
    return moved


def decide_on(office: Registry, unit: str, day: date, *, dry_run: bool = False) -> None:
    with office.directory.change(UMU, by="installation", what="closing day", dry_run=dry_run) as change:
        change.closing_day(unit, day)


def test_a_closing_day_moves_the_deadlines_of_the_unit_and_of_those_below(office: Registry) -> None:
    here, below, aside = opened(office, "math"), opened(office, "math.stat"), opened(office, UMU)
    assert close(office, "math", date(2026, 12, 9)) == 2
    assert [due_on(office, case) for case in (here, below, aside)] == [
        date(2026, 12, 11),
        date(2026, 12, 11),
        date(2026, 12, 10),
    ]


def test_a_day_that_moves_nothing_writes_no_event(office: Registry) -> None:
    case = opened(office, "math")
    assert close(office, "math", date(2027, 5, 4)) == 0
    with office.cases.store.step() as ledger:
        assert office.cases.lens(ledger, UMU, case.id, None).cases[case.id].version == 1


def test_a_case_that_fails_leaves_the_others_to_be_moved(
    office: Registry, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    faulty, sound = opened(office, "math"), opened(office, "math.stat")

    def failing(work: Work, case: Case) -> None:
        if case.id == faulty.id:
            raise ZeroDivisionError
        recount_all(work, case)

    monkeypatch.setattr("engine.decide.recount_all", failing)
    assert close(office, "math", date(2026, 12, 9)) == 1
    assert [due_on(office, case) for case in (faulty, sound)] == [date(2026, 12, 10), date(2026, 12, 11)]
    (logged,) = [record for record in caplog.records if record.message == "recount_failed"]
    assert vars(logged)["case"] == faulty.id


def test_a_figure_of_the_unit_moves_its_deadlines(office: Registry) -> None:
    case = opened(office, "math")
    with office.directory.change(UMU, by="installation", what="settings") as change:
        change.unit("math", name_sv="M", name_en="M", settings={"loan.answer_days": 5})
    assert recount(office.cases, office.directory.organisation(UMU)) == 1
    assert due_on(office, case) == date(2026, 12, 14)


def test_what_is_done_is_not_owed_any_more(office: Registry) -> None:
    opened(office, "math")
    close(office, "math", date(2026, 12, 9))
    assert recount(office.cases, office.directory.organisation(UMU)) is None


def test_the_same_done_twice_moves_nothing_more(office: Registry) -> None:
    case = opened(office, "math")
    close(office, "math", date(2026, 12, 9))
    with office.directory.change(UMU, by="installation", what="settings") as change:
        change.concerned.add("math")
        change.note()
    told: list[tuple[int, int]] = []
    again = recount(office.cases, office.directory.organisation(UMU), lambda *t: told.append(t))
    assert (again, told, due_on(office, case)) == (0, [(1, 1)], date(2026, 12, 11))


def test_what_is_broken_off_stays_owed_to_the_end(office: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = [opened(office, "math"), opened(office, "math.stat")]
    with monkeypatch.context() as patched:
        patched.setattr("engine.decide.recount_all", killed)
        with pytest.raises(KeyboardInterrupt):
            close(office, "math", date(2026, 12, 9))
    assert [due_on(office, case) for case in cases] == [date(2026, 12, 10)] * 2
    assert recount(office.cases, office.directory.organisation(UMU)) == 2
    assert [due_on(office, case) for case in cases] == [date(2026, 12, 11)] * 2


def killed(_work: Work, _case: Case) -> None:
    raise KeyboardInterrupt


def test_what_somebody_may_still_be_at_is_left_to_them(office: Registry) -> None:
    case = opened(office, "math")
    decide_on(office, "math", date(2026, 12, 9))
    office.clock.at += OVERDUE - timedelta(seconds=1)
    assert recount(office.cases, office.directory.organisation(UMU), since=OVERDUE) is None
    office.clock.at += timedelta(seconds=1)
    assert recount(office.cases, office.directory.organisation(UMU), since=OVERDUE) == 1
    assert due_on(office, case) == date(2026, 12, 11)


def test_what_was_only_tried_owes_nothing(office: Registry) -> None:
    opened(office, "math")
    decide_on(office, "math", date(2026, 12, 9), dry_run=True)
    assert recount(office.cases, office.directory.organisation(UMU)) is None


def test_an_institution_owes_nothing_for_another_whose_name_begins_alike(office: Registry) -> None:
    decide_on(office, "math", date(2026, 12, 9))
    until = {"version": office.directory.organisation(UMU).version, "by": office.cases.now()}
    assert [*recount_rows.owed(office.cases.store, UMU, **until).values()] == ["math"]
    for other in (UMU[:-1], UMU.replace(".", "_"), "%"):
        assert recount_rows.owed(office.cases.store, other, **until) == {}


def test_what_a_later_change_owes_is_left_by_whoever_does_not_know_it(office: Registry) -> None:
    case = opened(office, "math")
    before = office.directory.organisation(UMU)
    decide_on(office, "math", date(2026, 12, 9))
    assert recount(office.cases, before) is None
    assert recount(office.cases, office.directory.organisation(UMU)) == 1
    assert due_on(office, case) == date(2026, 12, 11)


def test_the_units_below_are_found_at_any_depth(office: Registry) -> None:
    organisation = office.directory.organisation(UMU)
    assert with_those_below(organisation, [UMU]) == {UMU, "math", "math.stat"}
    assert with_those_below(organisation, ["math.stat"]) == {"math.stat"}
