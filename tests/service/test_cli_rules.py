"""`fardplan rules` and `fardplan fitness`: over the office's own histories, and over logs of other systems."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.service.office import Office
from tests.service.roads import Run, command_line, told

ROWS = (
    "case:concept:name,concept:name,time:timestamp",
    "K1,Key out,2027-03-01T09:00:00+01:00", "K1,Key in,2027-03-02T09:00:00+01:00",
    "K2,Key in,2027-03-01T10:00:00+01:00", "K2,Rain,2027-03-01T11:00:00+01:00",
    "K3,Key out,2027-03-01T09:00:00+01:00", "K3,Key in,2027-03-31T09:00:00+02:00",
)  # fmt: skip


@pytest.fixture
def run(desk: Office, sqlite_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    return command_line(desk, sqlite_url, monkeypatch, tmp_path)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Three loans of a key, as a log that knows nothing of us."""
    path = tmp_path / "keys.csv"
    path.write_text("\n".join(ROWS) + "\n", encoding="utf-8")
    return path


def write(tmp_path: Path, name: str, text: str) -> str:
    (tmp_path / name).write_text(text, encoding="utf-8")
    return str(tmp_path / name)


def test_the_rules_of_all_processes_hold_on_the_offices_own_histories(desk: Office, run: Run) -> None:
    desk.step("reviewer", desk.review(), "take")
    done = run("rules", "--json")
    answer = told(done)
    assert (done.exit_code, answer["ok"]) == (0, True)
    assert [each["name"] for each in answer["checked"]] == list(desk.house.catalogue.names)
    (review,) = [each for each in answer["checked"] if each["name"] == "eligibility_review"]
    assert review["cases"] == 1
    assert review["rules"][0]["rule"] == "precedes(take, record_assessment)"


def test_a_planted_violation_ends_with_one_and_names_its_events(desk: Office, run: Run, tmp_path: Path) -> None:
    case = desk.step("reviewer", desk.review(), "take")
    book = write(tmp_path, "rules.toml", 'absence = ["take"]')
    done = run("rules", "eligibility_review", "--rules", book, "--json")
    ((rule,),) = [each["rules"] for each in told(done)["checked"]]
    assert (done.exit_code, rule["rule"], rule["broken"]) == (1, "absence(take)", 1)
    ((violation,),) = [rule["violations"]]
    assert violation["case"] == case["number"]
    assert [(event["sequence"], event["name"]) for event in violation["faults"][0]["events"]] == [(2, "take")]


def test_a_history_that_was_tampered_with_breaks_its_rule(desk: Office, run: Run) -> None:
    case = desk.step("reviewer", desk.review(), "take")
    with desk.house.store.writes() as connection:
        forged = sa.text("UPDATE event SET trigger = 'reselect' WHERE case_id = :case AND sequence = 2")
        connection.execute(forged, {"case": case["id"]})
    done = run("rules", "eligibility_review")
    assert done.exit_code == 1
    assert f"    {case['number']}: “reselect” without “request_reselection” before it (event 2 reselect" in done.stdout


def test_rules_over_a_foreign_log_are_about_its_own_names(run: Run, log: Path, tmp_path: Path) -> None:
    book = write(tmp_path, "rules.toml", 'precedence = [["Key out", "Key in"]]\nexistence = ["Rain"]')
    done = run("rules", "--log", str(log), "--rules", book)
    assert done.exit_code == 1
    assert done.stdout.splitlines() == [
        "keys.csv: 3 case(s), 2 rule(s), 3 violation(s)",
        "  precedence(Key out, Key in): 2 kept, 1 broken",
        "    K2: “Key in” without “Key out” before it (event 1 Key in at 2027-03-01 09:00Z)",
        "  existence(Rain): 1 kept, 2 broken",
        "    K1: “Rain” too seldom (event 2 Key in at 2027-03-02 08:00Z)",
        "    K3: “Rain” too seldom (event 2 Key in at 2027-03-31 07:00Z)",
    ]


