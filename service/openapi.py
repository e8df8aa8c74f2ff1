"""The OpenAPI 3.1 description: every answer of every route, problems and headers included."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from service import bodies
from service.models import Problem
from service.openapi_links import link
from service.problems import MEDIA_TYPE

_REF: Final = "#/components/schemas/{model}"
_BODIES: Final[tuple[type[BaseModel], ...]] = (
    bodies.NewCase, bodies.Step, bodies.Correction, bodies.NewLink, bodies.Assignment, bodies.NewComment,
    bodies.BulkSteps, bodies.BulkCases, bodies.SetClock,
)  # fmt: skip

ETAG: Final = {"ETag": {"description": "The version, in quotes.", "schema": {"type": "string"}}}
LOCATION: Final = {"Location": {"description": "Where the case is.", "schema": {"type": "string"}}}
NEXT: Final = {"Link": {"description": 'The next page, `rel="next"`.', "schema": {"type": "string"}}}
_ID: Final = {"X-Request-ID": {"description": "The request's id.", "schema": {"type": "string"}}}
_OF_STATUS: Final[Mapping[int, Mapping[str, Any]]] = {
    401: {"WWW-Authenticate": {"description": "How to sign in.", "schema": {"type": "string"}}},
    429: {"Retry-After": {"description": "Seconds.", "schema": {"type": "string"}}},
    503: {"Retry-After": {"description": "Seconds.", "schema": {"type": "string"}}},
}
_IF_MATCH: Final = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": 'The version you have read, in quotes: `"17"`. Without it: 428. `*` is not taken.',
    "schema": {"type": "string", "pattern": '^"[0-9]{1,18}"$'},
}
_KEY: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Makes repeating the request harmless: the first answer's event is answered again.",
    "schema": {"type": "string", "pattern": r'^"?[!#-~]{1,200}"?$'},
}


def answers(
    *refusals: int, headers: Mapping[str, Any] | None = None, status: int = 200, media: str | None = None
) -> dict[int | str, Any]:
    """The `responses` of a route: headers of what goes well, and the refusals that may come.

    `media` names what is answered where that is no JSON.
    """
    every: dict[int | str, Any] = {code: _refusal(code) for code in sorted({*refusals, 401, 422, 429, 503})}
    every[status] = {"description": HTTPStatus(status).phrase, "headers": {**(headers or {}), **_ID}}
    if media is not None:
        every[status]["content"] = {media: {"schema": {"type": "string"}}}
    return every


def _refusal(status: int) -> dict[str, Any]:
    return {
        "model": Problem,
        "description": HTTPStatus(status).phrase,
        "headers": {**_OF_STATUS.get(status, {}), **_ID},
    }


def takes(body: type[BaseModel], *, versioned: bool = False, keyed: bool = True) -> dict[str, Any]:
    """The `openapi_extra` of a route that reads its body itself."""
    schema = {"$ref": _REF.format(model=body.__name__)}
    parameters = [_IF_MATCH] * versioned + [_KEY] * keyed
    content = {"application/json": {"schema": schema}}
    return {"requestBody": {"required": True, "content": content}, "parameters": parameters}


def describe(app: FastAPI) -> dict[str, Any]:
    """The description, made once an application."""
    if app.openapi_schema is None:
        made = get_openapi(
            title=app.title, version=app.version, summary=app.summary, routes=app.routes, openapi_version="3.1.0"
        )
        _, written = models_json_schema([(body, "validation") for body in _BODIES], ref_template=_REF)
        made["components"]["schemas"] |= written["$defs"]
        for operation in _operations(made):
            _as_problems(operation)
        _tidy(made["components"]["schemas"])
        link(made)
        app.openapi_schema = made
    return app.openapi_schema


def _operations(made: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    for path in made["paths"].values():
        yield from (each for each in path.values() if isinstance(each, dict))


def _as_problems(operation: dict[str, Any]) -> None:
    """FastAPI knows one media type a route; refusals have their own."""
    for status, response in operation["responses"].items():
        content = response.get("content", {})
        if int(status) >= HTTPStatus.BAD_REQUEST and "application/json" in content:
            response["content"] = {MEDIA_TYPE: content["application/json"]}


def _tidy(schemas: dict[str, Any]) -> None:
    """Leave out FastAPI's own shape of a 422, which no route of ours sends."""
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
