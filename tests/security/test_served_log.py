"""The log of a service that runs as it does in production, with a server before it that would log by itself."""

from __future__ import annotations

import http.client
import json
from contextlib import closing
from pathlib import Path

from engine.catalogue import Catalogue
from tests.service.office import open_office
from tests.service.test_graceful_stop import served

SEARCHED = "hemligsokning"


def test_a_served_request_leaves_no_trace_of_what_was_searched_for(
    sqlite_url: str, processes: Catalogue, tmp_path: Path
) -> None:
    with open_office(sqlite_url, processes) as office, served(sqlite_url, tmp_path) as made:
        with closing(http.client.HTTPConnection("127.0.0.1", made.port, timeout=30)) as asked:
            headers = {"Authorization": f"Bearer {office.tokens['officer']}"}
            for path in (f"/api/v1/cases?q={SEARCHED}", f"/{SEARCHED}", f"/tasks?q={SEARCHED}"):
                asked.request("GET", path, headers=headers)
                asked.getresponse().read()
        made.stop()
        lines = [json.loads(line) for line in made.log.read_text().splitlines() if line.startswith("{")]
        routes = [line["route"] for line in lines if line["event"] == "request"]
        assert {"/api/v1/cases", "none", "/tasks"} <= set(routes)
        assert SEARCHED not in made.log.read_text()
