"""The command line: what it prints where, and how it ends (0 done, 1 found wrong, 2 misused)."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from engine.catalogue import Catalogue
from engine.directory import Caller, Directory
from engine.model import NewPerson, Open, Request
from service.compose import House, build
from service.demo import open_office
from service.settings import PREFIX, Settings
from tests.ports import kept_port
from tests.service.roads import Run

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.usefixtures("nothing_around")


def with_anna(run: Run, *more: str) -> None:
    done = run("person", "add", "Anna@umu.se", "--name", "Anna Berg", "--role", "officer@umu.se", *more)
    assert (done.exit_code, done.stdout) == (0, "")


def a_review(house: House) -> str:
    """The number of a review that an import has opened."""
    ask = Open("eligibility_review", "umu.se", NewPerson("Ola", "ola@x.se", "sv"), {"course": "Statistik A"})
    case = house.cases.step(Request("umu.se", ask, "import")).case
    assert case is not None
    return case.number


# People and tokens.


def test_the_first_person_makes_the_institution_and_roles_add_up(run: Run, house: House) -> None:
    with_anna(run)
    assert run("person", "add", "anna@umu.se", "--role", "admin@umu.se", "--to", "2027-06-30").exit_code == 0
    anna = house.directory.person_by_email("umu.se", "anna@umu.se")
    assert anna is not None
    held = house.directory.organisation("umu.se").memberships
    assert {(m.person, m.role.value, m.unit) for m in held} == {
        (anna.id, "officer", "umu.se"),
        (anna.id, "admin", "umu.se"),
    }


def test_a_token_is_the_only_thing_on_standard_output(run: Run, house: House) -> None:
    with_anna(run)
    token = run("token", "ANNA@umu.se", "--expires", str(datetime.now(UTC).date() + timedelta(days=30))).stdout
    assert re.fullmatch(r"fp_[\w-]{43}\n", token)
    caller = house.directory.authenticate(token.strip())
    assert isinstance(caller, Caller)
    assert run("token", "anna@umu.se", "--revoke").stdout == ""
    assert house.directory.authenticate(token.strip()) is None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["person", "add", "nobody", "--name", "N"], "email: this is no mail address."),
        (["person", "add", "n@umu.se"], "name: name a new person."),
        (["person", "add", "n@umu.se", "--name", "N", "--role", "officer"], "write ROLE@UNIT"),
        (["person", "add", "n@umu.se", "--name", "N", "--role", "student@umu.se"], "role: give one of"),
        (["person", "add", "n@umu.se", "--name", "N", "--role", "officer@law"], "unit: there is no unit law."),
        (["person", "add", "n@umu.se", "--name", "N", "--from", "monday"], "--from: 'monday' is no day"),
        (["token", "nobody@umu.se"], "nobody has the address"),
        (["unit", "add", "law"], "a new unit needs --name-sv or --name-en"),
        (["unit", "add", "law", "--name-sv", "J", "--setting", "low_season=yes"], "is not JSON"),
        (["closing-day", "add", "nowhere", "2027-05-04"], "unit: there is no unit nowhere."),
        (["check", "nowhere.py"], "there is no file nowhere.py"),
        (["diagram", "nothing"], "there is no workflow 'nothing'"),
        (["replay"], "name the cases to replay, or give --all"),
        (["replay", "OUT-2027-0001"], "there is no case OUT-2027-0001"),
        (["replay", "--all", "--until", "soon"], "give a sequence, a day or an instant"),
        (["import", "students", "x.csv"], "there is no kind 'students'"),
        (["serve"], "FARDPLAN_SECRET_KEY is not set"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_done_is_said_in_a_sentence_and_ends_with_two(run: Run, words: list[str], said: str) -> None:
    done = run(*words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_what_was_refused_is_not_there_afterwards(run: Run, house: House) -> None:
    run("person", "add", "n@umu.se", "--name", "N", "--role", "officer@law")
    assert house.directory.person_by_email("umu.se", "n@umu.se") is None


def test_units_keep_what_a_later_call_does_not_name(run: Run, house: House) -> None:
    with_anna(run)
    assert run("unit", "add", "nat", "--name-en", "Science").exit_code == 0
    run("unit", "add", "math", "--name-sv", "Matematik", "--parent", "nat", "--setting", "low_season=true")
    run("unit", "add", "math", "--mailbox", "math@umu.se", "--setting", "eligibility_review.answer_days=4")
    math = house.directory.organisation("umu.se").units["math"]
    assert (math.name_sv, math.parent, math.mailbox) == ("Matematik", "nat", "math@umu.se")
    assert math.settings == {"low_season": True, "eligibility_review.answer_days": 4}


def test_absences_name_days_and_substitute(run: Run, house: House) -> None:
    with_anna(run)
    run("person", "add", "bo@umu.se", "--name", "Bo")
    assert run("absence", "add", "anna@umu.se", "--weekdays", "mon,Friday", "--substitute", "bo@umu.se").exit_code == 0
    (absence,) = house.directory.organisation("umu.se").absences
    assert absence.weekdays == frozenset({0, 4})


def test_a_closing_day_moves_open_deadlines(run: Run, house: House) -> None:
    with_anna(run)
    a_review(house)
    with house.store.reads() as connection:
        due = connection.execute(sa.text("SELECT due_on FROM deadline")).scalar_one()
    done = run("closing-day", "add", "umu.se", str(due))
    assert done.exit_code == 0
    assert "deadlines moved in 1 case(s)" in done.stderr


# Workflow files.


def test_the_files_of_the_house_are_right(run: Run) -> None:
    told = json.loads(run("check", "--json").stdout)
    assert (told["ok"], told["problems"]) == (True, [])
    assert told["files"] >= 4


def test_every_problem_of_a_file_is_printed(run: Run, tmp_path: Path) -> None:
    bad = tmp_path / "bad.py"
    bad.write_text(
        "from tests.engine.examples import with_transition\n\n\n"
        "def declare():\n    return with_transition('lend', source='nowhere', to='beyond')\n"
    )
    done = run("check", str(bad), "--json")
    problems = json.loads(done.stdout)["problems"]
    assert done.exit_code == 1
    assert {each["workflow"] for each in problems} == {"loan"}
    assert any("nowhere" in each["problem"] for each in problems)
    assert any("beyond" in each["problem"] for each in problems)


def test_a_file_that_gets_in_the_way_of_another_is_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "loan.py").write_text(
        "from tests.engine.examples import loan\n\n\ndef declare():\n    return loan(name='agreement')\n"
    )
    done = run("check", "loan.py")
    assert done.exit_code == 1
    assert "2 files declare this workflow" in done.stdout


def test_a_case_without_its_file_is_found(run: Run, house: House) -> None:
    with_anna(run)
    a_review(house)
    with house.store.writes() as connection:
        connection.execute(sa.text("UPDATE case_record SET definition = 'feed'"))
    done = run("check")
    assert done.exit_code == 1
    assert "1 case(s) of eligibility_review are or were under the definition feed" in done.stdout
    assert run("tick").exit_code == 1


@pytest.mark.parametrize(("format_", "begins"), [("svg", "<svg"), ("mermaid", "stateDiagram-v2")])
def test_a_workflow_is_drawn_on_standard_output(run: Run, format_: str, begins: str) -> None:
    drawn = run("diagram", "agreement", "--format", format_, "--language", "sv")
    assert drawn.exit_code == 0
    assert drawn.stdout.startswith(begins)
    assert "Utkast" in drawn.stdout


# Cases.


def test_a_tick_tells_what_it_fired_and_sent(run: Run) -> None:
    assert json.loads(run("tick", "--json").stdout) == {"fired": 0, "sent": 0}
    assert run("tick").stdout == "0 rung(s) fired, 0 message(s) sent\n"


def test_an_honest_history_replays(run: Run, house: House) -> None:
    with_anna(run)
    number = a_review(house)
    told = json.loads(run("replay", number, "--json").stdout)
    assert told["ok"]
    assert [(each["number"], each["events"]) for each in told["cases"]] == [(number, 1)]
    assert run("replay", "--all", "--until", "2020-01-01").stdout.splitlines()[-1].startswith("1 case(s), 0 event(s)")


def test_a_tampered_history_is_named_by_number_and_sequence(run: Run, house: House) -> None:
    with_anna(run)
    number = a_review(house)
    with house.store.writes() as connection:
        connection.execute(sa.text("UPDATE event SET party = 'somebody'"))
    done = run("replay", "--all")
    assert done.exit_code == 1
    assert f"{number}: WRONG at event 1" in done.stdout


# The demo office, and lists.


def test_the_demo_office_is_loaded_into_an_empty_database_only(
    run: Run, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.demo.open_office", partial(open_office, cases=8))
    told = json.loads(run("demo", "--json").stdout)
    assert sum(told["cases"].values()) > 0
    assert house.directory.authenticate(told["visitors"][0]["token"]) is not None
    assert json.loads(run("replay", "--all", "--json").stdout)["ok"]
    assert [run("demo").exit_code, run("demo", "--if-empty").exit_code] == [1, 0]


def test_a_list_is_read_in_once(run: Run, house: House, tmp_path: Path) -> None:
    with_anna(run)
    (tmp_path / "units.csv").write_text("code;name_sv\nlaw;Juridik\n")
    tried = json.loads(run("import", "units", "units.csv", "--dry-run", "--json").stdout)
    assert (tried["new"], "law" in house.directory.organisation("umu.se").units) == (1, False)
    first, again = (json.loads(run("import", "units", "units.csv", "--json").stdout) for _ in range(2))
    assert [(each["new"], each["unchanged"]) for each in (first, again)] == [(1, 0), (0, 1)]


def test_a_bad_row_is_told_and_ends_with_one(run: Run, tmp_path: Path) -> None:
    with_anna(run)
    (tmp_path / "people.csv").write_text("email;name;roles\nnobody;N;\n")
    done = run("import", "people", "people.csv")
    assert done.exit_code == 1
    assert done.stdout


# The process itself.

SLOWEST = 180
"""Seconds after which a process that has not done what it is to do is broken, however busy the machine."""


def started(url: str, *words: str, **more: str) -> subprocess.Popen[str]:
    """The command as a process of its own."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    environment = {**inherited, "FARDPLAN_DATABASE_URL": url, "PYTHONPATH": str(ROOT), **more}
    return subprocess.Popen(
        [sys.executable, "-c", "from service.cli import main; main()", *words],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=SLOWEST)
    return process.returncode, out, err


