"""What somebody with ill intent might write, or write too much of: nothing of it runs, breaks or tells anything."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

import httpx
import pytest

from adapters.calendars import calendar
from engine.paging import seal
from engine.queries import Queries
from service.pages.posting import FORM
from tests.pages.attacking import (
    GONE,
    SENT,
    UNSIGNED,
    addresses,
    filled,
    sent_by,
    signed_in,
)
from tests.pages.browsing import Opening
from tests.pages.serving import Served, on_both_databases
from tests.pages.test_signing_in import csrf

SCRIPT: Final = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}}"
EVIL: Final = SCRIPT + "javascript:alert(1)"
HOSTILE: Final = (
    SCRIPT, "{{7*7}}{0.__class__}%s", "\0", "\u202e\u200b\u2028\uffff", "9" * 400, "-1", "0001-01-01", "9999-12-31",
    "%", "//[", "W10", seal("a", "b"), seal(2**62, ""), seal(GONE, GONE), "0/1",
)  # fmt: skip
PARAMETERS: Final = (
    ("cursor",), ("q", "at", "show", "before", "since", "to", "role"), ("case", "until", "from", "giver", "version"),
    ("state", "trigger", "number", "person", "verify"), ("workflow", "about", "done", "fired", "year", "receiver"),
    ("due_before", "partner", "sort", "fact", "sent", "party"), ("unit", "assignee", "kind", "overdue", "next", "back"),
)  # fmt: skip
"""Names of parameters, sent a few at a time, lest one that is refused hides the others."""


@pytest.fixture
def reviewer(served: Served) -> Iterator[httpx.Client]:
    with signed_in(served, "reviewer") as client:
        yield client


# What is shown again.


@on_both_databases
def test_nothing_in_an_address_breaks_a_page_or_runs_in_it(served: Served) -> None:
    with signed_in(served, "officer") as officer, signed_in(served, "admin") as admin:
        for path in addresses("GET"):
            client = admin if path.startswith("/admin") else officer
            if path.endswith("/live") or path.startswith("/static"):
                continue
            asked = [dict.fromkeys(names, each) for each in HOSTILE for names in PARAMETERS]
            wanted = [f"{filled(served, path)}?{httpx.QueryParams(each)}" for each in asked[:: 1 if cheap(path) else 5]]
            for place in re.findall(r"\{([^}]*)\}", path):
                odd = [*(quote(each, safe="") for each in HOSTILE), "%ED%A0%80", "%FF", "%00" * 16]
                wanted += [filled(served, path, **{place: each}) for each in odd]
            for address in wanted:
                answer = client.get(address)
                assert answer.status_code < 500, address
                assert "<script>alert" not in answer.text, address


def cheap(path: str) -> bool:
    """Whether a page reads its query and shows little else."""
    return path in {
        "/cases",
        "/tasks",
        "/waiting",
        "/waiting/chase",
        "/listed",
        "/audit",
        "/audit/readings",
        "/admin/outbox",
    }


@on_both_databases
def test_no_id_in_a_forms_address_breaks_it(served: Served) -> None:
    with signed_in(served, "officer") as officer:
        proof = csrf(officer.get("/account").text)
        for path in set(addresses("POST")) - UNSIGNED:
            for place in re.findall(r"\{([^}]*)\}", path):
                for odd in ("%00", "%00" * 16, "%ED%A0%80", "%FF", "_" * 16, "x" * 3000):
                    answer = officer.post(filled(served, path, **{place: odd}), data=SENT | {"csrf": proof})
                    assert answer.status_code < 500, (path, odd)


def test_what_is_kept_from_an_attacker_runs_in_nobodys_browser(served: Served, page_as: Opening) -> None:
    number = hostile_office(served)
    for who in ("reviewer", "admin"):
        page = page_as(who, language="en")
        page.on("dialog", lambda dialog: pytest.fail(f"a page asks: {dialog.message}"))
        theirs = [
            "/tasks",
            "/cases",
            "/views",
            "/feeds",
            "/reasons",
            "/handover",
            "/overview",
            f"/cases?q={quote(SCRIPT)}",
        ]
        theirs += [f"/cases/{number}{rest}" for rest in ("", "/history", "/waiting", "/assign", "/steps/take")]
        admins = ["/admin/people", f"/admin/people/{served.person('reviewer')}", "/admin/units", "/admin/units/STAT",
                  "/admin/outbox", "/audit", "/audit/organisation", "/account"]  # fmt: skip
        for path in admins if who == "admin" else theirs:
            page.goto(path)
            assert page.locator("img[src=x]").count() == 0, path
            assert page.locator("[href^='javascript:'], [onerror], main script:not([src])").count() == 0, path
            assert ">49<" not in page.content()


def hostile_office(served: Served) -> str:
    """Write it wherever something is kept; the number of a case that is full of it."""
    me = served.person("reviewer")
    with signed_in(served, "admin") as admin:
        for path, fields in (
            (f"/admin/people/{me}/card", {"name": EVIL, "language": "en"}),
            ("/admin/units/STAT", {"name_sv": EVIL, "name_en": EVIL, "mailbox": "stat@example.org"}),
            ("/admin/units/STAT/closing-days", {"day": "2027-03-02", "name": SCRIPT}),
            (f"/admin/people/{me}/tokens", {"label": SCRIPT, "expires_on": "2028-01-01"}),
        ):
            assert sent_by(admin, path, **fields).status_code in {200, 303}, path
    student = {"name": EVIL, "email": "e@example.org", "language": "en"}
    facts = {"course": EVIL, "requirements": [{"name": EVIL}]}
    body = {"workflow": "eligibility_review", "unit": "STAT", "subject": student, "facts": facts}
    number = str(served.ask("admissions", "POST", "/cases", body).json()["case"]["number"])
    with signed_in(served, "reviewer", **{"user-agent": SCRIPT}) as writer:
        for path, fields in (
            (f"/cases/{number}/comments", {"text": EVIL + "\u200f\u200b" + "x" * 3000}),
            (f"/cases/{number}/follow-up", {"on_day": "2027-02-01", "note": SCRIPT}),
            ("/views", {"name": "<script>alert(1)</script>", "page": "/cases", "query": f"q={quote(SCRIPT)}"}),
            ("/reasons", {"name": "<script>alert(1)</script>", "text_sv": EVIL, "text_en": EVIL, "unit": "STAT"}),
            ("/feeds", {"name": "<script>alert(1)</script>", "view": ""}),
        ):
            assert sent_by(writer, path, **fields).status_code in {200, 303}, path
    return number


# Files.


@pytest.mark.parametrize("text", ['=HYPERLINK("http://evil")', "+1", "-1", "@SUM(A1)", "\uff1d1"])
def test_no_list_as_a_file_holds_a_formula(served: Served, text: str) -> None:
    student = {"name": f"{text} x", "email": "e@example.org", "language": "en"}
    body = {"workflow": "eligibility_review", "unit": "STAT", "subject": student, "facts": {"course": text}}
    assert served.ask("admissions", "POST", "/cases", body).status_code == 201
    with signed_in(served, "officer") as officer:
        for list_ in ("cases", "eligibility"):
            rows = csv.reader(io.StringIO(officer.get(f"/{list_}.csv?state=requested").text), delimiter=";")
            assert not any(cell.startswith(("=", "+", "-", "@", "\uff1d")) for row in rows for cell in row)
        book = zipfile.ZipFile(io.BytesIO(officer.get("/cases.xlsx?state=requested").content))
        assert not any(b"<f>" in book.read(name) or b"hyperlink" in book.read(name) for name in book.namelist())


def test_a_name_adds_no_lines_to_a_calendar(served: Served, reviewer: httpx.Client) -> None:
    evil = "a;b,c\\n\r\nBEGIN:VEVENT\r\nSUMMARY:x"
    made = re.search(r"/feeds/[\w-]+\.ics", sent_by(reviewer, "/feeds", name=evil, view="").text)
    assert made
    for written in (reviewer.get(made[0]).content, calendar(evil, [], language="sv")):
        lines = written.replace(b"\r\n ", b"").split(b"\r\n")
        assert sum(line.startswith(b"NAME;LANGUAGE=") and b":a\\;b\\,c\\\\n" in line for line in lines) == 1
        assert b"SUMMARY:x" not in lines


# Too much.


def test_thousands_of_parameters_are_too_many_or_no_matter(reviewer: httpx.Client) -> None:
    for path in ("/tasks", "/cases", "/waiting", "/listed", "/bulk", "/overview", "/agreements", "/help"):
        for name in ("a", "state"):
            query = "&".join(f"{name}=x{count}" for count in range(5000))
            assert reviewer.get(f"{path}?{query}").status_code in {200, 403, 422}, path


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"a=" + b"x" * 1_048_577, 413), (b"&" * 1_048_000, 413), (b"case=x&" * 10_000, 413), (b"case=x&" * 4_900, 403),
        (b"\xff=\xff", 413), (b"csrf=%ED%A0%80&key=%00", 403), (b"", 403),
    ],
)  # fmt: skip
def test_a_form_that_is_too_much_is_refused_at_once(
    served: Served, reviewer: httpx.Client, body: bytes, status: int
) -> None:
    for path in ("/bulk", "/account", f"/cases/{served.number('under review')}/comments"):
        assert reviewer.post(path, content=body, headers={"content-type": FORM}).status_code == status


def test_ten_thousand_cases_are_too_many_for_one_step(served: Served, reviewer: httpx.Client) -> None:
    cases = " ".join(f"{GONE[:-6]}{count:06x}:1" for count in range(10_000))
    answer = sent_by(reviewer, "/bulk", trigger="take", query="workflow=eligibility_review", do="go", case=cases)
    assert answer.status_code == 422
    assert len(answer.content) < 20_000


def test_a_form_shows_no_more_rows_than_anybody_needs(served: Served) -> None:
    path = f"/cases/{served.number('draft')}/steps/revise_draft"
    with signed_in(served, "coordinator") as coordinator:
        rows = {"f.rows": [str(count) for count in range(1000)]}
        answer = sent_by(coordinator, path, version="1", do="add:f.rows", **rows)
    assert answer.status_code == 200
    assert answer.text.count('name="f.rows"') <= 200


# What is told.


def test_everything_but_styles_is_kept_nowhere(served: Served, reviewer: httpx.Client) -> None:
    for path in set(addresses("GET")) - {"/static/{mark}/{name:path}", "/cases/{number}/live"}:
        answer = reviewer.get(filled(served, path))
        assert answer.headers["cache-control"] == "no-store", path
        assert answer.headers["x-content-type-options"] == "nosniff", path


def test_a_fault_of_ours_tells_nothing_of_its_inside(
    served: Served, reviewer: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("SELECT secret FROM vault -- /srv/fardplan/engine")

    monkeypatch.setattr(Queries, "tasks", broken)
    answer = reviewer.get("/tasks")
    assert answer.status_code == 500
    assert not re.search(r"SELECT|vault|/srv|RuntimeError|Traceback|\.py", answer.text)
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
