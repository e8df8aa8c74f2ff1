"""Trying a changed file from the pages: administrators only, files that lie there only, the report as page and JSON."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.rehearsing.report import read_report
from service import rehearsing
from service.pages import rehearsal
from tests.engine.rehearsed import REVIEWS, changed
from tests.pages.browsing import Opening, axe, no_sideways_scroll
from tests.pages.guidance import HEAVIEST
from tests.pages.plain import Plain
from tests.pages.serving import Served
from tests.pages.test_signing_in import csrf

PAGE = f"/processes/{REVIEWS}/rehearsal"
BUTTON = "Try eligibility_review.py"
HARMS = (
    ('"awaiting_information"', '"awaiting_documents"'),
    ('"requested", "under_review", by=(Role.REVIEWER,)', '"requested", "under_review", by=(Role.HEAD,)'),
    ('"answer_days", 3', '"answer_days", 4'),
    ('"ineligible_proposed"', '"refusal_proposed"'),
    (
        "RULES: tuple[Rule, ...] = (",
        'RULES: tuple[Rule, ...] = (\n    response("take", "record_assessment", within=1),',
    ),
    ("told, used,", "response, told, used,"),
)
"""One of each kind."""


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder in which files wait, empty."""
    monkeypatch.setattr(rehearsing, "FOLDER", tmp_path / "workflows")
    waiting = tmp_path / "workflows" / "next"
    waiting.mkdir(parents=True)
    return waiting


Entering = Callable[..., Plain]


def test_the_process_leads_an_administrator_and_nobody_else_there(plainly: Entering, folder: Path) -> None:
    assert f'href="{PAGE}"' in plainly("admin", "en").go(f"/processes/{REVIEWS}").text
    assert f'href="{PAGE}"' not in plainly("officer", "en").go(f"/processes/{REVIEWS}").text


@pytest.mark.parametrize("who", ["officer", "auditor", "reviewer"])
def test_only_an_administrator_may_try_a_file(plainly: Entering, folder: Path, who: str) -> None:
    changed(folder, REVIEWS)
    someone = plainly(who, "en")
    for path in (PAGE, f"{PAGE}.json"):
        assert someone.go(path).status == 403
    sent = [("csrf", csrf(someone.go("/account").text)), ("file", f"{REVIEWS}.py")]
    assert someone.send(PAGE, sent).status == 403
    assert [path.name for path in folder.iterdir()] == [f"{REVIEWS}.py"]


def test_without_a_file_it_says_where_one_goes(plainly: Entering, folder: Path) -> None:
    admin = plainly("admin", "en").go(PAGE)
    assert (admin.status, "folder next" in admin.words) == (200, True)
    assert admin.go("/processes/nowhere/rehearsal").status == 404


def without_a_head(served: Served) -> None:
    """The head of Statistics leaves; nobody follows."""
    with served.house.directory.change("umu.se", by="installation", what="roles") as change:
        change.leave(served.person("stat.head"), "head", "STAT")


def test_a_file_is_tried_kept_and_shown(plainly: Entering, served: Served, folder: Path) -> None:
    without_a_head(served)
    changed(folder, REVIEWS, *HARMS)
    admin = plainly("admin", "en").go(PAGE)
    assert "Not yet" in admin.words
    admin.press(BUTTON)
    assert (admin.status, admin.path) == (200, f"{PAGE}?file=eligibility_review.py")
    for heading in (
        "Open cases that would be stuck", "Steps that would have been refused", "Old beside new",
        "Steps that would have come out otherwise", "Deadlines of open cases that would move",
        "Roles nobody holds", "Rules that past cases break",
    ):  # fmt: skip
        assert heading in admin.words
    assert len(admin.text.encode()) < HEAVIEST
    kept = read_report((folder / "eligibility_review.rehearsal.json").read_text(encoding="utf-8"))
    assert read_report(admin.client.get(f"{PAGE}.json?file=eligibility_review.py").text) == kept


def test_a_file_that_changes_nothing_finds_nothing(plainly: Entering, folder: Path) -> None:
    changed(folder, REVIEWS)
    admin = plainly("admin", "sv").go(PAGE).press("Prova eligibility_review.py")
    assert "Inget hittades" in admin.words


def test_a_report_on_a_file_changed_since_says_so(plainly: Entering, folder: Path) -> None:
    path = changed(folder, REVIEWS)
    admin = plainly("admin", "en").go(PAGE).press(BUTTON)
    path.write_text(path.read_text(encoding="utf-8") + "\n# Another word.\n", encoding="utf-8")
    assert "The file has changed since" in admin.go(PAGE).words


