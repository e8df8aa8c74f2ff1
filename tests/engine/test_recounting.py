"""After the calendar has changed, open deadlines are worked out anew by steps of the clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from engine.climbing import recount_all
from engine.drafts import Work
from engine.model import Case, NewPerson, Open, Request
from engine.recounting import recount, with_those_below
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
    with office.directory.change(UMU, by="installation", what="closing day") as change:
        change.closing_day(unit, day)
    return recount(office.cases, office.directory.organisation(UMU), change.concerned)


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
    assert recount(office.cases, office.directory.organisation(UMU), change.concerned) == 1
    assert due_on(office, case) == date(2026, 12, 14)


def test_doing_it_again_moves_nothing_more(office: Registry) -> None:
    opened(office, "math")
    close(office, "math", date(2026, 12, 9))
    told: list[tuple[int, int]] = []
    again = recount(office.cases, office.directory.organisation(UMU), ["math"], lambda *t: told.append(t))
    assert (again, told) == (0, [(1, 1)])


def test_the_units_below_are_found_at_any_depth(office: Registry) -> None:
    organisation = office.directory.organisation(UMU)
    assert with_those_below(organisation, [UMU]) == {UMU, "math", "math.stat"}
    assert with_those_below(organisation, ["math.stat"]) == {"math.stat"}
