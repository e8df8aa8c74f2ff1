"""`fardplan token`: one is printed once, listed without itself, revoked alone or with the others."""

from __future__ import annotations

import json
import re

from service.compose import House
from tests.service.roads import Run


def issued(run: Run, *words: str) -> str:
    done = run("token", "anna@umu.se", *words)
    assert done.exit_code == 0, done.stderr
    return done.stdout.strip()


def test_a_list_tells_what_becomes_of_each_and_nothing_to_come_in_with(run: Run, house: House) -> None:
    run("person", "add", "anna@umu.se", "--name", "Anna Berg")
    reads, writes = issued(run, "--label", "export", "--read-only"), issued(run, "--label", "robot")
    house.directory.authenticate(reads)
    listed = run("token", "anna@umu.se", "--list")
    assert listed.exit_code == 0
    assert reads not in listed.stdout
    assert writes not in listed.stdout
    export, robot = sorted(listed.stdout.splitlines(), key=lambda line: "robot" in line)
    assert re.fullmatch(r"[0-9a-f]{16}  read   until 20\d\d-\d\d-\d\d, last used 20\d\d-\d\d-\d\d  export", export)
    assert re.fullmatch(r"[0-9a-f]{16}  write  until 20\d\d-\d\d-\d\d, never used  robot", robot)


def test_one_token_is_revoked_by_its_id_and_the_others_stay(run: Run, house: House) -> None:
    run("person", "add", "anna@umu.se", "--name", "Anna Berg")
    first, second = issued(run, "--label", "first"), issued(run, "--label", "second")
    tokens = json.loads(run("token", "anna@umu.se", "--list", "--json").stdout)["tokens"]
    named = {each["label"]: each["id"] for each in tokens}
    assert [each["good"] for each in tokens] == [True, True]
    assert "1 token(s) revoked" in run("token", "anna@umu.se", "--id", named["first"]).stderr
    assert house.directory.authenticate(first) is None
    assert house.directory.authenticate(second) is not None
    assert "revoked, never used  first" in run("token", "anna@umu.se", "--list").stdout


def test_what_is_no_id_revokes_nothing(run: Run, house: House) -> None:
    run("person", "add", "anna@umu.se", "--name", "Anna Berg")
    token = issued(run)
    for wrong in ("", "0", token, "%" * 16):
        done = run("token", "anna@umu.se", "--id", wrong)
        assert (done.exit_code, "give the 16 signs" in done.stderr) == (2, True)
    assert house.directory.authenticate(token) is not None


def test_a_day_too_far_off_is_refused_with_the_last_that_may_be_named(run: Run) -> None:
    run("person", "add", "anna@umu.se", "--name", "Anna Berg")
    done = run("token", "anna@umu.se", "--expires", "2999-01-01")
    assert (done.exit_code, done.stdout) == (2, "")
    assert re.search(r"give 20\d\d-\d\d-\d\d at the latest", done.stderr)