def test_a_limit_is_counted_in_the_offices_working_days(desk: Office, run: Run, log: Path, tmp_path: Path) -> None:
    book = write(tmp_path, "rules.toml", 'response = [["Key out", "Key in", {within = 21}]]')
    # 1 to 31 March: 20 working days after the first, and the Friday before Easter and its Monday are free.
    assert run("rules", "--log", str(log), "--rules", book).exit_code == 0
    shorter = write(tmp_path, "shorter.toml", 'response = [["Key out", "Key in", {within = 10}]]')
    done = run("rules", "--log", str(log), "--rules", shorter, "--json")
    ((fault,),) = [each["faults"] for each in told(done)["checked"][0]["rules"][0]["violations"]]
    assert (done.exit_code, fault["how"], fault["last_on"]) == (1, "late", "2027-03-15")


MAPPING = """
ignore = ["Rain"]
[triggers]
"Key out" = "take"
[states]
"Key in" = "withdrawn"
"""


def test_the_rules_of_a_process_are_checked_on_a_log_with_its_names_mapped(run: Run, log: Path, tmp_path: Path) -> None:
    names = write(tmp_path, "names.toml", MAPPING)
    answer = told(run("rules", "eligibility_review", "--log", str(log), "--map", names, "--json"))
    assert (answer["ok"], answer["checked"][0]["cases"], answer["unknown_names"]) == (True, 3, {})
    unmapped = told(run("rules", "eligibility_review", "--log", str(log), "--json"))
    assert unmapped["unknown_names"] == {"Key in": 3, "Key out": 2, "Rain": 1}


def test_fitness_of_the_offices_own_histories_is_whole(desk: Office, run: Run) -> None:
    desk.step("reviewer", desk.review(), "take")
    done = run("fitness", "eligibility_review")
    assert (done.exit_code, done.stdout) == (
        0, "eligibility_review: 1 case(s), 1 step(s), 100.0% of them as declared; 1 case(s) wholly, 0 came to an end\n",
    )  # fmt: skip


def test_fitness_of_a_log_says_where_it_left_the_process(run: Run, log: Path, tmp_path: Path) -> None:
    names = write(tmp_path, "names.json", json.dumps({"triggers": {"Key out": "take", "Key in": "record_decision"}}))
    done = run("fitness", "eligibility_review", "--log", str(log), "--map", names, "--json")
    answer = told(done)
    assert (done.exit_code, answer["ok"], answer["cases"], answer["steps"]) == (1, False, 3, 6)
    assert answer["unknown_names"] == {"Rain": 1}
    first = answer["traces"][0]["departures"][0]
    assert (first["event"]["sequence"], first["state"]) == (2, "under_review")
    assert "find_eligible" in first["expected"]
    words = run("fitness", "eligibility_review", "--log", str(log), "--map", names).stdout
    assert "2 time(s) in under_review: 'Key in'; expected " in words
    assert "unknown name 'Rain': 1 event(s)" in words


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["rules", "nothing"], "there is no workflow 'nothing'"),
        (["rules", "--map", "x.toml"], "--map and --object-type are about a log"),
        (["rules", "--log", "nowhere.xes"], "there is no file nowhere.xes"),
        (["rules", "--log", "keys.csv"], "a log needs rules"),
        (["rules", "--rules", "nowhere.toml"], "there is no file nowhere.toml"),
        (["rules", "--rules", "good.toml"], "name the workflow whose histories the rules of the file are about"),
        (["rules", "agreement", "--rules", "bad.toml"], "bad.toml cannot be read: "),
        (["rules", "agreement", "--rules", "odd.toml"], "odd.toml: there is no template answer"),
        (["rules", "agreement", "--log", "keys.csv", "--map", "odd.toml"], "odd.toml: answer is none of triggers"),
        (["fitness", "agreement", "--log", "good.toml"], "does not say what kind of log it is"),
        (["fitness", "nothing"], "there is no workflow 'nothing'"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_done_is_said_and_ends_with_two(
    run: Run, log: Path, tmp_path: Path, words: list[str], said: str
) -> None:
    write(tmp_path, "good.toml", 'existence = ["A"]')
    write(tmp_path, "bad.toml", "existence = [")
    write(tmp_path, "odd.toml", 'answer = ["A"]')
    done = run(*words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr
