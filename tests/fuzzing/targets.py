"""Every parser of bytes from outside: what it is given, and which refusal is its own; all else it raises is a fault."""

from __future__ import annotations

import asyncio
import json
import tomllib
from typing import Any, Final

from starlette.requests import Request

from adapters.smtp_server import SmtpServer
from engine.declare.naming import NamingWrong, naming_of
from engine.declare.rulebook import RulebookWrong, rules_of
from engine.errors import BadFields
from engine.paging import seal, unseal
from engine.tokens import Caller
from service import bodies
from service.api.cases import _moment
from service.pages.admin_units import _value as read_setting
from service.pages.filters import read_query
from service.pages.posting import _read as read_form
from service.pages.visiting import local
from service.problems import language_of
from service.sent import Sent, parsed
from service.shapes import is_id
from tests.fuzzing import corpora
from tests.fuzzing.oddities import rejsoned
from tests.fuzzing.target import Surroundings, Target, typed
from tests.fuzzing.targets_of_files import of_lists, of_logs, of_papers
from tests.journeys.office import INSTITUTION

MODELS: Final = (bodies.NewCase, bodies.Step, bodies.Correction, bodies.NewLink, bodies.Assignment, bodies.NewComment,
                 bodies.BulkSteps, bodies.BulkCases, bodies.SetClock)  # fmt: skip


def targets(around: Surroundings) -> list[Target]:
    """All of them."""
    return [*_of_requests(around), *of_lists(around), *of_logs(around), *of_papers(around), *_of_files(around)]


def _text(raw: bytes) -> str:
    """Bytes as a header or an address gives them to a program."""
    return raw.decode("latin-1")


# Requests.


def _of_requests(around: Surroundings) -> list[Target]:
    house, made = around.house, around.made
    caller = Caller(INSTITUTION, made.people["officer"])
    secret = house.sessions.begin(caller)
    letter = house.sessions.mailed(caller, "/cases/REV-2027-0001", about="x", lasts=house.sessions.lasts)
    email = "officer@example.org"
    asked = house.sessions.ask(INSTITUTION, email=email, person=caller.person, path="/tasks", origin="::1")
    cursors = [seal("-opened", 2**62, made.cases["stat review"]), seal(0, "a", "b", 1), seal("å", 1), seal()]
    kinds: tuple[tuple[type[int | str], ...], ...] = ((str, int, str), (int, str, str, int), (str, int), ())

    def cursor(raw: bytes) -> None:
        for shape in kinds:
            try:
                unseal(_text(raw), *shape)
            except BadFields:
                continue

    addresses = [b"17", b"2027-01-11T09:00:00+01:00", b"01900000-0000-7000-8000-000000000000", b"/cases?q=1"]
    no = (BadFields,)
    known = [made.tokens["officer"], secret, letter, asked or ""]

    def ways_in(raw: bytes) -> None:
        text = _text(raw)
        let_in = (house.directory.authenticate(text), house.sessions.visitor(text), house.sessions.invitation(text),
                  house.sessions.leads_to(text))  # fmt: skip
        # Whatever is one sign away from a token, a session or a link is none.
        assert not any(let_in) or text in known

    return [
        Target("cursors", cursor, [each.encode() for each in cursors]),
        Target("tokens, sessions and links", ways_in, [each.encode() for each in known], share=0.5),
        Target("headers", _headers, [b'"17"\nsv;q=0.9, en\nkey-1\napplication/json; charset=utf-8\nfardplan=x; a="b"']),
        Target("JSON bodies", _body, corpora.bodies(), no, rejsoned),
        Target("JSON bodies, as bytes", _body, corpora.bodies(), no),
        Target("forms", _form, [b"csrf=x&f.course=A&f.rows=0&f.rows.0.places=1&do=go&reason=%C3%A5", b"a=&=b&&%"]),
        Target("filters of lists", lambda raw: read_query(house.catalogue, typed(raw)), corpora.queries(), no),
        Target("instants and ids in addresses", _addresses, addresses, no),
    ]  # fmt: skip


def _headers(raw: bytes) -> None:
    match_, language, key, media, cookie = [*raw.split(b"\n"), b"", b"", b"", b"", b""][:5]
    headers = [(b"accept-language", language), (b"content-type", media), (b"cookie", cookie)]
    request = Request({"type": "http", "method": "GET", "path": "/", "query_string": raw[:2000], "headers": headers})
    assert language_of(request) in {"sv", "en"}
    assert isinstance(request.cookies, dict)
    assert request.query_params is not None
    sent = Sent("POST", "/x", b"{}", {}, None, None, _text(match_), _text(key))
    assert sent.expected is None or sent.expected >= -1
    assert sent.key is not None
    try:
        sent.check()
    except BadFields:
        return


def _body(raw: bytes) -> None:
    value, fault = parsed(raw)
    sent = Sent("POST", "/x", raw, value, fault, None, None, "k")
    assert sent.key is not None
    assert sent.trigger is None or sent.trigger
    for model in MODELS:
        sent.read(model)


def _form(raw: bytes) -> None:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": raw, "more_body": False}

    headers = [(b"content-type", b"application/x-www-form-urlencoded")]
    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": headers}
    fields, _ = asyncio.run(read_form(Request(scope, receive)))
    json.dumps(fields).encode()
    assert all("\0" not in name + value for name, value in fields)


def _addresses(raw: bytes) -> None:
    text = typed(raw)
    assert local(text).startswith("/")
    assert not is_id(text) or len(text) == 36
    try:
        _moment(text)
    except OverflowError:
        # The table of problems has a line for it: too far away.
        return


# Files and settings of whoever runs the installation.


def _of_files(around: Surroundings) -> list[Target]:
    definition = around.house.catalogue.current("eligibility_review")

    def table(raw: bytes) -> Any:
        """As the command reads it: what is no TOML or JSON, or no table, it refuses by itself."""
        text = raw.decode("utf-8")
        found = json.loads(text) if text.lstrip().startswith(("{", "[")) else tomllib.loads(text)
        return found if isinstance(found, dict) else {}

    no_file = (ValueError, RecursionError)
    return [
        Target("rules in a file", lambda raw: rules_of(table(raw)), corpora.rulebooks(), (*no_file, RulebookWrong)),
        Target("names in a file", lambda raw: naming_of(table(raw), definition), corpora.namings(),
               (*no_file, NamingWrong)),
        Target("settings of a unit", lambda raw: read_setting("x", typed(raw), ["default"]),
               [b'["a", 1.5]', b'{"a": {"b": [true, null]}}'], (BadFields,), rejsoned),
        Target("addresses of mail servers", lambda raw: SmtpServer.from_url(typed(raw)),
               [b"smtp://user:pass%40word@host:25?starttls=required&ca=x", b"smtps://[::1]:465"], (ValueError,)),
    ]  # fmt: skip
