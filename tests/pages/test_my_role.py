"""What is in my role? Read off the processes, for the roles one holds and for any other."""

from __future__ import annotations

import pytest

from engine.vocabulary import Role
from service.pages.roles_page import HELD
from tests.pages.browsing import Opening, axe, no_sideways_scroll
from tests.pages.guidance import HEAVIEST, MOST_STATEMENTS, statements, title, words
from tests.pages.reading import somebody
from tests.pages.serving import Served


def test_a_reviewer_reads_what_waits_for_reviewers_and_what_one_does(served: Served) -> None:
    with somebody(served, "reviewer", "en") as reader:
        page = words(reader.go("/my-role").text)
    assert "Reviewer Statistics" in page or "Reviewer Statistik" in page
    assert "Received for review : Take" in page
    assert "After 2 working days whoever has the case is reminded." in page
    assert "Not you who took the step Propose ineligible." in page


def test_a_deadline_tells_how_the_role_answers_it(served: Served) -> None:
    with somebody(served, "reviewer", "en") as reader:
        page = words(reader.go("/my-role").text)
    assert "Answer to admissions 3 working days Find eligible, Find conditionally eligible, Find ineligible" in page


def test_whoever_holds_two_roles_reads_both(served: Served) -> None:
    with somebody(served, "stat.deputy", "en") as reader:
        text = reader.go("/my-role").text
    assert [role for role in ("coordinator", "signatory", "head") if f'id="role-{role}"' in text] == [
        "coordinator",
        "signatory",
    ]


@pytest.mark.parametrize("role", HELD)
@pytest.mark.parametrize("language", ["sv", "en"])
def test_any_role_can_be_read_about(served: Served, role: Role, language: str) -> None:
    with somebody(served, "reviewer", language) as reader, statements(served) as asked:
        answer = reader.go(f"/my-role?role={role}")
    assert answer.status == 200
    assert f'id="role-{role}"' in answer.text
    assert len(asked) <= MOST_STATEMENTS
    assert len(answer.text.encode()) < HEAVIEST


@pytest.mark.parametrize("role", ["clock", "student", "nonsense", "<script>", "x" * 5000])
def test_what_nobody_can_hold_is_not_there(served: Served, role: str) -> None:
    with somebody(served, "reviewer") as reader:
        assert reader.go(f"/my-role?role={role}").status == 404


def test_roles_outside_of_all_processes_are_told_in_a_sentence(served: Served) -> None:
    with somebody(served, "auditor", "en") as reader:
        assert "You change nothing." in words(reader.go("/my-role").text)
    with somebody(served, "admin", "en") as reader:
        assert "You do no casework." in words(reader.go("/my-role").text)


def test_whoever_holds_no_role_any_more_is_told_what_to_do(served: Served) -> None:
    with somebody(served, "reviewer", "en") as reader:
        with served.house.directory.change("umu.se", by="installation", what="roles") as change:
            change.leave(served.person("reviewer"), "reviewer", "STAT")
        assert reader.go("/my-role").status in {200, 303}


def test_the_page_says_whose_role_it_is(served: Served) -> None:
    with somebody(served, "reviewer", "sv") as reader:
        assert title(reader.go("/my-role").text) == "Vad ingår i min roll? – Färdplan"
        assert title(reader.go("/my-role?role=head").text) == "Vad ingår i rollen? prefekt – Färdplan"


@pytest.mark.parametrize(("language", "dark"), [("sv", False), ("en", True)])
def test_the_pages_of_roles_are_sound(page_as: Opening, language: str, dark: bool) -> None:
    page = page_as("coordinator", language=language, dark=dark, width=320)
    for path in ("/my-role", "/my-role?role=auditor", "/my-role?role=reviewer"):
        page.goto(path)
        assert axe(page) == []
        no_sideways_scroll(page)
