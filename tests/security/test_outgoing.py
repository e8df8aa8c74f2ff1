"""What leaves the house: to whom it may speak is named here, and nobody who uses it can name another."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from service.settings import Settings
from tests.service.office import Office, new_review

ROOT: Final = Path(__file__).parents[2]
SPEAKS: Final = {
    "urllib.request", "urllib3", "http.client", "socket", "smtplib", "ssl", "ftplib", "httpx", "requests", "aiohttp",
    "xmlrpc.client", "websockets", "subprocess",
}  # fmt: skip
"""Modules by which a program speaks to others, or has another program do it."""

ALLOWED: Final = {
    ("adapters/smtp.py", "smtplib"), ("adapters/smtp.py", "ssl"),
    ("adapters/checkpoints.py", "urllib.request"), ("adapters/checkpoints.py", "http.client"),
    ("engine/store/backup_postgresql.py", "subprocess"),
}  # fmt: skip
"""The mail server and the auditors' web address, both named by the operator in the settings; and PostgreSQL's own
programs, which a backup runs for the database of the settings.
"""


def imported() -> Iterator[tuple[str, str]]:
    """(file, module) for every module of the four packages by which one could speak to the world."""
    for package in ("engine", "workflows", "adapters", "service"):
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                if isinstance(node, ast.ImportFrom) and node.module:
                    names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
                yield from ((str(path.relative_to(ROOT)), name) for name in names if name in SPEAKS)


def test_only_the_mail_and_the_auditors_web_address_are_spoken_to() -> None:
    assert set(imported()) <= ALLOWED
    assert {("adapters/smtp.py", "smtplib"), ("adapters/checkpoints.py", "urllib.request")} <= set(imported())


def test_no_address_to_speak_to_comes_from_anywhere_but_the_settings() -> None:
    named = {name for name in Settings.model_fields if name.endswith(("_url", "webhook"))}
    assert named == {"database_url", "base_url", "smtp_url", "audit_webhook"}


def test_an_address_that_somebody_writes_into_a_case_is_only_text(desk: Office) -> None:
    inside = "http://127.0.0.1:1/latest/meta-data"
    answer = desk.post("admissions", "/cases", new_review(facts={"course": inside}))
    assert (answer.status_code, answer.json()["case"]["facts"]["course"]) == (201, inside)
