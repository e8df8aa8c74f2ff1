"""Starting: a process reads in only what it works with, so that it stands soon."""

from __future__ import annotations

import subprocess
import sys

import pytest

SHORT = "service.cli"
WORKER = "service.cli, service.scheduler"

WEB = {"fastapi", "starlette", "uvicorn"}


@pytest.mark.parametrize(
    ("modules", "spared"),
    [
        (SHORT, {*WEB, "alembic", "apscheduler", "jinja2", "openpyxl", "rich.progress", "holidays.countries"}),
        (WORKER, {*WEB, "alembic", "holidays.countries"}),
    ],
    ids=["a command that ends soon", "a worker"],
)
def test_what_is_not_needed_is_not_read_in(modules: str, spared: set[str]) -> None:
    told = f"import sys, {modules}; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)

    assert spared & set(ran.stdout.split()) == set()
