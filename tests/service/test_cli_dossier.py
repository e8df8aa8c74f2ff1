"""The command that makes audit folders: what it writes, what it says, how it ends."""

from __future__ import annotations

import hashlib
import io
import json
import stat
import zipfile
from pathlib import Path
from typing import Any

import pytest

from engine.auditing import Readings
from engine.model import NewPerson, Open, Request, Take
from service.compose import House
from tests.service.roads import Run

STAY = {"stay_from": "2027-08-23", "stay_to": "2028-01-16"}
EXCHANGE = {**STAY, "academic_year": "2027/28", "semesters": 1, "level": "bachelor"}


@pytest.fixture
def house(house: House) -> House:
    """The house on the same database, with one unit and two people in it."""
    with house.directory.change("umu.se", by="test", what="units") as change:
        change.unit("umu.se", name_sv="Umeå universitet", name_en="Umeå University")
        change.member(change.person(email="rev@umu.se", name="Rev Isor", language="sv").id, "auditor", "umu.se")
        change.member(change.person(email="olga@umu.se", name="Olga", language="sv").id, "officer", "umu.se")
    return house


def opened_case(house: House, workflow: str, facts: dict[str, Any], links: tuple[tuple[str, str], ...] = ()) -> str:
    """The id of a case that an import has opened."""
    who = None if workflow == "agreement" else NewPerson("Åsa Öberg", "asa@x.se", "sv")
    ask = Open(workflow, "umu.se", who, facts, links=links)
    case = house.cases.step(Request("umu.se", ask, "import")).case
    assert case is not None
    return case.id


def an_exchange(house: House) -> str:
    agreement = opened_case(house, "agreement", {"partner_name": "Musterstadt", "valid_from": "2020-01-01"})
    return opened_case(house, "outgoing_exchange", EXCHANGE, (("agreement", agreement),))


def withdrawn(house: House, number: int) -> list[str]:
    """So many exchanges that ended by a withdrawal; their numbers."""
    olga = house.directory.person_by_email("umu.se", "olga@umu.se")
    assert olga is not None
    agreement = opened_case(house, "agreement", {"partner_name": "Musterstadt", "valid_from": "2020-01-01"})
    found = []
    for _ in range(number):
        case = opened_case(house, "outgoing_exchange", EXCHANGE, (("agreement", agreement),))
        done = house.cases.step(Request("umu.se", Take("withdraw"), olga.id, case=case))
        assert done.case is not None
        found.append(done.case.number)
    return found


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_folder_is_written_with_everything_in_it(run: Run, house: House, tmp_path: Path) -> None:
    case = an_exchange(house)
    done = run("dossier", case, "--out", "out", "--language", "en")
    assert done.exit_code == 0, done.output
    (path,) = (tmp_path / "out").iterdir()
    files = members(path)
    assert set(files) == {"index.pdf", "index.html", "dossier.json", "history.jsonl", "SHA256SUMS"}
    made = json.loads(files["dossier.json"])
    assert (made["case"], made["events"]) == (case, 1)
    assert "Åsa Öberg" in files["index.html"].decode()


def test_the_sums_in_it_are_right(run: Run, house: House) -> None:
    run("dossier", an_exchange(house), "--out", "it.zip")
    files = members(Path("it.zip"))
    for line in files["SHA256SUMS"].decode().splitlines():
        value, name = line.split("  ")
        assert hashlib.sha256(files[name]).hexdigest() == value


def test_the_same_case_gives_the_same_bytes(run: Run, house: House) -> None:
    case = an_exchange(house)
    run("dossier", case, "--out", "one.zip")
    run("dossier", case, "--out", "two.zip")
    assert Path("one.zip").read_bytes() == Path("two.zip").read_bytes()


def test_it_may_be_one_pdf_that_only_its_owner_reads(run: Run, house: House) -> None:
    assert run("dossier", an_exchange(house), "--out", "it.pdf").exit_code == 0
    assert Path("it.pdf").read_bytes().startswith(b"%PDF-")
    assert stat.S_IMODE(Path("it.pdf").stat().st_mode) == 0o600


def test_for_whom_it_is_made_is_noted(run: Run, house: House) -> None:
    case = an_exchange(house)
    assert run("dossier", case, "--out", "it.zip", "--reader", "REV@umu.se").exit_code == 0
    assert [each.name for each in Readings(house.store).of("umu.se", case=case).items] == ["Rev Isor"]
    assert run("dossier", case, "--out", "it.zip", "--reader", "no@body.se").exit_code == 2


