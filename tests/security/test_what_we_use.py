"""What we are made of: licences that may be used, a bill that says it, and an audit that is never silently green."""

from __future__ import annotations

import json
import re
from email.message import Message
from pathlib import Path
from typing import Any, Final

import cyclonedx.schema
import jsonschema_rs
import pytest

from tests.security import licences
from tests.security.advisories import NOT_ASKED, VULNERABLE, Heard, ask, heard, somebody_answers, verdict
from tests.security.bill import bill
from tests.security.locks import FOLDER, Pinned, pinned

SCHEMAS: Final = Path(cyclonedx.schema.__file__).parent / "_res"
PREFIX: Final = "http://cyclonedx.org/schema/"

# Licences.


def test_everything_we_use_may_be_used() -> None:
    assert licences.faults(pinned("run"), pinned("dev")) == []


def test_what_tests_may_use_no_package_of_ours_runs_with() -> None:
    assert licences.ONLY_TESTS.keys() & pinned("run").keys() == set()
    run = {name: Pinned(name, "7", ()) for name in licences.ONLY_TESTS}
    assert [line.partition(":")[0] for line in licences.faults(run, {})] == ["pymerkle 7"]


def test_a_package_that_nobody_knows_is_a_fault() -> None:
    (fault,) = licences.faults({"no-such-package": Pinned("no-such-package", "1", ())}, {})
    assert fault.startswith("no-such-package 1: no licence is declared")


@pytest.mark.parametrize(
    ("expression", "may"),
    [
        ("MIT", True), ("MIT AND Apache-2.0", True), ("GPL-3.0-only OR MIT", True),
        ("MPL-2.0 AND (GPL-2.0-only OR MIT)", True),
        ("GPL-3.0-or-later", False), ("AGPL-3.0-only", False), ("MIT AND GPL-3.0-only", False),
        ("GPL-2.0-only WITH Classpath-exception-2.0", False), ("BUSL-1.1", False),
    ],
)  # fmt: skip
def test_every_part_of_and_and_one_of_or_must_be_allowed(expression: str, may: bool) -> None:
    assert licences.is_allowed(expression) is may


@pytest.mark.parametrize(
    ("lines", "expression"),
    [
        ([("License-Expression", "MIT")], "MIT"),
        ([("License", "BSD"), ("Classifier", "License :: OSI Approved :: BSD License")], "BSD-3-Clause"),
        ([("License", "my own terms")], None),
        ([("Classifier", "License :: Other/Proprietary License")], None),
        ([("License", "UNKNOWN"), ("Classifier", "License :: OSI Approved :: MIT License")], "MIT"),
    ],
)
def test_a_licence_is_read_off_metadata_old_and_new(lines: list[tuple[str, str]], expression: str | None) -> None:
    about = Message()
    for name, value in lines:
        about[name] = value
    assert licences.declared(about) == expression


# The bill.


@pytest.fixture(scope="module")
def written() -> str:
    return bill(pinned("run"))


def test_the_bill_is_what_cyclonedx_1_6_says_one_is(written: str) -> None:
    schema = json.loads((SCHEMAS / "bom-1.6.SNAPSHOT.schema.json").read_text())
    others = ("spdx.SNAPSHOT.schema.json", "jsf-0.82.SNAPSHOT.schema.json")
    registry = jsonschema_rs.Registry([(PREFIX + name, json.loads((SCHEMAS / name).read_text())) for name in others])
    checked = jsonschema_rs.validator_for(schema, registry=registry)
    made = json.loads(written)
    assert [str(each) for each in checked.iter_errors(made)] == []
    assert not checked.is_valid(made | {"specVersion": 1.6})


def test_the_bill_names_every_package_of_the_lock_with_its_licence_and_hashes(written: str) -> None:
    made, run = json.loads(written), pinned("run")
    assert (made["bomFormat"], made["specVersion"]) == ("CycloneDX", "1.6")
    found = {each["name"]: each for each in made["components"]}
    assert {name: each["version"] for name, each in found.items()} == {n: p.version for n, p in run.items()}
    assert all(each["licenses"] and each["hashes"] for each in found.values())
    assert found["psycopg"]["licenses"] == [{"expression": "LGPL-3.0-only"}]


def test_the_bill_says_who_needs_whom(written: str) -> None:
    needs = {each["ref"].partition("@")[0]: each.get("dependsOn", []) for each in json.loads(written)["dependencies"]}
    assert any(each.startswith("pkg:pypi/starlette@") for each in needs["fardplan"])
    assert any(each.startswith("pkg:pypi/pydantic@") for each in needs["pkg:pypi/fastapi"])


def test_the_bill_names_no_host_that_packages_come_from(written: str) -> None:
    assert re.findall(r"\w+://[^/\"]*", written) == ["http://cyclonedx.org"]


# The audit.

SOUND: Final = {"name": "idna", "version": "3.20", "vulns": []}
HIT: Final = {"name": "jinja2", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3.1"]}]}
SKIPPED: Final = {"name": "six", "skip_reason": "Dependency not found"}


def said(*dependencies: Any, or_say_so: bool) -> tuple[int, str]:
    code, lines = verdict([heard({"dependencies": list(dependencies)})], or_say_so=or_say_so)
    return code, "\n".join(lines)


def test_a_known_vulnerability_stops_everything() -> None:
    for or_say_so in (False, True):
        code, words = said(SOUND, HIT, SKIPPED, or_say_so=or_say_so)
        assert (code, words.splitlines()[0]) == (VULNERABLE, "jinja2 1.0: PYSEC-1, mended in 3.1")


def test_what_was_not_asked_about_is_never_called_sound() -> None:
    code, words = said(SOUND, SKIPPED, or_say_so=True)
    assert code == 0
    assert "NOT ASKED about six: " in words
    assert "no vulnerability is known" not in words
    assert said(SOUND, SKIPPED, or_say_so=False)[0] == NOT_ASKED


def test_only_a_service_that_knew_them_all_makes_the_audit_green() -> None:
    words = "advisories: 1 pinned packages were asked about; no vulnerability is known"
    assert said(SOUND, or_say_so=False) == (0, words)


def test_an_auditor_that_is_not_there_has_not_been_asked(tmp_path: Path) -> None:
    assert ask(str(tmp_path / "nothing"), FOLDER / "run.txt") == Heard((), 0, ("all of run.txt",))
    silent = tmp_path / "silent"
    silent.write_text("#!/bin/sh\nexit 0\n")
    silent.chmod(0o755)
    assert ask(str(silent), FOLDER / "run.txt").asked == 0
    assert not somebody_answers(str(silent))
