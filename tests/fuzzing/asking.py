"""Thinks up requests: of the API from its OpenAPI description, of the pages from their routes, links and forms."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote, urlencode

from fastapi import FastAPI
from fastapi.routing import APIRoute

from adapters.values import words
from service.pages.filters import NAMES
from service.pages.routes import PAGES
from tests.fuzzing.asgi import Asked, Headers
from tests.fuzzing.memory import Chance, Form, Memory
from tests.fuzzing.oddities import TEXTS, VALUES, mutated
from tests.fuzzing.values import Maker

FORM: Final = "application/x-www-form-urlencoded"
RARE: Final = {"/api/v1/clock": 0.1, "dossier.pdf": 0.05, "sample.zip": 0.1, "/rehearsal": 0.05, "/sign-out": 0.02}
"""What is asked seldom: it is dear, or ends what others are in the middle of."""

ODD_HEADERS: Final[Mapping[str, tuple[str, ...]]] = {
    "if-match": ('"1"', '"2"', "1", "*", 'W/"1"', '"x"', '"999999999999999999"', '"9999999999999999999"', '"-1"', ""),
    "if-none-match": ('"1"', "*", ""),
    "idempotency-key": ("k", '"k"', "", "x" * 201, "å", "a b", "\t"),
    "accept-language": ("sv", "en", "sv;q=nan", "*;q=9", ",;q=", "x" * 5000, "sv;q=0.5,en;q=0.6", "\xff"),
    "range": ("bytes=0-1", "bytes=-1", "bytes=9-0", "x"),
    "content-type": (
        "application/json", "application/json; charset=utf-16", "text/plain", "multipart/form-data; boundary=x", FORM,
        "application/problem+json", "", "application/xml", f"{FORM}; charset=utf-7", "x" * 2000,
    ),
    "accept": ("text/html", "application/json", "*/*", "", "text/event-stream", "x"),
    "cookie": ("fardplan=x", "fardplan_language=tlh", "fardplan_theme=<script>", "=;;==", "fardplan=\xff", "a" * 9000),
    "x-forwarded-for": ("10.0.0.1", "' OR 1=1", ""),
    "x-forwarded-host": ("evil.example",),
    "x-forwarded-proto": ("https", "javascript"),
    "host": ("evil.example", "[", "", "a b"),
    "origin": ("https://evil.example", "null", "http://office.test", "\xff"),
    "sec-fetch-site": ("same-origin", "cross-site", "none", "x"),
    "referer": ("http://office.test/cases", "http://here//[x", ""),
    "hx-request": ("true",),
    "x-http-method-override": ("DELETE",),
    "x-request-id": ("ok-1", "a\tb", "x" * 65, "\xff"),
    "content-length": ("0", "-1", "x", "9" * 30),
    "expect": ("100-continue",),
    "last-event-id": ("1", "x"),
}  # fmt: skip
TYPED: Final = sorted(words(
    "version do name text text_sv text_en role unit starts_on ends_on day on_day kind label email language name_sv "
    "name_en mailbox page link reason fact person f.course f.rows f.rows.0.places key query trigger token case cases "
    "confirm to time weekdays substitute"
))  # fmt: skip
"""Names of fields of forms."""

ASKED: Final = sorted(words(
    "cursor limit show before version trigger at verify below size next file giver receiver back fact seed from to "
    "pool group role case language kind closed_before erased left fired"
))  # fmt: skip
"""Names in the queries of pages, beside the filters of lists."""

METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "QUERY")


class Asking:
    """Thinks up the next request of somebody, out of what both parties have learned."""

    def __init__(self, app: FastAPI, memory: Memory, chance: random.Random) -> None:
        described = app.openapi()
        self._memory, self._chance = memory, chance
        self._maker = Maker(chance, memory, described["components"]["schemas"])
        self._operations = [
            (path, method.upper(), told)
            for path, item in described["paths"].items()
            for method, told in item.items()
            if not path.startswith("/metrics")
        ]
        self._pages = [
            (route.path, method)
            for router in PAGES
            for route in router.routes
            if isinstance(route, APIRoute)
            for method in sorted(route.methods or ())
        ]

    def next(self, who: str, csrf: str) -> Asked:
        """A request of somebody: half of the API, half of the pages; now and then of nobody signed in."""
        chance = self._chance
        asked = self._step(who) if chance.random() < 0.18 else self._any(who, csrf)
        if any(part in asked.path and chance.random() > share for part, share in RARE.items()):
            return self.next(who, csrf)
        if chance.random() < 0.25:
            asked = self._with_odd_headers(asked)
        if chance.random() < 0.02:
            asked = asked.having(method=chance.choice(METHODS))
        return asked.having(door="none") if chance.random() < 0.03 else asked

    def _any(self, who: str, csrf: str) -> Asked:
        draw = self._chance.random()
        if draw < 0.5:
            return self._operation(who)
        if draw < 0.75:
            return self._page(who)
        return self._form(who, csrf)

    # The API.

    def _operation(self, who: str) -> Asked:
        path, method, told = self._chance.choice(self._operations)
        query = []
        for parameter in told.get("parameters", ()):
            name, where = parameter["name"], parameter["in"]
            if where == "query" and self._chance.random() < 0.4:
                query += [(name, self._maker.word(name))] * self._chance.choice((1, 1, 1, 2))
        target = self._filled(path)
        case = next((each for each in target.split("/") if each in self._memory.versions), "")
        headers = self._usual_headers(told, case)
        if "requestBody" not in told:
            return Asked(who, "token", method, _with(target, query), headers)
        schema = told["requestBody"]["content"]["application/json"]["schema"]
        return Asked(who, "token", method, _with(target, query), headers, self._body(self._maker.made(schema)))

    def _usual_headers(self, told: Mapping[str, Any], case: str) -> Headers:
        chance, names = self._chance, {parameter["name"] for parameter in told.get("parameters", ())}
        headers = [("content-type", "application/json")] if "requestBody" in told else []
        if "If-Match" in names and chance.random() < 0.9:
            headers.append(("if-match", f'"{self._memory.versions.get(case, chance.randint(0, 9))}"'))
        if "Idempotency-Key" in names and chance.random() < 0.4:
            fresh = f"k{chance.randrange(10**6)}"
            known = self._memory.one("key", chance, fresh)
            headers.append(("idempotency-key", chance.choice((known, fresh))))
        return tuple(headers)

    def _step(self, who: str) -> Asked:
        """A step that a case has offered, whoever it was offered to."""
        if not self._memory.chances:
            return self._operation(who)
        offered: Chance = self._chance.choice(self._memory.chances)
        fields = self._maker.made(offered.schema)
        body: dict[str, Any] = {"trigger": offered.trigger, "fields": fields, "reason": "Skäl."}
        if offered.on_behalf_of:
            body |= {"on_behalf_of": offered.on_behalf_of, "evidence": "mejl"}
        version = self._memory.versions.get(offered.case, offered.version)
        headers = (("content-type", "application/json"), ("if-match", f'"{version}"'))
        return Asked(who, "token", "POST", f"/api/v1/cases/{offered.case}/transitions", headers, self._body(body))

    def _body(self, value: Any) -> str:
        """The value as JSON, one character a byte; damaged now and then."""
        text = json.dumps(value, ensure_ascii=self._chance.random() < 0.5)
        raw = text.encode("utf-8", "surrogatepass")
        if self._chance.random() < 0.06:
            raw = mutated(self._chance, raw, (raw, json.dumps(VALUES[:10]).encode()))
        return raw.decode("latin-1")

    # The pages.

    def _page(self, who: str) -> Asked:
        chance = self._chance
        if chance.random() < 0.5 and (path := self._memory.one("path", chance)):
            target = path if chance.random() < 0.7 else _with(path, self._query())
        else:
            path = chance.choice([path for path, method in self._pages if method == "GET"])
            target = _with(self._filled(path), self._query())
        more = (("hx-request", "true"),) if chance.random() < 0.2 else ()
        return Asked(who, "session", "GET", target, (("accept", "text/html"), *more))

    def _query(self) -> list[tuple[str, str]]:
        chance = self._chance
        if chance.random() < 0.4:
            return []
        names = (*NAMES, *ASKED)
        return [(name, self._maker.word(name)) for name in (chance.choice(names) for _ in range(chance.randint(1, 4)))]

    def _form(self, who: str, csrf: str) -> Asked:
        chance, memory = self._chance, self._memory
        if memory.forms and chance.random() < 0.7:
            form = chance.choice(memory.forms)
        else:
            path = chance.choice([path for path, method in self._pages if method == "POST"])
            form = Form(self._filled(path), tuple((name, self._maker.word(name)) for name in self._names()))
        proof = csrf if chance.random() < 0.92 else memory.one("csrf", chance, "x")
        fields = [("csrf", proof), *((name, self._typed(name, value)) for name, value in form.fields if name != "csrf")]
        headers: Headers = (("accept", "text/html"), ("content-type", FORM))
        if chance.random() < 0.2:
            headers = (*headers, ("hx-request", "true"))
        body = urlencode(fields, errors="replace")
        if chance.random() < 0.03:
            body = mutated(chance, body.encode(), (body.encode(),)).decode("latin-1")
        return Asked(who, "session", "POST", form.action, headers, body)

    def _names(self) -> Sequence[str]:
        return self._chance.sample(TYPED, self._chance.randint(0, 8))

    def _typed(self, name: str, value: str) -> str:
        chance = self._chance
        if chance.random() < 0.08:
            return chance.choice(TEXTS)
        if not value and chance.random() < 0.6:
            return self._maker.word(name.rpartition(".")[2])
        return value

    # Both.

    def _filled(self, path: str) -> str:
        """The address with its braces filled in from what was learned."""
        return re.sub(r"\{([^}:]*)(?::path)?\}", lambda found: quote(self._brace(path, found[1]), safe=""), path)

    def _brace(self, path: str, name: str) -> str:
        if name == "name" and "workflow" not in path and "processes" not in path:
            return self._maker.word("report")
        sorts = {"name": "workflow", "view": "id", "reason": "id", "feed": "hash", "code": "unit", "subject": "person"}
        if self._chance.random() < 0.05:
            return self._chance.choice(TEXTS)[:200].replace("\ud800", "x")
        return self._memory.one(sorts.get(name, name), self._chance, "1")

    def _with_odd_headers(self, asked: Asked) -> Asked:
        chance = self._chance
        headers = dict(asked.headers)
        for name in chance.sample(sorted(ODD_HEADERS), chance.randint(1, 3)):
            headers[name] = chance.choice(ODD_HEADERS[name])
        if chance.random() < 0.1 and headers:
            headers.pop(chance.choice(sorted(headers)))
        return asked.having(headers=tuple(headers.items()))


def _with(path: str, query: Sequence[tuple[str, str]]) -> str:
    if not query:
        return path
    return f"{path}{'&' if '?' in path else '?'}{urlencode(query, errors='replace')}"
