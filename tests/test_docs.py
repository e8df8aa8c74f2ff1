"""What is told is true: every state, setting, error code and route stands in the documents."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi.routing import APIRoute

from service.compose import load_catalogue
from service.problems import TABLE, UNEXPECTED
from service.routes import ROUTERS
from service.settings import Environment, Settings

ROOT = Path(__file__).parents[1]
CATALOGUE = load_catalogue(Settings(environment=Environment.TEST))


def text(name: str) -> str:
    """A document's text."""
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("workflow", CATALOGUE.names)
def test_every_state_and_trigger_stands_in_its_workflows_page(workflow: str) -> None:
    definition, page = CATALOGUE.current(workflow), text(f"docs/workflows/{workflow}.md")

    told = set(re.findall(r"`([a-z_]+)`", page))

    assert {*definition.states, *definition.by_trigger} - told == set()


def test_every_setting_is_documented() -> None:
    page = text("docs/settings.md")

    assert [n for n in Settings.model_fields if f"FARDPLAN_{n.upper()}" not in page] == []


def test_every_error_code_is_documented() -> None:
    page = text("docs/api.md")

    codes = {row.code for row in TABLE.values()} | {UNEXPECTED.code}

    assert {code for code in codes if f"`{code}`" not in page} == set()


def test_every_route_says_what_it_does() -> None:
    routes = [route for router in ROUTERS for route in router.routes]

    silent = [r.path for r in routes if isinstance(r, APIRoute) and not (r.summary or r.description)]

    assert silent == []


def test_what_the_readme_links_to_is_there() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", text("README.md"))

    assert [link for link in links if "://" not in link and not (ROOT / link).exists()] == []


def test_the_glossary_has_each_word_once() -> None:
    words = re.findall(r"^\| \*\*([^*]+)\*\*", text("docs/glossary.md"), flags=re.MULTILINE)

    assert sorted(words) == sorted(set(words))


def test_the_documents_name_no_path_of_a_machine() -> None:
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]

    assert [p.name for p in pages if re.search(r"/(root|home|work|Users)/", p.read_text("utf-8"))] == []
