"""What tests of attacks share: every address of the pages, the whole database before and after, raw requests."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import sqlalchemy as sa
from fastapi.routing import APIRoute

from service.pages.routes import PAGES
from tests.pages.serving import Served
from tests.pages.test_signing_in import csrf, enter

GONE: Final = "01900000-0000-7000-8000-000000000000"
"""An id that nothing has."""

FILLED: Final = {
    "trigger": "find_ineligible", "workflow": "eligibility_review", "state": "under_review",
    "name": "eligibility_review",
    "version": "1", "code": "STAT", "subject": GONE, "reason": GONE, "view": GONE, "owed": GONE, "feed": "0" * 16,
    "secret": "x", "mark": "x", "name:path": "x", "language": "sv", "form_name": "step.find_ineligible",
    "size": "1", "report": "deviations",
}  # fmt: skip
"""What stands in the braces of an address where a test says nothing else."""

SENT: Final = {
    "version": "2", "do": "go", "name": "Ny", "text": "Hej", "text_sv": "Hej", "text_en": "Hi", "role": "admin",
    "unit": "umu.se", "starts_on": "2027-07-01", "ends_on": "2027-07-31", "day": "2027-07-02", "on_day": "2027-07-02",
    "kind": "sign_agreement", "label": "x", "expires_on": "2028-01-01", "email": "ny@example.org", "language": "sv",
    "name_sv": "Ny", "name_en": "New", "mailbox": "ny@example.org", "page": "/cases", "link": "reselected_from",
    "f.failed_requirement": "x", "reason": "Nej.", "fact": "course", "f.course": "Annan",
}  # fmt: skip
"""What any of the forms may want."""

UNSIGNED: Final = {"/sign-in", "/enter", "/in/{secret}"}
"""Forms around signing in, which need no session."""

NOTED: Final = {"session", "case_reading", "case_presence"}
"""Tables that tell who was here, and what they read."""


def addresses(method: str) -> list[str]:
    """Every address of the pages that answers to a method, braces and all."""
    routes = [route for router in PAGES for route in router.routes if isinstance(route, APIRoute)]
    return sorted({route.path for route in routes if method in (route.methods or ())})


def filled(served: Served, path: str, **known: str) -> str:
    """The address with its braces filled in."""
    words = FILLED | {"number": served.number("under review"), "person": served.person("reviewer")} | known
    return re.sub(r"\{([^}]*)\}", lambda found: words[found[1]], path)


def tables(served: Served, *, but: set[str] = NOTED) -> Mapping[str, list[tuple[Any, ...]]]:
    """Everything the database holds, by table."""
    with served.house.store.reads() as connection:
        names = set(sa.inspect(connection).get_table_names()) - but
        return {
            name: sorted((tuple(row) for row in connection.execute(sa.text(f"SELECT * FROM {name}"))), key=repr)
            for name in sorted(names)
        }


@contextmanager
def signed_in(served: Served, who: str, **headers: str) -> Iterator[httpx.Client]:
    """Somebody at a browser without a face, who says nothing of which site a form stood on."""
    with httpx.Client(base_url=served.url, timeout=60, headers={"accept": "text/html"} | headers) as client:
        enter(client, served, who)
        yield client


def sent_by(client: httpx.Client, path: str, **fields: Any) -> httpx.Response:
    """Send a form with its proof."""
    return client.post(path, data={"csrf": csrf(client.get("/account").text), **fields})


def raw(served: Served, head: bytes, path: bytes = b"/account") -> int:
    """The status of a request with these lines in its head, such as no client writes them."""
    parts = urlsplit(served.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=60) as connection:
        connection.sendall(
            b"GET " + path + b" HTTP/1.1\r\nAccept: text/html\r\nConnection: close\r\n" + head + b"\r\n\r\n"
        )
        return int(connection.makefile("rb").readline().split()[1])
