"""`fardplan migrate`: open cases go over to the newer version one by one; what is stuck is listed and left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from engine.catalogue import Catalogue
from engine.keeping import DefinitionMissing
from service.compose import House, build
from service.settings import Environment, Settings
from tests.service.office import INSTITUTION, Office
from tests.service.roads import Run, command_line, newer, told


@pytest.fixture
def run(desk: Office, sqlite_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    return command_line(desk, sqlite_url, monkeypatch, tmp_path)


@pytest.fixture
def under(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, processes: Catalogue) -> Callable[..., Catalogue]:
    """Let commands find the newer file from now on, once the command line stands; the catalogue with it."""

    def newer_file(*, said: bool = True) -> Catalogue:
        catalogue = newer(processes, tmp_path, said=said)
        monkeypatch.setattr("service.compose.load_catalogue", lambda _: catalogue)
        return catalogue

    return newer_file


def reviewed(office: Office) -> dict[str, str]:
    """A review that was received, one under review, one closed; their ids by state."""
    taken = office.step("reviewer", office.review(), "take")
    gone = office.step("admissions", office.review(), "withdraw")
    return {"requested": office.review()["id"], "under_review": taken["id"], "withdrawn": gone["id"]}


@contextmanager
def housed(sqlite_url: str, catalogue: Catalogue) -> Iterator[House]:
    with closing(build(Settings(database_url=sqlite_url, environment=Environment.TEST), catalogue=catalogue)) as house:
        yield house


def standing(house: House, case: str) -> tuple[str, int]:
    """The state a case is in, and under which version."""
    was = house.history.case_at(INSTITUTION, case)
    assert was is not None
    return was.state, house.catalogue.by_hash(was.definition).version


def test_open_cases_go_over_and_closed_ones_stay(
    desk: Office, run: Run, under: Callable[..., Catalogue], sqlite_url: str
) -> None:
    cases, catalogue = reviewed(desk), under()
    done = run("migrate", "eligibility_review")
    assert (done.exit_code, done.stdout) == (0, "2 case(s) migrated, 0 refused, 0 were so already\n")
    assert "version 1: 0 open and 1 closed case(s) stay under it" in done.stderr
    with housed(sqlite_url, catalogue) as house:
        assert {state: standing(house, case) for state, case in cases.items()} == {
            "requested": ("requested", 2),
            "under_review": ("in_review", 2),
            "withdrawn": ("withdrawn", 1),
        }
        assert [each.first_wrong for each in house.replay().all(INSTITUTION)] == [None, None, None]


def test_the_file_they_left_must_stay_for_their_histories(
    desk: Office, run: Run, under: Callable[..., Catalogue], sqlite_url: str
) -> None:
    case = desk.review()
    catalogue = under()
    assert run("migrate", "eligibility_review").exit_code == 0
    with housed(sqlite_url, catalogue) as house:
        assert standing(house, case["id"]) == ("requested", 2)
    with pytest.raises(DefinitionMissing, match="1 case\\(s\\) of eligibility_review are or were under"):
        build(Settings(database_url=sqlite_url, environment=Environment.TEST), catalogue=Catalogue(catalogue.now))


def test_a_dry_run_says_so_and_changes_nothing(desk: Office, run: Run, under: Callable[..., Catalogue]) -> None:
    cases, _ = reviewed(desk), under()
    before = {name: rows for name, rows in desk.tables().items() if name != "definition"}
    answer = told(run("migrate", "eligibility_review", "--dry-run", "--json"))
    assert {each["case"]: each["to"] for each in answer["migrated"]} == {
        cases["requested"]: "requested",
        cases["under_review"]: "in_review",
    }
    assert {name: rows for name, rows in desk.tables().items() if name != "definition"} == before


def test_what_is_stuck_is_listed_and_the_others_go_on(desk: Office, run: Run, under: Callable[..., Catalogue]) -> None:
    cases, _ = reviewed(desk), under(said=False)
    done = run("migrate", "eligibility_review", "--json")
    answer = told(done)
    assert (done.exit_code, [each["case"] for each in answer["migrated"]]) == (1, [cases["requested"]])
    assert [(each["case"], each["codes"]) for each in answer["refused"]] == [
        (cases["under_review"], ["migration_no_state"])
    ]


def test_a_second_run_takes_up_where_the_first_was_broken_off(
    desk: Office, run: Run, under: Callable[..., Catalogue], monkeypatch: pytest.MonkeyPatch
) -> None:
    reviewed(desk)
    under()
    passed: list[str] = []

    def broken(_seams: object, name: str) -> None:
        passed.append(name)
        if passed.count("before_commit") > 1:
            raise KeyboardInterrupt

    with monkeypatch.context() as during:
        during.setattr("engine.one_by_one.AT_ONCE", 1)
        during.setattr("adapters.system.NothingStandsThere.pass_by", broken)
        assert run("migrate", "eligibility_review").exit_code != 0
    first = told(run("migrate", "eligibility_review", "--json"))
    second = told(run("migrate", "eligibility_review", "--json"))
    assert (len(first["migrated"]), second["migrated"], second["ok"]) == (1, [], True)


def test_nothing_to_do_is_no_failure_and_an_unknown_process_is(run: Run) -> None:
    assert run("migrate", "eligibility_review").exit_code == 0
    assert run("migrate", "nothing").exit_code == 2
