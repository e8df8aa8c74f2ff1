"""Secrets and personal data stand in no log, no refusal and no measure, whatever is sent and however it fails.

Marked secrets are sent in every place a request has, rightly and wrongly, with the log at its most talkative;
then everything the service has said, but for what it answers those who may read the case, is searched for them.
A refusal names the field that is wrong, also one that a client has made up; what stood in it is not repeated.
"""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import quote

import httpx
import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from adapters.channels import channel_from
from engine.directory import Caller, Directory
from engine.queries import Queries
from service.logging import configure
from service.settings import Settings, SettingsWrong
from tests.service.office import INSTITUTION, Office, new_review

NUMBER: Final = "19990101-2389"
NAME: Final = "Hemligunda Märkesson"
MAIL: Final = "hemligunda.markesson@example.org"
COMMENT: Final = "hemligkommentar"
FACT: Final = "hemliguppgift"
PASSWORD: Final = "smtplosenord"
WRONG_TOKEN: Final = "fp_hemlignyckelsomaldrigutfardats"
GUESSED: Final = "hemliggissning"
MARKS: Final = (NUMBER, NAME, "Hemligunda", "M\\u00e4rkesson", MAIL, COMMENT, FACT, PASSWORD, WRONG_TOKEN, GUESSED)


@dataclass
class Heard:
    """All that the service said where it must not tell secrets."""

    log: io.StringIO
    refusals: list[tuple[str, str]] = field(default_factory=list)

    def note(self, answer: httpx.Response) -> httpx.Response:
        """Keep what was refused; what went well is for those who may read it."""
        if answer.status_code >= 400:
            text, asked = answer.text, answer.request.url.path
            if answer.headers.get("content-type", "").startswith("text/html"):
                # A page may lead back to itself: its address is where its reader has typed it.
                text = text.replace(asked, "").replace(quote(asked, safe=""), "")
            self.refusals.append((f"{answer.request.method} {answer.status_code} {asked}", f"{answer.headers}\n{text}"))
        return answer

    def leaks(self, *secrets: str) -> list[tuple[str, str]]:
        """Every mark found, and where."""
        places = [("log", self.log.getvalue()), *self.refusals]
        return [(where, secret) for where, text in places for secret in (*MARKS, *secrets) if secret in text]


@pytest.fixture
def heard() -> Iterator[Heard]:
    """The log as text, at its most talkative."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    made = Heard(io.StringIO())
    configure("debug", made.log)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # our client's own line holds the query
    yield made
    logging.getLogger("httpx").setLevel(logging.NOTSET)
    root.handlers[:] = handlers
    root.setLevel(level)


def person() -> dict[str, Any]:
    return {"name": f"{NAME} {NUMBER}", "email": MAIL, "language": "sv"}


def api(desk: Office, heard: Heard, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
    return heard.note(desk.ask("officer", method, path, body, **headers))


def good_and_bad_steps(desk: Office, heard: Heard) -> str:
    """Open a case with all of it, comment on it, correct it; then the same, wrongly. The case's id."""
    opened = api(desk, heard, "POST", "/cases", new_review(subject=person(), facts={"course": FACT}))
    case = opened.json()["case"]["id"]
    path = f"/cases/{case}"
    api(desk, heard, "POST", f"{path}/comments", {"text": f"{COMMENT} {NUMBER}"})
    api(desk, heard, "POST", f"{path}/corrections", {"facts": {"course": FACT}, "reason": COMMENT}, if_match='"2"')
    for facts in ({"course": [FACT]}, {"course": {FACT: FACT}}, {"course": "x", "answer_by": NUMBER}, {"term": FACT}):
        api(desk, heard, "POST", "/cases", new_review(subject=person(), facts=facts))
    for subject in ({**person(), "email": f"{NAME} at {NUMBER}"}, {**person(), "language": COMMENT}, {"name": NUMBER}):
        api(desk, heard, "POST", "/cases", new_review(subject=subject))
    for body in ({"text": [COMMENT]}, {"text": COMMENT, "to": [GUESSED]}, {"text": COMMENT, "surprise": COMMENT}):
        api(desk, heard, "POST", f"{path}/comments", body)
    fields = {"failed_requirement": [FACT]}
    wrong = {"trigger": "find_ineligible", "reason": COMMENT, "evidence": NUMBER, "fields": fields}
    for tag in ('"3"', '"1"'):
        heard.note(desk.post("reviewer", f"{path}/transitions", wrong, if_match=tag))
        api(desk, heard, "POST", f"{path}/corrections", {"facts": {"nothing": FACT}, "reason": COMMENT}, if_match=tag)
    return str(case)


