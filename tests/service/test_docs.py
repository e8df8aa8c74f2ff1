"""What is made from the code stands in docs/ as the code would make it now."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.compose import load_catalogue
from service.docs import DOCS, main, pages, stale, write
from service.settings import Settings


@pytest.fixture(scope="module")
def found() -> dict[str, str]:
    return dict(pages(load_catalogue(Settings.model_construct(workflows=None))))


def test_the_pages_in_docs_are_those_the_code_makes(found: dict[str, str]) -> None:
    assert stale(found, DOCS) == []


def test_every_workflow_has_its_tables_and_a_picture_in_each_language(found: dict[str, str]) -> None:
    names = {Path(name).name for name in found if name.startswith("workflows/")}
    assert {"agreement.md", "agreement.svg", "agreement.sv.svg"} <= names
    assert len(names) % 3 == 0
    assert all(text.strip() for text in found.values())


def test_old_missing_and_leftover_pages_are_told_and_put_right(found: dict[str, str], tmp_path: Path) -> None:
    write(found, tmp_path)
    (tmp_path / "settings.md").write_text("old")
    (tmp_path / "workflows" / "agreement.md").unlink()
    (tmp_path / "workflows" / "gone.svg").touch()
    assert stale(found, tmp_path) == ["settings.md", "workflows/agreement.md", "workflows/gone.svg"]
    write(found, tmp_path)
    assert stale(found, tmp_path) == []


def test_checking_tells_and_writes_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr("service.docs.DOCS", tmp_path)
    assert main(["--check"]) == 1
    assert "docs/settings.md is old; run `make docs`" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
