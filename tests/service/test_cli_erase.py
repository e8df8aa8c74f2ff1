"""`fardplan erase`: what is old is found, tried, erased; what is not closed is listed and left."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.service.office import ANNA, INSTITUTION, Office
from tests.service.roads import Run, command_line, told

BO = {"name": "Bo Ek", "email": "bo@example.org", "language": "sv"}


@pytest.fixture
def run(desk: Office, sqlite_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    return command_line(desk, sqlite_url, monkeypatch, tmp_path)


def closed(office: Office, **more: Any) -> dict[str, Any]:
    return office.step("admissions", office.review(**more), "withdraw", reason="Återbud.")


def is_known(office: Office, name: str) -> bool:
    """Whether a name, or a word somebody wrote, stands anywhere in the database."""
    return name in str(office.tables())


def test_a_dry_run_says_what_would_go_and_changes_nothing(desk: Office, run: Run) -> None:
    case, before = closed(desk), desk.tables()
    done = run("erase", "--closed-before", "2031-01-01", "--dry-run", "--json")
    answer = told(done)
    assert (done.exit_code, answer["dry_run"], answer["refused"]) == (0, True, [])
    assert [each["number"] for each in answer["erased"]] == [case["number"]]
    assert desk.tables() == before


def test_what_was_closed_before_the_day_is_erased_and_the_rest_is_not(desk: Office, run: Run) -> None:
    closed(desk)
    still_open = desk.review(subject=BO)
    assert run("erase", "--closed-before", "2027-01-11").stdout.startswith("0 case(s) erased")
    done = run("erase", "--closed-before", "2027-01-12")
    assert (done.exit_code, done.stdout) == (0, "1 case(s) erased, 0 refused, 0 were so already\n")
    assert (is_known(desk, "Återbud."), is_known(desk, ANNA["email"]), is_known(desk, BO["email"])) == (
        False,
        False,
        True,
    )
    assert desk.get("admissions", f"/cases/{still_open['id']}").status_code == 200


def test_the_same_again_finds_nothing_more(desk: Office, run: Run) -> None:
    number = closed(desk)["number"]
    run("erase", "--closed-before", "2031-01-01")
    assert told(run("erase", "--closed-before", "2031-01-01", "--json"))["erased"] == []
    again = run("erase", number)
    assert (again.exit_code, again.stdout) == (0, "0 case(s) erased, 0 refused, 1 were so already\n")


def test_an_open_case_is_refused_by_name_and_ends_with_one(desk: Office, run: Run) -> None:
    case = desk.review()
    done = run("erase", case["number"])
    assert done.exit_code == 1
    assert f"{case['number']}: REFUSED: The case is not closed" in done.stdout


def test_only_one_process_is_meant_where_it_is_named(desk: Office, run: Run) -> None:
    closed(desk)
    some = told(run("erase", "--closed-before", "2031-01-01", "--workflow", "agreement", "--dry-run", "--json"))
    assert some["erased"] == []


def test_a_person_is_erased_everywhere(desk: Office, run: Run) -> None:
    closed(desk)
    closed(desk)
    answer = told(run("erase", "--person", ANNA["email"], "--json"))
    assert (len(answer["erased"]), answer["reason"], answer["name_erased"]) == (2, "data_subject_request", True)
    assert not is_known(desk, ANNA["name"])


def test_a_person_with_an_open_case_keeps_name_and_case(desk: Office, run: Run) -> None:
    closed(desk)
    desk.review()
    done = run("erase", "--person", ANNA["email"], "--json")
    answer = told(done)
    assert (done.exit_code, len(answer["erased"]), len(answer["refused"])) == (1, 1, 1)
    assert (answer["name_erased"], is_known(desk, ANNA["name"])) == (False, True)


def test_after_it_every_history_replays(desk: Office, run: Run) -> None:
    closed(desk)
    desk.review(subject=BO)
    run("erase", "--closed-before", "2031-01-01")
    done = run("replay", "--all", "--json")
    assert (done.exit_code, told(done)["ok"]) == (0, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["erase"], "one of the three"),
        (["erase", "X", "--closed-before", "2030-01-01"], "one of the three"),
        (["erase", "REV-2027-0099"], "there is no case REV-2027-0099"),
        (["erase", "--person", "none@example.org"], "nobody has the address"),
        (["erase", "--closed-before", "2099-01-01"], "give a day that has been"),
        (["erase", "--closed-before", "soon"], "is no day"),
        (["erase", "X", "--workflow", "agreement"], "--workflow goes with --closed-before"),
        (["erase", "--closed-before", "2030-01-01", "--workflow", "nothing"], "there is no workflow"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_meant_is_said_and_ends_with_two(run: Run, words: list[str], said: str) -> None:
    done = run(*words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr


def test_through_the_api_an_erased_case_can_be_read_and_not_stepped(desk: Office, run: Run) -> None:
    case = closed(desk)
    run("erase", case["number"])
    read = desk.get("admissions", f"/cases/{case['id']}").json()
    assert (read["state"], read["facts"]) == ("withdrawn", {})
    events = desk.get("admissions", f"/cases/{case['id']}/events").json()["items"]
    assert [event["detail"] for event in events] == [None] * len(events)
    comment = desk.post(
        "admissions", f"/cases/{case['id']}/comments", {"text": "more"}, if_match=f'"{read["version"]}"'
    )
    assert (comment.status_code, [each["code"] for each in comment.json()["reasons"]]) == (409, ["erased"])
    assert desk.house.replay().case(INSTITUTION, case["id"]).ok
