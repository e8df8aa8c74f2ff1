"""A list as a file is the list on the page: same cases, same order, every page of it."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from typing import Any

import httpx
import openpyxl
import pytest

from tests.pages.reading import numbers, of, somebody
from tests.pages.serving import Served, on_both_databases


def table(answer: httpx.Response) -> list[list[str]]:
    assert answer.status_code == 200, answer.text
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""), delimiter=";"))


def sheet(answer: httpx.Response) -> list[tuple[Any, ...]]:
    assert answer.status_code == 200
    return list(openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0].iter_rows(values_only=True))


@on_both_databases
def test_the_file_holds_all_pages_of_the_list_in_its_order(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.pages.exports.AT_ONCE", 3)
    with somebody(served, "coordinator") as plain:
        shown = numbers(plain.go("/cases?open=open&sort=due").text)
        rows = table(plain.client.get("/cases.csv?open=open&sort=due"))

    assert len(shown) > 6
    assert [row[0] for row in rows[1:]] == shown


@on_both_databases
def test_my_tasks_as_a_file_are_my_tasks(served: Served) -> None:
    with somebody(served, "reviewer") as plain:
        shown = numbers(plain.go("/tasks?pool=1").text)
        assert [row[0] for row in table(plain.client.get("/tasks.csv?pool=1"))[1:]] == shown
        assert [row[0] for row in sheet(plain.client.get("/tasks.xlsx?pool=1"))[1:]] == shown


def test_the_workbook_has_days_as_days(served: Served) -> None:
    with somebody(served, "reviewer") as plain:
        rows = sheet(plain.client.get(f"/cases.xlsx?q={served.number('received')}"))

    row = dict(zip(rows[0], rows[1], strict=True))
    assert row["Förfaller"] == datetime(2027, 1, 14)
    assert row["Öppnat"] == datetime(2027, 1, 11, 9, 0)
    assert (row["Student"], row["Enhetskod"], row["Försenat"]) == ("Nils", "STAT", "nej")


def test_the_headings_are_in_the_readers_language(served: Served) -> None:
    with somebody(served, "reviewer", "en") as plain:
        answer = plain.client.get("/cases.csv")

    assert table(answer)[0][:4] == ["Number", "Case", "Student", "Process"]
    assert answer.headers["content-disposition"] == 'attachment; filename="cases-2027-01-11.csv"'


def test_a_file_holds_only_what_one_may_read(served: Served) -> None:
    with somebody(served, "hist.reviewer") as plain:
        assert [row[0] for row in table(plain.client.get("/cases.csv"))[1:]] == of(served, "borrowing")


def test_a_list_that_is_too_long_says_so_in_its_last_row(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.pages.exports.MOST", 4)
    monkeypatch.setattr("service.pages.exports.AT_ONCE", 2)
    with somebody(served, "coordinator") as plain:
        rows = table(plain.client.get("/cases.csv"))

    assert len(rows) == 6
    assert rows[-1] == ["Listan är längre; avgränsa den mer."]


def test_a_filter_that_cannot_be_gives_no_file(served: Served) -> None:
    with somebody(served, "coordinator") as plain:
        assert plain.client.get("/cases.csv?due=soon").status_code == 422
        assert plain.client.get("/tasks.xlsx?due_before=x").status_code == 422


def test_a_name_that_begins_like_a_formula_is_only_text(served: Served) -> None:
    name = "=HYPERLINK(1)"
    served.house.directory.put_person("umu.se", email="nils@example.org", name=name)
    with somebody(served, "reviewer") as plain:
        query = f"q={served.number('received')}"
        assert table(plain.client.get(f"/cases.csv?{query}"))[1][2] == f"'{name}"
        assert sheet(plain.client.get(f"/cases.xlsx?{query}"))[1][2] == name


def test_the_page_links_to_the_very_list_as_a_file(served: Served) -> None:
    with somebody(served, "coordinator") as plain:
        plain.go("/cases?q=&workflow=agreement&due=")

    assert 'href="/cases.xlsx?workflow=agreement"' in plain.text
    assert 'href="/cases.csv?workflow=agreement"' in plain.text


def test_files_need_a_session(served: Served) -> None:
    assert httpx.get(f"{served.url}/cases.csv", timeout=30).status_code == 303
