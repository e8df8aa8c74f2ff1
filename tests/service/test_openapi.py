"""That the description of the API tells the truth, and that no input gives a 5xx."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import hypothesis
import pytest
import schemathesis
import uvicorn
from hypothesis import strategies as st
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.service.office import Office


def _operations(described: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(path, method, each) for path, item in described["paths"].items() for method, each in item.items()]


def test_every_operation_has_a_name_of_its_own_and_says_what_may_be_refused(desk: Office) -> None:
    described = desk.send("GET", "/openapi.json").json()
    operations = _operations(described)

    assert described["openapi"].startswith("3.1")
    names = [each["operationId"] for _, _, each in operations]
    assert len(set(names)) == len(names)
    for path, _, each in operations:
        refused = {int(code) for code in each["responses"]} - {200, 201}
        if path.startswith("/api/"):
            assert {401, 422, 503} <= refused
            assert each["security"]
            for code in refused:
                assert list(each["responses"][str(code)]["content"]) == ["application/problem+json"]
                assert "X-Request-ID" in each["responses"][str(code)]["headers"]
        if "{case}" in path:
            assert 404 in refused
        if "requestBody" in each:
            assert {413, 415} <= refused


def test_every_reference_leads_somewhere(desk: Office) -> None:
    described = desk.send("GET", "/openapi.json").json()

    def references(value: Any) -> set[str]:
        if isinstance(value, dict):
            own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
            return own.union(*(references(inner) for inner in value.values()))
        return set().union(*(references(inner) for inner in value)) if isinstance(value, list) else set()

    known = {f"#/components/schemas/{name}" for name in described["components"]["schemas"]}
    assert references(described) <= known


CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@contextmanager
def _served(office: Office) -> Iterator[str]:
    """Serve the office on a port of the loopback; its address."""
    config = uvicorn.Config(office.app, port=0, log_config=None, lifespan="off", ws="none", access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.mark.parametrize("who", ["officer", "reviewer", "admin", "nobody"])
def test_whatever_is_sent_is_answered_as_described(timed: Office, who: str) -> None:
    timed.ask("admin", "PUT", "/clock", {"now": "2027-01-11T09:00:00Z"})
    known = timed.review()
    with _served(timed) as address:
        schema: Any = schemathesis.openapi.from_url(f"{address}/openapi.json", timeout=60)
        for found in schema.get_all_operations():
            for mode in schemathesis.GenerationMode:
                _fuzz(found.ok(), mode, known["id"], timed.tokens[who])


def _fuzz(operation: Any, mode: schemathesis.GenerationMode, known: str, token: str) -> None:
    """Send a few requests that fit the description, or do not, half of them to a case that is there."""

    @hypothesis.settings(
        max_examples=6,
        derandomize=True,
        database=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(operation.as_strategy(generation_mode=mode), st.booleans())
    def answered(case: Any, there: bool) -> None:
        if there and "case" in (case.path_parameters or {}):
            case.path_parameters["case"] = known
        answer = case.call(headers={"Authorization": f"Bearer {token}"}, timeout=60)
        case.validate_response(answer, checks=CHECKS)

    # What takes nothing cannot be sent wrong things.
    with suppress(hypothesis.errors.Unsatisfiable):
        answered()