def test_a_file_that_does_not_load_is_told_with_its_faults(plainly: Entering, folder: Path) -> None:
    changed(folder, REVIEWS, ('initial="requested"', 'initial="nowhere"'))
    admin = plainly("admin", "en").go(PAGE).press(BUTTON)
    assert (admin.status, "cannot be read in" in admin.words, "nowhere" in admin.words) == (422, True, True)


def test_a_file_named_after_another_process_is_refused(plainly: Entering, folder: Path) -> None:
    changed(folder, "agreement").rename(folder / f"{REVIEWS}.py")
    admin = plainly("admin", "en").go(PAGE).press(BUTTON)
    assert (admin.status, "another process" in admin.words) == (422, True)


@pytest.mark.parametrize("name", ["../eligibility_review.py", "eligibility_review", "/etc/passwd", "é\n", ""])
def test_no_other_file_can_be_named(plainly: Entering, folder: Path, name: str) -> None:
    changed(folder.parent, REVIEWS)
    changed(folder, REVIEWS)
    admin = plainly("admin", "en").go(PAGE)
    assert admin.send(PAGE, [("csrf", csrf(admin.text)), ("file", name)]).status == 404
    assert not list(folder.glob("*.json"))


def test_a_form_that_is_not_ours_tries_nothing(plainly: Entering, folder: Path) -> None:
    changed(folder, REVIEWS)
    assert plainly("admin", "en").send(PAGE, [("file", f"{REVIEWS}.py")]).status == 403
    assert not list(folder.glob("*.json"))


def test_a_large_office_is_sent_to_the_command(
    plainly: Entering, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed(folder, REVIEWS)
    monkeypatch.setattr(rehearsal, "MOST_HERE", 1)
    admin = plainly("admin", "en").go(PAGE).press(BUTTON)
    assert (admin.status, "fardplan rehearse with --keep" in admin.words) == (409, True)


def test_a_report_that_cannot_be_kept_is_shown_all_the_same(
    plainly: Entering, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> Path:
        raise OSError(28, "No space left on device")

    changed(folder, REVIEWS)
    monkeypatch.setattr(rehearsing, "keep", full)
    admin = plainly("admin", "en").go(PAGE).press(BUTTON)
    assert (admin.status, admin.path) == (200, PAGE)
    assert "could not be kept" in admin.words
    assert "Nothing was found" in admin.words


def test_while_one_is_under_way_no_other_begins(plainly: Entering, folder: Path) -> None:
    changed(folder, REVIEWS)
    admin = plainly("admin", "en").go(PAGE)
    with rehearsal._under_way:
        assert admin.press(BUTTON).status == 409
    assert "under way already" in admin.words
    assert not list(folder.glob("*.json"))


def test_a_file_waits_with_the_process_of_the_longest_name(plainly: Entering, folder: Path) -> None:
    changed(folder, "agreement_renewal").rename(folder / "agreement_renewal-2028.py")
    admin = plainly("admin", "en")
    assert "agreement_renewal-2028.py" in admin.go("/processes/agreement_renewal/rehearsal").words
    assert "agreement_renewal-2028.py" not in admin.go("/processes/agreement/rehearsal").words


@pytest.mark.parametrize(("language", "dark"), [("sv", False), ("en", True)])
def test_the_page_is_usable_by_everybody(
    page_as: Opening, served: Served, folder: Path, language: str, *, dark: bool
) -> None:
    without_a_head(served)
    path = changed(folder, REVIEWS, *HARMS)
    rehearsing.keep(rehearsing.rehearsal(served.house).run(path), path)
    page = page_as("admin", language=language, dark=dark)
    page.goto(PAGE)
    assert axe(page) == []
    page.set_viewport_size({"width": 320, "height": 800})
    no_sideways_scroll(page)


def test_faults_name_the_file_and_not_where_it_lies(plainly: Entering, folder: Path) -> None:
    (folder / f"{REVIEWS}.py").write_text("x = (")
    admin = plainly("admin", "en")
    sent = [("csrf", csrf(admin.go("/account").text)), ("file", f"{REVIEWS}.py")]
    answer = admin.send(PAGE, sent)
    assert (answer.status, f"{REVIEWS}.py:1: is not Python" in answer.text) == (422, True)
    assert str(folder) not in answer.text
