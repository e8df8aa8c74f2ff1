"""A form as a browser sends it, read once: line ends, signs that no database keeps, and what is no form."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from fastapi import Request
from starlette.types import Message

from service.pages.posting import FORM, Posted, posted
from service.sent import WrongMediaType


def read(body: bytes, kind: str = FORM) -> Posted:
    """The form that a body of this kind is."""

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    app = SimpleNamespace(state=SimpleNamespace(committer=None, metrics=None))
    scope = {
        "type": "http", "method": "POST", "path": "/x", "query_string": b"", "app": app,
        "headers": [(b"content-type", kind.encode())],
    }  # fmt: skip
    return asyncio.run(posted(Request(scope, receive)))


@pytest.mark.parametrize(
    ("sent", "kept"), [("a\x00b", "a\N{REPLACEMENT CHARACTER}b"), ("one\r\ntwo", "one\ntwo"), ("Åsa 𝄞 ", "Åsa 𝄞 ")]
)
def test_what_was_typed_is_text_that_every_database_can_keep(sent: str, kept: str) -> None:
    assert read(f"text={quote(sent)}".encode()).fields == (("text", kept),)


@pytest.mark.parametrize("kind", ["", "text/plain", "application/json", "multipart/form-data; boundary=x"])
def test_what_is_no_form_of_this_kind_is_not_taken_apart(kind: str) -> None:
    form = read(b"csrf=1&text=x", kind)
    assert (form.fields, type(form.refused)) == ((), WrongMediaType)


def test_the_kind_may_say_how_the_signs_are_written() -> None:
    form = read(b"text=%C3%A5", f"{FORM.upper()}; charset=UTF-8")
    assert (form.fields, form.refused) == ((("text", "å"),), None)