def test_programs_get_counts(run: Run, house: House) -> None:
    done = run("dossier", an_exchange(house), "--out", "it.zip", "--json")
    (folder,) = json.loads(done.stdout)["folders"]
    assert (folder["missing"], folder["after_the_fact"], folder["present"]) == (0, 0, 1)
    assert folder["file"] == "it.zip"


def test_what_is_missing_ends_with_one_only_when_asked_to(
    run: Run, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = an_exchange(house)
    assert run("dossier", case, "--out", "it.zip", "--strict").exit_code == 0
    # Nothing that may be missing before the selection: so let everything be asked for.
    monkeypatch.setattr("engine.dossiers.judging._is_asked", lambda *_: True)
    assert run("dossier", case, "--out", "it.zip").exit_code == 0
    done = run("dossier", case, "--out", "it.zip", "--strict")
    assert done.exit_code == 1
    assert "missing" in done.stdout


# Samples.


def test_the_same_seed_draws_the_same_folders(run: Run, house: House) -> None:
    withdrawn(house, 6)
    asked = ("dossier", "--sample", "3", "--seed", "2027", "--workflow", "outgoing_exchange")
    assert run(*asked, "--out", "a").exit_code == 0
    assert run(*asked, "--out", "b").exit_code == 0
    first, second = ({each.name: each.read_bytes() for each in Path(name).iterdir()} for name in "ab")
    assert first == second
    assert len(first) == 5


def test_the_draw_stands_beside_them_and_can_be_checked(run: Run, house: House) -> None:
    numbers = withdrawn(house, 4)
    run("dossier", "--sample", "9", "--seed", "å", "--workflow", "outgoing_exchange", "--out", "a")
    drawn = json.loads(Path("a/sample.json").read_text())
    assert (drawn["seed"], drawn["population"]["size"]) == ("å", 4)
    assert {each["number"] for each in drawn["drawn"]} == set(numbers)
    values = [each["value"] for each in drawn["drawn"]]
    assert values == sorted(hashlib.sha256(f"å{each['case']}".encode()).hexdigest() for each in drawn["drawn"])


def test_only_what_ended_in_time_is_drawn(run: Run, house: House) -> None:
    withdrawn(house, 2)
    asked = ("dossier", "--sample", "9", "--seed", "1", "--workflow", "outgoing_exchange", "--out", "a")
    run(*asked, "--closed-since", "2100-01-01")
    assert json.loads(Path("a/sample.json").read_text())["population"]["size"] == 0


# Misuse.


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("OUT-1", "--sample", "3", "--seed", "x", "--workflow", "outgoing_exchange"),
        ("--sample", "3", "--seed", "x"),
        ("--sample", "3", "--seed", "x", "--workflow", "agreement"),
        ("--sample", "3", "--seed", "x", "--workflow", "nothing"),
        ("--sample", "501", "--seed", "x", "--workflow", "outgoing_exchange"),
        ("--sample", "3", "--seed", " ", "--workflow", "outgoing_exchange"),
        ("--sample", "3", "--seed", "x", "--workflow", "outgoing_exchange", "--closed-since", "soon"),
        ("OUT-1", "--seed", "x"),
        ("OUT-1",),
        ("OUT-1", "OUT-2", "--out", "one.zip"),
        ("OUT-1", "--out", "one.zip", "--format", "pdf"),
    ],
)
def test_what_cannot_be_meant_ends_with_two(run: Run, house: House, words: tuple[str, ...]) -> None:
    done = run("dossier", *words)
    assert (done.exit_code, done.stdout) == (2, ""), house
    assert done.stderr.startswith("fardplan: ") or "Usage" in done.stderr


def test_a_case_without_a_folder_is_refused(run: Run, house: House) -> None:
    agreement = opened_case(house, "agreement", {"partner_name": "Musterstadt", "valid_from": "2020-01-01"})
    assert run("dossier", agreement, "--out", "it.zip").exit_code == 2


def test_a_place_that_cannot_be_written_is_said(run: Run, house: House) -> None:
    Path("taken").write_text("x")
    done = run("dossier", an_exchange(house), "--out", "taken")
    assert done.exit_code == 2
    assert "cannot be written" in done.stderr