def strange_requests(desk: Office, heard: Heard, case: str) -> None:
    """Put the marks where nobody expects them: paths, queries, headers, cookies, bodies that are none."""
    officer = {"Authorization": f"Bearer {desk.tokens['officer']}"}
    for path in (
        f"/api/v1/cases/{GUESSED}",
        f"/api/v1/cases?q={NUMBER}&cursor={GUESSED}",
        f"/api/v1/cases?due_before={NUMBER}",
        f"/api/v1/cases?limit={GUESSED}",
        f"/api/v1/people?cursor={GUESSED}",
        f"/api/v1/{GUESSED}",
        f"/{NUMBER}",
        f"/feeds/{GUESSED}.ics",
        f"/in/{GUESSED}",
        f"/cases/{NUMBER}",
        f"/cases?q={NUMBER}",
        f"/static/{GUESSED}/x",
    ):
        for headers in (officer, {"Accept": "text/html"}, {"Accept": "text/html", "Cookie": f"fardplan={GUESSED}"}):
            heard.note(desk.send("GET", path, None, headers))
    for headers in (
        {"Authorization": f"Bearer {WRONG_TOKEN}"},
        {"Authorization": f"Basic {GUESSED}"},
        {**officer, "Idempotency-Key": f"{GUESSED} {GUESSED}"},
        {**officer, "If-Match": GUESSED},
        {**officer, "Content-Type": GUESSED},
        {**officer, "X-Request-Id": f"{GUESSED}\t{GUESSED}"},
    ):
        for content in (f'{{"text": "{COMMENT}', f'{{"text": ["{NUMBER}"]}}', COMMENT * 100_000):
            for kind in ({"Content-Type": "application/json"}, {}):
                sent = {**kind, **headers}
                heard.note(desk.send("POST", f"/api/v1/cases/{case}/comments", content.encode(), sent))
    for fields in (f"email={MAIL}", f"email={NUMBER}", f"email={MAIL}&csrf={GUESSED}&next=/{GUESSED}", GUESSED):
        form = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"}
        heard.note(desk.send("POST", "/sign-in", fields.encode(), form))
        heard.note(desk.send("POST", f"/in/{GUESSED}", fields.encode(), form))


def faults_of_ours(desk: Office, heard: Heard, patch: pytest.MonkeyPatch) -> None:
    """Fail in the midst of things with an error that holds everything."""
    everything = " ".join(MARKS)
    for error in (
        RuntimeError(everything),
        ValueError({"comment": everything}),
        sa.exc.DBAPIError("INSERT INTO person", {"name": everything}, Exception(everything)),
    ):

        def fail(*_: Any, raised: Exception = error, **__: Any) -> None:
            raise raised from KeyError(everything)

        with patch.context() as patched:
            patched.setattr(Queries, "list_cases", fail)
            api(desk, heard, "GET", f"/cases?q={NUMBER}")
            patched.setattr(Directory, "authenticate", fail)
            api(desk, heard, "POST", "/cases", new_review(subject=person()))
            patched.setattr(type(desk.house.sessions), "visitor", fail)
            headers = {"Cookie": f"fardplan={GUESSED}", "Accept": "text/html"}
            heard.note(desk.send("GET", f"/cases?q={NUMBER}", None, headers))


def test_no_secret_and_nobodys_data_leave_by_logs_refusals_or_measures(
    desk: Office, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = desk.house.sessions.begin(Caller(INSTITUTION, desk.ids["officer"]))
    page = {"Cookie": f"{desk.house.settings.session_cookie}={session}", "Accept": "text/html"}
    case = good_and_bad_steps(desk, heard)
    for path in ("/tasks", f"/cases?q={NUMBER}", "/nowhere", "/admin", f"/cases/{case}"):
        heard.note(desk.send("GET", path, None, page))
    strange_requests(desk, heard, case)
    faults_of_ours(desk, heard, monkeypatch)
    for path in ("/metrics", "/readyz", "/livez", "/openapi.json"):
        answer = desk.send("GET", path)
        heard.refusals.append((path, answer.text))
    assert heard.leaks(session, *desk.tokens.values()) == []
    assert len(heard.refusals) > 80
    assert len({where for where, _ in heard.refusals}) > 10
    events = [json.loads(line)["event"] for line in heard.log.getvalue().splitlines()]
    assert events.count("unexpected") == 9


def test_the_mail_servers_password_and_the_mail_itself_stay_out_of_logs_and_errors(desk: Office, heard: Heard) -> None:
    good_and_bad_steps(desk, heard)
    url = f"smtp://{GUESSED}:{PASSWORD}@127.0.0.1:9"
    channel = channel_from(url, folder=desk.house.settings.mailbox)
    replace(desk.house.outbox, channel=channel).deliver_all()
    outbox = desk.get("admin", "/outbox").json()["items"]
    assert any(message["last_error"] for message in outbox)
    heard.refusals.append(("last error", json.dumps([message["last_error"] for message in outbox])))
    database = f"postgresql+psycopg://x:{PASSWORD}@h/d"
    settings = Settings(smtp_url=SecretStr(url), secret_key=SecretStr(GUESSED), database_url=database)
    heard.refusals.append(("settings", f"{settings!r} {settings} {channel!r}"))
    with pytest.raises(SettingsWrong) as refused:
        Settings.read(smtp_url=[PASSWORD], port=PASSWORD)
    heard.refusals.append(("settings refused", str(refused.value)))
    assert heard.leaks() == []


def test_a_secret_that_did_stand_in_the_log_would_be_found(heard: Heard) -> None:
    logging.getLogger("fardplan").warning("somebody wrote %s", COMMENT)
    assert heard.leaks() == [("log", COMMENT)]
