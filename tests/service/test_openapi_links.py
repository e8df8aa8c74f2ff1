"""That the links of the description name what is there, and that each leads where it says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from tests.service.office import Office, new_review

TEXT = {"text": "Hej"}
_BRACES = re.compile(r"\{([^}]*)\}")


def _operations(described: Mapping[str, Any]) -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Path, method and description of each operation, by its name."""
    return {
        told["operationId"]: (path, method.upper(), told)
        for path, item in described["paths"].items()
        for method, told in item.items()
    }


def _links(told: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    links = [answer["links"] for status, answer in told["responses"].items() if "links" in answer and status < "3"]
    return links[0] if links else {}


def _resolved(expression: str, places: Mapping[str, str], answer: Any) -> str | None:
    """What a runtime expression gives of an answer; None where there is nothing (OpenAPI 3.1, Link Object)."""
    if "{" in expression:
        return _BRACES.sub(lambda found: str(_resolved(found[1], places, answer)), expression)
    if expression.startswith("$request.path."):
        return places[expression.removeprefix("$request.path.")]
    if expression.startswith("$response.header."):
        return str(answer.headers[expression.removeprefix("$response.header.")])
    if not expression.startswith("$response.body#/"):
        return None
    value = answer.json()
    for step in expression.removeprefix("$response.body#/").split("/"):
        value = value[int(step)] if isinstance(value, list) else value[step]
    return str(value)


def test_every_link_names_an_operation_and_gives_all_that_it_requires(desk: Office) -> None:
    operations = _operations(desk.send("GET", "/openapi.json").json())
    for source, (_, _, told) in operations.items():
        for name, link in _links(told).items():
            parameters = operations[link["operationId"]][2].get("parameters", [])
            required = {each["name"] for each in parameters if each["required"]}
            assert required <= set(link.get("parameters", {})) <= {each["name"] for each in parameters}, (source, name)
            assert name == ("next_page" if link["operationId"] == source and name != source else link["operationId"])


def test_whoever_opens_a_case_is_led_to_all_that_is_done_with_one(desk: Office) -> None:
    operations = _operations(desk.send("GET", "/openapi.json").json())
    with_a_case = {name for name, (path, _, _) in operations.items() if "{case}" in path}
    assert set(_links(operations["open_case"][2])) == with_a_case
    assert set(_links(operations["list_cases"][2])) == with_a_case | {"next_page"}
    step = {"case": "$response.body#/case/id", "If-Match": "$response.header.ETag"}
    assert _links(operations["open_case"][2])["take_step"]["parameters"] == step


def test_every_link_of_an_answer_leads_there(timed: Office) -> None:
    operations = _operations(timed.app.openapi())
    timed.review()
    timed.post("admissions", "/cases", new_review(subject={"name": "Bo", "email": "bo@example.org"}))
    places = {"case": timed.get("officer", "/cases").json()["items"][0]["id"], "name": "agreement"}
    followed = {
        (source, name)
        for source, (path, method, told) in operations.items()
        if _links(told) and (method == "GET" or source in {"open_case", "comment_on_case", "open_cases"})
        for name in _followed(timed, operations, source, places)
    }
    assert {("list_cases", "next_page"), ("list_cases", "take_step"), ("open_case", "assign_case")} <= followed
    assert {("open_cases", "read_case"), ("list_deadlines", "read_case"), ("read_clock", "move_clock")} <= followed
    assert len(followed) > 70


def _followed(
    office: Office, operations: Mapping[str, tuple[str, str, dict[str, Any]]], source: str, places: Mapping[str, str]
) -> Iterator[str]:
    """Ask one operation, and follow each of its links that the answer gives all of."""
    path, method, told = operations[source]
    bodies = {"open_case": new_review(), "open_cases": {"cases": [new_review()]}, "comment_on_case": TEXT}
    query = "?limit=1" if any(each["name"] == "limit" for each in told.get("parameters", [])) else ""
    answer = office.ask("officer", method, path.format(**places).removeprefix("/api/v1") + query, bodies.get(source))
    assert answer.status_code // 100 == 2, answer.text
    read = answer.json() if answer.headers["Content-Type"] == "application/json" else {}
    # A comment comes last: it is taken as it is, and the version is another then.
    for name, link in sorted(_links(told).items(), key=lambda each: each[0] == "comment_on_case"):
        target, verb, _ = operations[link["operationId"]]
        if read.get("items") == [] or (name == "next_page" and read["next_cursor"] is None):
            continue
        given = {to: _resolved(each, places, answer) for to, each in link.get("parameters", {}).items()}
        version = given.pop("If-Match", None)
        body = read if "requestBody" in link else None if verb == "GET" else TEXT
        who = "admin" if source == "read_clock" else "officer"
        led = office.ask(who, verb, _filled(target, given), body, if_match=version)
        # Whether a change is a good one is its body's to say: the link gives the case and its version.
        assert led.status_code == (422 if version else 200), (source, name, given, led.text)
        yield name


def _filled(path: str, given: Mapping[str, str | None]) -> str:
    """Where an operation is asked for, with what is given in its path and after it."""
    after = {name: value for name, value in given.items() if f"{{{name}}}" not in path and value is not None}
    return f"{path.format(**given)}?{urlencode(after)}".removeprefix("/api/v1")
