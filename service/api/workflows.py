"""The processes as they are declared, in words, schemas and pictures."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response

from engine.catalogue import Catalogue
from engine.definition import Definition
from engine.diagram import mermaid, style_sheet, svg
from service.answering import plain
from service.auth import SignedIn, TheHouse
from service.openapi import answers
from service.pages.guarding import DATA_POLICY
from service.problems import NotHere
from service.reading import ROOT
from service.workflow_models import WorkflowList, WorkflowRead, workflow_read, workflow_summary

router = APIRouter(prefix=ROOT, tags=["workflows"])

Version = Annotated[int | None, Query(description="An earlier version.", ge=1, le=1_000_000)]
Language = Annotated[Literal["sv", "en"], Query(description="The language of the words.")]


@router.get("/workflows", response_model=WorkflowList, responses=answers(), operation_id="list_workflows")
def list_workflows(_: SignedIn, house: TheHouse) -> Response:
    """List the processes."""
    catalogue = house.catalogue
    return plain(WorkflowList(items=[workflow_summary(catalogue.current(name)) for name in catalogue.names]))


@router.get("/workflows/{name}", response_model=WorkflowRead, responses=answers(404), operation_id="read_workflow")
def read_workflow(name: str, _: SignedIn, house: TheHouse, version: Version = None) -> Response:
    """Read a process: states, transitions, deadlines, rules, and the schemas of its facts and forms."""
    definition = _definition(house.catalogue, name, version)
    return plain(workflow_read(definition, {each.version for each in house.catalogue.versions(name)}))


@router.get(
    "/workflows/{name}/diagram.svg",
    response_class=Response,
    responses=answers(404, media="image/svg+xml"),
    operation_id="draw_workflow",
)
def draw_workflow(
    name: str, _: SignedIn, house: TheHouse, version: Version = None, language: Language = "en"
) -> Response:
    """Draw a process."""
    drawn = svg(_definition(house.catalogue, name, version), language)
    return Response(drawn, headers={"Content-Security-Policy": _wearing_its_colours()}, media_type="image/svg+xml")


@router.get(
    "/workflows/{name}/diagram.mmd",
    response_class=Response,
    responses=answers(404, media="text/vnd.mermaid"),
    operation_id="write_workflow_as_mermaid",
)
def write_workflow_as_mermaid(
    name: str, _: SignedIn, house: TheHouse, version: Version = None, language: Language = "en"
) -> Response:
    """Write a process as a Mermaid state diagram."""
    return Response(mermaid(_definition(house.catalogue, name, version), language), media_type="text/vnd.mermaid")


@cache
def _wearing_its_colours() -> str:
    """What a browser that opens a drawing by itself lets through: its own style sheet, known by its hash; nothing else.

    Source: Content Security Policy Level 3 (W3C), section 2.3.1.
    """
    digest = base64.b64encode(hashlib.sha256(style_sheet().encode()).digest()).decode()
    return f"{DATA_POLICY}; style-src 'sha256-{digest}'"


def _definition(catalogue: Catalogue, name: str, version: int | None) -> Definition:
    if name not in catalogue.names:
        raise NotHere
    if version is None:
        return catalogue.current(name)
    found = next((each for each in catalogue.versions(name) if each.version == version), None)
    if found is None:
        raise NotHere
    return found