def answer(url: str, token: str | None = None) -> int:
    """The status of a page, once the service answers at all."""
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    until = time.monotonic() + SLOWEST
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return int(response.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code
        except OSError:
            time.sleep(0.25)
    raise TimeoutError(url)


def test_an_office_is_set_up_by_commands_alone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'office.db'}"
    assert ended(started(url, "tick"))[0] == 2
    assert ended(started(url, "db", "upgrade"))[0] == 0
    assert ended(started(url, "person", "add", "a@umu.se", "--name", "A", "--role", "admin@umu.se"))[0] == 0
    code, token, err = ended(started(url, "token", "a@umu.se"))
    assert (code, err) == (0, "")
    assert token.startswith("fp_")


def test_the_version_is_told() -> None:
    code, out, _ = ended(started("sqlite:///none.db", "--version"))
    assert (code, out.startswith("fardplan ")) == (0, True)


def test_a_wrong_setting_ends_with_two_and_no_traceback() -> None:
    code, out, err = ended(started("sqlite:///none.db", "tick", FARDPLAN_PORT="many"))
    assert (code, out) == (2, "")
    assert err.startswith("fardplan: FARDPLAN_PORT: ")


@pytest.mark.parametrize("workers", ["1", "2"])
def test_the_service_answers_ticks_and_stops_when_told(database_url: str, workers: str, processes: Catalogue) -> None:
    with closing(build(Settings.read(database_url=database_url), catalogue=processes)) as house, kept_port() as port:
        token = token_of_anna(house.directory)
        words = ("serve", "--port", str(port), "--workers", workers)
        process = started(database_url, *words, FARDPLAN_SECRET_KEY="secret", FARDPLAN_TICK_SECONDS="0.2")
        try:
            base = f"http://127.0.0.1:{port}"
            assert answer(f"{base}/livez") == 200
            assert (answer(f"{base}/api/v1/me"), answer(f"{base}/api/v1/me", token)) == (401, 200)
            assert beaten(house)
        finally:
            process.send_signal(signal.SIGTERM)
            code, out, err = ended(process)
    assert (code in {0, -signal.SIGTERM}, out) == (True, "")
    assert "Traceback" not in err


def test_a_worker_ticks_and_stops_when_told(database_url: str, processes: Catalogue) -> None:
    with closing(build(Settings.read(database_url=database_url), catalogue=processes)) as house:
        process = started(database_url, "worker", FARDPLAN_TICK_SECONDS="0.2")
        try:
            assert beaten(house)
        finally:
            process.send_signal(signal.SIGTERM)
            code, _, err = ended(process)
    assert (code, "Traceback" in err) == (0, False)


def token_of_anna(directory: Directory) -> str:
    with directory.change("umu.se", by="installation", what="start") as change:
        change.root()
        anna = change.person(email="anna@umu.se", name="Anna")
        change.member(anna.id, "officer", "umu.se")
    return directory.issue_token("umu.se", anna.id)


def beaten(house: House) -> bool:
    """Whether a heartbeat is left."""
    until = time.monotonic() + SLOWEST
    while time.monotonic() < until:
        with house.store.reads() as connection:
            if connection.execute(sa.text("SELECT count(*) FROM heartbeat")).scalar_one():
                return True
        time.sleep(0.25)
    return False
