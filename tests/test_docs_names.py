"""What the documents point at is there: links, files, modules, make's targets and commands.

Decision records are left out but for their links: they are never rewritten, and may name what has gone since.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from service.commands import ENTRIES

ROOT = Path(__file__).parents[1]
RECORDS = [*ROOT.glob("docs/adr/*.md")]
LIVING = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/*.md"), *ROOT.glob("docs/workflows/*.md")]
PACKAGES = "adapters|engine|service|tests|workflows"


def named(page: Path, pattern: str) -> set[str]:
    """What a page names in this way."""
    return set(re.findall(pattern, page.read_text(encoding="utf-8")))


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", [*LIVING, *RECORDS], ids=name_of)
def test_every_link_of_a_document_leads_somewhere(page: Path) -> None:
    links = named(page, r"\]\(([^)#\s]+)")
    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", LIVING, ids=name_of)
def test_every_file_that_a_document_names_is_there(page: Path) -> None:
    files = named(page, rf"(?<![\w/.])((?:{PACKAGES}|docs|requirements)/[\w./*-]*[\w*/])")
    assert [file for file in files if not [*ROOT.glob(file.rstrip("/"))]] == []


@pytest.mark.parametrize("page", LIVING, ids=name_of)
def test_every_module_that_a_document_names_is_there(page: Path) -> None:
    modules = named(page, rf"`(?:python -m )?((?:{PACKAGES})(?:\.\w+)+)`")
    assert [module for module in modules if not _is_there(module)] == []


def _is_there(dotted: str) -> bool:
    """Whether it is a module, or something that stands in one."""
    path = ROOT / dotted.replace(".", "/")
    if path.is_dir() or path.with_suffix(".py").exists():
        return True
    inside = path.parent.with_suffix(".py")
    return inside.exists() and re.search(rf"\b{path.name}\b", inside.read_text(encoding="utf-8")) is not None


@pytest.mark.parametrize("page", LIVING, ids=name_of)
def test_make_knows_every_target_that_a_document_names(page: Path) -> None:
    targets = named(ROOT / "Makefile", r"(?m)^([a-z][a-z0-9-]*):")
    assert named(page, r"`make ([a-z][a-z0-9-]*)") - targets == set()


@pytest.mark.parametrize("page", LIVING, ids=name_of)
def test_the_command_line_knows_every_command_that_a_document_names(page: Path) -> None:
    assert named(page, r"`fardplan ([a-z][a-z-]*)") - {entry.name for entry in ENTRIES} == set()
