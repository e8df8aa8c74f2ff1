"""Checkpoints of the history as a page: for auditors and administrators alone, to look at and to take along."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.signing import new_key, open_checkpoint, read_keys
from engine.model import NewPerson, Open, Request
from engine.ports import Checkpoint
from service.pages import seals
from tests.pages.browsing import Opening, axe, no_sideways_scroll
from tests.pages.guidance import HEAVIEST, MOST_STATEMENTS, statements, words
from tests.pages.reading import somebody
from tests.pages.serving import PEOPLE, Served

INSTITUTION = "umu.se"


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def sealed(served: Served) -> Checkpoint:
    """Everything that has happened in the office, sealed and published."""
    sealing = served.house.sealing
    new_key(Path("audit-key.pem"), sealing.signer.name)
    made = sealing.seal(INSTITUTION).checkpoint
    sealing.publish(INSTITUTION)
    assert made is not None
    return made


def test_an_auditor_reads_size_and_checksum_and_where_it_went(served: Served, sealed: Checkpoint) -> None:
    with somebody(served, "auditor", "en") as auditor, statements(served) as asked:
        answer = auditor.go("/audit/seals")
    page = words(answer.text)
    size = f"{sealed.size:,}".replace(",", " ")
    assert any(each in page for each in (f" {sealed.size} ", f" {size} ", f" {sealed.size:,} "))
    assert sealed.note.split("\n")[2] in page
    assert "the checkpoint folder" in page
    assert "Everything new is sealed." in page
    assert len(asked) <= MOST_STATEMENTS
    assert len(answer.text.encode()) < HEAVIEST


def test_the_checkpoint_and_the_key_that_are_taken_along_belong_together(served: Served, sealed: Checkpoint) -> None:
    with somebody(served, "auditor") as auditor:
        note = auditor.go(f"/audit/seals/checkpoint-{sealed.size}.txt").text
        keys = read_keys(auditor.go("/audit/seals/audit-key.pub").text)
    assert open_checkpoint(note, keys).root == sealed.root
    assert note == Path(f"audit/checkpoint-{sealed.size}.txt").read_text()


def test_an_office_without_a_key_is_told_how_to_get_one(served: Served) -> None:
    with somebody(served, "admin", "en") as admin:
        page = words(admin.go("/audit/seals").text)
        assert admin.go("/audit/seals/audit-key.pub").status == 404
    assert "fardplan audit-key new" in page
    assert "Nothing has been sealed yet." in page
    assert "events are not sealed yet." in page


def test_a_checkpoint_that_was_not_signed_is_not_there(served: Served, sealed: Checkpoint) -> None:
    with somebody(served, "auditor") as auditor:
        for size in ("1", "0", "-1", "x", "9" * 40, "١"):
            assert auditor.go(f"/audit/seals/checkpoint-{size}.txt").status == 404


def test_any_address_of_the_list_is_answered(served: Served, sealed: Checkpoint) -> None:
    with somebody(served, "auditor") as auditor:
        for below in ("1", "x", "9" * 40, ""):
            assert auditor.go(f"/audit/seals?below={below}").status == 200


def test_a_long_list_goes_on_with_older_checkpoints(
    served: Served, sealed: Checkpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seals, "PAGE", 1)
    ask = Open("eligibility_review", "STAT", NewPerson("Ola", "ola@x.se", "sv"), {"course": "Statistik A"})
    served.house.cases.step(Request(INSTITUTION, ask, "import"))
    newer = served.house.sealing.seal(INSTITUTION).checkpoint
    assert newer is not None
    with somebody(served, "auditor", "en") as auditor:
        first = auditor.go("/audit/seals").text
        second = auditor.go(f"/audit/seals?below={newer.size}").text
    assert [f"checkpoint-{each.size}.txt" in first for each in (newer, sealed)] == [True, False]
    assert [f"checkpoint-{each.size}.txt" in second for each in (newer, sealed)] == [False, True]
    assert (f"?below={newer.size}" in first, "Show older" in second) == (True, False)


def test_nobody_else_sees_them(served: Served, sealed: Checkpoint) -> None:
    for who in sorted(set(PEOPLE) - {"auditor", "admin"}):
        with somebody(served, who) as reader:
            for path in ("", f"/checkpoint-{sealed.size}.txt", "/audit-key.pub"):
                assert reader.go(f"/audit/seals{path}").status == 403, who


def test_the_page_can_be_read_by_everybody(page_as: Opening, served: Served, sealed: Checkpoint) -> None:
    for language, dark in (("sv", False), ("en", True)):
        page = page_as("auditor", language=language, dark=dark)
        page.goto("/audit/seals")
        assert axe(page) == []


def test_the_page_fits_a_narrow_screen(page_as: Opening, served: Served, sealed: Checkpoint) -> None:
    page = page_as("auditor", width=320)
    page.goto("/audit/seals")
    no_sideways_scroll(page)


def test_the_page_says_how_to_check(served: Served, sealed: Checkpoint) -> None:
    with somebody(served, "auditor", "en") as auditor:
        assert "check with the command fardplan history verify" in words(auditor.go("/audit/seals").text)
