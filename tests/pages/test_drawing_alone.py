"""A drawing opened by itself wears its own colours, light and dark, under a policy that lets nothing else in."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from engine.catalogue import Catalogue
from engine.diagram.svg import DARK, LIGHT
from tests.pages.browsing import Opening
from tests.pages.serving import Served

DRAWING = "/api/v1/workflows/eligibility_review/diagram.svg"


def opened(page: Page, served: Served) -> Page:
    """The drawing as a client with a token is answered it, opened in a window of its own."""
    page.set_extra_http_headers({"Authorization": f"Bearer {served.office.tokens['officer']}"})
    page.goto(DRAWING)
    return page


def colour(page: Page, selector: str, kind: str = "fill") -> str:
    """What a part of the drawing is painted with, as #rrggbb."""
    painted = page.locator(selector).first.evaluate(f"each => getComputedStyle(each).{kind}")
    return "#" + "".join(f"{int(part):02x}" for part in painted.removeprefix("rgb(").removesuffix(")").split(","))


@pytest.mark.parametrize(("dark", "palette"), [(False, LIGHT), (True, DARK)])
def test_it_has_its_colours_in_light_and_dark(
    page_as: Opening, served: Served, dark: bool, palette: dict[str, str]
) -> None:
    page = opened(page_as(None, dark=dark), served)
    fills = [colour(page, part) for part in (".paper", "text.title", "text.label", ".box")]
    assert fills == [palette[name] for name in ("paper", "ink", "quiet", "box")]
    assert colour(page, ".stroke", "stroke") == palette["line"]
    assert colour(page, "svg", "backgroundColor") == palette["paper"]


def test_on_paper_it_is_light(page_as: Opening, served: Served) -> None:
    page = opened(page_as(None, dark=True), served)
    page.emulate_media(media="print", color_scheme="dark")
    assert colour(page, ".paper") == LIGHT["paper"]


def test_no_other_style_and_no_script_is_let_in(served: Served, processes: Catalogue) -> None:
    policies = set()
    for name in processes.names:
        answer = served.ask("officer", "GET", f"/workflows/{name}/diagram.svg?language=sv")
        policies.add(answer.headers["Content-Security-Policy"])
    (policy,) = policies
    parts = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert (parts["default-src"], parts["frame-ancestors"]) == ("'none'", "'none'")
    assert parts["style-src"].startswith("'sha256-")
    assert "unsafe" not in policy
    assert "script-src" not in parts
