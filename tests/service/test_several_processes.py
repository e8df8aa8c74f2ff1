"""Several processes serve one database: whoever answers, nothing is lost, nothing is taken twice."""

from __future__ import annotations

import json
import signal
import urllib.request
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import Any
from urllib.error import HTTPError

from engine.catalogue import Catalogue
from engine.directory import Directory
from service.compose import build
from service.settings import Settings
from tests.ports import kept_port
from tests.service.test_cli import SLOWEST, answer, ended, started

ANNA = {"name": "Åsa Öberg", "email": "asa@example.org", "language": "sv"}
NEW = {"workflow": "eligibility_review", "unit": "umu.se", "subject": ANNA, "facts": {"course": "Statistik A"}}


def test_two_processes_keep_every_comment_in_one_chain_and_give_a_step_to_one(
    database_url: str, processes: Catalogue
) -> None:
    with closing(build(Settings.read(database_url=database_url), catalogue=processes)) as house:
        tokens = office(house.directory)
        with served(database_url) as base, ThreadPoolExecutor(8) as people:
            _, opened = post(f"{base}/cases", tokens["admissions"], NEW)
            case = f"{base}/cases/{opened['case']['id']}"
            commented = list(
                people.map(lambda n: post(f"{case}/comments", tokens["reviewer"], {"text": str(n)}), range(16))
            )
            tag = f'"{len(commented) + 1}"'
            taken = list(
                people.map(
                    lambda _: post(f"{case}/transitions", tokens["reviewer"], {"trigger": "take"}, tag), range(8)
                )
            )
        verdict = house.replay().case("umu.se", opened["case"]["id"])

    assert sorted(told["event"]["sequence"] for _, told in commented) == list(range(2, 18))
    assert Counter(status for status, _ in taken) == {200: 1, 412: 7}
    assert (verdict.ok, verdict.events) == (True, 18)


def office(directory: Directory) -> dict[str, str]:
    """Two people of the root unit; their tokens, by role."""
    with directory.change("umu.se", by="installation", what="start") as change:
        change.root()
        people = {role: change.person(email=f"{role}@umu.se", name=role).id for role in ("admissions", "reviewer")}
        for role, person in people.items():
            change.member(person, role, "umu.se")
    return {role: directory.issue_token("umu.se", person) for role, person in people.items()}


@contextmanager
def served(url: str) -> Iterator[str]:
    """The API's address, while two processes serve it; they end in peace."""
    with kept_port() as port:
        process = started(url, "serve", "--port", str(port), "--workers", "2", FARDPLAN_SECRET_KEY="secret")
        try:
            assert answer(f"http://127.0.0.1:{port}/livez") == 200
            yield f"http://127.0.0.1:{port}/api/v1"
        finally:
            process.send_signal(signal.SIGTERM)
            code, _, err = ended(process)
    assert (code in {0, -signal.SIGTERM}, "Traceback" in err) == (True, False)


def post(url: str, token: str, body: Any, if_match: str | None = None) -> tuple[int, Any]:
    """Status and body of a request on a connection of its own."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    if if_match is not None:
        headers["If-Match"] = if_match
    asked = urllib.request.Request(url, json.dumps(body).encode(), headers)
    try:
        with urllib.request.urlopen(asked, timeout=SLOWEST) as told:
            return told.status, json.load(told)
    except HTTPError as refused:
        with refused:
            return refused.code, json.load(refused)
