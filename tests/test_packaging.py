"""The two commands and their plumbing: locks, imports, the Makefile, the built package."""

from __future__ import annotations

import ast
import configparser
import importlib.metadata
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PACKAGES = ("engine", "workflows", "adapters", "service")
PEERS = ("peer-dbos", "peer-temporal", "peer-viewflow", "peer-spiff")
LOCKS = ("run", "dev", "setup", "npm", "audit", "pm4py", *PEERS)

#: Needed though no file imports them: by uvicorn, by Starlette for forms, by zoneinfo.
UNIMPORTED = {"httptools", "python-multipart", "uvloop", "tzdata"}


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def declared(group: str) -> list[Requirement]:
    """What pyproject.toml asks for: at run time ("run"), or in one of its dependency groups."""
    table = project()
    lines = table["project"]["dependencies"] if group == "run" else table["dependency-groups"][group]
    return [Requirement(line) for line in lines]


def names(group: str) -> set[str]:
    return {canonicalize_name(requirement.name) for requirement in declared(group)}


def locked(lock: str) -> list[str]:
    """The requirements of a lock, each with its hashes on one line."""
    text = (ROOT / "requirements" / f"{lock}.txt").read_text().replace("\\\n", " ")
    return [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]


def pins(lock: str) -> dict[str, str]:
    """Version by name."""
    pairs = (line.split()[0].partition("==") for line in locked(lock))
    return {canonicalize_name(name): version for name, _, version in pairs}


def imports(folder: str) -> Iterator[tuple[str, str]]:
    """(file, full name of the imported module), for every absolute import below the folder."""
    for path in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                yield from ((str(path.relative_to(ROOT)), alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield str(path.relative_to(ROOT)), node.module


def unlisted(folder: str, listed: set[str]) -> set[tuple[str, str]]:
    """(file, module) for imports of libraries that are not among the listed distributions."""
    ours = {*sys.stdlib_module_names, *PACKAGES, "tests"}
    owners = importlib.metadata.packages_distributions()
    foreign = ((path, name.partition(".")[0]) for path, name in imports(folder))
    return {
        (path, name)
        for path, name in foreign
        if name not in ours and listed.isdisjoint(map(canonicalize_name, owners.get(name, ())))
    }


@pytest.mark.parametrize("lock", LOCKS)
def test_no_lock_names_a_host_or_a_local_folder(lock: str) -> None:
    text = (ROOT / "requirements" / f"{lock}.txt").read_text()
    assert re.findall(r"\S*://\S*|\bfile:\S*|--\S*index\S*|--find-links|--trusted-host| @ ", text) == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_requirement_is_pinned_and_hashed(lock: str) -> None:
    whole = re.compile(r"[a-z0-9-]+(\[[a-z,]+\])?==\S+( ; [^-]+?)?(\s+--hash=sha256:[0-9a-f]{64})+\s*")
    assert locked(lock)
    assert [line for line in locked(lock) if not whole.fullmatch(line)] == []


@pytest.mark.parametrize(
    ("group", "lock"),
    [("run", "run"), ("run", "dev"), *((lock, lock) for lock in LOCKS if lock != "run")],
)
def test_a_lock_fulfils_what_pyproject_asks_for(group: str, lock: str) -> None:
    pinned = pins(lock)
    versions = [(asked, pinned.get(canonicalize_name(asked.name), "0")) for asked in declared(group)]
    missed = [str(asked) for asked, version in versions if version not in asked.specifier]
    assert missed == []


def test_what_is_tested_is_what_runs() -> None:
    tested = pins("dev")
    assert pins("run") == {name: tested.get(name) for name in pins("run")}


@pytest.mark.parametrize("folder", PACKAGES)
def test_pyproject_lists_every_library_that_a_package_imports(folder: str) -> None:
    # The optional extra is met in one module, which says what to do where it is absent.
    wanting = {("adapters/eventlogs/columns.py", "duckdb")}
    assert unlisted(folder, names("run")) - wanting == set()


def test_pyproject_lists_every_library_that_the_tests_import() -> None:
    # What runs in pm4py's own environment asks for pm4py; nothing else may.
    apart = {(str(path.relative_to(ROOT)), "pm4py") for path in (ROOT / "tests" / "pm4py").glob("*.py")}
    # So do the peers' programs for their peer.
    of_peer = {"dbos": "dbos", "temporal": "temporalio", "viewflow": "django viewflow", "spiff": "SpiffWorkflow"}
    apart |= {(f"tests/peers/steps_{peer}.py", name) for peer, known in of_peer.items() for name in known.split()}
    assert unlisted("tests", names("run") | names("dev")) - apart == set()


def test_the_rule_for_workflow_files_names_every_library_but_pydantic() -> None:
    rules = configparser.ConfigParser()
    rules.read(ROOT / ".importlinter")
    forbidden = set(rules["importlinter:contract:workflow-files"]["forbidden_modules"].split())
    libraries = {name.replace("-", "_") for name in names("run") - UNIMPORTED}
    assert libraries - forbidden == {"pydantic"}


def test_every_folder_of_code_is_a_package_so_that_the_import_rules_see_it() -> None:
    folders = {path.parent for folder in PACKAGES for path in (ROOT / folder).rglob("*.py")}
    # Alembic loads migrations by their path, not as modules.
    by_path = set((ROOT / "engine/migrations").rglob("*"))
    assert {folder for folder in folders - by_path if not (folder / "__init__.py").exists()} == set()


def test_the_vocabulary_stands_on_pydantic_and_the_standard_library_alone() -> None:
    allowed = {*sys.stdlib_module_names, "pydantic"}
    others = {
        (path, name)
        for path, name in imports("engine/vocabulary")
        if name.partition(".")[0] not in allowed and not f"{name}.".startswith("engine.vocabulary.")
    }
    assert others == set()


def test_bare_make_lists_every_target() -> None:
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert phony is not None
    # The make that runs the tests must not hand its own flags to this one.
    quiet = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    shown = subprocess.run(["make"], cwd=ROOT, env=quiet, check=True, capture_output=True, text=True).stdout
    assert {line.split()[1] for line in shown.splitlines()} == set(phony[1].split())


def test_the_make_targets_are_those_that_the_documents_promise() -> None:
    promised = {"run", "test", "lint", "check", "bench", "crash", "docs", "screenshots", "lock", ".venv"}
    promised |= {"setup-browser", "clean"}
    targets = set(re.findall(r"^([a-z.-]+):(?!=)", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert promised <= targets


def test_the_built_package_holds_every_file_of_the_four_packages_and_nothing_else(tmp_path: Path) -> None:
    build = "import sys, pdm.backend; pdm.backend.build_wheel(sys.argv[1])"
    subprocess.run([sys.executable, "-c", build, tmp_path], cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    built = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    files = (path for folder in PACKAGES for path in (ROOT / folder).rglob("*") if path.is_file())
    assert built == {path.relative_to(ROOT).as_posix() for path in files if path.suffix != ".pyc"}


def test_the_commands_are_those_that_the_documents_name() -> None:
    assert project()["project"]["scripts"] == {
        "fardplan": "service.cli:main",
        "fardplan-verify": "adapters.verifier:main",
    }
