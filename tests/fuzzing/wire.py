"""Between schemathesis and our own way to ask: its cases as requests, our answers as its responses, its judgement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import jsonschema_rs
import requests
import schemathesis
from schemathesis.core.failures import AcceptedNegativeData, FailureGroup
from schemathesis.core.parameters import ParameterLocation
from schemathesis.core.transport import Response
from schemathesis.generation.stateful.state_machine import StepOutput
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.fuzzing.asgi import Answered, Asked

BASE: Final = "http://office.test"
CHECKS: Final = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
"""Whether an answer is as the description has it, and what does not fit the description is refused."""

NOT_SENT: Final = frozenset({"authorization", "content-length", "user-agent", "accept-encoding", "connection"})
"""Headers that are ours, or the client library's own."""


def on_the_wire(case: Any) -> requests.PreparedRequest:
    """The request as it would stand on the wire."""
    told = case.as_transport_kwargs(base_url=BASE)
    names = ("method", "url", "headers", "params", "data", "json", "cookies", "files")
    return requests.Request(**{name: told[name] for name in names if name in told}).prepare()


def asked_by(who: str, door: str, prepared: requests.PreparedRequest) -> Asked:
    """The same as `tests.fuzzing.asgi` sends it."""
    url, body = urlsplit(str(prepared.url)), prepared.body or b""
    raw = body if isinstance(body, bytes) else str(body).encode()
    headers = tuple(
        (name.lower(), value if isinstance(value, str) else value.decode("latin-1"))
        for name, value in prepared.headers.items()
        if name.lower() not in NOT_SENT
    )
    target = f"{url.path}?{url.query}" if url.query else url.path
    return Asked(who, door, str(prepared.method), target, headers, raw.decode("latin-1"))


def response_of(prepared: requests.PreparedRequest, answered: Answered) -> Response:
    """The answer as schemathesis reads it."""
    headers: dict[str, list[str]] = {}
    for name, value in answered.headers:
        headers.setdefault(name, []).append(value)
    return Response(
        status_code=answered.status, headers=headers, content=answered.body, request=prepared,
        elapsed=answered.seconds, verify=False,
    )  # fmt: skip


def not_as_described(output: StepOutput) -> Iterator[str]:
    """Where an answer is not as the description has it, or what does not fit the description was taken."""
    try:
        output.case.validate_response(output.response, checks=CHECKS)
    except FailureGroup as group:
        for failure in group.exceptions:
            if isinstance(failure, AcceptedNegativeData) and _fits_after_all(output):
                continue
            told = " ".join(str(failure).split())
            yield f"not as described: {output.case.operation.label}: {type(failure).__name__}: {told}"[:400]


def _fits_after_all(output: StepOutput) -> bool:
    """Whether a query that was drawn not to fit does fit as it was sent.

    A truth value is a text there, and an empty list is nothing. Schemathesis sees it of one parameter, not of several.
    """
    meta = output.case.meta
    negated = [where for where, told in meta.components.items() if told.mode.is_negative] if meta else []
    if negated != [ParameterLocation.QUERY]:
        return False
    sent = parse_qs(urlsplit(str(output.response.request.url)).query, keep_blank_values=True)
    declared = {each.name: each.definition["schema"] for each in output.case.operation.query}
    return all(fits(declared[name], values) for name, values in sent.items() if name in declared)


def fits(schema: Mapping[str, Any], values: Sequence[str]) -> bool:
    """Whether the values of a parameter in an address fit its schema, each read as text, number or truth value."""
    if schema.get("type") == "array":
        return all(fits(schema["items"], [value]) for value in values)
    takes = jsonschema_rs.validator_for(dict(schema), validate_formats=True)
    # Of several values the last is read.
    readings = [values[-1], *({"true": [True], "false": [False]}.get(values[-1], []))]
    if values[-1].isascii() and values[-1].isdigit():
        readings.append(int(values[-1]))
    return any(takes.is_valid(each) for each in readings)
