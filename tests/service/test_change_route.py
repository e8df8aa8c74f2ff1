"""The route of a change: FastAPI describes it, and hands it on without looking for parameters."""

from __future__ import annotations

import inspect

import pytest
from fastapi import APIRouter
from starlette.responses import Response

from service.api import notes, steps
from service.change_route import ChangeRoute
from service.changing import Change
from tests.service.office import Office

ROUTES = [route for module in (notes, steps) for route in module.router.routes]


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.path)
def test_what_such_a_route_asks_for_is_the_change_and_the_names_in_its_path(route: ChangeRoute) -> None:
    asked = set(inspect.signature(route.endpoint).parameters)
    assert asked == {"change", *route.param_convertors}


def test_the_endpoint_gets_the_path_and_the_change(desk: Office) -> None:
    seen: list[tuple[str, bytes]] = []
    router = APIRouter(route_class=ChangeRoute)

    @router.post("/seen/{case}")
    async def see(case: str, change: Change) -> Response:
        seen.append((case, change.sent.raw))
        return Response()

    desk.app.include_router(router)
    desk.send("POST", "/seen/a%20b", b"{}", {"Content-Type": "application/json"})

    assert seen == [("a b", b"{}")]


def test_a_method_it_does_not_know_is_refused_with_those_it_does(desk: Office) -> None:
    answer = desk.send("GET", f"/api/v1/cases/{desk.review()['id']}/transitions")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
