"""Links of the description: from an answer to whatever takes what it gives (OpenAPI 3.1, Link Object).

No route names its links. An answer gives values under the names that parameters bear, the request its own path and
query; and each operation leads to every other for which it gives all that is required. An answer that is just what
another method of the same path takes is given whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

Given = Mapping[str, str]
"""Runtime expressions by the name of the parameter they fill."""

_ETAG: Final = "$response.header.ETag"
_FIRST: Final = "$response.body#/items/0"
GIVES: Final[Mapping[str, tuple[Given, ...]]] = {
    "StepRead": ({"case": "$response.body#/case/id", "If-Match": _ETAG},),
    "CaseRead": ({"case": "$response.body#/id", "If-Match": _ETAG},),
    # A version in a body is a number; between quotes it is what If-Match takes.
    "CasePage": ({"case": f"{_FIRST}/id", "If-Match": f'"{{{_FIRST}/version}}"'},),
    "BulkRead": ({"case": "$response.body#/outcomes/0/case"},),
    "DeadlinePage": ({"case": f"{_FIRST}/case"},),
    "OutboxPage": ({"owed": f"{_FIRST}/id"}, {"case": f"{_FIRST}/case"}),
    "OutboxRead": ({"case": "$response.body#/case"},),
    "WorkflowList": ({"name": f"{_FIRST}/name", "workflow": f"{_FIRST}/name"},),
    "UnitList": ({"unit": f"{_FIRST}/code"},),
    "PersonPage": ({"assignee": f"{_FIRST}/id"},),
    "Me": ({"assignee": "$response.body#/id"},),
}
"""What an answer gives, by its model: each entry what belongs together. Of a list, by its first item."""

NEXT_PAGE: Final = "next_page"


@dataclass(frozen=True)
class _Operation:
    """An operation as it is described; `answer` is the response that went well, `model` what it holds.

    `body` names the model it takes. Models are empty where there is no JSON.
    """

    name: str
    path: str
    method: str
    parameters: tuple[Mapping[str, Any], ...]
    answer: dict[str, Any]
    model: str
    body: str

    def takes(self, given: Given) -> list[str]:
        """The parameters a link fills; none where something that is required is not given."""
        required = {each["name"] for each in self.parameters if each.get("required")}
        return [each["name"] for each in self.parameters if each["name"] in given] if required <= set(given) else []


def link(made: Mapping[str, Any]) -> None:
    """Add its links to every answer of the description."""
    operations, models = list(_operations(made)), made["components"]["schemas"]
    for source in operations:
        links = {
            target.name: _link(target, given)
            for given in _given(source)
            for target in operations
            if target.takes(given) and (target is not source or source.method != "get")
        }
        links |= {
            target.name: {"operationId": target.name, "requestBody": "$response.body"}
            for target in operations
            if target.path == source.path and _alike(source.model, target.body, models)
        }
        if further := _next_page(source, models):
            links[NEXT_PAGE] = _link(source, further)
        if links:
            source.answer["links"] = links


def _operations(made: Mapping[str, Any]) -> Iterator[_Operation]:
    for path, item in made["paths"].items():
        for method, told in item.items():
            well = next((answer for status, answer in told["responses"].items() if status.startswith("2")), None)
            if well is not None:
                parameters = tuple(told.get("parameters", ()))
                model, body = _model(well), _model(told.get("requestBody", {}))
                yield _Operation(told["operationId"], path, method, parameters, well, model, body)


def _model(holder: Mapping[str, Any]) -> str:
    """The model of the JSON in a response or a body."""
    schema = holder.get("content", {}).get("application/json", {}).get("schema", {})
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _alike(told: str, taken: str, models: Mapping[str, Any]) -> bool:
    """Whether two models have the same members."""
    one, other = (set(models.get(name, {}).get("properties", ())) for name in (told, taken))
    return bool(one) and one == other


def _given(source: _Operation) -> Iterator[Given]:
    """What the answer gives; what it does not tell itself, the path of the request does."""
    told = GIVES.get(source.model, ())
    path = {each["name"]: f"$request.path.{each['name']}" for each in source.parameters if each["in"] == "path"}
    if path and not any(set(path) & set(given) for given in told):
        yield path
    yield from told


def _next_page(source: _Operation, models: Mapping[str, Any]) -> Given:
    """What the next page of a list is asked with: the same as this one, on from its cursor. Nothing for no list."""
    names = {each["name"]: each["in"] for each in source.parameters}
    if "cursor" not in names or "next_cursor" not in models.get(source.model, {}).get("properties", {}):
        return {}
    same = {name: f"$request.{where}.{name}" for name, where in names.items()}
    return {**same, "cursor": "$response.body#/next_cursor"}


def _link(target: _Operation, given: Given) -> dict[str, Any]:
    filled = {name: given[name] for name in target.takes(given)}
    made: dict[str, Any] = {"operationId": target.name, "parameters": filled}
    if any(_FIRST in value for value in filled.values()):
        made["description"] = "Shown for the first item; each item leads there likewise."
    return made
